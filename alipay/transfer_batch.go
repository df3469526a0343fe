package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// BatchOrder is one transfer of a batch. OutBizNo is its key.
type BatchOrder struct {
	OutBizNo       string       `json:"out_biz_no" rule:"required,own"`
	TransAmount    money.Fen    `json:"trans_amount" rule:"required"`
	OrderTitle     string       `json:"order_title" rule:"max=128"`
	Remark         string       `json:"remark" rule:"max=200"`
	PayeeInfo      *Participant `json:"payee_info" rule:"required"`
	BusinessParams string       `json:"business_params"`
	PassbackParams string       `json:"passback_params"`
}

// FundBatchCreateRequest makes a batch that somebody pays in the cashier (alipay.fund.batch.create, field table); at
// most 1000 transfers. The total and count are computed here.
type FundBatchCreateRequest struct {
	OutBatchNo          string        `json:"out_batch_no" rule:"required,own"`
	ProductCode         string        `json:"product_code" rule:"required,max=64"`
	BizScene            string        `json:"biz_scene" rule:"required,max=64"`
	OrderTitle          string        `json:"order_title" rule:"max=128"`
	TotalCount          int64         `json:"total_count" rule:"text"`
	TotalTransAmount    money.Fen     `json:"total_trans_amount"`
	TransOrderList      []BatchOrder  `json:"trans_order_list" rule:"required,max=1000"`
	TimeExpire          string        `json:"time_expire" rule:"max=16"` // yyyy-MM-dd HH:mm
	PayerInfo           *Participant  `json:"payer_info"`
	TransferSceneName   string        `json:"transfer_scene_name"`
	TransferSceneReport []SceneReport `json:"transfer_scene_report_infos"`
}

// FundBatchResponse names a batch. Status is INIT after creation, DISUSE after closing.
type FundBatchResponse struct {
	OutBatchNo   string `json:"out_batch_no"`
	BatchTransID string `json:"batch_trans_id"`
	Status       string `json:"status"`
}

// FundBatchCreate makes a batch to be paid in the cashier (alipay.fund.batch.create).
func (c *Client) FundBatchCreate(ctx context.Context, req FundBatchCreateRequest) (*FundBatchResponse, error) {
	return c.fundBatch(ctx, mBatchCreate, req)
}

// FundBatchUniTransfer pays a batch without a password (alipay.fund.batch.uni.transfer); done means accepted, the
// lines' results come by FundBatchDetailQuery.
func (c *Client) FundBatchUniTransfer(ctx context.Context, req FundBatchCreateRequest) (*FundBatchResponse, error) {
	return c.fundBatch(ctx, mBatchUniTransfer, req)
}

func (c *Client) fundBatch(ctx context.Context, method string, req FundBatchCreateRequest) (*FundBatchResponse, error) {
	req.TotalCount, req.TotalTransAmount = int64(len(req.TransOrderList)), 0
	for _, o := range req.TransOrderList {
		var err error
		if req.TotalTransAmount, err = req.TotalTransAmount.Add(o.TransAmount); err != nil || o.TransAmount < 0 {
			e := localRefusal(method, "trans_order_list", "has an amount Alipay does not take")
			c.record(ctx, method, e, 0)
			return nil, e
		}
	}
	return call(ctx, c, method, req, func(r *FundBatchResponse) *Error {
		if r.BatchTransID == "" {
			return mismatch("batch_trans_id")
		}
		return same("out_batch_no", req.OutBatchNo, r.OutBatchNo)
	})
}

// FundBatchAppPayRequest pays a batch in the Alipay app (alipay.fund.batch.app.pay).
type FundBatchAppPayRequest struct {
	BatchTransID string `json:"batch_trans_id" rule:"required,max=64"`
}

// FundBatchAppPay makes the order string to pay a batch (alipay.fund.batch.app.pay).
func (c *Client) FundBatchAppPay(ctx context.Context, req FundBatchAppPayRequest) (string, error) {
	return c.orderString(ctx, mBatchAppPay, req)
}

// FundBatchCloseRequest closes an unpaid batch (alipay.fund.batch.close).
type FundBatchCloseRequest struct {
	BatchTransID string `json:"batch_trans_id" rule:"required,max=64"`
	ProductCode  string `json:"product_code" rule:"max=64"`
	BizScene     string `json:"biz_scene" rule:"max=64"`
}

// FundBatchClose closes an unpaid batch (alipay.fund.batch.close).
func (c *Client) FundBatchClose(ctx context.Context, req FundBatchCloseRequest) (*FundBatchResponse, error) {
	return call(ctx, c, mBatchClose, req, func(r *FundBatchResponse) *Error {
		return same("batch_trans_id", req.BatchTransID, r.BatchTransID)
	})
}

// FundBatchDetailQueryRequest asks for a batch and a page of its transfers (alipay.fund.batch.detail.query); at most
// 500 per page.
type FundBatchDetailQueryRequest struct {
	OutBatchNo   string `json:"out_batch_no" rule:"one,max=64"`
	BatchTransID string `json:"batch_trans_id" rule:"one,max=64"`
	ProductCode  string `json:"product_code" rule:"max=64"`
	BizScene     string `json:"biz_scene" rule:"max=64"`
	PageNum      int64  `json:"page_num" rule:"text"`
	PageSize     int64  `json:"page_size" rule:"text"`
	DetailStatus string `json:"detail_status"`
}

// BatchDetail is one transfer of a batch and what became of it.
type BatchDetail struct {
	OutBizNo      string    `json:"out_biz_no"`
	AlipayOrderNo string    `json:"alipay_order_no"`
	Status        string    `json:"status"` // INIT, APPLIED, DEALED, SUCCESS, DISUSE, FAIL, UNKNOWN, WAIT_PAY
	TransAmount   money.Fen `json:"trans_amount"`
	ErrorCode     string    `json:"error_code"`
	ErrorMsg      string    `json:"error_msg"`
	NeedRetry     bool      `json:"need_retry"`
	GmtCreate     time.Time `json:"gmt_create"`
	GmtFinish     time.Time `json:"gmt_finish"`
	Remark        string    `json:"remark"`
}

// FundBatchDetailQueryResponse is a batch. Status: INIT, WAIT_PAY, DEALING, SUCCESS, PART_SUCCESS, FAIL, DISUSE,
// INVALID.
type FundBatchDetailQueryResponse struct {
	OutBatchNo     string        `json:"out_batch_no"`
	BatchTransID   string        `json:"batch_trans_id"`
	Status         string        `json:"batch_status" alias:"status"`
	ApprovalStatus string        `json:"approval_status"`
	SuccessCount   int64         `json:"success_count"`
	SuccessAmount  money.Fen     `json:"success_amount"`
	FailCount      int64         `json:"fail_count"`
	FailAmount     money.Fen     `json:"fail_amount"`
	TotalCount     int64         `json:"total_item_count"`
	TotalAmount    money.Fen     `json:"total_amount"`
	TotalPages     int64         `json:"total_page_count"`
	PageNum        int64         `json:"page_num"`
	PageSize       int64         `json:"page_size"`
	GmtPayFinish   time.Time     `json:"gmt_pay_finish"`
	GmtFinish      time.Time     `json:"gmt_finish"`
	ErrorCode      string        `json:"error_code"`
	FailReason     string        `json:"fail_reason"`
	Details        []BatchDetail `json:"acc_detail_list"`
}

// FundBatchDetailQuery asks for a batch (alipay.fund.batch.detail.query).
func (c *Client) FundBatchDetailQuery(ctx context.Context,
	req FundBatchDetailQueryRequest) (*FundBatchDetailQueryResponse, error) {
	return call(ctx, c, mBatchDetailQuery, req, func(r *FundBatchDetailQueryResponse) *Error {
		return same("out_batch_no", req.OutBatchNo, r.OutBatchNo)
	})
}
