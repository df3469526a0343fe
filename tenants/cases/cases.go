// Package cases keeps the cases: what the product would not decide alone and a person must look at. A case says what
// happened, to which order and payment, and stays open until someone closes it.
package cases

import (
	"context"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
)

var q = dbsqlc.New()

// How much is kept of what happened: bytes of a case's detail, and how many of the later ones, with how many bytes
// each.
const (
	detailMax = 2000
	latestMax = 5
	laterMax  = 300
)

// Kind is why a case was opened.
type Kind = vocabulary.CaseKind

// Case is a matter that waits for a person.
type Case struct {
	ID      id.Case
	Kind    Kind
	Open    bool
	Order   id.Order   // zero: none
	Payment id.Payment // zero: none
	Detail  string     // what happened, for a person; no secrets and no card keys
	Created time.Time
	Closed  *time.Time

	Occurrences int        // how often it happened while the case was open, the first time among them
	LastSeen    *time.Time // the last time; nil: it happened once
	Latest      []string   // what the last few were, newest first, each shortened; empty: it happened once
}

// Opening is a case to open.
type Opening struct {
	Kind    Kind
	Order   id.Order
	Payment id.Payment
	Detail  string
	At      time.Time
}

// event is the picture of a case in case.opened.
type event struct {
	CaseID    id.Case     `json:"case_id"`
	Kind      Kind        `json:"kind"`
	OrderID   *id.Order   `json:"order_id,omitempty"`
	PaymentID *id.Payment `json:"payment_id,omitempty"`
}

// Open opens a case and emits case.opened, unless one of the same kind is open for the payment, or one of foreign
// notices for the tenant: that one then counts what happened again, without an event. opened tells which. Atomic.
func Open(ctx context.Context, tx db.TenantTx, n Opening) (opened bool, err error) {
	if n.Kind == "" || n.At.IsZero() {
		return false, fmt.Errorf("open a case: kind %q at %s is incomplete", n.Kind, n.At)
	}
	cid, err := q.CaseInsert(ctx, tx, dbsqlc.CaseInsertParams{
		ID: id.New[id.Case](), Kind: n.Kind, OrderID: n.Order, PaymentID: n.Payment, Detail: clip(n.Detail, detailMax),
		CreatedAt: n.At,
	})
	if db.IsNoRows(err) {
		return false, q.CaseSeenAgain(ctx, tx.Later(), dbsqlc.CaseSeenAgainParams{Kind: n.Kind, PaymentID: n.Payment,
			SeenAt: n.At, Detail: clip(n.Detail, laterMax), Keep: latestMax})
	}
	if err != nil {
		return false, fmt.Errorf("open a case %s: %w", n.Kind, err)
	}
	data := event{CaseID: cid, Kind: n.Kind}
	if !n.Order.IsZero() {
		data.OrderID = &n.Order
	}
	if !n.Payment.IsZero() {
		data.PaymentID = &n.Payment
	}
	if err := events.Emit(ctx, tx,
		events.Event{Type: vocabulary.EventCaseOpened, SubjectType: vocabulary.SubjectCase, SubjectID: cid, Data: data,
			At: n.At}); err != nil {
		return false, fmt.Errorf("open a case %s: %w", n.Kind, err)
	}
	return true, nil
}

// Mended closes the open cases of some kinds about a payment: what they were about has come right. by and note stand in
// the audit log. Atomic.
func Mended(ctx context.Context, tx db.TenantTx, by audit.By, p id.Payment, at time.Time, note string,
	kinds ...Kind) error {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	closed, err := q.CaseCloseOpen(ctx, tx, at, p, names)
	if err != nil {
		return fmt.Errorf("close the cases of payment %s: %w", p, err)
	}
	for _, c := range closed {
		if err := audit.Record(ctx, tx, by, "closeCase", "case", c, note); err != nil {
			return err
		}
	}
	return nil
}

// clip shortens text to so many bytes without cutting a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[:most]
	for len(s) > 0 {
		if r, n := utf8.DecodeLastRuneInString(s); r != utf8.RuneError || n != 1 {
			break
		}
		s = s[:len(s)-1]
	}
	return s
}

// CodeCaseNotFound is the code for a case that is not there.
const CodeCaseNotFound fault.Code = "case_not_found"

// Faults are the codes this package returns.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:      CodeCaseNotFound,
			Status:    http.StatusNotFound,
			Title:     "Case not found",
			TitleZh:   "工单不存在",
			Meaning:   "There is no case with this id in the tenant.",
			MeaningZh: "租户内没有此标识的工单。",
		},
	}
}

func fromRow(r dbsqlc.Case) Case {
	return Case{
		ID: r.ID, Kind: r.Kind, Open: r.Status == vocabulary.CaseOpen, Order: r.OrderID, Payment: r.PaymentID,
		Detail: r.Detail, Created: r.CreatedAt, Closed: r.ClosedAt,
		Occurrences: int(r.Occurrences), LastSeen: r.LastSeenAt, Latest: r.Latest,
	}
}
