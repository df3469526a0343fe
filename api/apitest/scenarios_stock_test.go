package apitest_test

import (
	"maps"
	"testing"

	"zhitong/api/apitest"
)

func stockScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:    "list card keys",
			As:      supplier,
			Method:  "GET",
			Path:    "/v1/products/{product_id}/card_keys?status=available,void&limit=100",
			Prepare: stockedKey,
			Status:  200,
			Has:     []string{`{card_key_id}`, `{spare_import_id}`, `"status":"available"`},
			Lacks:   []string{`{product_id}-0`, `fingerprint`},
		},
		{
			Name:    "list the card keys of an import",
			As:      finance,
			Method:  "GET",
			Path:    "/v1/products/{product_id}/card_keys?import_id={spare_import_id}",
			Prepare: stockedKey,
			Status:  200,
			Has:     []string{`{card_key_id}`},
		},
		{
			Name:   "list card keys by a status that there is not",
			As:     owner,
			Method: "GET",
			Path:   "/v1/products/{product_id}/card_keys?status=sold",
			Status: 400,
			Code:   "invalid_request",
		},
		{
			Name:    "read a card key's state",
			As:      supplier,
			Method:  "GET",
			Path:    "/v1/card_keys/{card_key_id}",
			Prepare: stockedKey,
			Status:  200,
			Has:     []string{`"status":"available"`, `"import_id":"{spare_import_id}"`},
			Lacks:   []string{`{product_id}-0`},
		},
		{
			Name:    "void a card key",
			As:      supplier,
			Method:  "POST",
			Path:    "/v1/card_keys/{card_key_id}/void",
			Prepare: stockedKey,
			Body:    object{"reason": "批次失效"},
			Status:  200,
			Has:     []string{`"status":"void"`, `"voided_at":`},
			After:   keyVoided,
		},
		{
			Name:    "void a card key without a reason",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/card_keys/{card_key_id}/void",
			Prepare: stockedKey,
			Body:    object{},
			Status:  400,
			Code:    "invalid_request",
			Field:   "/reason required",
		},
		{
			Name:    "void a sold card key",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/card_keys/{card_key_id}/void",
			Prepare: soldKey,
			Body:    object{"reason": "x"},
			Status:  409,
			Code:    "card_key_not_available",
		},
		{
			Name:    "void a card key as developer",
			As:      developer,
			Method:  "POST",
			Path:    "/v1/card_keys/{card_key_id}/void",
			Prepare: stockedKey,
			Body:    object{"reason": "x"},
			Status:  403,
			Code:    "forbidden",
		},
		{
			Name:    "void an import",
			As:      supplier,
			Method:  "POST",
			Path:    "/v1/card_key_imports/{spare_import_id}/void",
			Prepare: stockedKey,
			Body:    object{"reason": "批次失效"},
			Status:  200,
			Has:     []string{`"voided":2`, `"import_id":"{spare_import_id}"`},
			After:   importVoided,
		},
	}
}

// stockedKey makes a product with two card keys, and names one of them.
func stockedKey(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := newProduct(t, w, p)
	maps.Copy(ids, keyOf(t, w, p, ids["product_id"], "available"))
	return ids
}

// soldKey names a card key that an order has.
func soldKey(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	return keyOf(t, w, p, p.IDs["product_id"], "delivered")
}

func keyOf(t testing.TB, w *apitest.World, p *apitest.Tenant, product, status string) map[string]string {
	var list struct {
		Data []struct {
			ID     string
			Import string `json:"import_id"`
			Order  string `json:"order_id"`
		}
	}
	w.Must(t, p.Key(owner), "GET", "/v1/products/"+product+"/card_keys?status="+status, nil, &list)
	if len(list.Data) == 0 || (list.Data[0].Order != "") != (status == "delivered") {
		t.Fatalf("the %s keys of %s: %+v", status, product, list)
	}
	return map[string]string{"card_key_id": list.Data[0].ID, "spare_import_id": list.Data[0].Import}
}

// keyVoided finds the reason in the audit log and one key less in stock.
func keyVoided(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	if have := changesOf(t, w, p, "voidCardKey", p.IDs["card_key_id"]); len(have) != 1 ||
		have[0] != (change{"status", "available", "void"}) {
		t.Errorf("the audit log tells %+v", have)
	}
	log := w.Do(t, p.Key(owner), "GET", "/v1/audit_log?action=voidCardKey&subject_id="+p.IDs["card_key_id"], nil)
	stock := w.Do(t, p.Key(owner), "GET", p.Fill("/v1/products/{product_id}/stock"), nil)
	if !contains(log.Body, "批次失效") || !contains(stock.Body, `"available":1`) || !contains(stock.Body, `"void":1`) {
		t.Errorf("%s\n%s", log.Body, stock.Body)
	}
}

// importVoided finds nothing left to sell.
func importVoided(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	if a := w.Do(t, p.Key(owner), "POST", "/v1/orders", p.FillBody(t, order(1)),
		key()...); a.Code() != "card_keys_sold_out" {
		t.Errorf("an order: %d %s", a.Status, a.Body)
	}
	if have := changesOf(t, w, p, "voidCardKeyImport", p.IDs["spare_import_id"]); len(have) != 1 ||
		have[0] != (change{"voided", "", "2"}) {
		t.Errorf("the audit log tells %+v", have)
	}
}
