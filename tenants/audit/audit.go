// Package audit keeps who did what, when and why. An entry is written in the transaction of what it tells about, so
// neither is there without the other; entries are never changed. Who created an order stands in the order itself, and
// is read from there: the road of an order has no entry to write.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

var q = dbsqlc.New()

// By is who did it.
type By struct {
	Kind    vocabulary.ActorKind
	ID      string
	Address string // of the client; empty: the program itself
}

// Actor is who calls: an API key, or the member whose session it is.
func Actor(a tenants.Actor) By {
	kind, text := a.Caller.AuditActor()
	return By{Kind: kind, ID: text, Address: a.Address}
}

// Member is a person of the tenant.
func Member(m id.Member) By { return By{Kind: vocabulary.ActorMember, ID: m.String()} }

// Buyer is whoever holds an order's checkout address, at the given address of the network; reference names the order,
// never its checkout address.
func Buyer(reference, address string) By {
	return By{Kind: vocabulary.ActorBuyer, ID: reference, Address: address}
}

// System is the program itself; what names the job or the message that made it act.
func System(what string) By { return By{Kind: vocabulary.ActorSystem, ID: what} }

// Record leaves an entry for the transaction's commit. action is the operationId or the job's kind, subject an
// identifier of any kind; detail holds no secrets and no personal data. changes are what was changed, from what to
// what.
func Record(
	ctx context.Context,
	tx db.TenantTx,
	by By,
	action, subjectType string,
	subject [16]byte,
	detail string,
	changes ...tenants.Change,
) error {
	raw, err := tenants.Changes(changes).JSON()
	if err != nil {
		return err
	}
	err = q.AuditInsert(ctx, tx.Later(), dbsqlc.AuditInsertParams{
		ID:            id.New[id.AuditEntry](),
		ActorKind:     by.Kind,
		ActorID:       by.ID,
		Action:        action,
		SubjectType:   subjectType,
		SubjectID:     uuid.UUID(subject),
		Detail:        detail,
		Changes:       raw,
		ClientAddress: by.Address,
	})
	if err != nil {
		return fmt.Errorf("record %s in the audit log: %w", action, err)
	}
	return nil
}

// Entry is one line of the audit log.
type Entry struct {
	ID          id.AuditEntry
	By          By
	Action      string
	SubjectType string
	SubjectID   uuid.UUID
	Detail      string
	Changes     tenants.Changes
	CreatedAt   time.Time
}

// Service reads the audit log.
type Service struct{ db *db.DB }

// New makes a Service.
func New(d *db.DB) *Service { return &Service{db: d} }

// Filter narrows a list of entries; empty fields take all.
type Filter struct {
	ActorKinds []vocabulary.ActorKind
	ActorID    string
	Actions    []string
	Subject    uuid.UUID
}

// List reads a page of entries.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.AuditEntry],
	f Filter,
) (out tenants.PageOf[Entry], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.PlanAnew(ctx, tx); err != nil {
			return err
		}
		rows, err := q.AuditList(ctx, tx, dbsqlc.AuditListParams{
			After:       uuid.UUID(page.Floor()),
			Before:      uuid.UUID(page.Cursor()),
			MadeFrom:    page.From,
			MadeUntil:   page.MadeUntil(),
			ActorKinds:  tenants.Texts(f.ActorKinds),
			ActorID:     f.ActorID,
			Actions:     tenants.Texts(f.Actions),
			SubjectID:   f.Subject,
			OldestFirst: page.OldestFirst,
			PageSize:    page.Fetch(),
		})
		if err != nil {
			return fmt.Errorf("list the audit log: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.AuditListRow) string { return id.AuditEntry(r.ID).String() },
			func(r dbsqlc.AuditListRow) Entry {
				e := Entry{
					ID:          id.AuditEntry(r.ID),
					By:          By{vocabulary.ActorKind(r.ActorKind), r.ActorID, r.ClientAddress},
					Action:      r.Action,
					SubjectType: r.SubjectType,
					SubjectID:   r.SubjectID,
					Detail:      r.Detail,
					CreatedAt:   r.CreatedAt,
				}
				err = errors.Join(err, json.Unmarshal(r.Changes, &e.Changes))
				return e
			})
		if err != nil {
			return fmt.Errorf("read the changes in the audit log: %w", err)
		}
		return nil
	})
	return out, err
}
