package simulator

import (
	"fmt"
	"strings"
	"testing"
)

func TestApplicationRules(t *testing.T) {
	t.Parallel()
	p := newPartner(t, zftOnly())
	other := p.sibling(zftOnly())
	foreign := other.image()
	img := p.image()
	card := func(change map[string]any) []any { return []any{changed(bankCard(), change)} }
	place := map[string]any{"province_code": "330000", "city_code": "330100", "district_code": "330106",
		"address": "示例路1号"}
	face := map[string]any{"service": []string{"当面付"}, "business_address": place, "out_door_images": []string{img},
		"in_door_images": []string{img}, "cert_image_back": img}
	addr := func(change map[string]any) map[string]any {
		return changed(face, map[string]any{"business_address": changed(place, change)})
	}
	contact := func(c map[string]any) map[string]any { return map[string]any{"contact_infos": []any{c}} }
	const bad = "INVALID_PARAMETER"
	for i, c := range []struct {
		change map[string]any
		want   string
	}{
		{nil, ""},
		{face, ""},
		{map[string]any{"external_id": nil}, bad},
		{map[string]any{"name": nil}, bad},
		{map[string]any{"name": strings.Repeat("名", 129)}, bad},
		{map[string]any{"name": true}, bad},
		{map[string]any{"mcc": "B9999"}, bad},
		{map[string]any{"mcc": "4815"}, bad},
		{map[string]any{"mcc": "B0205"}, "INDUSTRY_QUALIFICATION_IS_EMPTY"},
		{map[string]any{"mcc": "B0205",
			"qualifications": []any{map[string]any{"industry_qualification_type": "3x0",
				"industry_qualification_image": img}}}, "SETTLED_INDUSTRYQUALIFICATIONTYPE_IS_ILLEGAL"},
		{map[string]any{"mcc": "B0205",
			"qualifications": []any{map[string]any{"industry_qualification_type": "310",
				"industry_qualification_image": img}}}, "BUSINESS_LICENSE_URL_IS_EMPTY"},
		{map[string]any{"mcc": "B0205", "cert_image": img,
			"qualifications": []any{map[string]any{"industry_qualification_type": "310",
				"industry_qualification_image": img}}}, bad},
		{map[string]any{"contact_infos": map[string]any{"name": "王小明", "mobile": "13800000000"}}, bad},
		{map[string]any{"contact_infos": []any{}}, bad},
		{contact(map[string]any{"mobile": "13800000000"}), "CONTACT_PERSON_NAME_NULL"},
		{contact(map[string]any{"name": "王"}), "CONTACT_WAY_VALUE_NULL"},
		{contact(map[string]any{"name": "王", "mobile": "abc"}), bad},
		{contact(map[string]any{"name": "王", "mobile": "13800000000", "type": "BOSS"}), bad},
		{contact(map[string]any{"name": "王", "mobile": "13800000000", "tag": []string{"99"}}), bad},
		{map[string]any{"service": "wap支付"}, bad},
		{map[string]any{"service": []string{}}, bad},
		{map[string]any{"service": []string{"刷脸付"}}, bad},
		{map[string]any{"service": []string{"app支付"}}, bad},
		{map[string]any{"service": []string{"app支付"},
			"sites": []any{map[string]any{"site_type": "02", "site_name": "App"}}}, ""},
		{map[string]any{"service": []string{"jsapi支付"},
			"sites": []any{map[string]any{"site_type": "06", "site_name": "小程序"}}}, bad},
		{map[string]any{"service": []string{"jsapi支付"},
			"sites": []any{map[string]any{"site_type": "06", "tiny_app_id": "2021000000000002"}}}, ""},
		{map[string]any{"sites": nil}, bad},
		{map[string]any{"sites": map[string]any{"site_type": "01", "site_name": "x", "site_url": "https://a.cn"}}, bad},
		{map[string]any{"sites": []any{map[string]any{"site_type": "01", "site_name": "x"}}}, bad},
		{map[string]any{"sites": []any{map[string]any{"site_type": "01", "site_name": "x", "site_url": "nowhere"}}},
			bad},
		{map[string]any{"merchant_type": "08"}, bad},
		{map[string]any{"cert_type": "201"}, bad},
		{map[string]any{"cert_no": "110101199003070010"}, "ID_CARD_MSG_ILLEGAL"},
		{map[string]any{"cert_no": "110101199013070011"}, "ID_CARD_MSG_ILLEGAL"},
		{map[string]any{"cert_name": "店"}, bad},
		{map[string]any{"out_biz_no": "x"}, bad},
		{map[string]any{"sign_time_with_isv": "01.10.2026"}, bad},
		{map[string]any{"alipay_logon_id": nil}, bad},
		{map[string]any{"alipay_logon_id": "13800000001"}, bad},
		{map[string]any{"binding_alipay_logon_id": nil}, bad},
		{map[string]any{"binding_alipay_logon_id": "notexist@example.cn"}, "SETTLED_ALIPAYACCOUNT_NOT_EXIST"},
		{map[string]any{"binding_alipay_logon_id": "uncertified@simulator.example"}, "USER_ILLEGAL"},
		{map[string]any{"binding_alipay_logon_id": "abnormal@simulator.example"}, "USER_ILLEGAL"},
		{map[string]any{"binding_alipay_logon_id": "buyer@simulator.example"}, "BUSINESS_LICENSE_NAME_NOT_MATCH"},
		{map[string]any{"binding_alipay_logon_id": "not a login"}, bad},
		{map[string]any{"default_settle_rule": nil}, bad},
		{map[string]any{"default_settle_rule": map[string]any{"default_settle_type": "bankCard",
			"default_settle_target": "1"}}, "SETTLED_BANKCARD_NO_IS_EMPTY"},
		{map[string]any{"default_settle_rule": map[string]any{"default_settle_type": "cash",
			"default_settle_target": "1"}}, bad},
		{map[string]any{"biz_cards": card(nil)}, "BANK_CARD_TYPE_ILLEGAL"},
		{changed(face, map[string]any{"business_address": nil}), "BUSINESS_ADDRESS_IS_EMPTY"},
		{changed(face, map[string]any{"out_door_images": nil}), "SETTLED_OUTDOORIMAGE_EMPTY"},
		{changed(face, map[string]any{"out_door_images": img}), bad},
		{changed(face, map[string]any{"in_door_images": nil}), bad},
		{changed(face, map[string]any{"cert_image_back": nil}), bad},
		{changed(face, map[string]any{"out_door_images": []string{"no.jpg"}}), "OUTDOOR_IMAGE_OSSKEY_NOT_EXIST"},
		{changed(face, map[string]any{"out_door_images": []string{foreign}}), "OUTDOOR_IMAGE_OSSKEY_NOT_EXIST"},
		{changed(face, map[string]any{"cert_image": "no.jpg"}), "BUSINESS_LICENSE_OSSKEY_NOT_EXIST"},
		{changed(face, map[string]any{"cert_image_back": "no.jpg"}), "ATTACHMENT_CHECK_FAIL"},
		{addr(map[string]any{"province_code": "33"}), "ADDRESS_PROVINCE_CODE_ILLEGAL"},
		{addr(map[string]any{"city_code": "320100"}), "ADDRESS_CITY_CODE_ILLEGAL"},
		{addr(map[string]any{"district_code": "330206"}), "ADDRESS_DISTRICT_CODE_ILLEGAL"},
		{addr(map[string]any{"address": ""}), "SETTLED_BIZ_ADDRESS_ILLEGAL"},
		{addr(map[string]any{"address": "Road 1"}), "DETAIL_ADDRESS_NOT_CONTAINS_CHINESE_CHARACTER"},
		{map[string]any{"invoice_info": map[string]any{"auto_invoice": true}}, bad},
		{map[string]any{"external_id": "x-40004"}, bad},
		{map[string]any{"external_id": "x-conflict"}, "MERCHANT_ORDER_EXECUTE_CONFLICT"},
	} {
		form := person(fmt.Sprintf("p%d", i), c.change)
		if c.want == "" {
			p.ok(zftPrefix+"create", form)
			continue
		}
		if got := p.call(zftPrefix+"create", form); got["sub_code"] != c.want {
			t.Errorf("person with %v: %v, want %s", c.change, got, c.want)
		}
	}
	for i, c := range []struct {
		change map[string]any
		want   string
	}{
		{nil, ""},
		{map[string]any{"legal_name": nil}, bad},
		{map[string]any{"legal_cert_no": nil}, bad},
		{map[string]any{"legal_cert_no": "123"}, "ID_CARD_MSG_ILLEGAL"},
		{map[string]any{"legal_cert_no": "H12345678", "legal_cert_type": "105"}, ""},
		{map[string]any{"cert_no": "licence"}, "BUSINESS_LICENSE_ILLEGAL"},
		{map[string]any{"merchant_type": "07"}, bad},
		{map[string]any{"merchant_type": "07", "cert_name": "杭州示例网络科技有限公司",
			"biz_cards": card(map[string]any{"usage_type": "02"})}, ""},
		{map[string]any{"service": []string{"当面付"}, "business_address": place, "out_door_images": []string{img},
			"in_door_images": []string{img}, "cert_image": nil}, "BUSINESS_LICENSE_URL_IS_EMPTY"},
		{map[string]any{"biz_cards": bankCard()}, bad},
		{map[string]any{"biz_cards": []any{bankCard(), bankCard()}}, "SETTLED_CARD_SIZE_IS_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"account_holder_name": nil})},
			"SETTLED_ACCOUNTHOLDERNAME_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"account_no": nil})}, "SETTLED_BANKCARD_NO_IS_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"account_no": "123"})},
			"SETTLED_BANKCARD_NUMBER_LENGTH_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"account_inst_province": nil})},
			"SETTLED_BANKCARD_ACCOUNTINSTPROVINCE_IS_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"account_inst_city": nil})},
			"SETTLED_BANKCARD_ACCOUNTINSTCITY_IS_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"account_branch_name": nil})},
			"SETTLED_ACCOUNTBRANCHNAME_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"account_branch_name": "somewhere"})},
			"BANK_BRANCH_NAME_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"usage_type": nil})}, "SETTLED_USAGETYPE_IS_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"usage_type": "03"})}, "SETTLED_USAGETYPE_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"usage_type": "02"})}, "SETTLED_USAGETYPE_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"account_type": nil})}, "SETTLED_CARD_ACCOUNTTYPE_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"account_type": "CC"})}, "BANK_CARD_TYPE_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"account_type": "XX"})}, "SETTLED_CARD_ACCOUNTTYPE_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"account_inst_name": nil})}, "SETTLED_ACCOUNTINSTNAME_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"account_inst_id": nil})}, "SETTLED_CARD_ACCOUNTINSTID_EMPTY"},
		{map[string]any{"biz_cards": card(map[string]any{"account_inst_id": "cmb1"})}, "BANK_ACCOUNTINSTID_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"bank_code": "12"})}, "BANK_CODE_ILLEGAL"},
		{map[string]any{"biz_cards": card(map[string]any{"account_holder_name": "别人"})}, bad},
		{map[string]any{"biz_cards": card(map[string]any{"account_holder_name": "别人"}),
			"license_auth_letter_image": img}, ""},
		{map[string]any{"biz_cards": card(map[string]any{"account_no": "571900000010002"})}, bad},
	} {
		form := company(p, fmt.Sprintf("c%d", i), c.change)
		if c.want == "" {
			p.ok(zftPrefix+"create", form)
			continue
		}
		if got := p.call(zftPrefix+"create", form); got["sub_code"] != c.want {
			t.Errorf("company with %v: %v, want %s", c.change, got, c.want)
		}
	}
	p.quiet()
}
