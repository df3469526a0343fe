-- +goose Up
-- Since when nothing is frozen for a split that was not made: Alipay frees it after 30 days by itself, and another
-- request may have done so before.
ALTER TABLE settlements ADD COLUMN freed_at timestamptz;

-- +goose Down
ALTER TABLE settlements DROP COLUMN freed_at;
