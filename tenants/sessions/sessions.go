// Package sessions keeps who is signed in. A session is a person's, in one browser; of what the browser holds only a
// hash is kept. What the person may do is asked of the tenant that a request names, so one session serves all platforms
// that somebody is a member of.
package sessions

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
)

var q = dbsqlc.New()

// Codes of this package.
const (
	CodeSessionEnded    fault.Code = "session_ended"
	CodeSessionNotFound fault.Code = "session_not_found"
	CodeTenantNotFound  fault.Code = "tenant_not_found"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeSessionEnded, Status: http.StatusUnauthorized, Title: "You are signed out", TitleZh: "登录已失效",
			Meaning: "The session has ended, or was ended. Sign in again.", MeaningZh: "会话已结束或被终止，请重新登录。"},
		{Code: CodeSessionNotFound, Status: http.StatusNotFound, Title: "No such session", TitleZh: "会话不存在",
			Meaning: "You have no session with this id.", MeaningZh: "你没有此标识的会话。"},
		{Code: CodeTenantNotFound, Status: http.StatusNotFound, Title: "No such platform", TitleZh: "平台不存在",
			Meaning:   "You are a member of no platform with this id.",
			MeaningZh: "你不是此标识的平台的成员。"},
	}
}

// Lifetimes of a session. An operator moves a platform's money, a merchant sees its own.
const (
	OperatorIdle = time.Hour
	OperatorEnd  = 24 * time.Hour
	MerchantIdle = 7 * 24 * time.Hour
	MerchantEnd  = 30 * 24 * time.Hour
	// Elevated is how long a fresh proof counts.
	Elevated = 10 * time.Minute
	// SeenEvery is how often it is written when a session was used last.
	SeenEvery = time.Minute
)

const (
	// CacheFor is how long an answer is believed: less than the second within which a revocation bites everywhere.
	CacheFor = 800 * time.Millisecond
	cacheMax = 10_000
	// sessionsMax bounds how many sessions of a person are listed.
	sessionsMax = 100
	agentMax    = 200
	addressMax  = 64
	tokenBytes  = 32
)

// Session is somebody who is signed in.
type Session struct {
	ID            id.Session
	Person        id.Person
	Methods       []string
	Address       string
	Agent         string
	CreatedAt     time.Time
	LastSeenAt    time.Time
	ElevatedUntil *time.Time
	idled         bool // was unused for longer than an operator's may be; a fresh proof mends that
}

// IsElevated tells whether a fresh proof counts still.
func (s Session) IsElevated(now time.Time) bool {
	return s.ElevatedUntil != nil && now.Before(*s.ElevatedUntil)
}

// lives tells whether the session is not too old, nor unused for too long. A use that is not written yet is allowed
// for.
func (s Session) lives(now time.Time, operator bool) bool {
	if operator {
		return !s.idled && now.Before(s.CreatedAt.Add(OperatorEnd)) &&
			now.Before(s.LastSeenAt.Add(OperatorIdle+SeenEvery))
	}
	return now.Before(s.CreatedAt.Add(MerchantEnd)) && now.Before(s.LastSeenAt.Add(MerchantIdle+SeenEvery))
}

// Service carries the use cases of sessions.
type Service struct {
	db    *db.DB
	clock clock.Clock
	cache *lru.Cache[cacheKey, cached]
}

type cacheKey struct {
	token  [32]byte
	tenant id.Tenant
}

type cached struct {
	session Session
	actor   tenants.Actor
	at      time.Time
}

// New makes a Service.
func New(d *db.DB, c clock.Clock) *Service {
	cache, err := lru.New[cacheKey, cached](cacheMax)
	if err != nil { // only for a size below 1
		panic(err)
	}
	return &Service{db: d, clock: c, cache: cache}
}

func newToken() (text secret.String, hash [32]byte) {
	raw := make([]byte, tokenBytes)
	_, _ = rand.Read(raw) // never fails: the program is ended instead
	t := base64.RawURLEncoding.EncodeToString(raw)
	return secret.New(t), sha256.Sum256([]byte(t))
}

// Start makes a session of a person who has just shown who they are, and the token that the browser keeps. The person
// and their platforms are told of a place that is new.
func (s *Service) Start(
	ctx context.Context,
	p id.Person,
	methods []string,
	address, agent string,
) (out Session, token secret.String, err error) {
	token, hash := newToken()
	now := s.clock.Now()
	out = Session{ID: id.New[id.Session](), Person: p, Methods: methods, Address: cut(address, addressMax),
		Agent: cut(agent, agentMax), CreatedAt: now, LastSeenAt: now}
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := tellPlace(ctx, tx, out); err != nil {
			return err
		}
		if err := q.SessionForget(ctx, tx.Later(), p, now.Add(-2*MerchantEnd)); err != nil {
			return fmt.Errorf("forget old sessions: %w", err)
		}
		return q.SessionInsert(ctx, tx.Later(), dbsqlc.SessionInsertParams{
			ID: out.ID, PersonID: p, TokenHash: hash[:], Methods: methods, Address: out.Address, Agent: out.Agent,
			CreatedAt: now,
		})
	})
	return out, token, err
}

func errEnded() error { return fault.New(CodeSessionEnded, "You are signed out; sign in again.") }

// Person is the session of a token, for what concerns the person alone. It returns session_ended.
func (s *Service) Person(ctx context.Context, token string) (Session, error) {
	c, err := s.find(ctx, token, id.Tenant{})
	return c.session, err
}

// Actor is who the person of a session is to a tenant. It returns session_ended or not_a_member. A session that was
// ended, a role that was changed and a member who was removed bite within a second, in this process at once.
func (s *Service) Actor(ctx context.Context, token string, tenant id.Tenant) (tenants.Actor, Session, error) {
	if tenant.IsZero() {
		return tenants.Actor{}, Session{}, errNoTenant()
	}
	c, err := s.find(ctx, token, tenant)
	return c.actor, c.session, err
}

func errNoTenant() error {
	return fault.New(CodeTenantNotFound, "You are a member of no such platform.")
}

func (s *Service) find(ctx context.Context, token string, tenant id.Tenant) (c cached, err error) {
	key, now := cacheKey{sha256.Sum256([]byte(token)), tenant}, s.clock.Now()
	c, ok := s.cache.Get(key)
	if age := now.Sub(c.at); ok && age >= 0 && age < CacheFor {
		return c, nil
	}
	if tenant.IsZero() {
		err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
			c, err = s.read(ctx, tx, key, now)
			if err != nil {
				return err
			}
			return s.seen(ctx, tx.Later(), c.session.ID, now)
		})
	} else {
		err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
			c, err = s.read(ctx, tx, key, now)
			if err == nil {
				c.actor, err = actor(ctx, tx, c.session, now)
			}
			if err != nil {
				return err
			}
			return s.seen(ctx, tx.Later(), c.session.ID, now)
		})
	}
	if err != nil {
		return cached{}, err
	}
	s.cache.Add(key, c)
	return c, nil
}

// read finds the session of a token.
func (s *Service) read(ctx context.Context, tx dbsqlc.DBTX, key cacheKey, now time.Time) (cached, error) {
	r, err := q.SessionByToken(ctx, tx, key.token[:])
	if db.IsNoRows(err) {
		return cached{}, errEnded()
	}
	if err != nil {
		return cached{}, fmt.Errorf("read the session: %w", err)
	}
	c := cached{session: sessionOf(r), at: now}
	if !c.session.lives(now, false) {
		return cached{}, errEnded()
	}
	return c, nil
}

// actor is who the person of a session is to tx's tenant. Whoever is nobody there learns so only in a living session.
func actor(ctx context.Context, tx db.TenantTx, session Session, now time.Time) (tenants.Actor, error) {
	m, err := q.SessionMember(ctx, tx, session.Person)
	if db.IsNoRows(err) || err == nil && m.Status != tenants.StatusActive {
		return tenants.Actor{}, errNoTenant()
	}
	if err != nil {
		return tenants.Actor{}, fmt.Errorf("read who the person is to the tenant: %w", err)
	}
	if !session.lives(now, !m.Role.OfMerchant()) {
		return tenants.Actor{}, errEnded()
	}
	return tenants.Actor{Tenant: tx.Tenant(), Caller: tenants.BySession(session.ID, m.ID), Role: m.Role,
		Merchant: m.MerchantID, Mode: m.Mode}, nil
}

// seen leaves for the commit that the session was used.
func (s *Service) seen(ctx context.Context, tx dbsqlc.DBTX, session id.Session, now time.Time) error {
	return q.SessionSeen(ctx, tx, dbsqlc.SessionSeenParams{
		At: now, IdleSince: now.Add(-OperatorIdle - SeenEvery), ID: session, Older: now.Add(-SeenEvery),
	})
}

func sessionOf(r dbsqlc.Session) Session {
	return Session{r.ID, r.PersonID, r.Methods, r.Address, r.Agent, r.CreatedAt, r.LastSeenAt, r.ElevatedUntil,
		r.Idled}
}

// List tells the living sessions of a person, newest first.
func (s *Service) List(ctx context.Context, p id.Person) (out []Session, err error) {
	now := s.clock.Now()
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		rows, err := q.SessionList(ctx, tx, dbsqlc.SessionListParams{PersonID: p,
			SeenAfter: now.Add(-MerchantIdle - SeenEvery), CreatedAfter: now.Add(-MerchantEnd), Most: sessionsMax})
		for _, r := range rows {
			out = append(out, sessionOf(r))
		}
		return err
	})
	return out, err
}

// End ends one session of a person; ending it again changes nothing. It returns session_not_found.
func (s *Service) End(ctx context.Context, p id.Person, session id.Session) error {
	now := s.clock.Now()
	err := s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		n, err := q.SessionRevoke(ctx, tx, &now, p, session)
		if err == nil && n == 0 {
			return fault.New(CodeSessionNotFound, "There is no such session.")
		}
		return err
	})
	s.Forget()
	return err
}

// EndOthers ends every session of a person but one, and all of them but none with the zero session. It is part of the
// transaction of every change of what they sign in with, so that there is no change without it; [Service.Forget]
// follows.
func (s *Service) EndOthers(p id.Person, but id.Session) func(ctx context.Context, tx db.SharedTx) error {
	if but.IsZero() {
		but = id.New[id.Session]() // nobody's
	}
	return func(ctx context.Context, tx db.SharedTx) error {
		now := s.clock.Now()
		return q.SessionRevokeOthers(ctx, tx.Later(), &now, p, but)
	}
}

// EndAllOthers ends every session of a person but one, which is all that is asked for.
func (s *Service) EndAllOthers(ctx context.Context, p id.Person, but id.Session) error {
	err := s.db.Shared(ctx, s.EndOthers(p, but))
	s.Forget()
	return err
}

// Forget drops what is remembered, after something was taken away in this process.
func (s *Service) Forget() { s.cache.Purge() }

// Elevate notes that the person of a session has just shown again who they are, and exchanges the token: a copy of the
// one before is worth nothing. It returns session_ended.
func (s *Service) Elevate(
	ctx context.Context,
	old string,
	session Session,
	methods []string,
) (out Session, token secret.String, err error) {
	token, hash := newToken()
	was := sha256.Sum256([]byte(old))
	now := s.clock.Now()
	until := now.Add(Elevated)
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		n, err := q.SessionElevate(ctx, tx, dbsqlc.SessionElevateParams{
			TokenHash: hash[:], Until: &until, At: now, Methods: methods, ID: session.ID, OldHash: was[:],
		})
		if err == nil && n == 0 {
			return errEnded()
		}
		return err
	})
	s.Forget()
	session.ElevatedUntil, session.Methods, session.LastSeenAt, session.idled = &until, methods, now, false
	return session, token, err
}

// cut shortens what a browser says of itself, and leaves no half character.
func cut(s string, most int) string {
	clean := []rune{}
	n := 0
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			r = ' '
		}
		if n++; n > most {
			break
		}
		clean = append(clean, r)
	}
	return string(clean)
}
