package events_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/events"
)

// met bounds every wait of these tests; what should never wait fails by it.
const met = 20 * time.Second

type bundle struct {
	t     *testing.T
	db    *db.DB
	actor tenants.Actor
	clock clock.Clock
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, db: dbtest.NewDB(t), clock: clock.System{}}
	b.actor = tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	return b
}

// emit writes an event and sends it, so that it stands in the open transaction.
func (b *bundle) emit(ctx context.Context, tx db.TenantTx, subject id.Order) error {
	err := events.Emit(ctx, tx, events.Event{
		Type:        vocabulary.EventOrderPaid,
		SubjectType: vocabulary.SubjectOrder,
		SubjectID:   subject,
		Data:        map[string]any{},
		At:          b.clock.Now(),
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "SELECT 1")
	return err
}

func (b *bundle) in(ctx context.Context, fn func(context.Context, db.TenantTx) error) error {
	return b.actor.In(ctx, b.db, fn)
}

// sequences are the numbers of a subject's events, in order.
func (b *bundle) sequences(subject id.Order) (out []int32) {
	b.t.Helper()
	page, err := events.New(b.db, b.clock).List(b.t.Context(), b.actor, tenants.Page[id.Event]{Limit: tenants.LimitMax},
		events.Filter{SubjectID: uuid.UUID(subject)})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, e := range page.Items {
		out = append(out, e.Sequence)
	}
	slices.Sort(out)
	return out
}

// waits returns once a transaction of the test's database waits for another.
func (b *bundle) waits(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, dbtest.AdminURL(b.t, b.db))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for {
		var n int
		err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "+
			"AND wait_event_type = 'Lock'").
			Scan(&n)
		if err != nil || n > 0 {
			return err
		}
	}
}

// TestSequenceOfSubjectsSideBySide: while one transaction has written an event, another writes one of another subject
// and commits. Each subject counts for itself.
func TestSequenceOfSubjectsSideBySide(t *testing.T) {
	t.Parallel()
	b := setup(t)
	x, y := id.New[id.Order](), id.New[id.Order]()
	ctx, cancel := context.WithTimeout(t.Context(), met)
	defer cancel()
	err := b.in(ctx, func(ctx context.Context, tx db.TenantTx) error {
		if err := b.emit(ctx, tx, x); err != nil {
			return err
		}
		err := b.in(ctx, func(ctx context.Context, tx db.TenantTx) error {
			return errors.Join(b.emit(ctx, tx, y), b.emit(ctx, tx, y))
		})
		if err != nil {
			return fmt.Errorf("the other subject: %w", err)
		}
		return b.emit(ctx, tx, x)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []id.Order{x, y} {
		if got := b.sequences(subject); !slices.Equal(got, []int32{1, 2}) {
			t.Errorf("a subject has the numbers %v", got)
		}
	}
}

// TestSequenceOfLockedSubject: transactions that lock their subject first, as every writer of events does, number its
// events from 1 without a gap, however many come at once.
func TestSequenceOfLockedSubject(t *testing.T) {
	t.Parallel()
	b := setup(t)
	subject := id.New[id.Order]()
	const many = 8
	var all sync.WaitGroup
	for range many {
		all.Go(func() {
			err := b.in(t.Context(), func(ctx context.Context, tx db.TenantTx) error {
				if _, err := tx.Exec(ctx, "SELECT FROM tenants FOR NO KEY UPDATE"); err != nil { // stands for the order
					return err
				}
				return b.emit(ctx, tx, subject)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := b.sequences(subject); !slices.Equal(got, []int32{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("the numbers are %v", got)
	}
}

// TestSequenceWithoutLock: a writer that forgets to lock its subject never gives a number twice. Its transaction is
// broken off.
func TestSequenceWithoutLock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	subject := id.New[id.Order]()
	ctx, cancel := context.WithTimeout(t.Context(), met)
	defer cancel()
	second := make(chan error, 1)
	err := b.in(ctx, func(tctx context.Context, tx db.TenantTx) error {
		if err := b.emit(tctx, tx, subject); err != nil {
			return err
		}
		go func() {
			second <- b.in(ctx, func(ctx context.Context, tx db.TenantTx) error { return b.emit(ctx, tx, subject) })
		}()
		return b.waits(tctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-second; !db.Violates(err, "events_sequence") {
		t.Errorf("the second writer: %v", err)
	}
	if got := b.sequences(subject); !slices.Equal(got, []int32{1}) {
		t.Errorf("the numbers are %v", got)
	}
}

// TestEventsOfOneStatement: several events of a subject are written in order and numbered in a row; they are of one
// subject and one moment.
func TestEventsOfOneStatement(t *testing.T) {
	t.Parallel()
	b := setup(t)
	subject, other := id.New[id.Order](), id.New[id.Order]()
	now := b.clock.Now()
	event := func(kind vocabulary.EventType, of id.Order, at time.Time) events.Event {
		return events.Event{Type: kind, SubjectType: vocabulary.SubjectOrder, SubjectID: of, Data: struct{}{}, At: at}
	}
	err := b.in(t.Context(), func(ctx context.Context, tx db.TenantTx) error {
		if err := events.Emit(ctx, tx, event(vocabulary.EventOrderCreated, subject, now)); err != nil {
			return err
		}
		for _, apart := range []events.Event{event(vocabulary.EventOrderPaid, other, now),
			event(vocabulary.EventOrderPaid, subject, now.Add(time.Second))} {
			if events.Emit(ctx, tx, event(vocabulary.EventOrderCreated, subject, now), apart) == nil {
				t.Error("events of two subjects or two moments are written together")
			}
		}
		return events.Emit(ctx, tx, event(vocabulary.EventOrderPaid, subject, now),
			event(vocabulary.EventOrderDelivered, subject, now))
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := events.New(b.db, b.clock).List(t.Context(), b.actor, tenants.Page[id.Event]{Limit: tenants.LimitMax},
		events.Filter{SubjectID: uuid.UUID(subject)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range page.Items {
		got = append(got, fmt.Sprint(e.Sequence, " ", e.Type))
	}
	slices.Sort(got)
	if want := []string{"1 order.created", "2 order.paid", "3 order.delivered"}; !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
}
