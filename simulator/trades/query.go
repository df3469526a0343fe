package trades

import (
	"errors"
	"slices"
	"time"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// cancelWindow: alipay.trade.cancel works within a day.
const cancelWindow = 24 * time.Hour

// Methods are the methods that ask about and end trades.
func queryMethods() []gateway.Method {
	ids := []protocol.Field{{Name: "out_trade_no", Max: 64}, {Name: "trade_no", Max: 64}}
	pay := []string{state.ProductFaceToFace, state.ProductOrderCode, state.ProductJSAPI, state.ProductWap,
		state.ProductPage, state.ProductApp}
	return []gateway.Method{
		{Name: "alipay.trade.query", Products: pay, Prefix: "ACQ.", Handle: query,
			Fields: append(slices.Clone(ids),
				protocol.Field{Name: "query_options", Kind: protocol.KindStrings, Max: 20},
				protocol.Field{Name: "org_pid", Max: 16})},
		{Name: "alipay.trade.close", Products: pay, Prefix: "ACQ.", Handle: closeByCall,
			Fields: append(slices.Clone(ids), protocol.Field{Name: "operator_id", Max: 28},
				protocol.Field{Name: "extend_params", Kind: protocol.KindAny})},
		{Name: "alipay.trade.cancel", Products: pay, Prefix: "ACQ.", Handle: cancel, Fields: ids},
	}
}

// query is alipay.trade.query.
func query(c *gateway.Call) (any, error) {
	if err := needTradeID(c); err != nil {
		return nil, err
	}
	var a *payAnswer
	err := c.View(func(tx *state.Tx) error {
		t, err := findTrade(tx, c.PID, c.Biz)
		if err != nil {
			return err
		}
		if a, err = t.describe(tx); err != nil {
			return err
		}
		a.TradeStatus = t.Status
		if t.IsPaid() {
			a.SendPayDate = protocol.Beijing(protocol.FromMillis(t.Paid))
			a.FundBillList = t.fundBills()
		}
		if slices.Contains(c.Biz.Strs("query_options"), "trade_settle_info") && t.IsPaid() {
			a.Settle = t.settleInfo()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// tradeSettle is trade_settle_info of the query.
type tradeSettle struct {
	Unsettled string         `json:"trade_unsettled_amount,omitempty"`
	Details   []settleDetail `json:"trade_settle_detail_list"`
}

type settleDetail struct {
	Type   string `json:"operation_type"`
	Serial string `json:"operation_serial_no,omitempty"`
	At     string `json:"operation_dt"`
	Out    string `json:"trans_out,omitempty"`
	In     string `json:"trans_in,omitempty"`
	Amount string `json:"amount"`
	OriOut string `json:"ori_trans_out,omitempty"`
	OriIn  string `json:"ori_trans_in,omitempty"`
}

// settleInfo lists what happened to the trade's money: settle, transfer, replenish and their returns.
func (t *Trade) settleInfo() *tradeSettle {
	s := &tradeSettle{Details: []settleDetail{}}
	if t.SMID != "" {
		s.Unsettled = t.Unsettled.Yuan()
	}
	if t.Unsettled > 0 {
		s.Details = append(s.Details,
			settleDetail{Type: "on_settle", At: protocol.Beijing(protocol.FromMillis(t.Paid)), In: t.SMID,
				Amount: t.Unsettled.Yuan()})
	}
	for _, c := range t.Confirms {
		s.Details = append(s.Details,
			settleDetail{Type: "settle", Serial: c.No, At: protocol.Beijing(protocol.FromMillis(c.At)), In: t.SMID,
				OriIn: c.Target, Amount: c.Amount.Yuan()})
	}
	for _, r := range t.Royalties {
		for _, l := range r.Lines {
			if l.State == "SUCCESS" {
				s.Details = append(s.Details,
					settleDetail{Type: l.Type, Serial: r.No, At: protocol.Beijing(protocol.FromMillis(l.At)),
						Out: l.Out, In: l.In, OriIn: l.Asked, Amount: l.Amount.Yuan()})
			}
		}
	}
	for _, r := range t.Refunds {
		if r.Settled > 0 {
			s.Details = append(s.Details,
				settleDetail{Type: "settle_refund", Serial: r.No, At: protocol.Beijing(protocol.FromMillis(r.At)),
					Out: t.SMID, Amount: r.Settled.Yuan()})
		}
		for _, l := range r.Lines {
			s.Details = append(s.Details,
				settleDetail{Type: l.Type + "_refund", Serial: r.No, At: protocol.Beijing(protocol.FromMillis(r.At)),
					Out: l.Out, In: l.In, Amount: l.Amount.Yuan()})
		}
	}
	return s
}

// Close ends an unpaid trade.
func Close(tx *state.Tx, t *Trade) error {
	if err := state.DeleteTimer(tx, t.Expires, timerExpire, state.Key(t.Seq)); err != nil {
		return err
	}
	t.Status, t.Closed = StatusClosed, protocol.Millis(tx.Now)
	if err := Put(tx, t); err != nil {
		return err
	}
	if a := tx.State.Apps.Get(t.AppID); a != nil && a.Settings.NotifyClosed {
		return notifyTrade(tx, t, nil)
	}
	return nil
}

// closeByCall is alipay.trade.close.
func closeByCall(c *gateway.Call) (any, error) {
	if err := needTradeID(c); err != nil {
		return nil, err
	}
	var ids tradeIDs
	err := c.Update(func(tx *state.Tx) error {
		t, err := findTrade(tx, c.PID, c.Biz)
		if err != nil {
			return err
		}
		ids = tradeIDs{t.Out, t.TradeNo()}
		switch t.Status {
		case StatusWait:
		case StatusClosed:
			return protocol.ACQ("TRADE_STATUS_ERROR", "交易状态不合法")
		default:
			return protocol.ACQ("REASON_TRADE_STATUS_INVALID", "交易状态异常")
		}
		if url := c.Params["notify_url"]; url != "" {
			t.NotifyURL = url
		}
		return Close(tx, t)
	})
	if err != nil {
		return nil, err
	}
	return ids, nil
}

type cancelAnswer struct {
	TradeNo    string `json:"trade_no,omitempty"`
	OutTradeNo string `json:"out_trade_no,omitempty"`
	Retry      string `json:"retry_flag"`
	Action     string `json:"action,omitempty"`
	RefundedAt string `json:"gmt_refund_pay,omitempty"`
}

// cancel is alipay.trade.cancel: unpaid → closed, paid → refunded and closed, unknown → nothing (no action).
func cancel(c *gateway.Call) (any, error) {
	if err := needTradeID(c); err != nil {
		return nil, err
	}
	a := cancelAnswer{Retry: "N", OutTradeNo: c.Biz.Str("out_trade_no")}
	err := c.Update(func(tx *state.Tx) error {
		t, err := cancelled(tx, c)
		if err != nil || t == nil {
			return err
		}
		a.TradeNo, a.OutTradeNo = t.TradeNo(), t.Out
		switch {
		case t.Status == StatusWait:
			a.Action = "close"
			return Close(tx, t)
		case t.Status == StatusFinished:
			return protocol.ACQ("TRADE_HAS_FINISHED", "交易已结束")
		case t.Status == StatusClosed && t.Refunded > 0:
			a.Action = "refund"
			return nil
		case t.Status == StatusClosed:
			a.Action = "close"
			return nil
		case protocol.Millis(tx.Now)-t.Created > cancelWindow.Milliseconds():
			return protocol.ACQ("TRADE_CANCEL_TIME_OUT", "超过撤销时间范围")
		case len(t.Confirms) > 0 || t.Refunded > 0:
			return protocol.ACQ("CANCEL_NOT_ALLOWED", "不允许撤销，请使用退款")
		}
		a.Action, a.RefundedAt = "refund", protocol.Beijing(tx.Now)
		return refundTrade(tx, t, &Refund{No: t.Out, Amount: t.left(), Reason: "撤销", At: protocol.Millis(tx.Now)})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// cancelled finds the trade of a cancel. A code nobody scanned is withdrawn; an unknown number is no error.
func cancelled(tx *state.Tx, c *gateway.Call) (*Trade, error) {
	if !c.Biz.Has("trade_no") {
		t, err := ByOut(tx, c.PID, c.Biz.Str("out_trade_no"))
		if err != nil || t == nil {
			return nil, err
		}
		if t.Status == StatusAsked {
			t.Status, t.Closed = StatusClosed, protocol.Millis(tx.Now)
			return nil, Put(tx, t)
		}
		return t, nil
	}
	t, err := findTrade(tx, c.PID, c.Biz)
	var biz *protocol.BizError
	if errors.As(err, &biz) {
		return nil, nil
	}
	return t, err
}
