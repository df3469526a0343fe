package tidy_test

import (
	"go/ast"
	"testing"
)

// TestOnlyASandboxMovesTime: nothing but the command that composes a sandbox moves the time of identifiers. The
// control: it is found there.
func TestOnlyASandboxMovesTime(t *testing.T) {
	t.Parallel()
	found := false
	for _, s := range sources(t) {
		ast.Inspect(s.file, func(n ast.Node) bool {
			e, ok := n.(*ast.SelectorExpr)
			if ok && isIdent(e.X, "id") && e.Sel.Name == "Move" && !s.test() {
				if s.path != "cmd/zhitong/dev_clock.go" {
					t.Errorf("%s moves the time of identifiers", s.at(e))
				}
				found = true
			}
			return true
		})
	}
	if !found {
		t.Error("it is not found where it is")
	}
}
