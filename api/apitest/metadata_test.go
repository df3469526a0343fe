package apitest_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"zhitong/api/apitest"
)

// labels is the metadata of what an operation answers.
type labels = map[string]string

// metadataOf reads the metadata of a thing as it is answered by itself, and wants the same in its list.
func metadataOf(t testing.TB, w *apitest.World, key, list, id string) labels {
	t.Helper()
	var one struct{ Metadata labels }
	var page struct {
		Data []struct {
			ID       string
			Metadata labels
		}
	}
	w.Must(t, key, http.MethodGet, list+"/"+id, nil, &one)
	w.Must(t, key, http.MethodGet, list+"?limit=100", nil, &page)
	for _, of := range page.Data {
		if of.ID != id {
			continue
		}
		if !maps.Equal(of.Metadata, one.Metadata) {
			t.Errorf("%s lists %v of %s, which has %v", list, of.Metadata, id, one.Metadata)
		}
		return one.Metadata
	}
	t.Fatalf("%s lacks %s", list, id)
	return nil
}

// TestMetadataIsMerged: keys are set, replaced and taken away one by one, or all together. The audit log tells each, an
// old ETag changes nothing, and another tenant neither.
func TestMetadataIsMerged(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	for _, at := range []struct {
		list, action string
		body         object
	}{
		{"/v1/products", "Product", w.ProductBody(p, "x")},
		{"/v1/merchants", "Merchant", object{"kind": "supplier", "name": "x"}},
	} {
		var made struct{ ID string }
		w.Must(t, p.Key(owner), "POST", at.list, and(at.body, object{"a": "1", "b": "2"}), &made)
		if have := changesOf(t, w, p, "create"+at.action, made.ID); !strings.Contains(toJSON(t, have),
			`{"Field":"metadata.a","Before":"","After":"1"},{"Field":"metadata.b","Before":"","After":"2"}`) {
			t.Errorf("%s: the audit log tells %v", at.list, have)
		}
		for _, step := range []struct {
			patch any
			want  labels
			told  string
		}{
			{object{"b": "3", "c": ""}, labels{"a": "1", "b": "3", "c": ""},
				`[{"Field":"metadata.b","Before":"2","After":"3"}]`},
			{object{"a": nil, "x": nil}, labels{"b": "3", "c": ""}, `[{"Field":"metadata.a","Before":"1","After":""}]`},
			{object{}, labels{"b": "3", "c": ""}, `[]`},
			{nil, labels{}, `[{"Field":"metadata.b","Before":"3","After":""}]`},
		} {
			before := w.Do(t, p.Key(owner), "GET", at.list+"/"+made.ID, nil).Header.Get("ETag")
			var answered struct{ Metadata labels }
			w.Must(t, p.Key(owner), "PATCH", at.list+"/"+made.ID, object{"metadata": step.patch}, &answered,
				"If-Match", before)
			if have := metadataOf(t, w, p.Key(owner), at.list, made.ID); !maps.Equal(have, step.want) ||
				!maps.Equal(answered.Metadata, step.want) {
				t.Errorf("%s after %v: answered %v, is %v, want %v", at.list, step.patch, answered.Metadata, have,
					step.want)
			}
			if told := toJSON(t, changesOf(t, w, p, "update"+at.action, made.ID)); told != step.told {
				t.Errorf("%s after %v: the audit log tells %s, want %s", at.list, step.patch, told, step.told)
			}
			again := w.Do(t, p.Key(owner), "PATCH", at.list+"/"+made.ID, object{"metadata": object{"a": "9"}},
				"If-Match", before)
			if again.Code() != "precondition_failed" {
				t.Errorf("%s with an old ETag: %d %s", at.list, again.Status, again.Body)
			}
		}
		if a := w.Do(t, other.Key(owner), "PATCH", at.list+"/"+made.ID, object{"metadata": nil}); a.Status != 404 {
			t.Errorf("%s of another tenant: %d %s", at.list, a.Status, a.Body)
		}
		w.Must(t, p.Key(owner), "PATCH", at.list+"/"+made.ID, object{"metadata": object{"a": "1"}}, nil)
		w.Must(t, p.Key(owner), "PATCH", at.list+"/"+made.ID, object{"name": "y"}, nil)
		if have := metadataOf(t, w, p.Key(owner), at.list, made.ID); have["a"] != "1" {
			t.Errorf("%s: a change of the name leaves %v", at.list, have)
		}
	}
}

func toJSON(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if string(raw) == "null" {
		return "[]"
	}
	return string(raw)
}

// TestMetadataAtOnce: programs that set a key each at the same time lose none.
func TestMetadataAtOnce(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	path := "/v1/products/" + p.IDs["product_id"]
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if a := w.Do(t, p.Key(owner), "PATCH", path,
				object{"metadata": object{"k" + strconv.Itoa(i): "v"}}); a.Status != 200 {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	wg.Wait()
	if have := metadataOf(t, w, p.Key(owner), "/v1/products", p.IDs["product_id"]); len(have) != 8 {
		t.Errorf("of eight keys there are %v", have)
	}
}

// TestMetadataOfOrders: what an order was made with is in every event about it and seen by the platform's people, but
// by neither the buyer nor a merchant.
func TestMetadataOfOrders(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	var o struct {
		ID          string
		CheckoutURL string `json:"checkout_url"`
		Payment     struct {
			OutTradeNo string `json:"out_trade_no"`
		}
	}
	w.Must(t, p.Key(owner), "POST", "/v1/orders", and(w.OrderBody(p, 1), object{"canary-key": "canary-value"}), &o,
		key()...)
	unpaid := strings.TrimPrefix(o.CheckoutURL, w.URL)
	hidden := func(when string) {
		t.Helper()
		for _, path := range []string{unpaid, unpaid + "?lang=en", unpaid + "/status", unpaid + "/events"} {
			if strings.HasSuffix(path, "/events") {
				if first := w.Events(t.Context(), t, path)(); first == "" || strings.Contains(first, "canary") {
					t.Errorf("%s the buyer is told %q", when, first)
				}
				continue
			}
			a := w.Do(t, "", http.MethodGet, path, nil)
			if a.Status != 200 || bytes.Contains(a.Body, []byte("canary")) {
				t.Errorf("%s %s shows %d %s", when, path, a.Status, a.Body)
			}
		}
	}
	hidden("unpaid")
	w.Desk(t, "POST", "/trades/"+o.Payment.OutTradeNo+"/pay", object{}, nil)
	w.Await(t, p, o.ID, "delivered")
	hidden("delivered")
	for _, role := range []string{p.Key(owner), p.Key(support)} {
		if have := metadataOf(t, w, role, "/v1/orders", o.ID); !maps.Equal(have, labels{"canary-key": "canary-value"}) {
			t.Errorf("the order has %v", have)
		}
	}
	if have := metadataOf(t, w, p.Key(supplier), "/v1/orders", o.ID); len(have) != 0 {
		t.Errorf("a supplier sees %v", have)
	}
	if a := w.Do(t, other.Key(owner), "GET", "/v1/orders/"+o.ID, nil); a.Status != 404 {
		t.Errorf("another tenant reads %d %s", a.Status, a.Body)
	}
	var events struct {
		Data []struct {
			Type string
			Data struct{ Metadata labels }
		}
	}
	w.Must(t, p.Key(owner), "GET", "/v1/events?subject_type=order&subject_id="+o.ID, nil, &events)
	if len(events.Data) != 3 { // created, paid, delivered
		t.Errorf("%d events of the order", len(events.Data))
	}
	for _, e := range events.Data {
		if e.Data.Metadata["canary-key"] != "canary-value" {
			t.Errorf("%s carries %v", e.Type, e.Data.Metadata)
		}
	}
	if strings.Contains(w.Log.String(), "canary") {
		t.Error("the log has the metadata")
	}
}
