package stock

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// GetImport reads how an import ended. A caller that is one merchant reads the imports of its own products. It returns
// card_key_import_not_found.
func (s *Service) GetImport(
	ctx context.Context,
	a tenants.Actor,
	imported id.CardKeyImport,
) (imp dbsqlc.CardKeyImport, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		imp, err = readImport(ctx, tx, imported)
		return err
	})
	return imp, err
}

func readImport(ctx context.Context, tx db.TenantTx, imported id.CardKeyImport) (dbsqlc.CardKeyImport, error) {
	imp, err := q.CardKeyImportRead(ctx, tx, imported)
	if db.IsNoRows(err) {
		return imp, fault.New(CodeImportNotFound, "There is no such import of card keys.")
	}
	if err != nil {
		return imp, fmt.Errorf("read the import: %w", err)
	}
	return imp, nil
}

// ListImports reads a page of a product's imports, newest first. It returns product_not_found.
func (s *Service) ListImports(
	ctx context.Context,
	a tenants.Actor,
	product id.Product,
	page tenants.Page[id.CardKeyImport],
) (out tenants.PageOf[dbsqlc.CardKeyImport], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := exists(ctx, tx, product); err != nil {
			return err
		}
		rows, err := q.CardKeyImportList(ctx, tx, product, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the imports: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.CardKeyImport) string { return r.ID.String() },
			func(r dbsqlc.CardKeyImport) dbsqlc.CardKeyImport { return r })
		return nil
	})
	return out, err
}
