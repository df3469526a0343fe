package invariants

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/overview"
	"zhitong/tenants/tenantstest"
)

// wrecks are ways to break each invariant, as SQL of a superuser in a database in which order $delivered is split and
// order $open is unpaid.
func wrecks() map[string][]string {
	return map[string][]string{
		"I2 delivered_twice": {"ALTER TABLE card_keys DROP CONSTRAINT card_keys_tenant_id_product_id_fingerprint_key",
			"UPDATE card_keys SET fingerprint = (SELECT fingerprint FROM card_keys ORDER BY id LIMIT 1)"},
		"I2 delivered_count": {"UPDATE card_keys SET status = 'available', order_id = NULL, " +
			"delivered_at = NULL WHERE order_id = $delivered"},
		"I3 paid_undelivered": {"UPDATE orders SET status = 'paid', delivered_at = NULL WHERE id = $delivered",
			"UPDATE payments SET paid_at = paid_at - interval '2 minutes' WHERE order_id = $delivered"},
		"I3 review_without_case": {"UPDATE orders SET status = 'needs_review' WHERE id = $open"},
		"I4 unpaid_delivery":     {"UPDATE payments SET amount_fen = amount_fen - 1 WHERE order_id = $delivered"},
		"I4 unbooked_payment":    {"DELETE FROM ledger_postings WHERE kind = 'payment' AND order_id = $delivered"},
		"I5 merchant_wall":       {"UPDATE payments SET merchant_of_record_id = NULL WHERE order_id = $delivered"},
		"I6 settlement_book":     {"DELETE FROM ledger_postings WHERE kind = 'settlement' AND order_id = $delivered"},
		"I6 split_book":          {"UPDATE split_parts SET amount_fen = amount_fen + 1"},
		"I6 figures_book":        {"UPDATE overview_figures SET turnover_fen = turnover_fen - 1 WHERE span = 'day'"},
		"I7 one_event":           {"DELETE FROM events WHERE type = 'order.paid' AND subject_id = $delivered"},
		"I7 event_delivered": {"INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret, created_at) " +
			"VALUES ($tenant, gen_random_uuid(), 'https://example.com', sha512('x'), " +
			"(SELECT min(created_at) FROM events) - interval '1 hour')", "UPDATE events SET created_at = created_at " +
			"- interval '2 minutes'"},
		"I8 refund_sum":           {"UPDATE orders SET refunded_fen = 1 WHERE id = $delivered"},
		"I8 part_sum":             {"UPDATE split_parts SET amount_fen = 10000000000"},
		"I10 unsealed":            {"UPDATE card_keys SET sealed_key = 'ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ01'"},
		"I10 exchange_unfinished": {"UPDATE tenant_data_keys SET former_since = now() - interval '1 day'"},
		"I11 idempotency_resource": {"INSERT INTO idempotency_keys (tenant_id, caller_id, key, operation, " +
			"request_hash, resource_id) VALUES ($tenant, gen_random_uuid(), 'k', 'createOrder', sha256('x'), " +
			"gen_random_uuid())"},
		"I5 unprotected_table": {"ALTER TABLE orders NO FORCE ROW LEVEL SECURITY"},
		"I9 job_overtime": {"UPDATE river.river_job SET state = 'running', " +
			"attempted_at = now() - interval '10 minutes', finalized_at = NULL"},
		"I9 job_discarded":  {"UPDATE river.river_job SET state = 'discarded', finalized_at = now()"},
		"I10 job_arguments": {`UPDATE river.river_job SET args = args || '{"card_key": "XH100"}'`},
	}
}

// TestEachInvariantIsSeenToBreak: a healthy tenant has no breach, and each check notices its own wreck.
func TestEachInvariantIsSeenToBreak(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	sold := r.Paid(r.Order(2))
	if _, err := r.Splits.Execute(t.Context(), r.Tenant, sold.Payment.ID); err != nil {
		t.Fatal(err)
	}
	open := r.Order(1)
	back := r.Paid(r.Order(1))
	if _, err := r.Splits.Execute(t.Context(), r.Tenant, back.Payment.ID); err != nil {
		t.Fatal(err)
	}
	rf, _, err := r.Orders.Refund(t.Context(), r.Actor, back.ID, "", idempotency.Key{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Orders.ExecuteRefund(t.Context(), r.Tenant, rf.ID); err != nil {
		t.Fatal(err)
	}
	if o := r.Get(back.ID); o.Status != orders.StatusRefunded {
		t.Fatalf("the refunded order is %s", o.Status)
	}
	figures := overview.New(overview.Config{DB: r.DB, Clock: r.Clock, Settled: -1})
	horizon, err := figures.Horizon(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := figures.Roll(t.Context(), r.Tenant, horizon); err != nil {
		t.Fatal(err)
	}
	report, err := Verify(t.Context(), r.DB, clock.System{}.Now())
	if err != nil || len(report.Breaches) > 0 {
		t.Fatalf("a healthy road: %+v, %v", report.Breaches, err)
	}
	values := strings.NewReplacer("$delivered", "'"+sold.ID.UUID().String()+"'", "$open",
		"'"+open.ID.UUID().String()+"'", "$tenant", "'"+r.Tenant.UUID().String()+"'")
	admin, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, r.DB))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.WithoutCancel(t.Context())) })
	app, err := pgx.ParseConfig(dbtest.AppURL(t, r.DB))
	if err != nil {
		t.Fatal(err)
	}
	all := append(tenantChecks(), sharedChecks()...)
	for _, c := range all {
		name := c.invariant + " " + c.name
		sql, ok := wrecks()[name]
		if !ok {
			t.Errorf("%s: nothing breaks it on purpose", name)
			continue
		}
		if found := afterWreck(t, admin, app.User, r.Tenant.UUID().String(), c, sql, values); len(found) == 0 {
			t.Errorf("%s: the wreck is not noticed", name)
		}
	}
	if len(wrecks()) != len(all) {
		t.Errorf("%d wrecks for %d checks", len(wrecks()), len(all))
	}
	bookBreaks(t, r, sold)
}

// afterWreck breaks something as the superuser, looks as the application's role, and undoes it all.
func afterWreck(t *testing.T, admin *pgx.Conn, role, tenant string, c check, sql []string,
	values *strings.Replacer) []Breach {
	t.Helper()
	ctx := t.Context()
	tx, err := admin.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	sql = append([]string{"SET LOCAL session_replication_role = replica"}, sql...)
	sql = append(sql, "SET LOCAL session_replication_role = origin",
		"SELECT set_config('app.tenant_id', '"+tenant+"', true)", "SET LOCAL ROLE "+pgx.Identifier{role}.Sanitize())
	for _, s := range sql {
		if _, err := tx.Exec(ctx, values.Replace(s)); err != nil {
			t.Fatalf("%s %s: %s: %v", c.invariant, c.name, s, err)
		}
	}
	found, err := run(ctx, tx, c, clock.System{}.Now())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// bookBreaks is I1, the last, because it stays: money comes from an account that has none.
func bookBreaks(t *testing.T, r *tenantstest.Road, o orders.Order) {
	t.Helper()
	r.In(func(ctx context.Context, tx db.TenantTx) {
		_, err := tx.Exec(ctx, `INSERT INTO ledger_postings (id, kind, order_id, source_id, from_account,
			from_merchant_id, to_account, amount_fen)
VALUES (gen_random_uuid(), 'refund', $1, gen_random_uuid(), 'unsettled', $2, 'buyer', 1)`, o.ID, o.MerchantOfRecord)
		if err != nil {
			t.Fatal(err)
		}
	})
	found, err := VerifyTenant(t.Context(), r.DB, r.Tenant, clock.System{}.Now())
	if err != nil || !slices.ContainsFunc(found, func(b Breach) bool { return b.Invariant == "I1" }) {
		t.Errorf("an overdrawn account is not noticed: %+v, %v", found, err)
	}
}
