package tidy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "zhitong"

// pkg is what `go list` says about a package, its path without the module's name ("." for the root).
type pkg struct {
	ImportPath   string
	Dir          string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// top is the repository's folder, from this package's, in which its tests run.
const top = "../.."

func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(top)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// short is a package of ours without the module's name.
func short(path string) (string, bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}

var listed = sync.OnceValues(func() ([]pkg, error) {
	// -e: a package that does not compile at the moment is another test's business
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = top
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read go list: %w", err)
		}
		s, ours := short(p.ImportPath)
		if !ours || strings.Contains(s, "node_modules/") {
			continue
		}
		p.ImportPath = s
		all = append(all, p)
	}
	return all, nil
})

func packages(t testing.TB) []pkg {
	t.Helper()
	all, err := listed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages", len(all))
	}
	return all
}

// level is one line of the table of who may import whom. A package may import what stands on a lower line, and packages
// of its own tree when the line says so.
type level struct {
	// packages are import paths without the module's name; "x/..." is x and everything below it.
	packages []string
	// trees: the packages below one "x/..." may import each other. Otherwise packages of one line do not know each
	// other.
	trees bool
	// is says what the line is for, in docs/architecture.md.
	is string
}

// levels is the table, from top to bottom. A package that several lines match belongs to the first.
// docs/architecture.md §3 is made from it by `make generate`.
func levels() []level {
	return []level{
		{testOnly(), true, "what tests are made with; no production binary reaches them"},
		{[]string{"test/..."}, true, "tests of the whole program, benchmarks, chaos and mutation tests"},
		{[]string{"cmd/..."}, true, "the program: configuration, wiring, commands"},
		{[]string{"api/...", "jobs/..."}, true, "HTTP handlers, and workers of jobs"},
		{[]string{"tenants/approvals", "tenants/golive", "tenants/overview", "tenants/search"}, false,
			"does what a second person has approved; opens a live tenant; sums how a platform does; finds a thing of " +
				"any matter"},
		{[]string{"tenants/books", "tenants/desk", "tenants/imports", "tenants/orders", "tenants/recovery",
			"tenants/timeline"}, false,
			"compares the book with the acquirer's; plays the buyer and Alipay in a sandbox; takes card keys from " +
				"files; orchestrates an order; finds what lost its job; tells all that happened to an order"},
		{[]string{"tenants/catalog", "tenants/contacts", "tenants/exports", "tenants/merchants", "tenants/notices",
			"tenants/onboarding", "tenants/payments", "tenants/refunds", "tenants/retention", "tenants/sandboxes",
			"tenants/shops",
			"tenants/signup", "tenants/splits", "tenants/stock", "tenants/webhooks"}, false,
			"one matter each"},
		{[]string{"tenants/access", "tenants/cases", "tenants/files", "tenants/fulfilment", "tenants/tasks"}, false,
			"members and keys; manual review; files; how goods are delivered; long work"},
		{[]string{"tenants/audit", "tenants/chain", "tenants/events", "tenants/idempotency", "tenants/ledger",
			"tenants/people", "tenants/requests", "tenants/sessions"}, false,
			"records that others leave; who a person is, and who is signed in"},
		{[]string{"tenants"}, false, "the tenant itself, and its connection to Alipay"},
		{[]string{"tenants/acquiring/..."}, true, "ports to acquirers, and their adapters"},
		{[]string{"tenants/vault"}, false, "data keys of tenants"},
		{[]string{"queue"}, false, "arguments of jobs; the only writer of jobs"},
		{[]string{"simulator"}, false, "stands in for Alipay, and starts its parts; reached by configuration only"},
		{[]string{"simulator/cashier", "simulator/desk"}, false, "what buyers open, and what Alipay's staff opens"},
		{[]string{"simulator/pages"}, false, "templates and words of both"},
		{[]string{"simulator/access", "simulator/bills", "simulator/complaints", "simulator/mailbox",
			"simulator/people", "simulator/robots"}, false,
			"methods of one matter each, about trades and merchants or neither"},
		{[]string{"simulator/trades", "simulator/transfers"}, false, "money paid in and shared; money paid out"},
		{[]string{"simulator/merchants"}, false, "secondary merchants and their applications"},
		{[]string{"simulator/gateway", "simulator/notify"}, false, "what comes in and is answered; what goes out"},
		{[]string{"simulator/state"}, false, "storage, clock and timers, keys, applications, accounts"},
		{[]string{"simulator/faults", "simulator/protocol"}, false, "what goes wrong on purpose; the wire"},
		{[]string{"db/...", "alipay/...", "internal/bucket", "internal/mail", "internal/outside"}, true,
			"the database; the clients of Alipay, of an object store, of a mail server and of what tenants name. " +
				"None knows another"},
		{[]string{".", "internal/failpoint", "internal/fault", "internal/id", "internal/mask", "internal/money",
			"internal/port",
			"internal/secret", "internal/text", "internal/tidy", "internal/vocabulary", "web/...", "docs/..."}, false,
			"leaves: nothing of ours but the time, and " +
				"embedded files"},
		{[]string{"internal/clock"}, false, "the time: what tells it takes it from here"},
	}
}

const unknown = -1

// covers tells whether the pattern, a path or "x/...", matches the package.
func covers(pattern, p string) bool {
	dir, tree := strings.CutSuffix(pattern, "/...")
	return p == dir || tree && strings.HasPrefix(p, dir+"/")
}

// levelOf gives the line of the table and the pattern that a package belongs to. The highest line is the greatest
// number.
func levelOf(p string) (rank int, pattern string) {
	all := levels()
	for i, l := range all {
		for _, pattern := range l.packages {
			if covers(pattern, p) {
				return len(all) - i, pattern
			}
		}
	}
	return unknown, ""
}

// testOnly are packages that tests are made with. They never reach a production binary.
func testOnly() []string {
	return []string{"db/dbtest", "db/migrations/fixtures", "api/apitest", "tenants/tenantstest",
		"tenants/acquiring/acquiringtest"}
}

// mayImport tells why from may not import to, or "".
func mayImport(from, to string) string {
	f, fromTree := levelOf(from)
	o, toTree := levelOf(to)
	all := levels()
	switch {
	case f == unknown:
		return fmt.Sprintf("%s has no level: add it to the table in internal/tidy", from)
	case o == unknown:
		return "" // said once, of the package itself
	case covers("simulator/...", to) && !covers("simulator/...", from) && f < len(all)-2:
		return "the simulator stands for Alipay: the product reaches it by configuration only"
	case covers("simulator/...", from) && !covers("simulator/...", to) && !covers("internal/...", to):
		return "the simulator knows nothing of the product"
	case covers("alipay/...", to) && !mayKnowAlipay(from):
		return "the domain and the API speak to an acquirer by the ports of tenants/acquiring; its adapter alone " +
			"knows Alipay"
	case to == "db/dbsqlc" && covers("api/...", from) && !slices.Contains(testOnly(), from):
		return "a handler speaks of the domain's types: a row of the database does not reach it"
	case slices.Contains(testOnly(), to):
		if slices.Contains(testOnly(), from) || covers("test/...", from) {
			return ""
		}
		return "packages for tests must not reach a production binary"
	case f == o && all[len(all)-f].trees && (fromTree == toTree || f == len(all)):
		return ""
	case o < f:
		return ""
	case o == f:
		return "they stand on one level and do not know each other; what they share belongs below, what joins them " +
			"above"
	}
	return "that is upward: the lower one would change with every change above it"
}

// mayKnowAlipay lists who may import Alipay's client: itself, the adapter, what puts the program together, and tests.
func mayKnowAlipay(from string) bool {
	for _, pattern := range []string{"alipay/...", "tenants/acquiring/zft", "cmd/...", "test/..."} {
		if covers(pattern, from) {
			return true
		}
	}
	return slices.Contains(testOnly(), from)
}

// TestLevelsExist: a pattern that matches no package is a leftover of one that was renamed or removed.
func TestLevelsExist(t *testing.T) {
	t.Parallel()
	for _, l := range levels() {
		for _, pattern := range l.packages {
			if !slices.ContainsFunc(packages(t), func(p pkg) bool { return covers(pattern, p.ImportPath) }) {
				t.Errorf("the table of levels names %s, and there is no such package", pattern)
			}
		}
	}
}

var update = flag.Bool("update", false, "write the table of levels into docs/architecture.md")

const levelsBegin, levelsEnd = "<!-- levels: made by make generate -->\n", "<!-- levels end -->\n"

// TestLevelsPage: the table in docs/architecture.md is this one.
func TestLevelsPage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(root(t), "docs", "architecture.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), levelsBegin)
	have, after, ok2 := strings.Cut(rest, levelsEnd)
	if !ok || !ok2 {
		t.Fatalf("docs/architecture.md has no %q and %q", levelsBegin, levelsEnd)
	}
	want := "| Level | Packages | What |\n|---|---|---|\n"
	all := levels()
	for i, l := range all {
		want += fmt.Sprintf("| %d | `%s` | %s |\n", len(all)-i, strings.Join(l.packages, "` `"), l.is)
	}
	if have == want {
		return
	}
	if !*update {
		t.Fatal("the table of levels in docs/architecture.md is out of date: make generate")
	}
	if err := os.WriteFile(path, []byte(before+levelsBegin+want+levelsEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestImportLevels(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if rank, _ := levelOf(p.ImportPath); rank == unknown {
			t.Error(mayImport(p.ImportPath, "internal/id"))
			continue
		}
		for _, i := range p.Imports {
			if to, ours := short(i); ours {
				if why := mayImport(p.ImportPath, to); why != "" {
					t.Errorf("%s imports %s: %s", p.ImportPath, to, why)
				}
			}
		}
	}
}

// TestImportLevelsControl: the table lets the right ones through and stops the wrong ones.
func TestImportLevelsControl(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		ok       bool
	}{
		{"tenants/orders", "tenants/splits", true},
		{"tenants/splits", "tenants/orders", false},
		{"tenants/splits", "tenants/payments", false},
		{"tenants/orders", "tenants/refunds", true},
		{"tenants/refunds", "tenants/orders", false},
		{"tenants/refunds", "tenants/splits", false},
		{"tenants/splits", "tenants/ledger", true},
		{"tenants/splits", "tenants/cases", true},
		{"tenants/cases", "tenants/events", true},
		{"tenants/events", "tenants/cases", false},
		{"tenants", "tenants/ledger", false},
		{"api", "jobs", false},
		{"jobs", "api", false},
		{"api", "queue", true},
		{"api", "db/dbsqlc", false},
		{"api/checkout", "db/dbsqlc", false},
		{"api/apitest", "db/dbsqlc", true},
		{"queue", "db/dbsqlc", true},
		{"db", "queue", false},
		{"api/notify", "api/problem", true},
		{"cmd/zhitong", "api", true},
		{"cmd/zhitong", "test/bench", false},
		{"alipay", "db", false},
		{"db", "alipay", false},
		{"db", "internal/id", true},
		{"internal/id", "internal/money", false},
		{"internal/id", "db", false},
		{"api", "db/dbtest", false},
		{"cmd/zhitong", "db/dbtest", false},
		{"tenants/tenantstest", "db/dbtest", true},
		{"cmd/zhitong", "simulator", true},
		{"test/chaos", "simulator", true},
		{"api", "simulator", false},
		{"jobs", "simulator", false},
		{"alipay", "simulator", false},
		{"simulator", "alipay", false},
		{"simulator", "db", false},
		{"simulator/state", "tenants", false},
		{"simulator/trades", "simulator/merchants", true},
		{"simulator/merchants", "simulator/trades", false},
		{"simulator/desk", "simulator/cashier", false},
		{"simulator/state", "simulator/notify", false},
		{"tenants/orders", "simulator/faults", false},
		{"somewhere", "db", false},
	} {
		if why := mayImport(c.from, c.to); (why == "") != c.ok {
			t.Errorf("%s imports %s: %q", c.from, c.to, why)
		}
	}
}

// TestGuardedLibraries: some libraries have one door.
func TestGuardedLibraries(t *testing.T) {
	t.Parallel()
	doors := []struct {
		library string
		only    []string
		why     string
	}{
		{"github.com/go-pay/gopay", []string{"alipay"}, "one narrow door to the provider makes it testable and " +
			"replaceable"},
		{"github.com/casbin/casbin", []string{"api/authz"}, "decisions are made and cached in one place"},
		{"github.com/jackc/pgx/v5/pgxpool", []string{"db", "cmd", "jobs", "test/bench/bare", "test/chaos"},
			"a pool is a way around the tenant's transaction"},
		{"github.com/wneessen/go-mail", []string{"internal/mail"}, "mails leave in one place"},
		{"github.com/emersion/go-smtp", []string{"internal/mail", "simulator/mailbox"},
			"servers of mail are stand-ins"},
		{"github.com/tink-crypto/tink-go", []string{"internal/secret"}, "keys are handled in one place"},
	}
	for _, p := range packages(t) {
		for _, d := range doors {
			if slices.ContainsFunc(d.only, func(dir string) bool {
				return p.ImportPath == dir || strings.HasPrefix(p.ImportPath, dir+"/")
			}) {
				continue
			}
			for _, i := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
				if i == d.library || strings.HasPrefix(i, d.library+"/") {
					t.Errorf("%s imports %s, which only %s may: %s", p.ImportPath, i, strings.Join(d.only, ", "), d.why)
				}
			}
		}
	}
}

// TestTestPackagesStayOut: no production binary holds what tests are made with, by whatever way.
func TestTestPackagesStayOut(t *testing.T) {
	t.Parallel()
	imports := map[string][]string{}
	for _, p := range packages(t) {
		imports[p.ImportPath] = p.Imports
	}
	if len(imports["cmd/zhitong"]) == 0 {
		return // not written yet
	}
	reached, next := map[string]bool{}, []string{"cmd/zhitong"}
	for len(next) > 0 {
		p := next[0]
		next = next[1:]
		for _, i := range imports[p] {
			if i == "testing" {
				t.Errorf("cmd/zhitong reaches %s, which imports testing", p)
			}
			if to, ours := short(i); ours && !reached[to] {
				reached[to], next = true, append(next, to)
			}
		}
	}
	for _, p := range testOnly() {
		if reached[p] {
			t.Errorf("cmd/zhitong reaches %s", p)
		}
	}
}
