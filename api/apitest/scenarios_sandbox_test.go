package apitest_test

import (
	"testing"

	"zhitong/api/apitest"
)

func sandboxScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "what a sandbox can do",
			As:     support,
			Method: "GET",
			Path:   "/v1/sandbox",
			Status: 200,
			Has:    []string{`"simulator":true`, `"clock_moves":true`, `"now":`},
		},
		{
			Name:    "pay an order as its buyer",
			As:      developer,
			Method:  "POST",
			Path:    "/v1/sandbox/orders/{order_id}/pay",
			Prepare: fresh,
			Body:    object{"channel": "bank_card"},
			Status:  200,
			Has:     []string{`"status":"paid"`, `"order_id":"{order_id}"`, `"trade_no":`},
			Lacks:   []string{"refused_by"},
			After: func(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
				w.Await(t, p, p.IDs["order_id"], "delivered")
				changesOf(t, w, p, "paySandboxOrder", p.IDs["order_id"])
			},
		},
		{
			Name:    "pay an order a second time",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/sandbox/orders/{order_id}/pay",
			Prepare: delivered,
			Body:    object{},
			Status:  409,
			Code:    "simulator_refused",
		},
		{
			Name:    "let a payment fail",
			As:      support,
			Method:  "POST",
			Path:    "/v1/sandbox/orders/{order_id}/fail",
			Prepare: fresh,
			Body:    object{"reason": "risk"},
			Status:  200,
			Has:     []string{`"status":"awaiting_payment"`, `"refused_by":"ACQ.PAYMENT_REQUEST_HAS_RISK"`},
			After: func(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
				w.Must(t, p.Key(owner), "POST", p.Fill("/v1/sandbox/orders/{order_id}/pay"), object{}, nil)
				w.Await(t, p, p.IDs["order_id"], "delivered")
			},
		},
		{
			Name:    "complain about an order",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/sandbox/orders/{order_id}/complain",
			Prepare: delivered,
			Body:    object{"reason": "卡密无法使用"},
			Status:  200,
			Has:     []string{`"complain_event_id":"`, `"order_id":"{order_id}"`},
		},
		{
			Name:    "complain about an order that is not paid",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/sandbox/orders/{order_id}/complain",
			Prepare: fresh,
			Body:    object{},
			Status:  409,
			Code:    "simulator_refused",
		},
		{
			Name:    "reject an application",
			As:      developer,
			Method:  "POST",
			Path:    "/v1/sandbox/applications/{application_id}/decide",
			Prepare: sent,
			Body:    object{"step": "materials", "outcome": "rejected", "memo": "营业执照照片模糊"},
			Status:  200,
			Has:     []string{`"id":"{application_id}"`},
			After: func(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
				watched(t, w, p, `"status":"rejected"`, "营业执照照片模糊")
			},
		},
		{
			Name:    "decide about an application that nobody has sent",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/sandbox/applications/{application_id}/decide",
			Prepare: draft,
			Body:    object{"step": "risk", "outcome": "passed"},
			Status:  409,
			Code:    "simulator_refused",
		},
		{
			Name:   "say what becomes of the next refund",
			As:     developer,
			Method: "POST",
			Path:   "/v1/sandbox/next_refund",
			Body:   object{"outcome": "succeeds"},
			Status: 200,
			Has:    []string{`"outcome":"succeeds"`},
		},
		{
			Name:   "move the clock",
			As:     admin,
			Method: "POST",
			Path:   "/v1/sandbox/clock",
			Body:   object{"advance_seconds": 1},
			Status: 200,
			Has:    []string{`"now":`},
		},
		{
			Name:   "move the clock back",
			As:     admin,
			Method: "POST",
			Path:   "/v1/sandbox/clock",
			Body:   object{"advance_seconds": -1},
			Status: 400,
			Code:   "invalid_request",
		},
		{
			Name:   "pay an order as finance",
			As:     finance,
			Method: "POST",
			Path:   "/v1/sandbox/orders/{order_id}/pay",
			Body:   object{},
			Status: 403,
			Code:   "forbidden",
		},
	}
}

// sent makes an application that the simulator has.
func sent(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	application, _ := sentToDesk(t, w, p)
	return map[string]string{"application_id": application.String()}
}
