-- +goose Up
-- How a product comes to its buyer, and how far each item of an order is on its way.
ALTER TABLE products ADD COLUMN fulfilment_kind text NOT NULL DEFAULT 'card_key';
ALTER TABLE order_items
    ADD COLUMN fulfilment_kind text NOT NULL DEFAULT 'card_key',
    ADD COLUMN delivery text NOT NULL DEFAULT 'reserved';
ALTER TABLE order_items ADD CONSTRAINT order_items_delivery_check CHECK (
    delivery IN (
        'reserved',
        'queued',
        'delivered',
        'released',
        'void'
    )
);
-- An item is updated once or twice after it was written, long after its page was filled: some of each page is kept free.
ALTER TABLE order_items SET (fillfactor = 80);
-- +goose StatementBegin
DO $$
DECLARE t uuid;
BEGIN
    EXECUTE format('GRANT UPDATE (delivery) ON order_items TO %I', app.app_role());
    FOR t IN SELECT tenant_id FROM tenant_directory LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        UPDATE order_items i
        SET delivery = CASE
            WHEN o.delivered_at IS NULL THEN 'released'
            WHEN o.status = 'refunded' THEN 'void'
            ELSE 'delivered'
        END
        FROM orders o
        WHERE i.tenant_id = t AND o.tenant_id = t AND o.id = i.order_id
          AND (o.status IN ('refunded', 'closed') OR o.delivered_at IS NOT NULL
               OR o.status = 'needs_review' AND NOT EXISTS (
                   SELECT FROM card_keys k
                   WHERE k.tenant_id = t AND k.order_id = o.id AND k.status = 'reserved'));
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END $$;
-- +goose StatementEnd

-- +goose Down
ALTER TABLE order_items DROP COLUMN delivery, DROP COLUMN fulfilment_kind;
ALTER TABLE order_items RESET (fillfactor);
ALTER TABLE products DROP COLUMN fulfilment_kind;
