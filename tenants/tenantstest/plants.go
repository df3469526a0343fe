package tenantstest

import (
	"context"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/books"
	"zhitong/tenants/orders"
)

// Change writes into our book what the program never would.
func (r *Road) Change(statement string, args ...any) {
	r.t.Helper()
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, statement, args...); err != nil {
			r.t.Fatal(err)
		}
	})
}

// Planted is a difference of the two books that nobody tells of.
type Planted struct {
	Plant func() orders.Order
	Found []books.Kind
	Cases []vocabulary.CaseKind // none: it is booked
}

// Plants are ways in which the books come to differ without a word, and what the look makes of each.
func (r *Road) Plants() map[string]Planted {
	r.t.Helper()
	t := r.t
	acq := r.Acquirer()
	other := func() string { return "OTHER" + id.New[id.Refund]().Hex()[5:] }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	return map[string]Planted{
		"a part given back after the split": {func() orders.Order {
			o := r.Sold()
			r.RefundOutside(o, 3_00)
			return o
		}, []books.Kind{books.Refunded}, nil},
		"all given back before the split": {func() orders.Order {
			o := r.Paid(r.Order(1))
			r.RefundOutside(o, o.Total)
			return o
		}, []books.Kind{books.Refunded}, nil},
		"booked as given back and not": {func() orders.Order {
			o := r.Sold()
			r.Change("UPDATE payments SET refunded_fen = 100 WHERE id = $1", o.Payment.ID)
			return o
		}, []books.Kind{books.Refunded}, []vocabulary.CaseKind{vocabulary.CaseRefundMismatch}},
		"settled by another": {func() orders.Order {
			o := r.Paid(r.Order(1))
			must(acq.Settle.Settle(t.Context(), acquiring.Settlement{Number: other(),
				TradeNo: r.Trade(o.Payment.ID).TradeNo, Amount: o.Total}))
			return o
		}, []books.Kind{books.Settled}, []vocabulary.CaseKind{vocabulary.CaseSettlementMismatch}},
		"settled and split by another": {func() orders.Order {
			o := r.Paid(r.Order(1))
			trade := r.Trade(o.Payment.ID).TradeNo
			must(acq.Settle.Settle(t.Context(), acquiring.Settlement{Number: other(), TradeNo: trade, Amount: o.Total,
				Freeze: true}))
			_, err := acq.Settle.Split(t.Context(), acquiring.Split{Number: other(), TradeNo: trade,
				Parts: []acquiring.Part{{Amount: 1_00,
					Receiver: acquiring.Receiver{Type: acquiring.ReceiverAccount, Account: r.PID}}}})
			must(err)
			return o
		}, []books.Kind{books.Settled, books.Split},
			[]vocabulary.CaseKind{vocabulary.CaseSettlementMismatch, vocabulary.CaseSplitMismatch}},
		"another amount": {func() orders.Order {
			o := r.Sold()
			r.Change("UPDATE payments SET amount_fen = amount_fen - 1 WHERE id = $1", o.Payment.ID)
			r.Change("UPDATE payments SET refunded_fen = 0 WHERE id = $1", o.Payment.ID)
			return o
		}, []books.Kind{books.Amount}, []vocabulary.CaseKind{vocabulary.CaseAmountMismatch}},
		"paid here and closed there": {func() orders.Order {
			o := r.Order(1)
			r.Change("UPDATE payments SET status = 'paid', trade_no = 'X' || id, paid_at = $2 WHERE id = $1",
				o.Payment.ID, r.Clock.Now())
			return o
		}, []books.Kind{books.Closed}, []vocabulary.CaseKind{vocabulary.CaseCloseMismatch}},
	}
}
