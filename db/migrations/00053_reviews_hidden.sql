-- +goose Up
-- What people decided about an order is the platform's matter.
SELECT app.narrow('order_reviews', 'false');

-- +goose Down
ALTER POLICY tenant ON order_reviews USING (tenant_id = app.tenant_id()) WITH CHECK (tenant_id = app.tenant_id());
