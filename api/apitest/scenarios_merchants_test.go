package apitest_test

import "zhitong/api/apitest"

func merchantsScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "list suppliers",
			As:     support,
			Method: "GET",
			Path:   "/v1/merchants?kind=supplier&status=active",
			Status: 200,
			Has:    []string{"{supplier_id}"},
			Lacks:  []string{"{distributor_id}"},
		},
		{
			Name:   "create a merchant",
			As:     developer,
			Method: "POST",
			Path:   "/v1/merchants",
			Body:   object{"kind": "supplier", "name": "供货商", "contact": "13800000000"},
			Status: 201,
			Has:    []string{`"status":"pending"`},
			After: again(
				"/v1/merchants",
				object{"kind": "supplier", "name": "a"},
				object{"kind": "supplier", "name": "b"},
			),
		},
		{
			Name:   "create a merchant of another kind",
			As:     owner,
			Method: "POST",
			Path:   "/v1/merchants",
			Body:   object{"kind": "bank", "name": "x"},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/kind enum",
		},
		{
			Name:   "read a merchant",
			As:     riskRole,
			Method: "GET",
			Path:   "/v1/merchants/{supplier_id}",
			Status: 200,
			Has:    []string{`"smid":"2088`, `"receiver":{`},
		},
		{
			Name:    "change a merchant",
			As:      owner,
			Method:  "PATCH",
			Path:    "/v1/merchants/{merchant_id}",
			Prepare: newMerchant,
			Body:    object{"name": "新名"},
			Status:  200,
			Has:     []string{"新名"},
		},
		{
			Name:   "change nothing",
			As:     owner,
			Method: "PATCH",
			Path:   "/v1/merchants/{merchant_id}",
			Body:   object{},
			Status: 400,
			Code:   "invalid_request",
			Field:  " min_properties",
		},
	}
}
