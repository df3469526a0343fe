-- +goose Up
-- What one person asks for and another one grants. The act is done in the transaction that grants it.
CREATE TABLE approvals (
    tenant_id     uuid NOT NULL DEFAULT app.tenant_id(),
    id            uuid NOT NULL,
    kind          text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    status        text NOT NULL,
    subject_id    uuid NOT NULL,                            -- the order, merchant, tenant or member that it is about
    amount_fen    bigint CHECK (amount_fen >= 0),           -- of money that moves; null: none does
    sealed_params bytea NOT NULL,                           -- what is to be done, and what it is to replace
    asked_by      text NOT NULL CHECK (length(asked_by) <= 40), -- as the audit log names them
    asked_by_id   uuid NOT NULL,                            -- the key, or the member of the session
    asked_at      timestamptz NOT NULL DEFAULT now(),       -- Postgres's time, as the age of a key or member is
    not_before    timestamptz,                              -- it cannot be granted before; null: at once
    expires_at    timestamptz NOT NULL,
    ended_by      text NOT NULL DEFAULT '' CHECK (length(ended_by) <= 40),
    ended_at      timestamptz,
    refusal       text NOT NULL DEFAULT '' CHECK (length(refusal) <= 256),   -- in the words of who refused
    failure_code  text NOT NULL DEFAULT '' CHECK (length(failure_code) <= 60), -- why it could not be done any more
    result_id     uuid,                                     -- what was made: the refund
    version       bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE approvals ADD CONSTRAINT approvals_status_check CHECK (
    status IN (
        'waiting',
        'approved',
        'refused',
        'expired',
        'withdrawn'
    )
);
ALTER TABLE approvals ADD CONSTRAINT approvals_ended_check CHECK ((status = 'waiting') = (ended_at IS NULL));
CREATE UNIQUE INDEX approvals_one_waiting ON approvals (tenant_id, kind, subject_id) WHERE status = 'waiting';
CREATE INDEX approvals_due ON approvals (tenant_id, expires_at) WHERE status = 'waiting';
CREATE INDEX approvals_ended ON approvals (tenant_id, ended_at) WHERE ended_at IS NOT NULL;
SELECT app.protect('approvals', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('approvals', 'false');

-- Above what amount a refund needs a second person, and for how long an approval waits.
ALTER TABLE tenants ADD COLUMN refund_approval_above_fen bigint CHECK (refund_approval_above_fen >= 0);
ALTER TABLE tenants ADD COLUMN approval_hours integer NOT NULL DEFAULT 72;
ALTER TABLE tenants ADD CONSTRAINT tenants_approval_hours_check CHECK (approval_hours BETWEEN 1 AND 168) NOT VALID;

-- +goose Down
ALTER TABLE tenants DROP COLUMN approval_hours, DROP COLUMN refund_approval_above_fen;
DROP TABLE approvals;
