package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// RoyaltyType is a kind of split.
type RoyaltyType string

// The types: a split, and a top-up by the platform.
const (
	RoyaltyTransfer  RoyaltyType = "transfer"
	RoyaltyReplenish RoyaltyType = "replenish"
)

// RefundRoyalty takes back a split with a refund: TransOut is the receiver who gives it back (alipay.trade.refund,
// refund_royalty_parameters).
type RefundRoyalty struct {
	RoyaltyType  RoyaltyType `json:"royalty_type" rule:"max=32"`
	TransOutType TransInType `json:"trans_out_type" rule:"max=64"`
	TransOut     string      `json:"trans_out" rule:"max=100"` // a user id has 16 digits, a login name is longer
	TransInType  TransInType `json:"trans_in_type" rule:"max=64"`
	TransIn      string      `json:"trans_in" rule:"max=16"`
	Amount       money.Fen   `json:"amount" rule:"required"`
	Desc         string      `json:"desc" rule:"max=1000"`
	RoyaltyScene string      `json:"royalty_scene" rule:"max=256"`
	TransInName  string      `json:"trans_in_name"`
}

// RefundGoods is a line of goods that is refunded.
type RefundGoods struct {
	GoodsID      string    `json:"goods_id" rule:"required"`
	RefundAmount money.Fen `json:"refund_amount" rule:"required"`
	OutItemID    string    `json:"out_item_id"`
	OutSkuID     string    `json:"out_sku_id"`
}

// TradeRefundRequest refunds a trade, wholly or in part (alipay.trade.refund, field table). OutRequestNo is the
// idempotency key within the trade: a repeat uses the same number and the same amount. RefundAmount 0 returns only
// royalties. In ZFT nothing is taken back from receivers by itself.
type TradeRefundRequest struct {
	OutTradeNo             string          `json:"out_trade_no" rule:"one,max=64"`
	TradeNo                string          `json:"trade_no" rule:"one,max=64"`
	RefundAmount           money.Fen       `json:"refund_amount" rule:"zero"`
	OutRequestNo           string          `json:"out_request_no" rule:"required,own"`
	RefundReason           string          `json:"refund_reason" rule:"max=256"`
	RefundRoyalties        []RefundRoyalty `json:"refund_royalty_parameters"`
	RelatedSettleConfirmNo string          `json:"related_settle_confirm_no" rule:"max=64"` // refund after settle.confirm of an account-period trade
	RefundGoods            []RefundGoods   `json:"refund_goods_detail"`
	QueryOptions           []string        `json:"query_options"`
	OperatorID             string          `json:"operator_id" rule:"max=30"`
	StoreID                string          `json:"store_id" rule:"max=32"`
}

// TradeRefundResponse is a refund whose money moved. RefundFee is the sum of all refunds of the trade, SendBackFee what
// this one returned.
type TradeRefundResponse struct {
	TradeNo        string     `json:"trade_no"`
	OutTradeNo     string     `json:"out_trade_no"`
	FundChange     string     `json:"fund_change"` // always Y here
	RefundFee      money.Fen  `json:"refund_fee"`
	SendBackFee    money.Fen  `json:"send_back_fee"`
	GmtRefundPay   time.Time  `json:"gmt_refund_pay"`
	RefundDetails  []FundBill `json:"refund_detail_item_list"`
	HasDepositBack string     `json:"has_deposit_back"`
	BuyerUserID    string     `json:"buyer_user_id"`
	BuyerOpenID    string     `json:"buyer_open_id"`
}

// TradeRefund refunds a trade (alipay.trade.refund). It is done only when Alipay says that money moved (fund_change=Y);
// a repeat of a refund that was done before is answered with N and comes back unknown, to be settled by
// TradeFastpayRefundQuery.
func (c *Client) TradeRefund(ctx context.Context, req TradeRefundRequest) (*TradeRefundResponse, error) {
	if req.RefundAmount == 0 && len(req.RefundRoyalties) == 0 {
		e := localRefusal(mTradeRefund, "refund_amount", "is required unless royalties are returned")
		c.record(ctx, mTradeRefund, e, 0)
		return nil, e
	}
	return call(ctx, c, mTradeRefund, req, func(r *TradeRefundResponse) *Error {
		if r.FundChange != "Y" {
			return notFinal("fund_change is not Y: ask the refund query")
		}
		if r.RefundFee < req.RefundAmount { // cumulative, so never below this refund
			return mismatch("refund_fee")
		}
		return sameTrade(req.TradeNo, req.OutTradeNo, r.TradeNo, r.OutTradeNo)
	})
}

// TradeFastpayRefundQueryRequest asks for one refund (alipay.trade.fastpay.refund.query, field table).
type TradeFastpayRefundQueryRequest struct {
	OutTradeNo   string   `json:"out_trade_no" rule:"one,max=64"`
	TradeNo      string   `json:"trade_no" rule:"one,max=64"`
	OutRequestNo string   `json:"out_request_no" rule:"required,max=64"`
	QueryOptions []string `json:"query_options"`
}

// RefundRoyaltyResult is a royalty that was taken back (ZFT only).
type RefundRoyaltyResult struct {
	RefundAmount money.Fen `json:"refund_amount"`
	RoyaltyType  string    `json:"royalty_type"`
	ResultCode   string    `json:"result_code"`
	TransOut     string    `json:"trans_out"`
	TransIn      string    `json:"trans_in"`
	OriTransOut  string    `json:"ori_trans_out"`
	OriTransIn   string    `json:"ori_trans_in"`
}

// DepositBack tells about the part of a refund that goes back to a bank card: S done, F failed (goes to the buyer's
// balance), P under way.
type DepositBack struct {
	HasDepositBack bool      `json:"has_deposit_back"`
	Status         string    `json:"dback_status"`
	Amount         money.Fen `json:"dback_amount"`
	BankAckTime    time.Time `json:"bank_ack_time"`
	EstReceiptTime time.Time `json:"est_bank_receipt_time"`
}

// TradeFastpayRefundQueryResponse is a refund, or nothing: an unknown number is answered with success and no refund
// fields.
type TradeFastpayRefundQueryResponse struct {
	TradeNo         string                `json:"trade_no"`
	OutTradeNo      string                `json:"out_trade_no"`
	OutRequestNo    string                `json:"out_request_no"`
	RefundStatus    string                `json:"refund_status"` // REFUND_SUCCESS, or empty
	RefundAmount    money.Fen             `json:"refund_amount"` // of this refund
	TotalAmount     money.Fen             `json:"total_amount"`
	RefundReason    string                `json:"refund_reason"`
	SendBackFee     money.Fen             `json:"send_back_fee"`
	GmtRefundPay    time.Time             `json:"gmt_refund_pay"`
	RefundRoyalties []RefundRoyaltyResult `json:"refund_royaltys"`
	RefundDetails   []FundBill            `json:"refund_detail_item_list"`
	DepositBackInfo *DepositBack          `json:"deposit_back_info"`
	ErrorCode       string                `json:"error_code"`
}

// Refunded tells whether the refund took place; false means not received, failed, or still under way (ask again; 10 s
// after the refund at the earliest).
func (r *TradeFastpayRefundQueryResponse) Refunded() bool { return r.RefundStatus == "REFUND_SUCCESS" }

// TradeFastpayRefundQuery asks for a refund (alipay.trade.fastpay.refund.query). It settles an unknown TradeRefund.
func (c *Client) TradeFastpayRefundQuery(ctx context.Context,
	req TradeFastpayRefundQueryRequest) (*TradeFastpayRefundQueryResponse, error) {
	return call(ctx, c, mTradeRefundQuery, req, func(r *TradeFastpayRefundQueryResponse) *Error {
		return firstOf(same("out_request_no", req.OutRequestNo, r.OutRequestNo),
			sameTrade(req.TradeNo, req.OutTradeNo, r.TradeNo, r.OutTradeNo))
	})
}

// sameTrade compares by the number that decided: the trade number when it was sent.
func sameTrade(askedNo, askedOut, gotNo, gotOut string) *Error {
	if askedNo != "" {
		return same("trade_no", askedNo, gotNo)
	}
	return same("out_trade_no", askedOut, gotOut)
}
