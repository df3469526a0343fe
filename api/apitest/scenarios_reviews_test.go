package apitest_test

import (
	"context"
	"net/http"
	"testing"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/tenants/access"
)

// inReview makes an order that is paid, but about which a notification with another amount came.
func inReview(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	order, number := w.Order(t, p)
	w.Desk(t, http.MethodPost, "/faults", object{"app_id": p.AppID, "kind": "notification_drop", "times": 1}, nil)
	w.Desk(t, http.MethodPost, "/trades/"+number+"/pay", object{}, nil)
	w.Desk(t, http.MethodPost, "/notifications/forge",
		object{"trade": number, "app_id": p.AppID, "way": "signed_amount"}, nil)
	w.Await(t, p, order, "needs_review")
	return map[string]string{"order_id": order}
}

// askedToAccept is such an order, which an admin has asked to accept.
func askedToAccept(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := inReview(t, w, p)
	w.Must(t, p.Key(admin), http.MethodPost, "/v1/orders/"+ids["order_id"]+"/review",
		object{"decision": "accept", "note": "老客户"}, nil)
	return ids
}

// askedByAnother is such an order, asked to be accepted with a key that goes back to nobody else's.
func askedByAnother(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	ids := inReview(t, w, p)
	k, text, err := access.New(w.DB, nil, w.Clock).Recover(t.Context(), p.ID, "somebody else")
	if err != nil {
		t.Fatal(err)
	}
	w.Must(t, text.Reveal(), http.MethodPost, "/v1/orders/"+ids["order_id"]+"/review",
		object{"decision": "accept", "note": "老客户"}, nil)
	if err := w.DB.InTenant(t.Context(), p.ID, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx,
			"UPDATE api_keys SET revoked_at = now() WHERE tenant_id = app.tenant_id() AND id = $1", k.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

func reviewsScenarios() []apitest.Scenario {
	decide := func(decision string) object { return object{"decision": decision, "note": "双方同意"} }
	return []apitest.Scenario{
		{
			Name:    "refund what came",
			As:      finance,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review",
			Prepare: inReview,
			Body:    decide("refund"),
			Status:  200,
			Has:     []string{`"decision":"refund"`, `"status":"confirmed"`, `"amount_fen":10000`, `"trade_no":"`},
		},
		{
			Name:    "release an order for which money came",
			As:      admin,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review",
			Prepare: inReview,
			Body:    decide("release"),
			Status:  409,
			Code:    "order_review_money_there",
		},
		{
			Name:    "decide about a delivered order",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review",
			Prepare: delivered,
			Body:    decide("refund"),
			Status:  409,
			Code:    "order_not_in_review",
		},
		{
			Name:    "decide something unknown",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review",
			Prepare: inReview,
			Body:    decide("forget"),
			Status:  400,
			Code:    "invalid_request",
			Field:   "/decision enum",
		},
		{
			Name:    "read what waits for a second person",
			As:      support,
			Method:  "GET",
			Path:    "/v1/orders/{order_id}/review",
			Prepare: askedToAccept,
			Status:  200,
			Has:     []string{`"decision":"accept"`, `"status":"asked"`, `"asked_by":"key_`},
		},
		{
			Name:    "read a decision that is none",
			As:      riskRole,
			Method:  "GET",
			Path:    "/v1/orders/{order_id}/review",
			Prepare: delivered,
			Status:  404,
			Code:    "order_review_not_found",
		},
		{
			Name:    "confirm as a second person",
			As:      finance,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review/confirm",
			Prepare: askedByAnother,
			Status:  200,
			Has:     []string{`"status":"confirmed"`, `"ended_by":"key_`},
		},
		{
			Name:    "confirm with a key of the same maker",
			As:      finance,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review/confirm",
			Prepare: askedToAccept,
			Status:  409,
			Code:    "second_person_required",
		},
		{
			Name:    "confirm with the key that made the key of who asked",
			As:      owner,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review/confirm",
			Prepare: askedToAccept,
			Status:  409,
			Code:    "second_person_required",
		},
		{
			Name:    "withdraw",
			As:      admin,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review/withdraw",
			Prepare: askedToAccept,
			Status:  200,
			Has:     []string{`"status":"withdrawn"`},
		},
		{
			Name:    "withdraw nothing",
			As:      admin,
			Method:  "POST",
			Path:    "/v1/orders/{order_id}/review/withdraw",
			Prepare: inReview,
			Status:  409,
			Code:    "order_review_not_asked",
		},
	}
}
