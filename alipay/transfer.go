package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// TransferStatus is the state of a transfer. Unknown values are kept.
type TransferStatus string

// The states (alipay.fund.trans.uni.transfer and alipay.fund.trans.common.query, status).
const (
	TransferSuccess TransferStatus = "SUCCESS"
	TransferFail    TransferStatus = "FAIL"
	TransferDealing TransferStatus = "DEALING"
	TransferRefund  TransferStatus = "REFUND" // the bank sent it back
	TransferWaitPay TransferStatus = "WAIT_PAY"
	TransferClosed  TransferStatus = "CLOSED"
)

// Product codes and scenes of transfers.
const (
	TransferToAccount  = "TRANS_ACCOUNT_NO_PWD"
	TransferToBankcard = "TRANS_BANKCARD_NO_PWD"
	SceneDirect        = "DIRECT_TRANSFER"
)

// IdentityType says what a payee's identity is.
type IdentityType string

// The types (alipay.fund.trans.uni.transfer, identity_type).
const (
	IdentityUserID   IdentityType = "ALIPAY_USER_ID"
	IdentityLogonID  IdentityType = "ALIPAY_LOGON_ID"
	IdentityOpenID   IdentityType = "ALIPAY_OPEN_ID"
	IdentityBankcard IdentityType = "BANKCARD_ACCOUNT"
)

// Participant is the payee or payer of a transfer. Name is required for a login or a bank card and checked whenever it
// is sent.
type Participant struct {
	Identity     string       `json:"identity" rule:"required,max=64"`
	IdentityType IdentityType `json:"identity_type" rule:"required,max=64"`
	Name         string       `json:"name" rule:"max=128"`
	Bankcard     *BankcardExt `json:"bankcard_ext_info"`
}

// BankcardExt describes a bank card: 1 corporate, 2 private.
type BankcardExt struct {
	AccountType    string `json:"account_type" rule:"required"`
	InstName       string `json:"inst_name"`
	InstProvince   string `json:"inst_province"`
	InstCity       string `json:"inst_city"`
	InstBranchName string `json:"inst_branch_name"`
	BankCode       string `json:"bank_code"`
}

// SceneReport explains a transfer's scene, for example info_type 佣金报酬说明.
type SceneReport struct {
	InfoType    string `json:"info_type" rule:"required"`
	InfoContent string `json:"info_content" rule:"required"`
}

// FundTransUniTransferRequest pays out the platform's own money (alipay.fund.trans.uni.transfer, field table;
// certificate mode is mandatory). OutBizNo is the idempotency key: a repeat of a success returns the success.
type FundTransUniTransferRequest struct {
	OutBizNo            string        `json:"out_biz_no" rule:"required,own"`
	TransAmount         money.Fen     `json:"trans_amount" rule:"required"`
	ProductCode         string        `json:"product_code" rule:"required,max=64"`
	BizScene            string        `json:"biz_scene" rule:"required,max=64"`
	OrderTitle          string        `json:"order_title" rule:"max=128"`
	PayeeInfo           *Participant  `json:"payee_info" rule:"required"`
	PayerInfo           *Participant  `json:"payer_info"`
	Remark              string        `json:"remark" rule:"max=200"` // needed from 50,000 yuan for enterprise payers
	BusinessParams      string        `json:"business_params" rule:"max=2048"`
	TransferSceneName   string        `json:"transfer_scene_name"` // 佣金报酬, 业务结算 …
	TransferSceneReport []SceneReport `json:"transfer_scene_report_infos"`
	PassbackParams      string        `json:"passback_params"`
}

// FundTransUniTransferResponse is a transfer that arrived.
type FundTransUniTransferResponse struct {
	OutBizNo       string         `json:"out_biz_no"`
	OrderID        string         `json:"order_id"`
	PayFundOrderID string         `json:"pay_fund_order_id"`
	Status         TransferStatus `json:"status"`
	SubStatus      string         `json:"sub_status"`
	TransDate      time.Time      `json:"trans_date"`
	Amount         money.Fen      `json:"amount"`
}

// FundTransUniTransfer pays out (alipay.fund.trans.uni.transfer). Done only with status SUCCESS; FAIL is refused;
// DEALING and REFUND (bank cards) are unknown, to be settled by FundTransCommonQuery.
func (c *Client) FundTransUniTransfer(ctx context.Context,
	req FundTransUniTransferRequest) (*FundTransUniTransferResponse, error) {
	return call(ctx, c, mUniTransfer, req, func(r *FundTransUniTransferResponse) *Error {
		if r.Amount != 0 && r.Amount != req.TransAmount {
			return mismatch("trans_amount")
		}
		if e := same("out_biz_no", req.OutBizNo, r.OutBizNo); e != nil {
			return e
		}
		switch r.Status {
		case TransferSuccess:
			return nil
		case TransferFail:
			return &Error{Outcome: OutcomeRefused, Code: codeSuccess, SubCode: SubCodeResultFail,
				Resolve: mTransCommonQuery, Message: "status is FAIL"}
		case TransferDealing, TransferRefund, TransferWaitPay, TransferClosed:
		}
		return notFinal("status is not final")
	})
}

// FundTransCommonQueryRequest asks for a transfer (alipay.fund.trans.common.query). With OutBizNo, ProductCode and
// BizScene of the transfer are needed.
type FundTransCommonQueryRequest struct {
	PayFundOrderID string `json:"pay_fund_order_id" rule:"one,max=64"`
	OrderID        string `json:"order_id" rule:"one,max=64"`
	OutBizNo       string `json:"out_biz_no" rule:"one,max=64"`
	ProductCode    string `json:"product_code" rule:"max=64"`
	BizScene       string `json:"biz_scene" rule:"max=64"`
}

// FundTransCommonQueryResponse is a transfer's state. TransAmount comes with SUCCESS only.
type FundTransCommonQueryResponse struct {
	OrderID        string         `json:"order_id"`
	PayFundOrderID string         `json:"pay_fund_order_id"`
	OutBizNo       string         `json:"out_biz_no"`
	TransAmount    money.Fen      `json:"trans_amount"`
	Status         TransferStatus `json:"status"`
	SubStatus      string         `json:"sub_status"`
	PayDate        time.Time      `json:"pay_date"`
	ArrivalTimeEnd time.Time      `json:"arrival_time_end"`
	OrderFee       money.Fen      `json:"order_fee"`
	ErrorCode      string         `json:"error_code"`
	FailReason     string         `json:"fail_reason"`
	ReceiverUserID string         `json:"receiver_user_id"`
	ReceiverOpenID string         `json:"receiver_open_id"`
	SubOrderStatus string         `json:"sub_order_status"`
	PassbackParams string         `json:"passback_params"`
}

// FundTransCommonQuery asks for a transfer (alipay.fund.trans.common.query). Refused with ORDER_NOT_EXIST after an
// unknown transfer: repeat the transfer with the same number and content.
func (c *Client) FundTransCommonQuery(ctx context.Context,
	req FundTransCommonQueryRequest) (*FundTransCommonQueryResponse, error) {
	return call(ctx, c, mTransCommonQuery, req, func(r *FundTransCommonQueryResponse) *Error {
		switch {
		case r.Status == "":
			return mismatch("status")
		case req.PayFundOrderID != "":
			return same("pay_fund_order_id", req.PayFundOrderID, r.PayFundOrderID)
		case req.OrderID != "":
			return same("order_id", req.OrderID, r.OrderID)
		}
		return same("out_biz_no", req.OutBizNo, r.OutBizNo)
	})
}

// FundAccountQueryRequest asks for the platform's own balance (alipay.fund.account.query). AccountType is
// ACCTRANS_ACCOUNT.
type FundAccountQueryRequest struct {
	AlipayUserID string `json:"alipay_user_id" rule:"one,max=32"`
	AlipayOpenID string `json:"alipay_open_id" rule:"one,max=128"`
	AccountType  string `json:"account_type" rule:"required"`
}

// FundAccountQueryResponse is a balance.
type FundAccountQueryResponse struct {
	AvailableAmount money.Fen `json:"available_amount"`
	FreezeAmount    money.Fen `json:"freeze_amount"`
	TotalAmount     money.Fen `json:"total_amount"`
}

// FundAccountQuery asks for the platform's own balance (alipay.fund.account.query).
func (c *Client) FundAccountQuery(ctx context.Context, req FundAccountQueryRequest) (*FundAccountQueryResponse, error) {
	return call[FundAccountQueryResponse](ctx, c, mFundAccountQuery, req, nil)
}

// FundQuotaQueryRequest asks for transfer limits (alipay.fund.quota.query).
type FundQuotaQueryRequest struct {
	ProductCode string `json:"product_code" rule:"required"`
	BizScene    string `json:"biz_scene" rule:"required"`
}

// FundQuotaQueryResponse holds the limits; a nil one did not come.
type FundQuotaQueryResponse struct {
	IsNew                   bool       `json:"active_quota_is_new"` // then the New fields count
	NewSingleMax            *money.Fen `json:"new_quota_single_max"`
	NewSingleMin            *money.Fen `json:"new_quota_single_min"`
	NewDaily                *money.Fen `json:"new_quota_daily"`
	NewDailyRemain          *money.Fen `json:"new_quota_daily_remain"`
	NewMonthly              *money.Fen `json:"new_quota_monthly"`
	NewMonthlyRemain        *money.Fen `json:"new_quota_monthly_remain"`
	NewDailyRemainLimited   bool       `json:"active_new_quota_daily_remain_limited"`
	NewDailyLimitType       string     `json:"active_new_quota_daily_remain_limit_type"`
	NewMonthlyRemainLimited bool       `json:"active_new_quota_monthly_remain_limited"`
	NewMonthlyLimitType     string     `json:"active_new_quota_monthly_remain_limit_type"`
	CorporateDaily          *money.Fen `json:"to_corporate_daily_available_amount"`
	CorporateMonthly        *money.Fen `json:"to_corporate_monthly_available_amount"`
	PrivateDaily            *money.Fen `json:"to_private_daily_available_amount"`
	PrivateMonthly          *money.Fen `json:"to_private_monthly_available_amount"`
}

// FundQuotaQuery asks for transfer limits (alipay.fund.quota.query).
func (c *Client) FundQuotaQuery(ctx context.Context, req FundQuotaQueryRequest) (*FundQuotaQueryResponse, error) {
	return call[FundQuotaQueryResponse](ctx, c, mFundQuotaQuery, req, nil)
}
