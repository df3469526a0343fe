package boot

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"zhitong/api"
	"zhitong/api/problem"
	"zhitong/db"
)

const (
	// awaitEvery is how long to wait between two looks at a database that is away at the start.
	awaitEvery = time.Second
	// awaitSay is how often the log says so.
	awaitSay = 30 * time.Second
)

// gate keeps requests out of a program whose database was away when it started: what the schema is like is not known
// yet.
type gate struct {
	reason error
	open   atomic.Bool
}

// before answers with 503 until the gate is open.
func (g *gate) before(next http.Handler, publicURL string) (http.Handler, error) {
	codes, err := api.Catalogue()
	if err != nil {
		return nil, err
	}
	problems, err := problem.NewWriter(codes, publicURL+"/docs/errors")
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g.open.Load() {
			next.ServeHTTP(w, r)
			return
		}
		problems.Write(w, r, g.reason)
	}), nil
}

// begin starts the jobs, after the database if that was away at the start; when it goes away in between, once more.
func (a *App) begin(ctx, background context.Context, failed <-chan error) error {
	var missing error
	if a.gate != nil {
		missing = a.gate.reason
	}
	for {
		if err := a.await(ctx, missing, failed); err != nil || ctx.Err() != nil {
			return err
		}
		if missing = a.startJobs(background); !away(missing) {
			return missing
		}
	}
}

// away tells whether an error is only that the database is not there.
func away(err error) bool { return db.IsUnavailable(err) || errors.Is(err, context.DeadlineExceeded) }

// await waits, as long as ctx runs, for a database that was missing; /readyz says no meanwhile. A schema or
// a keyset that does not fit is an error, now as at any start.
func (a *App) await(ctx context.Context, missing error, failed <-chan error) error {
	if missing == nil {
		return nil
	}
	a.Log.Warn("the database is away; waiting for it", "error", missing)
	began := a.opts.Clock.Now()
	said := began
	tick := time.NewTicker(awaitEvery)
	defer tick.Stop()
	for {
		err := a.checkDatabase(ctx)
		if err == nil {
			if a.gate != nil {
				a.gate.open.Store(true)
			}
			a.Log.Info("the database is there", "waited", a.opts.Clock.Now().Sub(began))
			return nil
		}
		if ctx.Err() != nil {
			return nil
		}
		if !away(err) {
			return err
		}
		if now := a.opts.Clock.Now(); now.Sub(said) >= awaitSay || now.Before(said) {
			said = now
			a.Log.Warn("the database is still away", "waited", now.Sub(began), "error", err)
		}
		select {
		case <-tick.C:
		case err := <-failed:
			return err
		case <-ctx.Done():
			return nil
		}
	}
}
