package simulator

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"go.etcd.io/bbolt"

	"zhitong/internal/clock"
)

// Config says where a simulator lives and how it behaves. Only Dir is required.
type Config struct {
	// Dir holds the storage; it is made when missing. One process at a time.
	Dir string
	// PublicURL is how buyers and programs reach this simulator, without a trailing slash. Empty: taken from each request's Host.
	PublicURL string
	// Clock is the simulator's time: periods, expiry, retries. Nil: a clock of its own.
	Clock *clock.Movable
	// Wall is the time that a caller who knows nothing of a moved clock has; a request's timestamp may fit either. Nil: the machine's.
	Wall clock.Clock
	// Logger receives one line per request and per failed delivery. Nil: none.
	Logger *slog.Logger
	// HTTPClient delivers notifications. Nil: keep-alive, 10 s, no redirects.
	HTTPClient *http.Client
	// TimeScale divides the intervals between notification attempts; 0 means 1 (Alipay's schedule).
	TimeScale float64
	// Seed makes the random choices of faults repeatable.
	Seed uint64
	// TimestampWindow is how far a request's timestamp may be off, either way; 0 means 15 minutes.
	TimestampWindow time.Duration
	// Key is Alipay's key pair; nil: generated at the first start and stored. Tests share one.
	Key *rsa.PrivateKey
	// NotifyWorkers bounds concurrent deliveries; 0 means 32.
	NotifyWorkers int
	// KeepNotifications bounds how many finished notifications stay visible; 0 means 20000.
	KeepNotifications int
	// RefuseUnknownFields refuses business fields that the documentation's tables do not list; Alipay says not to send them, but mostly ignores them.
	RefuseUnknownFields bool
}

// Simulator is one running gateway with its storage, scheduler and pages. Safe for concurrent use.
type Simulator struct {
	cfg    Config
	log    *slog.Logger
	clk    *clock.Movable
	wall   clock.Clock
	store  *store
	keys   *keyring
	apps   appCache
	reg    map[string]*method
	faults faultBox
	notify *notifier
	timers timerState
	// public is Config.PublicURL, replaceable by SetPublicURL once the listener is known.
	public atomic.Pointer[string]
	router http.Handler

	stop context.CancelFunc
	done sync.WaitGroup
}

// New opens (or makes) the storage in cfg.Dir, loads the keys, and starts the scheduler and the delivery of notifications.
func New(cfg Config) (*Simulator, error) {
	if cfg.Dir == "" {
		return nil, errors.New("simulator: Config.Dir is empty")
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the storage directory: %w", err)
	}
	s := &Simulator{cfg: withDefaults(cfg)}
	s.log, s.clk, s.wall = s.cfg.Logger, s.cfg.Clock, s.cfg.Wall
	s.SetPublicURL(cfg.PublicURL)
	st, err := openStore(filepath.Join(cfg.Dir, "simulator.db"))
	if err != nil {
		return nil, err
	}
	s.store = st
	if err := s.load(); err != nil {
		return nil, errors.Join(err, st.db.Close())
	}
	s.reg = registry()
	s.router = s.routes()
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // the simulator's own life: Close ends it, no caller's context does
	s.stop = cancel
	s.notify = newNotifier(s)
	s.start(ctx)
	return s, nil
}

func withDefaults(cfg Config) Config {
	if cfg.Clock == nil {
		cfg.Clock = new(clock.Movable)
	}
	if cfg.Wall == nil {
		cfg.Wall = clock.System{}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.TimeScale <= 0 {
		cfg.TimeScale = 1
	}
	if cfg.TimestampWindow <= 0 {
		cfg.TimestampWindow = 15 * time.Minute
	}
	if cfg.NotifyWorkers <= 0 {
		cfg.NotifyWorkers = 32
	}
	if cfg.KeepNotifications <= 0 {
		cfg.KeepNotifications = 20_000
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = notificationClient(cfg.NotifyWorkers)
	}
	return cfg
}

// load reads what must be in memory: keys, applications, faults, the clock's offset.
func (s *Simulator) load() error {
	err := s.store.db.Update(func(btx *bbolt.Tx) error {
		tx := s.tx(btx, s.now())
		var err error
		if s.keys, err = loadKeyring(tx, s.cfg.Key); err != nil {
			return err
		}
		if err := s.restoreClock(tx); err != nil {
			return err
		}
		if err := s.apps.load(tx); err != nil {
			return err
		}
		if err := s.faults.load(tx, s.cfg.Seed); err != nil {
			return err
		}
		return seedAccounts(tx)
	})
	if err != nil {
		return fmt.Errorf("load the simulator's state: %w", err)
	}
	return nil
}

// Close stops deliveries and the scheduler and closes the storage. Undelivered notifications are delivered after the next New.
func (s *Simulator) Close() error {
	s.stop()
	s.done.Wait()
	return s.store.db.Close()
}

// Handler serves the gateway, the cashier and the desk.
func (s *Simulator) Handler() http.Handler { return s.router }

// SetPublicURL tells the simulator how it is reached, once that is known.
func (s *Simulator) SetPublicURL(u string) {
	u = strings.TrimSuffix(u, "/")
	s.public.Store(&u)
}

// base is the address to build links from: the public one, or the one the request came by.
func (s *Simulator) base(r *http.Request) string {
	if u := *s.public.Load(); u != "" {
		return u
	}
	if r == nil {
		return ""
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// now is the simulator's time.
func (s *Simulator) now() time.Time { return s.clk.Now() }

func (s *Simulator) routes() http.Handler {
	r := chi.NewRouter()
	r.Handle("/gateway.do", http.HandlerFunc(s.gateway))
	r.Route("/desk/api", s.deskAPI)
	s.cashierRoutes(r)
	s.downloads(r)
	s.assets(r)
	r.Group(func(r chi.Router) {
		r.Use(guarded)
		s.peoplePages(r)
		s.deskPages(r)
	})
	return r
}
