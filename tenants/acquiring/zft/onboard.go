package zft

import (
	"context"
	"errors"
	"slices"
	"strings"

	"zhitong/alipay"
	"zhitong/tenants/acquiring"
)

// Words of Alipay's form (Alipay documentation, ant.merchant.expand.indirect.zft.create).
const (
	serviceApp          = "app支付"
	siteWebsite         = "01"
	siteApp             = "02"
	cardDebit           = "DC"
	addressTypeBusiness = "BUSINESS_ADDRESS"
	// applyTypeCreate is an application of a new merchant (ant.merchant.expand.indirect.zftorder.query, apply_type).
	applyTypeCreate = "ZHIFUTONG_CREATE"
)

// UploadImage implements acquiring.Onboard (ant.merchant.expand.indirect.image.upload).
func (a adapter) UploadImage(ctx context.Context, contentType string, content []byte) (string, error) {
	answer, err := a.c.IndirectImageUpload(ctx, alipay.IndirectImageUploadRequest{
		ImageType: map[string]string{"image/jpeg": "jpg", "image/png": "png"}[contentType],
		Image:     alipay.File{Content: content},
	})
	if err != nil {
		return "", failure(err)
	}
	return answer.ImageID, nil
}

// Submit implements acquiring.Onboard (ant.merchant.expand.indirect.zft.create).
func (a adapter) Submit(ctx context.Context, application acquiring.Application) (string, error) {
	answer, err := a.c.IndirectZftCreate(ctx, request(application))
	if err != nil {
		return "", failure(err)
	}
	return answer.OrderID, nil
}

// request is the application in Alipay's words (ant.merchant.expand.indirect.zft.create, field table).
func request(in acquiring.Application) alipay.IndirectZftCreateRequest {
	f, images := in.Form, in.Images
	r := alipay.IndirectZftCreateRequest{
		ExternalID:          in.Number,
		Name:                f.Name,
		AliasName:           f.AliasName,
		MerchantType:        alipay.MerchantType(f.MerchantType),
		MCC:                 f.MCC,
		CertType:            in.CertType,
		CertNo:              f.CertNo,
		CertName:            f.CertName,
		CertImage:           images[acquiring.ImageCert],
		CertImageBack:       images[acquiring.ImageCertBack],
		LegalCertFrontImage: images[acquiring.ImageLegalFront],
		LegalCertBackImage:  images[acquiring.ImageLegalBack],
		LicenseAuthLetter:   images[acquiring.ImageAuthLetter],
		ContactInfos: []alipay.ContactInfo{{Name: f.ContactName, Mobile: f.ContactMobile,
			Email: f.ContactEmail}},
		ServicePhone:         f.ServicePhone,
		OutDoorImages:        list(images[acquiring.ImageOutDoor]),
		InDoorImages:         list(images[acquiring.ImageInDoor]),
		Sites:                sites(f),
		AlipayLogonID:        f.AlipayLogonID,
		BindingAlipayLogonID: f.BindingAlipayLogonID,
		DefaultSettleRule:    &alipay.DefaultSettleRule{Type: alipay.SettleToAlipayAccount, Target: f.AlipayLogonID},
	}
	if f.MerchantType != acquiring.LegalFormIndividual {
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
	if img := images[acquiring.ImageQualification]; img != "" && f.QualificationType != "" {
		r.Qualifications = []alipay.Qualification{{Type: f.QualificationType, Image: img}}
	}
	if c := f.SettleCard; c != nil {
		r.BizCards = []alipay.SettleCard{{
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
		}}
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
func sites(f acquiring.Form) []alipay.SiteInfo {
	var out []alipay.SiteInfo
	if f.SiteURL != "" {
		out = append(out, alipay.SiteInfo{SiteType: siteWebsite, SiteURL: f.SiteURL, SiteName: f.SiteName})
	}
	if slices.Contains(f.Service, serviceApp) {
		out = append(out, alipay.SiteInfo{SiteType: siteApp, SiteName: f.SiteName})
	}
	return out
}

// QueryApplication implements acquiring.Onboard (ant.merchant.expand.indirect.zftorder.query).
func (a adapter) QueryApplication(ctx context.Context, number, reference string) (acquiring.Snapshot, bool, error) {
	req := alipay.IndirectZftorderQueryRequest{OrderID: reference}
	ours := func(o alipay.ZftOrder) bool { return o.OrderID == reference && o.ExternalID == number }
	if reference == "" {
		req.ExternalID = number
		ours = func(o alipay.ZftOrder) bool { return o.ApplyType == "" || o.ApplyType == applyTypeCreate }
	}
	answer, err := a.c.IndirectZftorderQuery(ctx, req)
	if unknownApplication(err) {
		return acquiring.Snapshot{}, false, nil
	}
	if err != nil {
		return acquiring.Snapshot{}, false, failure(err)
	}
	i := slices.IndexFunc(answer.Orders, ours)
	if i < 0 {
		return acquiring.Snapshot{}, false, nil
	}
	return snapshotOf(answer.Orders[i]), true, nil
}

// unknownApplication tells that Alipay has no such application. The sub code is not documented for this query; its text
// is known.
func unknownApplication(err error) bool {
	if alipay.IsRefused(err, "ORDER_NOT_EXIST") {
		return true
	}
	e, ok := errors.AsType[*alipay.Error](err)
	return ok && alipay.IsRefused(err) && strings.Contains(e.Message, "申请单不存在")
}

func snapshotOf(o alipay.ZftOrder) acquiring.Snapshot {
	return acquiring.Snapshot{
		Reference:  o.OrderID,
		State:      stateOf(o.Status),
		Risk:       acquiring.ReviewState(o.FkAudit),
		RiskMemo:   o.FkAuditMemo,
		Papers:     acquiring.ReviewState(o.KzAudit),
		PapersMemo: o.KzAuditMemo,
		Signature:  acquiring.SignatureState(o.SubConfirm),
		Merchant:   o.SMID(),
		CardAlias:  o.CardAliasNo,
		Reason:     o.Reason,
		SignURL:    either(o.SubSignShortChainURL, o.SubSignQRCodeURL),
	}
}

// stateOf is "" for a status that is not documented.
func stateOf(s alipay.ApplicationStatus) acquiring.ApplicationState {
	switch s {
	case alipay.ApplicationInReview:
		return acquiring.ApplicationInReview
	case alipay.ApplicationFinished:
		return acquiring.ApplicationFinished
	case alipay.ApplicationFailed:
		return acquiring.ApplicationFailed
	}
	return ""
}

// ReadMessage implements acquiring.Onboard. Alipay signs the body.
func (a adapter) ReadMessage(in acquiring.Inbound) (acquiring.Message, error) {
	m, err := a.c.ParseMessage(in.Body)
	if err != nil {
		return acquiring.Message{}, genuine(err)
	}
	out := acquiring.Message{ID: m.NotifyID, Kind: string(m.Method)}
	switch {
	case m.Passed != nil:
		out.Number, out.Reference = m.Passed.ExternalID, m.Passed.OrderID
	case m.Rejected != nil:
		out.Number, out.Reference = m.Rejected.ExternalID, m.Rejected.OrderID
	}
	return out, nil
}
