package jobs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/jobs"
	"zhitong/queue"
)

// TestEveryKindHasAWorker: River refuses to insert a kind that the client's workers do not know.
func TestEveryKindHasAWorker(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	client, err := jobs.NewClient(
		d.Pool(),
		jobs.Deps{Clock: clock.System{}, Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry()},
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range queue.All() {
		if _, err := client.Insert(t.Context(), a, nil); err != nil {
			t.Errorf("%s: %v", a.Kind(), err)
		}
	}
}

// TestEveryKindIsListed: queue.All has every type of package queue that says a kind.
func TestEveryKindIsListed(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, a := range queue.All() {
		listed = append(listed, reflect.TypeOf(a).Name())
	}
	files, err := filepath.Glob("../queue/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "Kind" || fn.Recv == nil {
				continue
			}
			found++
			if of, ok := fn.Recv.List[0].Type.(*ast.Ident); !ok || !slices.Contains(listed, of.Name) {
				t.Errorf("%s: the type of %s is not in queue.All", path, fn.Name.Name)
			}
		}
	}
	if found != len(listed) {
		t.Errorf("%d types say a kind, %d are listed", found, len(listed))
	}
}
