package retention_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"zhitong"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/tenants"
	"zhitong/tenants/retention"
)

var update = flag.Bool("update", false, "write the table of retention into docs/data.md")

const dataPage = "../../docs/data.md"

// TestDataPageSaysTheRules: the table on docs/data.md is made of the rules, and no cell about a table whose rows are
// deleted says anything else.
func TestDataPageSaysTheRules(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(dataPage)
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	const begin, end = "<!-- retention: made by `make generate` -->\n", "<!-- retention end -->"
	before, rest, ok := strings.Cut(page, begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/data.md has no place for the table of retention")
	}
	var table strings.Builder
	table.WriteString("| Table | Rows stay | Setting | At least | At most |\n|---|---|---|---|---|\n")
	for _, r := range retention.Rules() {
		setting, floor, ceiling := "–", "–", "–"
		if r.Setting != "" {
			setting, floor, ceiling = "`"+r.Setting+"`", fmt.Sprint(r.Floor), fmt.Sprint(r.Ceiling)
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n", r.Table, r.Words(), setting, floor, ceiling)
	}
	if *update {
		if err := os.WriteFile(dataPage, []byte(before+begin+table.String()+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != table.String() {
		t.Error("docs/data.md is not as the rules say; make generate writes it")
	}
	for line := range strings.Lines(page) {
		for _, r := range retention.Rules() {
			if strings.HasPrefix(line, "| `"+r.Table+".") && r.Days > 0 && r.Table != "idempotency_keys" &&
				!strings.Contains(line, fmt.Sprintf("| %d days after", r.Days)) {
				t.Errorf("says another time than the rule (%s): %s", r.Words(), line)
			}
		}
		if strings.Contains(line, "nothing deletes") {
			t.Errorf("a row that nothing deletes needs a reason: %s", line)
		}
	}
}

// TestEveryTableHasARule: each table of tenants has one rule; what a platform may say has the same bounds in the
// database and in the contract, and the same beginning in the program.
func TestEveryTableHasARule(t *testing.T) {
	t.Parallel()
	conn := superuser(t, dbtest.NewDB(t))
	var tables []string
	if err := conn.QueryRow(t.Context(), `
		SELECT array_agg(c.relname::text)
		FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		  AND c.relname <> 'tenant_directory'`).Scan(&tables); err != nil {
		t.Fatal(err)
	}
	for _, r := range retention.Rules() {
		at := slices.Index(tables, r.Table)
		if at < 0 {
			t.Errorf("a rule for %s, which is not there or has two", r.Table)
			continue
		}
		tables = slices.Delete(tables, at, at+1)
		if r.Setting == "" {
			continue
		}
		column := strings.TrimSuffix(r.Setting, "_days") + "_kept_days"
		var check, usual string
		if err := conn.QueryRow(t.Context(), `
			SELECT
				(SELECT pg_get_constraintdef(oid) FROM pg_constraint
				 WHERE conrelid = 'tenants'::regclass AND pg_get_constraintdef(oid) LIKE '%' || $1 || ' %'),
				(SELECT column_default FROM information_schema.columns
				 WHERE table_name = 'tenants' AND column_name = $1)`, column).Scan(&check, &usual); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("CHECK (((%s >= %d) AND (%[1]s <= %[3]d)))", column, r.Floor, r.Ceiling); check != want {
			t.Errorf("the database has %s, the rule %s", check, want)
		}
		if usual != fmt.Sprint(r.Days) || r.Days < r.Floor || r.Days > r.Ceiling {
			t.Errorf("%s: the database begins with %s, the rule with %d", column, usual, r.Days)
		}
		for _, schema := range []string{"TenantRetention", "TenantRetentionUpdate"} {
			if low, high := bounds(t, schema, r.Setting); low != r.Floor || high != r.Ceiling {
				t.Errorf("%s.%s is %d to %d in the contract", schema, r.Setting, low, high)
			}
		}
	}
	if len(tables) > 0 {
		t.Errorf("no rule for %v: say how long rows stay", tables)
	}
}

// TestNewTenantsBeginWithTheRules: what a sign-up answers is what its row says.
func TestNewTenantsBeginWithTheRules(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	tenant := dbtest.NewTenant(t, d)
	var have []int32
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) {
		have = make([]int32, 4)
		if err := tx.QueryRow(ctx, "SELECT events_kept_days, webhook_attempts_kept_days, audit_log_kept_days, "+
			"drafts_kept_days FROM tenants").Scan(&have[0], &have[1], &have[2], &have[3]); err != nil {
			t.Fatal(err)
		}
	})
	k := tenants.UsuallyKept()
	if !slices.Equal(have, []int32{k.Events, k.WebhookAttempts, k.AuditLog, k.Drafts}) {
		t.Errorf("the table begins with %v, the program with %+v", have, k)
	}
}

func bounds(t *testing.T, schema, property string) (low, high int) {
	t.Helper()
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Minimum int `yaml:"minimum"`
					Maximum int `yaml:"maximum"`
				} `yaml:"properties"`
			} `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal([]byte(zhitong.OpenAPI()), &doc); err != nil {
		t.Fatal(err)
	}
	p := doc.Components.Schemas[schema].Properties[property]
	return p.Minimum, p.Maximum
}
