package orders

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// madeMax bounds how far it is followed who made a key, who made that key, and so on.
const madeMax = 100

// personOf is who calls, for telling two persons apart: the member of a session, or the key.
func personOf(a tenants.Actor) uuid.UUID {
	if m := a.Caller.Member(); !m.IsZero() {
		return uuid.UUID(m)
	}
	return a.Caller.ID()
}

// samePerson tells whether who confirms a decision may be who asked for it: the same caller or member; a key that is
// younger than what was asked; or keys that go back to the same key or member. Who has a key can make others: of all
// that come from one, none is a second person's.
func samePerson(ctx context.Context, tx db.TenantTx, a tenants.Actor, r *dbsqlc.OrderReview) (bool, error) {
	same, err := q.OrderReviewSamePerson(ctx, tx, personOf(a), r.ID)
	if err != nil || same {
		return same, err
	}
	first, err := goesBack(ctx, tx, r.AskedBy)
	if err != nil {
		return false, err
	}
	second, err := goesBack(ctx, tx, audit.Actor(a).ID)
	return first == second, err
}

// goesBack follows a caller, as the audit log names callers, to the key or member that all its makers go back to.
func goesBack(ctx context.Context, tx db.TenantTx, caller string) (string, error) {
	for range madeMax {
		key, err := id.Parse[id.APIKey](caller)
		if err != nil { // a member
			return caller, nil //nolint:nilerr // what is not a key was made by nobody
		}
		maker, err := q.APIKeyMaker(ctx, tx, key)
		if db.IsNoRows(err) || err == nil && maker == "" {
			return caller, nil
		}
		if err != nil {
			return "", fmt.Errorf("read who made a key: %w", err)
		}
		caller = maker
	}
	return caller, nil
}
