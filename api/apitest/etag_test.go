package apitest_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"zhitong/api/apitest"
	"zhitong/api/contract"
)

// withoutMatch are the changes that take no If-Match, and why.
func withoutMatch() map[string]string {
	return map[string]string{
		"putApplicationImage":    "an image is replaced as a whole",
		"deleteApplicationImage": "an image is deleted as a whole",
		"putNoticeTemplate":      "a text is replaced as a whole, by the last who writes it",
		"deleteNoticeTemplate":   "a text is deleted as a whole",
		"assignCase":             "who works on a case is replaced as a whole, by the last who says it",
		"putShopLogo":            "a logo is replaced as a whole",
		"deleteShopLogo":         "a logo is deleted as a whole",
		"deleteFile":             "a file never changes",
		"revokeAPIKey":           "a key is revoked whatever else was changed of it",
		"revokeInvitation":       "an invitation does not change; it is withdrawn or it is not",
	}
}

// ofPath is the GET of a path, or nil.
func ofPath(c *contract.Contract, path string) *contract.Operation {
	return c.Operation(http.MethodGet, path)
}

// TestEveryChangeTakesIfMatch walks the contract: PUT, PATCH and DELETE take If-Match, and what they change can be read
// with its ETag.
func TestEveryChangeTakesIfMatch(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	for _, op := range w.Contract.Operations() {
		changes := slices.Contains([]string{http.MethodPut, http.MethodPatch, http.MethodDelete}, op.Method)
		if _, exempt := withoutMatch()[op.ID]; !changes || exempt || op.Personal { // nobody else changes what is mine
			continue
		}
		if !op.TakesHeader("If-Match") {
			t.Errorf("%s changes something and takes no If-Match", op.ID)
		}
		if ofPath(w.Contract, op.Path) == nil {
			t.Errorf("%s changes what cannot be read: there is no GET %s", op.ID, op.Path)
		}
	}
}

// TestIfMatch makes every change that takes If-Match: refused with a tag that is old or none of ours, done with the
// present one, which is another afterwards.
func TestIfMatch(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for _, op := range w.Contract.Operations() {
		if !op.TakesHeader("If-Match") || op.ID == "putAlipayConnection" { // TestPutConnection
			continue
		}
		read := ofPath(w.Contract, op.Path)
		if op.ID == "publishSplitRuleVersion" {
			read = ofPath(w.Contract, "/v1/split_rules/{split_rule_id}")
		}
		if op.Method == http.MethodDelete || read == nil {
			continue // nothing is left to look at
		}
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			tag := func() string {
				return w.Do(t, p.Key(owner), http.MethodGet, p.Fill(read.Path), nil).Header.Get("ETag")
			}
			change := func(match string) apitest.Answer {
				return w.Do(t, p.Key(owner), op.Method, p.Fill(op.Path), p.FillBody(t, bodies()[op.ID]),
					"If-Match", match)
			}
			first := tag()
			if len(first) < 3 {
				t.Fatalf("%s has no ETag: %q", read.ID, first)
			}
			for _, stale := range []string{`"999"`, `"x"`, "W/" + first, `"999", "998"`} {
				a := change(stale)
				if a.Status != http.StatusPreconditionFailed || a.Code() != "precondition_failed" ||
					a.Header.Get("ETag") != first {
					t.Errorf("If-Match %s: %d %s, ETag %s, want %s", stale, a.Status, a.Code(),
						a.Header.Get("ETag"), first)
				}
			}
			for _, malformed := range []string{"1", `"1`, "x", `"1" "2"`, ""} {
				if a := change(malformed); a.Status != http.StatusBadRequest {
					t.Errorf("If-Match %q: %d", malformed, a.Status)
				}
			}
			if now := tag(); now != first {
				t.Errorf("the tag is %s after refused changes, it was %s", now, first)
			}
			a := change(`"999", ` + first)
			second := a.Header.Get("ETag")
			if a.Status >= 300 || second == first || second != tag() {
				t.Errorf("with the present tag: %d %s, ETag %s after %s", a.Status, a.Body, second, first)
			}
			if a := change(first); a.Status != http.StatusPreconditionFailed {
				t.Errorf("the same again: %d", a.Status)
			}
			if a := change("*"); a.Status >= 300 {
				t.Errorf("any: %d %s", a.Status, a.Body)
			}
		})
	}
}

// TestIfNoneMatch reads what has an ETag a second time: there is nothing new, until it is changed.
func TestIfNoneMatch(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	for _, op := range w.Contract.Operations() {
		if !op.TakesHeader("If-None-Match") {
			continue
		}
		path := p.Fill(op.Path)
		tag := w.Do(t, p.Key(owner), http.MethodGet, path, nil).Header.Get("ETag")
		for seen, want := range map[string]int{
			tag:             http.StatusNotModified,
			"W/" + tag:      http.StatusNotModified,
			`"999", ` + tag: http.StatusNotModified,
			"*":             http.StatusNotModified,
			`"999"`:         http.StatusOK,
			"nonsense":      http.StatusBadRequest,
		} {
			a := w.Do(t, p.Key(owner), http.MethodGet, path, nil, "If-None-Match", seen)
			if a.Status != want || (a.Status == http.StatusNotModified) != (len(a.Body) == 0) {
				t.Errorf("%s with %s: %d %s, want %d", op.ID, seen, a.Status, a.Body, want)
			}
			if a.Status < 400 && a.Header.Get("ETag") != tag {
				t.Errorf("%s with %s: ETag %q, want %q", op.ID, seen, a.Header.Get("ETag"), tag)
			}
		}
	}
	path := "/v1/merchants/" + p.Supplier
	tag := w.Do(t, p.Key(owner), http.MethodGet, path, nil).Header.Get("ETag")
	w.Must(t, p.Key(owner), http.MethodPatch, path, object{"contact": "new"}, nil)
	if a := w.Do(t, p.Key(owner), http.MethodGet, path, nil, "If-None-Match", tag); a.Status != http.StatusOK {
		t.Errorf("after a change: %d", a.Status)
	}
}

// TestLostUpdate changes a price eight times at once from the same reading: one change is made, the others are told.
func TestLostUpdate(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	path := p.Fill("/v1/products/{product_id}")
	tag := w.Do(t, p.Key(owner), http.MethodGet, path, nil).Header.Get("ETag")
	answers := make([]apitest.Answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = w.Do(t, p.Key(owner), http.MethodPatch, path, object{"price_fen": 1000 + i}, "If-Match", tag)
		})
	}
	all.Wait()
	made, price := 0, ""
	for i, a := range answers {
		switch a.Status {
		case http.StatusOK:
			made, price = made+1, fmt.Sprintf(`"price_fen":%d`, 1000+i)
		case http.StatusPreconditionFailed:
		default:
			t.Errorf("%d %s", a.Status, a.Body)
		}
	}
	if now := w.Do(t, p.Key(owner), http.MethodGet, path, nil); made != 1 || !contains(now.Body, price) {
		t.Errorf("%d changes were made; the product is %s", made, now.Body)
	}
}

// TestMergePatch changes a merchant as RFC 7396 says: what is absent stays, and null clears where the contract has it.
func TestMergePatch(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	path := "/v1/merchants/" + p.Distributor
	patch := func(body any) (m struct {
		Contact  string
		Receiver *struct{ Account string }
	}) {
		w.Must(t, p.Key(owner), http.MethodPatch, path, body, &m)
		return m
	}
	if m := patch(object{"contact": "李"}); m.Receiver == nil || m.Contact != "李" {
		t.Errorf("an absent receiver: %+v", m)
	}
	for range 2 { // the second time there is nothing to clear
		if m := patch(object{"receiver": nil}); m.Receiver != nil || m.Contact != "李" {
			t.Errorf("null: %+v", m)
		}
	}
	a := w.Do(t, p.Key(owner), http.MethodPatch, path,
		object{"receiver": object{"type": "userId", "account": "2088000000000009"}})
	if a.Status != http.StatusConflict || a.Code() != "approval_required" {
		t.Errorf("a new receiver: %d %s", a.Status, a.Body)
	}
	for body, field := range map[string]string{
		`{"name":null}`:  "/name",
		`{"receiver":5}`: "/receiver",
		`{"receiver":{"type":"x","account":"1"}}`: "/receiver/type",
	} {
		a := w.Do(t, p.Key(owner), http.MethodPatch, path, body)
		if a.Status != http.StatusBadRequest || !contains(a.Body, `"pointer":"`+field+`"`) {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
}
