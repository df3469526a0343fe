package tidy_test

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// sentence is what a caller is told: it begins with a capital letter, a value or a Chinese word, and ends.
var sentence = regexp.MustCompile(`^(\p{Lu}|\p{Han}|%).*[.。]$|^%s$`)

// TestDetailsAreSentences holds what the details of faults and of their fields say, where they are made: the last text
// of fault.New(…), of At(…) and of the functions that pass a text on to it, and every Detail of a fault.Field.
func TestDetailsAreSentences(t *testing.T) {
	t.Parallel()
	told := 0
	for _, s := range sources(t) {
		if s.test() || s.generated || strings.HasPrefix(s.path, "api/docs/") || // no faults there
			!strings.HasPrefix(s.path, "api/") && !strings.HasPrefix(s.path, "tenants/") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			text, ok := detail(n)
			if ok {
				told++
				if !sentence.MatchString(text) {
					t.Errorf("%s: %q is told to callers: make it a sentence, with a capital letter and a full stop",
						s.at(n), text)
				}
			}
			return true
		})
	}
	if told < 100 {
		t.Errorf("only %d details were found: is this test still looking in the right places?", told)
	}
}

// detail is the text of a fault that stands in the source at n.
func detail(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if at, ok := detailArgument(n); ok && len(n.Args) > at {
			return literal(n.Args[at])
		}
	case *ast.CompositeLit:
		if name := called(n.Type); name != "fault.Field" && name != "Field" {
			return "", false
		}
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && called(kv.Key) == "Detail" {
				return literal(kv.Value)
			}
		}
	}
	return "", false
}

// detailArgument is which argument of a call is the detail.
func detailArgument(call *ast.CallExpr) (int, bool) {
	name := called(call.Fun)
	_, method, _ := strings.Cut(name, ".")
	switch {
	case name == "fault.New":
		return 1, true
	case name == "invalidImage":
		return 0, true
	case name == "c.image": // of an application's form
		return 1, true
	case method == "At" || name == "c.fault" || name == "c.need" || name == "at" || method == "add":
		return 2, true
	}
	return 0, false
}

// called is the name of a function or type: of x.f(…).At the method's alone, as ".At".
func called(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return x.Name + "." + e.Sel.Name
		}
		return "." + e.Sel.Name
	}
	return ""
}

// literal is the text of a constant, or of the format of a fmt.Sprintf.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		right, too := literal(e.Y)
		return left + right, ok && too
	case *ast.CallExpr:
		if called(e.Fun) == "fmt.Sprintf" && len(e.Args) > 0 {
			return literal(e.Args[0])
		}
	}
	return "", false
}
