package apitest_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong/api/apitest"
	"zhitong/api/contract"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
)

// succeeding is a scenario of the operation that succeeds.
func succeeding(t *testing.T, op *contract.Operation) apitest.Scenario {
	t.Helper()
	for _, s := range scenarios() {
		if s.Status < 300 && s.Method == op.Method && apitest.SamePath(op.Path, s.Path) {
			return s
		}
	}
	t.Fatalf("%s has no scenario that succeeds", op.ID)
	return apitest.Scenario{}
}

// TestEveryPostTakesAKey walks the contract: each POST has the header, says so in its answer, and lists the codes.
func TestEveryPostTakesAKey(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := contract.Document()
	if err != nil {
		t.Fatal(err)
	}
	required := []string{}
	for _, op := range c.Operations() {
		if op.Personal || op.Reads { // nothing of it makes something that a repeat would make twice
			continue
		}
		if (op.Method == http.MethodPost) != op.TakesHeader("Idempotency-Key") {
			t.Errorf("%s %s takes the header: %v", op.Method, op.ID, op.TakesHeader("Idempotency-Key"))
		}
		if op.Method != http.MethodPost {
			continue
		}
		if !op.Lists(idempotency.CodeKeyReused) || !op.Lists(idempotency.CodeKeyInUse) {
			t.Errorf("%s lacks a code: %v", op.ID, op.Codes)
		}
		if op.MissingHeader(http.Header{}) == "Idempotency-Key" {
			required = append(required, op.ID)
		}
		for status, r := range doc.Paths.Value(op.Path).Post.Responses.Map() {
			if status[0] == '2' && r.Value.Headers["Idempotency-Replayed"] == nil {
				t.Errorf("%s: the answer %s lacks Idempotency-Replayed", op.ID, status)
			}
		}
	}
	slices.Sort(required)
	want := append(idempotency.MoneyOperations(), "createTenant")
	slices.Sort(want)
	if !slices.Equal(required, want) {
		t.Errorf("the key is required by %v, want %v", required, want)
	}
	keptLong(t, doc)
}

// keptLong holds the description of the API to how long keys are kept.
func keptLong(t *testing.T, doc *openapi3.T) {
	t.Helper()
	hours, days := int(idempotency.Kept.Hours()), int(idempotency.KeptMoney.Hours())/24
	zh, _ := doc.Info.Extensions["x-description-zh"].(string)
	for text, all := range map[string][]string{
		doc.Info.Description: {strconv.Itoa(hours) + " hours", strconv.Itoa(days) + " days"},
		zh:                   {strconv.Itoa(hours) + " 小时", strconv.Itoa(days) + " 天"},
	} {
		for _, want := range append(all, idempotency.MoneyOperations()...) {
			if !strings.Contains(text, want) {
				t.Errorf("the description does not say %q", want)
			}
		}
	}
}

// TestEveryPostRepeats sends every POST of the contract twice with one key: the second answer is the first to the
// letter, and marked. Under the same key another path or body is refused, and so is another role.
func TestEveryPostRepeats(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	furnished := w.NewTenant(t, "甲")
	doc, err := contract.Document()
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range w.Contract.Operations() {
		if op.Personal || op.ID == "createLiveTenant" { // for people only
			continue
		}
		if op.Method != http.MethodPost || op.Reads {
			continue
		}
		t.Run(op.ID, func(t *testing.T) {
			t.Parallel()
			s, p := succeeding(t, op), furnished
			if s.Prepare != nil {
				p = p.With(s.Prepare(t, w, p))
			}
			k := key()
			if len(s.Headers) > 0 && s.Headers[0] == "Content-Type" {
				k = append(k, s.Headers...)
			}
			send := func() apitest.Answer {
				return w.Do(t, p.Keys[s.As], s.Method, p.Fill(s.Path), p.FillBody(t, s.Body), k...)
			}
			one, two := send(), send()
			if one.Status != s.Status || one.Header.Get("Idempotency-Replayed") != "" {
				t.Fatalf("first: %d %s, replayed %q", one.Status, one.Body, one.Header.Get("Idempotency-Replayed"))
			}
			if two.Status != one.Status || string(two.Body) != string(one.Body) ||
				two.Header.Get("ETag") != one.Header.Get("ETag") ||
				two.Header.Get("Content-Type") != one.Header.Get("Content-Type") {
				t.Errorf("the repeat differs: %d %v\n%s\n%s", two.Status, two.Header, one.Body, two.Body)
			}
			if two.Header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("the repeat is not marked: %v", two.Header)
			}
			for name := range doc.Paths.Value(op.Path).Post.Responses.Status(s.Status).Value.Headers {
				if name == "Idempotency-Replayed" {
					continue
				}
				if first, second := one.Header.Get(name), two.Header.Get(name); first == "" || second != first {
					t.Errorf("the contract has %s: %q at first, %q of the repeat", name, first, second)
				}
			}
			if op.Public {
				return // another body: TestSignUpRepeats; there are no roles yet
			}
			path := "/v1/cases/" + p.IDs["case_id"] + "/close"
			if op.ID == "closeCase" {
				path = "/v1/events/" + p.IDs["event_id"] + "/resend"
			}
			var body any
			if strings.HasSuffix(path, "close") {
				body = object{"note": "another"}
			}
			if a := w.Do(t, p.Key(owner), s.Method, path, body, k[:2]...); a.Code() != "idempotency_key_reused" {
				t.Errorf("another operation: %d %s", a.Status, a.Body)
			}
			for _, role := range []string{"admin", "finance", "developer"} {
				if role == string(s.As) {
					continue
				}
				a := w.Do(t, p.Keys[tenants.Role(role)], s.Method, p.Fill(s.Path), p.FillBody(t, s.Body), k...)
				if a.Code() != "idempotency_key_reused" && a.Code() != "forbidden" {
					t.Errorf("as %s: %d %s", role, a.Status, a.Body)
				}
			}
		})
	}
}

// TestSignUpRepeats: a sign-up that is repeated gives the same platform and the same API key, to nobody else, and not
// for ever.
func TestSignUpRepeats(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	body, k := object{"name": "甲", "owner_email": "a@example.cn"}, []string{"Idempotency-Key", apitest.Secret()}
	answers := make([]apitest.Answer, 6)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = w.Do(t, "", http.MethodPost, "/v1/tenants", body, k...) })
	}
	wg.Wait()
	made := 0
	for _, a := range answers {
		if a.Status != http.StatusCreated || string(a.Body) != string(answers[0].Body) {
			t.Errorf("%d %s\nand %s", a.Status, a.Body, answers[0].Body)
		}
		if a.Header.Get("Idempotency-Replayed") == "" {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d sign-ups at once made %d platforms", len(answers), made)
	}
	var up struct {
		APIKey struct{ Secret string } `json:"api_key"`
	}
	answers[0].Into(t, &up)
	w.Must(t, up.APIKey.Secret, http.MethodGet, "/v1/tenant", nil, nil)
	for name, other := range map[string]object{
		"name": {"name": "乙", "owner_email": "a@example.cn"}, "address": {"name": "甲", "owner_email": "b@example.cn"},
	} {
		if a := w.Do(t, "", http.MethodPost, "/v1/tenants", other, k...); a.Code() != "idempotency_key_reused" {
			t.Errorf("another %s: %d %s", name, a.Status, a.Body)
		}
	}
	short := w.Do(t, "", http.MethodPost, "/v1/tenants", body, "Idempotency-Key", "guess-me")
	if short.Code() != "invalid_request" {
		t.Errorf("a key that can be guessed: %d %s", short.Status, short.Body)
	}
	if a := w.Do(t, "", http.MethodPost, "/v1/tenants", body); a.Code() != "idempotency_key_missing" {
		t.Errorf("without a key: %d %s", a.Status, a.Body)
	}
	if strings.Contains(w.Log.String(), up.APIKey.Secret) {
		t.Error("the API key stands in the log")
	}
}

// TestKeyInUse ends a request between its claim and its answer, and between its answer and the recording: repeats are
// told to come again until its time is up, then one of them runs.
func TestKeyInUse(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"claimed", "answered"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			w := apitest.NewWorld(t)
			p := w.NewTenant(t, "甲")
			p = p.With(fresh(t, w, p))
			k, path := key(), p.Fill("/v1/orders/{order_id}/close")
			die := func(name string) {
				if name == at {
					panic("the program ends here")
				}
			}
			w.Step.Store(&die)
			if a := w.Do(t, p.Key(owner), http.MethodPost, path, nil,
				k...); a.Status != http.StatusInternalServerError {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
			w.Step.Store(nil)
			a := w.Do(t, p.Key(owner), http.MethodPost, path, nil, k...)
			if a.Code() != "idempotency_key_in_use" || a.Header.Get("Retry-After") != "1" {
				t.Errorf("while it may be running: %d %s, Retry-After %q", a.Status, a.Body,
					a.Header.Get("Retry-After"))
			}
			w.Clock.Advance(2 * idempotency.Lease)
			for i := range 2 {
				a = w.Do(t, p.Key(owner), http.MethodPost, path, nil, k...)
				if a.Status != http.StatusOK || !strings.Contains(string(a.Body), `"status":"closed"`) ||
					(a.Header.Get("Idempotency-Replayed") == "true") != (i == 1) {
					t.Errorf("repeat %d: %d %s %v", i, a.Status, a.Body, a.Header)
				}
			}
		})
	}
}

// TestFailureIsNotRecorded: after an error the same key runs again.
func TestFailureIsNotRecorded(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	ids := disabledEndpoint(t, w, p)
	p, k := p.With(ids), key()
	path := p.Fill("/v1/webhook_endpoints/{endpoint_id}/events/{event_id}/resend")
	if a := w.Do(t, p.Key(owner), http.MethodPost, path, nil, k...); a.Code() != "webhook_endpoint_disabled" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	enable := object{"status": "enabled"}
	w.Must(t, p.Key(owner), http.MethodPatch, p.Fill("/v1/webhook_endpoints/{endpoint_id}"), enable, nil)
	if a := w.Do(t, p.Key(owner), http.MethodPost, path, nil, k...); a.Status != http.StatusAccepted ||
		a.Header.Get("Idempotency-Replayed") != "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if !strings.Contains(w.Log.String(), `"operation":"createAPIKey"`) {
		t.Fatal("nothing is logged")
	}
	if a := w.Do(t, p.Key(owner), http.MethodPost, path, nil, k...); a.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	if !strings.Contains(w.Log.String(), `"replayed":true`) {
		t.Error("the log does not tell that a request was a repeat")
	}
}
