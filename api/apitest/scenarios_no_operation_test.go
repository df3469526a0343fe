package apitest_test

import "zhitong/api/apitest"

func noOperationScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "no such path",
			Method: "GET",
			Path:   "/v1/nothing",
			Status: 404,
			Code:   "route_not_found",
			Golden: "route_not_found",
		},
		{
			Name:   "no such method",
			As:     owner,
			Method: "DELETE",
			Path:   "/v1/orders",
			Status: 405,
			Code:   "method_not_allowed",
		},
		{
			Name:   "without a key",
			Method: "GET",
			Path:   "/v1/orders",
			Status: 401,
			Code:   "unauthenticated",
			Golden: "unauthenticated",
		},
		{
			Name:   "the query is unknown",
			As:     owner,
			Method: "GET",
			Path:   "/v1/orders?page=2",
			Status: 400,
			Code:   "invalid_request",
			Field:  "page unknown_parameter",
		},
	}
}
