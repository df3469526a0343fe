package onboarding

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"zhitong/internal/fault"
	"zhitong/internal/port"
	"zhitong/tenants"
)

// Codes of faulty fields.
const (
	fieldRequired   = "required"
	fieldFormat     = "format"
	fieldLength     = "length"
	fieldEnum       = "enum"
	fieldChecksum   = "checksum"
	fieldNotAllowed = "not_allowed"
)

// checker collects every fault of a form, so that a person sees them all at once. The rules are Alipay's, of
// ant.merchant.expand.indirect.zft.create: required fields, the matrix of legal forms and the matrix of products.
type checker struct {
	f      Form
	images []string // purposes that have an image
	faults *fault.Error
}

// check returns application_incomplete with every fault, or nil.
func check(f Form, images []string) error {
	c := &checker{
		f:      f,
		images: images,
		faults: fault.New(CodeApplicationIncomplete, "The application cannot be sent yet."),
	}
	for _, rules := range []func(){c.lengths, c.names, c.certificate, c.legalPerson, c.contact, c.services, c.category,
		c.accounts, c.card} {
		rules()
	}
	if len(c.faults.Fields) == 0 {
		return nil
	}
	return c.faults
}

func (c *checker) fault(pointer, code, detail string) { c.faults = c.faults.At(pointer, code, detail) }

// need reports an empty field, and tells whether there is something to look at.
func (c *checker) need(pointer, value, why string) bool {
	if strings.TrimSpace(value) == "" {
		c.fault(pointer, fieldRequired, why)
		return false
	}
	return true
}

func (c *checker) image(purpose, why string) {
	if !slices.Contains(c.images, purpose) {
		c.fault("/images/"+purpose, fieldRequired, why)
	}
}

func (c *checker) opens(list ...string) bool {
	return slices.ContainsFunc(c.f.Service, func(s string) bool { return slices.Contains(list, s) })
}

// lengths are those of the field table, in characters.
func (c *checker) lengths() {
	f := c.f
	type bound struct {
		pointer, value string
		max            int
	}
	bounds := []bound{
		{"/name", f.Name, 128},
		{"/alias_name", f.AliasName, 128},
		{"/cert_no", f.CertNo, 20},
		{"/cert_name", f.CertName, 128},
		{
			"/legal_name",
			f.LegalName,
			64,
		},
		{"/legal_cert_no", f.LegalCertNo, 18},
		{"/contact_name", f.ContactName, 85},
		{"/contact_mobile", f.ContactMobile, 20},
		{
			"/contact_email",
			f.ContactEmail,
			128,
		},
		{"/service_phone", f.ServicePhone, 20},
		{"/site_url", f.SiteURL, 256},
		{"/site_name", f.SiteName, 128},
		{
			"/qualification_type",
			f.QualificationType,
			6,
		},
		{"/alipay_logon_id", f.AlipayLogonID, 64},
		{"/binding_alipay_logon_id", f.BindingAlipayLogonID, 64},
	}
	if s := f.SettleCard; s != nil {
		bounds = append(
			bounds,
			bound{"/settle_card/account_holder_name", s.HolderName, 64},
			bound{"/settle_card/account_inst_province", s.Province, 10},
			bound{
				"/settle_card/account_inst_city",
				s.City,
				10,
			},
			bound{"/settle_card/account_branch_name", s.Branch, 64},
			bound{
				"/settle_card/account_inst_name",
				s.BankName,
				20,
			},
			bound{"/settle_card/account_inst_id", s.BankID, 10},
		)
	}
	if a := f.BusinessAddress; a != nil {
		bounds = append(bounds, bound{"/business_address/address", a.Address, 256})
	}
	for _, b := range bounds {
		if utf8.RuneCountInString(b.value) > b.max {
			c.fault(b.pointer, fieldLength, fmt.Sprintf("May have at most %d characters.", b.max))
		}
	}
}

func (c *checker) names() {
	c.need("/name", c.f.Name, "Is missing: the name on the licence.")
	c.need("/alias_name", c.f.AliasName, "Is missing: the name that buyers see.")
	if c.f.MerchantType == typeSole {
		c.need("/cert_name", c.f.CertName, "A sole proprietor gives the name on the business licence.")
	} else if c.f.CertName != "" {
		c.fault("/cert_name", fieldNotAllowed, "Is for a sole proprietor (07) only.")
	}
}

// certificate checks the number's form; only Alipay can look it up.
func (c *checker) certificate() {
	kind, known := certTypes()[c.f.MerchantType]
	if c.need("/merchant_type", c.f.MerchantType,
		"Is missing: 01 enterprise … 06 individual, 07 sole proprietor.") && !known {
		c.fault("/merchant_type", fieldEnum, "Must be 01 to 07.")
	}
	if !c.need("/cert_no", c.f.CertNo,
		"Is missing: the number of the licence, or of the identity card of an individual.") {
		return
	}
	switch {
	case kind == certIdentity:
		c.identity("/cert_no", c.f.CertNo)
	case kind == certLicence && !regexp.MustCompile(`^([0-9A-HJ-NP-RTUW-Y]{18}|[0-9]{15})$`).MatchString(c.f.CertNo):
		c.fault("/cert_no", fieldFormat,
			"The unified social credit code has 18 digits and capital letters without I, O, S, V, Z.")
	case kind == certLicence && len(c.f.CertNo) == creditLength && !creditCode(c.f.CertNo):
		c.fault("/cert_no", fieldChecksum, "The unified social credit code is mistyped: its check digit is wrong.")
	}
}

const (
	creditDigits = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	creditLength = 18
)

// creditCode tells whether the last digit of a unified social credit code follows from the others: the sum of all, the
// weights being powers of 3, is a multiple of 31 (GB 32100-2015, chapter 4). Registration numbers of before, with 15
// digits, have another rule and are not asked.
func creditCode(code string) bool {
	sum, weight := 0, 1
	for i, r := range code {
		at := strings.IndexRune(creditDigits, r)
		if at < 0 {
			return false
		}
		if i == creditLength-1 {
			weight = 1
		}
		sum += at * weight
		weight = weight * 3 % len(creditDigits)
	}
	return sum%len(creditDigits) == 0
}

func (c *checker) legalPerson() {
	if c.f.MerchantType == typeIndividual {
		return
	}
	c.need("/legal_name", c.f.LegalName, "Is missing: the legal person’s name.")
	if c.need("/legal_cert_no", c.f.LegalCertNo, "Is missing: the legal person’s identity number.") {
		c.identity("/legal_cert_no", c.f.LegalCertNo)
	}
}

// identity checks a mainland identity number: form, birthday and check digit (GB 11643).
func (c *checker) identity(pointer, no string) {
	if !regexp.MustCompile(`^[0-9]{17}[0-9X]$`).MatchString(no) {
		c.fault(pointer, fieldFormat, "An identity number has 17 digits and a digit or X.")
		return
	}
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(no[i]-'0') * weight
	}
	if _, err := time.Parse("20060102", no[6:14]); err != nil || no[17] != "10X98765432"[sum%11] {
		c.fault(pointer, fieldChecksum, "The identity number is mistyped: its birthday or check digit is wrong.")
	}
}

func (c *checker) contact() {
	c.need("/contact_name", c.f.ContactName, "Is missing: whom Alipay may ask.")
	if c.need("/contact_mobile", c.f.ContactMobile, "Is missing: the contact’s mobile number.") &&
		!regexp.MustCompile(`^\+?[0-9]{6,19}$`).MatchString(c.f.ContactMobile) {
		c.fault("/contact_mobile", fieldFormat, "Must have digits only.")
	}
	if c.f.ContactEmail != "" {
		if _, err := tenants.NormalEmail(c.f.ContactEmail); err != nil {
			c.fault("/contact_email", fieldFormat, "Must be an e-mail address.")
		}
	}
}

// services is the matrix of products against what each needs.
func (c *checker) services() {
	if len(c.f.Service) == 0 {
		c.fault("/service", fieldRequired, "Is missing: which products to open, for example 当面付 for QR codes.")
	}
	for i, s := range c.f.Service {
		switch {
		case !slices.Contains(services(), s):
			c.fault(fmt.Sprintf("/service/%d", i), fieldEnum, "Must be one of Alipay’s products.")
		case slices.Contains(c.f.Service[:i], s):
			c.fault(fmt.Sprintf("/service/%d", i), fieldNotAllowed, "Is in the list already.")
		case s == serviceJSAPI:
			c.fault(
				fmt.Sprintf("/service/%d", i),
				fieldNotAllowed,
				"Needs a mini program, which this form cannot name; take 小程序支付 or 当面付.",
			)
		}
	}
	if c.opens(servicePC, serviceWap, serviceApp) {
		c.need("/site_name", c.f.SiteName, "电脑支付, wap支付 and app支付 need the name of the site or app.")
	}
	if c.opens(servicePC, serviceWap) &&
		c.need("/site_url", c.f.SiteURL, "电脑支付 and wap支付 need the address of the site.") {
		if u, err := url.Parse(c.f.SiteURL); err != nil || (u.Scheme != "https" && u.Scheme != "http") ||
			!strings.Contains(u.Host, ".") || !port.InURL(u) {
			c.fault("/site_url", fieldFormat, "Must be a full address, for example https://shop.example.cn.")
		}
	}
	if c.opens(serviceFace) {
		c.face()
	} else if c.f.BusinessAddress != nil {
		c.address(*c.f.BusinessAddress)
	}
}

// face is what 当面付 asks for: a shop that can be found.
func (c *checker) face() {
	c.image(imageOutDoor, "当面付 needs a picture of the shop front.")
	c.image(imageInDoor, "当面付 needs a picture of the inside.")
	if c.f.MerchantType == typeIndividual {
		c.image(imageCertBack, "当面付 needs the back of the identity card.")
	} else {
		c.image(imageCert, "当面付 needs a picture of the certificate.")
	}
	if c.f.BusinessAddress == nil {
		c.fault("/business_address", fieldRequired, "当面付 needs the address of the shop.")
		return
	}
	c.address(*c.f.BusinessAddress)
}

func (c *checker) address(a BusinessAddress) {
	six := regexp.MustCompile(`^[0-9]{6}$`)
	for _, p := range []struct {
		pointer, value string
		ok             bool
		want           string
	}{
		{
			"/business_address/province_code",
			a.ProvinceCode,
			strings.HasSuffix(a.ProvinceCode, "0000"),
			"Must be the six-digit code of a province, for example 330000.",
		},
		{
			"/business_address/city_code",
			a.CityCode,
			strings.HasSuffix(a.CityCode, "00") && samePrefix(a.CityCode, a.ProvinceCode, 2),
			"Must be the code of a city of that province, for example 330100.",
		},
		{
			"/business_address/district_code",
			a.DistrictCode,
			samePrefix(a.DistrictCode, a.CityCode, 4),
			"Must be the code of a district of that city, for example 330106.",
		},
	} {
		if !six.MatchString(p.value) || !p.ok {
			c.fault(p.pointer, fieldFormat, p.want)
		}
	}
	if c.need("/business_address/address", a.Address, "Is missing: street and number.") &&
		!strings.ContainsFunc(a.Address, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		c.fault("/business_address/address", fieldFormat, "Must be in Chinese.")
	}
}

func samePrefix(a, b string, n int) bool { return len(a) >= n && len(b) >= n && a[:n] == b[:n] }

// category: a special industry shows its qualification and everybody's papers.
func (c *checker) category() {
	if !c.need("/mcc", c.f.MCC, "Is missing: the category, for example B0205 for game cards.") {
		return
	}
	if !regexp.MustCompile(`^B[0-9]{4}$`).MatchString(c.f.MCC) {
		c.fault("/mcc", fieldFormat, "Must be B and four digits.")
		return
	}
	if !special(c.f.MCC) {
		return
	}
	if c.need("/qualification_type", c.f.QualificationType,
		"This category needs an industry qualification: its type.") &&
		!regexp.MustCompile(`^[0-9]{3}$`).MatchString(c.f.QualificationType) {
		c.fault("/qualification_type", fieldFormat, "Must be three digits, from Alipay’s list of qualifications.")
	}
	for _, purpose := range []string{imageQualification, imageCert, imageLegalFront, imageLegalBack} {
		if purpose != imageCert || !c.opens(serviceFace) || c.f.MerchantType == typeIndividual {
			// face has asked for it already
			c.image(purpose, "This category is reviewed by hand and needs this picture.")
		}
	}
}

// accounts: who confirms the agreement, and where money settles.
func (c *checker) accounts() {
	logon := regexp.MustCompile(`^(1[0-9]{10}|[^@\s]+@[^@\s]+\.[^@\s]+)$`)
	if c.need("/binding_alipay_logon_id", c.f.BindingAlipayLogonID,
		"Is missing: the merchant’s own Alipay account, which confirms the agreement.") &&
		!logon.MatchString(c.f.BindingAlipayLogonID) {
		c.fault("/binding_alipay_logon_id", fieldFormat, "Must be a mobile number or an e-mail address.")
	}
	if c.f.AlipayLogonID != "" && !logon.MatchString(c.f.AlipayLogonID) {
		c.fault("/alipay_logon_id", fieldFormat, "Must be a mobile number or an e-mail address.")
	}
	switch {
	case c.f.MerchantType == typeIndividual && c.f.SettleCard != nil:
		c.fault("/settle_card", fieldNotAllowed, "An individual settles to an Alipay account.")
		if c.f.AlipayLogonID == "" {
			c.fault("/alipay_logon_id", fieldRequired, "Is missing: the Alipay account that payments settle to.")
		}
	case c.f.SettleCard == nil && c.f.AlipayLogonID == "":
		c.fault("/alipay_logon_id", fieldRequired, "Is missing: where payments settle: an Alipay account, or "+
			"settle_card.")
	}
}

func (c *checker) card() {
	s := c.f.SettleCard
	if s == nil || c.f.MerchantType == typeIndividual {
		return
	}
	for _, p := range []struct{ name, value string }{
		{"account_holder_name", s.HolderName}, {"account_inst_province", s.Province}, {"account_inst_city", s.City},
		{"account_branch_name", s.Branch},
		{"account_inst_name", s.BankName},
	} {
		c.need("/settle_card/"+p.name, p.value, "Is missing.")
	}
	if !regexp.MustCompile(`^[0-9]{8,20}$`).MatchString(s.No) {
		c.fault("/settle_card/account_no", fieldFormat, "Must be 8 to 20 digits.")
	}
	if !regexp.MustCompile(`^[A-Z]{2,10}$`).MatchString(s.BankID) {
		c.fault("/settle_card/account_inst_id", fieldFormat, "Must be the bank’s abbreviation, for example CMB.")
	}
	if s.BankCode != "" && !regexp.MustCompile(`^[0-9]{12}$`).MatchString(s.BankCode) {
		c.fault("/settle_card/bank_code", fieldFormat, "Must be 12 digits.")
	}
	switch {
	case s.Usage != usageCorporate && s.Usage != usagePrivate:
		c.fault("/settle_card/usage_type", fieldEnum, "Must be 01 (corporate) or 02 (private).")
	case s.Usage == usagePrivate && c.f.MerchantType != typeSole:
		c.fault("/settle_card/usage_type", fieldNotAllowed, "Only a sole proprietor (07) settles to a private card.")
	}
	if s.HolderName != "" && s.HolderName != c.f.Name {
		c.image(imageAuthLetter,
			"The card’s holder is not the merchant: upload an authorisation letter, or a sole proprietor’s licence.")
	}
}
