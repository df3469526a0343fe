// Package trades keeps trades and everything that happens to their money: ordering, paying, refunds, settlement,
// royalties, combined payments.
//
// Each rule stands beside the method that asks for it. The cashier acts as a buyer by Begin and Act; nobody else
// changes a trade's money.
package trades

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Trade statuses (Alipay documentation, trade_status). StatusAsked is ours: ordered by the merchant, not yet opened by
// a buyer, so no trade yet.
const (
	StatusAsked    = "ASKED"
	StatusWait     = "WAIT_BUYER_PAY"
	StatusSuccess  = "TRADE_SUCCESS"
	StatusFinished = "TRADE_FINISHED"
	StatusClosed   = "TRADE_CLOSED"
)

// fund is one part of a payment: channel and amount.
type fund struct {
	Channel string    `json:"c"`
	Amount  money.Fen `json:"a"`
}

// Refund is one refund of a trade, keyed by the caller's out_request_no.
type Refund struct {
	No      string        `json:"n"`
	Amount  money.Fen     `json:"a"`
	Reason  string        `json:"r,omitempty"`
	At      int64         `json:"t"`
	Settled money.Fen     `json:"s,omitempty"` // the part that came from settled money (settle_refund)
	Confirm string        `json:"c,omitempty"` // related_settle_confirm_no
	Lines   []RoyaltyLine `json:"l,omitempty"` // royalties and top-ups given back
	Deposit bool          `json:"d,omitempty"`
}

// Confirm is one settle.confirm, or the automatic one.
type Confirm struct {
	No     string    `json:"n"`
	Amount money.Fen `json:"a"`
	At     int64     `json:"t"`
	Freeze bool      `json:"f,omitempty"`
	Ask    money.Fen `json:"q,omitempty"` // amount as asked
	Part   money.Fen `json:"p,omitempty"` // actual_amount as asked
	To     string    `json:"o"`           // purse
	Type   string    `json:"y"`           // settlement target type after the default rule
	Target string    `json:"g,omitempty"`
}

// Royalty is one order.settle.
type Royalty struct {
	No       string        `json:"n"`
	SettleNo string        `json:"s"`
	At       int64         `json:"t"`
	Done     int64         `json:"d,omitempty"` // async: when it was carried out
	Async    bool          `json:"x,omitempty"`
	Lines    []RoyaltyLine `json:"l,omitempty"`
	Finish   bool          `json:"f,omitempty"`
	FinishBy money.Fen     `json:"b,omitempty"` // partial unfreeze asked
	Freed    money.Fen     `json:"e,omitempty"` // money unfrozen
}

// RoyaltyLine is one receiver of a royalty or one giver of a returned one.
type RoyaltyLine struct {
	Type   string    `json:"y"` // transfer or replenish
	Out    string    `json:"u"` // user id or smid that pays
	In     string    `json:"i"` // user id or smid that receives
	InType string    `json:"w,omitempty"`
	Asked  string    `json:"q,omitempty"` // as the caller named the other side
	Amount money.Fen `json:"a"`
	State  string    `json:"s"`
	Code   string    `json:"c,omitempty"`
	Text   string    `json:"x,omitempty"`
	ID     string    `json:"d"`
	At     int64     `json:"t,omitempty"`
}

// Trade is one order and everything that happened to its money. Field names are short because there are millions.
type Trade struct {
	Seq     uint64    `json:"-"`
	AppID   string    `json:"i"`
	Via     string    `json:"v,omitempty"` // the third-party application that ordered for AppID
	PID     string    `json:"p"`
	Out     string    `json:"o"`
	Kind    string    `json:"k"` // precreate, create, pay, page, wap, app, merge
	Product string    `json:"c,omitempty"`
	Total   money.Fen `json:"a"`
	Subject string    `json:"j"`
	Body    string    `json:"b,omitempty"`
	Pass    string    `json:"pb,omitempty"`
	Store   string    `json:"so,omitempty"`
	Goods   int       `json:"gt,omitempty"` // 1: virtual goods (goods_type 0), no 花呗

	SMID       string `json:"m,omitempty"`
	SettleType string `json:"st,omitempty"`
	SettleTo   string `json:"sn,omitempty"`
	Period     int    `json:"sp,omitempty"` // settle_period_time in days
	Freeze     bool   `json:"fz,omitempty"` // extend_params.royalty_freeze at order time

	NotifyURL string `json:"u,omitempty"`
	ReturnURL string `json:"ru,omitempty"`
	QuitURL   string `json:"qu,omitempty"`
	Enable    string `json:"ec,omitempty"`
	Disable   string `json:"dc,omitempty"`
	Merge     string `json:"mg,omitempty"` // merge number of a combined payment

	Wanted  string `json:"bw,omitempty"` // the buyer the order names
	Buyer   string `json:"by,omitempty"`
	Status  string `json:"s"`
	Asked   int64  `json:"t"`
	CodeEnd int64  `json:"ce,omitempty"` // the QR code's end
	Timeout string `json:"to,omitempty"` // timeout_express, applied when the trade begins
	EndAt   int64  `json:"ea,omitempty"` // time_expire
	Created int64  `json:"tc,omitempty"`
	Expires int64  `json:"te,omitempty"`
	Paid    int64  `json:"tp,omitempty"`
	Closed  int64  `json:"tx,omitempty"`
	Funds   []fund `json:"f,omitempty"`

	Unsettled money.Fen `json:"U,omitempty"`
	Frozen    money.Fen `json:"F,omitempty"`
	Settled   money.Fen `json:"S,omitempty"`  // Σ settle
	Returned  money.Fen `json:"SR,omitempty"` // Σ settle_refund
	Refunded  money.Fen `json:"R,omitempty"`
	Shared    money.Fen `json:"T,omitempty"`  // Σ transfer
	Unshared  money.Fen `json:"TR,omitempty"` // Σ transfer_refund
	Topped    money.Fen `json:"P,omitempty"`  // Σ replenish
	Untopped  money.Fen `json:"PR,omitempty"` // Σ replenish_refund

	AutoAt    int64      `json:"as,omitempty"` // automatic settle.confirm
	FreezeEnd int64      `json:"fe,omitempty"`
	Finished  bool       `json:"rf,omitempty"` // royalty_finish was given
	Confirms  []*Confirm `json:"C,omitempty"`
	Royalties []*Royalty `json:"L,omitempty"`
	Refunds   []*Refund  `json:"D,omitempty"`
	Refuse    string     `json:"rb,omitempty"` // the desk's next refusal of a payment: sub_code
}

const (
	Bucket         = "trades"    // Seq → Trade
	bucketOut      = "out"       // digest of pid|out_trade_no → Seq
	bucketRequests = "requests"  // kind|pid|out_request_no → Seq
	bucketMerges   = "merges"    // merge number → mergeOrder
	tradeNoMiddle  = "220014000" // what stands between the date and the number in our trade_no
)

// TradeNo is the trade's 28-digit number: the date it began, a constant, its sequence.
func (t *Trade) TradeNo() string {
	at := t.Created
	if at == 0 {
		at = t.Asked
	}
	return protocol.FromMillis(at).In(protocol.BeijingZone()).Format("20060102") + tradeNoMiddle +
		fmt.Sprintf("%011d", t.Seq)
}

// SeqOfNo undoes TradeNo; 0 for what cannot be one.
func SeqOfNo(no string) uint64 {
	if len(no) != 28 || !protocol.IsDigits(no) || no[8:17] != tradeNoMiddle {
		return 0
	}
	seq, _ := strconv.ParseUint(no[17:], 10, 64)
	return seq
}

// settleNo numbers a royalty document: date, the product's code, trade and position.
func (t *Trade) settleNo(now time.Time) string {
	return now.In(protocol.BeijingZone()).Format("20060102") + "00253007" +
		fmt.Sprintf("%011d%04d", t.Seq, len(t.Royalties)+1)
}

// seqOfSettleNo undoes settleNo.
func seqOfSettleNo(no string) uint64 {
	if len(no) != 31 || !protocol.IsDigits(no) {
		return 0
	}
	seq, _ := strconv.ParseUint(no[16:27], 10, 64)
	return seq
}

// Get reads a trade by its sequence, nil when there is none.
func Get(tx *state.Tx, seq uint64) (*Trade, error) {
	t, err := state.GetRaw[Trade](tx, Bucket, state.Key(seq))
	if t != nil {
		t.Age(tx, seq)
	}
	return t, err
}

// Age completes a trade just read: its number, and the end of the refund window, which needs no timer of its own.
func (t *Trade) Age(tx *state.Tx, seq uint64) {
	t.Seq = seq
	if t.Status == StatusSuccess && protocol.Millis(tx.Now) >= t.Paid+refundWindow.Milliseconds() {
		t.Status = StatusFinished
	}
}

// Put stores a trade. Keys only grow, so the pages may be filled.
func Put(tx *state.Tx, t *Trade) error {
	tx.Bucket(Bucket).FillPercent = 0.9
	return state.PutRaw(tx, Bucket, state.Key(t.Seq), t)
}

// addTrade numbers and stores a new trade under its PID's out_trade_no.
func addTrade(tx *state.Tx, t *Trade) error {
	var err error
	if t.Seq, err = tx.NextID(Bucket); err != nil {
		return err
	}
	if err := tx.Bucket(bucketOut).Put(outKey(t.PID, t.Out), state.Key(t.Seq)); err != nil {
		return fmt.Errorf("store an out_trade_no: %w", err)
	}
	return Put(tx, t)
}

// outKey is a digest, because a million keys in random order are the dearest part of the storage.
func outKey(pid, out string) []byte {
	sum := sha256.Sum256([]byte(pid + "|" + out))
	return sum[:16]
}

// ByOut finds by the caller's number, nil when there is none.
func ByOut(tx *state.Tx, pid, out string) (*Trade, error) {
	b := tx.Bucket(bucketOut)
	if b == nil {
		return nil, nil
	}
	v := b.Get(outKey(pid, out))
	if v == nil {
		return nil, nil
	}
	t, err := Get(tx, binary.BigEndian.Uint64(v))
	if err != nil || t == nil || t.PID != pid || t.Out != out {
		return nil, err
	}
	return t, nil
}

// ByNo finds by Alipay's number within a PID, nil when there is none (another PID's trade does not exist for the
// caller).
func ByNo(tx *state.Tx, pid, no string) (*Trade, error) {
	seq := SeqOfNo(no)
	if seq == 0 {
		return nil, nil
	}
	t, err := Get(tx, seq)
	if err != nil || t == nil || t.PID != pid || t.TradeNo() != no {
		return nil, err
	}
	return t, nil
}

// findTrade finds by trade_no, which wins, or out_trade_no; only what a buyer has opened is a trade.
func findTrade(tx *state.Tx, pid string, o protocol.Object) (*Trade, error) {
	var t *Trade
	var err error
	if no := o.Str("trade_no"); no != "" {
		t, err = ByNo(tx, pid, no)
	} else {
		t, err = ByOut(tx, pid, o.Str("out_trade_no"))
	}
	if err != nil {
		return nil, err
	}
	if t == nil || t.Status == StatusAsked {
		return nil, protocol.ACQ("TRADE_NOT_EXIST", "交易不存在")
	}
	return t, nil
}

// needTradeID refuses a call that names no trade.
func needTradeID(c *gateway.Call) error {
	if !c.Biz.Has("trade_no") && !c.Biz.Has("out_trade_no") {
		return c.Method.RefuseField(&protocol.FieldError{Path: "trade_no,out_trade_no", Why: "不能同时为空"})
	}
	return nil
}

// Purses of the trade's receiver.
func (t *Trade) PurseUnsettled() string { return "U:" + t.SMID }

func (t *Trade) purseFrozen() string {
	if t.SMID == "" {
		return "F:" + t.PID
	}
	return "F:" + t.SMID
}

func (t *Trade) purseSettled() string {
	if t.SMID == "" {
		return "A:" + t.PID
	}
	return "B:" + t.SMID
}

// flow starts a movement of this trade's money.
func (t *Trade) flow(kind, from, to string, amount money.Fen, doc string) state.Flow {
	return state.Flow{Kind: kind, From: from, To: to, Amount: amount, PID: t.PID, Trade: t.Seq, Doc: doc}
}

// IsPaid reports whether the buyer's money arrived at some time.
func (t *Trade) IsPaid() bool { return t.Paid != 0 }

// left is what has not been refunded.
func (t *Trade) left() money.Fen { return t.Total - t.Refunded }

// CashierToken names the trade in a cashier address: readable number, unguessable rest.
func CashierToken(s *state.State, t *Trade) string {
	n := strconv.FormatUint(t.Seq, 36)
	return "bax" + n + "x" + s.Keys.MAC("trade"+n)
}

// SeqOfToken undoes CashierToken; 0 for a wrong one.
func SeqOfToken(s *state.State, tok string) uint64 {
	rest, ok := strings.CutPrefix(tok, "bax")
	if !ok {
		return 0
	}
	i := strings.LastIndexByte(rest, 'x')
	if i < 0 || s.Keys.MAC("trade"+rest[:i]) != rest[i+1:] {
		return 0
	}
	seq, err := strconv.ParseUint(rest[:i], 36, 64)
	if err != nil {
		return 0
	}
	return seq
}

// parsePeriod reads 90m, 2h, 3d or 1c (midnight) relative to a start; 0 when the text is not of that form.
func parsePeriod(s string, from time.Time) time.Time {
	if s == "1c" {
		y, m, d := from.In(protocol.BeijingZone()).Date()
		return time.Date(y, m, d+1, 0, 0, 0, 0, protocol.BeijingZone()).UTC()
	}
	if len(s) < 2 {
		return time.Time{}
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	unit, ok := units[s[len(s)-1]]
	if err != nil || !ok || n <= 0 || time.Duration(n)*unit > 15*24*time.Hour {
		return time.Time{}
	}
	return from.Add(time.Duration(n) * unit)
}
