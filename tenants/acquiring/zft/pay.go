package zft

import (
	"context"
	"fmt"
	"time"

	"zhitong/alipay"
	"zhitong/tenants/acquiring"
)

// subjectMax is what fits into a subject, in characters (alipay.trade.precreate, subject).
const subjectMax = 120

// Prepare implements acquiring.Pay. A trade names the secondary merchant that receives it and settles by that
// merchant's default rule; when the money is released it stays frozen for the split (settle.confirm, royalty_freeze).
func (a adapter) Prepare(ctx context.Context, c acquiring.Charge) (string, error) {
	seller, settle := &alipay.SubMerchant{MerchantID: c.Seller}, alipay.DefaultSettle(c.Total, "")
	switch c.Method {
	case acquiring.MethodQR:
		answer, err := a.c.TradePrecreate(ctx, alipay.TradePrecreateRequest{
			OutTradeNo:  c.Number,
			TotalAmount: c.Total,
			Subject:     subject(c.Subject),
			SubMerchant: seller,
			SettleInfo:  settle,
			TimeExpire:  c.ExpiresAt.In(time.UTC),
		})
		if err != nil {
			return "", failure(err)
		}
		return answer.QRCode, nil
	case acquiring.MethodPage:
		address, err := a.c.TradePagePay(ctx, alipay.TradePagePayRequest{
			ProductCode: alipay.ProductPage,
			OutTradeNo:  c.Number,
			TotalAmount: c.Total,
			Subject:     subject(c.Subject),
			ReturnURL:   c.ReturnURL,
			SubMerchant: seller,
			SettleInfo:  settle,
			TimeExpire:  c.ExpiresAt.In(time.UTC),
		})
		return address, failure(err)
	}
	return "", acquiring.Refused("", "", "method", fmt.Errorf("method %q is not offered", c.Method))
}

// subject is the text without the characters that Alipay refuses.
func subject(s string) string {
	out := make([]rune, 0, subjectMax)
	for _, r := range s {
		if r == '/' || r == '=' || r == '&' {
			r = ' '
		}
		if out = append(out, r); len(out) == subjectMax {
			break
		}
	}
	return string(out)
}

// Query implements acquiring.Pay (alipay.trade.query).
func (a adapter) Query(ctx context.Context, number string) (acquiring.Trade, error) {
	t, err := a.c.TradeQuery(ctx, alipay.TradeQueryRequest{OutTradeNo: number})
	if err != nil {
		return acquiring.Trade{}, failure(err)
	}
	if statusOf(t.TradeStatus) == "" {
		return acquiring.Trade{}, acquiring.NotKnown("", undocumented(t.TradeStatus))
	}
	return acquiring.Trade{
		Number:  t.OutTradeNo,
		TradeNo: t.TradeNo,
		Status:  statusOf(t.TradeStatus),
		State:   string(t.TradeStatus),
		Total:   t.TotalAmount,
		Buyer:   either(t.BuyerUserID, t.BuyerOpenID),
		PaidAt:  t.SendPayDate,
	}, nil
}

// Close implements acquiring.Pay (alipay.trade.close).
func (a adapter) Close(ctx context.Context, number string) error {
	_, err := a.c.TradeClose(ctx, alipay.TradeCloseRequest{OutTradeNo: number})
	return failure(err)
}

// Verify implements acquiring.Pay. Alipay signs the body.
func (a adapter) Verify(in acquiring.Inbound) (acquiring.Notification, error) {
	n, err := a.c.ParseTradeNotification(in.Body)
	if err != nil {
		return acquiring.Notification{}, genuine(err)
	}
	if statusOf(n.TradeStatus) == "" {
		return acquiring.Notification{}, undocumented(n.TradeStatus)
	}
	return acquiring.Notification{ID: n.NotifyID, Trade: acquiring.Trade{
		Number:   n.OutTradeNo,
		TradeNo:  n.TradeNo,
		Status:   statusOf(n.TradeStatus),
		State:    string(n.TradeStatus),
		Total:    n.TotalAmount,
		Account:  n.AppID,
		Seller:   n.SellerID,
		Buyer:    either(n.BuyerID, n.BuyerOpenID),
		PaidAt:   n.GmtPayment,
		Refunded: n.OutBizNo != "" || n.RefundFee > 0 || !n.GmtRefund.IsZero(),
		Refund:   acquiring.Refunding{Number: n.OutBizNo, Total: n.RefundFee},
	}}, nil
}

// undocumented is the error of a status that nothing can be concluded from: it is kept and asked about again, never
// taken for one that changes nothing.
func undocumented(s alipay.TradeStatus) error {
	return fmt.Errorf("trade_status %.64q is not documented", s)
}

// statusOf is "" for a status that is not documented.
func statusOf(s alipay.TradeStatus) acquiring.TradeStatus {
	switch s {
	case alipay.TradeWaitBuyerPay:
		return acquiring.TradeWaiting
	case alipay.TradeSuccess:
		return acquiring.TradePaid
	case alipay.TradeFinished:
		return acquiring.TradeFinished
	case alipay.TradeClosed:
		return acquiring.TradeClosed
	}
	return ""
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
