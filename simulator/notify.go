package simulator

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
)

// Statuses of a notification.
const (
	notifyPending = "pending"
	notifyDone    = "delivered"
	notifyFailed  = "failed" // every attempt of the schedule failed
	notifyDropped = "dropped"
)

// Attempt is one delivery.
type Attempt struct {
	At     int64  `json:"at_ms"`
	Status int    `json:"http_status,omitempty"`
	Answer string `json:"answer,omitempty"` // first bytes
	Error  string `json:"error,omitempty"`
	TookMS int64  `json:"took_ms"`
	OK     bool   `json:"ok"`
}

// Notification is one signed form POST to a merchant: a trade notification or an application-gateway message.
type Notification struct {
	ID       string            `json:"notify_id"`
	Seq      uint64            `json:"-"`
	AppID    string            `json:"app_id"`
	URL      string            `json:"url"`
	Method   string            `json:"method"` // notify_type, or msg_method
	TradeNo  string            `json:"trade_no,omitempty"`
	OutNo    string            `json:"out_trade_no,omitempty"`
	Params   map[string]string `json:"params"`
	Message  bool              `json:"message,omitempty"`
	Status   string            `json:"status"`
	Created  int64             `json:"created_at_ms"`
	NextAt   int64             `json:"next_at_ms,omitempty"`
	Copies   int               `json:"copies,omitempty"` // deliver so many at once (fault)
	Repeats  int               `json:"immediate_repeats,omitempty"`
	Held     bool              `json:"held,omitempty"` // waits for a later one to overtake it (fault)
	Forged   string            `json:"forged,omitempty"`
	Attempts []Attempt         `json:"attempts"`
}

const (
	bucketNotes   = "notifications"       // seq → Notification
	bucketNoteIDs = "notification_ids"    // notify_id → seq
	bucketDue     = "notifications_due"   // due ms ‖ seq → nothing
	bucketEnded   = "notifications_ended" // ended ms ‖ seq → nothing: the oldest are forgotten
	bucketHeld    = "notifications_held"  // app id ‖ seq → nothing
	maxAnswer     = 512                   // bytes of a receiver's answer that are looked at
	deliveryTime  = 10 * time.Second      // a receiver's time to answer
	dispatchBatch = 512                   // notifications taken from storage at once
	typeTrade     = "trade_status_sync"   // notify_type of trade notifications
	lateByDefault = 25 * time.Hour        // FaultNotifyLate without DelayMS
	heldAtMost    = 4 * time.Minute       // FaultNotifyReorder when nothing overtakes
)

// schedule is Alipay's: intervals after the first attempt.
func schedule() []time.Duration {
	return []time.Duration{4 * time.Minute, 10 * time.Minute, 10 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 15 * time.Hour}
}

// notificationClient keeps connections, follows no redirect (Alipay does not), and gives up in time.
func notificationClient(workers int) *http.Client {
	tr := &http.Transport{MaxIdleConns: workers * 2, MaxIdleConnsPerHost: workers, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: deliveryTime}
	return &http.Client{Transport: tr, Timeout: deliveryTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// notifier delivers what is due with a bounded pool of workers.
type notifier struct {
	sim  *Simulator
	wake chan struct{}
	work chan uint64

	mu     sync.Mutex
	flying map[uint64]bool
}

func newNotifier(s *Simulator) *notifier {
	return &notifier{sim: s, wake: make(chan struct{}, 1), work: make(chan uint64, dispatchBatch), flying: map[uint64]bool{}}
}

// poke makes the dispatcher look now.
func (n *notifier) poke() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *notifier) start(ctx context.Context) {
	for range n.sim.cfg.NotifyWorkers {
		n.sim.done.Go(func() {
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
		})
	}
}

// dispatch hands everything due to the workers; what does not fit waits for the next look.
func (n *notifier) dispatch() {
	now := n.sim.now()
	var due []uint64
	err := n.sim.view(now, func(tx *tx) error {
		b := tx.bucket(bucketDue)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		for k, _ := c.First(); k != nil && len(due) < dispatchBatch && int64(binary.BigEndian.Uint64(k)) <= ms(now); k, _ = c.Next() {
			due = append(due, binary.BigEndian.Uint64(k[8:]))
		}
		return nil
	})
	if err != nil {
		n.sim.log.Error("look for due notifications", "error", err)
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
func (n *notifier) deliver(ctx context.Context, seq uint64) {
	var note *Notification
	err := n.sim.view(n.sim.now(), func(tx *tx) (err error) {
		note, err = getRaw[Notification](tx, bucketNotes, num(seq))
		return err
	})
	if err != nil || note == nil || note.Status != notifyPending || note.NextAt > ms(n.sim.now()) {
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
	if err := n.sim.update(n.sim.now(), func(tx *tx) error { return recordAttempts(tx, seq, attempts) }); err != nil {
		n.sim.log.Error("record a delivery", "notify_id", note.ID, "error", err)
	}
}

// post signs and sends the form once.
func (n *notifier) post(ctx context.Context, note *Notification) Attempt {
	now := n.sim.now()
	a := Attempt{At: ms(now)}
	started := clock.System{}.Now()
	body, err := n.form(note, now)
	if err == nil {
		err = n.send(ctx, note.URL, body, &a)
	}
	a.TookMS = clock.System{}.Now().Sub(started).Milliseconds()
	if err != nil {
		a.Error = err.Error()
	}
	return a
}

func (n *notifier) send(ctx context.Context, to, body string, a *Attempt) error {
	ctx, stop := context.WithTimeout(ctx, deliveryTime)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("notify_url: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	req.Header.Set("User-Agent", "Mozilla/4.0")
	resp, err := n.sim.cfg.HTTPClient.Do(req)
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

// form is the body of one attempt: its own send time, the constant notify_id, signed by rule V1 (without sign and sign_type).
func (n *notifier) form(note *Notification, now time.Time) (string, error) {
	p := maps.Clone(note.Params)
	if note.Message {
		p["utc_timestamp"] = strconv.FormatInt(ms(now), 10)
	} else {
		p["notify_time"] = beijing(now)
	}
	if note.Forged != "" {
		return n.sim.forge(note.Forged, p)
	}
	return signedForm(n.sim, p)
}

func signedForm(s *Simulator, p map[string]string) (string, error) {
	sign, err := signRSA2(s.keys.key, []byte(signText(p, "sign", "sign_type")))
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
func recordAttempts(tx *tx, seq uint64, attempts []Attempt) error {
	note, err := getRaw[Notification](tx, bucketNotes, num(seq))
	if err != nil || note == nil {
		return err
	}
	note.Seq = seq
	first := len(note.Attempts) == 0
	note.Attempts = append(note.Attempts, attempts...)
	if note.Status != notifyPending { // dropped at the desk meanwhile
		return putNote(tx, note)
	}
	if err := unqueue(tx, note); err != nil {
		return err
	}
	ok := true
	for _, a := range attempts {
		ok = ok && a.OK
	}
	note.Copies = 0
	switch wait, more := note.nextWait(tx.sim.cfg.TimeScale); {
	case ok:
		err = endNote(tx, note, notifyDone)
	case note.Forged != "":
		err = endNote(tx, note, notifyFailed) // a refused forgery is the good end, it is not repeated
	case more:
		err = queueNote(tx, note, tx.now.Add(wait))
	default:
		err = endNote(tx, note, notifyFailed)
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

// Storage of notifications.

func putNote(tx *tx, note *Notification) error { return putRaw(tx, bucketNotes, num(note.Seq), note) }

func dueKey(at int64, seq uint64) []byte { return append(num(uint64(at)), num(seq)...) }

// queueNote makes the notification due at a time.
func queueNote(tx *tx, note *Notification, at time.Time) error {
	note.NextAt, note.Status = ms(at), notifyPending
	if err := tx.bucket(bucketDue).Put(dueKey(note.NextAt, note.Seq), []byte{}); err != nil {
		return fmt.Errorf("queue a notification: %w", err)
	}
	tx.OnCommit(tx.sim.notify.poke)
	return putNote(tx, note)
}

func unqueue(tx *tx, note *Notification) error {
	if err := tx.bucket(bucketDue).Delete(dueKey(note.NextAt, note.Seq)); err != nil {
		return fmt.Errorf("unqueue a notification: %w", err)
	}
	note.NextAt = 0
	return nil
}

// endNote files a finished notification and forgets the oldest finished ones.
func endNote(tx *tx, note *Notification, status string) error {
	note.Status = status
	ended := tx.bucket(bucketEnded)
	if err := ended.Put(dueKey(ms(tx.now), note.Seq), []byte{}); err != nil {
		return fmt.Errorf("file a notification: %w", err)
	}
	if err := putNote(tx, note); err != nil {
		return err
	}
	count := balanceOfCount(tx, 1)
	c := ended.Cursor()
	for k, _ := c.First(); k != nil && count > int64(tx.sim.cfg.KeepNotifications); k, _ = c.First() {
		if err := forgetNote(tx, binary.BigEndian.Uint64(k[8:])); err != nil {
			return err
		}
		if err := ended.Delete(append([]byte(nil), k...)); err != nil {
			return fmt.Errorf("forget a notification: %w", err)
		}
		count = balanceOfCount(tx, -1)
	}
	return nil
}

// balanceOfCount keeps the number of finished notifications beside them.
func balanceOfCount(tx *tx, by int64) int64 {
	b := tx.bucket(bucketMeta)
	var n int64
	if v := b.Get([]byte("ended")); len(v) == 8 {
		n = int64(binary.BigEndian.Uint64(v))
	}
	n += by
	_ = b.Put([]byte("ended"), num(uint64(n))) // fails only in a read transaction
	return n
}

func forgetNote(tx *tx, seq uint64) error {
	note, err := getRaw[Notification](tx, bucketNotes, num(seq))
	if err != nil || note == nil {
		return err
	}
	if err := delDoc(tx, bucketNoteIDs, note.ID); err != nil {
		return err
	}
	return delDoc(tx, bucketNotes, string(num(seq)))
}

func releaseHeld(tx *tx, appID string) error {
	b := tx.bucket(bucketHeld)
	c := b.Cursor()
	for k, _ := c.Seek([]byte(appID)); k != nil && strings.HasPrefix(string(k), appID); k, _ = c.Seek([]byte(appID)) {
		seq := binary.BigEndian.Uint64(k[len(appID):])
		if err := b.Delete(append([]byte(nil), k...)); err != nil {
			return fmt.Errorf("release a held notification: %w", err)
		}
		note, err := getRaw[Notification](tx, bucketNotes, num(seq))
		if err != nil || note == nil || note.Status != notifyPending {
			return err
		}
		note.Seq, note.Held = seq, false
		if err := unqueue(tx, note); err != nil {
			return err
		}
		if err := queueNote(tx, note, tx.now); err != nil {
			return err
		}
	}
	return nil
}

// addNote numbers a notification, lets the faults at it, and queues it, all in the transaction of what it reports.
func addNote(tx *tx, note *Notification) error {
	var err error
	if note.Seq, err = tx.nextID(bucketNotes); err != nil {
		return err
	}
	note.ID = tx.now.In(beijingZone()).Format("20060102") + "00222" + tx.now.In(beijingZone()).Format("150405") + fmt.Sprintf("%015d", note.Seq)
	note.Params["notify_id"], note.Created = note.ID, ms(tx.now)
	if a := tx.sim.apps.get(note.AppID); a != nil && !note.Message {
		note.Repeats = a.Settings.ImmediateRepeats
	}
	if err := tx.bucket(bucketNoteIDs).Put([]byte(note.ID), num(note.Seq)); err != nil {
		return fmt.Errorf("store a notification: %w", err)
	}
	at := tx.sim.now() // not tx.now: a timer's effect may be older than the moment it is carried out
	f := tx.sim.faults.strike(note.AppID, note.Method, true)
	if f == nil {
		return queueNote(tx, note, at)
	}
	if err := storeFault(tx, f); err != nil {
		return err
	}
	switch f.Kind {
	case FaultNotifyDrop:
		return endNote(tx, note, notifyDropped)
	case FaultNotifyLate:
		at = at.Add(f.delay(lateByDefault))
	case FaultNotifyRepeat:
		note.Copies = max(2, f.Times)
	case FaultNotifyReorder:
		note.Held = true
		if err := tx.bucket(bucketHeld).Put(append([]byte(note.AppID), num(note.Seq)...), []byte{}); err != nil {
			return fmt.Errorf("hold a notification: %w", err)
		}
		at = at.Add(heldAtMost)
	case FaultNotifyForge:
		if err := queueNote(tx, note, at); err != nil {
			return err
		}
		return forgedTwin(tx, note)
	}
	return queueNote(tx, note, at)
}

// notifyTrade tells the merchant what became of a trade; refund is given for refunds. Without a notify_url nobody is told.
func notifyTrade(tx *tx, t *Trade, refund *Refund) error {
	if t.NotifyURL == "" {
		return nil
	}
	p, err := tradeParams(tx, t, refund)
	if err != nil {
		return err
	}
	return addNote(tx, &Notification{AppID: t.AppID, URL: t.NotifyURL, Method: typeTrade, TradeNo: t.TradeNo(), OutNo: t.Out, Params: p})
}

// tradeParams are the fields of a trade notification (Alipay documentation, asynchronous notification).
func tradeParams(tx *tx, t *Trade, refund *Refund) (map[string]string, error) {
	d, err := t.describe(tx)
	if err != nil {
		return nil, err
	}
	app := t.AppID
	if t.Via != "" {
		app = t.Via
	}
	p := map[string]string{
		"notify_type": typeTrade, "charset": "utf-8", "version": "1.0", "app_id": app, "auth_app_id": t.AppID,
		"trade_no": t.TradeNo(), "out_trade_no": t.Out, "trade_status": t.Status, "total_amount": t.Total.Yuan(), "subject": t.Subject, "body": t.Body,
		"buyer_id": d.BuyerUserID, "buyer_open_id": d.BuyerOpenID, "buyer_logon_id": d.BuyerLogonID, "seller_id": t.sellerID(tx),
		"gmt_create": beijing(fromMS(t.Created)), "passback_params": t.Pass,
	}
	if t.paid() {
		p["gmt_payment"] = beijing(fromMS(t.Paid))
		p["receipt_amount"], p["invoice_amount"], p["buyer_pay_amount"], p["point_amount"] = d.ReceiptAmount, d.InvoiceAmount, d.BuyerPayAmount, d.PointAmount
		bills := make([]map[string]string, 0, len(t.Funds))
		for _, f := range t.Funds {
			bills = append(bills, map[string]string{"amount": f.Amount.Yuan(), "fundChannel": f.Channel})
		}
		p["fund_bill_list"] = string(encodeJSON(bills))
	}
	if t.Status == statusClosed {
		p["gmt_close"] = beijing(fromMS(t.Closed))
	}
	if refund != nil {
		p["out_biz_no"], p["refund_fee"], p["send_back_fee"] = refund.No, t.Refunded.Yuan(), refund.Amount.Yuan()
		p["gmt_refund"] = fromMS(refund.At).In(beijingZone()).Format("2006-01-02 15:04:05.000")
	}
	for k, v := range p {
		if v == "" {
			delete(p, k)
		}
	}
	return p, nil
}

// sellerID is the platform's PID, or by setting the secondary merchant: the documentation does not say which.
func (t *Trade) sellerID(tx *tx) string {
	if a := tx.sim.apps.get(t.AppID); a != nil && a.Settings.SellerSMID && t.SMID != "" {
		return t.SMID
	}
	return t.PID
}

// sendMessage queues an application-gateway message (message service, version 1.1) in the transaction of what it reports. Without a gateway URL
// nobody is told. biz becomes biz_content.
func sendMessage(tx *tx, appID, msgMethod string, biz any) error {
	note := newMessage(tx, appID, msgMethod, biz)
	if note == nil {
		return nil
	}
	return addNote(tx, note)
}

// newMessage is the message that sendMessage queues, nil when the application has no gateway URL.
func newMessage(tx *tx, appID, msgMethod string, biz any) *Notification {
	a := tx.sim.apps.get(appID)
	if a == nil || a.GatewayURL == "" {
		return nil
	}
	p := map[string]string{"msg_method": msgMethod, "app_id": appID, "version": "1.1", "msg_type": "usr", "msg_uid": a.PID, "charset": "UTF-8", "biz_content": string(encodeJSON(biz))}
	return &Notification{AppID: appID, URL: a.GatewayURL, Method: msgMethod, Message: true, Params: p}
}
