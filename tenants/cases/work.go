package cases

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// notesMax is how many notes a case has, assigneesMax how many people are offered for one.
const (
	notesMax     = 200
	assigneesMax = 200
)

// roles are those that read cases, as the policy says; TestCaseAssignees holds the two together.
func roles() []string {
	return tenants.Texts([]vocabulary.Role{tenants.RoleOwner, tenants.RoleAdmin, tenants.RoleRisk, tenants.RoleSupport})
}

// Assignees are the members of the platform who can be given a case, by name.
func (s *Service) Assignees(ctx context.Context, a tenants.Actor) (out []Assignee, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.CaseAssignees(ctx, tx, roles(), assigneesMax)
		if err != nil {
			return fmt.Errorf("list who can be given a case: %w", err)
		}
		out = make([]Assignee, len(rows))
		for i, r := range rows {
			out[i] = Assignee{ID: r.ID, Name: r.Name, Role: r.Role}
		}
		return nil
	})
	return out, err
}

// Assign gives an open case to a member of the platform, or to nobody. The last one to say it decides; the audit log
// has each. It returns case_not_found, case_closed or case_assignee_invalid.
func (s *Service) Assign(ctx context.Context, a tenants.Actor, c id.Case, to id.Member) (out Case, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		was, err := lock(ctx, tx, c)
		if err != nil {
			return err
		}
		if was.Status != vocabulary.CaseOpen {
			return fault.New(CodeCaseClosed, "The case is closed.")
		}
		if err := assignable(ctx, tx, to); err != nil {
			return err
		}
		if was.AssigneeID != to {
			if err := s.assign(ctx, tx, a, c, was.AssigneeID, to); err != nil {
				return err
			}
		}
		out, err = read(ctx, tx, c)
		return err
	})
	return out, err
}

// assignable holds a member, or nobody, to being one who can work on cases.
func assignable(ctx context.Context, tx db.TenantTx, to id.Member) error {
	if to.IsZero() {
		return nil
	}
	_, err := q.CaseAssignee(ctx, tx, to, roles())
	if db.IsNoRows(err) {
		return fault.New(CodeAssigneeInvalid, "Cases are given to members of the platform who may read them.")
	}
	if err != nil {
		return fmt.Errorf("look who is given the case: %w", err)
	}
	return nil
}

func (s *Service) assign(ctx context.Context, tx db.TenantTx, a tenants.Actor, c id.Case, was, to id.Member) error {
	if err := q.CaseAssign(ctx, tx, to, s.clock.Now(), c); err != nil {
		return fmt.Errorf("assign the case: %w", err)
	}
	return audit.Record(ctx, tx, audit.Actor(a), "assignCase", "case", c, "",
		tenants.Changes{}.Add("assignee_id", was, to)...)
}

// AddNote writes a note under a case, open or closed. It returns case_not_found or case_note_limit.
func (s *Service) AddNote(ctx context.Context, a tenants.Actor, c id.Case, text string) (out Note, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := lock(ctx, tx, c); err != nil { // of two, the second one counts the first one's
			return err
		}
		n, err := q.CaseNoteCount(ctx, tx, c)
		if err != nil {
			return fmt.Errorf("count the notes of the case: %w", err)
		}
		if n >= notesMax {
			return fault.New(CodeTooManyNotes, "The case has %d notes.", n)
		}
		by := audit.Actor(a)
		out = Note{ID: id.New[id.CaseNote](), By: by.ID, Text: text, Created: s.clock.Now()}
		member := a.Caller.Member()
		if err := q.CaseNoteInsert(ctx, tx, dbsqlc.CaseNoteInsertParams{ID: out.ID, CaseID: c, By: by.ID,
			MemberID: member, Note: text, CreatedAt: out.Created}); err != nil {
			return fmt.Errorf("write the note: %w", err)
		}
		if !member.IsZero() {
			m, err := q.MemberGet(ctx, tx, member)
			if err != nil {
				return fmt.Errorf("read who wrote the note: %w", err)
			}
			out.Name = m.Name
		}
		return audit.Record(ctx, tx, by, "addCaseNote", "case", c, "")
	})
	return out, err
}
