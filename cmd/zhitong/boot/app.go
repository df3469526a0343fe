package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/riverqueue/river"

	"zhitong/api/checkout/hub"
	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/jobs"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/orders"
	"zhitong/tenants/people"
	"zhitong/tenants/requests"
	"zhitong/tenants/vault"
)

// Options are what a program decides and the environment does not.
type Options struct {
	// Log is the program's log; nil: none.
	Log *slog.Logger
	// Clock is the program's time; nil: the machine's.
	Clock clock.Clock
	// Wall is the time that people's devices and others' servers have, when Clock is one that the desk of a sandbox
	// moves: sessions, codes and signatures of webhooks go by it. Such a program talks to the simulator only, and needs
	// one. Nil: Clock is nobody's to move.
	Wall clock.Clock
	// API serves HTTP; Workers works the jobs. At least one of them.
	API, Workers bool
	// Listener and OpsListener are used instead of Config.Listen and Config.OpsListen.
	Listener, OpsListener net.Listener
	// Step is called before and after each commit and gateway call of the phased use cases; for tests of crashes.
	Step func(name string)
	// OnChange hears of every committed change of an order in this process, beside the pages that wait for it.
	OnChange func(id.Tenant, id.Order)
}

// App is a built program, not yet running.
type App struct {
	Config   Config
	Log      *slog.Logger
	DB       *db.DB
	Tenants  *tenants.Service
	Orders   *orders.Service
	People   *people.Service
	Jobs     *river.Client[pgx.Tx] // works the queues when Options.Workers, only inserts otherwise
	Handler  http.Handler          // the API with its pages; nil without Options.API
	Ops      http.Handler          // what OpsListener serves; nil when it is served beside the API
	Registry *prometheus.Registry

	opts    Options
	hub     *hub.Hub
	streams *hub.Streams
	access  *access.Service

	requests *requests.Log
	vault    *vault.Vault
	jobsUI   func(context.Context) error // starts River UI's own service
	workers  bool
	steps    func(pkg string) func(name string) // the hook of each package that has one
	gate     *gate                              // nil when the database was there at the start
}

// Limits of a connection. Pages that follow an order by server-sent events lift the write timeout for themselves.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 60 * time.Second
	idleTimeout       = 2 * time.Minute
	// usageMax bounds what a stop waits for the note of when API keys were used.
	usageMax       = 2 * time.Second
	headerBytesMax = 32 << 10
)

// Join makes somebody new a member by the word of an invitation's link.
func (a *App) Join(ctx context.Context, word string, j *people.Joining) error {
	_, err := a.access.AcceptInvitation(ctx, a.People, word, access.Joiner{New: j})
	return err
}

// Close lets go of the database. Run does it by itself.
func (a *App) Close() {
	a.hub.Close()
	a.streams.Close()
	a.DB.Close()
}

// Run serves and works until ctx ends or something breaks, and then stops in order: no new connections, requests
// drained, jobs stopped, database closed. ready, when not nil, is called once with the address of the API's listener
// (nil without API) when everything is up. A database that is away at the start is waited for, without a bound: until
// then every request but the probes is answered with 503.
func (a *App) Run(ctx context.Context, ready func(net.Addr)) error {
	defer a.Close()
	servers, addr, err := a.listen()
	if err != nil {
		return err
	}
	failed := make(chan error, len(servers))
	for _, s := range servers {
		go func() {
			if err := s.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("serve on %s: %w", s.listener.Addr(), err)
			}
		}()
	}
	// Jobs and River UI outlive ctx: they are stopped after the requests that may still insert jobs.
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	if err := a.begin(ctx, background, failed); err != nil {
		return errors.Join(err, a.stop(servers))
	}
	if a.opts.API {
		go a.access.KeepUsage(background, a.Log)
		go a.requests.Run(background)
	}
	if ready != nil {
		ready(addr)
	}
	a.Log.Info("up", "api", a.opts.API, "workers", a.workers, "address", fmt.Sprint(addr))
	select {
	case <-ctx.Done():
		a.Log.Info("stopping")
	case err = <-failed:
		a.Log.Error("stopping", "error", err)
	}
	return errors.Join(err, a.stop(servers))
}

func (a *App) startJobs(ctx context.Context) error {
	if a.jobsUI != nil {
		if err := a.jobsUI(ctx); err != nil {
			return fmt.Errorf("start River UI: %w", err)
		}
	}
	if !a.workers {
		return nil
	}
	if err := a.Jobs.Start(ctx); err != nil {
		return fmt.Errorf("start the workers: %w", err)
	}
	go jobs.NewFair(a.DB.Pool(), a.Log).Run(ctx)
	return nil
}

// server is an http.Server with its listener.
type server struct {
	*http.Server
	listener net.Listener
}

func (a *App) listen() (servers []*server, addr net.Addr, err error) {
	defer func() {
		if err != nil {
			for _, s := range servers {
				_ = s.listener.Close()
			}
		}
	}()
	if a.Handler != nil {
		l, err := listen(a.opts.Listener, a.Config.Listen)
		if err != nil {
			return servers, nil, err
		}
		servers, addr = append(servers, a.server(l, a.Handler)), l.Addr()
	}
	if a.Ops != nil {
		l, err := listen(a.opts.OpsListener, a.Config.OpsListen)
		if err != nil {
			return servers, nil, err
		}
		servers = append(servers, a.server(l, a.Ops))
	}
	return servers, addr, nil
}

func listen(given net.Listener, address string) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

func (a *App) server(l net.Listener, h http.Handler) *server {
	return &server{&http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    headerBytesMax,
		ErrorLog:          slog.NewLogLogger(a.Log.Handler(), slog.LevelDebug), // handshakes and hang-ups of strangers
	}, framedListener{l}}
}

// stop drains the servers together, then the jobs. Each gets Config.ShutdownTimeout.
func (a *App) stop(servers []*server) error {
	a.hub.Close() // pages that wait for an order go home, else they would hold their server
	a.streams.Close()
	ctx, cancel := context.WithTimeout(context.Background(), a.Config.ShutdownTimeout)
	defer cancel()
	errs := make(chan error, len(servers))
	for _, s := range servers {
		go func() {
			err := s.Shutdown(ctx)
			if err != nil {
				err = errors.Join(fmt.Errorf("drain requests: %w", err), s.Close())
			}
			errs <- err
		}()
	}
	var all []error
	for range servers {
		all = append(all, <-errs)
	}
	brief, done := context.WithTimeout(ctx, usageMax)
	defer done()
	a.requests.Write(brief)
	if err := a.access.WriteUsage(brief); err != nil {
		a.Log.Warn("the use of API keys was not written", "error", err)
	}
	return errors.Join(append(all, a.stopJobs())...)
}

// stopJobs lets running jobs finish; those that do not are canceled, and run again after the next start.
func (a *App) stopJobs() error {
	if !a.workers {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.Config.ShutdownTimeout)
	defer cancel()
	if err := a.Jobs.Stop(ctx); err == nil {
		return nil
	}
	hard, cancelHard := context.WithTimeout(context.Background(), a.Config.ShutdownTimeout)
	defer cancelHard()
	if err := a.Jobs.StopAndCancel(hard); err != nil {
		return fmt.Errorf("stop the workers: %w", err)
	}
	return nil
}
