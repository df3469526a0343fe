-- Claims the key unless it is known: a second claim waits for the first one's end and writes nothing.
-- name: IdempotencyClaim :execrows
INSERT INTO idempotency_keys (
    tenant_id,
    caller_id,
    key,
    operation,
    request_hash,
    resource_id
) VALUES (
    app.tenant_id(),
    @caller_id,
    @key,
    @operation,
    @request_hash,
    @resource_id
)
ON CONFLICT DO NOTHING;

-- Claims a key that is expected to be new: a known one violates idempotency_keys_pkey and breaks the transaction off.
-- name: IdempotencyInsert :exec
INSERT INTO idempotency_keys (
    tenant_id,
    caller_id,
    key,
    operation,
    request_hash,
    resource_id
) VALUES (
    app.tenant_id(),
    @caller_id,
    @key,
    @operation,
    @request_hash,
    @resource_id
);

-- name: IdempotencyGet :one
SELECT
    operation,
    request_hash,
    resource_id
FROM idempotency_keys
WHERE tenant_id = app.tenant_id()
  AND caller_id = @caller_id
  AND key = @key;

-- name: IdempotencyNow :one
-- The clock by which created_at was written: a program whose clock is wrong forgets no key too early.
SELECT now()::timestamptz AS now;

-- name: IdempotencyForget :execrows
DELETE FROM idempotency_keys k
WHERE k.tenant_id = app.tenant_id()
  AND (k.caller_id, k.key) IN (
    SELECT
        o.caller_id,
        o.key
    FROM idempotency_keys o
    WHERE o.tenant_id = app.tenant_id()
      AND o.created_at < @before::timestamptz
    LIMIT 1000
);
