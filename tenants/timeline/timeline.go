// Package timeline tells all that happened to an order as one list: what it was made by, how it was paid, delivered and
// split, what went back, who was told, and what people did. It only reads. A caller sees of it what it may read
// elsewhere: each source has the operation that shows the same, and row-level security hides what is another
// merchant's.
package timeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

var q = dbsqlc.New()

// Bounds of an answer. Beyond them the oldest entries are left out, but for the first: how the order was made.
const (
	EntriesMax = 500
	sourceMax  = 100 // rows of one source
)

// See is what a caller may read of an order, each by the operation that shows it alone.
type See struct {
	Payments bool // getPayment: payments, and what Alipay sent about them
	Splits   bool // getOrderSplit: the settlement and the split
	Refunds  bool // listOrderRefunds
	Webhooks bool // listWebhookAttempts
	Cases    bool // listCases
	Reviews  bool // getOrderReview
	Codes    bool // getOrderCardKeys: that a buyer asks to see them again
	Acts     bool // listAuditLog: who did it, and from where
	Keys     bool // listAPIKeys: how a key is called
	Members  bool // listMembers: how a person is called
}

// Actor is who did it.
type Actor struct {
	audit.By
	Name  string // of the key or the member
	Last4 string // of the key
}

// Entry is one line.
type Entry struct {
	At      time.Time
	Kind    vocabulary.TimelineKind
	Area    vocabulary.TimelineArea
	Status  string     // how it stands, in the words of what it is about; empty: it has none
	Subject id.Kind    // what kind of thing it is about …
	ID      uuid.UUID  // … and which
	Amount  *money.Fen // nil: not about money
	Actor   *Actor     // nil: nobody, or not for this caller
	facts   facts
}

// facts are what the words of an entry are made with.
type facts struct {
	channel  vocabulary.PaymentChannel
	number   string // at Alipay
	receiver string // who has a part
	returned money.Fen
	alipay   string // Alipay's words
	note     string // a person's words, or the program's
	action   string // operationId
	event    vocabulary.EventType
	times    int // how often, or the how manieth
	answer   int // HTTP status; 0: none
	failure  string
	took     time.Duration
	pieces   int
}

// Timeline is what happened to an order, oldest first.
type Timeline struct {
	Entries   []Entry
	Truncated bool // older entries are left out
}

// Service reads time lines.
type Service struct{ db *db.DB }

// New makes a Service.
func New(d *db.DB) *Service { return &Service{d} }

// Get reads the time line of an order. It returns order_not_found. Whatever there is to tell, it takes three round
// trips at most.
func (s *Service) Get(ctx context.Context, a tenants.Actor, order id.Order, see See) (out Timeline, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.PlanAnew(ctx, tx); err != nil {
			return err
		}
		r := reader{order: order, see: see}
		if err := tx.Ask(ctx, r.first()...); err != nil {
			return err
		}
		if err := tx.Ask(ctx, r.second()...); err != nil {
			return err
		}
		if err := tx.Ask(ctx, r.names()...); err != nil {
			return err
		}
		out = r.told()
		return nil
	})
	return out, err
}

// read is one question of tx.Ask.
type read = func(ctx context.Context, r db.Asked) error

// reader collects the entries of one order.
type reader struct {
	order     id.Order
	see       See
	entries   []Entry
	truncated bool
	subjects  []uuid.UUID // what belongs to the order
	numbers   []string    // its payments' at Alipay
}

func (r *reader) add(e ...Entry) { r.entries = append(r.entries, e...) }

// few is what a source gives: no more than its bound, which it is asked one beyond.
func few[T any](r *reader, rows []T) []T {
	if len(rows) > sourceMax {
		r.truncated = true
		rows = rows[:sourceMax]
	}
	return rows
}

const fetch = sourceMax + 1

// source reads rows of one kind and makes entries of each.
func source[T any](
	r *reader,
	what string,
	rows func(ctx context.Context, r db.Asked) ([]T, error),
	each func(T),
) read {
	return func(ctx context.Context, asked db.Asked) error {
		all, err := rows(ctx, asked)
		if err != nil {
			return fmt.Errorf("read %s of order %s: %w", what, r.order, err)
		}
		for _, row := range few(r, all) {
			each(row)
		}
		return nil
	}
}

// told sorts what was found. Of one moment the order comes first, then what it led to.
func (r *reader) told() Timeline {
	slices.SortStableFunc(r.entries, func(a, b Entry) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return slices.Index(vocabulary.TimelineKinds(), a.Kind) - slices.Index(vocabulary.TimelineKinds(), b.Kind)
	})
	out := Timeline{Entries: r.entries, Truncated: r.truncated}
	if surplus := len(out.Entries) - EntriesMax; surplus > 0 {
		out.Truncated = true
		made := slices.IndexFunc(out.Entries, func(e Entry) bool { return e.Kind == vocabulary.TimelineOrderCreated })
		kept := append([]Entry{out.Entries[made]}, slices.Delete(slices.Clone(out.Entries), made, made+1)[surplus:]...)
		out.Entries = kept
	}
	return out
}

// actorOf is who a text of the audit log names; nil: nobody is known.
func actorOf(kind vocabulary.ActorKind, text, address string) *Actor {
	if text == "" {
		return nil
	}
	if kind == "" {
		kind = vocabulary.ActorAPIKey
		if strings.HasPrefix(text, memberPrefix) {
			kind = vocabulary.ActorMember
		}
	}
	return &Actor{By: audit.By{Kind: kind, ID: text, Address: address}}
}

const memberPrefix = "mem_"

// names reads how the callers are called that are named.
func (r *reader) names() (reads []read) {
	keys, members := map[uuid.UUID][]*Actor{}, map[uuid.UUID][]*Actor{}
	for _, e := range r.entries {
		if e.Actor == nil {
			continue
		}
		if k, err := id.Parse[id.APIKey](e.Actor.ID); err == nil && r.see.Keys {
			keys[uuid.UUID(k)] = append(keys[uuid.UUID(k)], e.Actor)
		}
		if m, err := id.Parse[id.Member](e.Actor.ID); err == nil && r.see.Members {
			members[uuid.UUID(m)] = append(members[uuid.UUID(m)], e.Actor)
		}
	}
	if len(keys) > 0 {
		reads = append(reads, func(ctx context.Context, asked db.Asked) error {
			rows, err := q.TimelineKeyNames(ctx, asked, ids(keys))
			if err != nil {
				return fmt.Errorf("read the names of API keys: %w", err)
			}
			for _, row := range rows {
				for _, a := range keys[uuid.UUID(row.ID)] {
					a.Name, a.Last4 = row.Name, row.Last4
				}
			}
			return nil
		})
	}
	if len(members) > 0 {
		reads = append(reads, func(ctx context.Context, asked db.Asked) error {
			rows, err := q.TimelineMemberNames(ctx, asked, ids(members))
			if err != nil {
				return fmt.Errorf("read the names of members: %w", err)
			}
			for _, row := range rows {
				for _, a := range members[uuid.UUID(row.ID)] {
					a.Name = row.Name
				}
			}
			return nil
		})
	}
	return reads
}

func ids[V any](m map[uuid.UUID]V) []uuid.UUID {
	out := make([]uuid.UUID, 0, len(m))
	for u := range m {
		out = append(out, u)
	}
	return out
}
