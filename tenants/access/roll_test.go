package access_test

import (
	"sync"
	"testing"
	"time"

	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
)

func (b *testBundle) newKey(t *testing.T, in access.NewAPIKey) (access.APIKey, secret.String) {
	t.Helper()
	in.Name = "k"
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{}, in)
	if err != nil {
		t.Fatal(err)
	}
	return k, text
}

func (b *testBundle) works(t *testing.T, text secret.String) (tenants.Actor, bool) {
	t.Helper()
	a, err := b.svc.Authenticate(t.Context(), text.Reveal())
	if err != nil && fault.CodeOf(err) != access.CodeUnauthenticated {
		t.Fatal(err)
	}
	return a, err == nil
}

// TestRoll: both secrets are the same key until the overlap is over, and then only the new one is; an earlier one ends
// at once. No overlap ends it at once; a repeat shows the same secret.
func TestRoll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k, first := b.newKey(t, access.NewAPIKey{Role: tenants.RoleSupport})
	request := idempotency.Key{Value: "roll", Request: [32]byte{1}}
	rolled, second, replayed, err := b.svc.RollKey(t.Context(), b.owner, request, k.ID, time.Hour)
	if err != nil || replayed || rolled.ID != k.ID || rolled.Last4 == k.Last4 || rolled.PreviousUntil == nil {
		t.Fatalf("%+v %v %v", rolled, replayed, err)
	}
	for name, text := range map[string]secret.String{"before": first, "now": second} {
		if a, ok := b.works(t, text); !ok || a.Caller != tenants.ByKey(k.ID) || a.Role != tenants.RoleSupport {
			t.Errorf("the secret %s: %+v %v", name, a, ok)
		}
	}
	if _, again, replayed, err := b.svc.RollKey(t.Context(), b.owner, request, k.ID, time.Hour); err != nil ||
		!replayed || again.Reveal() != second.Reveal() {
		t.Errorf("a repeat: %v %v", replayed, err)
	}
	b.clock.Advance(time.Hour - time.Second)
	if _, ok := b.works(t, first); !ok {
		t.Error("the secret before ended early")
	}
	b.clock.Advance(time.Second)
	if _, ok := b.works(t, first); ok {
		t.Error("the secret before works on")
	}
	_, third, _, err := b.svc.RollKey(t.Context(), b.owner, idempotency.Key{}, k.ID, 30*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, fourth, _, err := b.svc.RollKey(t.Context(), b.owner, idempotency.Key{}, k.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text secret.String
		want bool
	}{"first": {first, false}, "second": {second, false}, "third": {third, false}, "fourth": {fourth, true}} {
		if _, ok := b.works(t, c.text); ok != c.want {
			t.Errorf("the %s secret works: %v", name, ok)
		}
	}
	_, fifth, _, err := b.svc.RollKey(t.Context(), b.owner, idempotency.Key{}, k.ID, 30*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(access.OverlapMax)
	if _, ok := b.works(t, fourth); ok {
		t.Error("an overlap is longer than OverlapMax")
	}
	if err := b.svc.RevokeKey(t.Context(), b.owner, k.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := b.works(t, fifth); ok {
		t.Error("a revoked key works")
	}
	_, _, _, err = b.svc.RollKey(t.Context(), b.owner, idempotency.Key{}, k.ID, 0)
	wantCode(t, err, access.CodeAPIKeyEnded)
	_, _, _, err = b.svc.RollKey(t.Context(), b.owner, idempotency.Key{}, id.New[id.APIKey](), 0)
	wantCode(t, err, access.CodeAPIKeyNotFound)
}

// TestRollEndsBothWhenRevoked: revoking in the overlap ends both secrets, in this process at once.
func TestRollEndsBothWhenRevoked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ends := b.clock.Now().Add(2 * time.Hour)
	k, first := b.newKey(t, access.NewAPIKey{Role: tenants.RoleFinance, ExpiresAt: &ends})
	_, second, _, err := b.svc.RollKey(t.Context(), b.owner, idempotency.Key{}, k.ID, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	_, before := b.works(t, first)
	_, now := b.works(t, second)
	if !before || !now {
		t.Fatalf("before the end: %v %v", before, now)
	}
	b.clock.Advance(2 * time.Hour) // the key ends earlier than the overlap
	if _, ok := b.works(t, first); ok {
		t.Error("the secret before outlives its key")
	}
	k, first = b.newKey(t, access.NewAPIKey{Role: tenants.RoleFinance})
	if _, second, _, err = b.svc.RollKey(t.Context(), b.owner, idempotency.Key{}, k.ID, time.Hour); err != nil {
		t.Fatal(err)
	}
	b.works(t, first)
	b.works(t, second)
	if err := b.svc.RevokeKey(t.Context(), b.owner, k.ID); err != nil {
		t.Fatal(err)
	}
	_, before = b.works(t, first)
	if _, now = b.works(t, second); before || now {
		t.Errorf("a revoked key works: %v %v", before, now)
	}
}

// TestRollOfOwners: nobody rolls a key that they could not give, and the last owner's key keeps its secret for an hour.
func TestRollOfOwners(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, text := b.ownerKey(t)
	last := id.APIKey(a.Caller.ID())
	for _, role := range vocabulary.Roles()[1:] {
		_, _, _, err := b.svc.RollKey(t.Context(), b.as(role), idempotency.Key{}, last, time.Hour)
		wantCode(t, err, access.CodeRoleExceedsOwn)
	}
	_, _, _, err := b.svc.RollKey(t.Context(), a, idempotency.Key{}, last, access.OverlapLastOwner-time.Second)
	wantCode(t, err, access.CodeLastOwnerKey)
	// an owner's key that is restricted, or ends, is no other
	later := b.clock.Now().Add(time.Hour)
	b.newKey(t, access.NewAPIKey{Role: tenants.RoleOwner, ExpiresAt: &later})
	b.newKey(t, access.NewAPIKey{Role: tenants.RoleOwner, Permissions: tenants.Permissions{}})
	_, _, _, err = b.svc.RollKey(t.Context(), a, idempotency.Key{}, last, 0)
	wantCode(t, err, access.CodeLastOwnerKey)
	wantCode(t, b.svc.RevokeKey(t.Context(), a, last), access.CodeLastOwnerKey)
	if _, _, _, err := b.svc.RollKey(t.Context(), a, idempotency.Key{}, last, access.OverlapLastOwner); err != nil {
		t.Error(err)
	}
	if _, ok := b.works(t, text); !ok {
		t.Error("the last owner is locked out")
	}
}

// TestRollAtOnce: of those who roll a key at once the last one's secret is the key's, and one before works.
func TestRollAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k, first := b.newKey(t, access.NewAPIKey{Role: tenants.RoleSupport})
	texts := make([]secret.String, 5)
	var wg sync.WaitGroup
	for i := range texts {
		wg.Go(func() {
			var err error
			_, texts[i], _, err = b.svc.RollKey(t.Context(), b.owner, idempotency.Key{}, k.ID, time.Hour)
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	for _, text := range append(texts, first) {
		if _, ok := b.works(t, text); ok {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d secrets work, want 2", n)
	}
}

// TestNobodyGivesWhatTheyLack: who calls with a restricted key gives no key, and takes none away, that may do more; and
// makes or changes no member.
func TestNobodyGivesWhatTheyLack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.ownerKey(t)
	const read, write = vocabulary.LevelRead, vocabulary.LevelWrite
	narrow := b.owner
	narrow.Permissions = tenants.Permissions{vocabulary.ResourceAccess: write, vocabulary.ResourceOrders: read}
	make := func(p tenants.Permissions) (access.APIKey, error) {
		k, _, _, err := b.svc.CreateKey(t.Context(), narrow, idempotency.Key{}, access.NewAPIKey{Name: "x",
			Role: tenants.RoleOwner, Permissions: p})
		return k, err
	}
	for _, p := range []tenants.Permissions{nil, {vocabulary.ResourceOrders: write},
		{vocabulary.ResourceAccess: write, vocabulary.ResourceRefunds: read}} {
		_, err := make(p)
		wantCode(t, err, access.CodePermissionMissing)
		k, _ := b.newKey(t, access.NewAPIKey{Role: tenants.RoleSupport, Permissions: p})
		wantCode(t, b.svc.RevokeKey(t.Context(), narrow, k.ID), access.CodePermissionMissing)
		_, _, _, err = b.svc.RollKey(t.Context(), narrow, idempotency.Key{}, k.ID, 0)
		wantCode(t, err, access.CodePermissionMissing)
	}
	for _, p := range []tenants.Permissions{{}, {vocabulary.ResourceOrders: read}, narrow.Permissions} {
		k, err := make(p)
		if err != nil {
			t.Errorf("%v: %v", p, err)
			continue
		}
		if _, _, _, err := b.svc.RollKey(t.Context(), narrow, idempotency.Key{}, k.ID, 0); err != nil {
			t.Errorf("%v: %v", p, err)
		}
		if got, err := b.svc.GetKey(t.Context(), b.owner, k.ID); err != nil || got.Permissions == nil {
			t.Errorf("%+v %v", got, err)
		}
	}
	_, _, err := b.svc.CreateMember(t.Context(), narrow, idempotency.Key{}, access.NewMember{Email: "x@example.cn",
		Role: tenants.RoleSupport})
	wantCode(t, err, access.CodePermissionMissing)
}
