package webhooks

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/events"
)

// Attempt is one try to deliver an event.
type Attempt struct {
	ID             id.WebhookDelivery
	Endpoint       id.WebhookEndpoint
	Event          id.Event
	Attempt        int
	ResponseStatus int    // 0: no answer
	Error          string // why it was not taken; empty when it was
	Duration       time.Duration
	CreatedAt      time.Time
}

// ListAttempts reads a page of the tries to deliver to an endpoint, newest first. It returns
// webhook_endpoint_not_found.
func (s *Service) ListAttempts(
	ctx context.Context,
	a tenants.Actor,
	endpoint id.WebhookEndpoint,
	page tenants.Page[id.WebhookDelivery],
) (out tenants.PageOf[Attempt], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := q.WebhookEndpointGet(ctx, tx, endpoint)
		if _, err = foundEndpoint(Endpoint{}, err); err != nil {
			return err
		}
		rows, err := q.WebhookAttemptList(ctx, tx, endpoint, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the attempts: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.WebhookAttemptListRow) string { return r.ID.String() }, attemptOf)
		return nil
	})
	return out, err
}

func attemptOf(r dbsqlc.WebhookAttemptListRow) Attempt {
	a := Attempt{ID: r.ID, Endpoint: r.EndpointID, Event: r.EventID, Attempt: int(r.Attempt), Error: r.Error,
		Duration: time.Duration(r.DurationMs) * time.Millisecond, CreatedAt: r.CreatedAt}
	if r.ResponseStatus != nil {
		a.ResponseStatus = int(*r.ResponseStatus)
	}
	return a
}

// AttemptDetail is an attempt with what was sent and what came back.
type AttemptDetail struct {
	Attempt
	URL             string
	RequestHeaders  map[string]string // names in lower case
	RequestBody     string            // the event as it is sent
	ResponseHeaders map[string]string // those that tell something; names in lower case
	ResponseBody    string            // at most 4 KiB of text; empty when the answer was none
}

// GetAttempt reads an attempt. It returns webhook_endpoint_not_found or webhook_attempt_not_found.
func (s *Service) GetAttempt(
	ctx context.Context,
	a tenants.Actor,
	endpoint id.WebhookEndpoint,
	attempt id.WebhookDelivery,
) (out AttemptDetail, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := q.WebhookEndpointGet(ctx, tx, endpoint)
		if _, err = foundEndpoint(Endpoint{}, err); err != nil {
			return err
		}
		out, err = attemptDetail(ctx, tx, endpoint, attempt)
		return err
	})
	return out, err
}

// attemptDetail reads an attempt to deliver to the endpoint. It returns webhook_attempt_not_found.
func attemptDetail(
	ctx context.Context,
	tx db.TenantTx,
	endpoint id.WebhookEndpoint,
	attempt id.WebhookDelivery,
) (AttemptDetail, error) {
	r, err := q.WebhookAttemptGet(ctx, tx, endpoint, attempt)
	if db.IsNoRows(err) {
		return AttemptDetail{}, fault.New(CodeAttemptNotFound, "There is no such delivery attempt.")
	}
	if err != nil {
		return AttemptDetail{}, fmt.Errorf("read the attempt: %w", err)
	}
	e, err := events.Load(ctx, tx, r.EventID)
	if err != nil {
		return AttemptDetail{}, err
	}
	return detailOf(r, e)
}

func detailOf(r dbsqlc.WebhookAttempt, e events.Stored) (AttemptDetail, error) {
	body, err := payload(e)
	if err != nil {
		return AttemptDetail{}, fmt.Errorf("write the body of the attempt: %w", err)
	}
	d := AttemptDetail{
		Attempt: attemptOf(dbsqlc.WebhookAttemptListRow{
			ID:             r.ID,
			EndpointID:     r.EndpointID,
			EventID:        r.EventID,
			Attempt:        r.Attempt,
			ResponseStatus: r.ResponseStatus,
			Error:          r.Error,
			DurationMs:     r.DurationMs,
			CreatedAt:      r.CreatedAt,
		}),
		URL:          r.URL,
		RequestBody:  string(body),
		ResponseBody: r.ResponseBody,
	}
	for raw, to := range map[*[]byte]*map[string]string{
		&r.RequestHeaders:  &d.RequestHeaders,
		&r.ResponseHeaders: &d.ResponseHeaders,
	} {
		if err := json.Unmarshal(*raw, to); err != nil {
			return AttemptDetail{}, fmt.Errorf("read the headers of the attempt: %w", err)
		}
	}
	return d, nil
}
