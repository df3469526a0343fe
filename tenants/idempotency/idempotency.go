// Package idempotency makes a repeated request safe. A key belongs to the tenant: whoever of it sends the key again,
// with the same request and the same rights, gets what the first request got.
//
// There are two ways. What creates a thing claims the key for it in the transaction that creates it ([Key.Claim]): the
// thing and the claim are both there or neither, and a repeat shows the thing as it now is. What does something else is
// run under a lease and its answer recorded ([Answers]): a repeat is given the answer to the letter.
package idempotency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Codes of this package.
const (
	CodeKeyReused fault.Code = "idempotency_key_reused"
	CodeKeyInUse  fault.Code = "idempotency_key_in_use"
)

// How long a key is remembered at least.
const (
	Kept      = 24 * time.Hour
	KeptMoney = 30 * 24 * time.Hour // of operations that move money
)

// movesMoney tells whether the operation moves money, so that its keys are kept for longer.
func movesMoney(operation string) bool { return slices.Contains(MoneyOperations(), operation) }

// MoneyOperations are the operations that move money.
func MoneyOperations() []string { return []string{"createOrder", "createRefund", "retryOrderSplit"} }

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:    CodeKeyReused,
			Status:  http.StatusUnprocessableEntity,
			Title:   "The Idempotency-Key belongs to another request",
			TitleZh: "Idempotency-Key 属于另一个请求",
			Meaning: "This key was already sent with another body, to another operation, or with other rights. " +
				"Use a new key for a new request.",
			MeaningZh: "该键已用于不同的请求体、操作或权限。新的请求请用新的键。",
		},
		{
			Code:    CodeKeyInUse,
			Status:  http.StatusConflict,
			Title:   "A request with this Idempotency-Key is running",
			TitleZh: "带有此 Idempotency-Key 的请求正在处理",
			Meaning: "The same request was sent before and is not answered yet. Repeat it with the same key after " +
				"`Retry-After` seconds.",
			MeaningZh: "同一请求先前已发送，尚未完成。请在 `Retry-After` 秒后用同一键重发。",
		},
	}
}

// Key is the Idempotency-Key of a request and a hash of what it asks for. The zero Key is a request without one.
type Key struct {
	Value   string
	Request [32]byte // of the path and the body; keyed, so that nobody tries bodies against what is stored
	// Before is how programs of before hashed the same request, without a key; zero: it is not known.
	Before [32]byte
}

// requests is the purpose of the keyed hashes of requests.
const requests = "idempotency request"

// Keyed is a key whose request was hashed without a key, with it hashed by the installation's key for the tenant:
// whoever has the database alone cannot try what was asked for. What programs of before have stored is known still.
func Keyed(ctx context.Context, v *vault.Vault, d *db.DB, t id.Tenant, k Key) (Key, error) {
	if k.Value == "" {
		return k, nil
	}
	k.Before = k.Request
	var err error
	k.Request, err = v.MAC(ctx, d, requests, append(t[:], k.Before[:]...))
	return k, err
}

// And is the key of a request that asks for more than its path and body tell.
func (k Key) And(more []byte) Key {
	k.Request = sha256.Sum256(append(k.Request[:], more...))
	if k.Before != ([32]byte{}) {
		k.Before = sha256.Sum256(append(k.Before[:], more...))
	}
	return k
}

// hash is of the request and of the caller's rights: without these a weaker role could have an owner's answer again.
func (k Key) hash(a tenants.Actor) []byte { return hash(k.Request, a) }

func hash(request [32]byte, a tenants.Actor) []byte {
	h := sha256.New()
	h.Write(request[:])
	h.Write(a.Merchant[:])
	h.Write([]byte(a.Role))
	h.Write([]byte(a.Permissions.String())) // nothing when they do not narrow
	return h.Sum(nil)
}

// Claim binds the key to resource, which the request is about to create, or finds what it is bound to already. It costs
// one statement and must stand in the transaction that creates the resource, so that both are there or neither. replay
// says that existing was made by an earlier request; otherwise existing is resource, as it is for a request without a
// key. A request that runs at the same time with the same key waits here for the other's end.
//
// It returns idempotency_key_reused when the key came with another operation, another request or other rights.
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
	claimed, err := q.IdempotencyClaim(ctx, tx, dbsqlc.IdempotencyClaimParams(k.row(a, operation, resource)))
	if err != nil {
		return uuid.UUID{}, false, fmt.Errorf("claim the idempotency key: %w", err)
	}
	if claimed == 1 {
		return uuid.UUID(resource), false, nil
	}
	existing, err = k.Find(ctx, tx, a, operation)
	return existing, true, err
}

func (k Key) row(a tenants.Actor, operation string, resource [16]byte) dbsqlc.IdempotencyInsertParams {
	return dbsqlc.IdempotencyInsertParams{
		CallerKind:  a.Caller.Kind(),
		CallerID:    a.Caller.ID(),
		Key:         k.Value,
		Operation:   operation,
		MovesMoney:  movesMoney(operation),
		RequestHash: k.hash(a),
		ResourceID:  uuid.UUID(resource),
	}
}

// Constraint is violated at the commit when a key that ClaimNew expected to be new is known.
const Constraint = "idempotency_keys_pkey"

// ClaimNew leaves the claim of a key for the transaction's commit, in the expectation that it is new, as nearly every
// key is: nothing waits for the answer. When it is not, the transaction fails by violating Constraint, and the caller
// asks Find.
func (k Key) ClaimNew(ctx context.Context, tx db.TenantTx, a tenants.Actor, operation string, resource [16]byte) error {
	return q.IdempotencyInsert(ctx, tx.Later(), k.row(a, operation, resource))
}

// Find tells what a key is bound to. It returns idempotency_key_reused when the key came with another operation,
// another request or other rights; [db.IsNoRows] tells that nobody has it.
func (k Key) Find(ctx context.Context, tx db.TenantTx, a tenants.Actor, operation string) (uuid.UUID, error) {
	row, err := k.find(ctx, tx, a, operation)
	return row.ResourceID, err
}

func (k Key) find(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	operation string,
) (row dbsqlc.IdempotencyGetRow, err error) {
	row, err = q.IdempotencyGet(ctx, tx, k.Value)
	if err != nil {
		return row, fmt.Errorf("find the idempotency key: %w", err)
	}
	if row.Operation != operation || !k.asks(a, row.RequestHash) {
		return row, fault.New(CodeKeyReused, "This Idempotency-Key was used for another request.")
	}
	return row, nil
}

// asks tells whether a stored hash is of the same request with the same rights.
func (k Key) asks(a tenants.Actor, stored []byte) bool {
	return bytes.Equal(stored, k.hash(a)) || k.Before != ([32]byte{}) && bytes.Equal(stored, hash(k.Before, a))
}

// Keep remembers, sealed, what a repeat could not read again: the secret of what the transaction has claimed the key
// for. Without a key it does nothing.
func (k Key) Keep(ctx context.Context, tx db.TenantTx, v *vault.Vault, resource [16]byte, plain []byte) error {
	if k.Value == "" {
		return nil
	}
	// bound to one claim of one key
	sealed, err := v.Seal(ctx, tx, plain, vault.IdempotencyAnswer.At(tx.Tenant(), resource))
	if err != nil {
		return err
	}
	n, err := q.IdempotencyKeep(ctx, tx, sealed, k.Value, uuid.UUID(resource))
	if err != nil {
		return fmt.Errorf("remember what the idempotency key was answered with: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("remember what the idempotency key was answered with: the claim is another's")
	}
	return nil
}

// Kept is what Keep has remembered. It returns the errors of Find.
func (k Key) Kept(
	ctx context.Context,
	tx db.TenantTx,
	v *vault.Vault,
	a tenants.Actor,
	operation string,
) ([]byte, error) {
	row, err := k.find(ctx, tx, a, operation)
	if err != nil {
		return nil, err
	}
	return v.Open(ctx, tx, row.SealedAnswer, vault.IdempotencyAnswer.At(tx.Tenant(), row.ResourceID))
}

// Forget drops the tenant's keys that are older than kept, and those of operations that move money that are older than
// keptMoney: of each at most a thousand. It says how many. Their age is by the clock of Postgres, which dated them: a
// program whose clock is wrong forgets no key too early.
func Forget(ctx context.Context, tx db.TenantTx, kept, keptMoney time.Duration) (int64, error) {
	now, err := q.IdempotencyNow(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("ask Postgres for the time: %w", err)
	}
	short, err := q.IdempotencyForget(ctx, tx, now.Add(-kept))
	if err != nil {
		return 0, fmt.Errorf("forget idempotency keys: %w", err)
	}
	long, err := q.IdempotencyForgetMoney(ctx, tx, now.Add(-keptMoney))
	if err != nil {
		return 0, fmt.Errorf("forget idempotency keys of money: %w", err)
	}
	return short + long, nil
}
