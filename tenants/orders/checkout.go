package orders

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/catalog"
	"zhitong/tenants/events"
	"zhitong/tenants/fulfilment"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/payments"
	"zhitong/tenants/splits"
	"zhitong/tenants/stock"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Line is one item that is asked for.
type Line struct {
	Product  id.Product
	Quantity int32
}

// CheckoutInput is what createOrder is asked.
type CheckoutInput struct {
	Lines        []Line
	Channel      payments.Channel
	Reference    string
	BuyerContact string
	BuyerIP      string // the buyer's address of the network, as the shop tells it; empty: not told
	ReturnURL    string // empty: the buyer's page leads back nowhere
	Metadata     tenants.Metadata
	Expires      time.Duration   // how long it waits for its payment; 0: [PaymentWindow]
	Key          idempotency.Key // required
}

// Checkout makes an order, reserves its card keys and asks Alipay how it can be paid. Phased: one transaction, the
// gateway, another transaction. The same key goes on wherever an earlier call stopped; replayed says that there was
// nothing left to do.
//
// It returns invalid_request, product_not_found, merchant_not_active, order_items_not_combinable, amount_out_of_range,
// split_rule_above_cap, card_keys_sold_out, too_many_unpaid_orders, idempotency_key_reused, alipay_connection_missing,
// alipay_refused, and alipay_unavailable, after which the same request can be sent again.
func (s *Service) Checkout(ctx context.Context, a tenants.Actor, in CheckoutInput) (o Order, replayed bool, err error) {
	if err := in.check(a.Mode); err != nil {
		return Order{}, false, err
	}
	if in.Metadata, err = tenants.NewMetadata(in.Metadata); err != nil {
		return Order{}, false, err
	}
	o, acq, err := s.create(ctx, a, in, false)
	if db.Violates(err, stock.ConstraintSoldOut) { // perhaps only because keys are being sealed anew
		if held, acqHeld, herr := s.create(ctx, a, in, true); !errors.Is(herr, errNothingHeld) {
			o, acq, err = held, acqHeld, herr
		}
	}
	if db.Violates(err, idempotency.Constraint) ||
		fault.CodeOf(err) == CodeTooManyUnpaid && s.made(ctx, a, in) {
		replayed = true
		o, acq, err = s.replay(ctx, a, in)
	}
	if err != nil {
		return Order{}, replayed, tooManyUnpaid(soldOut(err))
	}
	s.step("created")
	if o.Payment.Status != payments.StatusCreated {
		return o, replayed, nil
	}
	o, err = s.prepare(ctx, a, o, acq)
	return o, false, err // what was cut off is finished now: nobody was told of this order before
}

// soldOut names the guard of card_keys that broke the transaction off.
func soldOut(err error) error {
	if db.Violates(err, stock.ConstraintSoldOut) {
		return fault.New(stock.CodeSoldOut, "Not enough card keys are left.").Because(err)
	}
	return err
}

// errNothingHeld is what create ends with when nothing could have been in its way.
var errNothingHeld = errors.New("orders: no data key is being exchanged")

// create is the first transaction: what must be known is read, then every write together with the commit. Card keys
// that are being sealed anew while a data key is exchanged are locked, and passed over like those that another order
// takes; with hold it waits for them first, and ends with errNothingHeld when there are none.
func (s *Service) create(
	ctx context.Context,
	a tenants.Actor,
	in CheckoutInput,
	hold bool,
) (o Order, acq acquiring.Acquirer, err error) {
	if in.BuyerContact != "" { // the key that seals it is there before the transaction
		if err := s.vault.ReadyFor(ctx, s.db, a.Tenant); err != nil {
			return o, acq, err
		}
	}
	err = s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) error {
		if hold {
			if exchanging, err := s.vault.Hold(ctx, tx); err != nil || !exchanging {
				return cmp.Or(err, errNothingHeld)
			}
		}
		from, err := s.originOf(ctx, a, in)
		if err != nil {
			return err
		}
		priced, err := s.price(ctx, tx, in, from)
		if err != nil {
			return err
		}
		gates, err := priced.within(from, in.Lines)
		if err != nil {
			return err
		}
		var connection tenants.Connection
		if acq, connection, err = s.gateways.AcquirerOf(ctx, tx, priced.first.ConnectionVersion); err != nil {
			return err
		}
		if o, err = s.draft(ctx, a, in, priced, connection); err != nil {
			return err
		}
		signed := !acq.Capability.Calls(in.Channel)
		if signed { // the cashier's address is made here, so nothing is left to do
			if o.Payment.PayURL, err = acq.Pay.Prepare(ctx, chargeOf(o)); err != nil {
				return fmt.Errorf("sign the cashier's address: %w", err)
			}
			o.Payment.Status = payments.StatusPending
		}
		stored := o
		if signed { // its address has the checkout address in it, which stands nowhere
			stored.Payment.PayURL = ""
		}
		return s.insert(ctx, tx, a, in, from, gates, stored)
	})
	return o, acq, err
}

// priced is what the database knows of the items, and what they cost together.
type priced struct {
	products map[id.Product]dbsqlc.CheckoutProductListRow
	total    money.Fen
	first    dbsqlc.CheckoutProductListRow // whose merchant of record and split rule version hold for all
}

func (s *Service) price(ctx context.Context, tx db.TenantTx, in CheckoutInput, from origin) (p priced, err error) {
	ids := make([]uuid.UUID, len(in.Lines))
	for i, l := range in.Lines {
		ids[i] = uuid.UUID(l.Product)
	}
	var rows []dbsqlc.CheckoutProductListRow
	err = tx.Ask(ctx, events.Ahead(tx), func(ctx context.Context, r db.Asked) (err error) {
		rows, err = q.CheckoutProductList(ctx, r, dbsqlc.CheckoutProductListParams{
			Ids: ids, CreatedBy: from.by, BuyerDigest: from.contact, BuyerNetwork: from.network,
			Lives: from.lives,
		})
		return err
	})
	if err != nil {
		return p, fmt.Errorf("read the products: %w", err)
	}
	p.products = make(map[id.Product]dbsqlc.CheckoutProductListRow, len(rows))
	for _, r := range rows {
		p.products[r.ID] = r
	}
	for i, l := range in.Lines {
		r, ok := p.products[l.Product]
		if !ok || r.Status != catalog.StatusActive {
			return p, tenants.ProductNotFound().
				At(fmt.Sprintf("/items/%d/product_id", i), "not_found", "There is no such product.")
		}
		if i == 0 {
			p.first = r
		} else if r.MerchantOfRecordID != p.first.MerchantOfRecordID ||
			r.SplitRuleVersionID != p.first.SplitRuleVersionID {
			return p, fault.New(CodeNotCombinable, "An item has another merchant of record or split rule than the "+
				"first.").
				At(fmt.Sprintf("/items/%d/product_id", i), "not_combinable", "Order it by itself.")
		}
		amount, err := r.PriceFen.Times(int64(l.Quantity))
		if err == nil {
			p.total, err = p.total.Add(amount)
		}
		if err != nil || p.total > money.Max {
			return p, fault.New(CodeAmountOutOfRange, "Price times quantity is more than Alipay takes in one payment.").
				At(fmt.Sprintf("/items/%d/quantity", i), "out_of_range", "Ask for fewer.")
		}
	}
	if p.first.MerchantStatus != "active" || p.first.Smid == "" {
		return p, fault.New(CodeMerchantNotActive, "The merchant of record cannot receive payments yet.")
	}
	return p, p.checkCap()
}

// checkCap refuses an order whose split Alipay would refuse after the buyer has paid.
func (p priced) checkCap() error {
	if len(p.first.Parts) == 0 {
		return nil
	}
	var shares []money.Share
	if err := json.Unmarshal(p.first.Parts, &shares); err != nil {
		return fmt.Errorf("read the parts of the split rule: %w", err)
	}
	return splits.CheckCap(shares, p.total, p.first.MaxSplitBps)
}

// draft puts the order together in memory, as it will be read back.
func (s *Service) draft(
	ctx context.Context,
	a tenants.Actor,
	in CheckoutInput,
	p priced,
	c tenants.Connection,
) (Order, error) {
	now := s.clock.Now()
	o := Order{
		Tenant:           a.Tenant,
		ID:               id.New[id.Order](),
		Status:           StatusAwaitingPayment,
		Total:            p.total,
		MerchantOfRecord: p.first.MerchantOfRecordID,
		SplitRuleVersion: p.first.SplitRuleVersionID,
		Reference:        in.Reference,
		BuyerContact:     tenants.NormalContact(in.BuyerContact),
		ReturnURL:        in.ReturnURL,
		Metadata:         in.Metadata,
		ExpiresAt:        now.Add(cmp.Or(in.Expires, PaymentWindow)),
		CreatedAt:        now,
		Payee:            p.first.Payee,
		generation:       1, // as the table's default
	}
	var err error
	if o.CheckoutURL, err = s.checkoutURL(ctx, o); err != nil {
		return Order{}, err
	}
	o.Payment = payments.Payment{
		ID:        id.New[id.Payment](),
		Order:     o.ID,
		Channel:   in.Channel,
		Status:    payments.StatusCreated,
		Amount:    p.total,
		AppID:     c.AppID,
		PID:       c.PID,
		Smid:      p.first.Smid,
		CreatedAt: now,
	}
	for _, l := range in.Lines {
		r := p.products[l.Product]
		amount, _ := r.PriceFen.Times(int64(l.Quantity)) // cannot overflow: price checked it
		o.Items = append(o.Items, Item{
			Product:   l.Product,
			Name:      r.Name,
			Quantity:  l.Quantity,
			UnitPrice: r.PriceFen,
			Amount:    amount,
			Kind:      r.FulfilmentKind,
			Delivery:  vocabulary.DeliveryReserved,
		})
	}
	return o, nil
}

// insert leaves every write for the commit. A key that was seen before violates idempotency.Constraint, too few card
// keys violate stock.ConstraintSoldOut, and one unpaid order too many one of unpaidConditions.
func (s *Service) insert(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	in CheckoutInput,
	from origin,
	gates []int32,
	o Order,
) error {
	if err := in.Key.ClaimNew(ctx, tx, a, "createOrder", o.ID); err != nil {
		return err
	}
	w := tx.Later()
	if err := pass(ctx, w, gates, from, in.Lines); err != nil {
		return err
	}
	sealed, err := vault.BuyerContact.SealText(ctx, tx, s.vault, o.ID, o.BuyerContact)
	if err != nil {
		return err
	}
	err = q.OrderInsert(ctx, w, dbsqlc.OrderInsertParams{
		ID:                 o.ID,
		TotalFen:           o.Total,
		MerchantOfRecordID: o.MerchantOfRecord,
		SplitRuleVersionID: o.SplitRuleVersion,
		Reference:          o.Reference,
		SealedBuyerContact: sealed,
		BuyerDigest:        from.contact,
		ReturnURL:          o.ReturnURL,
		Metadata:           o.Metadata,
		ExpiresAt:          o.ExpiresAt,
		CreatedAt:          o.CreatedAt,
		CreatedBy:          from.by,
		CreatedFrom:        a.Address,
	})
	if err != nil {
		return err
	}
	if err := insertItems(ctx, w, o); err != nil {
		return err
	}
	if err := s.kinds.Reserve(ctx, tx, o.ID, itemsOf(o)); err != nil {
		return err
	}
	p := o.Payment
	err = q.PaymentInsert(ctx, w, dbsqlc.PaymentInsertParams{
		ID:                 p.ID,
		OrderID:            o.ID,
		Channel:            p.Channel,
		Status:             p.Status,
		AmountFen:          p.Amount,
		AppID:              p.AppID,
		PID:                p.PID,
		Smid:               p.Smid,
		PayURL:             p.PayURL,
		MerchantOfRecordID: o.MerchantOfRecord,
		CreatedAt:          p.CreatedAt,
		CreatedBy:          from.by,
		BuyerNetwork:       from.network,
	})
	if err != nil {
		return err
	}
	if err := emit(ctx, tx, vocabulary.EventOrderCreated, o, o.CreatedAt); err != nil {
		return err
	}
	return queue.Insert(ctx, w, queue.Job{
		Args: queue.PaymentWatch{TenantID: queue.RefTo(a.Tenant), PaymentID: queue.RefTo(p.ID)},
		Wait: watchFirst,
	})
}

func insertItems(ctx context.Context, w dbsqlc.DBTX, o Order) error {
	in := dbsqlc.OrderItemInsertManyParams{
		OrderID:            uuid.UUID(o.ID),
		MerchantOfRecordID: uuid.UUID(o.MerchantOfRecord),
	}
	for i, it := range o.Items {
		in.Positions = append(in.Positions, int32(i+1))
		in.ProductIds = append(in.ProductIds, uuid.UUID(it.Product))
		in.ProductNames = append(in.ProductNames, it.Name)
		in.Quantities = append(in.Quantities, it.Quantity)
		in.UnitPrices = append(in.UnitPrices, int64(it.UnitPrice))
		in.Amounts = append(in.Amounts, int64(it.Amount))
		in.Kinds = append(in.Kinds, string(it.Kind))
	}
	return q.OrderItemInsertMany(ctx, w, in)
}

func itemsOf(o Order) []fulfilment.Item {
	out := make([]fulfilment.Item, len(o.Items))
	for i, it := range o.Items {
		out[i] = fulfilment.Item{
			Product:  it.Product,
			Quantity: it.Quantity,
			Kind:     it.Kind,
		}
	}
	return out
}

// made tells whether an earlier request with the same key made an order: it is shown however many are unpaid.
func (s *Service) made(ctx context.Context, a tenants.Actor, in CheckoutInput) bool {
	return s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) error {
		_, err := in.Key.Find(ctx, tx, a, "createOrder")
		return err
	}) == nil
}

// replay finds the order that an earlier request with the same key made.
func (s *Service) replay(
	ctx context.Context,
	a tenants.Actor,
	in CheckoutInput,
) (o Order, acq acquiring.Acquirer, err error) {
	err = s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) error {
		found, err := in.Key.Find(ctx, tx, a, "createOrder")
		if err != nil {
			return err
		}
		if o, err = s.read(ctx, tx, id.Order(found)); err != nil {
			return err
		}
		if acq, _, err = s.gateways.Acquirer(ctx, tx); err != nil {
			return err
		}
		return s.sign(ctx, tx, &o)
	})
	return o, acq, err
}

// prepare asks the acquirer for the address that the buyer opens and stores it. The same charge may be prepared again,
// so an unknown outcome is repeated, not queried.
func (s *Service) prepare(ctx context.Context, a tenants.Actor, o Order, acq acquiring.Acquirer) (Order, error) {
	s.step("before precreate")
	address, err := acq.Pay.Prepare(ctx, chargeOf(o))
	s.step("after precreate")
	if err != nil {
		return Order{}, tenants.GatewayFault(err)
	}
	err = s.in(ctx, a, func(ctx context.Context, tx db.TenantTx) error {
		n, err := q.PaymentSetPending(ctx, tx, address, o.Payment.ID)
		if err != nil {
			return fmt.Errorf("store the payment's address: %w", err)
		}
		if n == 0 { // the callback, or another request with this key, was faster
			o, err = s.read(ctx, tx, o.ID)
			return err
		}
		o.Payment.Status, o.Payment.PayURL = payments.StatusPending, address
		return nil
	})
	s.step("pending stored")
	return o, err
}

// chargeOf is what the acquirer is asked for. It is made from the order alone: a repetition asks for the same.
func chargeOf(o Order) acquiring.Charge {
	return acquiring.Charge{
		Number:    payments.OutTradeNo(o.Payment.ID),
		Method:    acquiring.Method(o.Payment.Channel),
		Total:     o.Total,
		Subject:   subject(o),
		Seller:    o.Payment.Smid,
		Splits:    !o.SplitRuleVersion.IsZero(),
		ExpiresAt: o.ExpiresAt,
		ReturnURL: o.CheckoutURL,
	}
}

// subject is what the buyer reads at the acquirer: the first product's name.
func subject(o Order) string {
	if len(o.Items) > 1 {
		return fmt.Sprintf("%s 等 %d 项", o.Items[0].Name, len(o.Items))
	}
	return o.Items[0].Name
}
