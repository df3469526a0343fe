package apitest_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"zhitong/api/authz"
	"zhitong/db"
	"zhitong/internal/id"
)

// found are the canaries that a text has: as they are, and as a bytea, a form and base64 would have them.
func found(text string, canaries []string) (hits []string) {
	for _, c := range canaries {
		for _, form := range []string{c, hex.EncodeToString([]byte(c)), url.QueryEscape(c),
			base64.StdEncoding.EncodeToString([]byte(c)), base64.RawURLEncoding.EncodeToString([]byte(c))} {
			if strings.Contains(text, form) {
				hits = append(hits, c)
				break
			}
		}
	}
	return hits
}

// attackA44 runs the road with values that tell themselves: contacts, identity and card numbers, logins, card keys and
// secrets. The database, with its jobs and events, and the log have none of them. A name, which buyers read, is found,
// and so is a contact that a program of before wrote.
func attackA44(t *testing.T) {
	t.Parallel()
	f := newFieldsWorld(t)
	as := f.of[supplier]
	const name = "金丝雀的公开名称"
	f.Must(t, f.p.Key(owner), http.MethodPatch, "/v1/tenant", object{"name": name}, nil)
	f.Must(t, f.p.Key(owner), http.MethodPatch, "/v1/merchants/"+f.p.Supplier,
		object{"contact": canaryPhone + " " + canaryMail}, nil)
	var hook struct{ Secret string }
	f.Must(t, f.p.Key(owner), http.MethodPost, "/v1/webhook_endpoints",
		object{"url": "https://shop.example.cn/hooks", "event_types": []any{"order.paid"}}, &hook, key()...)
	f.Must(t, f.p.Key(owner), http.MethodPost, as.Fill("/v1/orders/{order_id}/refunds"),
		object{"reason": "x"}, nil, key()...)
	f.Must(t, f.p.Key(support), http.MethodGet, as.Fill("/v1/orders/{order_id}/card_keys"), nil, nil)
	f.Must(t, f.p.Key(owner), http.MethodPost, "/v1/members",
		object{"email": canaryMail, "name": "x", "role": "risk"}, nil, key()...)
	f.Must(t, f.p.Key(owner), http.MethodPost, "/v1/invitations",
		object{"email": "invited-" + canaryMail, "name": "x", "role": "risk"}, nil, key()...)
	f.Must(t, f.p.Key(support), http.MethodGet, "/v1/orders?buyer_contact="+canaryBuyer, nil, nil)
	form := url.Values{"notify_id": {"canary"}, "buyer_id": {canaryBuyer}, "buyer_logon_id": {canaryMail},
		"fund_bill_list": {`[{"buyer_logon_id":"` + canaryLogon + `"}]`}, "sign": {"AAAA"}, "sign_type": {"RSA2"}}
	f.Notify(t, f.p.ID.String(), "", form.Encode())
	canaries := []string{canaryPhone, canaryMail, canaryID, canaryCard, canaryBuyer, canaryLogon,
		f.canaries[authz.CardKey][0], hook.Secret}
	for _, k := range f.p.Keys {
		canaries = append(canaries, k)
	}
	for _, c := range canaries {
		if len(c) < 8 || len(found("x"+hex.EncodeToString([]byte(c))+"x", canaries)) == 0 {
			t.Fatalf("%q would not be found: the test proves nothing", c)
		}
	}
	dump := string(dumped(t, f.World))
	if !strings.Contains(dump, name) || !strings.Contains(f.Log.String(), `"listOrders"`) ||
		!strings.Contains(dump, "refund_execute") || !strings.Contains(dump, "order.delivered") {
		t.Fatal("the name, the log, the jobs or the events are not there: the test proves nothing")
	}
	if hits := found(dump, canaries); len(hits) > 0 {
		t.Errorf("the database has %q", hits)
	}
	if hits := found(f.Log.String(), canaries); len(hits) > 0 {
		t.Errorf("the log has %q", hits)
	}
	m, err := id.Parse[id.Merchant](f.p.Supplier)
	if err != nil {
		t.Fatal(err)
	}
	f.In(t, f.p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE merchants SET contact = $1 WHERE id = $2", canaryPhone, m)
		return err
	})
	if hits := found(string(dumped(t, f.World)), canaries); len(hits) != 1 {
		t.Errorf("a contact that stands there as it is: found %q", hits)
	}
}
