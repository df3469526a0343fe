package simulator_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestBook draws random sequences of payments, confirmations, royalties, refunds and days, and holds the book to its
// invariants after each step:
//   - Σ settle − Σ settle_refund + unsettled = total − refunded
//   - Σ transfer − Σ transfer_refund ≤ max_ratio × total + Σ replenish − Σ replenish_refund
//   - nothing is negative; the parts listed add up to the sums; frozen money ends with the royalty
//   - the purses of the merchant are the sums over its trades, and all purses together are zero
//   - every refusal is a business refusal
func TestBook(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.inside = true
	w.bind(receiver1)
	w.desk("PATCH", "/accounts/"+w.pid, obj{"top_up_fen": 100000}, 200)
	rapid.Check(t, func(rt *rapid.T) {
		b := &book{w: w, smid: w.desk("POST", "/merchants", obj{"app_id": w.app, "name": "簿"}, 201)["smid"].(string)}
		rt.Repeat(map[string]func(*rapid.T){
			"pay":     b.pay,
			"refund":  b.refund,
			"confirm": b.confirm,
			"royalty": b.royalty,
			"wait":    b.wait,
			"":        b.check,
		})
	})
}

type book struct {
	w      *world
	smid   string
	trades []string
}

func yuan(fen int) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// say makes a call that must end in success or a business refusal.
func (b *book) say(rt *rapid.T, method string, biz obj) {
	a := b.w.call(method, biz)
	if a.str("code") != "10000" &&
		(a.str("code") != "40004" || strings.Contains(a.str("sub_code"), "SYSTEM") ||
			strings.Contains(a.str("sub_code"), "INVALID_PARAMETER")) {
		rt.Fatalf("%s %v: %s", method, biz, a.raw)
	}
	rt.Logf("%s %v: %s", method, biz, a.outcome())
}

func (b *book) one(rt *rapid.T) string {
	if len(b.trades) == 0 {
		rt.Skip("no trade yet")
	}
	return rapid.SampledFrom(b.trades).Draw(rt, "trade")
}

func (b *book) pay(rt *rapid.T) {
	if len(b.trades) == 3 {
		rt.Skip("enough trades")
	}
	total := yuan(rapid.IntRange(1, 30000).Draw(rt, "total"))
	b.trades = append(b.trades, b.w.paid(total, set("sub_merchant", obj{"merchant_id": b.smid})))
}

func (b *book) refund(rt *rapid.T) {
	no := b.one(rt)
	biz := obj{"trade_no": no, "refund_amount": yuan(rapid.IntRange(0, 20000).Draw(rt, "amount")),
		"out_request_no": b.w.no("RF")}
	var lines []obj
	for range rapid.IntRange(0, 2).Draw(rt, "lines") {
		amount := yuan(rapid.IntRange(1, 3000).Draw(rt, "back"))
		lines = append(lines,
			rapid.SampledFrom([]obj{{"trans_out": b.w.pid, "amount": amount},
				{"trans_out": receiver1, "amount": amount},
				{"royalty_type": "replenish", "trans_in": b.w.pid, "amount": amount}}).Draw(rt, "line"))
	}
	if lines != nil {
		biz["refund_royalty_parameters"] = lines
	}
	if ops := b.w.trade(no)["operations"].([]any); len(ops) > 0 && rapid.Bool().Draw(rt, "related") {
		for _, o := range ops {
			if o.(obj)["kind"] == "settle" {
				biz["related_settle_confirm_no"] = o.(obj)["out_request_no"]
			}
		}
	}
	b.say(rt, "alipay.trade.refund", biz)
}

func (b *book) confirm(rt *rapid.T) {
	no := b.one(rt)
	v := b.w.trade(no)
	left := int(v["total_fen"].(float64) - v["refunded_fen"].(float64))
	biz := confirmBiz(b.w.no("SC"), no, yuan(left), rapid.Bool().Draw(rt, "freeze"))
	if rapid.Bool().Draw(rt, "part") {
		part := rapid.IntRange(1, max(1, left)).Draw(rt, "actual")
		biz["settle_info"] = obj{"settle_detail_infos": []any{obj{"trans_in_type": "defaultSettle",
			"actual_amount": yuan(part)}}}
	}
	b.say(rt, "alipay.trade.settle.confirm", biz)
}

func (b *book) royalty(rt *rapid.T) {
	no := b.one(rt)
	var lines []obj
	for range rapid.IntRange(0, 3).Draw(rt, "lines") {
		amount := yuan(rapid.IntRange(1, 4000).Draw(rt, "amount"))
		lines = append(lines,
			rapid.SampledFrom([]obj{line(b.w.pid, amount), line(receiver1, amount),
				{"royalty_type": "replenish", "amount": amount}}).Draw(rt, "line"))
	}
	biz := royaltyBiz(b.w.no("RY"), no, len(lines) == 0 || rapid.IntRange(0, 3).Draw(rt, "finish") == 0, lines...)
	if rapid.IntRange(0, 2).Draw(rt, "async") == 0 {
		biz["royalty_mode"] = "async"
	}
	b.say(rt, "alipay.trade.order.settle", biz)
}

func (b *book) wait(rt *rapid.T) {
	b.w.advance(
		time.Duration(rapid.SampledFrom([]int{5, 86400, 8 * 86400, 31 * 86400}).Draw(rt, "seconds")) * time.Second)
}

func (b *book) check(rt *rapid.T) {
	var unsettled, frozen float64
	for _, no := range b.trades {
		v := b.w.trade(no)
		n := func(name string) float64 { return v[name].(float64) }
		for _, name := range []string{"unsettled_fen", "frozen_fen", "settle_fen", "settle_refund_fen", "transfer_fen",
			"transfer_refund_fen", "replenish_fen", "replenish_refund_fen", "refunded_fen"} {
			if n(name) < 0 {
				rt.Fatalf("%s is negative: %v", name, v)
			}
		}
		if n("settle_fen")-n("settle_refund_fen")+n("unsettled_fen") != n("total_fen")-n("refunded_fen") {
			rt.Fatalf("settled and unsettled are not what is left: %v", v)
		}
		if n("transfer_fen")-n("transfer_refund_fen") > n("total_fen")*0.3+n("replenish_fen")-n("replenish_refund_fen")+
			1e-6 && n("replenish_refund_fen") == 0 {
			rt.Fatalf("royalties above the cap: %v", v)
		}
		if v["royalty_finished"] == true && n("frozen_fen") != 0 {
			rt.Fatalf("frozen money after the end of the royalty: %v", v)
		}
		if (n("refunded_fen") == n("total_fen")) != (v["trade_status"] == "TRADE_CLOSED") {
			rt.Fatalf("status and refunds disagree: %v", v)
		}
		sums := map[string]float64{}
		for _, o := range v["operations"].([]any) {
			if op := o.(obj); op["state"] == "SUCCESS" {
				sums[op["kind"].(string)] += op["amount_fen"].(float64)
			}
		}
		for kind, name := range map[string]string{"settle": "settle_fen", "settle_refund": "settle_refund_fen",
			"transfer": "transfer_fen", "transfer_refund": "transfer_refund_fen",
			"replenish": "replenish_fen", "replenish_refund": "replenish_refund_fen", "refund": "refunded_fen"} {
			if sums[kind] != n(name) {
				rt.Fatalf("the parts of %s add up to %v: %v", kind, sums[kind], v)
			}
		}
		unsettled += n("unsettled_fen")
		frozen += n("frozen_fen")
	}
	m := b.w.desk("GET", "/merchants/"+b.smid, nil, 200)
	if m["unsettled_fen"] != unsettled || m["frozen_fen"] != frozen || m["settled_fen"].(float64) < 0 {
		rt.Fatalf("the merchant's purses are not the sums over its trades (%v, %v): %v", unsettled, frozen, m)
	}
	if sum := b.w.desk("GET", "/purses?prefix=none", nil, 200)["sum_fen"]; sum != 0.0 {
		rt.Fatalf("money was made or lost: %v", sum)
	}
}

// TestBookStream: every trade once, oldest first, in pages if asked, with an end that cannot be mistaken.
func TestBookStream(t *testing.T) {
	t.Parallel()
	w := start(t)
	for i := range 7 {
		o := w.order(yuan(i + 1))
		w.must("alipay.trade.precreate", o)
	}
	read := func(query string) (lines []map[string]any) {
		resp, err := http.Get(w.srv.URL + "/desk/api/book?" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		sc := bufio.NewScanner(resp.Body)
		for sc.Scan() {
			var v map[string]any
			if err := json.Unmarshal(sc.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, v)
		}
		return lines
	}
	all := read("app_id=" + w.app)
	if len(all) != 8 || all[7]["end"] != true || all[0]["total_fen"] != 1.0 || all[6]["total_fen"] != 7.0 {
		t.Errorf("all: %v", all)
	}
	first := read("limit=5")
	rest := read("after=" + first[5]["next"].(string))
	if len(first) != 6 || len(rest) != 3 || rest[0]["total_fen"] != 6.0 || rest[2]["end"] != true {
		t.Errorf("pages: %v %v", first, rest)
	}
	if other := read("app_id=none"); len(other) != 1 {
		t.Errorf("another application's book: %v", other)
	}
}
