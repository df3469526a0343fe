package zft

import (
	"testing"

	"zhitong/internal/money"
)

// TestUnsettled: when Alipay leaves out the one number, its lines tell what of a trade waits to be settled.
func TestUnsettled(t *testing.T) {
	t.Parallel()
	told := money.Fen(3)
	for _, c := range []struct {
		told  *money.Fen
		lines money.Fen
		want  money.Fen
	}{{&told, 0, 3}, {&told, 7, 3}, {nil, 7, 7}} {
		if got, err := (adapter{}).unsettled(t.Context(), "x", c.told, c.lines); err != nil || got != c.want {
			t.Errorf("%v, %d in lines: %d, %v", c.told, c.lines, got, err)
		}
	}
}
