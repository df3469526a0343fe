-- +goose Up
-- How often a password was wrong in a row is kept for longer than the wait between two attempts: a hundred in a row
-- are a hundred, however slowly they come.
ALTER TABLE sign_in_limits ADD COLUMN lasting boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE sign_in_limits DROP COLUMN lasting;
