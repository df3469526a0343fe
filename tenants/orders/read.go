package orders

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/ledger"
	"zhitong/tenants/payments"
	"zhitong/tenants/stock"
)

// Get reads an order. It returns order_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, order id.Order) (o Order, err error) {
	err = s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) (err error) {
		o, err = s.read(ctx, tx, order)
		return err
	})
	return o, err
}

// read must be inside of [Service.in].
func (s *Service) read(ctx context.Context, tx db.TenantTx, order id.Order) (Order, error) {
	o, err := s.readSealed(ctx, tx, order)
	if err != nil {
		return Order{}, err
	}
	return o, s.openContact(ctx, tx, &o)
}

// readSealed is read without the contact, which openContact opens.
func (s *Service) readSealed(ctx context.Context, r dbsqlc.DBTX, order id.Order) (Order, error) {
	row, err := q.OrderGet(ctx, r, order)
	if db.IsNoRows(err) {
		return Order{}, tenants.OrderNotFound()
	}
	if err != nil {
		return Order{}, fmt.Errorf("read order %s: %w", order, err)
	}
	items, err := q.OrderItemListByOrders(ctx, r, []uuid.UUID{uuid.UUID(order)})
	if err != nil {
		return Order{}, fmt.Errorf("read the items of order %s: %w", order, err)
	}
	return s.whole(ctx, orderOf(row.Order, row.Payment), row.Payee, items)
}

// GetPayment reads a payment; a caller that is one merchant reads those of its own orders. It returns
// payment_not_found.
func (s *Service) GetPayment(ctx context.Context, a tenants.Actor, payment id.Payment) (p payments.Payment, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.OrderGetByPayment(ctx, tx, payment)
		if db.IsNoRows(err) {
			return fault.New(CodePaymentNotFound, "There is no such payment.")
		}
		if err != nil {
			return fmt.Errorf("read payment %s: %w", payment, err)
		}
		p = payments.Of(row.Payment)
		return nil
	})
	return p, err
}

// Filter narrows a list of orders; empty fields take all.
type Filter struct {
	Statuses         []Status
	Reference        string
	BuyerContact     string // in any notation that [tenants.NormalContact] takes for the same
	MerchantOfRecord id.Merchant
	Product          id.Product // that is among the items
	TradeNo          string     // Alipay's
	Payment          id.Payment // the out_trade_no
}

// List reads a page of orders, newest first.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Order],
	f Filter,
) (out tenants.PageOf[Order], err error) {
	err = s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.PlanAnew(ctx, tx); err != nil {
			return err
		}
		digest, err := s.contactDigest(ctx, a.Tenant, f.BuyerContact)
		if err != nil {
			return err
		}
		rows, err := q.OrderList(ctx, tx, f.rows(page, digest))
		if err != nil {
			return fmt.Errorf("list orders: %w", err)
		}
		ids := make([]uuid.UUID, len(rows))
		for i, r := range rows {
			ids[i] = uuid.UUID(r.Order.ID)
		}
		items, err := q.OrderItemListByOrders(ctx, tx, ids)
		if err != nil {
			return fmt.Errorf("list the items of orders: %w", err)
		}
		byOrder := map[id.Order][]dbsqlc.OrderItem{}
		for _, it := range items {
			byOrder[it.OrderID] = append(byOrder[it.OrderID], it)
		}
		out = tenants.Cut(
			page,
			rows,
			func(r dbsqlc.OrderListRow) string { return r.Order.ID.String() },
			func(r dbsqlc.OrderListRow) Order {
				o, werr := s.whole(ctx, orderOf(r.Order, r.Payment), r.Payee, byOrder[r.Order.ID])
				err = errors.Join(err, werr, s.openContact(ctx, tx, &o))
				return o
			},
		)
		if err != nil {
			return fmt.Errorf("list orders: %w", err)
		}
		if !page.Count {
			return nil
		}
		n, err := f.count(ctx, tx, page.Whole(), digest)
		if err != nil {
			return fmt.Errorf("count orders: %w", err)
		}
		out.Total = tenants.TotalOf(n)
		return nil
	})
	return out, err
}

func (f Filter) only(status Status) bool { return len(f.Statuses) == 1 && f.Statuses[0] == status }

// rareStatus is the one status that is wanted, when its orders have an index: all but those on the way to delivery.
func (f Filter) rareStatus() string {
	if len(f.Statuses) != 1 || f.only(StatusAwaitingPayment) || f.only(StatusDelivered) {
		return ""
	}
	return string(f.Statuses[0])
}

// rows are the parameters of a page.
func (f Filter) rows(page tenants.Page[id.Order], contact []byte) dbsqlc.OrderListParams {
	return dbsqlc.OrderListParams{
		After:       page.Floor(),
		Before:      page.Cursor(),
		MadeFrom:    page.From,
		MadeUntil:   page.MadeUntil(),
		Statuses:    tenants.Texts(f.Statuses),
		RareStatus:  f.rareStatus(),
		Waiting:     f.only(StatusAwaitingPayment),
		Reference:   f.Reference,
		BuyerDigest: contact,
		TradeNo:     f.TradeNo,
		Merchant:    uuid.UUID(f.MerchantOfRecord),
		Product:     uuid.UUID(f.Product),
		Payment:     uuid.UUID(f.Payment),
		OldestFirst: page.OldestFirst,
		PageSize:    page.Fetch(),
	}
}

// count is how long the whole list is, or as many as are counted.
func (f Filter) count(
	ctx context.Context,
	tx db.TenantTx,
	page tenants.Page[id.Order],
	contact []byte,
) (int64, error) {
	p := f.rows(page, contact)
	all := dbsqlc.OrderCountParams{
		After:       p.After,
		Before:      p.Before,
		MadeFrom:    p.MadeFrom,
		MadeUntil:   p.MadeUntil,
		Statuses:    p.Statuses,
		RareStatus:  p.RareStatus,
		Waiting:     p.Waiting,
		Reference:   p.Reference,
		BuyerDigest: p.BuyerDigest,
		TradeNo:     p.TradeNo,
		Merchant:    p.Merchant,
		Payment:     p.Payment,
		AtMost:      tenants.CountFetch,
	}
	if f.Product.IsZero() {
		return q.OrderCount(ctx, tx, all)
	}
	return q.OrderCountOfProduct(ctx, tx, dbsqlc.OrderCountOfProductParams{
		After:       all.After,
		Before:      all.Before,
		MadeFrom:    all.MadeFrom,
		MadeUntil:   all.MadeUntil,
		Statuses:    all.Statuses,
		RareStatus:  all.RareStatus,
		Waiting:     all.Waiting,
		Reference:   all.Reference,
		BuyerDigest: all.BuyerDigest,
		TradeNo:     all.TradeNo,
		Merchant:    all.Merchant,
		Product:     p.Product,
		Payment:     all.Payment,
		AtMost:      all.AtMost,
	})
}

// Postings reads a page of an order's movements in the book, oldest first. It returns order_not_found.
func (s *Service) Postings(
	ctx context.Context,
	a tenants.Actor,
	order id.Order,
	page tenants.Page[id.Posting],
) (out tenants.PageOf[ledger.Entry], err error) {
	err = s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := s.read(ctx, tx, order); err != nil {
			return err
		}
		out, err = ledger.ByOrder(ctx, tx, order, page)
		return err
	})
	return out, err
}

// Reveal opens an order's delivered card keys and writes that down. It returns order_not_found, order_not_delivered and
// tenant_not_active.
func (s *Service) Reveal(ctx context.Context, a tenants.Actor, order id.Order) (keys []stock.Revealed, err error) {
	err = s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) error {
		o, err := s.read(ctx, tx, order)
		if err != nil {
			return err
		}
		platform, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the platform: %w", err)
		}
		if err := active(platform); err != nil {
			return err
		}
		if o.DeliveredAt == nil {
			return fault.New(CodeNotDelivered, "The order is %s.", o.Status)
		}
		if keys, err = s.stock.Reveal(ctx, tx, o.ID); err != nil {
			return err
		}
		return recordReveal(ctx, tx, o, audit.Actor(a), "getOrderCardKeys", keys)
	})
	return keys, err
}

func recordReveal(
	ctx context.Context,
	tx db.TenantTx,
	o Order,
	by audit.By,
	action string,
	keys []stock.Revealed,
) error {
	return audit.Record(ctx, tx, by, action, "order", o.ID, fmt.Sprintf("%d card keys", len(keys)))
}
