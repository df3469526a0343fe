package demo

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// Form is the application form of an enterprise, in the words of the API.
type Form struct {
	Name                 string   `json:"name"`
	AliasName            string   `json:"alias_name"`
	MerchantType         string   `json:"merchant_type"`
	MCC                  string   `json:"mcc"`
	CertNo               string   `json:"cert_no"`
	LegalName            string   `json:"legal_name"`
	LegalCertNo          string   `json:"legal_cert_no"`
	ContactName          string   `json:"contact_name"`
	ContactMobile        string   `json:"contact_mobile"`
	ContactEmail         string   `json:"contact_email"`
	ServicePhone         string   `json:"service_phone"`
	Service              []string `json:"service"`
	SiteURL              string   `json:"site_url"`
	SiteName             string   `json:"site_name"`
	BusinessAddress      Address  `json:"business_address"`
	QualificationType    string   `json:"qualification_type,omitempty"`
	BindingAlipayLogonID string   `json:"binding_alipay_logon_id"`
	AlipayLogonID        string   `json:"alipay_logon_id,omitempty"` // settled here …
	SettleCard           *Card    `json:"settle_card,omitempty"`     // … or here
}

// Address is where a merchant works.
type Address struct {
	ProvinceCode string `json:"province_code"`
	CityCode     string `json:"city_code"`
	DistrictCode string `json:"district_code"`
	Address      string `json:"address"`
}

// Card is where a merchant's money is settled.
type Card struct {
	AccountHolderName   string `json:"account_holder_name"`
	AccountNo           string `json:"account_no"`
	AccountInstProvince string `json:"account_inst_province"`
	AccountInstCity     string `json:"account_inst_city"`
	AccountBranchName   string `json:"account_branch_name"`
	UsageType           string `json:"usage_type"`
	AccountInstName     string `json:"account_inst_name"`
	AccountInstID       string `json:"account_inst_id"`
	BankCode            string `json:"bank_code"`
}

// Enterprise is a complete form for a company of the given name, its money settled to its Alipay account; its numbers
// follow from the name, and are nobody's.
func Enterprise(name string) Form {
	n := number(name)
	return Form{
		Name: name, AliasName: name, MerchantType: "01", MCC: mccGameCards,
		CertNo: "91330100MA27XY7A19", LegalName: "李四",
		LegalCertNo: idCard(fmt.Sprintf("33010619800101%03d", n%1000)),
		ContactName: "赵六", ContactMobile: fmt.Sprintf("139%08d", n%1e8),
		ContactEmail: fmt.Sprintf("ops%d@example.cn", n%1e6), ServicePhone: "057100000000",
		Service: []string{"当面付", "电脑支付", "wap支付"}, SiteURL: "https://shop.example.cn", SiteName: name,
		BusinessAddress: Address{ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330106",
			Address: "文三路 1 号"},
		QualificationType: "310", BindingAlipayLogonID: fmt.Sprintf("finance%d@example.cn", n%1e6),
		AlipayLogonID: fmt.Sprintf("finance%d@example.cn", n%1e6),
	}
}

// ToCard is the form with its money settled to a bank card. A refund after that needs money in the platform's own
// account.
func (f Form) ToCard() Form {
	f.AlipayLogonID = ""
	f.SettleCard = &Card{AccountHolderName: f.Name, AccountNo: fmt.Sprintf("5719%011d", number(f.Name)%1e11),
		AccountInstProvince: "浙江省", AccountInstCity: "杭州市",
		AccountBranchName: "招商银行股份有限公司杭州分行", UsageType: "01", AccountInstName: "招商银行", AccountInstID: "CMB",
		BankCode: "308331012001"}
	return f
}

// mccGameCards is 网络虚拟服务 / 充值 of Alipay's category table, a special industry: it shows its qualification.
const mccGameCards = "B0205"

// ReceiverAccount is the Alipay user id of one of the simulator's accounts for trying: it takes parts of splits and
// lets them be returned.
const ReceiverAccount = "2088000000000101"

// Images are the purposes of the images that go with the form.
func (f Form) Images() []string {
	return []string{"cert_image", "legal_cert_front_image", "legal_cert_back_image", "out_door_image", "in_door_image",
		"qualification_image"}
}

func number(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64()
}

// idCard appends the check digit (GB 11643).
func idCard(first17 string) string {
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(first17[i]-'0') * w
	}
	return first17 + string("10X98765432"[sum%11])
}

// picture draws a PNG that stands for a paper: valid, small, and different for each purpose.
func picture(purpose string) ([]byte, error) {
	const width, height = 320, 200
	n := number(purpose)
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(m, m.Bounds(), image.NewUniform(color.RGBA{0xf4, 0xf1, 0xe8, 0xff}), image.Point{}, draw.Src)
	ink := image.NewUniform(color.RGBA{byte(n), byte(n >> 8), byte(n >> 16), 0xff})
	for i := range 6 { // lines of "text"
		y := 24 + 28*i
		draw.Draw(m, image.Rect(20, y, 20+int(n>>(4*i))%260+20, y+10), ink, image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return nil, fmt.Errorf("draw %s: %w", purpose, err)
	}
	return b.Bytes(), nil
}
