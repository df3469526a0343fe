-- +goose Up
-- Card keys are listed by status and voided by hand. One index serves the choice of free keys, the counts and the lists.
ALTER TABLE card_keys ADD COLUMN voided_at timestamptz;
ALTER TABLE card_keys ADD CONSTRAINT card_keys_voided_check CHECK (voided_at IS NULL OR status = 'void');
CREATE INDEX card_keys_status ON card_keys (
    tenant_id,
    product_id,
    status,
    id
);
DROP INDEX card_keys_available, card_keys_held;

-- +goose Down
CREATE INDEX card_keys_available ON card_keys (tenant_id, product_id, id) WHERE status = 'available';
CREATE INDEX card_keys_held ON card_keys (tenant_id, product_id, status) WHERE status IN ('reserved', 'void');
DROP INDEX card_keys_status;
ALTER TABLE card_keys DROP COLUMN voided_at;
