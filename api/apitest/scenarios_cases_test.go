package apitest_test

import "zhitong/api/apitest"

func casesScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "list cases",
			As:     riskRole,
			Method: "GET",
			Path:   "/v1/cases?limit=100",
			Status: 200,
			Has:    []string{`"kind":"`},
		},
		{
			Name:   "list cases of some kinds",
			As:     riskRole,
			Method: "GET",
			Path:   "/v1/cases?kind=foreign_notice,smid_taken",
			Status: 200,
			Has:    []string{`"data":[`},
		},
		{
			Name:   "close a case",
			As:     riskRole,
			Method: "POST",
			Path:   "/v1/cases/{case_id}/close",
			Body:   object{"note": "nothing to it"},
			Status: 200,
			Has:    []string{`"status":"closed"`},
		},
		{
			Name:   "close a case without a word",
			As:     riskRole,
			Method: "POST",
			Path:   "/v1/cases/{case_id}/close",
			Body:   object{"note": ""},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/note min_length",
		},
		{
			Name:   "read a case",
			As:     riskRole,
			Method: "GET",
			Path:   "/v1/cases/{case_id}",
			Status: 200,
			Has:    []string{`{case_id}`, `"kind":`},
		},
	}
}
