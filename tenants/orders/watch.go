package orders

import (
	"context"
	"fmt"
	"time"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/payments"
)

// The watch asks Alipay about an unpaid order soon after its creation and then at least once a minute, so that a lost
// notification is a delay of a minute.
const (
	watchFirst    = 20 * time.Second
	watchInterval = 40 * time.Second
	// closeGrace is how long after its expiry an order is left to a payment that is under way.
	closeGrace = 30 * time.Second
)

// Watch asks Alipay about a payment and applies the answer; when its time is up it closes the order. again says after
// how long to ask once more, zero: never. Phased; it can be run again at any time.
func (s *Service) Watch(ctx context.Context, tenant id.Tenant, payment id.Payment) (again time.Duration, err error) {
	o, p, client, err := s.open(ctx, tenant, payment)
	if err != nil {
		return 0, err
	}
	if o.Status != StatusAwaitingPayment {
		return 0, nil
	}
	paid, err := s.ask(ctx, tenant, p, client)
	if err != nil || paid {
		return 0, err
	}
	if now := s.Clock.Now(); now.Before(o.ExpiresAt.Add(closeGrace)) {
		return min(watchInterval, o.ExpiresAt.Add(closeGrace).Sub(now)+time.Second), nil
	}
	return 0, s.close(ctx, tenant, p, client)
}

// open reads an order and its payment, and makes the client to ask Alipay with.
func (s *Service) open(
	ctx context.Context,
	tenant id.Tenant,
	payment id.Payment,
) (o dbsqlc.Order, p dbsqlc.Payment, c *alipay.Client, err error) {
	err = s.DB.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.OrderGetByPayment(ctx, tx, payment)
		if db.IsNoRows(err) {
			return tenants.OrderNotFound()
		}
		if err != nil {
			return fmt.Errorf("read payment %s: %w", payment, err)
		}
		o, p = row.Order, row.Payment
		c, _, err = s.Gateways.Client(ctx, tx)
		return err
	})
	return o, p, c, err
}

// ask queries the trade and applies what Alipay says. paid is also true for an order that is settled in any other way.
// A trade that Alipay does not know is a code that nobody has scanned.
func (s *Service) ask(
	ctx context.Context,
	tenant id.Tenant,
	p dbsqlc.Payment,
	client *alipay.Client,
) (over bool, err error) {
	s.Step("before query")
	answer, err := client.TradeQuery(ctx, alipay.TradeQueryRequest{OutTradeNo: payments.OutTradeNo(p.ID)})
	s.Step("after query")
	if alipay.IsRefused(err, "TRADE_NOT_EXIST") {
		return false, nil
	}
	if err != nil {
		return false, tenants.GatewayFault(err)
	}
	t := payments.Trade{
		OutTradeNo: answer.OutTradeNo,
		TradeNo:    answer.TradeNo,
		Status:     payments.TradeStatus(answer.TradeStatus),
		Total:      answer.TotalAmount,
		BuyerID:    buyer(answer.BuyerUserID, answer.BuyerOpenID),
		PaidAt:     answer.SendPayDate,
	}
	if t.Status == payments.TradeWaitBuyerPay {
		return false, nil
	}
	var r Result
	err = s.DB.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		r, err = s.ApplyTrade(ctx, tx, t)
		return err
	})
	s.Step("query applied")
	if err == nil && !r.Order.IsZero() {
		s.OnChange(tenant, r.Order)
	}
	return true, err
}

// Close closes an unpaid order at Alipay and here, and gives its card keys back. An order that turns out to be paid is
// delivered instead.
//
// It returns order_not_found, order_not_closable and alipay_unavailable.
func (s *Service) Close(ctx context.Context, a tenants.Actor, order id.Order) (Order, error) {
	o, err := s.Get(ctx, a, order)
	if err != nil {
		return Order{}, err
	}
	if o.Status == StatusAwaitingPayment {
		_, p, client, err := s.open(ctx, a.Tenant, o.Payment.ID)
		if err != nil {
			return Order{}, err
		}
		if err := s.close(ctx, a.Tenant, p, client); err != nil {
			return Order{}, err
		}
		if o, err = s.Get(ctx, a, order); err != nil {
			return Order{}, err
		}
	}
	if o.Status != StatusClosed {
		return Order{}, fault.New(CodeNotClosable, "The order is %s.", o.Status)
	}
	return o, nil
}

// close closes the trade first, so that nobody can pay it, and the order after. A trade that cannot be closed is asked
// about: it may be paid.
func (s *Service) close(ctx context.Context, tenant id.Tenant, p dbsqlc.Payment, client *alipay.Client) error {
	s.Step("before close")
	_, err := client.TradeClose(ctx, alipay.TradeCloseRequest{OutTradeNo: payments.OutTradeNo(p.ID)})
	s.Step("after close")
	switch {
	case err == nil, alipay.IsRefused(err, "TRADE_NOT_EXIST"):
	case alipay.IsRefused(err):
		if over, aerr := s.ask(ctx, tenant, p, client); aerr != nil || over {
			return aerr
		}
		return tenants.GatewayFault(err)
	default:
		return tenants.GatewayFault(err)
	}
	closed := false
	err = s.DB.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		closed = false
		row, err := q.OrderLockByPayment(ctx, tx, p.ID)
		if err != nil {
			return fmt.Errorf("lock the order of payment %s: %w", p.ID, err)
		}
		if row.Order.Status != StatusAwaitingPayment {
			return nil // a callback was faster
		}
		closed = true
		return s.shut(ctx, tx, row.Order, row.Payment)
	})
	s.Step("closed")
	if err == nil && closed {
		s.OnChange(tenant, p.OrderID)
	}
	return err
}
