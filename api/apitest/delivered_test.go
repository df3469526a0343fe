package apitest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"zhitong/alipay"
	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/approvals"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/people"
	"zhitong/tenants/retention"
	"zhitong/tenants/sandboxes"
	"zhitong/tenants/tasks"
	"zhitong/tenants/vault"
)

// parsed reads an identifier that the API wrote.
func parsed[I id.ID](t testing.TB, text string) I {
	t.Helper()
	i, err := id.Parse[I](text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// everyEvent makes an event of every type.
func everyEvent(t *testing.T, w *apitest.World, p *apitest.Tenant) {
	t.Helper()
	post := func(path string, body any) (id string) {
		t.Helper()
		var made struct{ ID string }
		w.Must(t, p.Key(owner), http.MethodPost, path, body, &made, key()...)
		return made.ID
	}
	route := toNobody(t, w, post)
	// order.created, order.paid, order.delivered, split.completed, refund.succeeded, order.refunded, order.closed
	order := w.Delivered(t, p)
	w.Settle(t, p, order)
	refund := parsed[id.Refund](t, post("/v1/orders/"+order+"/refunds", object{}))
	if _, err := w.Deps.Orders.ExecuteRefund(t.Context(), p.ID, refund); err != nil {
		t.Fatal(err)
	}
	unpaid, _ := w.Order(t, p)
	post("/v1/orders/"+unpaid+"/close", nil)
	// order.needs_review, case.opened: the true notification is lost, and one with another amount comes
	order, number := w.Order(t, p)
	w.Desk(t, http.MethodPost, "/faults", object{"app_id": p.AppID, "kind": "notification_drop", "times": 1}, nil)
	w.Desk(t, http.MethodPost, "/trades/"+number+"/pay", object{}, nil)
	w.Desk(t, http.MethodPost, "/notifications/forge",
		object{"trade": number, "app_id": p.AppID, "way": "signed_amount"}, nil)
	w.Await(t, p, order, "needs_review")
	// split.refused: the receiver of a part is taken away
	parts := []any{object{"receiver": "merchant", "merchant_id": p.Distributor, "rate_bps": 100}}
	rule := post("/v1/split_rules", object{"name": apitest.Unique(), "parts": parts})
	splitting := p.With(stocked(t, w, p, object{"split_rule_id": rule}))
	order = w.Delivered(t, splitting)
	w.Must(t, p.Key(owner), http.MethodPatch, "/v1/merchants/"+p.Distributor, object{"receiver": nil}, nil)
	var o struct{ Payment struct{ ID id.Payment } }
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/orders/"+order, nil, &o)
	if _, err := w.Deps.Splits.Execute(t.Context(), p.ID, o.Payment.ID); err != nil {
		t.Fatal(err)
	}
	// refund.refused: Alipay says no
	refund = parsed[id.Refund](t, post("/v1/orders/"+w.Delivered(t, p)+"/refunds", object{}))
	w.Desk(t, http.MethodPost, "/faults", object{"app_id": p.AppID, "method": "alipay.trade.refund",
		"kind": "business_error", "sub_code": "ACQ.SELLER_BALANCE_NOT_ENOUGH", "times": 4}, nil)
	if _, err := w.Deps.Orders.ExecuteRefund(t.Context(), p.ID, refund); err != nil {
		t.Fatal(err)
	}
	// onboarding.submitted, onboarding.awaiting_signature, onboarding.approved; and onboarding.rejected
	decided(t, w, p, "audit", object{"stage": "fk", "result": "pass"}, "confirm", object{})
	decided(t, w, p, "reject", object{"stage": "fk", "memo": "经营内容存在风险"})
	// onboarding.expired
	draftEnds(t, w, p)
	// task.succeeded, task.failed
	for n, kind := range []tasks.Kind{trivial{}, trivial{fault.New("export_too_large", "Too large.")}} {
		svc := tasks.New(tasks.Config{DB: w.DB, Clock: w.Clock, Kinds: []tasks.Kind{kind}})
		task := parsed[id.Task](t, asTask(t, w, p)["task_id"])
		if _, err := svc.Run(t.Context(), p.ID, task, tasks.Steps(2)); err != nil {
			t.Fatal(n, err)
		}
	}
	everyAct(t, w, p, post)
	tell(t, w, p, route)
	// approval.asked, and each way in which one ends
	for _, end := range []string{"approve", "refuse", "withdraw"} {
		ids := askedForLimit(t, w, p)
		post("/v1/approvals/"+ids["approval_id"]+"/"+end, map[string]any{"refuse": object{"reason": "x"}}[end])
	}
	askedForLimit(t, w, p)
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE approvals SET expires_at = $1 WHERE status = 'waiting'", w.Clock.Now())
		return err
	})
	if err := w.Deps.Approvals.Expire(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	resetScheduled(t, w, p) // approval.scheduled
	// tenant.end_announced, tenant.closed, tenant.end_withdrawn
	almostEnds(t, w, p)
	// webhook.test
	endpoint := p.With(newEndpoint(t, w, p)).IDs["endpoint_id"]
	post("/v1/webhook_endpoints/"+endpoint+"/test", nil)
}

// toNobody makes a notice route to a robot that is not there.
func toNobody(t *testing.T, w *apitest.World, post func(path string, body any) string) id.NoticeRoute {
	t.Helper()
	var robot struct{ URL string }
	w.Desk(t, http.MethodPost, "/robots", object{"kind": "wecom"}, &robot)
	return parsed[id.NoticeRoute](t, post("/v1/notice_routes",
		object{"name": "nobody", "channel": "wecom", "address": robot.URL + "0", "event_types": []string{"case.*"}}))
}

// tell sends what a route is to be told. As nobody takes it, there is notice_route.failing.
func tell(t *testing.T, w *apitest.World, p *apitest.Tenant, route id.NoticeRoute) {
	t.Helper()
	w.Clock.Advance(events.Settled + time.Second)
	if err := w.Deps.Notices.Take(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	var waiting []id.Notice
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := tx.Query(ctx, "SELECT id FROM notices WHERE route_id = $1", route)
		if err != nil {
			return err
		}
		waiting, err = pgx.CollectRows(rows, pgx.RowTo[id.Notice])
		return err
	})
	for _, n := range waiting {
		if _, err := w.Deps.Notices.Send(t.Context(), p.ID, n); err != nil {
			t.Fatal(err)
		}
	}
}

// everyAct makes an event of every act that concerns who may do what.
func everyAct(t *testing.T, w *apitest.World, p *apitest.Tenant, post func(path string, body any) string) {
	t.Helper()
	// api_key.created, api_key.rolled, api_key.revoked
	k := post("/v1/api_keys", object{"name": "another", "role": "developer"})
	post("/v1/api_keys/"+k+"/roll", object{"overlap_seconds": 60})
	w.Must(t, p.Key(owner), http.MethodDelete, "/v1/api_keys/"+k, nil, nil)
	// member.created, member.updated, member.removed
	m := post("/v1/members", object{"email": apitest.Unique() + "@example.cn", "name": "王", "role": "developer"})
	w.Must(t, p.Key(owner), http.MethodPatch, "/v1/members/"+m, object{"role": "support"}, nil)
	w.Must(t, p.Key(owner), http.MethodDelete, "/v1/members/"+m, nil, nil)
	// invitation.created, invitation.revoked; invitation.accepted, member.joined
	invite := object{"email": apitest.Unique() + "@example.cn", "name": "李", "role": "support"}
	i := post("/v1/invitations", invite)
	w.Must(t, p.Key(owner), http.MethodDelete, "/v1/invitations/"+i, nil, nil)
	// member.signed_in_elsewhere, member.password_changed, member.factors_changed
	accounts(t, w, p, join(t, w, p, "support"))
	// alipay_connection.updated, webhook_endpoint.secret_rotated, data_key.exchanged
	newKeys(t, w, p)
	endpoint := p.With(newEndpoint(t, w, p)).IDs["endpoint_id"]
	post("/v1/webhook_endpoints/"+endpoint+"/rotate_secret", object{"overlap_seconds": 60})
	if _, _, err := w.Deps.Access.ExchangeDataKey(t.Context(), p.ID, func(vault.Column, int) {}); err != nil {
		t.Fatal(err)
	}
	// erasure.created, erasure.completed
	e := parsed[id.Erasure](t, post("/v1/erasures", object{"buyer_contact": "13900001111"}))
	if _, err := w.Deps.Contacts.Run(t.Context(), p.ID, e); err != nil {
		t.Fatal(err)
	}
}

// newKeys replaces the keys of a tenant's app.
func newKeys(t *testing.T, w *apitest.World, p *apitest.Tenant) {
	t.Helper()
	private, public, err := alipay.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	var app struct {
		AlipayPublicKey string `json:"alipay_public_key"`
	}
	w.Desk(t, http.MethodPatch, "/apps/"+p.AppID, object{"public_key": public}, &app)
	var before struct {
		PID string `json:"pid"`
	}
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/alipay_connection", nil, &before)
	w.Must(t, p.Key(owner), http.MethodPut, "/v1/alipay_connection", object{"gateway": "simulator", "app_id": p.AppID,
		"pid": before.PID, "private_key": private.Reveal(), "alipay_public_key": app.AlipayPublicKey}, nil)
}

// trivial is a kind of task that is done in one step, or fails.
type trivial struct{ err error }

func (trivial) Name() vocabulary.TaskKind { return vocabulary.TaskExport }

func (k trivial) Step(context.Context, tasks.Task) (tasks.Outcome, error) {
	return tasks.Outcome{State: []byte("{}"), File: id.New[id.File](), Ended: true}, k.err
}

// decided submits an application, takes steps at the desk, and asks after each how it stands.
func decided(t *testing.T, w *apitest.World, p *apitest.Tenant, steps ...any) {
	t.Helper()
	application, number := sentToDesk(t, w, p)
	for i := 0; i < len(steps); i += 2 {
		step, _ := steps[i].(string)
		w.Desk(t, http.MethodPost, "/applications/"+number+"/"+step, steps[i+1], nil)
		if _, err := w.Deps.Onboarding.Watch(t.Context(), p.ID, application); err != nil {
			t.Fatal(err)
		}
	}
}

// sentToDesk submits an application, which the simulator then has by a number of its own.
func sentToDesk(t testing.TB, w *apitest.World, p *apitest.Tenant) (application id.Application, number string) {
	t.Helper()
	a := complete(t, w, p)["application_id"]
	w.Must(t, p.Key(owner), http.MethodPut, "/v1/applications/"+a, object{ // one that the simulator takes
		"name": "杭州示例网络科技有限公司", "alias_name": "示例充值", "merchant_type": "01", "mcc": "B0125",
		"cert_no": "91330100MA27XY7A19", "legal_name": "李四",
		"legal_cert_no": "330106198001011235",
		"contact_name":  "赵六", "contact_mobile": "13900000000", "service_phone": "057100000000",
		"service": []string{"当面付", "电脑支付"}, "site_url": "https://pay.example.cn", "site_name": "示例充值",
		"business_address": object{
			"province_code": "330000", "city_code": "330100", "district_code": "330106", "address": "示例路 1 号",
		},
		"binding_alipay_logon_id": "finance@example.cn", "alipay_logon_id": "finance@example.cn",
	}, nil)
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/applications/"+a+"/submit", nil, nil)
	application = parsed[id.Application](t, a)
	if err := w.Deps.Onboarding.ExecuteSubmit(t.Context(), p.ID, application); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Applications []struct {
			OrderID string `json:"order_id"`
		}
	}
	w.Desk(t, http.MethodGet, "/applications?external_id="+application.Hex(), object{}, &list)
	if len(list.Applications) == 0 {
		read := w.Do(t, p.Key(owner), http.MethodGet, "/v1/applications/"+a, nil)
		t.Fatalf("the application is not at the desk: %s", read.Body)
	}
	return application, list.Applications[0].OrderID
}

// strict makes every object of a document refuse what it does not name.
func strict(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, has := v["properties"].(map[string]any); has && v["type"] == "object" &&
			v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, below := range v {
			strict(below)
		}
	case []any:
		for _, below := range v {
			strict(below)
		}
	}
}

// TestDeliveredAsServed holds what is delivered to the webhooks of the served contract, for every type of event. A type
// that everyEvent does not make fails.
func TestDeliveredAsServed(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	everyEvent(t, w, p)
	served := w.Do(t, "", http.MethodGet, "/openapi.json?lang=en", nil)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(served.Body))
	if err != nil {
		t.Fatal(err)
	}
	strict(doc)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource("https://zhitong.invalid/openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	endpoint := p.With(newEndpoint(t, w, p)).IDs["endpoint_id"]
	for _, kind := range vocabulary.EventTypes() {
		schema, err := c.Compile("https://zhitong.invalid/openapi.json#/webhooks/" + string(kind) +
			"/post/requestBody/content/application~1json/schema")
		if err != nil {
			t.Fatal(err)
		}
		var events struct {
			Data []struct{ ID string }
		}
		w.Must(t, p.Key(owner), http.MethodGet, "/v1/events?limit=100&type="+string(kind), nil, &events)
		if len(events.Data) == 0 {
			t.Errorf("there is no %s: everyEvent must make one", kind)
		}
		for _, e := range events.Data {
			body := sentBody(t, w, p, e.ID, endpoint)
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("%s is not as the served contract says: %v\n%s", kind, err, body)
			}
		}
	}
}

// sentBody delivers an event to an endpoint that is not there, and gives the body that was sent.
func sentBody(t *testing.T, w *apitest.World, p *apitest.Tenant, event, endpoint string) string {
	t.Helper()
	_, err := w.Deps.Webhooks.Deliver(t.Context(), p.ID, parsed[id.Event](t, event),
		parsed[id.WebhookEndpoint](t, endpoint), 1)
	if err != nil {
		t.Fatal(err)
	}
	var attempts struct {
		Data []struct {
			ID      string
			EventID string `json:"event_id"`
		}
	}
	path := "/v1/webhook_endpoints/" + endpoint + "/attempts"
	w.Must(t, p.Key(owner), http.MethodGet, path+"?limit=1", nil, &attempts)
	if len(attempts.Data) != 1 || attempts.Data[0].EventID != event {
		t.Fatalf("the newest attempt is %+v, want one of %s", attempts.Data, event)
	}
	a := w.Do(t, p.Key(owner), http.MethodGet, path+"/"+attempts.Data[0].ID, nil)
	var sent struct {
		RequestBody string `json:"request_body"`
	}
	if err := json.Unmarshal(a.Body, &sent); err != nil {
		t.Fatal(err)
	}
	return sent.RequestBody
}

// accounts has a member sign in from elsewhere and change what they sign in with, and tells the tenant as the jobs do.
func accounts(t *testing.T, w *apitest.World, p *apitest.Tenant, s *signed) {
	t.Helper()
	if _, _, err := w.Deps.Sessions.Start(t.Context(), s.person.ID, []string{people.ByPassword}, "198.51.100.7",
		"Firefox"); err != nil {
		t.Fatal(err)
	}
	if err := w.Deps.People.ChangePassword(t.Context(), s.person.ID, secret.New(password)); err != nil {
		t.Fatal(err)
	}
	if err := w.Deps.People.DeleteTOTP(t.Context(), s.person.ID); err != nil {
		t.Fatal(err)
	}
	var told []queue.MemberTold
	if err := w.DB.InTenant(t.Context(), p.ID, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := tx.Query(ctx, "SELECT args FROM river.river_job WHERE kind = $1 AND args ->> 'tenant_id' = $2",
			queue.MemberTold{}.Kind(), p.ID.UUID().String())
		if err != nil {
			return err
		}
		told, err = pgx.CollectRows(rows, pgx.RowTo[queue.MemberTold])
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, a := range told {
		if err := w.Deps.Access.TellMember(t.Context(), a.TenantID.ID, access.Act{ID: a.ActID.ID,
			Member: a.MemberID.ID, Session: a.SessionID.ID, What: a.What}); err != nil {
			t.Fatal(err)
		}
	}
}

// resetScheduled has two people approve that a third one is let in again.
func resetScheduled(t *testing.T, w *apitest.World, p *apitest.Tenant) {
	t.Helper()
	is := func(name string) (a tenants.Actor) {
		a, _, err := w.Deps.Sessions.Actor(t.Context(), joinAs(t, w, p, owner, name+"@example.cn").token, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	approver, lost, asker := is("approver"), is("lost"), is("asker")
	made, _, err := w.Deps.Approvals.Ask(t.Context(), asker, idempotency.Key{}, vocabulary.ApprovalFactorReset,
		approvals.Params{Reset: &approvals.FactorReset{Member: lost.Caller.Member()}})
	if err == nil {
		_, err = w.Deps.Approvals.Approve(t.Context(), approver, made.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// draftEnds has a draft that nobody touches end.
func draftEnds(t *testing.T, w *apitest.World, p *apitest.Tenant) {
	t.Helper()
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, `WITH m AS (INSERT INTO merchants (id, kind, name) 
			VALUES (gen_random_uuid(), 'distributor', 'x') RETURNING id)
			INSERT INTO applications (id, merchant_id, status, sealed_form, touched_at)
			SELECT gen_random_uuid(), id, 'draft', 'x', $1 FROM m`, w.Clock.Now().AddDate(-1, 0, 0))
		return err
	})
	svc := retention.New(retention.Config{DB: w.DB, Clock: w.Clock, Vault: w.Vault})
	if err := svc.Tenant(t.Context(), p.ID, &retention.Result{}); err != nil {
		t.Fatal(err)
	}
}

// almostEnds has a sandbox announced to end and closed, and opens it again.
func almostEnds(t *testing.T, w *apitest.World, p *apitest.Tenant) {
	t.Helper()
	svc := sandboxes.New(sandboxes.Config{DB: w.DB, Vault: w.Vault, Clock: w.Clock, Unused: time.Nanosecond})
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, w.DB))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, then := range []string{
		"UPDATE sandbox_ends SET announced_at = announced_at - interval '15 days' WHERE sandbox = $1",
		"UPDATE tenants SET status = 'active' WHERE tenant_id = $1",
		"SELECT $1::uuid",
	} {
		if step, err := svc.Look(t.Context(), p.ID); err != nil || step == sandboxes.Nothing {
			t.Fatalf("did %q, %v", step, err)
		}
		if _, err := conn.Exec(t.Context(), then, p.ID); err != nil {
			t.Fatal(err)
		}
	}
}
