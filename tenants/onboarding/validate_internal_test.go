package onboarding

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"zhitong/internal/fault"
)

// enterprise is a complete form of an ordinary business that takes payments by QR code and settles to its company's
// card.
func enterprise() Form {
	return Form{
		Name: "杭州示例网络科技有限公司", AliasName: "示例充值", MerchantType: "01", MCC: "B0125", CertNo: "91330100MA0000000C",
		LegalName:   "李四",
		LegalCertNo: "330106198001011231", ContactName: "赵六", ContactMobile: "13900000000",
		ContactEmail: "ops@example.cn", ServicePhone: "4000000000",
		Service: []string{"当面付", "wap支付", "app支付"}, SiteURL: "https://pay.example.cn", SiteName: "示例充值",
		BusinessAddress: &BusinessAddress{
			ProvinceCode: "330000",
			CityCode:     "330100",
			DistrictCode: "330106",
			Address:      "示例路1号",
		},
		BindingAlipayLogonID: "finance@example.cn",
		SettleCard: &SettleCard{
			HolderName: "杭州示例网络科技有限公司",
			No:         "571900000010001",
			Province:   "浙江省",
			City:       "杭州市",
			Branch:     "招商银行股份有限公司杭州分行",
			Usage:      "01",
			BankName:   "招商银行",
			BankID:     "CMB",
			BankCode:   "308331012001",
		},
	}
}

func enterpriseImages() []string { return []string{imageCert, imageOutDoor, imageInDoor} }

// individual is a complete form of a person who sells on the web and settles to an Alipay account.
func individual() Form {
	return Form{
		Name:          "王小明",
		AliasName:     "小明数卡铺",
		MerchantType:  "06",
		MCC:           "B0125",
		CertNo:        "110101199003070011",
		ContactName:   "王小明",
		ContactMobile: "13800000000",
		Service: []string{
			"wap支付",
			"电脑支付",
		},
		SiteURL:              "https://shop.example.cn",
		SiteName:             "小明数卡铺",
		AlipayLogonID:        "13800000000",
		BindingAlipayLogonID: "13800000000",
	}
}

// sole is a complete form of a sole proprietor who settles to a private card.
func sole() Form {
	f := enterprise()
	f.MerchantType, f.CertNo, f.CertName, f.Name, f.LegalName = "07", "92330100MA00000009", "杭州市西湖区示例便利店", "王五", "王五"
	f.SettleCard.HolderName, f.SettleCard.Usage, f.SettleCard.No = "王五", "02", "6225000000000001"
	return f
}

func identityOf(prefix string) string { return prefix + checkDigit(prefix) }

func checkDigit(first17 string) string {
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(first17[i]-'0') * w
	}
	return string("10X98765432"[sum%11])
}

func TestCompleteForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form   func() Form
		images []string
	}{
		"enterprise": {enterprise, enterpriseImages()}, "sole proprietor": {sole, enterpriseImages()},
		"individual": {individual, nil},
	} {
		f := c.form()
		if f.LegalCertNo != "" {
			f.LegalCertNo = identityOf(f.LegalCertNo[:17])
		}
		if f.MerchantType == typeIndividual {
			f.CertNo = identityOf(f.CertNo[:17])
		}
		if err := check(f, c.images); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every rule once: what is broken, and the one fault that it makes.
func TestCheckRules(t *testing.T) {
	t.Parallel()
	pictures := enterpriseImages()
	special := []string{imageCert, imageOutDoor, imageInDoor, imageLegalFront, imageLegalBack, imageQualification}
	for _, c := range []struct {
		name    string
		base    func() Form
		images  []string
		change  func(*Form)
		pointer string
		code    string
	}{
		{"no name", enterprise, append(slices.Clone(pictures), imageAuthLetter), func(f *Form) {
			f.Name = " "
		}, "/name", fieldRequired},
		{"no alias", enterprise, pictures, func(f *Form) { f.AliasName = "" }, "/alias_name", fieldRequired},
		{"long alias", enterprise, pictures, func(f *Form) {
			f.AliasName = strings.Repeat("示", 129)
		}, "/alias_name", fieldLength},
		{"unknown type", enterprise, pictures, func(f *Form) { f.MerchantType = "08" }, "/merchant_type", fieldEnum},
		{"no certificate", enterprise, pictures, func(f *Form) { f.CertNo = "" }, "/cert_no", fieldRequired},
		{"licence with I", enterprise, pictures, func(f *Form) {
			f.CertNo = "91330100MAI0000000"
		}, "/cert_no", fieldFormat},
		{"licence of 17", enterprise, pictures, func(f *Form) {
			f.CertNo = "91330100MA0000000"
		}, "/cert_no", fieldFormat},
		{"licence mistyped", enterprise, pictures, func(f *Form) {
			f.CertNo = "91330100MA000000C0"
		}, "/cert_no", fieldChecksum},
		{"identity mistyped", individual, nil, func(f *Form) {
			f.CertNo = "11010119900307001" + other(checkDigit("11010119900307001"))
		}, "/cert_no", fieldChecksum},
		{"identity birthday", individual, nil, func(f *Form) {
			f.CertNo = identityOf("11010119901307001")
		}, "/cert_no", fieldChecksum},
		{"identity form", individual, nil, func(f *Form) { f.CertNo = "11010119900307001x" }, "/cert_no", fieldFormat},
		{"no legal person", enterprise, pictures, func(f *Form) { f.LegalName = "" }, "/legal_name", fieldRequired},
		{"no legal number", enterprise, pictures, func(f *Form) {
			f.LegalCertNo = ""
		}, "/legal_cert_no", fieldRequired},
		{"sole without licence name", sole, pictures, func(f *Form) { f.CertName = "" }, "/cert_name", fieldRequired},
		{"enterprise with licence name", enterprise, pictures, func(f *Form) {
			f.CertName = "x"
		}, "/cert_name", fieldNotAllowed},
		{"no contact", enterprise, pictures, func(f *Form) { f.ContactName = "" }, "/contact_name", fieldRequired},
		{"no mobile", enterprise, pictures, func(f *Form) { f.ContactMobile = "" }, "/contact_mobile", fieldRequired},
		{"mobile with letters", enterprise, pictures, func(f *Form) {
			f.ContactMobile = "139-0000-0000"
		}, "/contact_mobile", fieldFormat},
		{"bad e-mail", enterprise, pictures, func(f *Form) { f.ContactEmail = "x" }, "/contact_email", fieldFormat},
		{"no service", individual, nil, func(f *Form) { f.Service = nil }, "/service", fieldRequired},
		{"unknown service", individual, nil, func(f *Form) { f.Service[0] = "扫脸" }, "/service/0", fieldEnum},
		{"service twice", individual, nil, func(f *Form) {
			f.Service[1] = f.Service[0]
		}, "/service/1", fieldNotAllowed},
		{"mini program", individual, nil, func(f *Form) { f.Service[1] = serviceJSAPI }, "/service/1", fieldNotAllowed},
		{"no site", individual, nil, func(f *Form) { f.SiteURL = "" }, "/site_url", fieldRequired},
		{"no site name", individual, nil, func(f *Form) { f.SiteName = "" }, "/site_name", fieldRequired},
		{"site without scheme", individual, nil, func(f *Form) {
			f.SiteURL = "shop.example.cn"
		}, "/site_url", fieldFormat},
		{"face without address", enterprise, pictures, func(f *Form) {
			f.BusinessAddress = nil
		}, "/business_address", fieldRequired},
		{"face without front", enterprise, []string{imageCert, imageInDoor}, func(*Form) {}, "/images/out_door_image",
			fieldRequired},
		{"face without inside", enterprise, []string{imageCert, imageOutDoor}, func(*Form) {}, "/images/in_door_image",
			fieldRequired},
		{"face without certificate", enterprise, []string{imageInDoor, imageOutDoor}, func(*Form) {},
			"/images/cert_image", fieldRequired},
		{"person's face without back", individual, []string{imageInDoor, imageOutDoor},
			func(f *Form) {
				f.Service, f.BusinessAddress = []string{serviceFace}, enterprise().BusinessAddress
			}, "/images/cert_image_back", fieldRequired},
		{"province", enterprise, pictures, func(f *Form) {
			f.BusinessAddress.ProvinceCode = "330100"
		}, "/business_address/province_code", fieldFormat},
		{"city of another province", enterprise, pictures, func(f *Form) {
			f.BusinessAddress.CityCode, f.BusinessAddress.DistrictCode = "320100", "320101"
		},
			"/business_address/city_code", fieldFormat},
		{"district of another city", enterprise, pictures, func(f *Form) {
			f.BusinessAddress.DistrictCode = "330201"
		}, "/business_address/district_code", fieldFormat},
		{"address not Chinese", enterprise, pictures, func(f *Form) {
			f.BusinessAddress.Address = "Road 1"
		}, "/business_address/address", fieldFormat},
		{"no category", enterprise, pictures, func(f *Form) { f.MCC = "" }, "/mcc", fieldRequired},
		{"old category", enterprise, pictures, func(f *Form) { f.MCC = "7413" }, "/mcc", fieldFormat},
		{"special without type", enterprise, special, func(f *Form) {
			f.MCC = "B0205"
		}, "/qualification_type", fieldRequired},
		{"special with a word", enterprise, special, func(f *Form) {
			f.MCC, f.QualificationType = "B0205", "game"
		}, "/qualification_type", fieldFormat},
		{"special without qualification", enterprise, special[:5], func(f *Form) {
			f.MCC, f.QualificationType = "B0205", "310"
		}, "/images/qualification_image", fieldRequired},
		{"special without legal back", enterprise, slices.Delete(slices.Clone(special), 4, 5), func(f *Form) {
			f.MCC, f.QualificationType = "B0205", "310"
		},
			"/images/legal_cert_back_image", fieldRequired},
		{"special without certificate", enterprise, special[1:], func(f *Form) {
			f.MCC, f.QualificationType = "B0205", "310"
		}, "/images/cert_image", fieldRequired},
		{"no binding account", enterprise, pictures, func(f *Form) {
			f.BindingAlipayLogonID = ""
		}, "/binding_alipay_logon_id", fieldRequired},
		{"odd binding account", enterprise, pictures, func(f *Form) {
			f.BindingAlipayLogonID = "wangxiaoming"
		}, "/binding_alipay_logon_id", fieldFormat},
		{"odd settlement account", individual, nil, func(f *Form) {
			f.AlipayLogonID = "x"
		}, "/alipay_logon_id", fieldFormat},
		{"nowhere to settle", individual, nil, func(f *Form) {
			f.AlipayLogonID = ""
		}, "/alipay_logon_id", fieldRequired},
		{"individual with a card", individual, nil, func(f *Form) {
			f.SettleCard = enterprise().SettleCard
		}, "/settle_card", fieldNotAllowed},
		{"card number", enterprise, pictures, func(f *Form) {
			f.SettleCard.No = "5719 0000"
		}, "/settle_card/account_no", fieldFormat},
		{"bank", enterprise, pictures, func(f *Form) {
			f.SettleCard.BankID = "招商"
		}, "/settle_card/account_inst_id", fieldFormat},
		{"bank code", enterprise, pictures, func(f *Form) {
			f.SettleCard.BankCode = "1"
		}, "/settle_card/bank_code", fieldFormat},
		{"usage", enterprise, pictures, func(f *Form) {
			f.SettleCard.Usage = "03"
		}, "/settle_card/usage_type", fieldEnum},
		{"private card of a company", enterprise, pictures, func(f *Form) {
			f.SettleCard.Usage = "02"
		}, "/settle_card/usage_type", fieldNotAllowed},
		{"no branch", enterprise, pictures, func(f *Form) {
			f.SettleCard.Branch = ""
		}, "/settle_card/account_branch_name", fieldRequired},
		{"card of another", enterprise, pictures, func(f *Form) {
			f.SettleCard.HolderName = "王五"
		}, "/images/license_auth_letter_image", fieldRequired},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := c.base()
			fix(&f)
			c.change(&f)
			err := check(f, c.images)
			e, ok := errors.AsType[*fault.Error](err)
			if !ok || e.Code != CodeApplicationIncomplete || len(e.Fields) != 1 || e.Fields[0].Pointer != c.pointer ||
				e.Fields[0].Code != c.code ||
				e.Fields[0].Detail == "" {
				t.Errorf("%v, want one fault: %s %s", err, c.pointer, c.code)
			}
		})
	}
}

// fix gives the identity numbers their check digits.
func fix(f *Form) {
	if f.LegalCertNo != "" {
		f.LegalCertNo = identityOf(f.LegalCertNo[:17])
	}
	if f.MerchantType == typeIndividual {
		f.CertNo = identityOf(f.CertNo[:17])
	}
}

func other(digit string) string {
	if digit == "0" {
		return "1"
	}
	return "0"
}

// An empty form names everything at once.
func TestCheckReportsAll(t *testing.T) {
	t.Parallel()
	e, ok := errors.AsType[*fault.Error](check(Form{}, nil))
	if !ok {
		t.Fatal("an empty form is complete")
	}
	var got []string
	for _, f := range e.Fields {
		got = append(got, f.Pointer)
	}
	for _, p := range []string{"/name", "/alias_name", "/merchant_type", "/cert_no", "/legal_name", "/legal_cert_no",
		"/contact_name", "/contact_mobile", "/service", "/mcc",
		"/binding_alipay_logon_id", "/alipay_logon_id"} {
		if !slices.Contains(got, p) {
			t.Errorf("%s is not named among %v", p, got)
		}
	}
	if compact := slices.Compact(slices.Sorted(slices.Values(got))); len(compact) != len(got) {
		t.Errorf("a field is named twice: %v", got)
	}
}

// TestCreditCodes: the first is the example of GB 32100-2015; a changed digit, and two that changed places, are found.
func TestCreditCodes(t *testing.T) {
	t.Parallel()
	const good = "91350100M000100Y43"
	if !creditCode(good) || !creditCode("91330100MA0000000C") {
		t.Error("a good code is refused")
	}
	for i := range good {
		for _, c := range creditDigits {
			if typo := good[:i] + string(c) + good[i+1:]; typo != good && creditCode(typo) {
				t.Errorf("%s is taken", typo)
			}
		}
		if i > 0 && good[i] != good[i-1] {
			if typo := good[:i-1] + good[i:i+1] + good[i-1:i] + good[i+1:]; creditCode(typo) {
				t.Errorf("%s is taken", typo)
			}
		}
	}
}

// TestNumbersInSmallLetters: an x at the end of an identity number, and a credit code in small letters, are kept as
// they are printed.
func TestNumbersInSmallLetters(t *testing.T) {
	t.Parallel()
	f := enterprise()
	fix(&f)
	f.CertNo, f.LegalCertNo = "91330100ma0000000c", "11010519491231002x"
	f = upper(f)
	if f.CertNo != "91330100MA0000000C" || f.LegalCertNo != "11010519491231002X" {
		t.Errorf("%s, %s", f.CertNo, f.LegalCertNo)
	}
	if err := check(f, enterpriseImages()); err != nil {
		t.Error(err)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	f := enterprise()
	fix(&f)
	m := masked(f)
	if m.LegalCertNo != "330*************"+f.LegalCertNo[16:] || m.CertNo != "913*************0C" ||
		m.SettleCard.No != "571**********01" {
		t.Errorf("masked %q, %q, %q", m.LegalCertNo, m.CertNo, m.SettleCard.No)
	}
	if f.SettleCard.No != "571900000010001" {
		t.Error("masking changed the form itself")
	}
	if back := unmask(m, f); back.LegalCertNo != f.LegalCertNo || back.CertNo != f.CertNo ||
		back.SettleCard.No != f.SettleCard.No {
		t.Errorf("a masked form that comes back becomes %+v", back)
	}
	m.CertNo = "91330100MA11111111"
	if back := unmask(m, f); back.CertNo != "91330100MA11111111" {
		t.Error("a new number is lost")
	}
	if maskLogon("13800000000") != "138******00" ||
		maskLogon("finance@example.cn") != "fi***@example.cn" {
		t.Errorf("%q %q", maskLogon("13800000000"), maskLogon("finance@example.cn"))
	}
}
