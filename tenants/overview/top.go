package overview

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// Ranked is a product or a merchant with what it sold.
type Ranked struct {
	ID       uuid.UUID
	Name     string
	Created  int64
	Paid     int64
	Refunds  int64
	Turnover money.Fen
	Refunded money.Fen
}

// TopQuestion is what is to be ranked, and by what.
type TopQuestion struct {
	Merchants   bool // otherwise products
	ByOrders    bool // otherwise by turnover
	Merchant    id.Merchant
	From, Until time.Time // widened to whole days
	Limit       int
}

// Top reads which products or merchants sold most. A caller that is one merchant reads its own.
func (s *Service) Top(ctx context.Context, a tenants.Actor, in TopQuestion) (out []Ranked, asOf time.Time, err error) {
	if in.Merchant, err = own(a, in.Merchant); err != nil {
		return nil, asOf, err
	}
	from, until, err := whole(Daily, in.From, in.Until)
	if err != nil {
		return nil, asOf, err
	}
	limit := int32(min(max(in.Limit, 1), TopMax)) //nolint:gosec // few
	asOf, err = s.with(ctx, a, func(r *reading, _ db.TenantTx) []func(context.Context, db.Asked) error {
		return []func(context.Context, db.Asked) error{func(ctx context.Context, asked db.Asked) error {
			out = []Ranked{}
			if in.Merchants {
				rows, err := q.OverviewTopMerchants(ctx, asked, dbsqlc.OverviewTopMerchantsParams{Starts: from,
					Ends: until, Passed: r.passed, Upto: beyond(), Tail: r.tail, ByOrders: in.ByOrders, AtMost: limit})
				for _, row := range rows {
					r.see(row.Passed)
					out = append(out, Ranked{row.ID, row.Name, row.Created, row.Paid, row.Refunds,
						money.Fen(row.TurnoverFen), money.Fen(row.RefundedFen)})
				}
				return failed("rank the merchants", err)
			}
			rows, err := q.OverviewTopProducts(ctx, asked, dbsqlc.OverviewTopProductsParams{
				Merchant: in.Merchant.UUID(), Starts: from, Ends: until, Passed: r.passed, Upto: beyond(), Tail: r.tail,
				ByOrders: in.ByOrders, AtMost: limit})
			for _, row := range rows {
				r.see(row.Passed)
				out = append(out, Ranked{row.ID, row.Name, row.Created, row.Paid, row.Refunds,
					money.Fen(row.TurnoverFen), money.Fen(row.RefundedFen)})
			}
			return failed("rank the products", err)
		}}
	})
	return out, asOf, err
}

func failed(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// frozenMax is how long Alipay keeps money frozen that is not split.
const frozenMax = 30 * day

// heldMax bounds the days of held money in an answer.
const heldMax = 60

// Held is money that is frozen until it is split, by when Alipay frees it at the latest.
type Held struct {
	FreedBy time.Time // the day
	Orders  int64
	Amount  money.Fen
}

// MerchantOverview is how a merchant does.
type MerchantOverview struct {
	Overview
	ID                id.Merchant
	Name              string
	Kind              vocabulary.MerchantKind
	Status            vocabulary.MerchantStatus
	Collects          bool // Alipay has approved it: money can be paid to it
	Receives          bool // it is bound as a receiver of parts
	Application       id.Application
	ApplicationStatus vocabulary.ApplicationStatus
	Held              []Held
}

// CanCollect tells whether buyers can pay the merchant.
func (m MerchantOverview) CanCollect() bool {
	return m.Collects && m.Status == vocabulary.MerchantActive
}

// Merchant reads how a merchant does. It returns merchant_not_found.
func (s *Service) Merchant(ctx context.Context, a tenants.Actor, m id.Merchant) (out MerchantOverview, err error) {
	out.Overview, err = s.today(ctx, a, m, func(ctx context.Context, asked db.Asked) error {
		row, err := q.OverviewMerchant(ctx, asked, m)
		if db.IsNoRows(err) {
			return tenants.MerchantNotFound()
		}
		if err != nil {
			return fmt.Errorf("read the merchant: %w", err)
		}
		held, err := q.OverviewHeldMoney(ctx, asked, m.UUID(), heldMax)
		if err != nil {
			return fmt.Errorf("read what is frozen: %w", err)
		}
		out.ID, out.Name, out.Kind, out.Status = m, row.Name, row.Kind, row.Status
		out.Collects, out.Receives = row.Collects, row.Receives
		out.Application, out.ApplicationStatus = row.ApplicationID,
			vocabulary.ApplicationStatus(row.ApplicationStatus)
		out.Held = []Held{}
		for _, h := range held {
			out.Held = append(out.Held, Held{h.SettledOn.Add(frozenMax), h.Orders, money.Fen(h.AmountFen)})
		}
		return nil
	})
	return out, err
}
