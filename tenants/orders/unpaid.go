package orders

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// Unpaid orders hold card keys for nothing, so that a platform takes a bounded number of them from one origin. How near
// a bound is, the read that prices an order tells. Far from each of them nothing else is done. Near one, the order
// locks the gates of its origins with the commit, and is counted again behind them: so the bound holds however many
// come at once.
const (
	// nearBound is how near to a bound the gates are locked: more than are being created at one moment.
	nearBound = 256
	// gatesMax is how many gates a platform has; those that share one wait for each other.
	gatesMax = 1024
)

// Conditions that a commit breaks, by the field of the request that they are about.
var unpaidConditions = map[string]string{
	"unpaid_orders_per_api_key":  "",
	"unpaid_orders_per_contact":  "/buyer_contact",
	"unpaid_orders_per_buyer_ip": "/buyer_ip",
	"held_card_keys_per_product": "/items",
}

// networkPurpose is what the installation's key is used for here.
const networkPurpose = "buyer network"

// origin is where an order comes from.
type origin struct {
	by      string    // as audit names it
	contact []byte    // digest; nil: not told
	network []byte    // nil: not told
	lives   uuid.UUID // below every order that may still be unpaid
}

// unpaidMax is longer than an order waits for its payment, and then for Alipay's word that none came.
const unpaidMax = 3 * 24 * time.Hour

// originOf hashes the network of the buyer's address: an IPv4 address, or the first 64 bits of an IPv6 one. It needs
// [Service.in]. It returns invalid_request.
func (s *Service) originOf(ctx context.Context, a tenants.Actor, in CheckoutInput) (o origin, err error) {
	o.by = audit.Actor(a).ID
	if o.contact, err = s.contactDigest(ctx, a.Tenant, in.BuyerContact); err != nil {
		return o, err
	}
	o.lives = uuid.UUID(id.First[id.Order](s.clock.Now().Add(-unpaidMax)))
	if in.BuyerIP == "" {
		return o, nil
	}
	at, err := netip.ParseAddr(in.BuyerIP)
	if err != nil || at.Zone() != "" {
		return o, fault.New(tenants.CodeInvalidRequest, "The buyer's address is none of the network.").
			At("/buyer_ip", "format", "Must be an IPv4 or IPv6 address.")
	}
	at = at.Unmap()
	bits := 64
	if at.Is4() {
		bits = 32
	}
	net, err := at.Prefix(bits)
	if err != nil {
		return o, fmt.Errorf("cut the buyer's address: %w", err)
	}
	mac, err := s.vault.MAC(ctx, s.db, networkPurpose, append(a.Tenant[:], net.String()...))
	o.network = mac[:16]
	return o, err
}

// bound is one of the platform's bounds, and how far it is used.
type bound struct {
	condition, value string // of unpaidConditions; what the gate is chosen by
	most             int64
	used, more       int64
	at               string // the field, when it is a part of the condition's
}

// bounds are those that an order with these lines is under. A bound of 0 is none.
func (p priced) bounds(o origin, lines []Line) (out []bound) {
	r := p.first
	out = []bound{{"unpaid_orders_per_api_key", o.by, int64(r.UnpaidOrdersPerApiKey), r.UnpaidOfApiKey, 1, ""}}
	if o.contact != nil {
		out = append(out, bound{"unpaid_orders_per_contact", string(o.contact), int64(r.UnpaidOrdersPerContact),
			r.UnpaidOfContact, 1, ""})
	}
	if o.network != nil {
		out = append(out, bound{"unpaid_orders_per_buyer_ip", string(o.network), int64(r.UnpaidOrdersPerBuyerIp),
			r.UnpaidOfBuyerIp, 1, ""})
	}
	for i, l := range lines {
		if r := p.products[l.Product]; r.FulfilmentKind == vocabulary.FulfilCardKey {
			out = append(out, bound{"held_card_keys_per_product", l.Product.String(), int64(r.HeldCardKeysPerProduct),
				r.HeldCardKeys, int64(l.Quantity), fmt.Sprintf("/items/%d/quantity", i)})
		}
	}
	return slices.DeleteFunc(out, func(b bound) bool { return b.most == 0 })
}

// within refuses an order that is one too many already, and otherwise tells the gates that it must pass.
func (p priced) within(o origin, lines []Line) (gates []int32, err error) {
	for _, b := range p.bounds(o, lines) {
		if b.used+b.more > b.most {
			return nil, errTooManyUnpaid(b.condition, b.at)
		}
		if b.used+b.more+nearBound > b.most {
			h := fnv.New32a()
			_, _ = h.Write([]byte(b.condition + "\x00" + b.value))
			gates = append(gates, int32(h.Sum32()%gatesMax)) //nolint:gosec // below gatesMax
		}
	}
	slices.Sort(gates)
	return slices.Compact(gates), nil
}

func errTooManyUnpaid(condition, at string) error {
	err := fault.New(CodeTooManyUnpaid, "The bound %s of this platform is reached.", condition)
	if at = cmp.Or(at, unpaidConditions[condition]); at != "" {
		return err.At(at, "too_many", "Wait until an unpaid order is paid or closed.")
	}
	return err
}

// tooManyUnpaid names the condition of the bounds that broke the transaction off.
func tooManyUnpaid(err error) error {
	for condition := range unpaidConditions {
		if db.Violates(err, condition) {
			return errTooManyUnpaid(condition, "")
		}
	}
	return err
}

// pass leaves for the commit, before the order itself, what holds it to the bounds.
func pass(ctx context.Context, w dbsqlc.DBTX, gates []int32, o origin, lines []Line) error {
	if len(gates) == 0 {
		return nil
	}
	if err := q.OrderGatesLock(ctx, w, gates); err != nil {
		return fmt.Errorf("lock the gates of an order: %w", err)
	}
	sum := map[id.Product]int32{}
	in := dbsqlc.OrderUnpaidWithinParams{CreatedBy: o.by, BuyerDigest: o.contact, BuyerNetwork: o.network,
		Lives: o.lives}
	for _, l := range lines {
		sum[l.Product] += l.Quantity
	}
	for product, n := range sum {
		in.Products, in.Quantities = append(in.Products, uuid.UUID(product)), append(in.Quantities, n)
	}
	return q.OrderUnpaidWithin(ctx, w, in)
}
