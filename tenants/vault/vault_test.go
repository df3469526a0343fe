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
		all, err := v.Fingerprints(ctx, tx, []byte("x"))
		if err == nil {
			f = all[0]
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
		made, err := v.Fingerprints(ctx, tx, []byte("x"))
		if err != nil {
			return err
		}
		again, err := v.Fingerprints(ctx, tx, []byte("x"))
		if err != nil {
			return err
		}
		lost = made[0]
		if again[0] != lost {
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
	rewrap := func(v *vault.Vault) (changed bool) {
		t.Helper()
		if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
			changed, err = v.Rewrap(ctx, tx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return changed
	}
	if rewrap(v) {
		t.Error("a tenant without a key was given one")
	}
	before := fingerprint(t, v, d, tenant)
	if fingerprint(t, v, d, tenant) != before { // the second use is kept in memory
		t.Error("the tenant has another key at its second use")
	}
	rotated := rotate(t, text)
	if rewrap(v) || !rewrap(open(t, rotated)) || rewrap(open(t, rotated)) {
		t.Error("wrapped anew other than once, by the new key")
	}
	if fingerprint(t, open(t, rotated), d, tenant) != before {
		t.Error("the rotation changed the tenant's key")
	}
	err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := open(t, text).Fingerprints(ctx, tx, []byte("x"))
		return err
	})
	if err == nil {
		t.Error("the old master keyset still opens the rewrapped key")
	}
	if fingerprint(t, v, d, tenant) != before {
		t.Error("a running process lost its key in the rotation")
	}
}

func rotate(t *testing.T, text secret.String) secret.String {
	t.Helper()
	for _, fn := range []func(secret.String) (secret.String, error){secret.AddMaster, secret.PromoteMaster} {
		var err error
		if text, err = fn(text); err != nil {
			t.Fatal(err)
		}
	}
	return text
}

func mac(t *testing.T, v *vault.Vault, d *db.DB) [32]byte {
	t.Helper()
	sum, err := v.MAC(t.Context(), d, "test", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestForeignKeyset: the first program decides which master keyset an installation has; a good keyset of another one
// is refused, and what it would have sealed is not there.
func TestForeignKeyset(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	_, foreign := newVault(t)
	for range 2 {
		if err := v.Check(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	want := mac(t, v, d)
	if err := foreign.Check(t.Context(), d); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("a foreign keyset: %v", err)
	}
	if _, err := foreign.MAC(t.Context(), d, "test", []byte("x")); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("a hash with a foreign keyset: %v", err)
	}
	if mac(t, open(t, text), d) != want {
		t.Error("another hash after a restart")
	}
	rotated := open(t, rotate(t, text))
	if err := rotated.Check(t.Context(), d); err != nil {
		t.Errorf("the rotated keyset: %v", err)
	}
	if changed, err := rotated.RewrapInstallation(t.Context(), d); err != nil || !changed {
		t.Errorf("wrapped anew: %v, %v", changed, err)
	}
	if mac(t, rotated, d) != want {
		t.Error("the rotation changed the hash")
	}
	if err := v.Check(t.Context(), d); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("a running process that lacks the key which wraps now: %v", err)
	}
}

// TestForeignKeysetOfADatabaseOfBefore: data keys are there and the installation's key is not yet.
func TestForeignKeysetOfADatabaseOfBefore(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	_, v := newVault(t)
	_, foreign := newVault(t)
	fingerprint(t, v, d, dbtest.NewTenant(t, d))
	if err := foreign.Check(t.Context(), d); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("a foreign keyset: %v", err)
	}
	if err := v.Check(t.Context(), d); err != nil {
		t.Errorf("the control, the keyset that made the data key: %v", err)
	}
}

// TestManyFirstStartsOneKeyset: programs with different keysets start at once on an empty database; one keyset wins.
func TestManyFirstStartsOneKeyset(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		_, v := newVault(t)
		wg.Go(func() { errs[i] = v.Check(t.Context(), d) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, secret.ErrOtherMaster):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d keysets are this installation's", won)
	}
}
