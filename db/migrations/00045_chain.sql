-- +goose Up
-- What must stay as it was written is closed batch by batch, and each batch is linked to the one before by a keyed
-- digest that the database alone cannot make (decision 0032).
CREATE TABLE chain_links (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    records     text NOT NULL CHECK (length(records) BETWEEN 1 AND 40),
    number      integer NOT NULL CHECK (number >= 1),     -- without a gap
    first_id    uuid NOT NULL,
    last_id     uuid NOT NULL,                            -- the link covers what follows the one before, up to here
    row_count   integer NOT NULL CHECK (row_count >= 1),
    digest      bytea NOT NULL CHECK (length(digest) = 32),
    personal    bytea NOT NULL CHECK (length(personal) = 32), -- of the columns that an erasure may empty
    previous    bytea NOT NULL CHECK (length(previous) = 32), -- the digest of the link before; zeros: none
    closed_at   timestamptz NOT NULL,
    erased_at timestamptz,                              -- when personal was made anew after an erasure
    expired_at  timestamptz,                              -- when its rows were deleted for their age
    expiry      bytea CHECK (length(expiry) = 32),
    PRIMARY KEY (tenant_id, records, number)
);
ALTER TABLE chain_links ADD CONSTRAINT chain_links_gone_check CHECK ((expired_at IS NULL) = (expiry IS NULL));
SELECT app.protect('chain_links', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('chain_links', 'false');

-- The newest link of each chain. Whoever makes the next one locks it.
CREATE TABLE chain_heads (
    tenant_id    uuid NOT NULL DEFAULT app.tenant_id(),
    records      text NOT NULL CHECK (length(records) BETWEEN 1 AND 40),
    number       integer NOT NULL DEFAULT 0 CHECK (number >= 0),
    last_id      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    closed_until timestamptz,                             -- what is older is in a link
    PRIMARY KEY (tenant_id, records)
);
SELECT app.protect('chain_heads', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('chain_heads', 'false');

-- +goose Down
DROP TABLE chain_heads;
DROP TABLE chain_links;
