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
	"zhitong/internal/money"
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

	Facts    *Facts     // what Detail says; nil: a case of before there were facts
	AtRisk   *money.Fen // how much money is in question; nil: none, or it is not known
	Assignee *Assignee  // nil: nobody
	Assigned *time.Time // when it was given to somebody last
	Notes    []Note     // oldest first; of one case that is read

	Occurrences int        // how often it happened while the case was open, the first time among them
	LastSeen    *time.Time // the last time; nil: it happened once
	Latest      []string   // what the last few were, newest first, each shortened; empty: it happened once
	LatestFacts []Facts    // the same as facts; fewer when some are of before there were facts
}

// Assignee is a member of the platform who works on cases.
type Assignee struct {
	ID   id.Member
	Name string
	Role vocabulary.Role // in a list of who can be one
}

// Note is what somebody wrote down about a case.
type Note struct {
	ID      id.CaseNote
	By      string // as the audit log names them
	Name    string // of the member; empty: a key wrote it, or the member is gone
	Text    string
	Created time.Time
}

// Opening is a case to open.
type Opening struct {
	Kind    Kind
	Order   id.Order
	Payment id.Payment
	Detail  string
	Facts   Facts      // the same for pages
	AtRisk  *money.Fen // how much money is in question; nil: none, or it is not known
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
	facts, err := n.Facts.text()
	if err != nil {
		return false, err
	}
	cid, err := q.CaseInsert(ctx, tx, dbsqlc.CaseInsertParams{
		ID: id.New[id.Case](), Kind: n.Kind, OrderID: n.Order, PaymentID: n.Payment, Detail: clip(n.Detail, detailMax),
		Facts: facts, AtRiskFen: n.AtRisk, CreatedAt: n.At,
	})
	if db.IsNoRows(err) {
		return false, q.CaseSeenAgain(ctx, tx.Later(), dbsqlc.CaseSeenAgainParams{Kind: n.Kind, PaymentID: n.Payment,
			SeenAt: n.At, Detail: clip(n.Detail, laterMax), Facts: facts, Keep: latestMax})
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

// The codes of this package.
const (
	CodeCaseNotFound    fault.Code = "case_not_found"
	CodeCaseClosed      fault.Code = "case_closed"
	CodeAssigneeInvalid fault.Code = "case_assignee_invalid"
	CodeTooManyNotes    fault.Code = "case_note_limit"
)

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
		{
			Code:      CodeCaseClosed,
			Status:    http.StatusConflict,
			Title:     "Case closed",
			TitleZh:   "工单已关闭",
			Meaning:   "A closed case waits for nobody: it cannot be assigned.",
			MeaningZh: "工单已关闭，不能再指派。",
		},
		{
			Code:    CodeAssigneeInvalid,
			Status:  http.StatusUnprocessableEntity,
			Title:   "Not somebody for cases",
			TitleZh: "不能指派给此成员",
			Meaning: "The member is not one of the platform, or has a role that does not read cases; " +
				"listCaseAssignees has those who can be assigned.",
			MeaningZh: "此成员不属于平台，或其角色不能查看工单；可指派的成员见 listCaseAssignees。",
		},
		{
			Code:      CodeTooManyNotes,
			Status:    http.StatusConflict,
			Title:     "Too many notes",
			TitleZh:   "备注过多",
			Meaning:   "A case has at most 200 notes.",
			MeaningZh: "一张工单最多 200 条备注。",
		},
	}
}

func fromRow(r dbsqlc.Case, assignee string) (Case, error) {
	out := Case{
		ID: r.ID, Kind: r.Kind, Open: r.Status == vocabulary.CaseOpen, Order: r.OrderID, Payment: r.PaymentID,
		Detail: r.Detail, AtRisk: r.AtRiskFen, Created: r.CreatedAt, Closed: r.ClosedAt, Assigned: r.AssignedAt,
		Occurrences: int(r.Occurrences), LastSeen: r.LastSeenAt, Latest: r.Latest,
	}
	if !r.AssigneeID.IsZero() {
		out.Assignee = &Assignee{ID: r.AssigneeID, Name: assignee}
	}
	var err error
	if out.Facts, err = factsOf(r.Facts); err != nil {
		return Case{}, err
	}
	for _, raw := range r.LatestFacts {
		f, err := factsOf(raw)
		if err != nil {
			return Case{}, err
		}
		if f == nil {
			break
		}
		out.LatestFacts = append(out.LatestFacts, *f)
	}
	return out, nil
}
