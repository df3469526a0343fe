// Package events is what happened in a tenant. An event is written in the transaction that made it true, together with
// one delivery job for each webhook endpoint that takes its type. Events carry identifiers, amounts and statuses, never
// card keys.
package events

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
)

var q = dbsqlc.New()

// Codes of this package's faults.
const (
	CodeNotFound fault.Code = "event_not_found"
	CodeGone     fault.Code = "events_gone"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:      CodeNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such event",
			TitleZh:   "事件不存在",
			Meaning:   "The tenant has no event with this id.",
			MeaningZh: "租户内没有此标识的事件。",
		},
		{
			Code:    CodeGone,
			Status:  http.StatusGone,
			Title:   "Events after this place are deleted",
			TitleZh: "此位置之后已有事件被删除",
			Meaning: "Read forwards, events after `after` or the cursor were kept long enough and are deleted: going " +
				"on there would pass them over. Read what you need from the objects themselves, then go on from " +
				"the oldest event that is there.",
			MeaningZh: "正序读取时，`after` 或游标之后的部分事件保留期满，已被删除，从此处继续会漏掉它们。请先从对象本身读取所需状态，再从现存最早的事件继续。",
		},
	}
}

// Event is something that happened.
type Event struct {
	Type        vocabulary.EventType
	SubjectType vocabulary.SubjectType
	SubjectID   [16]byte
	Data        any // becomes a JSON object in snake_case
	At          time.Time
}

// Emit leaves events of one subject and one moment, in order, and a delivery job for each of them and each enabled
// endpoint that takes its type, for the transaction's next round trip or commit: one statement for all events, one for
// all jobs. It reads the endpoints once in a transaction, unless Ahead has.
func Emit(ctx context.Context, tx db.TenantTx, evs ...Event) error {
	ids := make([]id.Event, len(evs))
	for i := range ids {
		ids[i] = id.New[id.Event]()
	}
	if err := write(ctx, tx, ids, evs); err != nil {
		return err
	}
	due := make([]told, len(evs))
	for i, ev := range evs {
		due[i].event, due[i].kind = ids[i], ev.Type
	}
	return deliver(ctx, tx, due)
}

// Write is Emit without any delivery: it leaves one event, under the given identifier, for the transaction's next round
// trip or commit.
func Write(ctx context.Context, tx db.TenantTx, eid id.Event, ev Event) error {
	return write(ctx, tx, []id.Event{eid}, []Event{ev})
}

func write(ctx context.Context, tx db.TenantTx, ids []id.Event, evs []Event) error {
	rows := dbsqlc.EventInsertParams{
		SubjectType: evs[0].SubjectType, SubjectID: uuid.UUID(evs[0].SubjectID), CreatedAt: evs[0].At,
	}
	for i, ev := range evs {
		data, err := json.Marshal(ev.Data)
		if err != nil {
			return fmt.Errorf("write the data of %s: %w", ev.Type, err)
		}
		if ev.At.IsZero() {
			return fmt.Errorf("emit %s: no time", ev.Type)
		}
		if ev.SubjectID != evs[0].SubjectID || !ev.At.Equal(evs[0].At) {
			return fmt.Errorf("emit %s: not of the subject and moment of %s", ev.Type, evs[0].Type)
		}
		rows.Ids = append(rows.Ids, uuid.UUID(ids[i]))
		rows.Types = append(rows.Types, string(ev.Type))
		rows.Data = append(rows.Data, string(data))
		rows.Numbers = append(rows.Numbers, int32(i+1)) //nolint:gosec // few
	}
	if err := q.EventInsert(ctx, tx.Later(), rows); err != nil {
		return fmt.Errorf("write the event %s: %w", evs[0].Type, err)
	}
	return nil
}

// Deliver leaves a delivery job for each enabled endpoint that takes the type, as Emit does.
func Deliver(ctx context.Context, tx db.TenantTx, event id.Event, eventType vocabulary.EventType) error {
	return deliver(ctx, tx, []told{{event, eventType}})
}

// told is an event that endpoints are to be told of.
type told struct {
	event id.Event
	kind  vocabulary.EventType
}

func deliver(ctx context.Context, tx db.TenantTx, all []told) error {
	takers, ok := tx.Kept(takersKey{}).([]dbsqlc.WebhookEndpointTakersRow)
	if !ok {
		if err := tx.Ask(ctx, Ahead(tx)); err != nil {
			return err
		}
		takers, _ = tx.Kept(takersKey{}).([]dbsqlc.WebhookEndpointTakersRow)
	}
	var due []queue.Delivery
	for _, t := range all {
		for _, e := range takers {
			if len(e.EventTypes) == 0 || slices.Contains(e.EventTypes, string(t.kind)) {
				due = append(due, queue.Delivery{Event: t.event, Endpoint: e.ID, Failing: e.Failing})
			}
		}
	}
	return queue.InsertWebhookDeliveries(ctx, tx.Later(), tx.Tenant(), due)
}

// takersKey is what a transaction keeps the endpoints under.
type takersKey struct{}

// Ahead is a read for tx.Ask: where the events that this transaction will emit are delivered to. A use case that emits
// asks it together with its own first read, and Emit then waits for nothing.
func Ahead(tx db.TenantTx) func(ctx context.Context, r db.Asked) error {
	return func(ctx context.Context, r db.Asked) error {
		all, err := q.WebhookEndpointTakers(ctx, r)
		if err != nil {
			return fmt.Errorf("read the webhook endpoints: %w", err)
		}
		tx.Keep(takersKey{}, all)
		return nil
	}
}
