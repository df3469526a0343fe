package onboarding

import (
	"slices"
	"strings"

	"zhitong/tenants/acquiring"
)

// Legal forms of a merchant (Alipay documentation, ant.merchant.expand.indirect.zft.create, merchant_type).
const (
	typeEnterprise = acquiring.LegalFormEnterprise
	typeIndividual = acquiring.LegalFormIndividual
	typeSole       = acquiring.LegalFormSole
)

// certTypes is the certificate that each legal form shows (Alipay documentation, merchant_type and cert_type).
func certTypes() map[string]string {
	return map[string]string{
		typeEnterprise: "201",
		"02":           "218",
		"03":           "204",
		"04":           "206",
		"05":           "219",
		typeIndividual: "100",
		typeSole:       "201",
	}
}

// certLicence is a business licence, certIdentity a mainland identity card.
const (
	certLicence  = "201"
	certIdentity = "100"
)

// Products a merchant may open, in Alipay's words (Alipay documentation, service).
const (
	serviceFace  = "当面付"
	serviceJSAPI = "jsapi支付"
	serviceApp   = "app支付"
	serviceWap   = "wap支付"
	servicePC    = "电脑支付"
)

func services() []string {
	return []string{serviceFace, serviceJSAPI, serviceApp, serviceWap, servicePC, "预授权支付", "商户代扣", "小程序支付", "订单码支付"}
}

// Images of an application: the form's field each is for.
const (
	imageCert          = acquiring.ImageCert
	imageCertBack      = acquiring.ImageCertBack
	imageLegalFront    = acquiring.ImageLegalFront
	imageLegalBack     = acquiring.ImageLegalBack
	imageAuthLetter    = acquiring.ImageAuthLetter
	imageOutDoor       = acquiring.ImageOutDoor
	imageInDoor        = acquiring.ImageInDoor
	imageQualification = acquiring.ImageQualification
	usageCorporate     = "01"
	usagePrivate       = "02"
)

// Purposes lists what images are for.
func Purposes() []string {
	return []string{
		imageCert,
		imageCertBack,
		imageLegalFront,
		imageLegalBack,
		imageAuthLetter,
		imageOutDoor,
		imageInDoor,
		imageQualification,
	}
}

// specialCategories are those that Alipay reviews by hand and wants qualifications for (Alipay's table of categories,
// as copied by working integrations: a code that is missing here is treated as ordinary, and Alipay decides).
const specialCategories = `
	B0007 B0008 B0023 B0024 B0032 B0037 B0039 B0040 B0041 B0055 B0057 B0059 B0060 B0227 B0069 B0109 B0110 B0111 B0205
	B0077 B0078 B0080 B0081 B0084 B0085 B0086 B0087 B0088 B0090 B0091 B0097 B0099 B0101 B0127 B0128 B0130 B0131 B0132
	B0133 B0134 B0135 B0138 B0139 B0140 B0141 B0142 B0143 B0144 B0145 B0146 B0147 B0148 B0149 B0150 B0151 B0152 B0153
	B0155 B0156 B0158 B0159 B0160 B0161 B0162 B0204 B0206 B0211 B0225 B0166 B0167 B0168 B0169 B0170 B0171 B0172 B0173
	B0174 B0175 B0176 B0177 B0178 B0180 B0181 B0182 B0183 B0184 B0185 B0186 B0187 B0190 B0191 B0192 B0193 B0195 B0197
	B0226
	B0092 B0095 B0103 B0104`

func special(mcc string) bool { return slices.Contains(strings.Fields(specialCategories), mcc) }
