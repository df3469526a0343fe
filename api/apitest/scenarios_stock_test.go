package apitest_test

import (
	"maps"
	"strings"
	"testing"

	"zhitong/api/apitest"
	"zhitong/internal/id"
	"zhitong/tenants/tasks"
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
			Name:    "import card keys from a file",
			As:      supplier,
			Method:  "POST",
			Path:    "/v1/products/{product_id}/card_key_imports",
			Prepare: keysInFile,
			Body:    object{"file_id": "{file_id}"},
			Status:  202,
			Has:     []string{`"kind":"card_key_import"`, `"status":"queued"`},
			After:   fileImported,
		},
		{
			Name:    "import card keys from somebody else's file",
			As:      supplier,
			Method:  "POST",
			Path:    "/v1/products/{product_id}/card_key_imports",
			Prepare: upload,
			Body:    object{"file_id": "{file_id}"},
			Status:  404,
			Code:    "file_not_found",
		},
		{
			Name:   "import card keys from a file as developer",
			As:     developer,
			Method: "POST",
			Path:   "/v1/products/{product_id}/card_key_imports",
			Body:   object{"file_id": "{file_id}"},
			Status: 403,
			Code:   "forbidden",
		},
		{
			Name:    "the stock of all products",
			As:      finance,
			Method:  "GET",
			Path:    "/v1/stock?name={product_name}",
			Prepare: namedProduct,
			Status:  200,
			Has: []string{`"product_id":"{product_id}"`, `"available":2`, `"delivered":0`,
				`"product_name":"{product_name}"`},
			Lacks: []string{`星河点券`},
		},
		{
			Name:    "products by name",
			As:      owner,
			Method:  "GET",
			Path:    "/v1/products?name={part}",
			Prepare: namedProduct,
			Status:  200,
			Has:     []string{`{product_id}`},
			Lacks:   []string{`星河点券`},
		},
		{
			Name:   "merchants by name",
			As:     owner,
			Method: "GET",
			Path:   "/v1/merchants?name=SUPP&include=count",
			Status: 200,
			Has:    []string{`{supplier_id}`, `"count":1`},
			Lacks:  []string{`{distributor_id}`},
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

// namedProduct makes a product with a name of its own.
func namedProduct(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	name := apitest.Unique()
	ids := stocked(t, w, p, object{"name": name})
	ids["product_name"], ids["part"] = name, strings.ToUpper(name[5:])
	return ids
}

// keysInFile makes a product, and a file of the supplier's with card keys.
func keysInFile(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := newProduct(t, w, p)
	var f struct{ ID string }
	w.Must(t, p.Key(supplier), "POST", "/v1/files?name=keys.txt&content_type=text/plain",
		"F-1\nF-2\n\nF-1\n"+ids["product_id"]+"-00\n", &f, "Content-Type", octets)
	ids["file_id"] = f.ID
	return ids
}

// fileImported does the task, and finds the keys in stock and the lines that were left out.
func fileImported(t testing.TB, w *apitest.World, p *apitest.Tenant, a apitest.Answer) {
	var made struct{ ID string }
	a.Into(t, &made)
	if _, err := w.Deps.Tasks.Run(t.Context(), p.ID, parsed[id.Task](t, made.ID), tasks.Steps(100)); err != nil {
		t.Fatal(err)
	}
	var task struct {
		Status   string
		Progress struct{ Counts map[string]int }
		FileID   string `json:"file_id"`
	}
	w.Must(t, p.Key(supplier), "GET", "/v1/tasks/"+made.ID, nil, &task)
	if task.Status != "succeeded" || task.FileID == "" || task.Progress.Counts["accepted"] < 2 {
		t.Fatalf("the task is %+v", task)
	}
	report := w.Do(t, p.Key(supplier), "GET", "/v1/files/"+task.FileID+"/download", nil)
	if !contains(report.Body, "4,repeated_in_list") {
		t.Errorf("left out: %s", report.Body)
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
