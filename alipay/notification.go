package alipay

import (
	"crypto/rsa"
	"fmt"
	"reflect"
	"strings"
	"time"

	"zhitong/internal/money"
)

// TradeNotification is a verified trade notification (Alipay documentation, 异步通知). It is made only from the signed
// fields of the POST body. Amounts are fen, exact; times carry Beijing's zone and are zero when they did not come.
type TradeNotification struct {
	NotifyID          string      // constant over the retries of one notification
	NotifyType        string      // trade_status_sync
	NotifyTime        time.Time   // of this attempt
	AppID             string      // always the client's
	AuthAppID         string      // the authorising application in ISV mode
	TradeNo           string      //
	OutTradeNo        string      //
	OutBizNo          string      // refund notices: the refund's request number
	TradeStatus       TradeStatus //
	TotalAmount       money.Fen   //
	ReceiptAmount     money.Fen   //
	InvoiceAmount     money.Fen   //
	BuyerPayAmount    money.Fen   //
	PointAmount       money.Fen   //
	RefundFee         money.Fen   // refund notices: all refunds of the trade so far
	SendBackFee       money.Fen   //
	Subject, Body     string      //
	BuyerID           string      //
	BuyerOpenID       string      //
	BuyerLogonID      string      // masked
	SellerID          string      // ZFT: the platform's PID or the secondary merchant, the documentation does not say
	SellerEmail       string      //
	GmtCreate         time.Time   //
	GmtPayment        time.Time   //
	GmtRefund         time.Time   //
	GmtClose          time.Time   //
	FundBillList      []FundBill  //
	VoucherDetailList []Voucher   //
	PassbackParams    string      // still URL-encoded once, as it was sent
	BizSettleMode     string      //
}

// tradeStatusSync is the only notify_type of trade notifications.
const tradeStatusSync = "trade_status_sync"

// ParseTradeNotification reads and verifies a trade notification from the raw POST body. It returns ErrMalformed for a
// body that is not one form (repeated field, bad encoding), for an essential field that is missing or cannot be read,
// and for a value that holds another field (see uncut); ErrSignature when it was not signed with RSA2 by the pinned
// key, ErrForeignApp when it is for another application. A field that only informs is left empty when it cannot be
// read: a payment is not lost for it. Whose order it is, and whether the amount and the seller are that order's, is the
// caller's check.
func (c *Client) ParseTradeNotification(body []byte) (*TradeNotification, error) {
	form, broken, err := c.openForm(body, false)
	if err != nil {
		return nil, err
	}
	if form["notify_type"] != tradeStatusSync {
		return nil, fmt.Errorf("%w: notify_type is not %s", ErrMalformed, tradeStatusSync)
	}
	for _, name := range essential() {
		if form[name] == "" {
			return nil, fmt.Errorf("%w: %s is missing", ErrMalformed, name)
		}
	}
	for _, name := range append(essential(), "seller_id") {
		if value := form[name]; len(value) > essentialMax || !isGraphic(value) {
			return nil, fmt.Errorf("%w: %s cannot be read", ErrMalformed, name)
		}
	}
	for _, name := range broken {
		form[name] = ""
	}
	n := &TradeNotification{
		NotifyID: form["notify_id"], NotifyType: form["notify_type"], AppID: form["app_id"],
		AuthAppID: form["auth_app_id"],
		TradeNo:   form["trade_no"], OutTradeNo: form["out_trade_no"], OutBizNo: form["out_biz_no"],
		TradeStatus: TradeStatus(form["trade_status"]),
		Subject:     form["subject"], Body: form["body"], BuyerID: form["buyer_id"], BuyerOpenID: form["buyer_open_id"],
		BuyerLogonID: form["buyer_logon_id"],
		SellerID:     form["seller_id"], SellerEmail: form["seller_email"], PassbackParams: form["passback_params"],
		BizSettleMode: form["biz_settle_mode"],
	}
	if n.TotalAmount, err = answerFen(form["total_amount"]); err != nil {
		return nil, fmt.Errorf("%w: total_amount is not an amount", ErrMalformed)
	}
	n.readAmounts(form)
	n.readTimes(form)
	for _, who := range []*string{&n.BuyerID, &n.BuyerOpenID} {
		if len(*who) > essentialMax || !isGraphic(*who) {
			*who = ""
		}
	}
	for name, to := range map[string]any{"fund_bill_list": &n.FundBillList,
		"voucher_detail_list": &n.VoucherDetailList} {
		list := reflect.ValueOf(to).Elem()
		if err := assign(list, form[name], name); err != nil {
			list.SetZero()
		}
	}
	return n, nil
}

// essential are the fields that decide which order is paid, and whether it is. seller_id is one too, but may be missing.
func essential() []string {
	return []string{"notify_id", "app_id", "out_trade_no", "trade_no", "trade_status", "total_amount"}
}

// essentialMax bounds an essential field, in bytes; the documented limits are 64 and 128.
const essentialMax = 128

// isGraphic reports whether s is printable ASCII without blanks, as each essential field is.
func isGraphic(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// readAmounts leaves an amount that cannot be read 0: the decision rests on total_amount alone.
func (n *TradeNotification) readAmounts(form map[string]string) {
	for name, to := range map[string]*money.Fen{
		"receipt_amount": &n.ReceiptAmount, "invoice_amount": &n.InvoiceAmount, "buyer_pay_amount": &n.BuyerPayAmount,
		"point_amount": &n.PointAmount, "refund_fee": &n.RefundFee, "send_back_fee": &n.SendBackFee,
	} {
		*to, _ = answerFen(form[name])
	}
}

// readTimes leaves an unreadable time zero: no decision rests on one, and a paid notification must not be lost for its
// layout.
func (n *TradeNotification) readTimes(form map[string]string) {
	for name, to := range map[string]*time.Time{
		"notify_time": &n.NotifyTime, "gmt_create": &n.GmtCreate, "gmt_payment": &n.GmtPayment,
		"gmt_refund": &n.GmtRefund, "gmt_close": &n.GmtClose,
	} {
		*to, _ = parseWireTime(form[name])
	}
}

// openForm reads, verifies and converts an inbound form and checks whose it is. broken are the fields whose bytes are no
// text.
func (c *Client) openForm(body []byte, bothRules bool) (form map[string]string, broken []string, err error) {
	if form, err = parseForm(body); err != nil {
		return nil, nil, err
	}
	if err := c.verifyForm(form, bothRules); err != nil {
		return nil, nil, err
	}
	if err := uncut(form); err != nil {
		return nil, nil, err
	}
	broken = toUTF8(form)
	if form["app_id"] != c.credentials.AppID {
		return nil, nil, ErrForeignApp
	}
	return form, broken, nil
}

func publicKey(v any) *rsa.PublicKey { return v.(*rsa.PublicKey) }
