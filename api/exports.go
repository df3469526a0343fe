package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/tenants/exports"
)

func (s *server) CreateExport(
	ctx context.Context,
	r apigen.CreateExportRequestObject,
) (apigen.CreateExportResponseObject, error) {
	in := exports.Request{List: string(r.Body.List), Query: value(r.Body.Query), Format: exports.CSV, Language: "zh"}
	if r.Body.Format != nil {
		in.Format = exports.Format(*r.Body.Format)
	}
	if r.Body.Language != nil {
		in.Language = string(*r.Body.Language)
	}
	t, again, err := s.Exports.Create(ctx, authn.From(ctx), keyIn(ctx), in)
	if err != nil {
		return nil, err
	}
	return apigen.CreateExport202JSONResponse{
		Body:    taskOf(t),
		Headers: apigen.CreateExport202ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}
