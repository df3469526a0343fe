package world

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"zhitong/test/bench/bare"
	"zhitong/test/bench/load"
	"zhitong/test/bench/recording"
	"zhitong/test/bench/seed"
)

const (
	readyTimeout = 30 * time.Second
	readyEvery   = 5 * time.Millisecond
	stopTimeout  = 20 * time.Second
	maxConns     = 32 // of each program: the product's default
)

// Process is a program that was started.
type Process struct {
	Address string // host:port
	Ready   time.Duration
	cmd     *exec.Cmd
	ended   chan error
	stderr  *os.File
}

// freeAddress finds an address nobody listens on.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// start starts a program and waits until GET ready is answered well.
func (w *World) start(ctx context.Context, name, ready, address string, env []string, path string,
	args ...string) (*Process, error) {
	stderr, err := os.Create(w.path(name + ".log"))
	if err != nil {
		return nil, fmt.Errorf("make the log of %s: %w", name, err)
	}
	p := &Process{Address: address, cmd: exec.Command(path, args...), ended: make(chan error, 1), stderr: stderr}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, stderr, stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", name, err), stderr.Close())
	}
	go func() { p.ended <- p.cmd.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		if p.answers(ctx, ready) {
			p.Ready = time.Since(began)
			return p, nil
		}
		select {
		case <-tick.C:
		case err := <-p.ended:
			log, _ := os.ReadFile(stderr.Name())
			return nil, fmt.Errorf("%s ended by itself: %w\n%s", name, err, tail(log))
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("%s is not ready: %w", name, ctx.Err()), p.Stop())
		}
	}
}

func tail(b []byte) []byte { return b[max(0, len(b)-2000):] }

func (p *Process) answers(ctx context.Context, path string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Address+path, nil)
	if err != nil {
		return false
	}
	req.Close = true
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode < http.StatusBadRequest
}

// Stop ends the program and waits for it.
func (p *Process) Stop() error {
	defer p.stderr.Close()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
		return errors.Join(fmt.Errorf("%s does not stop", p.cmd.Path), p.cmd.Process.Kill())
	}
}

// PID is the program's process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// CPU is how much processor time the program has used so far, in seconds, and RSS how much memory it has, in bytes
// (Linux, /proc).
func (p *Process) CPU() float64 { return cpuOf(p.PID()) }

// PostgresCPU is how much processor time the backends of the application's role that are connected now have used so
// far, in seconds.
func (w *World) PostgresCPU(ctx context.Context) (sum float64, err error) {
	rows, err := w.super.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND usename = $2",
		w.database, appRole)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			return 0, err
		}
		sum += cpuOf(pid)
	}
	return sum, rows.Err()
}

func cpuOf(pid int) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	const hertz = 100 // USER_HZ
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / hertz
}

// RSS is the memory that the program holds, in bytes.
func (p *Process) RSS() int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.PID()))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(raw))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// Serve starts the product as it is deployed. More of the environment can be given.
func (w *World) Serve(ctx context.Context, workers bool, more ...string) (*Process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	env := append([]string{"ZHITONG_DATABASE_URL=" + w.AppURL(),
		"ZHITONG_MASTER_KEYSET=" + w.Keys.MasterKeyset.Reveal(), "ZHITONG_LISTEN=" + address,
		"ZHITONG_PUBLIC_URL=http://" + address, "ZHITONG_DATABASE_MAX_CONNS=" + strconv.Itoa(maxConns),
		"PATH=/usr/bin:/bin"}, more...)
	args := []string{"serve"}
	if !workers {
		args = append(args, "--no-workers")
	}
	return w.start(ctx, "zhitong", "/readyz", address, env, w.Zhitong, args...)
}

// Bare starts the bare program.
func (w *World) Bare(ctx context.Context) (*Process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(bare.Config{DatabaseURL: w.AppURL(), MaxConns: maxConns, Listen: address,
		AlipayPublicKey: w.Keys.Connection.AlipayPublicKey, Tenants: w.Tenants, Paid: w.Paid})
	if err != nil {
		return nil, err
	}
	path, err := w.write("bare.json", raw)
	if err != nil {
		return nil, err
	}
	return w.start(ctx, "bare", "/readyz", address, nil, w.Bench, "child-bare", path)
}

// Simulator starts the simulator of Alipay's gateway.
func (w *World) Simulator(ctx context.Context) (*Process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	return w.start(ctx, "simulator", "/desk/api/apps", address, []string{"PATH=/usr/bin:/bin"}, w.Zhitong, "simulator",
		"--dir", w.path("simulator"), "--listen", address)
}

// Load sends a job from a process of its own.
func (w *World) Load(ctx context.Context, j load.Job) (r load.Result, err error) {
	path := w.path("load.gob")
	if err := load.Write(path, j); err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, w.Bench, "child-load", path)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("send the load: %w: %s", err, tail(stderr.Bytes()))
	}
	return r, json.Unmarshal(out, &r)
}

// Notify pays count orders by notifications over HTTP; rate 0 is as fast as they are answered.
func (w *World) Notify(ctx context.Context, address string, count int64, clients int,
	rate float64) (load.Result, error) {
	run, err := w.PrepareNotify(address, count, clients, rate)
	if err != nil {
		return load.Result{}, err
	}
	return run(ctx)
}

// PrepareNotify signs the notifications of Notify, which takes longer than to answer them; run sends them.
func (w *World) PrepareNotify(address string, count int64, clients int,
	rate float64) (run func(context.Context) (load.Result, error), err error) {
	first, err := w.Take(count)
	if err != nil {
		return nil, err
	}
	j := load.Job{Address: address, Clients: clients, Rate: rate, Status: http.StatusOK, Body: "success"}
	if j.Requests, err = w.Notifications(address, first, first+count-1); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (load.Result, error) {
		r, err := w.Load(ctx, j)
		if err != nil {
			return r, err
		}
		return r, w.allDelivered(ctx, first, count)
	}, nil
}

// Notifications prepares the requests that pay the orders numbered from … to.
func (w *World) Notifications(address string, from, to int64) ([][]byte, error) {
	bodies, err := seed.Notices(w.Keys.Alipay, from, to)
	if err != nil {
		return nil, err
	}
	for i, b := range bodies {
		path := "/notify/alipay/" + recording.Actor(seed.TenantOf(from+int64(i), w.Tenants)).Tenant.String()
		bodies[i] = load.Request(http.MethodPost, address, path,
			http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}, b)
	}
	return bodies, nil
}

func (w *World) allDelivered(ctx context.Context, first, count int64) error {
	n, err := w.Delivered(ctx, first, first+count-1)
	if err == nil && n != count {
		err = fmt.Errorf("%d of %d orders are delivered", n, count)
	}
	return err
}

// ServeConfig is what the product with a profile is told.
type ServeConfig struct {
	DatabaseURL  string `json:"database_url"`
	MasterKeyset string `json:"master_keyset"`
	Listen       string `json:"listen"`
	MaxConns     int32  `json:"max_conns"`
}

// ServeProfiled starts the product's HTTP side from this program's binary, with /debug/pprof beside it.
func (w *World) ServeProfiled(ctx context.Context) (*Process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(ServeConfig{DatabaseURL: w.AppURL(), MasterKeyset: w.Keys.MasterKeyset.Reveal(),
		Listen: address, MaxConns: maxConns})
	if err != nil {
		return nil, err
	}
	path, err := w.write("serve.json", raw)
	if err != nil {
		return nil, err
	}
	return w.start(ctx, "profiled", "/readyz", address, nil, w.Bench, "child-serve", path)
}
