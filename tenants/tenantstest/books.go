package tenantstest

import (
	"context"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/tenants/ledger"
)

// SameBooks holds our book of a payment's order to the simulator's, account by account, and to its own rules. receivers
// are the merchants that parts of the split can have gone to.
func (s *Sandbox) SameBooks(order id.Order, payment id.Payment, mor id.Merchant, receivers ...dbsqlc.Merchant) {
	s.t.Helper()
	var have ledger.Balances
	s.In(func(ctx context.Context, tx db.TenantTx) {
		var err error
		if have, err = ledger.OrderBalances(ctx, tx, order); err != nil {
			s.t.Fatal(err)
		}
		breaches, err := ledger.Check(ctx, tx)
		if err != nil || len(breaches) > 0 {
			s.t.Errorf("breaches of the book: %+v, %v", breaches, err)
		}
	})
	for a, v := range s.simulated(payment, mor, receivers) {
		if have[a] != v {
			s.t.Errorf("%s of merchant %s: our book has %d fen, the simulator %d", a.Name, a.Merchant, have[a], v)
		}
		delete(have, a)
	}
	for a, v := range have {
		if v != 0 {
			s.t.Errorf("%s of merchant %s: our book has %d fen, the simulator nothing", a.Name, a.Merchant, v)
		}
	}
}

// simulated is the simulator's picture of a payment's money in the accounts of our book.
func (s *Sandbox) simulated(payment id.Payment, mor id.Merchant, receivers []dbsqlc.Merchant) ledger.Balances {
	s.t.Helper()
	v := s.Trade(payment)
	b := ledger.Balances{
		ledger.Buyer():        -(v.Total - v.Refunded),
		ledger.Unsettled(mor): v.Unsettled,
		ledger.Frozen(mor):    v.Frozen,
		ledger.Settled(mor):   v.Settled - v.SettleRefunded - (v.Transferred - v.TransferReturned) - v.Frozen,
	}
	account := map[string]ledger.Account{s.PID: ledger.Commission()}
	for _, m := range receivers {
		account[*m.ReceiverAccount] = ledger.Settled(m.ID)
	}
	for _, op := range v.Operations {
		switch op.Kind {
		case "transfer":
			b[account[op.To]] += op.Amount
		case "transfer_refund":
			b[account[op.From]] -= op.Amount
		}
	}
	return b
}
