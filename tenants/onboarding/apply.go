package onboarding

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/text"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
	"zhitong/tenants/vault"
)

// Snapshot is what Alipay says of an application at some moment, by message or when asked.
type Snapshot = acquiring.Snapshot

// report is what a snapshot means.
type report string

const (
	reportReviewing report = "reviewing" // nobody of ours has to act
	reportSigning   report = "signing"   // the merchant has to confirm
	reportFinished  report = "finished"
	reportFailed    report = "failed"
	// a status that is not documented, or finished without a number: believed by nobody
	reportUnclear report = "unclear"
)

func reportOf(s Snapshot) report {
	settled := func(a acquiring.ReviewState) bool {
		return a == acquiring.ReviewPassed || a == acquiring.ReviewSkipped
	}
	switch {
	case s.State == acquiring.ApplicationFinished && s.Merchant != "":
		return reportFinished
	case s.State == acquiring.ApplicationFailed:
		return reportFailed
	case s.State != acquiring.ApplicationInReview:
		return reportUnclear
	case s.Signature == acquiring.SignatureAsked,
		s.Signature == acquiring.SignatureBegun && settled(s.Risk) && settled(s.Papers):
		return reportSigning
	default:
		return reportReviewing
	}
}

// transitions is the whole life of an application after its draft: what a report turns each status into. A pair that is
// not here changes nothing: a draft was not sent, and what was approved or rejected stays so, whatever arrives late.
func transitions() map[Status]map[report]Status {
	open := map[report]Status{
		reportReviewing: StatusInReview,
		reportSigning:   StatusAwaitingSignature,
		reportFinished:  StatusApproved,
		reportFailed:    StatusRejected,
	}
	return map[Status]map[report]Status{
		StatusSubmitted:         open, // a message can be faster than the answer to our own call
		StatusInReview:          open,
		StatusAwaitingSignature: open, // signed, and the review goes on
	}
}

// Apply moves an application by what Alipay reports; changed tells whether anything did. A report of another
// application at Alipay, for example a late rejection of an older one, changes nothing. An approval under a number that
// another merchant has cannot be had: the application ends as rejected, and a case calls a person. It is atomic, and
// applying the same report again changes nothing. It returns application_not_found.
func (s *Service) Apply(
	ctx context.Context,
	tx db.TenantTx,
	application id.Application,
	snap Snapshot,
) (changed bool, err error) {
	r, err := found(q.ApplicationGetForUpdate(ctx, tx, application))
	if err != nil {
		return false, err
	}
	if snap.Reference == "" || (r.AlipayOrderID != nil && *r.AlipayOrderID != snap.Reference) {
		return false, nil
	}
	to, ok := transitions()[r.Status][reportOf(snap)]
	if !ok {
		return false, nil
	}
	taken := id.Merchant{}
	if to == StatusApproved {
		if taken, err = q.MerchantWithSmid(ctx, tx, snap.Merchant, r.MerchantID); err == nil {
			to = StatusRejected
		} else if !db.IsNoRows(err) {
			return false, fmt.Errorf("look who has the number: %w", err)
		}
	}
	p := s.update(r, snap, to)
	if same(r, p) {
		return false, nil
	}
	if !taken.IsZero() {
		p.Reason = fmt.Sprintf(
			"Alipay approved the application under number %s, which merchant %s of this platform has already. A "+
				"person has to look at it.",
			snap.Merchant,
			taken,
		)
		detail := fmt.Sprintf("Application %s of merchant %s: %s", r.ID, r.MerchantID, p.Reason)
		if _, err := cases.Open(ctx, tx,
			cases.Opening{Kind: vocabulary.CaseSmidTaken, Detail: detail, At: s.clock.Now(), Facts: cases.Facts{
				Cause: vocabulary.CauseSmidTaken, Subject: r.ID.String(), Other: taken.String(), Smid: snap.Merchant,
			}}); err != nil {
			return false, err
		}
	}
	n, err := q.ApplicationApply(ctx, tx, p)
	if err != nil {
		return false, fmt.Errorf("write what Alipay reports: %w", err)
	}
	if n != 1 {
		return false, fmt.Errorf(
			"write what Alipay reports: the application is not %s any more, although it is locked",
			r.Status,
		)
	}
	if to == r.Status {
		return true, nil
	}
	return true, s.entered(ctx, tx, r, p)
}

// update is the row as the snapshot wants it.
func (s *Service) update(r dbsqlc.Application, snap Snapshot, to Status) dbsqlc.ApplicationApplyParams {
	p := dbsqlc.ApplicationApplyParams{
		ID:            r.ID,
		StatusBefore:  r.Status,
		Status:        to,
		AlipayOrderID: &snap.Reference,
		FkAudit:       string(snap.Risk),
		FkMemo:        snap.RiskMemo,
		KzAudit:       string(snap.Papers),
		KzMemo:        snap.PapersMemo,
		SubConfirm:    string(snap.Signature),
		SignURL:       snap.SignURL,
		CardAliasNo:   optional(snap.CardAlias),
	}
	if to.Decided() {
		now := s.clock.Now()
		p.DecidedAt = &now
	}
	if to == StatusApproved {
		p.Smid = &snap.Merchant
	}
	if to == StatusRejected {
		p.Reason = reason(snap)
	}
	return p
}

// reason joins what Alipay gives in three places.
func reason(snap Snapshot) string {
	var parts []string
	for _, p := range []string{snap.Reason, snap.RiskMemo, snap.PapersMemo} {
		if p = text.Shown(p); p != "" && !slices.Contains(parts, p) {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return "Alipay gave no reason."
	}
	return strings.Join(parts, "；")
}

// same tells that the row holds all this already.
func same(r dbsqlc.Application, p dbsqlc.ApplicationApplyParams) bool {
	return r.Status == p.Status && deref(r.AlipayOrderID) == deref(p.AlipayOrderID) && r.FkAudit == p.FkAudit &&
		r.FkMemo == p.FkMemo && r.KzAudit == p.KzAudit &&
		r.KzMemo == p.KzMemo && r.SubConfirm == p.SubConfirm && r.SignURL == p.SignURL &&
		deref(r.CardAliasNo) == deref(p.CardAliasNo) &&
		r.Reason == p.Reason
}

// entered does what a new status brings with it: the merchant's number, someone who asks from now on, events, the audit
// log.
func (s *Service) entered(
	ctx context.Context,
	tx db.TenantTx,
	r dbsqlc.Application,
	p dbsqlc.ApplicationApplyParams,
) error {
	if p.Status == StatusApproved {
		if err := s.approve(ctx, tx, r, *p.Smid); err != nil {
			return err
		}
	}
	if r.Status == StatusSubmitted && !p.Status.Decided() {
		watch := queue.Job{
			Args: queue.OnboardingWatch{TenantID: queue.RefTo(tx.Tenant()), ApplicationID: queue.RefTo(r.ID)},
			Wait: watchFirst,
		}
		if err := queue.Insert(ctx, tx.Later(), watch); err != nil {
			return err
		}
	}
	detail := string(r.Status + " → " + p.Status)
	if err := audit.Record(ctx, tx, audit.System("alipay"), "onboarding_apply", "application", r.ID,
		detail); err != nil {
		return err
	}
	return emit(ctx, tx, r, p.Status, deref(p.Smid), p.Reason, s.clock.Now())
}

// emit tells of statuses that someone outside waits for.
func emit(
	ctx context.Context,
	tx db.TenantTx,
	r dbsqlc.Application,
	to Status,
	smid, reason string,
	at time.Time,
) error {
	types := map[Status]vocabulary.EventType{
		StatusAwaitingSignature: vocabulary.EventOnboardingAwaitingSignature,
		StatusApproved:          vocabulary.EventOnboardingApproved,
		StatusRejected:          vocabulary.EventOnboardingRejected,
	}
	t, ok := types[to]
	if !ok {
		return nil
	}
	return events.Emit(ctx, tx,
		events.Event{Type: t, SubjectType: vocabulary.SubjectApplication, SubjectID: r.ID, At: at,
			Data: event{ApplicationID: r.ID, MerchantID: r.MerchantID, Status: to, Smid: smid, Reason: reason}})
}

// approve gives the merchant its number, which switches payments on. A merchant without a receiver gets the account it
// has just proven to be its own; it can be changed.
func (s *Service) approve(ctx context.Context, tx db.TenantTx, r dbsqlc.Application, smid string) error {
	f, err := s.openForm(ctx, tx, r)
	if err != nil {
		return err
	}
	account := f.AlipayLogonID
	if account == "" {
		account = f.BindingAlipayLogonID
	}
	sealed, err := vault.MerchantReceiver.SealText(ctx, tx, s.vault, r.MerchantID, account)
	if err != nil {
		return err
	}
	n, err := q.MerchantApprove(ctx, tx, &smid, sealed, r.MerchantID)
	if err != nil {
		return fmt.Errorf("give the merchant its number: %w", err)
	}
	if n != 1 {
		return fmt.Errorf("give the merchant its number: there is no merchant %s", r.MerchantID)
	}
	return nil
}
