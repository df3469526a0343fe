package onboarding_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/mask"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/onboarding"
)

func TestDraft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, _, err := b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.merchant, onboarding.Form{Name: "只有名字"})
	if err != nil || a.Status != onboarding.StatusDraft || len(a.Requirements) != 0 || a.Form.Name != "只有名字" {
		t.Fatalf("drafted %+v, %v", a, err)
	}
	_, _, err = b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.merchant, form())
	wantCode(t, err, onboarding.CodeApplicationOpen)
	_, _, err = b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, id.New[id.Merchant](), form())
	wantCode(t, err, tenants.CodeMerchantNotFound)
	_, _, err = b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.Merchant("approved").ID, form())
	wantCode(t, err, onboarding.CodeMerchantAlreadyActive)

	got, err := b.svc.Update(t.Context(), b.Actor, a.ID, tenants.Match{}, form())
	if err != nil || got.Form.LegalCertNo != "330*************35" || got.Form.SettleCard.No != "571**********01" {
		t.Fatalf("updated %+v, %v", got.Form, err)
	}
	masked := got.Form // a client that changes one field sends the rest as it was shown
	for _, shown := range []*string{&masked.ContactMobile, &masked.ContactEmail, &masked.AlipayLogonID,
		&masked.BindingAlipayLogonID} {
		*shown = mask.Contact(*shown) // as the API shows it to some roles
	}
	masked.AliasName = "新名"
	if _, err := b.svc.Update(t.Context(), b.Actor, a.ID, tenants.Match{}, masked); err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures() {
		if _, err := b.svc.PutImage(t.Context(), b.Actor, a.ID, p, reads(picture(t))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.svc.Submit(t.Context(), b.Actor, a.ID); err != nil {
		t.Fatalf("the masked form destroyed the numbers: %v", err)
	}
	if got, err = b.svc.Get(t.Context(), b.Actor, a.ID); err != nil ||
		got.Form.ContactMobile != form().ContactMobile || got.Form.ContactEmail != form().ContactEmail ||
		got.Form.AlipayLogonID != form().AlipayLogonID ||
		got.Form.BindingAlipayLogonID != form().BindingAlipayLogonID {
		t.Errorf("the masked form destroyed what was masked: %+v, %v", got.Form, err)
	}
	page, err := b.svc.List(t.Context(), b.Actor, tenants.Page[id.Application]{},
		onboarding.Filter{Merchant: b.merchant})
	if err != nil || len(page.Items) != 1 || len(page.Items[0].Images) != 3 || page.Items[0].Form.AliasName != "新名" {
		t.Errorf("listed %+v, %v", page, err)
	}
	_, err = b.svc.List(t.Context(), b.Actor, tenants.Page[id.Application]{},
		onboarding.Filter{Merchant: id.New[id.Merchant]()})
	wantCode(t, err, tenants.CodeMerchantNotFound)
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, _, err := b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.merchant, onboarding.Form{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.svc.Submit(t.Context(), b.Actor, a.ID)
	wantCode(t, err, onboarding.CodeApplicationIncomplete)
	if e, ok := errors.AsType[*fault.Error](err); !ok || len(e.Fields) < 10 {
		t.Errorf("not every fault is named: %v", err)
	}
	if len(b.events(a.ID)) != 0 {
		t.Error("a refused submission has an event")
	}
	if _, err := b.svc.Update(t.Context(), b.Actor, a.ID, tenants.Match{}, form()); err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures() {
		if _, err := b.svc.PutImage(t.Context(), b.Actor, a.ID, p, reads(picture(t))); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.svc.Submit(t.Context(), b.Actor, a.ID)
	if err != nil || got.Status != onboarding.StatusSubmitted || got.SubmittedAt == nil || len(got.Requirements) != 3 {
		t.Fatalf("submitted %+v, %v", got, err)
	}
	var jobs int
	b.scan(
		"SELECT count(*) FROM river.river_job WHERE kind = 'onboarding_submit' AND args->>'application_id' = $1",
		&jobs,
		a.ID.UUID().String(),
	)
	if n := b.events(a.ID); jobs != 1 || n[vocabulary.EventOnboardingSubmitted] != 1 {
		t.Errorf("%d jobs, events %v", jobs, n)
	}
	// sent means sent
	_, err = b.svc.Submit(t.Context(), b.Actor, a.ID)
	wantCode(t, err, onboarding.CodeApplicationNotEditable)
	_, err = b.svc.Update(t.Context(), b.Actor, a.ID, tenants.Match{}, form())
	wantCode(t, err, onboarding.CodeApplicationNotEditable)
	_, err = b.svc.PutImage(t.Context(), b.Actor, a.ID, "cert_image", reads(picture(t)))
	wantCode(t, err, onboarding.CodeApplicationNotEditable)
}

func TestSubmitWithoutConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.Actor
	other.Tenant = dbtest.NewTenant(t, b.DB)
	var m id.Merchant
	err := other.In(t.Context(), b.DB, func(_ context.Context, tx db.TenantTx) error {
		m = dbtest.Merchant(t, tx).ID
		_, err := tx.Exec(t.Context(), "UPDATE merchants SET status = 'pending', smid = NULL")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := b.svc.Create(t.Context(), other, idempotency.Key{}, m, form())
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.svc.Submit(t.Context(), other, a.ID)
	wantCode(t, err, tenants.CodeAlipayConnectionMissing)
}

func TestPutImage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, _, err := b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.merchant, form())
	if err != nil {
		t.Fatal(err)
	}
	first, err := b.svc.PutImage(t.Context(), b.Actor, a.ID, "cert_image", reads(picture(t)))
	if err != nil || first.ContentType != "image/png" || first.AlipayImageID != "" {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := b.svc.PutImage(t.Context(), b.Actor, a.ID, "cert_image", reads(picture(t)))
	if err != nil || second.ID == first.ID {
		t.Fatalf("%+v, %v", second, err)
	}
	if got := b.get(a.ID); len(got.Images) != 1 || got.Images[0] != second {
		t.Errorf("images %+v, want the second one", got.Images)
	}
	_, err = b.svc.PutImage(t.Context(), b.Actor, a.ID, "../../etc/passwd", reads(picture(t)))
	wantCode(t, err, tenants.CodeInvalidRequest)
	_, err = b.svc.PutImage(t.Context(), b.Actor, a.ID, "cert_image", reads([]byte("<svg/>")))
	wantCode(t, err, onboarding.CodeImageInvalid)
	_, err = b.svc.PutImage(t.Context(), b.Actor, id.New[id.Application](), "cert_image", reads(picture(t)))
	wantCode(t, err, onboarding.CodeApplicationNotFound)
}

// I10: neither numbers nor pictures can be read in the database, and what is sealed for one row cannot be opened as
// another.
func TestSealedAtRest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.draft(b.merchant, form())
	var sealedForm, sealedImage []byte
	b.scan("SELECT sealed_form FROM applications", &sealedForm)
	b.scan("SELECT sealed_content FROM application_images LIMIT 1", &sealedImage)
	for _, plain := range []string{"330106198001011235", "571900000010001", "李四"} {
		if bytes.Contains(sealedForm, []byte(plain)) {
			t.Errorf("%s is readable", plain)
		}
	}
	if bytes.Contains(sealedImage, []byte("PNG")) {
		t.Error("the picture is readable")
	}
	other, _, err := b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.pending("other"), onboarding.Form{})
	if err != nil {
		t.Fatal(err)
	}
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE applications SET sealed_form = (SELECT sealed_form FROM applications "+
			"WHERE id = $1) WHERE id = $2", a, other.ID); err != nil {
			t.Fatal(err)
		}
	})
	if got, err := b.svc.Get(t.Context(), b.Actor, other.ID); err == nil {
		t.Errorf("another application's form is opened: %+v", got.Form)
	}
}

// I5: another tenant, and another merchant of the same tenant, find nothing, in every operation.
func TestIsolation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.draft(b.merchant, form())
	stranger := b.Actor
	stranger.Tenant = dbtest.NewTenant(t, b.DB)
	neighbour := b.Actor
	neighbour.Role, neighbour.Merchant = tenants.RoleSupplier, b.pending("neighbour")
	for name, who := range map[string]tenants.Actor{"another tenant": stranger, "another merchant": neighbour} {
		for operation, do := range map[string]func() error{
			"get":    func() error { _, err := b.svc.Get(t.Context(), who, a); return err },
			"update": func() error { _, err := b.svc.Update(t.Context(), who, a, tenants.Match{}, form()); return err },
			"image": func() error {
				_, err := b.svc.PutImage(t.Context(), who, a, "cert_image", reads(picture(t)))
				return err
			},
			"submit": func() error { _, err := b.svc.Submit(t.Context(), who, a); return err },
		} {
			if err := do(); fault.CodeOf(err) != onboarding.CodeApplicationNotFound {
				t.Errorf("%s, %s: %v", name, operation, err)
			}
		}
		_, err := b.svc.List(t.Context(), who, tenants.Page[id.Application]{}, onboarding.Filter{Merchant: b.merchant})
		wantCode(t, err, tenants.CodeMerchantNotFound)
		_, _, err = b.svc.Create(t.Context(), who, idempotency.Key{}, b.merchant, form())
		wantCode(t, err, tenants.CodeMerchantNotFound)
	}
	wantCode(t, b.svc.ExecuteSubmit(t.Context(), stranger.Tenant, a), onboarding.CodeApplicationNotFound)
	_, err := b.svc.Watch(t.Context(), stranger.Tenant, a)
	wantCode(t, err, onboarding.CodeApplicationNotFound)
	own := b.Actor
	own.Role, own.Merchant = tenants.RoleSupplier, b.merchant
	if _, err := b.svc.Get(t.Context(), own, a); err != nil {
		t.Errorf("the merchant itself: %v", err)
	}
}

func TestImageHash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.draft(b.merchant, form())
	for _, img := range b.get(a).Images {
		if img.SHA256 == [sha256.Size]byte{} {
			t.Errorf("%s has no hash", img.Purpose)
		}
	}
}

// TestDraftIsTouched: whoever changes a draft's form or puts an image touches it; whoever reads it does not.
func TestDraftIsTouched(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.draft(b.merchant, onboarding.Form{})
	touched := func() (at time.Time) {
		b.scan("SELECT touched_at FROM applications WHERE id = $1", &at, a)
		return at
	}
	began := touched()
	for _, act := range []struct {
		what string
		do   func() error
		is   bool
	}{
		{"reads", func() error { b.get(a); return nil }, false},
		{"changes the form", func() error {
			_, err := b.svc.Update(t.Context(), b.Actor, a, tenants.Match{}, form())
			return err
		}, true},
		{"puts an image", func() error {
			_, err := b.svc.PutImage(t.Context(), b.Actor, a, "cert_image", reads(picture(t)))
			return err
		}, true},
	} {
		b.Clock.Advance(time.Hour)
		if err := act.do(); err != nil {
			t.Fatal(err)
		}
		if at := touched(); at.After(began) != act.is {
			t.Errorf("%s: touched at %s, before at %s", act.what, at, began)
		}
		began = touched()
	}
}
