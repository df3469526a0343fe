package simulator_test

import (
	"fmt"
	"testing"
	"time"
)

func TestRoyaltyRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.bind(receiver1, receiver2)
	settle := func(biz obj) string { return w.call("alipay.trade.order.settle", biz).outcome() }
	expect := func(name, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	no := w.paid("100.00")
	expect("before settlement", settle(royaltyBiz("A1", no, false, line(w.pid, "1.00"))),
		"ACQ.ALLOC_REFUSE_BEFORE_SETTLE")
	async := royaltyBiz("A2", no, false, line(w.pid, "1.00"))
	async["royalty_mode"] = "async"
	expect("async before settlement", settle(async), "ACQ.ASYNC_ALLOC_NOT_SUPPORT_IN_PERIOD")
	w.confirm(no, "100.00", true)
	merchant := w.desk("GET", "/merchants/"+w.smid, nil, 200)["user_id"].(string)
	six := []obj{line(w.pid, "0.01"), line(w.pid, "0.01"), line(w.pid, "0.01"), line(w.pid, "0.01"),
		line(w.pid, "0.01"), line(w.pid, "0.01")}
	expect("six receivers", settle(royaltyBiz("A3", no, false, six...)), "ACQ.INVALID_PARAMETER")
	expect("nothing", settle(royaltyBiz("A4", no, false)), "ACQ.INVALID_PARAMETER")
	expect("unbound", settle(royaltyBiz("A5", no, false, line(buyer1, "1.00"))), "ACQ.ROYALTY_RECEIVER_INVALID")
	expect("unknown", settle(royaltyBiz("A6", no, false, line("2088111111111111", "1.00"))),
		"ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST")
	expect("itself", settle(royaltyBiz("A7", no, false, line(merchant, "1.00"))), "ACQ.ROYALTY_ACCOUNTS_EQUAL")
	expect("above 30 percent", settle(royaltyBiz("A8", no, false, line(w.pid, "30.01"))),
		"ACQ.ALLOC_AMOUNT_VALIDATE_ERROR")
	expect("zero", settle(royaltyBiz("A9", no, false, line(w.pid, "0.00"))), "ACQ.INVALID_PARAMETER")
	named := line(receiver1, "1.00")
	named["trans_in_name"] = "别人"
	expect("name", settle(royaltyBiz("A10", no, false, named)), "ACQ.ROYALTY_ACCOUNT_NAME_NOT_MATCH")
	out := line(receiver1, "1.00")
	out["trans_out"] = receiver2
	expect("payer", settle(royaltyBiz("A11", no, false, out)), "ACQ.MUST_ALLOC_FROM_ROOT_ACCOUNT")
	for user, want := range map[string]string{receiver1: "ACQ.ROYALTY_ACCOUNT_INVALID",
		receiver2: "ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY"} {
		if user == receiver1 {
			w.desk("PATCH", "/accounts/"+user, obj{"blocked": true}, 200)
		} else {
			w.desk("PATCH", "/accounts/"+user, obj{"certified": false}, 200)
		}
		expect(user, settle(royaltyBiz(w.no("A"), no, false, line(user, "1.00"))), want)
		w.desk("PATCH", "/accounts/"+user, obj{"blocked": false, "certified": true}, 200)
	}
	w.desk("PATCH", "/accounts/"+receiver1, obj{"no_balance": true}, 200)
	expect("no balance account", settle(royaltyBiz("A12", no, false, line(receiver1, "1.00"))),
		"ACQ.ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE")
	w.desk("PATCH", "/accounts/"+receiver1, obj{"no_balance": false}, 200)
	if v := w.trade(no); fen(t, v, "transfer_fen") != 0 || fen(t, v, "frozen_fen") != 10000 {
		t.Errorf("a refused royalty moved money: %v", v)
	}
	all := royaltyBiz("B1", no, false, line(w.pid, "10.00"), line("2088111111111111", "1.00"))
	expect("all or nothing", settle(all), "ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST")
	good := royaltyBiz("B2", no, false, line(w.pid, "10.00"))
	w.must("alipay.trade.order.settle", good)
	w.must("alipay.trade.order.settle", good)
	expect("same key, other amount", settle(royaltyBiz("B2", no, false, line(w.pid, "11.00"))),
		"ACQ.DISCORDANT_REPEAT_REQUEST")
	if q := w.must("alipay.trade.order.onsettle.query", obj{"trade_no": no}); q.str("unsettled_amount") != "20.00" {
		t.Errorf("what can still be shared: %s", q.raw)
	}
	expect("cap with what went out", settle(royaltyBiz("B3", no, false, line(w.pid, "20.01"))),
		"ACQ.ALLOC_AMOUNT_VALIDATE_ERROR")
	w.must("alipay.trade.order.settle", royaltyBiz("B4", no, true))
	expect("finished", settle(royaltyBiz("B5", no, false, line(w.pid, "1.00"))), "ACQ.ALREADY_FINISH_ALLOC")
	second := w.paid("10.00")
	expect("another trade's key", settle(royaltyBiz("B2", second, false, line(w.pid, "1.00"))),
		"ACQ.DUP_OUT_REQUEST_NO")
	w.must("alipay.trade.refund", obj{"trade_no": second, "refund_amount": "10.00"})
	expect("refunded", settle(royaltyBiz("B6", second, false, line(w.pid, "1.00"))), "ACQ.ALLOC_REFUSE_AFTER_REFUND")
	w.desk("PATCH", "/apps/"+w.app, obj{"max_ratio": 50}, 200)
	third := w.paid("10.00")
	w.confirm(third, "10.00", false)
	w.must("alipay.trade.order.settle", royaltyBiz("C1", third, false, line(w.pid, "5.00")))
	if r := w.must("alipay.trade.royalty.rate.query", obj{"out_request_no": "q1"}); r.node["max_ratio"] != 50.0 {
		t.Errorf("rate: %s", r.raw)
	}
}

func TestReplenish(t *testing.T) {
	t.Parallel()
	w := start(t)
	no := w.paid("10.00")
	w.confirm(no, "10.00", false)
	top := obj{"royalty_type": "replenish", "trans_in": w.smid, "amount": "2.00"}
	if got := w.call("alipay.trade.order.settle",
		royaltyBiz("P1", no, false, top)).outcome(); got != "ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH" {
		t.Errorf("an empty platform: %s", got)
	}
	w.desk("PATCH", "/accounts/"+w.pid, obj{"top_up_fen": 500}, 200)
	w.must("alipay.trade.order.settle", royaltyBiz("P1", no, false, top))
	w.must("alipay.trade.order.settle", royaltyBiz("P2", no, false, line(w.pid, "5.00"))) // 30 % + 2.00
	if got := w.call("alipay.trade.refund",
		obj{"trade_no": no, "refund_amount": "0", "out_request_no": "R1",
			"refund_royalty_parameters": []obj{{"royalty_type": "replenish", "trans_in": w.pid,
				"amount": "2.01"}}}).outcome(); got != "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR" {
		t.Errorf("more than was added: %s", got)
	}
	w.must("alipay.trade.refund",
		obj{"trade_no": no, "refund_amount": "0", "out_request_no": "R1",
			"refund_royalty_parameters": []obj{{"royalty_type": "replenish", "trans_in": w.pid, "amount": "2.00"}}})
	if v := w.trade(no); fen(t, v, "replenish_refund_fen") != 200 || fen(t, v, "refunded_fen") != 0 {
		t.Errorf("trade: %v", v)
	}
}

func TestRelations(t *testing.T) {
	t.Parallel()
	w := start(t)
	bind := func(list ...obj) string {
		return w.call("alipay.trade.royalty.relation.bind",
			obj{"out_request_no": w.no("B"), "receiver_list": list}).outcome()
	}
	user := func(id string) obj { return obj{"type": "userId", "account": id} }
	many := make([]obj, 21)
	for i := range many {
		many[i] = user(receiver1)
	}
	for _, c := range []struct {
		name string
		list []obj
		want string
	}{
		{"empty", nil, "RECEIVER_LIST_EMPTY"},
		{"21", many, "RECEIVER_LIST_OVERLOAD"},
		{"type", []obj{{"type": "card", "account": "1"}}, "INVALID_RECEIVER_TYPE"},
		{"login without name", []obj{{"type": "loginName", "account": "receiver@simulator.example"}},
			"INVALID_PARAMETER"},
		{"unknown", []obj{user("2088111111111111")}, "USER_NOT_EXIST"},
		{"name", []obj{{"type": "loginName", "account": "receiver@simulator.example", "name": "别人"}},
			"USERNAME_NOT_MATCH"},
		{"uncertified", []obj{user(uncertified)}, "RECEIVER_ACCOUNT_NOT_CERTIFY"},
		{"no balance", []obj{user(noBalance)}, "RECEIVER_ACCOUNT_NO_BALANCE"},
		{"abnormal", []obj{user(abnormal)}, "RECEIVER_ACCOUNT_STATE_INVALID"},
		{"good", []obj{{"type": "loginName", "account": "receiver@simulator.example", "name": "分账一号"}, user(receiver2)},
			"10000"},
		{"again", []obj{user(receiver2)}, "10000"},
	} {
		if got := bind(c.list...); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	q := w.must("alipay.trade.royalty.relation.batchquery", obj{"out_request_no": "q", "page_size": 1, "page_num": 2})
	if q.node["total_record_num"] != 2.0 || q.node["total_page_num"] != 2.0 ||
		len(q.node["receiver_list"].([]any)) != 1 {
		t.Errorf("page 2: %s", q.raw)
	}
	w.must("alipay.trade.royalty.relation.unbind", obj{"out_request_no": "u", "receiver_list": []obj{user(receiver2)}})
	if q := w.must("alipay.trade.royalty.relation.batchquery",
		obj{"out_request_no": "q"}); q.node["total_record_num"] != 1.0 {
		t.Errorf("after unbind: %s", q.raw)
	}
	w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"face_to_face"}}, 200)
	if got := bind(user(receiver2)); got != "PRODUCT_UNSIGN" {
		t.Errorf("without the product: %s", got)
	}
}

func TestAsyncRoyalty(t *testing.T) {
	t.Parallel()
	w := start(t)
	box := newReceiver(t, nil)
	w.desk("PATCH", "/apps/"+w.app, obj{"app_gateway_url": box.URL}, 200)
	w.bind(receiver1)
	no := w.paid("10.00")
	w.confirm(no, "10.00", true)
	biz := royaltyBiz("AS1", no, true, line(receiver1, "1.00"), obj{"royalty_type": "replenish", "amount": "1.00"})
	biz["royalty_mode"] = "async"
	a := w.must("alipay.trade.order.settle", biz)
	state := func() []string {
		q := w.must("alipay.trade.order.settle.query", obj{"trade_no": no, "out_request_no": "AS1"})
		var out []string
		for _, l := range q.node["royalty_detail_list"].([]any) {
			d := l.(map[string]any)
			out = append(out, fmt.Sprint(d["state"], d["error_code"]))
		}
		return out
	}
	if got := fmt.Sprint(state()); got != "[PROCESSING<nil> PROCESSING<nil>]" &&
		got != "[PROCESSING <nil> PROCESSING <nil>]" {
		t.Errorf("accepted: %s", got)
	}
	w.advance(3 * time.Second)
	if got := state(); len(got) != 2 || got[0][:7] != "SUCCESS" ||
		got[1] != "FAILTXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH" &&
			got[1] != "FAIL TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH" {
		t.Errorf("carried out: %q", got)
	}
	until(t, "the message", func() bool { return len(box.got()) == 1 })
	if f := box.got()[0]; !genuine(w.pub, f) || !contains(f, a.str("settle_no")) {
		t.Errorf("message: %v", f)
	}
	if v := w.trade(no); fen(t, v, "frozen_fen") != 0 || fen(t, v, "transfer_fen") != 100 {
		t.Errorf("trade: %v", v)
	}
}
