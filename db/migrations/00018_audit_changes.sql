-- +goose Up
-- What was changed, from what to what: a list of {field, before, after}, without secrets.
ALTER TABLE audit_log ADD COLUMN changes jsonb NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE audit_log DROP COLUMN changes;
