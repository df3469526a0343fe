-- One statement claims the key or tells who has it. It gives no row in one case: the other request committed after this statement began.
-- name: IdempotencyClaim :one
WITH mine AS (
    INSERT INTO idempotency_keys (caller_id, key, operation, request_hash, resource_id)
    VALUES (@caller_id, @key, @operation, @request_hash, @resource_id)
    ON CONFLICT DO NOTHING
    RETURNING operation, request_hash, resource_id
)
SELECT operation, request_hash, resource_id, true AS claimed FROM mine
UNION ALL
SELECT k.operation, k.request_hash, k.resource_id, false FROM idempotency_keys k WHERE k.caller_id = @caller_id AND k.key = @key
LIMIT 1;

-- Claims a key that is expected to be new: a known one violates idempotency_keys_pkey and breaks the transaction off.
-- name: IdempotencyInsert :exec
INSERT INTO idempotency_keys (caller_id, key, operation, request_hash, resource_id) VALUES (@caller_id, @key, @operation, @request_hash, @resource_id);

-- name: IdempotencyGet :one
SELECT operation, request_hash, resource_id FROM idempotency_keys WHERE caller_id = @caller_id AND key = @key;

-- Both times are Postgres's: a program whose clock is wrong forgets no key too early.
-- name: IdempotencyForget :execrows
DELETE FROM idempotency_keys k WHERE (k.caller_id, k.key) IN (
    SELECT o.caller_id, o.key FROM idempotency_keys o WHERE o.created_at < now() - make_interval(hours => @kept_hours) LIMIT 1000);
