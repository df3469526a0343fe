// Package stock is the stock of card keys: card keys that are imported, reserved for an order, delivered to its buyer,
// or made void. It is the fulfilment kind card_key, which delivers at once.
//
// A key is sealed at rest under its tenant's data key, bound to its own row, and found again only by a keyed
// fingerprint. Reserve, Deliver, Release and Void are atomic and leave their writes for the commit; each statement
// checks itself and breaks the transaction off when a key is missing.
package stock

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/fulfilment"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Statuses of a card key. Delivered never goes back to available.
const (
	StatusAvailable = vocabulary.CardKeyAvailable
	StatusReserved  = vocabulary.CardKeyReserved
	StatusDelivered = vocabulary.CardKeyDelivered
	StatusVoid      = vocabulary.CardKeyVoid
)

// ImportMax is how many keys one import takes.
const ImportMax = 5000

// CodeSoldOut is answered when an order asks for more keys than are free; nothing is reserved then.
const CodeSoldOut fault.Code = "card_keys_sold_out"

// Codes of what is named and not there, or is not as it would have to be.
const (
	CodeImportNotFound  fault.Code = "card_key_import_not_found"
	CodeKeyNotFound     fault.Code = "card_key_not_found"
	CodeKeyNotAvailable fault.Code = "card_key_not_available"
	CodeNotSupplier     fault.Code = "not_the_supplier"
)

// Conditions that the statements of this package require; they arrive as the constraint that was violated.
const (
	ConstraintSoldOut  = "card_keys_sold_out" // Reserve found too few
	ConstraintReserved = "card_keys_reserved" // Deliver found another number of reserved keys than was ordered
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{{
		Code: CodeImportNotFound, Status: http.StatusNotFound, Title: "No such import",
		TitleZh:   "导入批次不存在",
		Meaning:   "The tenant has no import of card keys with this id.",
		MeaningZh: "租户内没有此标识的卡密导入批次。",
	}, {
		Code: CodeKeyNotFound, Status: http.StatusNotFound, Title: "No such card key",
		TitleZh:   "卡密不存在",
		Meaning:   "The tenant has no card key with this id.",
		MeaningZh: "租户内没有此标识的卡密。",
	}, {
		Code: CodeKeyNotAvailable, Status: http.StatusConflict, Title: "The card key is an order's",
		TitleZh: "卡密已属于订单",
		Meaning: "Only a card key that is available can be voided. One that is reserved is free again when its order " +
			"is " +
			"closed; one that is delivered becomes void when its order is refunded.",
		MeaningZh: "只能作废可售的卡密。已占用的卡密在订单关闭后释放；已发出的卡密在订单退款后自动作废。",
	}, {
		Code: CodeNotSupplier, Status: http.StatusForbidden, Title: "Not the supplier",
		TitleZh: "不是供货商",
		Meaning: "The card keys of a product are its supplier's. A merchant that is only its merchant of record can " +
			"neither import nor list them.",
		MeaningZh: "商品的卡密属于其供货商。仅作为收款商户的商户不能导入，也不能列出。",
	}, {
		Code: CodeSoldOut, Status: http.StatusConflict, Title: "Card keys sold out",
		TitleZh: "卡密库存不足",
		Meaning: "Fewer card keys are free than the order asks for. Nothing was reserved; import keys or order " +
			"fewer.",
		MeaningZh: "可售卡密少于下单数量，未占用任何库存。请导入卡密或减少数量。",
	}}
}

// Service carries the use cases of card keys.
type Service struct {
	db    *db.DB
	vault *vault.Vault
}

// New makes a Service.
func New(d *db.DB, v *vault.Vault) *Service { return &Service{db: d, vault: v} }

var _ fulfilment.Kind = (*Service)(nil)

// Reserve takes the oldest free keys for an order. Keys that another order is taking at this moment are passed over.
// The commit fails with ConstraintSoldOut when there are too few.
func (s *Service) Reserve(ctx context.Context, tx db.TenantTx, order id.Order, items []fulfilment.Item) error {
	for _, it := range items {
		if err := q.CardKeyReserve(ctx, tx.Later(), it.Quantity, it.Product, order); err != nil {
			return fmt.Errorf("reserve card keys: %w", err)
		}
	}
	return nil
}

// Deliver gives the order's reserved keys to its buyer. The commit fails with ConstraintReserved unless they are
// exactly as many as were ordered.
func (s *Service) Deliver(
	ctx context.Context,
	tx db.TenantTx,
	order id.Order,
	at time.Time,
) (vocabulary.DeliveryState, error) {
	return vocabulary.DeliveryDelivered, q.CardKeyDeliver(ctx, tx.Later(), &at, order)
}

// Release makes an unpaid order's keys free again.
func (s *Service) Release(ctx context.Context, tx db.TenantTx, order id.Order) error {
	return q.CardKeyRelease(ctx, tx.Later(), order)
}

// Void makes a refunded order's keys worthless: the buyer has seen them, nobody else gets them.
func (s *Service) Void(ctx context.Context, tx db.TenantTx, order id.Order) error {
	return q.CardKeyVoid(ctx, tx.Later(), order)
}

// Revealed is a card key in plain text. It is shown to its buyer and goes nowhere else.
type Revealed struct {
	ID      id.CardKey
	Product id.Product
	Status  vocabulary.CardKeyStatus
	Key     secret.String
}

// Reveal opens the delivered keys of an order. The caller has checked the right to see them and records it in the audit
// log.
func (s *Service) Reveal(ctx context.Context, tx db.TenantTx, order id.Order) ([]Revealed, error) {
	rows, err := q.CardKeyListByOrder(ctx, tx, order)
	if err != nil {
		return nil, fmt.Errorf("read the order's card keys: %w", err)
	}
	out := make([]Revealed, len(rows))
	for i, r := range rows {
		plain, err := s.vault.Open(ctx, tx, r.SealedKey, vault.CardKey.At(tx.Tenant(), r.ID))
		if err != nil {
			return nil, fmt.Errorf("open card key %s: %w", r.ID, err)
		}
		out[i] = Revealed{ID: r.ID, Product: r.ProductID, Status: r.Status, Key: secret.New(string(plain))}
	}
	return out, nil
}

// Stock counts a product's keys by status.
type Stock struct {
	Available, Reserved, Delivered, Void int64
}

// Stock counts a product's keys. It returns product_not_found.
func (s *Service) Stock(ctx context.Context, a tenants.Actor, product id.Product) (st Stock, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := find(ctx, tx, product); err != nil {
			return err
		}
		of, err := count(ctx, tx, product)
		st = of[product]
		return err
	})
	return st, err
}

// Of counts the keys of several products, in one statement.
func (s *Service) Of(ctx context.Context, a tenants.Actor, products ...id.Product) (of map[id.Product]Stock,
	err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) (err error) {
		of, err = count(ctx, tx, products...)
		return err
	})
	return of, err
}

// count counts the keys of products in one statement. A merchant of record counts those of its products, whoever
// supplies them: it sells them.
func count(ctx context.Context, tx db.TenantTx, products ...id.Product) (map[id.Product]Stock, error) {
	ids := make([]uuid.UUID, len(products))
	for i, p := range products {
		ids[i] = uuid.UUID(p)
	}
	tx.BeyondMerchant()
	rows, err := q.CardKeyStocks(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("count card keys: %w", err)
	}
	of := map[id.Product]Stock{}
	for _, r := range rows {
		of[id.Product(r.ProductID)] = Stock{Available: r.Available, Reserved: r.Reserved, Void: r.Void,
			Delivered: r.Imported - r.Available - r.Reserved - r.Void}
	}
	return of, nil
}

func find(ctx context.Context, tx db.TenantTx, product id.Product) (dbsqlc.ProductGetRow, error) {
	p, err := q.ProductGet(ctx, tx, product)
	if db.IsNoRows(err) {
		return p, tenants.ProductNotFound()
	}
	return p, err
}

// supplied reads a product whose keys the caller may import and list: a merchant that only sells it may not. It returns
// product_not_found or not_the_supplier.
func supplied(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	product id.Product,
) (dbsqlc.ProductGetRow, error) {
	p, err := find(ctx, tx, product)
	if err == nil && !a.Merchant.IsZero() && a.Merchant != p.SupplierID {
		err = fault.New(CodeNotSupplier, "The card keys of this product are another merchant's.")
	}
	return p, err
}

// Import takes keys into a product's stock, at most ImportMax, as [Typed] has them. A key that the product already has,
// or that stands twice in the list, is counted as a duplicate, named with its place, and left out. With an
// idempotency key a repeat answers what the first import did; replayed says so.
//
// It returns product_not_found, not_the_supplier, idempotency_key_reused, and invalid_request with the keys that cannot
// be imported; then none is.
func (s *Service) Import(
	ctx context.Context,
	a tenants.Actor,
	product id.Product,
	keys []string,
	key idempotency.Key,
) (imp Import, replayed bool, err error) {
	keys, err = Typed(keys)
	if err != nil {
		return imp, false, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		replayed = false
		p, err := supplied(ctx, tx, a, product)
		if err != nil {
			return err
		}
		iid := id.New[id.CardKeyImport]()
		existing, replay, err := key.Claim(ctx, tx, a, "importCardKeys", iid)
		if err != nil {
			return err
		}
		if replay {
			replayed = true
			r, err := q.CardKeyImportGet(ctx, tx, id.CardKeyImport(existing))
			imp = importOf(r)
			return err
		}
		imp, err = s.take(ctx, tx, a, p, iid, keys)
		return err
	})
	return imp, replayed, err
}

// sealed are keys as rows, and where they and those that became none stood in the list.
type sealed struct {
	dbsqlc.CardKeyInsertManyParams
	at       []int32 // of each row
	repeated []int32
	had      []int32 // left out: in stock under the fingerprint of a data key that is being exchanged
	// While the data key is being exchanged: the fingerprints under which keys of before may still stand, and of which
	// place each is.
	former   [][]byte
	formerOf []int32
}

// leaveOut drops the rows that the product has under another fingerprint than the one they would be written with. That
// they have theirs, too, the insertion finds; between the two a key that is sealed anew meanwhile is found by either.
func (s *sealed) leaveOut(ctx context.Context, tx db.TenantTx) error {
	if len(s.former) == 0 {
		return nil
	}
	found, err := q.CardKeyInStock(ctx, tx, id.Product(s.ProductID), s.former, id.CardKeyImport(s.ImportID))
	if err != nil {
		return fmt.Errorf("look for the keys in stock: %w", err)
	}
	known := setOf(found)
	had := map[int32]bool{}
	for i, fp := range s.former {
		if known[string(fp)] {
			had[s.formerOf[i]] = true
		}
	}
	kept := sealed{CardKeyInsertManyParams: s.CardKeyInsertManyParams, repeated: s.repeated}
	kept.Ids, kept.Fingerprints, kept.SealedKeys = nil, nil, nil
	for i, at := range s.at {
		if had[at] {
			kept.had = append(kept.had, at)
			continue
		}
		kept.at = append(kept.at, at)
		kept.Ids = append(kept.Ids, s.Ids[i])
		kept.Fingerprints = append(kept.Fingerprints, s.Fingerprints[i])
		kept.SealedKeys = append(kept.SealedKeys, s.SealedKeys[i])
	}
	*s = kept
	return nil
}

func setOf(fingerprints [][]byte) map[string]bool {
	known := make(map[string]bool, len(fingerprints))
	for _, fp := range fingerprints {
		known[string(fp)] = true
	}
	return known
}

// inStock are the places of the rows that the product had, when not all were inserted.
func (s sealed) inStock(ctx context.Context, tx db.TenantTx, inserted int) ([]int32, error) {
	out := append([]int32{}, s.had...)
	if inserted == len(s.Fingerprints) {
		return out, nil
	}
	had, err := q.CardKeyInStock(ctx, tx, id.Product(s.ProductID), s.Fingerprints, id.CardKeyImport(s.ImportID))
	if err != nil {
		return nil, fmt.Errorf("look for the keys in stock: %w", err)
	}
	known := setOf(had)
	for i, fp := range s.Fingerprints {
		if known[string(fp)] {
			out = append(out, s.at[i])
		}
	}
	slices.Sort(out)
	return out, nil
}

// seal turns plain keys into rows; one that stands twice in the list becomes one row.
func (s *Service) seal(
	ctx context.Context,
	tx db.TenantTx,
	product id.Product,
	iid id.CardKeyImport,
	keys []string,
) (p sealed, err error) {
	p.ProductID, p.ImportID, p.repeated = uuid.UUID(product), uuid.UUID(iid), []int32{}
	seen := make(map[[16]byte]bool, len(keys))
	for i, k := range keys {
		prints, err := s.vault.Fingerprints(ctx, tx, []byte(k))
		if err != nil {
			return p, err
		}
		fp := prints[0]
		if seen[fp] {
			p.repeated = append(p.repeated, int32(i))
			continue
		}
		seen[fp] = true
		kid := id.New[id.CardKey]()
		sealed, err := s.vault.Seal(ctx, tx, []byte(k), vault.CardKey.At(tx.Tenant(), kid))
		if err != nil {
			return p, fmt.Errorf("seal a card key: %w", err)
		}
		p.at = append(p.at, int32(i))
		p.Ids = append(p.Ids, uuid.UUID(kid))
		p.Fingerprints = append(p.Fingerprints, fp[:])
		p.SealedKeys = append(p.SealedKeys, sealed)
		for _, former := range prints[1:] {
			p.former = append(p.former, former[:])
			p.formerOf = append(p.formerOf, int32(i))
		}
	}
	return p, p.leaveOut(ctx, tx)
}
