// Command chaos attacks the whole program while it works: kill -9 at named points and at random moments, Postgres
// stopped in the middle, connections cut with the commit's answer lost, a gateway that fails after the effect,
// notifications repeated, dropped, late, reordered and forged, webhook receivers that hang, fail or never end, the
// leader killed. Others refund, settle, split and close at Alipay, too, and their notices come here. Then the load
// stops, the faults end, the backlog drains, and every invariant and the comparison of both books decide.
//
//	go run ./test/chaos [--seed N] [--duration 60s] [--long]
//
// Everything runs on this machine: zhitong built with failpoints, a durable Postgres, the simulator. It prints the
// seed; the same seed makes the same schedule of faults (what they hit depends on the machine). Exit 1 on a breach,
// with the rows, and the state is kept.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"zhitong/internal/clock"
)

// options are the flags.
type options struct {
	Seed      uint64        `help:"Repeats a schedule of faults; 0: a new one."`
	Duration  time.Duration `default:"60s" help:"How long the load runs while faults strike."`
	Long      bool          `help:"A night: eight hours, in rounds of ten minutes, each with a seed of its own and its own verdict."`
	Rate      int           `default:"8" help:"Orders a second that the load tries for."`
	Platforms int           `default:"3" help:"Tenants that sign up before the load."`
	Instances int           `default:"2" help:"Processes of zhitong serve."`
	Drain     time.Duration `default:"120s" help:"How long the backlog may take to drain."`
	StateDir  string        `help:"Where everything is kept; empty: a temporary directory, removed after a good end."`
	Binary    string        `help:"A zhitong built with -tags failpoint; empty: it is built."`
	Race      bool          `help:"Build it with the race detector: a data race is a breach."`
	Fairness  bool          `help:"No faults: measure how much a platform with ten times the orders delays another's (A38)."`
	Flood     bool          `help:"No faults: one platform floods one process of 512 MB with what takes memory, and another one works."`
	Short     bool          `help:"With --flood: as little as passes every bound, in less than half a minute."`
	Quiet     bool          `help:"Tell the faults only in the summary."`
}

const (
	longRound = 10 * time.Minute
	longTotal = 8 * time.Hour
)

func main() {
	var o options
	kong.Parse(&o, kong.Name("chaos"), kong.Description("Faults under load, then every invariant."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if o.Seed == 0 {
		o.Seed = rand.Uint64N(1 << 32)
	}
	if !o.Long {
		return round(ctx, o)
	}
	o.Duration = longRound
	for end, n := (clock.System{}).Now().Add(longTotal), uint64(0); (clock.System{}).Now().Before(end); n++ {
		next := o
		next.Seed += n
		if o.StateDir != "" {
			next.StateDir = filepath.Join(o.StateDir, fmt.Sprint(next.Seed))
		}
		if err := round(ctx, next); err != nil {
			return err
		}
	}
	return nil
}

// errBreach ends a run whose verdict has been printed.
var errBreach = errors.New("a promise was broken")

// round is one run, from an empty directory to the verdict.
func round(ctx context.Context, o options) (err error) {
	if o.Flood {
		o.Instances, o.Platforms = 1, 2
	}
	fmt.Printf("seed %d, %s of load by %d instances\n", o.Seed, o.Duration, o.Instances)
	w, err := start(ctx, o)
	defer func() {
		err = errors.Join(err, w.close())
		if o.StateDir != "" {
			return
		}
		if err != nil {
			fmt.Printf("kept: %s\n", w.dir)
			return
		}
		w.remove()
	}()
	if err != nil {
		return err
	}
	l, err := w.prepare(ctx)
	if err != nil {
		return fmt.Errorf("prepare the load: %w", err)
	}
	fmt.Printf("ready after %.1f s: %d platforms\n", w.since().Seconds(), len(l.platforms))
	if o.Fairness {
		return w.measureFairness(ctx, l)
	}
	if o.Flood {
		return w.runFlood(ctx, l)
	}
	loading, stopLoad := context.WithTimeout(ctx, o.Duration)
	defer stopLoad()
	l.others = newOthers(w, l)
	if err := l.others.prepare(ctx); err != nil {
		return fmt.Errorf("prepare the others: %w", err)
	}
	var working sync.WaitGroup
	working.Go(func() { l.run(loading) })
	working.Go(func() { l.others.run(loading) })
	newFaults(w, l).run(loading)
	working.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return w.judge(ctx, l)
}
