-- +goose Up
-- How long a platform's events, webhook attempts and audit entries stay (decision 0031).
ALTER TABLE tenants ADD COLUMN events_kept_days integer NOT NULL DEFAULT 90;
ALTER TABLE tenants ADD CONSTRAINT tenants_events_kept_check CHECK (events_kept_days BETWEEN 30 AND 730);
ALTER TABLE tenants ADD COLUMN webhook_attempts_kept_days integer NOT NULL DEFAULT 30;
ALTER TABLE tenants ADD CONSTRAINT tenants_attempts_kept_check CHECK (webhook_attempts_kept_days BETWEEN 7 AND 365);
ALTER TABLE tenants ADD COLUMN audit_log_kept_days integer NOT NULL DEFAULT 730;
ALTER TABLE tenants ADD CONSTRAINT tenants_audit_log_kept_check CHECK (audit_log_kept_days BETWEEN 180 AND 3650);

-- How far the rows of a table have been gone through, and the newest of them that is gone.
CREATE TABLE retention_marks (
    tenant_id  uuid NOT NULL DEFAULT app.tenant_id(),
    records    text NOT NULL CHECK (length(records) BETWEEN 1 AND 40),
    passed     uuid NOT NULL,        -- the last that was looked at; zero: none
    gone       uuid,                 -- the newest that was deleted; null: none
    gone_until timestamptz,          -- what is gone was made before this moment
    swept_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, records)
);
SELECT app.protect('retention_marks', 'SELECT, INSERT, UPDATE');
SELECT app.narrow('retention_marks', 'false');

-- An attempt may stay longer than its event. With the foreign key, deleting an event would look for its attempts, for
-- which there is no index.
ALTER TABLE webhook_attempts DROP CONSTRAINT webhook_attempts_tenant_id_event_id_fkey;
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('GRANT DELETE ON webhook_attempts, notifications, cases TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- Events and audit entries stay as they were written: the programs' role may delete none. What is old enough is deleted
-- by these functions, as the owner of the tables, who is walled off too: they reach the tenant that is set, and nothing
-- that is younger than the floor of its table, whatever they are asked.
--
-- expire_events deletes events from after the first identifier up to the second, and returns what is gone. The last
-- event of a subject stays, so that the subject's next one gets the next number; last_too takes it away where no next
-- one comes.
-- +goose StatementBegin
CREATE FUNCTION app.expire_events(after uuid, upto uuid, last_too boolean) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    me uuid := app.tenant_id();
    floor_at timestamptz := now() - interval '30 days';
    gone uuid[];
BEGIN
    WITH d AS (
        DELETE FROM events e
        WHERE e.tenant_id = me
          AND e.id > after
          AND e.id <= upto
          AND e.created_at < floor_at
          AND (
            e.sequence = 0
            OR last_too AND e.subject_type IN ('order', 'refund', 'split', 'case')
            OR EXISTS (
                SELECT
                FROM events l
                WHERE l.tenant_id = me AND l.subject_id = e.subject_id AND l.sequence > e.sequence AND l.sequence > 0
            )
          )
        RETURNING e.id
    )
    SELECT coalesce(array_agg(d.id ORDER BY d.id), '{}') INTO gone FROM d;
    RETURN gone;
END $$;
-- +goose StatementEnd

-- expire_audit_log does the same with audit entries. Who made an API key that is in use is asked when two persons must
-- agree, and stays.
-- +goose StatementBegin
CREATE FUNCTION app.expire_audit_log(after uuid, upto uuid) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    me uuid := app.tenant_id();
    floor_at timestamptz := now() - interval '180 days';
    gone uuid[];
BEGIN
    WITH d AS (
        DELETE FROM audit_log l
        WHERE l.tenant_id = me
          AND l.id > after
          AND l.id <= upto
          AND l.created_at < floor_at
          AND NOT (
            l.action = 'createAPIKey'
            AND EXISTS (
                SELECT
                FROM api_keys k
                WHERE k.tenant_id = me AND k.id = l.subject_id AND k.revoked_at IS NULL
            )
          )
        RETURNING l.id
    )
    SELECT coalesce(array_agg(d.id ORDER BY d.id), '{}') INTO gone FROM d;
    RETURN gone;
END $$;
-- +goose StatementEnd
-- +goose StatementBegin
DO $$
BEGIN
    REVOKE ALL ON FUNCTION app.expire_events(uuid, uuid, boolean), app.expire_audit_log(uuid, uuid) FROM PUBLIC;
    EXECUTE format('GRANT EXECUTE ON FUNCTION app.expire_events(uuid, uuid, boolean), '
        'app.expire_audit_log(uuid, uuid) TO %I', app.app_role());
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION app.expire_audit_log(uuid, uuid);
DROP FUNCTION app.expire_events(uuid, uuid, boolean);
-- +goose StatementBegin
DO $$
BEGIN
    EXECUTE format('REVOKE DELETE ON webhook_attempts, notifications, cases FROM %I', app.app_role());
END $$;
-- +goose StatementEnd
ALTER TABLE webhook_attempts ADD FOREIGN KEY (tenant_id, event_id) REFERENCES events NOT VALID;
DROP TABLE retention_marks;
ALTER TABLE tenants DROP COLUMN audit_log_kept_days;
ALTER TABLE tenants DROP COLUMN webhook_attempts_kept_days;
ALTER TABLE tenants DROP COLUMN events_kept_days;
