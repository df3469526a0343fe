package cases

import (
	"context"
	"fmt"

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

// List reads a page of cases, newest first; status is open, closed or empty for all, and without kinds it is any kind.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Case],
	status string,
	kinds ...Kind,
) (out tenants.PageOf[Case], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.CaseList(ctx, tx, dbsqlc.CaseListParams{Before: page.Cursor(), Status: status,
			Kinds: tenants.Texts(kinds), PageSize: page.Fetch()})
		if err != nil {
			return fmt.Errorf("list cases: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.Case) string { return r.ID.String() }, fromRow)
		return nil
	})
	return out, err
}

// Get reads a case. It returns case_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, c id.Case) (out Case, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.CaseGet(ctx, tx, c)
		if db.IsNoRows(err) {
			return errNotFound()
		}
		if err != nil {
			return fmt.Errorf("read the case: %w", err)
		}
		out = fromRow(row)
		return nil
	})
	return out, err
}

func errNotFound() error { return fault.New(CodeCaseNotFound, "There is no such case.") }

// Close closes a case; the note, in the audit log, says what was found. Closing it again changes nothing but leaves its
// note. It returns case_not_found.
func (s *Service) Close(ctx context.Context, a tenants.Actor, c id.Case, note string) (out Case, err error) {
	now := s.clock.Now()
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.CaseClose(ctx, tx, &now, c)
		if db.IsNoRows(err) {
			return errNotFound()
		}
		if err != nil {
			return fmt.Errorf("close the case: %w", err)
		}
		out = fromRow(row)
		return audit.Record(ctx, tx, audit.Actor(a), "closeCase", "case", c, note)
	})
	return out, err
}
