package webhooks_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/webhooks"
)

func TestEndpointLife(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e, key := b.endpoint("https://hooks.example.com/zhitong", vocabulary.EventOrderPaid, vocabulary.EventOrderDelivered)
	got, err := b.svc.GetEndpoint(t.Context(), b.actor, e.ID)
	if err != nil || got.URL != e.URL || len(got.EventTypes) != 2 || got.Status != webhooks.StatusEnabled {
		t.Fatalf("%+v, %v", got, err)
	}
	var sealed []byte
	err = b.actor.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT sealed_secret FROM webhook_endpoints").Scan(&sealed)
	})
	if err != nil || bytes.Contains(sealed, []byte(key.Reveal())) {
		t.Errorf("the secret is readable: %v", err)
	}
	url, types, off := "https://hooks.example.com/two", []string{}, webhooks.StatusDisabled
	got, err = b.svc.UpdateEndpoint(t.Context(), b.actor, e.ID,
		webhooks.EndpointChange{URL: &url, EventTypes: &types, Status: &off})
	if err != nil || got.URL != url || len(got.EventTypes) != 0 || got.Status != off {
		t.Errorf("%+v, %v", got, err)
	}
	b.emit()
	if n := b.jobs(e.ID); n != 0 {
		t.Errorf("a disabled endpoint has %d deliveries", n)
	}
	page, err := b.svc.ListEndpoints(t.Context(), b.actor, tenants.Page[id.WebhookEndpoint]{})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("%+v, %v", page, err)
	}
	_, _, _, err = b.svc.CreateEndpoint(t.Context(), b.actor, idempotency.Key{},
		webhooks.NewEndpoint{URL: url, EventTypes: []string{"order.stolen"}})
	wantCode(t, err, tenants.CodeInvalidRequest)
	unknown := []string{"*"}
	_, err = b.svc.UpdateEndpoint(t.Context(), b.actor, e.ID, webhooks.EndpointChange{EventTypes: &unknown})
	wantCode(t, err, tenants.CodeInvalidRequest)
}

// Only who wants a type hears of it.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all, _ := b.endpoint("https://hooks.example.com/all")
	paid, _ := b.endpoint("https://hooks.example.com/paid", vocabulary.EventOrderPaid)
	refunds, _ := b.endpoint("https://hooks.example.com/refunds", vocabulary.EventRefundSucceeded)
	ev := b.emit()
	if b.jobs(all.ID) != 1 || b.jobs(paid.ID) != 1 || b.jobs(refunds.ID) != 0 {
		t.Errorf("deliveries: all %d, paid %d, refunds %d", b.jobs(all.ID), b.jobs(paid.ID), b.jobs(refunds.ID))
	}
	if _, err := b.svc.Resend(t.Context(), b.actor, ev); err != nil {
		t.Fatal(err)
	}
	if b.jobs(all.ID) != 2 || b.jobs(paid.ID) != 2 || b.jobs(refunds.ID) != 0 {
		t.Errorf("sent again: all %d, paid %d, refunds %d", b.jobs(all.ID), b.jobs(paid.ID), b.jobs(refunds.ID))
	}
	_, err := b.svc.Resend(t.Context(), b.actor, id.New[id.Event]())
	wantCode(t, err, events.CodeNotFound)
}

// An event is there when its cause is, and not otherwise.
func TestEmitIsAtomic(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e, _ := b.endpoint("https://hooks.example.com/all")
	err := b.actor.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := events.Emit(ctx, tx,
			events.Event{Type: vocabulary.EventOrderPaid, SubjectType: vocabulary.SubjectOrder,
				SubjectID: id.New[id.Order](), Data: struct{}{}, At: b.clock.Now()}); err != nil {
			return err
		}
		return context.Canceled
	})
	page, listErr := events.New(b.db, b.clock).List(t.Context(), b.actor, tenants.Page[id.Event]{}, events.Filter{})
	if err != context.Canceled || listErr != nil || len(page.Items) != 0 || b.jobs(e.ID) != 0 {
		t.Errorf("%v, %v: events %+v, %d deliveries", err, listErr, page, b.jobs(e.ID))
	}
}

func TestEndpointLimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	made, refused := 0, 0
	for range webhooks.EndpointsMax + 8 {
		wg.Go(func() {
			_, _, _, err := b.svc.CreateEndpoint(t.Context(), b.actor, idempotency.Key{},
				webhooks.NewEndpoint{URL: "https://hooks.example.com/x"})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				made++
			case fault.CodeOf(err) == webhooks.CodeEndpointLimit:
				refused++
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made != webhooks.EndpointsMax || refused != 8 {
		t.Errorf("%d made, %d refused", made, refused)
	}
}

func TestWebhookIsolation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	e, _ := b.endpoint("https://hooks.example.com/x")
	ev := b.emit()
	other := tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	_, err := b.svc.GetEndpoint(t.Context(), other, e.ID)
	wantCode(t, err, webhooks.CodeEndpointNotFound)
	_, err = b.svc.UpdateEndpoint(t.Context(), other, e.ID, webhooks.EndpointChange{})
	wantCode(t, err, webhooks.CodeEndpointNotFound)
	_, err = b.svc.ListAttempts(t.Context(), other, e.ID, tenants.Page[id.WebhookDelivery]{})
	wantCode(t, err, webhooks.CodeEndpointNotFound)
	_, err = events.New(b.db, b.clock).Get(t.Context(), other, ev)
	wantCode(t, err, events.CodeNotFound)
	_, err = b.svc.Resend(t.Context(), other, ev)
	wantCode(t, err, events.CodeNotFound)
	if page, err := events.New(b.db, b.clock).List(t.Context(), other, tenants.Page[id.Event]{},
		events.Filter{}); err != nil ||
		len(page.Items) != 0 {
		t.Errorf("another tenant's events: %+v, %v", page, err)
	}
	if r, err := b.svc.Deliver(t.Context(), other.Tenant, ev, e.ID, 1); err != nil || !r.Stop || r.Delivered {
		t.Errorf("a delivery for another tenant: %+v, %v", r, err)
	}
	// an event of another tenant does not queue deliveries to these endpoints
	if err := other.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return events.Emit(ctx, tx,
			events.Event{Type: vocabulary.EventOrderPaid, SubjectType: vocabulary.SubjectOrder,
				SubjectID: id.New[id.Order](), Data: struct{}{}, At: b.clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	if n := b.jobs(e.ID); n != 1 {
		t.Errorf("%d deliveries, want the own one", n)
	}
}
