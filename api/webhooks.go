package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/id"
	"zhitong/tenants/webhooks"
)

func (s *server) ListWebhookEndpoints(
	ctx context.Context,
	r apigen.ListWebhookEndpointsRequestObject,
) (apigen.ListWebhookEndpointsResponseObject, error) {
	p, err := page[id.WebhookEndpoint](r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Webhooks.ListEndpoints(ctx, authn.From(ctx), p)
	if err != nil {
		return nil, err
	}
	data, next := list(found, endpointOf)
	return apigen.ListWebhookEndpoints200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateWebhookEndpoint(
	ctx context.Context,
	r apigen.CreateWebhookEndpointRequestObject,
) (apigen.CreateWebhookEndpointResponseObject, error) {
	e, secret, err := s.Webhooks.CreateEndpoint(ctx, authn.From(ctx),
		webhooks.NewEndpoint{URL: r.Body.URL, EventTypes: each(value(r.Body.EventTypes), eventTypeIn)})
	if err != nil {
		return nil, err
	}
	return apigen.CreateWebhookEndpoint201JSONResponse{
		ID: e.ID, URL: e.URL, EventTypes: each(e.EventTypes, eventTypeOut), Status: apigen.WebhookEndpointCreatedStatus(e.Status), CreatedAt: e.CreatedAt, Secret: secret.Reveal(),
	}, nil
}

func (s *server) GetWebhookEndpoint(
	ctx context.Context,
	r apigen.GetWebhookEndpointRequestObject,
) (apigen.GetWebhookEndpointResponseObject, error) {
	e, err := s.Webhooks.GetEndpoint(ctx, authn.From(ctx), r.EndpointID)
	if err != nil {
		return nil, err
	}
	return apigen.GetWebhookEndpoint200JSONResponse(endpointOf(e)), nil
}

func (s *server) UpdateWebhookEndpoint(
	ctx context.Context,
	r apigen.UpdateWebhookEndpointRequestObject,
) (apigen.UpdateWebhookEndpointResponseObject, error) {
	change := webhooks.EndpointChange{URL: r.Body.URL, Status: optional(word(r.Body.Status))}
	if r.Body.EventTypes != nil {
		types := each(*r.Body.EventTypes, eventTypeIn)
		change.EventTypes = &types
	}
	e, err := s.Webhooks.UpdateEndpoint(ctx, authn.From(ctx), r.EndpointID, change)
	if err != nil {
		return nil, err
	}
	return apigen.UpdateWebhookEndpoint200JSONResponse(endpointOf(e)), nil
}

func eventTypeIn(t apigen.EventType) string { return string(t) }

func eventTypeOut(t string) apigen.EventType { return apigen.EventType(t) }

func endpointOf(e webhooks.Endpoint) apigen.WebhookEndpoint {
	return apigen.WebhookEndpoint{
		ID:           e.ID,
		URL:          e.URL,
		EventTypes:   each(e.EventTypes, eventTypeOut),
		Status:       apigen.WebhookEndpointStatus(e.Status),
		FailingSince: e.FailingSince,
		CreatedAt:    e.CreatedAt,
	}
}

func (s *server) ListWebhookAttempts(
	ctx context.Context,
	r apigen.ListWebhookAttemptsRequestObject,
) (apigen.ListWebhookAttemptsResponseObject, error) {
	p, err := page[id.WebhookDelivery](r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Webhooks.ListAttempts(ctx, authn.From(ctx), r.EndpointID, p)
	if err != nil {
		return nil, err
	}
	data, next := list(found, func(a webhooks.Attempt) apigen.WebhookAttempt {
		return apigen.WebhookAttempt{
			ID:             a.ID,
			EventID:        a.Event,
			Attempt:        int32(a.Attempt),
			ResponseStatus: optional(int32(a.ResponseStatus)),
			Error:          optional(a.Error),
			DurationMs:     int32(a.Duration.Milliseconds()),
			CreatedAt:      a.CreatedAt,
		}
	})
	return apigen.ListWebhookAttempts200JSONResponse{Data: data, NextCursor: next}, nil
}
