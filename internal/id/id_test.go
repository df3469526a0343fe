package id_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/internal/clock"
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
	suffix := strings.TrimPrefix(o.String(), "ord_")
	for _, s := range []string{
		"",
		o.Hex(),
		o.UUID().String(),
		suffix,
		"ord_",
		"ord" + suffix,
		"ord_" + suffix[1:],
		"ord_" + suffix + "0",
		"ord_8" + suffix[1:],
		"ord_" + strings.ToUpper(suffix),
		"ord_" + suffix[:25] + "u",
		"ORD_" + suffix,
		"mer_" + suffix,
		" " + o.String(),
	} {
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

func TestJSON(t *testing.T) {
	t.Parallel()
	type row struct {
		Order id.Order                `json:"order_id"`
		Keys  map[id.CardKey]id.Event `json:"keys"`
	}
	want := row{id.New[id.Order](), map[id.CardKey]id.Event{id.New[id.CardKey](): id.New[id.Event]()}}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), `"order_id":"`+want.Order.String()+`"`) {
		t.Errorf("written as %s", b)
	}
	var have row
	if err := json.Unmarshal(b, &have); err != nil || !reflect.DeepEqual(have, want) {
		t.Errorf("read back %v, %v", have, err)
	}
	for _, bad := range []string{`""`, `"x"`, `7`, `"` + want.Order.Hex() + `"`,
		`"` + want.Order.UUID().String() + `"`} {
		before := want.Order
		if err := json.Unmarshal([]byte(bad), &before); err == nil || before != want.Order {
			t.Errorf("%s was read as %s, %v", bad, before, err)
		}
	}
}

func TestZero(t *testing.T) {
	t.Parallel()
	if !(id.Order{}).IsZero() || id.New[id.Order]().IsZero() {
		t.Error("IsZero")
	}
	if v, err := (id.Order{}).UUIDValue(); err != nil || v.Valid {
		t.Errorf("the zero identifier is not NULL: %v, %v", v, err)
	}
}

func TestNewAtTheSameTime(t *testing.T) {
	t.Parallel()
	const each = 1000
	made := make(chan id.Order, 8*each)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range each {
				made <- id.New[id.Order]()
			}
		})
	}
	wg.Wait()
	close(made)
	seen := map[id.Order]bool{}
	for o := range made {
		seen[o] = true
	}
	if len(seen) != 8*each {
		t.Errorf("%d of %d differ", len(seen), 8*each)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(id.New[id.Order]().String())
	f.Add("ord_00000000000000000000000000")
	f.Add("ord_7zzzzzzzzzzzzzzzzzzzzzzzzz")
	f.Fuzz(func(t *testing.T, s string) {
		if o, err := id.Parse[id.Order](s); err == nil && o.String() != s {
			t.Errorf("%q was read as %s", s, o)
		}
		if o, err := id.FromHex[id.Order](s); err == nil && o.Hex() != s {
			t.Errorf("%q was read as %s", s, o.Hex())
		}
	})
}

// TestFirst: the search by time finds what was made from then on, and nothing from before.
func TestFirst(t *testing.T) {
	t.Parallel()
	before := clock.System{}.Now()
	o := id.New[id.Order]()
	if from := id.First[id.Order](before); bytes.Compare(from[:], o[:]) > 0 {
		t.Errorf("%s does not sort before %s, which was made after", from, o)
	}
	if from := id.First[id.Order]((clock.System{}).Now().Add(2 * time.Millisecond)); bytes.Compare(from[:], o[:]) <= 0 {
		t.Errorf("%s does not sort after %s, which was made before", from, o)
	}
}
