package trades

import (
	"errors"
	"strings"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// BuyerAction is what a buyer does at the cashier.
type BuyerAction struct {
	Buyer    string // user id or login; empty: the first test buyer
	Channel  string // fund channel; empty: balance
	Password string // empty in a POST by a program means "right"
	Cancel   bool
}

// Act does to an open trade what the buyer does at the cashier. A *protocol.BizError says why it was refused.
func Act(tx *state.Tx, t *Trade, a BuyerAction) error {
	if a.Cancel {
		return nil // the buyer goes away; the trade stays open until it expires
	}
	buyer := a.Buyer
	if buyer == "" {
		buyer = "2088000000000001"
	}
	if t.Wanted != "" && a.Buyer == "" {
		buyer = t.Wanted
	}
	acc, err := state.FindAccount(tx, buyer)
	if err != nil {
		return err
	}
	if acc != nil && a.Password != "" && acc.Password != "" && a.Password != acc.Password {
		return protocol.ACQ("PAYMENT_FAIL", "支付密码错误")
	}
	channel := a.Channel
	if channel == "" {
		channel = ChannelBalance
	}
	return payTrade(tx, t, buyer, channel)
}

// ErrNoToken: the address names nothing.
var ErrNoToken = errors.New("no such cashier address")

// OfToken finds the trades that a cashier address names: one, or those of a combined payment. ErrNoToken: it names
// nothing.
func OfToken(s *state.State, tx *state.Tx, token string) ([]*Trade, error) {
	if strings.HasPrefix(token, "mrg") {
		return tradesOfMerge(tx, token)
	}
	seq := SeqOfToken(s, token)
	if seq == 0 {
		return nil, ErrNoToken
	}
	t, err := Get(tx, seq)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, ErrNoToken
	}
	return []*Trade{t}, nil
}

// openPage is page.pay, wap.pay and app.pay: the browser comes with the signed order and goes on to the cashier.
func openPage(kind string) func(c *gateway.Call) (any, error) {
	return func(c *gateway.Call) (any, error) {
		var token string
		err := c.Update(func(tx *state.Tx) error {
			want, err := newOrder(tx, c, c.Biz, kind)
			if err != nil {
				return err
			}
			t, _, err := place(tx, want)
			if err != nil {
				return err
			}
			token = CashierToken(c.State, t)
			return nil
		})
		return token, err
	}
}
