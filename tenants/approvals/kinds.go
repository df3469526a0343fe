package approvals

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/orders"
	"zhitong/tenants/refunds"
	"zhitong/tenants/splits"
	"zhitong/tenants/vault"
)

// kind is one act that a second person approves.
type kind struct {
	// operation is the act's own: who may call it may ask. A test holds askers to the policy of the API.
	operation string
	askers    []tenants.Role
	approvers []tenants.Role
	// passing are codes of the act that are over in a moment: the approval goes on waiting.
	passing []fault.Code
	// ask completes what was asked for with what it is to replace, and tells what it is
	// about, and how much money moves.
	ask func(s *Service, ctx context.Context, tx db.TenantTx, by tenants.Actor, p *Params) ([16]byte, *money.Fen, error)
	// do does it. A fault of the act, unless it is passing, says that it cannot be done any more.
	do func(s *Service, ctx context.Context, tx db.TenantTx, by tenants.Actor, a *Approval) error
	// people: neither asked for nor approved by API keys.
	people bool
	// wait is how long after it was approved the act is done, by later; do only tells whether it could be. Zero: at
	// once.
	wait  time.Duration
	later func(s *Service, ctx context.Context, tx db.TenantTx, a *Approval) error
	// tell has whom it concerns told; nil: nobody but by the event.
	tell func(ctx context.Context, tx db.TenantTx, a Approval) error
}

// told has whom it concerns told that it was asked for, or was approved.
func (k kind) told(ctx context.Context, tx db.TenantTx, a Approval) error {
	if k.tell == nil {
		return nil
	}
	return k.tell(ctx, tx, a)
}

func kinds() map[vocabulary.ApprovalKind]kind {
	top := []tenants.Role{tenants.RoleOwner, tenants.RoleAdmin}
	return map[vocabulary.ApprovalKind]kind{
		vocabulary.ApprovalRefund: {
			operation: "createRefund",
			askers:    []tenants.Role{tenants.RoleOwner, tenants.RoleAdmin, tenants.RoleFinance},
			approvers: []tenants.Role{tenants.RoleOwner, tenants.RoleAdmin, tenants.RoleFinance},
			passing:   []fault.Code{refunds.CodePending, splits.CodeInProgress},
			ask:       askRefund, do: doRefund,
		},
		vocabulary.ApprovalReceiverChange: {
			operation: "updateMerchant", askers: top, approvers: top, ask: askReceiver, do: doReceiver,
		},
		vocabulary.ApprovalRefundLimit: {
			operation: "updateTenant", askers: top, approvers: top, ask: askLimit, do: doLimit,
		},
		vocabulary.ApprovalFactorReset: {
			operation: "updateMember", askers: top, approvers: top, people: true, wait: ResetWait,
			passing: []fault.Code{access.CodeRoleExceedsOwn, access.CodeSecondPerson, tenants.CodePersonRequired},
			ask:     askReset, do: mayReset, later: doReset, tell: tellReset,
		},
	}
}

// Operation is the operation of the act itself: who asks or approves needs a key that may call it.
func Operation(k vocabulary.ApprovalKind) string { return kinds()[k].operation }

// Askers are the roles that may ask for a kind.
func Askers(k vocabulary.ApprovalKind) []tenants.Role { return kinds()[k].askers }

// Approvers are the roles that may approve a kind.
func Approvers(k vocabulary.ApprovalKind) []tenants.Role { return kinds()[k].approvers }

// of tells whether the params are those of a kind, and no others.
func (p Params) of(k vocabulary.ApprovalKind) bool {
	given := map[vocabulary.ApprovalKind]bool{
		vocabulary.ApprovalRefund: p.Refund != nil, vocabulary.ApprovalReceiverChange: p.Receiver != nil,
		vocabulary.ApprovalRefundLimit: p.Limit != nil, vocabulary.ApprovalFactorReset: p.Reset != nil,
	}
	for other, there := range given {
		if there != (other == k) {
			return false
		}
	}
	return given[k]
}

func outdated(why fault.Code) error {
	return fault.New(why, "It is not what was asked about any more.")
}

func askRefund(
	s *Service, ctx context.Context, tx db.TenantTx, _ tenants.Actor, p *Params,
) ([16]byte, *money.Fen, error) {
	amount, err := s.orders.Refundable(ctx, tx, p.Refund.Order)
	if err != nil {
		return p.Refund.Order, nil, err
	}
	own, err := tenants.Approvals(ctx, tx)
	if err == nil && (own.RefundLimit == nil || amount <= *own.RefundLimit) {
		err = fault.New(CodeNotNeeded, "A refund of %s yuan needs no second person.", amount.Yuan())
	}
	return p.Refund.Order, &amount, err
}

func doRefund(s *Service, ctx context.Context, tx db.TenantTx, by tenants.Actor, a *Approval) error {
	r, err := s.orders.RefundApproved(ctx, tx, by, orders.ApprovedRefund{
		Order: a.Params.Refund.Order, Amount: *a.Amount, Reason: a.Params.Refund.Reason})
	if fault.CodeOf(err) == orders.CodeRefundAmount {
		return outdated(failureAmount)
	}
	a.Refund = r.ID
	return err
}

func askReceiver(
	s *Service, ctx context.Context, tx db.TenantTx, _ tenants.Actor, p *Params,
) ([16]byte, *money.Fen, error) {
	m, err := s.merchants.ReceiverFor(ctx, tx, p.Receiver.Merchant, p.Receiver.To)
	if err != nil {
		return p.Receiver.Merchant, nil, err
	}
	p.Receiver.From = m.Receiver
	if m.Receiver != nil && *m.Receiver == *p.Receiver.To {
		err = fault.New(CodeNotNeeded, "It is the receiver already.")
	}
	return p.Receiver.Merchant, nil, err
}

func doReceiver(s *Service, ctx context.Context, tx db.TenantTx, by tenants.Actor, a *Approval) error {
	p := a.Params.Receiver
	same, err := s.merchants.ChangeReceiver(ctx, tx, by, p.Merchant, p.From, p.To)
	if err == nil && !same {
		return outdated(failureReceiver)
	}
	return err
}

func askLimit(
	_ *Service, ctx context.Context, tx db.TenantTx, _ tenants.Actor, p *Params,
) ([16]byte, *money.Fen, error) {
	own, err := tenants.Approvals(ctx, tx)
	if err != nil {
		return tx.Tenant(), nil, err
	}
	if !tenants.Loosens(own.RefundLimit, p.Limit.To) {
		return tx.Tenant(), nil, fault.New(CodeNotNeeded, "The limit is not raised: change it with updateTenant.")
	}
	p.Limit.From = own.RefundLimit
	return tx.Tenant(), nil, nil
}

func doLimit(_ *Service, ctx context.Context, tx db.TenantTx, by tenants.Actor, a *Approval) error {
	same, err := tenants.SetRefundLimit(ctx, tx, by, a.Params.Limit.From, a.Params.Limit.To)
	if err == nil && !same {
		return outdated(failureLimit)
	}
	return err
}

// mayStill returns asker_may_not when who asked could not ask any more.
func (s *Service) mayStill(ctx context.Context, tx db.TenantTx, a Approval) error {
	role, err := s.askersRole(ctx, tx, a)
	if err == nil && !slices.Contains(kinds()[a.Kind].askers, role) {
		return errAsker()
	}
	return err
}

func errAsker() error { return fault.New(failureAsker, "Who asked may not do it any more.") }

// askersRole is the role of who asked. It returns asker_may_not for one who is gone.
func (s *Service) askersRole(ctx context.Context, tx db.TenantTx, a Approval) (tenants.Role, error) {
	var role tenants.Role
	key, err := id.Parse[id.APIKey](a.AskedBy)
	if err == nil {
		role, err = q.ApprovalAskerKey(ctx, tx, key, s.clock.Now())
	} else {
		role, err = q.ApprovalAskerMember(ctx, tx, id.Member(a.askedByID))
	}
	if db.IsNoRows(err) {
		return role, errAsker()
	}
	if err != nil {
		return role, fmt.Errorf("read who asked: %w", err)
	}
	return role, nil
}

func (s *Service) sealParams(ctx context.Context, tx db.TenantTx, a id.Approval, p Params) ([]byte, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write what is asked for: %w", err)
	}
	return s.vault.Seal(ctx, tx, raw, vault.ApprovalParams.At(tx.Tenant(), a))
}

func (s *Service) openParams(ctx context.Context, tx db.TenantTx, r dbsqlc.Approval) (p Params, err error) {
	raw, err := s.vault.Open(ctx, tx, r.SealedParams, vault.ApprovalParams.At(tx.Tenant(), r.ID))
	if err != nil {
		return p, fmt.Errorf("open approval %s: %w", r.ID, err)
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, fmt.Errorf("read approval %s: %w", r.ID, err)
	}
	return p, nil
}
