package idempotency_test

import (
	"bytes"
	"context"
	"crypto/sha256"
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
	"zhitong/tenants/tenantstest"
)

func TestClaim(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	a := tenants.Actor{Tenant: tx.Tenant(), Caller: tenants.ByKey(id.New[id.APIKey]()), Role: tenants.RoleOwner}
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
	for name, b := range map[string]tenants.Actor{
		"another API key": {Tenant: a.Tenant, Caller: tenants.ByKey(id.New[id.APIKey]()), Role: a.Role},
		"a person's hands": {Tenant: a.Tenant, Caller: tenants.BySession(id.New[id.Session](), id.New[id.Member]()),
			Role: a.Role},
	} {
		got, replay, err := k.Claim(t.Context(), tx, b, "createOrder", second)
		if err != nil || !replay || got != uuid.UUID(first) {
			t.Errorf("the tenant's key in %s: %v, %v, %v", name, got, replay, err)
		}
	}
	for name, b := range map[string]tenants.Actor{
		"another role":     {Tenant: a.Tenant, Caller: a.Caller, Role: tenants.RoleSupport},
		"another merchant": {Tenant: a.Tenant, Caller: a.Caller, Role: a.Role, Merchant: id.New[id.Merchant]()},
	} {
		if _, _, err := k.Claim(t.Context(), tx, b, "createOrder",
			second); fault.CodeOf(err) != idempotency.CodeKeyReused {
			t.Errorf("%s: %v", name, err)
		}
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
	a := tenants.Actor{Tenant: dbtest.NewTenant(t, d), Caller: tenants.ByKey(id.New[id.APIKey]())}
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
	a := tenants.Actor{Tenant: dbtest.NewTenant(t, d), Caller: tenants.ByKey(id.New[id.APIKey]())}
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

// TestCallers: a claim says who sent it first, a program or a person.
func TestCallers(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	key, session, member := id.New[id.APIKey](), id.New[id.Session](), id.New[id.Member]()
	for want, c := range map[string]tenants.Caller{
		"api_key " + key.UUID().String():     tenants.ByKey(key),
		"session " + session.UUID().String(): tenants.BySession(session, member),
	} {
		a := tenants.Actor{Tenant: tx.Tenant(), Caller: c, Role: tenants.RoleOwner}
		k := idempotency.Key{Value: c.String()}
		if _, _, err := k.Claim(t.Context(), tx, a, "createProduct", uuid.New()); err != nil {
			t.Fatal(err)
		}
		var have string
		err := tx.QueryRow(t.Context(),
			"SELECT caller_kind || ' ' || caller_id FROM idempotency_keys WHERE key = $1", k.Value).
			Scan(&have)
		if err != nil || have != want {
			t.Errorf("%s: %q, %v", want, have, err)
		}
	}
}

// TestKeep: what is kept is there for the same request with the same rights, and unreadable in the table.
func TestKeep(t *testing.T) {
	t.Parallel()
	tx, v := dbtest.TestTx(t), tenantstest.Vault(t)
	a := tenants.Actor{Tenant: tx.Tenant(), Caller: tenants.ByKey(id.New[id.APIKey]()), Role: tenants.RoleOwner}
	k, thing := idempotency.Key{Value: "k"}, uuid.New()
	if _, _, err := k.Claim(t.Context(), tx, a, "createAPIKey", thing); err != nil {
		t.Fatal(err)
	}
	if err := k.Keep(t.Context(), tx, v, thing, []byte("canary-4471")); err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Kept(t.Context(), tx, v, a, "createAPIKey"); err != nil || string(plain) != "canary-4471" {
		t.Errorf("kept %q, %v", plain, err)
	}
	a.Role = tenants.RoleDeveloper
	if plain, err := k.Kept(t.Context(), tx, v, a, "createAPIKey"); fault.CodeOf(err) != idempotency.CodeKeyReused {
		t.Errorf("a weaker role reads %q, %v", plain, err)
	}
	var sealed []byte
	if err := tx.QueryRow(t.Context(), "SELECT sealed_answer FROM idempotency_keys").Scan(&sealed); err != nil ||
		len(sealed) == 0 || bytes.Contains(sealed, []byte("canary")) {
		t.Errorf("stored %q, %v", sealed, err)
	}
	if err := k.Keep(t.Context(), tx, v, uuid.New(), []byte("x")); err == nil {
		t.Error("what another request has claimed is answered")
	}
	if err := (idempotency.Key{}).Keep(t.Context(), tx, v, thing, []byte("x")); err != nil {
		t.Errorf("without a key: %v", err)
	}
}

// TestForget: what moves money is kept for longer.
func TestForget(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	a := tenants.Actor{Tenant: tx.Tenant(), Caller: tenants.ByKey(id.New[id.APIKey]())}
	for _, operation := range append(idempotency.MoneyOperations(), "createProduct") {
		if _, _, err := (idempotency.Key{Value: operation}).Claim(t.Context(), tx, a, operation,
			uuid.New()); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		kept, money time.Duration
		want        int64
	}{
		{idempotency.Kept, idempotency.KeptMoney, 0},
		{-time.Hour, idempotency.KeptMoney, 1},
		{-time.Hour, -time.Hour, int64(len(idempotency.MoneyOperations()))},
	} {
		if n, err := idempotency.Forget(t.Context(), tx, c.kept, c.money); err != nil || n != c.want {
			t.Errorf("kept for %s and %s: forgot %d, %v; want %d", c.kept, c.money, n, err, c.want)
		}
	}
}

// TestKeyed: what is stored of a request is none of the hashes that the database alone tells how to compute, and is
// another one in another tenant. What a program of before stored of the same request is known still.
func TestKeyed(t *testing.T) {
	t.Parallel()
	d, v := dbtest.NewDB(t), tenantstest.Vault(t)
	a := tenants.Actor{Tenant: dbtest.NewTenant(t, d), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	asked := idempotency.Key{Value: "k", Request: [32]byte{1}}
	other := idempotency.Key{Value: "k", Request: [32]byte{2}}
	keyed := func(k idempotency.Key, tenant id.Tenant) idempotency.Key {
		out, err := idempotency.Keyed(t.Context(), v, d, tenant, k)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if keyed(asked, a.Tenant).Request == keyed(asked, dbtest.NewTenant(t, d)).Request {
		t.Error("two tenants store the same of a request")
	}
	for name, stored := range map[string]idempotency.Key{"now": keyed(asked, a.Tenant), "before": asked} {
		stored.Value = name
		in(t, d, a.Tenant, func(ctx context.Context, tx db.TenantTx) {
			if _, _, err := stored.Claim(ctx, tx, a, "createOrder", id.New[id.Order]()); err != nil {
				t.Fatal(err)
			}
			var unkeyed bool
			guess := sha256.Sum256(append(append(asked.Request[:], a.Merchant[:]...), a.Role...))
			if err := tx.QueryRow(ctx, "SELECT request_hash = $1 FROM idempotency_keys WHERE key = $2", guess[:],
				name).Scan(&unkeyed); err != nil || unkeyed != (name == "before") {
				t.Errorf("%s: computed from the request alone: %v %v", name, unkeyed, err)
			}
			for _, row := range []struct {
				k      idempotency.Key
				replay bool
			}{{asked, true}, {other, false}} {
				k := keyed(row.k, a.Tenant)
				k.Value = name
				_, replay, err := k.Claim(ctx, tx, a, "createOrder", id.New[id.Order]())
				if !replay || (err == nil) != row.replay {
					t.Errorf("%s, the same request %v: %v %v", name, row.replay, replay, err)
				}
			}
		})
	}
}

func in(t *testing.T, d *db.DB, tenant id.Tenant, fn func(ctx context.Context, tx db.TenantTx)) {
	t.Helper()
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		fn(ctx, tx)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
