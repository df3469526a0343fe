package idempotency_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/tenantstest"
)

type answersBundle struct {
	answers *idempotency.Answers
	clock   *clock.Movable
	actor   tenants.Actor
}

func newAnswers(t *testing.T) *answersBundle {
	t.Helper()
	d := dbtest.NewDB(t)
	b := &answersBundle{clock: new(clock.Movable)}
	b.answers = idempotency.NewAnswers(idempotency.AnswersConfig{DB: d, Vault: tenantstest.Vault(t), Clock: b.clock})
	b.actor = tenants.Actor{
		Tenant: dbtest.NewTenant(t, d),
		Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role:   tenants.RoleOwner,
	}
	return b
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want code %q", err, code)
	}
}

// TestAnswers: the second request waits for the first, then gets its answer; another request, role or operation does
// not.
func TestAnswers(t *testing.T) {
	t.Parallel()
	b := newAnswers(t)
	k := idempotency.Key{Value: "k", Request: [32]byte{1}}
	c, seen, err := b.answers.Begin(t.Context(), b.actor, k, "closeOrder")
	if err != nil || seen != nil {
		t.Fatalf("%v, %v", seen, err)
	}
	_, _, err = b.answers.Begin(t.Context(), b.actor, k, "closeOrder")
	wantCode(t, err, idempotency.CodeKeyInUse)
	want := idempotency.Answer{Status: 200, ContentType: "application/json", ETag: `"2"`, Body: []byte(`{"id":"x"}`)}
	if err := b.answers.Finish(t.Context(), c, want); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, seen, err = b.answers.Begin(t.Context(), b.actor, k, "closeOrder")
		if err != nil || seen == nil || string(seen.Body) != string(want.Body) || seen.Status != want.Status ||
			seen.ContentType != want.ContentType || seen.ETag != want.ETag {
			t.Errorf("again: %+v, %v", seen, err)
		}
	}
	b.clock.Advance(2 * idempotency.Lease)
	if _, seen, err = b.answers.Begin(t.Context(), b.actor, k, "closeOrder"); err != nil || seen == nil {
		t.Errorf("when the lease would be over: %v, %v", seen, err)
	}
	_, _, err = b.answers.Begin(t.Context(), b.actor, idempotency.Key{Value: "k"}, "closeOrder")
	wantCode(t, err, idempotency.CodeKeyReused)
	_, _, err = b.answers.Begin(t.Context(), b.actor, k, "resendEvent")
	wantCode(t, err, idempotency.CodeKeyReused)
	weaker := b.actor
	weaker.Role = tenants.RoleSupport
	_, _, err = b.answers.Begin(t.Context(), weaker, k, "closeOrder")
	wantCode(t, err, idempotency.CodeKeyReused)
}

// TestAbandon: after a failure the same key runs again.
func TestAbandon(t *testing.T) {
	t.Parallel()
	b := newAnswers(t)
	k := idempotency.Key{Value: "k"}
	for range 2 {
		c, _, err := b.answers.Begin(t.Context(), b.actor, k, "closeOrder")
		if err != nil {
			t.Fatal(err)
		}
		if err := b.answers.Abandon(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLease: a request that died is followed by the next when its time is up, and finishes nothing when it lives after
// all.
func TestLease(t *testing.T) {
	t.Parallel()
	b := newAnswers(t)
	k := idempotency.Key{Value: "k"}
	dead, _, err := b.answers.Begin(t.Context(), b.actor, k, "closeOrder")
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(idempotency.Lease - time.Second)
	_, _, err = b.answers.Begin(t.Context(), b.actor, k, "closeOrder")
	wantCode(t, err, idempotency.CodeKeyInUse)
	b.clock.Advance(2 * time.Second)
	next, seen, err := b.answers.Begin(t.Context(), b.actor, k, "closeOrder")
	if err != nil || seen != nil {
		t.Fatalf("after the lease: %v, %v", seen, err)
	}
	if err := b.answers.Finish(t.Context(), dead, idempotency.Answer{Status: 200, Body: []byte("dead")}); err == nil {
		t.Error("who lost the lease has finished")
	}
	if err := b.answers.Abandon(t.Context(), dead); err != nil {
		t.Error(err)
	}
	if err := b.answers.Finish(t.Context(), next, idempotency.Answer{Status: 200, Body: []byte("next")}); err != nil {
		t.Fatal(err)
	}
	if _, seen, err = b.answers.Begin(t.Context(), b.actor, k, "closeOrder"); err != nil ||
		string(seen.Body) != "next" {
		t.Errorf("%v, %v", seen, err)
	}
}

// TestAnswersRace: of 32 requests at once one runs.
func TestAnswersRace(t *testing.T) {
	t.Parallel()
	b := newAnswers(t)
	var ran, told atomic.Int32
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			c, _, err := b.answers.Begin(t.Context(), b.actor, idempotency.Key{Value: "k"}, "closeOrder")
			switch {
			case err == nil && c != nil:
				ran.Add(1)
			case fault.CodeOf(err) == idempotency.CodeKeyInUse:
				told.Add(1)
			default:
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if ran.Load() != 1 || told.Load() != 31 {
		t.Errorf("%d ran, %d were told to come again", ran.Load(), told.Load())
	}
}
