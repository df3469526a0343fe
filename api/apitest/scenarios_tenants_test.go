package apitest_test

import "zhitong/api/apitest"

func tenantsScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "sign up",
			Method: "POST",
			Path:   "/v1/tenants",
			Body:   object{"name": "星河卡盟", "owner_email": "a@example.cn"},
			Status: 201,
			Has:    []string{"zt_test_", `"role":"owner"`, `"mode":"sandbox"`},
		},
		{
			Name:   "sign up without a name",
			Method: "POST",
			Path:   "/v1/tenants",
			Body:   object{"owner_email": "a@example.cn"},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/name required",
			Golden: "invalid_request",
		},
		{
			Name:   "sign up with a wrong address",
			Method: "POST",
			Path:   "/v1/tenants",
			Body:   object{"name": "x", "owner_email": "canary-7731"},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/owner_email format",
			Lacks:  []string{"canary"},
		},
		{
			Name:   "read the tenant",
			As:     finance,
			Method: "GET",
			Path:   "/v1/tenant",
			Status: 200,
			Has:    []string{`"mode":"sandbox"`},
		},
		{
			Name:   "read the connection",
			As:     developer,
			Method: "GET",
			Path:   "/v1/alipay_connection",
			Status: 200,
			Has:    []string{"/notify/alipay/", "/messages", `"mode":"public_key"`},
			Lacks:  []string{"private", "PRIVATE"},
		},
		{
			Name:   "check the connection",
			As:     owner,
			Method: "POST",
			Path:   "/v1/alipay_connection/check",
			Status: 200,
			Has:    []string{`"healthy":true`},
		},
		{
			Name:   "put a connection with a broken key",
			As:     owner,
			Method: "PUT",
			Path:   "/v1/alipay_connection",
			Body: object{
				"gateway":           "simulator",
				"app_id":            "2021000000000001",
				"pid":               "2088000000000001",
				"private_key":       "canary-8812",
				"alipay_public_key": "x",
			},
			Status: 422,
			Code:   "alipay_key_invalid",
			Lacks:  []string{"canary"},
		},
		{
			Name:   "put a connection to anywhere",
			As:     owner,
			Method: "PUT",
			Path:   "/v1/alipay_connection",
			Body:   object{"gateway": "https://evil.example", "app_id": "1", "pid": "2", "private_key": "x"},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/gateway enum",
		},
	}
}
