package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"zhitong/cmd/zhitong/demo"
	"zhitong/cmd/zhitong/postgres"
	"zhitong/db/migrations"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
)

const (
	database       = "zhitong"
	connections    = 16 // of each instance
	postgresWithin = 60 * time.Second
	// notifyScale divides the simulator's intervals between notification attempts: four minutes become four seconds.
	notifyScale = "60"
)

// world is every program of a run.
type world struct {
	options   options
	dir       string
	began     time.Time
	bin       string
	database  *postgres.Server
	dbMu      sync.Mutex // guards database while it is being restarted
	disk      *disk      // of the tables; nil where it cannot be
	dbLink    *link      // between serve and Postgres
	simLink   *link      // between serve and the simulator
	simURL    string     // the simulator without the link
	simulator *child
	serves    []*child
	balancer  *balancer
	receivers *receivers
	book      *pgxpool.Pool // as superuser, past row-level security and past dbLink
	environ   []string      // of zhitong, without addresses of its own
	arms      *armoury
	strikes   map[string]int // faults that struck
	quiet     time.Duration  // when the last fault ended, since the begin
	closers   []func() error
}

func (w *world) since() time.Duration { return clock.System{}.Now().Sub(w.began) }

func (w *world) say(format string, args ...any) {
	fmt.Printf("%7.1f s  %s\n", w.since().Seconds(), fmt.Sprintf(format, args...))
}

// start brings everything up. What is up is in the world even when it fails.
func start(ctx context.Context, o options) (w *world, err error) {
	w = &world{options: o, dir: o.StateDir, began: clock.System{}.Now(), arms: newArmoury(o.Seed)}
	if w.dir == "" {
		if w.dir, err = os.MkdirTemp("", "zhitong-chaos-"); err != nil {
			return w, fmt.Errorf("make the state directory: %w", err)
		}
	} else if w.dir, err = filepath.Abs(w.dir); err != nil {
		return w, fmt.Errorf("resolve the state directory: %w", err)
	}
	if err := os.MkdirAll(w.dir, 0o755); err != nil { // Postgres passes through as another user
		return w, fmt.Errorf("make the state directory: %w", err)
	}
	if err := os.Chmod(w.dir, 0o755); err != nil {
		return w, fmt.Errorf("open the state directory: %w", err)
	}
	for _, step := range []func(context.Context) error{w.build, w.startDatabase, w.startSimulator, w.startServes} {
		if err := step(ctx); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (w *world) onClose(f func() error) { w.closers = append(w.closers, f) }

func (w *world) close() error {
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	return errors.Join(errs...)
}

// remove deletes what a good run leaves behind.
func (w *world) remove() {
	ctx, cancel := context.WithTimeout(context.Background(), postgresWithin)
	defer cancel()
	if w.database != nil {
		_ = postgres.RemoveIdle(ctx, w.database.Dir()) // elsewhere when the account of Postgres cannot reach ours
	}
	_ = os.RemoveAll(w.dir)
}

func (w *world) build(ctx context.Context) error {
	if w.bin = w.options.Binary; w.bin != "" {
		return nil
	}
	w.bin = filepath.Join(w.dir, "zhitong")
	args := []string{"build", "-tags", "failpoint", "-o", w.bin}
	if w.options.Race {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "zhitong/cmd/zhitong")...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build zhitong with failpoints: %w", err)
	}
	return nil
}

func (w *world) startDatabase(ctx context.Context) (err error) {
	if err := w.runDatabase(ctx, 0); err != nil {
		return err
	}
	w.onClose(func() error { return w.disk.unmount() })
	w.onClose(func() error {
		stopping, cancel := context.WithTimeout(context.Background(), postgresWithin)
		defer cancel()
		return w.database.Stop(stopping)
	})
	if err := w.database.EnsureDatabase(ctx, database, postgres.RoleOwner); err != nil {
		return err
	}
	if err := w.mountDisk(ctx); err != nil {
		return err
	}
	if err := migrations.Migrate(ctx, w.database.DSN(postgres.RoleOwner, database), postgres.RoleApp); err != nil {
		return err
	}
	if w.book, err = pgxpool.New(ctx, w.database.SuperuserDSN(database)); err != nil {
		return fmt.Errorf("open the book: %w", err)
	}
	w.onClose(func() error { w.book.Close(); return nil })
	w.dbLink, err = newLink("postgres", fmt.Sprintf("127.0.0.1:%d", w.database.Port()))
	if err != nil {
		return err
	}
	w.onClose(func() error { w.dbLink.close(); return nil })
	return nil
}

// runDatabase starts Postgres, durable as in production.
func (w *world) runDatabase(ctx context.Context, port int) (err error) {
	ctx, cancel := context.WithTimeout(ctx, postgresWithin)
	defer cancel()
	w.database, err = postgres.Start(ctx,
		postgres.Options{DataDir: filepath.Join(w.dir, "postgres"), Port: port, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("start Postgres: %w", err)
	}
	if port != 0 && w.database.Port() != port {
		return fmt.Errorf("port %d of Postgres, not %d, after a restart", w.database.Port(), port)
	}
	return nil
}

// crashDatabase is `pg_ctl stop -m immediate` and a new start: what was not flushed is gone.
func (w *world) crashDatabase(ctx context.Context, away time.Duration) error {
	w.dbMu.Lock()
	defer w.dbMu.Unlock()
	port := w.database.Port()
	if err := syscall.Kill(w.database.PID(), syscall.SIGQUIT); err != nil {
		return fmt.Errorf("stop Postgres: %w", err)
	}
	<-w.database.Done()
	_ = w.database.Stop(ctx) // gives the lock back; that the server ended badly is what was wanted
	pause(ctx, away)
	return w.runDatabase(context.WithoutCancel(ctx), port)
}

func (w *world) openLog(name string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(w.dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a log: %w", err)
	}
	w.onClose(f.Close)
	return f, nil
}

func (w *world) startSimulator(ctx context.Context) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	file, err := w.openLog("simulator")
	if err != nil {
		return err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	w.simURL = "http://" + address
	w.simulator = &child{name: "simulator", bin: w.bin, log: file, url: w.simURL + "/desk/api/clock",
		env: append(base(), "ZHITONG_LOG_LEVEL=error"),
		args: []string{"simulator", "--dir", filepath.Join(w.dir, "simulator"), "--listen", address, "--public-url",
			w.simURL, "--time-scale", notifyScale,
			"--seed", fmt.Sprint(w.options.Seed)},
		died: w.unexpected}
	w.simulator.supervise()
	w.onClose(w.simulator.stop)
	if w.simLink, err = newLink("simulator", address); err != nil {
		return err
	}
	w.onClose(func() error { w.simLink.close(); return nil })
	return w.simulator.ready(ctx)
}

// base is the environment that every program gets: none of the caller's settings.
func base() []string {
	return []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "TZ=UTC"}
}

func (w *world) startServes(ctx context.Context) error {
	keyset, err := secret.GenerateMaster()
	if err != nil {
		return fmt.Errorf("make a keyset: %w", err)
	}
	dsn, err := url.Parse(w.database.DSN(postgres.RoleApp, database))
	if err != nil {
		return errors.New("read the database address")
	}
	dsn.Host = w.dbLink.address()
	w.environ = append(base(), "ZHITONG_MASTER_KEYSET="+keyset.Reveal(),
		"ZHITONG_SANDBOX_URL=http://"+w.simLink.address(),
		fmt.Sprintf("ZHITONG_DATABASE_MAX_CONNS=%d", connections), "ZHITONG_WEBHOOK_ALLOW_HTTP=true",
		"ZHITONG_WEBHOOK_ALLOW_NETWORKS=127.0.0.0/8",
		"ZHITONG_TRUSTED_PROXIES=127.0.0.0/8", "ZHITONG_OPEN_METRICS=true", "ZHITONG_LOG_LEVEL=info")
	var addresses, urls []string
	for range w.options.Instances {
		port, err := freePort()
		if err != nil {
			return err
		}
		addresses = append(addresses, fmt.Sprintf("127.0.0.1:%d", port))
		urls = append(urls, fmt.Sprintf("http://127.0.0.1:%d", port))
	}
	if w.balancer, err = newBalancer(urls); err != nil {
		return err
	}
	w.onClose(w.balancer.close)
	if w.receivers, err = newReceivers(); err != nil {
		return err
	}
	w.onClose(w.receivers.close)
	for i, address := range addresses {
		name := fmt.Sprintf("serve%d", i+1)
		file, err := w.openLog(name)
		if err != nil {
			return err
		}
		c := &child{name: name, bin: w.bin, args: []string{"serve"}, log: file, url: urls[i] + "/readyz",
			died: w.unexpected,
			env: append(append([]string{}, w.environ...), "ZHITONG_DATABASE_URL="+dsn.String(),
				"ZHITONG_LISTEN="+address, "ZHITONG_PUBLIC_URL="+w.balancer.url, "GORACE=halt_on_error=1")}
		if w.options.Flood {
			c.env = append(c.env, "GOMEMLIMIT="+floodLimit)
		}
		if i == 0 && !w.options.Flood {
			c.next = w.arms.next
		}
		w.serves = append(w.serves, c)
		c.supervise()
		w.onClose(c.stop)
	}
	for _, c := range w.serves {
		if err := c.ready(ctx); err != nil {
			return err
		}
	}
	return nil
}

// unexpected hears of deaths that nobody ordered: a failpoint, a start while the database was away, or a fault of the
// program.
func (w *world) unexpected(c *child, armed string, state *os.ProcessState) {
	status, ok := state.Sys().(syscall.WaitStatus)
	switch {
	case ok && status.Signaled() && status.Signal() == syscall.SIGKILL && armed != "":
		w.arms.struck(lastPoint(c.log.Name()))
	case ok && status.Signaled():
		w.arms.crash(fmt.Sprintf("%s was ended by %s", c.name, status.Signal()))
	case state.ExitCode() == panicExit:
		w.arms.crash(fmt.Sprintf("%s panicked: its log is %s", c.name, c.log.Name()))
	case state.ExitCode() == raceExit:
		w.arms.crash(fmt.Sprintf("%s has a data race: its log is %s", c.name, c.log.Name()))
	default:
		w.arms.startFailed()
	}
}

// client is a client of the API by its public address, and of the desk without any link between.
func (w *world) client() *demo.Client {
	return &demo.Client{API: w.balancer.url, Desk: w.simURL,
		HTTP: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// verify runs `zhitong verify` as it is run in production, on the database itself.
func (w *world) verify(ctx context.Context) (report []byte, code int, err error) {
	cmd := exec.CommandContext(ctx, w.bin, "verify", "--json")
	cmd.Env = append(append([]string{}, w.environ...),
		"ZHITONG_DATABASE_URL="+w.database.DSN(postgres.RoleApp, database))
	cmd.Stderr = os.Stderr
	report, err = cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return report, exit.ExitCode(), nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fmt.Errorf("run zhitong verify: %w", err)
	}
	return report, 0, err
}

// lastPoint is what the program wrote last before a failpoint killed it.
func lastPoint(path string) string {
	const tail, mark = 64 << 10, "failpoint: "
	f, err := os.Open(path)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > tail {
		_, _ = f.Seek(-tail, io.SeekEnd) // else all of it is read
	}
	text, _ := io.ReadAll(f)
	i := strings.LastIndex(string(text), mark)
	if i < 0 {
		return "unknown"
	}
	name, _, _ := strings.Cut(string(text[i+len(mark):]), "\n")
	return name
}
