package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// TradeOrderOnsettleQueryRequest asks how much of a trade can still be split (alipay.trade.order.onsettle.query).
// RoyaltySource "unsettled" asks about unsettled money, empty about settled money.
type TradeOrderOnsettleQueryRequest struct {
	TradeNo       string `json:"trade_no" rule:"required,max=64"`
	RoyaltySource string `json:"royalty_source"`
}

// TradeOrderOnsettleQueryResponse is what can still be split.
type TradeOrderOnsettleQueryResponse struct {
	UnsettledAmount money.Fen `json:"unsettled_amount"`
}

// TradeOrderOnsettleQuery asks how much of a trade can still be split (alipay.trade.order.onsettle.query).
func (c *Client) TradeOrderOnsettleQuery(ctx context.Context,
	req TradeOrderOnsettleQueryRequest) (*TradeOrderOnsettleQueryResponse, error) {
	return call[TradeOrderOnsettleQueryResponse](ctx, c, mTradeOrderOnsettle, req, nil)
}

// TradeSettleReceivablesQueryRequest asks what a secondary merchant, or one of its account-period trades, has unsettled
// (alipay.trade.settle.receivables.query). HistoryDate (yyyyMMdd, yesterday back to 30 days) is ignored with TradeNo.
type TradeSettleReceivablesQueryRequest struct {
	OutRequestNo string              `json:"out_request_no" rule:"required,own"`
	BizProduct   string              `json:"biz_product"`
	MerchantInfo *SettleMerchantInfo `json:"merchant_info"`
	TradeNo      string              `json:"trade_no" rule:"max=64"`
	HistoryDate  string              `json:"query_his_date" rule:"max=8"`
}

// SettleMerchantInfo names a secondary merchant or a store.
type SettleMerchantInfo struct {
	EntityType    string `json:"settle_entity_type" rule:"required"` // SecondMerchant or Store
	EntityID      string `json:"settle_entity_id" rule:"required"`
	EntityBizType string `json:"settle_entity_biz_type"` // settled
}

// TradeSettleReceivablesQueryResponse tells where the money is. A nil amount did not come.
type TradeSettleReceivablesQueryResponse struct {
	UnsettledAmount *money.Fen `json:"unsettled_amount"`
	SettledAmount   *money.Fen `json:"settled_amount"`
	OnSettleAmount  *money.Fen `json:"on_settle_amount"` // request mode only
}

// TradeSettleReceivablesQuery asks for unsettled money (alipay.trade.settle.receivables.query).
func (c *Client) TradeSettleReceivablesQuery(ctx context.Context,
	req TradeSettleReceivablesQueryRequest) (*TradeSettleReceivablesQueryResponse, error) {
	return call[TradeSettleReceivablesQueryResponse](ctx, c, mTradeSettleReceivables, req, nil)
}

// TradeRoyaltyRelationUnbindRequest unbinds receivers (alipay.trade.royalty.relation.unbind); names are not needed.
type TradeRoyaltyRelationUnbindRequest struct {
	OutRequestNo string            `json:"out_request_no" rule:"required,own"`
	Receivers    []RoyaltyReceiver `json:"receiver_list" rule:"required,max=20"`
}

// TradeRoyaltyRelationUnbindResponse is an unbinding that succeeded.
type TradeRoyaltyRelationUnbindResponse struct {
	ResultCode string `json:"result_code"`
}

// TradeRoyaltyRelationUnbind unbinds receivers (alipay.trade.royalty.relation.unbind).
func (c *Client) TradeRoyaltyRelationUnbind(ctx context.Context,
	req TradeRoyaltyRelationUnbindRequest) (*TradeRoyaltyRelationUnbindResponse, error) {
	return call(ctx, c, mRelationUnbind, req, func(r *TradeRoyaltyRelationUnbindResponse) *Error {
		return businessResult(r.ResultCode)
	})
}

// TradeRoyaltyRelationBatchqueryRequest lists bound receivers (alipay.trade.royalty.relation.batchquery); pages from 1,
// at most 100 per page.
type TradeRoyaltyRelationBatchqueryRequest struct {
	OutRequestNo string `json:"out_request_no" rule:"required,own"`
	PageNum      int64  `json:"page_num"`
	PageSize     int64  `json:"page_size"`
}

// BoundReceiver is a receiver as Alipay knows it; a LoginName other than BindLoginName means that the account changed
// its login.
type BoundReceiver struct {
	Type          TransInType `json:"type"`
	Account       string      `json:"account"`
	AccountOpenID string      `json:"account_open_id"`
	Memo          string      `json:"memo"`
	LoginName     string      `json:"login_name"`
	BindLoginName string      `json:"bind_login_name"`
}

// TradeRoyaltyRelationBatchqueryResponse is a page of receivers.
type TradeRoyaltyRelationBatchqueryResponse struct {
	ResultCode  string          `json:"result_code"`
	Receivers   []BoundReceiver `json:"receiver_list"`
	TotalPages  int64           `json:"total_page_num"`
	TotalCount  int64           `json:"total_record_num"`
	CurrentPage int64           `json:"current_page_num"`
	CurrentSize int64           `json:"current_page_size"`
}

// TradeRoyaltyRelationBatchquery lists bound receivers (alipay.trade.royalty.relation.batchquery). It settles an
// unknown bind or unbind.
func (c *Client) TradeRoyaltyRelationBatchquery(ctx context.Context,
	req TradeRoyaltyRelationBatchqueryRequest) (*TradeRoyaltyRelationBatchqueryResponse, error) {
	return call(ctx, c, mRelationBatchquery, req, func(r *TradeRoyaltyRelationBatchqueryResponse) *Error {
		return businessResult(r.ResultCode)
	})
}

// BillType is a kind of bill.
type BillType string

// The kinds (alipay.data.dataservice.bill.downloadurl.query, bill_type).
const (
	BillTrade            BillType = "trade"              // 收单业务账单
	BillSigncustomer     BillType = "signcustomer"       // 账务账单 of the platform's balance
	BillTradeZftMerchant BillType = "trade_zft_merchant" // ZFT trades of one smid
	BillZftAcc           BillType = "zft_acc"            // ZFT flows of all secondary merchants
	BillSettlementMerge  BillType = "settlementMerge"    // settled-to-card batches of a day
)

// BillDownloadurlQueryRequest asks for a bill's address (alipay.data.dataservice.bill.downloadurl.query). Date is a day
// (yyyy-MM-dd) or a month (yyyy-MM), never today or the current month. SMID goes with BillTradeZftMerchant only.
type BillDownloadurlQueryRequest struct {
	BillType BillType `json:"bill_type" rule:"required"`
	BillDate string   `json:"bill_date" rule:"required,max=10"`
	SMID     string   `json:"smid" rule:"max=16"`
}

// BillDay writes a bill_date.
func BillDay(t time.Time) string { return t.In(beijing()).Format(layoutDate) }

// BillMonth writes a bill_date of a month.
func BillMonth(t time.Time) string { return t.In(beijing()).Format(layoutMonth) }

// BillDownloadurlQueryResponse holds the address, valid 30 seconds: download at once with BillDownload.
type BillDownloadurlQueryResponse struct {
	URL      string `json:"bill_download_url"`
	FileCode string `json:"bill_file_code"` // EMPTY_DATA_WITH_BILL_FILE: there was no business
}

// BillDownloadurlQuery asks for a bill's address. Refused with NO_BILL_DATA or BILL_NOT_EXIST: nothing, or not made yet
// (day bills come after 09:00).
func (c *Client) BillDownloadurlQuery(ctx context.Context,
	req BillDownloadurlQueryRequest) (*BillDownloadurlQueryResponse, error) {
	return call(ctx, c, mBillDownloadurl, req, func(r *BillDownloadurlQueryResponse) *Error {
		if r.URL == "" {
			return mismatch("bill_download_url")
		}
		return nil
	})
}
