package cases

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// Service is what people do with cases.
type Service struct {
	db    *db.DB
	clock clock.Clock
}

// New makes a Service.
func New(d *db.DB, c clock.Clock) *Service { return &Service{db: d, clock: c} }

// Filter narrows a list of cases; what is zero takes all.
type Filter struct {
	Status   string // open or closed
	Kinds    []Kind
	Assignee id.Member     // whose
	Nobodys  bool          // of those that nobody has
	Waited   time.Duration // opened at least so long ago
}

// List reads a page of cases, newest first.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Case],
	f Filter,
) (out tenants.PageOf[Case], err error) {
	p := dbsqlc.CaseListParams{Before: page.Cursor(), Status: f.Status, Kinds: tenants.Texts(f.Kinds),
		Nobodys: f.Nobodys, OpenedUntil: page.MadeUntil(), PageSize: page.Fetch()}
	if !f.Assignee.IsZero() {
		p.AssigneeID = pgtype.UUID{Bytes: f.Assignee, Valid: true}
	}
	if f.Waited > 0 {
		p.OpenedUntil = s.clock.Now().Add(-f.Waited)
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.CaseList(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("list cases: %w", err)
		}
		var broken error
		out = tenants.Cut(page, rows, func(r dbsqlc.CaseListRow) string { return r.Case.ID.String() },
			func(r dbsqlc.CaseListRow) Case {
				c, err := fromRow(r.Case, r.AssigneeName)
				broken = errors.Join(broken, err)
				return c
			})
		return broken
	})
	return out, err
}

// Get reads a case with its notes. It returns case_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, c id.Case) (out Case, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		out, err = read(ctx, tx, c)
		return err
	})
	return out, err
}

// read is the case with its notes.
func read(ctx context.Context, tx db.TenantTx, c id.Case) (out Case, err error) {
	row, err := q.CaseGet(ctx, tx, c)
	if db.IsNoRows(err) {
		return out, errNotFound()
	}
	if err != nil {
		return out, fmt.Errorf("read the case: %w", err)
	}
	if out, err = fromRow(row.Case, row.AssigneeName); err != nil {
		return out, err
	}
	notes, err := q.CaseNoteList(ctx, tx, c, notesMax)
	if err != nil {
		return out, fmt.Errorf("read the notes of the case: %w", err)
	}
	for _, n := range notes {
		out.Notes = append(out.Notes, Note{ID: n.ID, By: n.By, Name: n.Name, Text: n.Note, Created: n.CreatedAt})
	}
	return out, nil
}

func errNotFound() error { return fault.New(CodeCaseNotFound, "There is no such case.") }

// lock reads and locks what is to be changed. It returns case_not_found.
func lock(ctx context.Context, tx db.TenantTx, c id.Case) (dbsqlc.CaseLockRow, error) {
	row, err := q.CaseLock(ctx, tx, c)
	if db.IsNoRows(err) {
		return row, errNotFound()
	}
	if err != nil {
		return row, fmt.Errorf("lock the case: %w", err)
	}
	return row, nil
}

// Close closes a case; the note, in the audit log, says what was found. Closing it again changes nothing but leaves its
// note. It returns case_not_found.
func (s *Service) Close(ctx context.Context, a tenants.Actor, c id.Case, note string) (out Case, err error) {
	now := s.clock.Now()
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := lock(ctx, tx, c); err != nil {
			return err
		}
		if err := q.CaseClose(ctx, tx, &now, c); err != nil {
			return fmt.Errorf("close the case: %w", err)
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "closeCase", "case", c, note); err != nil {
			return err
		}
		out, err = read(ctx, tx, c)
		return err
	})
	return out, err
}
