package apitest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zhitong/api/apitest"
	"zhitong/api/authz"
	"zhitong/api/contract"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// bodies has a body of each operation that takes one, right in every respect but the identifiers. An operation without
// an entry fails the walks.
func bodies() map[string]any {
	form := map[string]any{"name": "杭州示例网络科技有限公司"}
	parts := []any{map[string]any{"receiver": "platform", "rate_bps": 100}}
	return map[string]any{
		// not by identifier, and they change the tenant: scenarios have them
		"createTenant": nil, "putAlipayConnection": nil,
		"updateTenant":            map[string]any{"name": "x"},
		"createMember":            map[string]any{"email": "x@example.cn", "role": "support"},
		"updateMember":            map[string]any{"name": "x"},
		"createAPIKey":            map[string]any{"name": "x", "role": "support"},
		"createMerchant":          map[string]any{"kind": "supplier", "name": "x"},
		"updateMerchant":          map[string]any{"contact": "x"},
		"createApplication":       form,
		"updateApplication":       form,
		"putApplicationImage":     nil,
		"putShopLogo":             nil,
		"putShop":                 map[string]any{"name": "x"},
		"createFile":              nil,
		"createExport":            map[string]any{"list": "orders"},
		"createSplitRule":         map[string]any{"name": "x", "parts": parts},
		"simulateSplitRule":       map[string]any{"parts": parts, "amounts_fen": []int{100}},
		"publishSplitRuleVersion": map[string]any{"parts": parts},
		"createProduct": map[string]any{
			"name":                  "x",
			"price_fen":             1,
			"supplier_id":           "{supplier_id}",
			"merchant_of_record_id": "{supplier_id}",
			"split_rule_id":         "{split_rule_id}",
		},
		"updateProduct":       map[string]any{"name": "x"},
		"createCardKeyImport": map[string]any{"file_id": "{file_id}"},
		"importCardKeys":      map[string]any{"card_keys": []string{"x"}},
		"createOrder": map[string]any{
			"items": []any{map[string]any{"product_id": "{product_id}", "quantity": 1}},
		},
		"voidCardKey":           map[string]any{"reason": "x"},
		"voidCardKeyImport":     map[string]any{"reason": "x"},
		"createRefund":          map[string]any{},
		"createWebhookEndpoint": map[string]any{"url": "https://hooks.example.com/x"},
		"createNoticeRoute": map[string]any{"name": "x", "channel": "wecom", "event_types": []string{"order.*"},
			"address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a"},
		"updateNoticeRoute":     map[string]any{"name": "x"},
		"putNoticeTemplate":     map[string]any{"title": "x", "text": "x"},
		"previewNoticeTemplate": map[string]any{"title": "x", "text": "x"},
		"rotateWebhookSecret":   map[string]any{},
		"rollAPIKey":            map[string]any{},
		"updateWebhookEndpoint": map[string]any{"status": "disabled"},
		"createInvitation":      map[string]any{"email": "x@example.cn", "role": "support"},
		"eraseContact":          map[string]any{"merchant_id": "{merchant_id}"},
		"closeCase":             map[string]any{"note": "x"},
		"assignCase":            map[string]any{"member_id": "{member_id}"},
		"addCaseNote":           map[string]any{"text": "x"},
		"createApproval": map[string]any{"kind": "receiver_change", "receiver_change": map[string]any{
			"merchant_id": "{supplier_id}",
			"receiver":    map[string]any{"type": "userId", "account": "2088000000000778"},
		}},
		"paySandboxOrder":          map[string]any{},
		"failSandboxPayment":       map[string]any{},
		"sendSandboxComplaint":     map[string]any{},
		"decideSandboxApplication": map[string]any{"step": "risk", "outcome": "passed"},
		"setNextSandboxRefund":     map[string]any{"outcome": "succeeds"},
		"moveSandboxClock":         map[string]any{"advance_seconds": 1},
		"refuseApproval":           map[string]any{"reason": "x"},
		"decideOrderReview":        map[string]any{"decision": "refund", "note": "x"},
	}
}

// send calls an operation with the identifiers of ids and the key of as.
func send(t *testing.T, w *apitest.World, op *contract.Operation, key string, ids *apitest.Tenant) apitest.Answer {
	t.Helper()
	var body any
	header := []string{"Idempotency-Key", apitest.Unique()}
	if op.TakesBody() {
		b, ok := bodies()[op.ID]
		if !ok {
			t.Fatalf("%s has no body in bodies()", op.ID)
		}
		body = ids.FillBody(t, b)
		if op.ID == "createFile" {
			return w.Do(t, key, op.Method, op.Path+"?name=x", "x", append(header, "Content-Type", octets)...)
		}
		if op.ID == "putApplicationImage" || op.ID == "putShopLogo" {
			body, header = picture(), append(header, "Content-Type", "image/png")
		}
	}
	return w.Do(t, key, op.Method, ids.Fill(op.Path), body, header...)
}

// random is a tenant's identifiers that nobody has.
func random(p *apitest.Tenant) *apitest.Tenant {
	ids := map[string]string{}
	for name := range p.IDs {
		if k, _, err := id.Name(p.IDs[name]); err == nil {
			ids[name] = k.Text(uuid.Must(uuid.NewV7()))
		}
	}
	ids["purpose"], ids["event_type"], ids["language"] = "cert_image", p.IDs["event_type"], p.IDs["language"]
	c := p.With(ids)
	c.Supplier, c.Distributor = id.New[id.Merchant]().String(), id.New[id.Merchant]().String()
	return c
}

// comparable is a problem without its instance.
func comparable(a apitest.Answer) string {
	body := string(a.Body)
	if i := strings.Index(body, `"instance":"urn:zhitong:request:`); i >= 0 {
		body = body[:i] + body[i+len(`"instance":"urn:zhitong:request:`)+len("req_")+26:]
	}
	return body
}

// TestWalls calls every operation that names something with another tenant's identifiers: the answer is that of a thing
// that does not exist, to the letter.
func TestWalls(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	a, b := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	for _, op := range w.Contract.Operations() {
		if op.Personal { // for people only
			continue
		}
		names := op.ID == "createProduct" || op.ID == "createOrder" ||
			slices.ContainsFunc(op.PathParameters, func(name string) bool { // a type or a language names nothing
				return !slices.Contains([]string{"event_type", "language"}, name)
			})
		if !names {
			continue
		}
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			for _, name := range op.PathParameters {
				if a.IDs[name] == "" {
					t.Fatalf("the tenant has no %s: give it one in furnish", name)
				}
			}
			foreign, missing := send(
				t,
				w,
				op,
				a.Key(tenants.RoleOwner),
				b,
			), send(
				t,
				w,
				op,
				a.Key(tenants.RoleOwner),
				random(b),
			)
			if foreign.Status != http.StatusNotFound {
				t.Errorf("another tenant's: %d %s", foreign.Status, foreign.Body)
			}
			if comparable(foreign) != comparable(missing) {
				t.Errorf("another tenant's differs from a missing one:\n%s%s", foreign.Body, missing.Body)
			}
		})
	}
}

// TestRoles calls every operation with each role's key and with none: the policy decides, and nothing but the policy.
func TestRoles(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	policy, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	nobody := random(p)
	for _, op := range w.Contract.Operations() {
		if op.Public {
			continue
		}
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			if a := w.Do(t, "", op.Method, nobody.Fill(op.Path), nil); a.Status != http.StatusUnauthorized ||
				a.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("without a key: %d", a.Status)
			}
			for _, role := range vocabulary.Roles() {
				// a body that is not as the contract says: who may call gets 400 or what the identifiers give, and
				// nothing happens
				var body any
				if op.TakesBody() {
					body = `{"nonsense":1}`
				}
				a := w.Do(t, p.Key(role), op.Method, nobody.Fill(op.Path), body)
				if may := policy.May(role, op.ID); may == (a.Status == http.StatusForbidden) ||
					a.Status == http.StatusUnauthorized ||
					a.Status >= 500 {
					t.Errorf("%s: may %v, answered %d %s", role, may, a.Status, a.Body)
				}
			}
		})
	}
}

// TestMerchantSeesItsOwn narrows a merchant's key to the merchant's rows.
func TestMerchantSeesItsOwn(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var list struct{ Data []struct{ ID string } }
	for _, row := range []struct {
		as   tenants.Role
		path string
		want int
	}{
		{tenants.RoleOwner, "/v1/orders", 2}, {tenants.RoleSupplier, "/v1/orders", 2},
		{tenants.RoleDistributor, "/v1/orders", 0},
		{tenants.RoleSupplier, "/v1/products", 1}, {tenants.RoleDistributor, "/v1/products", 0},
	} {
		w.Must(t, p.Key(row.as), http.MethodGet, row.path, nil, &list)
		if len(list.Data) != row.want {
			t.Errorf("%s sees %d of %s, want %d", row.as, len(list.Data), row.path, row.want)
		}
	}
	for path, want := range map[string]int{"/v1/merchants/" + p.Distributor: 200, "/v1/merchants/" + p.Supplier: 404,
		"/v1/orders/{order_id}": 404, "/v1/products/{product_id}": 404} {
		if a := w.Do(t, p.Key(tenants.RoleDistributor), http.MethodGet, p.Fill(path), nil); a.Status != want {
			t.Errorf("distributor reads %s: %d, want %d", path, a.Status, want)
		}
	}
}
