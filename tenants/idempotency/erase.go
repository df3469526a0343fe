package idempotency

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/tenants/vault"
)

// answersPage is how many recorded answers are opened at a time.
const answersPage = 200

// Blind makes the keys of things tell no longer what was asked for. They still hold back that the thing is made a
// second time. Atomic.
func Blind(ctx context.Context, tx db.TenantTx, resources []uuid.UUID) error {
	noise := make([]byte, 32)
	_, _ = rand.Read(noise) // never fails
	if err := q.IdempotencyBlind(ctx, tx.Later(), noise, resources); err != nil {
		return fmt.Errorf("blind the keys of what is erased: %w", err)
	}
	return nil
}

// ForgetAnswers deletes, of the recorded answers whose keys follow after, those that holds tells of, a page at a time:
// next is where the following page begins, empty after the last. A repeat of such a request runs again. Atomic.
func ForgetAnswers(
	ctx context.Context,
	tx db.TenantTx,
	v *vault.Vault,
	after string,
	holds func(Answer) bool,
) (next string, err error) {
	rows, err := q.IdempotencyAnswerList(ctx, tx, after, answersPage)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	var drop []string
	for _, r := range rows {
		plain, err := v.Open(ctx, tx, r.SealedAnswer, vault.IdempotencyAnswer.At(tx.Tenant(), r.ResourceID))
		if err != nil {
			return "", fmt.Errorf("open a recorded answer: %w", err)
		}
		var a Answer
		if json.Unmarshal(plain, &a) == nil && holds(a) { // what is no answer is a secret that was made
			drop = append(drop, r.Key)
		}
		next = r.Key
	}
	if len(rows) < answersPage {
		next = ""
	}
	if len(drop) == 0 {
		return next, nil
	}
	return next, q.IdempotencyDrop(ctx, tx.Later(), drop)
}
