package merchants_test

import (
	"context"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/merchants"
	"zhitong/tenants/tenantstest"
)

type testBundle struct {
	db    *db.DB
	svc   *merchants.Service
	actor tenants.Actor
}

func setup(t *testing.T) *testBundle {
	t.Helper()
	b := &testBundle{db: dbtest.NewDB(t)}
	b.svc = merchants.New(b.db, tenantstest.Vault(t))
	b.actor = tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	return b
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code || err == nil {
		t.Errorf("error %v, want code %q", err, code)
	}
}

func TestMerchantLife(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key := idempotency.Key{Value: "k", Request: [32]byte{1}}
	in := merchants.NewMerchant{Kind: merchants.KindSupplier, Name: "供货商", Contact: "赵六"}
	m, replayed, err := b.svc.Create(t.Context(), b.actor, key, in)
	if err != nil || replayed || m.Status != merchants.StatusPending || m.Receiver != nil || m.Smid != "" {
		t.Fatalf("%+v, %v, %v", m, replayed, err)
	}
	again, replayed, err := b.svc.Create(t.Context(), b.actor, key, in)
	if err != nil || !replayed || again.ID != m.ID {
		t.Errorf("the same request again: %+v, %v, %v", again, replayed, err)
	}
	_, _, err = b.svc.Create(t.Context(), b.actor, idempotency.Key{Value: "k"}, in)
	wantCode(t, err, idempotency.CodeKeyReused)

	name, receiver := "新名", merchants.Receiver{Type: "loginName", Account: "finance@example.cn"}
	_, err = b.svc.Update(t.Context(), b.actor, m.ID, merchants.Change{Name: &name, Receiver: &receiver})
	wantCode(t, err, tenants.CodeApprovalRequired)
	b.approved(t, m.ID, nil, &receiver)
	m, err = b.svc.Update(t.Context(), b.actor, m.ID, merchants.Change{Name: &name, Receiver: &receiver})
	if err != nil || m.Name != name || m.Contact != "赵六" || m.Receiver == nil || *m.Receiver != receiver {
		t.Fatalf("%+v, %v", m, err)
	}
	b.bind(t, m.ID)
	m, err = b.svc.Update(t.Context(), b.actor, m.ID, merchants.Change{Receiver: &receiver})
	if err != nil || m.ReceiverBoundAt == nil {
		t.Errorf("the same receiver is not bound any more: %+v, %v", m, err)
	}
	other := merchants.Receiver{Type: "userId", Account: "2088000000000001"}
	_, err = b.svc.Update(t.Context(), b.actor, m.ID, merchants.Change{Receiver: &other})
	wantCode(t, err, tenants.CodeApprovalRequired)
	b.approved(t, m.ID, &receiver, &other)
	m, err = b.svc.Get(t.Context(), b.actor, m.ID)
	if err != nil || m.ReceiverBoundAt != nil || *m.Receiver != other {
		t.Errorf("another receiver counts as bound: %+v, %v", m, err)
	}
	if _, _, err := b.svc.Create(t.Context(), b.actor, idempotency.Key{},
		merchants.NewMerchant{Kind: merchants.KindDistributor, Name: "分销商", Receiver: &other}); err != nil {
		t.Fatal(err)
	}
	for want, f := range map[int]merchants.Filter{2: {},
		1: {Kind: merchants.KindSupplier, Status: merchants.StatusPending}, 0: {Status: merchants.StatusActive}} {
		if page, err := b.svc.List(t.Context(), b.actor, tenants.Page[id.Merchant]{}, f); err != nil ||
			len(page.Items) != want {
			t.Errorf("listed by %+v: %+v, %v", f, page, err)
		}
	}
	_, err = b.svc.Update(t.Context(), b.actor, id.New[id.Merchant](), merchants.Change{})
	wantCode(t, err, tenants.CodeMerchantNotFound)
}

// approved gives a merchant another receiver, as a second person's word does.
func (b *testBundle) approved(t *testing.T, m id.Merchant, from, to *merchants.Receiver) {
	t.Helper()
	err := b.actor.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		if ok, err := b.svc.ChangeReceiver(ctx, tx, b.actor, m, to, to); ok || err != nil {
			t.Errorf("changed from a receiver that it does not have: %v, %v", ok, err)
		}
		ok, err := b.svc.ChangeReceiver(ctx, tx, b.actor, m, from, to)
		if !ok {
			t.Error("it is not what was asked about")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// bind marks a receiver as known to Alipay.
func (b *testBundle) bind(t *testing.T, m id.Merchant) {
	t.Helper()
	err := b.actor.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE merchants SET receiver_bound_at = now() WHERE id = $1", m)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMerchantIsolation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, _, err := b.svc.Create(
		t.Context(),
		b.actor,
		idempotency.Key{},
		merchants.NewMerchant{Kind: merchants.KindSupplier, Name: "m"},
	)
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := b.svc.Create(
		t.Context(),
		b.actor,
		idempotency.Key{},
		merchants.NewMerchant{Kind: merchants.KindSupplier, Name: "n"},
	)
	if err != nil {
		t.Fatal(err)
	}
	stranger := tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Role: tenants.RoleOwner}
	neighbour := b.actor
	neighbour.Role, neighbour.Merchant = tenants.RoleSupplier, n.ID
	name := "stolen"
	for who, a := range map[string]tenants.Actor{"another tenant": stranger, "another merchant": neighbour} {
		if _, err := b.svc.Get(t.Context(), a, m.ID); fault.CodeOf(err) != tenants.CodeMerchantNotFound {
			t.Errorf("%s reads: %v", who, err)
		}
		if _, err := b.svc.Update(t.Context(), a, m.ID, merchants.Change{Name: &name}); fault.CodeOf(
			err,
		) != tenants.CodeMerchantNotFound {
			t.Errorf("%s changes: %v", who, err)
		}
	}
	if page, err := b.svc.List(t.Context(), neighbour, tenants.Page[id.Merchant]{}, merchants.Filter{}); err != nil ||
		len(page.Items) != 1 ||
		page.Items[0].ID != n.ID {
		t.Errorf("a merchant lists %+v, %v", page, err)
	}
	if page, err := b.svc.List(t.Context(), stranger, tenants.Page[id.Merchant]{}, merchants.Filter{}); err != nil ||
		len(page.Items) != 0 {
		t.Errorf("another tenant lists %+v, %v", page, err)
	}
}
