package notify

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"zhitong/internal/clock"
	"zhitong/simulator/faults"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// notificationClient keeps connections, follows no redirect (Alipay does not), and gives up in time.
func notificationClient(workers int) *http.Client {
	tr := &http.Transport{MaxIdleConns: workers * 2, MaxIdleConnsPerHost: workers, IdleConnTimeout: time.Minute,
		ResponseHeaderTimeout: deliveryTime}
	return &http.Client{Transport: tr, Timeout: deliveryTime,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
}

// Notifier delivers what is due with a bounded pool of workers.
type Notifier struct {
	st     *state.State
	client *http.Client
	work   chan uint64

	mu     sync.Mutex
	flying map[uint64]bool
}

// New delivers with the client and the number of workers that the state's Config names; nothing happens before Run and
// Dispatch.
func New(s *state.State) *Notifier {
	client := s.Config.HTTPClient
	if client == nil {
		client = notificationClient(s.Config.NotifyWorkers)
	}
	return &Notifier{st: s, client: client, work: make(chan uint64, dispatchBatch), flying: map[uint64]bool{}}
}

// Run delivers what dispatch hands over until the context ends, and returns when no delivery is under way.
func (n *Notifier) Run(ctx context.Context) {
	var workers sync.WaitGroup
	for range n.st.Config.NotifyWorkers {
		workers.Go(func() { n.deliverAll(ctx) })
	}
	workers.Wait()
}

func (n *Notifier) deliverAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case seq := <-n.work:
			n.deliver(ctx, seq)
			n.mu.Lock()
			delete(n.flying, seq)
			n.mu.Unlock()
		}
	}
}

// Dispatch hands everything due to the workers; what does not fit waits for the next look.
func (n *Notifier) Dispatch() {
	now := n.st.Now()
	var due []uint64
	err := n.st.View(now, func(tx *state.Tx) error {
		b := tx.Bucket(bucketDue)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for k, _ := c.First(); k != nil && len(due) < dispatchBatch &&
			int64(binary.BigEndian.Uint64(k)) <= protocol.Millis(now); k, _ = c.Next() {
			due = append(due, binary.BigEndian.Uint64(k[8:]))
		}
		return nil
	})
	if err != nil {
		n.st.Log.Error("look for due notifications", "error", err)
	}
	for _, seq := range due {
		n.mu.Lock()
		busy := n.flying[seq]
		n.flying[seq] = true
		n.mu.Unlock()
		if busy {
			continue
		}
		select {
		case n.work <- seq:
		default:
			n.mu.Lock()
			delete(n.flying, seq)
			n.mu.Unlock()
			return
		}
	}
}

// deliver makes one attempt (or the fault's many copies) and records it.
func (n *Notifier) deliver(ctx context.Context, seq uint64) {
	var note *Notification
	err := n.st.View(n.st.Now(), func(tx *state.Tx) (err error) {
		note, err = state.GetRaw[Notification](tx, Bucket, state.Key(seq))
		return err
	})
	if err != nil || note == nil || note.Status != Pending || note.NextAt > protocol.Millis(n.st.Now()) {
		return
	}
	note.Seq = seq
	attempts := make([]Attempt, max(1, note.Copies))
	var wg sync.WaitGroup
	for i := range attempts {
		wg.Go(func() { attempts[i] = n.post(ctx, note) })
	}
	wg.Wait()
	if ctx.Err() != nil {
		return // shutting down: the attempt did not happen, it is repeated after the restart
	}
	if err := n.st.Update(n.st.Now(), func(tx *state.Tx) error {
		return recordAttempts(tx, seq, attempts)
	}); err != nil {
		n.st.Log.Error("record a delivery", "notify_id", note.ID, "error", err)
	}
}

// post signs and sends the form once.
func (n *Notifier) post(ctx context.Context, note *Notification) Attempt {
	now := n.st.Now()
	a := Attempt{At: protocol.Millis(now)}
	started := clock.System{}.Now()
	body, err := n.form(note, now)
	if err == nil {
		err = n.send(ctx, note, body, &a)
	}
	a.TookMS = clock.System{}.Now().Sub(started).Milliseconds()
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

// Content types of a notification: today's, and the one on record that no parser of headers takes.
const (
	cleanType = "application/x-www-form-urlencoded; charset=utf-8"
	oddType   = "application/x-www-form-urlencoded; text/html; charset=UTF-8"
)

func (n *Notifier) send(ctx context.Context, note *Notification, body string, a *Attempt) error {
	ctx, stop := context.WithTimeout(ctx, deliveryTime)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, note.URL, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("notify_url: %w", err)
	}
	req.Header.Set("Content-Type", cleanType)
	switch note.Odd {
	case faults.NotifyContentType:
		req.Header.Set("Content-Type", oddType)
	case faults.NotifyGBK:
		req.Header.Set("Content-Type", strings.ReplaceAll(cleanType, "utf-8", "gbk"))
	}
	req.Header.Set("User-Agent", "Mozilla/4.0")
	resp, err := n.client.Do(req)
	if err != nil {
		return fmt.Errorf("deliver: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	a.Status, a.Answer = resp.StatusCode, string(answer)
	a.OK = err == nil && resp.StatusCode == http.StatusOK && string(answer) == "success"
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}

// form is the body of one attempt: its own send time, the constant notify_id, signed by rule V1 (without sign and
// sign_type).
func (n *Notifier) form(note *Notification, now time.Time) (string, error) {
	p := maps.Clone(note.Params)
	if note.Message {
		p["utc_timestamp"] = strconv.FormatInt(protocol.Millis(now), 10)
	} else {
		p["notify_time"] = protocol.Beijing(now)
	}
	if note.Forged != "" {
		return forge(n.st, note.Forged, p)
	}
	if note.Odd == faults.NotifyGBK {
		p["charset"] = "GBK"
		for name, value := range p {
			p[name] = string(protocol.ToGBK([]byte(value)))
		}
	}
	return signedForm(n.st, p)
}

func signedForm(s *state.State, p map[string]string) (string, error) {
	sign, err := protocol.SignRSA2(s.Keys.Key, []byte(protocol.SignText(p, "sign", "sign_type")))
	if err != nil {
		return "", err
	}
	p["sign_type"], p["sign"] = "RSA2", sign
	values := url.Values{}
	for k, v := range p {
		values.Set(k, v)
	}
	return values.Encode(), nil
}

// recordAttempts writes what happened and when to try again.
func recordAttempts(tx *state.Tx, seq uint64, attempts []Attempt) error {
	note, err := state.GetRaw[Notification](tx, Bucket, state.Key(seq))
	if err != nil || note == nil {
		return err
	}
	note.Seq = seq
	first := len(note.Attempts) == 0
	note.Attempts = append(note.Attempts, attempts...)
	if note.Status != Pending { // dropped at the desk meanwhile
		return putNote(tx, note)
	}
	if err := Unqueue(tx, note); err != nil {
		return err
	}
	ok := true
	for _, a := range attempts {
		ok = ok && a.OK
	}
	note.Copies = 0
	switch wait, more := note.nextWait(tx.State.Config.TimeScale); {
	case ok:
		err = End(tx, note, Delivered)
	case note.Forged != "":
		err = End(tx, note, Failed) // a refused forgery is the good end, it is not repeated
	case more:
		err = Queue(tx, note, tx.Now.Add(wait))
	default:
		err = End(tx, note, Failed)
	}
	if err != nil || !first {
		return err
	}
	return releaseHeld(tx, note.AppID)
}

// nextWait is the interval to the next attempt after the attempts made so far.
func (note *Notification) nextWait(scale float64) (time.Duration, bool) {
	i := len(note.Attempts) - 1 - note.Repeats
	if i < 0 {
		return 0, true
	}
	steps := schedule()
	if i >= len(steps) {
		return 0, false
	}
	return time.Duration(float64(steps[i]) / scale), true
}
