package approvals

import (
	"context"
	"fmt"
	"slices"
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

// expireMost is how many approvals of a tenant are ended at a time.
const expireMost = 100

// Approve is the second person's word, and does what was asked for in the same transaction, or schedules it. The same
// person may say it again. When it cannot be done as it was asked for any more, nothing is done, and the
// program refuses it.
//
// It returns approval_not_found, approval_ended, approval_not_yours, approval_too_early, second_person_required,
// approval_outdated, what the act is refused for at this moment only, refund_pending and split_in_progress, and what
// other approvers are not refused for: role_exceeds_own and person_required.
func (s *Service) Approve(ctx context.Context, a tenants.Actor, approval id.Approval) (Approval, error) {
	var out Approval
	var cannot error // what the act was refused for
	changed := false
	err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) (err error) {
		cannot = nil
		if out, err = s.lock(ctx, tx, approval); err != nil {
			return err
		}
		if approvedBy(out, audit.Actor(a).ID) {
			return nil
		}
		now := s.clock.Now()
		if changed = late(out, now); changed {
			out, err = s.end(ctx, tx, expiry(), "approval_expire", out, vocabulary.ApprovalExpired, now)
			return err
		}
		if err := decidable(ctx, tx, a, out); err != nil {
			return err
		}
		if out.NotBefore != nil && now.Before(*out.NotBefore) {
			return fault.New(CodeTooEarly, "It can be approved from %s on.", out.NotBefore.UTC().Format(time.RFC3339))
		}
		s.step("decided")
		cannot = s.do(ctx, tx, a, &out)
		if cannot != nil {
			return cannot
		}
		s.step("done")
		changed = true
		if wait := kinds()[out.Kind].wait; wait > 0 {
			out, err = s.schedule(ctx, tx, a, out, wait)
			return err
		}
		out, err = s.end(ctx, tx, audit.Actor(a), "approveApproval", out, vocabulary.ApprovalApproved, now)
		return err
	})
	s.step("approved")
	switch {
	case cannot != nil && final(out.Kind, cannot):
		return s.refuseItself(ctx, a, approval, fault.CodeOf(cannot))
	case err != nil:
		return Approval{}, err
	case changed:
		s.reached(ctx, a.Tenant, out)
	}
	if out.Status == vocabulary.ApprovalExpired {
		return Approval{}, hasEnded(out)
	}
	return out, nil
}

// approvedBy tells whether a person has approved it before.
func approvedBy(a Approval, by string) bool {
	if a.Status == vocabulary.ApprovalApproved && a.EndedBy == by {
		return true
	}
	return (a.Status == vocabulary.ApprovalApproved || a.Status == vocabulary.ApprovalScheduled) && a.ApprovedBy == by
}

// do does the act in the transaction that approves it. Of an act that is done later it tells whether it could be.
func (s *Service) do(ctx context.Context, tx db.TenantTx, by tenants.Actor, a *Approval) error {
	if kinds()[a.Kind].people && by.Caller.Member().IsZero() {
		return errPerson()
	}
	if err := s.mayStill(ctx, tx, *a); err != nil {
		return err
	}
	return kinds()[a.Kind].do(s, ctx, tx, by, a)
}

// final tells whether an act was refused for good: a fault that is not over in a moment. What is no fault is ours.
func final(k vocabulary.ApprovalKind, err error) bool {
	code := fault.CodeOf(err)
	return code != "" && !slices.Contains(kinds()[k].passing, code)
}

// refuseItself ends an approval that cannot be done any more, in a transaction of its own: the one that tried is undone
// to the last row. After a crash between the two the approval waits still, and the next who approves it comes here.
func (s *Service) refuseItself(
	ctx context.Context,
	a tenants.Actor,
	approval id.Approval,
	why fault.Code,
) (Approval, error) {
	s.step("cannot")
	var out Approval
	err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) (err error) {
		if out, err = s.lock(ctx, tx, approval); err != nil {
			return err
		}
		if !out.open() {
			return hasEnded(out)
		}
		out.Failure = why
		out, err = s.end(ctx, tx, audit.System("approval"), "approveApproval", out, vocabulary.ApprovalRefused,
			s.clock.Now())
		return err
	})
	if err != nil {
		return Approval{}, err
	}
	s.reached(ctx, a.Tenant, out)
	return Approval{}, fault.New(CodeOutdated, "It cannot be done as it was asked for any more: %s.", why)
}

// Refuse ends an approval without doing anything. It returns approval_not_found, approval_ended, approval_not_yours and
// second_person_required: who asked withdraws.
func (s *Service) Refuse(ctx context.Context, a tenants.Actor, approval id.Approval, why string) (Approval, error) {
	return s.ends(ctx, a, approval, "refuseApproval", vocabulary.ApprovalRefused,
		func(ctx context.Context, tx db.TenantTx, at *Approval) error {
			at.Refusal = why
			if at.Status == vocabulary.ApprovalScheduled { // until it is done
				return mayDecide(ctx, tx, a, *at)
			}
			return decidable(ctx, tx, a, *at)
		})
}

// Withdraw takes back what waits, by who asked or an owner or admin. It returns approval_not_found, approval_ended and
// approval_not_yours.
func (s *Service) Withdraw(ctx context.Context, a tenants.Actor, approval id.Approval) (Approval, error) {
	return s.ends(ctx, a, approval, "withdrawApproval", vocabulary.ApprovalWithdrawn,
		func(_ context.Context, _ db.TenantTx, at *Approval) error {
			if !at.open() {
				return hasEnded(*at)
			}
			own := access.PersonOf(a) == at.askedByID
			if !own && (a.Permissions != nil || a.Role != tenants.RoleOwner && a.Role != tenants.RoleAdmin) {
				return fault.New(CodeNotYours, "It was asked for by %s.", at.AskedBy)
			}
			return nil
		})
}

// ends moves an approval to a status that check allows. One whose time is up has expired, whoever comes.
func (s *Service) ends(
	ctx context.Context,
	a tenants.Actor,
	approval id.Approval,
	operation string,
	to vocabulary.ApprovalStatus,
	check func(ctx context.Context, tx db.TenantTx, at *Approval) error,
) (out Approval, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if out, err = s.lock(ctx, tx, approval); err != nil {
			return err
		}
		now := s.clock.Now()
		if late(out, now) {
			out, err = s.end(ctx, tx, expiry(), "approval_expire", out, vocabulary.ApprovalExpired, now)
			return err
		}
		if err := check(ctx, tx, &out); err != nil {
			return err
		}
		out, err = s.end(ctx, tx, audit.Actor(a), operation, out, to, now)
		return err
	})
	if err != nil {
		return Approval{}, err
	}
	s.step("ended")
	s.reached(ctx, a.Tenant, out)
	if out.Status == vocabulary.ApprovalExpired {
		return Approval{}, hasEnded(out)
	}
	return out, nil
}

// Expire ends the approvals of a tenant that nobody has decided in time. Phased, of one transaction each time; two at
// once share the work.
func (s *Service) Expire(ctx context.Context, t id.Tenant) error {
	for full := true; full && ctx.Err() == nil; {
		var done []Approval
		err := s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
			done = nil
			now := s.clock.Now()
			rows, err := q.ApprovalDue(ctx, tx, now, expireMost)
			if err != nil {
				return fmt.Errorf("find the approvals that nobody decided: %w", err)
			}
			full = len(rows) == expireMost
			for _, r := range rows {
				a, err := s.read(ctx, tx, r, nil)
				if err != nil {
					return err
				}
				a, err = s.end(ctx, tx, expiry(), "approval_expire", a, vocabulary.ApprovalExpired, now)
				if err != nil {
					return err
				}
				done = append(done, a)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, a := range done {
			s.reached(ctx, t, a)
		}
	}
	return ctx.Err()
}

// late tells whether nobody has decided in time.
func late(a Approval, now time.Time) bool {
	return a.Status == vocabulary.ApprovalWaiting && !now.Before(a.ExpiresAt)
}

func expiry() audit.By { return audit.System("approval_expire") }

// lock is the approval, which nobody else decides at the same time.
func (s *Service) lock(ctx context.Context, tx db.TenantTx, approval id.Approval) (Approval, error) {
	r, err := q.ApprovalGetForUpdate(ctx, tx, approval)
	return s.read(ctx, tx, r, err)
}

// decidable tells whether an actor may approve or refuse.
func decidable(ctx context.Context, tx db.TenantTx, a tenants.Actor, at Approval) error {
	if at.Status != vocabulary.ApprovalWaiting {
		return hasEnded(at)
	}
	return mayDecide(ctx, tx, a, at)
}

// mayDecide is decidable of one that has not ended.
func mayDecide(ctx context.Context, tx db.TenantTx, a tenants.Actor, at Approval) error {
	if !holds(kinds()[at.Kind].approvers, a) {
		return fault.New(CodeNotYours, "A %s cannot decide it.", a.Role)
	}
	return access.OtherPerson(ctx, tx, a, at.asked())
}

// end moves a locked approval to a status that nothing follows, and tells of it.
func (s *Service) end(
	ctx context.Context,
	tx db.TenantTx,
	by audit.By,
	operation string,
	a Approval,
	to vocabulary.ApprovalStatus,
	now time.Time,
) (Approval, error) {
	if !may(a.Status, to) {
		return a, hasEnded(a)
	}
	err := q.ApprovalEnd(ctx, tx.Later(), dbsqlc.ApprovalEndParams{Status: to, EndedBy: by.ID, At: now,
		Refusal: a.Refusal, FailureCode: string(a.Failure), ResultID: a.Refund, ID: a.ID})
	if err != nil {
		return a, err
	}
	from := a.Status
	a.Status, a.EndedBy, a.EndedAt, a.Version = to, by.ID, &now, a.Version+1
	return a, s.tell(ctx, tx, by, operation, from, a, now)
}
