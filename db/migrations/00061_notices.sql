-- +goose Up
-- Notices: what happened, told to people by mail or by the robot of a group. A route says what goes where; a notice is
-- one message, of one event or of many.
CREATE TABLE notice_routes (
    tenant_id       uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    channel         text NOT NULL,
    sealed_address  bytea NOT NULL,                                        -- an address of mail, or of a robot
    sealed_secret   bytea,                                                 -- with which messages to a robot are signed
    address_hint    text NOT NULL CHECK (length(address_hint) <= 254),     -- what may be shown of the address
    event_types     text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 50), -- types, and groups: order.*
    merchant_id     uuid,                                                  -- only what is about this merchant
    language        text NOT NULL,
    quiet_from      smallint NOT NULL DEFAULT 0 CHECK (quiet_from BETWEEN 0 AND 1439),   -- minutes of the day; the same
    quiet_until     smallint NOT NULL DEFAULT 0 CHECK (quiet_until BETWEEN 0 AND 1439),  -- twice: no quiet hours
    quiet_offset    smallint NOT NULL DEFAULT 480 CHECK (quiet_offset BETWEEN -840 AND 840),  -- minutes ahead of UTC
    status          text NOT NULL,
    failing_since   timestamptz,
    failures        integer NOT NULL DEFAULT 0 CHECK (failures >= 0),      -- one after the other
    reported_at     timestamptz,                                           -- when people were told that it fails
    last_error      text NOT NULL DEFAULT '' CHECK (length(last_error) <= 300),
    passed          uuid NOT NULL,                                         -- the last event that was looked at
    window_from     timestamptz NOT NULL,                                  -- since when messages are counted
    window_sent     integer NOT NULL DEFAULT 0 CHECK (window_sent >= 0),
    created_at      timestamptz NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE notice_routes ADD CONSTRAINT notice_routes_channel_check CHECK (
    channel IN (
        'mail',
        'wecom',
        'dingtalk',
        'feishu'
    )
);
ALTER TABLE notice_routes ADD CONSTRAINT notice_routes_language_check CHECK (language IN ('zh', 'en'));
ALTER TABLE notice_routes ADD CONSTRAINT notice_routes_status_check CHECK (status IN ('enabled', 'disabled'));
SELECT app.protect('notice_routes', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('notice_routes', 'false');

-- No reference to the route: what was sent is told of after the route is deleted.
CREATE TABLE notices (
    tenant_id     uuid NOT NULL DEFAULT app.tenant_id(),
    id            uuid NOT NULL,
    route_id      uuid NOT NULL,
    event_type    text NOT NULL CHECK (length(event_type) BETWEEN 1 AND 80),
    status        text NOT NULL,
    gathering     boolean NOT NULL,                          -- more events of the type are still counted into it
    held          boolean NOT NULL,                          -- it waits for the end of quiet hours
    digest_id     uuid,                                      -- the notice that it is told in
    events        integer NOT NULL CHECK (events >= 1),
    first_event   uuid NOT NULL,
    last_event    uuid NOT NULL,
    attempts      integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    in_doubt      boolean NOT NULL DEFAULT false,            -- an attempt began, and its end is not known
    error         text NOT NULL DEFAULT '' CHECK (length(error) <= 300),
    created_at    timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    claimed_until timestamptz,                               -- a job is to send it until then
    sent_at       timestamptz,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE notices ADD CONSTRAINT notices_status_check CHECK (
    status IN (
        'waiting',
        'merged',
        'sent',
        'failed'
    )
);
ALTER TABLE notices ADD CONSTRAINT notices_sent_check CHECK ((status = 'sent') = (sent_at IS NOT NULL));
CREATE UNIQUE INDEX notices_gathering ON notices (tenant_id, route_id, event_type) WHERE gathering;
CREATE INDEX notices_due ON notices (tenant_id, due_at) WHERE status = 'waiting';
CREATE INDEX notices_of_route ON notices (tenant_id, route_id, id);
CREATE INDEX notices_digest ON notices (tenant_id, digest_id) WHERE digest_id IS NOT NULL;
SELECT app.protect('notices', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('notices', 'false');

CREATE TABLE notice_templates (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id() REFERENCES tenants,
    event_type text NOT NULL CHECK (length(event_type) BETWEEN 1 AND 80),
    language   text NOT NULL,
    title      text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    text       text NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event_type, language)
);
ALTER TABLE notice_templates ADD CONSTRAINT notice_templates_language_check CHECK (language IN ('zh', 'en'));
SELECT app.protect('notice_templates', 'SELECT, INSERT, UPDATE, DELETE');
SELECT app.narrow('notice_templates', 'false');

-- Which platforms have routes: only these are looked through for events to tell.
ALTER TABLE tenant_directory ADD COLUMN notices boolean NOT NULL DEFAULT false;
-- +goose StatementBegin
DO $$ BEGIN EXECUTE format('GRANT UPDATE (notices) ON tenant_directory TO %I', app.app_role()); END $$;
-- +goose StatementEnd
CREATE INDEX tenant_directory_notices ON tenant_directory (tenant_id) WHERE notices;

-- +goose Down
DROP INDEX tenant_directory_notices;
ALTER TABLE tenant_directory DROP COLUMN notices;
DROP TABLE notice_templates;
DROP TABLE notices;
DROP TABLE notice_routes;
