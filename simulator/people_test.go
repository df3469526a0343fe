package simulator

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

const complainFamily = "alipay.merchant.tradecomplain."

func TestComplaints(t *testing.T) {
	t.Parallel()
	p := newPartner(t, nil)
	smid := p.desk("POST", "/merchants", map[string]any{"app_id": p.app, "name": "甲商户"}, 201)["smid"].(string)
	trade := p.sold("T1", 100_00, smid)
	p.desk("POST", "/complaints", map[string]any{"trade": "nothing"}, http.StatusNotFound)
	id := p.desk("POST", "/complaints", map[string]any{"trade": "T1", "content": "卡密无效"},
		201)["complain_event_id"].(string)
	const changedMsg = complainFamily + "changed"
	want(t, p.next(changedMsg), map[string]any{"complain_event_id": id})
	q := p.ok(complainFamily+"query", map[string]any{"complain_event_id": id})
	want(t, q,
		map[string]any{"status": "MERCHANT_PROCESSING", "trade_no": trade, "merchant_order_no": "T1", "content": "卡密无效",
			"trade_amount": "100.00", "target_type": "PID", "target_id": p.pid})

	flat := func(method string, f map[string]string, want string) {
		t.Helper()
		if out := p.flat(complainFamily+method, f); (want == "" && out["code"] != "10000") ||
			(want != "" && out["sub_code"] != want) {
			t.Errorf("%s %v: %v, want %s", method, f, out, want)
		}
	}
	flat("reply.submit", map[string]string{"complain_event_id": id, "reply_content": "您好，已为您核实"}, "")
	p.next(changedMsg)
	flat("reply.submit", map[string]string{"complain_event_id": id}, "PARAM_ILLEGAL")
	flat("reply.submit", map[string]string{"complain_event_id": id, "reply_content": "毒品"}, "SUBMIT_CONTENT_VIOLATION")
	flat("reply.submit", map[string]string{"complain_event_id": id, "reply_content": "图", "reply_images": "nothing"},
		"PARAM_ILLEGAL")
	flat("supplement.submit", map[string]string{"complain_event_id": id, "supplement_content": "发货凭证"}, "")
	p.next(changedMsg)
	feed := func(code string) map[string]string {
		return map[string]string{"complain_event_id": id, "feedback_code": code, "feedback_content": "已处理",
			"operator": "张三"}
	}
	flat("feedback.submit", feed("77"), "PARAM_ILLEGAL")
	flat("feedback.submit", feed("02"), "REFUND_FEEDBACK_FAILED")
	p.ok("alipay.trade.refund", map[string]any{"out_trade_no": "T1", "refund_amount": "1.00", "out_request_no": "R1"})
	flat("feedback.submit", feed("00"), "REFUND_ALREADY_SUCCEED")
	// Third parties send these calls as biz_content; both are taken.
	p.ok(complainFamily+"feedback.submit",
		map[string]any{"complain_event_id": id, "feedback_code": "02", "feedback_content": "已退款"})
	p.next(changedMsg)
	flat("feedback.submit", feed("02"), "STATUS_CHANGED")
	q = p.ok(complainFamily+"query", map[string]any{"complain_event_id": id})
	want(t, q, map[string]any{"status": "MERCHANT_FEEDBACKED"})
	if replies := q["reply_detail_infos"].([]any); len(replies) != 3 {
		t.Errorf("replies: %v", replies)
	}
	p.desk("PATCH", "/complaints/"+id, map[string]any{"status": "FINISHED", "reply": "谢谢"}, 200)
	p.next(changedMsg)
	flat("reply.submit", map[string]string{"complain_event_id": id, "reply_content": "再见"}, "STATUS_CHANGED")

	late := p.desk("POST", "/complaints", map[string]any{"trade": "T1"}, 201)["complain_event_id"].(string)
	p.next(changedMsg)
	p.desk("POST", "/clock", map[string]any{"advance_seconds": 73 * 3600}, 200)
	p.next(changedMsg)
	want(t, p.ok(complainFamily+"query", map[string]any{"complain_event_id": late}),
		map[string]any{"status": "MERCHANT_FEEDBACK_TIMEOUT"})
	id = late
	flat("feedback.submit", feed("03"), "")
	p.next(changedMsg)

	list := p.ok(complainFamily+"batchquery", map[string]any{"page_size": 1, "page_num": 2})
	want(t, list, map[string]any{"total_num": 2, "total_page_num": 2, "page_num": 2})
	if len(list["trade_complain_infos"].([]any)) != 1 {
		t.Errorf("page 2: %v", list)
	}
	want(t, p.ok(complainFamily+"batchquery", map[string]any{"status": "FINISHED"}), map[string]any{"total_num": 1})
	for _, bad := range []map[string]any{{"page_size": 21}, {"page_num": 0}, {"status": "X"}, {"begin_time": "x"},
		// any day: the two years are too long a span, wherever they lie
		{"begin_time": "2024-01-01 00:00:00", "end_time": "2026-01-01 00:00:00"}} {
		p.refused(complainFamily+"batchquery", bad, "PARAM_ILLEGAL")
	}
	other := p.sibling(nil)
	other.refused(complainFamily+"query", map[string]any{"complain_event_id": id}, "AUTHORITY_ILLEGAL")
	want(t, other.ok(complainFamily+"batchquery", map[string]any{}), map[string]any{"total_num": 0})
	p.restart()
	want(t, p.ok(complainFamily+"query", map[string]any{"complain_event_id": id}),
		map[string]any{"status": "MERCHANT_FEEDBACKED"})
}

func TestRiskReports(t *testing.T) {
	t.Parallel()
	p := newPartner(t, nil)
	smid := p.desk("POST", "/merchants", map[string]any{"app_id": p.app, "name": "甲商户"}, 201)["smid"].(string)
	trade := p.sold("T1", 100_00, smid)
	const send, query = "alipay.security.risk.customerrisk.send", "alipay.security.risk.customerrisk.query"
	p.ok(send, map[string]any{"trade_no": trade, "process_code": "02", "smid": smid})
	got := p.desk("GET", "/risk_reports?app_id="+p.app, nil, 200)["risk_reports"].([]any)
	if len(got) != 1 {
		t.Fatalf("reports: %v", got)
	}
	want(t, got[0].(map[string]any), map[string]any{"trade_no": trade, "process_code": "02", "smid": smid})
	p.refused(send, map[string]any{"trade_no": trade}, "INVALID_PARAMETER")
	p.refused(send, map[string]any{"trade_no": trade, "process_code": "55"}, "INVALID_PARAMETER")
	p.refused(send, map[string]any{"trade_no": "1", "process_code": "01"}, "INVALID_PARAMETER")
	p.refused(send, map[string]any{"trade_no": trade, "process_code": "01", "smid": "2088"}, "INVALID_PARAMETER")
	want(t, p.ok(query, map[string]any{"smid": smid}), map[string]any{"risk_result": `{"riskLevel":"rank0"}`})
	want(t, p.ok(query, map[string]any{"mobile": "13800000009"}),
		map[string]any{"risk_result": `{"riskLevel":"rank3"}`})
	p.refused(query, map[string]any{}, "INVALID_PARAMETER")
	p.refused(query, map[string]any{"smid": "2088"}, "INVALID_PARAMETER")
}

func TestCertify(t *testing.T) {
	t.Parallel()
	p := newPartner(t, nil)
	const init, query = "alipay.user.certify.open.initialize", "alipay.user.certify.open.query"
	who := map[string]any{"identity_type": "CERT_INFO", "cert_type": "IDENTITY_CARD", "cert_name": "王小明",
		"cert_no": idCard("11010119900307001")}
	biz := map[string]any{"outer_order_no": "C1", "biz_code": "FACE", "identity_param": who,
		"merchant_config": map[string]any{"return_url": "https://shop.example.cn/back"}}
	id := p.ok(init, biz)["certify_id"].(string)
	if again := p.ok(init, biz)["certify_id"]; again != id {
		t.Errorf("the same outer_order_no made %v", again)
	}
	p.refused(query, map[string]any{"certify_id": id}, "OPEN_CERTIFY_BILL_STATUS_ERROR")
	p.desk("POST", "/certify/"+id, map[string]any{"pass": false}, 200)
	want(t, p.ok(query, map[string]any{"certify_id": id}), map[string]any{"passed": "F", "fail_reason": "人脸比对不通过"})
	p.desk("POST", "/certify/"+id, map[string]any{"pass": true}, 200)
	p.restart()
	want(t, p.ok(query, map[string]any{"certify_id": id}), map[string]any{"passed": "T"})
	for _, c := range []map[string]any{{"outer_order_no": nil}, {"outer_order_no": strings.Repeat("x", 33)},
		{"biz_code": "X"}, {"identity_param": map[string]any{}},
		{"identity_param": changed(who, map[string]any{"cert_no": "1"})},
		{"identity_param": changed(who, map[string]any{"cert_name": nil})},
		{"identity_param": changed(who, map[string]any{"cert_type": "X"})}} {
		p.refused(init, changed(biz, c), "ILLEGAL_ARGUMENT_FORMAT")
	}
	p.ok(init, changed(biz, map[string]any{"outer_order_no": "C2", "identity_param": string(protocol.EncodeJSON(who))}))
	p.refused(query, map[string]any{}, "ILLEGAL_ARGUMENT_FORMAT")
	p.refused(query, map[string]any{"certify_id": "x"}, "OPEN_CERTIFY_BILL_NOT_EXIST")
	p.clk.Advance(24 * time.Hour)
	p.refused(query, map[string]any{"certify_id": id}, "CERTIFY_ID_EXPIRED")
}

func TestThirdPartyAuthorisation(t *testing.T) {
	t.Parallel()
	p := newPartner(t, map[string]any{"settings": map[string]any{"self_invoke_forbidden": true}})
	tenant := p.sibling(nil)
	plain := p.sibling(map[string]any{"products": []string{state.ProductZFT}})
	const exchange, query = "alipay.open.auth.token.app", "alipay.open.auth.token.app.query"
	code := func(products ...string) string {
		t.Helper()
		return p.desk("POST", "/authorizations",
			map[string]any{"app_id": p.app, "auth_app_id": tenant.app, "products": products},
			201)["app_auth_code"].(string)
	}
	p.desk("POST", "/authorizations", map[string]any{"app_id": plain.app, "auth_app_id": tenant.app}, 400)
	p.refused(zftPrefix+"create", person("x"), "isv.self-invoke-forbidden")
	first := code()
	grant := func(c string) map[string]any { return map[string]any{"grant_type": "authorization_code", "code": c} }
	plain.refused(exchange, grant(first), "APP_NOT_ISV")
	tenant.refused(exchange, grant(first), "APP_ID_NOT_CONSISTENT")
	p.refused(exchange, map[string]any{"grant_type": "x"}, "GRANT_TYPE_INVALID")
	p.refused(exchange, grant("x"), "AUTH_CODE_NOT_EXIST")
	pair := p.ok(exchange, grant(first))
	want(t, pair, map[string]any{"auth_app_id": tenant.app, "user_id": tenant.pid})
	p.refused(exchange, grant(first), "AUTH_CODE_NOT_VALID")
	stale := code()
	p.clk.Advance(25 * time.Hour)
	p.refused(exchange, grant(stale), "AUTH_CODE_NOT_VALID")

	token := pair["app_auth_token"].(string)
	info := p.ok(query, map[string]any{"app_auth_token": token})
	want(t, info, map[string]any{"status": "valid", "auth_app_id": tenant.app})
	if !slices.Contains(info["auth_methods"].([]any), any(zftPrefix+"create")) {
		t.Error("auth_methods lacks zft.create")
	}
	p.refused(query, map[string]any{}, "ILLEGAL_PARAM")
	p.refused(query, map[string]any{"app_auth_token": "x"}, "AUTH_TOKEN_NOT_EXISTED")
	tenant.refused(query, map[string]any{"app_auth_token": token}, "AUTH_TOKEN_NOT_CONSISTENT")

	// The call acts for the tenant: its PID owns the merchant; the message comes to the third party.
	p.extra.Set("app_auth_token", token)
	p.applied(person("isv-instant"))
	smid := p.next(zftPrefix + "passed")["smid"].(string)
	want(t, p.desk("GET", "/merchants/"+smid, nil, 200), map[string]any{"pid": tenant.pid})
	if got := tenant.ok("ant.merchant.expand.indirect.zftorder.query",
		map[string]any{"external_id": "isv-instant"}); got["orders"] == nil {
		t.Error("the tenant does not see its own application")
	}
	p.extra.Set("app_auth_token", "nonsense")
	p.refused(zftPrefix+"create", person("x"), "aop.invalid-app-auth-token")

	p.extra.Del("app_auth_token")
	refresh := map[string]any{"grant_type": "refresh_token", "refresh_token": pair["app_refresh_token"]}
	fresh := p.ok(exchange, refresh)
	p.refused(exchange, refresh, "REFRESH_TOKEN_NOT_VALID")
	p.refused(exchange, map[string]any{"grant_type": "refresh_token", "refresh_token": "x"}, "REFRESH_TOKEN_NOT_EXIST")
	p.extra.Set("app_auth_token", token)
	p.refused(zftPrefix+"create", person("y"), "aop.app-auth-token-time-out")
	p.extra.Set("app_auth_token", fresh["app_auth_token"].(string))
	p.ok(zftPrefix+"create", person("y"))

	p.extra.Del("app_auth_token")
	narrow := p.ok(exchange, grant(code(state.ProductBill)))["app_auth_token"].(string)
	p.extra.Set("app_auth_token", narrow)
	p.refused(zftPrefix+"create", person("z"), "aop.invalid-app-auth-token-no-api")
	p.desk("DELETE", "/authorizations?app_id="+p.app+"&auth_app_id="+tenant.app, nil, http.StatusNoContent)
	p.next("alipay.open.auth.appauth.cancelled")
	p.refused(zftPrefix+"create", person("z"), "aop.app-auth-token-time-out")

	p.extra.Del("app_auth_token")
	last := p.ok(exchange, grant(code()))["app_refresh_token"]
	p.clk.Advance(373 * 24 * time.Hour)
	p.refused(exchange, map[string]any{"grant_type": "refresh_token", "refresh_token": last}, "REFRESH_TOKEN_TIME_OUT")
}
