package simulator

import (
	"errors"
	"slices"
	"time"
)

// cancelWindow: alipay.trade.cancel works within a day.
const cancelWindow = 24 * time.Hour

// tradeMethods are the methods that ask about and end trades.
func tradeMethods() []method {
	ids := []field{{Name: "out_trade_no", Max: 64}, {Name: "trade_no", Max: 64}}
	pay := []string{ProductFaceToFace, ProductOrderCode, ProductJSAPI, ProductWap, ProductPage, ProductApp}
	return []method{
		{Name: "alipay.trade.query", Products: pay, Prefix: "ACQ.", Handle: query, Fields: append(slices.Clone(ids), field{Name: "query_options", Kind: kStrings, Max: 20}, field{Name: "org_pid", Max: 16})},
		{Name: "alipay.trade.close", Products: pay, Prefix: "ACQ.", Handle: closeByCall, Fields: append(slices.Clone(ids), field{Name: "operator_id", Max: 28}, field{Name: "extend_params", Kind: kAny})},
		{Name: "alipay.trade.cancel", Products: pay, Prefix: "ACQ.", Handle: cancel, Fields: ids},
	}
}

// query is alipay.trade.query.
func query(c *call) (any, error) {
	if err := needTradeID(c); err != nil {
		return nil, err
	}
	var a *payAnswer
	err := c.view(func(tx *tx) error {
		t, err := findTrade(tx, c.pid, c.biz)
		if err != nil {
			return err
		}
		if a, err = t.describe(tx); err != nil {
			return err
		}
		a.TradeStatus = t.Status
		if t.paid() {
			a.SendPayDate = beijing(fromMS(t.Paid))
			a.FundBillList = t.fundBills()
		}
		if slices.Contains(c.biz.strs("query_options"), "trade_settle_info") && t.paid() {
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
		s.Details = append(s.Details, settleDetail{Type: "on_settle", At: beijing(fromMS(t.Paid)), In: t.SMID, Amount: t.Unsettled.Yuan()})
	}
	for _, c := range t.Confirms {
		s.Details = append(s.Details, settleDetail{Type: "settle", Serial: c.No, At: beijing(fromMS(c.At)), In: t.SMID, OriIn: c.Target, Amount: c.Amount.Yuan()})
	}
	for _, r := range t.Royalties {
		for _, l := range r.Lines {
			if l.State == "SUCCESS" {
				s.Details = append(s.Details, settleDetail{Type: l.Type, Serial: r.No, At: beijing(fromMS(l.At)), Out: l.Out, In: l.In, OriIn: l.Asked, Amount: l.Amount.Yuan()})
			}
		}
	}
	for _, r := range t.Refunds {
		if r.Settled > 0 {
			s.Details = append(s.Details, settleDetail{Type: "settle_refund", Serial: r.No, At: beijing(fromMS(r.At)), Out: t.SMID, Amount: r.Settled.Yuan()})
		}
		for _, l := range r.Lines {
			s.Details = append(s.Details, settleDetail{Type: l.Type + "_refund", Serial: r.No, At: beijing(fromMS(r.At)), Out: l.Out, In: l.In, Amount: l.Amount.Yuan()})
		}
	}
	return s
}

// closeTrade ends an unpaid trade.
func closeTrade(tx *tx, t *Trade) error {
	if err := delTimer(tx, t.Expires, timerExpire, num(t.Seq)); err != nil {
		return err
	}
	t.Status, t.Closed = statusClosed, ms(tx.now)
	if err := putTrade(tx, t); err != nil {
		return err
	}
	if a := tx.sim.apps.get(t.AppID); a != nil && a.Settings.NotifyClosed {
		return notifyTrade(tx, t, nil)
	}
	return nil
}

// closeByCall is alipay.trade.close.
func closeByCall(c *call) (any, error) {
	if err := needTradeID(c); err != nil {
		return nil, err
	}
	var ids tradeIDs
	err := c.update(func(tx *tx) error {
		t, err := findTrade(tx, c.pid, c.biz)
		if err != nil {
			return err
		}
		ids = tradeIDs{t.Out, t.TradeNo()}
		switch t.Status {
		case statusWait:
		case statusClosed:
			return acq("TRADE_STATUS_ERROR", "交易状态不合法")
		default:
			return acq("REASON_TRADE_STATUS_INVALID", "交易状态异常")
		}
		if url := c.params["notify_url"]; url != "" {
			t.NotifyURL = url
		}
		return closeTrade(tx, t)
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
func cancel(c *call) (any, error) {
	if err := needTradeID(c); err != nil {
		return nil, err
	}
	a := cancelAnswer{Retry: "N", OutTradeNo: c.biz.str("out_trade_no")}
	err := c.update(func(tx *tx) error {
		t, err := cancelled(tx, c)
		if err != nil || t == nil {
			return err
		}
		a.TradeNo, a.OutTradeNo = t.TradeNo(), t.Out
		switch {
		case t.Status == statusWait:
			a.Action = "close"
			return closeTrade(tx, t)
		case t.Status == statusFinished:
			return acq("TRADE_HAS_FINISHED", "交易已结束")
		case t.Status == statusClosed && t.Refunded > 0:
			a.Action = "refund"
			return nil
		case t.Status == statusClosed:
			a.Action = "close"
			return nil
		case ms(tx.now)-t.Created > cancelWindow.Milliseconds():
			return acq("TRADE_CANCEL_TIME_OUT", "超过撤销时间范围")
		case len(t.Confirms) > 0 || t.Refunded > 0:
			return acq("CANCEL_NOT_ALLOWED", "不允许撤销，请使用退款")
		}
		a.Action, a.RefundedAt = "refund", beijing(tx.now)
		return refundTrade(tx, t, &Refund{No: t.Out, Amount: t.left(), Reason: "撤销", At: ms(tx.now)})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// cancelled finds the trade of a cancel. A code nobody scanned is withdrawn; an unknown number is no error.
func cancelled(tx *tx, c *call) (*Trade, error) {
	if !c.biz.has("trade_no") {
		t, err := tradeByOut(tx, c.pid, c.biz.str("out_trade_no"))
		if err != nil || t == nil {
			return nil, err
		}
		if t.Status == statusAsked {
			t.Status, t.Closed = statusClosed, ms(tx.now)
			return nil, putTrade(tx, t)
		}
		return t, nil
	}
	t, err := findTrade(tx, c.pid, c.biz)
	var biz *bizError
	if errors.As(err, &biz) {
		return nil, nil
	}
	return t, err
}
