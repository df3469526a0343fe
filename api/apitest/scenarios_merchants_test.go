package apitest_test

import (
	"strings"
	"testing"

	"zhitong/api/apitest"
)

func merchantsScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "list suppliers",
			As:     support,
			Method: "GET",
			Path:   "/v1/merchants?kind=supplier&status=active",
			Status: 200,
			Has:    []string{"{supplier_id}"},
			Lacks:  []string{"{distributor_id}"},
		},
		{
			Name:   "create a merchant",
			As:     developer,
			Method: "POST",
			Path:   "/v1/merchants",
			Body:   object{"kind": "supplier", "name": "供货商", "contact": "13800000000"},
			Status: 201,
			Has:    []string{`"status":"pending"`},
			After: again(
				"/v1/merchants",
				object{"kind": "supplier", "name": "a"},
				object{"kind": "supplier", "name": "b"},
			),
		},
		{
			Name:   "create a merchant of another kind",
			As:     owner,
			Method: "POST",
			Path:   "/v1/merchants",
			Body:   object{"kind": "bank", "name": "x"},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/kind enum",
		},
		{
			Name:   "read a merchant",
			As:     riskRole,
			Method: "GET",
			Path:   "/v1/merchants/{supplier_id}",
			Status: 200,
			Has:    []string{`"smid":"2088`, `"receiver":{`},
		},
		{
			Name:    "change a merchant",
			As:      owner,
			Method:  "PATCH",
			Path:    "/v1/merchants/{merchant_id}",
			Prepare: newMerchant,
			Body:    object{"name": "新名"},
			Status:  200,
			Has:     []string{"新名"},
		},
		{
			Name:    "suspend a merchant",
			As:      riskRole,
			Method:  "POST",
			Path:    "/v1/merchants/{merchant_id}/suspend",
			Prepare: newMerchant,
			Status:  200,
			Has:     []string{`"status":"suspended"`},
			After:   suspendedAndBack,
		},
		{
			Name:    "reactivate a merchant that Alipay has not approved",
			As:      riskRole,
			Method:  "POST",
			Path:    "/v1/merchants/{merchant_id}/reactivate",
			Prepare: newMerchant,
			Status:  200,
			Has:     []string{`"status":"pending"`},
		},
		{
			Name:   "suspend a merchant as developer",
			As:     developer,
			Method: "POST",
			Path:   "/v1/merchants/{supplier_id}/suspend",
			Status: 403,
			Code:   "forbidden",
		},
		{
			Name:   "change nothing",
			As:     owner,
			Method: "PATCH",
			Path:   "/v1/merchants/{merchant_id}",
			Body:   object{},
			Status: 400,
			Code:   "invalid_request",
			Field:  " min_properties",
		},
	}
}

// suspendedAndBack suspends an approved merchant of a platform of its own: it cannot be ordered from until it is back,
// what was ordered before is delivered, and the audit log tells.
func suspendedAndBack(t testing.TB, w *apitest.World, _ *apitest.Tenant, _ apitest.Answer) {
	p := w.NewTenant(t, "丙")
	before, number := w.Order(t, p)
	path := "/v1/merchants/" + p.Supplier
	for range 2 {
		var m struct{ Status string }
		w.Must(t, p.Key(owner), "POST", path+"/suspend", nil, &m)
		if m.Status != "suspended" {
			t.Errorf("the merchant is %s", m.Status)
		}
	}
	refused := w.Do(t, p.Key(owner), "POST", "/v1/orders", w.OrderBody(p, 1), key()...)
	if refused.Code() != "merchant_not_active" {
		t.Errorf("an order of a suspended merchant: %d %s", refused.Status, refused.Body)
	}
	w.Desk(t, "POST", "/trades/"+number+"/pay", object{}, nil)
	w.Await(t, p, before, "delivered")
	var m struct{ Status string }
	w.Must(t, p.Key(owner), "POST", path+"/reactivate", nil, &m)
	if m.Status != "active" {
		t.Errorf("the merchant is %s", m.Status)
	}
	w.Must(t, p.Key(owner), "POST", "/v1/orders", w.OrderBody(p, 1), nil, key()...)
	log := string(w.Do(t, p.Key(owner), "GET", "/v1/audit_log?limit=100", nil).Body)
	if strings.Count(log, `"action":"suspendMerchant"`) != 1 ||
		!strings.Contains(log, `"action":"reactivateMerchant"`) {
		t.Errorf("the audit log: %s", log)
	}
}
