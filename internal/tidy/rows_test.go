package tidy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// rowsIn are the rows of the database among the results of exported functions and the exported fields of exported
// types.
func rowsIn(f *ast.File) (found []ast.Node) {
	look := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "dbsqlc" && s.Sel.Name != "DBTX" {
					found = append(found, s)
				}
			}
			return true
		})
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Type.Results != nil {
				look(d.Type.Results)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				t, ok := spec.(*ast.TypeSpec)
				if !ok || !t.Name.IsExported() {
					continue
				}
				s, ok := t.Type.(*ast.StructType)
				if !ok {
					look(t.Type)
					continue
				}
				for _, field := range s.Fields.List {
					if len(field.Names) == 0 || field.Names[0].IsExported() {
						look(field.Type)
					}
				}
			}
		}
	}
	return found
}

// TestRowsStayInTheDomain: what a domain package gives away are its own types. A row of the database that reached a
// handler would make every column a part of the API, the sealed and the secret ones too.
func TestRowsStayInTheDomain(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if !strings.HasPrefix(s.path, "tenants/") || strings.HasPrefix(s.path, "tenants/tenantstest/") || s.test() {
			continue
		}
		for _, n := range rowsIn(s.file) {
			t.Errorf("%s: a row of the database is given away: make it a type of the package", s.at(n))
		}
	}
}

// TestRowsStayInTheDomainControl: the test above finds what it is for, and nothing else.
func TestRowsStayInTheDomainControl(t *testing.T) {
	t.Parallel()
	for text, rows := range map[string]int{
		"func (s *Service) Get() (dbsqlc.Order, error) { panic(0) }":           1,
		"func List() tenants.PageOf[dbsqlc.Order] { panic(0) }":                1,
		"type Order struct { dbsqlc.Order; Items []dbsqlc.OrderItem }":         2,
		"type Orders []dbsqlc.Order":                                           1,
		"type Order struct { row dbsqlc.Order }; type w struct { R dbsqlc.R }": 0,
		"func Of(dbsqlc.Order) Order { panic(0) }":                             0,
		"func read() dbsqlc.Order { panic(0) }":                                0,
		"type Reader interface { In(dbsqlc.DBTX) }":                            0,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(rowsIn(f)); got != rows {
			t.Errorf("%s: %d rows, want %d", text, got, rows)
		}
	}
}
