package approvals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
)

// holds tells whether an actor has one of the roles.
func holds(roles []tenants.Role, a tenants.Actor) bool { return slices.Contains(roles, a.Role) }

// Get reads an approval. It returns approval_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, approval id.Approval) (out Approval, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		out, err = s.get(ctx, tx, approval)
		return err
	})
	return out, err
}

func (s *Service) get(ctx context.Context, tx db.TenantTx, approval id.Approval) (Approval, error) {
	r, err := q.ApprovalGet(ctx, tx, approval)
	return s.read(ctx, tx, r, err)
}

// Filter narrows a list of approvals; empty fields take all.
type Filter struct {
	Statuses []vocabulary.ApprovalStatus
	Kinds    []vocabulary.ApprovalKind
}

// List reads a page of approvals, newest first.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Approval],
	f Filter,
) (out tenants.PageOf[Approval], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.ApprovalList(ctx, tx, dbsqlc.ApprovalListParams{
			Before: page.Cursor(), Statuses: tenants.Texts(f.Statuses), Kinds: tenants.Texts(f.Kinds),
			PageSize: page.Fetch(),
		})
		if err != nil {
			return fmt.Errorf("list the approvals: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.Approval) string { return r.ID.String() },
			func(r dbsqlc.Approval) Approval {
				one, oerr := s.read(ctx, tx, r, nil)
				err = errors.Join(err, oerr)
				return one
			})
		return err
	})
	return out, err
}

// told is what an event says of an approval: neither what is asked for nor by whom.
type told struct {
	ID      id.Approval               `json:"approval_id"`
	Kind    vocabulary.ApprovalKind   `json:"kind"`
	Status  vocabulary.ApprovalStatus `json:"status"`
	Amount  *money.Fen                `json:"amount_fen,omitempty"`
	Failure string                    `json:"failure_code,omitempty"`
}

// tell leaves the event and the audit entry of what an approval has come to; from is empty for one that was asked.
func (s *Service) tell(
	ctx context.Context,
	tx db.TenantTx,
	by audit.By,
	operation string,
	from vocabulary.ApprovalStatus,
	a Approval,
	at time.Time,
) error {
	data := told{ID: a.ID, Kind: a.Kind, Status: a.Status, Failure: string(a.Failure),
		Amount: a.Amount}
	err := events.Emit(ctx, tx, events.Event{Type: eventOf()[a.Status], SubjectType: vocabulary.SubjectApproval,
		SubjectID: a.ID, Data: data, At: at})
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, by, operation, "approval", a.ID, string(a.Kind),
		tenants.Changes{}.Add("status", from, a.Status).Add("failure_code", "", string(a.Failure))...)
}

func eventOf() map[vocabulary.ApprovalStatus]vocabulary.EventType {
	return map[vocabulary.ApprovalStatus]vocabulary.EventType{
		vocabulary.ApprovalWaiting:   vocabulary.EventApprovalAsked,
		vocabulary.ApprovalScheduled: vocabulary.EventApprovalScheduled,
		vocabulary.ApprovalApproved:  vocabulary.EventApprovalApproved,
		vocabulary.ApprovalRefused:   vocabulary.EventApprovalRefused,
		vocabulary.ApprovalExpired:   vocabulary.EventApprovalExpired,
		vocabulary.ApprovalWithdrawn: vocabulary.EventApprovalWithdrawn,
	}
}
