package simulator_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/go-chi/chi/v5"
)

// deskSpec is desk.yaml, parsed and checked once.
var deskSpec = sync.OnceValues(func() (*openapi3.T, error) {
	data, err := os.ReadFile("desk/desk.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

var deskRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := deskSpec()
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// conforms checks an answer of the desk against desk.yaml; every test's desk calls go through it.
func conforms(req *http.Request, resp *http.Response, body []byte) error {
	router, err := deskRouter()
	if err != nil {
		return err
	}
	route, params, err := router.FindRoute(req)
	if err != nil {
		return fmt.Errorf("route: %w", err)
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 resp.StatusCode, Header: resp.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	if len(body) > 0 {
		in.SetBodyBytes(body)
	}
	return openapi3filter.ValidateResponse(context.Background(), in)
}

// TestDeskSpec: the router and desk.yaml name the same operations.
func TestDeskSpec(t *testing.T) {
	t.Parallel()
	doc, err := deskSpec()
	if err != nil {
		t.Fatal(err)
	}
	var want, have []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			want = append(want, method+" "+path)
		}
	}
	w := start(t)
	err = chi.Walk(w.sim.Handler().(chi.Routes),
		func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
			if path, ok := strings.CutPrefix(route, "/desk/api"); ok {
				have = append(have, method+" "+path)
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		t.Errorf("desk.yaml has\n%s\nthe router has\n%s", strings.Join(want, "\n"), strings.Join(have, "\n"))
	}
	if got := get(t, w.srv.URL+"/desk/api/openapi.yaml"); !strings.Contains(got, "openapi:") {
		t.Error("the file is not served")
	}
}

// TestThreeCurls is what docs promise: an application by its own key, a trade, a payment, with nothing but the desk.
func TestThreeCurls(t *testing.T) {
	t.Parallel()
	w := start(t)
	o := w.desk("POST", "/trades",
		obj{"app_id": w.app, "out_trade_no": "demo1", "total_fen": 100, "subject": "点卡", "smid": w.smid}, 201)
	if o["trade_status"] != "ASKED" || o["trade_no"] != "" {
		t.Errorf("ordered: %v", o)
	}
	w.desk("POST", "/trades/demo1/scan", nil, 200)
	w.desk("POST", "/trades",
		obj{"app_id": w.app, "out_trade_no": "demo1", "total_fen": 200, "subject": "点卡", "smid": w.smid}, 409)
	w.desk("POST", "/trades", obj{"app_id": w.app, "out_trade_no": "a b", "total_fen": 200, "subject": "点卡"}, 400)
	if v := w.desk("POST", "/trades/demo1/pay", obj{"channel": "BANKCARD"},
		200); v["trade_status"] != "TRADE_SUCCESS" || v["fund_channel"] != "BANKCARD" {
		t.Errorf("paid: %v", v)
	}
	list := w.desk("GET", "/trades?status=TRADE_SUCCESS&limit=1", nil, 200)
	if len(list["trades"].([]any)) != 1 || list["next"] == "" {
		t.Errorf("list: %v", list)
	}
	if more := w.desk("GET", "/trades?before="+list["next"].(string), nil, 200); len(more["trades"].([]any)) != 0 {
		t.Errorf("behind the last: %v", more)
	}
	w.desk("GET", "/trades/nothing", nil, 404)
	w.desk("POST", "/trades/demo1/cancel", nil, 409)
	w.desk("POST", "/accounts", obj{"user_id": "2088000000000001"}, 409)
	a := w.desk("POST", "/accounts", obj{"name": "新买家", "certified": true, "balance_fen": 500, "kind": "buyer"}, 201)
	w.desk("PATCH", "/accounts/"+a["user_id"].(string), obj{"top_up_fen": -501}, 400)
	if b := w.desk("GET", "/accounts/"+a["logon_id"].(string), nil, 200); b["balance_fen"] != 500.0 {
		t.Errorf("account: %v", b)
	}
	if n := len(w.desk("GET", "/merchants?pid="+w.pid, nil, 200)["merchants"].([]any)); n != 1 {
		t.Errorf("merchants: %d", n)
	}
}

// TestCallsByOthers: what another program does with the app is held to the same rules as this one's, and is found by
// its own number.
func TestCallsByOthers(t *testing.T) {
	t.Parallel()
	w := start(t)
	no := w.paid("10.00")
	call := func(method string, biz obj, status int) map[string]any {
		return w.desk("POST", "/apps/"+w.app+"/calls", obj{"method": method, "biz_content": biz}, status)
	}
	refund := obj{"trade_no": no, "refund_amount": "4.00", "out_request_no": "CONSOLE1"}
	if a := call("alipay.trade.refund", refund, 200); a["fund_change"] != "Y" || a["refund_fee"] != "4.00" {
		t.Errorf("refund: %v", a)
	}
	if a := call("alipay.trade.refund", refund, 200); a["fund_change"] != "N" {
		t.Errorf("the same again: %v", a)
	}
	if got := w.must("alipay.trade.fastpay.refund.query",
		obj{"trade_no": no, "out_request_no": "CONSOLE1"}).str("refund_amount"); got != "4.00" {
		t.Errorf("found by its number: %q", got)
	}
	if v := w.trade(no); v["refunded_fen"] != 400.0 {
		t.Errorf("refunded: %v", v["refunded_fen"])
	}
	other := w.desk("POST", "/apps", obj{"name": "别家", "public_key": spki(&w.key.PublicKey)}, 201)["app_id"].(string)
	for _, c := range []struct {
		app, method string
		biz         any
		status      int
		code        string
	}{
		{w.app, "alipay.trade.refund", obj{"trade_no": no, "refund_amount": "7.00", "out_request_no": "CONSOLE2"}, 409,
			"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"},
		{w.app, "alipay.trade.refund", obj{"trade_no": no}, 409, "ACQ.INVALID_PARAMETER"},
		{w.app, "alipay.trade.nothing", obj{}, 409, "isv.invalid-method"},
		{w.app, "alipay.trade.page.pay", obj{}, 409, "isv.invalid-method"},
		{other, "alipay.trade.refund", obj{"trade_no": no, "refund_amount": "1.00", "out_request_no": "X"}, 409,
			"ACQ.TRADE_NOT_EXIST"},
		{"9021000000000000", "alipay.trade.refund", obj{}, 404, ""},
	} {
		a := w.desk("POST", "/apps/"+c.app+"/calls", obj{"method": c.method, "biz_content": c.biz}, c.status)
		if c.code != "" && a["code"] != c.code {
			t.Errorf("%s %v: %v, want %s", c.method, c.biz, a, c.code)
		}
	}
}
