package alipay

import (
	"crypto/rsa"
	"fmt"
	"reflect"
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
// body that is not one form (repeated field, bad encoding, bad amount), ErrSignature when it was not signed with RSA2
// by the pinned key, ErrForeignApp when it is for another application. Whose order it is, and whether the amount and
// the seller are that order's, is the caller's check.
func (c *Client) ParseTradeNotification(body []byte) (*TradeNotification, error) {
	form, err := c.openForm(body, false)
	if err != nil {
		return nil, err
	}
	if form["notify_type"] != tradeStatusSync {
		return nil, fmt.Errorf("%w: notify_type is not %s", ErrMalformed, tradeStatusSync)
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
	for name, value := range map[string]string{"notify_id": n.NotifyID, "trade_no": n.TradeNo,
		"out_trade_no": n.OutTradeNo,
		"trade_status": string(n.TradeStatus), "total_amount": form["total_amount"]} {
		if value == "" {
			return nil, fmt.Errorf("%w: %s is missing", ErrMalformed, name)
		}
	}
	if err := n.readAmounts(form); err != nil {
		return nil, err
	}
	n.readTimes(form)
	for name, to := range map[string]any{"fund_bill_list": &n.FundBillList,
		"voucher_detail_list": &n.VoucherDetailList} {
		if err := assign(reflect.ValueOf(to).Elem(), form[name], name); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
	}
	return n, nil
}

// readAmounts reads every amount by the strict rule: digits, a point, two digits. "1e2", " 1.00" and "1.001" are not
// amounts.
func (n *TradeNotification) readAmounts(form map[string]string) error {
	for name, to := range map[string]*money.Fen{
		"total_amount": &n.TotalAmount, "receipt_amount": &n.ReceiptAmount, "invoice_amount": &n.InvoiceAmount,
		"buyer_pay_amount": &n.BuyerPayAmount,
		"point_amount":     &n.PointAmount, "refund_fee": &n.RefundFee, "send_back_fee": &n.SendBackFee,
	} {
		value := form[name]
		if value == "" {
			continue
		}
		f, err := money.ParseYuan(value)
		if err != nil {
			return fmt.Errorf("%w: %s is not an amount", ErrMalformed, name)
		}
		*to = f
	}
	return nil
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

// openForm reads, verifies and converts an inbound form and checks whose it is.
func (c *Client) openForm(body []byte, bothRules bool) (map[string]string, error) {
	form, err := parseForm(body)
	if err != nil {
		return nil, err
	}
	if err := c.verifyForm(form, bothRules); err != nil {
		return nil, err
	}
	if err := toUTF8(form); err != nil {
		return nil, err
	}
	if form["app_id"] != c.credentials.AppID {
		return nil, ErrForeignApp
	}
	return form, nil
}

func publicKey(v any) *rsa.PublicKey { return v.(*rsa.PublicKey) }
