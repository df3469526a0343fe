package refunds

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// Read reads a refund. It returns refund_not_found. Atomic.
func Read(ctx context.Context, tx db.TenantTx, refund id.Refund) (Refund, error) {
	r, err := q.RefundGet(ctx, tx, refund)
	if db.IsNoRows(err) {
		return Refund{}, notFound()
	}
	if err != nil {
		return Refund{}, fmt.Errorf("read refund %s: %w", refund, err)
	}
	return refundOf(r), nil
}

// Get reads a refund. It returns refund_not_found. A caller that is one merchant sees the refunds of its own orders.
func (s *Service) Get(ctx context.Context, a tenants.Actor, refund id.Refund) (r Refund, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if r, err = Read(ctx, tx, refund); err != nil {
			return err
		}
		if r, err = Named(ctx, tx, r); err == nil && r.Name.MerchantOfRecord.IsZero() { // another merchant's order
			return notFound()
		}
		return err
	})
	return r, err
}

// Named is the refund with the name of its order, as far as the caller may see it. Atomic.
func Named(ctx context.Context, tx db.TenantTx, r Refund) (Refund, error) {
	named, err := withNames(ctx, tx, []Refund{r})
	if err != nil {
		return Refund{}, err
	}
	return named[0], nil
}

// withNames reads the names of the orders of a page at once.
func withNames(ctx context.Context, tx db.TenantTx, page []Refund) ([]Refund, error) {
	orders := make([]id.Order, len(page))
	for i, r := range page {
		orders[i] = r.Order
	}
	names, err := tenants.OrderNames(ctx, tx, orders)
	for i := range page {
		page[i].Name = names[page[i].Order]
	}
	return page, err
}

// OfOrder reads a page of an order's refunds, newest first. It returns order_not_found.
func (s *Service) OfOrder(
	ctx context.Context,
	a tenants.Actor,
	order id.Order,
	page tenants.Page[id.Refund],
) (out tenants.PageOf[Refund], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.OrderGet(ctx, tx, order); db.IsNoRows(err) {
			return tenants.OrderNotFound()
		} else if err != nil {
			return fmt.Errorf("read order %s: %w", order, err)
		}
		out, err = list(ctx, tx, page, Filter{order: order})
		return err
	})
	return out, err
}

// Filter narrows a list of refunds; empty fields take all.
type Filter struct {
	Statuses []Status
	order    id.Order
}

// List reads a page of the tenant's refunds. A caller that is one merchant sees the refunds of its own orders.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Refund],
	f Filter,
) (out tenants.PageOf[Refund], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		out, err = list(ctx, tx, page, f)
		return err
	})
	return out, err
}

func list(
	ctx context.Context,
	tx db.TenantTx,
	page tenants.Page[id.Refund],
	f Filter,
) (out tenants.PageOf[Refund], err error) {
	if err := tenants.PlanAnew(ctx, tx); err != nil {
		return out, err
	}
	rows, err := q.RefundList(ctx, tx, f.rows(page))
	if err != nil {
		return out, fmt.Errorf("list refunds: %w", err)
	}
	out = tenants.Cut(page, rows, func(r dbsqlc.Refund) string { return r.ID.String() }, refundOf)
	if out.Items, err = withNames(ctx, tx, out.Items); err != nil {
		return out, err
	}
	if !page.Count {
		return out, nil
	}
	n, err := q.RefundCount(ctx, tx, f.whole(page.Whole()))
	if err != nil {
		return out, fmt.Errorf("count refunds: %w", err)
	}
	out.Total = tenants.TotalOf(n)
	return out, nil
}

// rows are the parameters of a page.
func (f Filter) rows(page tenants.Page[id.Refund]) dbsqlc.RefundListParams {
	return dbsqlc.RefundListParams{
		After:       page.Floor(),
		Before:      page.Cursor(),
		MadeFrom:    page.From,
		MadeUntil:   page.MadeUntil(),
		Statuses:    tenants.Texts(f.Statuses),
		OrderID:     uuid.UUID(f.order),
		OldestFirst: page.OldestFirst,
		PageSize:    page.Fetch(),
	}
}

// whole are the parameters that count the list.
func (f Filter) whole(page tenants.Page[id.Refund]) dbsqlc.RefundCountParams {
	p := f.rows(page)
	return dbsqlc.RefundCountParams{
		After:     p.After,
		Before:    p.Before,
		MadeFrom:  p.MadeFrom,
		MadeUntil: p.MadeUntil,
		Statuses:  p.Statuses,
		OrderID:   p.OrderID,
		AtMost:    tenants.CountFetch,
	}
}
