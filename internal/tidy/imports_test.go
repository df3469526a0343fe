package tidy_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
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

func root(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("where am I?")
	}
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// short is a package of ours without the module's name.
func short(path string) (string, bool) {
	if path == module {
		return ".", true
	}
	return strings.CutPrefix(path, module+"/")
}

var listed = sync.OnceValues(func() ([]pkg, error) {
	_, file, _, _ := runtime.Caller(0)
	// -e: a package that does not compile at the moment is another test's business
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = filepath.Join(filepath.Dir(file), "..", "..")
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

// level is where a package stands: it may import what stands lower, and its neighbours of the same group.
type level struct {
	rank  int
	group string // packages of one group may import each other; "" has no neighbours
}

const (
	rankTests = 100 // only tests import these
	unknown   = -1
)

// levelOf is the table of who may import whom.
func levelOf(p string) level {
	in := func(dir string) bool { return p == dir || strings.HasPrefix(p, dir+"/") }
	switch {
	case p == "." || in("internal") || in("web"):
		return level{0, ""} // leaves: nothing of ours, but for embedded files
	case slices.Contains(testOnly(), p):
		return level{rankTests, "tests"}
	case in("db"):
		return level{10, "db"}
	case in("alipay"):
		return level{10, "alipay"}
	case p == "jobs/args":
		return level{11, ""}
	case in("jobs"):
		return level{50, "jobs"}
	case in("api"):
		return level{50, "api"}
	case in("cmd"):
		return level{60, "cmd"}
	case in("bench"):
		return level{60, "bench"} // measures everything; nobody imports it
	case p == "tenants/vault":
		return level{20, ""}
	case p == "tenants":
		return level{21, ""}
	case slices.Contains([]string{"tenants/audit", "tenants/idempotency", "tenants/ledger"}, p):
		return level{22, ""} // records that others leave
	case slices.Contains([]string{"tenants/access", "tenants/catalog", "tenants/merchants", "tenants/webhooks"}, p):
		return level{23, ""}
	case slices.Contains([]string{"tenants/cardkeys", "tenants/distributors", "tenants/payments", "tenants/payouts", "tenants/splits", "tenants/onboarding", "tenants/reconciliation",
		"tenants/risk", "tenants/retention"}, p):
		return level{30, ""}
	case p == "tenants/orders":
		return level{40, ""} // the conductor
	}
	return level{unknown, ""}
}

// testOnly are packages that tests are made with. They never reach a production binary.
func testOnly() []string {
	return []string{"db/dbtest", "db/migrations/fixtures", "api/apitest", "tenants/tenantstest", "alipay/alipaytest"}
}

// mayImport tells why from may not import to, or "".
func mayImport(from, to string) string {
	f, o := levelOf(from), levelOf(to)
	switch {
	case f.rank == unknown:
		return fmt.Sprintf("%s has no level: add it to the table in internal/tidy and to the one in the architecture", from)
	case o.rank == unknown:
		return "" // said once, of the package itself
	case to == "alipay/simulator" && !(f.group == "cmd" || f.group == "tests" || from == "alipay/simulator" || strings.HasPrefix(from, "alipay/simulator/")):
		return "the simulator stands for Alipay: the product reaches it by configuration only"
	case strings.HasPrefix(to, "alipay/simulator/") && !strings.HasPrefix(from, "alipay/simulator"):
		return "these are the simulator's own"
	case f.group != "" && f.group == o.group:
		return ""
	case o.rank == rankTests:
		return "packages for tests must not reach a production binary"
	case o.rank < f.rank:
		return ""
	case o.rank == f.rank:
		return "they stand on one level and do not know each other; what they share belongs below, what joins them above"
	}
	return "that is upward: the lower one would change with every change above it"
}

func TestImportLevels(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if levelOf(p.ImportPath).rank == unknown {
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
		{"tenants/orders", "tenants/splits", true}, {"tenants/splits", "tenants/orders", false}, {"tenants/splits", "tenants/payments", false},
		{"tenants/splits", "tenants/ledger", true}, {"tenants", "tenants/ledger", false}, {"tenants/webhooks", "tenants/audit", true},
		{"api", "jobs", false}, {"jobs", "api", false}, {"api", "jobs/args", true}, {"api/notify", "api/problem", true}, {"cmd/zhitong", "api", true},
		{"alipay", "db", false}, {"db", "alipay", false}, {"db", "internal/id", true}, {"internal/id", "internal/money", false}, {"internal/id", "db", false},
		{"api", "db/dbtest", false}, {"tenants/tenantstest", "db/dbtest", true}, {"cmd/zhitong", "alipay/simulator", true}, {"api", "alipay/simulator", false},
		{"alipay", "alipay/simulator", false}, {"jobs/args", "db/dbsqlc", true}, {"somewhere", "db", false},
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
		{"github.com/go-pay/gopay", []string{"alipay"}, "one narrow door to the provider makes it testable and replaceable"},
		{"github.com/casbin/casbin", []string{"api/authz"}, "decisions are made and cached in one place"},
		{"github.com/jackc/pgx/v5/pgxpool", []string{"db", "cmd", "jobs", "bench/bare"}, "a pool is a way around the tenant's transaction"},
		{"github.com/tink-crypto/tink-go", []string{"internal/secret"}, "keys are handled in one place"},
	}
	for _, p := range packages(t) {
		for _, d := range doors {
			if slices.ContainsFunc(d.only, func(dir string) bool { return p.ImportPath == dir || strings.HasPrefix(p.ImportPath, dir+"/") }) {
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
