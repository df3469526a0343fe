package onboarding

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
)

// watchFirst is when a sent application is asked about first.
const watchFirst = 10 * time.Second

// watchEnds is when an application that Alipay never decides is not asked about any more; a message still moves it.
const watchEnds = 90 * 24 * time.Hour

// watchDelay is how long until the next question: soon at first, for those that nobody has to look at, later seldom.
func watchDelay(age time.Duration) time.Duration {
	for _, s := range []struct{ until, delay time.Duration }{
		{2 * time.Minute, 10 * time.Second}, {10 * time.Minute, time.Minute}, {time.Hour, 5 * time.Minute}, {6 * time.Hour, 15 * time.Minute}, {72 * time.Hour, time.Hour},
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
	r, client, err := s.open(ctx, tenant, application)
	if err != nil || !asked(r) {
		return 0, err
	}
	age := s.now().Sub(*r.SubmittedAt)
	if age > watchEnds {
		s.Log.WarnContext(
			ctx,
			"application never decided",
			slog.String("tenant", tenant.String()),
			slog.String("application", application.String()),
		)
		return 0, nil
	}
	s.Step("ask")
	snap, found, err := s.query(ctx, client, application, deref(r.AlipayOrderID))
	s.Step("asked")
	if err != nil {
		s.Log.WarnContext(
			ctx,
			"application not asked for",
			slog.String("tenant", tenant.String()),
			slog.String("application", application.String()),
			slog.Any("error", err),
		)
		return watchDelay(age), nil
	}
	if found {
		if err := s.DB.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
			_, err := s.Apply(ctx, tx, application, snap)
			return err
		}); err != nil {
			return 0, fmt.Errorf("apply what Alipay says of application %s: %w", application, err)
		}
		s.Step("applied")
		if rep := snap.report(); rep == reportFinished || rep == reportFailed {
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
) (r dbsqlc.Application, c *alipay.Client, err error) {
	err = s.DB.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if r, err = found(q.ApplicationGet(ctx, tx, application)); err != nil {
			return err
		}
		c, _, err = s.Gateways.Client(ctx, tx)
		return err
	})
	return r, c, err
}

// query asks for one application by Alipay's number, which must be of ours.
func (s *Service) query(
	ctx context.Context,
	client *alipay.Client,
	application id.Application,
	orderID string,
) (Snapshot, bool, error) {
	answer, err := client.IndirectZftorderQuery(ctx, alipay.IndirectZftorderQueryRequest{OrderID: orderID})
	if unknownOrder(err) {
		return Snapshot{}, false, nil
	}
	if err != nil {
		return Snapshot{}, false, err
	}
	i := slices.IndexFunc(answer.Orders,
		func(o alipay.ZftOrder) bool { return o.OrderID == orderID && o.ExternalID == application.Hex() })
	if i < 0 {
		return Snapshot{}, false, nil
	}
	return snapshotOf(answer.Orders[i]), true, nil
}

// ApplyMessage takes a verified message about an application. The message only says that there is news: what is applied
// is what Alipay answers when asked, so that a message can neither approve nor reject by itself. A message about
// anything else, of another application at Alipay, or of one that is decided, is true and changes nothing. An error is
// to be answered with anything but success, so that Alipay sends it again.
func (s *Service) ApplyMessage(ctx context.Context, tenant id.Tenant, msg *alipay.Message) (changed bool, err error) {
	var externalID, orderID string
	switch {
	case msg.Passed != nil:
		externalID, orderID = msg.Passed.ExternalID, msg.Passed.OrderID
	case msg.Rejected != nil:
		externalID, orderID = msg.Rejected.ExternalID, msg.Rejected.OrderID
	default:
		return false, nil
	}
	application, err := id.FromHex[id.Application](externalID)
	if err != nil {
		return false, nil //nolint:nilerr // not a number of ours: the app has other applications
	}
	r, client, err := s.open(ctx, tenant, application)
	if fault.CodeOf(err) == CodeApplicationNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if Status(r.Status) == StatusDraft || Status(r.Status).Decided() ||
		(r.AlipayOrderID != nil && *r.AlipayOrderID != orderID) {
		return false, nil
	}
	s.Step("ask")
	snap, found, err := s.query(ctx, client, application, orderID)
	s.Step("asked")
	if err != nil {
		return false, fmt.Errorf("ask for application %s: %w", application, err)
	}
	if !found {
		return false, nil
	}
	err = s.DB.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		changed, err = s.Apply(ctx, tx, application, snap)
		return err
	})
	s.Step("applied")
	return changed, err
}
