package trades

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/merchants"
	"zhitong/simulator/notify"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

const (
	freezeLife  = 30 * 24 * time.Hour  // royalty money is released by itself after 30 days
	settleLimit = 365 * 24 * time.Hour // an unconfirmed trade without a period settles by then
	holdRetry   = 24 * time.Hour       // an automatic settlement that cannot be made is tried again
	kindConfirm = "sc"                 // bucketRequests: settle.confirm
	kindSettle  = "rs"                 // bucketRequests: order.settle
	autoNo      = "AUTO"               // request number of what Alipay does by itself
)

// settleMethods are settlement and the questions about it.
func settleMethods() []gateway.Method {
	confirm := []protocol.Field{
		{Name: "out_request_no", Required: true, Max: 64, Form: protocol.IsToken},
		{Name: "trade_no", Required: true, Max: 64},
		{Name: "settle_info", Required: true, Kind: protocol.KindObject, Fields: settleInfoFields()},
		{Name: "extend_params", Kind: protocol.KindObject,
			Fields: []protocol.Field{{Name: "royalty_freeze", Kind: protocol.KindBool}}},
	}
	return []gateway.Method{
		{Name: "alipay.trade.settle.confirm", Products: []string{state.ProductZFT}, Prefix: "ACQ.",
			Handle: settleConfirm, Fields: confirm},
		{Name: "alipay.trade.period.settle.confirm", Products: []string{state.ProductZFT}, Prefix: "ACQ.",
			Handle: settleConfirm, Fields: confirm},
		{Name: "alipay.trade.settle.receivables.query", Products: []string{state.ProductZFT}, Handle: receivablesQuery,
			Fields: []protocol.Field{
				{Name: "out_request_no", Required: true, Max: 32}, {Name: "biz_product"}, {Name: "trade_no", Max: 64},
				{Name: "query_his_date", Max: 8}, {Name: "extend_params", Kind: protocol.KindAny},
				{Name: "merchant_info", Required: true, Kind: protocol.KindObject, Fields: []protocol.Field{
					{Name: "settle_entity_type", Required: true, Max: 32},
					{Name: "settle_entity_id", Required: true, Max: 64}, {Name: "settle_entity_biz_type"},
				}},
			}},
	}
}

// claimRequest binds a caller's request number to a trade: seen reports a repeat for the same trade, another trade's
// number is refused.
func claimRequest(tx *state.Tx, kind, pid, no string, t *Trade) (seen bool, err error) {
	key := []byte(kind + "|" + pid + "|" + no)
	b := tx.Bucket(bucketRequests)
	if v := b.Get(key); v != nil {
		if binary.BigEndian.Uint64(v) != t.Seq {
			return false, protocol.ACQ("DUP_OUT_REQUEST_NO", "商户请求号重复")
		}
		return true, nil
	}
	if err := b.Put(key, state.Key(t.Seq)); err != nil {
		return false, fmt.Errorf("store a request number: %w", err)
	}
	return false, nil
}

type confirmAnswer struct {
	TradeNo      string `json:"trade_no"`
	OutRequestNo string `json:"out_request_no"`
	SettleAmount string `json:"settle_amount"`
}

// settleConfirm is alipay.trade.settle.confirm: releases unsettled money to the secondary merchant, frozen for royalty
// if asked.
func settleConfirm(c *gateway.Call) (any, error) {
	var t *Trade
	var done *Confirm
	err := c.Update(func(tx *state.Tx) error {
		var err error
		if t, err = findTrade(tx, c.PID, c.Biz); err != nil {
			return err
		}
		done, err = confirmByCall(tx, c, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return confirmAnswer{t.TradeNo(), done.No, done.Amount.Yuan()}, nil
}

func confirmByCall(tx *state.Tx, c *gateway.Call, t *Trade) (*Confirm, error) {
	details := c.Biz.Obj("settle_info").List("settle_detail_infos")
	if len(details) != 1 {
		return nil, protocol.ACQ("TRADE_SETTLE_ERROR", "交易结算异常")
	}
	d := details[0]
	n := &Confirm{No: c.Biz.Str("out_request_no"), At: protocol.Millis(tx.Now),
		Freeze: c.Biz.Obj("extend_params").Is("royalty_freeze"), Ask: d.Fen("amount"), Part: d.Fen("actual_amount")}
	seen, err := claimRequest(tx, kindConfirm, c.PID, n.No, t)
	if err != nil {
		return nil, err
	}
	if seen {
		for _, old := range t.Confirms {
			if old.No == n.No && old.Ask == n.Ask && old.Part == n.Part && old.Freeze == n.Freeze {
				return old, nil
			}
		}
		return nil, protocol.ACQ("DISCORDANT_REPEAT_REQUEST", "同一请求号的请求内容不一致")
	}
	if err := confirmable(t); err != nil {
		return nil, err
	}
	m, err := settlingMerchant(tx, t)
	if err != nil {
		return nil, err
	}
	if n.To, n.Type, n.Target, err = settleTarget(m, d, false); err != nil {
		return nil, err
	}
	if n.Amount, err = confirmAmount(c, t, n, d); err != nil {
		return nil, err
	}
	return n, confirmTrade(tx, t, n)
}

// confirmable refuses by the trade's state.
func confirmable(t *Trade) error {
	switch {
	case t.SMID == "":
		return protocol.ACQ("UN_SUPPORT_BIZ_TYPE", "非直付通交易，不支持结算确认")
	case t.Status == StatusWait:
		return protocol.ACQ("REASON_TRADE_STATUS_INVALID", "交易状态不合法")
	case t.Status == StatusClosed && t.IsPaid():
		return protocol.ACQ("CONFIRM_REFUSE_AFTER_REFUND", "交易已全额退款，不可确认结算")
	case t.Status == StatusClosed:
		return protocol.ACQ("TRADE_HAS_CLOSE", "交易已经关闭")
	case t.Unsettled == 0:
		return protocol.ACQ("ALREADY_CONFIRM_SETTLE", "交易已经确认结算")
	}
	return nil
}

// settlingMerchant is the receiver, if money may be released to it.
func settlingMerchant(tx *state.Tx, t *Trade) (*merchants.Merchant, error) {
	m, err := merchants.Get(tx, t.SMID)
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return nil, protocol.ACQ("SECONDARY_MERCHANT_ID_INVALID", "二级商户不存在")
	case m.SettleHold || m.Status == merchants.Punished:
		return nil, protocol.ACQ("RISK_SETTLE_SUSPEND", "因风险控制暂停结算")
	case m.AccountFrozen:
		return nil, protocol.ACQ("SETTLE_ACCOUNT_HAS_BEEN_FROZEN", "结算账户已被冻结")
	}
	return m, nil
}

// confirmAmount is what this call settles: a part of an account-period trade, or all that is left.
func confirmAmount(c *gateway.Call, t *Trade, n *Confirm, d protocol.Object) (money.Fen, error) {
	bad := protocol.ACQ("INVALID_SETTLE_AMOUNT_PARAMETER", "结算金额不正确")
	if d.Has("actual_amount") {
		if t.Period == 0 || c.Owner().Settings.NoPeriod || n.Part <= 0 || n.Part > t.Unsettled {
			return 0, bad
		}
		return n.Part, nil
	}
	if (n.Ask != t.left()) && (d.Has("amount") || len(t.Confirms) == 0) {
		return 0, bad
	}
	return t.Unsettled, nil
}

// confirmTrade moves unsettled money of a trade to the settled side.
func confirmTrade(tx *state.Tx, t *Trade, n *Confirm) error {
	freeze := n.Freeze && !t.Finished
	to, kind := n.To, "settle"
	if freeze {
		to, kind = t.purseFrozen(), "freeze"
	}
	if err := state.Move(tx, t.flow(kind, t.PurseUnsettled(), to, n.Amount, n.No)); err != nil {
		return err
	}
	t.Unsettled -= n.Amount
	t.Settled += n.Amount
	t.Confirms = append(t.Confirms, n)
	if freeze {
		t.Frozen += n.Amount
		if err := freezeUntil(tx, t); err != nil {
			return err
		}
	}
	if t.Unsettled == 0 {
		if err := dropAuto(tx, t); err != nil {
			return err
		}
	}
	return Put(tx, t)
}

// freezeUntil starts the 30 days at the first freeze.
func freezeUntil(tx *state.Tx, t *Trade) error {
	if t.FreezeEnd != 0 {
		return nil
	}
	t.FreezeEnd = protocol.Millis(tx.Now.Add(freezeLife))
	return state.AddTimer(tx, t.FreezeEnd, timerUnfreeze, state.Key(t.Seq))
}

func dropAuto(tx *state.Tx, t *Trade) error {
	err := state.DeleteTimer(tx, t.AutoAt, timerSettle, state.Key(t.Seq))
	t.AutoAt = 0
	return err
}

// scheduleSettle sets the automatic settle.confirm of a trade just paid. Money of the platform's own trade is settled
// at once.
func scheduleSettle(tx *state.Tx, t *Trade) error {
	if a := tx.State.Apps.Get(t.AppID); a != nil &&
		a.Settings.NotifyClosed { // the state itself needs no timer: Trade.age
		if err := state.AddTimer(tx, t.Paid+refundWindow.Milliseconds(), timerFinish, state.Key(t.Seq)); err != nil {
			return err
		}
	}
	if t.SMID == "" {
		t.Settled = t.Total
		if !t.Freeze {
			return nil
		}
		t.Frozen = t.Total
		return freezeUntil(tx, t)
	}
	after := settleLimit
	if t.Period > 0 {
		after = time.Duration(t.Period) * 24 * time.Hour
	}
	t.AutoAt = t.Paid + after.Milliseconds()
	return state.AddTimer(tx, t.AutoAt, timerSettle, state.Key(t.Seq))
}

// autoSettle confirms what is unsettled at the end of the period; when the merchant cannot receive, it tries again a
// day later.
func autoSettle(tx *state.Tx, seq uint64) error {
	t, err := Get(tx, seq)
	if err != nil || t == nil || t.Unsettled == 0 || !t.IsPaid() {
		return err
	}
	n := &Confirm{No: fmt.Sprintf("%s%d%03d", autoNo, t.Seq, len(t.Confirms)), Amount: t.Unsettled,
		At: protocol.Millis(tx.Now), Freeze: t.Freeze}
	m, err := settlingMerchant(tx, t)
	if err == nil {
		n.To, n.Type, n.Target, err = settleTarget(m,
			protocol.Object{"trans_in_type": t.SettleType, "trans_in": t.SettleTo}, false)
	}
	var biz *protocol.BizError
	if errors.As(err, &biz) {
		t.AutoAt = protocol.Millis(tx.Now.Add(holdRetry))
		if err := state.AddTimer(tx, t.AutoAt, timerSettle, state.Key(t.Seq)); err != nil {
			return err
		}
		return Put(tx, t)
	}
	if err != nil {
		return err
	}
	return confirmTrade(tx, t, n)
}

// release unfreezes an amount of the trade's royalty money to where its settlement leads.
func release(tx *state.Tx, t *Trade, amount money.Fen, doc string) error {
	to := t.purseSettled()
	for _, n := range t.Confirms {
		if n.Freeze {
			to = n.To
		}
	}
	if err := state.Move(tx, t.flow("unfreeze", t.purseFrozen(), to, amount, doc)); err != nil {
		return err
	}
	t.Frozen -= amount
	if t.Frozen > 0 {
		return nil
	}
	err := state.DeleteTimer(tx, t.FreezeEnd, timerUnfreeze, state.Key(t.Seq))
	t.FreezeEnd = 0
	return err
}

// autoUnfreeze ends the royalty of a trade 30 days after the freeze, with a message.
func autoUnfreeze(tx *state.Tx, seq uint64) error {
	t, err := Get(tx, seq)
	if err != nil || t == nil || t.FreezeEnd == 0 {
		return err
	}
	amount := t.Frozen
	if err := release(tx, t, amount, autoNo); err != nil {
		return err
	}
	t.Finished, t.FreezeEnd = true, 0
	r := &Royalty{No: fmt.Sprintf("%s%d%03d", autoNo, t.Seq, len(t.Royalties)), SettleNo: t.settleNo(tx.Now),
		At: protocol.Millis(tx.Now), Done: protocol.Millis(tx.Now), Finish: true, Freed: amount}
	t.Royalties = append(t.Royalties, r)
	if err := Put(tx, t); err != nil {
		return err
	}
	return notify.SendMessage(tx, t.AppID, msgSettleNotify, settleMessage(t, r, "AUTO_SETTLE_FINISH"))
}

type receivablesAnswer struct {
	Unsettled string `json:"unsettled_amount"`
	Settled   string `json:"settled_amount"`
	OnSettle  string `json:"on_settle_amount"`
}

// receivablesQuery is alipay.trade.settle.receivables.query: now, or one account-period trade. Past days are not kept.
func receivablesQuery(c *gateway.Call) (any, error) {
	var a receivablesAnswer
	err := c.View(func(tx *state.Tx) error {
		m, err := merchants.Get(tx, c.Biz.Obj("merchant_info").Str("settle_entity_id"))
		switch {
		case err != nil:
			return err
		case m == nil:
			return protocol.Refuse("SUB_MERCHANT_NOT_EXIST", "二级商户不存在")
		case m.PID != c.PID:
			return protocol.Refuse("SUB_MERCHANT_BELONG_ERROR", "二级商户不属于该平台")
		case c.Biz.Has("query_his_date") && !c.Biz.Has("trade_no"):
			return protocol.Refuse("QUERY_NOT_SUPPORT", "不支持查询历史日期")
		}
		u, b := state.Balance(tx, "U:"+m.SMID), state.Balance(tx, "B:"+m.SMID)
		if no := c.Biz.Str("trade_no"); no != "" {
			t, err := ByNo(tx, c.PID, no)
			if err != nil {
				return err
			}
			if t == nil || t.SMID != m.SMID || !t.IsPaid() {
				return protocol.Refuse("ILLEGAL_SETTLE_STATUS", "交易不存在或状态不正确")
			}
			u, b = t.Unsettled, t.Settled-t.Returned
		}
		a = receivablesAnswer{u.Yuan(), b.Yuan(), money.Fen(0).Yuan()}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}
