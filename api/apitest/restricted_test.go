package apitest_test

import (
	"net/http"
	"strings"
	"testing"

	"zhitong/api/apitest"
	"zhitong/api/authz"
	"zhitong/api/contract"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// restrictedKey makes a key for the role of the tenant.
func restrictedKey(
	t *testing.T,
	w *apitest.World,
	p *apitest.Tenant,
	role tenants.Role,
	may tenants.Permissions,
) string {
	t.Helper()
	body := object{"name": "restricted", "role": string(role), "permissions": may.Texts()}
	if role.OfMerchant() {
		body["merchant_id"] = p.Supplier
		if role == tenants.RoleDistributor {
			body["merchant_id"] = p.Distributor
		}
	}
	var made struct {
		Secret      string
		Permissions map[string]string
	}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/api_keys", body, &made)
	if len(made.Permissions) != len(vocabulary.Resources()) {
		t.Errorf("the answer shows %v", made.Permissions)
	}
	return made.Secret
}

// every gives each resource the level.
func every(l vocabulary.Level) tenants.Permissions {
	p := tenants.Permissions{}
	for _, r := range vocabulary.Resources() {
		p[r] = l
	}
	return p
}

// TestRestrictedKeys calls every operation with keys of each role and restriction: the key may do what both the role
// and the restriction leave, and is told what it lacks.
func TestRestrictedKeys(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	policy, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	type restricted struct {
		role tenants.Role
		may  tenants.Permissions
		key  string
	}
	var keys []restricted
	add := func(role tenants.Role, may tenants.Permissions) {
		keys = append(keys, restricted{role, may, restrictedKey(t, w, p, role, may)})
	}
	for _, role := range vocabulary.Roles() {
		for _, l := range vocabulary.Levels() {
			add(role, every(l))
		}
	}
	for _, r := range vocabulary.Resources() {
		add(owner, tenants.Permissions{r: vocabulary.LevelRead})
		add(owner, tenants.Permissions{r: vocabulary.LevelWrite})
	}
	nobody := random(p)
	refused, allowed := 0, 0
	for _, op := range w.Contract.Operations() {
		if op.Personal { // for people only
			continue
		}
		if op.Public {
			continue
		}
		for _, k := range keys {
			a := w.Do(t, k.key, op.Method, nobody.Fill(op.Path), nonsense(op))
			code := a.Code()
			switch {
			case !policy.May(k.role, op.ID):
				if code != "forbidden" {
					t.Errorf("%s as %s %s: %d %s, want forbidden", op.ID, k.role, k.may, a.Status, code)
				}
			case !k.may.Allow(op.Resource, op.Level()):
				refused++
				if want := string(op.Resource) + ": " + string(op.Level()); a.Status != http.StatusForbidden ||
					code != "permission_missing" || !strings.Contains(string(a.Body), want) {
					t.Errorf("%s as %s %s: %d %s, want %s to be missing", op.ID, k.role, k.may, a.Status, a.Body,
						want)
				}
			default:
				allowed++
				if a.Status == http.StatusForbidden || a.Status == http.StatusUnauthorized || a.Status >= 500 {
					t.Errorf("%s as %s %s: %d %s", op.ID, k.role, k.may, a.Status, a.Body)
				}
			}
		}
	}
	if refused < 1000 || allowed < 500 {
		t.Errorf("%d were refused and %d allowed", refused, allowed)
	}
}

// nonsense is a body that is not as the contract says, so that nothing happens.
func nonsense(op *contract.Operation) any {
	if op.TakesBody() {
		return `{"nonsense":1}`
	}
	return nil
}

// TestRestrictedKeySeesNoCardKeys: reading orders is not reading their card keys, nor the address that leads to them.
func TestRestrictedKeySeesNoCardKeys(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	path := p.Fill("/v1/orders/{order_id}")
	orders := tenants.Permissions{vocabulary.ResourceOrders: vocabulary.LevelWrite}
	both := tenants.Permissions{vocabulary.ResourceOrders: vocabulary.LevelRead,
		vocabulary.ResourceCardKeys: vocabulary.LevelRead}
	for _, c := range []struct {
		key  string
		want bool
	}{{restrictedKey(t, w, p, owner, orders), false}, {restrictedKey(t, w, p, owner, both), true},
		{p.Key(owner), true}} {
		for _, at := range []string{path, "/v1/orders"} {
			a := w.Do(t, c.key, http.MethodGet, at, nil)
			if a.Status != http.StatusOK || contains(a.Body, "checkout_url") != c.want {
				t.Errorf("%s: %d %s, want the address: %v", at, a.Status, a.Body, c.want)
			}
		}
		if a := w.Do(t, c.key, http.MethodGet, path+"/card_keys", nil); (a.Status == http.StatusOK) != c.want {
			t.Errorf("card keys: %d", a.Status)
		}
	}
	var made struct {
		URL string `json:"checkout_url"`
	}
	w.Must(t, restrictedKey(t, w, p, owner, orders), http.MethodPost, "/v1/orders", w.OrderBody(p, 1), &made, key()...)
	if made.URL == "" {
		t.Error("who makes an order is not given its address")
	}
}

// TestOneOrderAcrossARoll: a repeat of createOrder after the key was rolled, and under another key of the platform, is
// the same order. A restricted key is not given what another was answered.
func TestOneOrderAcrossARoll(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var k, rolled struct{ ID, Secret string }
	w.Must(t, p.Key(owner), "POST", "/v1/api_keys", object{"name": "shop", "role": "storefront"}, &k)
	body, header := w.OrderBody(p, 1), key()
	order := func(secret string) (id, replayed string) {
		a := w.Do(t, secret, "POST", "/v1/orders", body, header...)
		var o struct{ ID string }
		a.Into(t, &o)
		if a.Status != http.StatusCreated {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		return o.ID, a.Header.Get("Idempotency-Replayed")
	}
	first, _ := order(k.Secret)
	w.Must(t, p.Key(owner), "POST", "/v1/api_keys/"+k.ID+"/roll", object{"overlap_seconds": 0}, &rolled)
	if a := w.Do(t, k.Secret, "GET", "/v1/orders", nil); a.Status != http.StatusUnauthorized {
		t.Errorf("the secret before works: %d", a.Status)
	}
	for name, secret := range map[string]string{"rolled": rolled.Secret, "another": p.Key(tenants.RoleStorefront)} {
		if again, replayed := order(secret); again != first || replayed != "true" {
			t.Errorf("%s: another order %s, replayed %q", name, again, replayed)
		}
	}
	narrow := restrictedKey(t, w, p, tenants.RoleStorefront, every(vocabulary.LevelWrite))
	if a := w.Do(t, narrow, "POST", "/v1/orders", body, header...); a.Code() != "idempotency_key_reused" {
		t.Errorf("a restricted key: %d %s", a.Status, a.Body)
	}
}
