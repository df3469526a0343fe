-- +goose Up
-- What the time line of an order looks for by what it is about.
CREATE INDEX notifications_subject ON notifications (tenant_id, subject, id) WHERE subject <> '';
CREATE INDEX webhook_attempts_event ON webhook_attempts (tenant_id, event_id, id);
CREATE INDEX cases_order ON cases (tenant_id, order_id, id) WHERE order_id IS NOT NULL;

-- +goose Down
DROP INDEX cases_order, webhook_attempts_event, notifications_subject;
