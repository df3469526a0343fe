package merchants_test

import (
	"testing"

	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/merchants"
	"zhitong/tenants/tenantstest"
)

// TestReceiverForm: an account that cannot be one is refused when it is given.
func TestReceiverForm(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	a := tenants.Actor{Tenant: dbtest.NewTenant(t, d), Role: tenants.RoleOwner}
	a.Caller = tenants.ByKey(id.New[id.APIKey]())
	svc := merchants.New(d, tenantstest.Vault(t))
	for account, kind := range map[string]vocabulary.ReceiverType{
		"2088000000000101": vocabulary.ReceiverUserID, "13800000000": vocabulary.ReceiverLoginName,
		"a@example.cn": vocabulary.ReceiverLoginName, "+852-51234567": vocabulary.ReceiverLoginName,
		"!2088": vocabulary.ReceiverUserID, "!1088000000000101": vocabulary.ReceiverUserID,
		"!a@example.cn": vocabulary.ReceiverUserID, "!somebody": vocabulary.ReceiverLoginName,
	} {
		want := fault.Code("")
		if account[0] == '!' {
			account, want = account[1:], tenants.CodeInvalidRequest
		}
		r := &merchants.Receiver{Type: kind, Account: account}
		m, _, err := svc.Create(t.Context(), a, idempotency.Key{}, merchants.NewMerchant{Kind: merchants.KindSupplier,
			Name: "x", Receiver: r})
		if fault.CodeOf(err) != want {
			t.Errorf("%s %s: %v", kind, account, err)
		}
		if want == "" {
			bad := &merchants.Receiver{Type: vocabulary.ReceiverUserID, Account: "1"}
			if _, err := svc.Update(t.Context(), a, m.ID, merchants.Change{Receiver: bad}); fault.CodeOf(err) !=
				tenants.CodeInvalidRequest {
				t.Errorf("changed to an account that cannot be one: %v", err)
			}
		}
	}
}
