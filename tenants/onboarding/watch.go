package onboarding

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants/acquiring"
)

// watchFirst is when a sent application is asked about first.
const watchFirst = 10 * time.Second

// WatchEnds is when an application that Alipay never decides is not asked about any more; a message still moves it.
const WatchEnds = 90 * 24 * time.Hour

// watchDelay is how long until the next question: soon at first, for those that nobody has to look at, later seldom.
func watchDelay(age time.Duration) time.Duration {
	for _, s := range []struct{ until, delay time.Duration }{
		{2 * time.Minute, 10 * time.Second}, {10 * time.Minute, time.Minute}, {time.Hour, 5 * time.Minute},
		{6 * time.Hour, 15 * time.Minute}, {72 * time.Hour, time.Hour},
	} {
		if age < s.until {
			return s.delay
		}
	}
	return 24 * time.Hour
}

// Watch asks Alipay how an application stands and applies the answer. It says how long to wait before asking again;
// zero: never, it is decided. An answer that does not come is asked for again. It returns application_not_found or
// alipay_connection_missing.
func (s *Service) Watch(
	ctx context.Context,
	tenant id.Tenant,
	application id.Application,
) (after time.Duration, err error) {
	r, acq, err := s.open(ctx, tenant, application)
	if err != nil || !asked(r) {
		return 0, err
	}
	age := s.clock.Now().Sub(*r.SubmittedAt)
	if age > WatchEnds {
		s.log.WarnContext(
			ctx,
			"application never decided",
			slog.String("tenant", tenant.String()),
			slog.String("application", application.String()),
		)
		return 0, nil
	}
	s.step("ask")
	snap, found, err := acq.Onboard.QueryApplication(ctx, application.Hex(), deref(r.AlipayOrderID))
	s.step("asked")
	if err != nil {
		s.log.WarnContext(
			ctx,
			"application not asked for",
			slog.String("tenant", tenant.String()),
			slog.String("application", application.String()),
			slog.Any("error", err),
		)
		return watchDelay(age), nil
	}
	if found {
		if err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
			_, err := s.Apply(ctx, tx, application, snap)
			return err
		}); err != nil {
			return 0, fmt.Errorf("apply what Alipay says of application %s: %w", application, err)
		}
		s.step("applied")
		if rep := reportOf(snap); rep == reportFinished || rep == reportFailed {
			return 0, nil
		}
	}
	return watchDelay(age), nil
}

// asked tells whether there is something to ask Alipay about.
func asked(r dbsqlc.Application) bool {
	return (Status(r.Status) == StatusInReview || Status(r.Status) == StatusAwaitingSignature) &&
		r.AlipayOrderID != nil &&
		r.SubmittedAt != nil
}

func (s *Service) open(
	ctx context.Context,
	tenant id.Tenant,
	application id.Application,
) (r dbsqlc.Application, acq acquiring.Acquirer, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if r, err = found(q.ApplicationGet(ctx, tx, application)); err != nil {
			return err
		}
		acq, _, err = s.gateways.Acquirer(ctx, tx)
		return err
	})
	return r, acq, err
}

// ApplyMessage takes a verified message about an application. The message only says that there is news: what is applied
// is what Alipay answers when asked, so that a message can neither approve nor reject by itself. A message about
// anything else, of another application at Alipay, or of one that is decided, is true and changes nothing. An error is
// to be answered with anything but success, so that Alipay sends it again.
func (s *Service) ApplyMessage(
	ctx context.Context,
	tenant id.Tenant,
	msg acquiring.Message,
) (changed bool, err error) {
	if msg.Number == "" || msg.Reference == "" {
		return false, nil
	}
	application, err := id.FromHex[id.Application](msg.Number)
	if err != nil {
		return false, nil //nolint:nilerr // not a number of ours: the app has other applications
	}
	r, acq, err := s.open(ctx, tenant, application)
	if fault.CodeOf(err) == CodeApplicationNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if Status(r.Status) == StatusDraft || Status(r.Status).Decided() ||
		(r.AlipayOrderID != nil && *r.AlipayOrderID != msg.Reference) {
		return false, nil
	}
	s.step("ask")
	snap, found, err := acq.Onboard.QueryApplication(ctx, application.Hex(), msg.Reference)
	s.step("asked")
	if err != nil {
		return false, fmt.Errorf("ask for application %s: %w", application, err)
	}
	if !found {
		return false, nil
	}
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		changed, err = s.Apply(ctx, tx, application, snap)
		return err
	})
	s.step("applied")
	return changed, err
}
