package onboarding

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
)

// oneOpen is the unique index that keeps a merchant from having two open applications.
const oneOpen = "applications_one_open"

// Create drafts an application; the form may be incomplete. replayed says that an earlier request with the same key
// had. It returns merchant_not_found, merchant_already_active, application_open or idempotency_key_reused.
func (s *Service) Create(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	merchant id.Merchant,
	f Form,
) (out Application, replayed bool, err error) {
	aid := id.New[id.Application]()
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		existing, replay, err := key.Claim(ctx, tx, a, "createApplication", aid)
		if err != nil {
			return err
		}
		if replayed = replay; replay {
			out, err = s.read(ctx, tx, id.Application(existing))
			return err
		}
		m, err := merchantOf(ctx, tx, merchant)
		if err != nil {
			return err
		}
		if m.Smid != nil {
			return fault.New(CodeMerchantAlreadyActive, "Alipay has approved this merchant already.")
		}
		if err := tenants.Room(ctx, tx, tenants.Applications); err != nil {
			return err
		}
		sealed, err := s.sealForm(ctx, tx, aid, f)
		if err != nil {
			return err
		}
		err = q.ApplicationInsert(ctx, tx,
			dbsqlc.ApplicationInsertParams{ID: aid, MerchantID: merchant, SealedForm: sealed, CreatedAt: s.clock.Now()})
		if db.Violates(err, oneOpen) {
			return fault.New(CodeApplicationOpen, "This merchant has an application that is not decided yet.")
		}
		if err != nil {
			return fmt.Errorf("insert the application: %w", err)
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "createApplication", "application", aid, ""); err != nil {
			return err
		}
		out, err = s.read(ctx, tx, aid)
		return err
	})
	if err != nil {
		return Application{}, false, err
	}
	return out, replayed, nil
}

func merchantOf(ctx context.Context, tx db.TenantTx, merchant id.Merchant) (dbsqlc.MerchantGetRow, error) {
	m, err := q.MerchantGet(ctx, tx, merchant)
	if db.IsNoRows(err) {
		return m, tenants.MerchantNotFound()
	}
	if err != nil {
		return m, fmt.Errorf("read the merchant: %w", err)
	}
	return m, nil
}

// found is the row, or application_not_found.
func found(r dbsqlc.Application, err error) (dbsqlc.Application, error) {
	if db.IsNoRows(err) {
		return r, fault.New(CodeApplicationNotFound, "There is no such application.")
	}
	if err != nil {
		return r, fmt.Errorf("read the application: %w", err)
	}
	return r, nil
}

// Get reads an application; identity and account numbers are masked. It returns application_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, application id.Application) (out Application, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		out, err = s.read(ctx, tx, application)
		return err
	})
	return out, err
}

func (s *Service) read(ctx context.Context, tx db.TenantTx, application id.Application) (Application, error) {
	r, err := found(q.ApplicationGet(ctx, tx, application))
	if err != nil {
		return Application{}, err
	}
	all, err := s.pictures(ctx, tx, []dbsqlc.Application{r})
	if err != nil {
		return Application{}, err
	}
	return all[0], nil
}

// pictures turns rows into what is shown, with one more read for all their images and one for all names.
func (s *Service) pictures(ctx context.Context, tx db.TenantTx, rows []dbsqlc.Application) ([]Application, error) {
	ids, merchants := make([]uuid.UUID, len(rows)), make([]id.Merchant, len(rows))
	for i, r := range rows {
		ids[i], merchants[i] = uuid.UUID(r.ID), r.MerchantID
	}
	names, err := tenants.MerchantNames(ctx, tx, merchants)
	if err != nil {
		return nil, err
	}
	images, err := q.ApplicationImageList(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the images: %w", err)
	}
	out := make([]Application, len(rows))
	for i, r := range rows {
		f, err := s.openForm(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		out[i] = Application{
			ID:           r.ID,
			Merchant:     r.MerchantID,
			MerchantName: names[r.MerchantID],
			Status:       Status(r.Status),
			Form:         masked(f),
			Images:       []Image{},
			Requirements: requirements(r, f),
			Reason:       r.Reason,
			SignURL:      r.SignURL,
			Smid:         deref(r.Smid),
			CreatedAt:    r.CreatedAt,
			SubmittedAt:  r.SubmittedAt,
			DecidedAt:    r.DecidedAt,
			Version:      r.Version,
		}
		for _, m := range images {
			if m.ApplicationID == r.ID {
				out[i].Images = append(out[i].Images,
					Image{m.ID, m.Purpose, m.ContentType, [32]byte(m.Sha256), deref(m.AlipayImageID)})
			}
		}
	}
	return out, nil
}

// Filter narrows a list of applications; empty fields take all.
type Filter struct {
	Statuses []Status
	Merchant id.Merchant // must be there
}

// List reads a page of applications. It returns merchant_not_found. A caller that is one merchant sees its own.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Application],
	f Filter,
) (out tenants.PageOf[Application], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if !f.Merchant.IsZero() {
			if _, err := merchantOf(ctx, tx, f.Merchant); err != nil {
				return err
			}
		}
		if err := tenants.PlanAnew(ctx, tx); err != nil {
			return err
		}
		rows, err := q.ApplicationList(ctx, tx, dbsqlc.ApplicationListParams{
			After:       page.Floor(),
			Before:      page.Cursor(),
			MadeFrom:    page.From,
			MadeUntil:   page.MadeUntil(),
			Statuses:    tenants.Texts(f.Statuses),
			Merchant:    uuid.UUID(f.Merchant),
			OldestFirst: page.OldestFirst,
			PageSize:    page.Fetch(),
		})
		if err != nil {
			return fmt.Errorf("list the applications: %w", err)
		}
		all, err := s.pictures(ctx, tx, rows)
		if err != nil {
			return err
		}
		out = tenants.Cut(
			page,
			all,
			func(p Application) string { return p.ID.String() },
			func(p Application) Application { return p },
		)
		return nil
	})
	return out, err
}

// lockDraft locks an application that must still be a draft. It returns application_not_found or
// application_not_editable.
func lockDraft(ctx context.Context, tx db.TenantTx, application id.Application) (dbsqlc.Application, error) {
	r, err := found(q.ApplicationGetForUpdate(ctx, tx, application))
	if err != nil {
		return r, err
	}
	if Status(r.Status) != StatusDraft {
		return r, fault.New(CodeApplicationNotEditable, "The application is %s.", r.Status)
	}
	return r, nil
}

// Delete removes a draft with its images; the merchant may then draft another one. It returns application_not_found,
// application_not_editable or precondition_failed.
func (s *Service) Delete(ctx context.Context, a tenants.Actor, application id.Application, match tenants.Match) error {
	return a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := lockDraft(ctx, tx, application)
		if err != nil {
			return err
		}
		if err := match.Check(r.Version); err != nil {
			return err
		}
		if err := q.ApplicationImageDelete(ctx, tx.Later(), application); err != nil {
			return fmt.Errorf("delete the images of the application: %w", err)
		}
		if err := q.ApplicationDelete(ctx, tx.Later(), application); err != nil {
			return fmt.Errorf("delete the application: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "deleteApplication", "application", application, "",
			tenants.Changes{}.Add("status", r.Status, "")...)
	})
}

// Update replaces a draft's form. A number that comes back as it was shown, masked, stays what it was. It returns
// application_not_found, application_not_editable or precondition_failed.
func (s *Service) Update(
	ctx context.Context,
	a tenants.Actor,
	application id.Application,
	match tenants.Match,
	f Form,
) (out Application, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := lockDraft(ctx, tx, application)
		if err != nil {
			return err
		}
		if err := match.Check(r.Version); err != nil {
			return err
		}
		stored, err := s.openForm(ctx, tx, r)
		if err != nil {
			return err
		}
		whole := upper(unmask(f, stored))
		changes, err := changed(stored, whole)
		if err != nil {
			return err
		}
		sealed, err := s.sealForm(ctx, tx, application, whole)
		if err != nil {
			return err
		}
		if err := q.ApplicationSetForm(ctx, tx.Later(), sealed, s.clock.Now(), application); err != nil {
			return fmt.Errorf("write the form: %w", err)
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "updateApplication", "application", application, "",
			changes...); err != nil {
			return err
		}
		out, err = s.read(ctx, tx, application)
		return err
	})
	if err != nil {
		return Application{}, err
	}
	return out, nil
}

// PutImage takes a JPEG or PNG for one purpose of a draft, in place of an earlier one. It is made anew from its pixels
// and sealed. read gives its bytes, and is called when there is room for them. It returns invalid_request,
// image_invalid, image_uploads_busy, application_not_found, application_not_editable, or what read returns.
func (s *Service) PutImage(
	ctx context.Context,
	a tenants.Actor,
	application id.Application,
	purpose string,
	read func() ([]byte, error),
) (Image, error) {
	if !slices.Contains(Purposes(), purpose) {
		return Image{}, fault.New(tenants.CodeInvalidRequest, "There is no such purpose of an image.").
			At("purpose", "enum", "Must be a purpose of an image.")
	}
	upload, leave, err := s.decoding.enter(a.Tenant)
	if err != nil {
		return Image{}, err
	}
	defer leave()
	// first whether it may be stored at all: decoding costs more than a read
	if err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := lockDraft(ctx, tx, application)
		return err
	}); err != nil {
		return Image{}, err
	}
	content, err := read()
	if err != nil {
		return Image{}, err
	}
	c, err := s.reencode(ctx, upload, content)
	if err != nil {
		return Image{}, err
	}
	img := Image{
		ID:          id.New[id.ApplicationImage](),
		Purpose:     purpose,
		ContentType: c.contentType,
		SHA256:      sha256.Sum256(c.content),
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		draft, err := lockDraft(ctx, tx, application)
		if err != nil {
			return err
		}
		sealed, err := s.vault.Seal(ctx, tx, c.content, vault.ApplicationImage.At(a.Tenant, img.ID))
		if err != nil {
			return fmt.Errorf("seal the image: %w", err)
		}
		err = q.ApplicationImagePut(ctx, tx.Later(), dbsqlc.ApplicationImagePutParams{
			ID: img.ID, ApplicationID: application, MerchantID: draft.MerchantID, Purpose: purpose,
			ContentType: img.ContentType,
			Sha256:      img.SHA256[:], SealedContent: sealed, CreatedAt: s.clock.Now(),
		})
		if err != nil {
			return fmt.Errorf("write the image: %w", err)
		}
		if err := q.ApplicationTouch(ctx, tx.Later(), s.clock.Now(), application); err != nil {
			return fmt.Errorf("note that the draft is worked on: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "putApplicationImage", "application", application, purpose)
	})
	if err != nil {
		return Image{}, err
	}
	return img, nil
}

// Submit checks a draft as a whole and leaves it to be sent to Alipay. It returns application_incomplete with every
// fault of the form and its images, alipay_connection_missing, application_not_found or application_not_editable.
func (s *Service) Submit(
	ctx context.Context,
	a tenants.Actor,
	application id.Application,
) (out Application, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := lockDraft(ctx, tx, application)
		if err != nil {
			return err
		}
		tx.BeyondMerchant() // the connection, the event and who is told of it are the platform's
		if _, _, err := s.gateways.Acquirer(ctx, tx); err != nil {
			return err
		}
		f, err := s.openForm(ctx, tx, r)
		if err != nil {
			return err
		}
		images, err := q.ApplicationImageList(ctx, tx, []uuid.UUID{uuid.UUID(application)})
		if err != nil {
			return fmt.Errorf("read the images: %w", err)
		}
		var purposes []string
		for _, m := range images {
			purposes = append(purposes, m.Purpose)
		}
		if err := check(f, purposes); err != nil {
			return err
		}
		if err := s.submit(ctx, tx, a, r); err != nil {
			return err
		}
		out, err = s.read(ctx, tx, application)
		return err
	})
	if err != nil {
		return Application{}, err
	}
	return out, nil
}

func (s *Service) submit(ctx context.Context, tx db.TenantTx, a tenants.Actor, r dbsqlc.Application) error {
	now := s.clock.Now()
	n, err := q.ApplicationSubmit(ctx, tx, &now, r.ID)
	if err != nil {
		return fmt.Errorf("submit the application: %w", err)
	}
	if n != 1 {
		return fmt.Errorf("submit the application: it is no draft any more, although it is locked")
	}
	if err := queue.Insert(ctx, tx.Later(),
		queue.Job{Args: queue.OnboardingSubmit{TenantID: queue.RefTo(a.Tenant),
			ApplicationID: queue.RefTo(r.ID)}}); err != nil {
		return err
	}
	ev := events.Event{Type: vocabulary.EventOnboardingSubmitted, SubjectType: vocabulary.SubjectApplication,
		SubjectID: r.ID, At: now,
		Data: event{ApplicationID: r.ID, MerchantID: r.MerchantID, Status: StatusSubmitted}}
	if err := events.Emit(ctx, tx, ev); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Actor(a), "submitApplication", "application", r.ID, "",
		tenants.Changes{}.Add("status", r.Status, StatusSubmitted)...)
}
