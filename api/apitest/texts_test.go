package apitest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"zhitong/api/apitest"
)

// TestTextsAsTheyAreKept: what is read back, found by a filter and compared by an Idempotency-Key, when a text was
// typed with edges and in another normal form.
func TestTextsAsTheyAreKept(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	body := w.OrderBody(p, 1)
	body["reference"], body["buyer_contact"] = " cafe\u0301\u3000", "\ufeff张三 13800000000\n"
	body["metadata"] = object{"note": " a\r\nb "}
	var made, again, found struct {
		ID, Reference string
		BuyerContact  string `json:"buyer_contact"`
		Metadata      map[string]string
		Data          []struct{ ID string }
	}
	same := key()
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders", body, &made, same...)
	if made.Reference != "café" || made.BuyerContact != "张三 13800000000" || made.Metadata["note"] != "a\r\nb" {
		t.Errorf("kept %+v", made)
	}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders", body, &again, same...)
	if again.ID != made.ID {
		t.Error("a repeat made another order")
	}
	body["reference"] = "café"
	if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders", body, same...); a.Code() != "idempotency_key_reused" {
		t.Errorf("another text under the same key: %d %s", a.Status, a.Body)
	}
	for _, typed := range []string{"café", " cafe\u0301"} {
		w.Must(t, p.Key(owner), http.MethodGet, "/v1/orders?reference="+url.QueryEscape(typed), nil, &found)
		if len(found.Data) != 1 || found.Data[0].ID != made.ID {
			t.Errorf("%q finds %v", typed, found.Data)
		}
	}
	for typed, code := range map[string]string{"\u200b": "invisible_character", "\u3000": "blank"} {
		body["reference"] = typed
		a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/orders", body, key()...)
		want := `"pointer":"/reference","code":"` + code + `"`
		if a.Status != http.StatusBadRequest || !strings.Contains(string(a.Body), want) {
			t.Errorf("%q: %d %s", typed, a.Status, a.Body)
		}
	}
}
