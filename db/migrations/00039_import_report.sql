-- +goose Up
-- Which of an import's card keys were left out, as places in the list that was sent, from 0: those that stood earlier in
-- the list, and those that the product had. NULL for an import from before, which
-- has counts only.
ALTER TABLE card_key_imports
    ADD COLUMN repeated_at integer[],
    ADD COLUMN in_stock_at integer[];

-- +goose Down
ALTER TABLE card_key_imports
    DROP COLUMN repeated_at,
    DROP COLUMN in_stock_at;
