package tidy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// writers are the packages that may write a table. One package owns a table; a second one stands here only with what it
// writes.
func writers() map[string][]string {
	const (
		signUp     = "tenants"           // a sign-up writes the first row of each with the tenant
		keep       = "tenants/retention" // deletes rows when their time is up
		sealedAnew = "tenants/vault"     // seals values anew while a data key is exchanged
		contacts   = "tenants/contacts"  // seals what programs of before wrote, and erases contacts
	)
	return map[string][]string{
		"tenants":            {"tenants", "tenants/sandboxes", "db/dbtest"},
		"tenant_directory":   {"tenants", "db/dbtest"},
		"tenant_data_keys":   {"tenants/vault"},
		"installation_key":   {"tenants/vault"},
		"alipay_connections": {"tenants", "tenants/splits", sealedAnew}, // the split cap that Alipay reports
		"members":            {"tenants/access", signUp, contacts, sealedAnew},
		"invitations":        {"tenants/access", contacts, sealedAnew},
		"people":             {"tenants/people"},
		"person_totps":       {"tenants/people"},
		"recovery_codes":     {"tenants/people"},
		"sign_in_limits":     {"tenants/people"},
		"memberships":        {"tenants/people", "tenants/sandboxes"},
		"sandbox_ends":       {"tenants/sandboxes"},
		"one_time_links":     {"tenants/people"},
		"passkeys":           {"tenants/people"},
		"spent_challenges":   {"tenants/people"},
		"sessions":           {"tenants/sessions"},
		"api_keys":           {"tenants/access", signUp},
		"api_requests":       {"tenants/requests", keep},
		"audit_log":          {"tenants/audit", signUp},
		"idempotency_keys":   {"tenants/idempotency", sealedAnew},
		"events":             {"tenants/events"},
		"retention_marks":    {"tenants/retention"},
		"chain_links":        {"tenants/chain"},
		"chain_heads":        {"tenants/chain"},
		"cases":              {"tenants/cases", keep},
		"case_notes":         {"tenants/cases"},
		"shops":              {"tenants/shops"},
		"ledger_postings":    {"tenants/ledger"},
		"reconciliations":    {"tenants/ledger"},
		"book_looks":         {"tenants/books"},
		// an approval; the bound receiver
		"merchants":           {"tenants/merchants", "tenants/onboarding", "tenants/splits", contacts, sealedAnew},
		"applications":        {"tenants/onboarding", sealedAnew, keep},
		"application_images":  {"tenants/onboarding", keep, sealedAnew},
		"products":            {"tenants/catalog"},
		"card_keys":           {"tenants/stock", sealedAnew},
		"card_key_imports":    {"tenants/stock"},
		"orders":              {"tenants/orders", contacts, sealedAnew},
		"order_reviews":       {"tenants/orders"},
		"order_gates":         {"tenants/orders"},
		"checkout_codes":      {"tenants/orders", keep, contacts},
		"erasures":            {contacts, sealedAnew},
		"order_items":         {"tenants/orders", "tenants/fulfilment", "tenants/stock"}, // how far each is delivered
		"payments":            {"tenants/orders", contacts},
		"notifications":       {"tenants/orders", "tenants/onboarding", keep, contacts}, // each what it received
		"refunds":             {"tenants/refunds"},
		"refund_parts":        {"tenants/refunds"},
		"settlements":         {"tenants/splits"},
		"splits":              {"tenants/splits"},
		"split_parts":         {"tenants/splits", contacts, sealedAnew},
		"split_rules":         {"tenants/splits"},
		"split_rule_versions": {"tenants/splits"},
		"split_rule_parts":    {"tenants/splits"},
		"webhook_endpoints":   {"tenants/webhooks", sealedAnew, keep},
		"webhook_attempts":    {"tenants/webhooks", keep},
		"tasks":               {"tenants/tasks"},
		"overview_figures":    {"tenants/overview"},
		"overview_stages":     {"tenants/overview"},
		"overview_heads":      {"tenants/overview"},
		"approvals":           {"tenants/approvals", sealedAnew, keep},
		"files":               {"tenants/files", sealedAnew},
		"file_chunks":         {"tenants/files"},
		"notice_routes":       {"tenants/notices", sealedAnew},
		"notices":             {"tenants/notices", keep},
		"notice_templates":    {"tenants/notices"},
	}
}

var written = regexp.MustCompile(
	`(?m)\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+([a-z_]+)\s*(?:\(|AS\b|[a-z]{1,2}\b|SET\b|WHERE\b|$)`)

// writes are the tables that each query of db/queries writes, by the query's name.
func writes(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	walk(t, ".sql", func(path string, b []byte) {
		if !strings.HasPrefix(path, "db/queries/") {
			return
		}
		for _, query := range regexp.MustCompile(`(?m)^-- name: `).Split(string(b), -1)[1:] {
			name, _, _ := strings.Cut(query, " ")
			for _, m := range written.FindAllStringSubmatch(query, -1) {
				all[name] = append(all[name], m[1])
			}
		}
	})
	return all
}

// TestTablesHaveOwners: a query that writes a table is called by the packages that may write it, and by no other.
func TestTablesHaveOwners(t *testing.T) {
	t.Parallel()
	if m := written.FindStringSubmatch("WITH moved AS (\n    UPDATE payments SET\n"); m == nil || m[1] != "payments" ||
		written.MatchString("SELECT FROM orders FOR NO KEY UPDATE OF o, p") {
		t.Fatal("the pattern does not find what it is for")
	}
	queries, seen := writes(t), map[string]map[string]bool{}
	walk(t, ".go", func(path string, b []byte) {
		dir := filepath.ToSlash(filepath.Dir(path))
		if strings.HasSuffix(path, "_test.go") || dir == "db/dbsqlc" || strings.HasPrefix(dir, "test/") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, b, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			for _, table := range queries[call.Sel.Name] {
				if !slices.Contains(writers()[table], dir) {
					t.Errorf("%s: %s writes the table %s, which belongs to %v", path, call.Sel.Name, table,
						writers()[table])
				}
				if seen[table] == nil {
					seen[table] = map[string]bool{}
				}
				seen[table][dir] = true
			}
			return true
		})
	})
	for table, by := range writers() {
		for _, dir := range by {
			if !seen[table][dir] {
				t.Errorf("%s may write %s, and does not", dir, table)
			}
		}
	}
}
