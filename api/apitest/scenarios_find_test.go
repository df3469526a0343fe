package apitest_test

import "zhitong/api/apitest"

// findScenarios are those of what finds and follows: the time line of an order.
func findScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "read the time line of an order",
			As:     owner,
			Method: "GET",
			Path:   "/v1/orders/{order_id}/timeline",
			Status: 200,
			Has: []string{`"kind":"order_created"`, `"title":"下单"`, `"kind":"payment_paid"`, `"title":"付款成功"`,
				`"kind":"order_delivered"`, `"truncated":false`, `"name":"`},
		},
		{
			Name:   "read the time line in English",
			As:     support,
			Method: "GET",
			Path:   "/v1/orders/{order_id}/timeline?lang=en",
			Status: 200,
			Has:    []string{`"title":"Payment received"`},
			Lacks:  []string{"下单", `"actor"`},
		},
		{
			Name:    "read the time line in the caller's language",
			As:      support,
			Method:  "GET",
			Path:    "/v1/orders/{order_id}/timeline",
			Headers: []string{"Accept-Language", "en-GB, zh;q=0.5"},
			Status:  200,
			Has:     []string{`"title":"Payment received"`},
		},
		{
			Name:   "the time line of an order that is not there",
			As:     support,
			Method: "GET",
			Path:   "/v1/orders/ord_01jftt0q64fk29tara3ec1vqq1/timeline",
			Status: 404,
			Code:   "order_not_found",
		},
		{
			Name:   "follow events from what is no event",
			As:     developer,
			Method: "GET",
			Path:   "/v1/stream?after=ord_01jftt0q64fk29tara3ec1vqq1",
			Status: 400,
			Code:   "invalid_request",
			Field:  "after format",
		},
		{
			Name:   "follow events without the right",
			As:     support,
			Method: "GET",
			Path:   "/v1/stream",
			Status: 403,
			Code:   "forbidden",
		},
		{
			Name:   "search for an order",
			As:     support,
			Method: "GET",
			Path:   "/v1/search?q={order_id}",
			Status: 200,
			Has:    []string{`"kind":"order"`, `"subject_id":"{order_id}"`, `"matched_by":"id"`},
		},
		{
			Name:   "search for nothing",
			As:     support,
			Method: "GET",
			Path:   "/v1/search?q=x",
			Status: 400,
			Code:   "invalid_request",
			Field:  "q min_length",
		},
		{
			Name:   "search for what is not there",
			As:     support,
			Method: "GET",
			Path:   "/v1/search?q=%27%20OR%201%3D1--",
			Status: 200,
			Has:    []string{`{"data":[]}`},
		},
		{
			Name:   "the time line in no language",
			As:     support,
			Method: "GET",
			Path:   "/v1/orders/{order_id}/timeline?lang=xx",
			Status: 400,
			Code:   "invalid_request",
			Field:  "lang enum",
		},
	}
}
