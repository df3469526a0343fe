package apitest_test

import (
	"testing"

	"zhitong/api/apitest"
)

func refundsScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:    "plan a refund before the split",
			As:      support,
			Method:  "GET",
			Path:    "/v1/orders/{order_id}/refund_plan",
			Prepare: delivered,
			Status:  200,
			Has: []string{`"amount_fen":`, `"parts":[]`, `"approval_required":false`,
				`"merchant_of_record_id":"{supplier_id}"`},
		},
		{
			Name:    "plan a refund after the split",
			As:      finance,
			Method:  "GET",
			Path:    "/v1/orders/{order_id}/refund_plan",
			Prepare: settled,
			Status:  200,
			Has:     []string{`"receiver":"platform"`, `"approval_required":false`},
			After:   planKept,
		},
		{
			Name:    "plan a refund of an unpaid order",
			As:      owner,
			Method:  "GET",
			Path:    "/v1/orders/{order_id}/refund_plan",
			Prepare: fresh,
			Status:  409,
			Code:    "order_not_refundable",
		},
		{
			Name:    "refund",
			As:      finance,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/refunds",
			Headers: key(),
			Prepare: delivered,
			Body:    object{"reason": "买错了"},
			Status:  202,
			Has:     []string{`"status":"pending"`, `"amount_fen":10000`},
		},
		{
			Name:    "refund twice by one key",
			As:      owner,
			Method:  "GET",
			Path:    "/v1/orders/{order_id}",
			Prepare: delivered,
			Status:  200,
			After:   again("/v1/orders/{order_id}/refunds", object{}, object{"reason": "other"}),
		},
		{
			Name:   "list refunds of the tenant",
			As:     support,
			Method: "GET",
			Path:   "/v1/refunds?status=pending&include=count",
			Status: 200,
			Has:    []string{`"id":"{refund_id}"`, `"total":{`},
		},
		{
			Name:   "list refunds of an unknown status",
			As:     support,
			Method: "GET",
			Path:   "/v1/refunds?status=done",
			Status: 400,
			Code:   "invalid_request",
			Field:  "status/0 enum",
		},
		{
			Name:    "refund an unpaid order",
			As:      finance,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/refunds",
			Headers: key(),
			Prepare: fresh,
			Body:    object{},
			Status:  409,
			Code:    "order_not_refundable",
		},
		{
			Name:    "refund an amount",
			As:      finance,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/refunds",
			Headers: key(),
			Body:    object{"amount_fen": 1},
			Status:  400,
			Code:    "invalid_request",
			Field:   "/amount_fen unknown_field",
		},
		{
			Name:   "list refunds",
			As:     support,
			Method: "GET",
			Path:   "/v1/orders/{order_id}/refunds",
			Status: 200,
			Has:    []string{`"data":[]`},
		},
		{
			Name:   "list the refunds of all orders",
			As:     finance,
			Method: "GET",
			Path:   "/v1/refunds",
			Status: 200,
			Has: []string{`"reason":"test"`,
				`"merchant_of_record_id":"{supplier_id}","merchant_of_record_name":"supplier"`},
		},
		{
			Name:   "read a refund",
			As:     support,
			Method: "GET",
			Path:   "/v1/refunds/{refund_id}",
			Status: 200,
			Has: []string{`"reason":"test"`,
				`"merchant_of_record_id":"{supplier_id}","merchant_of_record_name":"supplier"`},
		},
	}
}

// planKept holds the plan to what the refund then does: the parts and the rest are the payment, and the same go back.
func planKept(t testing.TB, w *apitest.World, p *apitest.Tenant, a apitest.Answer) {
	var plan struct {
		Amount int64 `json:"amount_fen"`
		Rest   int64 `json:"merchant_of_record_fen"`
		Parts  []struct {
			Amount int64 `json:"amount_fen"`
		}
	}
	a.Into(t, &plan)
	sum := plan.Rest
	for _, part := range plan.Parts {
		sum += part.Amount
	}
	if sum != plan.Amount || len(plan.Parts) == 0 {
		t.Errorf("the plan is %+v", plan)
	}
	var r struct {
		Amount int64 `json:"amount_fen"`
	}
	w.Must(t, p.Key(owner), "POST", p.Fill("/v1/orders/{order_id}/refunds"), object{}, &r, key()...)
	if r.Amount != plan.Amount {
		t.Errorf("the refund is of %d, the plan of %d", r.Amount, plan.Amount)
	}
	if a := w.Do(t, p.Key(owner), "GET", p.Fill("/v1/orders/{order_id}/refund_plan"),
		nil); a.Code() != "refund_pending" {
		t.Errorf("a plan while one is under way: %d %s", a.Status, a.Body)
	}
}
