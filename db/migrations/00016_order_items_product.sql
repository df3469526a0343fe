-- +goose Up
CREATE INDEX order_items_product ON order_items (tenant_id, product_id, order_id);

-- +goose Down
DROP INDEX order_items_product;
