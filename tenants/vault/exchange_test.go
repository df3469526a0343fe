package vault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/db/migrations/fixtures"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants/vault"
)

// The fingerprint of one card key.
const (
	getPrint = "SELECT fingerprint FROM card_keys WHERE tenant_id = app.tenant_id() AND id = $1"
	setPrint = "UPDATE card_keys SET fingerprint = $1 WHERE tenant_id = app.tenant_id() AND id = $2"
)

var anywhere = vault.CardKey.At(id.Tenant{1}, [16]byte{2})

// seal seals a text as one transaction.
func seal(t *testing.T, v *vault.Vault, d *db.DB, tenant id.Tenant, text string) (sealed []byte) {
	t.Helper()
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		sealed, err = v.Seal(ctx, tx, []byte(text), anywhere)
		return err
	})
	return sealed
}

// opens tells whether a value is opened.
func opens(t *testing.T, v *vault.Vault, d *db.DB, tenant id.Tenant, sealed []byte) bool {
	t.Helper()
	var failed error
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, failed = v.Open(ctx, tx, sealed, anywhere)
		return nil
	})
	return failed == nil
}

func in(t *testing.T, d *db.DB, tenant id.Tenant, fn func(context.Context, db.TenantTx) error) {
	t.Helper()
	if err := d.InTenant(t.Context(), tenant, fn); err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, v *vault.Vault, d *db.DB, tenant id.Tenant) (version int, begun bool) {
	t.Helper()
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		version, begun, err = v.Begin(ctx, tx)
		return err
	})
	return version, begun
}

func finish(v *vault.Vault, d *db.DB, t *testing.T, tenant id.Tenant, run uuid.UUID) error {
	return d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		return v.Finish(ctx, tx, run)
	})
}

// exchange exchanges the tenant's data key from begin to end.
func exchange(t *testing.T, v *vault.Vault, d *db.DB, tenant id.Tenant) {
	t.Helper()
	run := uuid.New()
	begin(t, v, d, tenant)
	if err := v.Reseal(t.Context(), d, tenant, run, func(vault.Column, int) {}); err != nil {
		t.Fatal(err)
	}
	if err := finish(v, d, t, tenant, run); err != nil {
		t.Fatal(err)
	}
}

// spot is one value of a sealed column.
type spot struct {
	vault.Column
	row uuid.UUID
}

func (s spot) table() string { table, _, _ := strings.Cut(string(s.Column), "."); return table }

func (s spot) column() string { _, column, _ := strings.Cut(string(s.Column), "."); return column }

// key is the column whose identifier a value is bound to.
func (s spot) key() string {
	if s.Column == vault.IdempotencyAnswer {
		return "resource_id"
	}
	if s.table() == "alipay_connections" {
		return "tenant_id"
	}
	if s.Column == vault.PartReceiver { // as vault.PartRow
		return "encode(substring(uuid_send(split_id) FROM 1 FOR 14) || int2send(position), 'hex')::uuid"
	}
	return "id"
}

// filled is a tenant with rows in every table, whose sealed columns hold their own names, sealed; and what they hold.
func filled(t *testing.T, v *vault.Vault, d *db.DB) (id.Tenant, map[spot][]byte) {
	t.Helper()
	tenant := id.New[id.Tenant]()
	all, err := fixtures.All()
	if err != nil {
		t.Fatal(err)
	}
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		for _, f := range all {
			for sql := range strings.SplitSeq(f.SQL, ";\n") {
				if strings.Contains(sql, "tenant_data_keys") || strings.TrimSpace(sql) == "" {
					continue
				}
				if _, err := tx.Exec(ctx, sql); err != nil {
					return fmt.Errorf("%d: %w", f.Version, err)
				}
			}
		}
		_, err := tx.Exec(ctx, "UPDATE webhook_endpoints SET sealed_previous_secret = '', "+
			"previous_secret_until = now() WHERE tenant_id = app.tenant_id()")
		return err
	})
	spots := held(t, d, tenant)
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		for s := range spots {
			sealed, err := v.Seal(ctx, tx, s.text(), s.At(tenant, s.row))
			if err == nil {
				err = write(ctx, tx, s, sealed)
			}
			if err != nil {
				return err
			}
			if s.Column != vault.CardKey {
				continue
			}
			prints, err := v.Fingerprints(ctx, tx, s.text())
			if err != nil {
				return err
			}
			if _, err = tx.Exec(ctx, setPrint, prints[0][:], s.row); err != nil {
				return err
			}
		}
		return nil
	})
	return tenant, held(t, d, tenant)
}

func write(ctx context.Context, tx db.TenantTx, s spot, sealed []byte) error {
	_, err := tx.Exec(ctx, "UPDATE "+s.table()+" SET "+s.column()+" = $1 WHERE tenant_id = app.tenant_id() AND "+
		s.key()+" = $2", sealed, s.row)
	return err
}

// held are the values of all sealed columns.
func held(t *testing.T, d *db.DB, tenant id.Tenant) map[spot][]byte {
	t.Helper()
	all := map[spot][]byte{}
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		for _, c := range vault.Columns() {
			s := spot{Column: c}
			rows, err := tx.Query(ctx, "SELECT "+s.key()+", "+s.column()+" FROM "+s.table()+
				" WHERE tenant_id = app.tenant_id()"+
				map[vault.Column]string{vault.MerchantReceiver: " AND receiver_type IS NOT NULL"}[c])
			if err != nil {
				return err
			}
			var sealed []byte
			if _, err := pgx.ForEachRow(rows, []any{&s.row, &sealed}, func() error {
				all[s] = slices.Clone(sealed)
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if len(all) < len(vault.Columns()) {
		t.Fatalf("%d values", len(all))
	}
	return all
}

// text is what a value is made of: a card key is another one in each row, for no two are the same.
func (s spot) text() []byte {
	if s.Column == vault.CardKey {
		return s.row[:]
	}
	return []byte(s.Column)
}

// readable tells whether every sealed value opens to what it was made of.
func readable(t *testing.T, v *vault.Vault, d *db.DB, tenant id.Tenant) {
	t.Helper()
	values := held(t, d, tenant)
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		for s, sealed := range values {
			plain, err := v.Open(ctx, tx, sealed, s.At(tenant, s.row))
			if err != nil || !slices.Equal(plain, s.text()) {
				t.Errorf("%v: %q, %v", s, plain, err)
			}
		}
		return nil
	})
}

// TestExchange: every sealed column is sealed anew, and who has seen the former key opens nothing any more; programs
// that have run since before go on.
func TestExchange(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	tenant, before := filled(t, v, d)
	other := dbtest.NewTenant(t, d)
	fingerprint(t, v, d, other)
	running := open(t, text)
	readable(t, running, d, tenant)
	seen := dataKey(t, text, d, tenant) // somebody has seen the key in plain text
	loose := seal(t, v, d, tenant, "loose")
	first := fingerprint(t, v, d, tenant)
	for range 3 { // and again
		exchange(t, open(t, text), d, tenant)
		readable(t, running, d, tenant)
		readable(t, open(t, text), d, tenant)
		after := held(t, d, tenant)
		for s, sealed := range after {
			if slices.Equal(sealed, before[s]) {
				t.Errorf("%v was not sealed anew", s)
			}
			if _, err := seen.Open(sealed, s.At(tenant, s.row)); err == nil {
				t.Errorf("%v opens with the former key", s)
			}
		}
		before = after
		if opens(t, open(t, text), d, tenant, loose) {
			t.Error("what is not in the database still opens: the former key is there")
		}
		in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
			for s := range after {
				if s.Column != vault.CardKey {
					continue
				}
				want, err := v.Fingerprints(ctx, tx, s.text())
				if err != nil {
					return err
				}
				var has []byte
				if err := tx.QueryRow(ctx, getPrint, s.row).Scan(&has); err != nil {
					return err
				}
				if len(want) != 1 || !slices.Equal(has, want[0][:]) {
					t.Errorf("%v has the fingerprint of another key", s)
				}
			}
			return nil
		})
	}
	if fingerprint(t, running, d, tenant) == first {
		t.Error("the fingerprints are made with the former key")
	}
	in(t, d, other, func(ctx context.Context, tx db.TenantTx) error {
		var n int
		err := tx.QueryRow(ctx, "SELECT max(version) FROM tenant_data_keys WHERE tenant_id = app.tenant_id()").Scan(&n)
		if n != 1 {
			t.Errorf("the other tenant's key has version %d", n)
		}
		return err
	})
}

// dataKey is the tenant's only data key in plain text.
func dataKey(t *testing.T, text secret.String, d *db.DB, tenant id.Tenant) (k *secret.DataKey) {
	t.Helper()
	m, err := secret.ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		var wrapped []byte
		var version int
		if err := tx.QueryRow(ctx, "SELECT wrapped, version FROM tenant_data_keys WHERE tenant_id = app.tenant_id()").
			Scan(&wrapped, &version); err != nil {
			return err
		}
		k, err = m.Unwrap(wrapped, tenant.UUID().String(), version)
		return err
	})
	return k
}

// TestSealingWaitsForTheRightKey: a program that has not heard of an exchange seals with the new key all the same, and
// a transaction that has sealed with the former one and is not at its end runs again.
func TestSealingWaitsForTheRightKey(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	tenant := dbtest.NewTenant(t, d)
	seal(t, v, d, tenant, "x")
	begin(t, open(t, text), d, tenant)
	if got := secret.SealedVersion(seal(t, v, d, tenant, "x")); got != 2 {
		t.Errorf("a program that does not know of the exchange sealed with version %d", got)
	}

	var versions []int
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		sealed, err := v.Seal(ctx, tx, []byte("x"), anywhere) // what it requires is sent with the commit
		if err != nil {
			return err
		}
		versions = append(versions, secret.SealedVersion(sealed))
		if len(versions) == 1 {
			run := uuid.New()
			fresh := open(t, text)
			if err := fresh.Reseal(ctx, d, tenant, run, func(vault.Column, int) {}); err != nil {
				return err
			}
			if err := finish(fresh, d, t, tenant, run); err != nil {
				return err
			}
			begin(t, fresh, d, tenant)
		}
		return nil
	})
	if !slices.Equal(versions, []int{2, 3}) {
		t.Errorf("sealed with %v, and the exchange came between", versions)
	}
}

// TestExchangeIsGoneOnWith: broken off after any page, it goes on; two runs at once are refused, and one that died is
// waited for.
func TestExchangeIsGoneOnWith(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	tenant, _ := filled(t, v, d)
	errDied := errors.New("died")
	died := func(run uuid.UUID, after int) {
		t.Helper()
		pages := 0
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		if err := v.Reseal(ctx, d, tenant, run, func(vault.Column, int) {
			if pages++; pages == after {
				cancel(errDied)
			}
		}); err == nil {
			t.Fatal("it did not die")
		}
	}
	if version, begun := begin(t, v, d, tenant); version != 2 || !begun {
		t.Fatal(version, begun)
	}
	if version, begun := begin(t, open(t, text), d, tenant); version != 2 || begun {
		t.Error("an exchange was begun that is under way")
	}
	last := uuid.New()
	for after := 1; after <= len(vault.Columns()); after++ {
		died(uuid.New(), after)
		readable(t, open(t, text), d, tenant)
		err := v.Reseal(t.Context(), d, tenant, last, func(vault.Column, int) {})
		if !errors.Is(err, vault.ErrOtherRun) {
			t.Errorf("a second run while the first may be alive: %v", err)
		}
		if err := finish(v, d, t, tenant, last); !errors.Is(err, vault.ErrOtherRun) {
			t.Errorf("another run ended the exchange: %v", err)
		}
		silent(t, d, tenant)
	}
	if err := v.Reseal(t.Context(), d, tenant, last, func(vault.Column, int) {}); err != nil {
		t.Fatal(err)
	}
	if err := finish(v, d, t, tenant, last); err != nil {
		t.Fatal(err)
	}
	if err := finish(v, d, t, tenant, last); !errors.Is(err, vault.ErrOtherRun) {
		t.Errorf("ended twice: %v", err)
	}
	readable(t, open(t, text), d, tenant)
}

// silent makes a run look as if nothing was heard of it for long.
func silent(t *testing.T, d *db.DB, tenant id.Tenant) {
	t.Helper()
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE tenant_data_keys SET walked_at = walked_at - interval '1 hour' "+
			"WHERE tenant_id = app.tenant_id()")
		return err
	})
}

// TestFormerKeyStaysWhileItIsNeeded: Finish refuses while a value is left.
func TestFormerKeyStaysWhileItIsNeeded(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	_, v := newVault(t)
	tenant, _ := filled(t, v, d)
	begin(t, v, d, tenant)
	if err := finish(v, d, t, tenant, uuid.New()); err == nil {
		t.Error("the former key was deleted while it opens something")
	}
	readable(t, v, d, tenant)
}

// TestLockedRowIsSealedLater: a row that somebody holds is passed over, and sealed when it is free.
func TestLockedRowIsSealedLater(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	tenant, _ := filled(t, v, d)
	begin(t, v, d, tenant)
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, d))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	lock, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(t.Context(), "SELECT FROM card_keys FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	run := uuid.New()
	answers := 0
	if err := v.Reseal(t.Context(), d, tenant, run, func(c vault.Column, n int) {
		if c == vault.CardKey && answers == 0 && n > 0 {
			t.Error("a locked row was sealed anew")
		}
		if c != vault.IdempotencyAnswer { // a column after it
			return
		}
		if answers++; answers == 1 {
			if err := lock.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := finish(v, d, t, tenant, run); err != nil {
		t.Fatal(err)
	}
	readable(t, open(t, text), d, tenant)
}

// TestRestoredDatabase: a database from before the exchange, and one from the middle of it, with programs that know
// keys of after it.
func TestRestoredDatabase(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	text, v := newVault(t)
	tenant, _ := filled(t, v, d)
	backup := dump(t, d, tenant)
	running := open(t, text)
	exchange(t, running, d, tenant)
	restore(t, d, tenant, backup)
	readable(t, running, d, tenant)
	if got := secret.SealedVersion(seal(t, running, d, tenant, "x")); got != 1 {
		t.Errorf("sealed with version %d, which the restored database does not have", got)
	}

	exchange(t, running, d, tenant) // this second version is another one than the lost one
	lost := open(t, text)
	lostValue := seal(t, lost, d, tenant, "x")
	restore(t, d, tenant, backup)
	begin(t, open(t, text), d, tenant)
	sealed := seal(t, lost, d, tenant, "x")
	if !opens(t, open(t, text), d, tenant, sealed) {
		t.Error("sealed with a key that is lost")
	}
	if opens(t, lost, d, tenant, lostValue) {
		t.Error("the control: the lost key is not lost")
	}
	exchange(t, open(t, text), d, tenant)
	readable(t, lost, d, tenant)
}

type backup struct {
	columns map[spot][]byte
	prints  map[spot][]byte
	keys    []byte
}

// dump remembers the tenant's sealed values and data keys.
func dump(t *testing.T, d *db.DB, tenant id.Tenant) backup {
	t.Helper()
	b := backup{columns: held(t, d, tenant), prints: map[spot][]byte{}}
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		for s := range b.columns {
			if s.Column != vault.CardKey {
				continue
			}
			var print []byte
			if err := tx.QueryRow(ctx, getPrint, s.row).Scan(&print); err != nil {
				return err
			}
			b.prints[s] = print
		}
		return tx.QueryRow(ctx, "SELECT jsonb_agg(k) FROM tenant_data_keys k WHERE tenant_id = app.tenant_id()").
			Scan(&b.keys)
	})
	return b
}

func restore(t *testing.T, d *db.DB, tenant id.Tenant, b backup) {
	t.Helper()
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM tenant_data_keys WHERE tenant_id = app.tenant_id()"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO tenant_data_keys "+
			"SELECT * FROM jsonb_populate_recordset(NULL::tenant_data_keys, $1)", b.keys); err != nil {
			return err
		}
		for s, print := range b.prints {
			if _, err := tx.Exec(ctx, setPrint, print, s.row); err != nil {
				return err
			}
		}
		for s, sealed := range b.columns {
			if err := write(ctx, tx, s, sealed); err != nil {
				return err
			}
		}
		return nil
	})
}
