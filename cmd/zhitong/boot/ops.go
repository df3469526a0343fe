package boot

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"

	"riverqueue.com/riverui"

	"zhitong/api/ops"
	"zhitong/db/migrations"
	"zhitong/internal/secret"
)

// riverPrefix is where the page of the jobs is mounted.
const riverPrefix = "/ops/river"

// addOps makes what machines and operators ask: beside the API, or on a listener of its own.
func (a *App) addOps() error {
	checks := []ops.Check{
		{Name: "database", OK: a.DB.Ping},
		{Name: "schema", OK: func(ctx context.Context) error { return migrations.CheckNewest(ctx, a.DB.Pool()) }},
		{Name: "keyset", OK: a.checkKeyset},
	}
	probes := ops.New(a.Log, a.Registry, checks...)
	mux := http.NewServeMux()
	mux.Handle("/livez", probes)
	mux.Handle("/readyz", probes)
	alone := a.Config.OpsListen != "" || a.opts.OpsListener != nil
	if alone || a.Config.OpenMetrics {
		mux.Handle("/metrics", probes)
	} else if !a.Config.OperatorToken.IsZero() {
		mux.Handle("/metrics", operatorOnly(a.Config.OperatorToken, probes))
	}
	if !a.Config.OperatorToken.IsZero() {
		ui, err := riverui.NewHandler(&riverui.HandlerOpts{Endpoints: riverui.NewEndpoints(a.Jobs, nil), Logger: a.Log,
			Prefix: riverPrefix})
		if err != nil {
			return fmt.Errorf("make River UI: %w", err)
		}
		a.jobsUI = ui.Start
		page := operatorOnly(a.Config.OperatorToken, http.NewCrossOriginProtection().Handler(ui))
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

// operatorOnly lets through who knows the operator's token: as the password of any user name, for a browser, or as a
// bearer token, for a program.
func operatorOnly(token secret.String, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token.Reveal()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			_, given, ok = r.BasicAuth()
		}
		have := sha256.Sum256([]byte(given)) // equal lengths: the comparison tells nothing about the token's
		if !ok || subtle.ConstantTimeCompare(have[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="operator", charset="UTF-8"`)
			http.Error(w, "the operator's token is needed", http.StatusUnauthorized)
			return
		}
		w.Header().Set("X-Frame-Options", "DENY")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
