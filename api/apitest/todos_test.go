package apitest_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/tenants"
)

// todos reads what waits, by kind: how many.
func todos(t *testing.T, w *apitest.World, key string) map[string]int {
	t.Helper()
	var list struct {
		Data []struct {
			Kind     string
			Count    int
			Subjects []string `json:"subject_ids"`
		}
	}
	w.Must(t, key, http.MethodGet, "/v1/overview/todos", nil, &list)
	out := map[string]int{}
	for _, d := range list.Data {
		out[d.Kind] += d.Count
		if len(d.Subjects) == 0 || len(d.Subjects) > 5 {
			t.Errorf("%s has the subjects %v", d.Kind, d.Subjects)
		}
	}
	return out
}

// TestTodos: each kind of what waits for somebody is told when there is any of it, to those who may read it, and no
// more once it is done.
func TestTodos(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	w.Settle(t, p, p.IDs["order_id"])
	exec := func(statement string) {
		t.Helper()
		w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
			done, err := tx.Exec(ctx, statement)
			if err == nil && done.RowsAffected() == 0 {
				t.Errorf("nothing was changed by %s", statement)
			}
			return err
		})
	}
	for _, kind := range []struct {
		name       string
		begin, end string // makes it wait, and is what ends it
		may, never tenants.Role
	}{
		{"endpoint_failing", "UPDATE webhook_endpoints SET failing_since = now()",
			"UPDATE webhook_endpoints SET failing_since = NULL", developer, finance},
		{"split_refused", "UPDATE splits SET status = 'refused'",
			"UPDATE splits SET status = 'completed'", finance, support},
		{"application_awaiting_signature", "UPDATE applications SET status = 'awaiting_signature', " +
			"alipay_order_id = '2026'", "UPDATE applications SET status = 'draft'", riskRole, finance},
		{"application_rejected", "UPDATE applications SET status = 'rejected'",
			"UPDATE applications SET status = 'draft'", riskRole, finance},
		{"stock_low", "UPDATE card_keys SET status = 'void' WHERE status = 'available'",
			"UPDATE products SET status = 'archived'", support, ""}, // every role that has a list reads stock
	} {
		if n := todos(t, w, p.Key(owner))[kind.name]; n != 0 {
			t.Errorf("%s: %d wait before", kind.name, n)
		}
		exec(kind.begin)
		if n := todos(t, w, p.Key(owner))[kind.name]; n == 0 {
			t.Errorf("%s: none waits", kind.name)
		}
		if n := todos(t, w, p.Key(kind.may))[kind.name]; n == 0 {
			t.Errorf("%s is not told to %s", kind.name, kind.may)
		}
		if kind.never != "" && todos(t, w, p.Key(kind.never))[kind.name] != 0 {
			t.Errorf("%s is told to %s", kind.name, kind.never)
		}
		exec(kind.end)
		if n := todos(t, w, p.Key(owner))[kind.name]; n != 0 {
			t.Errorf("%s: %d wait after the end", kind.name, n)
		}
	}
	if n := todos(t, w, p.Key(riskRole))["case"]; n != 1 {
		t.Errorf("%d cases wait", n)
	}
	if have := todos(t, w, other.Key(owner)); len(have) != 1 || have["case"] != 1 {
		t.Errorf("another platform has %v", have)
	}
}

// TestTodoFreezes: orders are told of whose frozen money Alipay frees within three days although it is not split.
func TestTodoFreezes(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	w.Settle(t, p, p.IDs["order_id"])
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE splits SET status = 'pending'")
		return err
	})
	if n := todos(t, w, p.Key(owner))["freeze_ending"]; n != 0 {
		t.Errorf("%d on the first day", n)
	}
	w.Clock.Advance(28 * 24 * time.Hour)
	if n := todos(t, w, p.Key(owner))["freeze_ending"]; n == 0 {
		t.Error("nothing is told on the 28th day")
	}
}

// TestTodoApprovals: an approval waits for those who may decide it, but for who asked.
func TestTodoApprovals(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲") // whose owner has asked for one
	for role, want := range map[tenants.Role]int{owner: 0, admin: 1, finance: 1, developer: 0} {
		if n := todos(t, w, p.Key(role))["approval_waiting"]; n != want {
			t.Errorf("%s is told of %d, want %d", role, n, want)
		}
	}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/approvals/"+p.IDs["approval_id"]+"/withdraw", nil, nil)
	if n := todos(t, w, p.Key(admin))["approval_waiting"]; n != 0 {
		t.Errorf("%d wait after it was withdrawn", n)
	}
}
