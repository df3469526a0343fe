package api

import (
	"context"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/webhooks"
)

// overlapDefault is how long both secrets are good, of an endpoint or a key, when the request does not say.
const overlapDefault = 24 * time.Hour

func (s *server) ListWebhookEndpoints(
	ctx context.Context,
	r apigen.ListWebhookEndpointsRequestObject,
) (apigen.ListWebhookEndpointsResponseObject, error) {
	p, err := page[id.WebhookEndpoint](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Webhooks.ListEndpoints(ctx, authn.From(ctx), p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, endpointOf)
	return apigen.ListWebhookEndpoints200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) CreateWebhookEndpoint(
	ctx context.Context,
	r apigen.CreateWebhookEndpointRequestObject,
) (apigen.CreateWebhookEndpointResponseObject, error) {
	e, secret, again, err := s.Webhooks.CreateEndpoint(ctx, authn.From(ctx), keyIn(ctx),
		webhooks.NewEndpoint{URL: r.Body.URL, EventTypes: each(value(r.Body.EventTypes), eventTypeIn)})
	if err != nil {
		return nil, err
	}
	return apigen.CreateWebhookEndpoint201JSONResponse{
		Body: apigen.WebhookEndpointCreated{
			ID:         e.ID,
			URL:        e.URL,
			EventTypes: each(e.EventTypes, eventTypeOut),
			Status:     apigen.WebhookEndpointCreatedStatus(e.Status),
			CreatedAt:  clock.Stamp(e.CreatedAt),
			Secret:     secret.Reveal(),
		},
		Headers: apigen.CreateWebhookEndpoint201ResponseHeaders{
			ETag:                etag(e.Version),
			IdempotencyReplayed: replayed(again),
		},
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
	return apigen.GetWebhookEndpoint200JSONResponse{
		Body:    endpointOf(e),
		Headers: apigen.GetWebhookEndpoint200ResponseHeaders{ETag: etag(e.Version)},
	}, nil
}

func (s *server) UpdateWebhookEndpoint(
	ctx context.Context,
	r apigen.UpdateWebhookEndpointRequestObject,
) (apigen.UpdateWebhookEndpointResponseObject, error) {
	change := webhooks.EndpointChange{
		URL:    r.Body.URL,
		Status: (*vocabulary.EndpointStatus)(r.Body.Status),
		Match:  match(r.Params.IfMatch),
	}
	if r.Body.EventTypes != nil {
		types := each(*r.Body.EventTypes, eventTypeIn)
		change.EventTypes = &types
	}
	e, err := s.Webhooks.UpdateEndpoint(ctx, authn.From(ctx), r.EndpointID, change)
	if err != nil {
		return nil, err
	}
	return apigen.UpdateWebhookEndpoint200JSONResponse{
		Body:    endpointOf(e),
		Headers: apigen.UpdateWebhookEndpoint200ResponseHeaders{ETag: etag(e.Version)},
	}, nil
}

func eventTypeIn(t apigen.EventType) string { return string(t) }

func eventTypeOut(t string) apigen.EventType { return apigen.EventType(t) }

func endpointOf(e webhooks.Endpoint) apigen.WebhookEndpoint {
	return apigen.WebhookEndpoint{
		ID:           e.ID,
		URL:          e.URL,
		EventTypes:   each(e.EventTypes, eventTypeOut),
		Status:       apigen.WebhookEndpointStatus(e.Status),
		FailingSince: clock.StampOf(e.FailingSince),
		CreatedAt:    clock.Stamp(e.CreatedAt),

		PreviousSecretUntil: clock.StampOf(e.PreviousUntil),
	}
}

func (s *server) ListWebhookAttempts(
	ctx context.Context,
	r apigen.ListWebhookAttemptsRequestObject,
) (apigen.ListWebhookAttemptsResponseObject, error) {
	p, err := page[id.WebhookDelivery](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Webhooks.ListAttempts(ctx, authn.From(ctx), r.EndpointID, p)
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, attemptOf)
	return apigen.ListWebhookAttempts200JSONResponse{Data: data, NextCursor: next}, nil
}

func attemptOf(a webhooks.Attempt) apigen.WebhookAttempt {
	return apigen.WebhookAttempt{
		ID:             a.ID,
		EventID:        a.Event,
		Attempt:        int32(a.Attempt),
		ResponseStatus: optional(int32(a.ResponseStatus)),
		Error:          optional(a.Error),
		DurationMs:     int32(a.Duration.Milliseconds()),
		CreatedAt:      clock.Stamp(a.CreatedAt),
	}
}

func (s *server) GetWebhookAttempt(
	ctx context.Context,
	r apigen.GetWebhookAttemptRequestObject,
) (apigen.GetWebhookAttemptResponseObject, error) {
	a, err := s.Webhooks.GetAttempt(ctx, authn.From(ctx), r.EndpointID, r.AttemptID)
	if err != nil {
		return nil, err
	}
	return apigen.GetWebhookAttempt200JSONResponse(attemptDetailOf(a)), nil
}

func attemptDetailOf(d webhooks.AttemptDetail) apigen.WebhookAttemptDetail {
	a := attemptOf(d.Attempt)
	return apigen.WebhookAttemptDetail{
		ID:              a.ID,
		EndpointID:      d.Endpoint,
		EventID:         a.EventID,
		Attempt:         a.Attempt,
		ResponseStatus:  a.ResponseStatus,
		Error:           a.Error,
		DurationMs:      a.DurationMs,
		CreatedAt:       a.CreatedAt,
		URL:             d.URL,
		RequestHeaders:  d.RequestHeaders,
		RequestBody:     d.RequestBody,
		ResponseHeaders: d.ResponseHeaders,
		ResponseBody:    optional(d.ResponseBody),
	}
}

func (s *server) DeleteWebhookEndpoint(
	ctx context.Context,
	r apigen.DeleteWebhookEndpointRequestObject,
) (apigen.DeleteWebhookEndpointResponseObject, error) {
	if err := s.Webhooks.DeleteEndpoint(ctx, authn.From(ctx), r.EndpointID, match(r.Params.IfMatch)); err != nil {
		return nil, err
	}
	return apigen.DeleteWebhookEndpoint204Response{}, nil
}

func (s *server) RotateWebhookSecret(
	ctx context.Context,
	r apigen.RotateWebhookSecretRequestObject,
) (apigen.RotateWebhookSecretResponseObject, error) {
	overlap := overlapDefault
	if r.Body.OverlapSeconds != nil {
		overlap = time.Duration(*r.Body.OverlapSeconds) * time.Second
	}
	e, secret, again, err := s.Webhooks.Rotate(ctx, authn.From(ctx), keyIn(ctx), r.EndpointID, overlap)
	if err != nil {
		return nil, err
	}
	return apigen.RotateWebhookSecret200JSONResponse{
		Body: apigen.WebhookSecret{
			EndpointID:          e.ID,
			Secret:              secret.Reveal(),
			PreviousSecretUntil: clock.StampOf(e.PreviousUntil),
		},
		Headers: apigen.RotateWebhookSecret200ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) TestWebhookEndpoint(
	ctx context.Context,
	r apigen.TestWebhookEndpointRequestObject,
) (apigen.TestWebhookEndpointResponseObject, error) {
	a, err := s.Webhooks.Test(ctx, authn.From(ctx), r.EndpointID)
	if err != nil {
		return nil, err
	}
	return apigen.TestWebhookEndpoint200JSONResponse{Body: attemptDetailOf(a)}, nil
}

func (s *server) ResendEventToEndpoint(
	ctx context.Context,
	r apigen.ResendEventToEndpointRequestObject,
) (apigen.ResendEventToEndpointResponseObject, error) {
	e, err := s.Webhooks.ResendTo(ctx, authn.From(ctx), r.EndpointID, r.EventID)
	if err != nil {
		return nil, err
	}
	return apigen.ResendEventToEndpoint202JSONResponse{Body: eventOf(e)}, nil
}
