package splits

import (
	"context"
	"errors"
	"fmt"

	"zhitong/db"
	"zhitong/internal/money"
	"zhitong/tenants"
)

// Simulation is what a rule would do, by Alipay's cap of today.
type Simulation struct {
	MaxSplit money.BasisPoints
	Rates    money.BasisPoints // that the parts add up to
	Payments []SimulatedPayment
}

// SimulatedPayment is how one payment would be split.
type SimulatedPayment struct {
	Amount   money.Fen
	Parts    []money.Fen // in the order of the rule; empty when they are more than there is
	Kept     money.Fen   // by the merchant of record
	AboveCap bool        // an order of this amount would be refused
}

// Simulate computes payments as Create would have them split, to the fen, and writes nothing. Phased as Create.
//
// It returns invalid_request, merchant_not_found, receiver_missing, alipay_unavailable and alipay_connection_missing.
func (s *Service) Simulate(ctx context.Context, a tenants.Actor, parts []PartRule, amounts []money.Fen) (
	out Simulation, err error) {
	if err := checkParts(parts); err != nil {
		return out, err
	}
	if out.MaxSplit, err = s.limit(ctx, a.Tenant); err != nil {
		return out, err
	}
	if err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		return s.checkReceivers(ctx, tx, parts)
	}); err != nil {
		return out, err
	}
	shares := sharesOf(parts)
	for _, p := range parts {
		out.Rates += p.Rate
	}
	for _, amount := range amounts {
		p := SimulatedPayment{Amount: amount, AboveCap: CheckCap(shares, amount, out.MaxSplit) != nil}
		p.Parts, p.Kept, err = money.Split(amount, shares)
		if errors.Is(err, money.ErrShares) { // the parts are more than the payment
			p.Parts, p.Kept = nil, 0
		} else if err != nil {
			return out, fmt.Errorf("split %d fen: %w", amount, err)
		}
		out.Payments = append(out.Payments, p)
	}
	return out, nil
}
