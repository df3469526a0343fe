package apitest_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"zhitong/api/apitest"
	"zhitong/api/authz"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/access"
	"zhitong/tenants/approvals"
)

// withAnother runs with a key that goes back to nobody else's, which is worthless after that but for who asked by it.
func withAnother(t testing.TB, w *apitest.World, p *apitest.Tenant, do func(key string)) {
	t.Helper()
	_, text, err := access.New(w.DB, nil, w.Clock).Recover(t.Context(), p.ID, "somebody else")
	if err != nil {
		t.Fatal(err)
	}
	do(text.Reveal())
}

// askedForReceiver is a merchant whose new receiver another person has asked for.
func askedForReceiver(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	t.Helper()
	ids := newMerchant(t, w, p)
	withAnother(t, w, p, func(key string) {
		var made struct{ ID string }
		w.Must(t, key, http.MethodPost, "/v1/approvals", receiverChange(ids["merchant_id"]), &made)
		ids["approval_id"] = made.ID
	})
	return ids
}

// askedOneself is the same, asked by the admin's key.
func askedOneself(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	t.Helper()
	ids := newMerchant(t, w, p)
	var made struct{ ID string }
	w.Must(t, p.Key(admin), http.MethodPost, "/v1/approvals", receiverChange(ids["merchant_id"]), &made)
	ids["approval_id"] = made.ID
	return ids
}

// askedForLimit is a limit that another person has asked to take away.
func askedForLimit(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	t.Helper()
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE tenants SET refund_approval_above_fen = 100000")
		return err
	})
	ids := map[string]string{}
	withAnother(t, w, p, func(key string) {
		var made struct{ ID string }
		w.Must(t, key, http.MethodPost, "/v1/approvals",
			object{"kind": "refund_limit", "refund_limit": object{}}, &made)
		ids["approval_id"] = made.ID
	})
	return ids
}

// receiverGone is a new receiver that was asked for, of a merchant that has been given another one since.
func receiverGone(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	t.Helper()
	ids := askedForReceiver(t, w, p)
	merchant, err := id.Parse[id.Merchant](ids["merchant_id"])
	if err != nil {
		t.Fatal(err)
	}
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE merchants SET receiver_type = 'userId', "+
			"receiver_account = '2088000000000001' WHERE id = $1", merchant)
		return err
	})
	return ids
}

// receives gives a merchant a receiver: somebody else asks, and the owner approves.
func receives(t testing.TB, w *apitest.World, p *apitest.Tenant, merchant string, receiver object) {
	t.Helper()
	withAnother(t, w, p, func(key string) {
		var made struct{ ID string }
		w.Must(t, key, http.MethodPost, "/v1/approvals", object{"kind": "receiver_change",
			"receiver_change": object{"merchant_id": merchant, "receiver": receiver}}, &made)
		w.Must(t, p.Key(owner), http.MethodPost, "/v1/approvals/"+made.ID+"/approve", nil, nil)
	})
}

func ended(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	t.Helper()
	ids := askedForReceiver(t, w, p)
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/approvals/"+ids["approval_id"]+"/withdraw", nil, nil)
	return ids
}

func receiverChange(merchant string) object {
	return object{"kind": "receiver_change", "receiver_change": object{"merchant_id": merchant,
		"receiver": object{"type": "userId", "account": "2088000000000555"}}}
}

func approvalsScenarios() []apitest.Scenario {
	const all, one = "/v1/approvals", "/v1/approvals/{approval_id}"
	return []apitest.Scenario{
		{Name: "ask for a receiver", As: admin, Method: "POST", Path: all, Prepare: newMerchant,
			Body: receiverChange("{merchant_id}"), Status: 201, Has: []string{`"kind":"receiver_change"`,
				`"status":"waiting"`, `"account":"2088000000000555"`, `"few_approvers":true`, `"asked_by":"key_`}},
		{Name: "ask for a receiver twice", As: admin, Method: "POST", Path: all, Prepare: askedForReceiver,
			Body: receiverChange("{merchant_id}"), Status: 409, Code: "approval_waiting"},
		{Name: "finance asks for a receiver", As: finance, Method: "POST", Path: all, Prepare: newMerchant,
			Body: receiverChange("{merchant_id}"), Status: 403, Code: "approval_not_yours"},
		{Name: "ask for a refund that needs nobody", As: finance, Method: "POST", Path: all, Prepare: delivered,
			Body:   object{"kind": "refund", "refund": object{"order_id": "{order_id}"}},
			Status: 409, Code: "approval_not_needed"},
		{Name: "ask for a refund of an unpaid order", As: finance, Method: "POST", Path: all, Prepare: fresh,
			Body:   object{"kind": "refund", "refund": object{"order_id": "{order_id}"}},
			Status: 409, Code: "order_not_refundable"},
		{Name: "ask for another act than is sent", As: owner, Method: "POST", Path: all, Prepare: newMerchant,
			Body: object{"kind": "refund", "receiver_change": object{"merchant_id": "{merchant_id}",
				"receiver": object{"type": "userId", "account": "2088000000000555"}}},
			Status: 400, Code: "invalid_request", Field: "/kind kind"},
		{Name: "ask for more than there is", As: owner, Method: "POST", Path: all, Prepare: delivered,
			Body: object{"kind": "refund", "status": "approved", "refund": object{"order_id": "{order_id}",
				"amount_fen": 1}},
			Status: 400, Code: "invalid_request", Field: "/refund/amount_fen unknown_field"},
		{Name: "ask by a key that a member's factors end", As: owner, Method: "POST", Path: all,
			Body:   object{"kind": "factor_reset", "factor_reset": object{"member_id": "{member_id}"}},
			Status: 403, Code: "person_required"},
		{Name: "list approvals", As: finance, Method: "GET", Path: all + "?status=waiting&kind=receiver_change",
			Prepare: askedForReceiver, Status: 200, Has: []string{`"receiver_change"`}},
		{Name: "read an approval", As: admin, Method: "GET", Path: one, Prepare: askedForReceiver, Status: 200,
			Has: []string{`"to":{"account":"2088000000000555"`}},
		{Name: "read no approval", As: admin, Method: "GET", Path: all + "/apv_01jftt0q77fk29tara3d13bf44",
			Status: 404, Code: "approval_not_found"},
		{Name: "approve", As: admin, Method: "POST", Path: one + "/approve", Prepare: askedForReceiver, Status: 200,
			Has: []string{`"status":"approved"`, `"ended_by":"key_`}},
		{Name: "approve what one asked for", As: admin, Method: "POST", Path: one + "/approve", Prepare: askedOneself,
			Status: 409, Code: "second_person_required"},
		{Name: "approve with the key that made the key of who asked", As: owner, Method: "POST",
			Path: one + "/approve", Prepare: askedOneself, Status: 409, Code: "second_person_required"},
		{Name: "finance approves a receiver", As: finance, Method: "POST", Path: one + "/approve",
			Prepare: askedForReceiver, Status: 403, Code: "approval_not_yours"},
		{Name: "approve what has changed", As: admin, Method: "POST", Path: one + "/approve", Prepare: receiverGone,
			Status: 409, Code: "approval_outdated"},
		{Name: "approve what has ended", As: admin, Method: "POST", Path: one + "/approve", Prepare: ended,
			Status: 409, Code: "approval_ended"},
		{Name: "refuse", As: owner, Method: "POST", Path: one + "/refuse", Prepare: askedForReceiver,
			Body: object{"reason": "与商户核实"}, Status: 200,
			Has: []string{`"status":"refused"`, `"refusal_reason":"与商户核实"`}},
		{Name: "refuse without a reason", As: owner, Method: "POST", Path: one + "/refuse", Prepare: askedForReceiver,
			Body: object{}, Status: 400, Code: "invalid_request", Field: "/reason required"},
		{Name: "withdraw what one asked for", As: admin, Method: "POST", Path: one + "/withdraw",
			Prepare: askedOneself, Status: 200, Has: []string{`"status":"withdrawn"`}},
		{Name: "withdraw what another asked for", As: finance, Method: "POST", Path: one + "/withdraw",
			Prepare: askedForReceiver, Status: 403, Code: "approval_not_yours"},
		{Name: "change a receiver alone", As: owner, Method: "PATCH", Path: "/v1/merchants/{merchant_id}",
			Prepare: newMerchant, Body: object{"receiver": object{"type": "userId", "account": "2088000000000555"}},
			Status: 409, Code: "approval_required"},
	}
}

// TestAskersArePolicy: who may ask is who may call the operation of the act itself.
func TestAskersArePolicy(t *testing.T) {
	t.Parallel()
	policy, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range vocabulary.ApprovalKinds() {
		for _, role := range vocabulary.Roles() {
			want := policy.May(role, approvals.Operation(kind))
			if slices.Contains(approvals.Askers(kind), role) != want {
				t.Errorf("%s asks for %s: %v", role, kind, !want)
			}
			if want && !policy.May(role, "createApproval") {
				t.Errorf("%s cannot call createApproval", role)
			}
		}
		for _, role := range approvals.Approvers(kind) {
			if !policy.May(role, "approveApproval") || !policy.May(role, "refuseApproval") {
				t.Errorf("%s cannot decide %s", role, kind)
			}
		}
	}
}

// TestNarrowedKeyApproves: a key without the resource of the act neither asks for it nor approves it; with it, it does.
func TestNarrowedKeyApproves(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	key := func(permissions object) string {
		var made struct{ Secret string }
		w.Must(t, p.Key(owner), http.MethodPost, "/v1/api_keys", object{"name": "x", "role": "admin",
			"permissions": permissions}, &made)
		return made.Secret
	}
	narrow := key(object{"approvals": "write"})
	wide := key(object{"approvals": "write", "merchants": "write"})
	merchant := newMerchant(t, w, p)["merchant_id"]
	at := "/v1/approvals/" + askedForReceiver(t, w, p)["approval_id"] + "/approve"
	for _, c := range []struct{ key, path, code string }{
		{narrow, "/v1/approvals", "permission_missing"}, {narrow, at, "permission_missing"},
		{wide, "/v1/approvals", ""}, {wide, at, ""},
	} {
		var body any
		if c.path == "/v1/approvals" {
			body = receiverChange(merchant)
		}
		if a := w.Do(t, c.key, http.MethodPost, c.path, body); a.Code() != c.code {
			t.Errorf("%s: %d %s, want %q", c.path, a.Status, a.Body, c.code)
		}
	}
}
