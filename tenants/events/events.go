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

// CodeNotFound is the code for an event that is not there.
const CodeNotFound fault.Code = "event_not_found"

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

// Emit leaves the event, and a delivery job for each enabled endpoint that takes its type, for the transaction's next
// round trip or commit. It reads the endpoints once in a transaction, unless Ahead has.
func Emit(ctx context.Context, tx db.TenantTx, ev Event) error {
	eid := id.New[id.Event]()
	if err := Write(ctx, tx, eid, ev); err != nil {
		return err
	}
	return Deliver(ctx, tx, eid, ev.Type)
}

// Write is Emit without any delivery: it leaves the event, under the given identifier, for the transaction's next round
// trip or commit.
func Write(ctx context.Context, tx db.TenantTx, eid id.Event, ev Event) error {
	data, err := json.Marshal(ev.Data)
	if err != nil {
		return fmt.Errorf("write the data of %s: %w", ev.Type, err)
	}
	if ev.At.IsZero() {
		return fmt.Errorf("emit %s: no time", ev.Type)
	}
	err = q.EventInsert(ctx, tx.Later(), dbsqlc.EventInsertParams{
		ID: eid, Type: ev.Type, SubjectType: ev.SubjectType, SubjectID: uuid.UUID(ev.SubjectID), Data: data,
		CreatedAt: ev.At,
	})
	if err != nil {
		return fmt.Errorf("write the event %s: %w", ev.Type, err)
	}
	return nil
}

// Deliver leaves a delivery job for each enabled endpoint that takes the type, as Emit does.
func Deliver(ctx context.Context, tx db.TenantTx, event id.Event, eventType vocabulary.EventType) error {
	all, ok := tx.Kept(takersKey{}).([]dbsqlc.WebhookEndpointTakersRow)
	if !ok {
		if err := tx.Ask(ctx, Ahead(tx)); err != nil {
			return err
		}
		all, _ = tx.Kept(takersKey{}).([]dbsqlc.WebhookEndpointTakersRow)
	}
	var to []queue.Endpoint
	for _, e := range all {
		if len(e.EventTypes) == 0 || slices.Contains(e.EventTypes, string(eventType)) {
			to = append(to, queue.Endpoint{ID: e.ID, Failing: e.Failing})
		}
	}
	return queue.InsertWebhookDeliveries(ctx, tx.Later(), tx.Tenant(), event, to)
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
