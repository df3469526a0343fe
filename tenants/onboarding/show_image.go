package onboarding

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/vault"
)

// Picture is an image of an application as it was re-encoded.
type Picture struct {
	ContentType string
	Content     []byte
}

func noImage() error {
	return fault.New(CodeImageNotFound, "The application has no image for this purpose.")
}

// ShowImage opens an image of an application, and leaves an entry in the audit log that says so: it may be somebody's
// identity card. It returns application_not_found and application_image_not_found.
func (s *Service) ShowImage(ctx context.Context, a tenants.Actor, application id.Application, purpose string) (
	p Picture, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.ApplicationGet(ctx, tx, application); db.IsNoRows(err) {
			return fault.New(CodeApplicationNotFound, "There is no such application.")
		} else if err != nil {
			return fmt.Errorf("read the application: %w", err)
		}
		r, err := q.ApplicationImageGet(ctx, tx, application, purpose)
		if db.IsNoRows(err) {
			return noImage()
		}
		if err != nil {
			return fmt.Errorf("read the image: %w", err)
		}
		p.ContentType = r.ContentType
		if p.Content, err = s.vault.Open(ctx, tx, r.SealedContent, vault.ApplicationImage.At(a.Tenant,
			r.ID)); err != nil {
			return fmt.Errorf("open the image: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "getApplicationImage", "application", application, purpose)
	})
	return p, err
}

// DeleteImage takes an image out of a draft. It returns application_not_found, application_not_editable and
// application_image_not_found.
func (s *Service) DeleteImage(ctx context.Context, a tenants.Actor, application id.Application, purpose string) error {
	return a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := lockDraft(ctx, tx, application); err != nil {
			return err
		}
		n, err := q.ApplicationImageRemove(ctx, tx, application, purpose)
		if err != nil {
			return fmt.Errorf("delete the image: %w", err)
		}
		if n == 0 {
			return noImage()
		}
		if err := q.ApplicationTouch(ctx, tx.Later(), s.clock.Now(), application); err != nil {
			return fmt.Errorf("note that the draft is worked on: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "deleteApplicationImage", "application", application, purpose)
	})
}
