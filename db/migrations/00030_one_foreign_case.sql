-- +goose Up
-- Notices about what is not the platform's are one open case, however many come. Of those that are open the newest stays.
-- The wall is taken down for the table's owner meanwhile; the application sees no row of another tenant at any moment.
ALTER TABLE cases NO FORCE ROW LEVEL SECURITY;
UPDATE cases c SET status = 'closed', closed_at = now()
WHERE c.kind = 'foreign_notice' AND c.status = 'open' AND EXISTS (
    SELECT
    FROM cases n
    WHERE n.tenant_id = c.tenant_id AND n.kind = c.kind AND n.status = 'open' AND n.id > c.id
);
ALTER TABLE cases FORCE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX cases_one_foreign ON cases (tenant_id) WHERE status = 'open' AND kind = 'foreign_notice';

-- +goose Down
DROP INDEX cases_one_foreign;
