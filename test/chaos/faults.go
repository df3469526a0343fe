package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"zhitong/cmd/zhitong/demo"
)

// faults strikes by a schedule that follows from the seed.
type faults struct {
	w    *world
	l    *load
	desk *demo.Client

	mu     sync.Mutex
	counts map[string]int
}

func newFaults(w *world, l *load) *faults {
	return &faults{w: w, l: l, desk: w.client(), counts: map[string]int{}}
}

func (f *faults) struck(what string) {
	f.mu.Lock()
	f.counts[what]++
	f.mu.Unlock()
	if !f.w.options.Quiet {
		f.w.say("%s", what)
	}
}

// Kills end half a minute before the load, or at its half when it is short, and other big faults at three quarters: a
// killed program's jobs are rescued after most of a minute, which is then partly over when the load stops.
const (
	killsQuiet = 30 * time.Second
	killsPart  = 2
	quietPart  = 4
	// rearmEvery is how long a failpoint may wait to be passed.
	rearmEvery   = 4 * time.Second
	startsWithin = time.Second
)

// run strikes until ctx ends, then takes every fault away.
func (f *faults) run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { f.gateway(ctx) })
	all.Go(func() { f.notifications(ctx) })
	kills, stopKills := context.WithTimeout(ctx, max(f.w.options.Duration-killsQuiet, f.w.options.Duration/killsPart))
	defer stopKills()
	all.Go(func() {
		f.rearm(kills)
		f.disarm()
	})
	all.Go(func() { f.turns(kills, 6, 1500*time.Millisecond, f.killAny, f.killLeader) })
	big, stopBig := context.WithTimeout(ctx, f.w.options.Duration-f.w.options.Duration/quietPart)
	defer stopBig()
	f.turns(big, 3, time.Second, f.crashDatabase, f.loseAnswers, f.cutDatabase, f.loseGateway, f.cutGateway,
		f.slowDatabase, f.killGateway, f.readOnly, f.fullDisk)
	all.Wait()
	f.clear(context.WithoutCancel(ctx))
	f.w.quiet = f.w.since()
	f.w.strikes = f.counts
}

// turns strikes with each kind once in every turn, in an order of the seed, with pauses of once to twice the given one.
func (f *faults) turns(ctx context.Context, stream uint64, every time.Duration,
	kinds ...func(context.Context, *rand.Rand) error) {
	random := rand.New(rand.NewPCG(f.w.options.Seed, stream))
	for {
		random.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		for _, strike := range kinds {
			if !pause(ctx, every+time.Duration(random.Int64N(int64(every)))) {
				return
			}
			if err := strike(ctx, random); err != nil {
				f.l.broken("the harness could not strike: %v", err)
				return
			}
		}
	}
}

// rearm gives the first instance its failpoints, and others when none of them has been passed for a while.
func (f *faults) rearm(ctx context.Context) {
	f.w.arms.arm(true)
	c := f.w.serves[0]
	for passed := false; ; {
		if !passed && c.kill() {
			f.struck("kill -9 of " + c.name + ", for other failpoints")
		}
		if !pause(ctx, startsWithin) { // the start that is under way is not a death
			return
		}
		before := c.count()
		if !pause(ctx, rearmEvery) {
			return
		}
		passed = c.count() != before
	}
}

// disarm restarts the first instance once more: its failpoint would strike in the quiet.
func (f *faults) disarm() {
	f.w.arms.arm(false)
	if c := f.w.serves[0]; c.kill() {
		f.struck("kill -9 of " + c.name + ", to disarm it")
	}
}

func (f *faults) killAny(context.Context, *rand.Rand) error {
	// The last one: the first dies by its failpoints often enough.
	if c := f.w.serves[len(f.w.serves)-1]; c.kill() {
		f.struck("kill -9 of " + c.name)
	}
	return nil
}

// killLeader ends the instance that keeps River's house, when there is one at the moment.
func (f *faults) killLeader(ctx context.Context, _ *rand.Rand) error {
	var leader string
	if err := f.w.book.QueryRow(ctx,
		"SELECT leader_id FROM river.river_leader WHERE expires_at > now()").Scan(&leader); err != nil {
		return nil //nolint:nilerr // none at the moment, or the database is away
	}
	for _, c := range f.w.serves {
		if strings.HasSuffix(leader, fmt.Sprintf("_%d", c.pid())) && c.kill() {
			f.struck("kill -9 of the leader")
		}
	}
	return nil
}

func (f *faults) crashDatabase(ctx context.Context, random *rand.Rand) error {
	f.struck("Postgres stopped (immediate)")
	return f.w.crashDatabase(ctx, time.Duration(random.IntN(1000))*time.Millisecond)
}

func (f *faults) loseAnswers(ctx context.Context, random *rand.Rand) error {
	f.struck("connections cut, Postgres's answers lost")
	return f.w.dbLink.deaf(ctx, time.Duration(100+random.IntN(400))*time.Millisecond)
}

func (f *faults) cutDatabase(ctx context.Context, random *rand.Rand) error {
	f.struck("no connection to Postgres")
	return f.w.dbLink.cut(ctx, time.Duration(100+random.IntN(1500))*time.Millisecond)
}

func (f *faults) slowDatabase(ctx context.Context, random *rand.Rand) error {
	f.struck("Postgres slow")
	return f.w.dbLink.slow(ctx, time.Duration(500+random.IntN(1000))*time.Millisecond, 60*time.Millisecond)
}

func (f *faults) loseGateway(ctx context.Context, random *rand.Rand) error {
	f.struck("the gateway's answers lost")
	return f.w.simLink.deaf(ctx, time.Duration(200+random.IntN(800))*time.Millisecond)
}

func (f *faults) cutGateway(ctx context.Context, random *rand.Rand) error {
	f.struck("no connection to the gateway")
	return f.w.simLink.cut(ctx, time.Duration(200+random.IntN(1500))*time.Millisecond)
}

// killGateway ends the simulator by SIGKILL. Another starts on the same storage, at once or after a while, and sends
// what is left to be sent.
func (f *faults) killGateway(ctx context.Context, random *rand.Rand) error {
	before := f.w.simulator.count()
	if !f.w.simulator.kill() {
		return nil
	}
	f.struck("kill -9 of the simulator")
	f.w.simulator.pause(time.Duration(random.IntN(1500)) * time.Millisecond)
	ctx = context.WithoutCancel(ctx)
	if err := poll(ctx, probeInterval, func() (bool, error) {
		return f.w.simulator.count() > before, nil
	}); err != nil {
		return err
	}
	return f.w.simulator.ready(ctx)
}

// readOnly makes every new transaction read-only for a while, as a database does that has failed over to its standby or
// is being moved.
func (f *faults) readOnly(ctx context.Context, random *rand.Rand) error {
	f.struck("the database read-only")
	const reload = "SELECT pg_reload_conf()"
	if err := f.w.superuser(ctx, "ALTER SYSTEM SET default_transaction_read_only = on", reload); err != nil {
		return err
	}
	pause(ctx, time.Duration(300+random.IntN(1500))*time.Millisecond)
	return f.w.superuser(context.WithoutCancel(ctx), "ALTER SYSTEM RESET default_transaction_read_only", reload)
}

// fullDisk leaves no room for a table to grow, for a while.
func (f *faults) fullDisk(ctx context.Context, random *rand.Rand) error {
	if f.w.disk == nil {
		return nil
	}
	f.struck("the disk full")
	return f.w.disk.fill(ctx, time.Duration(500+random.IntN(2000))*time.Millisecond)
}

// atDesk calls the simulator's desk, again while it is being started; what is gone already is as good as taken away.
func (f *faults) atDesk(ctx context.Context, method, path string, in, out any) error {
	return f.l.again(ctx, func(ctx context.Context) error {
		err := f.desk.AtDesk(ctx, method, path, in, out)
		var problem *demo.Problem
		if method == http.MethodDelete && errors.As(err, &problem) && problem.Status == http.StatusNotFound {
			return nil
		}
		return err
	})
}

// gateway keeps one or two faults at the simulator, changing every few seconds.
func (f *faults) gateway(ctx context.Context) {
	random := rand.New(rand.NewPCG(f.w.options.Seed, 4))
	kinds := []string{"no_answer_after_effect", "http_502", "half_json", "wrong_signature", "system_error_after",
		"system_error_before", "no_answer_before_effect", "slow", "rate_limit"}
	methods := []string{"alipay.trade.precreate", "alipay.trade.query", "alipay.trade.refund",
		"alipay.trade.settle.confirm", "alipay.trade.order.settle", "alipay.trade.close", ""}
	for n := 0; ; n++ {
		if n%len(kinds) == 0 {
			random.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		}
		fault := map[string]any{"kind": kinds[n%len(kinds)], "every": 1 + random.IntN(3),
			"delay_ms": 500 + random.IntN(8000)}
		if m := methods[random.IntN(len(methods))]; m != "" && random.IntN(2) == 0 {
			fault["method"] = m
		}
		if !f.hold(ctx, fault, time.Duration(1000+random.IntN(2000))*time.Millisecond) {
			return
		}
	}
}

// notifications misuses what is sent.
func (f *faults) notifications(ctx context.Context) {
	random := rand.New(rand.NewPCG(f.w.options.Seed, 5))
	kinds := []map[string]any{
		{"kind": "notification_repeat", "times": 64, "every": 5}, {"kind": "notification_drop", "every": 2},
		{"kind": "notification_late", "every": 2, "delay_ms": 20_000},
		{"kind": "notification_reorder", "every": 3}, {"kind": "notification_forge", "every": 2},
	}
	for n := 0; ; n++ {
		if n%len(kinds) == 0 {
			random.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
		}
		if !f.hold(ctx, kinds[n%len(kinds)], time.Duration(1500+random.IntN(2000))*time.Millisecond) {
			return
		}
	}
}

// hold keeps a fault at the simulator for a while and counts how often it struck.
func (f *faults) hold(ctx context.Context, fault map[string]any, d time.Duration) bool {
	var added struct {
		ID string `json:"id"`
	}
	// Not to be canceled: the simulator would have the fault, and nobody its number.
	if err := f.atDesk(context.WithoutCancel(ctx), http.MethodPost, "/faults", fault, &added); err != nil {
		f.l.broken("the harness could not add a fault: %v", err)
		return false
	}
	on := pause(ctx, d)
	ctx = context.WithoutCancel(ctx)
	var list struct {
		Faults []struct {
			ID    string `json:"id"`
			Fired int    `json:"fired"`
		} `json:"faults"`
	}
	err := f.atDesk(ctx, http.MethodGet, "/faults", nil, &list)
	if err == nil {
		err = f.atDesk(ctx, http.MethodDelete, "/faults/"+added.ID, nil, nil)
	}
	if err != nil {
		f.l.broken("the harness could not take a fault away: %v", err)
		return false
	}
	for _, x := range list.Faults {
		if x.ID == added.ID {
			f.mu.Lock()
			f.counts["simulator: "+fmt.Sprint(fault["kind"])] += x.Fired
			f.mu.Unlock()
		}
	}
	return on
}

// clear takes away what is left.
func (f *faults) clear(ctx context.Context) {
	if err := f.atDesk(ctx, http.MethodDelete, "/faults", nil, nil); err != nil {
		f.l.broken("the harness could not clear the faults: %v", err)
	}
}
