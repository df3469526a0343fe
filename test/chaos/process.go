package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	restartPause  = 150 * time.Millisecond
	probeInterval = 20 * time.Millisecond
	startWithin   = 60 * time.Second
	stopWithin    = 20 * time.Second
	panicExit     = 2  // of a Go program that panics
	raceExit      = 66 // of one that the race detector has ended
)

// child is a program of ours that is started again whenever it dies, as an orchestrator does.
type child struct {
	name string
	bin  string
	args []string
	env  []string
	url  string // answers /livez when it is up
	log  *os.File
	// next gives the failpoints of the next start, and whether this child has any.
	next func() string
	// died hears of each death that nobody here ordered, with the failpoints it was armed with.
	died func(c *child, armed string, state *os.ProcessState)

	mu       sync.Mutex
	cmd      *exec.Cmd
	ordered  bool // the current process was killed by us
	stopping bool
	starts   int
	away     atomic.Int64  // nanoseconds that the next restart waits longer
	done     chan struct{} // closed when the supervision ends
}

// supervise starts the program and keeps it running until stop.
func (c *child) supervise() {
	c.done = make(chan struct{})
	go func() {
		defer close(c.done)
		for c.once() {
			<-time.After(restartPause + time.Duration(c.away.Swap(0)))
		}
	}()
}

// once runs the program to its end and tells whether it is to be started again.
func (c *child) once() bool {
	armed := ""
	if c.next != nil {
		armed = c.next()
	}
	cmd := exec.Command(c.bin, c.args...)
	cmd.Env = append(append([]string{}, c.env...), "ZHITONG_FAILPOINTS="+armed)
	cmd.Stdout, cmd.Stderr = c.log, c.log
	// It must not outlive us, and Ctrl-C is ours to handle.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.mu.Lock()
	if c.stopping {
		c.mu.Unlock()
		return false
	}
	err := cmd.Start()
	c.cmd, c.ordered = cmd, false
	c.starts++
	c.mu.Unlock()
	if err != nil {
		fmt.Fprintf(c.log, "start %s: %v\n", c.name, err)
		return true
	}
	_ = cmd.Wait() // how it ended is in its state
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ordered && !c.stopping && c.died != nil {
		c.died(c, armed, cmd.ProcessState)
	}
	return !c.stopping
}

// pause keeps the next restart back.
func (c *child) pause(d time.Duration) { c.away.Store(int64(d)) }

// kill ends the current process by SIGKILL.
func (c *child) kill() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil || c.cmd.Process == nil || c.ordered {
		return false
	}
	c.ordered = true
	return c.cmd.Process.Kill() == nil
}

func (c *child) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.starts
}

func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil || c.cmd.Process == nil {
		return 0
	}
	return c.cmd.Process.Pid
}

// stop ends the program by SIGTERM and its supervision with it.
func (c *child) stop() error {
	c.mu.Lock()
	c.stopping = true
	if c.cmd != nil && c.cmd.Process != nil {
		_ = c.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	}
	c.mu.Unlock()
	select {
	case <-c.done:
		return nil
	case <-time.After(stopWithin):
		c.kill()
		<-c.done
		return fmt.Errorf("%s did not end within %s of SIGTERM", c.name, stopWithin)
	}
}

// ready waits until the program answers.
func (c *child) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	err := poll(ctx, probeInterval, func() (bool, error) { return answers(ctx, c.url), nil })
	if err != nil {
		return fmt.Errorf("%s does not come up; its log is %s: %w", c.name, c.log.Name(), err)
	}
	return nil
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode < http.StatusInternalServerError
}

// poll calls done until it says true or fails or ctx ends.
func poll(ctx context.Context, every time.Duration, done func() (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// pause waits, and tells whether ctx still runs.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// freePort is a port that nobody listens on at the moment.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("find a free port: no TCP")
	}
	return a.Port, nil
}
