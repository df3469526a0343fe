-- +goose Up
-- One index of the splits that are not done, instead of one for each of the two states.
CREATE INDEX splits_open ON splits (tenant_id, payment_id) WHERE status IN ('pending', 'refused');
DROP INDEX splits_pending;
DROP INDEX splits_refused;

-- +goose Down
CREATE INDEX splits_pending ON splits (tenant_id, payment_id) WHERE status = 'pending';
CREATE INDEX splits_refused ON splits (tenant_id, payment_id) WHERE status = 'refused';
DROP INDEX splits_open;
