-- +goose Up
-- A draft of an application ends when nobody has touched it for as long as the platform says. Drafts of before count
-- from now.
ALTER TABLE applications ADD COLUMN touched_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX applications_drafts ON applications (tenant_id, touched_at) WHERE status = 'draft';
ALTER TABLE tenants ADD COLUMN drafts_kept_days integer NOT NULL DEFAULT 90;
ALTER TABLE tenants ADD CONSTRAINT tenants_drafts_kept_check CHECK (drafts_kept_days BETWEEN 30 AND 730);

-- +goose Down
ALTER TABLE tenants DROP COLUMN drafts_kept_days;
DROP INDEX applications_drafts;
ALTER TABLE applications DROP COLUMN touched_at;
