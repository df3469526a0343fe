package idempotency_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
)

func TestClaim(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	a := tenants.Actor{Tenant: tx.Tenant(), APIKey: id.New[id.APIKey]()}
	k := idempotency.Key{Value: "k", Request: [32]byte{1}}
	first, second := id.New[id.Order](), id.New[id.Order]()

	got, replay, err := k.Claim(t.Context(), tx, a, "createOrder", first)
	if err != nil || replay || got != uuid.UUID(first) {
		t.Fatalf("first: %v, %v, %v", got, replay, err)
	}
	got, replay, err = k.Claim(t.Context(), tx, a, "createOrder", second)
	if err != nil || !replay || got != uuid.UUID(first) {
		t.Errorf("again: %v, %v, %v", got, replay, err)
	}
	other := k
	other.Request[0] = 2
	if _, _, err := other.Claim(t.Context(), tx, a, "createOrder", second); fault.CodeOf(
		err,
	) != idempotency.CodeKeyReused {
		t.Errorf("another body: %v", err)
	}
	if _, _, err := k.Claim(t.Context(), tx, a, "createRefund", second); fault.CodeOf(
		err,
	) != idempotency.CodeKeyReused {
		t.Errorf("another operation: %v", err)
	}
	b := a
	b.APIKey = id.New[id.APIKey]()
	if _, replay, err := k.Claim(t.Context(), tx, b, "createOrder", second); err != nil || replay {
		t.Errorf("another caller's key of the same name: %v, %v", replay, err)
	}
	none := idempotency.Key{}
	for range 2 {
		if got, replay, err := none.Claim(t.Context(), tx, a, "createOrder", second); err != nil || replay ||
			got != uuid.UUID(second) {
			t.Errorf("without a key: %v, %v, %v", got, replay, err)
		}
	}
}

// 32 requests with one key at once: one makes the thing, all others are told of it, and a failed winner leaves the key
// free.
func TestClaimRace(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	a := tenants.Actor{Tenant: dbtest.NewTenant(t, d), APIKey: id.New[id.APIKey]()}
	k := idempotency.Key{Value: "k"}
	if err := a.In(t.Context(), d, func(ctx context.Context, tx db.TenantTx) error {
		if _, _, err := k.Claim(ctx, tx, a, "op", uuid.New()); err != nil {
			return err
		}
		return context.Canceled // the use case failed
	}); err != context.Canceled {
		t.Fatal(err)
	}
	const n = 32
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen, made := map[uuid.UUID]int{}, 0
	for range n {
		wg.Go(func() {
			err := a.In(t.Context(), d, func(ctx context.Context, tx db.TenantTx) error {
				got, replay, err := k.Claim(ctx, tx, a, "op", uuid.New())
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				seen[got]++
				if !replay {
					made++
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(seen) != 1 || made != 1 {
		t.Errorf("%d things, made %d times", len(seen), made)
	}
}

func TestClaimNewAndFind(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	a := tenants.Actor{Tenant: dbtest.NewTenant(t, d), APIKey: id.New[id.APIKey]()}
	k := idempotency.Key{Value: "k", Request: [32]byte{1}}
	thing := id.New[id.Order]()
	claim := func(what id.Order) error {
		return a.In(t.Context(), d,
			func(ctx context.Context, tx db.TenantTx) error { return k.ClaimNew(ctx, tx, a, "createOrder", what) })
	}
	if err := claim(thing); err != nil {
		t.Fatal(err)
	}
	if err := claim(id.New[id.Order]()); !db.Violates(err, idempotency.Constraint) {
		t.Errorf("a known key: %v", err)
	}
	find := func(k idempotency.Key, operation string) (got uuid.UUID, err error) {
		err = a.In(t.Context(), d, func(ctx context.Context, tx db.TenantTx) error {
			got, err = k.Find(ctx, tx, a, operation)
			return err
		})
		return got, err
	}
	if got, err := find(k, "createOrder"); err != nil || got != uuid.UUID(thing) {
		t.Errorf("found %v, %v", got, err)
	}
	if _, err := find(k, "createRefund"); fault.CodeOf(err) != idempotency.CodeKeyReused {
		t.Errorf("another operation: %v", err)
	}
	if _, err := find(idempotency.Key{Value: "k"}, "createOrder"); fault.CodeOf(err) != idempotency.CodeKeyReused {
		t.Errorf("another body: %v", err)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	a := tenants.Actor{Tenant: tx.Tenant(), APIKey: id.New[id.APIKey]()}
	if _, _, err := (idempotency.Key{Value: "old"}).Claim(t.Context(), tx, a, "op", uuid.New()); err != nil {
		t.Fatal(err)
	}
	if n, err := idempotency.Forget(t.Context(), tx, idempotency.Kept); err != nil || n != 0 {
		t.Errorf("forgot %d young keys, %v", n, err)
	}
	if n, err := idempotency.Forget(t.Context(), tx, -time.Hour); err != nil || n != 1 {
		t.Errorf("forgot %d old keys, %v", n, err)
	}
}
