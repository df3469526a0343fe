package vault_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants/vault"
)

func newVault(t *testing.T) (secret.String, *vault.Vault) {
	t.Helper()
	text, err := secret.GenerateMaster()
	if err != nil {
		t.Fatal(err)
	}
	return text, open(t, text)
}

func open(t *testing.T, text secret.String) *vault.Vault {
	t.Helper()
	m, err := secret.ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	return vault.New(m)
}

// fingerprint is what tells two keys apart.
func fingerprint(t *testing.T, v *vault.Vault, d *db.DB, tenant id.Tenant) (f [16]byte) {
	t.Helper()
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		k, err := v.DataKey(ctx, tx)
		if err == nil {
			f = k.Fingerprint([]byte("x"))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDataKeyIsTheTenants(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	a, b := dbtest.NewTenant(t, d), dbtest.NewTenant(t, d)
	first := fingerprint(t, v, d, a)
	if fingerprint(t, v, d, b) == first {
		t.Error("two tenants share a key")
	}
	if fingerprint(t, v, d, a) != first {
		t.Error("the tenant has another key at its second use")
	}
	if fingerprint(t, open(t, text), d, a) != first {
		t.Error("the tenant has another key after a restart")
	}
}

// A key that a transaction made and lost must not be used again: what it seals could never be opened.
func TestLostKeyIsForgotten(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	tenant := dbtest.NewTenant(t, d)
	errUndo := errors.New("undo")
	var lost [16]byte
	err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		made, err := v.DataKey(ctx, tx)
		if err != nil {
			return err
		}
		again, err := v.DataKey(ctx, tx)
		if err != nil {
			return err
		}
		lost = made.Fingerprint([]byte("x"))
		if again.Fingerprint([]byte("x")) != lost {
			t.Error("one transaction has two keys")
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	other := fingerprint(t, open(t, text), d, tenant) // another process makes the tenant's key
	if fingerprint(t, v, d, tenant) != other {
		t.Error("this process uses a key that is not in the database")
	}
	if other == lost {
		t.Error("the lost key was stored")
	}
}

func TestManyFirstUsersGetOneKey(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, _ := newVault(t)
	tenant := dbtest.NewTenant(t, d)
	var wg sync.WaitGroup
	prints := make([][16]byte, 8)
	for i := range prints {
		v := open(t, text) // each a process of its own
		wg.Go(func() { prints[i] = fingerprint(t, v, d, tenant) })
	}
	wg.Wait()
	for i, p := range prints {
		if p != prints[0] || p == [16]byte{} {
			t.Errorf("user %d has another key", i)
		}
	}
}

func TestRewrap(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	tenant := dbtest.NewTenant(t, d)
	rewrap := func(v *vault.Vault) error {
		return d.InTenant(t.Context(), tenant,
			func(ctx context.Context, tx db.TenantTx) error { return v.Rewrap(ctx, tx) })
	}
	if err := rewrap(v); err != nil {
		t.Errorf("a tenant without a key: %v", err)
	}
	before := fingerprint(t, v, d, tenant)
	if fingerprint(t, v, d, tenant) != before { // the second use is kept in memory
		t.Error("the tenant has another key at its second use")
	}
	rotated, err := secret.RotateMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := rewrap(open(t, rotated)); err != nil {
		t.Fatal(err)
	}
	if fingerprint(t, open(t, rotated), d, tenant) != before {
		t.Error("the rotation changed the tenant's key")
	}
	err = d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := open(t, text).DataKey(ctx, tx)
		return err
	})
	if err == nil {
		t.Error("the old master keyset still opens the rewrapped key")
	}
	if fingerprint(t, v, d, tenant) != before {
		t.Error("a running process lost its key in the rotation")
	}
}
