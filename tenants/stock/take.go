package stock

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// MaySupply tells whether the caller may import keys of a product. It returns product_not_found or not_the_supplier.
// Atomic.
func (s *Service) MaySupply(ctx context.Context, tx db.TenantTx, a tenants.Actor, product id.Product) error {
	_, err := supplied(ctx, tx, a, product)
	return err
}

// ImportAs is Import under a number that the caller has kept: whoever calls again with it, after a crash, is answered
// what the first call did, and nothing is taken twice. The keys are typed already. It returns product_not_found and
// not_the_supplier.
func (s *Service) ImportAs(ctx context.Context, a tenants.Actor, product id.Product, iid id.CardKeyImport,
	keys []string) (imp Import, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.CardKeyImportRead(ctx, tx, iid)
		if err == nil {
			imp = importOf(r)
			return nil
		}
		if !db.IsNoRows(err) {
			return fmt.Errorf("look for the import: %w", err)
		}
		p, err := supplied(ctx, tx, a, product)
		if err != nil {
			return err
		}
		imp, err = s.take(ctx, tx, a, p, iid, keys)
		return err
	})
	return imp, err
}

// take writes keys into a product's stock as one import.
func (s *Service) take(ctx context.Context, tx db.TenantTx, a tenants.Actor, p dbsqlc.ProductGetRow,
	iid id.CardKeyImport, keys []string) (Import, error) {
	if err := q.CardKeyImportInsert(ctx, tx.Later(), iid, p.ID, p.SupplierID); err != nil {
		return Import{}, err
	}
	rows, err := s.seal(ctx, tx, p.ID, iid, keys)
	if err != nil {
		return Import{}, err
	}
	rows.SupplierID = uuid.UUID(p.SupplierID)
	n, err := q.CardKeyInsertMany(ctx, tx, rows.CardKeyInsertManyParams)
	if err != nil {
		return Import{}, fmt.Errorf("insert card keys: %w", err)
	}
	inStock, err := rows.inStock(ctx, tx, int(n))
	if err != nil {
		return Import{}, err
	}
	r, err := q.CardKeyImportFinish(ctx, tx, dbsqlc.CardKeyImportFinishParams{
		ID:         iid,
		Accepted:   int32(n),
		Duplicates: int32(len(keys)) - int32(n),
		RepeatedAt: rows.repeated,
		InStockAt:  inStock,
	})
	if err != nil {
		return Import{}, fmt.Errorf("end the import: %w", err)
	}
	imp := importOf(r)
	return imp, audit.Record(ctx, tx, audit.Actor(a), "importCardKeys", "card_key_import", iid,
		fmt.Sprintf("product %s, %d card keys, %d duplicates", p.ID, imp.Accepted, imp.Duplicates))
}
