package alipay

import (
	"context"
	"strings"
	"time"

	"zhitong/internal/money"
)

// Page and app methods make no call: the browser or the app carries the signed parameters. They can only be refused
// before they are made.

// TradePagePayRequest sends a PC browser to Alipay's cashier (alipay.trade.page.pay, field table). ProductCode is
// ProductPage.
type TradePagePayRequest struct {
	OutTradeNo         string          `json:"out_trade_no" rule:"required,own"`
	TotalAmount        money.Fen       `json:"total_amount" rule:"required"`
	Subject            string          `json:"subject" rule:"required,max=256"`
	ProductCode        ProductCode     `json:"product_code" rule:"required,max=64"`
	Body               string          `json:"body" rule:"max=128"`
	SubMerchant        *SubMerchant    `json:"sub_merchant"`
	SettleInfo         *SettleInfo     `json:"settle_info"`
	ExtendParams       *ExtendParams   `json:"extend_params"`
	BusinessParams     *BusinessParams `json:"business_params" rule:"json,max=512"`
	GoodsDetail        []GoodsDetail   `json:"goods_detail" rule:"max=150"`
	GoodsType          string          `json:"goods_type" rule:"max=2"` // 0 virtual, 1 physical
	ExtUserInfo        *ExtUserInfo    `json:"ext_user_info"`
	PassbackParams     string          `json:"passback_params" rule:"max=512"`
	StoreID            string          `json:"store_id" rule:"max=32"`
	MerchantOrderNo    string          `json:"merchant_order_no" rule:"max=32"`
	EnablePayChannels  string          `json:"enable_pay_channels" rule:"max=128"`
	DisablePayChannels string          `json:"disable_pay_channels" rule:"max=128"`
	QRPayMode          string          `json:"qr_pay_mode" rule:"max=2"`
	QRCodeWidth        int64           `json:"qrcode_width"`
	IntegrationType    string          `json:"integration_type" rule:"max=16"`
	RequestFromURL     string          `json:"request_from_url" rule:"max=256"`
	TimeoutExpress     string          `json:"timeout_express" rule:"max=6"`
	TimeExpire         time.Time       `json:"time_expire"`
	NotifyURL          string          `param:"notify_url" rule:"max=256"`
	ReturnURL          string          `param:"return_url" rule:"max=256"`
}

// TradePagePay makes the URL to send the buyer's browser to (alipay.trade.page.pay). The browser's return never changes
// a state.
func (c *Client) TradePagePay(ctx context.Context, req TradePagePayRequest) (string, error) {
	return c.pageURL(ctx, mTradePagePay, req)
}

// pageURL signs a page method's parameters into a GET address of the gateway.
func (c *Client) pageURL(ctx context.Context, method string, req any) (string, error) {
	params, err := c.signedPage(ctx, method, req)
	if err != nil {
		return "", err
	}
	u := *c.gateway
	u.RawQuery = formEncode(params)
	return u.String(), nil
}

// orderString signs an app method's parameters into the text the app hands to Alipay's SDK.
func (c *Client) orderString(ctx context.Context, method string, req any) (string, error) {
	params, err := c.signedPage(ctx, method, req)
	if err != nil {
		return "", err
	}
	// Mobile SDKs decode %20 but not every one decodes a plus as a space.
	return strings.ReplaceAll(formEncode(params), "+", "%20"), nil
}

func (c *Client) signedPage(ctx context.Context, method string, req any) (map[string]string, error) {
	enc, err := encodeRequest(req)
	if err != nil {
		e := requestError(method, err)
		c.record(ctx, method, e, 0)
		return nil, e
	}
	params, err := c.signedParams(registry()[method], enc)
	if err != nil {
		return nil, localRefusal(method, "", err.Error())
	}
	return params, nil
}
