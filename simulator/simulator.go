package simulator

import (
	"context"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"zhitong/simulator/access"
	"zhitong/simulator/bills"
	"zhitong/simulator/cashier"
	"zhitong/simulator/complaints"
	"zhitong/simulator/desk"
	"zhitong/simulator/gateway"
	"zhitong/simulator/mailbox"
	"zhitong/simulator/merchants"
	"zhitong/simulator/notify"
	"zhitong/simulator/pages"
	"zhitong/simulator/people"
	"zhitong/simulator/robots"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
	"zhitong/simulator/transfers"
)

// schedulerTick is how often (real time) the scheduler looks at the movable clock.
const schedulerTick = 50 * time.Millisecond

// Config says where a simulator lives and how it behaves. Only Dir is required.
type Config = state.Config

// Simulator is one running gateway with its storage, scheduler and pages. Safe for concurrent use.
type Simulator struct {
	st     *state.State
	notify *notify.Notifier
	router http.Handler
	mail   *mailbox.Server

	stop context.CancelFunc
	done sync.WaitGroup
}

// New opens (or makes) the storage in cfg.Dir, loads the keys, and starts the scheduler and the delivery of
// notifications.
func New(cfg Config) (*Simulator, error) {
	st, err := state.Open(cfg, trades.Timers(), merchants.Timers(), transfers.Timers(), complaints.Timers())
	if err != nil {
		return nil, err
	}
	s := &Simulator{st: st, notify: notify.New(st), router: routes(st), mail: mailbox.New(st)}
	//nolint:forbidigo // the simulator's own life: Close ends it, no caller's context does
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.done.Go(func() { s.schedule(ctx) })
	s.done.Go(func() { s.notify.Run(ctx) })
	return s, nil
}

// schedule carries out what is due and hands due notifications to their workers, until the context ends.
func (s *Simulator) schedule(ctx context.Context) {
	tick := time.NewTicker(schedulerTick)
	defer tick.Stop()
	for {
		s.st.RunDue(s.st.Now())
		s.notify.Dispatch()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-s.st.Wakes():
		}
	}
}

// Close stops deliveries and the scheduler and closes the storage. Undelivered notifications are delivered after the
// next New.
func (s *Simulator) Close() error {
	s.stop()
	s.mail.Close()
	s.done.Wait()
	return s.st.Close()
}

// ServeMail takes mails over SMTP until Close; the desk shows them.
func (s *Simulator) ServeMail(l net.Listener) error { return s.mail.Serve(l) }

// Handler serves the gateway, the cashier and the desk.
func (s *Simulator) Handler() http.Handler { return s.router }

// SetPublicURL tells the simulator how it is reached, once that is known.
func (s *Simulator) SetPublicURL(u string) { s.st.SetPublicURL(u) }

func routes(st *state.State) http.Handler {
	buyers := cashier.New(st)
	gw := gateway.New(st, methods(), buyers.AnswerPage)
	staff := desk.New(st, gw)
	r := chi.NewRouter()
	r.Use(middleware.GetHead)
	r.Handle("/gateway.do", gw)
	r.HandleFunc("/v3/*", gw.RefuseV3)
	r.HandleFunc("/gateway.do/v3/*", gw.RefuseV3)
	r.Route("/desk/api", staff.API)
	buyers.Routes(r)
	bills.Routes(r, st)
	robots.Routes(r, st)
	pages.Assets(r)
	r.Group(func(r chi.Router) {
		r.Use(pages.Guarded)
		buyers.People(r)
		staff.Pages(r)
	})
	return r
}

// methods are those of every family.
func methods() []gateway.Method {
	return slices.Concat(trades.Methods(), merchants.Methods(), transfers.Methods(), bills.Methods(),
		complaints.Methods(), people.Methods(), access.Methods())
}

// Methods lists every method the gateway knows, sorted: for documentation and for tests that compare it with a client.
func Methods() []string { return slices.Sorted(maps.Keys(gateway.Registry(methods()))) }
