package approvals

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/audit"
)

// toDoMost is how many acts of a tenant are done at a time; the next look does the others.
const toDoMost = 100

func scheduler() audit.By { return audit.System("approval_due") }

// schedule moves a locked approval from waiting to scheduled: it is approved, and done after a while.
func (s *Service) schedule(
	ctx context.Context,
	tx db.TenantTx,
	by tenants.Actor,
	a Approval,
	wait time.Duration,
) (Approval, error) {
	if !may(a.Status, vocabulary.ApprovalScheduled) {
		return a, hasEnded(a)
	}
	now, from := s.wall.Now(), a.Status
	due := now.Add(wait)
	err := q.ApprovalSchedule(ctx, tx.Later(), dbsqlc.ApprovalScheduleParams{NotBefore: due,
		ApprovedBy: audit.Actor(by).ID, ApprovedByID: access.PersonOf(by), At: now, ID: a.ID})
	if err != nil {
		return a, err
	}
	a.Status, a.NotBefore, a.ApprovedBy, a.ApprovedAt = vocabulary.ApprovalScheduled, &due, audit.Actor(by).ID, &now
	a.approvedByID, a.Version = access.PersonOf(by), a.Version+1
	if err := kinds()[a.Kind].told(ctx, tx, a); err != nil {
		return a, err
	}
	return a, s.tell(ctx, tx, audit.Actor(by), "approveApproval", from, a, s.clock.Now())
}

// CarryOut does what was approved and whose time has come, in a tenant. Phased: each in a transaction of its own, so
// that one that fails keeps back no other. What cannot be done any more the program refuses.
func (s *Service) CarryOut(ctx context.Context, t id.Tenant) error {
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return err
	}
	var due []id.Approval
	err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
		due, err = q.ApprovalToDo(ctx, tx, s.wall.Now(), toDoMost)
		if err != nil {
			return fmt.Errorf("find what was approved and is due: %w", err)
		}
		return nil
	})
	for _, a := range due {
		err = errors.Join(err, s.carryOut(ctx, t, a))
	}
	return err
}

func (s *Service) carryOut(ctx context.Context, t id.Tenant, approval id.Approval) error {
	var out Approval
	var cannot error // what the act was refused for
	changed := false
	err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
		cannot, changed = nil, false
		if out, err = s.lock(ctx, tx, approval); err != nil {
			return err
		}
		if out.Status != vocabulary.ApprovalScheduled || s.wall.Now().Before(*out.NotBefore) {
			return nil // somebody has stopped it, or another has done it
		}
		s.step("due")
		cannot = kinds()[out.Kind].later(s, ctx, tx, &out)
		if cannot != nil {
			return cannot
		}
		s.step("carried out")
		changed = true
		out, err = s.end(ctx, tx, scheduler(), "approveApproval", out, vocabulary.ApprovalApproved, s.clock.Now())
		return err
	})
	s.step("carry-out ended")
	switch {
	case cannot != nil && fault.CodeOf(cannot) != "":
		_, err = s.refuseItself(ctx, tenants.Actor{Tenant: t}, approval, fault.CodeOf(cannot))
		if code := fault.CodeOf(err); code == CodeOutdated || code == CodeEnded {
			return nil
		}
		return err
	case err != nil:
		return fmt.Errorf("carry out approval %s: %w", approval, err)
	case changed:
		s.sessions.Forget()
		s.reached(ctx, t, out)
	}
	return nil
}

// Stop ends what is to happen to a member, at the word of the member. It returns approval_not_found and
// approval_ended.
func (s *Service) Stop(ctx context.Context, by tenants.Actor, approval id.Approval) (Approval, error) {
	return s.ends(ctx, by, approval, "refuseApproval", vocabulary.ApprovalRefused,
		func(_ context.Context, _ db.TenantTx, at *Approval) error {
			if at.Params.Reset == nil || by.Caller.Member().IsZero() || at.Params.Reset.Member != by.Caller.Member() {
				return notFound()
			}
			if !at.open() {
				return hasEnded(*at)
			}
			return nil
		})
}

// Impending is what is to happen to what a person signs in with.
type Impending struct {
	Platform string
	Member   id.Member
	Approval Approval
}

// ImpendingFor tells what is to happen to what a member signs in with; nil: nothing.
func (s *Service) ImpendingFor(ctx context.Context, t id.Tenant, m id.Member) (out *Impending, err error) {
	err = s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
		out = nil
		r, err := q.ApprovalOfSubject(ctx, tx, vocabulary.ApprovalFactorReset, m.UUID())
		if db.IsNoRows(err) {
			return nil
		}
		a, err := s.read(ctx, tx, r, err)
		if err != nil || late(a, s.clock.Now()) {
			return err
		}
		platform, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read the tenant: %w", err)
		}
		out = &Impending{platform.Name, m, a}
		return nil
	})
	return out, err
}
