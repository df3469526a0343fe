package api

import (
	"context"
	"fmt"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/cases"
)

func (s *server) ListCases(
	ctx context.Context,
	r apigen.ListCasesRequestObject,
) (apigen.ListCasesResponseObject, error) {
	p, err := page[id.Case](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	a := authn.From(ctx)
	f := cases.Filter{Status: word(r.Params.Status), Waited: time.Duration(value(r.Params.OpenHours)) * time.Hour,
		Kinds: each(value(r.Params.Kind), func(k apigen.CaseKind) cases.Kind { return cases.Kind(k) })}
	switch who := value(r.Params.Assignee); who {
	case "":
	case "none":
		f.Nobodys = true
	case "mine":
		if f.Assignee = a.Caller.Member(); f.Assignee.IsZero() { // a key has no cases
			f.Assignee = id.Max[id.Member]()
		}
	default:
		if f.Assignee, err = id.Parse[id.Member](who); err != nil {
			return nil, fmt.Errorf("read the filter: %w", err)
		}
	}
	found, err := s.Cases.List(ctx, a, p, f)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, caseOf)
	return apigen.ListCases200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CloseCase(
	ctx context.Context,
	r apigen.CloseCaseRequestObject,
) (apigen.CloseCaseResponseObject, error) {
	c, err := s.Cases.Close(ctx, authn.From(ctx), r.CaseID, r.Body.Note)
	if err != nil {
		return nil, err
	}
	return apigen.CloseCase200JSONResponse{Body: caseOf(c)}, nil
}

func caseOf(c cases.Case) apigen.Case {
	status := apigen.CaseStatusClosed
	if c.Open {
		status = apigen.CaseStatusOpen
	}
	out := apigen.Case{
		ID:        c.ID,
		Kind:      apigen.CaseKind(c.Kind),
		Status:    status,
		OrderID:   optional(c.Order),
		PaymentID: optional(c.Payment),
		Detail:    c.Detail,
		CreatedAt: clock.Stamp(c.Created),
		ClosedAt:  clock.StampOf(c.Closed),

		Occurrences:   c.Occurrences,
		LastSeenAt:    clock.StampOf(c.LastSeen),
		LatestDetails: c.Latest,
		LatestFacts:   make([]apigen.CaseFacts, len(c.LatestFacts)),

		AtRiskFen:  c.AtRisk,
		AssignedAt: clock.StampOf(c.Assigned),
	}
	for i, f := range c.LatestFacts {
		out.LatestFacts[i] = factsOf(f)
	}
	if c.Facts != nil {
		out.Facts = new(factsOf(*c.Facts))
	}
	if c.Assignee != nil {
		out.Assignee = &apigen.CaseAssignee{ID: c.Assignee.ID, Name: c.Assignee.Name}
	}
	if len(c.Notes) > 0 {
		out.Notes = new(each(c.Notes, caseNoteOf))
	}
	return out
}

func factsOf(f cases.Facts) apigen.CaseFacts {
	return apigen.CaseFacts{
		Cause:       apigen.CaseCause(f.Cause),
		ExpectedFen: f.Expected,
		FoundFen:    f.Found,
		ReturnedFen: f.Returned,
		TradeNo:     optional(f.TradeNo),
		Number:      optional(f.Number),
		State:       optional(f.State),
		Field:       optional(f.Field),
		SubjectID:   optional(f.Subject),
		OtherID:     optional(f.Other),
		Smid:        optional(f.Smid),
		Said:        optional(f.Said),
	}
}

func caseNoteOf(n cases.Note) apigen.CaseNote {
	return apigen.CaseNote{
		ID:        n.ID,
		ByKind:    apigen.ActorKind(callerKind(n.By)),
		By:        n.By,
		ByName:    optional(n.Name),
		Text:      n.Text,
		CreatedAt: clock.Stamp(n.Created),
	}
}

func (s *server) GetCase(ctx context.Context, r apigen.GetCaseRequestObject) (apigen.GetCaseResponseObject, error) {
	c, err := s.Cases.Get(ctx, authn.From(ctx), r.CaseID)
	if err != nil {
		return nil, err
	}
	return apigen.GetCase200JSONResponse(caseOf(c)), nil
}

func (s *server) AssignCase(
	ctx context.Context,
	r apigen.AssignCaseRequestObject,
) (apigen.AssignCaseResponseObject, error) {
	c, err := s.Cases.Assign(ctx, authn.From(ctx), r.CaseID, value(r.Body.MemberID))
	if err != nil {
		return nil, err
	}
	return apigen.AssignCase200JSONResponse(caseOf(c)), nil
}

func (s *server) AddCaseNote(
	ctx context.Context,
	r apigen.AddCaseNoteRequestObject,
) (apigen.AddCaseNoteResponseObject, error) {
	n, err := s.Cases.AddNote(ctx, authn.From(ctx), r.CaseID, r.Body.Text)
	if err != nil {
		return nil, err
	}
	return apigen.AddCaseNote201JSONResponse{Body: caseNoteOf(n)}, nil
}

func (s *server) ListCaseAssignees(
	ctx context.Context,
	_ apigen.ListCaseAssigneesRequestObject,
) (apigen.ListCaseAssigneesResponseObject, error) {
	found, err := s.Cases.Assignees(ctx, authn.From(ctx))
	if err != nil {
		return nil, err
	}
	return apigen.ListCaseAssignees200JSONResponse{Data: each(found, func(m cases.Assignee) apigen.CaseAssignee {
		role := apigen.Role(m.Role)
		return apigen.CaseAssignee{ID: m.ID, Name: m.Name, Role: &role}
	})}, nil
}
