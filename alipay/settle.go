package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// TradeSettleConfirmRequest releases a paid ZFT trade's money to the secondary merchant (alipay.trade.settle.confirm,
// field table). OutRequestNo is the idempotency key. The detail's Amount is the trade's amount less its refunds;
// ActualAmount settles a part of an account-period trade.
type TradeSettleConfirmRequest struct {
	OutRequestNo string        `json:"out_request_no" rule:"required,own"`
	TradeNo      string        `json:"trade_no" rule:"required,max=64"`
	SettleInfo   *SettleInfo   `json:"settle_info" rule:"required"`
	ExtendParams *ExtendParams `json:"extend_params"` // RoyaltyFreeze keeps the money for splits, 30 days at most
}

// TradeSettleConfirmResponse says how much this call settled.
type TradeSettleConfirmResponse struct {
	TradeNo      string    `json:"trade_no"`
	OutRequestNo string    `json:"out_request_no"`
	SettleAmount money.Fen `json:"settle_amount"`
}

// TradeSettleConfirm confirms settlement (alipay.trade.settle.confirm). A trade that was settled before is refused with
// ALREADY_CONFIRM_SETTLE: compare the amounts by TradeQuery with OptionTradeSettleInfo, then treat it as done. An
// answer with another amount than asked is unknown.
func (c *Client) TradeSettleConfirm(ctx context.Context,
	req TradeSettleConfirmRequest) (*TradeSettleConfirmResponse, error) {
	return call(ctx, c, mTradeSettleConfirm, req, func(r *TradeSettleConfirmResponse) *Error {
		if want := confirmedAmount(req.SettleInfo); want > 0 && r.SettleAmount > 0 && r.SettleAmount != want {
			return mismatch("settle_amount")
		}
		return firstOf(same("trade_no", req.TradeNo, r.TradeNo),
			same("out_request_no", req.OutRequestNo, r.OutRequestNo))
	})
}

func confirmedAmount(s *SettleInfo) money.Fen {
	if s == nil || len(s.Details) != 1 {
		return 0
	}
	if d := s.Details[0]; d.ActualAmount > 0 {
		return d.ActualAmount
	}
	return s.Details[0].Amount
}

// RoyaltyParameter is one part of a split: Amount goes from TransOut (default: the secondary merchant) to TransIn.
type RoyaltyParameter struct {
	RoyaltyType  RoyaltyType `json:"royalty_type" rule:"max=32"`
	TransOutType TransInType `json:"trans_out_type" rule:"max=64"`
	TransOut     string      `json:"trans_out" rule:"max=16"`
	TransInType  TransInType `json:"trans_in_type" rule:"required,max=64"`
	TransIn      string      `json:"trans_in" rule:"required,max=100"` // must be in the relation set; the platform is by default
	Amount       money.Fen   `json:"amount" rule:"required"`
	Desc         string      `json:"desc" rule:"max=1000"`
	RoyaltyScene string      `json:"royalty_scene" rule:"max=256"` // 达人佣金, 平台服务费, 技术服务费, 其他
	TransInName  string      `json:"trans_in_name"`
}

// RoyaltyMode says whether a split is carried out in the answer or later.
type RoyaltyMode string

// The modes: synchronous is all-or-nothing with at most 5 lines; asynchronous takes 50 and reports by message.
const (
	RoyaltySync  RoyaltyMode = "sync"
	RoyaltyAsync RoyaltyMode = "async"
)

// SettleExtendParams frees what is still frozen after the split. It may be sent without any royalty line.
type SettleExtendParams struct {
	RoyaltyFinish       bool      `json:"royalty_finish" rule:"text"`
	RoyaltyFinishAmount money.Fen `json:"royalty_finish_amount"`
}

// TradeOrderSettleRequest splits a settled trade (alipay.trade.order.settle, field table). OutRequestNo is the
// idempotency key.
type TradeOrderSettleRequest struct {
	OutRequestNo string              `json:"out_request_no" rule:"required,own"`
	TradeNo      string              `json:"trade_no" rule:"required,max=64"`
	Royalties    []RoyaltyParameter  `json:"royalty_parameters" rule:"max=50"`
	OperatorID   string              `json:"operator_id" rule:"max=64"`
	RoyaltyMode  RoyaltyMode         `json:"royalty_mode"`
	ExtendParams *SettleExtendParams `json:"extend_params"`
}

// TradeOrderSettleResponse holds Alipay's number of the split.
type TradeOrderSettleResponse struct {
	TradeNo  string `json:"trade_no"`
	SettleNo string `json:"settle_no"`
}

// TradeOrderSettle splits (alipay.trade.order.settle). In synchronous mode done means that every line was carried out;
// in asynchronous mode it means accepted: the lines' results come by message or TradeOrderSettleQuery.
func (c *Client) TradeOrderSettle(ctx context.Context, req TradeOrderSettleRequest) (*TradeOrderSettleResponse, error) {
	finish := req.ExtendParams != nil && req.ExtendParams.RoyaltyFinish
	field, problem := "", ""
	switch {
	case len(req.Royalties) == 0 && !finish:
		field, problem = "royalty_parameters", "is required unless royalty_finish is sent"
	case len(req.Royalties) > 5 && req.RoyaltyMode != RoyaltyAsync:
		field, problem = "royalty_parameters", "has more than 5 lines in synchronous mode"
	}
	if problem != "" {
		e := localRefusal(mTradeOrderSettle, field, problem)
		c.record(ctx, mTradeOrderSettle, e, 0)
		return nil, e
	}
	return call(ctx, c, mTradeOrderSettle, req, func(r *TradeOrderSettleResponse) *Error {
		return same("trade_no", req.TradeNo, r.TradeNo)
	})
}

// TradeOrderSettleQueryRequest asks for a split: by SettleNo alone, or by OutRequestNo and TradeNo
// (alipay.trade.order.settle.query).
type TradeOrderSettleQueryRequest struct {
	SettleNo     string `json:"settle_no" rule:"one,max=64"`
	OutRequestNo string `json:"out_request_no" rule:"one,max=64"`
	TradeNo      string `json:"trade_no" rule:"max=64"`
}

// RoyaltyState is the state of one line of a split.
type RoyaltyState string

// The states.
const (
	RoyaltySuccess    RoyaltyState = "SUCCESS"
	RoyaltyFail       RoyaltyState = "FAIL"
	RoyaltyProcessing RoyaltyState = "PROCESSING"
)

// RoyaltyDetail is one line of a split and what became of it.
type RoyaltyDetail struct {
	OperationType SettleOperation `json:"operation_type"`
	ExecuteTime   time.Time       `json:"execute_dt"`
	TransOut      string          `json:"trans_out"`
	TransOutType  TransInType     `json:"trans_out_type"`
	TransIn       string          `json:"trans_in"`
	TransInType   TransInType     `json:"trans_in_type"`
	TransInOpenID string          `json:"trans_in_open_id"`
	Amount        money.Fen       `json:"amount"`
	State         RoyaltyState    `json:"state"`
	DetailID      string          `json:"detail_id"`
	ErrorCode     string          `json:"error_code"`
	ErrorDesc     string          `json:"error_desc"`
}

// TradeOrderSettleQueryResponse is a split with its lines.
type TradeOrderSettleQueryResponse struct {
	OutRequestNo  string          `json:"out_request_no"`
	OperationTime time.Time       `json:"operation_dt"`
	Details       []RoyaltyDetail `json:"royalty_detail_list"`
}

// TradeOrderSettleQuery asks for a split (alipay.trade.order.settle.query). It settles an unknown TradeOrderSettle.
func (c *Client) TradeOrderSettleQuery(ctx context.Context,
	req TradeOrderSettleQueryRequest) (*TradeOrderSettleQueryResponse, error) {
	return call(ctx, c, mTradeOrderSettleQuery, req, func(r *TradeOrderSettleQueryResponse) *Error {
		return same("out_request_no", req.OutRequestNo, r.OutRequestNo)
	})
}

// RoyaltyReceiver is an account that may receive splits.
type RoyaltyReceiver struct {
	Type    TransInType `json:"type" rule:"required"` // userId, loginName, openId
	Account string      `json:"account" rule:"required"`
	Name    string      `json:"name"` // required for loginName; checked when sent
	Memo    string      `json:"memo"`
}

// TradeRoyaltyRelationBindRequest binds receivers, at most 20 at once (alipay.trade.royalty.relation.bind, field
// table).
type TradeRoyaltyRelationBindRequest struct {
	OutRequestNo string            `json:"out_request_no" rule:"required,own"`
	Receivers    []RoyaltyReceiver `json:"receiver_list" rule:"required,max=20"`
}

// TradeRoyaltyRelationBindResponse is a binding that succeeded.
type TradeRoyaltyRelationBindResponse struct {
	ResultCode string `json:"result_code"`
}

// TradeRoyaltyRelationBind binds receivers of splits to the platform, valid for all its secondary merchants. Binding
// twice is harmless.
func (c *Client) TradeRoyaltyRelationBind(ctx context.Context,
	req TradeRoyaltyRelationBindRequest) (*TradeRoyaltyRelationBindResponse, error) {
	return call(ctx, c, mRelationBind, req, func(r *TradeRoyaltyRelationBindResponse) *Error {
		return businessResult(r.ResultCode)
	})
}

// businessResult judges the result_code beside code 10000: both must say success.
func businessResult(code string) *Error {
	switch code {
	case "SUCCESS":
		return nil
	case "FAIL":
		return &Error{Outcome: OutcomeRefused, Code: codeSuccess, SubCode: SubCodeResultFail,
			Message: "result_code is FAIL"}
	}
	return notFinal("result_code is neither SUCCESS nor FAIL")
}

// TradeRoyaltyRateQueryRequest asks for the cap of splits (alipay.trade.royalty.rate.query).
type TradeRoyaltyRateQueryRequest struct {
	OutRequestNo string `json:"out_request_no" rule:"required,own"`
}

// TradeRoyaltyRateQueryResponse is the cap: all splits of a trade stay within MaxRatio percent of its total amount.
type TradeRoyaltyRateQueryResponse struct {
	UserID   string `json:"user_id"`
	MaxRatio int64  `json:"max_ratio" alias:"royalty_rate"` // 0 … 100
}

// TradeRoyaltyRateQuery asks how much of a trade may be split away (alipay.trade.royalty.rate.query).
func (c *Client) TradeRoyaltyRateQuery(ctx context.Context,
	req TradeRoyaltyRateQueryRequest) (*TradeRoyaltyRateQueryResponse, error) {
	return call(ctx, c, mRoyaltyRate, req, func(r *TradeRoyaltyRateQueryResponse) *Error {
		if r.MaxRatio < 0 || r.MaxRatio > 100 {
			return mismatch("max_ratio")
		}
		return nil
	})
}
