package apitest_test

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"zhitong/api/apitest"
)

// metadata has n keys.
func metadata(n int) object {
	m := object{}
	for i := range n {
		m["k"+strconv.Itoa(i)] = "v"
	}
	return m
}

// largest is the metadata that takes the most room in the database: each character is four bytes.
func largest() object {
	m := object{}
	for i := range 20 {
		m[strings.Repeat("k", 38)+strconv.Itoa(10+i)] = strings.Repeat("𠮷", 500)
	}
	return m
}

// and is the body with metadata.
func and(body object, metadata any) object {
	body = maps.Clone(body)
	body["metadata"] = metadata
	return body
}

// labelled makes a product and a merchant of 20 keys each.
func labelled(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var item, merchant struct{ ID string }
	w.Must(t, p.Key(owner), "POST", "/v1/products", p.FillBody(t, and(product("x"), metadata(20))), &item)
	w.Must(t, p.Key(owner), "POST", "/v1/merchants",
		and(object{"kind": "supplier", "name": "x"}, metadata(20)), &merchant)
	return map[string]string{"product_id": item.ID, "merchant_id": merchant.ID}
}

// metadataScenarios: what metadata may be is the same wherever it is taken.
func metadataScenarios() []apitest.Scenario {
	all := []apitest.Scenario{
		{
			Name: "order with metadata", As: developer, Method: "POST", Path: "/v1/orders", Headers: key(),
			Body:   and(order(1), object{"shop.order-no_1": "七\n八", "empty": ""}),
			Status: 201,
			Has:    []string{`"metadata":{"empty":"","shop.order-no_1":"七\n八"}`},
			After:  again("/v1/orders", and(order(1), object{"a": "1"}), and(order(1), object{"a": "2"})),
		},
		{
			Name: "order without metadata", As: developer, Method: "POST", Path: "/v1/orders", Headers: key(),
			Body:   order(1),
			Status: 201,
			Has:    []string{`"metadata":{}`},
		},
		{
			Name: "order with the largest metadata", As: developer, Method: "POST", Path: "/v1/orders", Headers: key(),
			Body:   and(order(1), largest()),
			Status: 201,
		},
		{
			Name: "product with metadata", As: admin, Method: "POST", Path: "/v1/products",
			Body:   and(product("x"), object{"sku": "A-1"}),
			Status: 201,
			Has:    []string{`"metadata":{"sku":"A-1"}`},
			After:  again("/v1/products", and(product("x"), object{"a": "1"}), and(product("x"), object{"a": "2"})),
		},
		{
			Name: "merchant with metadata", As: owner, Method: "POST", Path: "/v1/merchants",
			Body:   object{"kind": "supplier", "name": "x", "metadata": object{"crm": "17"}},
			Status: 201,
			Has:    []string{`"metadata":{"crm":"17"}`},
		},
		{
			Name: "metadata of a product as support", As: support, Method: "PATCH", Path: "/v1/products/{product_id}",
			Body:   object{"metadata": object{"sku": "A-1"}},
			Status: 403,
			Code:   "forbidden",
		},
		{
			Name: "metadata of a merchant as itself", As: supplier, Method: "PATCH",
			Path:   "/v1/merchants/{supplier_id}",
			Body:   object{"metadata": object{"crm": "17"}},
			Status: 403,
			Code:   "forbidden",
		},
	}
	for _, at := range []struct {
		path, patched string
		body          object
	}{
		{"/v1/orders", "", order(1)},
		{"/v1/products", "/v1/products/{product_id}", product("x")},
		{"/v1/merchants", "/v1/merchants/{merchant_id}", object{"kind": "supplier", "name": "x"}},
	} {
		refused := func(name, method, path string, body object, field string) {
			all = append(all, apitest.Scenario{
				Name: method + " " + path + " with " + name, As: owner, Method: method, Path: path, Body: body,
				Headers: key(), Status: 400, Code: "invalid_request", Field: field,
			})
		}
		for _, row := range []struct {
			name     string
			metadata any
			field    string
		}{
			{"21 keys", metadata(21), "/metadata max_properties"},
			{"a key of 41 characters", object{strings.Repeat("k", 41): "v"},
				"/metadata/" + strings.Repeat("k", 41) + " unknown_field"},
			{"an empty key", object{"": "v"}, "/metadata/ unknown_field"},
			{"a key of other characters", object{"店铺": "v"}, "/metadata/店铺 unknown_field"},
			{"a value of 501 characters", object{"k": strings.Repeat("长", 501)}, "/metadata/k max_length"},
			{"a number", object{"k": 1}, "/metadata/k type"},
			{"an object", object{"k": object{}}, "/metadata/k type"},
			{"a null", object{"k": nil}, "/metadata/k type"},
			{"U+0000", object{"k": "a\x00"}, "/metadata/k nul_character"},
			{"null", nil, "/metadata type"},
			{"a list", []any{}, "/metadata type"},
		} {
			refused(row.name, "POST", at.path, and(at.body, row.metadata), row.field)
		}
		if at.patched == "" {
			continue
		}
		patch := func(metadata any) object { return object{"metadata": metadata} }
		refused("41 keys", "PATCH", at.patched, patch(metadata(41)), "/metadata max_properties")
		refused("a key of other characters", "PATCH", at.patched, patch(object{"a b": nil}),
			"/metadata/a b unknown_field")
		refused("a value of 501 characters", "PATCH", at.patched, patch(object{"k": strings.Repeat("长", 501)}),
			"/metadata/k max_length")
		refused("a number", "PATCH", at.patched, patch(object{"k": 1}), "/metadata/k type")
		refused("a list", "PATCH", at.patched, patch([]any{}), "/metadata type")
		refused("the 21st key", "PATCH", at.patched, patch(object{"other": "v"}), "/metadata max_properties")
		all[len(all)-1].Prepare = labelled
		all = append(all, apitest.Scenario{
			Name: "PATCH " + at.patched + ": one key for another", As: owner, Method: "PATCH", Path: at.patched,
			Prepare: labelled, Body: patch(object{"k0": nil, "other": "v"}), Status: 200, Has: []string{`"other":"v"`},
			Lacks: []string{`"k0"`},
		})
	}
	return all
}
