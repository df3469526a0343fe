package simulator

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kinds of faults. The first group happens to a request, the second to notifications and messages.
const (
	FaultNoAnswerBefore    = "no_answer_before_effect"
	FaultNoAnswerAfter     = "no_answer_after_effect"
	FaultSlow              = "slow"
	FaultHTTP502           = "http_502" // the effect happens
	FaultHalfJSON          = "half_json"
	FaultWrongSignature    = "wrong_signature"
	FaultWrongAmount       = "wrong_amount"
	FaultSystemErrorBefore = "system_error_before"
	FaultSystemErrorAfter  = "system_error_after"
	FaultRateLimit         = "rate_limit"
	FaultUnavailableBefore = "unavailable_before" // 20000 isp.unknow-error
	FaultUnavailableAfter  = "unavailable_after"
	FaultBusinessError     = "business_error"  // SubCode, nothing happens: for refusals no condition here produces
	FaultSignFirst         = "sign_first"      // not wrong: members in another order
	FaultEscapedSlashes    = "escaped_slashes" // not wrong: \/ in the text, the signature over /
	FaultOtherNode         = "error_node"      // refusals come in error_response, as older gateways do

	FaultNotifyDrop    = "notification_drop"
	FaultNotifyLate    = "notification_late"
	FaultNotifyRepeat  = "notification_repeat"
	FaultNotifyReorder = "notification_reorder"
	FaultNotifyForge   = "notification_forge"
)

func faultKinds() []string {
	return []string{FaultNoAnswerBefore, FaultNoAnswerAfter, FaultSlow, FaultHTTP502, FaultHalfJSON, FaultWrongSignature, FaultWrongAmount,
		FaultSystemErrorBefore, FaultSystemErrorAfter, FaultRateLimit, FaultUnavailableBefore, FaultUnavailableAfter, FaultBusinessError,
		FaultSignFirst, FaultEscapedSlashes, FaultOtherNode, FaultNotifyDrop, FaultNotifyLate, FaultNotifyRepeat, FaultNotifyReorder, FaultNotifyForge}
}

// Fault is one piece of mischief and when it strikes. Empty AppID and Method match all. Without Nth, Every and Probability it strikes each time.
type Fault struct {
	ID          string  `json:"id"`
	AppID       string  `json:"app_id,omitempty"`
	Method      string  `json:"method,omitempty"` // for notifications: notify_type or msg_method
	Kind        string  `json:"kind"`
	Nth         int     `json:"nth,omitempty"`         // only the nth matching call
	Every       int     `json:"every,omitempty"`       // every nth matching call
	Probability float64 `json:"probability,omitempty"` // 0 … 1
	Seed        uint64  `json:"seed,omitempty"`
	Times       int     `json:"times,omitempty"`    // strike at most so often; for notification_repeat: how many copies
	SubCode     string  `json:"sub_code,omitempty"` // business_error: with its prefix
	DelayMS     int64   `json:"delay_ms,omitempty"` // slow: real time (default 10 s); notification_late: simulator's time (default 25 h)
	Seen        int     `json:"seen"`
	Fired       int     `json:"fired"`

	random *rand.Rand
}

const bucketFaults = "faults"

// faultBox holds the faults; they survive a restart with their counts as of the last strike.
type faultBox struct {
	mu   sync.Mutex
	list []*Fault
	seed uint64
}

func (b *faultBox) load(tx *tx, seed uint64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.seed = seed
	b.list = nil
	return eachDoc(tx, bucketFaults, "", "", func(_ string, f *Fault) (bool, error) {
		f.arm(seed)
		b.list = append(b.list, f)
		return true, nil
	})
}

func (f *Fault) arm(seed uint64) { f.random = rand.New(rand.NewPCG(seed, f.Seed)) }

func (b *faultBox) add(f *Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f.arm(b.seed)
	b.list = append(b.list, f)
}

// remove deletes one fault, or all when id is empty, and reports how many.
func (b *faultBox) remove(id string) []string {
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

func (b *faultBox) all() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Fault, len(b.list))
	for i, f := range b.list {
		out[i] = *f
	}
	return out
}

// strike returns a copy of the first fault of the wanted group that strikes now, or nil.
func (b *faultBox) strike(appID, method string, notification bool) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.list {
		if strings.HasPrefix(f.Kind, "notification_") != notification || (f.AppID != "" && f.AppID != appID) || (f.Method != "" && f.Method != method) {
			continue
		}
		f.Seen++
		if f.Times > 0 && f.Kind != FaultNotifyRepeat && f.Fired >= f.Times {
			continue
		}
		if (f.Nth > 0 && f.Seen != f.Nth) || (f.Every > 0 && f.Seen%f.Every != 0) || (f.Probability > 0 && f.random.Float64() >= f.Probability) {
			continue
		}
		f.Fired++
		hit := *f
		return &hit
	}
	return nil
}

// withFaults runs the method, or what a fault makes of it.
func (s *Simulator) withFaults(c *call) (any, error) {
	f := s.faults.strike(c.app.AppID, c.method.Name, false)
	c.fired = f
	if f == nil {
		return c.method.Handle(c)
	}
	s.keepFault(f)
	switch f.Kind {
	case FaultNoAnswerBefore:
		panic(http.ErrAbortHandler)
	case FaultSystemErrorBefore:
		return nil, c.systemError()
	case FaultUnavailableBefore:
		return nil, unavailable()
	case FaultBusinessError:
		return nil, refuse(f.SubCode, "模拟的业务错误")
	case FaultRateLimit:
		return nil, &bizError{Code: "40005", Msg: "Call Limited", SubCode: "isv.app-call-limited", SubMsg: "应用调用次数超限，包含调用频率超限", Unsigned: true}
	case FaultSlow:
		if err := pause(c.req.Context(), f.delay(10*time.Second)); err != nil {
			return nil, err
		}
	}
	node, err := c.method.Handle(c)
	switch f.Kind {
	case FaultNoAnswerAfter:
		panic(http.ErrAbortHandler)
	case FaultSystemErrorAfter:
		return nil, c.systemError()
	case FaultUnavailableAfter:
		return nil, unavailable()
	}
	return node, err
}

// systemError is the method's own word for "may have happened".
func (c *call) systemError() error {
	return refuse(c.method.Prefix+"SYSTEM_ERROR", "系统异常")
}

func (f *Fault) delay(def time.Duration) time.Duration {
	if f.DelayMS > 0 {
		return time.Duration(f.DelayMS) * time.Millisecond
	}
	return def
}

// pause waits in real time.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("slow answer: %w", ctx.Err())
	}
}

// keepFault stores the counts after a strike; a fault deleted meanwhile stays deleted.
func (s *Simulator) keepFault(f *Fault) {
	err := s.update(s.now(), func(tx *tx) error { return storeFault(tx, f) })
	if err != nil && !errors.Is(err, context.Canceled) {
		s.log.Error("store a fault's count", "error", err)
	}
}

func storeFault(tx *tx, f *Fault) error {
	if tx.bucket(bucketFaults).Get([]byte(f.ID)) == nil {
		return nil
	}
	return putDoc(tx, bucketFaults, f.ID, f)
}

func (c *call) fault() *Fault { return c.fired }

// alter changes the node before it is signed: a wrong amount, truthfully signed.
func (f *Fault) alter(node []byte) []byte {
	if f.Kind != FaultWrongAmount {
		return node
	}
	out := string(node)
	for _, name := range []string{"total_amount", "refund_fee", "settle_amount", "trans_amount", "refund_amount", "unsettled_amount"} {
		out = strings.Replace(out, `"`+name+`":"`, `"`+name+`":"1`, 1)
	}
	return []byte(out)
}

// alterSign breaks a signature without changing its form.
func (f *Fault) alterSign(sign string) string {
	if f.Kind != FaultWrongSignature || len(sign) < 8 {
		return sign
	}
	b := []byte(sign)
	for i, j := 0, len(b)-5; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

// write sends the body as the fault has it.
func (f *Fault) write(w http.ResponseWriter, body []byte) {
	switch f.Kind {
	case FaultHTTP502:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"))
	case FaultHalfJSON:
		_, _ = w.Write(body[:len(body)/2])
	default:
		_, _ = w.Write(body)
	}
}
