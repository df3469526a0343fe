package idempotency

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

// Lease is how long a request holds its key at most: its context ends before. A request whose program died holds the
// key until then; the next one with the key runs again.
const Lease = 45 * time.Second

// Answer is what a request was answered with. It is sealed at rest.
type Answer struct {
	Status      int    `json:"status"`
	ContentType string `json:"content_type"`
	ETag        string `json:"etag,omitempty"`
	Body        []byte `json:"body"`
}

// AnswersConfig is what Answers needs.
type AnswersConfig struct {
	DB    *db.DB
	Vault *vault.Vault
	Clock clock.Clock
	Step  func(name string) // nil in production; tests crash at a step
}

// Answers records the answers of operations that create nothing. They may be run again from any step, so that a crash
// before the answer was recorded is healed by running again. It is safe for concurrent use.
type Answers struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
	step  func(name string)
}

// NewAnswers makes Answers.
func NewAnswers(c AnswersConfig) *Answers {
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Answers{db: c.DB, vault: c.Vault, clock: c.Clock, step: c.Step}
}

// Keyed is [Keyed] with the vault that seals the answers.
func (s *Answers) Keyed(ctx context.Context, t id.Tenant, k Key) (Key, error) {
	return Keyed(ctx, s.vault, s.db, t, k)
}

// Claim is the right to answer the request with a key. It ends with Finish or Abandon.
type Claim struct {
	key    Key
	actor  tenants.Actor
	number uuid.UUID // of this attempt: one that lost its lease finishes nothing
}

// Begin claims the key for a request that is about to run, or gives the answer of an earlier one. Exactly one of the
// two is not nil.
//
// It returns idempotency_key_reused when the key came with another operation, another request or other rights, and
// idempotency_key_in_use while the earlier request runs.
func (s *Answers) Begin(ctx context.Context, a tenants.Actor, k Key, operation string) (c *Claim, seen *Answer,
	err error) {
	c = &Claim{key: k, actor: a, number: uuid.Must(uuid.NewV7())}
	now := s.clock.Now()
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		row := k.row(a, operation, c.number)
		claimed, err := q.IdempotencyBegin(ctx, tx, dbsqlc.IdempotencyBeginParams{
			CallerKind:   row.CallerKind,
			CallerID:     row.CallerID,
			Key:          row.Key,
			Operation:    row.Operation,
			MovesMoney:   row.MovesMoney,
			RequestHash:  row.RequestHash,
			HashBefore:   hash(k.Before, a),
			ResourceID:   row.ResourceID,
			RunningUntil: now.Add(Lease),
			Now:          now,
		})
		if err != nil {
			return fmt.Errorf("claim the idempotency key: %w", err)
		}
		if claimed == 1 {
			return nil
		}
		seen, err = s.recorded(ctx, tx, a, k, operation)
		return err
	})
	if err != nil || seen != nil {
		return nil, seen, err
	}
	s.step("claimed")
	return c, nil, nil
}

// recorded is the answer of an earlier request. It returns idempotency_key_in_use when there is none yet.
func (s *Answers) recorded(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	k Key,
	operation string,
) (*Answer, error) {
	row, err := k.find(ctx, tx, a, operation)
	if db.IsNoRows(err) || err == nil && row.SealedAnswer == nil { // no row: the other request has just failed
		return nil, fault.New(CodeKeyInUse, "A request with this Idempotency-Key is running.")
	}
	if err != nil {
		return nil, err
	}
	plain, err := s.vault.Open(ctx, tx, row.SealedAnswer, vault.IdempotencyAnswer.At(tx.Tenant(), row.ResourceID))
	if err != nil {
		return nil, fmt.Errorf("open the recorded answer: %w", err)
	}
	var seen Answer
	if err := json.Unmarshal(plain, &seen); err != nil {
		return nil, fmt.Errorf("read the recorded answer: %w", err)
	}
	return &seen, nil
}

// Finish records what the request was answered with.
func (s *Answers) Finish(ctx context.Context, c *Claim, answer Answer) error {
	s.step("answered")
	plain, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("write the answer to record: %w", err)
	}
	err = c.actor.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		return c.key.Keep(ctx, tx, s.vault, c.number, plain)
	})
	s.step("recorded")
	return err
}

// Abandon gives the key back: the request failed, and a repeat runs anew.
func (s *Answers) Abandon(ctx context.Context, c *Claim) error {
	return c.actor.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := q.IdempotencyAbandon(ctx, tx, c.key.Value, c.number); err != nil {
			return fmt.Errorf("give the idempotency key back: %w", err)
		}
		return nil
	})
}
