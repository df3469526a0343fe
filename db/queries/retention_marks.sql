-- name: RetentionMarkLock :one
-- How far the rows have been gone through. A second sweep of the same tenant waits here.
INSERT INTO retention_marks AS m (
    tenant_id,
    records,
    passed,
    swept_at
) VALUES (
    app.tenant_id(),
    @records,
    '00000000-0000-0000-0000-000000000000',
    @now
)
ON CONFLICT (tenant_id, records) DO UPDATE SET swept_at = excluded.swept_at
RETURNING m.passed;

-- name: RetentionMarkSet :exec
UPDATE retention_marks SET
    passed = @passed,
    gone = coalesce(sqlc.narg(gone)::uuid, gone),
    gone_until = coalesce(sqlc.narg(gone_until)::timestamptz, gone_until)
WHERE tenant_id = app.tenant_id()
  AND records = @records;

-- name: RetentionPassed :one
SELECT passed
FROM retention_marks
WHERE tenant_id = app.tenant_id()
  AND records = @records;

-- name: RetentionGone :one
-- Whether a row after the given one, in the order of identifiers, has been deleted.
SELECT EXISTS (
    SELECT
    FROM retention_marks
    WHERE tenant_id = app.tenant_id()
      AND records = ANY(@records::text[])
      AND gone > sqlc.arg(after)::uuid
)::boolean AS missed;

-- name: EventExpireEnd :one
-- The last of the next few that are due among those that were left over.
SELECT id
FROM (
    SELECT id
    FROM events
    WHERE tenant_id = app.tenant_id()
      AND id > @after
      AND id <= @upto
    ORDER BY id
    LIMIT sqlc.arg(batch)
) due
ORDER BY id DESC
LIMIT 1;

-- name: EventExpire :one
SELECT app.expire_events(sqlc.arg(after)::uuid, @upto::uuid, @last_too::boolean)::uuid[] AS gone;

-- name: AuditExpire :one
SELECT app.expire_audit_log(sqlc.arg(after)::uuid, @upto::uuid)::uuid[] AS gone;

-- name: WebhookAttemptExpire :many
DELETE FROM webhook_attempts a
WHERE a.tenant_id = app.tenant_id() AND a.id IN (
    SELECT o.id
    FROM webhook_attempts o
    WHERE o.tenant_id = app.tenant_id() AND o.id < @before
    ORDER BY o.id
    LIMIT sqlc.arg(batch)
)
RETURNING a.id;

-- name: WebhookEndpointExpire :execrows
-- Endpoints that were deleted before, and to which no attempt to deliver is kept.
DELETE FROM webhook_endpoints w
WHERE w.tenant_id = app.tenant_id()
  AND w.id = ANY(ARRAY(
    SELECT e.id
    FROM webhook_endpoints e
    WHERE e.tenant_id = app.tenant_id()
      AND e.deleted_at < sqlc.arg(before)::timestamptz
      AND NOT EXISTS (
        SELECT
        FROM webhook_attempts a
        WHERE a.tenant_id = app.tenant_id()
          AND a.endpoint_id = e.id
      )
    ORDER BY e.deleted_at
    LIMIT sqlc.arg(most)
  ));

-- name: NotificationExpire :execrows
-- What was applied, or needed nothing, goes first; what failed or needs a person stays longer.
DELETE FROM notifications n
WHERE n.tenant_id = app.tenant_id() AND n.id IN (
    SELECT o.id
    FROM notifications o
    WHERE o.tenant_id = app.tenant_id()
      AND o.id < @before::uuid
      AND (o.verdict IN ('applied', 'ignored', 'refused') OR o.id < @undecided_before::uuid)
    ORDER BY o.id
    LIMIT sqlc.arg(batch)
);

-- name: CaseExpire :execrows
-- Closed cases; that of an order that is still being reviewed stays.
DELETE FROM cases c
WHERE c.tenant_id = app.tenant_id() AND c.id IN (
    SELECT o.id
    FROM cases o
    LEFT JOIN orders r ON r.tenant_id = app.tenant_id() AND r.id = o.order_id
    WHERE o.tenant_id = app.tenant_id()
      AND o.id < @before
      AND o.status = 'closed'
      AND o.closed_at < @closed_before::timestamptz
      AND r.status IS DISTINCT FROM 'needs_review'
    ORDER BY o.id
    LIMIT sqlc.arg(batch)
);

-- name: CheckoutCodeExpire :execrows
-- A code is of an order that is older.
DELETE FROM checkout_codes c
WHERE c.tenant_id = app.tenant_id() AND c.order_id IN (
    SELECT o.order_id
    FROM checkout_codes o
    WHERE o.tenant_id = app.tenant_id()
      AND o.order_id < @before
      AND o.expires_at < @ended_before::timestamptz
      AND o.asked_at < @ended_before::timestamptz
    ORDER BY o.order_id
    LIMIT sqlc.arg(batch)
);
