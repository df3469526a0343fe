package overview

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

const (
	// freedSoon is how long before Alipay frees frozen money somebody is told.
	freedSoon = 3 * day
	// LowStock is how few card keys of a product are left when somebody is told.
	LowStock = 10
)

// TodoKind is why something waits for somebody.
type TodoKind string

// The kinds.
const (
	TodoCase        TodoKind = "case"
	TodoSplit       TodoKind = "split_refused"
	TodoFreeze      TodoKind = "freeze_ending"
	TodoEndpoint    TodoKind = "endpoint_failing"
	TodoStock       TodoKind = "stock_low"
	TodoSignature   TodoKind = "application_awaiting_signature"
	TodoRejected    TodoKind = "application_rejected"
	TodoApproval    TodoKind = "approval_waiting"
	kindOrder                = "order"
	kindProduct              = "product"
	kindApplication          = "application"
	kindEndpoint             = "webhook_endpoint"
	kindCase                 = "case"
	kindApproval             = "approval"
	awaitingAnswer           = string(vocabulary.ApplicationAwaitingSignature)
)

// Todo is something that waits for somebody.
type Todo struct {
	Kind        TodoKind
	CaseKind    vocabulary.CaseKind // of a case
	Count       int64
	Oldest      time.Time // zero: not known
	SubjectKind string    // of the identifiers
	Subjects    []uuid.UUID
}

// May tells what a caller may read of what waits.
type May struct{ Cases, Splits, Endpoints, Stock, Applications, Approvals bool }

// Todos reads what waits for somebody: what does not, is not there. One round trip for all of it.
func (s *Service) Todos(ctx context.Context, a tenants.Actor, may May) (out []Todo, err error) {
	now := s.clock.Now()
	type question struct {
		asked bool
		read  func(ctx context.Context, r db.Asked) ([]Todo, error)
	}
	questions := []question{
		{may.Cases, todoCases},
		{may.Splits, todoSplits},
		{may.Splits, func(ctx context.Context, r db.Asked) ([]Todo, error) {
			f, err := q.TodoFreezes(ctx, r, now.Add(freedSoon-frozenMax))
			return waiting(TodoFreeze, kindOrder, f.Total, f.OldestAt, f.Ids), err
		}},
		{may.Endpoints, todoEndpoints},
		{may.Stock, func(ctx context.Context, r db.Asked) ([]Todo, error) {
			p, err := q.TodoStock(ctx, r, LowStock)
			return waiting(TodoStock, kindProduct, p.Total, time.Time{}, p.Ids), err
		}},
		{may.Applications, todoApplications},
		{may.Approvals, func(ctx context.Context, r db.Asked) ([]Todo, error) {
			w, err := q.TodoApprovals(ctx, r, readerOf(a), now)
			return waiting(TodoApproval, kindApproval, w.Total, w.OldestAt, w.Ids), err
		}},
	}
	lists := make([][]Todo, len(questions))
	var reads []func(ctx context.Context, r db.Asked) error
	for i, ask := range questions {
		if ask.asked {
			reads = append(reads, func(ctx context.Context, r db.Asked) (err error) {
				if lists[i], err = ask.read(ctx, r); err != nil {
					return fmt.Errorf("look for what waits: %w", err)
				}
				return nil
			})
		}
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if len(reads) == 0 {
			return nil
		}
		return tx.Ask(ctx, reads...)
	})
	out = []Todo{}
	for _, l := range lists {
		out = append(out, l...)
	}
	return out, err
}

// readerOf is who reads, as approvals name who asked: the member of a session, or the key.
func readerOf(a tenants.Actor) uuid.UUID {
	if m := a.Caller.Member(); !m.IsZero() {
		return m.UUID()
	}
	return a.Caller.ID()
}

// waiting is a todo, if there is something to do.
func waiting(kind TodoKind, subject string, n int64, oldest time.Time, ids []uuid.UUID) []Todo {
	if n == 0 {
		return nil
	}
	return []Todo{{Kind: kind, Count: n, Oldest: oldest, SubjectKind: subject, Subjects: ids}}
}

func todoCases(ctx context.Context, r db.Asked) (out []Todo, err error) {
	rows, err := q.TodoCases(ctx, r)
	for _, c := range rows {
		out = append(out, Todo{TodoCase, c.Kind, c.Total, c.OldestAt, kindCase, c.Ids})
	}
	return out, err
}

func todoSplits(ctx context.Context, r db.Asked) ([]Todo, error) {
	p, err := q.TodoSplits(ctx, r)
	return waiting(TodoSplit, kindOrder, p.Total, p.OldestAt, p.Ids), err
}

func todoEndpoints(ctx context.Context, r db.Asked) ([]Todo, error) {
	e, err := q.TodoEndpoints(ctx, r)
	return waiting(TodoEndpoint, kindEndpoint, e.Total, e.OldestAt, e.Ids), err
}

func todoApplications(ctx context.Context, r db.Asked) (out []Todo, err error) {
	rows, err := q.TodoApplications(ctx, r)
	for _, p := range rows {
		kind := TodoRejected
		if string(p.Status) == awaitingAnswer {
			kind = TodoSignature
		}
		out = append(out, waiting(kind, kindApplication, p.Total, p.OldestAt, p.Ids)...)
	}
	return out, err
}

// Text is the identifier of a thing as the API writes it.
func (t Todo) Text(u uuid.UUID) string { return id.TextOf(t.SubjectKind, u) }
