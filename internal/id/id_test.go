package id_test

import (
	"testing"

	"zhitong/internal/id"
)

func TestForms(t *testing.T) {
	t.Parallel()
	o := id.New[id.Order]()
	if back, err := id.FromHex[id.Order](o.Hex()); err != nil || back != o {
		t.Errorf("FromHex(%s) = %v, %v", o.Hex(), back, err)
	}
	if back, err := id.Parse[id.Order](o.String()); err != nil || back != o {
		t.Errorf("Parse(%s) = %v, %v", o, back, err)
	}
	for _, s := range []string{"", o.String(), o.Hex()[1:], "ABCDEF" + o.Hex()[6:], "zz" + o.Hex()[2:]} {
		if _, err := id.FromHex[id.Order](s); err == nil {
			t.Errorf("FromHex(%q) was accepted", s)
		}
	}
	for _, s := range []string{"", o.Hex(), "{" + o.String()[1:], "urn:uuid:" + o.String()} {
		if _, err := id.Parse[id.Order](s); err == nil {
			t.Errorf("Parse(%q) was accepted", s)
		}
	}
}

func TestNewSortsAndMaxIsLast(t *testing.T) {
	t.Parallel()
	last := id.New[id.Payment]()
	for range 10_000 {
		next := id.New[id.Payment]()
		if next.String() <= last.String() {
			t.Fatalf("%s came after %s", next, last)
		}
		last = next
	}
	if id.Max[id.Payment]().String() <= last.String() {
		t.Error("Max is not last")
	}
}
