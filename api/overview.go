package api

import (
	"context"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants/overview"
)

func (s *server) GetOverview(
	ctx context.Context,
	_ apigen.GetOverviewRequestObject,
) (apigen.GetOverviewResponseObject, error) {
	o, err := s.Overview.Get(ctx, authn.From(ctx))
	if err != nil {
		return nil, err
	}
	return apigen.GetOverview200JSONResponse{
		AsOf: clock.Stamp(o.AsOf), Today: figuresOf(o.Sum), Hours: each(o.Today, pointOf),
		LastWeekHours: each(o.LastWeek, pointOf), SameHours: sameHoursOf(o), Stages: stagesOf(o.Stages),
	}, nil
}

func (s *server) GetMerchantOverview(
	ctx context.Context,
	r apigen.GetMerchantOverviewRequestObject,
) (apigen.GetMerchantOverviewResponseObject, error) {
	m, err := s.Overview.Merchant(ctx, authn.From(ctx), r.MerchantID)
	if err != nil {
		return nil, err
	}
	return apigen.GetMerchantOverview200JSONResponse{
		MerchantID: m.ID, Name: m.Name, Kind: apigen.MerchantKind(m.Kind), Status: apigen.MerchantStatus(m.Status),
		CanCollect: m.CanCollect(), CanReceiveParts: m.Receives, ApplicationID: optional(m.Application),
		ApplicationStatus: optional(apigen.ApplicationStatus(m.ApplicationStatus)),
		Held: each(m.Held, func(h overview.Held) apigen.HeldMoney {
			return apigen.HeldMoney{FreedBy: clock.Stamp(h.FreedBy), Orders: h.Orders, AmountFen: h.Amount}
		}),
		AsOf: clock.Stamp(m.AsOf), Today: figuresOf(m.Sum), Hours: each(m.Today, pointOf),
		LastWeekHours: each(m.LastWeek, pointOf), SameHours: sameHoursOf(m.Overview), Stages: stagesOf(m.Stages),
	}, nil
}

func (s *server) GetTimeSeries(
	ctx context.Context,
	r apigen.GetTimeSeriesRequestObject,
) (apigen.GetTimeSeriesResponseObject, error) {
	in := overview.Question{
		Of:   overview.Scope{Merchant: value(r.Params.MerchantID), Product: value(r.Params.ProductID)},
		Span: overview.Daily, From: time.Time(r.Params.From), Until: time.Time(r.Params.Until),
	}
	if word(r.Params.Interval) == string(overview.Hourly) {
		in.Span = overview.Hourly
	}
	if c := word(r.Params.Compare); c != "" {
		in.Compare = overview.Comparison(c)
	}
	t, err := s.Overview.Series(ctx, authn.From(ctx), in)
	if err != nil {
		return nil, err
	}
	out := apigen.GetTimeSeries200JSONResponse{AsOf: clock.Stamp(t.AsOf), Data: each(t.Points, pointOf),
		Total: figuresOf(t.Sum)}
	if t.Compared != nil {
		before, compared := figuresOf(t.Before), each(t.Compared, pointOf)
		out.Compared, out.ComparedTotal = &compared, &before
	}
	return out, nil
}

func (s *server) ListTop(ctx context.Context, r apigen.ListTopRequestObject) (apigen.ListTopResponseObject, error) {
	const usual = 10
	in := overview.TopQuestion{Merchants: word(r.Params.Of) == "merchants", ByOrders: word(r.Params.By) == "orders",
		Merchant: value(r.Params.MerchantID), From: time.Time(r.Params.From), Until: time.Time(r.Params.Until),
		Limit: usual}
	if r.Params.Limit != nil {
		in.Limit = int(*r.Params.Limit)
	}
	ranked, asOf, err := s.Overview.Top(ctx, authn.From(ctx), in)
	if err != nil {
		return nil, err
	}
	return apigen.ListTop200JSONResponse{AsOf: clock.Stamp(asOf),
		Data: each(ranked, func(t overview.Ranked) apigen.Ranked {
			kind := "product"
			if in.Merchants {
				kind = "merchant"
			}
			return apigen.Ranked{SubjectID: id.TextOf(kind, t.ID), Name: t.Name, OrdersCreated: t.Created,
				OrdersPaid: t.Paid, Refunds: t.Refunds, TurnoverFen: t.Turnover, RefundedFen: t.Refunded}
		})}, nil
}

func (s *server) ListTodos(
	ctx context.Context, _ apigen.ListTodosRequestObject,
) (apigen.ListTodosResponseObject, error) {
	todos, err := s.Overview.Todos(ctx, authn.From(ctx), overview.May{
		Cases: s.may(ctx, "listCases"), Splits: s.may(ctx, "getOrderSplit"),
		Endpoints: s.may(ctx, "listWebhookEndpoints"), Stock: s.may(ctx, "getStock"),
		Applications: s.may(ctx, "getApplication"), Approvals: s.may(ctx, "approveApproval"),
	})
	if err != nil {
		return nil, err
	}
	return apigen.ListTodos200JSONResponse{Data: each(todos, func(t overview.Todo) apigen.Todo {
		out := apigen.Todo{Kind: apigen.TodoKind(t.Kind), CaseKind: optional(apigen.CaseKind(t.CaseKind)),
			Count: t.Count, SubjectIds: each(t.Subjects, t.Text)}
		if !t.Oldest.IsZero() {
			out.OldestAt = clock.StampOf(&t.Oldest)
		}
		return out
	})}, nil
}

func figuresOf(f overview.Figures) apigen.Figures {
	return apigen.Figures{
		OrdersCreated: f.Created, OrdersPaid: f.Paid, OrdersDelivered: f.Delivered, OrdersClosed: f.Closed,
		Refunds: f.Refunds, CreatedPaid: f.WonPaid, CreatedDelivered: f.WonDelivered, CreatedSplit: f.WonSplit,
		SuccessRateBps: successOf(f), TurnoverFen: f.Turnover, RefundedFen: f.Refunded, SettledFen: f.Settled,
		CommissionFen: f.Commission, OthersFen: f.Others,
	}
}

func pointOf(p overview.Point) apigen.FiguresPoint {
	f := figuresOf(p.Figures)
	return apigen.FiguresPoint{
		At: clock.Stamp(p.At), OrdersCreated: f.OrdersCreated, OrdersPaid: f.OrdersPaid,
		OrdersDelivered: f.OrdersDelivered, OrdersClosed: f.OrdersClosed, Refunds: f.Refunds,
		CreatedPaid: f.CreatedPaid, CreatedDelivered: f.CreatedDelivered, CreatedSplit: f.CreatedSplit,
		SuccessRateBps: f.SuccessRateBps, TurnoverFen: f.TurnoverFen, RefundedFen: f.RefundedFen,
		SettledFen: f.SettledFen, CommissionFen: f.CommissionFen, OthersFen: f.OthersFen,
	}
}

// successOf is how many of the orders were paid, in basis points; nil: there were none.
func successOf(f overview.Figures) *int32 {
	if f.Created == 0 {
		return nil
	}
	bps := int32(f.WonPaid * int64(money.Whole) / f.Created) //nolint:gosec // at most the whole
	return &bps
}

func sameHoursOf(o overview.Overview) apigen.SameHours {
	return apigen.SameHours{Until: clock.Stamp(o.ComparedUntil), Today: figuresOf(o.Whole),
		LastWeek: figuresOf(o.LastWeekToHere)}
}

func stagesOf(s overview.Stages) apigen.MoneyStages {
	return apigen.MoneyStages{UnsettledFen: s.Unsettled, FrozenFen: s.Frozen, SettledFen: s.Settled,
		CommissionFen: s.Commission, OthersFen: s.Others}
}
