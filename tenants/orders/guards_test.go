package orders_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/orders"
)

// TestStatusGuards: the row itself refuses a change from a status that it is not in, whatever the code above believed.
// Each change is tried on an order and a payment in every status.
func TestStatusGuards(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	q := dbsqlc.New()
	now := clock.System{}.Now()
	no := "2026112322001400000000000001"
	// store commits rows; try changes them in a transaction that is undone, and says whether the change was taken.
	store := func(fn func(tx db.TenantTx)) {
		t.Helper()
		err := d.InTenant(t.Context(), tenant, func(_ context.Context, tx db.TenantTx) error { fn(tx); return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	change := func(fn func(ctx context.Context, tx dbsqlc.DBTX) error) error {
		t.Helper()
		tx, err := d.Pool().Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context())
		if _, err := tx.Exec(t.Context(), "SET LOCAL app.tenant_id = '"+tenant.UUID().String()+"'"); err != nil {
			t.Fatal(err)
		}
		return fn(t.Context(), tx)
	}
	try := func(fn func(ctx context.Context, tx dbsqlc.DBTX) error) bool { t.Helper(); return change(fn) == nil }
	var product dbsqlc.Product
	store(func(tx db.TenantTx) {
		rule, _ := dbtest.SplitRule(t, tx)
		product = dbtest.Product(t, tx, dbtest.Merchant(t, tx).ID, rule.ID)
	})
	for _, status := range []orders.Status{orders.StatusAwaitingPayment, orders.StatusPaid, orders.StatusDelivered,
		orders.StatusClosed, orders.StatusRefunded, orders.StatusNeedsReview} {
		var o dbsqlc.Order
		store(func(tx db.TenantTx) {
			o = dbtest.Order(t, tx, product, func(o *dbsqlc.Order) {
				if o.Status = status; status != "awaiting_payment" && status != "closed" {
					o.PaidAt, o.DeliveredAt = &now, &now
				}
			})
		})
		for _, from := range []orders.Status{orders.StatusAwaitingPayment, orders.StatusPaid, orders.StatusDelivered,
			orders.StatusClosed, orders.StatusNeedsReview} {
			done := try(func(ctx context.Context, tx dbsqlc.DBTX) error {
				return q.OrderSetStatus(ctx, tx,
					dbsqlc.OrderSetStatusParams{ID: o.ID, FromStatus: from, ToStatus: "needs_review"})
			})
			refunded := try(func(ctx context.Context, tx dbsqlc.DBTX) error {
				return q.OrderAddRefunded(ctx, tx, dbsqlc.OrderAddRefundedParams{ID: o.ID, FromStatus: from,
					ToStatus: from, Amount: 1})
			})
			if done != (from == status) || refunded && from != status {
				t.Errorf("order %s, said to be %s: changed %v, refunded %v", status, from, done, refunded)
			}
		}
	}
	for _, status := range []vocabulary.PaymentStatus{vocabulary.PaymentCreated, vocabulary.PaymentPending,
		vocabulary.PaymentPaid,
		vocabulary.PaymentClosed, vocabulary.PaymentRefunded} {
		var p dbsqlc.Payment
		store(func(tx db.TenantTx) {
			p = dbtest.Payment(t, tx, dbtest.Order(t, tx, product), func(p *dbsqlc.Payment) {
				if p.Status = status; status == "paid" || status == "refunded" {
					dbtest.Paid(p)
					p.Status = status
				}
			})
		})
		for name, c := range map[string]struct {
			change func(ctx context.Context, tx dbsqlc.DBTX) error
			from   []vocabulary.PaymentStatus
		}{
			"paid": {func(ctx context.Context, tx dbsqlc.DBTX) error {
				return q.PaymentSetPaid(ctx, tx, &no, &now, p.ID)
			}, []vocabulary.PaymentStatus{"created", "pending", "closed"}},
			"closed": {func(ctx context.Context, tx dbsqlc.DBTX) error {
				return q.PaymentSetClosed(ctx, tx, p.ID)
			}, []vocabulary.PaymentStatus{"created", "pending"}},
			"refunded": {func(ctx context.Context, tx dbsqlc.DBTX) error {
				return q.PaymentAddRefunded(ctx, tx, 1, p.ID)
			}, []vocabulary.PaymentStatus{"paid"}},
		} {
			err := change(c.change)
			if allowed := slices.Contains(c.from, status); allowed != (err == nil) ||
				!allowed && !isRequired(err, "payment_status") {
				t.Errorf("payment %s → %s: %v", status, name, err)
			}
		}
	}
}

func isRequired(err error, condition string) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == "ZT001" && pe.ConstraintName == condition
}
