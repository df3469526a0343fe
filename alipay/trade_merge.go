package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// Combined payment (合单): one payment, several trades, each with its own secondary merchant, settlement and refund.
// Number of lines, error codes and the form of the notification are not documented in any source found (six lines is
// the most seen in use): expect one notification per trade and query each by its out_trade_no.

// MergeOrder is one trade of a combined payment (order_details). AppID is the selling application.
type MergeOrder struct {
	AppID          string          `json:"app_id" rule:"required,max=32"`
	OutTradeNo     string          `json:"out_trade_no" rule:"required,own"`
	ProductCode    ProductCode     `json:"product_code" rule:"max=64"`
	TotalAmount    money.Fen       `json:"total_amount" rule:"required"`
	Subject        string          `json:"subject" rule:"required,max=256"`
	Body           string          `json:"body" rule:"max=128"`
	SubMerchant    *SubMerchant    `json:"sub_merchant"`
	SettleInfo     *SettleInfo     `json:"settle_info"`
	ExtendParams   *ExtendParams   `json:"extend_params"`
	BusinessParams *BusinessParams `json:"business_params"`
	GoodsDetail    []GoodsDetail   `json:"goods_detail" rule:"max=150"`
	PassbackParams string          `json:"passback_params" rule:"max=512"`
	ShowURL        string          `json:"show_url" rule:"max=400"`
}

// MergeOrderResult is what became of one trade of a combined payment.
type MergeOrderResult struct {
	AppID      string `json:"app_id"`
	PartnerID  string `json:"partner_id"`
	OutTradeNo string `json:"out_trade_no"`
	TradeNo    string `json:"trade_no"`
	Success    bool   `json:"success"`
	ResultCode string `json:"result_code"`
	ResultMsg  string `json:"result_msg"`
}

// TradeMergePrecreateRequest prepares a combined payment in an app or on a phone (alipay.trade.merge.precreate, field
// table). OutMergeNo is needed when the contract says that all trades succeed or fail together; then no timeout may be
// sent.
type TradeMergePrecreateRequest struct {
	OutMergeNo     string       `json:"out_merge_no" rule:"own"`
	OrderDetails   []MergeOrder `json:"order_details" rule:"required,max=6"`
	TimeoutExpress string       `json:"timeout_express" rule:"max=6"`
	TimeExpire     time.Time    `json:"time_expire"`
	ExtUserInfo    *ExtUserInfo `json:"ext_user_info"`
	NotifyURL      string       `param:"notify_url" rule:"max=256"`
}

// TradeMergePrecreateResponse holds the number to pay with TradeAppMergePay or TradeWapMergePay. Look at each result's
// Success.
type TradeMergePrecreateResponse struct {
	OutMergeNo   string             `json:"out_merge_no"`
	PreOrderNo   string             `json:"pre_order_no"`
	OrderResults []MergeOrderResult `json:"order_detail_results"`
}

// TradeMergePrecreate prepares a combined payment (alipay.trade.merge.precreate). An answer without every trade's
// success is unknown.
func (c *Client) TradeMergePrecreate(ctx context.Context,
	req TradeMergePrecreateRequest) (*TradeMergePrecreateResponse, error) {
	return call(ctx, c, mTradeMergePrecreate, req, func(r *TradeMergePrecreateResponse) *Error {
		return firstOf(mergeResult(req.OrderDetails, r.OrderResults, r.PreOrderNo),
			same("out_merge_no", req.OutMergeNo, r.OutMergeNo))
	})
}

// TradeMergeCreateRequest creates a combined payment in a mini program (alipay.trade.merge.create, field table).
type TradeMergeCreateRequest struct {
	OutMergeNo     string       `json:"out_merge_no" rule:"required,own"`
	BuyerID        string       `json:"buyer_id" rule:"one,max=28"`
	BuyerOpenID    string       `json:"buyer_open_id" rule:"one,max=128"`
	OpAppID        string       `json:"op_app_id" rule:"max=32"`
	OrderDetails   []MergeOrder `json:"order_details" rule:"required,max=6"`
	TimeoutExpress string       `json:"timeout_express" rule:"max=6"`
	TimeExpire     time.Time    `json:"time_expire"`
	NotifyURL      string       `param:"notify_url" rule:"max=256"`
}

// TradeMergeCreateResponse holds the number for my.tradePay, valid two hours.
type TradeMergeCreateResponse struct {
	OutMergeNo   string             `json:"out_merge_no"`
	MergeNo      string             `json:"merge_no"`
	OrderResults []MergeOrderResult `json:"order_detail_results"`
}

// TradeMergeCreate creates a combined payment (alipay.trade.merge.create).
func (c *Client) TradeMergeCreate(ctx context.Context, req TradeMergeCreateRequest) (*TradeMergeCreateResponse, error) {
	return call(ctx, c, mTradeMergeCreate, req, func(r *TradeMergeCreateResponse) *Error {
		return firstOf(mergeResult(req.OrderDetails, r.OrderResults, r.MergeNo),
			same("out_merge_no", req.OutMergeNo, r.OutMergeNo))
	})
}

// mergeResult checks that there is a number and that every trade asked for succeeded and none else is reported.
func mergeResult(asked []MergeOrder, got []MergeOrderResult, number string) *Error {
	if number == "" {
		return mismatch("order_detail_results")
	}
	want := map[string]bool{}
	for _, o := range asked {
		want[o.OutTradeNo] = true
	}
	for _, o := range got {
		if !want[o.OutTradeNo] {
			return mismatch("order_detail_results")
		}
		if !o.Success {
			return &Error{Outcome: OutcomeRefused, Code: codeSuccess, SubCode: SubCodeResultFail, Field: o.OutTradeNo,
				Message: o.ResultCode + " " + o.ResultMsg}
		}
	}
	return nil
}

// TradeMergePayRequest pays what TradeMergePrecreate prepared (alipay.trade.app.merge.pay, alipay.trade.wap.merge.pay).
type TradeMergePayRequest struct {
	PreOrderNo string `json:"pre_order_no" rule:"required,max=64"`
	ReturnURL  string `param:"return_url" rule:"max=256"`
}

// TradeAppMergePay makes the order string of a combined payment in an app (alipay.trade.app.merge.pay).
func (c *Client) TradeAppMergePay(ctx context.Context, req TradeMergePayRequest) (string, error) {
	return c.orderString(ctx, mTradeAppMergePay, req)
}

// TradeWapMergePay makes the URL of a combined payment on a phone (alipay.trade.wap.merge.pay).
func (c *Client) TradeWapMergePay(ctx context.Context, req TradeMergePayRequest) (string, error) {
	return c.pageURL(ctx, mTradeWapMergePay, req)
}

// TradePageMergePayRequest pays several trades on a PC page at once (alipay.trade.page.merge.pay, field table).
type TradePageMergePayRequest struct {
	OutMergeNo     string       `json:"out_merge_no" rule:"own"`
	OrderDetails   []MergeOrder `json:"order_details" rule:"required,max=6"`
	TimeoutExpress string       `json:"timeout_express" rule:"max=6"`
	ExtUserInfo    *ExtUserInfo `json:"ext_user_info"`
	NotifyURL      string       `param:"notify_url" rule:"max=256"`
	ReturnURL      string       `param:"return_url" rule:"max=256"`
}

// TradePageMergePay makes the URL of a combined payment on a PC (alipay.trade.page.merge.pay).
func (c *Client) TradePageMergePay(ctx context.Context, req TradePageMergePayRequest) (string, error) {
	return c.pageURL(ctx, mTradePageMergePay, req)
}
