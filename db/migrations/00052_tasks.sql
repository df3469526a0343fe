-- +goose Up
-- Long work that somebody asked for. It is done in steps; where the next one begins stands in state, which is written
-- with what the step has made, so that nothing is done twice and nothing is left out.
CREATE TABLE tasks (
    tenant_id   uuid NOT NULL DEFAULT app.tenant_id(),
    id          uuid NOT NULL,
    kind        text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    status      text NOT NULL,
    -- Who asked, and with what rights: the task has those and no others.
    caller_kind text NOT NULL CHECK (length(caller_kind) <= 20),
    caller_id   uuid NOT NULL,
    member_id   uuid,
    role        text NOT NULL CHECK (length(role) <= 20),
    permissions jsonb,
    merchant_id uuid,
    params      jsonb NOT NULL,                            -- what was asked for, as the kind writes it
    state       jsonb NOT NULL DEFAULT '{}',               -- where the next step begins, as the kind writes it
    done        bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    total       bigint CHECK (total >= 0),                 -- null: not known
    counts      jsonb NOT NULL DEFAULT '{}',               -- how many ended in which way
    file_id     uuid,                                      -- the result
    error_code  text NOT NULL DEFAULT '' CHECK (length(error_code) <= 60),
    version     bigint NOT NULL DEFAULT 1,                 -- counts the steps and changes
    created_at  timestamptz NOT NULL,
    started_at  timestamptz,
    ended_at    timestamptz,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE tasks ADD CONSTRAINT tasks_status_check CHECK (
    status IN (
        'queued',
        'running',
        'succeeded',
        'failed',
        'canceled'
    )
);
ALTER TABLE tasks ADD CONSTRAINT tasks_ended_check CHECK ((ended_at IS NULL) = (status IN ('queued', 'running')));
CREATE INDEX tasks_open ON tasks (tenant_id, id) WHERE status IN ('queued', 'running');
CREATE INDEX tasks_ended ON tasks (tenant_id, ended_at) WHERE ended_at IS NOT NULL;
SELECT app.protect('tasks', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('tasks', 'merchant_id = app.merchant_id()');

-- What an event is about may come with any release: its kinds stand in the program and in the contract.
ALTER TABLE events DROP CONSTRAINT IF EXISTS events_subject_type_check;
ALTER TABLE events ADD CONSTRAINT events_subject_type_check
    CHECK (length(subject_type) BETWEEN 1 AND 40) NOT VALID;

-- +goose Down
-- Events about tasks that there are stay: nobody reads across tenants, so nobody deletes across them.
ALTER TABLE events DROP CONSTRAINT events_subject_type_check;
ALTER TABLE events ADD CONSTRAINT events_subject_type_check
    CHECK (subject_type IN ('order', 'refund', 'split', 'application', 'merchant', 'case', 'webhook_endpoint'))
    NOT VALID;
DROP TABLE tasks;
