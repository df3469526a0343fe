-- +goose Up
-- Where the buyer's page leads back to.
ALTER TABLE orders ADD COLUMN return_url text NOT NULL DEFAULT '';
ALTER TABLE orders ADD CONSTRAINT orders_return_url_check CHECK (length(return_url) <= 2000);

-- +goose Down
ALTER TABLE orders DROP COLUMN return_url;
