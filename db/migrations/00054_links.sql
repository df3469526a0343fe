-- +goose Up
-- A link that is mailed, or printed for trying, and does one thing once. Its word is computed from its identifier. It
-- belongs to no tenant: nobody is signed in, and what it is for may not exist yet.
CREATE TABLE one_time_links (
    id             uuid PRIMARY KEY,
    kind           text NOT NULL CHECK (kind IN ('recovery', 'sign_up', 'sign_in')),
    person_id      uuid REFERENCES people, -- null: nobody has the address that was typed, or somebody signs up
    sealed_content bytea,                  -- who signs up, and for what
    language       text NOT NULL CHECK (language IN ('zh', 'en')),
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    used_at        timestamptz
);
CREATE INDEX one_time_links_expires ON one_time_links (expires_at);

-- +goose StatementBegin
DO $$ BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON one_time_links TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
DROP TABLE one_time_links;
