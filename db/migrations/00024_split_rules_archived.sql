-- +goose Up
-- A rule can be archived. Its ETag is the number of its newest version plus how often its status was changed.
ALTER TABLE split_rules
    ADD COLUMN status text NOT NULL DEFAULT 'active',
    ADD COLUMN status_changes integer NOT NULL DEFAULT 0;
ALTER TABLE split_rules ADD CONSTRAINT split_rules_status_check CHECK (
    status IN (
        'active',
        'archived'
    )
);

-- +goose Down
ALTER TABLE split_rules
    DROP COLUMN status_changes,
    DROP COLUMN status;
