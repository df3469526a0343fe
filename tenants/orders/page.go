package orders

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/mask"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/payments"
	"zhitong/tenants/shops"
	"zhitong/tenants/stock"
)

// seenSpan is how long after an audited view of the buyer's page the next one is audited.
const seenSpan = time.Hour

// CheckoutView is what the buyer sees who holds the checkout address.
type CheckoutView struct {
	Order
	CardKeys   []stock.Revealed // once delivered, for who asks and for who has seen the page before
	Hidden     bool             // there are card keys, and they wait to be asked for
	Visitor    string           // who brings it along sees the card keys without asking; to be given with care
	ShownUntil time.Time        // when the page stops to show them; zero before delivery
	CodeTo     string           // the masked address that a code can be sent to which opens an ended page; empty: none
	Platform   string           // the tenant's name
	Brand      shops.Shop       // how it looks
	Sandbox    bool             // no real money is paid
}

// Over tells whether the card keys were delivered and are not shown any more.
func (v CheckoutView) Over(now time.Time) bool {
	return v.Status == StatusDelivered && !now.Before(v.ShownUntil)
}

// Standing is how an order stands for who follows it.
type Standing struct {
	Status     Status
	Generation int32 // of its checkout address
}

// Generation tells the order's checkout address from those before it: each renewal makes a new one.
func (o Order) Generation() int32 { return o.generation }

// Standings reads how orders of a tenant stand, in one round trip. Orders that are not there, and those of a platform
// that is not active, are left out.
func (s *Service) Standings(
	ctx context.Context,
	tenant id.Tenant,
	of []id.Order,
) (map[id.Order]Standing, error) {
	ids := make([]uuid.UUID, len(of))
	for i, o := range of {
		ids[i] = uuid.UUID(o)
	}
	var out map[id.Order]Standing
	err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.OrderStandingList(ctx, tx, ids)
		if err != nil {
			return fmt.Errorf("read how orders stand: %w", err)
		}
		out = make(map[id.Order]Standing, len(rows))
		for _, r := range rows {
			out[r.ID] = Standing{r.Status, r.CheckoutGeneration}
		}
		return nil
	})
	return out, err
}

// Look is how a checkout page is looked at.
type Look struct {
	Page    bool   // what the page shows, not only how the order stands
	Asked   bool   // the card keys are asked for, which no preview of a link does
	Visitor string // what an earlier look at the page was given; empty: nothing
	Address string // of the client, for the audit log
}

// ByCheckoutToken reads the order that a checkout address names. With Page, it has what the page needs besides: how to
// pay, and the card keys once they are delivered, for as many days as the tenant says, when they are asked for or the
// page was looked at before. The first view of card keys is audited, and after that one an hour. Whatever is wrong with
// a token, the answer is order_not_found; a right one of a tenant that is suspended or closed is tenant_not_active.
func (s *Service) ByCheckoutToken(ctx context.Context, tok string, look Look) (v CheckoutView, err error) {
	tenant, order, secret, ok := parseToken(tok)
	if !ok {
		return v, tenants.OrderNotFound()
	}
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return v, err
	}
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		v = CheckoutView{}
		if v, err = s.viewed(ctx, tx, order, secret); err != nil || !look.Page {
			return err
		}
		if v.Status == StatusAwaitingPayment {
			return s.sign(ctx, tx, &v.Order)
		}
		if v.Status != StatusDelivered || v.Over(s.clock.Now()) {
			return nil
		}
		if v.Hidden = !look.Asked && !sameSecret([]byte(v.Visitor), []byte(look.Visitor)); v.Hidden {
			return nil
		}
		v.CardKeys, err = s.seen(ctx, tx, v.Order, look.Address)
		return err
	})
	return v, err
}

// viewed reads the order and its platform, and holds the secret of an address to them.
func (s *Service) viewed(
	ctx context.Context,
	tx db.TenantTx,
	order id.Order,
	secret []byte,
) (v CheckoutView, err error) {
	var platform dbsqlc.Tenant
	err = tx.Ask(ctx, func(ctx context.Context, r db.Asked) (err error) {
		v.Order, err = s.readSealed(ctx, r, order)
		return err
	}, func(ctx context.Context, r db.Asked) (err error) {
		if platform, err = q.TenantGet(ctx, r); db.IsNoRows(err) {
			return tenants.OrderNotFound() // a made-up token
		}
		return err
	}, func(ctx context.Context, r db.Asked) (err error) {
		v.Brand, err = shops.Ask(ctx, r)
		return err
	})
	if err != nil {
		return CheckoutView{}, fmt.Errorf("read order %s and its platform: %w", order, err)
	}
	if err := s.holds(ctx, v.Order, secret); err != nil {
		return CheckoutView{}, err
	}
	if err := s.openContact(ctx, tx, &v.Order); err != nil {
		return CheckoutView{}, err
	}
	if err := active(platform); err != nil {
		return CheckoutView{}, err
	}
	if v.Visitor, err = s.visitorOf(ctx, v.Order); err != nil {
		return CheckoutView{}, err
	}
	v.Platform, v.Sandbox = platform.Name, platform.Mode == tenants.ModeSandbox
	if since := v.DeliveredAt; since != nil {
		if v.renewedAt != nil && v.renewedAt.After(*since) {
			since = v.renewedAt
		}
		v.ShownUntil = since.AddDate(0, 0, int(platform.CardKeysShownDays))
	}
	if v.Over(s.clock.Now()) {
		v.CodeTo = mask.Contact(s.mailable(v.BuyerContact))
	}
	return v, nil
}

// holds tells whether the secret is that of the order's address; when not, there is no such order.
func (s *Service) holds(ctx context.Context, o Order, secret []byte) error {
	right, err := s.secretOf(ctx, o)
	if err == nil && !sameSecret(right, secret) {
		err = tenants.OrderNotFound()
	}
	return err
}

// active tells whether card keys of the platform are shown to anybody.
func active(platform dbsqlc.Tenant) error {
	if platform.Status != tenants.StatusActive {
		return fault.New(tenants.CodeNotActive, "The platform is %s.", platform.Status)
	}
	return nil
}

// seen opens the card keys for the buyer, and audits the first view and after that one each seenSpan: a page that is
// opened a thousand times fills no audit log.
func (s *Service) seen(ctx context.Context, tx db.TenantTx, o Order, address string) ([]stock.Revealed, error) {
	keys, err := s.stock.Reveal(ctx, tx, o.ID)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	n, err := q.OrderCardKeysSeen(ctx, tx, now, o.ID, now.Add(-seenSpan))
	if err != nil {
		return nil, fmt.Errorf("note that the card keys of order %s were seen: %w", o.ID, err)
	}
	if n == 0 {
		return keys, nil
	}
	return keys, recordReveal(ctx, tx, o, audit.Buyer(o.ID.String(), address), "checkout", keys)
}

// sign makes the cashier's address of a payment that needs only a signature. It is not stored, for it has the checkout
// address in it.
func (s *Service) sign(ctx context.Context, tx db.TenantTx, o *Order) error {
	if o.Payment.Status != payments.StatusPending || o.Payment.PayURL != "" {
		return nil
	}
	acq, _, err := s.gateways.Acquirer(ctx, tx)
	if err != nil {
		return err
	}
	if acq.Capability.Calls(o.Payment.Channel) {
		return nil
	}
	if o.Payment.PayURL, err = acq.Pay.Prepare(ctx, chargeOf(*o)); err != nil {
		return fmt.Errorf("sign the cashier's address: %w", err)
	}
	return nil
}

// RenewCheckout gives the order a fresh checkout address: every older one ends, and the card keys are shown again for
// as many days as the tenant says. It returns order_not_found.
func (s *Service) RenewCheckout(ctx context.Context, a tenants.Actor, order id.Order) (o Order, err error) {
	now := s.clock.Now()
	err = s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) error {
		n, err := q.OrderRenewCheckout(ctx, tx, &now, order)
		if err != nil {
			return fmt.Errorf("renew the checkout address of order %s: %w", order, err)
		}
		if n == 0 {
			return tenants.OrderNotFound()
		}
		if o, err = s.read(ctx, tx, order); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "renewCheckoutURL", "order", order, "")
	})
	if err == nil {
		s.onChange(a.Tenant, order)
	}
	return o, err
}
