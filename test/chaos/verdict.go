package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"zhitong/cmd/zhitong/invariants"
)

const (
	drainLook  = time.Second
	breachShow = 40
	sayEvery   = 10 * time.Second
)

// verdict collects what is wrong.
type verdict struct{ rows []string }

func (v *verdict) breach(format string, args ...any) {
	v.rows = append(v.rows, fmt.Sprintf(format, args...))
}

// judge waits for the backlog, compares everything with everything, and prints.
func (w *world) judge(ctx context.Context, l *load) error {
	v := &verdict{}
	w.say("the load has stopped: %d orders acknowledged", len(l.orders))
	if err := w.drain(ctx, l, v); err != nil {
		return err
	}
	drained := w.since() - w.quiet
	if err := l.others.look(ctx); err != nil {
		return err
	}
	w.quiet = w.since()
	if err := w.drain(ctx, l, v); err != nil {
		return err
	}
	w.say("drained %.1f s after the last fault", drained.Seconds())
	for _, look := range []func(context.Context, *load, *verdict) error{w.invariants, w.compareBooks, w.compareOrders,
		w.compareKeys, w.compareEvents, l.others.judge, w.compareHarness} {
		if err := look(ctx, l, v); err != nil {
			return err
		}
	}
	w.summary(l, drained)
	if len(v.rows) == 0 {
		fmt.Printf("verdict: no breach. seed %d, %.0f s in all\n", w.options.Seed, w.since().Seconds())
		return nil
	}
	for i, row := range v.rows {
		if i == breachShow {
			fmt.Printf("… and %d more\n", len(v.rows)-i)
			break
		}
		fmt.Println("BREACH", row)
	}
	fmt.Printf("verdict: %d breaches. Again with: go run ./test/chaos --seed %d --duration %s\n", len(v.rows),
		w.options.Seed, w.options.Duration)
	return errBreach
}

func (w *world) summary(l *load, drained time.Duration) {
	table := func(title string, counts map[string]int) {
		fmt.Println(title)
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			fmt.Printf("  %6d  %s\n", counts[name], name)
		}
	}
	table("load", l.counts)
	table("answered instead, and repeated", l.trouble)
	table("faults", w.strikes)
	table("killed at", w.arms.hits)
	w.receivers.mu.Lock()
	table("webhook receivers, requests", w.receivers.visits)
	w.receivers.mu.Unlock()
	starts := 0
	for _, c := range w.serves {
		starts += c.starts
	}
	fmt.Printf("starts of zhitong serve: %d, of those %d ended at once because the database was away; drained %.1f s "+
		"after the last fault\n", starts, w.arms.failed, drained.Seconds())
}

// backlog is what is left to be done, by kind. Payments that nobody made are no backlog, nor are webhooks to receivers
// that are not well.
const backlog = `
SELECT j.kind || ' ' || j.state, count(*), min(j.id)
  FROM river.river_job j
  LEFT JOIN payments p ON j.kind = 'payment_watch' AND p.tenant_id = (j.args ->> 'tenant_id')::uuid
    AND p.id = (j.args ->> 'payment_id')::uuid
  LEFT JOIN orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id
  LEFT JOIN webhook_endpoints e ON j.kind = 'webhook_deliver' AND e.tenant_id = (j.args ->> 'tenant_id')::uuid
    AND e.id = (j.args ->> 'endpoint_id')::uuid
 WHERE j.state IN ('available', 'running', 'retryable', 'scheduled', 'pending')
   AND (j.kind <> 'payment_watch' OR o.status <> 'awaiting_payment' AND j.state = 'running')
   AND (j.kind <> 'webhook_deliver' OR e.url LIKE '%/healthy')
   AND (j.kind <> 'onboarding_watch'
     OR EXISTS (SELECT FROM applications a WHERE a.tenant_id = (j.args ->> 'tenant_id')::uuid
     AND a.status IN ('submitted', 'in_review')))
 GROUP BY 1 ORDER BY 1`

// left lists the backlog, and the payments that the simulator knows of and we do not.
func (w *world) left(ctx context.Context, l *load) (out []string, err error) {
	rows, err := w.book.Query(ctx, backlog)
	if err != nil {
		return nil, fmt.Errorf("look at the backlog: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var n, first int64
		if err := rows.Scan(&kind, &n, &first); err != nil {
			return nil, fmt.Errorf("read the backlog: %w", err)
		}
		out = append(out, fmt.Sprintf("%d × %s (job %d …)", n, kind, first))
	}
	if err := rows.Err(); err != nil || len(out) > 0 {
		return out, err
	}
	for _, p := range l.platforms {
		theirs, err := w.theirBook(ctx, p.appID)
		if err != nil {
			return nil, err
		}
		ours, err := w.ourBook(ctx, p.tenant.ID)
		if err != nil {
			return nil, err
		}
		late := 0
		for out, t := range theirs {
			if o := ours[out]; t.PaidAt != "" && o != nil && o.status != "paid" && o.status != "refunded" &&
				o.cases == 0 {
				late++
			}
		}
		if late > 0 {
			out = append(out, fmt.Sprintf("%d payments of platform %d not heard of", late, p.number))
		}
	}
	return out, nil
}

func (w *world) drain(ctx context.Context, l *load, v *verdict) error {
	// The last orders were on their way meanwhile; what is left of the time is at least enough for one look.
	ctx, cancel := context.WithTimeoutCause(ctx, max(w.options.Drain-(w.since()-w.quiet), 2*drainLook), errNotDrained)
	defer cancel()
	var last []string
	said := time.Duration(0)
	err := poll(ctx, drainLook, func() (bool, error) {
		left, err := w.left(ctx, l)
		if err != nil && ctx.Err() == nil {
			return false, err
		}
		if err == nil {
			last = left
		}
		if len(left) > 0 && w.since() > said+sayEvery && !w.options.Quiet {
			said = w.since()
			w.say("left: %s", strings.Join(left, ", "))
		}
		return err == nil && len(left) == 0, nil
	})
	if errors.Is(err, errNotDrained) {
		v.breach("the backlog did not drain within %s: %s", w.options.Drain, strings.Join(last, ", "))
		return nil
	}
	return err
}

var errNotDrained = errors.New("not drained")

// invariants are those of `zhitong verify`.
func (w *world) invariants(ctx context.Context, _ *load, v *verdict) error {
	out, code, err := w.verify(ctx)
	if err != nil {
		return fmt.Errorf("run zhitong verify: %w", err)
	}
	var report invariants.Report
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("read the report of zhitong verify (exit %d): %w", code, err)
	}
	for _, b := range report.Breaches {
		v.breach("%s %s: tenant %s, %s: %s", b.Invariant, b.Check, b.Tenant, b.Subject, b.Detail)
	}
	if (code == 0) != (len(report.Breaches) == 0) {
		v.breach("zhitong verify ended with %d and %d breaches", code, len(report.Breaches))
	}
	w.say("zhitong verify: %d checks, %d tenants, %d breaches, exit %d", len(report.Checks), report.Tenants,
		len(report.Breaches), code)
	return nil
}

// compareHarness is what was seen while the load ran.
func (w *world) compareHarness(_ context.Context, l *load, v *verdict) error {
	v.rows = append(v.rows, l.wrong...)
	v.rows = append(v.rows, w.arms.crashes...)
	for code, n := range l.trouble {
		if strings.HasPrefix(code, "500 ") { // whatever strikes, there is a code that says what is away
			v.breach("%d requests were answered with %s", n, code)
		}
	}
	if n := w.receivers.inside.Load(); n > 0 {
		v.breach("a webhook followed a redirect %d times", n)
	}
	return nil
}
