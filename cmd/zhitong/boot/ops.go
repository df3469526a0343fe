package boot

import (
	"context"
	"fmt"
	"net/http"

	"riverqueue.com/riverui"

	"zhitong/api/ops"
	"zhitong/db/migrations"
)

// riverPrefix is where the page of the jobs is mounted.
const riverPrefix = "/ops/river"

// riverPolicy lets River UI, which is one page with scripts of its own, do what it does and nothing else; its scripts
// set styles.
const riverPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; " +
	"base-uri 'none'; form-action 'none'"

// nothingPolicy is of answers that are no page.
const nothingPolicy = "default-src 'none'; frame-ancestors 'none'"

// addOps makes what machines and operators ask: beside the API, or on a listener of its own.
func (a *App) addOps(s *services) error {
	checks := []ops.Check{
		{Name: "database", OK: a.DB.Ping},
		{Name: "schema", OK: func(ctx context.Context) error { return migrations.CheckNewest(ctx, a.DB.Pool()) }},
		{Name: "keyset", OK: a.checkKeyset},
	}
	probes := ops.New(a.Log, a.Registry, checks...)
	mux := http.NewServeMux()
	mux.Handle("/livez", probes)
	mux.Handle("/readyz", probes)
	operator := ops.NewOperator(a.Config.OperatorToken, a.Log, a.opts.Clock, a.trusted()).
		Shared(s.people.Operators()).
		Record(func(ctx context.Context, act ops.Act) error {
			return s.audit.Operator(ctx, act.Verb, act.Jobs, act.Address)
		})
	alone := a.Config.OpsListen != "" || a.opts.OpsListener != nil
	if alone || a.Config.OpenMetrics {
		mux.Handle("/metrics", probes)
	} else if !a.Config.OperatorToken.IsZero() {
		mux.Handle("/metrics", operator.Only(nothingPolicy, probes))
	}
	if !a.Config.OperatorToken.IsZero() {
		ui, err := riverui.NewHandler(&riverui.HandlerOpts{Endpoints: riverui.NewEndpoints(a.Jobs, nil), Logger: a.Log,
			Prefix: riverPrefix})
		if err != nil {
			return fmt.Errorf("make River UI: %w", err)
		}
		a.jobsUI = ui.Start
		page := operator.Only(riverPolicy, http.NewCrossOriginProtection().Handler(ui))
		mux.Handle(riverPrefix, page)
		mux.Handle(riverPrefix+"/", page)
	}
	if alone {
		a.Ops = mux
		if a.Handler != nil { // load balancers ask the port they send traffic to
			public := http.NewServeMux()
			public.Handle("/livez", probes)
			public.Handle("/readyz", probes)
			public.Handle("/", a.Handler)
			a.Handler = public
		}
		return nil
	}
	if a.Handler == nil {
		return nil
	}
	mux.Handle("/", a.Handler)
	a.Handler = mux
	return nil
}

// trusted are the networks of the proxies, as text.
func (a *App) trusted() []string {
	proxies := make([]string, len(a.Config.TrustedProxies))
	for i, p := range a.Config.TrustedProxies {
		proxies[i] = p.String()
	}
	return proxies
}
