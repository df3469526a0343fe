package apitest_test

import (
	"net/http"
	"strings"
	"testing"

	"zhitong/api/apitest"
)

func requestsScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:    "find a request by its number",
			As:      support,
			Method:  "GET",
			Path:    "/v1/requests/{request_id}",
			Prepare: asked,
			Status:  200,
			Has: []string{`"operation":"createOrder"`, `"status":404`, `"error_code":"product_not_found"`,
				`"quantity":3`, `"method":"POST"`, `"path":"/v1/orders"`},
			Lacks: []string{"13800004711"},
		},
		{
			Name:    "requests that failed",
			As:      developer,
			Method:  "GET",
			Path:    "/v1/requests?outcome=failed&operation=createOrder&error_code=product_not_found&limit=100",
			Prepare: asked,
			Status:  200,
			Has:     []string{`{request_id}`},
			Lacks:   []string{`"status":201`, `"body"`},
		},
		{
			Name:   "a request that is not there",
			As:     owner,
			Method: "GET",
			Path:   "/v1/requests/req_01jftt0q77fk29tara3d13bf43",
			Status: 404,
			Code:   "request_not_found",
		},
		{
			Name:    "search a request",
			As:      support,
			Method:  "POST",
			Path:    "/v1/search",
			Prepare: asked,
			Body:    object{"q": "{request_id}"},
			Status:  200,
			Has:     []string{`"kind":"request"`, `"title":"createOrder"`},
		},
		{
			Name:   "requests as finance",
			As:     finance,
			Method: "GET",
			Path:   "/v1/requests",
			Status: 403,
			Code:   "forbidden",
		},
	}
}

// asked sends an order that is refused, and waits until that is written.
func asked(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders", object{"buyer_contact": "13800004711",
		"items": []any{object{"product_id": "prd_01jftt0q77fk29tara3d13bf43", "quantity": 3}}}, key()...)
	w.Deps.Requests.Write(t.Context())
	return map[string]string{"request_id": a.Header.Get("Request-Id")}
}

// TestRequestsAreOnesOwn: who asks for another platform's request finds nothing; and of very many reads only some are
// kept, of changes all.
func TestRequestsAreOnesOwn(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	id := asked(t, w, p)["request_id"]
	if a := w.Do(t, other.Key(owner), http.MethodGet, "/v1/requests/"+id, nil); a.Code() != "request_not_found" {
		t.Errorf("another platform's request: %d %s", a.Status, a.Body)
	}
	if a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/requests/"+id, nil); a.Status != http.StatusOK {
		t.Errorf("the control, its own: %d %s", a.Status, a.Body)
	}
	w.Deps.Requests.Write(t.Context())
	before := count(t, w, p, "operation=getTenant")
	w.Deps.Requests.Write(t.Context())
	for range 150 {
		w.Do(t, p.Key(owner), http.MethodGet, "/v1/tenant", nil)
		w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders", object{}, key()...)
	}
	w.Deps.Requests.Write(t.Context())
	if n := count(t, w, p, "operation=getTenant") - before; n != 100 {
		t.Errorf("of 150 reads %d are kept", n)
	}
	if n := count(t, w, p, "operation=createOrder&error_code=invalid_request"); n != 150 {
		t.Errorf("of 150 changes %d are kept", n)
	}
	if strings.Contains(w.Log.String(), "requests were not kept") {
		t.Error("requests were not kept")
	}
}

// count reads how many requests of a platform are kept.
func count(t *testing.T, w *apitest.World, p *apitest.Tenant, query string) (n int) {
	t.Helper()
	var list struct {
		Data       []struct{ ID string }
		NextCursor string `json:"next_cursor"`
	}
	for cursor := ""; ; cursor = "&cursor=" + list.NextCursor {
		list.NextCursor = ""
		w.Must(t, p.Key(owner), http.MethodGet, "/v1/requests?limit=100&"+query+cursor, nil, &list)
		if n += len(list.Data); list.NextCursor == "" {
			return n
		}
	}
}
