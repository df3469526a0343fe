-- +goose Up
-- An act that is not done at once: a second person has approved it, and it is done at not_before. Until then whom it
-- concerns can stop it.
ALTER TABLE approvals
    ADD COLUMN approved_by text NOT NULL DEFAULT '',
    ADD COLUMN approved_by_id uuid,
    ADD COLUMN approved_at timestamptz;
ALTER TABLE approvals ADD CONSTRAINT approvals_approved_by_check CHECK (length(approved_by) <= 40) NOT VALID;
ALTER TABLE approvals DROP CONSTRAINT approvals_status_check;
ALTER TABLE approvals ADD CONSTRAINT approvals_status_check CHECK (
    status IN (
        'waiting',
        'scheduled',
        'approved',
        'refused',
        'expired',
        'withdrawn'
    )
) NOT VALID;
ALTER TABLE approvals DROP CONSTRAINT approvals_ended_check;
ALTER TABLE approvals ADD CONSTRAINT approvals_ended_check CHECK (
    (status IN ('waiting', 'scheduled')) = (ended_at IS NULL)
) NOT VALID;
ALTER TABLE approvals ADD CONSTRAINT approvals_scheduled_check CHECK (
    status <> 'scheduled' OR (not_before IS NOT NULL AND approved_at IS NOT NULL AND approved_by_id IS NOT NULL)
) NOT VALID;
CREATE UNIQUE INDEX approvals_one_open ON approvals (tenant_id, kind, subject_id)
    WHERE status IN ('waiting', 'scheduled');
CREATE INDEX approvals_scheduled ON approvals (tenant_id, not_before) WHERE status = 'scheduled';

-- +goose Down
-- Fails while something is scheduled: withdraw it first.
DROP INDEX approvals_scheduled;
DROP INDEX approvals_one_open;
ALTER TABLE approvals DROP CONSTRAINT approvals_scheduled_check;
ALTER TABLE approvals DROP CONSTRAINT approvals_ended_check;
ALTER TABLE approvals ADD CONSTRAINT approvals_ended_check CHECK ((status = 'waiting') = (ended_at IS NULL));
ALTER TABLE approvals DROP CONSTRAINT approvals_status_check;
ALTER TABLE approvals ADD CONSTRAINT approvals_status_check CHECK (
    status IN (
        'waiting',
        'approved',
        'refused',
        'expired',
        'withdrawn'
    )
);
ALTER TABLE approvals DROP COLUMN approved_by, DROP COLUMN approved_by_id, DROP COLUMN approved_at;
