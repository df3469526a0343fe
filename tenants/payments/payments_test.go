package payments_test

import (
	"testing"

	"zhitong/internal/id"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/payments"
)

// TestMismatch changes each point of a trade that agrees with its payment: it is found, and named.
func TestMismatch(t *testing.T) {
	t.Parallel()
	p := payments.Payment{
		ID:     id.New[id.Payment](),
		Amount: 1999,
		AppID:  "2021000000000001",
		PID:    "2088000000000001",
		Smid:   "2088100000000001",
	}
	known := "2026112322001400000000000001"
	agreed := acquiring.Trade{
		Number:  payments.OutTradeNo(p.ID),
		TradeNo: known,
		Total:   1999,
		Account: p.AppID,
		Seller:  p.Smid,
	}
	for _, c := range []struct {
		want   string
		change func(*acquiring.Trade, *payments.Payment)
	}{
		{"", func(*acquiring.Trade, *payments.Payment) {}},
		// a query's answer does not say
		{"", func(x *acquiring.Trade, _ *payments.Payment) { x.Account, x.Seller = "", "" }},
		{"", func(x *acquiring.Trade, p *payments.Payment) { x.Seller = p.PID }},
		{"", func(_ *acquiring.Trade, p *payments.Payment) { p.TradeNo = known }},
		{"out_trade_no", func(x *acquiring.Trade, _ *payments.Payment) {
			x.Number = payments.OutTradeNo(id.New[id.Payment]())
		}},
		{"app_id", func(x *acquiring.Trade, _ *payments.Payment) { x.Account = "2021000000000002" }},
		// the tenant's app was changed since
		{"app_id", func(_ *acquiring.Trade, p *payments.Payment) { p.AppID = "2021000000000002" }},
		{"total_amount", func(x *acquiring.Trade, _ *payments.Payment) { x.Total-- }},
		{"total_amount", func(x *acquiring.Trade, _ *payments.Payment) { x.Total++ }},
		{"seller_id", func(x *acquiring.Trade, _ *payments.Payment) { x.Seller = "2088000000000999" }},
		{"trade_no", func(x *acquiring.Trade, _ *payments.Payment) { x.TradeNo = "" }},
		{"trade_no", func(x *acquiring.Trade, p *payments.Payment) { p.TradeNo = known; x.TradeNo += "1" }},
	} {
		trade, payment := agreed, p
		c.change(&trade, &payment)
		if got := payments.Mismatch(payment, trade); got != c.want {
			t.Errorf("have %q, want %q: %+v", got, c.want, trade)
		}
	}
}
