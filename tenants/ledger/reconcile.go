package ledger

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
)

// numberMax is the length of a request's number at the acquirer, in characters.
const numberMax = 64

// Reconcile notes that money of a payment may have moved without us, and queues the comparison of the book with the
// acquirer's. number is the request's that moved it; empty when it is not known. What is noted already is not queued
// again. Atomic.
func Reconcile(ctx context.Context, tx db.TenantTx, payment id.Payment, number string, at time.Time) error {
	if utf8.RuneCountInString(number) > numberMax {
		number = "" // none of the acquirer's
	}
	n, err := q.ReconciliationInsert(ctx, tx, payment, number, at)
	if err != nil {
		return fmt.Errorf("note that payment %s is to be reconciled: %w", payment, err)
	}
	if n == 0 {
		return nil
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

// Reconciled crosses out what was noted about a payment under some numbers, with the commit.
func Reconciled(ctx context.Context, tx db.TenantTx, payment id.Payment, numbers []string) error {
	return q.ReconciliationDelete(ctx, tx.Later(), payment, numbers)
}
