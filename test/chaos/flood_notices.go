package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"zhitong/internal/id"
)

// signedNotices is how many different notices the flood has that are truly signed and none of the platform's.
const signedNotices = 12

// listen is where the true notices of others go first: they are kept, and sent to the flooding platform again and
// again. Two of three are for another app; the third is about another program's trade on the platform's own.
func (f *floods) listen(ctx context.Context, w *world, l *load) error {
	arrived := make(chan string, 4*signedNotices)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the notices of others: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(
		func(out http.ResponseWriter, in *http.Request) {
			body, err := io.ReadAll(io.LimitReader(in.Body, bodyMax))
			if err == nil {
				arrived <- string(body)
			}
			_, _ = io.WriteString(out, "success")
		})}
	go func() { _ = server.Serve(listener) }()
	w.onClose(server.Close)
	o := newOthers(w, l)
	if err := o.prepare(ctx); err != nil {
		return err
	}
	for n := range signedNotices {
		app := o.foreign
		if n%3 == 2 {
			app = f.p.appID
		}
		if err := o.notice(ctx, app, "http://"+listener.Addr().String()); err != nil {
			return fmt.Errorf("have a notice signed: %w", err)
		}
	}
	for len(f.signed) < signedNotices {
		select {
		case body := <-arrived:
			f.signed = append(f.signed, body)
		case <-ctx.Done():
			return fmt.Errorf("only %d of %d notices of others came: %w", len(f.signed), signedNotices, ctx.Err())
		}
	}
	return nil
}

// foreign sends the true notices of others.
func (f *floods) foreign(ctx context.Context, t *tally) {
	defer f.finite.Done()
	many(ctx, f.amount.notices, 32, func(i int) {
		f.post(ctx, t, "/notify/alipay/"+f.p.tenant.ID, f.signed[i%len(f.signed)])
	})
}

// judgeNotices: of all notices that were none of the platform's a bounded number is kept, one case counts those that
// Alipay signed, and none moved anything.
func (f *floods) judgeNotices(ctx context.Context, w *world) error {
	tenant, err := id.Parse[id.Tenant](f.p.tenant.ID)
	if err != nil {
		return fmt.Errorf("read a tenant: %w", err)
	}
	var kept, cases, seen, moved, booked int
	if err := w.book.QueryRow(ctx, `SELECT
  (SELECT count(*) FROM notifications WHERE tenant_id = $1),
  (SELECT count(*) FROM cases WHERE tenant_id = $1 AND kind = 'foreign_notice' AND status = 'open'),
  (SELECT coalesce(sum(occurrences), 0) FROM cases WHERE tenant_id = $1 AND kind = 'foreign_notice'),
  (SELECT count(*) FROM notifications WHERE tenant_id = $1 AND kind = 'trade' AND verdict = 'applied'),
  (SELECT count(*) FROM payments WHERE tenant_id = $1 AND status NOT IN ('created', 'pending', 'closed'))`,
		tenant).Scan(&kept, &cases, &seen, &moved, &booked); err != nil {
		return fmt.Errorf("count the notices: %w", err)
	}
	fmt.Printf("%d notices that are none of the platform's, %d of them signed: %d kept, %d case that counts %d\n",
		2*f.amount.notices, f.amount.notices, kept, cases, seen)
	if kept > floodKept || kept == 0 || cases != 1 || seen <= 1 || moved != 0 || booked != 0 {
		return fmt.Errorf("%w: notices of others are not bounded, or moved something: %d kept, %d cases counting %d, "+
			"%d applied, %d payments booked", errBreach, kept, cases, seen, moved, booked)
	}
	for _, name := range []string{"forged notices", "signed notices"} {
		if t := f.seen[name].seen; t["200"] != f.amount.notices {
			return fmt.Errorf("%w: %s are not all answered: %v", errBreach, name, t)
		}
	}
	return nil
}
