// Package idempotency makes a repeated request safe: the first request with a key claims it for the thing it creates,
// every later one is told which thing that is and goes on from there. No answers are stored; a replay shows the thing
// as it now is.
package idempotency

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/tenants"
)

var q = dbsqlc.New()

// CodeKeyReused is answered when a key comes back with another request.
const CodeKeyReused fault.Code = "idempotency_key_reused"

// Kept is how long a key is remembered at least.
const Kept = 48 * time.Hour

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{{
		Code: CodeKeyReused, Status: http.StatusUnprocessableEntity, Title: "The Idempotency-Key belongs to another request",
		TitleZh:   "Idempotency-Key 属于另一个请求",
		Meaning:   "This key was already sent with another body or to another operation. Use a new key for a new request.",
		MeaningZh: "该键已用于不同的请求体或操作。新的请求请用新的键。",
	}}
}

// Key is the Idempotency-Key of a request and the hash of what it asks for. The zero Key is a request without one.
type Key struct {
	Value   string
	Request [32]byte // hash of the body and of the path's parameters
}

// Claim binds the key to resource, which the request is about to create, or finds what it is bound to already. It costs
// one statement, a replay two, and must stand in the transaction that creates the resource, so that both are there or neither. replay
// says that existing was made by an earlier request; otherwise existing is resource, as it is for a request without a
// key. A request that runs at the same time with the same key waits here for the other's end.
//
// It returns idempotency_key_reused when the key came with another operation or another request.
func (k Key) Claim(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	operation string,
	resource [16]byte,
) (existing uuid.UUID, replay bool, err error) {
	if k.Value == "" {
		return uuid.UUID(resource), false, nil
	}
	claimed, err := q.IdempotencyClaim(ctx, tx, dbsqlc.IdempotencyClaimParams{
		CallerID: a.APIKey, Key: k.Value, Operation: operation, RequestHash: k.Request[:], ResourceID: uuid.UUID(resource),
	})
	if err != nil {
		return uuid.UUID{}, false, fmt.Errorf("claim the idempotency key: %w", err)
	}
	if claimed > 0 {
		return uuid.UUID(resource), false, nil
	}
	row, err := q.IdempotencyGet(ctx, tx, a.APIKey, k.Value)
	if err != nil {
		return uuid.UUID{}, false, fmt.Errorf("claim the idempotency key: %w", err)
	}
	if row.Operation != operation || [32]byte(row.RequestHash) != k.Request {
		return uuid.UUID{}, false, fault.New(CodeKeyReused, "This Idempotency-Key was used for another request.")
	}
	return row.ResourceID, true, nil
}

// Constraint is violated at the commit when a key that ClaimNew expected to be new is known.
const Constraint = "idempotency_keys_pkey"

// ClaimNew leaves the claim of a key for the transaction's commit, in the expectation that it is new, as nearly every
// key is: nothing waits for the answer. When it is not, the transaction fails by violating Constraint, and the caller
// asks Find.
func (k Key) ClaimNew(ctx context.Context, tx db.TenantTx, a tenants.Actor, operation string, resource [16]byte) error {
	return q.IdempotencyInsert(ctx, tx.Later(), dbsqlc.IdempotencyInsertParams{
		CallerID: a.APIKey, Key: k.Value, Operation: operation, RequestHash: k.Request[:], ResourceID: uuid.UUID(resource),
	})
}

// Find tells what a key is bound to. It returns idempotency_key_reused when the key came with another operation or
// another request.
func (k Key) Find(ctx context.Context, tx db.TenantTx, a tenants.Actor, operation string) (uuid.UUID, error) {
	seen, err := q.IdempotencyGet(ctx, tx, a.APIKey, k.Value)
	if err != nil {
		return uuid.UUID{}, fmt.Errorf("find the idempotency key: %w", err)
	}
	if seen.Operation != operation || [32]byte(seen.RequestHash) != k.Request {
		return uuid.UUID{}, fault.New(CodeKeyReused, "This Idempotency-Key was used for another request.")
	}
	return seen.ResourceID, nil
}

// Forget drops the tenant's keys that are older than kept, at most a thousand, and says how many. Their age is by the
// clock of Postgres, which dated them.
func Forget(ctx context.Context, tx db.TenantTx, kept time.Duration) (int64, error) {
	now, err := q.IdempotencyNow(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("forget idempotency keys: %w", err)
	}
	n, err := q.IdempotencyForget(ctx, tx, now.Add(-kept))
	if err != nil {
		return 0, fmt.Errorf("forget idempotency keys: %w", err)
	}
	return n, nil
}
