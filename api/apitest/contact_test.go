package apitest_test

import (
	"net/http"
	"testing"

	"zhitong/api/apitest"
	"zhitong/api/authz"
	"zhitong/internal/vocabulary"
)

// TestContactFilterByRole: who reads a buyer's contact whole finds its orders by it, in any notation. For every other
// role the filter is refused, and the same whether there are such orders or not.
func TestContactFilterByRole(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	body := w.OrderBody(p, 1)
	body["buyer_contact"] = "138-0000 7777"
	var made struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders", body, &made, key()...)
	policy, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	shown, err := authz.NewFields(policy)
	if err != nil {
		t.Fatal(err)
	}
	found, refused := 0, 0
	for _, role := range vocabulary.Roles() {
		if !policy.May(role, "listOrders") {
			continue
		}
		there := w.Do(t, p.Keys[role], http.MethodGet, "/v1/orders?include=count&buyer_contact=13800007777", nil)
		if shown.Of(role).Of(authz.BuyerContact) == authz.Plain {
			found++
			var list listed
			there.Into(t, &list)
			if there.Status != http.StatusOK || len(list.Data) != 1 || list.Data[0].ID != made.ID {
				t.Errorf("%s does not find the order: %d %s", role, there.Status, there.Body)
			}
			continue
		}
		refused++
		none := w.Do(t, p.Keys[role], http.MethodGet, "/v1/orders?include=count&buyer_contact=13800000000", nil)
		for _, a := range []apitest.Answer{there, none} {
			if a.Status != http.StatusForbidden || a.Code() != "filter_not_allowed" {
				t.Errorf("%s looks for a contact: %d %s", role, a.Status, a.Body)
			}
			hasFieldOf(t, a, "buyer_contact filter_not_allowed")
		}
		if a := w.Do(t, p.Keys[role], http.MethodGet, "/v1/orders", nil); a.Status != http.StatusOK {
			t.Errorf("%s cannot list orders at all: %d %s", role, a.Status, a.Body)
		}
	}
	if found < 3 || refused < 3 {
		t.Errorf("%d roles found it, %d were refused: the test proves nothing", found, refused)
	}
}
