package orders

import (
	"context"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants"
	"zhitong/tenants/refunds"
)

// RefundPlan is what a refund of an order would do at this moment.
type RefundPlan struct {
	Order            id.Order
	Amount           money.Fen      // to the buyer
	Parts            []refunds.Part // what receivers of the split give back
	MerchantOfRecord id.Merchant
	Rest             money.Fen // what the merchant of record gives back
	NeedsApproval    bool      // it is above the platform's limit
}

// PlanRefund tells who would give back how much, as Refund would plan it now, and changes nothing. It returns
// order_not_found, order_not_refundable, refund_pending and split_in_progress.
func (s *Service) PlanRefund(ctx context.Context, a tenants.Actor, order id.Order) (p RefundPlan, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		o, parts, err := lockRefundable(ctx, tx, order)
		if err != nil {
			return err
		}
		own, err := tenants.Approvals(ctx, tx)
		if err != nil {
			return err
		}
		left := o.Payment.Left()
		p = RefundPlan{Order: o.ID, Amount: left, Parts: parts, MerchantOfRecord: o.MerchantOfRecord, Rest: left,
			NeedsApproval: own.RefundLimit != nil && left > *own.RefundLimit}
		for _, part := range parts {
			p.Rest -= part.Amount
		}
		return nil
	})
	return p, err
}
