package trades

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"zhitong/simulator/gateway"
	"zhitong/simulator/notify"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

const (
	royaltyTransfer  = "transfer"
	royaltyReplenish = "replenish"

	maxLinesSync   = 5
	maxLinesAsync  = 50
	maxSyncCalls   = 50
	maxAsyncCalls  = 300
	asyncDelay     = 2 * time.Second
	LineSuccess    = "SUCCESS"
	stateFail      = "FAIL"
	stateRunning   = "PROCESSING"
	maxLoginLength = 100

	msgSettleNotify = "alipay.trade.order.settle.notify"
)

func royaltyLineFields() []protocol.Field {
	return []protocol.Field{
		{Name: "royalty_type", Max: 32, Enum: []string{royaltyTransfer, royaltyReplenish}},
		{Name: "trans_out_type", Max: 64, Enum: []string{"userId", "loginName"}},
		{Name: "trans_out", Max: maxLoginLength},
		{Name: "trans_in_type", Max: 64, Enum: []string{"userId", "loginName", "openId", "cardAliasNo"}},
		{Name: "trans_in", Max: 128},
		{Name: "amount", Kind: protocol.KindAmount, Max: 12},
		{Name: "amount_percentage", Kind: protocol.KindInt, Max: 3}, {Name: "desc", Max: 1000},
		{Name: "royalty_scene", Max: 256, Enum: []string{"达人佣金", "平台服务费", "技术服务费", "其他"}},
		{Name: "trans_in_name", Max: 128},
	}
}

// royaltyMethods carry out royalties and tell of them.
func royaltyMethods() []gateway.Method {
	need := []string{state.ProductZFT, state.ProductRoyalty}
	return []gateway.Method{
		{Name: "alipay.trade.order.settle", Products: need, Prefix: "ACQ.", Handle: orderSettle,
			Fields: []protocol.Field{
				{Name: "out_request_no", Required: true, Max: 64, Form: protocol.IsToken},
				{Name: "trade_no", Required: true, Max: 64},
				{Name: "royalty_parameters", Kind: protocol.KindArray, Fields: royaltyLineFields()},
				{Name: "operator_id", Max: 64}, {Name: "royalty_mode", Enum: []string{"sync", "async"}},
				{Name: "extend_params", Kind: protocol.KindObject,
					Fields: []protocol.Field{{Name: "royalty_finish", Kind: protocol.KindBool},
						{Name: "royalty_finish_amount", Kind: protocol.KindAmount}}},
			}},
		{Name: "alipay.trade.order.settle.query", Products: need, Handle: settleQuery, Fields: []protocol.Field{
			{Name: "settle_no", Max: 64}, {Name: "out_request_no", Max: 64}, {Name: "trade_no", Max: 64},
		}},
		{Name: "alipay.trade.order.onsettle.query", Products: need, Prefix: "ACQ.", Handle: onsettleQuery,
			Fields: []protocol.Field{
				{Name: "trade_no", Required: true, Max: 64}, {Name: "royalty_source", Enum: []string{"unsettled"}},
			}},
	}
}

type orderSettleAnswer struct {
	TradeNo  string `json:"trade_no"`
	SettleNo string `json:"settle_no"`
}

// orderSettle is alipay.trade.order.settle: all lines or none in sync mode; accepted and carried out later in async
// mode.
func orderSettle(c *gateway.Call) (any, error) {
	var t *Trade
	var done *Royalty
	err := c.Update(func(tx *state.Tx) error {
		var err error
		if t, err = findTrade(tx, c.PID, c.Biz); err != nil {
			return err
		}
		done, err = settleOrder(tx, c, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return orderSettleAnswer{t.TradeNo(), done.SettleNo}, nil
}

func settleOrder(tx *state.Tx, c *gateway.Call, t *Trade) (*Royalty, error) {
	ext := c.Biz.Obj("extend_params")
	r := &Royalty{No: c.Biz.Str("out_request_no"), At: protocol.Millis(tx.Now),
		Async: c.Biz.Str("royalty_mode") == "async", Finish: ext.Is("royalty_finish"),
		FinishBy: ext.Fen("royalty_finish_amount")}
	asked := c.Biz.List("royalty_parameters")
	if err := royaltyShape(c, r, ext, asked); err != nil {
		return nil, err
	}
	for _, o := range asked {
		r.Lines = append(r.Lines, askedLine(t, o))
	}
	seen, err := claimRequest(tx, kindSettle, c.PID, r.No, t)
	if err != nil {
		return nil, err
	}
	if seen {
		return sameRoyalty(t, r)
	}
	if err := allocatable(t, r); err != nil {
		return nil, err
	}
	for i := range r.Lines {
		if err := checkLine(tx, c, t, asked[i], &r.Lines[i]); err != nil {
			return nil, err
		}
	}
	if err := checkCap(c, t, r.Lines); err != nil {
		return nil, err
	}
	r.SettleNo = t.settleNo(tx.Now)
	for i := range r.Lines {
		r.Lines[i].ID = fmt.Sprintf("%s%02d", r.SettleNo[:26], i) + r.SettleNo[27:]
		r.Lines[i].State = stateRunning
	}
	t.Royalties = append(t.Royalties, r)
	if r.Async {
		if err := state.AddTimer(tx, protocol.Millis(tx.Now.Add(asyncDelay)), timerRoyalty,
			append(state.Key(t.Seq), r.SettleNo...)); err != nil {
			return nil, err
		}
		return r, Put(tx, t)
	}
	for i := range r.Lines {
		if err := executeLine(tx, t, r, &r.Lines[i]); err != nil {
			return nil, err
		}
	}
	if err := finishRoyalty(tx, t, r); err != nil {
		return nil, err
	}
	return r, Put(tx, t)
}

// executeLine moves the money of one line. A refusal leaves the line as it was.
func executeLine(tx *state.Tx, t *Trade, r *Royalty, l *RoyaltyLine) error {
	from, to := t.purseSettled(), "A:"+l.In
	switch {
	case l.Type == royaltyReplenish:
		from, to = "A:"+t.PID, t.purseSettled()
	case t.Frozen > 0:
		from = t.purseFrozen()
	}
	if from == to {
		return protocol.ACQ("ROYALTY_ACCOUNTS_EQUAL", "分账收付款账号相同")
	}
	if l.Type == royaltyTransfer && t.Frozen > 0 && l.Amount > t.Frozen {
		return protocol.ACQ("TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "分账余额不足")
	}
	err := state.Move(tx, t.flow(l.Type, from, to, l.Amount, r.No))
	if errors.Is(err, state.ErrPurseShort) {
		return protocol.ACQ("TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "分账余额不足")
	}
	if err != nil {
		return err
	}
	switch {
	case l.Type == royaltyReplenish:
		t.Topped += l.Amount
	case t.Frozen > 0:
		t.Frozen -= l.Amount
		t.Shared += l.Amount
	default:
		t.Shared += l.Amount
	}
	l.State, l.At = LineSuccess, protocol.Millis(tx.Now)
	return nil
}

// finishRoyalty does what royalty_finish says after the lines.
func finishRoyalty(tx *state.Tx, t *Trade, r *Royalty) error {
	r.Done = protocol.Millis(tx.Now)
	if !r.Finish {
		return nil
	}
	r.Freed = t.Frozen
	if r.FinishBy > 0 {
		if r.FinishBy > t.Frozen {
			return protocol.ACQ("ALLOC_AMOUNT_VALIDATE_ERROR", "解冻金额超过剩余冻结金额")
		}
		r.Freed = r.FinishBy
	}
	if err := release(tx, t, r.Freed, r.No); err != nil {
		return err
	}
	t.Finished = t.Frozen == 0
	return nil
}

// finishAsync carries out an accepted asynchronous royalty: each line for itself, then the message.
func finishAsync(tx *state.Tx, seq uint64, settleNo string) error {
	t, err := Get(tx, seq)
	if err != nil || t == nil {
		return err
	}
	i := slices.IndexFunc(t.Royalties, func(r *Royalty) bool { return r.SettleNo == settleNo })
	if i < 0 || t.Royalties[i].Done != 0 {
		return nil
	}
	r := t.Royalties[i]
	for j := range r.Lines {
		l := &r.Lines[j]
		var biz *protocol.BizError
		if err := executeLine(tx, t, r, l); errors.As(err, &biz) {
			l.State, l.Code, l.Text, l.At = stateFail, biz.SubCode[len("ACQ."):], biz.SubMsg, protocol.Millis(tx.Now)
		} else if err != nil {
			return err
		}
	}
	var biz *protocol.BizError
	if err := finishRoyalty(tx, t, r); err != nil && !errors.As(err, &biz) {
		return err
	}
	if err := Put(tx, t); err != nil {
		return err
	}
	return notify.SendMessage(tx, t.AppID, msgSettleNotify, settleMessage(t, r, "ASYNC_SETTLE_RESULT"))
}

// settleMessage is biz_content of alipay.trade.order.settle.notify.
func settleMessage(t *Trade, r *Royalty, kind string) any {
	return struct {
		MsgType      string          `json:"msg_type"`
		TradeNo      string          `json:"trade_no"`
		SettleNo     string          `json:"settle_no"`
		OutRequestNo string          `json:"out_request_no"`
		At           string          `json:"operation_dt"`
		DoneAt       string          `json:"operation_finish_dt"`
		Freed        string          `json:"royalty_finish_amount,omitempty"`
		Lines        []royaltyDetail `json:"royalty_detail_list,omitempty"`
	}{kind, t.TradeNo(), r.SettleNo, r.No, protocol.Beijing(protocol.FromMillis(r.At)),
		protocol.Beijing(protocol.FromMillis(r.Done)), finishText(r), r.details()}
}

func finishText(r *Royalty) string {
	if !r.Finish {
		return ""
	}
	return r.Freed.Yuan()
}
