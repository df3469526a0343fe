package merchants

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Values of default_settle_rule.default_settle_type.
const (
	ruleCard   = "bankCard"
	ruleAlipay = "alipayAccount"
)

// form is one application's data in the array shape, with what its checks need to know. Each check answers with
// Alipay's sub_code.
type form struct {
	protocol.Object
	tx  *state.Tx
	pid string
	// create, consult, modify: identity papers are in the form; otherwise the binding account tells who this is
	papers bool
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// listed brings the single-value shape of simplecreate and settlementmodify to lists, so that one set of rules serves
// both.
func listed(o protocol.Object) protocol.Object {
	out := protocol.Object{}
	for k, v := range o {
		switch k {
		case "contact_infos", "sites", "biz_cards":
			if one, ok := v.(protocol.Object); ok {
				v = []any{one}
			}
		case "out_door_images", "in_door_images":
			if one, ok := v.(string); ok && one != "" {
				v = []any{one}
			}
		}
		out[k] = v
	}
	return out
}

// badForm is the general refusal of onboarding.
func badForm(path, why string) error {
	return protocol.Refuse("INVALID_PARAMETER", "参数有误："+path+" "+why)
}

// check runs every rule of the documentation that a field table cannot express.
func (f *form) check() error {
	for _, rule := range []func() error{f.checkContacts, f.checkServices, f.checkSubject, f.checkAccounts,
		f.checkSettlement, f.checkPlace, f.checkSites, f.checkCategory, f.checkImages} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

func (f *form) person() bool { return f.Str("merchant_type") == typePerson }

func (f *form) opens(services ...string) bool {
	return slices.ContainsFunc(f.Strs("service"), func(s string) bool { return slices.Contains(services, s) })
}

func (f *form) checkContacts() error {
	list := f.List("contact_infos")
	if len(list) == 0 {
		return badForm("contact_infos", "不能为空")
	}
	for i, c := range list {
		switch {
		case !c.Has("name"):
			return protocol.Refuse("CONTACT_PERSON_NAME_NULL", "联系人姓名不能为空")
		case !c.Has("mobile"):
			return protocol.Refuse("CONTACT_WAY_VALUE_NULL", "联系人手机号不能为空")
		case !regexp.MustCompile(`^\+?\d{6,19}$`).MatchString(c.Str("mobile")):
			return badForm(fmt.Sprintf("contact_infos[%d].mobile", i), "格式错误")
		}
		for _, tag := range c.Strs("tag") {
			if !slices.Contains([]string{"02", "06", "08", "11"}, tag) {
				return badForm(fmt.Sprintf("contact_infos[%d].tag", i), "取值错误")
			}
		}
	}
	return nil
}

func (f *form) checkServices() error {
	known := allServices()
	if !f.papers {
		known = append(known, "线上资金预授权", "新当面资金授权")
	}
	list := f.Strs("service")
	if len(list) == 0 {
		return badForm("service", "不能为空")
	}
	for i, s := range list {
		if !slices.Contains(known, s) || slices.Contains(list[:i], s) {
			return badForm(fmt.Sprintf("service[%d]", i), "取值错误："+s)
		}
	}
	for i, s := range f.Strs("trade_scene") {
		if !slices.Contains([]string{"TINY_APP", "WAP", "OFFLINE", "APP", "PC"}, s) {
			return badForm(fmt.Sprintf("trade_scene[%d]", i), "取值错误")
		}
	}
	if f.Has("zft_withholding_info") && !f.opens(serviceWithhold) {
		return badForm("zft_withholding_info", "仅商户代扣可传")
	}
	return nil
}

// checkSubject is the matrix of merchant type against papers.
func (f *form) checkSubject() error {
	if extra := []bool{f.Has("additional_cert_type"), f.Has("additional_cert_no"),
		f.Has("additional_cert_image")}; slices.Contains(extra, true) && slices.Contains(extra, false) {
		return badForm("additional_cert_type,additional_cert_no,additional_cert_image", "必须同时传入")
	}
	if !f.papers {
		return nil
	}
	if f.Has("out_biz_no") {
		return badForm("out_biz_no", "已废弃，请勿传入")
	}
	mt, ct := f.Str("merchant_type"), f.Str("cert_type")
	if ct != certOf()[mt] && (ct != "2011" || certOf()[mt] != "201") {
		return badForm("cert_type", "与 merchant_type "+mt+" 不匹配")
	}
	if err := certNumber(ct, f.Str("cert_no")); err != nil {
		return err
	}
	switch {
	case mt == typeSole && !f.Has("cert_name"):
		return badForm("cert_name", "个体工商户必填")
	case mt != typeSole && f.Has("cert_name"):
		return badForm("cert_name", "仅个体工商户可传")
	case mt == typePerson:
		return nil
	case !f.Has("legal_name"):
		return badForm("legal_name", "不能为空")
	case !f.Has("legal_cert_no"):
		return badForm("legal_cert_no", "不能为空")
	}
	if lt := f.Str("legal_cert_type"); (lt == "" || lt == "100") && !ValidIDCard(f.Str("legal_cert_no")) {
		return protocol.Refuse("ID_CARD_MSG_ILLEGAL", "法人身份证号不合法")
	}
	return nil
}

// certNumber checks the form of a certificate's number; the registers behind it are not simulated.
func certNumber(certType, no string) error {
	switch certType {
	case "100":
		if !ValidIDCard(no) {
			return protocol.Refuse("ID_CARD_MSG_ILLEGAL", "身份证号不合法")
		}
	case "201", "2011":
		if !regexp.MustCompile(`^([0-9A-HJ-NP-RTUW-Y]{18}|\d{15})$`).MatchString(no) {
			return protocol.Refuse("BUSINESS_LICENSE_ILLEGAL", "营业执照号不合法")
		}
	}
	return nil
}

// ValidIDCard checks form, birthday and check digit of a mainland ID number (GB 11643).
func ValidIDCard(no string) bool {
	if len(no) != 18 || !protocol.IsDigits(no[:17]) {
		return false
	}
	if _, err := time.Parse("20060102", no[6:14]); err != nil {
		return false
	}
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(no[i]-'0') * w
	}
	return strings.ToUpper(no[17:]) == string("10X98765432"[sum%11])
}

// noSuchAccount begins a login that has no Alipay account. Any other unknown login belongs to the merchant named in the
// form.
const noSuchAccount = "notexist"

// checkAccounts looks at the two Alipay accounts: real-name verified, and of the same name as the merchant.
func (f *form) checkAccounts() error {
	for _, name := range []string{"binding_alipay_logon_id", "alipay_logon_id"} {
		logon := f.Str(name)
		if logon == "" {
			continue
		}
		a, err := state.FindAccount(f.tx, logon)
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(logon, noSuchAccount):
			return protocol.Refuse("SETTLED_ALIPAYACCOUNT_NOT_EXIST", "支付宝账号不存在："+state.MaskLogon(logon))
		case !looksLikeLogon(logon):
			return badForm(name, "应为邮箱或手机号")
		case a == nil:
		case !a.Certified || a.Blocked:
			return protocol.Refuse("USER_ILLEGAL", "支付宝账号未实名或状态异常："+state.MaskLogon(logon))
		case f.papers && a.Name != f.Str("name") && (f.Str("cert_name") == "" || a.Name != f.Str("cert_name")):
			return protocol.Refuse("BUSINESS_LICENSE_NAME_NOT_MATCH", "支付宝账号主体与商户名称不一致："+state.MaskLogon(logon))
		}
	}
	return nil
}

func looksLikeLogon(s string) bool {
	return regexp.MustCompile(`^(1\d{10}|[^@\s]+@[^@\s]+\.[^@\s]+)$`).MatchString(s)
}

// checkSettlement: where money goes by default must be one of the accounts that were named.
func (f *form) checkSettlement() error {
	cards := f.List("biz_cards")
	if len(cards) > 1 {
		return protocol.Refuse("SETTLED_CARD_SIZE_IS_ILLEGAL", "结算银行卡只能有一张")
	}
	if len(cards) == 1 {
		if err := f.checkCard(cards[0]); err != nil {
			return err
		}
	}
	rule := f.Obj("default_settle_rule")
	target := rule.Str("default_settle_target")
	switch rule.Str("default_settle_type") {
	case ruleCard:
		if len(cards) == 0 {
			return protocol.Refuse("SETTLED_BANKCARD_NO_IS_EMPTY", "结算银行卡不能为空")
		}
		if cards[0].Str("account_no") != target {
			return badForm("default_settle_rule.default_settle_target", "与 biz_cards 中的卡号不一致")
		}
	case ruleAlipay:
		if !f.Has("alipay_logon_id") {
			return badForm("alipay_logon_id", "结算到支付宝账号时必填")
		}
		if f.Str("alipay_logon_id") != target {
			return badForm("default_settle_rule.default_settle_target", "与 alipay_logon_id 不一致")
		}
	default:
		return badForm("default_settle_rule", "不能为空")
	}
	return nil
}

// checkCard is one settlement card. The order is that of the documentation's table.
func (f *form) checkCard(c protocol.Object) error {
	if f.person() {
		return protocol.Refuse("BANK_CARD_TYPE_ILLEGAL", "个人商户不支持结算到银行卡")
	}
	for _, need := range []struct{ name, code, text string }{
		{"account_holder_name", "SETTLED_ACCOUNTHOLDERNAME_EMPTY", "卡户名不能为空"},
		{"account_no", "SETTLED_BANKCARD_NO_IS_EMPTY", "银行卡号不能为空"},
		{"account_inst_province", "SETTLED_BANKCARD_ACCOUNTINSTPROVINCE_IS_EMPTY", "开户行所在省不能为空"},
		{"account_inst_city", "SETTLED_BANKCARD_ACCOUNTINSTCITY_IS_EMPTY", "开户行所在市不能为空"},
		{"account_branch_name", "SETTLED_ACCOUNTBRANCHNAME_EMPTY", "开户支行名不能为空"},
		{"usage_type", "SETTLED_USAGETYPE_IS_EMPTY", "账号使用类型不能为空"},
		{"account_type", "SETTLED_CARD_ACCOUNTTYPE_EMPTY", "卡类型不能为空"},
		{"account_inst_name", "SETTLED_ACCOUNTINSTNAME_EMPTY", "银行名称不能为空"},
		{"account_inst_id", "SETTLED_CARD_ACCOUNTINSTID_EMPTY", "银行缩写不能为空"},
	} {
		if !c.Has(need.name) {
			return protocol.Refuse(need.code, need.text)
		}
	}
	usage := c.Str("usage_type")
	switch {
	case !protocol.IsDigits(c.Str("account_no")) || len(c.Str("account_no")) < 8 || len(c.Str("account_no")) > 20:
		return protocol.Refuse("SETTLED_BANKCARD_NUMBER_LENGTH_ILLEGAL", "银行卡号长度不合法")
	case usage != "01" && usage != "02":
		return protocol.Refuse("SETTLED_USAGETYPE_ILLEGAL", "账号使用类型不合法")
	case usage == "02" && f.papers && f.Str("merchant_type") != typeSole:
		return protocol.Refuse("SETTLED_USAGETYPE_ILLEGAL", "仅个体工商户可结算到对私卡")
	case c.Str("account_type") == "CC":
		return protocol.Refuse("BANK_CARD_TYPE_ILLEGAL", "不支持信用卡")
	case c.Str("account_type") != "DC":
		return protocol.Refuse("SETTLED_CARD_ACCOUNTTYPE_ILLEGAL", "卡类型不合法")
	case !regexp.MustCompile(`^[A-Z]{2,10}$`).MatchString(c.Str("account_inst_id")):
		return protocol.Refuse("BANK_ACCOUNTINSTID_ILLEGAL", "银行缩写不合法")
	case c.Has("bank_code") && !regexp.MustCompile(`^\d{12}$`).MatchString(c.Str("bank_code")):
		return protocol.Refuse("BANK_CODE_ILLEGAL", "联行号不合法")
	case !strings.Contains(c.Str("account_branch_name"), "行") && !strings.Contains(c.Str("account_branch_name"), "社"):
		return protocol.Refuse("BANK_BRANCH_NAME_ILLEGAL", "开户支行名不合法")
	case f.papers && c.Str("account_holder_name") != f.Str("name") && !f.Has("license_auth_letter_image"):
		return badForm("license_auth_letter_image", "卡户名与商户名称不一致时必填")
	}
	return nil
}

// checkPlace is what 当面付 asks for: an address and pictures of the shop.
func (f *form) checkPlace() error {
	if addr := f.Obj("business_address"); len(addr) > 0 {
		if err := checkAddress(addr); err != nil {
			return err
		}
	}
	if !f.opens(serviceFace) {
		return nil
	}
	switch {
	case len(f.Obj("business_address")) == 0:
		return protocol.Refuse("BUSINESS_ADDRESS_IS_EMPTY", "经营地址不能为空")
	case len(f.Strs("out_door_images")) == 0:
		return protocol.Refuse("SETTLED_OUTDOORIMAGE_EMPTY", "门头照不能为空")
	case len(f.Strs("in_door_images")) == 0:
		return badForm("in_door_images", "开通当面付时必填")
	case f.papers && !f.person() && !f.Has("cert_image"):
		return protocol.Refuse("BUSINESS_LICENSE_URL_IS_EMPTY", "营业执照图片不能为空")
	case f.papers && f.person() && !f.Has("cert_image_back"):
		return badForm("cert_image_back", "个人商户开通当面付时必填")
	}
	return nil
}

// checkAddress checks the three national division codes against each other and the text.
func checkAddress(a protocol.Object) error {
	p, c, d, text := a.Str("province_code"), a.Str("city_code"), a.Str("district_code"), a.Str("address")
	six := func(s string) bool { return len(s) == 6 && protocol.IsDigits(s) }
	switch {
	case !six(p) || p[2:] != "0000" || p < "110000" || p > "820000":
		return protocol.Refuse("ADDRESS_PROVINCE_CODE_ILLEGAL", "省份编码不合法")
	case !six(c) || c[:2] != p[:2] || c[4:] != "00" || c[2:4] == "00":
		return protocol.Refuse("ADDRESS_CITY_CODE_ILLEGAL", "城市编码不合法")
	case !six(d) || d[:4] != c[:4] || d[4:] == "00":
		return protocol.Refuse("ADDRESS_DISTRICT_CODE_ILLEGAL", "区县编码不合法")
	case text == "":
		return protocol.Refuse("SETTLED_BIZ_ADDRESS_ILLEGAL", "详细地址不能为空")
	case !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		return protocol.Refuse("DETAIL_ADDRESS_NOT_CONTAINS_CHINESE_CHARACTER", "详细地址必须包含中文")
	}
	return nil
}

// checkSites is the matrix of services against sites.
func (f *form) checkSites() error {
	sites := f.List("sites")
	has := func(types string, need ...string) bool {
		return slices.ContainsFunc(sites, func(s protocol.Object) bool {
			return strings.Contains(types, s.Str("site_type")) && !slices.ContainsFunc(need, func(n string) bool {
				return !s.Has(n)
			})
		})
	}
	switch {
	case f.opens(servicePC, serviceWap) && !has("01", "site_url", "site_name"):
		return badForm("sites", "开通电脑支付、wap支付时须有 site_type=01 且填写 site_url、site_name 的站点")
	case f.opens(serviceApp) && !has("02 06", "site_name"):
		return badForm("sites", "开通app支付时须有 site_type=02 或 06 且填写 site_name 的站点")
	case f.opens(serviceJSAPI) && !has("06", "tiny_app_id"):
		return badForm("sites", "开通jsapi支付时须有 site_type=06 且填写 tiny_app_id 的站点")
	}
	if slices.ContainsFunc(f.Strs("trade_scene"), func(s string) bool {
		return s == "WAP" || s == "APP" || s == "PC"
	}) {
		for i, s := range sites {
			if !s.Has("screenshot_image") {
				return badForm(fmt.Sprintf("sites[%d].screenshot_image", i), "trade_scene 含 WAP、APP、PC 时必填")
			}
		}
	}
	for i, s := range sites {
		if u := s.Str("site_url"); u != "" && !regexp.MustCompile(`^(https?://)?[^\s/]+\.[^\s]+$`).MatchString(u) {
			return badForm(fmt.Sprintf("sites[%d].site_url", i), "格式错误")
		}
	}
	return nil
}

// checkCategory: the code must exist; a special industry shows its qualification and everybody's papers.
func (f *form) checkCategory() error {
	row, ok := categories()[f.Str("mcc")]
	if !ok {
		return badForm("mcc", "类目不存在："+f.Str("mcc"))
	}
	list := f.List("qualifications")
	for _, q := range list {
		if t := q.Str("industry_qualification_type"); len(t) != 3 || !protocol.IsDigits(t) {
			return protocol.Refuse("SETTLED_INDUSTRYQUALIFICATIONTYPE_IS_ILLEGAL", "行业资质类型不合法")
		}
	}
	if !row.Special {
		return nil
	}
	if len(list) == 0 {
		return protocol.Refuse("INDUSTRY_QUALIFICATION_IS_EMPTY", "特殊行业资质不能为空："+row.Name2)
	}
	if !f.papers {
		return nil
	}
	if !f.Has("cert_image") {
		return protocol.Refuse("BUSINESS_LICENSE_URL_IS_EMPTY", "特殊行业须上传证件照片")
	}
	for _, name := range []string{"legal_cert_front_image", "legal_cert_back_image"} {
		if !f.Has(name) {
			return badForm(name, "特殊行业必填")
		}
	}
	return nil
}

// checkImages: every picture named must have been uploaded by this PID.
func (f *form) checkImages() error {
	type ref struct{ path, id, code string }
	var refs []ref
	for _, name := range []string{"cert_image", "cert_image_back", "legal_cert_front_image", "legal_cert_back_image",
		"license_auth_letter_image", "additional_cert_image"} {
		code := "ATTACHMENT_CHECK_FAIL"
		if name == "cert_image" || name == "additional_cert_image" {
			code = "BUSINESS_LICENSE_OSSKEY_NOT_EXIST"
		}
		refs = append(refs, ref{name, f.Str(name), code})
	}
	for _, id := range f.Strs("out_door_images") {
		refs = append(refs, ref{"out_door_images", id, "OUTDOOR_IMAGE_OSSKEY_NOT_EXIST"})
	}
	for _, id := range f.Strs("in_door_images") {
		refs = append(refs, ref{"in_door_images", id, "ATTACHMENT_CHECK_FAIL"})
	}
	for _, q := range f.List("qualifications") {
		refs = append(refs, ref{"qualifications", q.Str("industry_qualification_image"), "ATTACHMENT_CHECK_FAIL"})
	}
	for _, s := range f.List("sites") {
		for _, name := range []string{"screenshot_image", "auth_letter_image", "remark_image"} {
			refs = append(refs, ref{"sites." + name, s.Str(name), "ATTACHMENT_CHECK_FAIL"})
		}
	}
	for _, r := range refs {
		if r.id == "" {
			continue
		}
		known, err := hasImage(f.tx, f.pid, r.id)
		if err != nil {
			return err
		}
		if !known {
			return protocol.Refuse(r.code, "图片不存在："+r.path)
		}
	}
	return nil
}
