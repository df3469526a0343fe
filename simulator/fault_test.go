package simulator_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/internal/clock"
)

// try posts and reports what arrived, without judging it.
func (w *world) try(p map[string]string) (status int, body string, err error) {
	resp, err := w.client().Post(w.srv.URL+"/gateway.do", formType, strings.NewReader(form(p).Encode()))
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), err
}

// TestFaults: each kind does to the caller what it says, and its effect happened or did not.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind     string
		happened bool
		check    func(t *testing.T, w *world, p map[string]string)
	}{
		{"no_answer_before_effect", false, cutOff},
		{"no_answer_after_effect", true, cutOff},
		{"http_502", true, func(t *testing.T, w *world, p map[string]string) {
			if status, body, err := w.try(p); status != http.StatusBadGateway || strings.Contains(body, "10000") ||
				err != nil {
				t.Errorf("%d %s %v", status, body, err)
			}
		}},
		{"half_json", true, func(t *testing.T, w *world, p map[string]string) {
			if status, body, err := w.try(p); status != 200 ||
				!strings.HasPrefix(body, `{"alipay_trade_refund_response"`) || strings.HasSuffix(body, "}") ||
				err != nil {
				t.Errorf("%d %s %v", status, body, err)
			}
		}},
		{"wrong_signature", true, func(t *testing.T, w *world, p map[string]string) {
			_, body, err := w.try(p)
			node, sg := cut(body, `_response":`, `,"sign":"`), cut(body, `"sign":"`, `"}`)
			if err != nil || !strings.Contains(node, `"10000"`) || verify(w.pub, node, sg) || len(sg) != 344 {
				t.Errorf("%s %v", body, err)
			}
		}},
		{"wrong_amount", true, func(t *testing.T, w *world, p map[string]string) {
			if a := w.post(p); a.str("refund_fee") != "15.00" {
				t.Errorf("a wrong amount, truly signed: %s", a.raw)
			}
		}},
		{"system_error_before", false, func(t *testing.T, w *world, p map[string]string) {
			if a := w.post(p); a.outcome() != "ACQ.SYSTEM_ERROR" || a.str("code") != "40004" {
				t.Errorf("%s", a.raw)
			}
		}},
		{"system_error_after", true, func(t *testing.T, w *world, p map[string]string) {
			if a := w.post(p); a.outcome() != "ACQ.SYSTEM_ERROR" {
				t.Errorf("%s", a.raw)
			}
		}},
		{"rate_limit", false, func(t *testing.T, w *world, p map[string]string) {
			if a := w.post(p); a.outcome() != "isv.app-call-limited" || a.str("code") != "40005" {
				t.Errorf("%s", a.raw)
			}
		}},
		{"unavailable_before", false, func(t *testing.T, w *world, p map[string]string) {
			if a := w.post(p); a.outcome() != "isp.unknow-error" || a.str("code") != "20000" || !a.signed {
				t.Errorf("%s", a.raw)
			}
		}},
		{"unavailable_after", true, func(t *testing.T, w *world, p map[string]string) {
			if a := w.post(p); a.outcome() != "isp.unknow-error" {
				t.Errorf("%s", a.raw)
			}
		}},
		{"sign_first", true, func(t *testing.T, w *world, p map[string]string) {
			if a := w.post(p); a.outcome() != "10000" || !strings.HasPrefix(a.raw, `{"sign"`) {
				t.Errorf("%s", a.raw)
			}
		}},
		{"gbk_answer", true, func(t *testing.T, w *world, p map[string]string) {
			_, body, err := w.try(p)
			node, sg := cut(body, `_response":`, `,"sign":"`), cut(body, `"sign":"`, `"}`)
			if err != nil || !strings.Contains(node, `"10000"`) || !verify(w.pub, node, sg) {
				t.Errorf("%s %v", body, err)
			}
			w.desk("POST", "/faults", obj{"kind": "gbk_answer", "method": "alipay.trade.query"}, 201)
			_, body, err = w.try(w.signed("alipay.trade.query", obj{"out_trade_no": "x"}))
			text, _ := simplifiedchinese.GBK.NewDecoder().String(body)
			if err != nil || utf8.ValidString(body) || !strings.Contains(text, "交易不存在") {
				t.Errorf("%s %v", text, err)
			}
		}},
		{"slow", true, func(t *testing.T, w *world, p map[string]string) {
			began := clock.System{}.Now()
			if a := w.post(p); a.outcome() != "10000" || (clock.System{}).Now().Sub(began) < 30*time.Millisecond {
				t.Errorf("%v %s", clock.System{}.Now().Sub(began), a.raw)
			}
		}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			w := start(t)
			no := w.paid("10.00")
			f := w.desk("POST", "/faults",
				obj{"kind": c.kind, "app_id": w.app, "method": "alipay.trade.refund", "times": 1, "delay_ms": 30}, 201)
			refund := obj{"trade_no": no, "refund_amount": "5.00", "out_request_no": "R1"}
			c.check(t, w, w.signed("alipay.trade.refund", refund))
			if got := w.trade(no)["refunded_fen"] == 500.0; got != c.happened {
				t.Errorf("the effect happened: %v, want %v", got, c.happened)
			}
			if a := w.must("alipay.trade.refund", refund); (a.str("fund_change") == "N") != c.happened {
				t.Errorf("the second time: %s", a.raw)
			}
			w.desk("DELETE", "/faults/"+f["id"].(string), nil, 204)
			w.desk("DELETE", "/faults/"+f["id"].(string), nil, 404)
		})
	}
}

func cutOff(t *testing.T, w *world, p map[string]string) {
	t.Helper()
	// Without keep-alive the client does not repeat the request on another connection by itself.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Post(w.srv.URL+"/gateway.do", formType, strings.NewReader(form(p).Encode()))
	if err == nil {
		_ = resp.Body.Close()
		t.Errorf("answered with %d", resp.StatusCode)
	}
}

func cut(s, from, to string) string {
	_, s, _ = strings.Cut(s, from)
	s, _, _ = strings.Cut(s, to)
	return s
}

// TestFaultSelection: nth, every, probability with a seed, other methods untouched, survival of a restart.
func TestFaultSelection(t *testing.T) {
	t.Parallel()
	run := func(w *world, n int) string {
		var b strings.Builder
		for range n {
			if w.call("alipay.trade.query", obj{"out_trade_no": "x"}).outcome() == "ACQ.TRADE_NOT_EXIST" {
				b.WriteByte('.')
			} else {
				b.WriteByte('X')
			}
		}
		return b.String()
	}
	w := start(t)
	w.desk("POST", "/faults", obj{"kind": "rate_limit", "method": "alipay.trade.query", "nth": 3}, 201)
	if got := run(w, 6); got != "..X..." {
		t.Errorf("nth: %s", got)
	}
	w.desk("DELETE", "/faults", nil, 204)
	w.desk("POST", "/faults", obj{"kind": "rate_limit", "method": "alipay.trade.query", "every": 2, "times": 2}, 201)
	if got := run(w, 8); got != ".X.X...." {
		t.Errorf("every: %s", got)
	}
	w.desk("DELETE", "/faults", nil, 204)
	w.desk("POST", "/faults", obj{"kind": "rate_limit", "app_id": "other"}, 201)
	if got := run(w, 3); got != "..." {
		t.Errorf("another application: %s", got)
	}
	w.desk("DELETE", "/faults", nil, 204)
	random := obj{"kind": "rate_limit", "probability": 0.5, "seed": 7}
	w.desk("POST", "/faults", random, 201)
	first := run(w, 40)
	w.desk("DELETE", "/faults", nil, 204)
	w.desk("POST", "/faults", random, 201)
	if second := run(w, 40); second != first || !strings.Contains(first, "X") || !strings.Contains(first, ".") {
		t.Errorf("a seed repeats the choices: %s, %s", first, second)
	}
	w.desk("DELETE", "/faults", nil, 204)
	w.desk("POST", "/faults", obj{"kind": "rate_limit"}, 201)
	w.reopen()
	if got := run(w, 2); got != "XX" {
		t.Errorf("after a restart: %s", got)
	}
	w.desk("POST", "/faults", obj{"kind": "earthquake"}, 400)
	w.desk("DELETE", "/faults", nil, 204)
	w.desk("POST", "/faults", obj{"kind": "business_error"}, 400)
	w.desk("POST", "/faults", obj{"kind": "business_error", "sub_code": "ACQ.MERCHANT_STATUS_NOT_NORMAL"}, 201)
	if a := w.call("alipay.trade.precreate", w.order("1.00")); a.outcome() != "ACQ.MERCHANT_STATUS_NOT_NORMAL" ||
		!a.signed {
		t.Errorf("business error: %s", a.raw)
	}
	w.desk("DELETE", "/faults", nil, 204)
	w.desk("POST", "/faults", obj{"kind": "error_node"}, 201)
	if a := w.call("alipay.trade.query", obj{"out_trade_no": "x"}); a.name != "error_response" || !a.signed {
		t.Errorf("error node: %s", a.raw)
	}
	w.desk("DELETE", "/faults", nil, 204)
	w.desk("POST", "/faults", obj{"kind": "escaped_slashes"}, 201)
	_, body, err := w.try(w.signed("alipay.trade.precreate", w.order("1.00")))
	node := cut(body, `_response":`, `,"sign":"`)
	if err != nil || !strings.Contains(node, `:\/\/`) ||
		!verify(w.pub, strings.ReplaceAll(node, `\/`, "/"), cut(body, `"sign":"`, `"}`)) {
		t.Errorf("escaped slashes: %s %v", body, err)
	}
}
