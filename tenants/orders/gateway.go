package orders

import (
	"time"

	"zhitong/alipay"
	"zhitong/tenants/payments"
)

// The requests that ask Alipay for a payment. A trade names the secondary merchant that receives it and settles by that
// merchant's default rule; when the money is released it stays frozen for the split (settle.confirm, royalty_freeze).

func settleInfo(o Order) *alipay.SettleInfo {
	return &alipay.SettleInfo{
		Details: []alipay.SettleDetail{{TransInType: alipay.TransInDefaultSettle, Amount: o.TotalFen}},
	}
}

func precreate(o Order) alipay.TradePrecreateRequest {
	return alipay.TradePrecreateRequest{
		OutTradeNo: payments.OutTradeNo(o.Payment.ID), TotalAmount: o.TotalFen, Subject: subject(o),
		SubMerchant: &alipay.SubMerchant{
			MerchantID: o.Payment.Smid,
		}, SettleInfo: settleInfo(o), TimeExpire: o.ExpiresAt.In(time.UTC),
	}
}

func pagePay(o Order, returnURL string) alipay.TradePagePayRequest {
	return alipay.TradePagePayRequest{
		ProductCode: alipay.ProductPage, OutTradeNo: payments.OutTradeNo(o.Payment.ID), TotalAmount: o.TotalFen, Subject: subject(o), ReturnURL: returnURL,
		SubMerchant: &alipay.SubMerchant{
			MerchantID: o.Payment.Smid,
		}, SettleInfo: settleInfo(o), TimeExpire: o.ExpiresAt.In(time.UTC),
	}
}
