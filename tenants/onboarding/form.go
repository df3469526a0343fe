package onboarding

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/secret"
)

// Form is the standard (full papers) form of ant.merchant.expand.indirect.zft.create. It is stored sealed, and as these
// JSON names.
type Form struct {
	Name                 string           `json:"name,omitempty"`       // as on the certificate
	AliasName            string           `json:"alias_name,omitempty"` // shown to buyers
	MerchantType         string           `json:"merchant_type,omitempty"`
	MCC                  string           `json:"mcc,omitempty"`
	CertNo               string           `json:"cert_no,omitempty"`
	CertName             string           `json:"cert_name,omitempty"`
	LegalName            string           `json:"legal_name,omitempty"`
	LegalCertNo          string           `json:"legal_cert_no,omitempty"`
	ContactName          string           `json:"contact_name,omitempty"`
	ContactMobile        string           `json:"contact_mobile,omitempty"`
	ContactEmail         string           `json:"contact_email,omitempty"`
	ServicePhone         string           `json:"service_phone,omitempty"`
	Service              []string         `json:"service,omitempty"`
	SiteURL              string           `json:"site_url,omitempty"`
	SiteName             string           `json:"site_name,omitempty"`
	BusinessAddress      *BusinessAddress `json:"business_address,omitempty"`
	QualificationType    string           `json:"qualification_type,omitempty"`
	AlipayLogonID        string           `json:"alipay_logon_id,omitempty"`
	BindingAlipayLogonID string           `json:"binding_alipay_logon_id,omitempty"`
	SettleCard           *SettleCard      `json:"settle_card,omitempty"`
}

// BusinessAddress is a shop's address with six-digit administrative division codes.
type BusinessAddress struct {
	ProvinceCode string `json:"province_code"`
	CityCode     string `json:"city_code"`
	DistrictCode string `json:"district_code"`
	Address      string `json:"address"`
}

// SettleCard is the bank account that payments settle to.
type SettleCard struct {
	HolderName string `json:"account_holder_name"`
	No         string `json:"account_no"`
	Province   string `json:"account_inst_province"`
	City       string `json:"account_inst_city"`
	Branch     string `json:"account_branch_name"`
	Usage      string `json:"usage_type"` // 01 corporate, 02 private
	BankName   string `json:"account_inst_name"`
	BankID     string `json:"account_inst_id"`
	BankCode   string `json:"bank_code,omitempty"`
}

// masked is the form as it is shown: identity and account numbers keep their first three and last two characters.
func (f Form) masked() Form {
	f.CertNo, f.LegalCertNo = mask(f.CertNo), mask(f.LegalCertNo)
	if f.SettleCard != nil {
		c := *f.SettleCard
		c.No = mask(c.No)
		f.SettleCard = &c
	}
	return f
}

const (
	maskKeepFirst = 3
	maskKeepLast  = 2
)

func mask(s string) string {
	if len(s) <= maskKeepFirst+maskKeepLast {
		return strings.Repeat("*", len(s))
	}
	return s[:maskKeepFirst] + strings.Repeat("*", len(s)-maskKeepFirst-maskKeepLast) + s[len(s)-maskKeepLast:]
}

// maskLogon shortens an Alipay login as Alipay does: 138******00, ab***@example.cn.
func maskLogon(s string) string {
	if at := strings.IndexByte(s, '@'); at > 0 {
		return s[:min(2, at)] + "***" + s[at:]
	}
	return mask(s)
}

// unmask puts a stored number back where a client sent its masked form again, as it does when it reads the form,
// changes something and writes it.
func (f Form) unmask(stored Form) Form {
	restore := func(got *string, was string) {
		if was != "" && *got == mask(was) {
			*got = was
		}
	}
	restore(&f.CertNo, stored.CertNo)
	restore(&f.LegalCertNo, stored.LegalCertNo)
	if f.SettleCard != nil && stored.SettleCard != nil {
		c := *f.SettleCard
		restore(&c.No, stored.SettleCard.No)
		f.SettleCard = &c
	}
	return f
}

// formPlace is where an application's sealed form belongs; opened anywhere else it fails.
func formPlace(t id.Tenant, a id.Application) secret.Place {
	return secret.Place{Tenant: t.UUID().String(), Table: "applications", Row: a.UUID().String(), Column: "sealed_form"}
}

// imagePlace is where a picture's sealed content belongs.
func imagePlace(t id.Tenant, i id.ApplicationImage) secret.Place {
	return secret.Place{Tenant: t.UUID().String(), Table: "application_images", Row: i.UUID().String(), Column: "sealed_content"}
}

func (s *Service) sealForm(ctx context.Context, tx db.TenantTx, a id.Application, f Form) ([]byte, error) {
	key, err := s.Vault.DataKey(ctx, tx)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write the form: %w", err)
	}
	sealed, err := key.Seal(plain, formPlace(tx.Tenant(), a))
	if err != nil {
		return nil, fmt.Errorf("seal the form: %w", err)
	}
	return sealed, nil
}

func (s *Service) openForm(ctx context.Context, tx db.TenantTx, a dbsqlc.Application) (f Form, err error) {
	key, err := s.Vault.DataKey(ctx, tx)
	if err != nil {
		return Form{}, err
	}
	plain, err := key.Open(a.SealedForm, formPlace(tx.Tenant(), a.ID))
	if err != nil {
		return Form{}, fmt.Errorf("open the form: %w", err)
	}
	if err := json.Unmarshal(plain, &f); err != nil {
		return Form{}, fmt.Errorf("read the form: %w", err)
	}
	return f, nil
}
