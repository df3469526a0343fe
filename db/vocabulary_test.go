package db_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"zhitong/db/dbtest"
	"zhitong/internal/vocabulary"
)

// TestVocabularyIsShared: a type of package vocabulary has the same values in Go, in the CHECK of each of its columns
// and in the enum of each of its schemas, and sqlc gives its columns the type.
func TestVocabularyIsShared(t *testing.T) {
	t.Parallel()
	checks := columnChecks(t)
	declared := declaredValues(t)
	schemas := schemaEnums(t)
	overrides := columnTypes(t)
	listed := map[string]bool{}
	for _, e := range vocabulary.All() {
		listed[e.Name] = true
		same(t, e.Name+" in All and its constants", e.Values, declared[e.Name])
		for _, column := range e.Columns {
			if e.Open {
				if c, ok := checks[column]; ok {
					t.Errorf("%s is open, yet %s has a CHECK: %q", e.Name, column, c)
				}
			} else {
				same(t, e.Name+" and the CHECK of "+column, e.Values, checks[column])
			}
			delete(checks, column)
			if overrides[column] != e.Name {
				t.Errorf("sqlc.yaml gives %s the type %q, want %s", column, overrides[column], e.Name)
			}
			delete(overrides, column)
		}
		for _, schema := range e.Schemas {
			same(t, e.Name+" and the schema "+schema, e.Values, schemas[schema])
		}
	}
	for name := range declared {
		if !listed[name] {
			t.Errorf("%s is not in vocabulary.All", name)
		}
	}
	for column, values := range checks {
		if column != "application_images.content_type" { // a media type, whose names are not ours
			t.Errorf("the column %s has the values %q and no type in package vocabulary", column, values)
		}
	}
	for column, name := range overrides {
		t.Errorf("sqlc.yaml gives %s the type %s, whose list of columns does not have it", column, name)
	}
}

func same(t *testing.T, what string, have, want []string) {
	t.Helper()
	if slices.Compare(slices.Sorted(slices.Values(have)), slices.Sorted(slices.Values(want))) != 0 {
		t.Errorf("%s differ:\n%q\n%q", what, have, want)
	}
}

var quoted = regexp.MustCompile(`'([^']*)'::text`)

// columnChecks are the values that a CHECK of one column lists, by "table.column".
func columnChecks(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, line := range strs(t, superuser(t, dbtest.NewDB(t)), `
		SELECT c.conrelid::regclass || '.' || a.attname || ' ' || pg_get_constraintdef(c.oid)
		FROM pg_constraint c
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'c' AND c.connamespace = 'public'::regnamespace AND cardinality(c.conkey) = 1`) {
		column, check, _ := strings.Cut(line, " ")
		_, name, _ := strings.Cut(column, ".")
		if !strings.HasPrefix(check, "CHECK (("+name+" = ANY (ARRAY[") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(check, -1) {
			all[column] = append(all[column], m[1])
		}
	}
	return all
}

// declaredValues are the string constants of package vocabulary, by their type.
func declaredValues(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../internal/vocabulary/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, path := range files {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || len(v.Values) != 1 {
				return true
			}
			of, named := v.Type.(*ast.Ident)
			lit, constant := v.Values[0].(*ast.BasicLit)
			if named && constant && lit.Kind == token.STRING {
				value, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				all[of.Name] = append(all[of.Name], value)
			}
			return true
		})
	}
	return all
}

// schemaEnums are the enums of openapi.yaml, by "Schema" or "Schema.property.property".
func schemaEnums(t *testing.T) map[string][]string {
	t.Helper()
	type schema struct {
		Enum       []string           `yaml:"enum"`
		Properties map[string]*schema `yaml:"properties"`
	}
	var spec struct {
		Components struct {
			Schemas map[string]*schema `yaml:"schemas"`
		} `yaml:"components"`
	}
	read(t, "../openapi.yaml", &spec)
	all := map[string][]string{}
	var walk func(name string, s *schema)
	walk = func(name string, s *schema) {
		if len(s.Enum) > 0 {
			all[name] = s.Enum
		}
		for property, p := range s.Properties {
			walk(name+"."+property, p)
		}
	}
	for name, s := range spec.Components.Schemas {
		walk(name, s)
	}
	return all
}

// columnTypes are the types of package vocabulary that sqlc.yaml gives to columns.
func columnTypes(t *testing.T) map[string]string {
	t.Helper()
	var config struct {
		SQL []struct {
			Gen map[string]struct {
				Overrides []struct {
					Column string `yaml:"column"`
					GoType struct {
						Import string `yaml:"import"`
						Type   string `yaml:"type"`
					} `yaml:"go_type"`
				} `yaml:"overrides"`
			} `yaml:"gen"`
		} `yaml:"sql"`
	}
	read(t, "../sqlc.yaml", &config)
	all := map[string]string{}
	for _, s := range config.SQL {
		for g := range maps.Values(s.Gen) {
			for _, o := range g.Overrides {
				if o.GoType.Import == "zhitong/internal/vocabulary" {
					all[o.Column] = o.GoType.Type
				}
			}
		}
	}
	return all
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
