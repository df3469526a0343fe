package simulator_test

import (
	"strings"
	"testing"

	"zhitong/simulator"
)

// TestUnsigned: no method answers a caller whose signature is wrong, and each checks its own shape.
func TestUnsigned(t *testing.T) {
	t.Parallel()
	w := start(t)
	if len(simulator.Methods()) < 60 {
		t.Errorf("only %d methods", len(simulator.Methods()))
	}
	for _, m := range simulator.Methods() {
		p := w.signed(m, `{}`)
		p["sign"] = "AAAA"
		_, body, err := w.try(p)
		if err != nil || !strings.Contains(body, "invalid-signature") {
			t.Errorf("%s without a signature: %s %v", m, body, err)
		}
		_, body, err = w.try(w.signed(m, `{"a":1,"a":2}`))
		if err != nil || !strings.Contains(body, "illegal-json") {
			t.Errorf("%s with a repeated key: %s %v", m, body, err)
		}
	}
}
