package tenants

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
)

// What a platform is told that a member did with their account.
const (
	ActPlace    = "place"
	ActPassword = "password"
	ActFactors  = "factors"
)

// toldMax bounds how many platforms are told of one act.
const toldMax = 1000

// TellMemberships leaves a job for each platform that the person is a member of, which tells it what the person did:
// no transaction reaches two tenants. Each has an identifier of its own for the act, so that platforms cannot tell by
// it that they have a member in common. Session is the one that began at a new place; zero of other acts. Atomic.
func TellMemberships(ctx context.Context, tx db.SharedTx, p id.Person, what string, session id.Session) error {
	rows, err := q.MembershipList(ctx, tx, p, toldMax)
	if err != nil {
		return fmt.Errorf("list the platforms of the person: %w", err)
	}
	var due []queue.Job
	for _, r := range rows {
		due = append(due, queue.Job{Args: queue.MemberTold{TenantID: queue.RefTo(r.MemberOf),
			MemberID: queue.RefTo(r.MemberID), ActID: queue.RefTo(id.New[id.Act]()),
			SessionID: queue.RefTo(session), What: what}})
	}
	return queue.Insert(ctx, tx.Later(), due...)
}
