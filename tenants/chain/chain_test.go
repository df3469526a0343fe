package chain_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/chain"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

// house is a tenant with rows in each chained table.
type house struct {
	t      *testing.T
	db     *db.DB
	clock  *clock.Movable
	vault  *vault.Vault
	tenant id.Tenant
	rows   int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: dbtest.NewDB(t), clock: &clock.Movable{}, vault: tenantstest.Vault(t)}
	h.tenant = dbtest.NewTenant(t, h.db)
	return h
}

// insert writes a row of each chained table, so old.
func (h *house) insert(old time.Duration) {
	h.t.Helper()
	h.rows++
	u := id.First[uuid.UUID](h.clock.Now().Add(-old))
	u[8], u[14], u[15] = 0x80, byte(h.rows>>8), byte(h.rows) //nolint:gosec // few
	h.in(func(ctx context.Context, tx db.TenantTx) error {
		for _, sql := range []string{
			"INSERT INTO audit_log (id, actor_kind, actor_id, action, subject_type, subject_id, detail, changes, " +
				"client_address) VALUES ($1, 'system', 'x', 'closeOrder', 'order', $1, 'why', '[]', '192.0.2.1')",
			"INSERT INTO events (id, type, subject_type, subject_id, data, sequence) " +
				"VALUES ($1, 'order.paid', 'order', $1, '{\"amount_fen\": 1}', 1)",
			"INSERT INTO ledger_postings (id, kind, order_id, source_id, from_account, to_account, to_merchant_id, " +
				"amount_fen) VALUES ($1, 'payment', $1, $1, 'buyer', 'unsettled', $1, 5)",
		} {
			if _, err := tx.Exec(ctx, sql, u); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) in(fn func(ctx context.Context, tx db.TenantTx) error) {
	h.t.Helper()
	if err := h.db.InTenant(h.t.Context(), h.tenant, fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) chain(batch int, step func(string)) *chain.Service {
	return chain.New(chain.Config{DB: h.db, Vault: h.vault, Clock: h.clock, Batch: batch, Step: step})
}

func (h *house) close(batch int) int64 {
	h.t.Helper()
	n, err := h.chain(batch, nil).Close(h.t.Context(), h.tenant)
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// faults are the names of what does not fit, each once.
func (h *house) faults() (names []string) {
	h.t.Helper()
	found, _, err := h.chain(0, nil).Check(h.t.Context(), h.tenant)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range found {
		names = append(names, f.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (h *house) superuser(statements ...string) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), dbtest.AdminURL(h.t, h.db))
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(h.t.Context())
	for _, sql := range statements {
		if tag, err := conn.Exec(h.t.Context(), sql); err != nil || tag.RowsAffected() == 0 {
			h.t.Fatalf("%s: %v, %v", sql, tag, err)
		}
	}
}

// TestAttackPast: A42, what a superuser changes of the past is found, and named. The tenant has seven rows of each
// table, closed in batches of three, three and one.
func TestAttackPast(t *testing.T) {
	t.Parallel()
	const audit, events = " WHERE records = 'audit_log'", " WHERE records = 'events'"
	in := func(table string) string {
		return " WHERE id = (SELECT id FROM " + table + " ORDER BY id OFFSET 1 LIMIT 1)"
	}
	entry, posting, event := in("audit_log"), in("ledger_postings"), in("events")
	type wreck struct {
		want string
		sql  []string
	}
	wrecks := map[string]wreck{
		"audit rows deleted": {chain.NameRows, []string{"DELETE FROM audit_log" + entry}},
		"all audit rows":     {chain.NameRows, []string{"DELETE FROM audit_log"}},
		"who did it":         {chain.NameChanged, []string{"UPDATE audit_log SET actor_id = 'y'" + entry}},
		"when it was done": {chain.NameChanged, []string{"UPDATE audit_log SET created_at = created_at - " +
			"interval '1 hour'" + entry}},
		"why it was done": {chain.NamePersonal, []string{"UPDATE audit_log SET detail = 'other'" + entry}},
		"from where":      {chain.NamePersonal, []string{"UPDATE audit_log SET client_address = ''" + entry}},
		"a posting moved": {chain.NameChanged, []string{"UPDATE ledger_postings SET to_merchant_id = " +
			"gen_random_uuid()" + posting}},
		"a posting's amount": {chain.NameChanged, []string{"UPDATE ledger_postings SET amount_fen = 6" + posting}},
		"a posting deleted":  {chain.NameRows, []string{"DELETE FROM ledger_postings" + posting}},
		"a made-up posting": {chain.NameRows, []string{"INSERT INTO ledger_postings SELECT tenant_id, " +
			"overlay(id::text placing 'ff' from 33)::uuid, 'release', order_id, source_id, 'frozen', " +
			"to_merchant_id, 'settled', to_merchant_id, 1, created_at FROM ledger_postings" + posting}},
		"an event changed": {chain.NamePersonal, []string{"UPDATE events SET data = '{\"amount_fen\": 2}'" + event}},
		"an event's type":  {chain.NameChanged, []string{"UPDATE events SET type = 'order.closed'" + event}},
		"a guessed digest": {chain.NameChanged, []string{"UPDATE audit_log SET actor_id = 'y'" + entry,
			"UPDATE chain_links SET digest = sha256('guess')" + audit + " AND number = 1"}},
		"the count is made to fit": {chain.NameChanged, []string{"DELETE FROM audit_log" + entry,
			"UPDATE chain_links SET row_count = 2" + audit + " AND number = 1"}},
		"a link deleted": {chain.NameBroken, []string{"DELETE FROM chain_links" + events + " AND number = 2"}},
		"the first link": {chain.NameBroken, []string{"DELETE FROM chain_links" + events + " AND number = 1"}},
		"a link numbered anew": {chain.NameBroken, []string{"DELETE FROM chain_links" + events + " AND number = 2",
			"UPDATE chain_links SET number = 2" + events + " AND number = 3",
			"UPDATE chain_heads SET number = 2" + events}},
		"the tail of links": {chain.NameBroken, []string{"DELETE FROM chain_links" + events + " AND number = 3"}},
		"the tail, and the head": {chain.NameUncovered, []string{"DELETE FROM chain_links" + events +
			" AND number = 3", "UPDATE chain_heads SET number = 2" + events}},
		"said to be expired": {chain.NameBroken, []string{"DELETE FROM audit_log WHERE id <= (SELECT last_id " +
			"FROM chain_links" + audit + " AND number = 1)", "UPDATE chain_links SET expired_at = now(), " +
			"expiry = sha256('guess')" + audit + " AND number = 1"}},
		"said to be erased": {chain.NamePersonal, []string{"UPDATE audit_log SET detail = ''" + entry,
			"UPDATE chain_links SET erased_at = now(), personal = sha256('guess')" + audit + " AND number = 1"}},
		"the head deleted": {chain.NameBroken, []string{"DELETE FROM chain_heads" + events}},
	}
	for name, c := range wrecks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			for range 7 {
				h.insert(2 * time.Hour)
			}
			if n := h.close(3); n != 21 {
				t.Fatalf("closed %d rows", n)
			}
			if f := h.faults(); len(f) > 0 { // the control
				t.Fatalf("before anything was changed: %v", f)
			}
			h.superuser(c.sql...)
			if f := h.faults(); !slices.Contains(f, c.want) {
				t.Errorf("found %v, want %s", f, c.want)
			}
		})
	}
}

// TestYoungRowsWait: what is younger than the lag is not closed, and is when its time has come, behind what was.
func TestYoungRowsWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.insert(chain.Lag + time.Minute)
	h.insert(chain.Lag - time.Minute)
	if n := h.close(0); n != 3 {
		t.Fatalf("closed %d rows, want one of each table", n)
	}
	if n := h.close(0); n != 0 {
		t.Fatalf("closed %d rows again", n)
	}
	h.clock.Advance(2 * time.Minute)
	if n := h.close(0); n != 3 {
		t.Fatalf("closed %d rows later, want the other", n)
	}
	if f := h.faults(); len(f) > 0 {
		t.Errorf("%v", f)
	}
}

// TestCloseIsBrokenOff: wherever closing ends, the next one goes on, and nothing is in two links.
func TestCloseIsBrokenOff(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"read", "linked", "headed", "closed"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			for range 5 {
				h.insert(2 * time.Hour)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen := 0
			if _, err := h.chain(2, func(at string) {
				if at == step {
					if seen++; seen == 2 {
						cancel()
					}
				}
			}).Close(ctx, h.tenant); err == nil {
				t.Fatal("was not broken off")
			}
			if f := h.faults(); len(f) > 0 {
				t.Errorf("broken off: %v", f)
			}
			h.close(2)
			if f := h.faults(); len(f) > 0 {
				t.Errorf("gone on: %v", f)
			}
			h.wantClosed(15)
		})
	}
}

func (h *house) wantClosed(want int) {
	h.t.Helper()
	var n int
	h.in(func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT coalesce(sum(row_count), 0) FROM chain_links").Scan(&n)
	})
	if n != want {
		h.t.Errorf("%d rows are in links, want %d", n, want)
	}
}

// TestClosersAtOnce: several close, and check, while rows are written; no alarm is false, and each row is in one link.
func TestClosersAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const old = 40
	for range old {
		h.insert(2 * time.Hour)
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := h.chain(3, nil).Close(t.Context(), h.tenant); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			for range 5 {
				found, _, err := h.chain(3, nil).Check(t.Context(), h.tenant)
				if err != nil || len(found) > 0 {
					t.Errorf("while rows are closed: %+v, %v", found, err)
				}
			}
		})
	}
	wg.Go(func() {
		for range 30 {
			h.insert(0)
		}
	})
	wg.Wait()
	h.close(3)
	if f := h.faults(); len(f) > 0 {
		t.Errorf("%v", f)
	}
	h.wantClosed(3 * old)
}

// TestOpenTransactionHoldsUp: nothing is closed while a transaction is open that may yet bring old rows.
func TestOpenTransactionHoldsUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := chain.New(chain.Config{DB: h.db, Vault: h.vault, Clock: h.clock, OpenMax: time.Millisecond})
	h.in(func(ctx context.Context, tx db.TenantTx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_sleep(0.01)"); err != nil { // so that it is older than it may be
			return err
		}
		if err := c.Quiet(t.Context()); !errors.Is(err, chain.ErrHeldUp) {
			t.Errorf("with an old transaction: %v", err)
		}
		return h.chain(0, nil).Quiet(t.Context()) // the control: this one is not half an hour old
	})
	if err := c.Quiet(t.Context()); err != nil {
		t.Errorf("when it has ended: %v", err)
	}
}

// TestReseal: an erasure that says so is no fault; it does not cover a change of what never changes.
func TestReseal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 5 {
		h.insert(2 * time.Hour)
	}
	h.close(2)
	var rows []uuid.UUID
	h.in(func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT array_agg(id ORDER BY id) FROM audit_log").Scan(&rows)
	})
	h.superuser("UPDATE audit_log SET detail = '', changes = '[]', client_address = '' WHERE id = '" +
		rows[1].String() + "' OR id = '" + rows[2].String() + "'")
	if f := h.faults(); !slices.Equal(f, []string{chain.NamePersonal}) {
		t.Fatalf("erased, and not said: %v", f)
	}
	reseal := func() error {
		return h.db.InTenant(t.Context(), h.tenant, func(ctx context.Context, tx db.TenantTx) error {
			return h.chain(0, nil).Reseal(ctx, tx, chain.AuditLog, rows[1], rows[2])
		})
	}
	if err := reseal(); err != nil {
		t.Fatal(err)
	}
	if f := h.faults(); len(f) > 0 {
		t.Errorf("erased, and said: %v", f)
	}
	h.superuser("UPDATE audit_log SET action = 'other' WHERE id = '" + rows[1].String() + "'")
	if err := reseal(); err == nil {
		t.Error("a changed entry is sealed anew")
	}
	if f := h.faults(); !slices.Equal(f, []string{chain.NameChanged}) {
		t.Errorf("changed: %v", f)
	}
}
