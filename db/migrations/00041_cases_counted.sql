-- +goose Up
-- What happens again while a case about it is open is counted in the case.
ALTER TABLE cases ADD COLUMN occurrences integer NOT NULL DEFAULT 1; -- how often it happened, the first time among them
ALTER TABLE cases ADD CONSTRAINT cases_occurrences_check CHECK (occurrences >= 1);
ALTER TABLE cases ADD COLUMN last_seen_at timestamptz;               -- null: it happened once
ALTER TABLE cases ADD COLUMN latest text[] NOT NULL DEFAULT '{}';    -- what the last few were, newest first

-- +goose Down
ALTER TABLE cases DROP COLUMN latest;
ALTER TABLE cases DROP COLUMN last_seen_at;
ALTER TABLE cases DROP COLUMN occurrences;
