package db_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"zhitong/db/dbtest"
)

// dataRow is a secret or personal column on docs/data.md.
type dataRow struct{ column, class, atRest, seen, kept string }

var inCode = regexp.MustCompile("`([^`]+)`")

// readDataPage reads both tables of the page: the rows of the first, and the columns of the second.
func readDataPage(page string) (rows []dataRow, rest []string) {
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		name := inCode.FindStringSubmatch(cells[0])
		switch {
		case !strings.HasPrefix(line, "| `"):
		case len(cells) == 6:
			rows = append(rows, dataRow{name[1], cells[1], cells[3], cells[4], cells[5]})
		case len(cells) == 2:
			for _, c := range inCode.FindAllStringSubmatch(cells[1], -1) {
				rest = append(rest, name[1]+"."+c[1])
			}
		}
	}
	return rows, rest
}

// TestDataPage: every column of the database stands on docs/data.md once, as secret, personal or of the business; what
// the page calls sealed is, and what looks like a secret or a person's is not called of the business.
func TestDataPage(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../docs/data.md")
	if err != nil {
		t.Fatal(err)
	}
	fieldsTable, err := os.ReadFile("../api/authz/fields.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, rest := readDataPage(string(raw))
	if len(rows) == 0 || len(rest) == 0 {
		t.Fatal("docs/data.md has not both tables")
	}
	types := map[string]string{}
	for _, s := range strs(t, superuser(t, dbtest.NewDB(t)), `
		SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type
		FROM information_schema.columns c
		JOIN pg_class p ON p.relname = c.table_name AND p.relkind IN ('r', 'p')
			AND p.relnamespace = 'public'::regnamespace
		WHERE c.table_schema = 'public' AND c.table_name <> 'goose_db_version'`) {
		name, kind, _ := strings.Cut(s, " ")
		types[name] = kind
	}
	stands := map[string]int{}
	sealed := regexp.MustCompile(`\.(sealed_|wrapped$)`)
	personal := regexp.MustCompile(`contact|email|phone|mobile|account$|buyer|secret|sealed|wrapped|hash$|address|raw$`)
	for _, r := range rows {
		stands[r.column]++
		if r.class != "secret" && r.class != "personal" || r.seen == "" || r.kept == "" {
			t.Errorf("%+v: a cell is missing or not one of its words", r)
		}
		switch r.atRest {
		case "sealed", "hash":
			if types[r.column] != "bytea" {
				t.Errorf("%s is called %s and is of type %s", r.column, r.atRest, types[r.column])
			}
		case "masked", "plain":
		default:
			t.Errorf("%s is %q at rest", r.column, r.atRest)
		}
		if sealed.MatchString(r.column) != (r.atRest == "sealed") {
			t.Errorf("%s is %s by the page, and not by its name", r.column, r.atRest)
		}
		if c := inCode.FindStringSubmatch(r.seen); c != nil && !strings.Contains(r.seen, "roles") &&
			!strings.Contains(string(fieldsTable), "\n"+c[1]+",") {
			t.Errorf("%s: fields.csv has no class %s", r.column, c[1])
		}
	}
	harmless := map[string]bool{"application_images.content_type": true, "idempotency_keys.request_hash": true,
		"ledger_postings.from_account": true, "ledger_postings.to_account": true,
		"tenants.unpaid_orders_per_contact": true, "tenants.unpaid_orders_per_buyer_ip": true,
		"webhook_endpoints.previous_secret_until": true, "api_keys.previous_secret_until": true}
	for _, column := range rest {
		stands[column]++
		_, name, _ := strings.Cut(column, ".")
		if personal.MatchString(name) && !harmless[column] {
			t.Errorf("%s looks secret or personal, and is called of the business", column)
		}
	}
	for column := range types {
		if stands[column] != 1 {
			t.Errorf("%s stands %d times on docs/data.md: say what it is", column, stands[column])
		}
		delete(stands, column)
	}
	for column := range stands {
		t.Errorf("docs/data.md has %s, which is not there", column)
	}
}
