package access_test

import (
	"context"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

type testBundle struct {
	db       *db.DB
	clock    *clock.Movable
	vault    *vault.Vault
	svc      *access.Service
	owner    tenants.Actor
	supplier id.Merchant
}

func setup(t *testing.T) *testBundle {
	t.Helper()
	b := &testBundle{db: dbtest.NewDB(t), clock: clock.FrozenAt(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC))}
	b.vault = tenantstest.Vault(t)
	b.svc = access.New(b.db, b.vault, b.clock)
	b.owner = tenants.Actor{
		Tenant: dbtest.NewTenant(t, b.db),
		Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role:   tenants.RoleOwner,
		Mode:   tenants.ModeSandbox,
	}
	err := b.owner.In(t.Context(), b.db, func(_ context.Context, tx db.TenantTx) error {
		b.supplier = dbtest.Merchant(t, tx).ID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// as is the owner's tenant with another role.
func (b *testBundle) as(r tenants.Role) tenants.Actor {
	a := b.owner
	a.Role = r
	return a
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("error %v, want code %q", err, code)
	}
}

func TestKeyLife(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "ci", Role: tenants.RoleSupplier, Merchant: b.supplier})
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.svc.Authenticate(t.Context(), text.Reveal())
	if err != nil || a.Caller != tenants.ByKey(k.ID) || a.Role != tenants.RoleSupplier || a.Merchant != b.supplier ||
		a.Tenant != b.owner.Tenant ||
		a.Mode != tenants.ModeSandbox {
		t.Fatalf("authenticated as %+v, %v", a, err)
	}
	page, err := b.svc.ListKeys(t.Context(), b.owner, tenants.Page[id.APIKey]{})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != k.ID || page.Items[0].Last4 != k.Last4 ||
		page.Items[0].RevokedAt != nil {
		t.Errorf("listed %+v, %v", page, err)
	}
	if err := b.svc.RevokeKey(t.Context(), b.owner, k.ID); err != nil {
		t.Fatal(err)
	}
	_, err = b.svc.Authenticate(t.Context(), text.Reveal())
	wantCode(t, err, access.CodeUnauthenticated)
	if err := b.svc.RevokeKey(t.Context(), b.owner, k.ID); err != nil {
		t.Errorf("revoking again: %v", err)
	}
	var audited int
	err = b.owner.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM audit_log WHERE subject_id = $1 AND actor_id = $2", k.ID,
			b.owner.Caller.String()).
			Scan(&audited)
	})
	if err != nil || audited != 3 {
		t.Errorf("%d audit entries, %v", audited, err)
	}
}

// A26: a key revoked by one instance is refused by another within a second, and not one database read per request is
// needed for that.
func TestRevocationBitesElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	other := access.New(b.db, b.vault, b.clock)
	if _, err := other.Authenticate(t.Context(), text.Reveal()); err != nil {
		t.Fatal(err)
	}
	if err := b.svc.RevokeKey(t.Context(), b.owner, k.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Authenticate(t.Context(), text.Reveal()); err != nil {
		t.Errorf("the other instance does not remember: %v", err)
	}
	b.clock.Advance(999 * time.Millisecond)
	_, err = other.Authenticate(t.Context(), text.Reveal())
	wantCode(t, err, access.CodeUnauthenticated)
}

// A clock that is put back must not keep a revoked key alive.
func TestRevocationAndClockBackwards(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	other := access.New(b.db, b.vault, b.clock)
	if _, err := other.Authenticate(t.Context(), text.Reveal()); err != nil {
		t.Fatal(err)
	}
	if err := b.svc.RevokeKey(t.Context(), b.owner, k.ID); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(-24 * time.Hour)
	_, err = other.Authenticate(t.Context(), text.Reveal())
	wantCode(t, err, access.CodeUnauthenticated)
}

func TestAuthenticateRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, good, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	text := good.Reveal()
	for name, key := range map[string]string{
		"empty": "", "garbage": "Bearer",
		"another secret":          tenants.MakeKey(tenants.ModeSandbox, b.owner.Tenant).Secret.Reveal(),
		"a live key of a sandbox": "zt_live_" + text[len("zt_test_"):],
		"no such tenant":          tenants.MakeKey(tenants.ModeSandbox, id.New[id.Tenant]()).Secret.Reveal(),
		"another tenant's name": text[:8] +
			tenants.MakeKey(tenants.ModeSandbox, dbtest.NewTenant(t, b.db)).Secret.Reveal()[8:34] + text[34:],
	} {
		_, err := b.svc.Authenticate(t.Context(), key)
		if fault.CodeOf(err) != access.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.owner.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE tenants SET status = 'suspended'")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, err = b.svc.Authenticate(t.Context(), text)
	wantCode(t, err, access.CodeUnauthenticated)
}

func TestGrantRules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	narrow := b.as(tenants.RoleSupplier)
	narrow.Merchant = b.supplier
	missing := id.New[id.Merchant]()
	for _, c := range []struct {
		name     string
		as       tenants.Actor
		role     tenants.Role
		merchant id.Merchant
		code     fault.Code
	}{
		{"owner gives owner", b.owner, tenants.RoleOwner, id.Merchant{}, ""},
		{"admin gives finance", b.as(tenants.RoleAdmin), tenants.RoleFinance, id.Merchant{}, ""},
		{"developer gives developer", b.as(tenants.RoleDeveloper), tenants.RoleDeveloper, id.Merchant{}, ""},
		{"supplier gives its own", narrow, tenants.RoleSupplier, b.supplier, ""},
		{"admin gives owner", b.as(tenants.RoleAdmin), tenants.RoleOwner, id.Merchant{}, access.CodeRoleExceedsOwn},
		{"developer gives admin", b.as(tenants.RoleDeveloper), tenants.RoleAdmin, id.Merchant{},
			access.CodeRoleExceedsOwn},
		{"supplier gives another merchant's", narrow, tenants.RoleSupplier, missing, access.CodeRoleExceedsOwn},
		{"supplier gives admin", narrow, tenants.RoleAdmin, id.Merchant{}, access.CodeRoleExceedsOwn},
		{"supplier without merchant", b.owner, tenants.RoleSupplier, id.Merchant{}, access.CodeRoleNeedsMerchant},
		{"admin with merchant", b.owner, tenants.RoleAdmin, b.supplier, access.CodeRoleNeedsMerchant},
		{"distributor for a supplier", b.owner, tenants.RoleDistributor, b.supplier, access.CodeRoleNeedsMerchant},
		{"no such merchant", b.owner, tenants.RoleSupplier, missing, tenants.CodeMerchantNotFound},
		{"no such role", b.owner, "root", id.Merchant{}, tenants.CodeInvalidRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := b.svc.CreateKey(t.Context(), c.as, idempotency.Key{},
				access.NewAPIKey{Name: "k", Role: c.role, Merchant: c.merchant})
			wantCode(t, err, c.code)
			if c.code == "" && err != nil {
				t.Error(err)
			}
			_, _, err = b.svc.CreateMember(t.Context(), c.as, idempotency.Key{},
				access.NewMember{Email: id.New[id.Member]().Hex() + "@b.cn", Role: c.role, Merchant: c.merchant})
			wantCode(t, err, c.code)
			if c.code == "" && err != nil {
				t.Error(err)
			}
		})
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, _, err := b.svc.CreateMember(t.Context(), b.owner, idempotency.Key{},
		access.NewMember{Email: "Finance@example.cn", Name: "李", Role: tenants.RoleFinance})
	if err != nil || m.Email != "finance@example.cn" {
		t.Fatalf("%+v, %v", m, err)
	}
	_, _, err = b.svc.CreateMember(t.Context(), b.owner, idempotency.Key{},
		access.NewMember{Email: "finance@EXAMPLE.cn", Role: tenants.RoleRisk})
	wantCode(t, err, access.CodeMemberEmailTaken)
	_, _, err = b.svc.CreateMember(t.Context(), b.owner, idempotency.Key{},
		access.NewMember{Email: "nobody", Role: tenants.RoleRisk})
	wantCode(t, err, tenants.CodeInvalidRequest)
	page, err := b.svc.ListMembers(t.Context(), b.owner, tenants.Page[id.Member]{})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != m.ID {
		t.Errorf("listed %+v, %v", page, err)
	}
	// another tenant may have the same address, and sees none of this
	other := tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	if page, err := b.svc.ListMembers(t.Context(), other, tenants.Page[id.Member]{}); err != nil ||
		len(page.Items) != 0 {
		t.Errorf("another tenant lists %+v, %v", page, err)
	}
	if _, _, err := b.svc.CreateMember(t.Context(), other, idempotency.Key{},
		access.NewMember{Email: "finance@example.cn", Role: tenants.RoleFinance}); err != nil {
		t.Error(err)
	}
}

func TestKeyIsolation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	other := tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	wantCode(t, b.svc.RevokeKey(t.Context(), other, k.ID), access.CodeAPIKeyNotFound)
	wantCode(t, b.svc.RevokeKey(t.Context(), b.owner, id.New[id.APIKey]()), access.CodeAPIKeyNotFound)
	_, _, _, err = b.svc.CreateKey(t.Context(), other, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleSupplier, Merchant: b.supplier})
	wantCode(t, err, tenants.CodeMerchantNotFound)
	// a merchant's key neither lists nor ends keys of the platform
	narrow := b.as(tenants.RoleSupplier)
	narrow.Merchant = b.supplier
	if page, err := b.svc.ListKeys(t.Context(), narrow, tenants.Page[id.APIKey]{}); err != nil || len(page.Items) != 0 {
		t.Errorf("a supplier lists %+v, %v", page, err)
	}
	wantCode(t, b.svc.RevokeKey(t.Context(), narrow, k.ID), access.CodeAPIKeyNotFound)
	if _, err := b.svc.Authenticate(t.Context(), text.Reveal()); err != nil {
		t.Errorf("the key was ended by a stranger: %v", err)
	}
}

// The secret itself is nowhere in the database.
func TestKeyIsHashed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, idempotency.Key{},
		access.NewAPIKey{Name: "x", Role: tenants.RoleAdmin})
	if err != nil {
		t.Fatal(err)
	}
	var row dbsqlc.APIKey
	err = b.owner.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT name, secret_hash, last4 FROM api_keys WHERE id = $1", k.ID).
			Scan(&row.Name, &row.SecretHash, &row.Last4)
	})
	parts, _ := tenants.ParseKey(text.Reveal())
	if err != nil || [32]byte(row.SecretHash) != parts.Hash || len(row.Last4) != 4 {
		t.Errorf("stored %+v, %v", row, err)
	}
}
