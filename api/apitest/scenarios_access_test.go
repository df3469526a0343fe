package apitest_test

import (
	"net/http"
	"slices"
	"testing"

	"zhitong/api/apitest"
)

func accessScenarios() []apitest.Scenario {
	return []apitest.Scenario{
		{
			Name:   "list members",
			As:     admin,
			Method: "GET",
			Path:   "/v1/members",
			Status: 200,
			Has:    []string{"owner@example.cn"},
		},
		{
			Name:   "add a member",
			As:     owner,
			Method: "POST",
			Path:   "/v1/members",
			Body:   object{"email": "finance@example.cn", "role": "finance"},
			Status: 201,
			Has:    []string{`"role":"finance"`},
		},
		{
			Name:   "add the owner again",
			As:     owner,
			Method: "POST",
			Path:   "/v1/members",
			Body:   object{"email": "OWNER@example.cn", "role": "finance"},
			Status: 409,
			Code:   "member_email_taken",
		},
		{
			Name:   "add a supplier without a merchant",
			As:     owner,
			Method: "POST",
			Path:   "/v1/members",
			Body:   object{"email": "s@example.cn", "role": "supplier"},
			Status: 422,
			Code:   "role_needs_merchant",
		},
		{
			Name:   "an admin makes an owner",
			As:     admin,
			Method: "POST",
			Path:   "/v1/members",
			Body:   object{"email": "o@example.cn", "role": "owner"},
			Status: 403,
			Code:   "role_exceeds_own",
		},
		{
			Name:   "list keys",
			As:     owner,
			Method: "GET",
			Path:   "/v1/api_keys?limit=100",
			Status: 200,
			Has:    []string{"last4"},
			Lacks:  []string{"zt_test_"},
		},
		{
			Name:   "make a key",
			As:     owner,
			Method: "POST",
			Path:   "/v1/api_keys",
			Body:   object{"name": "shop", "role": "storefront"},
			Status: 201,
			Has:    []string{"zt_test_"},
		},
		{
			Name:   "make a restricted key",
			As:     owner,
			Method: "POST",
			Path:   "/v1/api_keys",
			Body:   object{"name": "reports", "role": "finance", "permissions": object{"orders": "read"}},
			Status: 201,
			Has:    []string{`"orders":"read"`, `"refunds":"none"`},
		},
		{
			Name:   "restrict a key to what there is not",
			As:     owner,
			Method: "POST",
			Path:   "/v1/api_keys",
			Body:   object{"name": "x", "role": "finance", "permissions": object{"everything": "read"}},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/permissions/everything enum",
		},
		{
			Name:   "restrict a key to an unknown level",
			As:     owner,
			Method: "POST",
			Path:   "/v1/api_keys",
			Body:   object{"name": "x", "role": "finance", "permissions": object{"orders": "all"}},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/permissions/orders enum",
		},
		{
			Name:   "roll a key",
			As:     admin,
			Method: "POST",
			Path:   "/v1/api_keys/{api_key_id}/roll",
			Body:   object{"overlap_seconds": 60},
			Status: 200,
			Has:    []string{"zt_test_", `"previous_secret_until":`, `"id":"{api_key_id}"`},
		},
		{
			Name:   "roll a key for too long",
			As:     admin,
			Method: "POST",
			Path:   "/v1/api_keys/{api_key_id}/roll",
			Body:   object{"overlap_seconds": 604801},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/overlap_seconds maximum",
		},
		{
			Name:   "make a key that ends",
			As:     owner,
			Method: "POST",
			Path:   "/v1/api_keys",
			Body: object{
				"name":       "shop",
				"role":       "developer",
				"expires_at": "2999-01-01T00:00:00Z", // any day: far away
			},
			Status: 201,
			Has:    []string{`"expires_at":"2999-01-01T00:00:00.000000Z"`},
		},
		{
			Name:   "make a key that has ended",
			As:     owner,
			Method: "POST",
			Path:   "/v1/api_keys",
			Body: object{
				"name":       "shop",
				"role":       "developer",
				"expires_at": "2020-01-01T00:00:00Z", // any day: long past
			},
			Status: 400,
			Code:   "invalid_request",
			Field:  "/expires_at past",
		},
		{
			Name:   "an admin makes an owner's key",
			As:     admin,
			Method: "POST",
			Path:   "/v1/api_keys",
			Body:   object{"name": "x", "role": "owner"},
			Status: 403,
			Code:   "role_exceeds_own",
		},
		{
			Name:    "revoke a key",
			As:      owner,
			Method:  "DELETE",
			Path:    "/v1/api_keys/{api_key_id}",
			Status:  204,
			Prepare: spareKey,
			After:   revoked,
		},
		{
			Name:    "an admin revokes an owner's key",
			As:      admin,
			Method:  "DELETE",
			Path:    "/v1/api_keys/{api_key_id}",
			Status:  403,
			Code:    "role_exceeds_own",
			Prepare: spareKey,
		},
		{
			Name:   "invite somebody",
			As:     admin,
			Method: "POST",
			Path:   "/v1/invitations",
			Body:   object{"email": "new@example.cn", "role": "finance", "name": "李芳"},
			Status: 201,
			Has:    []string{`"email":"new@example.cn"`, "/sign-in/invitation/"},
		},
		{
			Name:   "invite who is a member with another role",
			As:     owner,
			Method: "POST",
			Path:   "/v1/invitations",
			Body:   object{"email": "owner@example.cn", "role": "finance"},
			Status: 409,
			Code:   "member_email_taken",
		},
		{
			Name:   "an admin invites an owner",
			As:     admin,
			Method: "POST",
			Path:   "/v1/invitations",
			Body:   object{"email": "o@example.cn", "role": "owner"},
			Status: 403,
			Code:   "role_exceeds_own",
		},
		{
			Name:   "list invitations",
			As:     admin,
			Method: "GET",
			Path:   "/v1/invitations",
			Status: 200,
			Has:    []string{`"email":"invited@example.cn"`},
			Lacks:  []string{"/sign-in/"},
		},
		{
			Name:   "withdraw an invitation",
			As:     owner,
			Method: "DELETE",
			Path:   "/v1/invitations/{invitation_id}",
			Status: 204,
		},
		{
			Name:   "list roles",
			As:     admin,
			Method: "GET",
			Path:   "/v1/roles",
			Status: 200,
			Has:    []string{`{"operations":["closeOrder","createOrder","getOrder","listOrders"],"role":"storefront"}`},
		},
		{
			Name:   "read the audit log",
			As:     riskRole,
			Method: "GET",
			Path:   "/v1/audit_log?action=createAPIKey",
			Status: 200,
			Has:    []string{"createAPIKey"},
		},
		{
			Name:   "read a member",
			As:     admin,
			Method: "GET",
			Path:   "/v1/members/{member_id}",
			Status: 200,
			Has:    []string{`owner@example.cn`},
		},
		{
			Name:    "change a member",
			As:      admin,
			Method:  "PATCH",
			Path:    "/v1/members/{member_id}",
			Prepare: newMember,
			Body:    object{"name": "王五", "role": "supplier", "merchant_id": "{supplier_id}"},
			Status:  200,
			Has:     []string{`"name":"王五"`, `"role":"supplier"`, `"merchant_id":"{supplier_id}"`},
			After:   memberAudited("updateMember", change{"role", "support", "supplier"}),
		},
		{
			Name:    "a member of the platform has no merchant",
			As:      admin,
			Method:  "PATCH",
			Path:    "/v1/members/{member_id}",
			Prepare: newMember,
			Body:    object{"role": "risk", "merchant_id": nil},
			Status:  200,
			Lacks:   []string{`merchant_id`},
		},
		{
			Name:    "a member becomes a supplier of no merchant",
			As:      owner,
			Method:  "PATCH",
			Path:    "/v1/members/{member_id}",
			Prepare: newMember,
			Body:    object{"role": "supplier"},
			Status:  422,
			Code:    "role_needs_merchant",
			Field:   "/merchant_id role_needs_merchant",
		},
		{
			Name:    "a member becomes a distributor of a supplier",
			As:      owner,
			Method:  "PATCH",
			Path:    "/v1/members/{member_id}",
			Prepare: newMember,
			Body:    object{"role": "distributor", "merchant_id": "{supplier_id}"},
			Status:  422,
			Code:    "role_needs_merchant",
		},
		{
			Name:    "an admin makes a member an owner",
			As:      admin,
			Method:  "PATCH",
			Path:    "/v1/members/{member_id}",
			Prepare: newMember,
			Body:    object{"role": "owner"},
			Status:  403,
			Code:    "role_exceeds_own",
		},
		{
			Name:   "the last owner becomes an admin",
			As:     owner,
			Method: "PATCH",
			Path:   "/v1/members/{member_id}",
			Body:   object{"role": "admin"},
			Status: 409,
			Code:   "last_owner",
		},
		{
			Name:   "an admin renames the owner",
			As:     admin,
			Method: "PATCH",
			Path:   "/v1/members/{member_id}",
			Body:   object{"name": "x"},
			Status: 403,
			Code:   "role_exceeds_own",
		},
		{
			Name:    "remove a member",
			As:      admin,
			Method:  "DELETE",
			Path:    "/v1/members/{member_id}",
			Prepare: newMember,
			Status:  204,
			After:   memberGone,
		},
		{
			Name:    "remove another version of a member",
			As:      admin,
			Method:  "DELETE",
			Path:    "/v1/members/{member_id}",
			Headers: []string{"If-Match", `"1000"`},
			Prepare: newMember,
			Status:  412,
			Code:    "precondition_failed",
		},
		{
			Name:   "remove the last owner",
			As:     owner,
			Method: "DELETE",
			Path:   "/v1/members/{member_id}",
			Status: 409,
			Code:   "last_owner",
		},
		{
			Name:    "remove a member as developer",
			As:      developer,
			Method:  "DELETE",
			Path:    "/v1/members/{member_id}",
			Prepare: newMember,
			Status:  403,
			Code:    "forbidden",
		},
		{
			Name:   "read a key",
			As:     admin,
			Method: "GET",
			Path:   "/v1/api_keys/{api_key_id}",
			Status: 200,
			Has:    []string{`{api_key_id}`, `"last4":`},
			Lacks:  []string{`zt_test_`},
		},
	}
}

func newMember(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
	var m struct{ ID string }
	body := object{"email": apitest.Unique() + "@example.cn", "name": "赵六", "role": "support"}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/members", body, &m)
	return map[string]string{"member_id": m.ID}
}

// memberAudited finds what was changed of the member in the audit log.
func memberAudited(action string, want ...change) func(testing.TB, *apitest.World, *apitest.Tenant, apitest.Answer) {
	return func(t testing.TB, w *apitest.World, p *apitest.Tenant, _ apitest.Answer) {
		have := changesOf(t, w, p, action, p.IDs["member_id"])
		for _, c := range want {
			if !slices.Contains(have, c) {
				t.Errorf("%s tells %+v, want %+v", action, have, c)
			}
		}
	}
}

// memberGone finds a removed member nowhere but in the audit log.
func memberGone(t testing.TB, w *apitest.World, p *apitest.Tenant, a apitest.Answer) {
	if a := w.Do(t, p.Key(owner), http.MethodGet, p.Fill("/v1/members/{member_id}"),
		nil); a.Code() != "member_not_found" {
		t.Errorf("a removed member: %d %s", a.Status, a.Body)
	}
	memberAudited("removeMember", change{"role", "support", ""})(t, w, p, a)
}
