package main

import (
	"context"
	"time"

	"zhitong/cmd/zhitong/boot"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/simulator"
)

// devMoveWithin bounds what follows a move of the clock.
const devMoveWithin = 30 * time.Second

// follow makes the simulator's clock that of the whole sandbox: what is due by it is due here. With --machine-clock the
// simulator has one of its own.
func (d *dev) follow(c simulator.Config) simulator.Config {
	if d.cmd.MachineClock {
		return c
	}
	d.clock = new(clock.Movable)
	c.Clock, c.Moved = d.clock, d.timeMoved
	return c
}

// timeMoved is what follows a move at the desk: identifiers have the new time in them, and what waits to be done waits
// less. Postgres and River keep the machine's time.
func (d *dev) timeMoved(ahead, by time.Duration) {
	id.Move(ahead)
	app := d.moving.Load()
	if app == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), devMoveWithin)
	defer cancel()
	if err := queue.Pass(ctx, app.DB.Pool(), by); err != nil {
		d.log.Error("the clock was moved, and what waits does not know", "error", err)
		return
	}
	d.log.Info("the clock was moved", "by", by, "ahead", ahead)
}

// clocks are those of the program: that of the desk, and the machine's for people and others' servers.
func (d *dev) clocks(o boot.Options) boot.Options {
	if d.clock == nil {
		return o
	}
	if ahead := d.clock.Now().Sub(clock.System{}.Now()); ahead.Abs() > time.Second {
		id.Move(ahead)
		d.say("the clock is %s ahead of this machine's, as the desk left it", ahead.Round(time.Second))
	}
	o.Clock, o.Wall = d.clock, clock.System{}
	return o
}

// now is the time of the sandbox.
func (d *dev) now() time.Time {
	if d.clock == nil {
		return clock.System{}.Now()
	}
	return d.clock.Now()
}
