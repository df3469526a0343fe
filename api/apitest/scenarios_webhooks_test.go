package apitest_test

import (
	"net/http"
	"strings"
	"testing"

	"zhitong/api/apitest"
)

func webhooksScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "list endpoints",
			As:     developer,
			Method: "GET",
			Path:   "/v1/webhook_endpoints",
			Status: 200,
			Has:    []string{"{endpoint_id}"},
			Lacks:  []string{"whsec_"},
		},
		{
			Name:   "add an endpoint",
			As:     developer,
			Method: "POST",
			Path:   "/v1/webhook_endpoints",
			Body:   object{"url": "https://hooks.example.com/a", "event_types": []string{"order.paid"}},
			Status: 201,
			Has:    []string{"whsec_", `"event_types":["order.paid"]`},
		},
		{
			Name:   "add an endpoint by http",
			As:     developer,
			Method: "POST",
			Path:   "/v1/webhook_endpoints",
			Body:   object{"url": "http://hooks.example.com/a"},
			Status: 422,
			Code:   "webhook_url_refused",
		},
		{
			Name:   "add an endpoint at home",
			As:     developer,
			Method: "POST",
			Path:   "/v1/webhook_endpoints",
			Body:   object{"url": "https://127.0.0.1/a"},
			Status: 422,
			Code:   "webhook_url_refused",
		},
		{
			Name:   "add an endpoint for a made-up event",
			As:     developer,
			Method: "POST",
			Path:   "/v1/webhook_endpoints",
			Body:   object{"url": "https://hooks.example.com/a", "event_types": []string{"card.key"}},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/event_types/0 enum",
		},
		{
			Name:   "read an endpoint",
			As:     developer,
			Method: "GET",
			Path:   "/v1/webhook_endpoints/{endpoint_id}",
			Status: 200,
			Has:    []string{`"event_types":[]`},
			Lacks:  []string{"whsec_"},
		},
		{
			Name:   "switch an endpoint off",
			As:     developer,
			Method: "PATCH",
			Path:   "/v1/webhook_endpoints/{endpoint_id}",
			Body:   object{"status": "disabled"},
			Status: 200,
			Has:    []string{`"status":"disabled"`},
		},
		{
			Name:   "list attempts",
			As:     developer,
			Method: "GET",
			Path:   "/v1/webhook_endpoints/{endpoint_id}/attempts",
			Status: 200,
			Has:    []string{`"data":[`},
		},
		{
			Name:   "list events",
			As:     developer,
			Method: "GET",
			Path:   "/v1/events?type=order.delivered",
			Status: 200,
			Has:    []string{`"type":"order.delivered"`, `"order_id":"`},
			Lacks:  []string{`"type":"order.created"`, "{product_id}-0"},
		},
		{
			Name:   "list made-up events",
			As:     developer,
			Method: "GET",
			Path:   "/v1/events?type=x",
			Status: 400,
			Code:   "invalid_request",
			Field:  "type/0 enum",
		},
		{
			Name:   "read an event",
			As:     developer,
			Method: "GET",
			Path:   "/v1/events/{event_id}",
			Status: 200,
			Has:    []string{`"data":{`},
		},
		{
			Name:   "send an event again",
			As:     developer,
			Method: "POST",
			Path:   "/v1/events/{event_id}/resend",
			Status: 202,
			Has:    []string{"{event_id}"},
		},
		{
			Name:    "delete an endpoint",
			As:      developer,
			Method:  "DELETE",
			Path:    "/v1/webhook_endpoints/{endpoint_id}",
			Status:  204,
			Prepare: newEndpoint,
			After:   endpointGone,
		},
		{
			Name:    "rotate a secret",
			As:      developer,
			Method:  "POST",
			Path:    "/v1/webhook_endpoints/{endpoint_id}/rotate_secret",
			Body:    object{},
			Status:  200,
			Has:     []string{`"secret":"whsec_`, `"previous_secret_until":"`},
			Prepare: newEndpoint,
			After:   rotatedOnce,
		},
		{
			Name:    "rotate a secret at once",
			As:      developer,
			Method:  "POST",
			Path:    "/v1/webhook_endpoints/{endpoint_id}/rotate_secret",
			Body:    object{"overlap_seconds": 0},
			Status:  200,
			Has:     []string{`"secret":"whsec_`},
			Lacks:   []string{`previous_secret_until`},
			Prepare: newEndpoint,
		},
		{
			Name:   "rotate a secret with a month of overlap",
			As:     developer,
			Method: "POST",
			Path:   "/v1/webhook_endpoints/{endpoint_id}/rotate_secret",
			Body:   object{"overlap_seconds": 2592000},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/overlap_seconds maximum",
		},
		{
			Name:    "test an endpoint",
			As:      developer,
			Method:  "POST",
			Path:    "/v1/webhook_endpoints/{endpoint_id}/test",
			Status:  200,
			Has:     []string{`"error":"`, `"request_body":"{`, `webhook.test`, `"webhook-signature":"v1,`},
			Lacks:   []string{`whsec_`},
			Prepare: newEndpoint,
			After:   attemptReadAgain,
		},
		{
			Name:    "send an event again to one endpoint",
			As:      developer,
			Method:  "POST",
			Path:    "/v1/webhook_endpoints/{endpoint_id}/events/{event_id}/resend",
			Status:  202,
			Has:     []string{`{event_id}`},
			Prepare: newEndpoint,
		},
		{
			Name:    "send an event again to a disabled endpoint",
			As:      developer,
			Method:  "POST",
			Path:    "/v1/webhook_endpoints/{endpoint_id}/events/{event_id}/resend",
			Status:  409,
			Code:    "webhook_endpoint_disabled",
			Prepare: disabledEndpoint,
		},
		{
			Name:   "read an attempt",
			As:     developer,
			Method: "GET",
			Path:   "/v1/webhook_endpoints/{endpoint_id}/attempts/{attempt_id}",
			Status: 200,
			Has:    []string{`{attempt_id}`, `"request_body":"{`, `"url":"https://hooks.example.com/zhitong"`},
			Lacks:  []string{`whsec_`},
		},
		{
			Name:   "read an attempt that is not there",
			As:     developer,
			Method: "GET",
			Path:   "/v1/webhook_endpoints/{endpoint_id}/attempts/whd_01jftt0q7wfk29tara3gnsx9rq",
			Status: 404,
			Code:   "webhook_attempt_not_found",
		},
	}
}

func newEndpoint(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var e struct{ ID string }
	body := object{"url": "https://" + apitest.Unique() + ".example.invalid/"}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/webhook_endpoints", body, &e)
	return map[string]string{"endpoint_id": e.ID}
}

func disabledEndpoint(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := newEndpoint(t, w, p)
	path := "/v1/webhook_endpoints/" + ids["endpoint_id"]
	w.Must(t, p.Key(owner), http.MethodPatch, path, object{"status": "disabled"}, nil)
	return ids
}

// endpointGone finds a deleted endpoint nowhere.
func endpointGone(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	path := p.Fill("/v1/webhook_endpoints/{endpoint_id}")
	for method, body := range map[string]any{
		http.MethodGet: nil, http.MethodDelete: nil, http.MethodPatch: object{"status": "enabled"},
	} {
		if a := w.Do(t, p.Key(owner), method, path, body); a.Code() != "webhook_endpoint_not_found" {
			t.Errorf("%s of a deleted endpoint: %d %s", method, a.Status, a.Body)
		}
	}
	all := w.Do(t, p.Key(owner), http.MethodGet, "/v1/webhook_endpoints?limit=100", nil)
	if strings.Contains(string(all.Body), p.IDs["endpoint_id"]) {
		t.Errorf("a deleted endpoint is listed: %s", all.Body)
	}
}

// rotatedOnce repeats a rotation with its key: the same secret comes back, and no other.
func rotatedOnce(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
	path, k := p.Fill("/v1/webhook_endpoints/{endpoint_id}/rotate_secret"), key()
	var one, two struct{ Secret string }
	w.Must(t, p.Key(owner), http.MethodPost, path, object{}, &one, k...)
	a := w.Do(t, p.Key(owner), http.MethodPost, path, object{}, k...)
	a.Into(t, &two)
	if one.Secret != two.Secret || a.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("a repeat rotates again: %d %v", a.Status, a.Header)
	}
	if a := w.Do(t, p.Key(owner), http.MethodPost, path, object{"overlap_seconds": 1}, k...); a.Status != 422 {
		t.Errorf("another body: %d %s", a.Status, a.Body)
	}
	if strings.Contains(w.Log.String(), one.Secret) {
		t.Error("the secret stands in the log")
	}
}

// attemptReadAgain reads the attempt of a test by its identifier, and in the list; the endpoint is as well as before.
func attemptReadAgain(t testing.TB, w *apitest.World, p *apitest.Tenant, a apitest.Answer) {
	var made struct{ ID string }
	a.Into(t, &made)
	path := p.Fill("/v1/webhook_endpoints/{endpoint_id}")
	read := w.Do(t, p.Key(owner), http.MethodGet, path+"/attempts/"+made.ID, nil)
	if string(read.Body) != string(a.Body) {
		t.Errorf("read again: %s", read.Body)
	}
	e := w.Do(t, p.Key(owner), http.MethodGet, path, nil)
	if strings.Contains(string(e.Body), "failing_since") {
		t.Errorf("a test that failed counts: %s", e.Body)
	}
}
