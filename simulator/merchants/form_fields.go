package merchants

import (
	"slices"

	"zhitong/simulator/protocol"
)

// Services a merchant can open (service, Chinese literals).
const (
	serviceFace      = "当面付"
	serviceJSAPI     = "jsapi支付"
	serviceApp       = "app支付"
	serviceWap       = "wap支付"
	servicePC        = "电脑支付"
	serviceFreeze    = "预授权支付"
	serviceWithhold  = "商户代扣"
	serviceMini      = "小程序支付"
	serviceOrderCode = "订单码支付"
)

func allServices() []string {
	return []string{serviceFace, serviceJSAPI, serviceApp, serviceWap, servicePC, serviceFreeze, serviceWithhold,
		serviceMini, serviceOrderCode}
}

// Merchant types (merchant_type) whose rules differ from an enterprise's.
const (
	typePerson = "06"
	typeSole   = "07"
)

// certOf is the certificate that each merchant type shows.
func certOf() map[string]string {
	return map[string]string{"01": "201", "02": "218", "03": "204", "04": "206", "05": "219", typePerson: "100",
		typeSole: "201"}
}

func additionalCerts() []string { return []string{"201", "204", "206", "218", "219"} }

// The tables of shared objects. Where the documentation has a code of its own for an empty field, the row is not
// Required: zft_check.go answers.

func contactFields() []protocol.Field {
	return []protocol.Field{
		{Name: "name", Max: 85}, {Name: "mobile", Max: 20}, {Name: "phone", Max: 20}, {Name: "email", Max: 128},
		{Name: "id_card_no", Max: 32},
		{Name: "type", Max: 32, Enum: []string{"LEGAL_PERSON", "CONTROLLER", "AGENT", "OTHER"}},
		{Name: "tag", Kind: protocol.KindStrings},
	}
}

func ruleFields() []protocol.Field {
	return []protocol.Field{
		{Name: "default_settle_type", Required: true, Max: 64, Enum: []string{ruleCard, ruleAlipay}},
		{Name: "default_settle_target", Required: true, Max: 64},
	}
}

func cardFields() []protocol.Field {
	return []protocol.Field{
		{Name: "account_holder_name", Max: 64}, {Name: "account_no", Max: 64}, {Name: "account_inst_province", Max: 10},
		{Name: "account_inst_city", Max: 10},
		{Name: "account_branch_name", Max: 64}, {Name: "usage_type", Max: 64}, {Name: "account_type", Max: 64},
		{Name: "account_inst_name", Max: 20},
		{Name: "account_inst_id", Max: 64}, {Name: "bank_code", Max: 64},
	}
}

func addressFields() []protocol.Field {
	return []protocol.Field{
		{Name: "province_code", Max: 10}, {Name: "city_code", Max: 10}, {Name: "district_code", Max: 10},
		{Name: "address", Max: 256},
		{Name: "poiid", Max: 16}, {Name: "longitude", Max: 11}, {Name: "latitude", Max: 10}, {Name: "type", Max: 64},
	}
}

func siteFields() []protocol.Field {
	return []protocol.Field{
		{Name: "site_type", Required: true, Max: 10, Enum: []string{"01", "02", "03", "04", "05", "06", "07"}},
		{Name: "site_url", Max: 256}, {Name: "site_name", Max: 128},
		{Name: "tiny_app_id", Max: 64}, {Name: "screenshot_image", Max: 256}, {Name: "account", Max: 64},
		{Name: "password", Max: 128},
		{Name: "status", Max: 20, Enum: []string{"ONLINE", "ONLINE_INNER", "OFFLINE"}}, {Name: "site_domain", Max: 256},
		{Name: "icp_no", Max: 64},
		{Name: "icp_org_name", Max: 256}, {Name: "icp_service_name", Max: 128}, {Name: "auth_letter_image", Max: 256},
		{Name: "remark", Max: 512},
		{Name: "remark_image", Max: 256}, {Name: "download", Max: 256}, {Name: "market", Max: 128},
	}
}

func qualificationFields() []protocol.Field {
	return []protocol.Field{{Name: "industry_qualification_type", Required: true, Max: 6},
		{Name: "industry_qualification_image", Required: true, Max: 256}}
}

func invoiceFields() []protocol.Field {
	return []protocol.Field{
		{Name: "auto_invoice", Required: true, Kind: protocol.KindBool},
		{Name: "accept_electronic", Required: true, Kind: protocol.KindBool},
		{Name: "tax_payer_qualification", Required: true, Max: 10, Enum: []string{"01", "02"}},
		{Name: "title", Required: true, Max: 9999},
		{Name: "tax_no", Required: true, Max: 64},
		{Name: "tax_payer_valid", Required: true, Max: 8, Form: protocol.IsDigits},
		{Name: "address", Required: true, Max: 64},
		{Name: "telephone", Required: true, Max: 12}, {Name: "bank_account", Required: true, Max: 32},
		{Name: "bank_name", Required: true, Max: 64},
		{Name: "mail_name", Required: true, Max: 64},
		{Name: "mail_address", Required: true, Kind: protocol.KindObject, Fields: addressFields()},
		{Name: "mail_telephone", Required: true, Max: 64},
	}
}

func withholdingFields() []protocol.Field {
	return []protocol.Field{
		{Name: "withholding_service_feature_name", Max: 64,
			Enum: []string{"GENERAL_WITHHOLDING_P", "CYCLE_PAY_AUTH_P", "ONE_TIME_AUTH_P", "NOPWD_P"}},
		{Name: "sign_scene", Max: 64},
	}
}

// subjectFields are the identity papers of create, consult and (without the certificate's number and name) modify.
func subjectFields(required bool) []protocol.Field {
	return []protocol.Field{
		{Name: "merchant_type", Required: required, Max: 20,
			Enum: []string{"01", "02", "03", "04", "05", typePerson, typeSole}},
		{Name: "cert_type", Required: required, Max: 20}, {Name: "cert_image", Max: 256},
		{Name: "cert_image_back", Max: 256},
		{Name: "legal_name", Max: 64}, {Name: "legal_cert_no", Max: 18},
		{Name: "legal_cert_type", Max: 8, Enum: []string{"100", "105", "106", "108"}},
		{Name: "legal_cert_front_image", Max: 256}, {Name: "legal_cert_back_image", Max: 256},
	}
}

// extraCertFields are the three that go together: an individual's licence.
func extraCertFields(required bool) []protocol.Field {
	return []protocol.Field{
		{Name: "additional_cert_type", Required: required, Max: 20, Enum: additionalCerts()},
		{Name: "additional_cert_no", Required: required, Max: 20},
		{Name: "additional_cert_image", Required: required, Max: 256},
	}
}

// shape says whether contacts, sites, cards and shop images are lists (create, quickcreate, consult, modify) or single
// values (simplecreate, settlementmodify): the documentation's trap.
type shape bool

const (
	lists   shape = true
	singles shape = false
)

func (s shape) objects(name string, fields []protocol.Field) protocol.Field {
	if s == lists {
		return protocol.Field{Name: name, Kind: protocol.KindArray, Fields: fields}
	}
	return protocol.Field{Name: name, Kind: protocol.KindObject, Fields: fields}
}

func (s shape) images(name string) protocol.Field {
	if s == lists {
		return protocol.Field{Name: name, Kind: protocol.KindStrings, Max: 10}
	}
	return protocol.Field{Name: name, Max: 256}
}

// commonFields are what every application has. required is false in modify, where what is absent stays as it was.
func commonFields(s shape, required bool) []protocol.Field {
	return []protocol.Field{
		{Name: "external_id", Required: required, Max: 64}, {Name: "alias_name", Required: required, Max: 512},
		{Name: "mcc", Required: required, Max: 10},
		{Name: "service", Required: required, Kind: protocol.KindStrings, Max: 20},
		s.objects("contact_infos", contactFields()),
		{Name: "default_settle_rule", Required: required, Kind: protocol.KindObject, Fields: ruleFields()},
		{Name: "alipay_logon_id", Max: 64}, s.objects("biz_cards", cardFields()), s.objects("sites", siteFields()),
		{Name: "business_address", Kind: protocol.KindObject, Fields: addressFields()}, s.images("out_door_images"),
		s.images("in_door_images"),
		{Name: "qualifications", Kind: protocol.KindArray, Max: 20, Fields: qualificationFields()},
		{Name: "license_auth_letter_image", Max: 256},
		{Name: "service_phone", Max: 20}, {Name: "sign_time_with_isv", Max: 20, Form: isDate},
		{Name: "invoice_info", Kind: protocol.KindObject, Fields: invoiceFields()},
		{Name: "info_source_open_id", Max: 128}, {Name: "info_source_uid", Max: 16},
		{Name: "oversea_settle_open_id", Max: 128}, {Name: "oversea_settle_account", Max: 32},
	}
}

func sceneFields() []protocol.Field {
	return []protocol.Field{{Name: "trade_scene", Kind: protocol.KindStrings, Max: 32},
		{Name: "zft_withholding_info", Kind: protocol.KindObject, Fields: withholdingFields()}}
}

func createFields() []protocol.Field {
	return slices.Concat(commonFields(lists, true), subjectFields(true), []protocol.Field{
		{Name: "name", Required: true, Max: 128}, {Name: "cert_no", Required: true, Max: 20},
		{Name: "cert_name", Max: 128},
		{Name: "binding_alipay_logon_id", Required: true, Max: 100}, {Name: "merchant_nature", Max: 64},
		{Name: "out_biz_no", Max: 90},
	})
}

func consultFields() []protocol.Field {
	return slices.Concat(commonFields(lists, true), subjectFields(true), extraCertFields(false), sceneFields(),
		[]protocol.Field{
			{Name: "name", Required: true, Max: 128}, {Name: "cert_no", Required: true, Max: 20},
			{Name: "cert_name", Max: 128},
			{Name: "binding_alipay_logon_id", Required: true, Max: 100}, {Name: "out_biz_no", Max: 90},
		})
}

func simpleFields(s shape) []protocol.Field {
	return slices.Concat(commonFields(s, true), extraCertFields(false), []protocol.Field{
		{Name: "name", Max: 128}, {Name: "binding_alipay_logon_id", Required: true, Max: 100},
	})
}

func modifyFields() []protocol.Field {
	return slices.Concat(commonFields(lists, false), subjectFields(false), extraCertFields(false), sceneFields(),
		[]protocol.Field{
			{Name: "smid", Max: 32}, {Name: "name", Max: 128}, {Name: "binding_alipay_logon_id", Max: 100},
		})
}

func settlementFields() []protocol.Field {
	return []protocol.Field{
		{Name: "smid", Required: true, Max: 32}, {Name: "alipay_logon_id", Max: 64},
		singles.objects("biz_cards", cardFields()),
		{Name: "default_settle_rule", Required: true, Kind: protocol.KindObject, Fields: ruleFields()},
		{Name: "license_auth_letter_image", Max: 256},
	}
}

func upgradeFields() []protocol.Field {
	return slices.Concat([]protocol.Field{{Name: "smid", Required: true, Max: 32}}, extraCertFields(true))
}
