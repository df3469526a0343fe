package tidy_test

import (
	"go/ast"
	"strings"
	"testing"
)

// TestTheClockKnowsThePrecision: a clock tells whole microseconds, so nobody cuts its times again. internal/clock has
// the test that it does.
func TestTheClockKnowsThePrecision(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if strings.HasPrefix(s.path, "internal/clock/") || strings.HasPrefix(s.path, "simulator/") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 || typeName(call.Args[0]) != "time.Microsecond" {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); ok && (f.Sel.Name == "Truncate" || f.Sel.Name == "Round") {
				t.Errorf("%s: a clock of internal/clock tells whole microseconds already", s.at(call))
			}
			return true
		})
	}
}
