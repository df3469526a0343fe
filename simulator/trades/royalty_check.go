package trades

import (
	"fmt"
	"slices"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// royaltyShape checks what the field table cannot.
func royaltyShape(c *gateway.Call, r *Royalty, ext protocol.Object, asked []protocol.Object) error {
	limit := maxLinesSync
	if r.Async {
		limit = maxLinesAsync
	}
	switch {
	case len(asked) == 0 && !r.Finish:
		return c.Method.RefuseField(&protocol.FieldError{Path: "royalty_parameters", Why: "不能为空"})
	case len(asked) > limit:
		return c.Method.RefuseField(&protocol.FieldError{Path: "royalty_parameters",
			Why: fmt.Sprintf("超过 %d 条", limit)})
	case ext.Has("royalty_finish_amount") && !r.Finish:
		return c.Method.RefuseField(&protocol.FieldError{Path: "extend_params.royalty_finish_amount",
			Why: "需要 royalty_finish=true"})
	}
	return nil
}

// askedLine is a line as the caller wrote it.
func askedLine(t *Trade, o protocol.Object) RoyaltyLine {
	l := RoyaltyLine{Type: o.Str("royalty_type"), Asked: o.Str("trans_in"), InType: o.Str("trans_in_type"),
		Amount: o.Fen("amount")}
	if l.Type == "" {
		l.Type = royaltyTransfer
	}
	if l.InType == "" {
		l.InType = "userId"
	}
	if p := o.Num("amount_percentage", 0); !o.Has("amount") && p > 0 && p <= 100 {
		l.Amount = t.Total * money.Fen(p) / 100
	}
	return l
}

// sameRoyalty answers a repeated request number: the earlier document when the content is the same.
func sameRoyalty(t *Trade, r *Royalty) (*Royalty, error) {
	for _, old := range t.Royalties {
		if old.No != r.No {
			continue
		}
		same := old.Finish == r.Finish && old.FinishBy == r.FinishBy && old.Async == r.Async &&
			slices.EqualFunc(old.Lines, r.Lines, func(a, b RoyaltyLine) bool {
				return a.Type == b.Type && a.Asked == b.Asked && a.InType == b.InType && a.Amount == b.Amount
			})
		if same {
			return old, nil
		}
	}
	return nil, protocol.ACQ("DISCORDANT_REPEAT_REQUEST", "同一请求号的请求内容不一致")
}

// allocatable refuses by the trade's state.
func allocatable(t *Trade, r *Royalty) error {
	calls := 0
	for _, old := range t.Royalties {
		if old.Async == r.Async {
			calls++
		}
	}
	onCard := len(t.Confirms) > 0
	for _, n := range t.Confirms {
		onCard = onCard && n.Type == merchants.SettleCard && !n.Freeze
	}
	switch {
	case t.Status == StatusClosed && t.IsPaid():
		return protocol.ACQ("ALLOC_REFUSE_AFTER_REFUND", "交易已全额退款，不可分账")
	case !t.IsPaid():
		return protocol.ACQ("TRADE_STATUS_ERROR", "交易状态异常")
	case t.Settled == 0 && r.Async:
		return protocol.ACQ("ASYNC_ALLOC_NOT_SUPPORT_IN_PERIOD", "账期交易结算前不支持异步分账")
	case t.Settled == 0:
		return protocol.ACQ("ALLOC_REFUSE_BEFORE_SETTLE", "交易未确认结算，不可分账")
	case t.Finished:
		return protocol.ACQ("ALREADY_FINISH_ALLOC", "交易已完结分账")
	case onCard:
		return protocol.ACQ("SETTLE_TO_CARD_NOT_SUPPORT", "结算到银行卡的交易不支持分账")
	case calls >= maxSyncCalls && !r.Async, calls >= maxAsyncCalls:
		return protocol.ACQ("TRADE_SETTLE_ERROR", "单笔交易分账次数超限")
	}
	return nil
}

// checkLine finds and judges both sides of a line.
func checkLine(tx *state.Tx, c *gateway.Call, t *Trade, o protocol.Object, l *RoyaltyLine) error {
	if l.Amount <= 0 {
		return c.Method.RefuseField(&protocol.FieldError{Path: "royalty_parameters.amount", Why: "必须大于0"})
	}
	own, err := ownAccounts(tx, t)
	if err != nil {
		return err
	}
	if l.Type == royaltyReplenish {
		return checkReplenish(o, t, own, l)
	}
	if out := o.Str("trans_out"); out != "" && !slices.Contains(own, out) {
		return protocol.ACQ("MUST_ALLOC_FROM_ROOT_ACCOUNT", "必须从交易收款方分出")
	}
	l.Out = own[0]
	if l.Asked == "" {
		return c.Method.RefuseField(&protocol.FieldError{Path: "royalty_parameters.trans_in", Why: "不能为空"})
	}
	a, err := receiver(tx, l.InType, l.Asked)
	switch {
	case err != nil:
		return err
	case a == nil:
		return protocol.ACQ("ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST", "分账收款方账号不存在")
	case slices.Contains(own, a.UserID):
		return protocol.ACQ("ROYALTY_ACCOUNTS_EQUAL", "分账收付款账号相同")
	}
	l.In = a.UserID
	if a.UserID != t.PID {
		bound, err := related(tx, t.PID, a.UserID)
		if err != nil {
			return err
		}
		if !bound {
			return protocol.ACQ("ROYALTY_RECEIVER_INVALID", "分账收款方不在分账关系集中")
		}
	}
	return checkReceiver(a, o.Str("trans_in_name"))
}

// ownAccounts are the names of the trade's receiver: smid (or PID) first, then its Alipay account and login.
func ownAccounts(tx *state.Tx, t *Trade) ([]string, error) {
	if t.SMID == "" {
		return []string{t.PID}, nil
	}
	m, err := merchants.Get(tx, t.SMID)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, protocol.ACQ("SECONDARY_MERCHANT_ID_INVALID", "二级商户不存在")
	}
	return []string{m.SMID, m.UserID, m.LogonID}, nil
}

func checkReplenish(o protocol.Object, t *Trade, own []string, l *RoyaltyLine) error {
	if out := o.Str("trans_out"); t.SMID == "" || (out != "" && out != t.PID) {
		return protocol.ACQ("REPLENISH_ACCOUNT_INVALID", "补差账号无效")
	}
	if l.Asked != "" && !slices.Contains(own, l.Asked) {
		return protocol.ACQ("REPLENISH_ACCOUNT_INVALID", "补差账号无效")
	}
	l.Out, l.In = t.PID, own[0]
	return nil
}

// receiver finds who is meant by type and value; cards cannot receive royalties here.
func receiver(tx *state.Tx, kind, value string) (*state.Account, error) {
	switch kind {
	case "userId":
		return state.Get[state.Account](tx, state.BucketAccounts, value)
	case "openId":
		return state.Get[state.Account](tx, state.BucketAccounts, state.UserOfOpenID(value))
	case "loginName":
		a, err := state.FindAccount(tx, value)
		if a != nil && a.LogonID != value {
			return nil, err
		}
		return a, err
	}
	return nil, protocol.ACQ("ROYALTY_RECEIVER_INVALID", "分账收款方类型不支持")
}

// checkReceiver judges the receiver's account.
func checkReceiver(a *state.Account, name string) error {
	switch {
	case !a.Certified:
		return protocol.ACQ("ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY", "分账收款方未实名认证")
	case a.NoBalance:
		return protocol.ACQ("ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE", "分账收款方无余额户")
	case a.Blocked:
		return protocol.ACQ("ROYALTY_ACCOUNT_INVALID", "分账账号状态异常")
	case name != "" && name != a.Name:
		return protocol.ACQ("ROYALTY_ACCOUNT_NAME_NOT_MATCH", "分账收款方姓名不匹配")
	}
	return nil
}

// reserved is what asynchronous royalties not yet carried out will take.
func (t *Trade) reserved() money.Fen {
	var sum money.Fen
	for _, r := range t.Royalties {
		for _, l := range r.Lines {
			if l.Type == royaltyTransfer && l.State == stateRunning {
				sum += l.Amount
			}
		}
	}
	return sum
}

// capLeft is how much royalty the ratio still allows: max_ratio of the total, plus what the platform added, less what
// went out.
func (t *Trade) capLeft(ratio int) money.Fen {
	return t.Total*money.Fen(ratio)/100 + t.Topped - t.Untopped - (t.Shared - t.Unshared) - t.reserved()
}

// sharable is the money at hand that royalties can be taken from: frozen money if there is any, else what is settled
// and not yet gone.
func (t *Trade) sharable() money.Fen {
	if t.Frozen > 0 {
		return t.Frozen - t.reserved()
	}
	return t.Settled - t.Returned - (t.Shared - t.Unshared) + t.Topped - t.Untopped - t.reserved()
}

// checkCap refuses lines above the ratio or above what is left. Replenishments of the same request count first.
func checkCap(c *gateway.Call, t *Trade, lines []RoyaltyLine) error {
	var out, in money.Fen
	for _, l := range lines {
		if l.Type == royaltyReplenish {
			in += l.Amount
		} else {
			out += l.Amount
		}
	}
	have := t.sharable()
	if t.Frozen == 0 {
		have += in
	}
	if out > 0 && (out > t.capLeft(c.Owner().Settings.MaxRatio)+in || out > have) {
		return protocol.ACQ("ALLOC_AMOUNT_VALIDATE_ERROR", "分账金额超过限制")
	}
	return nil
}
