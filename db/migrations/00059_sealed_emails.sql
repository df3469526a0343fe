-- +goose Up
-- The addresses of members and of who is invited lie sealed under the platform's data key; a member is found by a keyed
-- digest. The columns of before stay for programs of before: what they have is sealed by a job (seal_sweep), and
-- nothing writes them any more. An index under the name of the constraint keeps what those programs write unique.
ALTER TABLE members ADD COLUMN sealed_email bytea;
ALTER TABLE members ADD COLUMN email_digest bytea;
ALTER TABLE members ADD CONSTRAINT members_email_digest_check CHECK (length(email_digest) = 16);
ALTER TABLE members ADD CONSTRAINT members_one_email_check CHECK (email <> '' OR sealed_email IS NOT NULL);
CREATE UNIQUE INDEX members_email_digest ON members (tenant_id, email_digest) WHERE email_digest IS NOT NULL;
ALTER TABLE members DROP CONSTRAINT members_tenant_id_email_key;
CREATE UNIQUE INDEX members_tenant_id_email_key ON members (tenant_id, email) WHERE email <> '';
ALTER TABLE invitations ADD COLUMN sealed_email bytea;
ALTER TABLE invitations ADD CONSTRAINT invitations_one_email_check CHECK (email <> '' OR sealed_email IS NOT NULL);
CREATE INDEX invitations_plain ON invitations (tenant_id, id) WHERE email <> '';

-- +goose Down
DROP INDEX invitations_plain;
ALTER TABLE invitations DROP CONSTRAINT invitations_one_email_check;
ALTER TABLE invitations DROP COLUMN sealed_email;
DROP INDEX members_tenant_id_email_key;
-- What was sealed meanwhile has no plain address: its identifier stands for it, so that the constraint holds.
ALTER TABLE members DISABLE ROW LEVEL SECURITY;
ALTER TABLE members NO FORCE ROW LEVEL SECURITY;
UPDATE members SET email = id::text WHERE email = '';
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
ALTER TABLE members ADD CONSTRAINT members_tenant_id_email_key UNIQUE (tenant_id, email);
DROP INDEX members_email_digest;
ALTER TABLE members DROP CONSTRAINT members_one_email_check;
ALTER TABLE members DROP COLUMN email_digest;
ALTER TABLE members DROP COLUMN sealed_email;
