package trades

import (
	"errors"
	"slices"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// refundWindow: 12 months after payment a trade is finished.
const refundWindow = 365 * 24 * time.Hour

// refundMethods give money back.
func refundMethods() []gateway.Method {
	pay := []string{state.ProductFaceToFace, state.ProductOrderCode, state.ProductJSAPI, state.ProductWap,
		state.ProductPage, state.ProductApp}
	return []gateway.Method{
		{Name: "alipay.trade.refund", Products: pay, Prefix: "ACQ.", Handle: refundByCall, Fields: []protocol.Field{
			{Name: "out_trade_no", Max: 64}, {Name: "trade_no", Max: 64},
			{Name: "refund_amount", Required: true, Kind: protocol.KindAmount, Max: 16},
			{Name: "out_request_no", Max: 64, Form: protocol.IsToken}, {Name: "refund_reason", Max: 256},
			{Name: "related_settle_confirm_no", Max: 64},
			{Name: "refund_royalty_parameters", Kind: protocol.KindArray, Max: 50, Fields: royaltyLineFields()},
			{Name: "refund_goods_detail", Kind: protocol.KindArray,
				Fields: []protocol.Field{{Name: "goods_id", Required: true, Max: 64},
					{Name: "refund_amount", Required: true, Kind: protocol.KindAmount},
					{Name: "out_item_id"}, {Name: "out_sku_id"},
					{Name: "out_certificate_no_list", Kind: protocol.KindStrings}}},
			{Name: "query_options", Kind: protocol.KindStrings, Max: 20}, {Name: "operator_id", Max: 30},
			{Name: "store_id", Max: 32}, {Name: "terminal_id", Max: 32},
			{Name: "goods_detail", Kind: protocol.KindAny}, {Name: "refund_currency", Enum: []string{"CNY"}},
			{Name: "org_pid", Max: 16},
		}},
		{Name: "alipay.trade.fastpay.refund.query", Products: pay, Prefix: "ACQ.", Handle: refundQuery,
			Fields: []protocol.Field{
				{Name: "out_trade_no", Max: 64}, {Name: "trade_no", Max: 64},
				{Name: "out_request_no", Required: true, Max: 64},
				{Name: "query_options", Kind: protocol.KindStrings, Max: 20}, {Name: "org_pid", Max: 16},
			}},
	}
}

type refundAnswer struct {
	TradeNo      string     `json:"trade_no"`
	OutTradeNo   string     `json:"out_trade_no"`
	BuyerLogonID string     `json:"buyer_logon_id,omitempty"`
	BuyerUserID  string     `json:"buyer_user_id,omitempty"`
	BuyerOpenID  string     `json:"buyer_open_id,omitempty"`
	FundChange   string     `json:"fund_change"`
	RefundFee    string     `json:"refund_fee"`
	SendBackFee  string     `json:"send_back_fee,omitempty"`
	Details      []fundBill `json:"refund_detail_item_list,omitempty"`
	At           string     `json:"gmt_refund_pay"`
}

// refundByCall is alipay.trade.refund. The same out_request_no again moves no money and says fund_change N.
func refundByCall(c *gateway.Call) (any, error) {
	if err := needTradeID(c); err != nil {
		return nil, err
	}
	var a refundAnswer
	err := c.Update(func(tx *state.Tx) error {
		t, err := findTrade(tx, c.PID, c.Biz)
		if err != nil {
			return err
		}
		r, repeated, err := askedRefund(tx, c, t)
		if err != nil {
			return err
		}
		a.FundChange = "N"
		if !repeated {
			a.FundChange = "Y"
			if err := refundTrade(tx, t, r); err != nil {
				return err
			}
		}
		d, err := t.describe(tx)
		if err != nil {
			return err
		}
		a.TradeNo, a.OutTradeNo, a.BuyerLogonID, a.BuyerUserID, a.BuyerOpenID = d.TradeNo, d.OutTradeNo, d.BuyerLogonID,
			d.BuyerUserID, d.BuyerOpenID
		a.RefundFee, a.At = t.Refunded.Yuan(), protocol.Beijing(protocol.FromMillis(r.At))
		if slices.Contains(c.Biz.Strs("query_options"), "refund_detail_item_list") {
			a.SendBackFee, a.Details = r.Amount.Yuan(), t.refundBills(r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

func (t *Trade) refundBills(r *Refund) []fundBill {
	if r.Amount == 0 || len(t.Funds) == 0 {
		return nil
	}
	return []fundBill{{Channel: t.Funds[0].Channel, Amount: r.Amount.Yuan()}}
}

// askedRefund reads the refund and judges it against number, state and amount.
func askedRefund(tx *state.Tx, c *gateway.Call, t *Trade) (r *Refund, repeated bool, err error) {
	r = &Refund{No: c.Biz.Str("out_request_no"), Amount: c.Biz.Fen("refund_amount"), Reason: c.Biz.Str("refund_reason"),
		At: protocol.Millis(tx.Now), Confirm: c.Biz.Str("related_settle_confirm_no")}
	partialUnnamed := r.No == "" && r.Amount != t.Total
	if r.No == "" {
		r.No = t.Out
	}
	asked := c.Biz.List("refund_royalty_parameters")
	for _, o := range asked {
		l := askedLine(t, o)
		if l.Asked = o.Str("trans_out"); l.Type == royaltyReplenish {
			l.Asked = o.Str("trans_in")
		}
		r.Lines = append(r.Lines, l)
	}
	for _, old := range t.Refunds {
		if old.No == r.No {
			return old, true, sameRefund(old, r)
		}
	}
	switch {
	case t.Status == StatusWait:
		return nil, false, protocol.ACQ("TRADE_STATUS_ERROR", "交易状态不合法，不允许退款")
	case t.Status == StatusClosed:
		return nil, false, protocol.ACQ("TRADE_HAS_CLOSE", "交易已经关闭")
	case t.Status == StatusFinished:
		return nil, false, protocol.ACQ("TRADE_HAS_FINISHED", "交易已结束，不允许退款")
	case partialUnnamed:
		return nil, false, protocol.ACQ("REFUND_FEE_ERROR", "部分退款必须传入 out_request_no")
	case r.Amount == 0 && len(r.Lines) == 0:
		return nil, false, protocol.ACQ("REFUND_FEE_ERROR", "退款金额必须大于0")
	case r.Amount > t.left():
		return nil, false, protocol.ACQ("REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")
	}
	for i := range r.Lines {
		if err := checkReturn(tx, c, t, asked[i], &r.Lines[i]); err != nil {
			return nil, false, err
		}
	}
	return r, false, nil
}

func sameRefund(old, r *Refund) error {
	same := old.Amount == r.Amount && slices.EqualFunc(old.Lines, r.Lines, func(a, b RoyaltyLine) bool {
		return a.Type == b.Type && a.Asked == b.Asked && a.Amount == b.Amount
	})
	if !same {
		return protocol.ACQ("DISCORDANT_REPEAT_REQUEST", "同一退款请求号的请求内容不一致")
	}
	return nil
}

// checkReturn judges one line of refund_royalty_parameters.
func checkReturn(tx *state.Tx, c *gateway.Call, t *Trade, o protocol.Object, l *RoyaltyLine) error {
	if l.Amount <= 0 {
		return c.Method.RefuseField(&protocol.FieldError{Path: "refund_royalty_parameters.amount", Why: "必须大于0"})
	}
	l.Out, l.In = t.PID, t.SMID
	if l.Type == royaltyReplenish {
		if l.Asked != t.PID {
			return protocol.ACQ("ALLOC_AMOUNT_VALIDATE_ERROR", "退补差的收款方不是补差出资方")
		}
		l.Out, l.In = t.SMID, t.PID
		return nil
	}
	if l.Asked == "" {
		return c.Method.RefuseField(&protocol.FieldError{Path: "refund_royalty_parameters.trans_out", Why: "不能为空"})
	}
	kind := o.Str("trans_out_type")
	if kind == "" {
		kind = "userId"
	}
	a, err := receiver(tx, kind, l.Asked)
	switch {
	case err != nil:
		return err
	case a == nil:
		return protocol.ACQ("REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST", "退分账账户不存在")
	case !a.ReturnsRoyalty:
		return protocol.ACQ("REFUNDALLOC_UNAUTH_LIMIT", "退分账方未授权分账回退")
	}
	l.Out = a.UserID
	if t.SMID == "" {
		l.In = t.PID
	}
	return nil
}

// sharedWith is what an account got of this trade and has not given back.
func (t *Trade) sharedWith(userID string) money.Fen {
	var sum money.Fen
	for _, r := range t.Royalties {
		for _, l := range r.Lines {
			if l.Type == royaltyTransfer && l.State == LineSuccess && l.In == userID {
				sum += l.Amount
			}
		}
	}
	for _, r := range t.Refunds {
		for _, l := range r.Lines {
			if l.Type == royaltyTransfer && l.Out == userID {
				sum -= l.Amount
			}
		}
	}
	return sum
}

// refundTrade returns royalties, then pays the buyer: from unsettled money first, then from frozen, then from the
// receiver's balance.
func refundTrade(tx *state.Tx, t *Trade, r *Refund) error {
	if err := giveRoyaltiesBack(tx, t, r); err != nil {
		return err
	}
	if err := payBack(tx, t, r); err != nil {
		return err
	}
	t.Refunded += r.Amount
	t.Refunds = append(t.Refunds, r)
	if t.left() == 0 {
		t.Status, t.Closed = StatusClosed, protocol.Millis(tx.Now)
	}
	if t.Unsettled == 0 {
		if err := dropAuto(tx, t); err != nil {
			return err
		}
	}
	if t.Frozen == 0 && t.FreezeEnd != 0 {
		if err := release(tx, t, 0, r.No); err != nil {
			return err
		}
	}
	if err := Put(tx, t); err != nil {
		return err
	}
	if a := tx.State.Apps.Get(t.AppID); a != nil && a.Settings.NotifyRefund {
		return notifyTrade(tx, t, r)
	}
	return nil
}

func giveRoyaltiesBack(tx *state.Tx, t *Trade, r *Refund) error {
	for i := range r.Lines {
		l := &r.Lines[i]
		from, to, kind := "A:"+l.Out, t.purseSettled(), "transfer_refund"
		if l.Type == royaltyReplenish {
			if l.Amount > t.Topped-t.Untopped {
				return protocol.ACQ("ALLOC_AMOUNT_VALIDATE_ERROR", "退补差金额超过已补差金额")
			}
			from, to, kind = t.purseSettled(), "A:"+t.PID, "replenish_refund"
			t.Untopped += l.Amount
		} else {
			if l.Amount > t.returnable(r, i) {
				return protocol.ACQ("ALLOC_AMOUNT_VALIDATE_ERROR", "退分账金额超过已分账金额")
			}
			t.Unshared += l.Amount
		}
		err := state.Move(tx, t.flow(kind, from, to, l.Amount, r.No))
		if errors.Is(err, state.ErrPurseShort) {
			return protocol.ACQ("SELLER_BALANCE_NOT_ENOUGH", "退分账方余额不足")
		}
		if err != nil {
			return err
		}
		l.State, l.At = LineSuccess, protocol.Millis(tx.Now)
	}
	return nil
}

// returnable is what the giver of line i still has of this trade, counting the earlier lines of the same refund.
func (t *Trade) returnable(r *Refund, i int) money.Fen {
	left := t.sharedWith(r.Lines[i].Out)
	for _, l := range r.Lines[:i] {
		if l.Type == royaltyTransfer && l.Out == r.Lines[i].Out {
			left -= l.Amount
		}
	}
	return left
}

// payBack moves the refund to the buyer.
func payBack(tx *state.Tx, t *Trade, r *Refund) error {
	fromUnsettled := min(r.Amount, t.Unsettled)
	if r.Confirm != "" {
		if err := checkRelated(t, r); err != nil {
			return err
		}
		fromUnsettled = 0
	}
	rest := r.Amount - fromUnsettled
	if rest > 0 && r.Confirm == "" && len(t.Confirms) > 1 {
		return protocol.ACQ("TRADE_SETTLE_ERROR", "账期交易确认结算后退款需传入 related_settle_confirm_no")
	}
	if err := state.Move(tx, t.flow("refund", t.PurseUnsettled(), t.giveBack(), fromUnsettled, r.No)); err != nil {
		return err
	}
	t.Unsettled -= fromUnsettled
	r.Settled = rest
	t.Returned += rest
	frozen := min(rest, t.Frozen-t.reserved())
	if frozen > 0 {
		if err := state.Move(tx, t.flow("refund", t.purseFrozen(), t.giveBack(), frozen, r.No)); err != nil {
			return err
		}
		t.Frozen -= frozen
		rest -= frozen
	}
	return fromBalance(tx, t, r, rest)
}

// fromBalance takes the rest from the receiver's balance; for money that went to a bank card the platform's account
// advances it.
func fromBalance(tx *state.Tx, t *Trade, r *Refund, rest money.Fen) error {
	from := t.purseSettled()
	if len(t.Confirms) > 0 && t.Confirms[len(t.Confirms)-1].Type == merchants.SettleCard &&
		state.Balance(tx, from) < rest {
		from = "A:" + t.PID
	}
	if t.SMID != "" && rest > 0 {
		m, err := merchants.Get(tx, t.SMID)
		if err != nil {
			return err
		}
		if m != nil && m.AccountFrozen {
			return protocol.ACQ("REASON_TRADE_BEEN_FREEZEN", "交易资金已被冻结")
		}
	}
	err := state.Move(tx, t.flow("refund", from, t.giveBack(), rest, r.No))
	if errors.Is(err, state.ErrPurseShort) {
		return protocol.ACQ("SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")
	}
	return err
}

// checkRelated compares related_settle_confirm_no with what that confirmation settled.
func checkRelated(t *Trade, r *Refund) error {
	i := slices.IndexFunc(t.Confirms, func(n *Confirm) bool { return n.No == r.Confirm })
	if i < 0 {
		return protocol.ACQ("TRADE_SETTLE_ERROR", "关联的结算确认单不存在")
	}
	left := t.Confirms[i].Amount
	for _, old := range t.Refunds {
		if old.Confirm == r.Confirm {
			left -= old.Settled
		}
	}
	if r.Amount > left {
		return protocol.ACQ("REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超过该笔结算金额")
	}
	return nil
}

// finishTrade tells of the end of the refund window.
func finishTrade(tx *state.Tx, seq uint64) error {
	t, err := Get(tx, seq)
	if err != nil || t == nil || t.Status != StatusFinished {
		return err
	}
	if err := Put(tx, t); err != nil {
		return err
	}
	if a := tx.State.Apps.Get(t.AppID); a != nil && a.Settings.NotifyClosed {
		return notifyTrade(tx, t, nil)
	}
	return nil
}

type refundQueryAnswer struct {
	TradeNo      string          `json:"trade_no,omitempty"`
	OutTradeNo   string          `json:"out_trade_no,omitempty"`
	OutRequestNo string          `json:"out_request_no,omitempty"`
	Reason       string          `json:"refund_reason,omitempty"`
	TotalAmount  string          `json:"total_amount,omitempty"`
	RefundAmount string          `json:"refund_amount,omitempty"`
	Status       string          `json:"refund_status,omitempty"`
	At           string          `json:"gmt_refund_pay,omitempty"`
	SendBackFee  string          `json:"send_back_fee,omitempty"`
	Details      []fundBill      `json:"refund_detail_item_list,omitempty"`
	Royalties    []refundRoyalty `json:"refund_royaltys,omitempty"`
}

type refundRoyalty struct {
	Amount string `json:"refund_amount"`
	Type   string `json:"royalty_type"`
	Result string `json:"result_code"`
	Out    string `json:"trans_out,omitempty"`
	In     string `json:"trans_in,omitempty"`
	OriOut string `json:"ori_trans_out,omitempty"`
}

// refundQuery is alipay.trade.fastpay.refund.query; an unknown request number is 10000 without refund fields.
func refundQuery(c *gateway.Call) (any, error) {
	if err := needTradeID(c); err != nil {
		return nil, err
	}
	var a refundQueryAnswer
	err := c.View(func(tx *state.Tx) error {
		t, err := findTrade(tx, c.PID, c.Biz)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(t.Refunds, func(r *Refund) bool { return r.No == c.Biz.Str("out_request_no") })
		if i < 0 {
			return nil
		}
		r := t.Refunds[i]
		a = refundQueryAnswer{TradeNo: t.TradeNo(), OutTradeNo: t.Out, OutRequestNo: r.No, Reason: r.Reason,
			TotalAmount:  t.Total.Yuan(),
			RefundAmount: r.Amount.Yuan(), Status: "REFUND_SUCCESS"}
		options := c.Biz.Strs("query_options")
		if slices.Contains(options, "gmt_refund_pay") {
			a.At = protocol.Beijing(protocol.FromMillis(r.At))
		}
		if slices.Contains(options, "refund_detail_item_list") {
			a.SendBackFee, a.Details = r.Amount.Yuan(), t.refundBills(r)
		}
		for _, l := range r.Lines {
			a.Royalties = append(a.Royalties, refundRoyalty{l.Amount.Yuan(), l.Type, LineSuccess, l.Out, l.In, l.Asked})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}
