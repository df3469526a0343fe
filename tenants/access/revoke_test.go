package access_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
)

// ownerKey makes a key with the role owner, and the actor that calls with it.
func (b *testBundle) ownerKey(t *testing.T) (tenants.Actor, secret.String) {
	t.Helper()
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "owner's", Role: tenants.RoleOwner})
	if err != nil {
		t.Fatal(err)
	}
	a := b.owner
	a.Caller = tenants.ByKey(k.ID)
	return a, text
}

// living counts the keys with the role owner that are not revoked.
func (b *testBundle) living(t *testing.T) (n int) {
	t.Helper()
	err := b.owner.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM api_keys WHERE role = 'owner' AND revoked_at IS NULL").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Nobody takes a right away that they could not give.
func TestRevokeOnlyWhatOneMayGive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, text := b.ownerKey(t)
	b.ownerKey(t)
	for _, role := range vocabulary.Roles() {
		if role == tenants.RoleOwner {
			continue
		}
		wantCode(t, b.svc.RevokeKey(t.Context(), b.as(role), id.APIKey(first.Caller.ID())), access.CodeRoleExceedsOwn)
	}
	if _, err := b.svc.Authenticate(t.Context(), text.Reveal()); err != nil {
		t.Errorf("the owner's key was ended: %v", err)
	}
	k, _, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleFinance})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.svc.RevokeKey(t.Context(), b.as(tenants.RoleDeveloper), k.ID), access.CodeRoleExceedsOwn)
	if err := b.svc.RevokeKey(t.Context(), b.as(tenants.RoleAdmin), k.ID); err != nil {
		t.Errorf("an admin revokes a finance key: %v", err)
	}
}

// The last key of an owner stays, however it is tried; one that is revoked already is no key any more.
func TestLastOwnerKeyStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, text := b.ownerKey(t)
	wantCode(t, b.svc.RevokeKey(t.Context(), first, id.APIKey(first.Caller.ID())), access.CodeLastOwnerKey)
	second, _ := b.ownerKey(t)
	if err := b.svc.RevokeKey(t.Context(), first, id.APIKey(second.Caller.ID())); err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.svc.RevokeKey(t.Context(), first, id.APIKey(first.Caller.ID())), access.CodeLastOwnerKey)
	if err := b.svc.RevokeKey(t.Context(), first, id.APIKey(second.Caller.ID())); err != nil {
		t.Errorf("revoking again: %v", err)
	}
	if _, err := b.svc.Authenticate(t.Context(), text.Reveal()); err != nil {
		t.Errorf("the last key does not work: %v", err)
	}
}

// Owners who revoke each other's keys at once: one key is left, and everybody else is told so.
func TestOwnersRevokeEachOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const owners = 6
	actors := make([]tenants.Actor, owners)
	for i := range actors {
		actors[i], _ = b.ownerKey(t)
	}
	answers := make([]error, owners)
	var wg sync.WaitGroup
	for i, a := range actors {
		wg.Go(func() { answers[i] = b.svc.RevokeKey(t.Context(), a, id.APIKey(actors[(i+1)%owners].Caller.ID())) })
	}
	wg.Wait()
	refused := 0
	for i, err := range answers {
		switch {
		case fault.CodeOf(err) == access.CodeLastOwnerKey:
			refused++
		case err != nil:
			t.Errorf("owner %d: %v", i, err)
		}
	}
	if n := b.living(t); refused != 1 || n != 1 {
		t.Errorf("%d were refused and %d keys are left, want 1 and 1", refused, n)
	}
	wantCode(t, b.svc.RevokeKey(t.Context(), b.owner, id.New[id.APIKey]()), access.CodeAPIKeyNotFound)
}

// An owner's key that ends by itself does not keep the platform from locking itself out.
func TestRevokeBesideExpiring(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, _ := b.ownerKey(t)
	later := b.clock.Now().Add(time.Hour)
	k, _, _, err := b.svc.CreateKey(t.Context(), first, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleOwner, ExpiresAt: &later})
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.svc.RevokeKey(t.Context(), first, id.APIKey(first.Caller.ID())), access.CodeLastOwnerKey)
	if err := b.svc.RevokeKey(t.Context(), first, k.ID); err != nil {
		t.Errorf("the key that ends by itself: %v", err)
	}
}
