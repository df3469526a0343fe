-- +goose Up
-- Who gave the money back: the platform by an operation of the API, or someone else at the acquirer: in its console, for
-- a complaint, or another program on the same app.
ALTER TABLE refunds
    ADD COLUMN origin text NOT NULL DEFAULT 'platform',
    ADD COLUMN outside_no text NOT NULL DEFAULT ''; -- the request's number at the acquirer, when it is known
ALTER TABLE refunds ADD CONSTRAINT refunds_origin_check CHECK (
    origin IN (
        'platform',
        'outside'
    )
);
ALTER TABLE refunds ADD CONSTRAINT refunds_outside_no_check CHECK (
    length(outside_no) <= 64 AND (outside_no = '' OR origin = 'outside')
);
CREATE UNIQUE INDEX refunds_outside_no ON refunds (tenant_id, payment_id, outside_no) WHERE outside_no <> '';

-- Payments whose money is to be compared with the acquirer's, because something says that it moved without us. A row is
-- there until the book agrees.
CREATE TABLE reconciliations (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id(),
    payment_id uuid NOT NULL,
    number     text NOT NULL CHECK (length(number) <= 64), -- of the request that moved it; empty: not known
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, payment_id, number)
);
SELECT app.protect('reconciliations', 'SELECT, INSERT, DELETE');
-- Every row of the table is written under it; there is none yet to validate.
ALTER TABLE reconciliations ADD FOREIGN KEY (tenant_id, payment_id) REFERENCES payments NOT VALID;

-- The parts of a split that was refused are written anew for what is left of the payment.
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('GRANT DELETE ON split_parts TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('REVOKE DELETE ON split_parts FROM %I', app.app_role());
END $$;
-- +goose StatementEnd
DROP TABLE reconciliations;
DROP INDEX refunds_outside_no;
ALTER TABLE refunds
    DROP COLUMN outside_no,
    DROP COLUMN origin;
