-- +goose Up
-- No merchant sees how far the books were compared.
SELECT app.narrow('book_looks', 'false');

-- +goose Down
ALTER POLICY tenant ON book_looks USING (tenant_id = app.tenant_id()) WITH CHECK (tenant_id = app.tenant_id());
