package apitest_test

import (
	"net/http"
	"strings"
	"testing"

	"zhitong/api/apitest"
	"zhitong/api/authz"
	"zhitong/tenants"
)

// sold is a platform on which each merchant has something of the other's beside it: the supplier's keys are sold by the
// distributor, and the supplier sells the keys of a third, as merchant of record only.
type sold struct {
	*apitest.World
	p            *apitest.Tenant
	third        string
	supplied     string // product: supplier's keys, the distributor sells
	resold       string // product: the third's keys, the supplier sells
	resoldImport string
	resoldKey    string
	byOther      string // order of supplied: the distributor's
	byMe         string // order of resold: the supplier's
}

func newSold(t *testing.T) *sold {
	t.Helper()
	w := apitest.NewWorld(t)
	s := &sold{World: w, p: w.NewTenant(t, "甲")}
	own := s.p.Key(owner)
	create := func(path string, body any, header ...string) string {
		var made struct{ ID string }
		w.Must(t, own, http.MethodPost, path, body, &made, header...)
		return made.ID
	}
	s.third = create("/v1/merchants", object{"kind": "supplier", "name": "canary third"})
	rule := create("/v1/split_rules", object{"name": "shared", "parts": []any{
		object{"receiver": "platform", "rate_bps": 500},
		object{"receiver": "merchant", "merchant_id": s.p.Supplier, "rate_bps": 1000}}})
	product := func(supplier, ofRecord string) string {
		return create("/v1/products", object{"name": "x", "price_fen": 10000, "supplier_id": supplier,
			"merchant_of_record_id": ofRecord, "split_rule_id": rule})
	}
	s.supplied, s.resold = product(s.p.Supplier, s.p.Distributor), product(s.third, s.p.Supplier)
	order := func(product string) string {
		create("/v1/products/"+product+"/card_keys", object{"card_keys": apitest.Keys("known-"+product, 5)})
		var o struct {
			ID      string
			Payment struct {
				OutTradeNo string `json:"out_trade_no"`
			}
		}
		w.Must(t, own, http.MethodPost, "/v1/orders", object{"items": []any{object{"product_id": product,
			"quantity": 1}}, "reference": "canary-" + product}, &o, key()...)
		w.Desk(t, "POST", "/trades/"+o.Payment.OutTradeNo+"/pay", object{}, nil)
		w.Await(t, s.p, o.ID, "delivered")
		w.Settle(t, s.p, o.ID)
		return o.ID
	}
	s.byOther, s.byMe = order(s.supplied), order(s.resold)
	ids := keyOf(t, w, s.p, s.resold, "available")
	s.resoldKey, s.resoldImport = ids["card_key_id"], ids["spare_import_id"]
	return s
}

// TestOnlyTheSupplierHasTheStock: a merchant that only sells a product can neither import into its stock, nor find out
// by that what is in it, nor list it; how much there is to sell it may know. The supplier is the control.
func TestOnlyTheSupplierHasTheStock(t *testing.T) {
	t.Parallel()
	s := newSold(t)
	for _, c := range []struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		{"POST", "/v1/products/" + s.resold + "/card_keys", object{"card_keys": []string{"mine"}}, 403,
			"not_the_supplier"},
		{"POST", "/v1/products/" + s.resold + "/card_keys", object{"card_keys": apitest.Keys("known-"+s.resold, 1)},
			403, "not_the_supplier"},
		{"GET", "/v1/products/" + s.resold + "/card_keys", nil, 403, "not_the_supplier"},
		{"GET", "/v1/products/" + s.resold + "/card_key_imports", nil, 403, "not_the_supplier"},
		{"GET", "/v1/card_keys/" + s.resoldKey, nil, 404, "card_key_not_found"},
		{"GET", "/v1/card_key_imports/" + s.resoldImport, nil, 404, "card_key_import_not_found"},
		{"POST", "/v1/card_keys/" + s.resoldKey + "/void", object{"reason": "x"}, 404, "card_key_not_found"},
		{"POST", "/v1/card_key_imports/" + s.resoldImport + "/void", object{"reason": "x"}, 404,
			"card_key_import_not_found"},
		{"POST", "/v1/products/" + s.supplied + "/card_keys", object{"card_keys": []string{"mine"}}, 201, ""},
		{"GET", "/v1/products/" + s.supplied + "/card_keys", nil, 200, ""},
		{"GET", "/v1/products/" + s.resold + "/stock", nil, 200, ""},
	} {
		a := s.Do(t, s.p.Key(supplier), c.method, c.path, c.body)
		if a.Status != c.status || a.Code() != c.code {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, a.Status, a.Body, c.status, c.code)
		}
	}
	for path, as := range map[string]tenants.Role{s.resold: supplier, s.supplied: tenants.RoleDistributor} {
		a := s.Do(t, s.p.Key(as), "GET", "/v1/products/"+path+"/stock", nil)
		if !contains(a.Body, `"delivered":1`) || contains(a.Body, `"available":0`) {
			t.Errorf("the merchant of record reads the stock %s", a.Body)
		}
	}
}

// TestMerchantsSplitsAndRefunds: a merchant of record reads its own splits and refunds, a receiver its own parts, and
// nobody another's.
func TestMerchantsSplitsAndRefunds(t *testing.T) {
	t.Parallel()
	s := newSold(t)
	distributor := tenants.RoleDistributor
	var made struct{ ID string }
	s.Must(t, s.p.Key(owner), "POST", "/v1/orders/"+s.byOther+"/refunds", object{"reason": "canary"}, &made, key()...)
	for _, c := range []struct {
		as         tenants.Role
		path       string
		status     int
		has, lacks []string
	}{
		{distributor, "/v1/splits", 200, []string{s.byOther}, []string{s.byMe}},
		{supplier, "/v1/splits", 200, []string{s.byMe}, []string{s.byOther}},
		{distributor, "/v1/orders/" + s.byOther + "/split", 200,
			[]string{`"receiver_account":"",`, `"amount_fen":1000,`, `"kept_fen":8500`, `"receiver":"platform"`},
			[]string{s.p.Supplier, `"merchant_name"`, `"merchant_id"`}},
		{owner, "/v1/orders/" + s.byOther + "/split", 200, []string{s.p.Supplier, `"kept_fen":8500`},
			[]string{`"receiver_account":""`}},
		{supplier, "/v1/orders/" + s.byOther + "/split", 404, nil, []string{s.byOther}},
		{supplier, "/v1/merchants/" + s.p.Supplier + "/splits", 200,
			[]string{s.byOther, `"amount_fen":1000,`, `"status":"completed"`, "2088********"},
			[]string{s.byMe, "canary"}},
		{owner, "/v1/merchants/" + s.p.Supplier + "/splits", 200, []string{s.byOther, `"amount_fen":1000,`}, nil},
		{distributor, "/v1/merchants/" + s.p.Distributor + "/splits", 200, []string{`"data":[]`}, nil},
		{distributor, "/v1/merchants/" + s.p.Supplier + "/splits", 404, nil, []string{s.byOther}},
		{distributor, "/v1/refunds?include=count", 200, []string{made.ID, `"count":1`}, nil},
		{supplier, "/v1/refunds?include=count", 200, []string{s.p.IDs["refund_id"], `"count":1`}, []string{made.ID}},
		{distributor, "/v1/orders/" + s.byOther + "/refunds", 200, []string{made.ID}, nil},
		{supplier, "/v1/orders/" + s.byOther + "/refunds", 404, nil, []string{made.ID}},
		{distributor, "/v1/refunds/" + made.ID, 200, []string{s.byOther}, nil},
		{supplier, "/v1/refunds/" + made.ID, 404, nil, []string{s.byOther}},
	} {
		a := s.Do(t, s.p.Key(c.as), http.MethodGet, c.path, nil)
		if a.Status != c.status {
			t.Errorf("%s as %s: %d %s", c.path, c.as, a.Status, a.Body)
		}
		for _, text := range c.has {
			if !contains(a.Body, text) {
				t.Errorf("%s as %s lacks %q: %s", c.path, c.as, text, a.Body)
			}
		}
		for _, text := range c.lacks {
			if contains(a.Body, text) {
				t.Errorf("%s as %s has %q: %s", c.path, c.as, text, a.Body)
			}
		}
	}
}

// TestMerchantSeesNoOthers walks every operation that reads and that a merchant may call, with the identifiers of
// everything on the platform: no answer has another merchant's name, number, account, order or reference.
func TestMerchantSeesNoOthers(t *testing.T) {
	t.Parallel()
	s := newSold(t)
	policy, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	others := s.p.With(map[string]string{"product_id": s.resold, "card_key_id": s.resoldKey,
		"card_key_import_id": s.resoldImport, "order_id": s.byOther, "merchant_id": s.p.Distributor})
	mine := s.p.With(map[string]string{"product_id": s.supplied, "order_id": s.byMe, "merchant_id": s.p.Supplier})
	var d struct {
		Name, SMID string
		Receiver   struct{ Account string }
	}
	s.Must(t, s.p.Key(owner), "GET", "/v1/merchants/"+s.p.Distributor, nil, &d)
	canaries := []string{`"` + d.Name + `"`, d.SMID, d.Receiver.Account, "canary third", "canary-" + s.supplied}
	walked, owners := 0, ""
	for _, op := range s.Contract.Operations() {
		if op.Method != http.MethodGet || !policy.May(supplier, op.ID) {
			continue
		}
		for _, of := range []*apitest.Tenant{mine, others} {
			a := s.Do(t, s.p.Key(supplier), op.Method, of.Fill(op.Path), nil)
			walked++
			for _, c := range canaries {
				if contains(a.Body, c) {
					t.Errorf("%s shows a supplier %s: %s", op.ID, c, a.Body)
				}
			}
			if a.Status >= 500 {
				t.Errorf("%s: %d", op.ID, a.Status)
			}
			owners += string(s.Do(t, s.p.Key(owner), op.Method, of.Fill(op.Path), nil).Body)
		}
	}
	if walked < 30 {
		t.Errorf("only %d requests were made", walked)
	}
	owners += string(s.Do(t, s.p.Key(owner), http.MethodGet, "/v1/merchants", nil).Body)
	for _, c := range canaries { // the control
		if !strings.Contains(owners, c) {
			t.Errorf("not even the owner is shown %s", c)
		}
	}
}
