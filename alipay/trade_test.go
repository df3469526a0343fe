package alipay_test

import (
	"testing"

	"zhitong/alipay"
)

func precreateRequest() alipay.TradePrecreateRequest {
	return alipay.TradePrecreateRequest{
		OutTradeNo: "T20260102_0001", TotalAmount: 8880, Subject: "示例 <订单> A+B", ProductCode: alipay.ProductFaceToFace,
		SubMerchant: &alipay.SubMerchant{MerchantID: "2088000000000999"}, SettleInfo: alipay.DefaultSettle(8880, "7d"),
		ExtendParams: &alipay.ExtendParams{RoyaltyFreeze: true},
	}
}

func TestPrecreate(t *testing.T) {
	t.Parallel()
	g := newGateway(t, answering(`{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","qr_code":"https:\/\/qr.alipay.com\/bax1"}`))
	res, err := g.client(t).TradePrecreate(t.Context(), precreateRequest())
	if err != nil {
		t.Fatal(err)
	}
	if res.QRCode != "https://qr.alipay.com/bax1" {
		t.Errorf("qr_code = %q", res.QRCode)
	}
	r := g.last()
	want := `{"out_trade_no":"T20260102_0001","total_amount":"88.80","subject":"示例 <订单> A+B","product_code":"FACE_TO_FACE_PAYMENT",` +
		`"sub_merchant":{"merchant_id":"2088000000000999"},"settle_info":{"settle_detail_infos":[{"trans_in_type":"defaultSettle","amount":"88.80"}],` +
		`"settle_period_time":"7d"},"extend_params":{"royalty_freeze":"true"}}`
	if r.BizRaw != want {
		t.Errorf("biz_content\n got %s\nwant %s", r.BizRaw, want)
	}
	for name, value := range map[string]string{"app_id": appID, "method": "alipay.trade.precreate", "format": "JSON",
		"charset":   "utf-8",
		"sign_type": "RSA2", "timestamp": "2026-01-02 03:04:05", "version": "1.0",
		"notify_url": "https://example.cn/notify/t1"} {
		if r.Params[name] != value {
			t.Errorf("%s = %q, want %q", name, r.Params[name], value)
		}
	}
}
