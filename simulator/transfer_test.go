package simulator

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/protocol"
)

const uniTransfer = "alipay.fund.trans.uni.transfer"

// payer is a platform in certificate mode with money of its own.
func payer(t *testing.T, settings map[string]any) *partner {
	p := newPartner(t, map[string]any{"certificate_mode": true, "settings": settings})
	p.desk("PATCH", "/accounts/"+p.pid, map[string]any{"top_up_fen": 10_000_000_00}, 200)
	return p
}

func transferOf(out, amount string, change ...map[string]any) map[string]any {
	return changed(map[string]any{"out_biz_no": out, "trans_amount": amount, "product_code": "TRANS_ACCOUNT_NO_PWD",
		"biz_scene": "DIRECT_TRANSFER", "order_title": "1月服务费",
		"payee_info": map[string]any{"identity": "2088000000000101", "identity_type": "ALIPAY_USER_ID",
			"name": "分账一号"}}, change...)
}

func cardTransfer(out, card string) map[string]any {
	return transferOf(out, "10.00",
		map[string]any{"product_code": "TRANS_BANKCARD_NO_PWD",
			"payee_info": map[string]any{"identity": card, "identity_type": "BANKCARD_ACCOUNT",
				"name": "王五", "bankcard_ext_info": map[string]any{"account_type": "2"}}})
}

func (p *partner) purse(name string) money.Fen {
	p.t.Helper()
	v, _ := p.desk("GET", "/purses?prefix="+name, nil, 200)["purses"].(map[string]any)[name].(float64)
	return money.Fen(v)
}

func TestTransferToAccount(t *testing.T) {
	t.Parallel()
	p := payer(t, nil)
	before := p.purse("A:" + p.pid)
	first := p.ok(uniTransfer, transferOf("PO-1", "120.00"))
	want(t, first, map[string]any{"status": "SUCCESS", "out_biz_no": "PO-1"})
	if got := before - p.purse("A:"+p.pid); got != 120_00 {
		t.Errorf("the payer lost %d fen", got)
	}
	if got := p.purse("A:2088000000000101"); got != 120_00 {
		t.Errorf("the payee has %d fen", got)
	}
	p.restart()
	again := p.ok(uniTransfer, transferOf("PO-1", "120.00"))
	if again["order_id"] != first["order_id"] || p.purse("A:2088000000000101") != 120_00 {
		t.Errorf("the repeated transfer paid again: %v", again)
	}
	p.refused(uniTransfer, transferOf("PO-1", "121.00"), "PAYMENT_INFO_INCONSISTENCY")
	byOut := map[string]any{"out_biz_no": "PO-1", "product_code": "TRANS_ACCOUNT_NO_PWD",
		"biz_scene": "DIRECT_TRANSFER"}
	for _, q := range []map[string]any{byOut, {"order_id": first["order_id"]},
		{"pay_fund_order_id": first["pay_fund_order_id"], "order_id": "nonsense"}} {
		want(t, p.ok("alipay.fund.trans.common.query", q),
			map[string]any{"status": "SUCCESS", "trans_amount": "120.00", "receiver_user_id": "2088000000000101"})
	}
	want(t, p.ok("alipay.fund.account.query", map[string]any{"account_type": "ACCTRANS_ACCOUNT"}),
		map[string]any{"available_amount": (before - 120_00).Yuan(), "freeze_amount": "0.00"})
	p.quiet()
}

func TestTransferRefusals(t *testing.T) {
	t.Parallel()
	p := payer(t, map[string]any{"transfer_max_fen": 60_000_00})
	to := func(typ, id, name string) map[string]any {
		return map[string]any{"payee_info": map[string]any{"identity": id, "identity_type": typ, "name": name}}
	}
	scene := func(name string, infos ...any) map[string]any {
		return map[string]any{"transfer_scene_name": name, "transfer_scene_report_infos": infos}
	}
	info := map[string]any{"info_type": "佣金报酬说明", "info_content": "1月服务"}
	for _, c := range []struct {
		change map[string]any
		want   string
	}{
		{map[string]any{"out_biz_no": nil}, "INVALID_PARAMETER"},
		{map[string]any{"trans_amount": "0.09"}, "EXCEED_LIMIT_SM_MIN_AMOUNT"},
		{map[string]any{"trans_amount": "1.001"}, "INVALID_PARAMETER"},
		{map[string]any{"trans_amount": "1e2"}, "INVALID_PARAMETER"},
		{map[string]any{"trans_amount": "60000.01"}, "EXCEED_LIMIT_SM_AMOUNT"},
		{map[string]any{"trans_amount": "50000.00"}, "MEMO_REQUIRED_IN_TRANSFER_ERROR"},
		{map[string]any{"product_code": "STD_RED_PACKET"}, "PRODUCT_NOT_SIGN"},
		{map[string]any{"biz_scene": "PERSONAL_COLLECTION"}, "INVALID_PARAMETER"},
		{map[string]any{"remark": "赌博"}, "REMARK_HAS_SENSITIVE_WORD"},
		{to("ALIPAY_USER_ID", "2088999999999999", ""), "PAYEE_NOT_EXIST"},
		{to("ALIPAY_USER_ID", "receiver@simulator.example", ""), "PAYEE_NOT_EXIST"},
		{to("ALIPAY_LOGON_ID", "receiver@simulator.example", ""), "INVALID_PARAMETER"},
		{to("ALIPAY_LOGON_ID", "receiver@simulator.example", "别人"), "PAYEE_USERINFO_ERROR"},
		{to("ALIPAY_LOGON_ID", "receiver@simulator.example", "分账一号"), ""},
		{to("ALIPAY_USER_ID", "2088000000000103", ""), "PAYEE_NOT_RELNAME_CERTIFY"},
		{to("ALIPAY_USER_ID", "2088000000000104", ""), "NO_ACCOUNT_RECEIVE_PERMISSION"},
		{to("ALIPAY_USER_ID", "2088000000000105", ""), "PAYEE_ACCOUNT_STATUS_ERROR"},
		{to("ALIPAY_USER_ID", p.pid, ""), "PAYER_PAYEE_CANNOT_SAME"},
		{to("BANKCARD_ACCOUNT", "6225000000000001", "王五"), "INVALID_PARAMETER"},
		{scene("喝茶", info), "TRANSFER_SCENE_NAME_ILLEGAL"},
		{scene("佣金报酬"), "TRANSFER_SCENE_REPORT_INFO_ILLEGAL"},
		{scene("佣金报酬", info, info), "TRANSFER_SCENE_REPORT_INFO_ILLEGAL"},
		{scene("佣金报酬", info), ""},
	} {
		biz := transferOf("R-"+c.want, "1.00", c.change)
		if c.want == "" {
			biz["out_biz_no"] = fmt.Sprint("ok", c.change)[:60]
			p.ok(uniTransfer, biz)
			continue
		}
		if got := p.call(uniTransfer, biz); got["sub_code"] != c.want {
			t.Errorf("%v: %v, want %s", c.change, got, c.want)
		}
	}
	p.refused("alipay.fund.trans.common.query",
		map[string]any{"out_biz_no": "R-PAYEE_NOT_EXIST", "product_code": "TRANS_ACCOUNT_NO_PWD",
			"biz_scene": "DIRECT_TRANSFER"}, "ORDER_NOT_EXIST")
	p.refused("alipay.fund.trans.common.query", map[string]any{"out_biz_no": "x"}, "INVALID_PARAMETER")
	p.refused("alipay.fund.trans.common.query", map[string]any{}, "INVALID_PARAMETER")
	p.refused("alipay.fund.account.query", map[string]any{"account_type": "X"}, "INVALID_PARAMETER")
	p.refused("alipay.fund.account.query",
		map[string]any{"account_type": "ACCTRANS_ACCOUNT", "alipay_user_id": "2088000000000001"},
		"AUTH_USERID_IS_NOT_MATCH")
	want(t,
		p.ok("alipay.fund.quota.query",
			map[string]any{"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}),
		map[string]any{"new_quota_single_max": "60000.00"})

	p.desk("PATCH", "/accounts/"+p.pid, map[string]any{"blocked": true}, 200)
	p.refused(uniTransfer, transferOf("R2", "1.00"), "PAYER_STATUS_ERROR")
	p.desk("PATCH", "/accounts/"+p.pid, map[string]any{"blocked": false, "top_up_fen": -int64(p.purse("A:" + p.pid))},
		200)
	p.refused(uniTransfer, transferOf("R3", "1.00"), "PAYER_BALANCE_NOT_ENOUGH")

	plain := newPartner(t, nil)
	plain.refused(uniTransfer, transferOf("R4", "1.00"), "isv.missing-app-cert-sn")
	plain.desk("PATCH", "/apps/"+plain.app,
		map[string]any{"settings": map[string]any{"key_mode_transfers": true, "require_transfer_scene": true}}, 200)
	plain.refused(uniTransfer, transferOf("R4", "1.00"), "TRANSFER_SCENE_NAME_BLANK")
	other := p.sibling(map[string]any{"certificate_mode": true})
	mine := p.desk("GET", "/transfers?app_id="+p.app, nil, 200)["transfers"].([]any)[0].(map[string]any)["order_id"]
	other.refused("alipay.fund.trans.common.query", map[string]any{"order_id": mine}, "NO_ORDER_PERMISSION")
}

func TestTransferToBankCard(t *testing.T) {
	t.Parallel()
	p := payer(t, nil)
	before := p.purse("A:" + p.pid)
	const changedMsg = "alipay.fund.trans.order.changed"
	for i, c := range []struct{ card, status string }{{"6225000000000001", "SUCCESS"}, {"6225000000000002", "REFUND"},
		{"6225000000000003", "FAIL"}} {
		out := fmt.Sprint("B", i)
		want(t, p.ok(uniTransfer, cardTransfer(out, c.card)), map[string]any{"status": "DEALING"})
		query := map[string]any{"out_biz_no": out, "product_code": "TRANS_BANKCARD_NO_PWD",
			"biz_scene": "DIRECT_TRANSFER"}
		want(t, p.ok("alipay.fund.trans.common.query", query), map[string]any{"status": "DEALING", "trans_amount": nil})
		p.desk("POST", "/clock", map[string]any{"advance_seconds": 601}, 200)
		want(t, p.next(changedMsg),
			map[string]any{"out_biz_no": out, "status": c.status, "action_type": "FINISH",
				"origin_interface": uniTransfer})
		want(t, p.ok("alipay.fund.trans.common.query", query), map[string]any{"status": c.status})
	}
	if got := before - p.purse("A:"+p.pid); got != 10_00 {
		t.Errorf("the payer lost %d fen, want those of the one that arrived", got)
	}
	out := p.ok(uniTransfer, cardTransfer("B9", "6225000000000004"))
	p.desk("POST", "/clock", map[string]any{"advance_seconds": 7 * 24 * 3600}, 200)
	p.quiet()
	p.desk("POST", "/transfers/"+out["order_id"].(string)+"/settle", map[string]any{"result": "what"}, 400)
	p.desk("POST", "/transfers/"+out["order_id"].(string)+"/settle",
		map[string]any{"result": "refund", "error_code": "INVALID_CARDNO", "reason": "账号不存在"}, 200)
	want(t, p.next(changedMsg), map[string]any{"status": "REFUND", "error_code": "INVALID_CARDNO"})
	p.desk("POST", "/transfers/"+out["order_id"].(string)+"/settle", map[string]any{"result": "refund"},
		http.StatusConflict)
	p.refused(uniTransfer, cardTransfer("B10", "62x"), "CARD_BIN_ERROR")
	corporate := cardTransfer("B11", "6225000000000001")
	corporate["payee_info"].(map[string]any)["bankcard_ext_info"] = map[string]any{"account_type": "1"}
	p.refused(uniTransfer, corporate, "BANKCODE_OR_BRANCHNAME_INFO_ERROR")
}

func batchOfLines(out string, lines ...map[string]any) map[string]any {
	total := money.Fen(0)
	list := []any{}
	for _, l := range lines {
		v, err := money.ParseYuan(l["trans_amount"].(string))
		if err != nil {
			panic(err)
		}
		total += v
		list = append(list, changed(l, map[string]any{"product_code": nil, "biz_scene": nil}))
	}
	return map[string]any{"out_batch_no": out, "total_count": len(list), "total_trans_amount": total.Yuan(),
		"trans_order_list": list, "order_title": "佣金"}
}

func TestBatchTransfer(t *testing.T) {
	t.Parallel()
	p := payer(t, nil)
	detail := func(out string) map[string]any {
		t.Helper()
		return p.ok("alipay.fund.batch.detail.query", map[string]any{"out_batch_no": out})
	}
	bad := transferOf("L2", "3.00",
		map[string]any{"payee_info": map[string]any{"identity": "2088999999999999", "identity_type": "ALIPAY_USER_ID"}})
	out := p.ok("alipay.fund.batch.uni.transfer",
		batchOfLines("N1", transferOf("L1", "2.00"), bad, cardTransfer("L3", "6225000000000001")))
	want(t, out, map[string]any{"status": "INIT"})
	until(t, func() bool { return detail("N1")["batch_status"] == "DEALING" })
	p.desk("POST", "/clock", map[string]any{"advance_seconds": 601}, 200)
	d := detail("N1")
	want(t, d,
		map[string]any{"batch_status": "PART_SUCCESS", "success_count": 2, "success_amount": "12.00", "fail_count": 1,
			"fail_amount": "3.00", "total_item_count": 3, "total_amount": "15.00"})
	want(t, d["acc_detail_list"].([]any)[1].(map[string]any),
		map[string]any{"status": "FAIL", "error_code": "PAYEE_NOT_EXIST"})
	p.refused("alipay.fund.batch.uni.transfer", batchOfLines("N1", transferOf("L1", "9.00")),
		"PAYMENT_INFO_INCONSISTENCY")

	before := p.clk.Now()
	created := p.ok("alipay.fund.batch.create",
		batchOfLines("N2", transferOf("L4", "2.00"), transferOf("L5", "3.00")))["batch_trans_id"].(string)
	want(t, detail("N2"), map[string]any{"batch_status": "INIT", "success_count": 0})
	p.desk("POST", "/batches/"+created+"/pay", nil, 200)
	want(t, detail("N2"), map[string]any{"batch_status": "SUCCESS", "success_amount": "5.00"})
	p.refused("alipay.fund.batch.close", map[string]any{"batch_trans_id": created}, "ORDER_STATUS_INVALID")
	closed := p.ok("alipay.fund.batch.create", batchOfLines("N3", transferOf("L6", "2.00")))["batch_trans_id"].(string)
	want(t, p.ok("alipay.fund.batch.close", map[string]any{"batch_trans_id": closed}),
		map[string]any{"status": "DISUSE"})
	p.desk("POST", "/batches/"+closed+"/pay", nil, http.StatusConflict)

	short := batchOfLines("N4", transferOf("L7", "90000000.00", map[string]any{"remark": "大额"}))
	p.ok("alipay.fund.batch.uni.transfer", short)
	until(t, func() bool { return detail("N4")["batch_status"] == "FAIL" })
	want(t, detail("N4"), map[string]any{"error_code": "PAYER_BALANCE_NOT_ENOUGH", "fail_count": 1})

	for _, c := range []map[string]any{
		changed(batchOfLines("N5", transferOf("L8", "2.00")), map[string]any{"total_count": 2}),
		changed(batchOfLines("N5", transferOf("L8", "2.00")), map[string]any{"total_trans_amount": "3.00"}),
		batchOfLines("N5", transferOf("L8", "0.50")),
		batchOfLines("N5", transferOf("L8", "2.00"), transferOf("L8", "2.00")),
		changed(batchOfLines("N5", transferOf("L8", "2.00")), map[string]any{"trans_order_list": map[string]any{}}),
		changed(batchOfLines("N5", transferOf("L8", "2.00")), map[string]any{"time_expire": "yesterday"}),
	} {
		p.refused("alipay.fund.batch.create", c, "INVALID_PARAMETER")
	}
	p.refused("alipay.fund.batch.detail.query", map[string]any{"out_batch_no": "N5"}, "ORDER_NOT_EXIST")
	p.refused("alipay.fund.batch.detail.query", map[string]any{}, "INVALID_PARAMETER")
	if day := created[:8]; day != before.In(protocol.BeijingZone()).Format("20060102") &&
		day != p.clk.Now().In(protocol.BeijingZone()).Format("20060102") { // midnight may pass
		t.Errorf("batch_trans_id %s", created)
	}
}

// until waits for a condition that the simulator's scheduler brings about.
func until(t *testing.T, cond func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute) // only what never comes fails
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it did not happen")
		}
	}
}
