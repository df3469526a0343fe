package trades

import (
	"zhitong/simulator/notify"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// notifyTrade tells the merchant what became of a trade; refund is given for refunds. Without a notify_url nobody is
// told.
func notifyTrade(tx *state.Tx, t *Trade, refund *Refund) error {
	if t.NotifyURL == "" {
		return nil
	}
	p, err := NotificationParams(tx, t, refund)
	if err != nil {
		return err
	}
	return notify.Add(tx,
		&notify.Notification{AppID: t.AppID, URL: t.NotifyURL, Method: notify.TypeTrade, TradeNo: t.TradeNo(),
			OutNo: t.Out, Params: p})
}

// NotificationParams are the fields of a trade notification (Alipay documentation, asynchronous notification).
func NotificationParams(tx *state.Tx, t *Trade, refund *Refund) (map[string]string, error) {
	d, err := t.describe(tx)
	if err != nil {
		return nil, err
	}
	app := t.AppID
	if t.Via != "" {
		app = t.Via
	}
	p := map[string]string{
		"notify_type": notify.TypeTrade, "charset": "utf-8", "version": "1.0", "app_id": app, "auth_app_id": t.AppID,
		"trade_no": t.TradeNo(), "out_trade_no": t.Out, "trade_status": t.Status, "total_amount": t.Total.Yuan(),
		"subject": t.Subject, "body": t.Body,
		"buyer_id": d.BuyerUserID, "buyer_open_id": d.BuyerOpenID, "buyer_logon_id": d.BuyerLogonID,
		"seller_id":  t.SellerID(tx),
		"gmt_create": protocol.Beijing(protocol.FromMillis(t.Created)), "passback_params": t.Pass,
	}
	if t.IsPaid() {
		p["gmt_payment"] = protocol.Beijing(protocol.FromMillis(t.Paid))
		p["receipt_amount"], p["invoice_amount"], p["buyer_pay_amount"], p["point_amount"] = d.ReceiptAmount,
			d.InvoiceAmount, d.BuyerPayAmount, d.PointAmount
		bills := make([]map[string]string, 0, len(t.Funds))
		for _, f := range t.Funds {
			bills = append(bills, map[string]string{"amount": f.Amount.Yuan(), "fundChannel": f.Channel})
		}
		p["fund_bill_list"] = string(protocol.EncodeJSON(bills))
	}
	if t.Status == StatusClosed {
		p["gmt_close"] = protocol.Beijing(protocol.FromMillis(t.Closed))
	}
	if refund != nil {
		p["out_biz_no"], p["refund_fee"], p["send_back_fee"] = refund.No, t.Refunded.Yuan(), refund.Amount.Yuan()
		p["gmt_refund"] = protocol.FromMillis(refund.At).In(protocol.BeijingZone()).Format("2006-01-02 15:04:05.000")
	}
	for k, v := range p {
		if v == "" {
			delete(p, k)
		}
	}
	return p, nil
}

// SellerID is the platform's PID, or by setting the secondary merchant: the documentation does not say which.
func (t *Trade) SellerID(tx *state.Tx) string {
	if a := tx.State.Apps.Get(t.AppID); a != nil && a.Settings.SellerSMID && t.SMID != "" {
		return t.SMID
	}
	return t.PID
}
