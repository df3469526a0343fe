package simulator

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"zhitong/internal/money"
)

const (
	royaltyTransfer  = "transfer"
	royaltyReplenish = "replenish"

	maxLinesSync   = 5
	maxLinesAsync  = 50
	maxSyncCalls   = 50
	maxAsyncCalls  = 300
	asyncDelay     = 2 * time.Second
	stateSuccess   = "SUCCESS"
	stateFail      = "FAIL"
	stateRunning   = "PROCESSING"
	maxLoginLength = 100

	msgSettleNotify = "alipay.trade.order.settle.notify"
)

func royaltyLineFields() []field {
	return []field{
		{Name: "royalty_type", Max: 32, Enum: []string{royaltyTransfer, royaltyReplenish}},
		{Name: "trans_out_type", Max: 64, Enum: []string{"userId", "loginName"}}, {Name: "trans_out", Max: maxLoginLength},
		{Name: "trans_in_type", Max: 64, Enum: []string{"userId", "loginName", "openId", "cardAliasNo"}}, {Name: "trans_in", Max: 128},
		{Name: "amount", Kind: kAmount, Max: 12}, {Name: "amount_percentage", Kind: kInt, Max: 3}, {Name: "desc", Max: 1000},
		{Name: "royalty_scene", Max: 256, Enum: []string{"达人佣金", "平台服务费", "技术服务费", "其他"}}, {Name: "trans_in_name", Max: 128},
	}
}

// royaltyMethods carry out royalties and tell of them.
func royaltyMethods() []method {
	need := []string{ProductZFT, ProductRoyalty}
	return []method{
		{Name: "alipay.trade.order.settle", Products: need, Prefix: "ACQ.", Handle: orderSettle, Fields: []field{
			{Name: "out_request_no", Required: true, Max: 64, Form: token}, {Name: "trade_no", Required: true, Max: 64},
			{Name: "royalty_parameters", Kind: kArray, Fields: royaltyLineFields()},
			{Name: "operator_id", Max: 64}, {Name: "royalty_mode", Enum: []string{"sync", "async"}},
			{Name: "extend_params", Kind: kObject, Fields: []field{{Name: "royalty_finish", Kind: kBool}, {Name: "royalty_finish_amount", Kind: kAmount}}},
		}},
		{Name: "alipay.trade.order.settle.query", Products: need, Handle: settleQuery, Fields: []field{
			{Name: "settle_no", Max: 64}, {Name: "out_request_no", Max: 64}, {Name: "trade_no", Max: 64},
		}},
		{Name: "alipay.trade.order.onsettle.query", Products: need, Prefix: "ACQ.", Handle: onsettleQuery, Fields: []field{
			{Name: "trade_no", Required: true, Max: 64}, {Name: "royalty_source", Enum: []string{"unsettled"}},
		}},
	}
}

type orderSettleAnswer struct {
	TradeNo  string `json:"trade_no"`
	SettleNo string `json:"settle_no"`
}

// orderSettle is alipay.trade.order.settle: all lines or none in sync mode; accepted and carried out later in async mode.
func orderSettle(c *call) (any, error) {
	var t *Trade
	var done *Royalty
	err := c.update(func(tx *tx) error {
		var err error
		if t, err = findTrade(tx, c.pid, c.biz); err != nil {
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

func settleOrder(tx *tx, c *call, t *Trade) (*Royalty, error) {
	ext := c.biz.obj("extend_params")
	r := &Royalty{No: c.biz.str("out_request_no"), At: ms(tx.now), Async: c.biz.str("royalty_mode") == "async", Finish: ext.is("royalty_finish"), FinishBy: ext.fen("royalty_finish_amount")}
	asked := c.biz.list("royalty_parameters")
	if err := royaltyShape(c, r, ext, asked); err != nil {
		return nil, err
	}
	for _, o := range asked {
		r.Lines = append(r.Lines, askedLine(t, o))
	}
	seen, err := claimRequest(tx, kindSettle, c.pid, r.No, t)
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
	r.SettleNo = t.settleNo(tx.now)
	for i := range r.Lines {
		r.Lines[i].ID = fmt.Sprintf("%s%02d", r.SettleNo[:26], i) + r.SettleNo[27:]
		r.Lines[i].State = stateRunning
	}
	t.Royalties = append(t.Royalties, r)
	if r.Async {
		if err := addTimer(tx, ms(tx.now.Add(asyncDelay)), timerRoyalty, append(num(t.Seq), r.SettleNo...)); err != nil {
			return nil, err
		}
		return r, putTrade(tx, t)
	}
	for i := range r.Lines {
		if err := executeLine(tx, t, r, &r.Lines[i]); err != nil {
			return nil, err
		}
	}
	if err := finishRoyalty(tx, t, r); err != nil {
		return nil, err
	}
	return r, putTrade(tx, t)
}

// royaltyShape checks what the field table cannot.
func royaltyShape(c *call, r *Royalty, ext object, asked []object) error {
	limit := maxLinesSync
	if r.Async {
		limit = maxLinesAsync
	}
	switch {
	case len(asked) == 0 && !r.Finish:
		return c.method.refuseField(&fieldError{"royalty_parameters", "不能为空"})
	case len(asked) > limit:
		return c.method.refuseField(&fieldError{"royalty_parameters", fmt.Sprintf("超过 %d 条", limit)})
	case ext.has("royalty_finish_amount") && !r.Finish:
		return c.method.refuseField(&fieldError{"extend_params.royalty_finish_amount", "需要 royalty_finish=true"})
	}
	return nil
}

// askedLine is a line as the caller wrote it.
func askedLine(t *Trade, o object) RoyaltyLine {
	l := RoyaltyLine{Type: o.str("royalty_type"), Asked: o.str("trans_in"), InType: o.str("trans_in_type"), Amount: o.fen("amount")}
	if l.Type == "" {
		l.Type = royaltyTransfer
	}
	if l.InType == "" {
		l.InType = "userId"
	}
	if p := o.num("amount_percentage", 0); !o.has("amount") && p > 0 && p <= 100 {
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
	return nil, acq("DISCORDANT_REPEAT_REQUEST", "同一请求号的请求内容不一致")
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
		onCard = onCard && n.Type == settleCard && !n.Freeze
	}
	switch {
	case t.Status == statusClosed && t.paid():
		return acq("ALLOC_REFUSE_AFTER_REFUND", "交易已全额退款，不可分账")
	case !t.paid():
		return acq("TRADE_STATUS_ERROR", "交易状态异常")
	case t.Settled == 0 && r.Async:
		return acq("ASYNC_ALLOC_NOT_SUPPORT_IN_PERIOD", "账期交易结算前不支持异步分账")
	case t.Settled == 0:
		return acq("ALLOC_REFUSE_BEFORE_SETTLE", "交易未确认结算，不可分账")
	case t.Finished:
		return acq("ALREADY_FINISH_ALLOC", "交易已完结分账")
	case onCard:
		return acq("SETTLE_TO_CARD_NOT_SUPPORT", "结算到银行卡的交易不支持分账")
	case calls >= maxSyncCalls && !r.Async, calls >= maxAsyncCalls:
		return acq("TRADE_SETTLE_ERROR", "单笔交易分账次数超限")
	}
	return nil
}

// checkLine finds and judges both sides of a line.
func checkLine(tx *tx, c *call, t *Trade, o object, l *RoyaltyLine) error {
	if l.Amount <= 0 {
		return c.method.refuseField(&fieldError{"royalty_parameters.amount", "必须大于0"})
	}
	own, err := ownAccounts(tx, t)
	if err != nil {
		return err
	}
	if l.Type == royaltyReplenish {
		return checkReplenish(o, t, own, l)
	}
	if out := o.str("trans_out"); out != "" && !slices.Contains(own, out) {
		return acq("MUST_ALLOC_FROM_ROOT_ACCOUNT", "必须从交易收款方分出")
	}
	l.Out = own[0]
	if l.Asked == "" {
		return c.method.refuseField(&fieldError{"royalty_parameters.trans_in", "不能为空"})
	}
	a, err := receiver(tx, l.InType, l.Asked)
	switch {
	case err != nil:
		return err
	case a == nil:
		return acq("ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST", "分账收款方账号不存在")
	case slices.Contains(own, a.UserID):
		return acq("ROYALTY_ACCOUNTS_EQUAL", "分账收付款账号相同")
	}
	l.In = a.UserID
	if a.UserID != t.PID {
		bound, err := related(tx, t.PID, a.UserID)
		if err != nil {
			return err
		}
		if !bound {
			return acq("ROYALTY_RECEIVER_INVALID", "分账收款方不在分账关系集中")
		}
	}
	return checkReceiver(a, o.str("trans_in_name"))
}

// ownAccounts are the names of the trade's receiver: smid (or PID) first, then its Alipay account and login.
func ownAccounts(tx *tx, t *Trade) ([]string, error) {
	if t.SMID == "" {
		return []string{t.PID}, nil
	}
	m, err := getMerchant(tx, t.SMID)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, acq("SECONDARY_MERCHANT_ID_INVALID", "二级商户不存在")
	}
	return []string{m.SMID, m.UserID, m.LogonID}, nil
}

func checkReplenish(o object, t *Trade, own []string, l *RoyaltyLine) error {
	if out := o.str("trans_out"); t.SMID == "" || (out != "" && out != t.PID) {
		return acq("REPLENISH_ACCOUNT_INVALID", "补差账号无效")
	}
	if l.Asked != "" && !slices.Contains(own, l.Asked) {
		return acq("REPLENISH_ACCOUNT_INVALID", "补差账号无效")
	}
	l.Out, l.In = t.PID, own[0]
	return nil
}

// receiver finds who is meant by type and value; cards cannot receive royalties here.
func receiver(tx *tx, kind, value string) (*Account, error) {
	switch kind {
	case "userId":
		return getDoc[Account](tx, bucketAccounts, value)
	case "openId":
		return getDoc[Account](tx, bucketAccounts, userOfOpenID(value))
	case "loginName":
		a, err := findAccount(tx, value)
		if a != nil && a.LogonID != value {
			return nil, err
		}
		return a, err
	}
	return nil, acq("ROYALTY_RECEIVER_INVALID", "分账收款方类型不支持")
}

// checkReceiver judges the receiver's account.
func checkReceiver(a *Account, name string) error {
	switch {
	case !a.Certified:
		return acq("ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY", "分账收款方未实名认证")
	case a.NoBalance:
		return acq("ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE", "分账收款方无余额户")
	case a.Blocked:
		return acq("ROYALTY_ACCOUNT_INVALID", "分账账号状态异常")
	case name != "" && name != a.Name:
		return acq("ROYALTY_ACCOUNT_NAME_NOT_MATCH", "分账收款方姓名不匹配")
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

// capLeft is how much royalty the ratio still allows: max_ratio of the total, plus what the platform added, less what went out.
func (t *Trade) capLeft(ratio int) money.Fen {
	return t.Total*money.Fen(ratio)/100 + t.Topped - t.Untopped - (t.Shared - t.Unshared) - t.reserved()
}

// sharable is the money at hand that royalties can be taken from: frozen money if there is any, else what is settled and not yet gone.
func (t *Trade) sharable() money.Fen {
	if t.Frozen > 0 {
		return t.Frozen - t.reserved()
	}
	return t.Settled - t.Returned - (t.Shared - t.Unshared) + t.Topped - t.Untopped - t.reserved()
}

// checkCap refuses lines above the ratio or above what is left. Replenishments of the same request count first.
func checkCap(c *call, t *Trade, lines []RoyaltyLine) error {
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
	if out > 0 && (out > t.capLeft(c.owner().Settings.MaxRatio)+in || out > have) {
		return acq("ALLOC_AMOUNT_VALIDATE_ERROR", "分账金额超过限制")
	}
	return nil
}

// executeLine moves the money of one line. A refusal leaves the line as it was.
func executeLine(tx *tx, t *Trade, r *Royalty, l *RoyaltyLine) error {
	from, to := t.purseSettled(), "A:"+l.In
	switch {
	case l.Type == royaltyReplenish:
		from, to = "A:"+t.PID, t.purseSettled()
	case t.Frozen > 0:
		from = t.purseFrozen()
	}
	if from == to {
		return acq("ROYALTY_ACCOUNTS_EQUAL", "分账收付款账号相同")
	}
	if l.Type == royaltyTransfer && t.Frozen > 0 && l.Amount > t.Frozen {
		return acq("TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "分账余额不足")
	}
	err := move(tx, t.flow(l.Type, from, to, l.Amount, r.No))
	if errors.Is(err, errPurseShort) {
		return acq("TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", "分账余额不足")
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
	l.State, l.At = stateSuccess, ms(tx.now)
	return nil
}

// finishRoyalty does what royalty_finish says after the lines.
func finishRoyalty(tx *tx, t *Trade, r *Royalty) error {
	r.Done = ms(tx.now)
	if !r.Finish {
		return nil
	}
	r.Freed = t.Frozen
	if r.FinishBy > 0 {
		if r.FinishBy > t.Frozen {
			return acq("ALLOC_AMOUNT_VALIDATE_ERROR", "解冻金额超过剩余冻结金额")
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
func finishAsync(tx *tx, seq uint64, settleNo string) error {
	t, err := getTrade(tx, seq)
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
		var biz *bizError
		if err := executeLine(tx, t, r, l); errors.As(err, &biz) {
			l.State, l.Code, l.Text, l.At = stateFail, biz.SubCode[len("ACQ."):], biz.SubMsg, ms(tx.now)
		} else if err != nil {
			return err
		}
	}
	var biz *bizError
	if err := finishRoyalty(tx, t, r); err != nil && !errors.As(err, &biz) {
		return err
	}
	if err := putTrade(tx, t); err != nil {
		return err
	}
	return sendMessage(tx, t.AppID, msgSettleNotify, settleMessage(t, r, "ASYNC_SETTLE_RESULT"))
}

type royaltyDetail struct {
	Type      string `json:"operation_type"`
	ExecuteAt string `json:"execute_dt,omitempty"`
	Out       string `json:"trans_out,omitempty"`
	OutType   string `json:"trans_out_type,omitempty"`
	In        string `json:"trans_in,omitempty"`
	InType    string `json:"trans_in_type,omitempty"`
	Amount    string `json:"amount"`
	State     string `json:"state"`
	ID        string `json:"detail_id"`
	Code      string `json:"error_code,omitempty"`
	Text      string `json:"error_desc,omitempty"`
}

// details lists the lines of a royalty: the receiver of a transfer, the payer of a replenishment.
func (r *Royalty) details() []royaltyDetail {
	out := []royaltyDetail{}
	for _, l := range r.Lines {
		d := royaltyDetail{Type: l.Type, Amount: l.Amount.Yuan(), State: l.State, ID: l.ID, Code: l.Code, Text: l.Text}
		if l.At > 0 {
			d.ExecuteAt = beijing(fromMS(l.At))
		}
		if l.Type == royaltyReplenish {
			d.Out, d.OutType = l.Out, "userId"
		} else {
			d.In, d.InType = l.In, "userId"
		}
		out = append(out, d)
	}
	return out
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
	}{kind, t.TradeNo(), r.SettleNo, r.No, beijing(fromMS(r.At)), beijing(fromMS(r.Done)), finishText(r), r.details()}
}

func finishText(r *Royalty) string {
	if !r.Finish {
		return ""
	}
	return r.Freed.Yuan()
}

type settleQueryAnswer struct {
	OutRequestNo string          `json:"out_request_no"`
	At           string          `json:"operation_dt"`
	Lines        []royaltyDetail `json:"royalty_detail_list"`
}

// settleQuery is alipay.trade.order.settle.query: by settle_no, or by out_request_no with trade_no.
func settleQuery(c *call) (any, error) {
	settleNo, requestNo := c.biz.str("settle_no"), c.biz.str("out_request_no")
	if settleNo == "" && (requestNo == "" || !c.biz.has("trade_no")) {
		return nil, c.method.refuseField(&fieldError{"settle_no", "或 out_request_no 与 trade_no 不能为空"})
	}
	var a settleQueryAnswer
	err := c.view(func(tx *tx) error {
		seq := seqOfSettleNo(settleNo)
		if settleNo == "" {
			seq = seqOfTradeNo(c.biz.str("trade_no"))
		}
		t, err := getTrade(tx, seq)
		if err != nil {
			return err
		}
		if t == nil || t.PID != c.pid {
			return refuse("MERCHANT_TRADE_NOT_MATCH", "商户与交易不匹配")
		}
		for _, r := range t.Royalties {
			if (settleNo != "" && r.SettleNo == settleNo) || (settleNo == "" && r.No == requestNo) {
				a = settleQueryAnswer{r.No, beijing(fromMS(r.At)), r.details()}
				return nil
			}
		}
		return c.method.refuseField(&fieldError{"settle_no,out_request_no", "分账请求不存在"})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// onsettleQuery is alipay.trade.order.onsettle.query: how much can still be shared.
func onsettleQuery(c *call) (any, error) {
	var left money.Fen
	err := c.view(func(tx *tx) error {
		t, err := findTrade(tx, c.pid, c.biz)
		if err != nil {
			return err
		}
		left = t.sharable()
		if c.biz.str("royalty_source") == "unsettled" {
			left = t.Unsettled
		}
		left = max(0, min(left, t.capLeft(c.owner().Settings.MaxRatio)))
		if t.Finished || !t.paid() {
			left = 0
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Amount string `json:"unsettled_amount"`
	}{left.Yuan()}, nil
}
