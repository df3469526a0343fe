package onboarding

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/mask"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
)

// Verdicts on a message, as recorded.
const (
	verdictApplied = vocabulary.VerdictApplied // it changed an application
	verdictIgnored = vocabulary.VerdictIgnored // true, and nothing to do
	verdictRefused = vocabulary.VerdictRefused // not from Alipay, or not for this app
	verdictFailed  = vocabulary.VerdictFailed  // ours to repeat
)

// rawMax bounds how much of a message is kept, in bytes.
const rawMax = 8 << 10

// ReceiveMessage takes the raw body of an app-gateway message, verifies it with the tenant's own keys and applies what
// it says of an application. Messages about anything else are acknowledged and kept. ack says whether Alipay is to be
// told success: not for what was refused or failed, which is kept too, so that Alipay repeats it. It returns
// alipay_connection_missing for a tenant that Alipay cannot know.
func (s *Service) ReceiveMessage(ctx context.Context, tenant id.Tenant, raw []byte) (ack bool, err error) {
	acq, err := s.gateways.Recent(ctx, s.db, tenant)
	if err != nil {
		return false, err
	}
	msg, err := acq.Onboard.ReadMessage(acquiring.Inbound{Body: raw})
	if err != nil && !s.gateways.KeepRefusal(tenant) {
		return false, err
	}
	if err != nil {
		s.log.WarnContext(
			ctx,
			"message refused",
			slog.String("tenant", tenant.String()),
			slog.String("reason", err.Error()),
		)
		return false, errors.Join(err,
			s.recordMessage(ctx, tenant, acquiring.Message{}, verdictRefused, err.Error(), raw))
	}
	changed, err := s.ApplyMessage(ctx, tenant, msg)
	if err != nil {
		return false, errors.Join(err, s.recordMessage(ctx, tenant, msg, verdictFailed, err.Error(), raw))
	}
	verdict := verdictIgnored
	if changed {
		verdict = verdictApplied
	}
	// A message whose effect is committed but whose record is lost is sent again and then changes nothing.
	err = s.recordMessage(ctx, tenant, msg, verdict, "", raw)
	return err == nil, err
}

func (s *Service) recordMessage(
	ctx context.Context,
	tenant id.Tenant,
	msg acquiring.Message,
	verdict vocabulary.Verdict,
	reason string,
	raw []byte,
) error {
	kept := mask.Form(raw)
	p := dbsqlc.NotificationInsertParams{
		ID:         id.New[id.Notification](),
		Kind:       vocabulary.NotificationMessage,
		NotifyID:   optional(msg.ID),
		Subject:    msg.Kind,
		Verdict:    verdict,
		Reason:     reason,
		Raw:        kept[:min(len(kept), rawMax)],
		ReceivedAt: s.clock.Now(),
	}
	err := s.db.InTenant(ctx, tenant,
		func(ctx context.Context, tx db.TenantTx) error {
			_, err := q.NotificationInsert(ctx, tx.Later(), p)
			return err
		})
	if err != nil {
		return fmt.Errorf("record the message: %w", err)
	}
	return nil
}
