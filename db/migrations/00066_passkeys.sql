-- +goose Up
-- A passkey is a key pair of a person's device; its public half lies here. It shows the device and, by a finger or a
-- PIN, who holds it: both factors at once.
CREATE TABLE passkeys (
    id            uuid PRIMARY KEY,
    person_id     uuid NOT NULL REFERENCES people,
    credential_id bytea NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023), -- as the device names it
    public_key    bytea NOT NULL CHECK (length(public_key) <= 2000),                      -- COSE
    sign_count    bigint NOT NULL CHECK (sign_count >= 0), -- of the newest signature; always 0 of keys that are synced
    flags         smallint NOT NULL CHECK (flags BETWEEN 0 AND 255), -- of the device, as it said last
    transports    text[] NOT NULL CHECK (cardinality(transports) <= 8),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz
);
CREATE INDEX passkeys_person ON passkeys (person_id, id);

-- What a passkey has signed. A challenge travels sealed and lies nowhere until it was answered rightly, so nobody
-- without a passkey writes a row; the second who brings the same answer finds it here.
CREATE TABLE spent_challenges (
    digest     bytea PRIMARY KEY CHECK (length(digest) = 32),
    expires_at timestamptz NOT NULL -- of the challenge; it is refused then anyway
);
CREATE INDEX spent_challenges_expires ON spent_challenges (expires_at);

-- +goose StatementBegin
DO $$ BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON passkeys, spent_challenges TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE spent_challenges, passkeys;
