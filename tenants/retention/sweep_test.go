package retention_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/chain"
	"zhitong/tenants/events"
	"zhitong/tenants/retention"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

const day = 24 * time.Hour

// house is a database in which rows of any age are made. An identifier's time is the program's; the moment that
// Postgres compares with its own clock is Postgres's.
type house struct {
	t     *testing.T
	db    *db.DB
	clock *clock.Movable
	vault *vault.Vault
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return &house{t: t, db: dbtest.NewDB(t), clock: &clock.Movable{}, vault: tenantstest.Vault(t)}
}

// close puts the rows into batches: they leave by whole batches only.
func (h *house) close(batch int, tenant id.Tenant) {
	h.t.Helper()
	c := chain.New(chain.Config{DB: h.db, Vault: h.vault, Clock: h.clock, Batch: batch})
	if _, err := c.Close(h.t.Context(), tenant); err != nil {
		h.t.Fatal(err)
	}
}

// aged is an identifier of so many days ago; n tells rows of one age apart.
func (h *house) aged(days, n int) uuid.UUID {
	u := id.First[uuid.UUID](h.clock.Now().Add(-time.Duration(days) * day))
	u[15], u[8] = byte(n), 0x80 //nolint:gosec // few
	return u
}

func (h *house) exec(tenant id.Tenant, sql string, args ...any) {
	h.t.Helper()
	in(h.t, h.db, tenant, func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			h.t.Fatalf("%s: %v", sql, err)
		}
	})
}

// event writes the n-th event of a subject.
func (h *house) event(tenant id.Tenant, days int, kind string, subject uuid.UUID, n int) uuid.UUID {
	h.t.Helper()
	e := h.aged(days, n)
	h.exec(tenant, "INSERT INTO events (id, type, subject_type, subject_id, data, created_at, sequence) "+
		"VALUES ($1, 'order.created', $2, $3, '{}', now() - make_interval(days => $4), $5)", e, kind, subject, days, n)
	return e
}

func (h *house) audit(tenant id.Tenant, days, n int, action string, subject uuid.UUID) uuid.UUID {
	h.t.Helper()
	e := h.aged(days, n)
	h.exec(tenant, "INSERT INTO audit_log (id, actor_kind, actor_id, action, subject_type, subject_id, detail, "+
		"created_at) VALUES ($1, 'system', 'x', $2, 'order', $3, '', now() - make_interval(days => $4))",
		e, action, subject, days)
	return e
}

func (h *house) sweep(c retention.Config, tenant id.Tenant) map[string]int64 {
	h.t.Helper()
	h.close(c.Batch, tenant)
	c.DB, c.Clock, c.Vault = h.db, h.clock, h.vault
	var r retention.Result
	if err := retention.New(c).Tenant(h.t.Context(), tenant, &r); err != nil {
		h.t.Fatal(err)
	}
	maps.DeleteFunc(r.Deleted, func(_ string, n int64) bool { return n == 0 })
	return r.Deleted
}

func (h *house) left(tenant id.Tenant, table string) (ids []uuid.UUID) {
	h.t.Helper()
	in(h.t, h.db, tenant, func(ctx context.Context, tx db.TenantTx) {
		row := tx.QueryRow(ctx, "SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM "+table)
		if err := row.Scan(&ids); err != nil {
			h.t.Fatal(err)
		}
	})
	return ids
}

func (h *house) wantLeft(tenant id.Tenant, table string, want ...uuid.UUID) {
	h.t.Helper()
	slices.SortFunc(want, func(a, b uuid.UUID) int { return strings.Compare(a.String(), b.String()) })
	if have := h.left(tenant, table); !slices.Equal(have, want) {
		h.t.Errorf("%s: left %v, want %v", table, have, want)
	}
}

// TestWhatIsDueGoes: of each table what is older than its time goes, in the tenant that is swept, and what is younger
// or still needed stays.
func TestWhatIsDueGoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := dbtest.NewTenant(t, h.db), dbtest.NewTenant(t, h.db)
	subject, merchant, endpoint := uuid.New(), uuid.New(), id.New[id.WebhookEndpoint]()
	kept := map[string][]uuid.UUID{}
	var due int
	for _, tenant := range []id.Tenant{a, b} {
		keep := func(table string, row uuid.UUID) {
			if tenant == a {
				kept[table] = append(kept[table], row)
			}
		}
		h.event(tenant, 91, "order", subject, 1) // goes
		keep("events", h.event(tenant, 89, "order", subject, 2))
		keep("events", h.event(tenant, 89, "order", subject, 3))
		h.event(tenant, 401, "order", uuid.New(), 1) // the last of an old order goes
		keep("events", h.event(tenant, 399, "order", uuid.New(), 1))
		keep("events", h.event(tenant, 700, "merchant", merchant, 1)) // the last of a merchant

		h.audit(tenant, 731, 1, "closeOrder", subject) // goes
		keep("audit_log", h.audit(tenant, 729, 1, "closeOrder", subject))
		var key, revoked dbsqlc.APIKey
		in(t, h.db, tenant, func(_ context.Context, tx db.TenantTx) {
			key = dbtest.APIKey(t, tx)
			revoked = dbtest.APIKey(t, tx, func(k *dbsqlc.APIKey) { now := h.clock.Now(); k.RevokedAt = &now })
			dbtest.Endpoint(t, tx, func(e *dbsqlc.WebhookEndpoint) { e.ID = endpoint })
		})
		keep("audit_log", h.audit(tenant, 900, 1, "createAPIKey", uuid.UUID(key.ID))) // who made it is asked
		h.audit(tenant, 900, 2, "createAPIKey", uuid.UUID(revoked.ID))                // goes

		for i, days := range []int{31, 29} {
			attempt := h.aged(days, i)
			h.exec(tenant, "INSERT INTO webhook_attempts (id, endpoint_id, event_id, attempt, duration_ms) "+
				"VALUES ($1, $2, $3, 1, 1)", attempt, endpoint, uuid.New())
			if days == 29 {
				keep("webhook_attempts", attempt)
			}
		}
		for i, n := range []struct {
			days    int
			verdict string
			stays   bool
		}{{91, "applied", false}, {89, "applied", true}, {91, "review", true}, {91, "failed", true},
			{731, "failed", false}, {91, "refused", false}} {
			row := h.aged(n.days, i)
			h.exec(tenant, "INSERT INTO notifications (id, kind, verdict) VALUES ($1, 'trade', $2)", row, n.verdict)
			if n.stays {
				keep("notifications", row)
			}
		}
		var reviewed dbsqlc.Order
		in(t, h.db, tenant, func(_ context.Context, tx db.TenantTx) {
			m := dbtest.Merchant(t, tx)
			rule, _ := dbtest.SplitRule(t, tx)
			p := dbtest.Product(t, tx, m.ID, rule.ID)
			reviewed = dbtest.Order(t, tx, p, func(o *dbsqlc.Order) { o.Status = "needs_review" })
		})
		for i, c := range []struct {
			days, closed int // closed so many days ago; 0: open
			order        uuid.UUID
			stays        bool
		}{{800, 731, uuid.Nil, false}, {800, 729, uuid.Nil, true}, {800, 0, uuid.Nil, true},
			{800, 790, uuid.UUID(reviewed.ID), true}} {
			row := h.aged(c.days, i)
			h.exec(tenant, "INSERT INTO cases (id, kind, status, order_id, detail, closed_at) VALUES ($1, 'x', "+
				"CASE WHEN $2 > 0 THEN 'closed' ELSE 'open' END, nullif($3, "+
				"'00000000-0000-0000-0000-000000000000'::uuid), '', "+
				"CASE WHEN $2 > 0 THEN $4::timestamptz - make_interval(days => $2) END)",
				row, c.closed, c.order, h.clock.Now())
			if c.stays {
				keep("cases", row)
			}
		}
		for _, e := range []struct {
			deleted int // so many days ago; 0: it is not
			tried   bool
			stays   bool
		}{{91, false, false}, {89, false, true}, {0, false, true}, {91, true, true}} {
			row := id.New[id.WebhookEndpoint]()
			in(t, h.db, tenant, func(_ context.Context, tx db.TenantTx) {
				dbtest.Endpoint(t, tx, func(w *dbsqlc.WebhookEndpoint) { w.ID = row })
			})
			if e.deleted > 0 {
				h.exec(tenant, "UPDATE webhook_endpoints SET status = 'disabled', "+
					"deleted_at = $2::timestamptz - make_interval(days => $3) WHERE id = $1", row, h.clock.Now(),
					e.deleted)
			}
			if e.tried {
				attempt := h.aged(28, 9)
				h.exec(tenant, "INSERT INTO webhook_attempts (id, endpoint_id, event_id, attempt, duration_ms) "+
					"VALUES ($1, $2, $3, 1, 1)", attempt, row, uuid.New())
				keep("webhook_attempts", attempt)
			}
			if e.stays {
				keep("webhook_endpoints", uuid.UUID(row))
			}
		}
		keep("webhook_endpoints", uuid.UUID(endpoint))
		due = 2 + 2 + 1 + 3 + 1 + 1
	}
	before := map[string][]uuid.UUID{}
	for table := range kept {
		before[table] = h.left(b, table)
	}
	deleted := h.sweep(retention.Config{Batch: 1}, a)
	for table, rows := range kept {
		h.wantLeft(a, table, rows...)
		h.wantLeft(b, table, before[table]...)
	}
	var sum int64
	for _, n := range deleted {
		sum += n
	}
	if sum != int64(due) {
		t.Errorf("deleted %v, want %d rows", deleted, due)
	}
	if again := h.sweep(retention.Config{}, a); len(again) > 0 {
		t.Errorf("a second sweep deletes %v", again)
	}
}

// TestPlatformsSayHowLong: a platform's own days hold, for it alone.
func TestPlatformsSayHowLong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	short, usual := dbtest.NewTenant(t, h.db), dbtest.NewTenant(t, h.db)
	h.exec(short, "UPDATE tenants SET events_kept_days = 30, audit_log_kept_days = 180")
	for _, tenant := range []id.Tenant{short, usual} {
		subject := uuid.New()
		h.event(tenant, 31, "order", subject, 1)
		h.event(tenant, 29, "order", subject, 2)
		h.audit(tenant, 181, 1, "closeOrder", subject)
	}
	if n := h.sweep(retention.Config{}, short); n["events"] != 1 || n["audit_log"] != 1 {
		t.Errorf("the platform that keeps less: %v", n)
	}
	if n := h.sweep(retention.Config{}, usual); len(n) > 0 {
		t.Errorf("the other platform: %v", n)
	}
}

// TestAttackRetention: A42, the programs' role cannot have younger rows deleted than the floor, whatever it asks for,
// nor those of another tenant.
func TestAttackRetention(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant, other := dbtest.NewTenant(t, h.db), dbtest.NewTenant(t, h.db)
	subject := uuid.New()
	young := []uuid.UUID{h.event(tenant, 29, "order", subject, 1), h.event(tenant, 28, "order", subject, 2)}
	entry := h.audit(tenant, 179, 1, "closeOrder", subject)
	for _, at := range []id.Tenant{tenant, other} {
		h.exec(at, "SELECT app.expire_events($1, $2, true)", uuid.Nil, id.Max[uuid.UUID]())
		h.exec(at, "SELECT app.expire_audit_log($1, $2)", uuid.Nil, id.Max[uuid.UUID]())
	}
	h.wantLeft(tenant, "events", young...)
	h.wantLeft(tenant, "audit_log", entry)

	h.event(tenant, 31, "order", subject, 0) // the control: what is old enough goes
	h.audit(tenant, 181, 1, "closeOrder", subject)
	h.exec(tenant, "SELECT app.expire_events($1, $2, true)", uuid.Nil, id.Max[uuid.UUID]())
	h.exec(tenant, "SELECT app.expire_audit_log($1, $2)", uuid.Nil, id.Max[uuid.UUID]())
	h.wantLeft(tenant, "events", young...)
	h.wantLeft(tenant, "audit_log", entry)
}

// TestSweepIsBrokenOff: wherever a sweep ends, the next one goes on, and in all the same rows are gone.
func TestSweepIsBrokenOff(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"events deleting", "events", "audit_log deleting", "audit_log",
		"webhook_attempts", "notifications deleting"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			tenant := dbtest.NewTenant(t, h.db)
			subject := uuid.New()
			for n := range 7 {
				h.event(tenant, 100-n, "order", subject, n+1)
				h.audit(tenant, 800-n, n, "closeOrder", subject)
				h.exec(tenant, "INSERT INTO notifications (id, kind, verdict) VALUES ($1, 'trade', 'applied')",
					h.aged(100-n, n))
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := 0
			var first retention.Result
			stop := func(at string) {
				if seen++; at == step {
					cancel()
				}
			}
			c := retention.Config{DB: h.db, Vault: h.vault, Clock: h.clock, Batch: 3, Step: stop}
			err := retention.New(c).Tenant(ctx, tenant, &first)
			if err == nil {
				t.Fatalf("was not broken off in %d steps", seen)
			}
			h.sweep(retention.Config{Batch: 3}, tenant)
			if n := len(h.left(tenant, "events")); n != 1 {
				t.Errorf("%d events are left, want the last", n)
			}
			h.wantLeft(tenant, "audit_log")
			h.wantLeft(tenant, "notifications")
		})
	}
}

// TestTwoSweepsAtOnce: each row is deleted and counted once.
func TestTwoSweepsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant := dbtest.NewTenant(t, h.db)
	subject := uuid.New()
	const rows = 40
	for n := range rows {
		h.audit(tenant, 800, n, "closeOrder", subject)
		h.exec(tenant, "INSERT INTO notifications (id, kind, verdict) VALUES ($1, 'trade', 'applied')", h.aged(100, n))
	}
	h.close(3, tenant)
	var wg sync.WaitGroup
	results := make([]retention.Result, 3)
	for i := range results {
		wg.Go(func() {
			if err := retention.New(retention.Config{DB: h.db, Vault: h.vault, Clock: h.clock, Batch: 3}).
				Tenant(t.Context(), tenant, &results[i]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	sum := map[string]int64{}
	for _, r := range results {
		for table, n := range r.Deleted {
			sum[table] += n
		}
	}
	if sum["audit_log"] != rows || sum["notifications"] != rows {
		t.Errorf("deleted %v, want %d of each", sum, rows)
	}
	h.wantLeft(tenant, "audit_log")
	h.wantLeft(tenant, "notifications")
}

// TestReaderIsToldOfGoneEvents: who reads forwards from a place behind which events are gone is told so; from the
// newest that is gone, from the beginning, or backwards, the reader goes on.
func TestReaderIsToldOfGoneEvents(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant := dbtest.NewTenant(t, h.db)
	a := tenants.Actor{Tenant: tenant, Caller: tenants.ByKey(id.New[id.APIKey]()), Role: tenants.RoleOwner}
	subject := uuid.New()
	all := make([]id.Event, 4)
	for n := range all {
		all[n] = id.Event(h.event(tenant, []int{92, 91, 89, 88}[n], "order", subject, n+1))
	}
	list := func(p tenants.Page[id.Event]) ([]events.Stored, error) {
		got, err := events.New(h.db, h.clock).List(t.Context(), a, p, events.Filter{})
		return got.Items, err
	}
	if got, err := list(tenants.Page[id.Event]{OldestFirst: true, After: all[0]}); err != nil || len(got) != 3 {
		t.Fatalf("before the sweep: %d events, %v", len(got), err)
	}
	if n := h.sweep(retention.Config{}, tenant)["events"]; n != 2 {
		t.Fatalf("%d events were deleted", n)
	}
	for name, p := range map[string]tenants.Page[id.Event]{
		"after":  {OldestFirst: true, After: all[0]},
		"cursor": {OldestFirst: true, Last: all[0]},
	} {
		if _, err := list(p); fault.CodeOf(err) != events.CodeGone {
			t.Errorf("%s before what is gone: %v", name, err)
		}
	}
	for name, p := range map[string]tenants.Page[id.Event]{
		"the newest that is gone": {OldestFirst: true, After: all[1]},
		"the beginning":           {OldestFirst: true},
		"backwards":               {},
		"a place ahead of after":  {OldestFirst: true, After: all[0], Last: all[1]},
	} {
		if got, err := list(p); err != nil || len(got) != 2 {
			t.Errorf("%s: %d events, %v", name, len(got), err)
		}
	}
}
