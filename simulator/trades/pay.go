package trades

import (
	"errors"
	"strings"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Channels a buyer can choose at the cashier, as fund_channel names them.
const (
	ChannelBalance = "ALIPAYACCOUNT"
	ChannelFund    = "MONEYFUND" // 余额宝: the same money as the balance here
	ChannelHuabei  = "PCREDIT"
	ChannelCard    = "BANKCARD"
)

// channelAsked maps fund channels to the words of enable_pay_channels and disable_pay_channels.
func channelAsked(channel string) []string {
	switch channel {
	case ChannelFund:
		return []string{"moneyFund"}
	case ChannelHuabei:
		return []string{"pcredit", "credit_group"}
	case ChannelCard:
		return []string{"debitCardExpress", "bankPay"}
	}
	return []string{"balance"}
}

// Allows reports whether the order lets the buyer use the channel.
func (t *Trade) Allows(channel string) bool {
	if channel == ChannelHuabei && t.Goods == 1 {
		return false // virtual goods
	}
	for _, name := range channelAsked(channel) {
		if hasWord(t.Disable, name) {
			return false
		}
		if hasWord(t.Enable, name) {
			return true
		}
	}
	return t.Enable == ""
}

func hasWord(list, word string) bool {
	for s := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(s) == word {
			return true
		}
	}
	return false
}

// payTrade takes the whole amount from the buyer: state, money, automatic settlement and the notification in the
// caller's transaction.
func payTrade(tx *state.Tx, t *Trade, buyerID, channel string) error {
	if err := payable(tx, t); err != nil {
		return err
	}
	a, err := state.FindAccount(tx, buyerID)
	switch {
	case err != nil:
		return err
	case a == nil:
		return protocol.ACQ("BUYER_NOT_EXIST", "买家不存在")
	case a.Blocked:
		return protocol.ACQ("BUYER_ENABLE_STATUS_FORBID", "买家状态非法")
	case t.Wanted != "" && t.Wanted != a.UserID:
		return protocol.ACQ("TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
	case !t.Allows(channel):
		return protocol.ACQ("NO_PAYMENT_INSTRUMENTS_AVAILABLE", "没有可用的支付工具")
	}
	if err := notSeller(tx, t, a); err != nil {
		return err
	}
	if err := charge(tx, t, a, channel); err != nil {
		return err
	}
	t.Buyer, t.Status, t.Paid = a.UserID, StatusSuccess, protocol.Millis(tx.Now)
	t.Funds = []fund{{channel, t.Total}}
	if err := state.DeleteTimer(tx, t.Expires, timerExpire, state.Key(t.Seq)); err != nil {
		return err
	}
	t.Expires = 0
	if err := scheduleSettle(tx, t); err != nil {
		return err
	}
	if err := Put(tx, t); err != nil {
		return err
	}
	return notifyTrade(tx, t, nil)
}

// payable refuses what cannot be paid now, and the desk's ordered refusals.
func payable(tx *state.Tx, t *Trade) error {
	switch t.Status {
	case StatusSuccess, StatusFinished:
		return protocol.ACQ("TRADE_HAS_SUCCESS", "交易已被支付")
	case StatusClosed:
		return protocol.ACQ("TRADE_HAS_CLOSE", "交易已经关闭")
	case StatusAsked:
		return protocol.ACQ("TRADE_STATUS_ERROR", "交易状态异常")
	}
	if t.Refuse != "" {
		return protocol.Refuse(t.Refuse, "支付被拒绝")
	}
	if t.SMID == "" {
		return nil
	}
	_, err := usableMerchant(tx, t.PID, t.SMID)
	return err
}

// charge moves the buyer's money to the receiver: unsettled for a secondary merchant, the account for the platform
// itself.
func charge(tx *state.Tx, t *Trade, a *state.Account, channel string) error {
	from, to := "A:"+a.UserID, t.purseSettled()
	switch {
	case t.SMID != "":
		to = t.PurseUnsettled()
		t.Unsettled = t.Total
	case t.Freeze:
		to = t.purseFrozen()
	}
	switch channel {
	case ChannelHuabei:
		if debt := -state.Balance(tx, "K:"+a.UserID); debt+t.Total > a.Huabei {
			return protocol.ACQ("BUYER_BALANCE_NOT_ENOUGH", "花呗额度不足")
		}
		from = "K:" + a.UserID
	case ChannelCard:
		from = state.WorldPurse
	}
	err := state.Move(tx, t.flow("pay", from, to, t.Total, ""))
	if errors.Is(err, state.ErrPurseShort) {
		return protocol.ACQ("BUYER_BALANCE_NOT_ENOUGH", "买家余额不足")
	}
	return err
}

// giveBack is the purse a refund returns to.
func (t *Trade) giveBack() string {
	if len(t.Funds) > 0 {
		switch t.Funds[0].Channel {
		case ChannelHuabei:
			return "K:" + t.Buyer
		case ChannelCard:
			return state.WorldPurse
		}
	}
	return "A:" + t.Buyer
}

type fundBill struct {
	Channel string `json:"fund_channel"`
	Amount  string `json:"amount"`
	Type    string `json:"fund_type,omitempty"`
}

func (t *Trade) fundBills() []fundBill {
	out := make([]fundBill, 0, len(t.Funds))
	for _, f := range t.Funds {
		b := fundBill{Channel: f.Channel, Amount: f.Amount.Yuan()}
		if f.Channel == ChannelCard {
			b.Type = "DEBIT_CARD"
		}
		out = append(out, b)
	}
	return out
}

// payAnswer is what pay and query tell of a trade.
type payAnswer struct {
	TradeNo        string       `json:"trade_no"`
	OutTradeNo     string       `json:"out_trade_no"`
	BuyerLogonID   string       `json:"buyer_logon_id,omitempty"`
	BuyerUserID    string       `json:"buyer_user_id,omitempty"`
	BuyerOpenID    string       `json:"buyer_open_id,omitempty"`
	BuyerUserType  string       `json:"buyer_user_type,omitempty"`
	TradeStatus    string       `json:"trade_status,omitempty"`
	TotalAmount    string       `json:"total_amount"`
	ReceiptAmount  string       `json:"receipt_amount,omitempty"`
	BuyerPayAmount string       `json:"buyer_pay_amount,omitempty"`
	PointAmount    string       `json:"point_amount,omitempty"`
	InvoiceAmount  string       `json:"invoice_amount,omitempty"`
	GmtPayment     string       `json:"gmt_payment,omitempty"`
	SendPayDate    string       `json:"send_pay_date,omitempty"`
	Passback       string       `json:"passback_params,omitempty"`
	StoreID        string       `json:"store_id,omitempty"`
	FundBillList   []fundBill   `json:"fund_bill_list,omitempty"`
	Settle         *tradeSettle `json:"trade_settle_info,omitempty"`
}

// describe fills the members that pay and query share.
func (t *Trade) describe(tx *state.Tx) (*payAnswer, error) {
	a := &payAnswer{TradeNo: t.TradeNo(), OutTradeNo: t.Out, TotalAmount: t.Total.Yuan(), Passback: t.Pass,
		StoreID: t.Store}
	who := t.Buyer
	if who == "" {
		who = t.Wanted
	}
	if who != "" {
		acc, err := state.Get[state.Account](tx, state.BucketAccounts, who)
		if err != nil {
			return nil, err
		}
		if acc != nil {
			a.BuyerLogonID, a.BuyerUserType = state.MaskLogon(acc.LogonID), "PRIVATE"
			// One replaces the other (Alipay documentation, alipay.trade.query, buyer_user_id and buyer_open_id).
			if app := tx.State.Apps.Get(t.AppID); app != nil && app.Settings.OpenIDs {
				a.BuyerOpenID = state.OpenID(acc, t.AppID)
			} else {
				a.BuyerUserID = acc.UserID
			}
		}
	}
	if t.IsPaid() {
		yuan, zero := t.Total.Yuan(), money.Fen(0).Yuan()
		a.ReceiptAmount, a.BuyerPayAmount, a.InvoiceAmount, a.PointAmount = yuan, yuan, yuan, zero
	}
	return a, nil
}

// Magic bar codes (16–24 digits beginning 25…30), chosen by their last four digits. Everything else with that shape
// pays from the test buyer.
const (
	barPassword = "0003" // 10003, paid when the cashier or the desk pays it
	barNever    = "0004" // 10003, and the buyer never enters the password: the cashier refuses
	barShort    = "0005" // balance short
	barUnknown  = "0006" // 20000 after the effect
	barLost     = "0007" // 20000 before any effect
	barRisk     = "0008" // ACQ.PAYMENT_REQUEST_HAS_RISK
	barDead     = "0009" // ACQ.PAYMENT_AUTH_CODE_INVALID
)

// passwordAbove: a barcode payment above this asks for the password (10003).
const passwordAbove = money.Fen(1000_00)

// payBarcode is alipay.trade.pay.
func payBarcode(c *gateway.Call) (any, error) {
	code := c.Biz.Str("auth_code")
	if code == "" {
		return nil, protocol.ACQ("AUTH_TOKEN_IS_NOT_EXIST", "支付授权码为空")
	}
	if len(code) < 16 || len(code) > 24 || !protocol.IsDigits(code) || code[:2] < "25" || code[:2] > "30" ||
		strings.HasSuffix(code, barDead) {
		return nil, protocol.ACQ("PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款，如再次收款失败，请联系管理员处理")
	}
	if strings.HasSuffix(code, barLost) {
		return nil, protocol.Unavailable()
	}
	var t *Trade
	var answer *payAnswer
	var refused error
	waiting := false
	err := c.Update(func(tx *state.Tx) error {
		want, err := newOrder(tx, c, c.Biz, kindPay)
		if err != nil {
			return err
		}
		if t, _, err = place(tx, want); err != nil {
			return err
		}
		if err := Begin(tx, t); err != nil {
			return err
		}
		buyer := "2088000000000001"
		switch {
		case strings.HasSuffix(code, barShort):
			buyer = "2088000000000002"
		case strings.HasSuffix(code, barRisk):
			refused = protocol.ACQ("PAYMENT_REQUEST_HAS_RISK", "支付有风险")
		}
		waiting = strings.HasSuffix(code, barPassword) || strings.HasSuffix(code, barNever) || t.Total > passwordAbove
		if strings.HasSuffix(code, barNever) && t.Refuse == "" {
			t.Refuse = "ACQ.PAYMENT_FAIL"
			if err := Put(tx, t); err != nil {
				return err
			}
		}
		if refused == nil && !waiting {
			// A refused payment leaves the trade open (WAIT_BUYER_PAY), so the refusal must not roll it back.
			var biz *protocol.BizError
			if err := payTrade(tx, t, buyer, ChannelBalance); errors.As(err, &biz) {
				refused = err
			} else if err != nil {
				return err
			}
		}
		answer, err = t.describe(tx)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case refused != nil:
		return nil, refused
	case strings.HasSuffix(code, barUnknown):
		return nil, protocol.Unavailable()
	case waiting:
		return protocol.Coded{Code: "10003", Msg: "order success pay inprocess", Node: answer}, nil
	}
	answer.GmtPayment, answer.FundBillList = protocol.Beijing(protocol.FromMillis(t.Paid)), t.fundBills()
	return answer, nil
}
