package stock

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// OfProduct is the stock of a product in a list.
type OfProduct struct {
	Stock
	Product id.Product
	Name    string
	Status  vocabulary.ProductStatus
}

// List reads a page of products, newest first, each with its keys counted; the counts of all of them are one statement.
// An empty status takes all, and an empty name, too.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Product],
	status vocabulary.ProductStatus,
	name string,
) (out tenants.PageOf[OfProduct], err error) {
	var filter *string
	if status != "" {
		filter = (*string)(&status)
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.ProductList(ctx, tx, dbsqlc.ProductListParams{Before: page.Cursor(), Status: filter, Name: name,
			PageSize: page.Fetch()})
		if err != nil {
			return fmt.Errorf("list the products: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.ProductListRow) string { return r.ID.String() },
			func(r dbsqlc.ProductListRow) OfProduct {
				return OfProduct{Product: r.ID, Name: r.Name, Status: r.Status}
			})
		ids := make([]id.Product, len(out.Items))
		for i, p := range out.Items {
			ids[i] = p.Product
		}
		of, err := count(ctx, tx, ids...)
		if err != nil {
			return err
		}
		for i, p := range out.Items {
			out.Items[i].Stock = of[p.Product]
		}
		return nil
	})
	return out, err
}
