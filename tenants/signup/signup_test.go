package signup_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/signup"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

func key() idempotency.Key {
	return idempotency.Key{Value: "6f1c2b3e-8a4d-4f0b-9c57-2d1e0a9b8c7d", Request: [32]byte{1}}
}

func newTenant() tenants.NewTenant { return tenants.NewTenant{Name: "甲", OwnerEmail: "a@example.cn"} }

func service(s *tenantstest.Sandbox, v *vault.Vault) *signup.Service {
	return signup.New(s.DB, v, tenants.New(tenants.Config{
		DB:                  s.DB,
		Vault:               v,
		Gateways:            s.Gateways,
		Desk:                alipay.NewDesk(s.URL, http.DefaultClient),
		Clock:               s.Clock,
		SimulatorGatewayURL: s.URL + "/gateway.do",
	}))
}

// TestSignUp: the same key and request give the same platform and key, another request or a forgotten key nothing.
func TestSignUp(t *testing.T) {
	t.Parallel()
	s := tenantstest.New(t)
	svc := service(s, s.Vault)
	first, replayed, err := svc.SignUp(t.Context(), key(), newTenant())
	if err != nil || replayed {
		t.Fatalf("%v, replayed %t", err, replayed)
	}
	again, replayed, err := svc.SignUp(t.Context(), key(), newTenant())
	if err != nil || !replayed || again != first {
		t.Errorf("again: %+v, want %+v; replayed %t, %v", again, first, replayed, err)
	}
	other := key()
	other.Request[0]++
	if _, _, err := svc.SignUp(t.Context(), other, newTenant()); fault.CodeOf(err) != idempotency.CodeKeyReused {
		t.Errorf("another request: %v", err)
	}
	other = key()
	other.Value += "2"
	if up, _, err := svc.SignUp(t.Context(), other, newTenant()); err != nil || up.Tenant.ID == first.Tenant.ID {
		t.Errorf("another key: %v, %v", up.Tenant.ID, err)
	}
	elsewhere := service(s, tenantstest.Vault(t))
	if up, _, err := elsewhere.SignUp(t.Context(), key(), newTenant()); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("a program with another master keyset signed %v up: %v", up.Tenant.ID, err)
	}
	err = s.DB.InTenant(t.Context(), first.Tenant.ID, func(ctx context.Context, tx db.TenantTx) error {
		_, err := idempotency.Forget(ctx, tx, -1, -1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := svc.SignUp(t.Context(), key(), newTenant()); fault.CodeOf(err) != idempotency.CodeKeyReused {
		t.Errorf("when the key is forgotten: %v", err)
	}
}
