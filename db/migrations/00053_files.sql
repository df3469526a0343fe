-- +goose Up
-- Files: what people upload and what tasks make. The content lies in chunks, each sealed for its place; a file shows
-- when it is whole.
CREATE TABLE files (
    tenant_id    uuid NOT NULL DEFAULT app.tenant_id(),
    id           uuid NOT NULL,
    status       text NOT NULL,
    purpose      text NOT NULL,
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    content_type text NOT NULL CHECK (length(content_type) BETWEEN 1 AND 100),
    in_bucket    boolean NOT NULL,                              -- the chunks' content lies in an object store
    size_bytes   bigint NOT NULL DEFAULT 0 CHECK (size_bytes >= 0),
    chunks       integer NOT NULL DEFAULT 0 CHECK (chunks >= 0),
    sealed_key   bytea NOT NULL,                                -- with which the chunks are sealed
    sha256       bytea CHECK (length(sha256) = 32),             -- of the content, once it is whole
    caller_kind  text NOT NULL CHECK (length(caller_kind) <= 20),
    caller_id    uuid NOT NULL,
    member_id    uuid,
    role         text NOT NULL CHECK (length(role) <= 20),      -- what is in it is as this role sees it
    merchant_id  uuid,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE files ADD CONSTRAINT files_status_check CHECK (
    status IN (
        'writing',
        'ready'
    )
);
ALTER TABLE files ADD CONSTRAINT files_purpose_check CHECK (
    purpose IN (
        'upload',
        'export'
    )
);
ALTER TABLE files ADD CONSTRAINT files_ready_check CHECK ((status = 'ready') = (sha256 IS NOT NULL));
CREATE INDEX files_expiry ON files (tenant_id, expires_at);
SELECT app.protect('files', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('files', 'merchant_id = app.merchant_id()');

CREATE TABLE file_chunks (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    file_id     uuid NOT NULL,
    number      integer NOT NULL CHECK (number >= 0),
    starts_at   bigint NOT NULL CHECK (starts_at >= 0),
    size_bytes  integer NOT NULL CHECK (size_bytes >= 0),
    wrapped     bytea,                                                  -- null: it lies in the object store
    merchant_id uuid,
    PRIMARY KEY (tenant_id, file_id, number)
);
-- What is sealed cannot be compressed.
ALTER TABLE file_chunks ALTER COLUMN wrapped SET STORAGE EXTERNAL;
SELECT app.protect('file_chunks', 'SELECT, INSERT, DELETE');
SELECT app.narrow('file_chunks', 'merchant_id = app.merchant_id()');
ALTER TABLE file_chunks ADD FOREIGN KEY (tenant_id, file_id) REFERENCES files NOT VALID;

-- How large an upload may be that a platform takes.
ALTER TABLE tenants ADD COLUMN upload_bytes_max integer NOT NULL DEFAULT 20000000;
ALTER TABLE tenants ADD CONSTRAINT tenants_upload_bytes_max_check CHECK (upload_bytes_max BETWEEN 0 AND 1000000000);

-- +goose Down
ALTER TABLE tenants DROP COLUMN upload_bytes_max;
DROP TABLE file_chunks;
DROP TABLE files;
