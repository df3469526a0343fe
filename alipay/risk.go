package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// SecurityRiskComplaintInfoBatchqueryRequest lists RiskGO consumer complaints
// (alipay.security.risk.complaint.info.batchquery).
type SecurityRiskComplaintInfoBatchqueryRequest struct {
	CurrentPageNum int64     `json:"current_page_num"`
	PageSize       int64     `json:"page_size"`
	ComplaintStart time.Time `json:"gmt_complaint_start"`
	ComplaintEnd   time.Time `json:"gmt_complaint_end"`
	ProcessStart   time.Time `json:"gmt_process_start"`
	ProcessEnd     time.Time `json:"gmt_process_end"`
	TradeNo        string    `json:"trade_no" rule:"max=64"`
	TaskID         string    `json:"task_id"`
	TaskIDList     []string  `json:"task_id_list"`
	StatusList     []string  `json:"status_list"`
}

// RiskComplaint is a consumer complaint of RiskGO. Status: WAIT_PROCESS, PROCESSING, PROCESSED, OVERDUE,
// OVERDUE_PROCESSED, PART_OVERDUE, DROP_COMPLAIN and its variants; unknown values are kept.
type RiskComplaint struct {
	ID                string               `json:"id"`
	TaskID            string               `json:"task_id"`
	OppositePID       string               `json:"opposite_pid"`
	OppositeName      string               `json:"opposite_name"`
	ComplainAmount    money.Fen            `json:"complain_amount"`
	ComplainContent   string               `json:"complain_content"`
	Contact           string               `json:"contact"`
	GmtComplain       time.Time            `json:"gmt_complain"`
	GmtProcess        time.Time            `json:"gmt_process"`
	GmtOverdue        time.Time            `json:"gmt_overdue"`
	GmtRiskFinish     time.Time            `json:"gmt_risk_finish_time"`
	TradeNo           string               `json:"trade_no"`
	Status            string               `json:"status"`
	StatusDescription string               `json:"status_description"`
	ProcessCode       string               `json:"process_code"`
	ProcessMessage    string               `json:"process_message"`
	ProcessRemark     string               `json:"process_remark"`
	Trades            []RiskComplaintTrade `json:"complaint_trade_info_list"`
}

// RiskComplaintTrade is a trade a complaint is about.
type RiskComplaintTrade struct {
	ID                string    `json:"id"`
	ComplaintRecordID string    `json:"complaint_record_id"`
	TradeNo           string    `json:"trade_no"`
	OutNo             string    `json:"out_no"`
	Amount            money.Fen `json:"amount"`
	GmtTrade          time.Time `json:"gmt_trade"`
	GmtRefund         time.Time `json:"gmt_refund"`
	Status            string    `json:"status"`
	StatusDescription string    `json:"status_description"`
}

// SecurityRiskComplaintInfoBatchqueryResponse is a page of complaints.
type SecurityRiskComplaintInfoBatchqueryResponse struct {
	Complaints  []RiskComplaint `json:"complaint_list"`
	TotalSize   int64           `json:"total_size"`
	CurrentPage int64           `json:"current_page"`
	PageSize    int64           `json:"page_size"`
}

// SecurityRiskComplaintInfoBatchquery lists consumer complaints (alipay.security.risk.complaint.info.batchquery).
func (c *Client) SecurityRiskComplaintInfoBatchquery(ctx context.Context,
	req SecurityRiskComplaintInfoBatchqueryRequest) (*SecurityRiskComplaintInfoBatchqueryResponse, error) {
	return call[SecurityRiskComplaintInfoBatchqueryResponse](ctx, c, mRiskComplaintBatch, req, nil)
}

// SecurityRiskComplaintInfoQueryRequest asks for one complaint by its main id
// (alipay.security.risk.complaint.info.query).
type SecurityRiskComplaintInfoQueryRequest struct {
	ComplainID string `json:"complain_id" rule:"required"`
}

// SecurityRiskComplaintInfoQuery asks for one consumer complaint (alipay.security.risk.complaint.info.query).
func (c *Client) SecurityRiskComplaintInfoQuery(ctx context.Context,
	req SecurityRiskComplaintInfoQueryRequest) (*RiskComplaint, error) {
	return call[RiskComplaint](ctx, c, mRiskComplaintQuery, req, nil)
}

// SecurityRiskComplaintProcessFinishRequest reports how complaints were handled
// (alipay.security.risk.complaint.process.finish). ProcessCode: CONSENSUS_WITH_CLIENT, RECTIFICATION_NO_REFUND, REFUND,
// SUBMIT_PROOF_NOT_CONTACTED, ORTHER (Alipay's spelling).
type SecurityRiskComplaintProcessFinishRequest struct {
	IDList       []int64 `json:"id_list" rule:"required"`
	ProcessCode  string  `json:"process_code" rule:"required"`
	Remark       string  `json:"remark"`
	ReplyContent string  `json:"reply_content"`
}

// SecurityRiskComplaintProcessFinishResponse says whether it was taken; always true here.
type SecurityRiskComplaintProcessFinishResponse struct {
	Success bool `json:"complaint_process_success"`
}

// SecurityRiskComplaintProcessFinish reports how complaints were handled
// (alipay.security.risk.complaint.process.finish).
func (c *Client) SecurityRiskComplaintProcessFinish(ctx context.Context,
	req SecurityRiskComplaintProcessFinishRequest) (*SecurityRiskComplaintProcessFinishResponse, error) {
	return call(ctx, c, mRiskComplaintFinish, req, func(r *SecurityRiskComplaintProcessFinishResponse) *Error {
		if !r.Success {
			return &Error{Outcome: OutcomeRefused, Code: codeSuccess, SubCode: SubCodeResultFail,
				Resolve: mRiskComplaintQuery, Message: "complaint_process_success is false"}
		}
		return nil
	})
}

// SecurityRiskCustomerriskSendRequest tells Alipay what was done about a risky trade
// (alipay.security.risk.customerrisk.send). ProcessCode for the indirect merchants of a platform: 01 settlement
// delayed, 02 merchant closed, 99 other. Several measures are several calls.
type SecurityRiskCustomerriskSendRequest struct {
	TradeNo           string `json:"trade_no" rule:"required,max=64"`
	ProcessCode       string `json:"process_code" rule:"required"`
	PID               string `json:"pid"`
	SMID              string `json:"smid"`
	ExternalID        string `json:"external_id"`
	Mobile            string `json:"mobile"`
	CertNo            string `json:"cert_no"`
	BusinessLicenseNo string `json:"business_license_no"`
	BankCardNo        string `json:"bank_card_no"`
	PlatAccount       string `json:"plat_account"`
	MerchName         string `json:"merch_name"`
	EmailAddress      string `json:"email_address"`
	OrderIP           string `json:"order_ip"`
	MobileIP          string `json:"mobile_ip"`
}

// SecurityRiskCustomerriskSend reports a measure (alipay.security.risk.customerrisk.send).
func (c *Client) SecurityRiskCustomerriskSend(ctx context.Context,
	req SecurityRiskCustomerriskSendRequest) (*EmptyResponse, error) {
	return call[EmptyResponse](ctx, c, mCustomerriskSend, req, nil)
}

// SecurityRiskCustomerriskQueryRequest asks how risky a merchant's papers are (alipay.security.risk.customerrisk.query;
// fields of Alipay's SDK, a paid service by contract). RiskType joins by commas: riskinfo_cert_no,
// riskinfo_bank_card_no, riskinfo_business_license_no …; each needs its number.
type SecurityRiskCustomerriskQueryRequest struct {
	RiskType          string `json:"risk_type" rule:"required"`
	CertNo            string `json:"cert_no"`
	BankCardNo        string `json:"bank_card_no"`
	BusinessLicenseNo string `json:"business_license_no"`
	CompanyName       string `json:"company_name"`
	ExternalID        string `json:"external_id"`
	MobileNo          string `json:"mobile_no"`
	OpenID            string `json:"open_id"`
}

// SecurityRiskCustomerriskQueryResponse is the judgement: has_risk or no_risk, a rank (rank_1 … rank_10) or a score (0
// … 100), by contract; the description says which.
type SecurityRiskCustomerriskQueryResponse struct {
	RiskResult     string `json:"risk_result"`
	RiskResultDesc string `json:"risk_result_desc"`
}

// SecurityRiskCustomerriskQuery asks how risky a merchant's papers are (alipay.security.risk.customerrisk.query).
func (c *Client) SecurityRiskCustomerriskQuery(ctx context.Context,
	req SecurityRiskCustomerriskQueryRequest) (*SecurityRiskCustomerriskQueryResponse, error) {
	return call(ctx, c, mCustomerriskQuery, req, func(r *SecurityRiskCustomerriskQueryResponse) *Error {
		if r.RiskResult == "" {
			return mismatch("risk_result")
		}
		return nil
	})
}
