package apitest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"zhitong/api"
	"zhitong/api/apitest"
	"zhitong/api/contract"
	"zhitong/tenants"
)

// traceless are operations that may change something by their method, and leave no entry, and why.
func traceless() map[string]string {
	return map[string]string{
		"checkAlipayConnection": "asks Alipay, and changes nothing",
	}
}

// undone has, for an operation that changes nothing where nothing was done before, what does it.
func undone() map[string]func(testing.TB, *apitest.World, *apitest.Tenant) map[string]string {
	return map[string]func(testing.TB, *apitest.World, *apitest.Tenant) map[string]string{
		"unarchiveSplitRule": func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
			ids := newRule(t, w, p)
			w.Must(t, p.Key(owner), http.MethodPost, "/v1/split_rules/"+ids["split_rule_id"]+"/archive", nil, nil)
			return ids
		},
		"reactivateMerchant": func(t testing.TB, w *apitest.World, p *apitest.Tenant) map[string]string {
			ids := newMerchant(t, w, p)
			w.Must(t, p.Key(owner), http.MethodPost, "/v1/merchants/"+ids["merchant_id"]+"/suspend", nil, nil)
			return ids
		},
	}
}

// entry is a line of the audit log.
type entry struct {
	ActorKind string `json:"actor_kind"`
	ActorID   string `json:"actor_id"`
	Action    string
	Address   string `json:"client_address"`
}

// traces are the entries about an action that came from an address.
func traces(t testing.TB, w *apitest.World, key, action, address string) (found []entry) {
	t.Helper()
	var log struct{ Data []entry }
	w.Must(t, key, http.MethodGet, "/v1/audit_log?limit=100&action="+action, nil, &log)
	for _, e := range log.Data {
		if e.Address == address {
			found = append(found, e)
		}
	}
	return found
}

// behindProxy is an API that believes whom its proxy, which is this machine, names.
func behindProxy(d *api.Deps) { d.TrustedProxies = []string{"127.0.0.0/8", "::1/128"} }

// TestEveryChangeLeavesATrace calls every operation that may change something, each from an address of its own: the
// audit log of the tenant has one entry that names the operation, the API key and the address, and the log has a line
// with the address.
func TestEveryChangeLeavesATrace(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t, behindProxy)
	p := w.NewTenant(t, "甲")
	callers := map[tenants.Role]string{}
	var keys struct{ Data []struct{ ID, Name string } }
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/api_keys?limit=100", nil, &keys)
	for _, k := range keys.Data {
		callers[tenants.Role(strings.Replace(k.Name, "first key", "owner", 1))] = k.ID
	}
	excused := traceless()
	for i, op := range w.Contract.Operations() {
		if op.Method == http.MethodGet || op.Reads || op.Personal {
			continue
		}
		if excused[op.ID] != "" {
			delete(excused, op.ID)
			continue
		}
		if op.ID == "previewNoticeTemplate" {
			continue // it changes nothing
		}
		s, ok := thatSucceeds(op)
		if !ok {
			// TestPutConnection needs a tenant of its own, TestGoLive somebody who signs in.
			if op.ID != "putAlipayConnection" && op.ID != "createLiveTenant" {
				t.Errorf("%s has no scenario that succeeds", op.ID)
			}
			continue
		}
		address := fmt.Sprintf("203.0.113.%d", i)
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			if change := undone()[op.ID]; change != nil {
				s.Prepare = change
			}
			s.Headers = append([]string{"X-Forwarded-For", "198.51.100.1, " + address}, s.Headers...)
			key, caller, after := p.Key(owner), callers[s.As], s.After
			s.After = func(t testing.TB, w *apitest.World, q *apitest.Tenant, a apitest.Answer) {
				t.Helper()
				if s.As == "" { // the answer is of a tenant that is made by it
					var made struct {
						APIKey struct{ ID, Secret string } `json:"api_key"`
					}
					a.Into(t, &made)
					key, caller = made.APIKey.Secret, made.APIKey.ID
				}
				left := traces(t, w, key, op.ID, address)
				if len(left) != 1 || left[0].ActorKind != "api_key" || left[0].ActorID != caller {
					t.Errorf("the audit log tells %v of %s by %s from %s", left, op.ID, caller, address)
				}
				if after != nil {
					after(t, w, q, a)
				}
			}
			s.Run(t, w, p)
			if !logged(t, w, op.ID, address) {
				t.Errorf("the log has no line of %s from %s", op.ID, address)
			}
		})
	}
	for name := range excused {
		t.Errorf("%s is excused and not there", name)
	}
}

// thatSucceeds is the first scenario of an operation that succeeds.
func thatSucceeds(op *contract.Operation) (apitest.Scenario, bool) {
	for _, s := range scenarios() {
		if s.Status < 300 && s.Method == op.Method && apitest.SamePath(op.Path, s.Path) {
			return s, true
		}
	}
	return apitest.Scenario{}, false
}

// logged tells whether the log has a line of the operation from the address.
func logged(t testing.TB, w *apitest.World, operation, address string) bool {
	t.Helper()
	for line := range strings.Lines(w.Log.String()) {
		var l struct {
			Operation string `json:"operation"`
			Address   string `json:"client_address"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Operation == operation && l.Address == address {
			return true
		}
	}
	return false
}

// TestClientAddress: only a proxy that is trusted says who the client is, and a refused key leaves its address in the
// log.
func TestClientAddress(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, forwarded, want string
		change                []func(*api.Deps)
	}{
		{"a trusted proxy", "203.0.113.7", "203.0.113.7", []func(*api.Deps){behindProxy}},
		{"a trusted proxy that names nobody", "", "127.0.0.1", []func(*api.Deps){behindProxy}},
		{"anybody", "203.0.113.7", "127.0.0.1", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.NewWorld(t, row.change...)
			header := []string{"Idempotency-Key", apitest.Secret()}
			if row.forwarded != "" {
				header = append(header, "X-Forwarded-For", row.forwarded)
			}
			var made struct {
				APIKey struct{ Secret string } `json:"api_key"`
			}
			w.Must(t, "", http.MethodPost, "/v1/tenants", object{"name": "甲", "owner_email": "o@example.cn"}, &made,
				header...)
			if left := traces(t, w, made.APIKey.Secret, "createTenant", row.want); len(left) != 1 {
				t.Errorf("the audit log tells %v from %s", left, row.want)
			}
			if a := w.Do(t, "zt_test_wrong", http.MethodGet, "/v1/tenant", nil, header[2:]...); a.Status != 401 {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
			if !logged(t, w, "getTenant", row.want) {
				t.Errorf("the refused key is not logged from %s: %s", row.want, w.Log)
			}
		})
	}
}

// TestOrdersAreEntries: who created an order is found in the audit log by each of its filters, among other entries in
// the order of time.
func TestOrdersAreEntries(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	one, _ := w.Order(t, p)
	w.Must(t, p.Key(owner), http.MethodPatch, "/v1/tenant", object{"name": "乙"}, nil)
	two, _ := w.Order(t, p)
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders/"+one+"/close", nil, nil)
	type line struct{ Action, Subject string }
	list := func(query string) (out []line) {
		t.Helper()
		cursor := ""
		for {
			var page struct {
				Data []struct {
					Action  string
					Subject string `json:"subject_id"`
				}
				Next *string `json:"next_cursor"`
			}
			w.Must(t, p.Key(owner), http.MethodGet, "/v1/audit_log?limit=1"+query+cursor, nil, &page)
			for _, e := range page.Data {
				out = append(out, line(e))
			}
			if page.Next == nil || len(out) > 10 {
				return out
			}
			cursor = "&cursor=" + *page.Next
		}
	}
	has := func(query string, want ...line) {
		t.Helper()
		have := list(query)
		if len(want) > len(have) || fmt.Sprint(have[:len(want)]) != fmt.Sprint(want) {
			t.Errorf("%s tells %v, want %v", query, have, want)
		}
	}
	tenant := p.ID.String()
	has("", line{"closeOrder", one}, line{"createOrder", two}, line{"updateTenant", tenant}, line{"createOrder", one})
	has("&action=createOrder,closeOrder", line{"closeOrder", one}, line{"createOrder", two}, line{"createOrder", one})
	has("&subject_id="+one+"&order=asc", line{"createOrder", one}, line{"closeOrder", one})
	if have := list("&actor_kind=member&action=createOrder"); len(have) != 0 {
		t.Errorf("members created %v", have)
	}
}
