package sandboxes_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/db/migrations/fixtures"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/mail"
	"zhitong/queue"
	"zhitong/tenants/files"
	"zhitong/tenants/sandboxes"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

const (
	day    = 24 * time.Hour
	unused = 180 * day
)

// bucket is an object store in memory.
type bucket struct {
	sync.Mutex
	all map[string][]byte
}

func (b *bucket) Put(_ context.Context, key string, content []byte) error {
	b.Lock()
	defer b.Unlock()
	b.all[key] = content
	return nil
}

func (b *bucket) Get(_ context.Context, key string, _ int64) ([]byte, error) {
	b.Lock()
	defer b.Unlock()
	return b.all[key], nil
}

func (b *bucket) DeleteAll(_ context.Context, prefix string) error {
	b.Lock()
	defer b.Unlock()
	maps.DeleteFunc(b.all, func(key string, _ []byte) bool { return strings.HasPrefix(key, prefix) })
	return nil
}

// outbox keeps mails.
type outbox struct{ sent []mail.Message }

func (o *outbox) Send(_ context.Context, m mail.Message) error {
	o.sent = append(o.sent, m)
	return nil
}

// house is a database with platforms that have a row in every table.
type house struct {
	t      *testing.T
	db     *db.DB
	admin  *pgx.Conn
	clock  *clock.Movable
	vault  *vault.Vault
	bucket *bucket
	mails  outbox
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: dbtest.NewDB(t), clock: &clock.Movable{}, vault: tenantstest.Vault(t),
		bucket: &bucket{all: map[string][]byte{}}}
	if err := h.vault.Ready(t.Context(), h.db); err != nil { // before a fixture writes a key that nothing opens
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, h.db))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	h.admin = conn
	return h
}

// service is one that crashes, or does what else it is told, at its steps.
func (h *house) service(step func(string)) *sandboxes.Service {
	return sandboxes.New(sandboxes.Config{DB: h.db, Vault: h.vault, Clock: h.clock, Mails: &h.mails, Unused: unused,
		Batch: 1, Step: step,
		Files: files.New(files.Config{DB: h.db, Vault: h.vault, Clock: h.clock, Bucket: h.bucket})})
}

// platform is a sandbox with a row in every table, files in the object store, jobs, and a member who has signed in.
func (h *house) platform() id.Tenant {
	h.t.Helper()
	all, err := fixtures.All()
	if err != nil {
		h.t.Fatal(err)
	}
	tenant := id.New[id.Tenant]()
	comment := regexp.MustCompile(`(?m)^--.*$`)
	h.in(tenant, func(ctx context.Context, tx db.TenantTx) error {
		for _, f := range all {
			for statement := range strings.SplitSeq(comment.ReplaceAllString(f.SQL, ""), ";\n") {
				if strings.TrimSpace(statement) == "" {
					continue
				}
				if _, err := tx.Exec(ctx, statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
		}
		if _, err := tx.Exec(ctx,
			"UPDATE files SET in_bucket = true WHERE id IN (SELECT id FROM files LIMIT 1)"); err != nil {
			return err
		}
		return queue.Insert(ctx, tx.Later(),
			queue.Job{Args: queue.PaymentWatch{TenantID: queue.RefTo(tenant)}},
			queue.Job{Args: queue.SplitExecute{TenantID: queue.RefTo(tenant)}, Wait: time.Hour})
	})
	h.exec(`INSERT INTO memberships (person_id, member_of, member_id) VALUES
		('00000000-0000-7000-8000-0000000000a1', $1, '00000000-0000-7000-8000-000000000003')`, tenant)
	h.exec("UPDATE members SET person_id = '00000000-0000-7000-8000-0000000000a1' WHERE tenant_id = $1 AND id = "+
		"'00000000-0000-7000-8000-000000000003'", tenant)
	_ = h.bucket.Put(h.t.Context(), tenant.String()+"/left", []byte("x"))
	return tenant
}

func (h *house) in(tenant id.Tenant, fn func(ctx context.Context, tx db.TenantTx) error) {
	h.t.Helper()
	if err := h.db.InTenant(h.t.Context(), tenant, fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.admin.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

func (h *house) look(tenant id.Tenant, want sandboxes.Step) {
	h.t.Helper()
	if have, err := h.service(nil).Look(h.t.Context(), tenant); err != nil || have != want {
		h.t.Fatalf("did %q, %v, want %q", have, err, want)
	}
}

// announced is a platform that nobody has used and whose end was announced so many days ago.
func (h *house) announced(days int) id.Tenant {
	h.t.Helper()
	tenant := h.platform()
	h.clock.Advance(unused + day)
	h.look(tenant, sandboxes.Announce)
	h.exec("UPDATE sandbox_ends SET announced_at = announced_at - make_interval(days => $2) WHERE sandbox = $1", tenant,
		days)
	return tenant
}

// closed is one that was closed so many days ago.
func (h *house) closed(days int) id.Tenant {
	h.t.Helper()
	tenant := h.announced(15)
	h.look(tenant, sandboxes.Close)
	h.exec("UPDATE sandbox_ends SET closed_at = closed_at - make_interval(days => $2) WHERE sandbox = $1", tenant, days)
	return tenant
}

// tables are all that have a tenant.
func (h *house) tables() (all []string) {
	h.t.Helper()
	if err := h.admin.QueryRow(h.t.Context(), `SELECT array_agg(c.relname::text ORDER BY 1) FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`).Scan(&all); err != nil {
		h.t.Fatal(err)
	}
	if len(all) < 40 {
		h.t.Fatalf("only %d tables", len(all))
	}
	return all
}

// rows are the rows of a tenant, by table, to the byte; its jobs beside them.
func (h *house) rows(tenant id.Tenant) map[string]string {
	h.t.Helper()
	out := map[string]string{}
	read := func(table, sql string) {
		var text string
		if err := h.admin.QueryRow(h.t.Context(), sql, tenant.UUID()).Scan(&text); err != nil {
			h.t.Fatalf("%s: %v", table, err)
		}
		if text != "" {
			out[table] = text
		}
	}
	for _, table := range h.tables() {
		read(table, "SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM "+table+
			" t WHERE tenant_id = $1")
	}
	read("memberships", "SELECT coalesce(string_agg(t::text, '' ORDER BY t::text), '') FROM memberships t "+
		"WHERE member_of = $1")
	read("river_job", "SELECT coalesce(string_agg(t::text, '' ORDER BY t::text), '') FROM river.river_job t "+
		"WHERE args ->> 'tenant_id' = $1::uuid::text")
	for key := range h.bucket.all {
		if strings.HasPrefix(key, tenant.String()) {
			out["bucket"] += key
		}
	}
	return out
}

func (h *house) wantGone(tenant id.Tenant) {
	h.t.Helper()
	for table, rows := range h.rows(tenant) {
		h.t.Errorf("left in %s: %s", table, rows)
	}
	var gone bool
	if err := h.admin.QueryRow(h.t.Context(), "SELECT gone_at IS NOT NULL FROM sandbox_ends WHERE sandbox = $1",
		tenant).Scan(&gone); err != nil || !gone {
		h.t.Errorf("that it is gone is not noted: %v", err)
	}
}

func (h *house) told(tenant id.Tenant) (kinds []string) {
	h.t.Helper()
	rows, err := h.admin.Query(h.t.Context(), "SELECT type FROM events WHERE tenant_id = $1 AND "+
		"subject_type = 'tenant' AND type LIKE 'tenant.%' ORDER BY id", tenant)
	if err != nil {
		h.t.Fatal(err)
	}
	if kinds, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		h.t.Fatal(err)
	}
	return kinds
}

// TestEnd: a sandbox that nobody uses is announced, closed 14 days later, and after another day nothing is left of it
// in any table, in the object store or among the jobs. Of another platform nothing changes, and people stay.
func TestEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.platform(), h.platform()
	have := h.rows(a)
	for _, table := range append(h.tables(), "memberships", "river_job", "bucket") {
		if have[table] == "" {
			t.Errorf("the control: %s has no row", table)
		}
	}
	h.look(a, sandboxes.Nothing)
	h.clock.Advance(unused + day)
	h.look(a, sandboxes.Announce)
	h.look(a, sandboxes.Nothing)
	h.exec("UPDATE sandbox_ends SET announced_at = announced_at - interval '13 days' WHERE sandbox = $1", a)
	h.look(a, sandboxes.Nothing)
	h.exec("UPDATE sandbox_ends SET announced_at = announced_at - interval '2 days' WHERE sandbox = $1", a)
	h.look(a, sandboxes.Close)
	if told := h.told(a); !slices.Equal(told, []string{"tenant.end_announced", "tenant.closed"}) {
		t.Errorf("told %v", told)
	}
	h.look(a, sandboxes.Nothing) // what was under way may end
	h.exec("UPDATE sandbox_ends SET closed_at = closed_at - interval '2 days' WHERE sandbox = $1", a)
	before := h.rows(b)
	h.look(a, sandboxes.Delete)
	h.wantGone(a)
	if after := h.rows(b); !maps.Equal(before, after) {
		for table := range before {
			if before[table] != after[table] {
				t.Errorf("another platform's %s: %s, was %s", table, after[table], before[table])
			}
		}
	}
	var people, sessions int
	if err := h.admin.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM sessions)").
		Scan(&people, &sessions); err != nil || people != 1 || sessions != 1 {
		t.Errorf("%d people, %d sessions are left, %v", people, sessions, err)
	}
	for n := range queue.Shards {
		if err := h.service(nil).Finish(t.Context(), n); err != nil {
			t.Error(err)
		}
	}
}

// TestEndCrash: a sweep that dies at any step is gone on with, to the same end.
func TestEndCrash(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var steps []string
	trial := h.closed(2)
	if _, err := h.service(func(at string) { steps = append(steps, at) }).Look(t.Context(), trial); err != nil {
		t.Fatal(err)
	}
	h.wantGone(trial)
	var tried []string
	for i, at := range steps { // one after the other would take minutes: some, and those that are not of a table
		ofTable := strings.HasPrefix(at, "deleting ") || strings.HasPrefix(at, "deleted ")
		if i%23 == 0 || !ofTable || i >= len(steps)-5 {
			tried = append(tried, at)
		}
	}
	if len(tried) < 9 || !slices.Contains(tried, "files") || !slices.Contains(tried, "gone") ||
		!slices.Contains(tried, "deleted tenants") {
		t.Fatalf("%v of %v", tried, steps)
	}
	for _, at := range tried {
		tenant := h.closed(2)
		crashed := errors.New(at)
		func() {
			defer func() {
				if r := recover(); r != crashed {
					t.Errorf("%s was not reached: %v", at, r)
				}
			}()
			_, err := h.service(func(now string) {
				if now == at {
					panic(crashed)
				}
			}).Look(t.Context(), tenant)
			t.Errorf("%s: %v", at, err)
		}()
		if in := h.rows(tenant)["tenant_directory"] != ""; in {
			h.look(tenant, sandboxes.Delete)
		} else if err := h.service(nil).Finish(t.Context(), int(tenant[15])%queue.Shards); err != nil {
			t.Errorf("%s: %v", at, err)
		}
		h.wantGone(tenant)
	}
}

// TestUseStops: whatever use there is of a platform whose end was announced, it stays; also when it was closed
// meanwhile.
func TestUseStops(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, use := range map[string]func(id.Tenant){
		"an API key": func(tenant id.Tenant) {
			h.exec("UPDATE api_keys SET last_used_at = $2 WHERE tenant_id = $1", tenant, h.clock.Now())
		},
		"an order": func(tenant id.Tenant) {
			h.exec("UPDATE orders SET created_at = $2 WHERE tenant_id = $1", tenant, h.clock.Now())
		},
		"a member's session": func(id.Tenant) {
			h.exec("UPDATE sessions SET last_seen_at = $1", h.clock.Now())
		},
		"somebody opens it": func(tenant id.Tenant) {
			h.exec("UPDATE tenants SET status = CASE status WHEN 'closed' THEN 'active' ELSE 'suspended' END "+
				"WHERE tenant_id = $1", tenant)
		},
	} {
		for state, platform := range map[string]func(int) id.Tenant{"announced": h.announced, "closed": h.closed} {
			tenant := platform(15)
			use(tenant)
			if have, err := h.service(nil).Look(t.Context(), tenant); err != nil || have != sandboxes.Withdraw {
				t.Errorf("%s, %s: did %q, %v", name, state, have, err)
			}
			var status string
			var ends int
			if err := h.admin.QueryRow(t.Context(), "SELECT status, (SELECT count(*) FROM sandbox_ends WHERE "+
				"sandbox = $1) FROM tenants WHERE tenant_id = $1", tenant).Scan(&status, &ends); err != nil ||
				status == "closed" || ends != 0 {
				t.Errorf("%s, %s: %s, %d ends, %v", name, state, status, ends, err)
			}
			if told := h.told(tenant); told[len(told)-1] != "tenant.end_withdrawn" {
				t.Errorf("%s, %s: told %v", name, state, told)
			}
		}
	}
}

// TestWhoNeverEnds: a platform that moves money, one beside it, one at a gateway of Alipay's, one that is suspended,
// and any sandbox where the operator has said so; and what was announced so long ago that the owners were told of
// another day is announced anew.
func TestWhoNeverEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, sql := range map[string]string{
		"live": "UPDATE tenants SET mode = 'live' WHERE tenant_id = $1",
		"Alipay's": "UPDATE alipay_connections SET gateway_url = " +
			"'https://openapi-sandbox.dl.alipaydev.com/gateway.do' WHERE tenant_id = $1",
		"beside a live one": "UPDATE tenants SET twin_id = gen_random_uuid() WHERE tenant_id = $1",
		"suspended":         "UPDATE tenants SET status = 'suspended' WHERE tenant_id = $1",
		"used":              "UPDATE api_keys SET last_used_at = now() + interval '10 years' WHERE tenant_id = $1",
	} {
		tenant := h.platform()
		h.clock.Advance(unused + day)
		h.exec(sql, tenant)
		if have, err := h.service(nil).Look(t.Context(), tenant); err != nil || have != sandboxes.Nothing {
			t.Errorf("%s: did %q, %v", name, have, err)
		}
	}
	off := sandboxes.New(sandboxes.Config{DB: h.db, Vault: h.vault, Clock: h.clock})
	if have, err := off.Look(t.Context(), h.announced(15)); err != nil || have != sandboxes.Nothing {
		t.Errorf("switched off: did %q, %v", have, err)
	}
	forgotten := h.announced(29)
	h.look(forgotten, sandboxes.Withdraw)
	h.look(forgotten, sandboxes.Announce)
}

// TestDue tells what would be done, and does nothing.
func TestDue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	old := h.announced(15)
	due := h.platform()
	h.clock.Advance(unused + day)
	fresh := h.platform()
	h.exec("UPDATE api_keys SET last_used_at = $2 WHERE tenant_id = $1", fresh, h.clock.Now())
	for range 2 {
		have := map[id.Tenant]sandboxes.Step{}
		if err := h.service(nil).Due(t.Context(), func(v sandboxes.State) error {
			have[v.Tenant] = v.Next
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want := map[id.Tenant]sandboxes.Step{old: sandboxes.Close, due: sandboxes.Announce}
		if !maps.Equal(have, want) {
			t.Errorf("%v, want %v", have, want)
		}
	}
}

// TestMail: the owners are told by mail when it is closed, unless that was withdrawn.
func TestMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	tenant := h.announced(0)
	var jobs int
	if err := h.admin.QueryRow(t.Context(), "SELECT count(*) FROM river.river_job WHERE kind = 'sandbox_mail' AND "+
		"args ->> 'tenant_id' = $1", tenant.UUID().String()).Scan(&jobs); err != nil || jobs != 1 {
		t.Errorf("%d jobs, %v", jobs, err)
	}
	if err := h.service(nil).Mail(t.Context(), tenant); err != nil {
		t.Fatal(err)
	}
	if n := len(h.mails.sent); n != 1 || h.mails.sent[0].To != "owner@example.com" ||
		!strings.Contains(h.mails.sent[0].Text, tenant.String()) || h.mails.sent[0].Key == "" {
		t.Errorf("%d mails: %+v", n, h.mails.sent)
	}
	h.exec("UPDATE api_keys SET last_used_at = $2 WHERE tenant_id = $1", tenant, h.clock.Now())
	h.look(tenant, sandboxes.Withdraw)
	for _, who := range []id.Tenant{tenant, id.New[id.Tenant]()} {
		if err := h.service(nil).Mail(t.Context(), who); err != nil || len(h.mails.sent) != 1 {
			t.Errorf("%d mails, %v", len(h.mails.sent), err)
		}
	}
}

// TestAttackEnd: whoever can run statements under the programs' role deletes no platform by the function that does: not
// an active one, not a live one, not one whose end was announced a moment ago, nor can they say that it was earlier.
func TestAttackEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	end := func(tenant id.Tenant, m id.Merchant) error {
		return h.db.InMerchant(t.Context(), tenant, m, func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, "SELECT app.end_some(1)")
			return err
		})
	}
	leave := func(tenant id.Tenant) {
		h.exec("UPDATE sandbox_ends SET left_at = now() WHERE sandbox = $1", tenant)
	}
	active, live, early, nothing := h.announced(15), h.closed(2), h.announced(13), h.platform()
	leave(active)
	leave(live)
	h.exec("UPDATE tenants SET mode = 'live' WHERE tenant_id = $1", live)
	leave(early)
	h.exec("UPDATE tenants SET status = 'closed' WHERE tenant_id = $1", early)
	for name, tenant := range map[string]id.Tenant{"active": active, "live": live, "early": early, "nothing": nothing} {
		before := h.rows(tenant)
		if err := end(tenant, id.Merchant{}); err == nil || !strings.Contains(err.Error(), "no sandbox that ends") {
			t.Errorf("%s: %v", name, err)
		}
		if !maps.Equal(before, h.rows(tenant)) {
			t.Errorf("%s: rows are gone", name)
		}
	}
	for _, sql := range []string{
		"INSERT INTO sandbox_ends (sandbox, announced_at) VALUES (gen_random_uuid(), '-infinity')",
		"UPDATE sandbox_ends SET announced_at = '-infinity'",
		"DELETE FROM tenant_directory", "DELETE FROM tenants", "DELETE FROM events",
	} {
		if err := h.db.InTenant(t.Context(), nothing, func(ctx context.Context, tx db.TenantTx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		}); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	control := h.closed(2)
	leave(control)
	if err := end(control, id.Merchant(id.New[id.Merchant]())); err == nil {
		t.Error("a merchant ends its platform")
	}
	if err := end(control, id.Merchant{}); err != nil {
		t.Errorf("the control: %v", err)
	}
}
