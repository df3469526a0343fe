-- +goose Up
-- Contacts of people that are to be erased, and how far that is. A buyer's contact stands here sealed, with its digest,
-- only until it is gone everywhere else.
CREATE TABLE erasures (
    tenant_id      uuid NOT NULL DEFAULT app.tenant_id(),
    id             uuid NOT NULL,
    subject        text NOT NULL,
    merchant_id    uuid,                                       -- of a merchant's contact
    digest         bytea CHECK (length(digest) = 16),
    sealed_contact bytea,
    status         text NOT NULL,
    orders_erased  integer NOT NULL DEFAULT 0 CHECK (orders_erased >= 0),
    orders_waiting integer NOT NULL DEFAULT 0 CHECK (orders_waiting >= 0),
    created_at     timestamptz NOT NULL,
    done_at        timestamptz,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE erasures ADD CONSTRAINT erasures_subject_check CHECK (
    subject IN (
        'buyer',
        'merchant'
    )
);
ALTER TABLE erasures ADD CONSTRAINT erasures_status_check CHECK (
    status IN (
        'pending',
        'waiting',
        'done'
    )
);
ALTER TABLE erasures ADD CONSTRAINT erasures_of_check CHECK ((subject = 'merchant') = (merchant_id IS NOT NULL));
ALTER TABLE erasures ADD CONSTRAINT erasures_done_check CHECK (
    (status = 'done') = (done_at IS NOT NULL)
    AND (status = 'done') = (digest IS NULL)
    AND (digest IS NULL) = (sealed_contact IS NULL)
);
SELECT app.protect('erasures', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('erasures', 'false'); -- the platform's matter
-- What was asked for with a key is blinded when its thing is erased.
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('GRANT UPDATE (request_hash) ON idempotency_keys TO %I', app.app_role()); END $$;
-- +goose StatementEnd
-- One erasure of a contact at a time; and those that are not done.
CREATE UNIQUE INDEX erasures_one_open ON erasures (tenant_id, digest) WHERE digest IS NOT NULL;

-- +goose Down
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('REVOKE UPDATE (request_hash) ON idempotency_keys FROM %I', app.app_role()); END $$;
-- +goose StatementEnd
DROP TABLE erasures;
