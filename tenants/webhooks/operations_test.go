package webhooks_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/webhooks"
)

// received is what came to a receiver last.
type received struct {
	header http.Header
	body   []byte
}

func (r received) verifies(key secret.String, now time.Time) bool {
	return webhooks.Verify(key, r.header, r.body, now) == nil
}

// answering is a receiver that answers as told and keeps what came.
func answering(t *testing.T, answer http.HandlerFunc) (url string, got *received) {
	t.Helper()
	got = &received{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*got = received{r.Header, body}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func taken(http.ResponseWriter, *http.Request) {}

// While both secrets are valid either verifies; then the one before does not, and it does not at all without overlap.
func TestRotate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, got := answering(t, taken)
	e, first := b.endpoint(url)
	ev := b.emit()
	rotate := func(overlap time.Duration) secret.String {
		t.Helper()
		_, key, replayed, err := b.svc.Rotate(t.Context(), b.actor, idempotency.Key{}, e.ID, overlap)
		if err != nil || replayed {
			t.Fatalf("rotate: %v, replayed %v", err, replayed)
		}
		return key
	}
	both := func(step string, before, now secret.String, wantBefore bool) {
		t.Helper()
		b.deliver(ev, e.ID, 1)
		if !got.verifies(now, b.clock.Now()) || got.verifies(before, b.clock.Now()) != wantBefore {
			t.Errorf("%s: signatures %q, the one before should verify: %v",
				step, got.header.Get(webhooks.HeaderSignature), wantBefore)
		}
	}
	second := rotate(24 * time.Hour)
	both("within the overlap", first, second, true)
	b.clock.Advance(24*time.Hour - time.Second)
	both("at its end", first, second, true)
	b.clock.Advance(time.Second)
	both("after it", first, second, false)
	third := rotate(0)
	both("without overlap", second, third, false)
	fourth, fifth := rotate(time.Hour), rotate(time.Hour)
	both("changed twice", fourth, fifth, true)
	if got.verifies(third, b.clock.Now()) {
		t.Error("the secret before the one before still signs")
	}
}

// A deleted endpoint makes room, gets nothing more, and its secrets are gone.
func TestDeleteMakesRoom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, got := answering(t, taken)
	e, _ := b.endpoint(url)
	ev := b.emit()
	for range webhooks.EndpointsMax - 1 {
		b.endpoint("https://hooks.example.com/x")
	}
	_, _, _, err := b.svc.CreateEndpoint(t.Context(), b.actor, idempotency.Key{},
		webhooks.NewEndpoint{URL: "https://hooks.example.com/x"})
	wantCode(t, err, webhooks.CodeEndpointLimit)
	if err := b.svc.DeleteEndpoint(t.Context(), b.actor, e.ID, tenants.Match{}); err != nil {
		t.Fatal(err)
	}
	b.endpoint("https://hooks.example.com/x")
	if r := b.deliver(ev, e.ID, 2); !r.Stop || r.Delivered || got.body != nil {
		t.Errorf("a delivery that was queued before: %+v", r)
	}
	wantCode(t, b.svc.DeleteEndpoint(t.Context(), b.actor, e.ID, tenants.Match{}), webhooks.CodeEndpointNotFound)
	_, _, _, err = b.svc.Rotate(t.Context(), b.actor, idempotency.Key{}, e.ID, 0)
	wantCode(t, err, webhooks.CodeEndpointNotFound)
	_, err = b.svc.Test(t.Context(), b.actor, e.ID)
	wantCode(t, err, webhooks.CodeEndpointNotFound)
}

// A test goes to one endpoint, even a disabled one, changes nothing of its health, and is repeated only with another
// key.
func TestTestDelivery(t *testing.T) {
	t.Parallel()
	b := setup(t)
	calls := 0
	url, got := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusGone)
		_, _ = io.WriteString(w, strings.Repeat("去", 3000)+"\x00")
	})
	e, key := b.endpoint(url)
	other, _ := b.endpoint(url)
	off := webhooks.StatusDisabled
	if _, err := b.svc.UpdateEndpoint(t.Context(), b.actor, e.ID, webhooks.EndpointChange{Status: &off}); err != nil {
		t.Fatal(err)
	}
	a, err := b.svc.Test(t.Context(), b.actor, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !got.verifies(key, b.clock.Now()) || !strings.Contains(string(got.body), string(vocabulary.EventWebhookTest)) {
		t.Errorf("received %s", got.body)
	}
	if a.ResponseStatus != http.StatusGone || len(a.ResponseBody) != 4095 || a.RequestBody != string(got.body) ||
		a.RequestHeaders["webhook-id"] != a.Event.String() || a.URL != url ||
		a.ResponseHeaders["content-type"] == "" {
		t.Errorf("the attempt: %+v", a)
	}
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
	if b.jobs(e.ID)+b.jobs(other.ID) != 0 {
		t.Error("a test is queued")
	}
	now, err := b.svc.GetEndpoint(t.Context(), b.actor, e.ID)
	if err != nil || now.FailingSince != nil {
		t.Errorf("after the test: %+v, %v", now, err)
	}
}

// What is no text is not kept, nor are cookies.
func TestAttemptKeepsTextOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, _ := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Set-Cookie", "session=1")
		_, _ = io.WriteString(w, "binary")
	})
	e, _ := b.endpoint(url)
	b.deliver(b.emit(), e.ID, 1)
	list, err := b.svc.ListAttempts(t.Context(), b.actor, e.ID, tenants.Page[id.WebhookDelivery]{})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	a, err := b.svc.GetAttempt(t.Context(), b.actor, e.ID, list.Items[0].ID)
	if err != nil || a.ResponseBody != "" || a.ResponseHeaders["set-cookie"] != "" || a.ResponseStatus != 200 {
		t.Errorf("%+v, %v", a, err)
	}
}

// An event that is sent again goes to the endpoint that was named, whatever types it takes.
func TestResendTo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, _ := b.endpoint("https://hooks.example.com/one", vocabulary.EventCaseOpened)
	two, _ := b.endpoint("https://hooks.example.com/two", vocabulary.EventCaseOpened)
	ev := b.emit()
	if _, err := b.svc.ResendTo(t.Context(), b.actor, one.ID, ev); err != nil {
		t.Fatal(err)
	}
	if b.jobs(one.ID) != 1 || b.jobs(two.ID) != 0 {
		t.Errorf("%d and %d deliveries, want 1 and 0", b.jobs(one.ID), b.jobs(two.ID))
	}
	_, err := b.svc.ResendTo(t.Context(), b.actor, one.ID, id.New[id.Event]())
	wantCode(t, err, events.CodeNotFound)
}

// A test is sent again to the endpoint that was tested, and to no other.
func TestResendOfTest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	url, _ := answering(t, func(http.ResponseWriter, *http.Request) {})
	tested, _ := b.endpoint(url)
	other, _ := b.endpoint(url)
	a, err := b.svc.Test(t.Context(), b.actor, tested.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.svc.ResendTo(t.Context(), b.actor, other.ID, a.Event)
	wantCode(t, err, webhooks.CodeTestOfAnother)
	_, err = b.svc.Resend(t.Context(), b.actor, a.Event)
	wantCode(t, err, webhooks.CodeTestOfAnother)
	if _, err = b.svc.ResendTo(t.Context(), b.actor, tested.ID, a.Event); err != nil {
		t.Error(err)
	}
	if b.jobs(other.ID) != 0 || b.jobs(tested.ID) != 1 {
		t.Errorf("%d deliveries to the other endpoint, %d to the tested one", b.jobs(other.ID), b.jobs(tested.ID))
	}
}
