// Package catalog is what a tenant sells: products, each with a price, the supplier whose card keys it hands out, the
// merchant of record who receives the payment, and the split rule. Stock is kept beside it, in package cardkeys.
package catalog

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/idempotency"
)

var q = dbsqlc.New()

// CodeMerchantIsNotSupplier is answered when a product's supplier is a distributor.
const CodeMerchantIsNotSupplier fault.Code = "merchant_is_not_supplier"

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{{
		Code: CodeMerchantIsNotSupplier, Status: http.StatusUnprocessableEntity, Title: "The merchant is not a " +
			"supplier",
		TitleZh:   "该商户不是供货商",
		Meaning:   "A product's supplier_id names a merchant of kind supplier.",
		MeaningZh: "商品的 supplier_id 须是类型为 supplier 的商户。",
	}}
}

// Statuses of a product. An archived one cannot be ordered.
const (
	StatusActive   = vocabulary.ProductActive
	StatusArchived = vocabulary.ProductArchived
)

// Service carries the use cases of the catalog.
type Service struct{ db *db.DB }

// New makes a Service.
func New(d *db.DB) *Service { return &Service{db: d} }

// Product is something to buy.
type Product struct {
	ID               id.Product
	Name             string
	Status           vocabulary.ProductStatus
	Price            money.Fen
	Supplier         id.Merchant
	MerchantOfRecord id.Merchant
	SplitRule        id.SplitRule
	Metadata         tenants.Metadata
	CreatedAt        time.Time
	Version          int64 // counts its changes, from 1
}

// NewProduct is what a product is made from. Price is in fen, 1 to [money.Max].
type NewProduct struct {
	Name             string
	Price            money.Fen
	Supplier         id.Merchant
	MerchantOfRecord id.Merchant
	SplitRule        id.SplitRule
	Metadata         tenants.Metadata
}

// Create offers a product; replayed says that an earlier request with the same key had. It returns merchant_not_found,
// merchant_is_not_supplier, split_rule_not_found, split_rule_archived, invalid_request or idempotency_key_reused.
func (s *Service) Create(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	in NewProduct,
) (p Product, replayed bool, err error) {
	if err := checkPrice(in.Price); err != nil {
		return Product{}, false, err
	}
	metadata, err := tenants.NewMetadata(in.Metadata)
	if err != nil {
		return Product{}, false, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		made := id.New[id.Product]()
		existing, replay, err := key.Claim(ctx, tx, a, "createProduct", made)
		if err != nil {
			return err
		}
		if replayed = replay; replay {
			p, err = get(ctx, tx, id.Product(existing))
			return err
		}
		if err := checkParties(ctx, tx, in); err != nil {
			return err
		}
		p = Product{
			ID:               made,
			Name:             in.Name,
			Status:           StatusActive,
			Price:            in.Price,
			Supplier:         in.Supplier,
			MerchantOfRecord: in.MerchantOfRecord,
			SplitRule:        in.SplitRule,
			Metadata:         metadata,
			Version:          1,
		}
		if err := tenants.Room(ctx, tx, tenants.Products); err != nil {
			return err
		}
		p.CreatedAt, err = q.ProductInsert(ctx, tx, dbsqlc.ProductInsertParams{
			ID: p.ID, Name: p.Name, PriceFen: p.Price, SupplierID: p.Supplier, MerchantOfRecordID: p.MerchantOfRecord,
			SplitRuleID: p.SplitRule, Metadata: p.Metadata,
		})
		if err != nil {
			return fmt.Errorf("insert the product: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "createProduct", "product", p.ID, "price "+p.Price.Yuan(),
			changes(Product{}, p)...)
	})
	return p, replayed, err
}

func checkPrice(price money.Fen) error {
	if price < 1 || price > money.Max {
		return fault.New(tenants.CodeInvalidRequest, "The price is out of range.").
			At("/price_fen", "range", "Must be from 1 to 10000000000.")
	}
	return nil
}

// checkParties makes sure that the supplier, the merchant of record and the split rule exist.
func checkParties(ctx context.Context, tx db.TenantTx, in NewProduct) error {
	found, err := q.ProductCheck(ctx, tx, in.Supplier, in.MerchantOfRecord)
	switch {
	case err != nil:
		return fmt.Errorf("read the parties of the product: %w", err)
	case found.SupplierKind == "":
		return tenants.MerchantNotFound().
			At("/supplier_id", "not_found", "There is no such merchant.")
	case found.SupplierKind != string(tenants.RoleSupplier):
		return fault.New(CodeMerchantIsNotSupplier, "The merchant is a %s.", found.SupplierKind).
			At("/supplier_id", "merchant_is_not_supplier", "Must be a supplier.")
	case !found.MerchantOfRecord:
		return tenants.MerchantNotFound().
			At("/merchant_of_record_id", "not_found", "There is no such merchant.")
	}
	return checkRule(ctx, tx, in.SplitRule)
}

// checkRule makes sure that the split rule can be a product's, until the transaction ends. It returns
// split_rule_not_found or split_rule_archived.
func checkRule(ctx context.Context, tx db.TenantTx, rule id.SplitRule) error {
	status, err := q.ProductSplitRuleStatus(ctx, tx, rule)
	switch {
	case db.IsNoRows(err):
		return tenants.SplitRuleNotFound().
			At("/split_rule_id", "not_found", "There is no such split rule.")
	case err != nil:
		return fmt.Errorf("read the split rule: %w", err)
	case status == vocabulary.SplitRuleArchived:
		return tenants.SplitRuleArchived().
			At("/split_rule_id", "archived", "Must be a rule that is not archived.")
	}
	return nil
}

// Get reads a product. It returns product_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, product id.Product) (p Product, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		p, err = get(ctx, tx, product)
		return err
	})
	return p, err
}

func get(ctx context.Context, tx db.TenantTx, product id.Product) (Product, error) {
	r, err := q.ProductGet(ctx, tx, product)
	return found(productOf(dbsqlc.ProductListRow(r)), err)
}

// found is the product, or product_not_found.
func found(p Product, err error) (Product, error) {
	if db.IsNoRows(err) {
		return Product{}, tenants.ProductNotFound()
	}
	if err != nil {
		return Product{}, fmt.Errorf("read the product: %w", err)
	}
	return p, nil
}

func productOf(r dbsqlc.ProductListRow) Product {
	return Product{r.ID, r.Name, r.Status, r.PriceFen, r.SupplierID, r.MerchantOfRecordID, r.SplitRuleID,
		r.Metadata, r.CreatedAt, r.Version}
}

// List reads a page of products, newest first; an empty status takes all.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Product],
	status vocabulary.ProductStatus,
	name string,
) (out tenants.PageOf[Product], err error) {
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
		out = tenants.Cut(page, rows, func(r dbsqlc.ProductListRow) string { return r.ID.String() }, productOf)
		return nil
	})
	return out, err
}

// Change is what to change of a product; nil leaves as it is.
type Change struct {
	Name      *string
	Price     *money.Fen
	Status    *vocabulary.ProductStatus
	SplitRule *id.SplitRule
	Metadata  tenants.MetadataChange
	Match     tenants.Match
}

// Update changes a product; orders that exist keep the price they were made with. It returns product_not_found,
// precondition_failed, split_rule_not_found, split_rule_archived or invalid_request.
func (s *Service) Update(
	ctx context.Context,
	a tenants.Actor,
	product id.Product,
	c Change,
) (p Product, err error) {
	if c.Price != nil {
		if err := checkPrice(*c.Price); err != nil {
			return Product{}, err
		}
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.ProductGetForUpdate(ctx, tx, product)
		if p, err = found(productOf(dbsqlc.ProductListRow(r)), err); err != nil {
			return err
		}
		if err := c.Match.Check(p.Version); err != nil {
			return err
		}
		before := p
		p.Version++
		set(&p.Name, c.Name)
		set(&p.Price, c.Price)
		set(&p.Status, c.Status)
		set(&p.SplitRule, c.SplitRule)
		if p.Metadata, err = p.Metadata.Merge(c.Metadata); err != nil {
			return err
		}
		if p.SplitRule != before.SplitRule || p.Status == StatusActive && before.Status != StatusActive {
			if err := checkRule(ctx, tx, p.SplitRule); err != nil {
				return err
			}
		}
		err = q.ProductUpdate(ctx, tx, dbsqlc.ProductUpdateParams{
			Name:        p.Name,
			PriceFen:    p.Price,
			Status:      p.Status,
			SplitRuleID: p.SplitRule,
			Metadata:    p.Metadata,
			ID:          p.ID,
		})
		if err != nil {
			return fmt.Errorf("update the product: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "updateProduct", "product", p.ID,
			"price "+p.Price.Yuan()+", "+string(p.Status), changes(before, p)...)
	})
	if err != nil {
		return Product{}, err
	}
	return p, nil
}

// changes are what the audit log keeps of a change.
func changes(before, after Product) (c tenants.Changes) {
	return c.Add("name", before.Name, after.Name).
		Add("status", before.Status, after.Status).
		Add("price_fen", before.Price, after.Price).
		Add("supplier_id", before.Supplier, after.Supplier).
		Add("merchant_of_record_id", before.MerchantOfRecord, after.MerchantOfRecord).
		Add("split_rule_id", before.SplitRule, after.SplitRule).
		AddMetadata(before.Metadata, after.Metadata)
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}
