package stock_test

import (
	"context"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/fulfilment"
	"zhitong/tenants/stock"
	"zhitong/tenants/tenantstest"
)

type shop struct {
	db      *db.DB
	svc     *stock.Service
	owner   tenants.Actor
	product dbsqlc.Product
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{db: dbtest.NewDB(t)}
	s.svc = stock.New(s.db, tenantstest.Vault(t))
	s.owner = tenants.Actor{
		Tenant: dbtest.NewTenant(t, s.db),
		Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role:   tenants.RoleOwner,
		Mode:   tenants.ModeSandbox,
	}
	s.in(t, func(_ context.Context, tx db.TenantTx) error {
		supplier := dbtest.Merchant(t, tx).ID
		rule, _ := dbtest.SplitRule(t, tx)
		s.product = dbtest.Product(t, tx, supplier, rule.ID)
		return nil
	})
	return s
}

func (s *shop) in(t *testing.T, fn func(context.Context, db.TenantTx) error) {
	t.Helper()
	if err := s.owner.In(t.Context(), s.db, fn); err != nil {
		t.Fatal(err)
	}
}

// keys imports n.
func (s *shop) keys(t *testing.T, n int) (keys []dbsqlc.CardKey) {
	t.Helper()
	s.in(t, func(_ context.Context, tx db.TenantTx) error {
		keys = dbtest.CardKeys(t, tx, s.product.ID, n)
		return nil
	})
	return keys
}

// reserve orders one key.
func (s *shop) reserve(t *testing.T) error {
	t.Helper()
	return s.owner.In(t.Context(), s.db, func(ctx context.Context, tx db.TenantTx) error {
		o := dbtest.Order(t, tx, s.product)
		return s.svc.Reserve(ctx, tx, o.ID, []fulfilment.Item{{Product: s.product.ID, Quantity: 1}})
	})
}

func (s *shop) list(t *testing.T, limit int, f stock.KeyFilter) (all []stock.Key) {
	t.Helper()
	page := tenants.Page[id.CardKey]{Limit: limit}
	for {
		got, err := s.svc.ListKeys(t.Context(), s.owner, s.product.ID, page, f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got.Items...)
		if got.Next == "" {
			return all
		}
		if page.Last, err = id.Parse[id.CardKey](got.Next); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *shop) counts(t *testing.T, want stock.Stock) {
	t.Helper()
	if have, err := s.svc.Stock(t.Context(), s.owner, s.product.ID); err != nil || have != want {
		t.Errorf("the stock is %+v %v, want %+v", have, err, want)
	}
}

// The list has every key once, the newest first, over several pages and statuses, and is narrowed by both filters.
func TestListKeys(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	first, second := s.keys(t, 5), s.keys(t, 4)
	if err := s.reserve(t); err != nil {
		t.Fatal(err)
	}
	if _, err := s.svc.VoidKey(t.Context(), s.owner, second[1].ID, "x"); err != nil {
		t.Fatal(err)
	}
	all := s.list(t, 2, stock.KeyFilter{})
	if len(all) != 9 {
		t.Fatalf("%d keys", len(all))
	}
	for i := range all[1:] {
		if all[i].ID.String() <= all[i+1].ID.String() {
			t.Errorf("key %d is not newer than the next", i)
		}
	}
	for _, row := range []struct {
		f    stock.KeyFilter
		want int
	}{
		{stock.KeyFilter{Statuses: []vocabulary.CardKeyStatus{stock.StatusAvailable}}, 7},
		{stock.KeyFilter{Statuses: []vocabulary.CardKeyStatus{stock.StatusReserved, stock.StatusVoid}}, 2},
		{stock.KeyFilter{Statuses: []vocabulary.CardKeyStatus{stock.StatusDelivered}}, 0},
		{stock.KeyFilter{Import: first[0].ImportID}, 5},
		{stock.KeyFilter{Import: second[0].ImportID, Statuses: []vocabulary.CardKeyStatus{stock.StatusAvailable}}, 3},
		{stock.KeyFilter{Import: id.New[id.CardKeyImport]()}, 0},
	} {
		if have := s.list(t, 2, row.f); len(have) != row.want {
			t.Errorf("%+v: %d keys, want %d", row.f, len(have), row.want)
		}
	}
	reserved := s.list(t, 2, stock.KeyFilter{Statuses: []vocabulary.CardKeyStatus{stock.StatusReserved}})
	if reserved[0].ID != first[0].ID || reserved[0].Order.IsZero() || reserved[0].CreatedAt.IsZero() {
		t.Errorf("%+v", reserved[0])
	}
	// another merchant's order is not named
	as := s.owner
	as.Role, as.Merchant = tenants.RoleSupplier, s.product.SupplierID
	if k, err := s.svc.GetKey(t.Context(), as, first[0].ID); err != nil || k.Order.IsZero() {
		t.Errorf("its own order: %+v %v", k, err)
	}
	s.in(t, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE orders SET merchant_of_record_id = $1", dbtest.Merchant(t, tx).ID)
		return err
	})
	if k, err := s.svc.GetKey(t.Context(), as, first[0].ID); err != nil || !k.Order.IsZero() {
		t.Errorf("another's order: %+v %v", k, err)
	}
	as.Merchant = id.New[id.Merchant]()
	for name, err := range map[string]error{
		"get":  errorOf(s.svc.GetKey(t.Context(), as, first[0].ID)),
		"void": errorOf(s.svc.VoidKey(t.Context(), as, first[1].ID, "x")),
	} {
		if fault.CodeOf(err) != stock.CodeKeyNotFound {
			t.Errorf("%s another merchant's key: %v", name, err)
		}
	}
	if _, err := s.svc.VoidImport(t.Context(), as, first[0].ImportID,
		"x"); fault.CodeOf(err) != stock.CodeImportNotFound {
		t.Errorf("void another merchant's import: %v", err)
	}
}

func errorOf[T any](_ T, err error) error { return err }

// What is available is voided once; what an order has is the order's.
func TestVoidKey(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	keys := s.keys(t, 3)
	if err := s.reserve(t); err != nil {
		t.Fatal(err)
	}
	void := func(key id.CardKey) (stock.Key, error) { return s.svc.VoidKey(t.Context(), s.owner, key, "broken") }
	if _, err := void(keys[0].ID); fault.CodeOf(err) != stock.CodeKeyNotAvailable {
		t.Errorf("a reserved key: %v", err)
	}
	once, err := void(keys[1].ID)
	if err != nil || once.Status != stock.StatusVoid || once.VoidedAt == nil {
		t.Fatalf("%+v %v", once, err)
	}
	if again, err := void(keys[1].ID); err != nil || !again.VoidedAt.Equal(*once.VoidedAt) {
		t.Errorf("again: %+v %v", again, err)
	}
	if _, err := void(id.New[id.CardKey]()); fault.CodeOf(err) != stock.CodeKeyNotFound {
		t.Errorf("no key: %v", err)
	}
	s.counts(t, stock.Stock{Available: 1, Reserved: 1, Void: 1})
	n, err := s.svc.VoidImport(t.Context(), s.owner, keys[0].ImportID, "broken")
	if err != nil || n != 1 {
		t.Errorf("%d %v", n, err)
	}
	s.counts(t, stock.Stock{Reserved: 1, Void: 2})
	if n, err = s.svc.VoidImport(t.Context(), s.owner, keys[0].ImportID, "broken"); err != nil || n != 0 {
		t.Errorf("again: %d %v", n, err)
	}
}

// A key that an order is taking is the order's when that commits first, and the import's voiding passes it over.
func TestVoidWaitsForReservation(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	keys := s.keys(t, 3)
	answer := make(chan error, 1)
	s.in(t, func(_ context.Context, tx db.TenantTx) error {
		o := dbtest.Order(t, tx, s.product)
		dbtest.Reserve(t, tx, o.ID, s.product.ID, 1)
		go func() {
			_, err := s.svc.VoidKey(t.Context(), s.owner, keys[0].ID, "x")
			answer <- err
		}()
		if n, err := s.svc.VoidImport(t.Context(), s.owner, keys[0].ImportID, "x"); err != nil || n != 2 {
			t.Errorf("the import: %d %v", n, err)
		}
		return nil
	})
	if err := <-answer; fault.CodeOf(err) != stock.CodeKeyNotAvailable {
		t.Errorf("the key: %v", err)
	}
	s.counts(t, stock.Stock{Reserved: 1, Void: 2})
}

// TestVoidAtOnce: who wished a key void and finds it void is content, also when somebody else did it meanwhile.
func TestVoidAtOnce(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, k := range s.keys(t, 10) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				got, err := s.svc.VoidKey(t.Context(), s.owner, k.ID, "leaked")
				if err != nil || got.Status != stock.StatusVoid || got.VoidedAt == nil {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		wg.Wait()
	}
}

// Orders and voidings that want the same keys: each key is one's.
func TestVoidAgainstOrders(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const many = 12
	keys := s.keys(t, many)
	taken, voided := make([]error, many), make([]error, many)
	var wg sync.WaitGroup
	for i, k := range keys {
		wg.Go(func() { taken[i] = s.reserve(t) })
		wg.Go(func() { _, voided[i] = s.svc.VoidKey(t.Context(), s.owner, k.ID, "x") })
	}
	wg.Wait()
	var want stock.Stock
	for i := range keys {
		switch {
		case taken[i] == nil:
			want.Reserved++
		case !db.Violates(taken[i], stock.ConstraintSoldOut):
			t.Errorf("order %d: %v", i, taken[i])
		}
		switch {
		case voided[i] == nil:
			want.Void++
		case fault.CodeOf(voided[i]) != stock.CodeKeyNotAvailable:
			t.Errorf("void %d: %v", i, voided[i])
		}
	}
	want.Available = many - want.Reserved - want.Void
	s.counts(t, want)
}
