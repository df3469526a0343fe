package jobs_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/jobs"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
	"zhitong/tenants/webhooks"
)

// patience bounds every wait: far beyond what is needed on the slowest machine, so that only what never comes fails.
const patience = 2 * time.Minute

// webhookWorld is a database with workers for webhooks.
type webhookWorld struct {
	db    *db.DB
	hooks *webhooks.Service
	actor tenants.Actor
}

func newWebhookWorld(t *testing.T) *webhookWorld {
	t.Helper()
	text, err := secret.GenerateMaster()
	if err != nil {
		t.Fatal(err)
	}
	master, err := secret.ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	w := &webhookWorld{db: dbtest.NewDB(t)}
	w.hooks = webhooks.New(webhooks.Config{DB: w.db, Vault: vault.New(master), Clock: clock.System{},
		Reach: webhooks.Reach{AllowHTTP: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}})
	w.actor = tenants.Actor{Tenant: dbtest.NewTenant(t, w.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	return w
}

func (w *webhookWorld) endpoint(t *testing.T, url string, eventType vocabulary.EventType) id.WebhookEndpoint {
	t.Helper()
	e, _, _, err := w.hooks.CreateEndpoint(t.Context(), w.actor, idempotency.Key{},
		webhooks.NewEndpoint{URL: url, EventTypes: []string{string(eventType)}})
	if err != nil {
		t.Fatal(err)
	}
	return e.ID
}

func (w *webhookWorld) emit(t *testing.T, eventType vocabulary.EventType, n int) {
	t.Helper()
	err := w.actor.In(t.Context(), w.db, func(ctx context.Context, tx db.TenantTx) error {
		for range n {
			err := events.Emit(ctx, tx, events.Event{
				Type:        eventType,
				SubjectType: vocabulary.SubjectOrder,
				SubjectID:   id.New[id.Order](),
				At:          clock.System{}.Now(),
				Data:        map[string]any{},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// work starts the workers until the test ends.
func (w *webhookWorld) work(t *testing.T) {
	t.Helper()
	client, err := jobs.NewClient(w.db.Pool(), jobs.Deps{
		Webhooks: w.hooks,
		Clock:    clock.System{},
		Log:      slog.New(slog.DiscardHandler),
		Registry: prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := client.StopAndCancel(ctx); err != nil {
			t.Error(err)
		}
	})
}

// TestHangingReceiverDelaysNobodyElse: found by chaos. A receiver that takes requests and never answers held every
// worker for the ten seconds of each attempt, and the deliveries to healthy endpoints waited for minutes behind its
// backlog.
func TestHangingReceiverDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWebhookWorld(t)
	arrived, over := make(chan struct{}, 1), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthy" { // the same host: who hangs must not use its connections up either
			select {
			case arrived <- struct{}{}:
			default:
			}
			return
		}
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) })
	hanging := w.endpoint(t, server.URL+"/hanging", vocabulary.EventOrderPaid)
	w.endpoint(t, server.URL+"/healthy", vocabulary.EventOrderClosed)
	w.emit(t, vocabulary.EventOrderPaid, 150) // more than there are workers
	w.emit(t, vocabulary.EventOrderClosed, 1)
	w.work(t)
	select {
	case <-arrived:
	case <-time.After(patience):
		t.Fatal("nothing reaches the healthy endpoint")
	}
	// Whose turn it was is counted, not timed: behind the one that hangs, 87 attempts at it have to end before a worker
	// is free.
	ended := 0
	err := w.actor.In(t.Context(), w.db, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM webhook_attempts WHERE endpoint_id = $1", hanging).Scan(&ended)
	})
	if err != nil || ended >= 64 {
		t.Errorf("the healthy endpoint waited until %d attempts at the one that hangs had ended, %v", ended, err)
	}
}

// TestFailingEndpointHasItsOwnQueue: what an endpoint did not take is tried again beside the others' deliveries, and so
// is what comes after, until it is well.
func TestFailingEndpointHasItsOwnQueue(t *testing.T) {
	t.Parallel()
	w := newWebhookWorld(t)
	server := httptest.NewServer(
		http.HandlerFunc(
			func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusInternalServerError) },
		),
	)
	t.Cleanup(server.Close)
	failing := w.endpoint(t, server.URL, vocabulary.EventOrderPaid)
	w.endpoint(t, server.URL, vocabulary.EventOrderClosed) // of the same receiver, but nothing has failed there
	w.emit(t, vocabulary.EventOrderPaid, 1)
	w.work(t)
	queueOf := func(state string) (q string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		for {
			err := w.db.Pool().
				QueryRow(ctx, "SELECT queue FROM river.river_job WHERE args->>'endpoint_id' = $1 "+
					"AND state::text = $2 ORDER BY id DESC LIMIT 1", failing.UUID().String(), state).
				Scan(&q)
			if err == nil {
				return q
			}
			if !db.IsNoRows(err) {
				t.Fatal(err)
			}
		}
	}
	if q := queueOf("retryable"); q != queue.QueueFailing {
		t.Errorf("the failed delivery waits in queue %s", q)
	}
	var queues []string
	err := w.actor.In(t.Context(), w.db, func(ctx context.Context, tx db.TenantTx) error {
		for _, kind := range []vocabulary.EventType{vocabulary.EventOrderPaid, vocabulary.EventOrderClosed} {
			if err := events.Emit(ctx, tx,
				events.Event{Type: kind, SubjectType: vocabulary.SubjectOrder, SubjectID: id.New[id.Order](),
					At: clock.System{}.Now(), Data: map[string]any{}}); err != nil {
				return err
			}
			var q string
			if err := tx.QueryRow(ctx,
				"SELECT queue FROM river.river_job ORDER BY id DESC LIMIT 1").Scan(&q); err != nil {
				return err
			}
			queues = append(queues, q)
		}
		return nil
	})
	if err != nil || len(queues) != 2 || queues[0] != queue.QueueFailing || queues[1] != queue.QueueWebhooks {
		t.Errorf("new deliveries are queued in %v, %v", queues, err)
	}
}
