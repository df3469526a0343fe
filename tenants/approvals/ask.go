package approvals

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/audit"
	"zhitong/tenants/idempotency"
)

// Ask leaves an act for a second person; replayed says that an earlier request with the same key had. What it is to
// replace is read here, never believed.
//
// It returns invalid_request, approval_waiting, approval_not_needed, and what the act itself is refused for: for a
// refund order_not_found, order_not_refundable, refund_pending and split_in_progress, for a receiver
// merchant_not_found, for what a member signs in with member_not_found, role_exceeds_own and person_required. Who
// may not call the act's own operation gets approval_not_yours.
func (s *Service) Ask(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	k vocabulary.ApprovalKind,
	p Params,
) (out Approval, replayed bool, err error) {
	if !p.of(k) {
		return out, false, fault.New(tenants.CodeInvalidRequest, "Send the one object that kind names.").
			At("/kind", "kind", "Another object is sent than the one that kind names, or none.")
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		made := id.New[id.Approval]()
		existing, seen, err := key.Claim(ctx, tx, a, "createApproval", made)
		if err != nil {
			return err
		}
		if replayed = seen; seen {
			out, err = s.get(ctx, tx, id.Approval(existing))
			return err
		}
		if err := s.ask(ctx, tx, a, made, k, p); err != nil {
			return err
		}
		out, err = s.get(ctx, tx, made)
		if err != nil {
			return err
		}
		if err := kinds()[k].told(ctx, tx, out); err != nil {
			return err
		}
		return s.tell(ctx, tx, audit.Actor(a), "createApproval", "", out, s.clock.Now())
	})
	if err != nil {
		return Approval{}, false, err
	}
	if !replayed {
		s.reached(ctx, a.Tenant, out)
	}
	return out, replayed, nil
}

func (s *Service) ask(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	made id.Approval,
	k vocabulary.ApprovalKind,
	p Params,
) error {
	if !holds(kinds()[k].askers, a) {
		return fault.New(CodeNotYours, "A %s cannot ask for it.", a.Role)
	}
	if kinds()[k].people && a.Caller.Member().IsZero() {
		return errPerson()
	}
	subject, amount, err := kinds()[k].ask(s, ctx, tx, a, &p)
	if err != nil {
		return err
	}
	waits, err := q.ApprovalWaiting(ctx, tx, k, subject)
	if err != nil {
		return fmt.Errorf("look for another approval: %w", err)
	}
	if waits {
		return errWaiting()
	}
	own, err := tenants.Approvals(ctx, tx)
	if err != nil {
		return err
	}
	sealed, err := s.sealParams(ctx, tx, made, p)
	if err != nil {
		return err
	}
	err = q.ApprovalInsert(ctx, tx, dbsqlc.ApprovalInsertParams{
		ID: made, Kind: k, SubjectID: subject, AmountFen: amount, SealedParams: sealed, AskedBy: audit.Actor(a).ID,
		AskedByID: access.PersonOf(a), ExpiresAt: s.clock.Now().Add(own.Waits),
	})
	if db.Violates(err, "approvals_one_waiting") || db.Violates(err, "approvals_one_open") { // another asked at once
		return errWaiting()
	}
	if err != nil {
		return fmt.Errorf("write the approval: %w", err)
	}
	return nil
}

func errPerson() error {
	return fault.New(tenants.CodePersonRequired, "An API key neither asks for it nor approves it.")
}

func errWaiting() error { return fault.New(CodeWaiting, "It was asked for already, and waits.") }
