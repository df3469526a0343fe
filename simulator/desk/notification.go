package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/notify"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// maxCopies bounds one repeat.
const maxCopies = 256

// notifications show and misuse what is sent to merchants.
func (d *Desk) notifications(r chi.Router) {
	r.Get("/notifications", d.answer(d.noteList))
	r.Post("/notifications/forge", d.answer(d.noteForge))
	r.Get("/notifications/{notify_id}", d.answer(d.noteGet))
	r.Post("/notifications/{notify_id}/repeat", d.answer(d.noteRepeat))
	r.Post("/notifications/{notify_id}/drop", d.answer(d.noteDrop))
}

// noteList lists newest first: ?app_id=, ?status=, ?method=, ?trade= (trade_no or out_trade_no), ?limit=, ?before=.
func (d *Desk) noteList(r *http.Request) (result, error) {
	q, limit := r.URL.Query(), pageSize(r)
	out, next := []*notify.Notification{}, ""
	wanted := func(n *notify.Notification) bool {
		for _, f := range []struct{ want, is string }{{q.Get("app_id"), n.AppID}, {q.Get("status"), n.Status},
			{q.Get("method"), n.Method}} {
			if f.want != "" && f.want != f.is {
				return false
			}
		}
		t := q.Get("trade")
		return t == "" || t == n.TradeNo || t == n.OutNo
	}
	err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
		b := tx.Bucket(notify.Bucket)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		k, v := c.Last()
		if before, err := strconv.ParseUint(q.Get("before"), 10, 64); err == nil {
			c.Seek(state.Key(before))
			k, v = c.Prev()
		}
		for ; k != nil; k, v = c.Prev() {
			n := &notify.Notification{}
			if err := json.Unmarshal(v, n); err != nil {
				return fmt.Errorf("decode a notification: %w", err)
			}
			if !wanted(n) {
				continue
			}
			if out = append(out, n); len(out) == limit {
				next = strconv.FormatUint(state.Seq(k), 10)
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"notifications": out, "next": next})
}

// findNote finds by notify_id.
func findNote(tx *state.Tx, id string) (*notify.Notification, error) {
	var seq []byte
	if b := tx.Bucket(notify.BucketIDs); b != nil {
		seq = b.Get([]byte(id))
	}
	if seq == nil {
		return nil, state.NotFound("notification")
	}
	n, err := state.GetRaw[notify.Notification](tx, notify.Bucket, seq)
	if err == nil && n == nil {
		err = state.NotFound("notification")
	}
	if n != nil {
		n.Seq = state.Seq(seq)
	}
	return n, err
}

func (d *Desk) onNote(r *http.Request, act func(tx *state.Tx, n *notify.Notification) error) (result, error) {
	var n *notify.Notification
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) (err error) {
		if n, err = findNote(tx, chi.URLParam(r, "notify_id")); err != nil {
			return err
		}
		return act(tx, n)
	})
	if err != nil {
		return result{}, err
	}
	return ok(n)
}

func (d *Desk) noteGet(r *http.Request) (result, error) {
	return d.onNote(r, func(*state.Tx, *notify.Notification) error { return nil })
}

// noteRepeat delivers a notification again, {times} copies at once, whatever its status.
func (d *Desk) noteRepeat(r *http.Request) (result, error) {
	in := struct {
		Times int `json:"times"`
	}{1}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	if in.Times < 1 || in.Times > maxCopies {
		return result{}, state.BadInput(fmt.Errorf("times: 1 … %d", maxCopies))
	}
	return d.onNote(r, func(tx *state.Tx, n *notify.Notification) error {
		if n.Status == notify.Pending {
			if err := notify.Unqueue(tx, n); err != nil {
				return err
			}
		} else if err := unfile(tx, n); err != nil {
			return err
		}
		n.Copies = in.Times
		return notify.Queue(tx, n, tx.Now)
	})
}

// unfile takes a finished notification back from the list of those to forget.
func unfile(tx *state.Tx, n *notify.Notification) error {
	b := tx.Bucket(notify.BucketEnded)
	c := b.Cursor()
	for k, _ := c.First(); k != nil; k, _ = c.Next() {
		if state.Seq(k[8:]) == n.Seq {
			notify.AddEnded(tx, -1)
			if err := b.Delete(append([]byte(nil), k...)); err != nil {
				return fmt.Errorf("take a notification back: %w", err)
			}
			return nil
		}
	}
	return nil
}

// noteDrop ends a pending notification undelivered.
func (d *Desk) noteDrop(r *http.Request) (result, error) {
	return d.onNote(r, func(tx *state.Tx, n *notify.Notification) error {
		if n.Status != notify.Pending {
			return &state.Refusal{Status: http.StatusConflict, Code: "not_pending", Message: "该通知已结束"}
		}
		if err := notify.Unqueue(tx, n); err != nil {
			return err
		}
		return notify.End(tx, n, notify.Dropped)
	})
}

// noteForge sends a false notification about a trade: {trade, way [, url]}; without a way the list of ways is the
// answer's error.
func (d *Desk) noteForge(r *http.Request) (result, error) {
	in := struct {
		Trade  string `json:"trade"`
		AppID  string `json:"app_id"`
		Way    string `json:"way"`
		URL    string `json:"url"`
		Status string `json:"trade_status"` // default TRADE_SUCCESS, whatever is true
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	if !slices.Contains(notify.ForgeWays(), in.Way) {
		return result{}, state.BadInput(fmt.Errorf("way: one of %v", notify.ForgeWays()))
	}
	if in.Status == "" {
		in.Status = trades.StatusSuccess
	}
	var n *notify.Notification
	err := d.st.Update(d.st.Now(), func(tx *state.Tx) error {
		t, err := d.anyTrade(tx, in.AppID, in.Trade)
		if err != nil {
			return err
		}
		if in.URL == "" {
			in.URL = t.NotifyURL
		}
		if in.URL == "" {
			return state.BadInput(errors.New("url: the trade has no notify_url"))
		}
		p, err := trades.NotificationParams(tx, t, nil)
		if err != nil {
			return err
		}
		p["trade_status"], p["gmt_payment"] = in.Status, protocol.Beijing(tx.Now)
		n, err = notify.AddForged(tx,
			&notify.Notification{AppID: t.AppID, URL: in.URL, Method: notify.TypeTrade, TradeNo: t.TradeNo(),
				OutNo: t.Out, Params: p, Created: protocol.Millis(tx.Now)}, in.Way)
		return err
	})
	if err != nil {
		return result{}, err
	}
	return result{http.StatusCreated, n}, nil
}

// anyTrade finds by either number; appID narrows out_trade_no.
func (d *Desk) anyTrade(tx *state.Tx, appID, id string) (*trades.Trade, error) {
	if seq := trades.SeqOfNo(id); seq != 0 {
		if t, err := trades.Get(tx, seq); t != nil || err != nil {
			return t, err
		}
	}
	for _, a := range d.st.Apps.All() {
		if appID != "" && a.AppID != appID {
			continue
		}
		if t, err := trades.ByOut(tx, a.PID, id); t != nil || err != nil {
			return t, err
		}
	}
	return nil, state.NotFound("trade")
}
