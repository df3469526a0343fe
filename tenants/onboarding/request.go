package onboarding

import (
	"slices"

	"zhitong/alipay"
)

// request is the application in Alipay's words (ant.merchant.expand.indirect.zft.create, field table). Our number for
// it is the application's id.
func request(w *sending) alipay.IndirectZftCreateRequest {
	f := w.form
	image := func(purpose string) string { return deref(w.images[purpose].AlipayImageID) }
	r := alipay.IndirectZftCreateRequest{
		ExternalID: w.row.ID.Hex(), Name: f.Name, AliasName: f.AliasName, MerchantType: alipay.MerchantType(f.MerchantType), MCC: f.MCC,
		CertType: certTypes()[f.MerchantType], CertNo: f.CertNo, CertName: f.CertName, CertImage: image(imageCert), CertImageBack: image(imageCertBack),
		LegalCertFrontImage: image(
			imageLegalFront,
		), LegalCertBackImage: image(imageLegalBack), LicenseAuthLetter: image(imageAuthLetter),
		ContactInfos: []alipay.ContactInfo{{Name: f.ContactName, Mobile: f.ContactMobile, Email: f.ContactEmail}},
		ServicePhone: f.ServicePhone, OutDoorImages: list(image(imageOutDoor)), InDoorImages: list(image(imageInDoor)), Sites: sites(f),
		AlipayLogonID: f.AlipayLogonID, BindingAlipayLogonID: f.BindingAlipayLogonID,
		DefaultSettleRule: &alipay.DefaultSettleRule{Type: alipay.SettleToAlipayAccount, Target: f.AlipayLogonID},
	}
	if f.MerchantType != typeIndividual {
		r.LegalName, r.LegalCertNo = f.LegalName, f.LegalCertNo
	}
	for _, s := range f.Service {
		r.Service = append(r.Service, alipay.ServiceName(s))
	}
	if a := f.BusinessAddress; a != nil {
		r.BusinessAddress = &alipay.AddressInfo{
			ProvinceCode: a.ProvinceCode,
			CityCode:     a.CityCode,
			DistrictCode: a.DistrictCode,
			Address:      a.Address,
			Type:         addressTypeBusiness,
		}
	}
	if img := image(imageQualification); img != "" && f.QualificationType != "" {
		r.Qualifications = []alipay.Qualification{{Type: f.QualificationType, Image: img}}
	}
	if c := f.SettleCard; c != nil {
		r.BizCards = []alipay.SettleCard{
			{
				HolderName: c.HolderName,
				No:         c.No,
				Province:   c.Province,
				City:       c.City,
				Branch:     c.Branch,
				Usage:      c.Usage,
				Kind:       cardDebit,
				BankName:   c.BankName,
				BankID:     c.BankID,
				BankCode:   c.BankCode,
			},
		}
		r.DefaultSettleRule = &alipay.DefaultSettleRule{Type: alipay.SettleToBankCard, Target: c.No}
	}
	return r
}

func list(imageID string) []string {
	if imageID == "" {
		return nil
	}
	return []string{imageID}
}

// sites names the website and the app that the products ask for.
func sites(f Form) []alipay.SiteInfo {
	var out []alipay.SiteInfo
	if f.SiteURL != "" {
		out = append(out, alipay.SiteInfo{SiteType: siteWebsite, SiteURL: f.SiteURL, SiteName: f.SiteName})
	}
	if slices.Contains(f.Service, serviceApp) {
		out = append(out, alipay.SiteInfo{SiteType: siteApp, SiteName: f.SiteName})
	}
	return out
}
