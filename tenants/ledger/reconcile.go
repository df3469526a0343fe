package ledger

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/queue"
)

// numberMax is the length of a request's number at the acquirer, in characters.
const numberMax = 64

// Reconcile notes that money of a payment may have moved without us, and queues the comparison of the book with the
// acquirer's. number is the request's that moved it; empty when it is not known. What is noted already is renewed and
// not queued again: a comparison that has read the note before looks once more. The caller has locked the payment.
// Atomic.
func Reconcile(ctx context.Context, tx db.TenantTx, payment id.Payment, number string, at time.Time) error {
	if utf8.RuneCountInString(number) > numberMax {
		number = "" // none of the acquirer's
	}
	report := uuid.New()
	n, err := q.ReconciliationRenew(ctx, tx, report, payment, number)
	if err != nil {
		return fmt.Errorf("note again that payment %s is to be reconciled: %w", payment, err)
	}
	if n > 0 {
		return nil
	}
	err = q.ReconciliationInsert(ctx, tx.Later(), dbsqlc.ReconciliationInsertParams{
		PaymentID: payment, Number: number, Report: report, CreatedAt: at,
	})
	if err != nil {
		return fmt.Errorf("note that payment %s is to be reconciled: %w", payment, err)
	}
	args := queue.PaymentReconcile{TenantID: queue.RefTo(tx.Tenant()), PaymentID: queue.RefTo(payment)}
	return queue.Insert(ctx, tx.Later(), queue.Job{Args: args})
}

// Reconciling tells whether money of the payment may have moved without us. The caller has locked the payment. Atomic.
func Reconciling(ctx context.Context, tx db.TenantTx, payment id.Payment) (bool, error) {
	pending, err := q.ReconciliationPending(ctx, tx, payment)
	if err != nil {
		return false, fmt.Errorf("look whether payment %s is being reconciled: %w", payment, err)
	}
	return pending, nil
}

// Reconciled crosses out, with the commit, the reports about a payment that were read; more tells that others came
// since. The caller has locked the payment. Atomic.
func Reconciled(ctx context.Context, tx db.TenantTx, payment id.Payment, read []uuid.UUID) (more bool, err error) {
	if more, err = q.ReconciliationNewer(ctx, tx, payment, read); err != nil {
		return false, fmt.Errorf("look for later reports about payment %s: %w", payment, err)
	}
	return more, q.ReconciliationDelete(ctx, tx.Later(), payment, read)
}
