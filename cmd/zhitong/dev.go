package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/postgres"
	"zhitong/db/migrations"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
	"zhitong/simulator"
)

const (
	devDatabase      = "zhitong"
	devStartTimeout  = 5 * time.Minute // installing Postgres included
	devStopTimeout   = 20 * time.Second
	devSeedTimeout   = 2 * time.Minute
	devLogBytesMax   = 20 << 20
	devLookEvery     = 15 * time.Second
	devMigrateWithin = 2 * time.Minute
)

type devCmd struct {
	StateDir      string `default:".zhitong" help:"Where everything is kept between starts: database, simulator, keys, ports."`
	Host          string `default:"127.0.0.1" help:"Address to listen on."`
	Port          int    `help:"Port of the API. 0: that of the last start, at first 8080; a taken one is passed over."`
	SimulatorPort int    `help:"Port of the simulator. 0: that of the last start, at first 8081."`
	MachineClock  bool   `help:"Keep the machine's time when the simulator's desk moves its clock; needed to connect a platform to another gateway than the simulator."`
}

// dev is everything that one start brings up, in the order in which it is taken down from the end.
type dev struct {
	cmd   *devCmd
	p     program
	log   *slog.Logger
	state *devState
	base  boot.Config // log settings, and a database if one is named

	postgres *postgres.Server // nil with ZHITONG_DATABASE_URL
	app      boot.Config
	ownerURL secret.String
	sim      *runningSimulator
	simURL   string
	apiURL   string
	running  *boot.App // once it is built
	clock    *clock.Movable
	moving   atomic.Pointer[boot.App] // running, for who moves the clock

	signInURL string // of this start, for the owner of the demo
	closers   []func() error
}

// Run implements the command: it returns when ctx ends (Ctrl-C), or when a part of it fails.
func (c *devCmd) Run(ctx context.Context, p program) (err error) {
	base, err := boot.Load(p.environment)
	if err != nil {
		return err
	}
	state, err := openState(c.StateDir)
	if err != nil {
		return err
	}
	d := &dev{cmd: c, p: p, state: state, base: base}
	defer func() { err = errors.Join(err, d.close()) }()
	d.onClose(state.close)
	if err := d.openLog(); err != nil {
		return err
	}
	starting, cancel := context.WithTimeout(ctx, devStartTimeout)
	defer cancel()
	for _, step := range []func(context.Context) error{d.startDatabase, d.migrate, d.startSimulator} {
		if err := step(starting); err != nil {
			return unlessStopped(ctx, err)
		}
	}
	return unlessStopped(ctx, d.serve(ctx))
}

// unlessStopped: what fails because it was interrupted has not failed.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, ctx.Err())) {
		return nil
	}
	return err
}

func (d *dev) onClose(f func() error) { d.closers = append(d.closers, f) }

func (d *dev) close() error {
	var errs []error
	for i := len(d.closers) - 1; i >= 0; i-- {
		errs = append(errs, d.closers[i]())
	}
	return errors.Join(errs...)
}

func (d *dev) say(format string, args ...any) { fmt.Fprintf(d.p.stdout, format+"\n", args...) }

// openLog sends the log to a file, where the lines of requests and jobs disturb nobody, and warnings to the terminal as
// well.
func (d *dev) openLog() error {
	path := filepath.Join(d.state.dir, "zhitong.log")
	if info, err := os.Stat(path); err == nil && info.Size() > devLogBytesMax {
		if err := os.Rename(path, path+".1"); err != nil {
			return fmt.Errorf("rotate the log: %w", err)
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	d.onClose(file.Close)
	loud := slog.NewTextHandler(d.p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})
	d.log = slog.New(slog.NewMultiHandler(d.base.Logger(file).Handler(), loud))
	return nil
}

// startDatabase starts the embedded Postgres, or prepares the one that ZHITONG_DATABASE_URL names.
func (d *dev) startDatabase(ctx context.Context) error {
	if !d.base.DatabaseURL.IsZero() {
		d.say("database: the one of ZHITONG_DATABASE_URL")
		app, owner, err := prepareDatabase(ctx, d.base, d.state)
		d.app.DatabaseURL, d.ownerURL = app, owner
		return err
	}
	server, err := postgres.Start(ctx, postgres.Options{
		DataDir: filepath.Join(d.state.dir, "postgres"), Port: d.state.PostgresPort,
		BinariesPath: d.p.environment["ZHITONG_POSTGRES_BIN"], Logger: d.log,
	})
	if err != nil {
		return fmt.Errorf("start Postgres: %w", err)
	}
	d.postgres = server
	d.onClose(func() error {
		stopping, cancel := context.WithTimeout(context.Background(), devStopTimeout)
		defer cancel()
		return server.Stop(stopping)
	})
	if err := server.EnsureDatabase(ctx, devDatabase, postgres.RoleOwner); err != nil {
		return err
	}
	d.state.PostgresPort = server.Port()
	d.app.DatabaseURL = secret.New(server.DSN(postgres.RoleApp, devDatabase))
	d.ownerURL = secret.New(server.DSN(postgres.RoleOwner, devDatabase))
	d.say("database: Postgres on port %d, data in %s", server.Port(), server.Dir())
	return d.state.save()
}

func (d *dev) migrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, devMigrateWithin)
	defer cancel()
	role, err := roleOf(d.app.DatabaseURL)
	if err != nil {
		return err
	}
	return migrations.Migrate(ctx, d.ownerURL.Reveal(), role)
}

// startSimulator brings up Alipay's stand-in on a listener and a storage of its own.
func (d *dev) startSimulator(context.Context) error {
	listener, err := d.listen("simulator", firstOf(d.cmd.SimulatorPort, d.state.SimulatorPort, 8081))
	if err != nil {
		return err
	}
	mails, err := net.Listen("tcp", "127.0.0.1:0") // for this machine only, whatever --host says
	if err != nil {
		return errors.Join(fmt.Errorf("listen for mails: %w", err), listener.Close())
	}
	d.app.SMTPURL = secret.New("smtp://" + mails.Addr().String())
	d.simURL = "http://" + listener.Addr().String()
	d.sim, err = startSimulator(listener, mails,
		d.follow(simulator.Config{Dir: filepath.Join(d.state.dir, "simulator"), PublicURL: d.simURL,
			Logger: d.log.With("part", "simulator")}))
	if err != nil {
		return errors.Join(err, listener.Close(), mails.Close())
	}
	d.onClose(d.sim.stop)
	d.state.SimulatorPort = portOf(listener)
	return d.state.save()
}

// listen takes the port, or the next one that is free.
func (d *dev) listen(what string, port int) (net.Listener, error) {
	const tries = 100
	for next := port; next < port+tries; next++ {
		l, err := net.Listen("tcp", net.JoinHostPort(d.cmd.Host, fmt.Sprint(next)))
		if err == nil {
			if next != port {
				d.say("port %d is taken: the %s listens on %d", port, what, next)
			}
			return l, nil
		}
		if next == port+tries-1 {
			return nil, fmt.Errorf("find a free port for the %s from %d on: %w", what, port, err)
		}
	}
	return nil, fmt.Errorf("find a free port for the %s from %d on", what, port)
}

func portOf(l net.Listener) int {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}

func firstOf(ports ...int) int {
	for _, p := range ports {
		if p != 0 {
			return p
		}
	}
	return 0
}

// config is that of a program on a laptop: addresses of this machine may be called by webhooks, and metrics need no
// token.
func (d *dev) config() boot.Config {
	c := d.base
	c.DatabaseURL, c.DatabaseOwnerURL = d.app.DatabaseURL, d.ownerURL
	c.MasterKeyset, c.OperatorToken = d.state.keyset(), d.state.operatorToken()
	c.PublicURL, c.SandboxURL, c.OpenMetrics, c.OpsListen = d.apiURL, d.simURL, true, ""
	c.WebhookAllowHTTP = true
	if u, err := url.Parse(d.simURL); err == nil { // the desk shows what its robots are told
		for _, channel := range []string{"wecom", "dingtalk", "feishu"} {
			c.NoticeHosts = append(c.NoticeHosts, channel+"="+u.Host)
		}
	}
	if c.SMTPURL.IsZero() { // the desk shows mails, unless a server is named
		c.SMTPURL, c.MailFrom = d.app.SMTPURL, "直通 <zhitong@zhitong.invalid>"
	}
	for _, network := range []string{"127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} {
		c.WebhookAllowNetworks = append(c.WebhookAllowNetworks, netip.MustParsePrefix(network))
	}
	return c
}

// serve runs the API with its workers; the demo is seeded, or looked after, as soon as it is up.
func (d *dev) serve(ctx context.Context) error {
	listener, err := d.listen("API", firstOf(d.cmd.Port, d.state.APIPort, 8080))
	if err != nil {
		return err
	}
	d.apiURL = "http://" + listener.Addr().String()
	app, err := boot.Build(ctx, d.config(),
		d.clocks(boot.Options{Log: d.log, API: true, Workers: true, Listener: listener}))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := d.moved(ctx, app); err != nil {
		app.Close()
		return errors.Join(err, listener.Close())
	}
	d.state.APIPort = portOf(listener)
	if err := d.state.save(); err != nil {
		return errors.Join(err, listener.Close())
	}
	d.running = app
	d.moving.Store(app)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	up, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- app.Run(ctx, func(net.Addr) { close(up) }) }()
	demo := make(chan error, 1)
	go func() { demo <- d.demo(ctx, up) }()
	var database <-chan struct{} // nil blocks: somebody else's database is somebody else's
	if d.postgres != nil {
		database = d.postgres.Done()
	}
	select {
	case err := <-ended:
		cancel(err)
		return errors.Join(err, quiet(<-demo))
	case err = <-demo:
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("seed the demo: %w", err)
		} else {
			err = nil
		}
	case err = <-d.sim.failed:
	case <-database:
		err = errors.New("Postgres has ended; its log is in the state directory") //nolint:staticcheck // a name
	}
	if ctx.Err() == nil && err == nil { // the demo watches until ctx ends
		err = errors.New("the demo ended by itself")
	}
	cancel(err)
	return errors.Join(err, <-ended)
}

func quiet(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
