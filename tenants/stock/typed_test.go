package stock_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants/fulfilment"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/stock"
)

func fieldsOf(err error) []fault.Field {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Fields
	}
	return nil
}

// delivered sells n keys one by one, and opens them.
func (s *shop) delivered(t *testing.T, n int) (out []string) {
	t.Helper()
	for range n {
		var order id.Order
		s.in(t, func(ctx context.Context, tx db.TenantTx) error {
			order = dbtest.Order(t, tx, s.product).ID
			return s.svc.Reserve(ctx, tx, order, []fulfilment.Item{{Product: s.product.ID, Quantity: 1}})
		})
		s.in(t, func(ctx context.Context, tx db.TenantTx) error {
			_, err := s.svc.Deliver(ctx, tx, order, time.Unix(1, 0))
			return err
		})
		s.in(t, func(ctx context.Context, tx db.TenantTx) error {
			keys, err := s.svc.Reveal(ctx, tx, order)
			for _, k := range keys {
				out = append(out, k.Key.Reveal())
			}
			return err
		})
	}
	return out
}

// TestKeysAsTheyAreTyped imports keys as files have them: with edges, marks, line breaks inside, and up to the longest.
// What is delivered is the key to the byte.
func TestKeysAsTheyAreTyped(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	longest := strings.Repeat("𠮷", stock.KeyMax/4)
	want := []string{"A-1", "账号：x\r\n密码：y\tz", "a\u202eb\u200bc\ufeffd", "𠮷·é", "e\u0301", longest}
	typed := []string{
		"\ufeffA-1\r\n", " " + want[1] + "\n", want[2], "\u3000" + want[3] + "\u00a0", want[4], longest + " ",
	}
	imp, _, err := s.svc.Import(t.Context(), s.owner, s.product.ID, typed, idempotency.Key{})
	if err != nil || int(imp.Accepted) != len(want) || imp.Duplicates != 0 || len(imp.Skipped) != 0 {
		t.Fatalf("%+v, %v", imp, err)
	}
	got := s.delivered(t, len(want))
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
}

// TestDuplicatesAreNamed finds keys that differ by their edges only, says which and why, and says it again to a repeat
// and to who reads the import later.
func TestDuplicatesAreNamed(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if _, _, err := s.svc.Import(t.Context(), s.owner, s.product.ID, []string{"old"}, idempotency.Key{}); err != nil {
		t.Fatal(err)
	}
	key := idempotency.Key{Value: "import-1", Request: [32]byte{1}}
	typed := []string{"new", "\ufeffold", "new ", "other", " old\n", "o ld"}
	want := []stock.Skipped{{Index: 1, Code: stock.SkippedInStock}, {Index: 2, Code: stock.SkippedRepeated},
		{Index: 4, Code: stock.SkippedRepeated}}
	imp, _, err := s.svc.Import(t.Context(), s.owner, s.product.ID, typed, key)
	if err != nil || imp.Accepted != 3 || imp.Duplicates != 3 || !slices.Equal(imp.Skipped, want) {
		t.Fatalf("%+v, %v", imp, err)
	}
	again, replayed, err := s.svc.Import(t.Context(), s.owner, s.product.ID, typed, key)
	if err != nil || !replayed || again.ID != imp.ID || !slices.Equal(again.Skipped, want) {
		t.Errorf("a repeat: %+v, %v", again, err)
	}
	if read, err := s.svc.GetImport(t.Context(), s.owner, imp.ID); err != nil || !slices.Equal(read.Skipped, want) {
		t.Errorf("read later: %+v, %v", read, err)
	}
}

// TestDuplicatesInTwoImportsAtOnce takes each key once, and names it in one of the two.
func TestDuplicatesInTwoImportsAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	var keys []string
	for i := range 200 {
		keys = append(keys, strconv.Itoa(i))
	}
	var both [2]stock.Import
	var wg sync.WaitGroup
	for i := range both {
		wg.Go(func() {
			var err error
			if both[i], _, err = s.svc.Import(t.Context(), s.owner, s.product.ID, keys, idempotency.Key{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if a, b := both[0], both[1]; a.Accepted+b.Accepted != 200 || len(a.Skipped)+len(b.Skipped) != 200 {
		t.Errorf("%d and %d accepted, %d and %d skipped", a.Accepted, b.Accepted, len(a.Skipped), len(b.Skipped))
	}
}

// TestKeysThatCannotBe are refused with their places, and nothing of their list is imported.
func TestKeysThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	typed := []string{"good", " \r\n", "\ufeff", "\u200b\u202e", "a\x00b", "a\xffb",
		strings.Repeat("x", stock.KeyMax+1)}
	_, _, err := s.svc.Import(t.Context(), s.owner, s.product.ID, typed, idempotency.Key{})
	var got []string
	for _, f := range fieldsOf(err) {
		got = append(got, f.Pointer+" "+f.Code)
	}
	want := []string{"/card_keys/1 blank", "/card_keys/2 blank", "/card_keys/3 blank", "/card_keys/4 format",
		"/card_keys/5 format", "/card_keys/6 max_length"}
	if fault.CodeOf(err) != "invalid_request" || !slices.Equal(got, want) {
		t.Errorf("%v: %q", err, got)
	}
	if st, err := s.svc.Stock(t.Context(), s.owner, s.product.ID); err != nil || st.Available != 0 {
		t.Errorf("%+v, %v", st, err)
	}
	many := make([]string, 300)
	_, _, err = s.svc.Import(t.Context(), s.owner, s.product.ID, many, idempotency.Key{})
	if n := len(fieldsOf(err)); n != 50 {
		t.Errorf("%d faults", n)
	}
}
