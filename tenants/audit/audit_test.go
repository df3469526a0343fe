package audit_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

func TestRecordAndList(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	a := tenants.Actor{Tenant: dbtest.NewTenant(t, d), Caller: tenants.ByKey(id.New[id.APIKey]())}
	a.Address = "2001:db8::7"
	order, member := id.New[id.Order](), id.New[id.Member]()
	person := tenants.Actor{Tenant: a.Tenant, Caller: tenants.BySession(id.New[id.Session](), member)}
	bys := []audit.By{audit.Actor(a), audit.Actor(person), audit.Member(member),
		audit.Buyer(order.String(), "203.0.113.7"), audit.System("payment_watch")}
	for _, by := range bys {
		err := a.In(t.Context(), d, func(ctx context.Context, tx db.TenantTx) error {
			return audit.Record(ctx, tx, by, "closeOrder", "order", order, "why")
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	svc := audit.New(d)
	first, err := svc.List(t.Context(), a, tenants.Page[id.AuditEntry]{Limit: 3}, audit.Filter{})
	if err != nil || len(first.Items) != 3 || first.Next == "" {
		t.Fatalf("first page %+v, %v", first, err)
	}
	var before id.AuditEntry
	if err := before.UnmarshalText([]byte(first.Next)); err != nil {
		t.Fatal(err)
	}
	second, err := svc.List(t.Context(), a, tenants.Page[id.AuditEntry]{Limit: 3, Before: before}, audit.Filter{})
	if err != nil || len(second.Items) != 2 || second.Next != "" {
		t.Fatalf("second page %+v, %v", second, err)
	}
	for i, e := range append(first.Items, second.Items...) {
		if want := bys[len(bys)-1-i]; e.By != want || e.Action != "closeOrder" || e.SubjectID != uuid.UUID(order) ||
			e.Detail != "why" ||
			e.CreatedAt.IsZero() {
			t.Errorf("entry %d is %+v, want by %+v", i, e, want)
		}
	}
	other := tenants.Actor{Tenant: dbtest.NewTenant(t, d)}
	if p, err := svc.List(t.Context(), other, tenants.Page[id.AuditEntry]{}, audit.Filter{}); err != nil ||
		len(p.Items) != 0 {
		t.Errorf("another tenant reads %+v, %v", p, err)
	}
}

// An entry is gone with the transaction that it tells about, and what is written cannot be changed.
func TestEntriesAreOfTheirTransaction(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	a := tenants.Actor{Tenant: dbtest.NewTenant(t, d), Caller: tenants.ByKey(id.New[id.APIKey]())}
	_ = a.In(t.Context(), d, func(ctx context.Context, tx db.TenantTx) error {
		if err := audit.Record(ctx, tx, audit.Actor(a), "x", "order", uuid.New(), ""); err != nil {
			return err
		}
		return context.Canceled
	})
	if p, err := audit.New(d).List(t.Context(), a, tenants.Page[id.AuditEntry]{}, audit.Filter{}); err != nil ||
		len(p.Items) != 0 {
		t.Errorf("a rolled back entry: %+v, %v", p, err)
	}
	for _, change := range []string{"UPDATE audit_log SET detail = ''", "DELETE FROM audit_log"} {
		err := a.In(t.Context(), d,
			func(ctx context.Context, tx db.TenantTx) error { _, err := tx.Exec(ctx, change); return err })
		if err == nil {
			t.Errorf("%s is allowed", change)
		}
	}
}
