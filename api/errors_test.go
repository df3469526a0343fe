package api_test

import (
	"flag"
	"os"
	"testing"

	"zhitong/api"
	"zhitong/api/contract"
	"zhitong/api/problem"
	"zhitong/internal/fault"
)

var update = flag.Bool("update", false, "write docs/errors.md again")

func catalogue(t *testing.T) fault.Catalogue {
	t.Helper()
	c, err := api.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestErrorCodesPage holds docs/errors.md to the code; `make generate` writes it.
func TestErrorCodesPage(t *testing.T) {
	t.Parallel()
	const path = "../docs/errors.md"
	want := problem.Markdown(catalogue(t))
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || string(have) != string(want) {
		t.Errorf("docs/errors.md is out of date: make generate (%v)", err)
	}
}

// TestCodesAndContract holds the two lists of codes together: what the contract promises is declared, and what is
// declared is promised somewhere.
func TestCodesAndContract(t *testing.T) {
	t.Parallel()
	doc, err := contract.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	codes, promised := catalogue(t), map[fault.Code]bool{}
	for _, op := range c.Operations() {
		for _, code := range op.Codes {
			promised[code] = true
			if _, ok := codes[code]; !ok {
				t.Errorf("%s promises %s, which nobody declares", op.ID, code)
			}
		}
	}
	for code := range codes {
		if !promised[code] && code != problem.RouteNotFound && code != problem.MethodNotAllowed {
			t.Errorf("%s is declared and promised by no operation", code)
		}
	}
}
