package stock

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// Key is what became of a card key, without the key itself.
type Key struct {
	ID          id.CardKey
	Product     id.Product
	Import      id.CardKeyImport
	Status      vocabulary.CardKeyStatus
	Order       id.Order // zero when no order has it, or none that the caller may see
	CreatedAt   time.Time
	DeliveredAt *time.Time
	VoidedAt    *time.Time
}

// KeyFilter narrows a list; empty fields take all.
type KeyFilter struct {
	Statuses []vocabulary.CardKeyStatus
	Import   id.CardKeyImport
}

// importMax is far longer than an import takes: its keys were made within this time after it.
const importMax = time.Hour

// ListKeys reads a page of a product's keys, newest first. It returns product_not_found or
// not_the_supplier.
func (s *Service) ListKeys(
	ctx context.Context,
	a tenants.Actor,
	product id.Product,
	page tenants.Page[id.CardKey],
	f KeyFilter,
) (out tenants.PageOf[Key], err error) {
	statuses := f.Statuses
	if len(statuses) == 0 {
		statuses = vocabulary.CardKeyStatuses()
	}
	if !f.Import.IsZero() { // there is no index of imports: the keys of one stand together, right after its own id
		page.After = id.CardKey(f.Import)
		page.Until = time.Unix(uuid.UUID(f.Import).Time().UnixTime()).Add(importMax)
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := supplied(ctx, tx, a, product); err != nil {
			return err
		}
		rows, err := q.CardKeyList(ctx, tx, dbsqlc.CardKeyListParams{
			Statuses:  tenants.Texts(statuses),
			ProductID: product,
			Before:    page.Cursor(),
			After:     page.Floor(),
			ImportID:  pgtype.UUID{Bytes: f.Import, Valid: !f.Import.IsZero()},
			PageSize:  page.Fetch(),
		})
		if err != nil {
			return fmt.Errorf("list the card keys: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.CardKeyListRow) string { return r.ID.String() }, keyOf)
		return nil
	})
	return out, err
}

func keyOf(r dbsqlc.CardKeyListRow) Key {
	return Key{r.ID, r.ProductID, r.ImportID, r.Status, r.OrderID, r.CreatedAt, r.DeliveredAt, r.VoidedAt}
}

// GetKey reads what became of a key. A caller that is one merchant reads those of its own products. It returns
// card_key_not_found.
func (s *Service) GetKey(ctx context.Context, a tenants.Actor, key id.CardKey) (k Key, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		k, err = getKey(ctx, tx, key)
		return err
	})
	return k, err
}

func getKey(ctx context.Context, tx db.TenantTx, key id.CardKey) (Key, error) {
	r, err := q.CardKeyRead(ctx, tx, key)
	if db.IsNoRows(err) {
		return Key{}, fault.New(CodeKeyNotFound, "There is no such card key.")
	}
	if err != nil {
		return Key{}, fmt.Errorf("read the card key: %w", err)
	}
	return keyOf(dbsqlc.CardKeyListRow(r)), nil
}

// VoidKey takes an available key out of sale; one that is void already stays so. Of this and an order that wants the
// key, one wins. It returns card_key_not_found or card_key_not_available.
func (s *Service) VoidKey(ctx context.Context, a tenants.Actor, key id.CardKey, reason string) (k Key, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if k, err = getKey(ctx, tx, key); err != nil || k.Status == StatusVoid {
			return err
		}
		at, err := q.CardKeyVoidOne(ctx, tx, key)
		if db.IsNoRows(err) { // an order has it, or somebody took it just now
			if k, err = getKey(ctx, tx, key); err != nil || k.Status == StatusVoid {
				return err
			}
			return fault.New(CodeKeyNotAvailable, "The card key is reserved or delivered.")
		}
		if err != nil {
			return fmt.Errorf("void the card key: %w", err)
		}
		k.Status, k.VoidedAt = StatusVoid, at
		return audit.Record(ctx, tx, audit.Actor(a), "voidCardKey", "card_key", key, reason,
			tenants.Changes{}.Add("status", StatusAvailable, StatusVoid)...)
	})
	if err != nil {
		return Key{}, err
	}
	return k, nil
}

// VoidImport takes all keys of an import out of sale that are available still, and tells how many. Keys that an order
// is taking at this moment stay the order's. It returns card_key_import_not_found.
func (s *Service) VoidImport(
	ctx context.Context,
	a tenants.Actor,
	imported id.CardKeyImport,
	reason string,
) (voided int32, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		imp, err := readImport(ctx, tx, imported)
		if err != nil {
			return err
		}
		if _, err := s.vault.Hold(ctx, tx); err != nil { // keys that are being sealed anew would be passed over
			return err
		}
		n, err := q.CardKeyVoidImport(ctx, tx, imp.Product, id.CardKey(imported), imported)
		if err != nil {
			return fmt.Errorf("void the import: %w", err)
		}
		voided = int32(n) // at most ImportMax
		return audit.Record(ctx, tx, audit.Actor(a), "voidCardKeyImport", "card_key_import", imported, reason,
			tenants.Changes{}.Add("voided", nil, voided)...)
	})
	if err != nil {
		return 0, err
	}
	return voided, nil
}
