-- name: ChainHeadGet :one
SELECT
    number,
    last_id,
    closed_until
FROM chain_heads
WHERE tenant_id = app.tenant_id()
  AND records = @records;

-- name: ChainHeadLock :one
-- Of two that would close the next batch the second waits here, and then sees the first one's.
INSERT INTO chain_heads AS h (
    tenant_id,
    records
) VALUES (
    app.tenant_id(),
    @records
)
ON CONFLICT (tenant_id, records) DO UPDATE SET records = excluded.records
RETURNING
    h.number,
    h.last_id;

-- name: ChainHeadSet :exec
UPDATE chain_heads SET
    number = @number,
    last_id = @last_id,
    closed_until = @closed_until::timestamptz
WHERE tenant_id = app.tenant_id()
  AND records = @records;

-- name: ChainLinkInsert :exec
INSERT INTO chain_links (
    tenant_id,
    records,
    number,
    first_id,
    last_id,
    row_count,
    digest,
    personal,
    previous,
    closed_at
) VALUES (
    app.tenant_id(),
    @records,
    @number,
    @first_id,
    @last_id,
    @row_count,
    @digest,
    @personal,
    @previous,
    @closed_at
);

-- name: ChainLinkGet :one
SELECT *
FROM chain_links
WHERE tenant_id = app.tenant_id()
  AND records = @records
  AND number = @number;

-- name: ChainLinkList :many
SELECT *
FROM chain_links
WHERE tenant_id = app.tenant_id()
  AND records = @records
  AND number > @after
ORDER BY number
LIMIT sqlc.arg(page_size);

-- name: ChainLinkOf :one
-- The link that covers a row, if it is closed.
SELECT *
FROM chain_links
WHERE tenant_id = app.tenant_id()
  AND records = @records
  AND last_id >= @row_id
ORDER BY number
LIMIT 1;

-- name: ChainLinkDue :one
-- The oldest link whose rows are there, if all of them are old enough.
SELECT *
FROM chain_links
WHERE tenant_id = app.tenant_id()
  AND records = @records
  AND number > @after
  AND expired_at IS NULL
ORDER BY number
LIMIT 1
FOR NO KEY UPDATE;

-- name: ChainLinkExpire :exec
UPDATE chain_links SET
    expired_at = @expired_at::timestamptz,
    expiry = @expiry
WHERE tenant_id = app.tenant_id()
  AND records = @records
  AND number = @number;

-- name: ChainLinkReseal :exec
UPDATE chain_links SET
    personal = @personal,
    erased_at = @erased_at::timestamptz
WHERE tenant_id = app.tenant_id()
  AND records = @records
  AND number = @number;

-- name: ChainAuditRows :many
-- Rows as the chain takes them: what never changes, and what an erasure may empty.
SELECT
    id::uuid AS id,
    jsonb_build_array(
        actor_kind,
        actor_id,
        action,
        subject_type,
        subject_id,
        merchant_id,
        (extract(epoch FROM created_at) * 1000000)::bigint
    )::text AS core,
    jsonb_build_array(detail, changes, client_address)::text AS personal
FROM audit_log
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND id <= @upto::uuid
ORDER BY id
LIMIT sqlc.arg(batch);

-- name: ChainPostingRows :many
SELECT
    id::uuid AS id,
    jsonb_build_array(
        kind,
        order_id,
        source_id,
        from_account,
        from_merchant_id,
        to_account,
        to_merchant_id,
        amount_fen,
        (extract(epoch FROM created_at) * 1000000)::bigint
    )::text AS core,
    ''::text AS personal
FROM ledger_postings
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND id <= @upto::uuid
ORDER BY id
LIMIT sqlc.arg(batch);

-- name: ChainEventRows :many
SELECT
    id::uuid AS id,
    jsonb_build_array(
        type,
        subject_type,
        subject_id,
        sequence,
        (extract(epoch FROM created_at) * 1000000)::bigint
    )::text AS core,
    data::text AS personal
FROM events
WHERE tenant_id = app.tenant_id()
  AND id > sqlc.arg(after)::uuid
  AND id <= @upto::uuid
ORDER BY id
LIMIT sqlc.arg(batch);
