package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"zhitong/internal/money"
	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// trades are the desk's views of trades and what a buyer does.
func (d *Desk) trades(r chi.Router) {
	r.Get("/trades", d.answer(d.tradeList))
	r.Post("/trades", d.answer(d.tradeMake))
	r.Get("/trades/{id}", d.answer(d.tradeGet))
	r.Post("/trades/{id}/scan", d.answer(d.tradeScan))
	r.Post("/trades/{id}/pay", d.answer(d.tradePay))
	r.Post("/trades/{id}/cancel", d.answer(d.tradeCancel))
	r.Post("/trades/{id}/refuse", d.answer(d.tradeRefuse))
	r.Get("/book", d.book)
}

// TradeView is a trade with its money, for comparing books. Amounts are fen, times RFC 3339.
type TradeView struct {
	AppID      string    `json:"app_id"`
	PID        string    `json:"pid"`
	TradeNo    string    `json:"trade_no"` // empty until a buyer opened it
	OutTradeNo string    `json:"out_trade_no"`
	Kind       string    `json:"kind"`
	Status     string    `json:"trade_status"` // ASKED until a buyer opened it
	Subject    string    `json:"subject"`
	SMID       string    `json:"smid,omitempty"`
	Buyer      string    `json:"buyer_user_id,omitempty"`
	Channel    string    `json:"fund_channel,omitempty"`
	NotifyURL  string    `json:"notify_url,omitempty"`
	Cashier    string    `json:"cashier_url"`
	AskedAt    string    `json:"asked_at"`
	CreatedAt  string    `json:"created_at,omitempty"`
	ExpiresAt  string    `json:"expires_at,omitempty"`
	PaidAt     string    `json:"paid_at,omitempty"`
	ClosedAt   string    `json:"closed_at,omitempty"`
	SettleAt   string    `json:"auto_settle_at,omitempty"`
	FreezeEnd  string    `json:"freeze_end_at,omitempty"`
	Total      money.Fen `json:"total_fen"`
	Unsettled  money.Fen `json:"unsettled_fen"`
	Frozen     money.Fen `json:"frozen_fen"`
	// Settled and the following are sums of what happened; see Operations.
	Settled          money.Fen `json:"settle_fen"`
	SettleRefunded   money.Fen `json:"settle_refund_fen"`
	Transferred      money.Fen `json:"transfer_fen"`
	TransferReturned money.Fen `json:"transfer_refund_fen"`
	Replenished      money.Fen `json:"replenish_fen"`
	ReplenishBack    money.Fen `json:"replenish_refund_fen"`
	Refunded         money.Fen `json:"refunded_fen"`
	RoyaltyFinished  bool      `json:"royalty_finished"`
	// Operations are the parts: settle, transfer, replenish, refund and their returns, with the caller's request
	// numbers.
	Operations []Operation `json:"operations"`
}

// Operation is one thing that happened to a trade's money.
type Operation struct {
	// settle, transfer, replenish, refund, settle_refund, transfer_refund, replenish_refund
	Kind   string    `json:"kind"`
	No     string    `json:"out_request_no"`
	DocNo  string    `json:"settle_no,omitempty"`
	From   string    `json:"from,omitempty"`
	To     string    `json:"to,omitempty"`
	Amount money.Fen `json:"amount_fen"`
	State  string    `json:"state,omitempty"`
	Error  string    `json:"error_code,omitempty"`
	At     string    `json:"at,omitempty"`
}

// rfc is a stored time for the desk, empty for none.
func rfc(v int64) string {
	if v == 0 {
		return ""
	}
	return protocol.FromMillis(v).Format(time.RFC3339Nano)
}

func (d *Desk) viewTrade(r *http.Request, t *trades.Trade) TradeView {
	v := TradeView{
		AppID: t.AppID, PID: t.PID, OutTradeNo: t.Out, Kind: t.Kind, Status: t.Status, Subject: t.Subject, SMID: t.SMID,
		Buyer: t.Buyer, NotifyURL: t.NotifyURL,
		Cashier: d.st.BaseURL(r) + "/cashier/" + trades.CashierToken(d.st, t), AskedAt: rfc(t.Asked),
		CreatedAt: rfc(t.Created), ExpiresAt: rfc(t.Expires), PaidAt: rfc(t.Paid),
		ClosedAt: rfc(t.Closed), SettleAt: rfc(t.AutoAt), FreezeEnd: rfc(t.FreezeEnd), Total: t.Total,
		Unsettled: t.Unsettled, Frozen: t.Frozen, Settled: t.Settled,
		SettleRefunded: t.Returned, Transferred: t.Shared, TransferReturned: t.Unshared, Replenished: t.Topped,
		ReplenishBack: t.Untopped, Refunded: t.Refunded,
		RoyaltyFinished: t.Finished, Operations: operations(t),
	}
	if t.Status != trades.StatusAsked {
		v.TradeNo = t.TradeNo()
	}
	if len(t.Funds) > 0 {
		v.Channel = t.Funds[0].Channel
	}
	return v
}

func operations(t *trades.Trade) []Operation {
	out := []Operation{}
	for _, n := range t.Confirms {
		out = append(out,
			Operation{Kind: "settle", No: n.No, From: t.PurseUnsettled(), To: n.To, Amount: n.Amount,
				State: trades.LineSuccess, At: rfc(n.At)})
	}
	for _, r := range t.Royalties {
		for _, l := range r.Lines {
			out = append(out, Operation{l.Type, r.No, r.SettleNo, l.Out, l.In, l.Amount, l.State, l.Code, rfc(l.At)})
		}
		if r.Finish {
			out = append(out,
				Operation{Kind: "unfreeze", No: r.No, DocNo: r.SettleNo, Amount: r.Freed, State: trades.LineSuccess,
					At: rfc(r.Done)})
		}
	}
	for _, r := range t.Refunds {
		out = append(out,
			Operation{Kind: "refund", No: r.No, To: t.Buyer, Amount: r.Amount, State: trades.LineSuccess,
				At: rfc(r.At)})
		if r.Settled > 0 {
			out = append(out,
				Operation{Kind: "settle_refund", No: r.No, From: t.SMID, Amount: r.Settled, State: trades.LineSuccess,
					At: rfc(r.At)})
		}
		for _, l := range r.Lines {
			out = append(out,
				Operation{Kind: l.Type + "_refund", No: r.No, From: l.Out, To: l.In, Amount: l.Amount, State: l.State,
					At: rfc(l.At)})
		}
	}
	return out
}

// trade finds by trade_no, by cashier token, or by out_trade_no (with ?app_id= when several PIDs use it).
func (d *Desk) trade(tx *state.Tx, r *http.Request) (*trades.Trade, error) {
	id := chi.URLParam(r, "id")
	seq := trades.SeqOfNo(id)
	if seq == 0 {
		seq = trades.SeqOfToken(d.st, id)
	}
	if seq != 0 {
		t, err := trades.Get(tx, seq)
		if err == nil && t == nil {
			err = state.NotFound("trade")
		}
		return t, err
	}
	seen := map[string]bool{}
	for _, a := range d.st.Apps.All() {
		if want := r.URL.Query().Get("app_id"); seen[a.PID] || (want != "" && want != a.AppID) {
			continue
		}
		seen[a.PID] = true
		if t, err := trades.ByOut(tx, a.PID, id); t != nil || err != nil {
			return t, err
		}
	}
	return nil, state.NotFound("trade")
}

// onTrade runs an action on the trade of the path and answers its view. Due timers run first.
func (d *Desk) onTrade(r *http.Request, act func(tx *state.Tx, t *trades.Trade) error) (result, error) {
	now := d.st.Now()
	d.st.RunDue(now)
	var v TradeView
	err := d.st.Update(now, func(tx *state.Tx) error {
		t, err := d.trade(tx, r)
		if err != nil {
			return err
		}
		if err := act(tx, t); err != nil {
			return err
		}
		v = d.viewTrade(r, t)
		return nil
	})
	if err != nil {
		return result{}, err
	}
	return ok(v)
}

func (d *Desk) tradeGet(r *http.Request) (result, error) {
	return d.onTrade(r, func(*state.Tx, *trades.Trade) error { return nil })
}

// tradeScan opens the order as a buyer who scans does.
func (d *Desk) tradeScan(r *http.Request) (result, error) {
	return d.onTrade(r, trades.Begin)
}

// tradePay opens and pays.
func (d *Desk) tradePay(r *http.Request) (result, error) {
	in := struct {
		Buyer    string `json:"buyer"`
		Channel  string `json:"channel"`
		Password string `json:"password"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	return d.onTrade(r, func(tx *state.Tx, t *trades.Trade) error {
		if err := trades.Begin(tx, t); err != nil {
			return err
		}
		return trades.Act(tx, t, trades.BuyerAction{Buyer: in.Buyer, Channel: in.Channel, Password: in.Password})
	})
}

// tradeCancel closes an unpaid trade as if its time were over.
func (d *Desk) tradeCancel(r *http.Request) (result, error) {
	return d.onTrade(r, func(tx *state.Tx, t *trades.Trade) error {
		if t.Status != trades.StatusWait && t.Status != trades.StatusAsked {
			return protocol.ACQ("TRADE_STATUS_ERROR", "交易状态异常")
		}
		return trades.Close(tx, t)
	})
}

// tradeRefuse makes every payment of the trade fail with a sub_code, until it is called with an empty one.
func (d *Desk) tradeRefuse(r *http.Request) (result, error) {
	in := struct {
		SubCode string `json:"sub_code"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	return d.onTrade(r, func(tx *state.Tx, t *trades.Trade) error {
		t.Refuse = in.SubCode
		return trades.Put(tx, t)
	})
}

// tradeList lists newest first: ?app_id=, ?status=, ?limit=, ?before= (the sequence of the last answer's next).
func (d *Desk) tradeList(r *http.Request) (result, error) {
	q, limit := r.URL.Query(), pageSize(r)
	out, next := []TradeView{}, ""
	err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
		b := tx.Bucket(trades.Bucket)
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
			t := &trades.Trade{}
			if err := json.Unmarshal(v, t); err != nil {
				return fmt.Errorf("decode a trade: %w", err)
			}
			t.Age(tx, state.Seq(k))
			if (q.Get("app_id") != "" && t.AppID != q.Get("app_id")) ||
				(q.Get("status") != "" && t.Status != q.Get("status")) {
				continue
			}
			if out = append(out, d.viewTrade(r, t)); len(out) == limit {
				next = strconv.FormatUint(t.Seq, 10)
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return result{}, err
	}
	return ok(map[string]any{"trades": out, "next": next})
}

// tradeMake orders a trade from the desk (as precreate does), for trying the cashier without a client.
func (d *Desk) tradeMake(r *http.Request) (result, error) {
	in := struct {
		AppID      string    `json:"app_id"`
		OutTradeNo string    `json:"out_trade_no"`
		Total      money.Fen `json:"total_fen"`
		Subject    string    `json:"subject"`
		SMID       string    `json:"smid"`
		NotifyURL  string    `json:"notify_url"`
		Period     string    `json:"settle_period_time"`
	}{}
	if err := readJSON(r, &in); err != nil {
		return result{}, err
	}
	a := d.st.Apps.Get(in.AppID)
	if a == nil || in.Total <= 0 || in.Total > trades.MaxTotal || in.Subject == "" || in.OutTradeNo == "" ||
		!protocol.IsOrderNo(in.OutTradeNo) {
		return result{},
			state.BadInput(errors.New("app_id, out_trade_no, subject, total_fen: required, in Alipay's forms"))
	}
	o := protocol.Object{"out_trade_no": in.OutTradeNo, "total_amount": in.Total.Yuan(), "subject": in.Subject}
	if in.SMID != "" {
		o["sub_merchant"] = protocol.Object{"merchant_id": in.SMID}
		o["settle_info"] = protocol.Object{"settle_period_time": in.Period,
			"settle_detail_infos": []any{protocol.Object{"trans_in_type": merchants.SettleDefault,
				"amount": in.Total.Yuan()}}}
	}
	c := d.gw.CallFor(r, a, "alipay.trade.precreate", o, map[string]string{"notify_url": in.NotifyURL})
	if _, err := trades.Precreate(c); err != nil {
		return result{}, err
	}
	var v TradeView
	err := d.st.View(c.Now, func(tx *state.Tx) error {
		t, err := trades.ByOut(tx, a.PID, in.OutTradeNo)
		if err != nil {
			return err
		}
		v = d.viewTrade(r, t)
		return nil
	})
	return result{http.StatusCreated, v}, err
}

// bookPage is how many trades one read transaction of the book covers, so that a slow reader holds no old pages.
const bookPage = 1000

// book streams every trade of an application (all without app_id), oldest first, one JSON object a line
// (application/x-ndjson). ?after= continues behind a sequence; the last line is {"next": "<sequence>"} when ?limit= cut
// the list, else {"end": true}.
func (d *Desk) book(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, _ := strconv.ParseUint(q.Get("after"), 10, 64)
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 {
		limit = int(^uint(0) >> 1)
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	for limit > 0 {
		var lines []TradeView
		more := false
		err := d.st.View(d.st.Now(), func(tx *state.Tx) error {
			return state.Each(tx, trades.Bucket, "", string(state.Key(after+1)),
				func(k string, t *trades.Trade) (bool, error) {
					if len(lines) == min(bookPage, limit) {
						more = true
						return false, nil
					}
					t.Age(tx, state.Seq([]byte(k)))
					after = t.Seq
					if q.Get("app_id") == "" || t.AppID == q.Get("app_id") {
						lines = append(lines, d.viewTrade(r, t))
					}
					return true, nil
				})
		})
		if err != nil {
			d.st.Log.Error("book", "error", err)
			return // the missing last line tells the reader
		}
		for _, v := range lines {
			if _, err := w.Write(append(protocol.EncodeJSON(v), '\n')); err != nil {
				return
			}
		}
		limit -= len(lines)
		if !more {
			_, _ = w.Write([]byte(`{"end":true}` + "\n"))
			return
		}
	}
	_, _ = fmt.Fprintf(w, `{"next":"%d"}`+"\n", after)
}
