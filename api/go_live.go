package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/tenants/golive"
)

func (s *server) CreateLiveTenant(
	ctx context.Context,
	r apigen.CreateLiveTenantRequestObject,
) (apigen.CreateLiveTenantResponseObject, error) {
	t, err := s.GoLive.Open(ctx, authn.From(ctx), value(r.Body.Name))
	if err != nil {
		return nil, err
	}
	return apigen.CreateLiveTenant201JSONResponse{Body: tenantOf(t)}, nil
}

func (s *server) GetGoLiveChecklist(
	ctx context.Context,
	_ apigen.GetGoLiveChecklistRequestObject,
) (apigen.GetGoLiveChecklistResponseObject, error) {
	c, err := s.GoLive.Checklist(ctx, authn.From(ctx))
	if err != nil {
		return nil, err
	}
	return apigen.GetGoLiveChecklist200JSONResponse{
		Mode: apigen.TenantMode(c.Mode), Ready: c.Ready(), TwinID: optional(c.Twin),
		Steps: each(c.Steps, func(x golive.Step) apigen.GoLiveStep {
			return apigen.GoLiveStep{Kind: apigen.GoLiveStepKind(x.Kind), State: apigen.GoLiveStepState(x.State)}
		}),
	}, nil
}
