// Package notify sends signed notifications and messages to merchants by Alipay's schedule, and the false ones that a
// desk or a fault orders.
//
// A notification is queued in the transaction of what it reports, and so is neither lost nor sent without its cause.
package notify

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"zhitong/simulator/faults"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Statuses of a notification.
const (
	Pending   = "pending"
	Delivered = "delivered"
	Failed    = "failed" // every attempt of the schedule failed
	Dropped   = "dropped"
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
	Odd      string            `json:"odd,omitempty"` // the fault that decides how it is written
	Attempts []Attempt         `json:"attempts"`
}

const (
	Bucket        = "notifications"       // seq → Notification
	BucketIDs     = "notification_ids"    // notify_id → seq
	bucketDue     = "notifications_due"   // due ms ‖ seq → nothing
	BucketEnded   = "notifications_ended" // ended ms ‖ seq → nothing: the oldest are forgotten
	bucketHeld    = "notifications_held"  // app id ‖ seq → nothing
	maxAnswer     = 512                   // bytes of a receiver's answer that are looked at
	deliveryTime  = 10 * time.Second      // a receiver's time to answer
	dispatchBatch = 512                   // notifications taken from storage at once
	TypeTrade     = "trade_status_sync"   // notify_type of trade notifications
	lateByDefault = 25 * time.Hour        // faults.NotifyLate without DelayMS
	heldAtMost    = 4 * time.Minute       // faults.NotifyReorder when nothing overtakes
)

// schedule is Alipay's: intervals after the first attempt.
func schedule() []time.Duration {
	return []time.Duration{4 * time.Minute, 10 * time.Minute, 10 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour,
		15 * time.Hour}
}

// Storage of notifications.

func putNote(tx *state.Tx, note *Notification) error {
	return state.PutRaw(tx, Bucket, state.Key(note.Seq), note)
}

func dueKey(at int64, seq uint64) []byte { return append(state.Key(uint64(at)), state.Key(seq)...) }

// Queue makes the notification due at a time.
func Queue(tx *state.Tx, note *Notification, at time.Time) error {
	note.NextAt, note.Status = protocol.Millis(at), Pending
	if err := tx.Bucket(bucketDue).Put(dueKey(note.NextAt, note.Seq), []byte{}); err != nil {
		return fmt.Errorf("queue a notification: %w", err)
	}
	tx.OnCommit(tx.State.Wake)
	return putNote(tx, note)
}

// Unqueue takes a notification out of the queue; the caller stores it.
func Unqueue(tx *state.Tx, note *Notification) error {
	if err := tx.Bucket(bucketDue).Delete(dueKey(note.NextAt, note.Seq)); err != nil {
		return fmt.Errorf("unqueue a notification: %w", err)
	}
	note.NextAt = 0
	return nil
}

// End files a finished notification and forgets the oldest finished ones.
func End(tx *state.Tx, note *Notification, status string) error {
	note.Status = status
	ended := tx.Bucket(BucketEnded)
	if err := ended.Put(dueKey(protocol.Millis(tx.Now), note.Seq), []byte{}); err != nil {
		return fmt.Errorf("file a notification: %w", err)
	}
	if err := putNote(tx, note); err != nil {
		return err
	}
	count := AddEnded(tx, 1)
	c := ended.Cursor()
	for k, _ := c.First(); k != nil && count > int64(tx.State.Config.KeepNotifications); k, _ = c.First() {
		if err := forgetNote(tx, binary.BigEndian.Uint64(k[8:])); err != nil {
			return err
		}
		if err := ended.Delete(append([]byte(nil), k...)); err != nil {
			return fmt.Errorf("forget a notification: %w", err)
		}
		count = AddEnded(tx, -1)
	}
	return nil
}

// AddEnded keeps the number of finished notifications beside them.
func AddEnded(tx *state.Tx, by int64) int64 {
	b := tx.Bucket(state.BucketMeta)
	var n int64
	if v := b.Get([]byte("ended")); len(v) == 8 {
		n = int64(binary.BigEndian.Uint64(v))
	}
	n += by
	_ = b.Put([]byte("ended"), state.Key(uint64(n))) // fails only in a read transaction
	return n
}

func forgetNote(tx *state.Tx, seq uint64) error {
	note, err := state.GetRaw[Notification](tx, Bucket, state.Key(seq))
	if err != nil || note == nil {
		return err
	}
	if err := state.Delete(tx, BucketIDs, note.ID); err != nil {
		return err
	}
	return state.Delete(tx, Bucket, string(state.Key(seq)))
}

func releaseHeld(tx *state.Tx, appID string) error {
	b := tx.Bucket(bucketHeld)
	c := b.Cursor()
	for k, _ := c.Seek([]byte(appID)); k != nil && strings.HasPrefix(string(k), appID); k, _ = c.Seek([]byte(appID)) {
		seq := binary.BigEndian.Uint64(k[len(appID):])
		if err := b.Delete(append([]byte(nil), k...)); err != nil {
			return fmt.Errorf("release a held notification: %w", err)
		}
		note, err := state.GetRaw[Notification](tx, Bucket, state.Key(seq))
		if err != nil || note == nil || note.Status != Pending {
			return err
		}
		note.Seq, note.Held = seq, false
		if err := Unqueue(tx, note); err != nil {
			return err
		}
		if err := Queue(tx, note, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

// Add numbers a notification, lets the faults at it, and queues it, all in the transaction of what it reports.
func Add(tx *state.Tx, note *Notification) error {
	var err error
	if note.Seq, err = tx.NextID(Bucket); err != nil {
		return err
	}
	note.ID = tx.Now.In(protocol.BeijingZone()).Format("20060102") + "00222" +
		tx.Now.In(protocol.BeijingZone()).Format("150405") + fmt.Sprintf("%015d", note.Seq)
	note.Params["notify_id"], note.Created = note.ID, protocol.Millis(tx.Now)
	if a := tx.State.Apps.Get(note.AppID); a != nil && !note.Message {
		note.Repeats = a.Settings.ImmediateRepeats
	}
	if err := tx.Bucket(BucketIDs).Put([]byte(note.ID), state.Key(note.Seq)); err != nil {
		return fmt.Errorf("store a notification: %w", err)
	}
	at := tx.State.Now() // not tx.Now: a timer's effect may be older than the moment it is carried out
	f := tx.State.Faults.Strike(note.AppID, note.Method, faults.Notifications)
	if f == nil {
		return Queue(tx, note, at)
	}
	if err := state.StoreFault(tx, f); err != nil {
		return err
	}
	switch f.Kind {
	case faults.NotifyGBK, faults.NotifyContentType:
		note.Odd = f.Kind
	case faults.NotifyDrop:
		return End(tx, note, Dropped)
	case faults.NotifyLate:
		at = at.Add(f.Delay(lateByDefault))
	case faults.NotifyRepeat:
		note.Copies = max(2, f.Times)
	case faults.NotifyReorder:
		note.Held = true
		if err := tx.Bucket(bucketHeld).Put(append([]byte(note.AppID), state.Key(note.Seq)...), []byte{}); err != nil {
			return fmt.Errorf("hold a notification: %w", err)
		}
		at = at.Add(heldAtMost)
	case faults.NotifyForge:
		if err := Queue(tx, note, at); err != nil {
			return err
		}
		return forgedTwin(tx, note)
	}
	return Queue(tx, note, at)
}

// SendMessage queues an application-gateway message (message service, version 1.1) in the transaction of what it
// reports. Without a gateway URL nobody is told. biz becomes biz_content.
func SendMessage(tx *state.Tx, appID, msgMethod string, biz any) error {
	note := NewMessage(tx, appID, msgMethod, biz)
	if note == nil {
		return nil
	}
	return Add(tx, note)
}

// NewMessage is the message that SendMessage queues, nil when the application has no gateway URL.
func NewMessage(tx *state.Tx, appID, msgMethod string, biz any) *Notification {
	a := tx.State.Apps.Get(appID)
	if a == nil || a.GatewayURL == "" {
		return nil
	}
	p := map[string]string{"msg_method": msgMethod, "app_id": appID, "version": "1.1", "msg_type": "usr",
		"msg_uid": a.PID, "charset": "UTF-8", "biz_content": string(protocol.EncodeJSON(biz))}
	return &Notification{AppID: appID, URL: a.GatewayURL, Method: msgMethod, Message: true, Params: p}
}
