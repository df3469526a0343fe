package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"testing"
	"time"
)

const (
	receiver1   = "2088000000000101" // certified, grants returns
	receiver2   = "2088000000000102" // certified, does not
	uncertified = "2088000000000103"
	noBalance   = "2088000000000104"
	abnormal    = "2088000000000105"
	buyer1      = "2088000000000001"
)

// bind adds receivers to the platform's relation set.
func (w *world) bind(users ...string) {
	w.t.Helper()
	var list []obj
	for _, u := range users {
		list = append(list, obj{"type": "userId", "account": u})
	}
	w.must("alipay.trade.royalty.relation.bind", obj{"out_request_no": w.no("RB"), "receiver_list": list})
}

func fen(t testing.TB, v map[string]any, name string) int64 {
	t.Helper()
	f, ok := v[name].(float64)
	if !ok {
		t.Fatalf("%s is missing in %v", name, v)
	}
	return int64(f)
}

// TestRoad is the product's main road: pay, freeze, royalty, finish, refund with the royalty returned.
func TestRoad(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.bind(receiver1)
	no := w.paid("88.80")
	sc := w.confirm(no, "88.80", true)
	if sc.str("settle_amount") != "88.80" {
		t.Errorf("settle.confirm: %s", sc.raw)
	}
	a := w.must("alipay.trade.order.settle", royaltyBiz("RY1", no, true, line(w.pid, "8.88"), line(receiver1, "2.00")))
	if len(a.str("settle_no")) != 31 {
		t.Errorf("settle_no: %s", a.raw)
	}
	q := w.must("alipay.trade.order.settle.query", obj{"settle_no": a.str("settle_no")})
	if q.str("out_request_no") != "RY1" || len(q.node["royalty_detail_list"].([]any)) != 2 {
		t.Errorf("order.settle.query: %s", q.raw)
	}
	v := w.trade(no)
	for name, want := range map[string]int64{"unsettled_fen": 0, "frozen_fen": 0, "settle_fen": 8880,
		"transfer_fen": 1088} {
		if got := fen(t, v, name); got != want {
			t.Errorf("%s = %d, want %d", name, got, want)
		}
	}
	m := w.desk("GET", "/merchants/"+w.smid, nil, 200)
	if fen(t, m, "settled_fen") != 7792 || fen(t, m, "frozen_fen") != 0 {
		t.Errorf("merchant: %v", m)
	}
	info := w.must("alipay.trade.query",
		obj{"trade_no": no, "query_options": []string{"trade_settle_info"}}).node["trade_settle_info"].(map[string]any)
	var kinds []string
	for _, d := range info["trade_settle_detail_list"].([]any) {
		kinds = append(kinds, d.(map[string]any)["operation_type"].(string))
	}
	if fmt.Sprint(kinds) != "[settle transfer transfer]" {
		t.Errorf("operations: %v", kinds)
	}
	r := obj{"trade_no": no, "refund_amount": "88.80", "out_request_no": "RF1",
		"query_options": []string{"refund_detail_item_list"}, "refund_royalty_parameters": []obj{
			{"royalty_type": "transfer", "trans_out_type": "userId", "trans_out": w.pid, "amount": "8.88"},
			{"trans_out": receiver1, "amount": "2.00"}}}
	f := w.must("alipay.trade.refund", r)
	if f.str("fund_change") != "Y" || f.str("refund_fee") != "88.80" || f.str("send_back_fee") != "88.80" {
		t.Errorf("refund: %s", f.raw)
	}
	if again := w.must("alipay.trade.refund", r); again.str("fund_change") != "N" {
		t.Errorf("the same refund again: %s", again.raw)
	}
	fq := w.must("alipay.trade.fastpay.refund.query", obj{"trade_no": no, "out_request_no": "RF1"})
	if fq.str("refund_status") != "REFUND_SUCCESS" || len(fq.node["refund_royaltys"].([]any)) != 2 {
		t.Errorf("refund query: %s", fq.raw)
	}
	if u := w.must("alipay.trade.fastpay.refund.query",
		obj{"trade_no": no, "out_request_no": "RFx"}); u.str("refund_status") != "" || u.str("trade_no") != "" {
		t.Errorf("unknown refund: %s", u.raw)
	}
	m = w.desk("GET", "/merchants/"+w.smid, nil, 200)
	if w.trade(no)["trade_status"] != "TRADE_CLOSED" || fen(t, m, "settled_fen") != 0 ||
		fen(t, w.desk("GET", "/accounts/"+w.pid, nil, 200), "balance_fen") != 0 {
		t.Errorf("after the full refund: %v", m)
	}
	if sum := w.desk("GET", "/purses", nil, 200)["sum_fen"]; sum != 0.0 {
		t.Errorf("money was made: %v", sum)
	}
}

func TestConfirmRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	confirm := func(no, amount string) string {
		return w.call("alipay.trade.settle.confirm", confirmBiz(w.no("SC"), no, amount, false)).outcome()
	}
	expect := func(name, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	expect("unknown trade", confirm("2026010222001400000000000999", "1.00"), "ACQ.TRADE_NOT_EXIST")
	open := w.order("5.00")
	w.must("alipay.trade.precreate", open)
	waiting := w.desk("POST", "/trades/"+open["out_trade_no"].(string)+"/scan", nil, 200)["trade_no"].(string)
	expect("unpaid", confirm(waiting, "5.00"), "ACQ.REASON_TRADE_STATUS_INVALID")
	w.must("alipay.trade.close", obj{"trade_no": waiting})
	expect("closed", confirm(waiting, "5.00"), "ACQ.TRADE_HAS_CLOSE")
	no := w.paid("10.00")
	expect("wrong amount", confirm(no, "9.99"), "ACQ.INVALID_SETTLE_AMOUNT_PARAMETER")
	expect("no target",
		w.call("alipay.trade.settle.confirm",
			obj{"out_request_no": "x1", "trade_no": no, "settle_info": obj{"settle_detail_infos": []any{}}}).outcome(),
		"ACQ.TRADE_SETTLE_ERROR")
	w.desk("PATCH", "/merchants/"+w.smid, obj{"settle_hold": true}, 200)
	expect("held by risk", confirm(no, "10.00"), "ACQ.RISK_SETTLE_SUSPEND")
	w.desk("PATCH", "/merchants/"+w.smid, obj{"settle_hold": false, "account_frozen": true}, 200)
	expect("frozen account", confirm(no, "10.00"), "ACQ.SETTLE_ACCOUNT_HAS_BEEN_FROZEN")
	w.desk("PATCH", "/merchants/"+w.smid, obj{"account_frozen": false}, 200)
	w.must("alipay.trade.refund", obj{"trade_no": no, "refund_amount": "4.00", "out_request_no": "R1"})
	expect("before the refund's amount", confirm(no, "10.00"), "ACQ.INVALID_SETTLE_AMOUNT_PARAMETER")
	biz := confirmBiz("SCX", no, "6.00", true)
	w.must("alipay.trade.settle.confirm", biz)
	if a := w.must("alipay.trade.settle.confirm", biz); a.str("settle_amount") != "6.00" {
		t.Errorf("repeat: %s", a.raw)
	}
	expect("same key, other content",
		w.call("alipay.trade.settle.confirm", confirmBiz("SCX", no, "6.00", false)).outcome(),
		"ACQ.DISCORDANT_REPEAT_REQUEST")
	expect("settled", confirm(no, "6.00"), "ACQ.ALREADY_CONFIRM_SETTLE")
	period := w.paid("2.00")
	if a := w.must("alipay.trade.period.settle.confirm",
		confirmBiz("SCP", period, "2.00", false)); a.str("settle_amount") != "2.00" {
		t.Errorf("period.settle.confirm: %s", a.raw)
	}
	second := w.paid("3.00")
	expect("another trade's key",
		w.call("alipay.trade.settle.confirm", confirmBiz("SCX", second, "3.00", true)).outcome(),
		"ACQ.DUP_OUT_REQUEST_NO")
	w.must("alipay.trade.refund", obj{"trade_no": second, "refund_amount": "3.00"})
	expect("fully refunded", confirm(second, "3.00"), "ACQ.CONFIRM_REFUSE_AFTER_REFUND")
}

func TestPartialConfirmAndRelatedRefund(t *testing.T) {
	t.Parallel()
	w := start(t)
	no := w.paid("100.00")
	part := func(key, amount string) answer {
		return w.call("alipay.trade.settle.confirm",
			obj{"out_request_no": key, "trade_no": no,
				"settle_info": obj{"settle_detail_infos": []any{obj{"trans_in_type": "defaultSettle",
					"actual_amount": amount}}}})
	}
	if a := part("P1", "30.00"); a.str("settle_amount") != "30.00" {
		t.Fatalf("first part: %s", a.raw)
	}
	if got := part("P2", "70.01").outcome(); got != "ACQ.INVALID_SETTLE_AMOUNT_PARAMETER" {
		t.Errorf("more than what is left: %s", got)
	}
	refund := func(key, amount, related string) string {
		b := obj{"trade_no": no, "refund_amount": amount, "out_request_no": key}
		if related != "" {
			b["related_settle_confirm_no"] = related
		}
		return w.call("alipay.trade.refund", b).outcome()
	}
	if got := refund("R1", "10.00", "P1"); got != "10000" {
		t.Errorf("refund of a settled part: %s", got)
	}
	if got := refund("R2", "20.01", "P1"); got != "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL" {
		t.Errorf("more than that part: %s", got)
	}
	if got := refund("R3", "1.00", "P9"); got != "ACQ.TRADE_SETTLE_ERROR" {
		t.Errorf("unknown confirmation: %s", got)
	}
	if v := w.trade(no); fen(t, v, "unsettled_fen") != 7000 || fen(t, v, "settle_fen") != 3000 ||
		fen(t, v, "settle_refund_fen") != 1000 {
		t.Errorf("trade: %v", v)
	}
	w.must("alipay.trade.settle.confirm",
		obj{"out_request_no": "P3", "trade_no": no,
			"settle_info": obj{"settle_detail_infos": []any{obj{"trans_in_type": "defaultSettle"}}}})
	if got := refund("R4", "5.00", ""); got != "ACQ.TRADE_SETTLE_ERROR" {
		t.Errorf("two confirmations and none named: %s", got)
	}
	if got := refund("R5", "5.00", "P3"); got != "10000" {
		t.Errorf("refund of the second part: %s", got)
	}
	w.desk("PATCH", "/apps/"+w.app, obj{"settings": obj{"no_period": true}}, 200)
	no = w.paid("8.00")
	if got := part("P5", "3.00").outcome(); got != "ACQ.INVALID_SETTLE_AMOUNT_PARAMETER" {
		t.Errorf("parts without the period contract: %s", got)
	}
}

func TestCardSettlement(t *testing.T) {
	t.Parallel()
	w := start(t)
	m := w.desk("POST", "/merchants", obj{"app_id": w.app, "name": "对公卡", "cards": []string{"6222020200000000"}}, 201)
	smid, card := m["smid"].(string), m["card_aliases"].([]any)[0].(string)
	no := w.paid("10.00", set("sub_merchant", obj{"merchant_id": smid}),
		set("settle_info",
			obj{"settle_detail_infos": []any{obj{"trans_in_type": "cardAliasNo", "trans_in": card,
				"amount": "10.00"}}}))
	w.must("alipay.trade.settle.confirm",
		obj{"out_request_no": "K1", "trade_no": no,
			"settle_info": obj{"settle_detail_infos": []any{obj{"trans_in_type": "cardAliasNo", "trans_in": card,
				"amount": "10.00"}}}})
	if got := w.call("alipay.trade.order.settle",
		royaltyBiz("K2", no, false, line(w.pid, "1.00"))).outcome(); got != "ACQ.SETTLE_TO_CARD_NOT_SUPPORT" {
		t.Errorf("royalty after card settlement: %s", got)
	}
	if got := w.call("alipay.trade.refund",
		obj{"trade_no": no, "refund_amount": "10.00"}).outcome(); got != "ACQ.SELLER_BALANCE_NOT_ENOUGH" {
		t.Errorf("refund with nobody to advance it: %s", got)
	}
	w.desk("PATCH", "/accounts/"+w.pid, obj{"top_up_fen": 1000}, 200)
	w.must("alipay.trade.refund", obj{"trade_no": no, "refund_amount": "10.00"})
	if v := w.desk("GET", "/merchants/"+smid, nil, 200); fen(t, v, "to_card_fen") != 1000 {
		t.Errorf("merchant: %v", v)
	}
}

func TestRefundRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.bind(receiver1, receiver2)
	refund := func(biz obj) string { return w.call("alipay.trade.refund", biz).outcome() }
	expect := func(name, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	expect("nothing named", refund(obj{"refund_amount": "1.00"}), "ACQ.INVALID_PARAMETER")
	expect("no amount", refund(obj{"trade_no": "1"}), "ACQ.INVALID_PARAMETER")
	expect("unknown", refund(obj{"out_trade_no": "nope", "refund_amount": "1.00"}), "ACQ.TRADE_NOT_EXIST")
	open := w.order("5.00")
	w.must("alipay.trade.precreate", open)
	w.desk("POST", "/trades/"+open["out_trade_no"].(string)+"/scan", nil, 200)
	expect("unpaid", refund(obj{"out_trade_no": open["out_trade_no"], "refund_amount": "5.00"}),
		"ACQ.TRADE_STATUS_ERROR")
	no := w.paid("100.00")
	expect("part without a number", refund(obj{"trade_no": no, "refund_amount": "1.00"}), "ACQ.REFUND_FEE_ERROR")
	expect("zero", refund(obj{"trade_no": no, "refund_amount": "0.00", "out_request_no": "Z"}), "ACQ.REFUND_FEE_ERROR")
	expect("too much", refund(obj{"trade_no": no, "refund_amount": "100.01", "out_request_no": "Z"}),
		"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
	expect("part", refund(obj{"trade_no": no, "refund_amount": "40.00", "out_request_no": "R1"}), "10000")
	expect("same number, other amount", refund(obj{"trade_no": no, "refund_amount": "41.00", "out_request_no": "R1"}),
		"ACQ.DISCORDANT_REPEAT_REQUEST")
	expect("more than what is left", refund(obj{"trade_no": no, "refund_amount": "60.01", "out_request_no": "R2"}),
		"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
	w.confirm(no, "60.00", true)
	w.must("alipay.trade.order.settle",
		royaltyBiz("Y1", no, true, line(receiver1, "10.00"), line(receiver2, "10.00"), line(w.pid, "10.00")))
	expect("royalties not given back", refund(obj{"trade_no": no, "refund_amount": "60.00", "out_request_no": "R3"}),
		"ACQ.SELLER_BALANCE_NOT_ENOUGH")
	back := func(key, who, amount string) obj {
		return obj{"trade_no": no, "refund_amount": "1.00", "out_request_no": key,
			"refund_royalty_parameters": []obj{{"trans_out": who, "amount": amount}}}
	}
	expect("no authorisation", refund(back("R4", receiver2, "1.00")), "ACQ.REFUNDALLOC_UNAUTH_LIMIT")
	expect("more than was shared", refund(back("R5", receiver1, "10.01")), "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR")
	expect("never shared", refund(back("R6", buyer1, "1.00")), "ACQ.REFUNDALLOC_UNAUTH_LIMIT")
	expect("nobody", refund(back("R7", "2088111111111111", "1.00")), "ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST")
	w.desk("PATCH", "/accounts/"+receiver1, obj{"top_up_fen": -1000}, 200)
	expect("spent", refund(back("R8", receiver1, "10.00")), "ACQ.SELLER_BALANCE_NOT_ENOUGH")
	w.desk("PATCH", "/merchants/"+w.smid, obj{"account_frozen": true}, 200)
	expect("frozen", refund(obj{"trade_no": no, "refund_amount": "1.00", "out_request_no": "R9"}),
		"ACQ.REASON_TRADE_BEEN_FREEZEN")
	w.desk("PATCH", "/merchants/"+w.smid, obj{"account_frozen": false}, 200)
	if v := w.trade(no); fen(t, v, "refunded_fen") != 4000 || fen(t, v, "transfer_refund_fen") != 0 {
		t.Errorf("refused refunds moved money: %v", v)
	}
	full := w.paid("5.00")
	w.must("alipay.trade.refund", obj{"trade_no": full, "refund_amount": "5.00"})
	w.must("alipay.trade.refund", obj{"trade_no": full, "refund_amount": "5.00"})
	expect("closed", refund(obj{"trade_no": full, "refund_amount": "5.00", "out_request_no": "N2"}),
		"ACQ.TRADE_HAS_CLOSE")
}

// TestAutomaticSettlement: the period's end confirms, 30 days release what was frozen with a message.
func TestAutomaticSettlement(t *testing.T) {
	t.Parallel()
	w := start(t)
	box := newReceiver(t, nil)
	w.desk("PATCH", "/apps/"+w.app, obj{"app_gateway_url": box.URL}, 200)
	no := w.paid("10.00", set("extend_params", obj{"royalty_freeze": "true"}))
	w.advance(7*24*time.Hour - time.Second)
	if v := w.trade(no); fen(t, v, "unsettled_fen") != 1000 {
		t.Fatalf("a second early: %v", v)
	}
	w.desk("PATCH", "/merchants/"+w.smid, obj{"settle_hold": true}, 200)
	w.advance(time.Hour)
	if v := w.trade(no); fen(t, v, "unsettled_fen") != 1000 {
		t.Fatalf("settled in spite of the hold: %v", v)
	}
	w.desk("PATCH", "/merchants/"+w.smid, obj{"settle_hold": false}, 200)
	w.advance(24 * time.Hour)
	if v := w.trade(no); fen(t, v, "unsettled_fen") != 0 || fen(t, v, "frozen_fen") != 1000 {
		t.Fatalf("after the period: %v", v)
	}
	w.advance(30*24*time.Hour - 2*time.Hour)
	if v := w.trade(no); fen(t, v, "frozen_fen") != 1000 {
		t.Fatalf("released early: %v", v)
	}
	w.advance(2 * time.Hour)
	if v := w.trade(no); fen(t, v, "frozen_fen") != 0 || v["royalty_finished"] != true {
		t.Fatalf("after 30 days: %v", v)
	}
	until(t, "the message", func() bool { return len(box.got()) == 1 })
	f := box.got()[0]
	var biz map[string]any
	if err := json.Unmarshal([]byte(f.Get("biz_content")), &biz); err != nil {
		t.Fatal(err)
	}
	if !genuine(w.pub, f) || f.Get("msg_method") != "alipay.trade.order.settle.notify" ||
		biz["msg_type"] != "AUTO_SETTLE_FINISH" || biz["trade_no"] != no || biz["royalty_finish_amount"] != "10.00" {
		t.Errorf("message: %v", f)
	}
	if got := w.call("alipay.trade.order.settle",
		royaltyBiz("L1", no, false, line(w.pid, "1.00"))).outcome(); got != "ACQ.ALREADY_FINISH_ALLOC" {
		t.Errorf("royalty after the release: %s", got)
	}
}

// TestAsyncRoyalty: accepted, carried out line by line, told by message; one line's failure leaves the others.
func contains(f url.Values, part string) bool {
	var biz map[string]any
	return json.Unmarshal([]byte(f.Get("biz_content")), &biz) == nil && biz["settle_no"] == part
}

func TestSettleQueries(t *testing.T) {
	t.Parallel()
	w := start(t)
	no := w.paid("10.00")
	q := func(biz obj) answer { return w.call("alipay.trade.settle.receivables.query", biz) }
	info := obj{"settle_entity_type": "SecondMerchant", "settle_entity_id": w.smid}
	a := q(obj{"out_request_no": "1", "merchant_info": info, "trade_no": no})
	if a.str("unsettled_amount") != "10.00" || a.str("settled_amount") != "0.00" {
		t.Errorf("receivables of a trade: %s", a.raw)
	}
	if a := q(obj{"out_request_no": "1", "merchant_info": info}); a.str("unsettled_amount") != "10.00" {
		t.Errorf("receivables: %s", a.raw)
	}
	for want, biz := range map[string]obj{
		"SUB_MERCHANT_NOT_EXIST": {"out_request_no": "1",
			"merchant_info": obj{"settle_entity_type": "SecondMerchant", "settle_entity_id": "2088000000009999"}},
		"INVALID_PARAMETER":     {"out_request_no": "1"},
		"QUERY_NOT_SUPPORT":     {"out_request_no": "1", "merchant_info": info, "query_his_date": "20260101"},
		"ILLEGAL_SETTLE_STATUS": {"out_request_no": "1", "merchant_info": info, "trade_no": "1"},
	} {
		if a := q(biz); a.outcome() != want {
			t.Errorf("%s: %s", want, a.raw)
		}
	}
	sq := func(biz obj) string { return w.call("alipay.trade.order.settle.query", biz).outcome() }
	if got := sq(obj{"settle_no": "1"}); got != "MERCHANT_TRADE_NOT_MATCH" {
		t.Errorf("unknown settle_no: %s", got)
	}
	if got := sq(obj{"out_request_no": "x"}); got != "INVALID_PARAMETER" {
		t.Errorf("half a key: %s", got)
	}
	if got := sq(obj{"out_request_no": "x", "trade_no": no}); got != "INVALID_PARAMETER" {
		t.Errorf("unknown request: %s", got)
	}
}
