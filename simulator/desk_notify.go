package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
)

// maxCopies bounds one repeat.
const maxCopies = 256

// deskNotifications show and misuse what is sent to merchants.
func (s *Simulator) deskNotifications(r chi.Router) {
	r.Get("/notifications", desk(s, s.deskNoteList))
	r.Post("/notifications/forge", desk(s, s.deskNoteForge))
	r.Get("/notifications/{notify_id}", desk(s, s.deskNoteGet))
	r.Post("/notifications/{notify_id}/repeat", desk(s, s.deskNoteRepeat))
	r.Post("/notifications/{notify_id}/drop", desk(s, s.deskNoteDrop))
}

// deskNoteList lists newest first: ?app_id=, ?status=, ?method=, ?trade= (trade_no or out_trade_no), ?limit=, ?before=.
func (s *Simulator) deskNoteList(r *http.Request) (deskReply, error) {
	q, limit := r.URL.Query(), pageSize(r)
	out, next := []*Notification{}, ""
	wanted := func(n *Notification) bool {
		for _, f := range []struct{ want, is string }{{q.Get("app_id"), n.AppID}, {q.Get("status"), n.Status}, {q.Get("method"), n.Method}} {
			if f.want != "" && f.want != f.is {
				return false
			}
		}
		t := q.Get("trade")
		return t == "" || t == n.TradeNo || t == n.OutNo
	}
	err := s.view(s.now(), func(tx *tx) error {
		b := tx.bucket(bucketNotes)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		k, v := c.Last()
		if before, err := strconv.ParseUint(q.Get("before"), 10, 64); err == nil {
			c.Seek(num(before))
			k, v = c.Prev()
		}
		for ; k != nil; k, v = c.Prev() {
			n := &Notification{}
			if err := json.Unmarshal(v, n); err != nil {
				return fmt.Errorf("decode a notification: %w", err)
			}
			if !wanted(n) {
				continue
			}
			if out = append(out, n); len(out) == limit {
				next = strconv.FormatUint(seqKey(k), 10)
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(map[string]any{"notifications": out, "next": next})
}

// findNote finds by notify_id.
func findNote(tx *tx, id string) (*Notification, error) {
	var seq []byte
	if b := tx.bucket(bucketNoteIDs); b != nil {
		seq = b.Get([]byte(id))
	}
	if seq == nil {
		return nil, notFound("notification")
	}
	n, err := getRaw[Notification](tx, bucketNotes, seq)
	if err == nil && n == nil {
		err = notFound("notification")
	}
	if n != nil {
		n.Seq = seqKey(seq)
	}
	return n, err
}

func (s *Simulator) onNote(r *http.Request, act func(tx *tx, n *Notification) error) (deskReply, error) {
	var n *Notification
	err := s.update(s.now(), func(tx *tx) (err error) {
		if n, err = findNote(tx, chi.URLParam(r, "notify_id")); err != nil {
			return err
		}
		return act(tx, n)
	})
	if err != nil {
		return deskReply{}, err
	}
	return ok(n)
}

func (s *Simulator) deskNoteGet(r *http.Request) (deskReply, error) {
	return s.onNote(r, func(*tx, *Notification) error { return nil })
}

// deskNoteRepeat delivers a notification again, {times} copies at once, whatever its status.
func (s *Simulator) deskNoteRepeat(r *http.Request) (deskReply, error) {
	in := struct {
		Times int `json:"times"`
	}{1}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	if in.Times < 1 || in.Times > maxCopies {
		return deskReply{}, badInput(fmt.Errorf("times: 1 … %d", maxCopies))
	}
	return s.onNote(r, func(tx *tx, n *Notification) error {
		if n.Status == notifyPending {
			if err := unqueue(tx, n); err != nil {
				return err
			}
		} else if err := unfile(tx, n); err != nil {
			return err
		}
		n.Copies = in.Times
		return queueNote(tx, n, tx.now)
	})
}

// unfile takes a finished notification back from the list of those to forget.
func unfile(tx *tx, n *Notification) error {
	b := tx.bucket(bucketEnded)
	c := b.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if seqKey(k[8:]) == n.Seq {
			balanceOfCount(tx, -1)
			if err := b.Delete(append([]byte(nil), k...)); err != nil {
				return fmt.Errorf("take a notification back: %w", err)
			}
			return nil
		}
	}
	return nil
}

// deskNoteDrop ends a pending notification undelivered.
func (s *Simulator) deskNoteDrop(r *http.Request) (deskReply, error) {
	return s.onNote(r, func(tx *tx, n *Notification) error {
		if n.Status != notifyPending {
			return &deskError{http.StatusConflict, "not_pending", "该通知已结束"}
		}
		if err := unqueue(tx, n); err != nil {
			return err
		}
		return endNote(tx, n, notifyDropped)
	})
}

// deskNoteForge sends a false notification about a trade: {trade, way [, url]}; without a way the list of ways is the answer's error.
func (s *Simulator) deskNoteForge(r *http.Request) (deskReply, error) {
	in := struct {
		Trade  string `json:"trade"`
		AppID  string `json:"app_id"`
		Way    string `json:"way"`
		URL    string `json:"url"`
		Status string `json:"trade_status"` // default TRADE_SUCCESS, whatever is true
	}{}
	if err := readJSON(r, &in); err != nil {
		return deskReply{}, err
	}
	if !slices.Contains(forgeWays(), in.Way) {
		return deskReply{}, badInput(fmt.Errorf("way: one of %v", forgeWays()))
	}
	if in.Status == "" {
		in.Status = statusSuccess
	}
	var n *Notification
	err := s.update(s.now(), func(tx *tx) error {
		t, err := s.anyTrade(tx, in.AppID, in.Trade)
		if err != nil {
			return err
		}
		if in.URL == "" {
			in.URL = t.NotifyURL
		}
		if in.URL == "" {
			return badInput(errors.New("url: the trade has no notify_url"))
		}
		p, err := tradeParams(tx, t, nil)
		if err != nil {
			return err
		}
		p["trade_status"], p["gmt_payment"] = in.Status, beijing(tx.now)
		n, err = addForged(tx, &Notification{AppID: t.AppID, URL: in.URL, Method: typeTrade, TradeNo: t.TradeNo(), OutNo: t.Out, Params: p, Created: ms(tx.now)}, in.Way)
		return err
	})
	if err != nil {
		return deskReply{}, err
	}
	return deskReply{http.StatusCreated, n}, nil
}

// anyTrade finds by either number; appID narrows out_trade_no.
func (s *Simulator) anyTrade(tx *tx, appID, id string) (*Trade, error) {
	if seq := seqOfTradeNo(id); seq != 0 {
		if t, err := getTrade(tx, seq); t != nil || err != nil {
			return t, err
		}
	}
	for _, a := range s.apps.all() {
		if appID != "" && a.AppID != appID {
			continue
		}
		if t, err := tradeByOut(tx, a.PID, id); t != nil || err != nil {
			return t, err
		}
	}
	return nil, notFound("trade")
}
