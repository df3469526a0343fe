package tidy_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// linesMax is how long a file may be.
const linesMax = 700

// source is one Go file.
type source struct {
	path      string // from the root, with slashes
	file      *ast.File
	set       *token.FileSet
	lines     int
	generated bool
}

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.set.Position(n.Pos()).Line)
}

func (s source) imports(path string) bool {
	return slices.ContainsFunc(s.file.Imports, func(i *ast.ImportSpec) bool {
		return i.Path.Value == strconv.Quote(path)
	})
}

// walk gives every file of the repository that is ours.
func walk(t *testing.T, ext string, visit func(path string, content []byte)) {
	t.Helper()
	top := root(t)
	err := filepath.WalkDir(top, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if n := e.Name(); path != top &&
				(strings.HasPrefix(n, ".") || n == "node_modules" || n == "dist" || n == "testdata" ||
					n == "generated") { // by make test/clients
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ext {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		visit(filepath.ToSlash(rel), b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	walk(t, ".go", func(path string, b []byte) {
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, b, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		all = append(all, source{path, f, set, bytes.Count(b, []byte("\n")), ast.IsGenerated(f)})
	})
	if len(all) < 20 {
		t.Fatalf("only %d files", len(all))
	}
	return all
}

// calls visits every call of the form x.name.
func calls(f *ast.File, visit func(call *ast.CallExpr, x, name string)) {
	ast.Inspect(f, func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok {
			if s, ok := c.Fun.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok {
					visit(c, x.Name, s.Sel.Name)
				}
			}
		}
		return true
	})
}

func TestEnvironmentIsReadInOnePlace(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.test() || strings.HasPrefix(s.path, "cmd/zhitong/boot/") || strings.HasPrefix(s.path, "db/dbtest/") ||
			strings.HasPrefix(s.path, "test/clients/") || // programs of strangers
			s.path == "internal/clock/machine_testclock.go" { // in no program that is delivered
			continue
		}
		calls(s.file, func(c *ast.CallExpr, x, name string) {
			if x == "os" && slices.Contains([]string{"Getenv", "LookupEnv"}, name) {
				t.Errorf("%s: os.%s: the environment is read into one documented struct by cmd/zhitong/boot and "+
					"passed down", s.at(c), name)
			}
		})
	}
}

func TestNoInit(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" && !s.generated {
				t.Errorf("%s: init(): nothing happens by being imported", s.at(f))
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	said, has := map[string]string{}, map[string]bool{}
	for _, s := range sources(t) {
		dir := filepath.ToSlash(filepath.Dir(s.path))
		if s.test() {
			continue
		}
		has[dir] = true
		if d := s.file.Doc; d != nil && !s.generated {
			said[dir] = d.Text()
		} else if d != nil && said[dir] == "" {
			said[dir] = d.Text()
		}
	}
	for dir := range has {
		name := filepath.Base(dir)
		switch text := said[dir]; {
		case text == "":
			t.Errorf("%s has no package comment: what it is, when to use it, what it promises", dir)
		case !strings.HasPrefix(text, "Package ") && !strings.HasPrefix(text, "Command ") &&
			!strings.HasPrefix(strings.ToLower(text), name):
			t.Errorf("%s: the package comment does not begin with its name: %.60q", dir, text)
		}
	}
}

func TestFileLength(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if s.lines > linesMax && !s.generated {
			t.Errorf("%s has %d lines, more than %d: it holds more than one thing", s.path, s.lines, linesMax)
		}
	}
	walk(t, ".sql", func(path string, b []byte) {
		if n := bytes.Count(b, []byte("\n")); n > linesMax {
			t.Errorf("%s has %d lines, more than %d", path, n, linesMax)
		}
	})
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(filepath.Join(root(t), "db", "migrations"))
	if err != nil {
		t.Fatal(err)
	}
	numbered := regexp.MustCompile(`^(\d{5})_[a-z0-9_]+\.(sql|go)$`)
	next := 1
	for _, e := range entries { // in order of their names
		m := numbered.FindStringSubmatch(e.Name())
		if m == nil {
			if filepath.Ext(e.Name()) == ".sql" {
				t.Errorf("%s has no number of five digits", e.Name())
			}
			continue
		}
		if n, _ := strconv.Atoi(m[1]); n != next {
			t.Errorf("%s: want number %05d", e.Name(), next)
		}
		next++
	}
	if next == 1 {
		t.Error("no migrations")
	}
}

// TestTests: tests run side by side, never wait for a time and never skip.
func TestTests(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if !s.test() {
			continue
		}
		fakeTime := s.imports("testing/synctest")
		calls(s.file, func(c *ast.CallExpr, x, name string) {
			switch {
			case x == "time" && name == "Sleep" && !fakeTime:
				t.Errorf("%s: time.Sleep: move the clock, or wait for what is to happen", s.at(c))
			case (x == "t" || x == "b" || x == "tb") && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, name):
				t.Errorf("%s: %s.%s: what is skipped is not tested", s.at(c), x, name)
			}
		})
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") || f.Name.Name == "TestMain" ||
				len(f.Type.Params.List) != 1 {
				continue
			}
			parallel := false
			ast.Inspect(f, func(n ast.Node) bool {
				if e, ok := n.(*ast.SelectorExpr); ok &&
					slices.Contains([]string{"Parallel", "Setenv", "Chdir"}, e.Sel.Name) {
					parallel = true
				}
				return true
			})
			if !parallel {
				t.Errorf("%s: %s does not call t.Parallel", s.at(f), f.Name.Name)
			}
		}
	}
}

// TestAttacksAreChosenByNumber: `go test ./... -run 'Attack/A07'` runs one attack everywhere, so its number is a
// subtest's name and never a test's.
func TestAttacksAreChosenByNumber(t *testing.T) {
	t.Parallel()
	numbered := regexp.MustCompile(`func (TestAttack\w*A\d\d)\b`)
	walk(t, ".go", func(path string, content []byte) {
		for _, m := range numbered.FindAllSubmatch(content, -1) {
			t.Errorf("%s: %s: make it a subtest of TestAttack", path, m[1])
		}
	})
}
