package tidy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// exposed are the fields by which a stranger gets at what a service was made of: the database under an exported name,
// and its whole configuration, embedded. The configuration itself says what is needed, and is no service.
func exposed(f *ast.File) (found []ast.Node) {
	ast.Inspect(f, func(n ast.Node) bool {
		t, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		s, ok := t.Type.(*ast.StructType)
		if !ok || !t.Name.IsExported() || strings.HasSuffix(t.Name.Name, "Config") || t.Name.Name == "Deps" {
			return true
		}
		for _, field := range s.Fields.List {
			name := strings.TrimPrefix(typeName(field.Type), "*")
			last := name[strings.LastIndex(name, ".")+1:]
			exported := slices.ContainsFunc(field.Names, (*ast.Ident).IsExported)
			switch {
			case len(field.Names) == 0 && (strings.HasSuffix(last, "Config") || last == "Deps"),
				(len(field.Names) == 0 || exported) && name == "db.DB":
				found = append(found, field)
			}
		}
		return true
	})
	return found
}

// typeName writes a type of one name, as x, pkg.X or *pkg.X.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.SelectorExpr:
		return typeName(e.X) + "." + e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// TestServicesKeepTheirPartsPrivate: whoever has a service calls its methods. With its database in hand he could go
// around them.
func TestServicesKeepTheirPartsPrivate(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		product := slices.ContainsFunc([]string{"tenants/", "api/", "jobs/", "queue/"}, func(dir string) bool {
			return strings.HasPrefix(s.path, dir)
		})
		if !product || s.test() || slices.ContainsFunc(testOnly(), func(p string) bool {
			return strings.HasPrefix(s.path, p+"/")
		}) {
			continue
		}
		for _, n := range exposed(s.file) {
			t.Errorf("%s: a service gives away what it was made of: make it a private field", s.at(n))
		}
	}
}

// TestServicesKeepTheirPartsPrivateControl: the test above finds what it is for, and nothing else.
func TestServicesKeepTheirPartsPrivateControl(t *testing.T) {
	t.Parallel()
	for text, fields := range map[string]int{
		"type Service struct{ Config }":                  1,
		"type Service struct{ *orders.Config }":          1,
		"type Service struct{ DB *db.DB }":               1,
		"type Service struct{ *db.DB }":                  1,
		"type Service struct{ Deps }":                    1,
		"type Service struct{ db *db.DB; c Config }":     0,
		"type Config struct{ DB *db.DB }":                0,
		"type AnswersConfig struct{ DB *db.DB }":         0,
		"type server struct{ Deps }":                     0,
		"type Service struct{ Log *slog.Logger; n int }": 0,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(exposed(f)); got != fields {
			t.Errorf("%s: %d fields, want %d", text, got, fields)
		}
	}
}
