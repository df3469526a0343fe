-- +goose Up
-- The number of an event among those of its subject, counted from 1. 0: written by a program of before, beside this
-- schema.
ALTER TABLE events ADD COLUMN sequence integer NOT NULL DEFAULT 0;
-- +goose StatementBegin
DO $$
DECLARE t uuid;
BEGIN
    FOR t IN SELECT tenant_id FROM tenant_directory LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        UPDATE events e
        SET sequence = n.number
        FROM (
            SELECT id, row_number() OVER (PARTITION BY subject_id ORDER BY id) AS number
            FROM events
            WHERE tenant_id = t
        ) n
        WHERE e.tenant_id = t AND e.id = n.id;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END $$;
-- +goose StatementEnd
CREATE UNIQUE INDEX events_sequence ON events (tenant_id, subject_id, sequence) WHERE sequence > 0;
CREATE INDEX orders_contact ON orders (tenant_id, buyer_contact, id) WHERE buyer_contact <> '';
CREATE INDEX orders_merchant ON orders (tenant_id, merchant_of_record_id, id);
CREATE INDEX payments_trade_no ON payments (tenant_id, trade_no) WHERE trade_no IS NOT NULL;

-- +goose Down
DROP INDEX payments_trade_no, orders_merchant, orders_contact;
DROP INDEX events_sequence;
ALTER TABLE events DROP COLUMN sequence;
