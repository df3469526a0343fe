-- +goose Up
-- The secret half of a checkout address is computed from the installation's key, which is sealed, and no longer stored:
-- whoever reads the database cannot make an address. Addresses from before end here.
ALTER TABLE orders DROP COLUMN checkout_secret;
ALTER TABLE orders ADD COLUMN checkout_generation integer NOT NULL DEFAULT 1; -- grows when the address is renewed
ALTER TABLE orders ADD CONSTRAINT orders_checkout_generation_check CHECK (checkout_generation >= 1);
ALTER TABLE orders ADD COLUMN checkout_renewed_at timestamptz;
ALTER TABLE orders ADD COLUMN card_keys_seen_at timestamptz; -- when a view of the buyer's page was audited last
-- For how many days after delivery, or after a renewal, the buyer's page shows the card keys.
ALTER TABLE tenants ADD COLUMN card_keys_shown_days integer NOT NULL DEFAULT 7;
ALTER TABLE tenants ADD CONSTRAINT tenants_card_keys_shown_days_check CHECK (card_keys_shown_days BETWEEN 1 AND 90);

-- +goose Down
ALTER TABLE tenants DROP COLUMN card_keys_shown_days;
ALTER TABLE orders DROP COLUMN card_keys_seen_at;
ALTER TABLE orders DROP COLUMN checkout_renewed_at;
ALTER TABLE orders DROP COLUMN checkout_generation;
ALTER TABLE orders ADD COLUMN checkout_secret bytea NOT NULL DEFAULT uuid_send(gen_random_uuid());
ALTER TABLE orders ALTER COLUMN checkout_secret DROP DEFAULT;
ALTER TABLE orders ADD CONSTRAINT orders_checkout_secret_check CHECK (length(checkout_secret) = 16);
