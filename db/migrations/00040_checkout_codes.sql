-- +goose Up
-- One-time codes that open an ended checkout page again. The code is nowhere: only its keyed digest is kept.
CREATE TABLE checkout_codes (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id(),
    order_id   uuid NOT NULL,
    since      timestamptz NOT NULL,                             -- when the first of a day's codes was asked for
    asked      integer NOT NULL DEFAULT 1 CHECK (asked >= 1),    -- how many were, since then
    asked_at   timestamptz NOT NULL,                             -- when the last was
    lang       text NOT NULL CHECK (length(lang) = 2),           -- of the page that asked
    digest     bytea CHECK (length(digest) = 32),                -- of the newest code; none was made yet, or it is void
    expires_at timestamptz NOT NULL,                             -- of the newest code
    tries      integer NOT NULL DEFAULT 0 CHECK (tries >= 0),    -- wrong ones since it was made
    opened     integer NOT NULL DEFAULT 0 CHECK (opened >= 0),   -- the generation of addresses that it has opened
    PRIMARY KEY (tenant_id, order_id)
);
SELECT app.protect('checkout_codes', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('checkout_codes', 'false'); -- the buyer's matter, and the program's
-- Every row of the table is written under it; there is none yet to validate.
ALTER TABLE checkout_codes ADD FOREIGN KEY (tenant_id, order_id) REFERENCES orders NOT VALID;

-- +goose Down
DROP TABLE checkout_codes;
