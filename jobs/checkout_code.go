package jobs

import (
	"context"
	"errors"
	"log/slog"

	"github.com/riverqueue/river"

	"zhitong/internal/mail"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/orders"
)

// checkoutCode sends a buyer the code that opens an ended checkout page again. Each attempt makes a new one.
type checkoutCode struct {
	river.WorkerDefaults[queue.CheckoutCode]
	orders *orders.Service
	log    *slog.Logger
}

func (w *checkoutCode) Work(ctx context.Context, job *river.Job[queue.CheckoutCode]) error {
	tenant, order := job.Args.TenantID.ID, job.Args.OrderID.ID
	err := w.orders.SendCode(ctx, tenant, order)
	if errors.Is(err, mail.ErrRefused) {
		w.log.WarnContext(ctx, "a code for a checkout page was refused by the mail server",
			slog.String("tenant", tenant.String()), slog.String("order", order.String()), slog.Any("error", err))
		return river.JobCancel(err)
	}
	return gone(err, tenants.CodeOrderNotFound)
}
