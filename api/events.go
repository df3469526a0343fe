package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/events"
)

func (s *server) ListEvents(
	ctx context.Context,
	r apigen.ListEventsRequestObject,
) (apigen.ListEventsResponseObject, error) {
	p, err := page[id.Event](r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Events.List(ctx, authn.From(ctx), p, vocabulary.EventType(word(r.Params.Type)))
	if err != nil {
		return nil, err
	}
	data, next := list(found, eventOf)
	return apigen.ListEvents200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) GetEvent(ctx context.Context, r apigen.GetEventRequestObject) (apigen.GetEventResponseObject, error) {
	e, err := s.Events.Get(ctx, authn.From(ctx), r.EventID)
	if err != nil {
		return nil, err
	}
	return apigen.GetEvent200JSONResponse(eventOf(e)), nil
}

func (s *server) ResendEvent(
	ctx context.Context,
	r apigen.ResendEventRequestObject,
) (apigen.ResendEventResponseObject, error) {
	e, err := s.Webhooks.Resend(ctx, authn.From(ctx), r.EventID)
	if err != nil {
		return nil, err
	}
	return apigen.ResendEvent202JSONResponse(eventOf(e)), nil
}

func eventOf(e events.Stored) apigen.Event {
	return apigen.Event{
		ID:          e.ID,
		Type:        apigen.EventType(e.Type),
		SubjectType: apigen.EventSubjectType(e.SubjectType),
		SubjectID:   id.TextOf(string(e.SubjectType), e.SubjectID),
		Data:        e.Data,
		CreatedAt:   e.CreatedAt,
	}
}
