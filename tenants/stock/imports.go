package stock

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// Import is card keys that were taken into a product's stock together.
type Import struct {
	ID         id.CardKeyImport
	Product    id.Product
	Accepted   int32
	Duplicates int32     // left out: the product had them, or they stood twice in the list
	Skipped    []Skipped // each of them, in the order of the list; none of an import made before they were kept
	CreatedAt  time.Time
}

func importOf(r dbsqlc.CardKeyImport) Import {
	return Import{
		ID:         r.ID,
		Product:    r.ProductID,
		Accepted:   r.Accepted,
		Duplicates: r.Duplicates,
		Skipped:    skippedOf(r),
		CreatedAt:  r.CreatedAt,
	}
}

func skippedOf(r dbsqlc.CardKeyImport) []Skipped {
	out := make([]Skipped, 0, len(r.RepeatedAt)+len(r.InStockAt))
	for _, at := range r.RepeatedAt {
		out = append(out, Skipped{at, SkippedRepeated})
	}
	for _, at := range r.InStockAt {
		out = append(out, Skipped{at, SkippedInStock})
	}
	slices.SortFunc(out, func(a, b Skipped) int { return cmp.Compare(a.Index, b.Index) })
	return out
}

// GetImport reads how an import ended. A caller that is one merchant reads the imports of its own products. It returns
// card_key_import_not_found.
func (s *Service) GetImport(
	ctx context.Context,
	a tenants.Actor,
	imported id.CardKeyImport,
) (imp Import, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		imp, err = readImport(ctx, tx, imported)
		return err
	})
	return imp, err
}

func readImport(ctx context.Context, tx db.TenantTx, imported id.CardKeyImport) (Import, error) {
	r, err := q.CardKeyImportRead(ctx, tx, imported)
	if db.IsNoRows(err) {
		return Import{}, fault.New(CodeImportNotFound, "There is no such import of card keys.")
	}
	if err != nil {
		return Import{}, fmt.Errorf("read the import: %w", err)
	}
	return importOf(r), nil
}

// ListImports reads a page of a product's imports, newest first. It returns product_not_found or
// not_the_supplier.
func (s *Service) ListImports(
	ctx context.Context,
	a tenants.Actor,
	product id.Product,
	page tenants.Page[id.CardKeyImport],
) (out tenants.PageOf[Import], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := supplied(ctx, tx, a, product); err != nil {
			return err
		}
		rows, err := q.CardKeyImportList(ctx, tx, product, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the imports: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.CardKeyImport) string { return r.ID.String() }, importOf)
		return nil
	})
	return out, err
}
