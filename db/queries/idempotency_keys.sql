-- name: IdempotencyClaim :execrows
-- Claims a key. No row: somebody has it, and if that request ran at the same time it has committed by now.
INSERT INTO idempotency_keys (tenant_id, caller_kind, caller_id, key, operation, moves_money, request_hash, resource_id)
VALUES (
    app.tenant_id(),
    @caller_kind,
    @caller_id,
    @key,
    @operation,
    @moves_money,
    @request_hash,
    @resource_id
)
ON CONFLICT DO NOTHING;

-- name: IdempotencyInsert :exec
-- Claims a key that is expected to be new: a known one violates idempotency_keys_pkey and breaks the transaction off.
INSERT INTO idempotency_keys (tenant_id, caller_kind, caller_id, key, operation, moves_money, request_hash, resource_id)
VALUES (
    app.tenant_id(),
    @caller_kind,
    @caller_id,
    @key,
    @operation,
    @moves_money,
    @request_hash,
    @resource_id
);

-- name: IdempotencyBegin :execrows
-- Claims a key for a request that is about to run, also from one whose time is up. No row: the key is another's.
INSERT INTO idempotency_keys AS k (
    tenant_id,
    caller_kind,
    caller_id,
    key,
    operation,
    moves_money,
    request_hash,
    resource_id,
    running_until
)
VALUES (
    app.tenant_id(),
    @caller_kind,
    @caller_id,
    @key,
    @operation,
    @moves_money,
    @request_hash,
    @resource_id,
    @running_until::timestamptz
)
ON CONFLICT (tenant_id, key) DO UPDATE
SET resource_id = excluded.resource_id,
    running_until = excluded.running_until
WHERE k.running_until < @now::timestamptz
  AND k.operation = excluded.operation
  AND k.request_hash IN (excluded.request_hash, sqlc.arg(hash_before)::bytea);

-- name: IdempotencyGet :one
SELECT
    operation,
    request_hash,
    resource_id,
    sealed_answer
FROM idempotency_keys
WHERE tenant_id = app.tenant_id() AND key = @key;

-- name: IdempotencyKeep :execrows
-- What the claim was answered with. It no longer runs.
UPDATE idempotency_keys
SET sealed_answer = @sealed_answer,
    running_until = NULL
WHERE tenant_id = app.tenant_id() AND key = @key AND resource_id = @resource_id;

-- name: IdempotencyAbandon :exec
DELETE FROM idempotency_keys
WHERE tenant_id = app.tenant_id() AND key = @key AND resource_id = @resource_id AND running_until IS NOT NULL;

-- name: IdempotencyNow :one
-- The clock by which created_at was written.
SELECT now()::timestamptz AS now;

-- name: IdempotencyForget :execrows
DELETE FROM idempotency_keys k
WHERE k.tenant_id = app.tenant_id() AND k.key IN (
    SELECT o.key
    FROM idempotency_keys o
    WHERE o.tenant_id = app.tenant_id() AND NOT o.moves_money AND o.created_at < @before::timestamptz
    LIMIT 1000
);

-- name: IdempotencyForgetMoney :execrows
DELETE FROM idempotency_keys k
WHERE k.tenant_id = app.tenant_id() AND k.key IN (
    SELECT o.key
    FROM idempotency_keys o
    WHERE o.tenant_id = app.tenant_id() AND o.moves_money AND o.created_at < @before::timestamptz
    LIMIT 1000
);

-- name: IdempotencyBlind :exec
-- The keys of things hold back a repeat, but tell no longer what was asked for: a repeat is another request.
UPDATE idempotency_keys
SET request_hash = @noise
WHERE tenant_id = app.tenant_id() AND resource_id = ANY(@resources::uuid[]);

-- name: IdempotencyAnswerList :many
SELECT
    key,
    resource_id,
    sealed_answer
FROM idempotency_keys
WHERE tenant_id = app.tenant_id() AND key > @after AND sealed_answer IS NOT NULL
ORDER BY key
LIMIT sqlc.arg(page_size);

-- name: IdempotencyDrop :exec
-- Recorded answers: a repeat runs again, which changes nothing.
DELETE FROM idempotency_keys
WHERE tenant_id = app.tenant_id() AND key = ANY(@keys::text[]) AND sealed_answer IS NOT NULL;
