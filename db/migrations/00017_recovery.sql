-- +goose Up
-- Since when an endpoint takes what it takes: an event from before is not missing there.
ALTER TABLE webhook_endpoints ADD COLUMN listens_since timestamptz NOT NULL DEFAULT now();
-- What recovery looks for, by state: hardly a row.
CREATE INDEX settlements_unfinished ON settlements (tenant_id, payment_id) WHERE status = 'pending' OR held;
CREATE INDEX splits_pending ON splits (tenant_id, payment_id) WHERE status = 'pending';

-- +goose Down
DROP INDEX splits_pending, settlements_unfinished;
ALTER TABLE webhook_endpoints DROP COLUMN listens_since;
