package access_test

import (
	"testing"
	"time"

	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
)

// TestExpiry: a key works until its end, to the moment, also when it was used just before.
func TestExpiry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	past, end := b.clock.Now(), b.clock.Now().Add(time.Hour)
	_, _, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleAdmin, ExpiresAt: &past})
	wantCode(t, err, tenants.CodeInvalidRequest)
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleAdmin, ExpiresAt: &end})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		advance time.Duration
		works   bool
	}{{0, true}, {time.Hour - 100*time.Millisecond, true}, {99 * time.Millisecond, true}, {time.Millisecond, false},
		{time.Hour, false}} {
		b.clock.Advance(step.advance)
		if _, err := b.svc.Authenticate(t.Context(), text.Reveal()); (err == nil) != step.works {
			t.Errorf("at %s: %v", b.clock.Now(), err)
		}
	}
	read, err := b.svc.GetKey(t.Context(), b.owner, k.ID)
	if err != nil || read.ExpiresAt == nil || !read.ExpiresAt.Equal(end) {
		t.Errorf("read: %+v, %v", read, err)
	}
}

// TestUsage: a key tells when it was used last; that is written at most once a minute, and not while a request waits.
func TestUsage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	use := func() time.Time {
		t.Helper()
		if _, err := b.svc.Authenticate(t.Context(), text.Reveal()); err != nil {
			t.Fatal(err)
		}
		return b.clock.Now()
	}
	shows := func(want *time.Time) {
		t.Helper()
		read, err := b.svc.GetKey(t.Context(), b.owner, k.ID)
		if err != nil || (read.LastUsedAt == nil) != (want == nil) || want != nil && !read.LastUsedAt.Equal(*want) {
			t.Errorf("last used at %v, %v; want %v", read.LastUsedAt, err, want)
		}
	}
	write := func() {
		t.Helper()
		if err := b.svc.WriteUsage(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first := use()
	shows(nil)
	write()
	shows(&first)
	b.clock.Advance(access.UsageEvery - time.Second)
	use()
	write()
	shows(&first)
	b.clock.Advance(time.Second)
	second := use()
	write()
	shows(&second)
	b.clock.Advance(time.Hour)
	write()
	shows(&second)
	list, err := b.svc.ListKeys(t.Context(), b.owner, tenants.Page[id.APIKey]{})
	if err != nil || len(list.Items) != 1 || list.Items[0].LastUsedAt == nil {
		t.Errorf("listed: %+v, %v", list, err)
	}
}
