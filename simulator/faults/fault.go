// Package faults says what goes wrong on purpose, and when: answers that are late, broken or lost, and notifications
// that are dropped, repeated, late or false. It promises that a fault strikes as often as it was ordered, and by chance
// repeatably.
package faults

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kinds of faults. The first group happens to a request, the second to notifications and messages, the third to mails,
// the fourth to messages to robots.
const (
	NoAnswerBefore    = "no_answer_before_effect"
	NoAnswerAfter     = "no_answer_after_effect"
	Slow              = "slow"
	HTTP502           = "http_502" // the effect happens
	HalfJSON          = "half_json"
	WrongSignature    = "wrong_signature"
	WrongAmount       = "wrong_amount"
	SystemErrorBefore = "system_error_before"
	SystemErrorAfter  = "system_error_after"
	RateLimit         = "rate_limit"
	UnavailableBefore = "unavailable_before" // 20000 isp.unknow-error
	UnavailableAfter  = "unavailable_after"
	BusinessError     = "business_error"    // SubCode, nothing happens: for refusals no condition here produces
	SignFirst         = "sign_first"        // not wrong: members in another order
	EscapedSlashes    = "escaped_slashes"   // not wrong: \/ in the text, the signature over /
	OtherNode         = "error_node"        // refusals come in error_response, as older gateways do
	GBKAnswer         = "gbk_answer"        // not wrong: in GBK, as smartwalle/alipay pull request 257 has it
	UnknownErrorGBK   = "unknown_error_gbk" // 20000 aop.unknow-error in GBK, as the same request has it; no effect

	NotifyDrop    = "notification_drop"
	NotifyLate    = "notification_late"
	NotifyRepeat  = "notification_repeat"
	NotifyReorder = "notification_reorder"
	NotifyForge   = "notification_forge"
	// Not wrong, and on record: GBK (dedemao/alipay issue 7, smartwalle/alipay pull request 248), and a header that is
	// not well formed (expressjs/body-parser issue 137, alipay-sdk-nodejs-all issue 15).
	NotifyGBK         = "notification_gbk"
	NotifyContentType = "notification_content_type"

	MailRefused = "mail_refused" // 550: for good
	MailBusy    = "mail_busy"    // 451: later

	RobotHangs    = "robot_hangs"    // no answer
	RobotBroken   = "robot_broken"   // 502
	RobotBusy     = "robot_busy"     // code -1
	RobotRedirect = "robot_redirect" // 307
)

// Group is what a fault happens to.
type Group string

// Requests, notifications with messages, mails, and messages to robots.
const (
	Requests      Group = "request"
	Notifications Group = "notification"
	Mails         Group = "mail"
	Robots        Group = "robot"
)

// groupOf is the group of a kind.
func groupOf(kind string) Group {
	switch {
	case strings.HasPrefix(kind, "notification_"):
		return Notifications
	case strings.HasPrefix(kind, "mail_"):
		return Mails
	case strings.HasPrefix(kind, "robot_"):
		return Robots
	default:
		return Requests
	}
}

// Kinds lists every kind of fault.
func Kinds() []string {
	return []string{NoAnswerBefore, NoAnswerAfter, Slow, HTTP502, HalfJSON, WrongSignature, WrongAmount,
		SystemErrorBefore, SystemErrorAfter, RateLimit, UnavailableBefore, UnavailableAfter, BusinessError,
		SignFirst, EscapedSlashes, OtherNode, GBKAnswer, UnknownErrorGBK, NotifyDrop, NotifyLate, NotifyRepeat,
		NotifyReorder, NotifyForge, NotifyGBK, NotifyContentType, MailRefused, MailBusy, RobotHangs,
		RobotBroken, RobotBusy, RobotRedirect}
}

// Fault is one piece of mischief and when it strikes. Empty AppID and Method match all. Without Nth, Every and
// Probability it strikes each time.
type Fault struct {
	ID    string `json:"id"`
	AppID string `json:"app_id,omitempty"`
	// for notifications: notify_type or msg_method; for mails: the recipient; for robots: the token
	Method      string  `json:"method,omitempty"`
	Kind        string  `json:"kind"`
	Nth         int     `json:"nth,omitempty"`         // only the nth matching call
	Every       int     `json:"every,omitempty"`       // every nth matching call
	Probability float64 `json:"probability,omitempty"` // 0 … 1
	Seed        uint64  `json:"seed,omitempty"`
	Times       int     `json:"times,omitempty"`    // strike at most so often; for notification_repeat: how many copies
	SubCode     string  `json:"sub_code,omitempty"` // business_error: with its prefix
	// slow: real time (default 10 s); notification_late: simulator's time (default 25 h)
	DelayMS int64 `json:"delay_ms,omitempty"`
	Seen    int   `json:"seen"`
	Fired   int   `json:"fired"`

	random *rand.Rand
}

// Box holds the faults; they survive a restart with their counts as of the last strike.
type Box struct {
	mu   sync.Mutex
	list []*Fault
	seed uint64
}

// Set replaces every fault, as after a restart. The seed makes what they draw by chance repeatable.
func (b *Box) Set(list []*Fault, seed uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seed, b.list = seed, list
	for _, f := range list {
		f.arm(seed)
	}
}

func (f *Fault) arm(seed uint64) { f.random = rand.New(rand.NewPCG(seed, f.Seed)) }

// Add makes a fault strike from now on.
func (b *Box) Add(f *Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f.arm(b.seed)
	b.list = append(b.list, f)
}

// Remove deletes one fault, or all when id is empty, and reports how many.
func (b *Box) Remove(id string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var gone []string
	b.list = slices.DeleteFunc(b.list, func(f *Fault) bool {
		if id != "" && f.ID != id {
			return false
		}
		gone = append(gone, f.ID)
		return true
	})
	return gone
}

// All returns copies of the faults, oldest first.
func (b *Box) All() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Fault, len(b.list))
	for i, f := range b.list {
		out[i] = *f
	}
	return out
}

// Strike returns a copy of the first fault of the wanted group that strikes now, or nil.
func (b *Box) Strike(appID, method string, of Group) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.list {
		if groupOf(f.Kind) != of || (f.AppID != "" && f.AppID != appID) ||
			(f.Method != "" && f.Method != method) {
			continue
		}
		f.Seen++
		if f.Times > 0 && f.Kind != NotifyRepeat && f.Fired >= f.Times {
			continue
		}
		if (f.Nth > 0 && f.Seen != f.Nth) || (f.Every > 0 && f.Seen%f.Every != 0) ||
			(f.Probability > 0 && f.random.Float64() >= f.Probability) {
			continue
		}
		f.Fired++
		hit := *f
		return &hit
	}
	return nil
}

// Delay is how long the fault holds an answer or a notification up; def when it does not say.
func (f *Fault) Delay(def time.Duration) time.Duration {
	if f.DelayMS > 0 {
		return time.Duration(f.DelayMS) * time.Millisecond
	}
	return def
}

// Alter changes the node before it is signed: a wrong amount, truthfully signed.
func (f *Fault) Alter(node []byte) []byte {
	if f.Kind != WrongAmount {
		return node
	}
	out := string(node)
	for _, name := range []string{"total_amount", "refund_fee", "settle_amount", "trans_amount", "refund_amount",
		"unsettled_amount"} {
		out = strings.Replace(out, `"`+name+`":"`, `"`+name+`":"1`, 1)
	}
	return []byte(out)
}

// AlterSign breaks a signature without changing its form.
func (f *Fault) AlterSign(sign string) string {
	if f.Kind != WrongSignature || len(sign) < 8 {
		return sign
	}
	b := []byte(sign)
	for i, j := 0, len(b)-5; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// Write sends the body as the fault has it.
func (f *Fault) Write(w http.ResponseWriter, body []byte) {
	switch f.Kind {
	case HTTP502:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html><head><title>502 Bad Gateway</title></head>" +
			"<body><center><h1>502 Bad Gateway</h1></center></body></html>"))
	case HalfJSON:
		_, _ = w.Write(body[:len(body)/2])
	default:
		_, _ = w.Write(body)
	}
}
