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
		if _, err := q.OrderGet(ctx, tx, r.Order); db.IsNoRows(err) {
			return notFound()
		} else if err != nil {
			return fmt.Errorf("read order %s: %w", r.Order, err)
		}
		return nil
	})
	return r, err
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
