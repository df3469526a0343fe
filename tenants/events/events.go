// Package events is what happened in a tenant. An event is written in the transaction that made it true, together with
// one delivery job for each webhook endpoint that takes its type. Events carry identifiers, amounts and statuses, never
// card keys.
package events

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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
// round trip or commit. It reads nothing: the endpoints are looked up by the statement that inserts the jobs.
func Emit(ctx context.Context, tx db.TenantTx, ev Event) error {
	eid := id.New[id.Event]()
	if err := Write(ctx, tx, eid, ev); err != nil {
		return err
	}
	return queue.InsertWebhookDeliveries(ctx, tx.Later(), eid, string(ev.Type))
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
		ID: eid, Type: ev.Type, SubjectType: ev.SubjectType, SubjectID: uuid.UUID(ev.SubjectID), Data: data, CreatedAt: ev.At,
	})
	if err != nil {
		return fmt.Errorf("write the event %s: %w", ev.Type, err)
	}
	return nil
}
