package webhooks

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
)

// Statuses of an endpoint.
const (
	StatusEnabled  = vocabulary.EndpointEnabled
	StatusDisabled = vocabulary.EndpointDisabled
)

// Endpoint is where a tenant wants to hear of events.
type Endpoint struct {
	ID           id.WebhookEndpoint
	URL          string
	EventTypes   []string // empty: all
	Status       vocabulary.EndpointStatus
	FailingSince *time.Time // nil: the last delivery was taken
	CreatedAt    time.Time
	Version      int64 // counts its changes, from 1
	// PreviousUntil is until when the secret before the last change still signs; nil: there is none.
	PreviousUntil *time.Time
}

func endpointOf(r dbsqlc.WebhookEndpoint) Endpoint {
	return Endpoint{
		ID:            r.ID,
		URL:           r.URL,
		EventTypes:    r.EventTypes,
		Status:        r.Status,
		FailingSince:  r.FailingSince,
		CreatedAt:     r.CreatedAt,
		Version:       r.Version,
		PreviousUntil: r.PreviousSecretUntil,
	}
}

// NewEndpoint is what an endpoint is made from.
type NewEndpoint struct {
	URL        string
	EventTypes []string
}

// CreateEndpoint adds an endpoint; its secret is shown again only to a repeat with the same key, which replayed tells.
// It returns webhook_url_refused, webhook_endpoint_limit, invalid_request or idempotency_key_reused.
func (s *Service) CreateEndpoint(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	in NewEndpoint,
) (e Endpoint, text secret.String, replayed bool, err error) {
	const operation = "createWebhookEndpoint"
	if err := checkURL(s.reach, in.URL); err != nil {
		return Endpoint{}, secret.String{}, false, err
	}
	if err := checkTypes(in.EventTypes); err != nil {
		return Endpoint{}, secret.String{}, false, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		e = Endpoint{
			ID:         id.New[id.WebhookEndpoint](),
			URL:        in.URL,
			EventTypes: append([]string{}, in.EventTypes...),
			Status:     StatusEnabled,
			CreatedAt:  s.clock.Now(),
			Version:    1,
		}
		existing, replay, err := key.Claim(ctx, tx, a, operation, e.ID)
		if err != nil {
			return err
		}
		if replayed = replay; replay {
			e, text, err = s.created(ctx, tx, a, key, operation, id.WebhookEndpoint(existing))
			return err
		}
		text = newSecret()
		if err := s.insertEndpoint(ctx, tx, e, text); err != nil {
			return err
		}
		if err := key.Keep(ctx, tx, s.vault, e.ID, []byte(text.Reveal())); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "webhook_endpoint", e.ID, "",
			changes(Endpoint{}, e)...)
	})
	if err != nil {
		return Endpoint{}, secret.String{}, false, err
	}
	return e, text, replayed, nil
}

// created reads what an earlier request with the key has made, and the secret that it was told.
func (s *Service) created(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	key idempotency.Key,
	operation string,
	endpoint id.WebhookEndpoint,
) (Endpoint, secret.String, error) {
	plain, err := key.Kept(ctx, tx, s.vault, a, operation)
	if err != nil {
		return Endpoint{}, secret.String{}, err
	}
	r, err := q.WebhookEndpointGet(ctx, tx, endpoint)
	e, err := foundEndpoint(endpointOf(r), err)
	return e, secret.New(string(plain)), err
}

func (s *Service) insertEndpoint(ctx context.Context, tx db.TenantTx, e Endpoint, text secret.String) error {
	if err := s.room(ctx, tx); err != nil {
		return err
	}
	sealed, err := s.vault.Seal(ctx, tx, []byte(text.Reveal()), vault.WebhookSecret.At(tx.Tenant(), e.ID))
	if err != nil {
		return fmt.Errorf("seal the endpoint's secret: %w", err)
	}
	err = q.WebhookEndpointInsert(ctx, tx.Later(), dbsqlc.WebhookEndpointInsertParams{
		ID:           e.ID,
		URL:          e.URL,
		EventTypes:   e.EventTypes,
		SealedSecret: sealed,
		CreatedAt:    e.CreatedAt,
	})
	if err != nil {
		return fmt.Errorf("insert the endpoint: %w", err)
	}
	return nil
}

// room makes sure that the tenant may have one more endpoint. Two requests at once wait for each other.
func (s *Service) room(ctx context.Context, tx db.TenantTx) error {
	if err := q.TenantLock(ctx, tx); err != nil {
		return fmt.Errorf("lock the tenant: %w", err)
	}
	n, err := q.WebhookEndpointCount(ctx, tx)
	if err != nil {
		return fmt.Errorf("count the endpoints: %w", err)
	}
	if n >= EndpointsMax {
		return fault.New(CodeEndpointLimit, "There are %d webhook endpoints already.", n)
	}
	return nil
}

func checkTypes(types []string) error {
	for i, t := range types {
		if !slices.Contains(vocabulary.EventTypes(), vocabulary.EventType(t)) {
			return fault.New(tenants.CodeInvalidRequest, "There is no such type of event.").
				At(fmt.Sprintf("/event_types/%d", i), "enum", "Must be a type of event.")
		}
	}
	return nil
}

// GetEndpoint reads an endpoint. It returns webhook_endpoint_not_found.
func (s *Service) GetEndpoint(
	ctx context.Context,
	a tenants.Actor,
	endpoint id.WebhookEndpoint,
) (e Endpoint, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.WebhookEndpointGet(ctx, tx, endpoint)
		e, err = foundEndpoint(endpointOf(r), err)
		return err
	})
	return e, err
}

// foundEndpoint is the endpoint, or webhook_endpoint_not_found.
func foundEndpoint(e Endpoint, err error) (Endpoint, error) {
	if db.IsNoRows(err) {
		return Endpoint{}, fault.New(CodeEndpointNotFound, "There is no such webhook endpoint.")
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("read the endpoint: %w", err)
	}
	return e, nil
}

// ListEndpoints reads a page of endpoints, newest first.
func (s *Service) ListEndpoints(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.WebhookEndpoint],
) (out tenants.PageOf[Endpoint], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.WebhookEndpointList(ctx, tx, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the endpoints: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.WebhookEndpoint) string { return r.ID.String() }, endpointOf)
		return nil
	})
	return out, err
}

// EndpointChange is what to change of an endpoint; nil leaves as it is.
type EndpointChange struct {
	URL        *string
	EventTypes *[]string
	Status     *vocabulary.EndpointStatus
	Match      tenants.Match
}

// UpdateEndpoint changes an endpoint. A new address, or enabling it again, gives it a fresh start: it is no longer
// counted as failing. It returns webhook_endpoint_not_found, precondition_failed, webhook_url_refused or
// invalid_request.
func (s *Service) UpdateEndpoint(
	ctx context.Context,
	a tenants.Actor,
	endpoint id.WebhookEndpoint,
	c EndpointChange,
) (e Endpoint, err error) {
	if c.URL != nil {
		if err := checkURL(s.reach, *c.URL); err != nil {
			return Endpoint{}, err
		}
	}
	if c.EventTypes != nil {
		if err := checkTypes(*c.EventTypes); err != nil {
			return Endpoint{}, err
		}
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.WebhookEndpointGetForUpdate(ctx, tx, endpoint)
		if e, err = foundEndpoint(endpointOf(r), err); err != nil {
			return err
		}
		if err := c.Match.Check(e.Version); err != nil {
			return err
		}
		before := e
		e.Version++
		if c.URL != nil && *c.URL != e.URL {
			e.URL, e.FailingSince = *c.URL, nil
		}
		if c.EventTypes != nil {
			e.EventTypes = append([]string{}, *c.EventTypes...)
		}
		if c.Status != nil && *c.Status != e.Status {
			e.Status, e.FailingSince = *c.Status, nil
		}
		err = q.WebhookEndpointUpdate(ctx, tx.Later(), dbsqlc.WebhookEndpointUpdateParams{
			ID: e.ID, URL: e.URL, EventTypes: e.EventTypes, Status: e.Status, FailingSince: e.FailingSince,
			At: s.clock.Now(),
		})
		if err != nil {
			return fmt.Errorf("update the endpoint: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "updateWebhookEndpoint", "webhook_endpoint", e.ID,
			string(e.Status), changes(before, e)...)
	})
	if err != nil {
		return Endpoint{}, err
	}
	return e, nil
}

// DeleteEndpoint removes an endpoint: its secrets are destroyed, what is still to be delivered to it is not, and it no
// longer counts. It returns webhook_endpoint_not_found or precondition_failed.
func (s *Service) DeleteEndpoint(
	ctx context.Context,
	a tenants.Actor,
	endpoint id.WebhookEndpoint,
	match tenants.Match,
) error {
	return a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.WebhookEndpointGetForUpdate(ctx, tx, endpoint)
		if _, err = foundEndpoint(Endpoint{}, err); err != nil {
			return err
		}
		if err := match.Check(r.Version); err != nil {
			return err
		}
		if err := q.WebhookEndpointDelete(ctx, tx.Later(), s.clock.Now(), endpoint); err != nil {
			return fmt.Errorf("delete the endpoint: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "deleteWebhookEndpoint", "webhook_endpoint", endpoint, "",
			changes(endpointOf(r), Endpoint{})...)
	})
}

// changes are what the audit log keeps of a change. Of an address it keeps where it leads: what follows may be a
// secret.
func changes(before, after Endpoint) (c tenants.Changes) {
	was, is := host(before.URL), host(after.URL)
	if was == is && before.URL != after.URL {
		is += " (another path)"
	}
	return c.Add("url", was, is).
		Add("event_types", before.EventTypes, after.EventTypes).
		Add("status", before.Status, after.Status)
}

// host is an address up to its path.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
