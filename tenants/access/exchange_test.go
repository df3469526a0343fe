package access_test

import (
	"context"
	"errors"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants/access"
	"zhitong/tenants/vault"
)

// TestExchangeIsKilled: killed before or after any commit, an exchange is gone on with, and its tenant reads of one
// beginning and one end.
func TestExchangeIsKilled(t *testing.T) {
	t.Parallel()
	keyset, err := secret.GenerateMaster()
	if err != nil {
		t.Fatal(err)
	}
	master, err := secret.ParseMaster(keyset)
	if err != nil {
		t.Fatal(err)
	}
	type killed struct{}
	var left int // commits until the program dies; below zero: it lives
	d := dbtest.NewDBWith(t, db.Config{MaxConns: 4, Step: func(string) {
		if left--; left == 0 {
			panic(killed{})
		}
	}})
	tenant := dbtest.NewTenant(t, d)
	run := func() (err error) {
		defer func() {
			switch dead := recover(); dead.(type) {
			case nil:
			case killed:
				err = errors.New("killed")
			default:
				panic(dead)
			}
		}()
		_, _, err = access.New(d, vault.New(master), clock.System{}).ExchangeDataKey(t.Context(), tenant,
			func(vault.Column, int) {})
		return err
	}
	in := func(fn func(ctx context.Context, tx db.TenantTx) error) {
		t.Helper()
		left = -1
		if err := d.InTenant(t.Context(), tenant, fn); err != nil {
			t.Fatal(err)
		}
	}
	var sealed []byte
	place := vault.ConnectionPrivateKey.At(tenant, tenant)
	in(func(ctx context.Context, tx db.TenantTx) (err error) {
		if sealed, err = vault.New(master).Seal(ctx, tx, []byte("secret"), place); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO alipay_connections (tenant_id, gateway_url, app_id, pid, "+
			"sealed_private_key) VALUES (app.tenant_id(), 'https://gateway.example.com', '2021000000000001', "+
			"'2088000000000001', $1)", sealed)
		return err
	})
	deaths := 0
	for at := 1; ; at++ {
		left = at
		if err := run(); err == nil {
			break
		}
		if deaths++; deaths > 100 {
			t.Fatal("it does not come to an end")
		}
		in(func(ctx context.Context, tx db.TenantTx) error {
			if err := tx.QueryRow(ctx, "SELECT sealed_private_key FROM alipay_connections "+
				"WHERE tenant_id = app.tenant_id()").Scan(&sealed); err != nil {
				return err
			}
			if plain, err := vault.New(master).Open(ctx, tx, sealed, place); err != nil || string(plain) != "secret" {
				t.Errorf("killed at %d: %q, %v", at, plain, err)
			}
			// it is not heard of for long
			_, err := tx.Exec(ctx, "UPDATE tenant_data_keys SET walked_at = walked_at - interval '1 hour' "+
				"WHERE tenant_id = app.tenant_id()")
			return err
		})
	}
	if deaths < 10 {
		t.Errorf("it was killed %d times only", deaths)
	}
	in(func(ctx context.Context, tx db.TenantTx) error {
		var keys, version, begun, ended int
		err := tx.QueryRow(ctx, `SELECT
			(SELECT count(*) FROM tenant_data_keys WHERE tenant_id = app.tenant_id()),
			(SELECT max(version) FROM tenant_data_keys WHERE tenant_id = app.tenant_id()),
			(SELECT count(*) FROM audit_log WHERE tenant_id = app.tenant_id() AND detail LIKE 'begun%'),
			(SELECT count(*) FROM audit_log WHERE tenant_id = app.tenant_id() AND detail LIKE 'ended%')`).
			Scan(&keys, &version, &begun, &ended)
		if keys != 1 || begun != version-1 || ended != begun {
			t.Errorf("%d keys, version %d, %d beginnings and %d ends in the audit log", keys, version, begun, ended)
		}
		return err
	})
}

// TestExchangeRefuses: nobody's data key, one that is not there, and one that another run is exchanging.
func TestExchangeRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	none := func(vault.Column, int) {}
	if _, _, err := b.svc.ExchangeDataKey(t.Context(), id.New[id.Tenant](), none); !errors.Is(err, access.ErrNoTenant) {
		t.Errorf("nobody's: %v", err)
	}
	if _, _, err := b.svc.ExchangeDataKey(t.Context(), dbtest.NewTenant(t, b.db), none); !errors.Is(err,
		vault.ErrNoDataKey) {
		t.Errorf("a tenant that has sealed nothing: %v", err)
	}
	if err := b.db.InTenant(t.Context(), b.owner.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := b.vault.Seal(ctx, tx, []byte("x"), vault.CardKey.At(b.owner.Tenant, b.owner.Tenant))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var second error
	if _, _, err := b.svc.ExchangeDataKey(t.Context(), b.owner.Tenant, func(vault.Column, int) {
		if second == nil {
			_, _, second = b.svc.ExchangeDataKey(t.Context(), b.owner.Tenant, none)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(second, vault.ErrOtherRun) {
		t.Errorf("two at once: %v", second)
	}
}
