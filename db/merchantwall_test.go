package db_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
)

// unwalled are the tenant tables without a wall between merchants, each with the reason.
func unwalled() map[string]string {
	return map[string]string{
		"tenants":          "the platform itself: its name and settings, which no merchant's row depends on",
		"tenant_data_keys": "keys that the master keyset wraps; what a merchant seals is sealed with them",
		"order_gates":      "numbers that orders lock, without a word of whose",
		"idempotency_keys": "a key is the tenant's (decision 0014), so that the second caller to use one is told so; " +
			"what was answered is sealed, and given only to the same request of the same merchant",
	}
}

// hidden are the tables of which a merchant sees nothing.
func hidden() []string {
	return []string{"alipay_connections", "api_requests", "approvals", "book_looks", "case_notes", "cases",
		"chain_heads", "chain_links",
		"checkout_codes",
		"erasures", "events", "notice_routes", "notice_templates", "notices", "notifications",
		"overview_heads", "order_reviews", "reconciliations", "refund_parts", "retention_marks", "split_rule_parts",
		"shops", "split_rule_versions", "split_rules",
		"webhook_attempts", "webhook_endpoints"}
}

// whose are the tables of which a merchant sees its own rows, and which those are; $1 is the merchant.
func whose() map[string]string {
	const ofRecord, merchant, supplier = "merchant_of_record_id = $1", "merchant_id = $1", "supplier_id = $1"
	return map[string]string{
		"merchants":          "id = $1",
		"members":            merchant,
		"invitations":        merchant,
		"api_keys":           merchant,
		"applications":       merchant,
		"application_images": merchant,
		"audit_log":          merchant,
		"products":           supplier + " OR " + ofRecord,
		"card_key_imports":   supplier,
		"card_keys":          supplier,
		"orders":             ofRecord,
		"order_items":        ofRecord,
		"payments":           ofRecord,
		"settlements":        ofRecord,
		"refunds":            ofRecord,
		"tasks":              merchant,
		"overview_figures":   merchant,
		"overview_stages":    merchant,
		"files":              merchant,
		"file_chunks":        merchant,
		"splits":             ofRecord + " OR $1 = ANY (receiver_ids)",
		"split_parts":        merchant + " OR " + ofRecord,
		"ledger_postings":    "from_merchant_id = $1 OR to_merchant_id = $1",
	}
}

// The merchants of the fixtures.
func firstMerchant() id.Merchant  { return id.Merchant{6: 0x70, 8: 0x80, 15: 1} }
func secondMerchant() id.Merchant { return id.Merchant{6: 0x70, 8: 0x80, 15: 2} }

// TestEveryTableHasAMerchantWall: each tenant table has the wall between merchants, or is one of a few, with a reason.
func TestEveryTableHasAMerchantWall(t *testing.T) {
	t.Parallel()
	conn := superuser(t, dbtest.NewDB(t))
	names, _ := protected(t, conn)
	walled := strs(t, conn, "SELECT polrelid::regclass::text FROM pg_policy "+
		"WHERE pg_get_expr(polqual, polrelid) LIKE '%AND (app.whole_tenant() OR %' ORDER BY 1")
	for _, table := range names {
		_, open := unwalled()[table]
		_, own := whose()[table]
		listed := 0
		for _, on := range []bool{open, own, slices.Contains(hidden(), table)} {
			if on {
				listed++
			}
		}
		if listed != 1 {
			t.Errorf("%s stands on %d of the lists unwalled, hidden and whose: decide what a merchant sees of it",
				table, listed)
		}
		if slices.Contains(walled, table) == open {
			t.Errorf("%s: the catalog and the lists contradict one another", table)
		}
	}
}

// TestMerchantWall tries, as each of two merchants, to read and to change each table. What it sees is exactly its own
// rows, as the superuser tells them apart; of others' it can read, change, delete and add none.
func TestMerchantWall(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := filled(t, d)
	conn := superuser(t, d)
	_, may := protected(t, conn)
	own := whose()
	for _, table := range hidden() {
		own[table] = "$1::uuid IS NULL"
	}
	for table, condition := range own {
		for _, me := range []id.Merchant{firstMerchant(), secondMerchant(), id.New[id.Merchant]()} {
			condition := strings.ReplaceAll(condition, "$1", "'"+me.UUID().String()+"'::uuid")
			where := " WHERE tenant_id = '" + tenant.UUID().String() + "'"
			mine := strs(t, conn, "SELECT count(*)::text FROM "+table+where+" AND ("+condition+")")[0]
			others := strs(t, conn, "SELECT to_jsonb(t)::text FROM "+table+" t"+where+
				" AND ("+condition+") IS NOT TRUE")
			if len(others) == 0 {
				t.Fatalf("%s has no row of another than %s: add a fixture", table, me)
			}
			if known := me == firstMerchant() || me == secondMerchant(); known && mine == "0" &&
				!slices.Contains(hidden(), table) {
				t.Errorf("%s has no row of %s: add a fixture", table, me)
			}
			if n, err := try(t, d, tenant, me, "SELECT FROM "+table); fmt.Sprint(n) != mine || err != nil {
				t.Errorf("%s: merchant %s sees %d rows, its own are %s; %v", table, me, n, mine, err)
			}
			if n, err := try(t, d, tenant, me,
				"SELECT FROM "+table+where+" AND ("+condition+") IS NOT TRUE"); n != 0 || err != nil {
				t.Errorf("%s: merchant %s reads %d rows of others, %v", table, me, n, err)
			}
			for _, row := range others {
				_, err := try(t, d, tenant, me, insertRow(t, d, table), row)
				if sqlState(err) != "42501" || !strings.Contains(fmt.Sprint(err), "row-level security") {
					t.Errorf("%s: merchant %s inserts a row of another: %v", table, me, err)
				}
			}
			if may[table+" UPDATE"] {
				n, err := try(t, d, tenant, me, "UPDATE "+table+" SET tenant_id = tenant_id")
				if fmt.Sprint(n) != mine || err != nil {
					t.Errorf("%s: merchant %s updates %d rows, its own are %s; %v", table, me, n, mine, err)
				}
			}
			if may[table+" DELETE"] {
				n, err := try(t, d, tenant, me, "DELETE FROM "+table+where+" AND ("+condition+") IS NOT TRUE")
				if n != 0 || err != nil {
					t.Errorf("%s: merchant %s deletes %d rows of others, %v", table, me, n, err)
				}
			}
		}
		if n, err := try(t, d, tenant, id.Merchant{}, "SELECT FROM "+table); n == 0 || err != nil {
			t.Errorf("%s: the tenant sees %d rows, %v", table, n, err)
		}
	}
	// a row given away would be seen by the other
	for table, column := range map[string]string{"orders": "merchant_of_record_id", "payments": "merchant_of_record_id",
		"card_keys": "supplier_id", "members": "merchant_id", "application_images": "merchant_id"} {
		if _, err := try(t, d, tenant, firstMerchant(), "UPDATE "+table+" SET "+column+" = $1",
			secondMerchant()); sqlState(err) != "42501" {
			t.Errorf("%s: a merchant gives its rows to another: %v", table, err)
		}
	}
}

// TestBeyondMerchant: what follows BeyondMerchant is the platform's, what came before is the merchant's, and the next
// transaction is the merchant's again. It costs no round trip.
func TestBeyondMerchant(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := filled(t, d)
	events := func(ctx context.Context, tx db.TenantTx) (n int) {
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM events").Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	for range 2 {
		if err := d.InMerchant(t.Context(), tenant, firstMerchant(),
			func(ctx context.Context, tx db.TenantTx) error {
				if n := events(ctx, tx); n != 0 {
					t.Errorf("a merchant sees %d events", n)
				}
				tx.BeyondMerchant()
				if n := events(ctx, tx); n != 1 {
					t.Errorf("beyond the merchant there are %d events", n)
				}
				return nil
			}); err != nil {
			t.Error(err)
		}
	}
	// the merchant by whose call a row was written stays with it
	if err := d.InMerchant(t.Context(), tenant, firstMerchant(), func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "INSERT INTO audit_log (id, actor_kind, actor_id, action, subject_type, subject_id) "+
			"VALUES (gen_random_uuid(), 'api_key', 'x', 'x', 'order', gen_random_uuid())")
		return err
	}); err != nil {
		t.Error(err)
	}
	const mine = "SELECT FROM audit_log WHERE actor_id = 'x'"
	if n, err := try(t, d, tenant, firstMerchant(), mine); n != 1 || err != nil {
		t.Errorf("the merchant sees %d of its entries, %v", n, err)
	}
}
