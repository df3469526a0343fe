package onboarding

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/audit"
	"zhitong/tenants/vault"
)

// createLease is how long one worker has the right to send an application: longer than its call can take.
const createLease = time.Minute

// ErrUnderWay tells that another worker may be sending the application at this moment; run again later.
var ErrUnderWay = errors.New("onboarding: another attempt may be under way")

// sending is one run of ExecuteSubmit.
type sending struct {
	tenant   id.Tenant
	row      dbsqlc.Application
	form     Form
	images   map[string]dbsqlc.ApplicationImageListRow // by purpose
	acquirer acquiring.Acquirer
}

// ExecuteSubmit uploads a submitted application's images and sends it. It is phased: run again from anywhere, by any
// number of workers, it goes on where it was. Since Alipay knows no idempotency key for this call, one worker at a time
// may send, and whoever comes after an attempt of unknown outcome asks before sending again. A refusal of the
// application ends it as rejected; a refusal of the platform (its key, its products) is an error, and is tried again.
// It returns application_not_found or alipay_connection_missing.
func (s *Service) ExecuteSubmit(ctx context.Context, tenant id.Tenant, application id.Application) error {
	w := &sending{tenant: tenant}
	if err := s.load(ctx, w, application); err != nil {
		return err
	}
	if Status(w.row.Status) != StatusSubmitted {
		return nil
	}
	s.step("loaded")
	if over, err := s.upload(ctx, w); over || err != nil {
		return err
	}
	if done, err := s.adopt(ctx, w); done || err != nil {
		return err
	}
	s.step("create")
	reference, err := w.acquirer.Onboard.Submit(ctx, applicationOf(w))
	s.step("created")
	if err != nil {
		return s.notTaken(ctx, w, err)
	}
	return s.taken(ctx, w, Snapshot{Reference: reference, State: acquiring.ApplicationInReview})
}

func (s *Service) load(ctx context.Context, w *sending, application id.Application) error {
	return s.db.InTenant(ctx, w.tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		if w.row, err = found(q.ApplicationGet(ctx, tx, application)); err != nil ||
			Status(w.row.Status) != StatusSubmitted {
			return err
		}
		if w.form, err = s.openForm(ctx, tx, w.row); err != nil {
			return err
		}
		images, err := q.ApplicationImageList(ctx, tx, []uuid.UUID{uuid.UUID(application)})
		if err != nil {
			return fmt.Errorf("read the images: %w", err)
		}
		w.images = map[string]dbsqlc.ApplicationImageListRow{}
		for _, m := range images {
			w.images[m.Purpose] = m
		}
		w.acquirer, _, err = s.gateways.Acquirer(ctx, tx)
		return err
	})
}

// upload brings to Alipay the images that it does not have yet and saves each number as it comes. Uploading one twice
// is harmless. over says that Alipay refused one, which ended the application.
func (s *Service) upload(ctx context.Context, w *sending) (over bool, err error) {
	for _, purpose := range Purposes() { // in one order, so that a crash test knows where it is
		m, ok := w.images[purpose]
		if !ok || m.AlipayImageID != nil {
			continue
		}
		content, err := s.content(ctx, w.tenant, m)
		if err != nil {
			return false, err
		}
		s.step("upload " + purpose)
		reference, err := w.acquirer.Onboard.UploadImage(ctx, m.ContentType, content)
		s.step("uploaded " + purpose)
		if err != nil {
			err = s.notTaken(ctx, w, err)
			return err == nil, err
		}
		if err := s.db.InTenant(ctx, w.tenant, func(ctx context.Context, tx db.TenantTx) error {
			_, err := q.ApplicationImageUploaded(ctx, tx, &reference, m.ID)
			return err
		}); err != nil {
			return false, fmt.Errorf("save an image's number: %w", err)
		}
		s.step("saved " + purpose)
		m.AlipayImageID = &reference
		w.images[purpose] = m
	}
	return false, nil
}

func (s *Service) content(
	ctx context.Context,
	tenant id.Tenant,
	m dbsqlc.ApplicationImageListRow,
) (content []byte, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		sealed, err := q.ApplicationImageContent(ctx, tx, m.ID)
		if err != nil {
			return fmt.Errorf("read an image: %w", err)
		}
		content, err = s.vault.Open(ctx, tx, sealed, vault.ApplicationImage.At(tenant, m.ID))
		return err
	})
	return content, err
}

// adopt takes the right to send. When an earlier attempt may have reached Alipay it asks first, and takes over what it
// finds; done says that there is nothing left to send.
func (s *Service) adopt(ctx context.Context, w *sending) (done bool, err error) {
	free, earlier, err := s.lease(ctx, w)
	if err != nil {
		return false, err
	}
	s.step("leased")
	if !earlier {
		return !free, nil
	}
	snap, found, err := s.ask(ctx, w)
	if err != nil {
		return false, fmt.Errorf("ask for application %s: %w", w.row.ID, err)
	}
	if found {
		return true, s.taken(ctx, w, snap)
	}
	if !free {
		return false, ErrUnderWay
	}
	return false, nil
}

// lease marks the application as being sent now. earlier says that it was marked before; free, that the mark is ours.
// Not marked and not ours: it is not submitted any more.
func (s *Service) lease(ctx context.Context, w *sending) (free, earlier bool, err error) {
	err = s.db.InTenant(ctx, w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		r, err := found(q.ApplicationGetForUpdate(ctx, tx, w.row.ID))
		if err != nil || Status(r.Status) != StatusSubmitted {
			return err
		}
		now := s.clock.Now() // after the lock, for whoever held it has marked the row meanwhile
		if earlier = r.CreateStartedAt != nil; earlier {
			// a mark of a little later is another process's, whose clock is ahead
			if age := now.Sub(*r.CreateStartedAt).Abs(); age < createLease {
				return nil
			}
		}
		free = true
		return q.ApplicationStartCreate(ctx, tx.Later(), now, w.row.ID)
	})
	if err != nil {
		return false, false, fmt.Errorf("take the right to send: %w", err)
	}
	return free, earlier, nil
}

// ask looks for the application at Alipay by our number; the newest one is ours.
func (s *Service) ask(ctx context.Context, w *sending) (Snapshot, bool, error) {
	snap, found, err := w.acquirer.Onboard.QueryApplication(ctx, w.row.ID.Hex(), "")
	s.step("asked")
	return snap, found, err
}

// applicationOf is the application as it is sent. Our number for it is its id.
func applicationOf(w *sending) acquiring.Application {
	a := acquiring.Application{
		Number:   w.row.ID.Hex(),
		Form:     w.form,
		CertType: certTypes()[w.form.MerchantType],
		Images:   make(map[string]string, len(w.images)),
	}
	for purpose, m := range w.images {
		a.Images[purpose] = deref(m.AlipayImageID)
	}
	return a
}

// taken records that Alipay has the application, unless a message was faster and has told more.
func (s *Service) taken(ctx context.Context, w *sending, snap Snapshot) error {
	err := s.db.InTenant(ctx, w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		r, err := found(q.ApplicationGetForUpdate(ctx, tx, w.row.ID))
		if err != nil || Status(r.Status) != StatusSubmitted {
			return err
		}
		_, err = s.Apply(ctx, tx, w.row.ID, snap)
		return err
	})
	s.step("recorded")
	if err != nil {
		return fmt.Errorf("record that Alipay has application %s: %w", w.row.ID, err)
	}
	return nil
}

// notTaken sorts out why a call failed: a refusal of the application rejects it, everything else is tried again, with
// the reason shown meanwhile.
func (s *Service) notTaken(ctx context.Context, w *sending, cause error) error {
	// with one under way the next run finds it by asking
	final := acquiring.IsRefused(cause) &&
		!acquiring.IsRefused(cause, acquiring.UnderWay, acquiring.Unrecognized, acquiring.NotLookedAt)
	words := acquiring.Words(cause)
	if field := acquiring.Field(cause); field != "" {
		words += " [" + field + "]"
	}
	if words == "" {
		words = "Alipay did not answer clearly"
	}
	err := s.db.InTenant(ctx, w.tenant, func(ctx context.Context, tx db.TenantTx) error {
		if !final {
			return q.ApplicationSetReason(ctx, tx.Later(), "Not taken yet, trying again: "+words, w.row.ID)
		}
		return s.refuse(ctx, tx, w.row.ID, words)
	})
	s.step("refused")
	if err != nil {
		return errors.Join(cause, fmt.Errorf("record that Alipay did not take application %s: %w", w.row.ID, err))
	}
	if final {
		return nil
	}
	return cause
}

// refuse rejects an application that Alipay did not even take.
func (s *Service) refuse(ctx context.Context, tx db.TenantTx, application id.Application, words string) error {
	r, err := found(q.ApplicationGetForUpdate(ctx, tx, application))
	if err != nil || Status(r.Status) != StatusSubmitted {
		return err
	}
	now := s.clock.Now()
	n, err := q.ApplicationApply(ctx, tx, dbsqlc.ApplicationApplyParams{
		ID:           r.ID,
		StatusBefore: r.Status,
		Status:       StatusRejected,
		Reason:       words,
		DecidedAt:    &now,
	})
	if err != nil || n != 1 {
		return fmt.Errorf("reject the application: %d rows: %w", n, err)
	}
	if err := audit.Record(ctx, tx, audit.System("onboarding_submit"), "onboarding_refused", "application", r.ID,
		string(r.Status+" → "+StatusRejected)); err != nil {
		return err
	}
	return emit(ctx, tx, r, StatusRejected, "", words, now)
}
