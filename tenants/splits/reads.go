package splits

import (
	"context"
	"fmt"
	"strings"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// OrderSplit is the settlement of an order's payment and how it was split.
type OrderSplit struct {
	Order      id.Order
	Settlement Settlement
	Split      *Split    // nil: nothing is split away
	Kept       money.Fen // by the merchant of record, after the parts and what the buyer has back

	Name tenants.OrderName // of the order
}

// Settlement is the release of a payment's money to its merchant of record.
type Settlement struct {
	ID        id.Settlement
	Status    vocabulary.SettlementStatus
	Amount    money.Fen
	Reason    string
	CreatedAt time.Time
	DoneAt    *time.Time
}

// Split is what was given away of a settlement.
type Split struct {
	ID       id.Split
	Status   vocabulary.SplitStatus
	SettleNo string // Alipay's number; may be empty when the answer was lost
	Reason   string
	Parts    []Part
}

// Part is one receiver's part.
type Part struct {
	Receiver vocabulary.SplitReceiver
	Merchant id.Merchant
	Name     string // of the merchant, as it is now
	Account  string // masked
	Amount   money.Fen
	Returned money.Fen // by a refund
}

// OfOrder reads how an order's payment was settled and split. It returns order_not_found, and split_not_found before
// the settlement began.
func (s *Service) OfOrder(ctx context.Context, a tenants.Actor, order id.Order) (out OrderSplit, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.OrderGet(ctx, tx, order); db.IsNoRows(err) {
			return tenants.OrderNotFound()
		} else if err != nil {
			return fmt.Errorf("read the order: %w", err)
		}
		row, err := q.SettlementGetByOrder(ctx, tx, order)
		if db.IsNoRows(err) {
			return fault.New(CodeSplitNotFound, "The order's payment is not being settled yet.")
		}
		if err != nil {
			return fmt.Errorf("read the settlement: %w", err)
		}
		st, left := row.Settlement, money.Fen(row.LeftFen)
		sp, err := q.SplitGet(ctx, tx, st.PaymentID)
		if db.IsNoRows(err) {
			out, err = named(ctx, tx, orderSplitOf(st, left, nil, nil))
			return err
		}
		if err != nil {
			return fmt.Errorf("read the split: %w", err)
		}
		parts, err := partsOfSplit(ctx, tx, s.vault, sp.ID)
		if err != nil {
			return err
		}
		out, err = named(ctx, tx, orderSplitOf(st, left, &sp, parts).seenBy(a))
		return err
	})
	return out, err
}

func named(ctx context.Context, tx db.TenantTx, split OrderSplit) (OrderSplit, error) {
	page, err := withNames(ctx, tx, []OrderSplit{split})
	if err != nil {
		return OrderSplit{}, err
	}
	return page[0], nil
}

// withNames reads the names of the orders and of the receivers of a page, each at once.
func withNames(ctx context.Context, tx db.TenantTx, page []OrderSplit) ([]OrderSplit, error) {
	orders, merchants := make([]id.Order, len(page)), []id.Merchant{}
	for i, o := range page {
		orders[i] = o.Order
		if o.Split == nil {
			continue
		}
		for _, p := range o.Split.Parts {
			if !p.Merchant.IsZero() {
				merchants = append(merchants, p.Merchant)
			}
		}
	}
	names, err := tenants.OrderNames(ctx, tx, orders)
	if err != nil {
		return nil, err
	}
	receivers, err := tenants.MerchantNames(ctx, tx, merchants)
	if err != nil {
		return nil, err
	}
	for i, o := range page {
		page[i].Name = names[o.Order]
		if o.Split == nil {
			continue
		}
		for j, p := range o.Split.Parts {
			o.Split.Parts[j].Name = receivers[p.Merchant]
		}
	}
	return page, nil
}

func partOf(p part) Part {
	return Part{
		Receiver: p.Receiver,
		Merchant: p.MerchantID,
		Account:  Mask(p.account),
		Amount:   p.AmountFen,
		Returned: p.ReturnedFen,
	}
}

// Mask hides the middle of an Alipay account: 2088********0099, 138****5678, z***@example.com.
func Mask(account string) string {
	if name, host, ok := strings.Cut(account, "@"); ok && name != "" {
		first := string([]rune(name)[:1])
		return first + "***@" + host
	}
	r := []rune(account)
	if len(r) < 8 {
		return strings.Repeat("*", len(r))
	}
	head, tail := 3, 4
	if len(r) >= 14 {
		head = 4
	}
	return string(r[:head]) + strings.Repeat("*", len(r)-head-tail) + string(r[len(r)-tail:])
}
