// Package approvals is what one person asks for and another one approves. The act is done in the transaction that
// approves it, or, where whom it concerns must have the time to object, in one of a job a day later: it is done once,
// or not at all. What it was asked to replace stands in the approval, and when that is
// not there any more, the program refuses it and says why.
package approvals

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/merchants"
	"zhitong/tenants/orders"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Codes of this package.
const (
	CodeNotFound  fault.Code = "approval_not_found"
	CodeWaiting   fault.Code = "approval_waiting"
	CodeNotNeeded fault.Code = "approval_not_needed"
	CodeEnded     fault.Code = "approval_ended"
	CodeNotYours  fault.Code = "approval_not_yours"
	CodeTooEarly  fault.Code = "approval_too_early"
	CodeOutdated  fault.Code = "approval_outdated"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{Code: CodeNotFound, Status: http.StatusNotFound, Title: "No such approval", TitleZh: "审批不存在",
			Meaning: "There is no approval with this id.", MeaningZh: "没有此标识的审批。"},
		{Code: CodeWaiting, Status: http.StatusConflict, Title: "It waits for an approval already",
			TitleZh:   "已有等待中的审批",
			Meaning:   "The same act of the same thing was asked for. Approve, refuse or withdraw that first.",
			MeaningZh: "同一对象的同一操作已提交。请先批准、拒绝或撤回。"},
		{Code: CodeNotNeeded, Status: http.StatusConflict, Title: "No approval is needed", TitleZh: "无需审批",
			Meaning:   "The act needs no second person, or changes nothing: call its own operation.",
			MeaningZh: "此操作无需另一人批准，或没有改变任何内容。请直接调用操作本身。"},
		{Code: CodeEnded, Status: http.StatusConflict, Title: "The approval has ended", TitleZh: "审批已结束",
			Meaning:   "It was approved, refused or withdrawn, or nobody decided in time.",
			MeaningZh: "已批准、已拒绝、已撤回，或超时无人处理。"},
		{Code: CodeNotYours, Status: http.StatusForbidden, Title: "Your role may not decide this",
			TitleZh: "你的角色无权处理此审批",
			Meaning: "A refund is approved by owners, admins and finance, everything else by owners and admins. " +
				"It is withdrawn by who asked, or by an owner or admin.",
			MeaningZh: "退款由所有者、管理员或财务批准，其他由所有者或管理员批准。撤回由提交人、所有者或管理员进行。"},
		{Code: CodeTooEarly, Status: http.StatusConflict, Title: "It cannot be approved yet", TitleZh: "尚不能批准",
			Meaning:   "It can be approved from `not_before` on, so that whom it concerns can object.",
			MeaningZh: "`not_before` 之后才能批准，以便当事人提出异议。"},
		{Code: CodeOutdated, Status: http.StatusConflict, Title: "It cannot be done any more", TitleZh: "已无法执行",
			Meaning: "What was asked for is not possible as it was asked for any more. The system has refused it; " +
				"`failure_code` of the approval says why. Nothing was done. Ask again for what shall be done now.",
			MeaningZh: "已无法按提交时的内容执行，系统已拒绝，原因见审批的 `failure_code`。未执行任何操作，请按现状重新提交。"},
	}
}

// What the program refuses for, beside the codes of the act itself.
const (
	failureAsker     fault.Code = "asker_may_not"
	failureAmount    fault.Code = "refund_amount_changed"
	failureReceiver  fault.Code = "receiver_changed"
	failureLimit     fault.Code = "limit_changed"
	failureApprover  fault.Code = "approver_may_not"
	failureElsewhere fault.Code = "member_elsewhere"
)

// Approval is what one person asked for.
type Approval struct {
	ID      id.Approval
	Kind    vocabulary.ApprovalKind
	Status  vocabulary.ApprovalStatus
	Subject [16]byte   // the order, merchant, tenant or member
	Amount  *money.Fen // nil: no money moves
	Params  Params
	AskedBy string // as the audit log names callers
	// AskedAt is Postgres's time.
	AskedAt time.Time
	// NotBefore is from when on it can be approved or, once it is scheduled, is done; nil: at once.
	NotBefore  *time.Time
	ExpiresAt  time.Time
	ApprovedBy string     // of what is done later; empty: it is done when it is approved
	ApprovedAt *time.Time // likewise
	EndedBy    string     // empty: it waits
	EndedAt    *time.Time
	Refusal    string     // of a person
	Failure    fault.Code // why the program refused it
	Refund     id.Refund  // that was started
	Version    int64

	// Approvers is how many members who can sign in have a role that may approve it.
	Approvers int64

	askedByID    [16]byte
	approvedByID [16]byte
}

// open tells whether it waits, to be decided or to be done.
func (a Approval) open() bool {
	return a.Status == vocabulary.ApprovalWaiting || a.Status == vocabulary.ApprovalScheduled
}

// Few tells whether nobody but one member could approve it.
func (a Approval) Few() bool { return a.Approvers < 2 }

// Params are what is to be done, and what it is to replace: what its kind names. They are stored sealed.
type Params struct {
	Refund   *Refund         `json:"refund,omitempty"`
	Receiver *ReceiverChange `json:"receiver,omitempty"`
	Limit    *Limit          `json:"limit,omitempty"`
	Reset    *FactorReset    `json:"reset,omitempty"`
}

// Refund is an order that is to be refunded.
type Refund struct {
	Order  id.Order `json:"order"`
	Reason string   `json:"reason"`
}

// ReceiverChange is a merchant whose parts of splits are to go to another account.
type ReceiverChange struct {
	Merchant id.Merchant         `json:"merchant"`
	From     *merchants.Receiver `json:"from"` // nil: none
	To       *merchants.Receiver `json:"to"`
}

// Limit is the amount above which refunds need a second person. Nil: none do.
type Limit struct {
	From *money.Fen `json:"from"`
	To   *money.Fen `json:"to"`
}

// FactorReset is a member who has lost what they sign in with.
type FactorReset struct {
	Member id.Member `json:"member"`
}

// transitions are the statuses that may follow each status.
func transitions() map[vocabulary.ApprovalStatus][]vocabulary.ApprovalStatus {
	return map[vocabulary.ApprovalStatus][]vocabulary.ApprovalStatus{
		vocabulary.ApprovalWaiting: {vocabulary.ApprovalScheduled, vocabulary.ApprovalApproved,
			vocabulary.ApprovalRefused, vocabulary.ApprovalExpired, vocabulary.ApprovalWithdrawn},
		vocabulary.ApprovalScheduled: {vocabulary.ApprovalApproved, vocabulary.ApprovalRefused,
			vocabulary.ApprovalWithdrawn},
		vocabulary.ApprovalApproved:  nil,
		vocabulary.ApprovalRefused:   nil,
		vocabulary.ApprovalExpired:   nil,
		vocabulary.ApprovalWithdrawn: nil,
	}
}

// may tells whether a status may follow another.
func may(from, to vocabulary.ApprovalStatus) bool { return slices.Contains(transitions()[from], to) }

// Config is what a Service needs.
type Config struct {
	DB        *db.DB
	Vault     *vault.Vault
	Clock     clock.Clock
	Log       *slog.Logger
	Wall      clock.Clock // what concerns people's accounts happens by it; nil: Clock
	Orders    *orders.Service
	Merchants *merchants.Service
	People    *people.Service
	Sessions  *sessions.Service
	Metrics   prometheus.Registerer // nil: none
	Step      func(name string)     // nil in production; tests crash at a step
}

// Service carries the use cases of approvals.
type Service struct {
	db        *db.DB
	vault     *vault.Vault
	clock     clock.Clock
	wall      clock.Clock
	log       *slog.Logger
	orders    *orders.Service
	merchants *merchants.Service
	people    *people.Service
	sessions  *sessions.Service
	ended     *prometheus.CounterVec
	step      func(name string)
}

// New makes a Service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	if c.Wall == nil {
		c.Wall = c.Clock
	}
	s := &Service{db: c.DB, vault: c.Vault, clock: c.Clock, wall: c.Wall, log: c.Log, orders: c.Orders,
		merchants: c.Merchants, people: c.People, sessions: c.Sessions, step: c.Step,
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhitong_approvals_total",
			Help: "Approvals that were asked for or have ended, by kind and status."}, []string{"kind", "status"})}
	for _, kind := range vocabulary.ApprovalKinds() {
		for _, status := range vocabulary.ApprovalStatuses() {
			s.ended.WithLabelValues(string(kind), string(status))
		}
	}
	if c.Metrics != nil {
		c.Metrics.MustRegister(s.ended)
	}
	return s
}

// reached counts and logs what an approval has come to, after the commit.
func (s *Service) reached(ctx context.Context, t id.Tenant, a Approval) {
	s.ended.WithLabelValues(string(a.Kind), string(a.Status)).Inc()
	s.log.InfoContext(ctx, "approval", slog.String("tenant", t.String()), slog.String("approval", a.ID.String()),
		slog.String("kind", string(a.Kind)), slog.String("status", string(a.Status)),
		slog.String("failure", string(a.Failure)))
}

// asked is who asked, for telling two persons apart.
func (a Approval) asked() access.Asked {
	return access.Asked{By: a.AskedBy, ByID: a.askedByID, At: a.AskedAt}
}

func notFound() error { return fault.New(CodeNotFound, "There is no such approval.") }

func hasEnded(a Approval) error { return fault.New(CodeEnded, "The approval is %s.", a.Status) }

// read is the approval of a row.
func (s *Service) read(ctx context.Context, tx db.TenantTx, r dbsqlc.Approval, err error) (a Approval, _ error) {
	if db.IsNoRows(err) {
		return a, notFound()
	}
	if err != nil {
		return a, fmt.Errorf("read the approval: %w", err)
	}
	a = Approval{ID: r.ID, Kind: r.Kind, Status: r.Status, Subject: r.SubjectID, Amount: r.AmountFen,
		AskedBy: r.AskedBy, AskedAt: r.AskedAt, NotBefore: r.NotBefore, ExpiresAt: r.ExpiresAt, EndedBy: r.EndedBy,
		EndedAt: r.EndedAt, Refusal: r.Refusal, Failure: fault.Code(r.FailureCode), Refund: r.ResultID,
		Version: r.Version, askedByID: r.AskedByID, ApprovedBy: r.ApprovedBy, ApprovedAt: r.ApprovedAt,
		approvedByID: r.ApprovedByID}
	if a.Params, err = s.openParams(ctx, tx, r); err != nil {
		return a, err
	}
	a.Approvers, err = q.ApprovalPeople(ctx, tx, tenants.Texts(kinds()[a.Kind].approvers))
	if err != nil {
		return a, fmt.Errorf("count who may approve: %w", err)
	}
	return a, nil
}
