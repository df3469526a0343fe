-- +goose Up
-- What a tenant's own programs keep with a thing: an object of strings. The API bounds its keys and values; the
-- check holds the shape, and the size of what those bounds allow when each character is written as an escape.
ALTER TABLE merchants ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}';
ALTER TABLE merchants ADD CONSTRAINT merchants_metadata_check CHECK (
    jsonb_typeof(metadata) = 'object' AND length(metadata::text) <= 65536
);
ALTER TABLE products ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}';
ALTER TABLE products ADD CONSTRAINT products_metadata_check CHECK (
    jsonb_typeof(metadata) = 'object' AND length(metadata::text) <= 65536
);
ALTER TABLE orders ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}';
ALTER TABLE orders ADD CONSTRAINT orders_metadata_check CHECK (
    jsonb_typeof(metadata) = 'object' AND length(metadata::text) <= 65536
);

-- +goose Down
ALTER TABLE orders DROP COLUMN metadata;
ALTER TABLE products DROP COLUMN metadata;
ALTER TABLE merchants DROP COLUMN metadata;
