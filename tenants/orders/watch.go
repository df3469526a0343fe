package orders

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/audit"
	"zhitong/tenants/payments"
)

// The watch asks Alipay about an unpaid order soon after its creation and then at least once a minute, so that a lost
// notification is a delay of a minute. An order that waits for longer than most is asked about more seldom after that.
const (
	watchFirst    = 20 * time.Second
	watchInterval = 40 * time.Second
	watchSeldom   = 5 * time.Minute
	// backPause is the least time between two questions that returning buyers bring about.
	backPause = 5 * time.Second
	// closeGrace is how long after its expiry an order is left to a payment that is under way.
	closeGrace = 30 * time.Second
)

// Watch asks Alipay about a payment and applies the answer; when its time is up it closes the order. again says after
// how long to ask once more, zero: never. Phased; it can be run again at any time.
func (s *Service) Watch(ctx context.Context, tenant id.Tenant, payment id.Payment) (again time.Duration, err error) {
	o, acq, err := s.open(ctx, tenant, payment)
	if err != nil {
		return 0, err
	}
	if o.Status != StatusAwaitingPayment {
		return 0, nil
	}
	paid, err := s.ask(ctx, tenant, o, acq)
	if err != nil || paid {
		return 0, err
	}
	if now := s.clock.Now(); now.Before(o.ExpiresAt.Add(closeGrace)) {
		interval := watchInterval
		if now.Sub(o.CreatedAt) > PaymentWindow {
			interval = watchSeldom
		}
		return min(interval, o.ExpiresAt.Add(closeGrace).Sub(now)+time.Second), nil
	}
	return 0, s.close(ctx, tenant, o, acq, nil)
}

// BuyerBack lets the watch of a payment ask Alipay now: its buyer has come back from the cashier and may have paid.
// Many tabs and reloads are one question in backPause.
func (s *Service) BuyerBack(ctx context.Context, tenant id.Tenant, payment id.Payment) error {
	return s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return queue.Hasten(ctx, tx.Later(),
			queue.PaymentWatch{TenantID: queue.RefTo(tenant), PaymentID: queue.RefTo(payment)}, backPause)
	})
}

// open reads an order and its payment, and finds the acquirer to ask.
func (s *Service) open(
	ctx context.Context,
	tenant id.Tenant,
	payment id.Payment,
) (o Order, acq acquiring.Acquirer, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.OrderGetByPayment(ctx, tx, payment)
		if db.IsNoRows(err) {
			return tenants.OrderNotFound()
		}
		if err != nil {
			return fmt.Errorf("read payment %s: %w", payment, err)
		}
		o = orderOf(row.Order, row.Payment)
		acq, _, err = s.gateways.Acquirer(ctx, tx)
		return err
	})
	return o, acq, err
}

// ask queries the trade and applies what Alipay says. paid is also true for an order that is settled in any other way.
// A trade that Alipay does not know is a code that nobody has scanned.
func (s *Service) ask(ctx context.Context, tenant id.Tenant, o Order, acq acquiring.Acquirer) (over bool, err error) {
	s.step("before query")
	t, err := acq.Pay.Query(ctx, payments.OutTradeNo(o.Payment.ID))
	s.step("after query")
	if acquiring.IsRefused(err, acquiring.TradeAbsent) {
		return false, nil
	}
	if err != nil {
		return false, tenants.GatewayFault(err)
	}
	if t.Status == acquiring.TradeWaiting {
		return false, nil
	}
	var r Result
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		r, err = s.ApplyTrade(ctx, tx, t)
		return err
	})
	s.step("query applied")
	if err == nil && !r.Order.IsZero() {
		s.onChange(tenant, r.Order)
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
		by := audit.Actor(a)
		_, acq, err := s.open(ctx, a.Tenant, o.Payment.ID)
		if err != nil {
			return Order{}, err
		}
		if err := s.close(ctx, a.Tenant, o, acq, &by); err != nil {
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
// about: it may be paid. by is who asked for it, for the audit log; nil: the order's time is up.
func (s *Service) close(
	ctx context.Context,
	tenant id.Tenant,
	o Order,
	acq acquiring.Acquirer,
	by *audit.By,
) error {
	s.step("before close")
	err := acq.Pay.Close(ctx, payments.OutTradeNo(o.Payment.ID))
	s.step("after close")
	switch {
	case err == nil, acquiring.IsRefused(err, acquiring.TradeAbsent):
	case acquiring.IsRefused(err):
		if over, aerr := s.ask(ctx, tenant, o, acq); aerr != nil || over {
			return aerr
		}
		return tenants.GatewayFault(err)
	default:
		return tenants.GatewayFault(err)
	}
	closed := false
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		closed = false
		l, err := lockByPayment(ctx, tx, o.Payment.ID)
		if err != nil {
			return fmt.Errorf("lock the order of payment %s: %w", o.Payment.ID, err)
		}
		if l.Status != StatusAwaitingPayment {
			return nil // a callback was faster
		}
		closed = true
		if err := s.shut(ctx, tx, l); err != nil || by == nil {
			return err
		}
		return audit.Record(ctx, tx, *by, "closeOrder", "order", o.ID, "",
			tenants.Changes{}.Add("status", l.Status, StatusClosed)...)
	})
	s.step("closed")
	if err == nil && closed {
		s.onChange(tenant, o.ID)
	}
	return err
}
