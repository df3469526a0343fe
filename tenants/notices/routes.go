package notices

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

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

// Route says which events are told to whom, and by what. Its address and its secret are not shown again.
type Route struct {
	ID           id.NoticeRoute
	Name         string
	Channel      vocabulary.NoticeChannel
	AddressHint  string // a robot's host, or a masked address of mail
	Signed       bool   // there is a signing secret
	EventTypes   []string
	Merchant     id.Merchant // zero: whatever merchant it is about
	Language     vocabulary.Language
	Quiet        Quiet
	Status       vocabulary.EndpointStatus
	FailingSince *time.Time
	LastError    string
	CreatedAt    time.Time
	Version      int64
}

func routeOf(r dbsqlc.NoticeRoute) Route {
	return Route{ID: r.ID, Name: r.Name, Channel: r.Channel, AddressHint: r.AddressHint,
		Signed: len(r.SealedSecret) > 0, EventTypes: r.EventTypes, Merchant: r.MerchantID, Language: r.Language,
		Quiet:  Quiet{int(r.QuietFrom), int(r.QuietUntil), int(r.QuietOffset)},
		Status: r.Status, FailingSince: r.FailingSince, LastError: r.LastError, CreatedAt: r.CreatedAt,
		Version: r.Version}
}

// NewRoute is what a route is made from.
type NewRoute struct {
	Name       string
	Channel    vocabulary.NoticeChannel
	Address    secret.String
	Secret     secret.String // empty: messages are not signed
	EventTypes []string
	Merchant   id.Merchant
	Language   vocabulary.Language
	Quiet      Quiet
}

// CreateRoute adds a route; it is told what happens from now on. It returns notice_address_refused,
// notice_channel_not_set_up, notice_setting_invalid, notice_route_limit, merchant_not_found or idempotency_key_reused.
func (s *Service) CreateRoute(ctx context.Context, a tenants.Actor, key idempotency.Key, in NewRoute) (
	out Route, replayed bool, err error,
) {
	const operation = "createNoticeRoute"
	address, hint, err := s.address(in.Channel, in.Address.Reveal())
	if err != nil {
		return Route{}, false, err
	}
	if err := settings(in.Channel, in.Secret.Reveal(), in.EventTypes, in.Quiet); err != nil {
		return Route{}, false, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		now := s.clock.Now()
		row := dbsqlc.NoticeRouteInsertParams{ID: id.New[id.NoticeRoute](), Name: in.Name, Channel: in.Channel,
			AddressHint: hint, EventTypes: in.EventTypes, MerchantID: in.Merchant, Language: in.Language,
			QuietFrom: int16(in.Quiet.From), QuietUntil: int16(in.Quiet.Until), //nolint:gosec // checked
			QuietOffset: int16(in.Quiet.Offset), //nolint:gosec // checked
			Status:      vocabulary.EndpointEnabled, Passed: id.First[id.Event](now), CreatedAt: now}
		existing, again, err := key.Claim(ctx, tx, a, operation, row.ID)
		if replayed = again; err != nil || again {
			if err == nil {
				out, err = s.route(ctx, tx, id.NoticeRoute(existing))
			}
			return err
		}
		if err := s.room(ctx, tx, in.Merchant); err != nil {
			return err
		}
		if row.SealedAddress, row.SealedSecret, err = s.seal(ctx, tx, row.ID, address, in.Secret.Reveal()); err != nil {
			return err
		}
		if err := q.NoticeRouteInsert(ctx, tx.Later(), row); err != nil {
			return fmt.Errorf("insert the route: %w", err)
		}
		if err := tenants.TellEvents(ctx, tx); err != nil {
			return err
		}
		if out, err = s.route(ctx, tx, row.ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "notice_route", row.ID, string(in.Channel),
			changes(Route{}, out)...)
	})
	return out, replayed, err
}

// room makes sure that the tenant may have one more route, and has the merchant. Two requests at once wait for each
// other.
func (s *Service) room(ctx context.Context, tx db.TenantTx, m id.Merchant) error {
	if err := q.TenantLock(ctx, tx); err != nil {
		return fmt.Errorf("lock the tenant: %w", err)
	}
	n, err := q.NoticeRouteCount(ctx, tx)
	if err != nil {
		return fmt.Errorf("count the routes: %w", err)
	}
	if n >= RoutesMax {
		return fault.New(CodeRouteLimit, "There are %d notice routes already.", n)
	}
	if m.IsZero() {
		return nil
	}
	found, err := q.MerchantNameList(ctx, tx, []uuid.UUID{uuid.UUID(m)})
	if err != nil {
		return fmt.Errorf("read the merchant: %w", err)
	}
	if len(found) == 0 {
		return fault.New(tenants.CodeMerchantNotFound, "There is no such merchant.").
			At("/merchant_id", "unknown", "Is no merchant of the platform.")
	}
	return nil
}

func (s *Service) seal(ctx context.Context, tx db.TenantTx, r id.NoticeRoute, address, key string) (
	sealedAddress, sealedSecret []byte, err error,
) {
	if sealedAddress, err = vault.NoticeAddress.SealText(ctx, tx, s.vault, r, address); err != nil {
		return nil, nil, fmt.Errorf("seal the address: %w", err)
	}
	if sealedSecret, err = vault.NoticeSecret.SealText(ctx, tx, s.vault, r, key); err != nil {
		return nil, nil, fmt.Errorf("seal the secret: %w", err)
	}
	return sealedAddress, sealedSecret, nil
}

// open gives the address and the secret of a route.
func (s *Service) open(ctx context.Context, tx db.TenantTx, r dbsqlc.NoticeRoute) (
	address, key secret.String, err error,
) {
	a, err := vault.NoticeAddress.OpenText(ctx, tx, s.vault, r.ID, r.SealedAddress, "")
	if err != nil {
		return address, key, fmt.Errorf("open the route's address: %w", err)
	}
	k, err := vault.NoticeSecret.OpenText(ctx, tx, s.vault, r.ID, r.SealedSecret, "")
	if err != nil {
		return address, key, fmt.Errorf("open the route's secret: %w", err)
	}
	return secret.New(a), secret.New(k), nil
}

// settings checks what needs no database.
func settings(channel vocabulary.NoticeChannel, key string, types []string, w Quiet) error {
	if err := checkSecret(channel, key); err != nil {
		return err
	}
	for i, t := range types {
		if len(expand([]string{t})) == 0 {
			return fault.New(CodeSettingInvalid, "There is no such type of event.").At(
				fmt.Sprintf("/event_types/%d", i), "unknown", "Must be a type of event, or a group of them, order.*.")
		}
	}
	return w.check()
}

// expand lists the types of events that a route's types and groups stand for. The test of a webhook endpoint is none.
func expand(types []string) (out []vocabulary.EventType) {
	for _, t := range vocabulary.EventTypes() {
		group, _, _ := strings.Cut(string(t), ".")
		if t != vocabulary.EventWebhookTest &&
			(slices.Contains(types, string(t)) || slices.Contains(types, group+".*")) {
			out = append(out, t)
		}
	}
	return out
}

// route reads a route in the running transaction. It returns notice_route_not_found.
func (s *Service) route(ctx context.Context, tx db.TenantTx, r id.NoticeRoute) (Route, error) {
	row, err := q.NoticeRouteGet(ctx, tx, r)
	if err := found(err); err != nil {
		return Route{}, err
	}
	return routeOf(row), nil
}

func found(err error) error {
	if db.IsNoRows(err) {
		return fault.New(CodeRouteNotFound, "There is no such notice route.")
	}
	if err != nil {
		return fmt.Errorf("read the route: %w", err)
	}
	return nil
}

// GetRoute reads a route. It returns notice_route_not_found.
func (s *Service) GetRoute(ctx context.Context, a tenants.Actor, r id.NoticeRoute) (out Route, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		out, err = s.route(ctx, tx, r)
		return err
	})
	return out, err
}

// ListRoutes reads a page of routes, newest first.
func (s *Service) ListRoutes(ctx context.Context, a tenants.Actor, page tenants.Page[id.NoticeRoute]) (
	out tenants.PageOf[Route], err error,
) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.NoticeRouteList(ctx, tx, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the routes: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.NoticeRoute) string { return r.ID.String() }, routeOf)
		return nil
	})
	return out, err
}

// RouteChange is what to change of a route; nil leaves as it is. An empty secret removes it.
type RouteChange struct {
	Name            *string
	Address, Secret *secret.String
	EventTypes      *[]string
	Language        *vocabulary.Language
	Quiet           *Quiet
	Status          *vocabulary.EndpointStatus
	Match           tenants.Match
}

// UpdateRoute changes a route. A new address or secret, or enabling it, gives it a fresh start: what waited for another
// try is tried at once. What happened while it was disabled is not told. It returns notice_route_not_found,
// precondition_failed, notice_address_refused, notice_channel_not_set_up or notice_setting_invalid.
func (s *Service) UpdateRoute(ctx context.Context, a tenants.Actor, r id.NoticeRoute, c RouteChange) (
	out Route, err error,
) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.NoticeRouteGetForUpdate(ctx, tx, r)
		if err := found(err); err != nil {
			return err
		}
		if err := c.Match.Check(row.Version); err != nil {
			return err
		}
		before := routeOf(row)
		fresh, err := s.change(ctx, tx, &row, c)
		if err != nil {
			return err
		}
		if fresh {
			row.FailingSince, row.Failures, row.ReportedAt, row.LastError = nil, 0, nil, ""
			if err := q.NoticeHurry(ctx, tx.Later(), s.clock.Now(), r); err != nil {
				return fmt.Errorf("try at once: %w", err)
			}
		}
		if row.Status != vocabulary.EndpointEnabled {
			if err := q.NoticeRouteGaveUp(ctx, tx.Later(), "the route was disabled", r); err != nil {
				return fmt.Errorf("give up what waits: %w", err)
			}
		}
		err = q.NoticeRouteUpdate(ctx, tx.Later(), dbsqlc.NoticeRouteUpdateParams{Name: row.Name,
			SealedAddress: row.SealedAddress, SealedSecret: row.SealedSecret, AddressHint: row.AddressHint,
			EventTypes: row.EventTypes, Language: row.Language, QuietFrom: row.QuietFrom, QuietUntil: row.QuietUntil,
			QuietOffset: row.QuietOffset, Status: row.Status, Passed: row.Passed, FailingSince: row.FailingSince,
			Failures: row.Failures, ReportedAt: row.ReportedAt, LastError: row.LastError, ID: r})
		if err != nil {
			return fmt.Errorf("update the route: %w", err)
		}
		row.Version++
		out = routeOf(row)
		note := ""
		if c.Address != nil || c.Secret != nil {
			note = "another address or secret"
		}
		return audit.Record(ctx, tx, audit.Actor(a), "updateNoticeRoute", "notice_route", r, note,
			changes(before, out)...)
	})
	return out, err
}

// change carries the change into the row; fresh tells that the route begins anew.
func (s *Service) change(ctx context.Context, tx db.TenantTx, row *dbsqlc.NoticeRoute, c RouteChange) (
	fresh bool, err error,
) {
	if c.Name != nil {
		row.Name = *c.Name
	}
	if c.EventTypes != nil {
		row.EventTypes = *c.EventTypes
	}
	if c.Language != nil {
		row.Language = *c.Language
	}
	if c.Quiet != nil {
		row.QuietFrom, row.QuietUntil = int16(c.Quiet.From), int16(c.Quiet.Until) //nolint:gosec // checked below
		row.QuietOffset = int16(c.Quiet.Offset)                                   //nolint:gosec // checked below
	}
	address, key, err := s.open(ctx, tx, *row)
	if err != nil {
		return false, err
	}
	if c.Secret != nil {
		key, fresh = *c.Secret, true
	}
	if c.Address != nil {
		to, hint, err := s.address(row.Channel, c.Address.Reveal())
		if err != nil {
			return false, err
		}
		address, row.AddressHint, fresh = secret.New(to), hint, true
	}
	if err := settings(row.Channel, key.Reveal(), row.EventTypes, routeOf(*row).Quiet); err != nil {
		return false, err
	}
	if fresh {
		row.SealedAddress, row.SealedSecret, err = s.seal(ctx, tx, row.ID, address.Reveal(), key.Reveal())
		if err != nil {
			return false, err
		}
	}
	if c.Status != nil && *c.Status != row.Status {
		row.Status, fresh = *c.Status, true
		row.Passed = id.First[id.Event](s.clock.Now())
	}
	return fresh, nil
}

// DeleteRoute removes a route with its address and secret; what waits is not sent. It returns notice_route_not_found or
// precondition_failed.
func (s *Service) DeleteRoute(ctx context.Context, a tenants.Actor, r id.NoticeRoute, match tenants.Match) error {
	return a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		row, err := q.NoticeRouteGetForUpdate(ctx, tx, r)
		if err := found(err); err != nil {
			return err
		}
		if err := match.Check(row.Version); err != nil {
			return err
		}
		if err := q.NoticeRouteGaveUp(ctx, tx.Later(), "the route was deleted", r); err != nil {
			return fmt.Errorf("give up what waits: %w", err)
		}
		if err := q.NoticeRouteDelete(ctx, tx.Later(), r); err != nil {
			return fmt.Errorf("delete the route: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "deleteNoticeRoute", "notice_route", r, "",
			changes(routeOf(row), Route{})...)
	})
}

// changes are what the audit log keeps of a change: of the address what may be shown.
func changes(before, after Route) (c tenants.Changes) {
	return c.Add("name", before.Name, after.Name).
		Add("address", before.AddressHint, after.AddressHint).
		Add("event_types", before.EventTypes, after.EventTypes).
		Add("status", before.Status, after.Status)
}
