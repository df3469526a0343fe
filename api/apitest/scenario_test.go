package apitest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"zhitong/alipay"
	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
)

const (
	owner     = tenants.RoleOwner
	admin     = tenants.RoleAdmin
	developer = tenants.RoleDeveloper
	support   = tenants.RoleSupport
	finance   = tenants.RoleFinance
	riskRole  = tenants.RoleRisk
	supplier  = tenants.RoleSupplier
)

// picture is a small PNG with some detail in it.
func picture() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 60, 40))
	for y := range 40 {
		for x := range 60 {
			img.Set(x, y, color.RGBA{uint8(x), uint8(y), uint8(x * y), 255})
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img)
	return b.Bytes()
}

func photo() []byte {
	img, _, _ := image.Decode(bytes.NewReader(picture()))
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil)
	return b.Bytes()
}

// fresh makes an order that waits for its payment.
func fresh(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	order, _ := w.Order(t, p)
	return map[string]string{"order_id": order}
}

func delivered(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	return map[string]string{"order_id": w.Delivered(t, p)}
}

// draft makes a merchant with a draft application.
func draft(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var m, a struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/merchants", map[string]any{"kind": "supplier", "name": "new"}, &m)
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/merchants/"+m.ID+"/applications", map[string]any{}, &a)
	return map[string]string{"merchant_id": m.ID, "application_id": a.ID}
}

func newMerchant(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var m struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/merchants", map[string]any{"kind": "supplier", "name": "new"}, &m)
	return map[string]string{"merchant_id": m.ID}
}

// again sends the same request a second time and wants the same thing, marked as a replay; with another body it wants 422.
func again(path string, body, other any) func(testing.TB, *apitest.World, *apitest.Tenant, apitest.Answer) {
	return func(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
		key := apitest.Unique()
		var one, two struct{ ID string }
		w.Must(t, p.Key(owner), http.MethodPost, p.Fill(path), p.FillBody(t, body), &one, "Idempotency-Key", key)
		a := w.Do(t, p.Key(owner), http.MethodPost, p.Fill(path), p.FillBody(t, body), "Idempotency-Key", key)
		a.Into(t, &two)
		if one.ID == "" || one.ID != two.ID || a.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("the second time: %d %s %q, want the id %s", a.Status, a.Body, a.Header.Get("Idempotency-Replayed"), one.ID)
		}
		if b := w.Do(t, p.Key(owner), http.MethodPost, p.Fill(path), p.FillBody(t, other), "Idempotency-Key", key); b.Status != 422 || b.Code() != "idempotency_key_reused" {
			t.Errorf("with another body: %d %s", b.Status, b.Body)
		}
	}
}

type object = map[string]any

func scenarios() []apitest.Scenario {
	rate := func(bps int) []any { return []any{object{"receiver": "platform", "rate_bps": bps}} }
	return []apitest.Scenario{
		// tenants
		{Name: "sign up", Method: "POST", Path: "/v1/tenants", Body: object{"name": "星河卡盟", "owner_email": "a@example.cn"}, Status: 201, Has: []string{"zt_test_", `"role":"owner"`, `"mode":"sandbox"`}},
		{Name: "sign up without a name", Method: "POST", Path: "/v1/tenants", Body: object{"owner_email": "a@example.cn"}, Status: 400, Code: "invalid_request", Field: "/name required", Golden: "invalid_request"},
		{Name: "sign up with a wrong address", Method: "POST", Path: "/v1/tenants", Body: object{"name": "x", "owner_email": "canary-7731"}, Status: 400, Code: "invalid_request", Field: "/owner_email format", Lacks: []string{"canary"}},
		{Name: "read the tenant", As: finance, Method: "GET", Path: "/v1/tenant", Status: 200, Has: []string{`"mode":"sandbox"`}},
		{Name: "read the connection", As: developer, Method: "GET", Path: "/v1/alipay_connection", Status: 200, Has: []string{"/notify/alipay/", "/messages", `"mode":"public_key"`}, Lacks: []string{"private", "PRIVATE"}},
		{Name: "check the connection", As: owner, Method: "POST", Path: "/v1/alipay_connection/check", Status: 200, Has: []string{`"healthy":true`}},
		{Name: "put a connection with a broken key", As: owner, Method: "PUT", Path: "/v1/alipay_connection", Body: object{"gateway": "simulator", "app_id": "2021000000000001", "pid": "2088000000000001", "private_key": "canary-8812", "alipay_public_key": "x"},
			Status: 422, Code: "alipay_key_invalid", Lacks: []string{"canary"}},
		{Name: "put a connection to anywhere", As: owner, Method: "PUT", Path: "/v1/alipay_connection", Body: object{"gateway": "https://evil.example", "app_id": "1", "pid": "2", "private_key": "x"}, Status: 400, Code: "invalid_request", Field: "/gateway enum"},
		// access
		{Name: "list members", As: admin, Method: "GET", Path: "/v1/members", Status: 200, Has: []string{"owner@example.cn"}},
		{Name: "add a member", As: owner, Method: "POST", Path: "/v1/members", Body: object{"email": "finance@example.cn", "role": "finance"}, Status: 201, Has: []string{`"role":"finance"`}},
		{Name: "add the owner again", As: owner, Method: "POST", Path: "/v1/members", Body: object{"email": "OWNER@example.cn", "role": "finance"}, Status: 409, Code: "member_email_taken"},
		{Name: "add a supplier without a merchant", As: owner, Method: "POST", Path: "/v1/members", Body: object{"email": "s@example.cn", "role": "supplier"}, Status: 422, Code: "role_needs_merchant"},
		{Name: "an admin makes an owner", As: admin, Method: "POST", Path: "/v1/members", Body: object{"email": "o@example.cn", "role": "owner"}, Status: 403, Code: "role_exceeds_own"},
		{Name: "list keys", As: owner, Method: "GET", Path: "/v1/api_keys?limit=100", Status: 200, Has: []string{"last4"}, Lacks: []string{"zt_test_"}},
		{Name: "make a key", As: owner, Method: "POST", Path: "/v1/api_keys", Body: object{"name": "shop", "role": "developer"}, Status: 201, Has: []string{"zt_test_"}},
		{Name: "an admin makes an owner's key", As: admin, Method: "POST", Path: "/v1/api_keys", Body: object{"name": "x", "role": "owner"}, Status: 403, Code: "role_exceeds_own"},
		{Name: "revoke a key", As: owner, Method: "DELETE", Path: "/v1/api_keys/{api_key_id}", Status: 204, Prepare: spareKey, After: revoked},
		{Name: "read the audit log", As: riskRole, Method: "GET", Path: "/v1/audit_log?limit=100", Status: 200, Has: []string{"createAPIKey"}},
		// merchants
		{Name: "list suppliers", As: support, Method: "GET", Path: "/v1/merchants?kind=supplier&status=active", Status: 200, Has: []string{"{supplier_id}"}, Lacks: []string{"{distributor_id}"}},
		{Name: "create a merchant", As: developer, Method: "POST", Path: "/v1/merchants", Body: object{"kind": "supplier", "name": "供货商", "contact": "13800000000"}, Status: 201, Has: []string{`"status":"pending"`},
			After: again("/v1/merchants", object{"kind": "supplier", "name": "a"}, object{"kind": "supplier", "name": "b"})},
		{Name: "create a merchant of another kind", As: owner, Method: "POST", Path: "/v1/merchants", Body: object{"kind": "bank", "name": "x"}, Status: 400, Code: "invalid_request", Field: "/kind enum"},
		{Name: "read a merchant", As: riskRole, Method: "GET", Path: "/v1/merchants/{supplier_id}", Status: 200, Has: []string{`"smid":"2088`, `"receiver":{`}},
		{Name: "change a merchant", As: owner, Method: "PATCH", Path: "/v1/merchants/{merchant_id}", Prepare: newMerchant, Body: object{"name": "新名"}, Status: 200, Has: []string{"新名"}},
		{Name: "change nothing", As: owner, Method: "PATCH", Path: "/v1/merchants/{merchant_id}", Body: object{}, Status: 400, Code: "invalid_request", Field: " min_properties"},
		// onboarding
		{Name: "list applications", As: support, Method: "GET", Path: "/v1/merchants/{merchant_id}/applications", Prepare: draft, Status: 200, Has: []string{"{application_id}", `"status":"draft"`}},
		{Name: "draft an application", As: developer, Method: "POST", Path: "/v1/merchants/{merchant_id}/applications", Prepare: newMerchant, Body: object{"name": "杭州示例", "legal_cert_no": "11010519491231002X"}, Status: 201,
			Has: []string{`"status":"draft"`}, Lacks: []string{"11010519491231002X"}},
		{Name: "draft a second application", As: owner, Method: "POST", Path: "/v1/merchants/{merchant_id}/applications", Prepare: draft, Body: object{}, Status: 409, Code: "application_open"},
		{Name: "draft for an active merchant", As: owner, Method: "POST", Path: "/v1/merchants/{supplier_id}/applications", Body: object{}, Status: 409, Code: "merchant_already_active"},
		{Name: "draft with a made-up field", As: owner, Method: "POST", Path: "/v1/merchants/{merchant_id}/applications", Prepare: newMerchant, Body: object{"smid": "2088000000000001"}, Status: 400, Code: "invalid_request", Field: "/smid unknown_field"},
		{Name: "read an application", As: riskRole, Method: "GET", Path: "/v1/applications/{application_id}", Status: 200, Has: []string{`"form":{`}},
		{Name: "replace a form", As: developer, Method: "PUT", Path: "/v1/applications/{application_id}", Prepare: draft, Body: object{"alias_name": "示例"}, Status: 200, Has: []string{`"alias_name":"示例"`}},
		{Name: "upload an image", As: developer, Method: "PUT", Path: "/v1/applications/{application_id}/images/cert_image", Prepare: draft, Body: picture(), Headers: []string{"Content-Type", "image/png"}, Status: 200, Has: []string{`"purpose":"cert_image"`, `"uploaded":false`}},
		{Name: "upload a photo", As: developer, Method: "PUT", Path: "/v1/applications/{application_id}/images/out_door_image", Prepare: draft, Body: photo(), Headers: []string{"Content-Type", "image/jpeg"}, Status: 200, Has: []string{"image/jpeg"}},
		{Name: "upload text as an image", As: owner, Method: "PUT", Path: "/v1/applications/{application_id}/images/cert_image", Prepare: draft, Body: []byte("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"), Headers: []string{"Content-Type", "image/svg+xml"}, Status: 400, Code: "image_invalid"},
		{Name: "upload to a made-up place", As: owner, Method: "PUT", Path: "/v1/applications/{application_id}/images/..%2fcert_image", Prepare: draft, Body: picture(), Headers: []string{"Content-Type", "image/png"}, Status: 400, Code: "invalid_request", Field: "purpose enum"},
		{Name: "upload JSON as an image", As: owner, Method: "PUT", Path: "/v1/applications/{application_id}/images/cert_image", Body: object{}, Status: 400, Code: "invalid_request", Field: "Content-Type media_type"},
		{Name: "upload more than 5 MB", As: owner, Method: "PUT", Path: "/v1/applications/{application_id}/images/cert_image", Body: make([]byte, 5_000_001), Headers: []string{"Content-Type", "image/png"}, Status: 413, Code: "body_too_large"},
		{Name: "submit an empty form", As: owner, Method: "POST", Path: "/v1/applications/{application_id}/submit", Prepare: draft, Status: 422, Code: "application_incomplete", Field: "/name required"},
		{Name: "submit a whole form", As: owner, Method: "POST", Path: "/v1/applications/{application_id}/submit", Prepare: complete, Status: 202, Has: []string{`"status":"submitted"`}, After: notEditable},
		// catalog
		{Name: "list rules", As: finance, Method: "GET", Path: "/v1/split_rules", Status: 200, Has: []string{"{split_rule_id}"}},
		{Name: "publish a rule", As: owner, Method: "POST", Path: "/v1/split_rules", Body: object{"name": "3 %", "parts": rate(300)}, Status: 201, Has: []string{`"version":1`, `"rate_bps":300`},
			After: again("/v1/split_rules", object{"name": "a rule", "parts": rate(100)}, object{"name": "a rule", "parts": rate(200)})},
		{Name: "publish above the cap", As: owner, Method: "POST", Path: "/v1/split_rules", Body: object{"name": "too much", "parts": rate(9000)}, Status: 422, Code: "split_rule_above_cap", Has: []string{"30"}},
		{Name: "publish the name again", As: owner, Method: "POST", Path: "/v1/split_rules", Body: object{"name": "5 %", "parts": rate(300)}, Status: 409, Code: "split_rule_name_taken"},
		{Name: "a part for a merchant without a receiver", As: owner, Method: "POST", Path: "/v1/split_rules", Prepare: newMerchant, Body: object{"name": "y", "parts": []any{object{"receiver": "merchant", "merchant_id": "{merchant_id}", "rate_bps": 100}}}, Status: 422, Code: "receiver_missing"},
		{Name: "a negative rate", As: owner, Method: "POST", Path: "/v1/split_rules", Body: object{"name": "x", "parts": rate(-1)}, Status: 400, Code: "invalid_request", Field: "/parts/0/rate_bps minimum"},
		{Name: "read a rule", As: developer, Method: "GET", Path: "/v1/split_rules/{split_rule_id}", Status: 200, Has: []string{`"rate_bps":500`}},
		{Name: "publish a version", As: owner, Method: "POST", Path: "/v1/split_rules/{split_rule_id}/versions", Prepare: newRule, Body: object{"parts": rate(600)}, Status: 201, Has: []string{`"version":2`}},
		{Name: "list products", As: support, Method: "GET", Path: "/v1/products?status=active", Status: 200, Has: []string{"{product_id}"}},
		{Name: "offer a product", As: developer, Method: "POST", Path: "/v1/products", Body: object{"name": "点券", "price_fen": 100, "currency": "CNY", "supplier_id": "{supplier_id}", "merchant_of_record_id": "{supplier_id}", "split_rule_id": "{split_rule_id}"}, Status: 201, Has: []string{`"price_fen":100`},
			After: again("/v1/products", product("a"), product("b"))},
		{Name: "offer for nothing", As: owner, Method: "POST", Path: "/v1/products", Body: object{"name": "x", "price_fen": 0, "supplier_id": "{supplier_id}", "merchant_of_record_id": "{supplier_id}", "split_rule_id": "{split_rule_id}"}, Status: 400, Code: "invalid_request", Field: "/price_fen minimum"},
		{Name: "offer in dollars", As: owner, Method: "POST", Path: "/v1/products", Body: object{"name": "x", "price_fen": 1, "currency": "USD", "supplier_id": "{supplier_id}", "merchant_of_record_id": "{supplier_id}", "split_rule_id": "{split_rule_id}"}, Status: 400, Code: "invalid_request", Field: "/currency enum"},
		{Name: "offer for 9e18 fen", As: owner, Method: "POST", Path: "/v1/products", Body: `{"name":"x","price_fen":9000000000000000000,"supplier_id":"{supplier_id}","merchant_of_record_id":"{supplier_id}","split_rule_id":"{split_rule_id}"}`, Status: 400, Code: "invalid_request", Field: "/price_fen maximum"},
		{Name: "a distributor supplies", As: owner, Method: "POST", Path: "/v1/products", Body: object{"name": "x", "price_fen": 1, "supplier_id": "{distributor_id}", "merchant_of_record_id": "{supplier_id}", "split_rule_id": "{split_rule_id}"}, Status: 422, Code: "merchant_is_not_supplier"},
		{Name: "read a product", As: supplier, Method: "GET", Path: "/v1/products/{product_id}", Status: 200, Has: []string{"星河点券"}},
		{Name: "change a product", As: developer, Method: "PATCH", Path: "/v1/products/{product_id}", Prepare: newProduct, Body: object{"price_fen": 200, "status": "archived"}, Status: 200, Has: []string{`"price_fen":200`, `"status":"archived"`}},
		{Name: "change a product's id", As: owner, Method: "PATCH", Path: "/v1/products/{product_id}", Body: object{"id": "x"}, Status: 400, Code: "invalid_request", Field: "/id unknown_field"},
		{Name: "count the stock", As: riskRole, Method: "GET", Path: "/v1/products/{product_id}/stock", Prepare: newProduct, Status: 200, Has: []string{`"available":2`, `"delivered":0`}},
		{Name: "import keys", As: owner, Method: "POST", Path: "/v1/products/{product_id}/card_keys", Prepare: newProduct, Body: object{"card_keys": []string{"AAAA", "BBBB", "AAAA"}}, Status: 201, Has: []string{`"accepted":2`, `"duplicates":1`}, Lacks: []string{"AAAA"},
			After: again("/v1/products/{product_id}/card_keys", object{"card_keys": []string{"C"}}, object{"card_keys": []string{"D"}})},
		{Name: "import an empty key", As: owner, Method: "POST", Path: "/v1/products/{product_id}/card_keys", Body: object{"card_keys": []string{""}}, Status: 400, Code: "invalid_request", Field: "/card_keys/0 min_length"},
		{Name: "import more than 1 MiB", As: owner, Method: "POST", Path: "/v1/products/{product_id}/card_keys", Body: object{"card_keys": []string{strings.Repeat("k", 1<<20)}}, Status: 413, Code: "body_too_large", Golden: "body_too_large"},
		// orders
		{Name: "list orders", As: finance, Method: "GET", Path: "/v1/orders?status=delivered", Status: 200, Has: []string{"{order_id}"}},
		{Name: "list by reference", As: support, Method: "GET", Path: "/v1/orders?reference=%27%20OR%201%3D1--", Status: 200, Has: []string{`"data":[]`}},
		{Name: "list with a wrong cursor", As: owner, Method: "GET", Path: "/v1/orders?cursor=------------------------------------", Status: 400, Code: "invalid_request", Field: "cursor format"},
		{Name: "order", As: developer, Method: "POST", Path: "/v1/orders", Body: order(2), Headers: key(), Status: 201, Has: []string{`"status":"awaiting_payment"`, `"total_fen":20000`, "/checkout/", `"pay_url":"`}, After: again("/v1/orders", order(1), order(2))},
		{Name: "order by page", As: developer, Method: "POST", Path: "/v1/orders", Body: object{"items": order(1)["items"], "channel": "page", "reference": "A-1", "buyer_contact": "13800000000"}, Headers: key(), Status: 201, Has: []string{"alipay.trade.page.pay", `"reference":"A-1"`}},
		{Name: "order without a key", As: developer, Method: "POST", Path: "/v1/orders", Body: order(1), Status: 400, Code: "idempotency_key_missing", Field: "Idempotency-Key required", Golden: "idempotency_key_missing"},
		{Name: "order with an own price", As: developer, Method: "POST", Path: "/v1/orders", Body: `{"items":[{"product_id":"{product_id}","quantity":1,"unit_price_fen":1}],"status":"paid"}`, Headers: key(), Status: 400, Code: "invalid_request", Field: "/items/0/unit_price_fen unknown_field"},
		{Name: "order too many", As: developer, Method: "POST", Path: "/v1/orders", Body: order(1000), Headers: key(), Status: 409, Code: "card_keys_sold_out", Golden: "card_keys_sold_out", After: nothingReserved},
		{Name: "order a minus", As: developer, Method: "POST", Path: "/v1/orders", Body: order(-1), Headers: key(), Status: 400, Code: "invalid_request", Field: "/items/0/quantity minimum"},
		{Name: "order what overflows", As: developer, Method: "POST", Path: "/v1/orders", Prepare: dear, Body: order(1000), Headers: key(), Status: 400, Code: "amount_out_of_range"},
		{Name: "order of a merchant without smid", As: developer, Method: "POST", Path: "/v1/orders", Prepare: ofPending, Body: order(1), Headers: key(), Status: 409, Code: "merchant_not_active"},
		{Name: "order as a supplier", As: supplier, Method: "POST", Path: "/v1/orders", Body: order(1), Headers: key(), Status: 403, Code: "forbidden", Golden: "forbidden"},
		{Name: "read an order", As: supplier, Method: "GET", Path: "/v1/orders/{order_id}", Status: 200, Has: []string{`"status":"delivered"`, `"paid_at"`}},
		{Name: "read no order", As: owner, Method: "GET", Path: "/v1/orders/0193f5a0-5c7e-7cc4-9d2b-0a1b2c3d4e5f", Status: 404, Code: "order_not_found", Golden: "order_not_found"},
		{Name: "read an order that is no id", As: owner, Method: "GET", Path: "/v1/orders/canary-1", Status: 400, Code: "invalid_request", Field: "order_id format", Lacks: []string{"canary"}},
		{Name: "close an order", As: support, Method: "POST", Path: "/v1/orders/{order_id}/close", Prepare: fresh, Status: 200, Has: []string{`"status":"closed"`}},
		{Name: "close a delivered order", As: owner, Method: "POST", Path: "/v1/orders/{order_id}/close", Status: 409, Code: "order_not_closable"},
		{Name: "reveal", As: support, Method: "GET", Path: "/v1/orders/{order_id}/card_keys", Status: 200, Has: []string{"{product_id}-0"}, After: audited},
		{Name: "reveal as developer", As: developer, Method: "GET", Path: "/v1/orders/{order_id}/card_keys", Status: 403, Code: "forbidden", Lacks: []string{"{product_id}-0"}},
		{Name: "reveal before payment", As: owner, Method: "GET", Path: "/v1/orders/{order_id}/card_keys", Prepare: fresh, Status: 409, Code: "order_not_delivered"},
		{Name: "read the split", As: finance, Method: "GET", Path: "/v1/orders/{order_id}/split", Prepare: settled, Status: 200, Has: []string{`"settlement":{`, `"status":"completed"`, `"amount_fen":500`, `"kept_fen":9500`}},
		{Name: "read the split of an unpaid order", As: finance, Method: "GET", Path: "/v1/orders/{order_id}/split", Prepare: fresh, Status: 404, Code: "split_not_found"},
		{Name: "retry a refused split", As: finance, Method: "POST", Path: "/v1/orders/{order_id}/split/retry", Prepare: refusedSplit, Status: 202, Has: []string{`"status":"pending"`, `"kept_fen":9500`}, After: splitAfterRetry},
		{Name: "retry a split that is done", As: finance, Method: "POST", Path: "/v1/orders/{order_id}/split/retry", Prepare: settled, Status: 409, Code: "split_not_refused"},
		{Name: "retry the split of an unpaid order", As: finance, Method: "POST", Path: "/v1/orders/{order_id}/split/retry", Prepare: fresh, Status: 404, Code: "split_not_found"},
		{Name: "retry a split as developer", As: developer, Method: "POST", Path: "/v1/orders/{order_id}/split/retry", Status: 403, Code: "forbidden"},
		{Name: "read the postings", As: finance, Method: "GET", Path: "/v1/orders/{order_id}/postings", Status: 200, Has: []string{`"kind":"payment"`, `"from_account":"buyer"`}},
		// refunds
		{Name: "refund", As: finance, Method: "POST", Path: "/v1/orders/{order_id}/refunds", Prepare: delivered, Body: object{"reason": "买错了"}, Status: 202, Has: []string{`"status":"pending"`, `"amount_fen":10000`}},
		{Name: "refund twice by one key", As: owner, Method: "GET", Path: "/v1/orders/{order_id}", Prepare: delivered, Status: 200, After: again("/v1/orders/{order_id}/refunds", object{}, object{"reason": "other"})},
		{Name: "refund an unpaid order", As: finance, Method: "POST", Path: "/v1/orders/{order_id}/refunds", Prepare: fresh, Body: object{}, Status: 409, Code: "order_not_refundable"},
		{Name: "refund an amount", As: finance, Method: "POST", Path: "/v1/orders/{order_id}/refunds", Body: object{"amount_fen": 1}, Status: 400, Code: "invalid_request", Field: "/amount_fen unknown_field"},
		{Name: "list refunds", As: support, Method: "GET", Path: "/v1/orders/{order_id}/refunds", Status: 200, Has: []string{`"data":[]`}},
		{Name: "read a refund", As: support, Method: "GET", Path: "/v1/refunds/{refund_id}", Status: 200, Has: []string{`"reason":"test"`}},
		// webhooks
		{Name: "list endpoints", As: developer, Method: "GET", Path: "/v1/webhook_endpoints", Status: 200, Has: []string{"{endpoint_id}"}, Lacks: []string{"whsec_"}},
		{Name: "add an endpoint", As: developer, Method: "POST", Path: "/v1/webhook_endpoints", Body: object{"url": "https://hooks.example.com/a", "event_types": []string{"order.paid"}}, Status: 201, Has: []string{"whsec_", `"event_types":["order.paid"]`}},
		{Name: "add an endpoint by http", As: developer, Method: "POST", Path: "/v1/webhook_endpoints", Body: object{"url": "http://hooks.example.com/a"}, Status: 422, Code: "webhook_url_refused"},
		{Name: "add an endpoint at home", As: developer, Method: "POST", Path: "/v1/webhook_endpoints", Body: object{"url": "https://127.0.0.1/a"}, Status: 422, Code: "webhook_url_refused"},
		{Name: "add an endpoint for a made-up event", As: developer, Method: "POST", Path: "/v1/webhook_endpoints", Body: object{"url": "https://hooks.example.com/a", "event_types": []string{"card.key"}}, Status: 400, Code: "invalid_request", Field: "/event_types/0 enum"},
		{Name: "read an endpoint", As: developer, Method: "GET", Path: "/v1/webhook_endpoints/{endpoint_id}", Status: 200, Has: []string{`"event_types":[]`}, Lacks: []string{"whsec_"}},
		{Name: "switch an endpoint off", As: developer, Method: "PATCH", Path: "/v1/webhook_endpoints/{endpoint_id}", Body: object{"status": "disabled"}, Status: 200, Has: []string{`"status":"disabled"`}},
		{Name: "list attempts", As: developer, Method: "GET", Path: "/v1/webhook_endpoints/{endpoint_id}/attempts", Status: 200, Has: []string{`"data":[`}},
		{Name: "list events", As: developer, Method: "GET", Path: "/v1/events?type=order.delivered", Status: 200, Has: []string{`"type":"order.delivered"`, `"order_id":"`}, Lacks: []string{`"type":"order.created"`, "{product_id}-0"}},
		{Name: "list made-up events", As: developer, Method: "GET", Path: "/v1/events?type=x", Status: 400, Code: "invalid_request", Field: "type enum"},
		{Name: "read an event", As: developer, Method: "GET", Path: "/v1/events/{event_id}", Status: 200, Has: []string{`"data":{`}},
		{Name: "send an event again", As: developer, Method: "POST", Path: "/v1/events/{event_id}/resend", Status: 202, Has: []string{"{event_id}"}},
		// risk
		{Name: "list cases", As: riskRole, Method: "GET", Path: "/v1/cases?limit=100", Status: 200, Has: []string{`"kind":"`}},
		{Name: "close a case", As: riskRole, Method: "POST", Path: "/v1/cases/{case_id}/close", Body: object{"note": "nothing to it"}, Status: 200, Has: []string{`"status":"closed"`}},
		{Name: "close a case without a word", As: riskRole, Method: "POST", Path: "/v1/cases/{case_id}/close", Body: object{"note": ""}, Status: 400, Code: "invalid_request", Field: "/note min_length"},
		// what is no operation
		{Name: "no such path", Method: "GET", Path: "/v1/nothing", Status: 404, Code: "route_not_found", Golden: "route_not_found"},
		{Name: "no such method", As: owner, Method: "DELETE", Path: "/v1/orders", Status: 405, Code: "method_not_allowed"},
		{Name: "without a key", Method: "GET", Path: "/v1/orders", Status: 401, Code: "unauthenticated", Golden: "unauthenticated"},
		{Name: "the query is unknown", As: owner, Method: "GET", Path: "/v1/orders?page=2", Status: 400, Code: "invalid_request", Field: "page unknown_parameter"},
	}
}

func key() []string { return []string{"Idempotency-Key", apitest.Unique()} }

func order(n int) object {
	return object{"items": []any{object{"product_id": "{product_id}", "quantity": n}}}
}

func product(name string) object {
	return object{"name": name, "price_fen": 100, "supplier_id": "{supplier_id}", "merchant_of_record_id": "{supplier_id}", "split_rule_id": "{split_rule_id}"}
}

func newRule(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var r struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/split_rules", object{"name": apitest.Unique(), "parts": []any{object{"receiver": "platform", "rate_bps": 100}}}, &r)
	return map[string]string{"split_rule_id": r.ID}
}

// stocked makes a product with two card keys.
func stocked(t testing.TB, w *apitest.World, p *apitest.Tenant, change object) map[string]string {
	body := w.ProductBody(p, "x")
	for k, v := range change {
		body[k] = v
	}
	var made struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/products", body, &made)
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/products/"+made.ID+"/card_keys", object{"card_keys": apitest.Keys(made.ID, 2)}, nil)
	return map[string]string{"product_id": made.ID}
}

func newProduct(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	return stocked(t, w, p, nil)
}

func dear(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	return stocked(t, w, p, object{"price_fen": 10_000_000_000})
}

func ofPending(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	m := newMerchant(t, w, p)["merchant_id"]
	return stocked(t, w, p, object{"supplier_id": m, "merchant_of_record_id": m})
}

func spareKey(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var k struct{ ID, Secret string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/api_keys", object{"name": "spare", "role": "owner"}, &k)
	w.Must(t, k.Secret, http.MethodGet, "/v1/tenant", nil, nil)
	return map[string]string{"api_key_id": k.ID, "secret": k.Secret}
}

func revoked(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	if a := w.Do(t, p.IDs["secret"], http.MethodGet, "/v1/tenant", nil); a.Status != 401 {
		t.Errorf("a revoked key: %d", a.Status)
	}
}

func audited(t testing.TB, w *apitest.World, p *apitest.Tenant, a apitest.Answer) {
	if a.Header.Get("Cache-Control") != "no-store, private" {
		t.Errorf("card keys may be cached: %q", a.Header.Get("Cache-Control"))
	}
	log := w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log?limit=100", nil)
	if !strings.Contains(string(log.Body), "getOrderCardKeys") || strings.Contains(string(log.Body), p.IDs["product_id"]+"-0") {
		t.Errorf("the reveal is not audited, or audited with the key: %s", log.Body)
	}
	if strings.Contains(w.Log.String(), p.IDs["product_id"]+"-0") {
		t.Error("a card key stands in the log")
	}
}

func nothingReserved(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	other := p.With(newProduct(t, w, p))
	if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders", other.FillBody(t, order(3)), key()...); a.Code() != "card_keys_sold_out" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := w.Do(t, p.Key(owner), http.MethodGet, other.Fill("/v1/products/{product_id}/stock"), nil); !strings.Contains(string(a.Body), `"available":2`) {
		t.Errorf("the stock after: %s", a.Body)
	}
}

// settled delivers an order and does what its job would do next.
func settled(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := delivered(t, w, p)
	w.Settle(t, p, ids["order_id"])
	return ids
}

// refusedSplit delivers an order whose split could not be planned, as when a receiver is missing.
func refusedSplit(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := delivered(t, w, p)
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, `WITH paid AS (SELECT * FROM payments WHERE order_id = $1),
			settlement AS (INSERT INTO settlements (id, payment_id, order_id, amount_fen, royalty_freeze, status, reason)
				SELECT $2, id, order_id, amount_fen, true, 'refused', 'receiver_missing' FROM paid)
			INSERT INTO splits (id, payment_id, order_id, status, reason) SELECT $3, id, order_id, 'refused', 'receiver_missing' FROM paid`,
			ids["order_id"], id.New[id.Settlement](), id.New[id.Split]())
		return err
	})
	return ids
}

// splitAfterRetry tries again once more than is allowed, does what the job does, and finds the split done and the retry in the audit log.
func splitAfterRetry(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	path := p.Fill("/v1/orders/{order_id}/split")
	if a := w.Do(t, p.Key(owner), http.MethodPost, path+"/retry", nil); a.Code() != "split_not_refused" {
		t.Errorf("a second retry: %d %s", a.Status, a.Body)
	}
	w.Settle(t, p, p.IDs["order_id"])
	if a := w.Do(t, p.Key(owner), http.MethodGet, path, nil); !strings.Contains(string(a.Body), `"status":"completed"`) {
		t.Errorf("after the retry: %s", a.Body)
	}
	if log := w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log?limit=100", nil); !strings.Contains(string(log.Body), "retryOrderSplit") {
		t.Errorf("the retry is not audited: %s", log.Body)
	}
}

// complete drafts an application and gives it everything.
func complete(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := draft(t, w, p)
	path := "/v1/applications/" + ids["application_id"]
	w.Must(t, p.Key(owner), http.MethodPut, path, object{
		"name": "杭州示例网络科技有限公司", "alias_name": "示例网络", "merchant_type": "01", "mcc": "B5555", "cert_no": "91330100MA2AXXXX0X",
		"legal_name": "张三", "legal_cert_no": "11010519491231002X", "contact_name": "李四", "contact_mobile": "13800000000", "service_phone": "0571-88888888",
		"service": []string{"当面付", "电脑支付"}, "site_url": "https://shop.example.cn", "site_name": "示例商城",
		"business_address":        object{"province_code": "330000", "city_code": "330100", "district_code": "330106", "address": "示例路 1 号"},
		"binding_alipay_logon_id": "pay@example.cn", "alipay_logon_id": "pay@example.cn",
	}, nil)
	for _, purpose := range []string{"cert_image", "legal_cert_front_image", "legal_cert_back_image", "out_door_image", "in_door_image"} {
		w.Must(t, p.Key(owner), http.MethodPut, path+"/images/"+purpose, picture(), nil, "Content-Type", "image/png")
	}
	return ids
}

func notEditable(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	for method, path := range map[string]string{http.MethodPut: "", http.MethodPost: "/submit"} {
		var body any
		if method == http.MethodPut {
			body = object{}
		}
		if a := w.Do(t, p.Key(owner), method, p.Fill("/v1/applications/{application_id}")+path, body); a.Code() != "application_not_editable" {
			t.Errorf("%s after submission: %d %s", method, a.Status, a.Body)
		}
	}
}

// TestScenarios runs every scenario, and fails for an operation that has none.
func TestScenarios(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for _, op := range w.Contract.Operations() {
		found := false
		for _, s := range scenarios() {
			found = found || s.Status < 300 && s.Method == op.Method && apitest.SamePath(op.Path, s.Path)
		}
		if !found {
			if op.ID == "putAlipayConnection" {
				continue // TestPutConnection: it needs a tenant of its own
			}
			t.Errorf("%s has no scenario that succeeds", op.ID)
		}
	}
	for _, s := range scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			s.Run(t, w, p)
		})
	}
}

// TestPutConnection replaces the keys of a tenant's app, and is told that the app itself is in use.
func TestPutConnection(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	private, public, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	var before, c struct {
		AppID string `json:"app_id"`
		PID   string `json:"pid"`
	}
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/alipay_connection", nil, &before)
	app, err := alipay.NewDesk(w.Simulator, http.DefaultClient).RegisterApp(t.Context(), alipay.DeskApp{Name: "another", PublicKey: public})
	if err != nil {
		t.Fatal(err)
	}
	body := object{"gateway": "simulator", "app_id": app.AppID, "pid": app.PID, "private_key": private.Reveal(), "alipay_public_key": app.AlipayPublicKey}
	if a := w.Do(t, p.Key(owner), http.MethodPut, "/v1/alipay_connection", body); a.Status != http.StatusConflict || a.Code() != "alipay_connection_in_use" {
		t.Errorf("another app: %d %s", a.Status, a.Code())
	}
	w.Desk(t, http.MethodPatch, "/apps/"+before.AppID, object{"public_key": public}, nil)
	body["app_id"], body["pid"] = before.AppID, before.PID
	w.Must(t, p.Key(owner), http.MethodPut, "/v1/alipay_connection", body, &c)
	var check struct{ Healthy bool }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/alipay_connection/check", nil, &check)
	if c.AppID != before.AppID || !check.Healthy {
		t.Errorf("app %s, healthy %v", c.AppID, check.Healthy)
	}
	raw, err := json.Marshal(body["private_key"])
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.Log.String(), string(raw[1:100])) {
		t.Error("the private key stands in the log")
	}
}
