package apitest_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

type hit struct {
	Kind, Title, Subtitle string
	ID                    string `json:"subject_id"`
	MatchedBy             string `json:"matched_by"`
}

func find(t *testing.T, w *apitest.World, key, text string) []hit {
	t.Helper()
	var found struct{ Data []hit }
	w.Must(t, key, "POST", "/v1/search", map[string]any{"q": text}, &found)
	return found.Data
}

// sought is a text, what it finds, and who finds it.
type sought struct {
	what, text, kind, id, by string
	roles                    []tenants.Role
}

// things are one of each kind that search finds, in the world of fields: what belongs to a merchant is the supplier's.
func things(t *testing.T, f *fieldsWorld) (all []sought) {
	t.Helper()
	p, w := f.of[supplier], f.World
	staff := []tenants.Role{owner, admin, finance, riskRole, support, developer}
	everyone := append(slices.Clone(staff), supplier)
	var o struct {
		Reference string
		Payment   struct {
			ID         string
			TradeNo    string `json:"trade_no"`
			OutTradeNo string `json:"out_trade_no"`
		}
	}
	order := p.IDs["order_id"]
	ref := "REF-" + apitest.Unique()
	var split id.Split
	oid := uuidOf(t, order)
	f.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		if err := tx.QueryRow(ctx, "SELECT id FROM splits WHERE order_id = $1", oid).Scan(&split); err != nil {
			return err
		}
		for _, change := range []string{"UPDATE orders SET reference = $2 WHERE id = $1",
			"UPDATE splits SET settle_no = $2 || '-settle' WHERE order_id = $1"} {
			if _, err := tx.Exec(ctx, change, oid, ref); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO refunds (id, order_id, payment_id, amount_fen, status, origin, outside_no,
				merchant_of_record_id, done_at)
			SELECT $2, $1, id, 1, 'succeeded', 'outside', 'OUT-77', merchant_of_record_id, now()
			FROM payments WHERE order_id = $1`, oid, id.Refund{1, 2, 3})
		return err
	})
	w.Must(t, p.Key(owner), "GET", "/v1/orders/"+order, nil, &o)
	refund := id.Refund{1, 2, 3}
	var m struct{ Name, Smid string }
	w.Must(t, p.Key(owner), "GET", "/v1/merchants/"+p.Supplier, nil, &m)
	var k struct{ Last4, ID string }
	w.Must(t, p.Key(owner), "GET", "/v1/api_keys/"+p.IDs["api_key_id"], nil, &k)
	var keys struct {
		CardKeys []struct {
			CardKey string `json:"card_key"`
		} `json:"card_keys"`
	}
	w.Must(t, p.Key(owner), "GET", "/v1/orders/"+order+"/card_keys", nil, &keys)
	var member struct{ Email string }
	w.Must(t, p.Key(owner), "GET", "/v1/members/"+p.IDs["member_id"], nil, &member)
	splits := []tenants.Role{owner, admin, finance, developer, supplier}
	refunds := []tenants.Role{owner, admin, finance, support, supplier}
	plain, owners := []tenants.Role{owner, admin, support}, []tenants.Role{owner, admin}
	hooks := []tenants.Role{owner, admin, developer}
	all = []sought{
		{"its id", order, "order", order, "id", everyone},
		{"the reference", ref, "order", order, "reference", everyone},
		{"Alipay's number", o.Payment.TradeNo, "order", order, "trade_no", everyone},
		{"out_trade_no", o.Payment.OutTradeNo, "order", order, "out_trade_no", everyone},
		{"the buyer's contact", "137-1234 5678", "order", order, "buyer_contact", plain},
		{"the payment", o.Payment.ID, "payment", o.Payment.ID, "id", everyone},
		{"a card key", keys.CardKeys[0].CardKey, "card_key", "", "card_key", plain},
		{"the split", split.String(), "split", split.String(), "id", splits},
		{"the split's number", split.Hex(), "split", split.String(), "id", splits},
		{"Alipay's number of the split", ref + "-settle", "split", split.String(), "number", splits},
		{"the refund", refund.String(), "refund", refund.String(), "id", refunds},
		{"the refund's number", refund.Hex(), "refund", refund.String(), "id", refunds},
		{"a number of another program", "OUT-77", "refund", refund.String(), "number", refunds},
		{"a merchant", p.Supplier, "merchant", p.Supplier, "id", everyone},
		{"a merchant's smid", m.Smid, "merchant", p.Supplier, "smid", everyone},
		{"a part of a merchant's name", m.Name[1:], "merchant", p.Supplier, "name", everyone},
		{"a product", p.IDs["product_id"], "product", p.IDs["product_id"], "id", everyone},
		{"a part of a product's name", "点券 100", "product", f.p.IDs["product_id"], "name", everyone},
		{"an API key", k.ID, "api_key", k.ID, "id", owners},
		{"an API key's end", k.Last4, "api_key", k.ID, "last4", owners},
		{"a member", p.IDs["member_id"], "member", p.IDs["member_id"], "id", owners},
		{"a member's address", member.Email, "member", p.IDs["member_id"], "email", owners},
		{"an endpoint", p.IDs["endpoint_id"], "webhook_endpoint", p.IDs["endpoint_id"], "id", hooks},
		{"a part of an endpoint's address", "hooks.example.com", "webhook_endpoint", p.IDs["endpoint_id"], "url",
			hooks},
		{"an event", p.IDs["event_id"], "event", p.IDs["event_id"], "id", hooks},
		{"an attempt", p.IDs["attempt_id"], "webhook_delivery", p.IDs["attempt_id"], "id", hooks},
		{"a case", p.IDs["case_id"], "case", p.IDs["case_id"], "id", []tenants.Role{owner, admin, riskRole, support}},
		{"a split rule", p.IDs["split_rule_id"], "split_rule", p.IDs["split_rule_id"], "id",
			[]tenants.Role{owner, admin, finance, developer}},
		{"an application", p.IDs["application_id"], "application", p.IDs["application_id"], "id",
			[]tenants.Role{owner, admin, riskRole, support, developer, supplier}},
	}
	return all
}

// TestSearch: whatever names a thing finds it, for the roles that may read it; for every other role, the other merchant
// and the other platform the answer is that of what is not there.
func TestSearch(t *testing.T) {
	t.Parallel()
	f := newFieldsWorld(t)
	other := f.NewTenant(t, "乙")
	for _, s := range things(t, f) {
		finds := func(key string) bool {
			return slices.ContainsFunc(find(t, f.World, key, s.text), func(h hit) bool {
				return h.Kind == s.kind && (h.ID == s.id || s.id == "") && h.MatchedBy == s.by
			})
		}
		for _, role := range []tenants.Role{owner, admin, finance, riskRole, support, developer, supplier} {
			if have, want := finds(f.p.Keys[role]), slices.Contains(s.roles, role); have != want {
				t.Errorf("%s %q: %s finds %s by %s: %v", s.what, s.text, role, s.kind, s.by, have)
			}
		}
		if finds(f.p.Keys[tenants.RoleDistributor]) {
			t.Errorf("%s: another merchant finds it", s.what)
		}
		for _, h := range find(t, f.World, other.Key(owner), s.text) {
			if h.ID == s.id {
				t.Errorf("%s: another platform finds %+v", s.what, h)
			}
		}
	}
}

// TestSearchIsNoOracle: a role that may not see a thing, or sees it masked, gets the same answer for what is there as
// for what is not; and no answer has a card key or a contact in it.
func TestSearchIsNoOracle(t *testing.T) {
	t.Parallel()
	f := newFieldsWorld(t)
	all := things(t, f)
	for _, role := range vocabulary.Roles() {
		for _, s := range all {
			if role == tenants.RoleStorefront || slices.Contains(s.roles, role) {
				continue
			}
			a := f.Do(t, f.p.Keys[role], "POST", "/v1/search", map[string]any{"q": s.text})
			if slices.Contains([]string{"buyer_contact", "card_key"}, s.by) && string(a.Body) != "{\"data\":[]}\n" {
				t.Errorf("%s asks for %s: %s", role, s.what, a.Body)
			}
			for class, canaries := range f.canaries {
				for _, canary := range canaries {
					if s.text != canary && strings.Contains(string(a.Body), canary) {
						t.Errorf("%s reads a %s: %s", role, class, a.Body)
					}
				}
			}
		}
	}
	a := f.Do(t, f.p.Keys[tenants.RoleStorefront], "POST", "/v1/search", map[string]any{"q": "xx"})
	if a.Status != 403 {
		t.Errorf("a shop's server searches: %d", a.Status)
	}
}

// uuidOf is the UUID of an identifier that the API wrote.
func uuidOf(t *testing.T, text string) uuid.UUID {
	t.Helper()
	_, u, err := id.Name(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
