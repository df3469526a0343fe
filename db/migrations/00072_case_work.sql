-- +goose Up
-- Who works on a case and what they write down; what it is about as facts, which a page says in its reader's language;
-- and how much money is in question.
ALTER TABLE cases ADD COLUMN assignee_id uuid;                            -- a member; null: nobody
ALTER TABLE cases ADD COLUMN assigned_at timestamptz;
ALTER TABLE cases ADD COLUMN at_risk_fen bigint;                          -- null: not money, or it is not known
ALTER TABLE cases ADD COLUMN facts jsonb NOT NULL DEFAULT '{}';           -- what detail says; {}: of before
ALTER TABLE cases ADD COLUMN latest_facts jsonb[] NOT NULL DEFAULT '{}';  -- the same of latest, from its beginning
ALTER TABLE cases ADD CONSTRAINT cases_assigned_check CHECK (assignee_id IS NULL OR assigned_at IS NOT NULL) NOT VALID;
ALTER TABLE cases ADD CONSTRAINT cases_at_risk_fen_check CHECK (at_risk_fen >= 0) NOT VALID;
-- Who leaves leaves the cases behind, for somebody else.
ALTER TABLE cases ADD CONSTRAINT cases_assignee_fkey FOREIGN KEY (tenant_id, assignee_id) REFERENCES members
    ON DELETE SET NULL (assignee_id) NOT VALID;
CREATE INDEX cases_assignee ON cases (tenant_id, assignee_id, id) WHERE assignee_id IS NOT NULL;

CREATE TABLE case_notes (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id(),
    id         uuid NOT NULL,
    case_id    uuid NOT NULL,
    by         text NOT NULL CHECK (length(by) <= 40), -- as the audit log names them
    member_id  uuid,                                   -- whose name is shown; null: a key wrote it
    note       text NOT NULL CHECK (length(note) BETWEEN 1 AND 2000),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, case_id) REFERENCES cases ON DELETE CASCADE
);
CREATE INDEX case_notes_case ON case_notes (tenant_id, case_id, id);
SELECT app.protect('case_notes', 'SELECT, INSERT');
SELECT app.narrow('case_notes', 'false');

-- +goose Down
DROP TABLE case_notes;
DROP INDEX cases_assignee;
ALTER TABLE cases DROP COLUMN latest_facts, DROP COLUMN facts, DROP COLUMN at_risk_fen, DROP COLUMN assigned_at,
    DROP COLUMN assignee_id;
