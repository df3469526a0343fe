package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/approvals"
	"zhitong/tenants/merchants"
)

func (s *server) ListApprovals(
	ctx context.Context,
	r apigen.ListApprovalsRequestObject,
) (apigen.ListApprovalsResponseObject, error) {
	p, err := page[id.Approval](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Approvals.List(ctx, authn.From(ctx), p, approvals.Filter{
		Statuses: each(value(r.Params.Status),
			func(v apigen.ApprovalStatus) vocabulary.ApprovalStatus { return vocabulary.ApprovalStatus(v) }),
		Kinds: each(value(r.Params.Kind),
			func(v apigen.ApprovalKind) vocabulary.ApprovalKind { return vocabulary.ApprovalKind(v) }),
	})
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, s.seen(ctx).approval)
	return apigen.ListApprovals200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateApproval(
	ctx context.Context,
	r apigen.CreateApprovalRequestObject,
) (apigen.CreateApprovalResponseObject, error) {
	a, b := authn.From(ctx), r.Body
	kind := vocabulary.ApprovalKind(b.Kind)
	if err := s.mayAct(a, kind); err != nil {
		return nil, err
	}
	made, again, err := s.Approvals.Ask(ctx, a, keyIn(ctx), kind, paramsIn(b))
	if err != nil {
		return nil, err
	}
	return apigen.CreateApproval201JSONResponse{
		Body: s.seen(ctx).approval(made),
		Headers: apigen.CreateApproval201ResponseHeaders{ETag: etag(made.Version),
			IdempotencyReplayed: replayed(again)},
	}, nil
}

// mayAct holds a key to the permissions that the act itself needs: with an approval it does no more than without. Which
// roles may ask and approve, the domain says.
func (s *server) mayAct(a tenants.Actor, k vocabulary.ApprovalKind) error {
	op := s.contract.ByID(approvals.Operation(k))
	if op != nil && !a.Permissions.Allow(op.Resource, op.Level()) {
		return access.PermissionMissing(op.Resource, op.Level())
	}
	return nil
}

func paramsIn(b *apigen.CreateApprovalJSONRequestBody) (p approvals.Params) {
	if r := b.Refund; r != nil {
		p.Refund = &approvals.Refund{Order: r.OrderID, Reason: value(r.Reason)}
	}
	if c := b.ReceiverChange; c != nil {
		p.Receiver = &approvals.ReceiverChange{Merchant: c.MerchantID, To: receiverIn(&c.Receiver)}
	}
	if l := b.RefundLimit; l != nil {
		p.Limit = &approvals.Limit{To: l.AboveFen}
	}
	if m := b.FactorReset; m != nil {
		p.Reset = &approvals.FactorReset{Member: m.MemberID}
	}
	return p
}

func (s *server) GetApproval(
	ctx context.Context,
	r apigen.GetApprovalRequestObject,
) (apigen.GetApprovalResponseObject, error) {
	a, err := s.Approvals.Get(ctx, authn.From(ctx), r.ApprovalID)
	if err != nil {
		return nil, err
	}
	return apigen.GetApproval200JSONResponse{
		Body:    s.seen(ctx).approval(a),
		Headers: apigen.GetApproval200ResponseHeaders{ETag: etag(a.Version)},
	}, nil
}

// mayDecide is mayAct for the act of an approval. It returns approval_not_found.
func (s *server) mayDecide(ctx context.Context, approval id.Approval) error {
	a := authn.From(ctx)
	if a.Permissions == nil {
		return nil
	}
	at, err := s.Approvals.Get(ctx, a, approval)
	if err != nil {
		return err
	}
	return s.mayAct(a, at.Kind)
}

func (s *server) ApproveApproval(
	ctx context.Context,
	r apigen.ApproveApprovalRequestObject,
) (apigen.ApproveApprovalResponseObject, error) {
	if err := s.mayDecide(ctx, r.ApprovalID); err != nil {
		return nil, err
	}
	a, err := s.Approvals.Approve(ctx, authn.From(ctx), r.ApprovalID)
	if err != nil {
		return nil, err
	}
	return apigen.ApproveApproval200JSONResponse{
		Body:    s.seen(ctx).approval(a),
		Headers: apigen.ApproveApproval200ResponseHeaders{ETag: etag(a.Version)},
	}, nil
}

func (s *server) RefuseApproval(
	ctx context.Context,
	r apigen.RefuseApprovalRequestObject,
) (apigen.RefuseApprovalResponseObject, error) {
	if err := s.mayDecide(ctx, r.ApprovalID); err != nil {
		return nil, err
	}
	a, err := s.Approvals.Refuse(ctx, authn.From(ctx), r.ApprovalID, r.Body.Reason)
	if err != nil {
		return nil, err
	}
	return apigen.RefuseApproval200JSONResponse{
		Body:    s.seen(ctx).approval(a),
		Headers: apigen.RefuseApproval200ResponseHeaders{ETag: etag(a.Version)},
	}, nil
}

func (s *server) WithdrawApproval(
	ctx context.Context,
	r apigen.WithdrawApprovalRequestObject,
) (apigen.WithdrawApprovalResponseObject, error) {
	a, err := s.Approvals.Withdraw(ctx, authn.From(ctx), r.ApprovalID)
	if err != nil {
		return nil, err
	}
	return apigen.WithdrawApproval200JSONResponse{
		Body:    s.seen(ctx).approval(a),
		Headers: apigen.WithdrawApproval200ResponseHeaders{ETag: etag(a.Version)},
	}, nil
}

func (f fields) approval(a approvals.Approval) apigen.Approval {
	out := apigen.Approval{
		ID:            a.ID,
		Kind:          apigen.ApprovalKind(a.Kind),
		Status:        apigen.ApprovalStatus(a.Status),
		AmountFen:     a.Amount,
		AskedByKind:   apigen.ActorKind(callerKind(a.AskedBy)),
		AskedBy:       a.AskedBy,
		AskedAt:       clock.Stamp(a.AskedAt),
		NotBefore:     clock.StampOf(a.NotBefore),
		ExpiresAt:     clock.Stamp(a.ExpiresAt),
		Approvers:     int32(min(a.Approvers, peopleMax)), //nolint:gosec // bounded
		FewApprovers:  a.Few(),
		RefusalReason: optional(a.Refusal),
		FailureCode:   optional(string(a.Failure)),
		RefundID:      optional(a.Refund),
		EndedBy:       optional(a.EndedBy),
		EndedAt:       clock.StampOf(a.EndedAt),
		ApprovedBy:    optional(a.ApprovedBy),
		ApprovedAt:    clock.StampOf(a.ApprovedAt),
	}
	if a.ApprovedBy != "" {
		kind := apigen.ActorKind(callerKind(a.ApprovedBy))
		out.ApprovedByKind = &kind
	}
	if a.EndedBy != "" {
		kind := apigen.ActorKind(callerKind(a.EndedBy))
		out.EndedByKind = &kind
	}
	if r := a.Params.Refund; r != nil {
		out.Refund = &apigen.ApprovalRefund{OrderID: r.Order, Reason: r.Reason}
	}
	if c := a.Params.Receiver; c != nil {
		out.ReceiverChange = &apigen.ApprovalReceiver{MerchantID: c.Merchant, From: f.receiver(c.From),
			To: *f.receiver(c.To)}
	}
	if l := a.Params.Limit; l != nil {
		out.RefundLimit = &apigen.ApprovalLimit{FromFen: l.From, ToFen: l.To}
	}
	if m := a.Params.Reset; m != nil {
		out.FactorReset = &apigen.ApprovalFactorReset{MemberID: m.Member}
	}
	return out
}

// peopleMax bounds how many approvers are told.
const peopleMax = 1_000_000

// receiver is an account as the caller's role sees it; nil stays nil.
func (f fields) receiver(r *merchants.Receiver) *apigen.Receiver {
	if r == nil {
		return nil
	}
	return &apigen.Receiver{Type: apigen.ReceiverType(r.Type), Account: f.contact(authz.AlipayAccount, r.Account)}
}

// callerKind is the kind of whom the audit log names so.
func callerKind(by string) vocabulary.ActorKind {
	if _, err := id.Parse[id.APIKey](by); err == nil {
		return vocabulary.ActorAPIKey
	}
	if _, err := id.Parse[id.Member](by); err == nil {
		return vocabulary.ActorMember
	}
	return vocabulary.ActorSystem
}
