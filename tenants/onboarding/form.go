package onboarding

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/mask"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/vault"
)

// The form of an application. It is stored sealed.
type (
	Form            = acquiring.Form
	BusinessAddress = acquiring.BusinessAddress
	SettleCard      = acquiring.SettleCard
)

// masked is the form as it is shown: identity and account numbers keep their first three and last two characters.
func masked(f Form) Form {
	f.CertNo, f.LegalCertNo = mask.Number(f.CertNo), mask.Number(f.LegalCertNo)
	if f.SettleCard != nil {
		c := *f.SettleCard
		c.No = mask.Number(c.No)
		f.SettleCard = &c
	}
	return f
}

// maskLogon shortens an Alipay login as Alipay does: 138******00, ab***@example.cn.
func maskLogon(s string) string {
	if at := strings.IndexByte(s, '@'); at > 0 {
		return s[:min(2, at)] + "***" + s[at:]
	}
	return mask.Number(s)
}

// unmask puts a stored text back where a client sent its masked form again, as it does when it reads the form,
// changes something and writes it.
func unmask(f, stored Form) Form {
	restore := func(got *string, was string) {
		if was != "" && (*got == mask.Number(was) || *got == mask.Contact(was)) {
			*got = was
		}
	}
	restore(&f.CertNo, stored.CertNo)
	restore(&f.LegalCertNo, stored.LegalCertNo)
	restore(&f.ContactMobile, stored.ContactMobile)
	restore(&f.ContactEmail, stored.ContactEmail)
	restore(&f.AlipayLogonID, stored.AlipayLogonID)
	restore(&f.BindingAlipayLogonID, stored.BindingAlipayLogonID)
	if f.SettleCard != nil && stored.SettleCard != nil {
		c := *f.SettleCard
		restore(&c.No, stored.SettleCard.No)
		f.SettleCard = &c
	}
	return f
}

// upper writes the numbers of papers as they are printed: a typed x at the end of an identity number is its X.
func upper(f Form) Form {
	f.CertNo, f.LegalCertNo = strings.ToUpper(f.CertNo), strings.ToUpper(f.LegalCertNo)
	return f
}

func (s *Service) sealForm(ctx context.Context, tx db.TenantTx, a id.Application, f Form) ([]byte, error) {
	plain, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("write the form: %w", err)
	}
	sealed, err := s.vault.Seal(ctx, tx, plain, vault.ApplicationForm.At(tx.Tenant(), a))
	if err != nil {
		return nil, fmt.Errorf("seal the form: %w", err)
	}
	return sealed, nil
}

func (s *Service) openForm(ctx context.Context, tx db.TenantTx, a dbsqlc.Application) (f Form, err error) {
	plain, err := s.vault.Open(ctx, tx, a.SealedForm, vault.ApplicationForm.At(tx.Tenant(), a.ID))
	if err != nil {
		return Form{}, fmt.Errorf("open the form: %w", err)
	}
	if err := json.Unmarshal(plain, &f); err != nil {
		return Form{}, fmt.Errorf("read the form: %w", err)
	}
	return f, nil
}
