-- +goose Up
-- How many unpaid orders a platform takes from one origin, and how many card keys of one product they may hold; 0: any
-- number.
ALTER TABLE tenants ADD COLUMN unpaid_orders_per_api_key integer NOT NULL DEFAULT 1000;
ALTER TABLE tenants ADD CONSTRAINT tenants_unpaid_per_api_key_check CHECK (
    unpaid_orders_per_api_key BETWEEN 0 AND 100000
);
ALTER TABLE tenants ADD COLUMN unpaid_orders_per_contact integer NOT NULL DEFAULT 20;
ALTER TABLE tenants ADD CONSTRAINT tenants_unpaid_per_contact_check CHECK (
    unpaid_orders_per_contact BETWEEN 0 AND 100000
);
ALTER TABLE tenants ADD COLUMN unpaid_orders_per_buyer_ip integer NOT NULL DEFAULT 50;
ALTER TABLE tenants ADD CONSTRAINT tenants_unpaid_per_buyer_ip_check CHECK (
    unpaid_orders_per_buyer_ip BETWEEN 0 AND 100000
);
ALTER TABLE tenants ADD COLUMN held_card_keys_per_product integer NOT NULL DEFAULT 5000;
ALTER TABLE tenants ADD CONSTRAINT tenants_held_per_product_check CHECK (
    held_card_keys_per_product BETWEEN 0 AND 100000
);
-- Who made the order, and the buyer's network as the shop tells it, hashed with a key that is not in the database: only
-- equality is needed. They stand in the payment: paying writes new index entries of it anyway, and an index that looks
-- at the status of the order would make it write those of the order, too.
ALTER TABLE payments ADD COLUMN created_by text NOT NULL DEFAULT '';
ALTER TABLE payments ADD CONSTRAINT payments_created_by_check CHECK (length(created_by) <= 64);
ALTER TABLE payments ADD COLUMN buyer_network bytea;
ALTER TABLE payments ADD CONSTRAINT payments_buyer_network_check CHECK (length(buyer_network) = 16);
CREATE INDEX payments_unpaid_key ON payments (tenant_id, created_by) WHERE status IN ('created', 'pending');
CREATE INDEX payments_unpaid_network ON payments (tenant_id, buyer_network)
WHERE status IN ('created', 'pending') AND buyer_network IS NOT NULL;
-- Orders that may be one too many pass one at a time: each locks the gates of its origins until it is committed.
CREATE TABLE order_gates (
    tenant_id uuid NOT NULL DEFAULT app.tenant_id(),
    gate      integer NOT NULL CHECK (gate BETWEEN 0 AND 1023),
    PRIMARY KEY (tenant_id, gate)
);
SELECT app.protect('order_gates', 'SELECT, INSERT, UPDATE');

-- +goose Down
DROP TABLE order_gates;
DROP INDEX payments_unpaid_network, payments_unpaid_key;
ALTER TABLE payments DROP COLUMN buyer_network;
ALTER TABLE payments DROP COLUMN created_by;
ALTER TABLE tenants DROP COLUMN held_card_keys_per_product;
ALTER TABLE tenants DROP COLUMN unpaid_orders_per_buyer_ip;
ALTER TABLE tenants DROP COLUMN unpaid_orders_per_contact;
ALTER TABLE tenants DROP COLUMN unpaid_orders_per_api_key;
