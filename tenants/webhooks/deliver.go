package webhooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/outside"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/events"
	"zhitong/tenants/vault"
)

const (
	// DisableAfter is how long an endpoint may fail without one success before it is switched off.
	DisableAfter = 5 * 24 * time.Hour
	// retryAfterMax bounds what a receiver may ask for with Retry-After.
	retryAfterMax = 24 * time.Hour
	errorMax      = 300 // bytes of an error that are kept
	userAgent     = "Zhitong-Webhooks/1"
)

// Backoff is how long to wait after each attempt that was not taken: nearly five days in all. After the last one the
// event stays in the list of events and can be sent again by hand.
func Backoff() []time.Duration {
	return []time.Duration{
		5 * time.Second,
		30 * time.Second,
		2 * time.Minute,
		10 * time.Minute,
		time.Hour,
		3 * time.Hour,
		6 * time.Hour,
		12 * time.Hour,
		24 * time.Hour,
		24 * time.Hour,
		24 * time.Hour,
		24 * time.Hour,
	}
}

// AttemptsMax is how often a delivery is tried.
func AttemptsMax() int { return len(Backoff()) + 1 }

// Config is what a Service needs.
type Config struct {
	DB    *db.DB
	Vault *vault.Vault
	Clock clock.Clock
	Reach Reach             // which addresses may be called
	Step  func(name string) // nil in production; tests crash at a step
}

// Service carries the use cases of events and endpoints.
type Service struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
	reach Reach
	http  *http.Client //nolint:forbidigo // the guarded one, made by package outside
	step  func(name string)
}

// New makes a Service.
func New(c Config) *Service {
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{db: c.DB, vault: c.Vault, clock: c.Clock, reach: c.Reach,
		http: outside.NewClient(c.Reach), step: c.Step}
}

// now is the current time in the precision that Postgres keeps.
// Result is how an attempt to deliver ended.
type Result struct {
	Delivered bool // the receiver took it
	// it was not taken and must not be tried again: the endpoint is gone, disabled, or answered 410
	Stop       bool
	RetryAfter time.Duration // how long the receiver asks to be left alone, a day at most; 0: it did not ask
	Status     int           // HTTP status; 0: no answer
	Failure    string        // why it was not taken, for a person
}

// message is what is sent in one attempt.
type message struct {
	event    events.Stored
	endpoint Endpoint
	secrets  []secret.String // the endpoint's, and the one before while it is still valid
}

// Deliver sends an event to an endpoint once: it reads both, posts the signed message, and records the attempt. It is
// phased and may be run again from any point: a message that was sent twice carries the same webhook-id. The error is
// ours (the database is away), never the receiver's.
func (s *Service) Deliver(
	ctx context.Context,
	tenant id.Tenant,
	event id.Event,
	endpoint id.WebhookEndpoint,
	attempt int,
) (Result, error) {
	m, err := s.load(ctx, tenant, event, endpoint)
	if fault.CodeOf(err) != "" {
		return Result{Stop: true, Failure: err.Error()}, nil
	}
	if err != nil {
		return Result{}, err
	}
	if m.endpoint.Status != StatusEnabled {
		return Result{Stop: true, Failure: "the endpoint is disabled"}, nil
	}
	r, a, err := s.try(ctx, m, attempt)
	if err != nil {
		return Result{}, err
	}
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return s.record(ctx, tx, m, a, r)
	})
	s.step("recorded")
	return r, err
}

// try sends a message once and says what is to be recorded of it.
func (s *Service) try(ctx context.Context, m message, attempt int) (Result, dbsqlc.WebhookAttemptInsertParams, error) {
	s.step("read")
	elapsed := clock.Stopwatch()
	r, x := s.post(ctx, m)
	if !r.Delivered && ctx.Err() != nil {
		// stopped by us: not the receiver's failure
		return Result{}, dbsqlc.WebhookAttemptInsertParams{}, fmt.Errorf("deliver an event: %w", context.Cause(ctx))
	}
	s.step("sent")
	return r, s.attempt(m, attempt, r, x, elapsed()), nil
}

// load is the first transaction.
func (s *Service) load(
	ctx context.Context,
	tenant id.Tenant,
	event id.Event,
	endpoint id.WebhookEndpoint,
) (m message, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		if m.event, err = events.Load(ctx, tx, event); err != nil {
			return err
		}
		r, err := q.WebhookEndpointGet(ctx, tx, endpoint)
		if m.endpoint, err = foundEndpoint(endpointOf(r), err); err != nil {
			return err
		}
		m.secrets, err = s.secrets(ctx, tx, r)
		return err
	})
	return m, err
}

// post sends the message. Every failure is the receiver's and part of the Result.
func (s *Service) post(ctx context.Context, m message) (r Result, x exchange) {
	body, err := payload(m.event)
	if err != nil {
		return Result{Stop: true, Failure: "the event cannot be written: " + err.Error()}, x
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.endpoint.URL, bytes.NewReader(body))
	if err != nil {
		return Result{Stop: true, Failure: "the address cannot be called"}, x
	}
	at := s.clock.Now()
	signatures := make([]string, len(m.secrets))
	for i, key := range m.secrets {
		if signatures[i], err = Sign(key, m.event.ID.String(), at, body); err != nil {
			return Result{Stop: true, Failure: err.Error()}, x
		}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set(HeaderID, m.event.ID.String())
	req.Header.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(HeaderSignature, strings.Join(signatures, " "))
	x.sent(req.Header)
	resp, err := s.http.Do(req)
	if err != nil {
		return Result{Failure: clip(describe(err))}, x
	}
	defer resp.Body.Close()
	x.received(resp)
	return s.judge(resp), x
}

// judge reads an answer: 2xx is taken, 410 says never again, everything else (redirects too) is not taken.
func (s *Service) judge(resp *http.Response) Result {
	r := Result{Status: resp.StatusCode}
	switch {
	case resp.StatusCode/100 == 2:
		r.Delivered = true
	case resp.StatusCode == http.StatusGone:
		r.Stop, r.Failure = true, "the receiver answered 410 Gone"
	default:
		r.Failure = "the receiver answered " + strconv.Itoa(resp.StatusCode)
		r.RetryAfter = s.retryAfter(resp.Header.Get("Retry-After"))
	}
	return r
}

// retryAfter reads seconds or a date; anything else is nothing.
func (s *Service) retryAfter(v string) time.Duration {
	if n, err := strconv.ParseUint(v, 10, 32); err == nil {
		return min(time.Duration(n)*time.Second, retryAfterMax)
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(0, at.Sub(s.clock.Now())), retryAfterMax)
	}
	return 0
}

// describe says why there was no answer, without the address and without what a resolver or a network would tell about
// our own.
func describe(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case outside.Prohibited(err):
		return "the address is not public"
	case errors.As(err, &dns):
		return "the host name was not found"
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return "no answer in time"
	case errors.As(err, &op) && op.Op == "dial":
		return "no connection"
	default:
		return "the connection or the answer was broken"
	}
}

func isTimeout(err error) bool {
	ne, ok := errors.AsType[net.Error](err)
	return ok && ne.Timeout()
}

func clip(s string) string {
	if len(s) <= errorMax {
		return s
	}
	s = s[:errorMax]
	for len(s) > 0 && !utf8.ValidString(s) {
		s = s[:len(s)-1]
	}
	return s
}

// attempt is what is recorded of a try.
func (s *Service) attempt(
	m message,
	attempt int,
	r Result,
	x exchange,
	took time.Duration,
) dbsqlc.WebhookAttemptInsertParams {
	a := dbsqlc.WebhookAttemptInsertParams{
		ID:           id.New[id.WebhookDelivery](),
		EndpointID:   m.endpoint.ID,
		EventID:      m.event.ID,
		Attempt:      int16(min(attempt, 1<<15-1)),
		Error:        r.Failure,
		DurationMs:   int32(max(0, took.Milliseconds())),
		CreatedAt:    s.clock.Now(),
		URL:          m.endpoint.URL,
		ResponseBody: x.responseBody,
	}
	a.RequestHeaders, a.ResponseHeaders = x.columns()
	if r.Status != 0 {
		status := int16(r.Status)
		a.ResponseStatus = &status
	}
	return a
}

// record is the second transaction: the attempt, and the endpoint's health.
func (s *Service) record(
	ctx context.Context,
	tx db.TenantTx,
	m message,
	a dbsqlc.WebhookAttemptInsertParams,
	r Result,
) error {
	if err := q.WebhookAttemptInsert(ctx, tx.Later(), a); err != nil {
		return fmt.Errorf("record the attempt: %w", err)
	}
	if r.Delivered {
		return q.WebhookEndpointHealthy(ctx, tx.Later(), m.endpoint.ID)
	}
	since, err := q.WebhookEndpointFailing(ctx, tx, a.CreatedAt, m.endpoint.ID)
	if err != nil {
		return fmt.Errorf("mark the endpoint as failing: %w", err)
	}
	if !r.Stop && a.CreatedAt.Sub(since) < DisableAfter {
		return nil
	}
	return s.disable(ctx, tx, m.endpoint, r, a.CreatedAt)
}

// disable switches the endpoint off and opens a case, once.
func (s *Service) disable(ctx context.Context, tx db.TenantTx, e Endpoint, r Result, now time.Time) error {
	n, err := q.WebhookEndpointDisable(ctx, tx, e.ID)
	if err != nil {
		return fmt.Errorf("disable the endpoint: %w", err)
	}
	if n == 0 {
		return nil
	}
	if err := audit.Record(ctx, tx, audit.System("webhook_deliver"), "webhook_disable", "webhook_endpoint", e.ID,
		r.Failure); err != nil {
		return err
	}
	_, err = cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseWebhookDisabled, At: now, Detail: fmt.Sprintf(
		"Webhook endpoint %s was switched off: %s. Enable it again when it is well; events of the meantime can be "+
			"sent again.",
		e.ID,
		r.Failure,
	), Facts: cases.Facts{Cause: vocabulary.CauseEndpointDisabled, Subject: e.ID.String(), Said: r.Failure}})
	return err
}
