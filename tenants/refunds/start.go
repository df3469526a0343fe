package refunds

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants/ledger"
)

// NoneUnderWay returns refund_pending when money of the order is on its way back, or may have gone back without us. The
// caller has locked the order and the payment. Atomic.
func NoneUnderWay(ctx context.Context, tx db.TenantTx, order id.Order, payment id.Payment) error {
	pending, err := q.RefundPending(ctx, tx, order)
	if err != nil {
		return fmt.Errorf("look for a refund of order %s: %w", order, err)
	}
	if pending {
		return fault.New(CodePending, "A refund of this order is under way.")
	}
	reconciling, err := ledger.Reconciling(ctx, tx, payment)
	if err != nil {
		return err
	}
	if reconciling {
		return fault.New(CodePending, "A refund that was made at Alipay is being booked.")
	}
	return nil
}

// Input is a refund that is to be started.
type Input struct {
	ID               id.Refund
	Order            id.Order
	Payment          id.Payment
	MerchantOfRecord id.Merchant // of the order
	Amount           money.Fen   // what is left of the payment
	Reason           string
	Plan             []Part // what receivers of its split give back; the merchant of record gives the rest
	At               time.Time
}

// Start writes a refund and its plan, and queues its execution. The caller has locked the order and the payment, and
// asked NoneUnderWay. Atomic.
func Start(ctx context.Context, tx db.TenantTx, in Input) (Refund, error) {
	w := tx.Later()
	err := q.RefundInsert(ctx, w, dbsqlc.RefundInsertParams{
		ID:                 in.ID,
		OrderID:            in.Order,
		PaymentID:          in.Payment,
		AmountFen:          in.Amount,
		Reason:             in.Reason,
		MerchantOfRecordID: in.MerchantOfRecord,
		CreatedAt:          in.At,
	})
	if err != nil {
		return Refund{}, fmt.Errorf("write the refund: %w", err)
	}
	for _, part := range in.Plan {
		err := q.RefundPartInsert(ctx, w, dbsqlc.RefundPartInsertParams{
			RefundID:  in.ID,
			SplitID:   part.Split,
			Position:  part.Position,
			AmountFen: part.Amount,
		})
		if err != nil {
			return Refund{}, fmt.Errorf("write part %d of the refund plan: %w", part.Position, err)
		}
	}
	args := queue.RefundExecute{TenantID: queue.RefTo(tx.Tenant()), RefundID: queue.RefTo(in.ID)}
	return Refund{
		ID:        in.ID,
		Order:     in.Order,
		Payment:   in.Payment,
		Amount:    in.Amount,
		Status:    StatusPending,
		Origin:    vocabulary.RefundPlatform,
		Reason:    in.Reason,
		CreatedAt: in.At,
	}, queue.Insert(ctx, w, queue.Job{Args: args})
}
