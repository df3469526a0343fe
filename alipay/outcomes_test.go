package alipay_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"zhitong/alipay"
)

func infoOf(t *testing.T, method string) alipay.MethodInfo {
	t.Helper()
	for _, m := range alipay.Methods() {
		if m.Method == method {
			return m
		}
	}
	t.Fatalf("%s is not in Methods", method)
	return alipay.MethodInfo{}
}

// cut cuts the connection after writing what the test gives.
func cut(w http.ResponseWriter, before string) {
	if before != "" {
		w.Header().Set("Content-Length", "100000")
		fmt.Fprint(w, before)
		w.(http.Flusher).Flush()
	}
	panic(http.ErrAbortHandler)
}

// Every method × every ending. The expected outcome of each broken ending is unknown, never done and never refused.
func TestOutcomeOfEveryMethod(t *testing.T) {
	t.Parallel()
	type ending struct {
		name    string
		answer  func(c methodCase) func(http.ResponseWriter, received)
		outcome alipay.Outcome
		sub     string
		repeats bool // a query asks again
	}
	plain := func(f func(w http.ResponseWriter, r received,
		ok string)) func(methodCase) func(http.ResponseWriter, received) {
		return func(c methodCase) func(http.ResponseWriter, received) {
			return func(w http.ResponseWriter, r received) { f(w, r, c.ok) }
		}
	}
	endings := []ending{
		{"success", plain(reply), alipay.OutcomeDone, "", false},
		{"connection cut before the answer", plain(func(w http.ResponseWriter, _ received, _ string) {
			cut(w, "")
		}), alipay.OutcomeUnknown, alipay.SubCodeTransport, true},
		{"connection cut inside the answer", plain(func(w http.ResponseWriter, r received, _ string) {
			cut(w, `{"`+nodeOf(r.Params["method"])+`":{"code":"100`)
		}), alipay.OutcomeUnknown, alipay.SubCodeTransport, true},
		{"half JSON", plain(func(w http.ResponseWriter, r received, ok string) {
			fmt.Fprintf(w, `{"%s":%s,"sign":"`, nodeOf(r.Params["method"]), ok)
		}), alipay.OutcomeUnknown, alipay.SubCodeBrokenAnswer, true},
		{"HTML", plain(func(w http.ResponseWriter, _ received, _ string) {
			fmt.Fprint(w, "<html>\xcf\xb5\xcd\xb3</html>")
		}), alipay.OutcomeUnknown, alipay.SubCodeBrokenAnswer, true},
		{"HTTP 502", plain(func(w http.ResponseWriter, _ received, _ string) {
			w.WriteHeader(http.StatusBadGateway)
		}), alipay.OutcomeUnknown, alipay.SubCodeHTTPStatus, true},
		{"redirect", plain(func(w http.ResponseWriter, _ received, _ string) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusFound)
		}), alipay.OutcomeUnknown, alipay.SubCodeHTTPStatus, true},
		{"success without a signature", plain(func(w http.ResponseWriter, r received, ok string) {
			fmt.Fprintf(w, `{"%s":%s}`, nodeOf(r.Params["method"]), ok)
		}), alipay.OutcomeUnknown, alipay.SubCodeUnsigned, false},
		{"success signed by somebody else", plain(func(w http.ResponseWriter, r received, ok string) {
			fmt.Fprintf(w, `{"%s":%s,"sign":"%s"}`, nodeOf(r.Params["method"]), ok, signText(otherKey().private, ok))
		}), alipay.OutcomeUnknown, alipay.SubCodeBadSignature, false},
		{"refusal signed by somebody else", plain(func(w http.ResponseWriter, r received, _ string) {
			node := `{"code":"40004","msg":"Business Failed","sub_code":"ACQ.INVALID_PARAMETER"}`
			fmt.Fprintf(w, `{"%s":%s,"sign":"%s"}`, nodeOf(r.Params["method"]), node,
				signText(otherKey().private, node))
		}), alipay.OutcomeUnknown, alipay.SubCodeBadSignature, false},
		{"another method's node", plain(func(w http.ResponseWriter, _ received, ok string) {
			fmt.Fprintf(w, `{"alipay_other_response":%s,"sign":"%s"}`, ok, signText(alipayKey().private, ok))
		}), alipay.OutcomeUnknown, alipay.SubCodeBrokenAnswer, true},
		{"success in error_response", plain(func(w http.ResponseWriter, _ received, ok string) {
			fmt.Fprintf(w, `{"error_response":%s,"sign":"%s"}`, ok, signText(alipayKey().private, ok))
		}), alipay.OutcomeUnknown, alipay.SubCodeBrokenAnswer, true},
		{"20000", plain(func(w http.ResponseWriter, r received, _ string) {
			reply(w, r, `{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error","sub_msg":"系统繁忙"}`)
		}), alipay.OutcomeUnknown, "isp.unknow-error", true},
		{"SYSTEM_ERROR", plain(func(w http.ResponseWriter, r received, _ string) {
			reply(w, r, `{"code":"40004","msg":"Business Failed","sub_code":"ACQ.SYSTEM_ERROR","sub_msg":"系统异常"}`)
		}), alipay.OutcomeUnknown, "ACQ.SYSTEM_ERROR", false},
		{"undocumented code", plain(func(w http.ResponseWriter, r received, _ string) {
			reply(w, r, `{"code":"55555","msg":"?"}`)
		}), alipay.OutcomeUnknown, "", false},
		{"no code", plain(func(w http.ResponseWriter, r received, _ string) {
			reply(w, r, `{"msg":"Success"}`)
		}), alipay.OutcomeUnknown, "", false},
		{"refusal", plain(func(w http.ResponseWriter, r received, _ string) {
			reply(w, r, `{"code":"40004","msg":"Business Failed","sub_code":"ACQ.ACCESS_FORBIDDEN","sub_msg":"无权限使用接口"}`)
		}), alipay.OutcomeRefused, "ACQ.ACCESS_FORBIDDEN", false},
		{"unsigned gateway refusal", plain(func(w http.ResponseWriter, r received, _ string) {
			fmt.Fprintf(w, `{"%s":{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-app-id","sub_msg":"无效的AppID参数"}}`, nodeOf(r.Params["method"]))
		}), alipay.OutcomeRefused, "isv.invalid-app-id", false},
		{"refusal in error_response", plain(func(w http.ResponseWriter, _ received, _ string) {
			fmt.Fprint(w, `{"error_response":{"code":"40006","msg":"Insufficient Permissions","sub_code":"isv.insufficient-isv-permissions"}}`)
		}), alipay.OutcomeRefused, "isv.insufficient-isv-permissions", false},
		{"a signed answer about something else", func(c methodCase) func(http.ResponseWriter, received) {
			if c.wrong == "" {
				return nil
			}
			return answering(c.wrong)
		}, alipay.OutcomeUnknown, "", false},
	}
	for _, c := range allCases() {
		t.Run(c.method, func(t *testing.T) {
			t.Parallel()
			info := infoOf(t, c.method)
			g := newGateway(t, nil)
			client := g.client(t)
			for _, e := range endings {
				answer := e.answer(c)
				if answer == nil {
					continue
				}
				g.set(answer)
				before := g.count.Load()
				res, err := c.call(t.Context(), client)
				checkOutcome(t, c.method, e.name, res, err, e.outcome, e.sub)
				want := int64(1)
				if e.repeats && info.Retryable {
					want = 2
				}
				if got := g.count.Load() - before; got != want {
					t.Errorf("%s: the gateway saw %d requests, want %d", e.name, got, want)
				}
				if ae, ok := errors.AsType[*alipay.Error](err); ok && e.outcome == alipay.OutcomeUnknown &&
					info.Resolve != "" && ae.Resolve == "" {
					t.Errorf("%s: an unknown outcome names no resolving query", e.name)
				}
			}
		})
	}
}

func checkOutcome(t *testing.T, method, ending string, res any, err error, outcome alipay.Outcome, sub string) {
	t.Helper()
	if outcome == alipay.OutcomeDone {
		if err != nil || res == nil {
			t.Errorf("%s: %v, %v", ending, res, err)
		}
		return
	}
	e, ok := errors.AsType[*alipay.Error](err)
	if !ok || res != nil {
		t.Errorf("%s: got %v, %v; want only an *Error", ending, res, err)
		return
	}
	if e.Outcome != outcome || e.Method != method || sub != "" && e.SubCode != sub {
		t.Errorf("%s: got %s %s %s, want %s %s", ending, e.Outcome, e.Method, e.SubCode, outcome, sub)
	}
	if alipay.IsUnknown(err) != (outcome == alipay.OutcomeUnknown) ||
		alipay.IsRefused(err) != (outcome == alipay.OutcomeRefused) {
		t.Errorf("%s: IsUnknown %t, IsRefused %t", ending, alipay.IsUnknown(err), alipay.IsRefused(err))
	}
}

// Every documented sub code of every method, over HTTP: nothing documented as unknown or limited may come back final.
func TestDocumentedSubCodes(t *testing.T) {
	t.Parallel()
	unknown := map[string]bool{"SYSTEM_ERROR": true, "REQUEST_PROCESSING": true, "TRANS_ORDER_DEALING": true,
		"PROMO_TRANS_ORDER_DEALING": true,
		"SYSTEM_TIMEOUT_ERROR":      true, "UNKNOWN_ERROR": true}
	own := map[string]map[string]bool{
		"alipay.trade.pay": {"PAYMENT_FAIL": true, "PULL_MOBILE_CASHIER_FAIL": true},
		"alipay.fund.trans.uni.transfer": {"BANK_RESPONSE_ERROR": true, "PROCESS_FAIL": true, "PAYMENT_FAIL": true,
			"INST_PAY_UNABLE": true},
	}
	limited := map[string]bool{"FREQUENCY_LIMITED": true, "SYSTEM_RATE_LIMIT": true, "USER_RATE_LIMIT": true}
	listed := 0
	for _, c := range allCases() {
		codes := alipay.DocumentedSubCodes(c.method)
		if len(codes) == 0 {
			continue
		}
		listed += len(codes)
		t.Run(c.method, func(t *testing.T) {
			t.Parallel()
			var sub string
			g := newGateway(t, func(w http.ResponseWriter, r received) {
				reply(w, r, `{"code":"40004","msg":"Business Failed","sub_code":"`+sub+`"}`)
			})
			client := g.client(t)
			for _, sub = range codes {
				_, err := c.call(t.Context(), client)
				e, ok := errors.AsType[*alipay.Error](err)
				if !ok {
					t.Fatalf("%s: %v", sub, err)
				}
				bare := strings.TrimPrefix(strings.TrimPrefix(sub, "ACQ."), "AQC.")
				wantUnknown := unknown[bare] || own[c.method][bare]
				switch {
				case e.Limited != limited[bare]:
					t.Errorf("%s: limited = %t", sub, e.Limited)
				case limited[bare]:
					if !alipay.IsUnknown(err) || alipay.IsRefused(err) || !alipay.IsLimited(err) {
						t.Errorf("%s: limited is taken for a refusal", sub)
					}
				case alipay.IsUnknown(err) != wantUnknown, alipay.IsRefused(err) == wantUnknown, alipay.IsRefused(err,
					sub) == wantUnknown, alipay.IsRefused(err, bare) == wantUnknown:
					t.Errorf("%s: %v", sub, err)
				}
			}
		})
	}
	if listed < 500 {
		t.Errorf("only %d documented sub codes are covered", listed)
	}
}

// Methods, the Client's methods and the cases of the tests are the same set.
func TestMethodsAreComplete(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[*alipay.Client]()
	others := map[string]bool{"AppID": true, "PID": true, "Doctor": true, "BillDownload": true,
		"ParseTradeNotification": true, "ParseMessage": true}
	byGo := map[string]alipay.MethodInfo{}
	for _, m := range alipay.Methods() {
		byGo[m.GoName] = m
		if _, ok := typ.MethodByName(m.GoName); !ok {
			t.Errorf("%s: Client has no method %s", m.Method, m.GoName)
		}
		if m.Title == "" || m.Grade == "" {
			t.Errorf("%s is incomplete", m.Method)
		}
		page := m.Kind == alipay.KindPage || m.Kind == alipay.KindApp
		if !page && (m.Deadline < 5*time.Second || m.Deadline > 15*time.Second) {
			t.Errorf("%s: a deadline of %s", m.Method, m.Deadline)
		}
		if m.Retryable != (m.Kind == alipay.KindQuery) {
			t.Errorf("%s: only queries are repeated", m.Method)
		}
		if m.Resolve != "" && infoOf(t, m.Resolve).Kind != alipay.KindQuery {
			t.Errorf("%s: %s is not a query", m.Method, m.Resolve)
		}
	}
	for i := range typ.NumMethod() {
		if name := typ.Method(i).Name; !others[name] && byGo[name].Method == "" {
			t.Errorf("Client.%s is not in Methods", name)
		}
		if name := typ.Method(i).Name; strings.HasPrefix(name, "Set") {
			t.Errorf("Client.%s: a client is immutable", name)
		}
	}
	covered := map[string]bool{}
	for _, c := range allCases() {
		covered[c.method] = true
	}
	for _, m := range alipay.Methods() {
		if m.Kind != alipay.KindPage && m.Kind != alipay.KindApp && !covered[m.Method] {
			t.Errorf("%s has no test case", m.Method)
		}
	}
}

// Each call carries its method's deadline, and the caller's if that is shorter.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	for _, c := range allCases() {
		var left time.Duration
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			at, ok := r.Context().Deadline()
			if !ok {
				t.Errorf("%s: no deadline", c.method)
			}
			left = time.Until(at) //nolint:forbidigo // a context's deadline is in the machine's time
			return nil, errors.New("no network")
		})
		client, err := alipay.NewClient(credentials("http://gateway.test"),
			alipay.Options{Clock: testClock(), Transport: transport})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.call(t.Context(), client); !alipay.IsUnknown(err) {
			t.Errorf("%s: %v", c.method, err)
		}
		if want := infoOf(t, c.method).Deadline; left > want || left < want/2 {
			t.Errorf("%s: %s left of %s", c.method, left, want)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	g := newGateway(t, nil)
	_, err := g.client(t).TradeQuery(done, alipay.TradeQueryRequest{OutTradeNo: outNo})
	if !alipay.IsUnknown(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if g.count.Load() > 0 {
		t.Error("a cancelled query was repeated")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
