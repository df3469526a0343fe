package audit_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// TestOperatorActs: what the operator does to jobs stands in the audit log of each tenant that they are of, with the
// tenant's own jobs only. What is nobody's stands in none.
func TestOperatorActs(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	own, other, bystander := dbtest.NewTenant(t, d), dbtest.NewTenant(t, d), dbtest.NewTenant(t, d)
	var jobs []int64
	for _, tenant := range []id.Tenant{own, own, other} {
		job := queue.Job{Args: queue.ContactErase{TenantID: queue.RefTo(tenant),
			ErasureID: queue.RefTo(id.New[id.Erasure]())}}
		if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			if err := queue.Insert(ctx, tx, job); err != nil {
				return err
			}
			var n int64
			err := tx.QueryRow(ctx, "SELECT max(id) FROM river.river_job").Scan(&n)
			jobs = append(jobs, n)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	s := audit.New(d)
	if err := s.Operator(t.Context(), "cancel", append(slices.Clone(jobs), 1<<40), "203.0.113.7"); err != nil {
		t.Fatal(err)
	}
	if err := s.Operator(t.Context(), "pause", jobs, ""); err != nil {
		t.Fatal(err)
	}
	for tenant, want := range map[id.Tenant]string{
		own:       fmt.Sprintf("contact_erase %d, contact_erase %d", jobs[0], jobs[1]),
		other:     fmt.Sprintf("contact_erase %d", jobs[2]),
		bystander: "",
	} {
		p, err := s.List(t.Context(), tenants.Actor{Tenant: tenant}, tenants.Page[id.AuditEntry]{Limit: 10},
			audit.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && len(p.Items) == 0 {
			continue
		}
		if len(p.Items) != 1 || p.Items[0].Detail != want || p.Items[0].Action != "operatorCancelJobs" ||
			p.Items[0].By != (audit.By{Kind: "system", ID: "operator of the installation", Address: "203.0.113.7"}) {
			t.Errorf("the audit log has %+v, want %q", p.Items, want)
		}
	}
}
