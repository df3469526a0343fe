-- +goose Up
-- What sells most in some days is asked of all products of a platform or a merchant, and of all merchants: a day's rows
-- of one of these lie together. A series of one product or merchant is found by the primary key.
CREATE INDEX overview_figures_products ON overview_figures (tenant_id, merchant_id, began_at)
WHERE span = 'day' AND product_id <> '00000000-0000-0000-0000-000000000000';
CREATE INDEX overview_figures_merchants ON overview_figures (tenant_id, began_at)
WHERE span = 'day'
    AND product_id = '00000000-0000-0000-0000-000000000000'
    AND merchant_id <> '00000000-0000-0000-0000-000000000000';
DROP INDEX overview_figures_began;

-- +goose Down
CREATE INDEX overview_figures_began ON overview_figures (tenant_id, span, began_at);
DROP INDEX overview_figures_merchants, overview_figures_products;
