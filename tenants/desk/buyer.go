package desk

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/audit"
	"zhitong/tenants/payments"
)

// Trade is how a payment stands at the simulator. What the order makes of it comes by notification, a moment later.
type Trade struct {
	Order   id.Order
	Payment id.Payment
	Status  vocabulary.SandboxTradeStatus
	TradeNo string // empty until a buyer has opened it
	Amount  money.Fen
	Refused string // Alipay's code for a payment that failed; empty: none did
}

// Alipay's codes for what a buyer runs into (alipay.trade.pay, error codes).
var failures = map[vocabulary.SandboxFailure]string{
	vocabulary.FailureBalance: "ACQ.BUYER_BALANCE_NOT_ENOUGH",
	vocabulary.FailureLimit:   "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR",
	vocabulary.FailureBlocked: "ACQ.BUYER_ENABLE_STATUS_FORBID",
	vocabulary.FailureRisk:    "ACQ.PAYMENT_REQUEST_HAS_RISK",
}

// fund_channel of the ways a buyer pays.
var channels = map[vocabulary.SandboxChannel]string{
	vocabulary.SandboxBalance:  "ALIPAYACCOUNT",
	vocabulary.SandboxHuabei:   "PCREDIT",
	vocabulary.SandboxBankCard: "BANKCARD",
}

// Pay pays an order as its buyer. It returns order_not_found, sandbox_only, simulator_refused and sandbox_unavailable.
func (s *Service) Pay(ctx context.Context, a tenants.Actor, order id.Order, by vocabulary.SandboxChannel) (Trade,
	error) {
	p, err := s.payment(ctx, a, order, "paySandboxOrder", string(by))
	if err != nil {
		return Trade{}, err
	}
	if _, err := s.c.Desk.Refuse(ctx, p.app, p.number, ""); err != nil { // of a failure before
		return Trade{}, told(err)
	}
	t, err := s.c.Desk.Pay(ctx, p.app, p.number, channels[by])
	if err != nil {
		return Trade{}, told(err)
	}
	return p.trade(t), nil
}

// FailPayment has the buyer of an order try to pay in vain; the order waits on. A crash in between leaves a payment
// that fails on every try until Pay. It returns order_not_found, sandbox_only, simulator_refused and
// sandbox_unavailable.
func (s *Service) FailPayment(ctx context.Context, a tenants.Actor, order id.Order,
	why vocabulary.SandboxFailure) (Trade, error) {
	p, err := s.payment(ctx, a, order, "failSandboxPayment", string(why))
	if err != nil {
		return Trade{}, err
	}
	code := failures[why]
	if _, err := s.c.Desk.Refuse(ctx, p.app, p.number, code); err != nil {
		return Trade{}, told(err)
	}
	_, refused := s.c.Desk.Pay(ctx, p.app, p.number, "")
	if err := asWanted(refused, code); err != nil {
		return Trade{}, err
	}
	t, err := s.c.Desk.Refuse(ctx, p.app, p.number, "")
	if err != nil {
		return Trade{}, told(err)
	}
	out := p.trade(t)
	out.Refused = code
	return out, nil
}

// Complain sends a buyer's complaint about a paid order. It returns order_not_found, sandbox_only, simulator_refused
// and sandbox_unavailable.
func (s *Service) Complain(ctx context.Context, a tenants.Actor, order id.Order, reason, content string) (string,
	error) {
	p, err := s.payment(ctx, a, order, "sendSandboxComplaint", "")
	if err != nil {
		return "", err
	}
	number, err := s.c.Desk.Complain(ctx, zft.DeskComplaint{AppID: p.app, Trade: p.number, Reason: reason,
		Content: content})
	if err != nil {
		return "", told(err)
	}
	return number, nil
}

// payment is a payment of the tenant and what the simulator knows it by.
type payment struct {
	order  id.Order
	id     id.Payment
	app    string
	number string
}

// payment finds the payment of an order and sees that the simulator has it for the tenant's own application. The audit
// log says what is about to be done.
func (s *Service) payment(ctx context.Context, a tenants.Actor, order id.Order, operation, detail string) (p payment,
	err error) {
	err = a.In(ctx, s.c.DB, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.SandboxPayment(ctx, tx, order)
		if db.IsNoRows(err) {
			return tenants.OrderNotFound()
		}
		if err != nil {
			return fmt.Errorf("read the order's payment: %w", err)
		}
		app, err := s.app(ctx, tx)
		if err != nil {
			return err
		}
		if r.AppID != app {
			return fault.New(CodeSandboxOnly, "The order was made with another application.")
		}
		p = payment{order, r.ID, app, payments.OutTradeNo(r.ID)}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "order", order, detail)
	})
	if err != nil {
		return payment{}, err
	}
	t, err := s.c.Desk.Trade(ctx, p.app, p.number)
	if err != nil {
		return payment{}, told(err)
	}
	if t.AppID != p.app {
		return payment{}, fault.New(CodeSandboxOnly, "The simulator has this payment for another application.")
	}
	return p, nil
}

func (p payment) trade(t zft.DeskTrade) Trade {
	out := Trade{Order: p.order, Payment: p.id, TradeNo: t.TradeNo, Amount: t.Total,
		Status: vocabulary.SandboxTradeAwaiting}
	switch t.Status {
	case "TRADE_SUCCESS", "TRADE_FINISHED":
		out.Status = vocabulary.SandboxTradePaid
	case "TRADE_CLOSED":
		out.Status = vocabulary.SandboxTradeClosed
	}
	return out
}
