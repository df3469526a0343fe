package apitest_test

import "zhitong/api/apitest"

func refundsScenarios() []apitest.Scenario {
	return []apitest.Scenario{
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
			Has:    []string{`"reason":"test"`},
		},
		{
			Name:   "read a refund",
			As:     support,
			Method: "GET",
			Path:   "/v1/refunds/{refund_id}",
			Status: 200,
			Has:    []string{`"reason":"test"`},
		},
	}
}
