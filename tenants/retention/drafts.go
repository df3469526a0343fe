package retention

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
)

// expired is the data of onboarding.expired.
type expired struct {
	ApplicationID id.Application               `json:"application_id"`
	MerchantID    id.Merchant                  `json:"merchant_id"`
	Status        vocabulary.ApplicationStatus `json:"status"`
}

// drafts deletes one draft that nobody has touched for long: its images, then itself, and tells of it. All of that is
// one transaction, so that no draft is there without its images.
func (s *Service) drafts(ctx context.Context, tx db.TenantTx, c cut) (int64, bool, error) {
	due, err := q.ApplicationDraftDue(ctx, tx, c.drafts)
	if db.IsNoRows(err) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("look for a draft: %w", err)
	}
	if err := q.ApplicationImageDelete(ctx, tx, due.ID); err != nil {
		return 0, false, fmt.Errorf("delete its images: %w", err)
	}
	s.step("application_images deleting")
	if err := q.ApplicationDelete(ctx, tx.Later(), due.ID); err != nil {
		return 0, false, err
	}
	if err := audit.Record(ctx, tx, audit.System("retention_sweep"), "deleteApplication", "application", due.ID,
		"nobody had touched the draft for as long as it is kept"); err != nil {
		return 0, false, err
	}
	return 1, true, events.Emit(ctx, tx, events.Event{Type: vocabulary.EventOnboardingExpired,
		SubjectType: vocabulary.SubjectApplication, SubjectID: due.ID, At: c.now,
		Data: expired{due.ID, due.MerchantID, vocabulary.ApplicationDraft}})
}
