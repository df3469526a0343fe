package approvals

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/queue"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/audit"
	"zhitong/tenants/people"
)

// ResetWait is how long after the second person's word a member's factors end: the member, who is mailed at once, can
// stop it until then.
const ResetWait = 24 * time.Hour

// member reads a member and who they are. It returns member_not_found.
func member(ctx context.Context, tx db.TenantTx, m id.Member) (r dbsqlc.MemberGetRow, p id.Person, err error) {
	r, err = q.MemberGet(ctx, tx, m)
	if db.IsNoRows(err) {
		return r, p, fault.New(access.CodeMemberNotFound, "There is no such member.")
	}
	if err != nil {
		return r, p, fmt.Errorf("read the member: %w", err)
	}
	if p, err = q.MemberPerson(ctx, tx, m); err != nil {
		return r, p, fmt.Errorf("read who the member is: %w", err)
	}
	return r, p, nil
}

// outranked returns role_exceeds_own for a member whose role is above one's own.
func outranked(own, members tenants.Role) error {
	if !own.MayGive(members) {
		return fault.New(access.CodeRoleExceedsOwn, "The role %s takes nothing away from a member with the role %s.",
			own, members)
	}
	return nil
}

// askReset tells nothing of what else the person is a member of: that is looked at when a second person approves, and
// the member has been mailed by then.
func askReset(
	_ *Service, ctx context.Context, tx db.TenantTx, by tenants.Actor, p *Params,
) ([16]byte, *money.Fen, error) {
	m, person, err := member(ctx, tx, p.Reset.Member)
	switch {
	case err != nil:
	case m.ID == by.Caller.Member():
		err = fault.New(CodeNotNeeded, "It is yourself: you are signed in.")
	case person.IsZero():
		err = fault.New(CodeNotNeeded, "Nobody has signed in as this member yet.")
	default:
		err = outranked(by.Role, tenants.Role(m.Role))
	}
	return p.Reset.Member, nil, err
}

// mayReset tells whether the second person may say so, and whether it could be done.
func mayReset(s *Service, ctx context.Context, tx db.TenantTx, by tenants.Actor, a *Approval) error {
	m, person, err := member(ctx, tx, a.Params.Reset.Member)
	if err != nil {
		return err
	}
	if m.ID == by.Caller.Member() {
		return fault.New(access.CodeSecondPerson, "It is yourself.")
	}
	if err := outranked(by.Role, tenants.Role(m.Role)); err != nil {
		return err
	}
	return s.resettable(ctx, tx, *a, tenants.Role(m.Role), person)
}

// resettable tells whether a member's factors may be taken away: who asked is not below the member, and the person has
// nothing elsewhere that this platform's people would take over. It returns asker_may_not, member_elsewhere and
// member_not_found.
func (s *Service) resettable(
	ctx context.Context,
	tx db.TenantTx,
	a Approval,
	role tenants.Role,
	person id.Person,
) error {
	if person.IsZero() {
		return fault.New(access.CodeMemberNotFound, "Nobody signs in as the member.")
	}
	asker, err := s.askersRole(ctx, tx, a)
	if err != nil {
		return err
	}
	if !asker.MayGive(role) {
		return errAsker()
	}
	t, err := q.TenantGet(ctx, tx)
	if err != nil {
		return fmt.Errorf("read the tenant: %w", err)
	}
	if t.Status != tenants.StatusActive {
		return fault.New(tenants.CodeNotActive, "The platform is %s.", t.Status)
	}
	own := []id.Tenant{tx.Tenant()}
	if t.Mode == tenants.ModeLive && !t.TwinID.IsZero() { // a live platform has more to lose than its sandbox
		own = append(own, t.TwinID)
	}
	only, err := people.OnlyIn(ctx, tx, person, own...)
	if err == nil && !only {
		err = fault.New(failureElsewhere, "The person is a member of other platforms, too.")
	}
	return err
}

// doReset takes everything away that the member signs in with: neither who asked nor who approved has lost the right,
// and nothing has changed that they would not have been let do it for.
func doReset(s *Service, ctx context.Context, tx db.TenantTx, a *Approval) error {
	m, person, err := member(ctx, tx, a.Params.Reset.Member)
	if err != nil {
		return err
	}
	if err := s.mayStill(ctx, tx, *a); err != nil {
		return err
	}
	role, err := q.ApprovalAskerMember(ctx, tx, id.Member(a.approvedByID))
	if err != nil && !db.IsNoRows(err) {
		return fmt.Errorf("read who approved: %w", err)
	}
	if err != nil || !holds(kinds()[a.Kind].approvers, tenants.Actor{Role: role}) ||
		!role.MayGive(tenants.Role(m.Role)) {
		return fault.New(failureApprover, "Who approved may not do it any more.")
	}
	if err := s.resettable(ctx, tx, *a, tenants.Role(m.Role), person); err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, scheduler(), "resetMemberFactors", "member", m.ID, a.ID.String()); err != nil {
		return err
	}
	return s.people.ResetByMail(ctx, tx, person, s.sessions.EndOthers(person, id.Session{}))
}

// tellReset has the member and who asked mailed.
func tellReset(ctx context.Context, tx db.TenantTx, a Approval) error {
	var due []queue.Job
	for _, m := range []id.Member{a.Params.Reset.Member, id.Member(a.askedByID)} {
		due = append(due, queue.Job{Args: queue.ResetMail{TenantID: queue.RefTo(tx.Tenant()),
			ApprovalID: queue.RefTo(a.ID), MemberID: queue.RefTo(m)}})
	}
	return queue.Insert(ctx, tx.Later(), due...)
}
