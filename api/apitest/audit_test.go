package apitest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"zhitong/api/apitest"
)

// change is a change in the audit log: field, before, after.
type change struct{ Field, Before, After string }

// changesOf are the changes of the newest entry about a subject.
func changesOf(t testing.TB, w *apitest.World, p *apitest.Tenant, action, subject string) []change {
	t.Helper()
	var log struct {
		Data []struct {
			Action  string
			Subject string `json:"subject_id"`
			Changes []change
		}
	}
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/audit_log?limit=100&action="+action, nil, &log)
	for _, e := range log.Data {
		if e.Action == action && e.Subject == subject {
			return e.Changes
		}
	}
	t.Fatalf("the audit log has no %s of %s", action, subject)
	return nil
}

// TestAuditTellsChanges: the audit log tells from what to what a thing was changed, and neither secrets nor whole
// personal numbers.
func TestAuditTellsChanges(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	do := func(method, path string, body any) string {
		t.Helper()
		var made struct{ ID, Secret string }
		a := w.Do(t, p.Key(owner), method, p.Fill(path), p.FillBody(t, body))
		if a.Status >= 300 {
			t.Fatalf("%s %s: %d %s", method, path, a.Status, a.Body)
		}
		if len(a.Body) > 0 {
			a.Into(t, &made)
		}
		return made.ID
	}
	has := func(action, subject string, want ...change) {
		t.Helper()
		have := changesOf(t, w, p, action, subject)
		for _, c := range want {
			if !slices.Contains(have, c) {
				t.Errorf("%s tells %+v, want %+v", action, have, c)
			}
		}
		if len(want) == 0 && len(have) > 0 {
			t.Errorf("%s tells %+v, want nothing", action, have)
		}
	}
	item := do("POST", "/v1/products", product("旧"))
	has("createProduct", item, change{"name", "", "旧"}, change{"price_fen", "", "100"}, change{"status", "", "active"})
	do("PATCH", "/v1/products/"+item, object{"name": "新", "price_fen": 250, "status": "archived"})
	has("updateProduct", item, change{"name", "旧", "新"}, change{"price_fen", "100", "250"},
		change{"status", "active", "archived"})
	do("PATCH", "/v1/products/"+item, object{"name": "新"})
	has("updateProduct", item)

	merchant := do("POST", "/v1/merchants", object{
		"kind": "supplier", "name": "甲商", "contact": "13800004711",
		"receiver": object{"type": "loginName", "account": "canary-account@example.cn"},
	})
	has("createMerchant", merchant, change{"kind", "", "supplier"}, change{"contact", "", "13…11"},
		change{"receiver", "", "loginName ca…cn"})
	do("PATCH", "/v1/merchants/"+merchant, object{"receiver": nil, "name": "乙商"})
	has("updateMerchant", merchant, change{"receiver", "loginName ca…cn", ""}, change{"name", "甲商", "乙商"})

	rule := do("POST", "/v1/split_rules",
		object{"name": "规则", "parts": []any{object{"receiver": "platform", "rate_bps": 100}}})
	has("createSplitRule", rule, change{"parts", "", "platform rate_bps=100"})
	do("POST", "/v1/split_rules/"+rule+"/versions", object{"parts": []any{
		object{"receiver": "platform", "rate_bps": 150},
		object{"receiver": "merchant", "merchant_id": "{distributor_id}", "fixed_fen": 7},
	}})
	has("publishSplitRuleVersion", rule,
		change{"parts", "platform rate_bps=100", "platform rate_bps=150; " + p.Distributor + " fixed_fen=7"})

	endpoint := do("POST", "/v1/webhook_endpoints", object{"url": "https://hooks.example.com/canary-token"})
	has("createWebhookEndpoint", endpoint, change{"url", "", "https://hooks.example.com"},
		change{"status", "", "enabled"})
	do("PATCH", "/v1/webhook_endpoints/"+endpoint,
		object{"url": "https://hooks.example.com/canary-two", "status": "disabled"})
	has("updateWebhookEndpoint", endpoint, change{"status", "enabled", "disabled"},
		change{"url", "https://hooks.example.com", "https://hooks.example.com (another path)"})
	do("DELETE", "/v1/webhook_endpoints/"+endpoint, nil)
	has("deleteWebhookEndpoint", endpoint, change{"url", "https://hooks.example.com", ""},
		change{"status", "disabled", ""})

	key := do("POST", "/v1/api_keys", object{"name": "shop", "role": "developer"})
	has("createAPIKey", key, change{"name", "", "shop"}, change{"role", "", "developer"})
	do("DELETE", "/v1/api_keys/"+key, nil)
	if have := changesOf(t, w, p, "revokeAPIKey", key); len(have) != 1 || have[0].Field != "revoked_at" ||
		have[0].After == "" {
		t.Errorf("revokeAPIKey tells %+v", have)
	}
	member := do("POST", "/v1/members", object{"email": "canary-mail@example.cn", "role": "finance"})
	has("createMember", member, change{"role", "", "finance"})

	drafted := draft(t, w, p)["application_id"]
	do("PUT", "/v1/applications/"+drafted, object{"name": "杭州示例网络科技有限公司", "contact_mobile": "13800004711"})
	has("updateApplication", drafted, change{"name", "", "杭州…公司"}, change{"contact_mobile", "", "13…11"})
	do("DELETE", "/v1/applications/"+drafted, nil)
	has("deleteApplication", drafted, change{"status", "draft", ""})

	order, _ := w.Order(t, p)
	do("POST", "/v1/orders/"+order+"/close", nil)
	has("closeOrder", order, change{"status", "awaiting_payment", "closed"})
	do("POST", "/v1/orders/"+order+"/close", nil) // changes nothing
	if n := strings.Count(string(w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log?action=closeOrder", nil).Body),
		order); n != 1 {
		t.Errorf("the order is closed %d times", n)
	}

	log := w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log?limit=100", nil)
	for _, never := range []string{"canary", "zt_test_", "whsec_", "13800004711"} {
		if strings.Contains(string(log.Body), never) {
			t.Errorf("the audit log has %q: %s", never, log.Body)
		}
	}
}
