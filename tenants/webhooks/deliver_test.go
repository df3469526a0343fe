package webhooks_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
	"zhitong/tenants/webhooks"
)

var master = sync.OnceValues(func() (*secret.Master, error) {
	text, err := secret.GenerateMaster()
	if err != nil {
		return nil, err
	}
	return secret.ParseMaster(text)
})

type testBundle struct {
	t     *testing.T
	db    *db.DB
	vault *vault.Vault
	clock *clock.Movable
	svc   *webhooks.Service
	actor tenants.Actor
}

// loopback lets tests receive on this machine.
func loopback() webhooks.Reach {
	return webhooks.Reach{AllowHTTP: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
}

func setup(t *testing.T) *testBundle {
	t.Helper()
	m, err := master()
	if err != nil {
		t.Fatal(err)
	}
	b := &testBundle{t: t, db: dbtest.NewDB(t), vault: vault.New(m),
		clock: clock.FrozenAt(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC))}
	b.svc = b.service(loopback(), nil)
	b.actor = tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	return b
}

func (b *testBundle) service(r webhooks.Reach, step func(string)) *webhooks.Service {
	return webhooks.New(webhooks.Config{DB: b.db, Vault: b.vault, Clock: b.clock, Reach: r, Step: step})
}

func (b *testBundle) endpoint(url string, types ...vocabulary.EventType) (webhooks.Endpoint, secret.String) {
	b.t.Helper()
	var names []string
	for _, t := range types {
		names = append(names, string(t))
	}
	e, s, _, err := b.svc.CreateEndpoint(b.t.Context(), b.actor, idempotency.Key{},
		webhooks.NewEndpoint{URL: url, EventTypes: names})
	if err != nil {
		b.t.Fatalf("make an endpoint: %v", err)
	}
	return e, s
}

// emit writes an order.paid event and gives its id.
func (b *testBundle) emit() id.Event {
	b.t.Helper()
	order := id.New[id.Order]()
	err := b.actor.In(b.t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return events.Emit(
			ctx,
			tx,
			events.Event{Type: vocabulary.EventOrderPaid, SubjectType: vocabulary.SubjectOrder, SubjectID: order,
				At:   b.clock.Now(),
				Data: map[string]any{"order_id": order, "total_fen": 10000}},
		)
	})
	if err != nil {
		b.t.Fatalf("emit: %v", err)
	}
	page, err := events.New(b.db, b.clock).List(b.t.Context(), b.actor, tenants.Page[id.Event]{Limit: 1},
		events.Filter{Types: []vocabulary.EventType{vocabulary.EventOrderPaid}})
	if err != nil || len(page.Items) != 1 {
		b.t.Fatalf("list events: %+v, %v", page, err)
	}
	return page.Items[0].ID
}

// jobs counts the deliveries that are queued for an endpoint.
func (b *testBundle) jobs(e id.WebhookEndpoint) (n int) {
	b.t.Helper()
	err := b.actor.In(b.t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM river.river_job WHERE kind = 'webhook_deliver' "+
			"AND args->>'endpoint_id' = $1", e.UUID().String()).
			Scan(&n)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func (b *testBundle) deliver(ev id.Event, e id.WebhookEndpoint, attempt int) webhooks.Result {
	b.t.Helper()
	r, err := b.svc.Deliver(b.t.Context(), b.actor.Tenant, ev, e, attempt)
	if err != nil {
		b.t.Fatalf("deliver: %v", err)
	}
	return r
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want code %q", err, code)
	}
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var got *http.Request
	var body []byte
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(receiver.Close)
	e, key := b.endpoint(receiver.URL + "/hooks?a=1")
	ev := b.emit()
	if n := b.jobs(e.ID); n != 1 {
		t.Errorf("%d deliveries are queued", n)
	}
	r := b.deliver(ev, e.ID, 1)
	if !r.Delivered || r.Stop || r.Status != http.StatusNoContent || r.Failure != "" {
		t.Fatalf("%+v", r)
	}
	if err := webhooks.Verify(key, got.Header, body, b.clock.Now()); err != nil {
		t.Errorf("the receiver cannot verify: %v", err)
	}
	if got.Method != http.MethodPost || got.URL.RawQuery != "a=1" ||
		got.Header.Get("Content-Type") != "application/json" ||
		got.Header.Get(webhooks.HeaderID) != ev.String() {
		t.Errorf("received %s %s %v", got.Method, got.URL, got.Header)
	}
	var p struct {
		ID        id.Event             `json:"id"`
		Type      vocabulary.EventType `json:"type"`
		Sequence  int                  `json:"sequence"`
		Mode      string               `json:"mode"`
		TenantID  id.Tenant            `json:"tenant_id"`
		SubjectID string               `json:"subject_id"`
		Timestamp time.Time            `json:"timestamp"`
		Data      map[string]any       `json:"data"`
	}
	if err := json.Unmarshal(body, &p); err != nil || p.ID != ev || p.Type != vocabulary.EventOrderPaid ||
		p.Sequence != 1 || p.Mode != "sandbox" || p.TenantID != b.actor.Tenant || p.SubjectID == "" ||
		!p.Timestamp.Equal(b.clock.Now()) ||
		p.Data["total_fen"] != float64(10000) ||
		len(p.Data) != 2 {
		t.Errorf("received %s: %v", body, err)
	}
	list, err := b.svc.ListAttempts(t.Context(), b.actor, e.ID, tenants.Page[id.WebhookDelivery]{})
	if err != nil || len(list.Items) != 1 || list.Items[0].ResponseStatus != 204 || list.Items[0].Attempt != 1 ||
		list.Items[0].Error != "" ||
		list.Items[0].Event != ev {
		t.Errorf("attempts %+v, %v", list, err)
	}
}

// The same bytes at every attempt: a receiver may compare them.
func TestDeliverTwiceSendsTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	var bodies []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies = append(bodies, string(raw))
	}))
	t.Cleanup(receiver.Close)
	e, _ := b.endpoint(receiver.URL)
	ev := b.emit()
	b.deliver(ev, e.ID, 1)
	b.clock.Advance(time.Hour)
	b.deliver(ev, e.ID, 2)
	if len(bodies) != 2 || bodies[0] != bodies[1] {
		t.Errorf("%q", bodies)
	}
}

func TestDeliverNotTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		want    webhooks.Result
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
		}, webhooks.Result{Status: 500, Failure: "the receiver answered 500"}},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
		},
			webhooks.Result{Status: 302, Failure: "the receiver answered 302"}},
		{"gone", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(410)
		}, webhooks.Result{Status: 410, Stop: true, Failure: "the receiver answered 410 Gone"}},
		{"later", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(503)
		},
			webhooks.Result{Status: 503, RetryAfter: 2 * time.Minute, Failure: "the receiver answered 503"}},
		{"at a date", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "Sun, 01 Nov 2026 09:00:00 GMT")
			w.WriteHeader(429)
		}, webhooks.Result{Status: 429, RetryAfter: time.Hour, Failure: "the receiver answered 429"}},
		{"in a hundred years", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3153600000")
			w.WriteHeader(503)
		},
			webhooks.Result{Status: 503, RetryAfter: 24 * time.Hour, Failure: "the receiver answered 503"}},
		{"never mind when", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "-1")
			w.WriteHeader(503)
		},
			webhooks.Result{Status: 503, Failure: "the receiver answered 503"}},
		{"hangs up", func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, webhooks.Result{Failure: "the connection or the answer was broken"}},
		{"endless headers", func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				w.Header().Add("X", strings.Repeat("a", 1000))
			}
			w.WriteHeader(200)
		}, webhooks.Result{Failure: "the connection or the answer was broken"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			receiver := httptest.NewUnstartedServer(c.handler)
			receiver.Config.ErrorLog = nil
			receiver.Start()
			t.Cleanup(receiver.Close)
			e, _ := b.endpoint(receiver.URL)
			if r := b.deliver(b.emit(), e.ID, 3); r != c.want {
				t.Errorf("%+v, want %+v", r, c.want)
			}
			list, err := b.svc.ListAttempts(t.Context(), b.actor, e.ID, tenants.Page[id.WebhookDelivery]{})
			if err != nil || len(list.Items) != 1 || list.Items[0].Attempt != 3 ||
				list.Items[0].Error != c.want.Failure ||
				list.Items[0].ResponseStatus != c.want.Status {
				t.Errorf("attempts %+v, %v", list, err)
			}
			got, err := b.svc.GetEndpoint(t.Context(), b.actor, e.ID)
			if err != nil || got.FailingSince == nil || (got.Status == webhooks.StatusDisabled) != c.want.Stop {
				t.Errorf("the endpoint is %+v, %v", got, err)
			}
		})
	}
}

// An answer without end is taken by its status, and no more of it is read than fits.
func TestDeliverEndlessAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var sent atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 32<<10)
		for {
			n, err := w.Write(chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}))
	t.Cleanup(receiver.Close)
	e, _ := b.endpoint(receiver.URL)
	if r := b.deliver(b.emit(), e.ID, 1); !r.Delivered {
		t.Errorf("%+v", r)
	}
	if n := sent.Load(); n > 64<<20 { // what the kernel's buffers took, at most
		t.Errorf("%d bytes were taken", n)
	}
}

func TestDeliverUnreachable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	e, _ := b.endpoint(closed.URL)
	if r := b.deliver(b.emit(), e.ID, 1); r.Delivered || r.Stop || r.Failure != "no connection" || r.Status != 0 {
		t.Errorf("%+v", r)
	}
}

// A program that is stopped while it waits has learnt nothing about the receiver.
func TestDeliverStopped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see that the caller has gone
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(receiver.Close)
	e, _ := b.endpoint(receiver.URL)
	if _, err := b.svc.Deliver(ctx, b.actor.Tenant, b.emit(), e.ID, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if got, err := b.svc.GetEndpoint(t.Context(), b.actor, e.ID); err != nil || got.FailingSince != nil {
		t.Errorf("the receiver is blamed: %+v, %v", got, err)
	}
}

// Five days without one success switch an endpoint off and open a case; one success starts the count anew.
func TestDisableAfterDays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var healthy atomic.Bool
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !healthy.Load() {
			w.WriteHeader(500)
		}
	}))
	t.Cleanup(receiver.Close)
	e, _ := b.endpoint(receiver.URL, vocabulary.EventOrderPaid)
	all, _ := b.endpoint(receiver.URL)
	status := func() webhooks.Endpoint {
		t.Helper()
		got, err := b.svc.GetEndpoint(t.Context(), b.actor, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	ev := b.emit()
	b.deliver(ev, e.ID, 1)
	b.clock.Advance(4 * 24 * time.Hour)
	healthy.Store(true)
	b.deliver(ev, e.ID, 2)
	if got := status(); got.FailingSince != nil {
		t.Errorf("after a success it is failing since %s", got.FailingSince)
	}
	healthy.Store(false)
	b.deliver(ev, e.ID, 3)
	b.clock.Advance(webhooks.DisableAfter - time.Second)
	b.deliver(ev, e.ID, 4)
	if got := status(); got.Status != webhooks.StatusEnabled {
		t.Error("it is switched off too early")
	}
	b.clock.Advance(time.Second)
	before := b.jobs(all.ID)
	b.deliver(ev, e.ID, 5)
	if got := status(); got.Status != webhooks.StatusDisabled {
		t.Error("it is not switched off")
	}
	if r := b.deliver(ev, e.ID, 6); !r.Stop {
		t.Errorf("a disabled endpoint is called: %+v", r)
	}
	var cases int
	err := b.actor.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM cases WHERE kind = 'webhook_disabled' "+
			"AND detail LIKE '%' || $1 || '%'", e.ID.String()).
			Scan(&cases)
	})
	if err != nil || cases != 1 {
		t.Errorf("%d cases, %v", cases, err)
	}
	page, err := events.New(b.db, b.clock).List(t.Context(), b.actor, tenants.Page[id.Event]{},
		events.Filter{Types: []vocabulary.EventType{vocabulary.EventCaseOpened}})
	if err != nil || len(page.Items) != 1 || b.jobs(all.ID) != before+1 {
		t.Errorf("the other endpoint is not told: %+v, %v", page, err)
	}
	enabled := webhooks.StatusEnabled
	if got, err := b.svc.UpdateEndpoint(t.Context(), b.actor, e.ID,
		webhooks.EndpointChange{Status: &enabled}); err != nil ||
		got.FailingSince != nil {
		t.Errorf("enabled again: %+v, %v", got, err)
	}
	healthy.Store(true)
	if r := b.deliver(ev, e.ID, 1); !r.Delivered {
		t.Errorf("%+v", r)
	}
}

// A crash before or after sending: run again, and the receiver has it under one id.
func TestDeliverCrash(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"read", "sent", "recorded"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			var mu sync.Mutex
			ids := map[string]int{}
			receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				ids[r.Header.Get(webhooks.HeaderID)]++
			}))
			t.Cleanup(receiver.Close)
			e, _ := b.endpoint(receiver.URL)
			ev := b.emit()
			func() {
				defer func() { _ = recover() }()
				_, _ = b.service(loopback(), func(name string) {
					if name == at {
						panic("crash")
					}
				}).Deliver(t.Context(), b.actor.Tenant, ev, e.ID, 1)
				t.Error("no crash")
			}()
			if r := b.deliver(ev, e.ID, 2); !r.Delivered {
				t.Errorf("%+v", r)
			}
			if len(ids) != 1 || ids[ev.String()] == 0 {
				t.Errorf("received %v", ids)
			}
		})
	}
}

// A receiver that never answers is given up after ten seconds.
func TestDeliverTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		if d := webhooks.TimeoutOf(t, loopback()); d != 10*time.Second {
			t.Errorf("given up after %s", d)
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	var sum time.Duration
	last := time.Duration(0)
	for _, d := range webhooks.Backoff() {
		if d < last {
			t.Errorf("%s after %s", d, last)
		}
		sum, last = sum+d, d
	}
	if first := webhooks.Backoff()[0]; first != 5*time.Second || sum > webhooks.DisableAfter ||
		webhooks.AttemptsMax() != len(webhooks.Backoff())+1 {
		t.Errorf("first %s, %s in all, %d attempts", first, sum, webhooks.AttemptsMax())
	}
}
