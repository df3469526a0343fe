-- +goose Up
-- A person may be a member of several tenants, so what is a person's own belongs to none of them: it is found before a
-- tenant is known, and lies sealed by the installation's key. Nothing here says what anybody may do: that stands in
-- members, behind each tenant's wall.
CREATE TABLE people (
    id            uuid PRIMARY KEY,
    email_digest  bytea NOT NULL UNIQUE CHECK (length(email_digest) = 32), -- keyed; what a person is looked up by
    sealed_email  bytea NOT NULL,
    password_hash bytea CHECK (length(password_hash) <= 255),              -- argon2id; null: none is set
    language      text NOT NULL CHECK (language IN ('zh', 'en')),
    created_at    timestamptz NOT NULL
);

-- The authenticator app of a person. It counts once a first code of it was confirmed.
CREATE TABLE person_totps (
    person_id     uuid PRIMARY KEY REFERENCES people,
    sealed_secret bytea NOT NULL,
    last_step     bigint NOT NULL DEFAULT 0, -- of the newest code that was used: no code counts twice
    created_at    timestamptz NOT NULL,
    confirmed_at  timestamptz
);

CREATE TABLE recovery_codes (
    person_id  uuid NOT NULL REFERENCES people,
    digest     bytea NOT NULL CHECK (length(digest) = 32), -- keyed
    created_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (person_id, digest)
);

CREATE TABLE sessions (
    id             uuid PRIMARY KEY,
    person_id      uuid NOT NULL REFERENCES people,
    token_hash     bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    methods        text[] NOT NULL, -- by what the person has signed in
    address        text NOT NULL CHECK (length(address) <= 64),
    agent          text NOT NULL CHECK (length(agent) <= 200),
    created_at     timestamptz NOT NULL,
    last_seen_at   timestamptz NOT NULL, -- written at most once a minute
    idled          boolean NOT NULL DEFAULT false, -- was unused for longer than an operator's may be
    elevated_until timestamptz,
    revoked_at     timestamptz
);
CREATE INDEX sessions_person ON sessions (person_id, id);

-- How many attempts in a row have failed, by the keyed digest of an account or of a network address, whether or not
-- there is such an account.
CREATE TABLE sign_in_limits (
    subject  bytea PRIMARY KEY CHECK (length(subject) = 32),
    failures integer NOT NULL CHECK (failures >= 0),
    seen_at  timestamptz NOT NULL,
    until    timestamptz NOT NULL -- nothing is tried before
);
CREATE INDEX sign_in_limits_seen ON sign_in_limits (seen_at);

-- Which platforms a person is a member of, by identifiers only. The column is not named tenant_id: a row is not the
-- tenant's, and is read before one is known.
CREATE TABLE memberships (
    person_id uuid NOT NULL REFERENCES people,
    member_of uuid NOT NULL,
    member_id uuid NOT NULL,
    PRIMARY KEY (person_id, member_of)
);

-- Who the member is; null until an invitation was accepted.
ALTER TABLE members ADD COLUMN person_id uuid;
CREATE UNIQUE INDEX members_person ON members (tenant_id, person_id) WHERE person_id IS NOT NULL;

-- +goose StatementBegin
DO $$ BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON people, person_totps, recovery_codes, sessions, '
        'sign_in_limits, memberships TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
DROP INDEX members_person;
ALTER TABLE members DROP COLUMN person_id;
DROP TABLE memberships, sign_in_limits, sessions, recovery_codes, person_totps, people;
