package orders_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/internal/secret"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/stock"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

// TestRewrapUnderLoad: while the platform's data key is wrapped anew over and over, by the old master key and the new
// one, orders, imports and reveals go on: in a program that has run since before, and in ones that have just started.
func TestRewrapUnderLoad(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	r.Paid(r.Order(1)) // has read the data key: it cannot be unwrapped by the running program's keyset later
	added, err := secret.AddMaster(r.Keyset)
	if err != nil {
		t.Fatal(err)
	}
	promoted, err := secret.PromoteMaster(added)
	if err != nil {
		t.Fatal(err)
	}
	started := func(text secret.String) *vault.Vault {
		m, err := secret.ParseMaster(text)
		if err != nil {
			t.Error(err)
		}
		return vault.New(m)
	}
	done, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	rewrapped := 0
	wg.Go(func() {
		for done.Err() == nil {
			for _, text := range []secret.String{promoted, added} {
				if err := r.DB.InTenant(t.Context(), r.Tenant, func(ctx context.Context, tx db.TenantTx) error {
					changed, err := started(text).Rewrap(ctx, tx)
					if changed {
						rewrapped++
					}
					return err
				}); err != nil {
					t.Error(err)
				}
			}
		}
	})
	wg.Go(func() { // programs that have just started import
		for i := 0; done.Err() == nil; i++ {
			fresh := stock.New(r.DB, started(added))
			imp, _, err := fresh.Import(t.Context(), r.Actor, r.Product.ID,
				[]string{fmt.Sprintf("MORE-%04d", i), "KEY-0000"}, idempotency.Key{})
			if err != nil || imp.Accepted != 1 || imp.Duplicates != 1 {
				t.Errorf("import %d: %+v %v", i, imp, err)
			}
		}
	})
	for range 6 {
		sold := r.Paid(r.Order(2))
		fresh := stock.New(r.DB, started(promoted))
		for name, s := range map[string]*stock.Service{"running": r.Stock, "started": fresh} {
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
	}
	stop()
	wg.Wait()
	if rewrapped < 4 {
		t.Errorf("the key was wrapped anew %d times", rewrapped)
	}
}
