// Package acquiringtest is the conformance suite of the ports in package acquiring: what the domain relies on, whoever
// the acquirer is. An adapter's tests run it against a strict stand-in of its acquirer.
package acquiringtest

import (
	"context"
	"slices"
	"testing"
	"time"

	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants/acquiring"
)

// World is an acquirer with everything around it that the suite cannot do through a port.
type World struct {
	Acquirer acquiring.Acquirer
	Now      func() time.Time
	Seller   string             // the number of a merchant of record at the acquirer
	Receiver acquiring.Receiver // one that is not bound yet, and gives back what is asked of it
	// Buy makes a buyer pay what the address of a charge asks for, and returns the message that the acquirer sends.
	Buy func(t *testing.T, c acquiring.Charge, address string) acquiring.Inbound
	// Break makes the next call end as the outcome says, after it took effect or without. Mend ends that.
	Break func(t *testing.T, c Call, o acquiring.Outcome, takesEffect bool)
	Mend  func(t *testing.T)
	// Stranger is the same acquirer under a key that it does not know.
	Stranger acquiring.Acquirer
}

// Call names what Break breaks.
type Call string

// The calls that move money.
const (
	CallSettle Call = "settle"
	CallSplit  Call = "split"
	CallRefund Call = "refund"
)

const (
	total = money.Fen(100_00)
	share = money.Fen(7_00)
)

// Run holds an acquirer to what the domain relies on.
func Run(t *testing.T, open func(t *testing.T) World) {
	t.Helper()
	for name, test := range map[string]func(*suite){
		"a payment":                              (*suite).payment,
		"nobody pays":                            (*suite).unpaid,
		"settled, split and given back":          (*suite).road,
		"a number names one thing":               (*suite).repeated,
		"a part is given back":                   (*suite).partly,
		"a refund before the settlement":         (*suite).early,
		"an unknown outcome can be asked for":    (*suite).unknown,
		"a limited call did not take effect":     (*suite).limited,
		"who is not known is not answered":       (*suite).stranger,
		"a message is believed by its signature": (*suite).forged,
		"what it can do":                         (*suite).capable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := open(t)
			test(&suite{t, t.Context(), w, w.Acquirer.Settle})
		})
	}
}

type suite struct {
	*testing.T
	ctx    context.Context
	w      World
	settle acquiring.Settle
}

func number() string { return id.New[id.Payment]().Hex() }

func (s *suite) must(what string, err error) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
}

func (s *suite) refused(what string, err error, conditions ...acquiring.Condition) {
	s.Helper()
	if !acquiring.IsRefused(err, conditions...) {
		s.Errorf("%s: %v (%s), want it refused for %v", what, err, acquiring.OutcomeOf(err), conditions)
	}
}

func (s *suite) charge(m acquiring.Method) acquiring.Charge {
	return acquiring.Charge{
		Number: number(), Method: m, Total: total, Subject: "月卡", Seller: s.w.Seller, Splits: true,
		ExpiresAt: s.w.Now().Add(15 * time.Minute), ReturnURL: "https://zhitong.example/checkout/x",
	}
}

// bought is a charge that a buyer has paid, and the acquirer's picture of it.
func (s *suite) bought(m acquiring.Method) (acquiring.Charge, acquiring.Trade, acquiring.Inbound) {
	s.Helper()
	c := s.charge(m)
	address, err := s.w.Acquirer.Pay.Prepare(s.ctx, c)
	s.must("prepare", err)
	in := s.w.Buy(s.T, c, address)
	trade, err := s.w.Acquirer.Pay.Query(s.ctx, c.Number)
	s.must("query", err)
	return c, trade, in
}

// payment: each method that it offers brings a buyer's money, and query and message tell the same of it.
func (s *suite) payment() {
	for _, m := range s.w.Acquirer.Capability.Methods {
		c, trade, in := s.bought(m)
		if !trade.Status.Paid() || trade.Number != c.Number || trade.Total != total || trade.TradeNo == "" ||
			trade.Refunded {
			s.Errorf("%s: the query says %+v", m, trade)
		}
		n, err := s.w.Acquirer.Pay.Verify(in)
		s.must("verify", err)
		if !n.Status.Paid() || n.Number != c.Number || n.Total != total || n.TradeNo != trade.TradeNo || n.ID == "" ||
			n.Account == "" {
			s.Errorf("%s: the message says %+v", m, n)
		}
		s.refused("close what was paid", s.w.Acquirer.Pay.Close(s.ctx, c.Number))
	}
}

// unpaid: a charge may be prepared twice and closed, and what nobody has begun to pay does not exist.
func (s *suite) unpaid() {
	c := s.charge(acquiring.MethodQR)
	first, err := s.w.Acquirer.Pay.Prepare(s.ctx, c)
	s.must("prepare", err)
	again, err := s.w.Acquirer.Pay.Prepare(s.ctx, c)
	s.must("prepare again", err)
	if first == "" || again == "" {
		s.Errorf("addresses %q and %q", first, again)
	}
	for _, n := range []string{c.Number, number()} {
		if trade, err := s.w.Acquirer.Pay.Query(s.ctx, n); err == nil {
			if trade.Status != acquiring.TradeWaiting {
				s.Errorf("nobody has paid, yet it is %s", trade.Status)
			}
		} else {
			s.refused("query", err, acquiring.TradeAbsent)
		}
		if err := s.w.Acquirer.Pay.Close(s.ctx, n); err != nil {
			s.refused("close", err, acquiring.TradeAbsent)
		}
	}
}

// settled is a paid and settled charge whose receiver is bound.
func (s *suite) settled() (acquiring.Charge, acquiring.Trade, acquiring.Settlement) {
	s.Helper()
	c, trade, _ := s.bought(acquiring.MethodQR)
	s.must("bind", s.settle.Bind(s.ctx, number(), s.w.Receiver))
	s.must("bind again", s.settle.Bind(s.ctx, number(), s.w.Receiver))
	r := acquiring.Settlement{
		Number: number(), TradeNo: trade.TradeNo, Amount: total, Seller: s.w.Seller, Freeze: true, Parts: s.parts(),
	}
	s.must("settle", s.settle.Settle(s.ctx, r))
	return c, trade, r
}

func (s *suite) parts() []acquiring.Part {
	return []acquiring.Part{{Receiver: s.w.Receiver, Amount: share}}
}

func (s *suite) split(trade acquiring.Trade) acquiring.Split {
	return acquiring.Split{Number: number(), TradeNo: trade.TradeNo, Seller: s.w.Seller, Parts: s.parts(),
		Note: "split"}
}

// done tells whether all of a split is, and fails the test when it is another.
func (s *suite) done(x acquiring.Split) bool {
	s.Helper()
	lines, err := s.settle.QuerySplit(s.ctx, x.Number, x.TradeNo)
	s.must("ask about the split", err)
	if len(lines) == 0 {
		return false
	}
	var sum money.Fen
	for _, l := range lines {
		if l.State != acquiring.LineDone {
			s.Errorf("a part of the split is %s: %s", l.State, l.Failure)
		}
		sum += l.Amount
	}
	if sum != share {
		s.Errorf("the parts of the split sum to %d fen", sum)
	}
	return true
}

func (s *suite) refund(c acquiring.Charge, trade acquiring.Trade, settlement string) acquiring.Refund {
	r := acquiring.Refund{
		Number: number(), TradeNo: trade.TradeNo, Amount: c.Total, Reason: "x", Seller: s.w.Seller,
		Settlement: settlement,
	}
	if settlement != "" {
		r.Parts = s.parts()
	}
	return r
}

func (s *suite) givenBack(r acquiring.Refund) bool {
	s.Helper()
	back, found, err := s.settle.QueryRefund(s.ctx, r.Number, r.TradeNo)
	s.must("ask about the refund", err)
	if found && (back.Amount != r.Amount || len(back.Failed) > 0) {
		s.Errorf("given back %+v, want %d fen", back, r.Amount)
	}
	return found
}

// lifecycle: money is released, divided and taken back, and each step can be asked for.
func (s *suite) road() {
	c, trade, settled := s.settled()
	if st := s.standing(trade); st.Refunded != 0 ||
		!slices.Equal(st.Releases, []acquiring.Release{{Number: settled.Number, Amount: total}}) {
		s.Errorf("after the settlement it stands %+v", st)
	}
	x := s.split(trade)
	if s.done(x) {
		s.Error("split before it was asked for")
	}
	_, err := s.settle.Split(s.ctx, x)
	s.must("split", err)
	if !s.done(x) {
		s.Error("not split")
	}
	r := s.refund(c, trade, settled.Number)
	if s.givenBack(r) {
		s.Error("given back before it was asked for")
	}
	s.must("refund", s.settle.Refund(s.ctx, r))
	if !s.givenBack(r) {
		s.Error("not given back")
	}
	if st := s.standing(trade); st.Refunded != total || len(st.Returned) != 1 || st.Returned[0].Amount != share ||
		st.Returned[0].Number != r.Number || !slices.Contains(st.Returned[0].Accounts, s.w.Receiver.Account) {
		s.Errorf("after the refund it stands %+v", st)
	}
	if after, err := s.w.Acquirer.Pay.Query(s.ctx, c.Number); err != nil || after.Status != acquiring.TradeClosed {
		s.Errorf("after all was given back the payment is %s, %v", after.Status, err)
	}
}

func (s *suite) standing(trade acquiring.Trade) acquiring.Standing {
	s.Helper()
	st, err := s.settle.Standing(s.ctx, trade.TradeNo)
	s.must("ask how it stands", err)
	return st
}

// partly: what went back of a payment is told in all, whenever it went back, and another amount than is left is not
// settled.
func (s *suite) partly() {
	c, trade, _ := s.bought(acquiring.MethodQR)
	back := func(want money.Fen) {
		s.Helper()
		r := s.refund(c, trade, "")
		r.Amount = share
		s.must("refund a part", s.settle.Refund(s.ctx, r))
		if st := s.standing(trade); st.Refunded != want {
			s.Errorf("%d fen are back, want %d", st.Refunded, want)
		}
	}
	back(share)
	r := acquiring.Settlement{Number: number(), TradeNo: trade.TradeNo, Amount: total, Seller: s.w.Seller}
	s.refused("settle more than is left", s.settle.Settle(s.ctx, r), acquiring.AmountDiffers)
	r.Number, r.Amount = number(), total-share
	s.must("settle what is left", s.settle.Settle(s.ctx, r))
	back(2 * share)
}

// repeated: a call that is sent again under its number moves nothing more: it is done, may be done, or has to be asked
// for.
func (s *suite) repeated() {
	c, trade, settled := s.settled()
	again := func(what string, err error) {
		s.Helper()
		if acquiring.OutcomeOf(err) == acquiring.OutcomeRefused && !acquiring.IsRefused(err, acquiring.MayBeDone) {
			s.Errorf("%s again: %v", what, err)
		}
	}
	again("settle", s.settle.Settle(s.ctx, settled))
	x := s.split(trade)
	for range 2 {
		_, err := s.settle.Split(s.ctx, x)
		again("split", err)
	}
	s.done(x)
	r := s.refund(c, trade, settled.Number)
	for range 2 {
		again("refund", s.settle.Refund(s.ctx, r))
	}
	s.givenBack(r)
	var sum money.Fen
	for _, one := range s.standing(trade).Releases {
		sum += one.Amount
	}
	if sum != total {
		s.Errorf("%d fen were settled", sum)
	}
}

// early: money that was not settled can be given back, and is not split.
func (s *suite) early() {
	c, trade, _ := s.bought(acquiring.MethodQR)
	s.must("bind", s.settle.Bind(s.ctx, number(), s.w.Receiver))
	if _, err := s.settle.Split(s.ctx, s.split(trade)); err == nil {
		s.Error("split before the settlement")
	} else {
		s.refused("split before the settlement", err, acquiring.NotSettled)
	}
	r := s.refund(c, trade, "")
	s.must("refund", s.settle.Refund(s.ctx, r))
	if !s.givenBack(r) {
		s.Error("not given back")
	}
}

// unknown: whether a call whose answer is lost took effect can be learned by its number, and then it is right to send
// it again.
func (s *suite) unknown() {
	for _, takesEffect := range []bool{false, true} {
		c, trade, settled := s.settled()
		x, r := s.split(trade), s.refund(c, trade, settled.Number)
		lost := func(call Call, send func() error, asked func() bool) {
			s.Helper()
			s.w.Break(s.T, call, acquiring.OutcomeUnknown, takesEffect)
			if o := acquiring.OutcomeOf(send()); o != acquiring.OutcomeUnknown {
				s.Errorf("%s without an answer is %s", call, o)
			}
			s.w.Mend(s.T)
			if asked() != takesEffect {
				s.Errorf("%s: the question says %t", call, !takesEffect)
			}
			if !takesEffect {
				s.must(string(call)+" after all", send())
			}
		}
		lost(CallSplit, func() error {
			_, err := s.settle.Split(s.ctx, x)
			return err
		}, func() bool { return s.done(x) })
		lost(CallRefund, func() error { return s.settle.Refund(s.ctx, r) }, func() bool { return s.givenBack(r) })
	}
}

// limited: a rate limit says when to come back, and the same number is right then.
func (s *suite) limited() {
	_, trade, _ := s.settled()
	x := s.split(trade)
	s.w.Break(s.T, CallSplit, acquiring.OutcomeLimited, false)
	_, err := s.settle.Split(s.ctx, x)
	if acquiring.OutcomeOf(err) != acquiring.OutcomeLimited || acquiring.WaitOf(err) <= 0 {
		s.Errorf("limited: %v (%s), come back after %s", err, acquiring.OutcomeOf(err), acquiring.WaitOf(err))
	}
	s.w.Mend(s.T)
	if s.done(x) {
		s.Error("a limited call took effect")
	}
	_, err = s.settle.Split(s.ctx, x)
	s.must("split", err)
}

// stranger: a key that is not known says nothing about what is asked for, and never that it is absent.
func (s *suite) stranger() {
	c, trade, settled := s.settled()
	_, err := s.w.Stranger.Pay.Query(s.ctx, c.Number)
	s.unheard("query", err)
	s.unheard("refund", s.w.Stranger.Settle.Refund(s.ctx, s.refund(c, trade, settled.Number)))
	if _, found, err := s.w.Stranger.Settle.QueryRefund(s.ctx, number(), trade.TradeNo); found || err == nil {
		s.Errorf("a stranger is told about a refund: %t, %v", found, err)
	}
}

func (s *suite) unheard(what string, err error) {
	s.Helper()
	if o := acquiring.OutcomeOf(err); o != acquiring.OutcomeUnknown &&
		!acquiring.IsRefused(err, acquiring.Unrecognized) {
		s.Errorf("%s of a stranger: %v (%s)", what, err, o)
	}
}

// forged: a message that was changed is not the acquirer's word.
func (s *suite) forged() {
	_, _, in := s.bought(acquiring.MethodQR)
	forged := slices.Clone(in.Body)
	i := slices.Index(forged, '1')
	if i < 0 {
		s.Fatal("a message without a 1")
	}
	forged[i] = '2'
	if n, err := s.w.Acquirer.Pay.Verify(acquiring.Inbound{Header: in.Header, Body: forged}); err == nil {
		s.Errorf("a changed message is believed: %+v", n)
	}
}

// capable: what it says of itself is what the domain can work with.
func (s *suite) capable() {
	c := s.w.Acquirer.Capability
	if len(c.Methods) == 0 {
		s.Errorf("it offers %+v", c)
	}
	for _, m := range c.SignedMethods {
		if !c.Offers(m) || c.Calls(m) {
			s.Errorf("%s is signed here, and is not offered so", m)
		}
	}
	most, err := s.settle.Cap(s.ctx, number())
	s.must("ask for the cap", err)
	if most <= 0 || most > 10_000 {
		s.Errorf("%d basis points may be split away", most)
	}
}
