package apitest_test

import (
	"testing"

	"zhitong/api/apitest"
	"zhitong/tenants"
)

func erasuresScenarios() []apitest.Scenario {
	made := func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
		var e struct{ ID string }
		w.Must(t, p.Key(owner), "POST", "/v1/erasures", object{"buyer_contact": "13700009999"}, &e, key()...)
		return map[string]string{"erasure_id": e.ID}
	}
	return []apitest.Scenario{
		{
			Name:    "erase a buyer's contact",
			As:      admin,
			Method:  "POST",
			Path:    "/v1/erasures",
			Body:    object{"buyer_contact": "137-0000 9998"},
			Headers: key(),
			Status:  201,
			Has:     []string{`"subject":"buyer"`, `"status":"pending"`},
			Lacks:   []string{"9998"},
		},
		{
			Name:    "erase nobody's contact",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/erasures",
			Body:    object{},
			Headers: key(),
			Status:  400,
			Code:    "invalid_request",
		},
		{
			Name:    "erase the contact of a merchant that is active",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/erasures",
			Body:    object{"merchant_id": "{supplier_id}"},
			Headers: key(),
			Status:  409,
			Code:    "merchant_still_active",
		},
		{
			Name:    "erase a contact as support",
			As:      tenants.RoleSupport,
			Method:  "POST",
			Path:    "/v1/erasures",
			Body:    object{"buyer_contact": "13700009999"},
			Headers: key(),
			Status:  403,
			Code:    "forbidden",
		},
		{
			Name:    "read an erasure",
			As:      owner,
			Method:  "GET",
			Path:    "/v1/erasures/{erasure_id}",
			Prepare: made,
			Status:  200,
			Has:     []string{`"orders_erased":0`},
			Lacks:   []string{"13700009999"},
		},
		{
			Name:   "read an erasure that is not there",
			As:     owner,
			Method: "GET",
			Path:   "/v1/erasures/era_01jftt0q77fk29tara3d13bf43",
			Status: 404,
			Code:   "erasure_not_found",
		},
	}
}
