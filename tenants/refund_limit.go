package tenants

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/money"
)

// Loosens tells whether another limit lets refunds through that the one before did not. Nil is no limit.
func Loosens(before, after *money.Fen) bool {
	return before != nil && (after == nil || *after > *before)
}

// limitOf is the limit that settings ask for. It returns approval_required when they loosen it: a limit that one person
// can lift holds nobody.
func limitOf(before *money.Fen, in Settings) (*money.Fen, error) {
	after := before
	if in.RefundLimit != nil {
		after = in.RefundLimit
	}
	if in.NoRefundLimit {
		after = nil
	}
	if Loosens(before, after) {
		return before, ApprovalRequired("Refunds above %s yuan need a second person, and so does a higher limit.",
			before.Yuan())
	}
	return after, nil
}

// ApprovalSettings are what tx's tenant says of approvals.
type ApprovalSettings struct {
	RefundLimit *money.Fen    // nil: none
	Waits       time.Duration // an approval, for a decision
}

// Approvals reads what tx's tenant says of approvals. Atomic.
func Approvals(ctx context.Context, tx db.TenantTx) (ApprovalSettings, error) {
	r, err := q.TenantApprovals(ctx, tx)
	if err != nil {
		return ApprovalSettings{}, fmt.Errorf("read what the tenant says of approvals: %w", err)
	}
	return ApprovalSettings{r.RefundApprovalAboveFen, time.Duration(r.ApprovalHours) * time.Hour}, nil
}

// SetRefundLimit sets the limit of tx's tenant, when it is still what it was: it returns false otherwise. A second
// person has approved it. Atomic.
func SetRefundLimit(ctx context.Context, tx db.TenantTx, by Actor, from, to *money.Fen) (bool, error) {
	r, err := q.TenantGetForUpdate(ctx, tx)
	if err != nil {
		return false, fmt.Errorf("read the tenant: %w", err)
	}
	if !sameFen(r.RefundApprovalAboveFen, from) {
		return false, nil
	}
	if err := q.TenantSetRefundLimit(ctx, tx.Later(), to); err != nil {
		return false, err
	}
	return true, record(ctx, tx, by, "updateTenant", tx.Tenant(), "approved",
		Changes{}.Add("refund_approval_above_fen", fenText(from), fenText(to))...)
}

// sameFen tells whether two limits are one.
func sameFen(a, b *money.Fen) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// fenText is a limit for the audit log; nil: none.
func fenText(f *money.Fen) any {
	if f == nil {
		return nil
	}
	return *f
}
