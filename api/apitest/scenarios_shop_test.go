package apitest_test

import (
	"net/http"
	"testing"

	"zhitong/api/apitest"
)

func shopScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "how a platform looks",
			As:     support,
			Method: "GET",
			Path:   "/v1/shop",
			Status: 200,
			Has:    []string{`{`},
		},
		{
			Name:   "change how it looks",
			As:     admin,
			Method: "PUT",
			Path:   "/v1/shop",
			Body:   object{"name": "星河卡盟", "accent": "#ffe600", "service_contact": "QQ 800012345"},
			Status: 200,
			Has:    []string{`"accent":"#ffe600"`, `"colors":{"`, `"on_accent":"#ffffff"`},
		},
		{
			Name:   "an accent that is no colour",
			As:     admin,
			Method: "PUT",
			Path:   "/v1/shop",
			Body:   object{"accent": "red"},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/accent pattern",
		},
		{
			Name:   "what is made of an accent",
			As:     support,
			Method: "GET",
			Path:   "/v1/shop/colors?accent=%23ffe600",
			Status: 200,
			Has:    []string{`"light":{"accent":"#`, `"dark":{"accent":"#`},
		},
		{
			Name:    "set a logo",
			As:      admin,
			Method:  "PUT",
			Path:    "/v1/shop/logo",
			Body:    picture(),
			Headers: []string{"Content-Type", "image/png"},
			Status:  200,
			Has:     []string{`"logo_path":"/checkout/logos/tnt_`},
		},
		{
			Name:    "take the logo away",
			As:      admin,
			Method:  "DELETE",
			Path:    "/v1/shop/logo",
			Status:  204,
			Prepare: withLogo,
		},
		{
			Name:    "take a logo away that is not there",
			Prepare: withoutLogo,
			As:      owner,
			Method:  "DELETE",
			Path:    "/v1/shop/logo",
			Status:  404,
			Code:    "logo_not_found",
		},
		{
			Name:   "support changes no brand",
			As:     support,
			Method: "PUT",
			Path:   "/v1/shop",
			Body:   object{},
			Status: 403,
			Code:   "forbidden",
		},
	}
}

// withLogo gives the platform a logo.
func withLogo(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	t.Helper()
	w.Must(t, p.Key(owner), http.MethodPut, "/v1/shop/logo", picture(), nil, "Content-Type", "image/png")
	return nil
}

// withoutLogo takes it away again.
func withoutLogo(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	t.Helper()
	w.Do(t, p.Key(owner), http.MethodDelete, "/v1/shop/logo", nil)
	return nil
}
