-- +goose Up
-- A contact and an account lie sealed under the platform's data key. The columns of before stay for programs of before:
-- what they have is sealed by a job (seal_sweep), and nothing writes them any more.
ALTER TABLE orders ADD COLUMN sealed_buyer_contact bytea;
-- Keyed hash of the contact as it is looked for; the key is not in the database.
ALTER TABLE orders ADD COLUMN buyer_digest bytea;
ALTER TABLE orders ADD CONSTRAINT orders_buyer_digest_check CHECK (length(buyer_digest) = 16);
CREATE INDEX orders_buyer_digest ON orders (tenant_id, buyer_digest, id) WHERE buyer_digest IS NOT NULL;
ALTER TABLE merchants ADD COLUMN sealed_contact bytea;
ALTER TABLE merchants ADD COLUMN sealed_receiver bytea;
ALTER TABLE merchants DROP CONSTRAINT merchants_check1;
ALTER TABLE merchants ADD CONSTRAINT merchants_account_check
CHECK ((receiver_type IS NULL) = (receiver_account IS NULL AND sealed_receiver IS NULL));
ALTER TABLE split_parts ADD COLUMN sealed_receiver bytea;
-- A program of before must not take what is sealed for an account without a number: it fails, and tries again later.
ALTER TABLE split_parts ALTER COLUMN receiver_account DROP NOT NULL;
ALTER TABLE split_parts ADD CONSTRAINT split_parts_account_check
CHECK (receiver_account IS NOT NULL OR sealed_receiver IS NOT NULL);
-- Masked as it was received. Rows of before were not, or only in part.
ALTER TABLE notifications ADD COLUMN masked boolean NOT NULL DEFAULT false;
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('GRANT UPDATE ON notifications TO %I', app.app_role()); END $$;
-- +goose StatementEnd
-- What is still as it was; each index is empty once the job has been there.
CREATE INDEX split_parts_plain ON split_parts (tenant_id, split_id, position) WHERE receiver_account IS NOT NULL;
CREATE INDEX payments_buyer ON payments (tenant_id, id) WHERE buyer_id <> '';
CREATE INDEX notifications_unmasked ON notifications (tenant_id, id) WHERE raw IS NOT NULL AND NOT masked;

-- +goose Down
DROP INDEX notifications_unmasked, payments_buyer, split_parts_plain;
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('REVOKE UPDATE ON notifications FROM %I', app.app_role()); END $$;
-- +goose StatementEnd
ALTER TABLE notifications DROP COLUMN masked;
ALTER TABLE split_parts DROP CONSTRAINT split_parts_account_check;
ALTER TABLE split_parts DROP COLUMN sealed_receiver;
ALTER TABLE split_parts ALTER COLUMN receiver_account SET NOT NULL;
ALTER TABLE merchants DROP CONSTRAINT merchants_account_check;
ALTER TABLE merchants ADD CONSTRAINT merchants_check1 CHECK ((receiver_type IS NULL) = (receiver_account IS NULL));
ALTER TABLE merchants DROP COLUMN sealed_receiver;
ALTER TABLE merchants DROP COLUMN sealed_contact;
DROP INDEX orders_buyer_digest;
ALTER TABLE orders DROP COLUMN buyer_digest;
ALTER TABLE orders DROP COLUMN sealed_buyer_contact;
