package api

import (
	"context"

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
	found, err := s.Cases.List(ctx, authn.From(ctx), p, word(r.Params.Status),
		each(value(r.Params.Kind), func(k apigen.CaseKind) cases.Kind { return cases.Kind(k) })...)
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
	return apigen.Case{
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
	}
}

func (s *server) GetCase(ctx context.Context, r apigen.GetCaseRequestObject) (apigen.GetCaseResponseObject, error) {
	c, err := s.Cases.Get(ctx, authn.From(ctx), r.CaseID)
	if err != nil {
		return nil, err
	}
	return apigen.GetCase200JSONResponse(caseOf(c)), nil
}
