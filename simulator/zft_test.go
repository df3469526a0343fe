package simulator

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

const zftPrefix = "ant.merchant.expand.indirect.zft."

// person is a complete application of an individual that settles to Alipay.
func person(ext string, change ...map[string]any) map[string]any {
	f := map[string]any{
		"external_id": ext, "name": "王小明", "alias_name": "小明数卡铺", "merchant_type": "06", "mcc": "B0125",
		"cert_type": "100", "cert_no": "110101199003070011",
		"contact_infos": []any{map[string]any{"name": "王小明", "mobile": "13800000000", "type": "LEGAL_PERSON",
			"tag": []string{"06"}}},
		"service": []string{"wap支付", "电脑支付"},
		"sites": []any{map[string]any{"site_type": "01", "site_name": "小明数卡铺",
			"site_url": "https://shop.example.cn"}},
		"alipay_logon_id": "13800000000", "binding_alipay_logon_id": "13800000000",
		"default_settle_rule": map[string]any{"default_settle_type": "alipayAccount",
			"default_settle_target": "13800000000"}, "sign_time_with_isv": "2026-10-01",
	}
	f["cert_no"] = idCard("11010119900307001")
	return changed(f, change...)
}

func changed(f map[string]any, change ...map[string]any) map[string]any {
	f = maps.Clone(f)
	for _, c := range change {
		for k, v := range c {
			if v == nil {
				delete(f, k)
			} else {
				f[k] = v
			}
		}
	}
	return f
}

// idCard appends the check digit (GB 11643).
func idCard(first17 string) string {
	for _, d := range "0123456789X" {
		if merchants.ValidIDCard(first17 + string(d)) {
			return first17 + string(d)
		}
	}
	return first17 + "0"
}

func bankCard() map[string]any {
	return map[string]any{"account_holder_name": "杭州示例网络科技有限公司", "account_no": "571900000010001",
		"account_inst_province": "浙江省", "account_inst_city": "杭州市",
		"account_branch_name": "招商银行股份有限公司杭州分行", "usage_type": "01", "account_type": "DC", "account_inst_name": "招商银行",
		"account_inst_id": "CMB", "bank_code": "308331012001"}
}

// company is an enterprise of a special industry that settles to a bank card.
func company(p *partner, ext string, change ...map[string]any) map[string]any {
	img := p.image()
	return changed(map[string]any{
		"external_id": ext, "name": "杭州示例网络科技有限公司", "alias_name": "示例充值中心", "merchant_type": "01", "mcc": "B0205",
		"cert_type": "201", "cert_no": "91330100MA00000000",
		"cert_image": img, "legal_name": "李四", "legal_cert_no": idCard("33010619800101123"),
		"legal_cert_front_image": img, "legal_cert_back_image": img,
		"qualifications": []any{map[string]any{"industry_qualification_type": "310",
			"industry_qualification_image": img}},
		"contact_infos": []any{map[string]any{"name": "赵六", "mobile": "13900000000", "email": "ops@example.cn"}},
		"service":       []string{"电脑支付", "wap支付"}, "binding_alipay_logon_id": "finance@example.cn",
		"sites": []any{map[string]any{"site_type": "01", "site_name": "示例充值中心",
			"site_url": "https://pay.example.cn"}},
		"biz_cards": []any{bankCard()},
		"default_settle_rule": map[string]any{"default_settle_type": "bankCard",
			"default_settle_target": "571900000010001"},
	}, change...)
}

func zftOnly() map[string]any {
	return map[string]any{"products": []string{state.ProductZFT, state.ProductFaceToFace}}
}

func (p *partner) applied(form map[string]any) string {
	p.t.Helper()
	return p.ok(zftPrefix+"create", form)["order_id"].(string)
}

// order reads one application by its order_id.
func (p *partner) order(id string) map[string]any {
	p.t.Helper()
	return p.ok("ant.merchant.expand.indirect.zftorder.query",
		map[string]any{"order_id": id})["orders"].([]any)[0].(map[string]any)
}

func want(t *testing.T, got map[string]any, fields map[string]any) {
	t.Helper()
	for k, v := range fields {
		if v == nil {
			v = got[k]
			if v != nil {
				t.Errorf("%s = %v, want none", k, v)
			}
			continue
		}
		if fmt.Sprint(got[k]) != fmt.Sprint(v) {
			t.Errorf("%s = %v, want %v (in %v)", k, got[k], v, got)
		}
	}
}

func TestImageUpload(t *testing.T) {
	t.Parallel()
	p := newPartner(t, zftOnly())
	png := []byte("\x89PNG\r\n\x1a\nrest")
	if id, _ := p.upload("png", "licence.png", png)["image_id"].(string); !strings.HasSuffix(id, ".png") ||
		len(id) != 40 {
		t.Errorf("image_id = %q", id)
	}
	if id, _ := p.upload("jpg", "licence.JPEG", []byte("\xff\xd8\xffx"))["image_id"].(string); id == "" {
		t.Error("jpeg as jpg was refused")
	}
	for _, c := range []struct {
		kind, name string
		data       []byte
		want       string
	}{
		{"", "a.png", png, "MERCHANT_ILLEGAL_ARGUMENT"},
		{"png", "", nil, "MERCHANT_ILLEGAL_ARGUMENT"},
		{"png", "a.png", nil, "MERCHANT_ILLEGAL_ARGUMENT"},
		{"svg", "a.svg", []byte("<svg/>"), "INVALID_IMAGE_FORMAT"},
		{"png", "a.png", []byte("<svg/>"), "INVALID_IMAGE_FORMAT"},
		{"png", "a.jpg", png, "isv.invalid-file-extension"},
		{"png", "a.png", slices.Concat(png, []byte("EICAR-STANDARD-ANTIVIRUS-TEST-FILE")), "IMAGE_UNSAFE"},
		{"png", "a.png", slices.Concat(png, bytes.Repeat([]byte{1}, 10<<20)), "EXCEED_MAX_SIZE"},
	} {
		if got := p.upload(c.kind, c.name, c.data)["sub_code"]; got != c.want {
			t.Errorf("%s %s %d bytes: %v, want %s", c.kind, c.name, len(c.data), got, c.want)
		}
	}
}

func TestApplicationByTheDesk(t *testing.T) {
	t.Parallel()
	p := newPartner(t, zftOnly())
	id := p.applied(person("m1"))
	if len(id) != 28 || !protocol.IsDigits(id) {
		t.Errorf("order_id %q is not 28 digits", id)
	}
	want(t, p.order(id),
		map[string]any{"status": "031", "fk_audit": "CREATE", "kz_audit": "SKIP", "sub_confirm": "CREATE",
			"apply_type": "ZHIFUTONG_CREATE", "smid": nil,
			"merchant_name": "王小明", "external_id": "m1"})
	p.desk("POST", "/applications/"+id+"/audit", map[string]any{"stage": "fk", "result": "pass"}, 200)
	want(t, p.order(id), map[string]any{"status": "031", "fk_audit": "PASS", "sub_confirm": "NOT_CONFIRM", "smid": nil})
	p.restart()
	p.desk("POST", "/applications/"+id+"/confirm", nil, 200)
	o := p.order(id)
	want(t, o, map[string]any{"status": "99", "sub_confirm": "FINISH", "card_alias_no": nil})
	smid := o["smid"].(string)
	if len(smid) != 16 || !strings.HasPrefix(smid, "2088") {
		t.Errorf("smid %q", smid)
	}
	want(t, p.next(zftPrefix+"passed"),
		map[string]any{"order_id": id, "external_id": "m1", "smid": smid, "card_alias_no": nil})
	p.desk("POST", "/applications/"+id+"/approve", nil, http.StatusConflict)

	got := p.ok("ant.merchant.expand.order.query", map[string]any{"order_id": id})
	want(t, got, map[string]any{"status": "99", "ip_role_id": []any{smid}, "ext_info": `{"smid":"` + smid + `"}`})
	want(t, p.ok("ant.merchant.expand.indirect.zftsubsettle.query", map[string]any{"smid": smid}),
		map[string]any{"alipay_logon_id": "138****0000", "biz_cards": nil})
	m := p.desk("GET", "/merchants/"+smid, nil, 200)
	want(t, m, map[string]any{"pid": p.pid, "name": "王小明", "default_settle_type": "userId", "logon_id": "13800000000"})
}

func TestApplicationOfASpecialIndustry(t *testing.T) {
	t.Parallel()
	p := newPartner(t, zftOnly())
	id := p.applied(company(p, "c1"))
	want(t, p.order(id), map[string]any{"kz_audit": "CREATE"})
	p.desk("POST", "/applications/"+id+"/reject", map[string]any{"stage": "kz", "memo": "营业执照照片模糊"}, 200)
	want(t, p.order(id),
		map[string]any{"status": "-1", "kz_audit": "REJECT", "kz_audit_memo": "营业执照照片模糊", "reason": "客资审核不通过：营业执照照片模糊",
			"smid": nil})
	want(t, p.next(zftPrefix+"rejected"),
		map[string]any{"order_id": id, "external_id": "c1", "reason": "客资审核不通过：营业执照照片模糊"})

	again := p.applied(company(p, "c1"))
	p.desk("POST", "/applications/"+again+"/approve", map[string]any{"memo": "通过"}, 200)
	o := p.order(again)
	want(t, o, map[string]any{"status": "99", "kz_audit": "PASS"})
	alias := o["card_alias_no"].(string)
	if len(alias) != 32 {
		t.Errorf("card_alias_no %q", alias)
	}
	want(t, p.next(zftPrefix+"passed"), map[string]any{"order_id": again, "card_alias_no": alias, "memo": "通过"})
	list := p.ok("ant.merchant.expand.indirect.zftorder.query", map[string]any{"external_id": "c1"})["orders"].([]any)
	if len(list) != 2 || list[0].(map[string]any)["order_id"] != again {
		t.Errorf("orders of c1: %v", list)
	}
	p.refused(zftPrefix+"create", company(p, "c1"), "NOT_ALLOWED_SETTLE")

	smid := o["smid"].(string)
	detect := map[string]any{"smid": smid, "card_alias_no": alias, "account_no": "571900000010001",
		"account_holder_name": "杭州示例网络科技有限公司"}
	want(t, p.ok("ant.merchant.expand.indirect.zftsettlecard.detect", detect), map[string]any{"consistent": "true"})
	want(t,
		p.ok("ant.merchant.expand.indirect.zftsettlecard.detect",
			changed(detect, map[string]any{"account_no": "571900000010002"})),
		map[string]any{"consistent": "false", "inconsistency_reason": "卡号不一致"})
	p.refused("ant.merchant.expand.zft.settlement.unbind", map[string]any{"smid": smid, "card_alias_no": alias},
		"NOT_ALLOWED_SETTLE")
	p.refused("ant.merchant.expand.zft.settlement.unbind", map[string]any{"smid": smid}, "INVALID_PARAMETER")
}

// TestApplicationRules is one row per rule: what is changed in a good form, and what Alipay says.
func TestSimpleAndQuickCreate(t *testing.T) {
	t.Parallel()
	p := newPartner(t, zftOnly())
	simple := map[string]any{
		"external_id": "s1", "alias_name": "示例小铺", "binding_alipay_logon_id": "13800000000",
		"alipay_logon_id": "13800000000", "mcc": "B0125",
		"service": []string{"电脑支付"}, "contact_infos": map[string]any{"name": "王小明", "mobile": "13800000000"},
		"sites": map[string]any{"site_type": "01", "site_name": "示例小铺",
			"site_url": "https://shop.example.cn", "screenshot_image": p.image()},
		"default_settle_rule": map[string]any{"default_settle_type": "alipayAccount",
			"default_settle_target": "13800000000"},
		"trade_scene": []string{"PC"}, "need_send_todo_notify": true,
	}
	lists := map[string]any{"contact_infos": []any{simple["contact_infos"]}, "sites": []any{simple["sites"]}}
	out := p.ok(zftPrefix+"simplecreate", simple)
	want(t, p.order(out["order_id"].(string)), map[string]any{"merchant_name": "王小明", "status": "031"})
	p.refused(zftPrefix+"simplecreate", changed(simple, lists), "INVALID_PARAMETER")
	p.refused(zftPrefix+"quickcreate", changed(simple, map[string]any{"external_id": "q0"}), "INVALID_PARAMETER")
	p.refused(zftPrefix+"simplecreate", simple, "MERCHANT_ORDER_EXECUTE_CONFLICT")
	p.refused(zftPrefix+"simplecreate", changed(simple, map[string]any{"external_id": "s2", "biz_cards": bankCard()}),
		"BANK_CARD_TYPE_ILLEGAL")
	p.refused(zftPrefix+"simplecreate",
		changed(simple, map[string]any{"external_id": "s3", "additional_cert_type": "201"}), "INVALID_PARAMETER")
	p.refused(zftPrefix+"simplecreate",
		changed(simple,
			map[string]any{"external_id": "s4",
				"sites": changed(simple["sites"].(map[string]any), map[string]any{"screenshot_image": nil})}),
		"INVALID_PARAMETER")

	quick := p.ok(zftPrefix+"quickcreate", changed(simple, lists, map[string]any{"external_id": "q1"}))
	if quick["sign_qr_code_url"] == nil || quick["sign_short_chain_url"] == nil {
		t.Errorf("quickcreate without links: %v", quick)
	}
	want(t, p.order(quick["order_id"].(string)), map[string]any{"sub_sign_qr_code_url": quick["sign_qr_code_url"]})
}

func TestApplicationEndings(t *testing.T) {
	t.Parallel()
	p := newPartner(t, zftOnly())
	byExt := func(ext string) map[string]any {
		t.Helper()
		return p.ok("ant.merchant.expand.indirect.zftorder.query",
			map[string]any{"external_id": ext})["orders"].([]any)[0].(map[string]any)
	}
	p.applied(person("a-instant"))
	want(t, byExt("a-instant"), map[string]any{"status": "99", "fk_audit": "SKIP", "sub_confirm": "SKIP"})
	p.next(zftPrefix + "passed")
	p.applied(person("a-kzrej"))
	want(t, byExt("a-kzrej"), map[string]any{"status": "-1", "kz_audit": "REJECT"})
	p.next(zftPrefix + "rejected")
	p.applied(person("a-fkrej"))
	want(t, byExt("a-fkrej"), map[string]any{"status": "-1", "fk_audit": "REJECT"})
	p.next(zftPrefix + "rejected")

	p.applied(person("a-noconfirm"))
	want(t, byExt("a-noconfirm"), map[string]any{"status": "031", "sub_confirm": "NOT_CONFIRM"})
	ordinary := p.applied(person("a-ordinary")) // audited by the desk: the merchant has to confirm it, too
	p.applied(person("a-unreviewed"))
	p.desk("POST", "/applications/"+ordinary+"/audit", map[string]any{"stage": "fk", "result": "pass"}, 200)
	want(t, byExt("a-ordinary"), map[string]any{"status": "031", "sub_confirm": "NOT_CONFIRM"})
	p.desk("POST", "/clock", map[string]any{"advance_seconds": 31 * 24 * 3600}, 200)
	for _, ext := range []string{"a-noconfirm", "a-ordinary"} {
		want(t, byExt(ext), map[string]any{"status": "-1", "sub_confirm": "FAIL"})
		p.next(zftPrefix + "rejected")
	}
	want(t, byExt("a-unreviewed"), map[string]any{"status": "031"})

	if out := p.call(zftPrefix+"create", person("a-timeout")); out != nil {
		t.Errorf("the connection should have broken: %v", out)
	}
	want(t, byExt("a-timeout"), map[string]any{"status": "031"})
	want(t, p.call(zftPrefix+"create", person("a-20000")), map[string]any{"code": "20000"})
	want(t, byExt("a-20000"), map[string]any{"status": "031"})
	want(t, p.call(zftPrefix+"create", person("a-20000lost")), map[string]any{"code": "20000"})
	p.refused("ant.merchant.expand.indirect.zftorder.query", map[string]any{"external_id": "a-20000lost"},
		"ORDER_NOT_EXIST")
	p.ok(zftPrefix+"create", person("a-20000lost"))

	silent := p.applied(person("a-nomsg"))
	p.desk("POST", "/applications/"+silent+"/approve", nil, 200)
	want(t, byExt("a-nomsg"), map[string]any{"status": "99"})
	late := p.applied(person("a-latemsg"))
	p.desk("POST", "/applications/"+late+"/approve", nil, 200)
	twice := p.applied(person("a-dupmsg"))
	p.desk("POST", "/applications/"+twice+"/approve", nil, 200)
	for range 3 {
		want(t, p.next(zftPrefix+"passed"), map[string]any{"order_id": twice})
	}
	p.quiet()
	p.desk("POST", "/clock", map[string]any{"advance_seconds": 26 * 3600}, 200)
	want(t, p.next(zftPrefix+"passed"), map[string]any{"order_id": late})
}

func TestModifySettlementUpgradeDelete(t *testing.T) {
	t.Parallel()
	p := newPartner(t, zftOnly())
	other := p.sibling(zftOnly())
	p.applied(person("m-instant"))
	smid := p.next(zftPrefix + "passed")["smid"].(string)

	p.refused(zftPrefix+"modify", map[string]any{"alias_name": "x"}, "INVALID_PARAMETER")
	p.refused(zftPrefix+"modify", map[string]any{"smid": "2088000000000000"}, "MERCHANT_NOT_EXIST")
	p.refused(zftPrefix+"modify", map[string]any{"smid": smid, "mcc": "B9999"}, "INVALID_PARAMETER")
	p.refused(zftPrefix+"modify", map[string]any{"smid": smid, "cert_type": "201"}, "INVALID_PARAMETER")
	other.refused(zftPrefix+"modify", map[string]any{"smid": smid}, "MERCHANT_NOT_EXIST")
	other.refused("ant.merchant.expand.indirect.zftorder.query", map[string]any{"external_id": "m-instant"},
		"ORDER_NOT_EXIST")
	out := p.ok(zftPrefix+"modify", map[string]any{"external_id": "m-instant", "alias_name": "新名"})
	want(t, p.order(out["order_id"].(string)),
		map[string]any{"status": "99", "apply_type": "ZHIFUTONG_MODIFY", "smid": smid})
	p.next(zftPrefix + "passed")

	p.applied(person("plain"))
	id := p.desk("GET", "/applications?status=031", nil,
		200)["applications"].([]any)[0].(map[string]any)["order_id"].(string)
	p.desk("POST", "/applications/"+id+"/approve", nil, 200)
	plain := p.next(zftPrefix + "passed")["smid"].(string)
	settle := map[string]any{"smid": plain, "alipay_logon_id": "13900000009",
		"default_settle_rule": map[string]any{"default_settle_type": "alipayAccount",
			"default_settle_target": "13900000009"}}
	p.refused(zftPrefix+"settlementmodify", changed(settle, map[string]any{"biz_cards": []any{bankCard()}}),
		"INVALID_PARAMETER")
	p.refused(zftPrefix+"settlementmodify", changed(settle, map[string]any{"biz_cards": bankCard()}),
		"BANK_CARD_TYPE_ILLEGAL")
	p.refused(zftPrefix+"settlementmodify", changed(settle, map[string]any{"default_settle_rule": nil}),
		"INVALID_PARAMETER")
	out = p.ok(zftPrefix+"settlementmodify", settle)
	want(t, p.order(out["order_id"].(string)), map[string]any{"status": "031", "sub_confirm": "CREATE"})
	p.refused(zftPrefix+"settlementmodify", settle, "MERCHANT_ORDER_EXECUTE_CONFLICT")
	want(t, p.ok("ant.merchant.expand.indirect.zftsubsettle.query", map[string]any{"smid": plain}),
		map[string]any{"alipay_logon_id": "138****0000"})
	p.desk("POST", "/applications/"+out["order_id"].(string)+"/refuse", map[string]any{"reason": "不是我"}, 200)
	want(t, p.next(zftPrefix+"rejected"), map[string]any{"reason": "不是我"})
	out = p.ok(zftPrefix+"settlementmodify", settle)
	p.desk("POST", "/applications/"+out["order_id"].(string)+"/approve", nil, 200)
	p.next(zftPrefix + "passed")
	want(t, p.ok("ant.merchant.expand.indirect.zftsubsettle.query", map[string]any{"smid": plain}),
		map[string]any{"alipay_logon_id": "139****0009"})

	up := map[string]any{"smid": plain, "additional_cert_type": "201", "additional_cert_no": "92330100MA00000000",
		"additional_cert_image": p.image()}
	p.refused(zftPrefix+"upgrade", changed(up, map[string]any{"additional_cert_type": "100"}), "INVALID_PARAMETER")
	p.refused(zftPrefix+"upgrade", changed(up, map[string]any{"additional_cert_image": "no.jpg"}),
		"BUSINESS_LICENSE_OSSKEY_NOT_EXIST")
	p.refused(zftPrefix+"upgrade", changed(up, map[string]any{"additional_cert_no": "?"}), "BUSINESS_LICENSE_ILLEGAL")
	out = p.ok(zftPrefix+"upgrade", up)
	p.desk("POST", "/applications/"+out["order_id"].(string)+"/approve", nil, 200)
	p.next(zftPrefix + "passed")

	p.refused(zftPrefix+"copy", map[string]any{"smid_old": plain, "pid_new": "2088000000000000"}, "ISV_NOT_EXIST")
	if got := p.ok(zftPrefix+"copy", map[string]any{"smid_old": plain, "pid_new": p.pid})["smid_new"]; got == plain ||
		got == nil {
		t.Errorf("smid_new = %v", got)
	}
	p.ok(zftPrefix+"delete", map[string]any{"smid": plain})
	p.refused(zftPrefix+"delete", map[string]any{"smid": plain}, "MERCHANT_NOT_EXIST")
	p.ok(zftPrefix+"create", person("plain"))
}

func TestConsultReservesNothing(t *testing.T) {
	t.Parallel()
	p := newPartner(t, zftOnly())
	out := p.ok(zftPrefix+"consult", person("k1"))
	want(t, out, map[string]any{"risk_audit": true, "account_audit": false})
	want(t, p.order(out["order_id"].(string)), map[string]any{"apply_type": "ZHIFUTONG_CONSULT", "smid": nil})
	p.ok(zftPrefix+"consult", person("k1"))
	p.refused(zftPrefix+"consult", person("k1", map[string]any{"name": nil}), "INVALID_PARAMETER")
	p.applied(person("k1"))
	p.quiet()
}

func TestOnboardingAccess(t *testing.T) {
	t.Parallel()
	p := newPartner(t, map[string]any{"products": []string{state.ProductFaceToFace}})
	p.refused(zftPrefix+"create", person("x"), "isv.insufficient-isv-permissions")
	p.refused("ant.merchant.expand.mcc.query", map[string]any{}, "MER_ARGUMENT_NULL")
	list := p.ok("ant.merchant.expand.mcc.query",
		map[string]any{"mcc_code_list": "B0205,B9999,B0125"})["mcc_info_list"].([]any)
	if len(list) != 2 {
		t.Fatalf("mcc list: %v", list)
	}
	want(t, list[0].(map[string]any),
		map[string]any{"mcc_level_1": "A0004", "mcc_level_2_name": "游戏周边服务/交易平台", "is_special": true})
	want(t, list[1].(map[string]any), map[string]any{"is_special": false})

	auto := newPartner(t,
		map[string]any{"products": []string{state.ProductZFT}, "settings": map[string]any{"auto_approve": true}})
	auto.applied(person("m1"))
	auto.next(zftPrefix + "passed")
	auto.refused("ant.merchant.expand.order.query", map[string]any{}, "ORDER_ID_EMPTY")
	auto.refused("ant.merchant.expand.order.query", map[string]any{"order_id": "1"}, "ORDER_NOT_EXIST")
	auto.refused("ant.merchant.expand.indirect.zftorder.query", map[string]any{}, "INVALID_PARAMETER")
}

func TestBankBranches(t *testing.T) {
	t.Parallel()
	p := newPartner(t, nil)
	const query = "alipay.financialnet.auth.pbcname.query"
	for _, c := range []struct {
		biz  map[string]any
		want int
	}{
		{map[string]any{"inst_id": "CMB", "city": "杭州"}, 2},
		{map[string]any{"inst_id": "CMB", "city": "杭州", "exact": true}, 0},
		{map[string]any{"bank_code": "308331012001"}, 1},
		{map[string]any{"branch_name": "没有的支行"}, 0},
	} {
		text, _ := p.ok(query, c.biz)["pbc_query_result"].(string)
		if got := strings.Count(text, `"bank_code"`); got != c.want {
			t.Errorf("%v: %d branches, want %d: %s", c.biz, got, c.want, text)
		}
	}
}
