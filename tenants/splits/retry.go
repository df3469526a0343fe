package splits

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// Retry tries again what Alipay refused to settle or to split, after a person has removed the cause: a receiver that
// could not be bound, a cap, a settlement on hold. Amounts are those of what is left of the payment; receivers are read
// anew. Alipay is asked first what became of the attempt before: one that was carried out after all is recorded and not
// repeated. Otherwise the next attempt has a number of its own: what failed under a number stays failed, and other
// receivers would contradict it.
//
// Phased, with one deciding transaction, which reopens the split, inserts the job and leaves an audit entry. It returns
// order_not_found, split_not_found, split_not_refused (also to whoever comes second), split_in_progress,
// receiver_missing, split_rule_above_cap, alipay_connection_missing and alipay_unavailable.
func (s *Service) Retry(ctx context.Context, a tenants.Actor, order id.Order) (OrderSplit, error) {
	w := &work{tenant: a.Tenant}
	err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := s.refused(ctx, tx, w, order)
		return err
	})
	if err != nil {
		return OrderSplit{}, err
	}
	done, err := s.doneAfterAll(ctx, w)
	if err != nil {
		return OrderSplit{}, err
	}
	s.step("retry asked")
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		before := w.split
		pid, err := s.refused(ctx, tx, w, order)
		if err != nil {
			return err
		}
		if err := s.reopen(ctx, tx, w, before, pid, done); err != nil {
			return err
		}
		if err := queue.Insert(ctx, tx.Later(),
			queue.Job{Args: queue.SplitExecute{TenantID: queue.RefTo(tx.Tenant()),
				PaymentID: queue.RefTo(w.payment.ID)}}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "retryOrderSplit", "order", order, "")
	})
	if err != nil {
		return OrderSplit{}, err
	}
	s.step("retry recorded")
	return s.OfOrder(ctx, a, order)
}

// refused reads and locks an order whose settlement or split is refused, and returns the platform's account.
func (s *Service) refused(ctx context.Context, tx db.TenantTx, w *work, order id.Order) (pid string, err error) {
	row, err := q.OrderLock(ctx, tx, order)
	if db.IsNoRows(err) {
		return "", tenants.OrderNotFound()
	}
	if err != nil {
		return "", fmt.Errorf("lock the order: %w", err)
	}
	*w = work{tenant: tx.Tenant(), order: row.Order, payment: row.Payment}
	w.settlement, err = q.SettlementLock(ctx, tx, w.payment.ID)
	if db.IsNoRows(err) {
		return "", fault.New(CodeSplitNotFound, "The order's payment is not being settled yet.")
	}
	if err != nil {
		return "", fmt.Errorf("lock the settlement: %w", err)
	}
	split, err := q.SplitLock(ctx, tx, w.payment.ID)
	switch {
	case err == nil:
		w.split = &split
		if w.parts, err = partsOfSplit(ctx, tx, s.vault, split.ID); err != nil {
			return "", err
		}
	case !db.IsNoRows(err):
		return "", fmt.Errorf("lock the split: %w", err)
	}
	switch {
	case w.payment.Status != vocabulary.PaymentPaid:
		return "", fault.New(CodeNotRefused, "The payment is %s.", w.payment.Status)
	case w.settlement.Status != vocabulary.SettlementRefused && w.split == nil:
		return "", fault.New(CodeNotRefused, "The settlement is %s.", w.settlement.Status)
	case w.settlement.Status != vocabulary.SettlementRefused && w.split.Status != vocabulary.SplitRefused:
		return "", fault.New(CodeNotRefused, "The split is %s.", w.split.Status)
	}
	acq, conn, err := s.gateways.Acquirer(ctx, tx)
	w.acquirer = acq
	return conn.PID, err
}

// doneAfterAll asks whether a refused split was carried out, against what Alipay said then.
func (s *Service) doneAfterAll(ctx context.Context, w *work) (bool, error) {
	if w.split == nil || w.split.Status != vocabulary.SplitRefused || len(w.parts) == 0 {
		return false, nil
	}
	v, reason, err := s.askSplit(ctx, w)
	switch {
	case err != nil:
		return false, tenants.GatewayFault(err)
	case v == verdictRunning:
		return false, fault.New(CodeInProgress, "Alipay is still deciding about the attempt before.")
	case v == verdictPartly:
		return false, fault.New(
			CodeNotRefused,
			"Some of the money has been split already, so it cannot be tried again as a whole: %s.",
			reason,
		)
	}
	return v == verdictDone, nil
}

// reopen makes what is refused pending. before is the split that Alipay was asked about; done tells that it was carried
// out.
func (s *Service) reopen(
	ctx context.Context,
	tx db.TenantTx,
	w *work,
	before *dbsqlc.Split,
	pid string,
	done bool,
) error {
	if w.split == nil || w.split.Status != vocabulary.SplitRefused {
		return s.reopenSettlement(ctx, tx, w, pid)
	}
	if before == nil || before.Status != vocabulary.SplitRefused { // refused since: not asked about
		return fault.New(CodeInProgress, "Another attempt has just ended.")
	}
	number := before.RequestNo
	if !done {
		number = id.New[id.Split]().Hex()
		if err := s.replan(ctx, tx, w, pid); err != nil {
			return err
		}
	}
	if w.settlement.Status == vocabulary.SettlementRefused {
		if err := s.reopenSettlement(ctx, tx, w, pid); err != nil {
			return err
		}
	}
	if w.split == nil {
		return nil
	}
	n, err := q.SplitReopen(ctx, tx, number, w.split.ID, before.RequestNo)
	if err != nil {
		return fmt.Errorf("reopen the split: %w", err)
	}
	if n == 0 {
		return fault.New(CodeInProgress, "Another attempt has begun.")
	}
	return nil
}
