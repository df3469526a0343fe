package api

import (
	"context"
	"encoding/json"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/requests"
)

func (s *server) ListRequests(
	ctx context.Context,
	r apigen.ListRequestsRequestObject,
) (apigen.ListRequestsResponseObject, error) {
	q := r.Params
	p, err := span[id.Request](ctx, q.Limit, q.Cursor, q.Order, q.CreatedFrom, q.CreatedUntil)
	if err != nil {
		return nil, err
	}
	found, err := s.Requests.List(ctx, authn.From(ctx), p, requests.Filter{Failed: q.Outcome != nil,
		Operation: value(q.Operation), Code: value(q.ErrorCode), Actor: value(q.ActorID)})
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, s.seen(ctx).requestEntry)
	return apigen.ListRequests200JSONResponse{Data: data, NextCursor: next}, nil
}

func (f fields) requestEntry(e requests.Entry) apigen.RequestEntry {
	return apigen.RequestEntry{ID: e.ID, Operation: e.Operation, Method: e.Method, Path: e.Path, Status: e.Status,
		ErrorCode: optional(e.Code), DurationUs: e.Took.Microseconds(), ActorID: e.Actor,
		ClientAddress: f.network(e.Address),
		Replayed:      e.Replayed, CreatedAt: clock.Stamp(e.At)}
}

func (s *server) GetRequest(
	ctx context.Context,
	r apigen.GetRequestRequestObject,
) (apigen.GetRequestResponseObject, error) {
	e, err := s.Requests.Get(ctx, authn.From(ctx), r.RequestID)
	if err != nil {
		return nil, err
	}
	x := s.seen(ctx).requestEntry(e)
	out := apigen.RequestDetail{ID: x.ID, Operation: x.Operation, Method: x.Method, Path: x.Path, Status: x.Status,
		ErrorCode: x.ErrorCode, DurationUs: x.DurationUs, ActorID: x.ActorID, ClientAddress: x.ClientAddress,
		Replayed: x.Replayed, CreatedAt: x.CreatedAt}
	if len(e.Body) > 0 {
		body := json.RawMessage(e.Body)
		out.Body = &body
	}
	return apigen.GetRequest200JSONResponse(out), nil
}
