-- name: NotificationInsert :execrows
-- One notification is recorded once, however often it is repeated; what was refused or failed is kept each time. The raw text
-- comes masked.
INSERT INTO notifications (
    tenant_id,
    id,
    notify_id,
    kind,
    subject,
    state,
    verdict,
    reason,
    raw,
    masked,
    received_at
) VALUES (
    app.tenant_id(),
    @id,
    @notify_id,
    @kind,
    @subject,
    @state,
    @verdict,
    @reason,
    @raw,
    true,
    @received_at
)
ON CONFLICT (tenant_id, notify_id)
    WHERE notify_id IS NOT NULL AND verdict IN ('applied', 'ignored', 'review')
    DO NOTHING;

-- name: NotificationCountByVerdict :one
SELECT count(*)
FROM notifications
WHERE tenant_id = app.tenant_id()
  AND verdict = @verdict;
