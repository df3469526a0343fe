// Package state keeps what a simulator knows: storage, clock and timers, keys, applications, accounts and their money,
// faults.
//
// It promises: an effect is one transaction at one instant of the simulator's time, which survives kill -9; a timer
// that is due happens once, at its own time; money is moved between purses, never made. What the records of a trade or
// a transfer mean is said by the packages above, which name their buckets and timers themselves.
package state

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"zhitong/internal/clock"
	"zhitong/simulator/faults"
)

// Config says where a simulator lives and how it behaves. Only Dir is required.
type Config struct {
	// Dir holds the storage; it is made when missing. One process at a time.
	Dir string
	// PublicURL is how buyers and programs reach this simulator, without a trailing slash. Empty: taken from each
	// request's Host.
	PublicURL string
	// Clock is the simulator's time: periods, expiry, retries. Nil: a clock of its own.
	Clock *clock.Movable
	// Wall is the time that a caller who knows nothing of a moved clock has; a request's timestamp may fit either. Nil:
	// the machine's.
	Wall clock.Clock
	// Moved hears of each move of the clock, once what became due has happened: how far the clock is ahead of the
	// machine's then, and by how much it was moved. Nil: nobody does.
	Moved func(ahead, by time.Duration)
	// Logger receives one line per request and per failed delivery. Nil: none.
	Logger *slog.Logger
	// HTTPClient delivers notifications. Nil: keep-alive, 10 s, no redirects.
	HTTPClient *http.Client
	// TimeScale divides the intervals between notification attempts; 0 means 1 (Alipay's schedule).
	TimeScale float64
	// Seed makes the random choices of faults repeatable.
	Seed uint64
	// TimestampWindow is how far a request's timestamp may be off, either way; 0: as it likes, for Alipay's
	// documentation names its form alone.
	TimestampWindow time.Duration
	// Key is Alipay's key pair; nil: generated at the first start and stored. Tests share one.
	Key *rsa.PrivateKey
	// NotifyWorkers bounds concurrent deliveries; 0 means 32.
	NotifyWorkers int
	// KeepNotifications bounds how many finished notifications stay visible; 0 means 20000.
	KeepNotifications int
	// RefuseUnknownFields refuses business fields that the documentation's tables do not list; Alipay says not to send
	// them, but mostly ignores them.
	RefuseUnknownFields bool
}

// State is everything a simulator keeps: storage, keys, applications, accounts, faults, timers and the clock. Safe for
// concurrent use.
type State struct {
	Config Config // with its defaults filled in
	Log    *slog.Logger
	Clock  *clock.Movable // the simulator's time; Now reads it
	Wall   clock.Clock    // the time of a caller who knows nothing of a moved clock
	Keys   *Keyring
	Apps   AppCache
	Faults faults.Box

	store  *store
	timers timerState
	// woken is filled when a notification was queued or the clock moved: the scheduler looks at once.
	woken chan struct{}
	// public is Config.PublicURL, replaceable by SetPublicURL once the listener is known.
	public atomic.Pointer[string]
}

// Open opens (or makes) the storage in cfg.Dir and loads what is held in memory. handlers say what a due timer of each
// kind does.
func Open(cfg Config, handlers ...Timers) (*State, error) {
	if cfg.Dir == "" {
		return nil, errors.New("simulator: Config.Dir is empty")
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the storage directory: %w", err)
	}
	s := &State{Config: withDefaults(cfg), woken: make(chan struct{}, 1)}
	s.Log, s.Clock, s.Wall = s.Config.Logger, s.Config.Clock, s.Config.Wall
	s.timers.handle = mergeHandlers(handlers)
	s.SetPublicURL(cfg.PublicURL)
	st, err := openStore(filepath.Join(cfg.Dir, "simulator.db"))
	if err != nil {
		return nil, err
	}
	s.store = st
	if err := s.load(); err != nil {
		return nil, errors.Join(err, st.db.Close())
	}
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
	if cfg.NotifyWorkers <= 0 {
		cfg.NotifyWorkers = 32
	}
	if cfg.KeepNotifications <= 0 {
		cfg.KeepNotifications = 20_000
	}
	return cfg
}

// load reads what must be in memory: keys, applications, faults, the clock's offset.
func (s *State) load() error {
	err := s.store.db.Update(func(btx *bbolt.Tx) error {
		tx := s.tx(btx, s.Now())
		var err error
		if s.Keys, err = loadKeyring(tx, s.Config.Key); err != nil {
			return err
		}
		if err := s.restoreClock(tx); err != nil {
			return err
		}
		if err := s.Apps.load(tx); err != nil {
			return err
		}
		if err := s.loadFaults(tx); err != nil {
			return err
		}
		return seedAccounts(tx)
	})
	if err != nil {
		return fmt.Errorf("load the simulator's state: %w", err)
	}
	return nil
}

// Close closes the storage; nothing may be under way.
func (s *State) Close() error { return s.store.db.Close() }

// Wake makes the scheduler look now.
func (s *State) Wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// Wakes is received from when the scheduler has something to look at before its next tick.
func (s *State) Wakes() <-chan struct{} { return s.woken }

// SetPublicURL tells the simulator how it is reached, once that is known.
func (s *State) SetPublicURL(u string) {
	u = strings.TrimSuffix(u, "/")
	s.public.Store(&u)
}

// BaseURL is the address to build links from: the public one, or the one the request came by.
func (s *State) BaseURL(r *http.Request) string {
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

// Now is the simulator's time.
func (s *State) Now() time.Time { return s.Clock.Now() }
