package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/events"
)

func (s *server) ListEvents(
	ctx context.Context,
	r apigen.ListEventsRequestObject,
) (apigen.ListEventsResponseObject, error) {
	q := r.Params
	p, err := span[id.Event](ctx, q.Limit, q.Cursor, q.Order, q.CreatedFrom, q.CreatedUntil)
	if err != nil {
		return nil, err
	}
	p.After, p.Count = value(q.After), counts(q.Include)
	f := events.Filter{
		Types: each(value(q.Type), func(t apigen.EventType) vocabulary.EventType {
			return vocabulary.EventType(t)
		}),
		SubjectType: vocabulary.SubjectType(word(q.SubjectType)),
	}
	if f.SubjectID, err = subject(q.SubjectID); err != nil {
		return nil, err
	}
	found, err := s.Events.List(ctx, authn.From(ctx), p, f)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, eventOf)
	return apigen.ListEvents200JSONResponse{Data: data, NextCursor: next, Total: totalOf(found.Total)}, nil
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
	return apigen.ResendEvent202JSONResponse{Body: eventOf(e)}, nil
}

func eventOf(e events.Stored) apigen.Event {
	return apigen.Event{
		ID:          e.ID,
		Type:        apigen.EventType(e.Type),
		SubjectType: apigen.EventSubjectType(e.SubjectType),
		SubjectID:   id.TextOf(string(e.SubjectType), e.SubjectID),
		Data:        e.Data,
		CreatedAt:   clock.Stamp(e.CreatedAt),
		Timestamp:   clock.Stamp(e.CreatedAt),
		Sequence:    e.Sequence,
		TenantID:    e.Tenant,
		Mode:        apigen.TenantMode(e.Mode),
	}
}
