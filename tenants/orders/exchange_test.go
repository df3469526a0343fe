package orders_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/secret"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/stock"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

// program is a vault as a program has it that has just started.
func program(t *testing.T, r *tenantstest.Road) *vault.Vault {
	t.Helper()
	m, err := secret.ParseMaster(r.Keyset)
	if err != nil {
		t.Error(err)
	}
	return vault.New(m)
}

// exchanged exchanges the platform's data key from begin to end.
func exchanged(t *testing.T, r *tenantstest.Road) {
	t.Helper()
	_, _, err := access.New(r.DB, program(t, r), r.Clock).ExchangeDataKey(t.Context(), r.Tenant,
		func(vault.Column, int) {})
	if err != nil {
		t.Error(err)
	}
}

// imports takes keys into stock and tells how many were taken and how many the product had.
func imports(t *testing.T, r *tenantstest.Road, s *stock.Service, keys ...string) (accepted, duplicates int) {
	t.Helper()
	imp, _, err := s.Import(t.Context(), r.Actor, r.Product.ID, keys, idempotency.Key{})
	if err != nil {
		t.Error(err)
	}
	return int(imp.Accepted), int(imp.Duplicates)
}

// TestExchangeUnderLoad: while the platform's data key is exchanged over and over, programs that have run since before
// and ones that have just started sell, import, show and give back, and no card key is in stock twice at any moment.
func TestExchangeUnderLoad(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	done, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var rounds atomic.Int32
	wg.Go(func() {
		for done.Err() == nil {
			exchanged(t, r)
			rounds.Add(1)
		}
	})
	accepted := make([]atomic.Int32, 200) // how often each key was taken
	for worker := range 3 {               // each key is brought by every worker: one of them is the first
		running := stock.New(r.DB, program(t, r))
		wg.Go(func() {
			for i := 0; i < len(accepted) && done.Err() == nil; i++ {
				s := running
				if (i+worker)%3 == 0 {
					s = stock.New(r.DB, program(t, r))
				}
				n, had := imports(t, r, s, fmt.Sprintf("MORE-%04d", i), "KEY-0000")
				if n+had != 2 || n > 1 || had < 1 {
					t.Errorf("import %d: %d taken, %d in stock before", i, n, had)
				}
				accepted[i].Add(int32(n))
			}
		})
	}
	for i := 0; i < 6 || rounds.Load() < 4; i++ {
		sold := r.Paid(r.Order(2))
		for name, s := range map[string]*stock.Service{"running": r.Stock, "started": stock.New(r.DB, program(t, r))} {
			if err := r.DB.InTenant(t.Context(), r.Tenant, func(ctx context.Context, tx db.TenantTx) error {
				keys, err := s.Reveal(ctx, tx, sold.ID)
				if err == nil && (len(keys) != 2 || keys[0].Key.Reveal() == "") {
					t.Errorf("%s: %d keys", name, len(keys))
				}
				return err
			}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if i%3 == 0 {
			r.Refunded(r.Refund(sold).ID)
		}
	}
	stop()
	wg.Wait()
	for i := range accepted {
		if n := accepted[i].Load(); n > 1 {
			t.Errorf("card key %d is in stock %d times", i, n)
		}
	}
	exchanged(t, r)
	for _, c := range [][]string{{"KEY-0000"}, {"MORE-0000"}} {
		if n, had := imports(t, r, r.Stock, c...); n != 0 || had != 1 {
			t.Errorf("%s after it all: %d taken, %d in stock before", c, n, had)
		}
	}
	if n := r.Count("tenant_data_keys", "true"); n != 1 {
		t.Errorf("%d data keys are left", n)
	}
}

// TestDuplicateIsFoundAtEveryStep: a card key in stock is found before the exchange, after its beginning, in the
// middle, and after its end; by a program that knows of the exchange, and by one that does not.
func TestDuplicateIsFoundAtEveryStep(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	old := stock.New(r.DB, program(t, r))
	if n, _ := imports(t, r, old, "FIRST"); n != 1 {
		t.Fatal("not imported")
	}
	known := []string{"FIRST"}
	look := func(at string) {
		t.Helper()
		for name, s := range map[string]*stock.Service{"running": old, "started": stock.New(r.DB, program(t, r))} {
			if n, had := imports(t, r, s, known...); n != 0 || had != len(known) {
				t.Errorf("%s, %s: %d of %q taken again", at, name, n, known)
			}
		}
		if n, _ := imports(t, r, old, at); n != 1 { // and nothing is taken for one that is not
			t.Errorf("%s: a new key was not taken", at)
		}
		known = append(known, at)
	}
	look("before")
	v := program(t, r)
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if _, _, err := v.Begin(ctx, tx); err != nil {
			t.Fatal(err)
		}
	})
	look("begun")
	looked := false
	_, _, err := access.New(r.DB, program(t, r), r.Clock).ExchangeDataKey(t.Context(), r.Tenant,
		func(vault.Column, int) {
			if !looked {
				looked = true
				look("in the middle")
			}
		})
	if err != nil || !looked {
		t.Fatal(err, looked)
	}
	look("ended")
}

// TestNothingIsSoldOutByAnExchange: card keys that are being sealed anew are locked, and an order passes over locked
// ones; it waits for these.
func TestNothingIsSoldOutByAnExchange(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.In(func(ctx context.Context, tx db.TenantTx) {
		if _, _, err := program(t, r).Begin(ctx, tx); err != nil {
			t.Fatal(err)
		}
	})
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, r.DB))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	page, err := conn.Begin(t.Context()) // as a page of the walk does
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		"UPDATE tenant_data_keys SET walked_at = now() WHERE former_since IS NOT NULL",
		"SELECT FROM card_keys FOR NO KEY UPDATE",
	} {
		if _, err := page.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	type made struct {
		orders.Order
		err error
	}
	out := make(chan made, 1)
	go func() {
		o, _, err := r.Orders.Checkout(t.Context(), r.Actor, r.Input(1))
		out <- made{o, err}
	}()
	patient, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for waiting := 0; waiting == 0; {
		if err := page.QueryRow(patient, "SELECT count(*) FROM pg_stat_activity "+
			"WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		select {
		case o := <-out:
			t.Fatalf("it did not wait: %v", o.err)
		default:
		}
	}
	if err := page.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o := <-out; o.err != nil || r.Count("card_keys", "order_id = $1 AND status = 'reserved'", o.ID) != 1 {
		t.Errorf("an order while its card key is sealed anew: %v", o.err)
	}
}
