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
			Name:   "list notice routes",
			As:     owner,
			Method: "GET",
			Path:   "/v1/notice_routes",
			Status: 200,
			Has:    []string{"{notice_route_id}", `"address_hint":"127.0.0.1:`},
			Lacks:  []string{"key="},
		},
		{
			Name:   "add a notice route",
			As:     owner,
			Method: "POST",
			Path:   "/v1/notice_routes",
			Body: object{"name": "群", "channel": "dingtalk", "event_types": []string{"split.*"},
				"address": "https://oapi.dingtalk.com/robot/send?access_token=0123456789", "secret": "SEC0123456789",
				"quiet_hours": object{"from": "22:00", "until": "08:00"}},
			Status: 201,
			Has: []string{`"signed":true`, `"address_hint":"oapi.dingtalk.com"`, `"from":"22:00"`,
				`"utc_offset":"+08:00"`},
			Lacks: []string{"0123456789"},
		},
		{
			Name:   "add a notice route to the inside",
			As:     owner,
			Method: "POST",
			Path:   "/v1/notice_routes",
			Body: object{"name": "群", "channel": "dingtalk", "event_types": []string{"split.*"},
				"address": "https://127.0.0.1/robot/send?access_token=0123456789"},
			Status: 422,
			Code:   "notice_address_refused",
			Field:  "/address refused",
			Lacks:  []string{"0123456789"},
		},
		{
			Name:   "add a notice route by mail without a mail server",
			As:     owner,
			Method: "POST",
			Path:   "/v1/notice_routes",
			Body: object{"name": "群", "channel": "mail", "event_types": []string{"split.*"},
				"address": "ops@example.cn"},
			Status: 422,
			Code:   "notice_channel_not_set_up",
		},
		{
			Name:   "add a notice route for made-up events",
			As:     owner,
			Method: "POST",
			Path:   "/v1/notice_routes",
			Body: object{"name": "群", "channel": "wecom", "event_types": []string{"order.*", "card_key.*"},
				"address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a"},
			Status: 422,
			Code:   "notice_setting_invalid",
			Field:  "/event_types/1 unknown",
		},
		{
			Name:   "add a notice route as who may not",
			As:     developer,
			Method: "POST",
			Path:   "/v1/notice_routes",
			Body: object{"name": "群", "channel": "wecom", "event_types": []string{"order.*"},
				"address": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a"},
			Status: 403,
			Code:   "forbidden",
		},
		{
			Name:   "add a notice route of nobody's merchant",
			As:     owner,
			Method: "POST",
			Path:   "/v1/notice_routes",
			Body: object{"name": "群", "channel": "wecom", "event_types": []string{"order.*"},
				"address":     "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
				"merchant_id": "mer_01jftt0q6sfk29tara3f4haen7"},
			Status: 404,
			Code:   "merchant_not_found",
		},
		{
			Name:   "read a notice route",
			As:     developer,
			Method: "GET",
			Path:   "/v1/notice_routes/{notice_route_id}",
			Status: 200,
			Has:    []string{`"signed":false`},
			Lacks:  []string{"key="},
		},
		{
			Name:   "switch a notice route off",
			As:     owner,
			Method: "PATCH",
			Path:   "/v1/notice_routes/{notice_route_id}",
			Body:   object{"status": "disabled"},
			Status: 200,
			Has:    []string{`"status":"disabled"`},
		},
		{
			Name:   "give a notice route a secret that it cannot have",
			As:     owner,
			Method: "PATCH",
			Path:   "/v1/notice_routes/{notice_route_id}",
			Body:   object{"secret": "SEC0"},
			Status: 422,
			Code:   "notice_setting_invalid",
			Field:  "/secret refused",
		},
		{
			Name:    "delete a notice route",
			As:      owner,
			Method:  "DELETE",
			Path:    "/v1/notice_routes/{notice_route_id}",
			Prepare: anotherRoute,
			Status:  204,
		},
		{
			Name:    "test a notice route",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/notice_routes/{notice_route_id}/test",
			Prepare: anotherRoute,
			Status:  200,
			Has:     []string{`"delivered":true`, `"robot_code":"0"`},
			Lacks:   []string{"key="},
		},
		{
			Name:   "delete a text",
			As:     owner,
			Method: "DELETE",
			Path:   "/v1/notice_templates/task.failed/en",
			Prepare: func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
				w.Must(t, p.Key(owner), "PUT", "/v1/notice_templates/task.failed/en",
					object{"title": "x", "text": "x"}, nil)
				return nil
			},
			Status: 204,
		},
		{
			Name:   "list notices",
			As:     developer,
			Method: "GET",
			Path:   "/v1/notices?status=sent&notice_route_id={notice_route_id}",
			Status: 200,
			Has:    []string{`"data":[`},
		},
		{
			Name:   "list the texts of notices",
			As:     developer,
			Method: "GET",
			Path:   "/v1/notice_templates",
			Status: 200,
			Has:    []string{`"event_type":"split.refused"`, `"own":false`},
		},
		{
			Name:   "set a text",
			As:     owner,
			Method: "PUT",
			Path:   "/v1/notice_templates/case.opened/zh",
			Body:   object{"title": "工单 {{kind}}", "text": "{{case_id}}"},
			Status: 200,
			Has:    []string{`"own":true`},
		},
		{
			Name:   "set a text with a variable that there is not",
			As:     owner,
			Method: "PUT",
			Path:   "/v1/notice_templates/case.opened/zh",
			Body:   object{"title": "工单", "text": "{{card_key}}"},
			Status: 422,
			Code:   "notice_template_invalid",
			Field:  "/text variable",
		},
		{
			Name:   "see a text",
			As:     developer,
			Method: "POST",
			Path:   "/v1/notice_templates/case.opened/en/preview",
			Body:   object{"title": "Case", "text": "{{kind}}"},
			Status: 200,
			Has:    []string{`"text":"split refused"`},
		},
		{
			Name:   "delete a text that is not there",
			As:     owner,
			Method: "DELETE",
			Path:   "/v1/notice_templates/order.paid/en",
			Status: 404,
			Code:   "notice_template_not_found",
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

// anotherRoute is a notice route of its own.
func anotherRoute(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	return map[string]string{"notice_route_id": w.NoticeRoute(t, p)}
}
