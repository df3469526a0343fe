// Package refunds gives the payment of an order back to its buyer: the plan of who gives back how much, the call to
// the acquirer under one number, and the record of its outcome.
//
// The order is not its matter: tenants/orders says when an order can be refunded, locks it and its payment, and does
// to the order what a refund means for it, in the transaction in which Record notes the outcome.
package refunds

import (
	"log/slog"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Status of a refund.
type Status = vocabulary.RefundStatus

// The life of a refund.
const (
	StatusPending   = vocabulary.RefundPending   // asked for; its outcome is not known
	StatusSucceeded = vocabulary.RefundSucceeded // the buyer has the money
	StatusRefused   = vocabulary.RefundRefused   // the acquirer said no, and no money moved
)

// verdict is what one attempt came to.
type verdict int

const (
	undecided verdict = iota // nothing to record; another attempt follows
	given                    // the buyer has the money
	refused                  // the acquirer said no, and no money moved
	lost                     // nothing could be learned for a day: manual review; another attempt follows
)

// transitions is the whole life of a refund. A pair that is missing records nothing, which a test holds to this list.
var transitions = map[Status]map[verdict]Status{
	StatusPending:   {given: StatusSucceeded, refused: StatusRefused, lost: StatusPending},
	StatusSucceeded: {},
	StatusRefused:   {},
}

// Codes that this package returns.
const (
	CodePending  fault.Code = "refund_pending"
	CodeNotFound fault.Code = "refund_not_found"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:    CodePending,
			Status:  http.StatusConflict,
			Title:   "A refund is under way",
			TitleZh: "退款进行中",
			Meaning: "The order is being refunded already. Its outcome arrives as refund.succeeded or " +
				"refund.refused.",
			MeaningZh: "该订单正在退款，结果以 refund.succeeded 或 refund.refused 事件到达。",
		},
		{
			Code:      CodeNotFound,
			Status:    http.StatusNotFound,
			Title:     "Refund not found",
			TitleZh:   "退款不存在",
			Meaning:   "There is no such refund in this tenant.",
			MeaningZh: "租户内没有该退款。",
		},
	}
}

func notFound() error { return fault.New(CodeNotFound, "There is no such refund.") }

// Refund is a payment that is given back.
type Refund struct {
	ID        id.Refund
	Order     id.Order
	Payment   id.Payment
	Amount    money.Fen // to the buyer: what was left of the payment, or what someone else gave back
	Status    Status
	Reason    string
	Failure   string // why it was refused, in the acquirer's words
	Origin    vocabulary.RefundOrigin
	OutsideNo string // of origin outside: the request's number at the acquirer, when it is known
	CreatedAt time.Time
	DoneAt    *time.Time

	Name tenants.OrderName // of the order; only of what is read to be shown
}

func refundOf(r dbsqlc.Refund) Refund {
	return Refund{
		ID:        r.ID,
		Order:     r.OrderID,
		Payment:   r.PaymentID,
		Amount:    r.AmountFen,
		Status:    r.Status,
		Reason:    r.Reason,
		Failure:   r.Failure,
		Origin:    r.Origin,
		OutsideNo: r.OutsideNo,
		CreatedAt: r.CreatedAt,
		DoneAt:    r.DoneAt,
	}
}

// Part is what one receiver of a split gives back.
type Part struct {
	Split    id.Split
	Position int16 // of the part in its split
	Receiver vocabulary.SplitReceiver
	Merchant id.Merchant // zero for the platform
	Amount   money.Fen
}

// Config is what a Service needs.
type Config struct {
	DB       *db.DB
	Vault    *vault.Vault // opens receivers' accounts
	Gateways *tenants.Gateways
	Clock    clock.Clock
	Log      *slog.Logger
	// Step, for tests of crashes, is called before and after each gateway call of Give; it may end the program there.
	Step func(name string)
}

// Service carries the use cases of refunds.
type Service struct {
	db       *db.DB
	vault    *vault.Vault
	gateways *tenants.Gateways
	clock    clock.Clock
	log      *slog.Logger
	step     func(name string)
}

// New makes the service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{db: c.DB, vault: c.Vault, gateways: c.Gateways, clock: c.Clock, log: c.Log, step: c.Step}
}
