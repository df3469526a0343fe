-- +goose Up
-- Up to which payment, by id and so by time, the book was compared with the acquirer's: one row for each look, of which
-- there are few. A comparison that was broken off goes on from there.
CREATE TABLE book_looks (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id(),
    look       smallint NOT NULL CHECK (look >= 1), -- 1: the first time that a payment is asked about
    payment_id uuid NOT NULL,                       -- the last that was compared; zero: none
    looked_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, look)
);
SELECT app.protect('book_looks', 'SELECT, INSERT, UPDATE');

-- +goose Down
DROP TABLE book_looks;
