package apitest_test

import (
	"strings"
	"testing"

	"zhitong/api/apitest"
)

func catalogScenarios() []apitest.Scenario {
	rate := func(bps int) []any { return []any{object{"receiver": "platform", "rate_bps": bps}} }
	return []apitest.Scenario{
		{
			Name:   "simulate a split rule",
			As:     finance,
			Method: "POST",
			Path:   "/v1/split_simulations",
			Body: object{"amounts_fen": []int{1, 999, 10000}, "parts": []any{
				object{"receiver": "platform", "rate_bps": 500},
				object{"receiver": "merchant", "merchant_id": "{distributor_id}", "rate_bps": 200}}},
			Status: 200,
			Has: []string{`"rates_bps":700`, `"max_split_bps":`,
				`{"above_cap":false,"amount_fen":1,"kept_fen":1,"parts_fen":[0,0]}`,
				`{"above_cap":false,"amount_fen":999,"kept_fen":930,"parts_fen":[49,20]}`,
				`{"above_cap":false,"amount_fen":10000,"kept_fen":9300,"parts_fen":[500,200]}`},
		},
		{
			Name:   "simulate a split rule that is more than there is",
			As:     owner,
			Method: "POST",
			Path:   "/v1/split_simulations",
			Body: object{"amounts_fen": []int{100, 100000}, "parts": []any{
				object{"receiver": "platform", "fixed_fen": 101}}},
			Status: 200,
			Has: []string{`{"above_cap":true,"amount_fen":100,"kept_fen":0,"parts_fen":[]}`,
				`{"above_cap":false,"amount_fen":100000,"kept_fen":99899,"parts_fen":[101]}`},
		},
		{
			Name:   "simulate a split rule with a merchant that is not there",
			As:     owner,
			Method: "POST",
			Path:   "/v1/split_simulations",
			Body: object{"amounts_fen": []int{100}, "parts": []any{
				object{"receiver": "merchant", "merchant_id": "mer_01jftt0q77fk29tara3d13bf43", "rate_bps": 100}}},
			Status: 404,
			Code:   "merchant_not_found",
		},
		{
			Name:   "list rules",
			As:     finance,
			Method: "GET",
			Path:   "/v1/split_rules",
			Status: 200,
			Has:    []string{"{split_rule_id}"},
		},
		{
			Name:   "publish a rule",
			As:     owner,
			Method: "POST",
			Path:   "/v1/split_rules",
			Body:   object{"name": "3 %", "parts": rate(300)},
			Status: 201,
			Has:    []string{`"version":1`, `"rate_bps":300`},
			After: again(
				"/v1/split_rules",
				object{"name": "a rule", "parts": rate(100)},
				object{"name": "a rule", "parts": rate(200)},
			),
		},
		{
			Name:   "publish above the cap",
			As:     owner,
			Method: "POST",
			Path:   "/v1/split_rules",
			Body:   object{"name": "too much", "parts": rate(9000)},
			Status: 422,
			Code:   "split_rule_above_cap",
			Has:    []string{"30"},
		},
		{
			Name:   "publish the name again",
			As:     owner,
			Method: "POST",
			Path:   "/v1/split_rules",
			Body:   object{"name": "5 %", "parts": rate(300)},
			Status: 409,
			Code:   "split_rule_name_taken",
		},
		{
			Name:    "a part for a merchant without a receiver",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/split_rules",
			Prepare: newMerchant,
			Body: object{
				"name":  "y",
				"parts": []any{object{"receiver": "merchant", "merchant_id": "{merchant_id}", "rate_bps": 100}},
			},
			Status: 422,
			Code:   "receiver_missing",
		},
		{
			Name:   "a negative rate",
			As:     owner,
			Method: "POST",
			Path:   "/v1/split_rules",
			Body:   object{"name": "x", "parts": rate(-1)},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/parts/0/rate_bps minimum",
		},
		{
			Name:   "read a rule",
			As:     developer,
			Method: "GET",
			Path:   "/v1/split_rules/{split_rule_id}",
			Status: 200,
			Has:    []string{`"rate_bps":500`},
		},
		{
			Name:    "publish a version",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/split_rules/{split_rule_id}/versions",
			Prepare: newRule,
			Body:    object{"parts": rate(600)},
			Status:  201,
			Has:     []string{`"version":2`},
		},
		{
			Name:    "archive a rule",
			As:      admin,
			Method:  "POST",
			Path:    "/v1/split_rules/{split_rule_id}/archive",
			Prepare: newRule,
			Status:  200,
			Has:     []string{`"status":"archived"`},
			After:   ruleArchived,
		},
		{
			Name:    "use a rule again that is in use",
			As:      admin,
			Method:  "POST",
			Path:    "/v1/split_rules/{split_rule_id}/unarchive",
			Prepare: newRule,
			Status:  200,
			Has:     []string{`"status":"active"`},
		},
		{
			Name:   "archive a rule of products for sale",
			As:     owner,
			Method: "POST",
			Path:   "/v1/split_rules/{split_rule_id}/archive",
			Status: 409,
			Code:   "split_rule_in_use",
			Has:    []string{`{product_id} (星河点券 100 元)`},
		},
		{
			Name:    "archive a rule as finance",
			As:      finance,
			Method:  "POST",
			Path:    "/v1/split_rules/{split_rule_id}/archive",
			Prepare: newRule,
			Status:  403,
			Code:    "forbidden",
		},
		{
			Name:    "list the rules that are not archived",
			As:      finance,
			Method:  "GET",
			Path:    "/v1/split_rules?status=active&limit=100",
			Prepare: archivedRule,
			Status:  200,
			Lacks:   []string{`{split_rule_id}`, `"archived"`},
		},
		{
			Name:   "list products",
			As:     support,
			Method: "GET",
			Path:   "/v1/products?status=active&limit=100",
			Status: 200,
			Has:    []string{"{product_id}"},
		},
		{
			Name:   "offer a product",
			As:     admin,
			Method: "POST",
			Path:   "/v1/products",
			Body: object{
				"name":                  "点券",
				"price_fen":             100,
				"currency":              "CNY",
				"supplier_id":           "{supplier_id}",
				"merchant_of_record_id": "{supplier_id}",
				"split_rule_id":         "{split_rule_id}",
			},
			Status: 201,
			Has:    []string{`"price_fen":100`},
			After:  again("/v1/products", product("a"), product("b")),
		},
		{
			Name:   "offer for nothing",
			As:     owner,
			Method: "POST",
			Path:   "/v1/products",
			Body: object{
				"name":                  "x",
				"price_fen":             0,
				"supplier_id":           "{supplier_id}",
				"merchant_of_record_id": "{supplier_id}",
				"split_rule_id":         "{split_rule_id}",
			},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/price_fen minimum",
		},
		{
			Name:   "offer in dollars",
			As:     owner,
			Method: "POST",
			Path:   "/v1/products",
			Body: object{
				"name":                  "x",
				"price_fen":             1,
				"currency":              "USD",
				"supplier_id":           "{supplier_id}",
				"merchant_of_record_id": "{supplier_id}",
				"split_rule_id":         "{split_rule_id}",
			},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/currency enum",
		},
		{
			Name:   "offer for 9e18 fen",
			As:     owner,
			Method: "POST",
			Path:   "/v1/products",
			Body: `{"name":"x","price_fen":9000000000000000000,"supplier_id":"{supplier_id}",
				"merchant_of_record_id":"{supplier_id}","split_rule_id":"{split_rule_id}"}`,
			Status: 400,
			Code:   "invalid_request",
			Field:  "/price_fen maximum",
		},
		{
			Name:   "a distributor supplies",
			As:     owner,
			Method: "POST",
			Path:   "/v1/products",
			Body: object{
				"name":                  "x",
				"price_fen":             1,
				"supplier_id":           "{distributor_id}",
				"merchant_of_record_id": "{supplier_id}",
				"split_rule_id":         "{split_rule_id}",
			},
			Status: 422,
			Code:   "merchant_is_not_supplier",
		},
		{
			Name:   "read a product",
			As:     supplier,
			Method: "GET",
			Path:   "/v1/products/{product_id}",
			Status: 200,
			Has:    []string{"星河点券"},
		},
		{
			Name:   "change a product as a developer, who could set its price",
			As:     developer,
			Method: "PATCH",
			Path:   "/v1/products/{product_id}",
			Body:   object{"price_fen": 1},
			Status: 403,
			Code:   "forbidden",
		},
		{
			Name:    "change a product",
			As:      admin,
			Method:  "PATCH",
			Path:    "/v1/products/{product_id}",
			Prepare: newProduct,
			Body:    object{"price_fen": 200, "status": "archived"},
			Status:  200,
			Has:     []string{`"price_fen":200`, `"status":"archived"`},
		},
		{
			Name:   "change a product's id",
			As:     owner,
			Method: "PATCH",
			Path:   "/v1/products/{product_id}",
			Body:   object{"id": "x"},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/id unknown_field",
		},
		{
			Name:    "count the stock",
			As:      riskRole,
			Method:  "GET",
			Path:    "/v1/products/{product_id}/stock",
			Prepare: newProduct,
			Status:  200,
			Has:     []string{`"available":2`, `"delivered":0`},
		},
		{
			Name:    "import keys",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/products/{product_id}/card_keys",
			Prepare: newProduct,
			Body:    object{"card_keys": []string{"AAAA", "BBBB", "AAAA"}},
			Status:  201,
			Has:     []string{`"accepted":2`, `"duplicates":1`},
			Lacks:   []string{"AAAA"},
			After: again(
				"/v1/products/{product_id}/card_keys",
				object{"card_keys": []string{"C"}},
				object{"card_keys": []string{"D"}},
			),
		},
		{
			Name:   "import an empty key",
			As:     owner,
			Method: "POST",
			Path:   "/v1/products/{product_id}/card_keys",
			Body:   object{"card_keys": []string{""}},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/card_keys/0 min_length",
		},
		{
			Name:   "import more than 1 MiB",
			As:     owner,
			Method: "POST",
			Path:   "/v1/products/{product_id}/card_keys",
			Body:   object{"card_keys": []string{strings.Repeat("k", 1<<20)}},
			Status: 413,
			Code:   "body_too_large",
			Golden: "body_too_large",
		},
		{
			Name:   "list the versions of a rule",
			As:     finance,
			Method: "GET",
			Path:   "/v1/split_rules/{split_rule_id}/versions",
			Status: 200,
			Has:    []string{`"version":1`, `"rate_bps":500`},
		},
		{
			Name:   "read a version of a rule",
			As:     finance,
			Method: "GET",
			Path:   "/v1/split_rule_versions/{split_rule_version_id}",
			Status: 200,
			Has:    []string{`{split_rule_version_id}`, `"split_rule_id":"{split_rule_id}"`, `"rate_bps":500`},
		},
		{
			Name:   "list imports",
			As:     supplier,
			Method: "GET",
			Path:   "/v1/products/{product_id}/card_key_imports",
			Status: 200,
			Has:    []string{`"accepted":90`, `{card_key_import_id}`},
			Lacks:  []string{`{product_id}-0`},
		},
		{
			Name:   "read an import",
			As:     supplier,
			Method: "GET",
			Path:   "/v1/card_key_imports/{card_key_import_id}",
			Status: 200,
			Has:    []string{`"accepted":90`, `"duplicates":0`},
			Lacks:  []string{`{product_id}-0`},
		},
	}
}

func archivedRule(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := newRule(t, w, p)
	w.Must(t, p.Key(owner), "POST", "/v1/split_rules/"+ids["split_rule_id"]+"/archive", nil, nil)
	return ids
}

// ruleArchived gives the archived rule to nobody, in no way, until it is used again.
func ruleArchived(t testing.TB, w *apitest.World, p *apitest.Tenant, a apitest.Answer) {
	rule := p.Fill("/v1/split_rules/{split_rule_id}")
	read := w.Do(t, p.Key(owner), "GET", rule, nil)
	if tag := read.Header.Get("ETag"); tag != `"2"` || a.Header.Get("ETag") != tag {
		t.Errorf("ETag %s after the archiving, %s when read", a.Header.Get("ETag"), tag)
	}
	var sold, free struct{ ID string }
	other := newRule(t, w, p)["split_rule_id"]
	body := w.ProductBody(p, "甲")
	body["split_rule_id"] = other
	w.Must(t, p.Key(owner), "POST", "/v1/products", body, &free)
	w.Must(t, p.Key(owner), "POST", "/v1/products", body, &sold)
	w.Must(t, p.Key(owner), "PATCH", "/v1/products/"+sold.ID, object{"status": "archived"}, nil)
	w.Must(t, p.Key(owner), "PATCH", "/v1/products/"+free.ID, object{"status": "archived"}, nil)
	w.Must(t, p.Key(owner), "POST", "/v1/split_rules/"+other+"/archive", nil, nil)
	body["split_rule_id"] = p.IDs["split_rule_id"]
	version := object{"parts": []any{object{"receiver": "platform", "rate_bps": 100}}}
	for name, a := range map[string]apitest.Answer{
		"a new product": w.Do(t, p.Key(owner), "POST", "/v1/products", body),
		"another's rule": w.Do(t, p.Key(owner), "PATCH", "/v1/products/"+sold.ID,
			object{"split_rule_id": p.IDs["split_rule_id"]}),
		"on sale again": w.Do(t, p.Key(owner), "PATCH", "/v1/products/"+free.ID, object{"status": "active"}),
		"a new version": w.Do(t, p.Key(owner), "POST", rule+"/versions", version),
	} {
		if a.Status != 409 || a.Code() != "split_rule_archived" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	w.Must(t, p.Key(owner), "PATCH", "/v1/products/"+free.ID, object{"name": "乙"}, nil)
	w.Must(t, p.Key(owner), "POST", "/v1/split_rules/"+other+"/unarchive", nil, nil)
	w.Must(t, p.Key(owner), "PATCH", "/v1/products/"+free.ID, object{"status": "active"}, nil)
	if have := changesOf(t, w, p, "archiveSplitRule", p.IDs["split_rule_id"]); len(have) != 1 ||
		have[0] != (change{"status", "active", "archived"}) {
		t.Errorf("the audit log tells %+v", have)
	}
}
