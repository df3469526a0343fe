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
	"slices"
	"strings"
	"testing"

	"zhitong/alipay"
	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/cases"
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

// again sends the same request a second time and wants the same thing, marked as a replay; with another body it wants
// 422.
func again(path string, body, other any) func(testing.TB, *apitest.World, *apitest.Tenant, apitest.Answer) {
	return func(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
		key := apitest.Unique()
		var one, two struct{ ID string }
		w.Must(t, p.Key(owner), http.MethodPost, p.Fill(path), p.FillBody(t, body), &one, "Idempotency-Key", key)
		a := w.Do(t, p.Key(owner), http.MethodPost, p.Fill(path), p.FillBody(t, body), "Idempotency-Key", key)
		a.Into(t, &two)
		if one.ID == "" || one.ID != two.ID || a.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf(
				"the second time: %d %s %q, want the id %s",
				a.Status,
				a.Body,
				a.Header.Get("Idempotency-Replayed"),
				one.ID,
			)
		}
		if b := w.Do(t, p.Key(owner), http.MethodPost, p.Fill(path), p.FillBody(t, other), "Idempotency-Key",
			key); b.Status != 422 ||
			b.Code() != "idempotency_key_reused" {
			t.Errorf("with another body: %d %s", b.Status, b.Body)
		}
	}
}

type object = map[string]any

// scenarios are the rows of every tag, each in a file of its own.
func scenarios() []apitest.Scenario {
	return slices.Concat(tenantsScenarios(), accessScenarios(), merchantsScenarios(), onboardingScenarios(),
		catalogScenarios(), stockScenarios(), ordersScenarios(), refundsScenarios(), reviewsScenarios(),
		webhooksScenarios(),
		casesScenarios(), shopScenarios(),
		erasuresScenarios(), findScenarios(), metadataScenarios(), noOperationScenarios(),
		filesScenarios(), approvalsScenarios(), sandboxScenarios(), requestsScenarios())
}

func key() []string { return []string{"Idempotency-Key", "key-" + apitest.Unique()} }

func order(n int) object {
	return object{"items": []any{object{"product_id": "{product_id}", "quantity": n}}}
}

func product(name string) object {
	return object{
		"name":                  name,
		"price_fen":             100,
		"supplier_id":           "{supplier_id}",
		"merchant_of_record_id": "{supplier_id}",
		"split_rule_id":         "{split_rule_id}",
	}
}

func newRule(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var r struct{ ID string }
	w.Must(
		t,
		p.Key(owner),
		http.MethodPost,
		"/v1/split_rules",
		object{"name": apitest.Unique(), "parts": []any{object{"receiver": "platform", "rate_bps": 100}}},
		&r,
	)
	return map[string]string{"split_rule_id": r.ID}
}

// newCase is a case that no other scenario closes.
func newCase(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := cases.Open(ctx, tx,
			cases.Opening{Kind: vocabulary.CaseWebhookDisabled, Detail: "test", At: w.Clock.Now()})
		return err
	})
	var found struct{ Data []struct{ ID string } }
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/cases?status=open&kind=webhook_disabled&limit=1", nil, &found)
	return map[string]string{"case_id": found.Data[0].ID}
}

// stocked makes a product with two card keys.
func stocked(t testing.TB, w *apitest.World, p *apitest.Tenant, change object) map[string]string {
	body := w.ProductBody(p, "x")
	for k, v := range change {
		body[k] = v
	}
	var made struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/products", body, &made)
	w.Must(
		t,
		p.Key(owner),
		http.MethodPost,
		"/v1/products/"+made.ID+"/card_keys",
		object{"card_keys": apitest.Keys(made.ID, 2)},
		nil,
	)
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
	log := w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log?action=getOrderCardKeys", nil)
	if !strings.Contains(string(log.Body), "getOrderCardKeys") ||
		strings.Contains(string(log.Body), p.IDs["product_id"]+"-0") {
		t.Errorf("the reveal is not audited, or audited with the key: %s", log.Body)
	}
	if strings.Contains(w.Log.String(), p.IDs["product_id"]+"-0") {
		t.Error("a card key stands in the log")
	}
}

func nothingReserved(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	other := p.With(newProduct(t, w, p))
	if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders", other.FillBody(t, order(3)),
		key()...); a.Code() != "card_keys_sold_out" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := w.Do(t, p.Key(owner), http.MethodGet, other.Fill("/v1/products/{product_id}/stock"),
		nil); !strings.Contains(
		string(a.Body),
		`"available":2`,
	) {
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
	order, err := id.Parse[id.Order](ids["order_id"])
	if err != nil {
		t.Fatal(err)
	}
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, `WITH paid AS (SELECT * FROM payments WHERE order_id = $1),
			settlement AS (INSERT INTO settlements (id, payment_id, order_id, amount_fen, royalty_freeze, status,
				reason)
				SELECT $2, id, order_id, amount_fen, true, 'refused', 'receiver_missing' FROM paid)
			INSERT INTO splits (id, payment_id, order_id, status, reason)
				SELECT $3, id, order_id, 'refused', 'receiver_missing' FROM paid`,
			order, id.New[id.Settlement](), id.New[id.Split]())
		return err
	})
	return ids
}

// splitAfterRetry tries again once more than is allowed, does what the job does, and finds the split done and the retry
// in the audit log.
func splitAfterRetry(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	path := p.Fill("/v1/orders/{order_id}/split")
	if a := w.Do(t, p.Key(owner), http.MethodPost, path+"/retry", nil, key()...); a.Code() != "split_not_refused" {
		t.Errorf("a second retry: %d %s", a.Status, a.Body)
	}
	w.Settle(t, p, p.IDs["order_id"])
	if a := w.Do(t, p.Key(owner), http.MethodGet, path, nil); !strings.Contains(
		string(a.Body),
		`"status":"completed"`,
	) {
		t.Errorf("after the retry: %s", a.Body)
	}
	if log := w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log?action=retryOrderSplit", nil); !strings.Contains(
		string(log.Body),
		"retryOrderSplit",
	) {
		t.Errorf("the retry is not audited: %s", log.Body)
	}
}

// complete drafts an application and gives it everything.
func complete(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := draft(t, w, p)
	path := "/v1/applications/" + ids["application_id"]
	w.Must(t, p.Key(owner), http.MethodPut, path, object{
		"name": "杭州示例网络科技有限公司", "alias_name": "示例网络", "merchant_type": "01", "mcc": "B5555",
		"cert_no":    "91330100MA2AXXXX07",
		"legal_name": "张三", "legal_cert_no": "11010519491231002X", "contact_name": "李四",
		"contact_mobile": "13800000000", "service_phone": "0571-88888888",
		"service": []string{"当面付", "电脑支付"}, "site_url": "https://shop.example.cn", "site_name": "示例商城",
		"business_address": object{
			"province_code": "330000",
			"city_code":     "330100",
			"district_code": "330106",
			"address":       "示例路 1 号",
		},
		"binding_alipay_logon_id": "pay@example.cn", "alipay_logon_id": "pay@example.cn",
	}, nil)
	for _, purpose := range []string{"cert_image", "legal_cert_front_image", "legal_cert_back_image", "out_door_image",
		"in_door_image"} {
		w.Must(t, p.Key(owner), http.MethodPut, path+"/images/"+purpose, picture(), nil, "Content-Type", "image/png")
	}
	return ids
}

// draftGone finds neither a deleted draft nor its images, and drafts another one.
func draftGone(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	path := p.Fill("/v1/applications/{application_id}")
	if a := w.Do(t, p.Key(owner), http.MethodGet, path, nil); a.Code() != "application_not_found" {
		t.Errorf("a deleted draft: %d %s", a.Status, a.Body)
	}
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		application, err := id.Parse[id.Application](p.IDs["application_id"])
		if err != nil {
			return err
		}
		var n int
		err = tx.QueryRow(ctx, "SELECT count(*) FROM application_images WHERE application_id = $1",
			application).Scan(&n)
		if n != 0 {
			t.Errorf("%d images of a deleted draft are there", n)
		}
		return err
	})
	w.Must(t, p.Key(owner), http.MethodPost, p.Fill("/v1/merchants/{merchant_id}/applications"), object{}, nil)
	if log := w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log?action=deleteApplication", nil); !strings.Contains(
		string(log.Body), "deleteApplication") {
		t.Errorf("the deletion is not audited: %s", log.Body)
	}
}

func notEditable(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	for method, path := range map[string]string{http.MethodPut: "", http.MethodPost: "/submit", http.MethodDelete: ""} {
		var body any
		if method == http.MethodPut {
			body = object{}
		}
		if a := w.Do(t, p.Key(owner), method, p.Fill("/v1/applications/{application_id}")+path,
			body); a.Code() != "application_not_editable" {
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
		if op.Personal { // for people only
			continue
		}
		found := false
		for _, s := range scenarios() {
			found = found || s.Status < 300 && s.Method == op.Method && apitest.SamePath(op.Path, s.Path)
		}
		if !found {
			if op.ID == "putAlipayConnection" {
				continue // TestPutConnection: it needs a tenant of its own
			}
			if op.ID == "createLiveTenant" {
				continue // TestGoLive: somebody has to sign in for it
			}
			if op.ID == "streamEvents" || op.ID == "streamTask" {
				continue // TestStream, TestStreamOfATask: its answer has no end
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
	app, err := alipay.NewDesk(w.Simulator, http.DefaultClient).
		RegisterApp(t.Context(), alipay.DeskApp{Name: "another", PublicKey: public})
	if err != nil {
		t.Fatal(err)
	}
	body := object{
		"gateway":           "simulator",
		"app_id":            app.AppID,
		"pid":               app.PID,
		"private_key":       private.Reveal(),
		"alipay_public_key": app.AlipayPublicKey,
	}
	if a := w.Do(t, p.Key(owner), http.MethodPut, "/v1/alipay_connection", body); a.Status != http.StatusConflict ||
		a.Code() != "alipay_connection_in_use" {
		t.Errorf("another app: %d %s", a.Status, a.Code())
	}
	w.Desk(t, http.MethodPatch, "/apps/"+before.AppID, object{"public_key": public}, nil)
	body["app_id"], body["pid"] = before.AppID, before.PID
	if a := w.Do(t, p.Key(owner), http.MethodPut, "/v1/alipay_connection", body, "If-Match", `"7"`); a.Status !=
		http.StatusPreconditionFailed || a.Header.Get("ETag") != `"1"` {
		t.Errorf("another version: %d %s, ETag %s", a.Status, a.Code(), a.Header.Get("ETag"))
	}
	w.Must(t, p.Key(owner), http.MethodPut, "/v1/alipay_connection", body, &c, "If-Match", `"1"`)
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
