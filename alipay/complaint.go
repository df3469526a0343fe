package alipay

import (
	"context"
	"time"

	"zhitong/internal/money"
)

// ComplaintStatus is the state of a trade complaint. Unknown values are kept.
type ComplaintStatus string

// The states (alipay.merchant.tradecomplain.query, status).
const (
	ComplaintMerchantProcessing ComplaintStatus = "MERCHANT_PROCESSING"
	ComplaintMerchantFeedbacked ComplaintStatus = "MERCHANT_FEEDBACKED"
	ComplaintFeedbackTimeout    ComplaintStatus = "MERCHANT_FEEDBACK_TIMEOUT" // late, still answerable
	ComplaintPlatformProcessing ComplaintStatus = "PLATFORM_PROCESSING"
	ComplaintPlatformFinish     ComplaintStatus = "PLATFORM_FINISH"
	ComplaintFinished           ComplaintStatus = "FINISHED"
	ComplaintCancelled          ComplaintStatus = "CANCELLED"
	ComplaintClosed             ComplaintStatus = "CLOSED"
)

// TradeComplaint is a buyer's complaint about a trade.
type TradeComplaint struct {
	ComplainEventID  string           `json:"complain_event_id"`
	Status           ComplaintStatus  `json:"status"`
	TradeNo          string           `json:"trade_no"`
	MerchantOrderNo  string           `json:"merchant_order_no"`
	GmtCreate        time.Time        `json:"gmt_create"`
	GmtModified      time.Time        `json:"gmt_modified"`
	GmtFinished      time.Time        `json:"gmt_finished"`
	LeafCategoryName string           `json:"leaf_category_name"` // what the buyer wants
	ComplainReason   string           `json:"complain_reason"`
	Content          string           `json:"content"`
	Images           []string         `json:"images"`
	PhoneNo          string           `json:"phone_no"`
	TargetID         string           `json:"target_id"`
	TargetType       string           `json:"target_type"` // APPID, PUBLICID, PID
	TradeAmount      money.Fen        `json:"trade_amount"`
	Replies          []ComplaintReply `json:"reply_detail_infos"` // only when asked for one complaint
}

// ComplaintReply is one message of a complaint; ReplierRole: USER, MERCHANT, SYSTEM, AUDITOR, GOVERNMENT.
type ComplaintReply struct {
	ReplierName string    `json:"replier_name"`
	ReplierRole string    `json:"replier_role"`
	GmtCreate   time.Time `json:"gmt_create"`
	Content     string    `json:"content"`
	Images      []string  `json:"images"`
}

// MerchantTradecomplainBatchqueryRequest lists complaints (alipay.merchant.tradecomplain.batchquery): by default those
// of the last 30 days, at most 20 per page.
type MerchantTradecomplainBatchqueryRequest struct {
	Status    ComplaintStatus `json:"status"`
	BeginTime time.Time       `json:"begin_time"`
	EndTime   time.Time       `json:"end_time"`
	PageNum   int64           `json:"page_num"`
	PageSize  int64           `json:"page_size"`
}

// MerchantTradecomplainBatchqueryResponse is a page of complaints.
type MerchantTradecomplainBatchqueryResponse struct {
	Complaints []TradeComplaint `json:"trade_complain_infos"`
	PageNum    int64            `json:"page_num"`
	PageSize   int64            `json:"page_size"`
	TotalNum   int64            `json:"total_num"`
	TotalPages int64            `json:"total_page_num"`
}

// MerchantTradecomplainBatchquery lists complaints (alipay.merchant.tradecomplain.batchquery).
func (c *Client) MerchantTradecomplainBatchquery(ctx context.Context,
	req MerchantTradecomplainBatchqueryRequest) (*MerchantTradecomplainBatchqueryResponse, error) {
	return call[MerchantTradecomplainBatchqueryResponse](ctx, c, mComplainBatchquery, req, nil)
}

// MerchantTradecomplainQueryRequest asks for one complaint (alipay.merchant.tradecomplain.query).
type MerchantTradecomplainQueryRequest struct {
	ComplainEventID string `json:"complain_event_id" rule:"required"`
}

// MerchantTradecomplainQuery asks for one complaint with its messages (alipay.merchant.tradecomplain.query).
func (c *Client) MerchantTradecomplainQuery(ctx context.Context,
	req MerchantTradecomplainQueryRequest) (*TradeComplaint, error) {
	return call(ctx, c, mComplainQuery, req, func(r *TradeComplaint) *Error {
		return same("complain_event_id", req.ComplainEventID, r.ComplainEventID)
	})
}

// FeedbackCode says how the merchant handled a complaint.
type FeedbackCode string

// The codes (alipay.merchant.tradecomplain.feedback.submit, feedback_code).
const (
	FeedbackRefundByDeposit FeedbackCode = "00"
	FeedbackRefunded        FeedbackCode = "02"
	FeedbackShipped         FeedbackCode = "03"
	FeedbackOther           FeedbackCode = "04"
	FeedbackAfterSale       FeedbackCode = "05"
	FeedbackNotResponsible  FeedbackCode = "06"
	FeedbackHandledPayAfter FeedbackCode = "194"
)

// maxComplaintImage is the largest image Alipay takes for complaints.
const maxComplaintImage = 5 << 20

// MerchantTradecomplainFeedbackSubmitRequest handles a complaint (alipay.merchant.tradecomplain.feedback.submit). Its
// fields are parameters of their own, not biz_content, as in Alipay's SDK. Images are ids of MerchantImageUpload,
// joined by commas.
type MerchantTradecomplainFeedbackSubmitRequest struct {
	ComplainEventID string       `param:"complain_event_id" rule:"required"`
	FeedbackCode    FeedbackCode `param:"feedback_code" rule:"required"`
	FeedbackContent string       `param:"feedback_content" rule:"required,max=200"`
	FeedbackImages  string       `param:"feedback_images"`
	Operator        string       `param:"operator" rule:"max=6"`
}

// EmptyResponse is a done call without a result of its own.
type EmptyResponse struct{}

// MerchantTradecomplainFeedbackSubmit handles a complaint (alipay.merchant.tradecomplain.feedback.submit). It has no
// idempotency key: after an unknown outcome read the complaint first.
func (c *Client) MerchantTradecomplainFeedbackSubmit(ctx context.Context,
	req MerchantTradecomplainFeedbackSubmitRequest) (*EmptyResponse, error) {
	return call[EmptyResponse](ctx, c, mComplainFeedback, req, nil)
}

// MerchantTradecomplainReplySubmitRequest writes to the buyer (alipay.merchant.tradecomplain.reply.submit).
type MerchantTradecomplainReplySubmitRequest struct {
	ComplainEventID string `json:"complain_event_id" rule:"required"`
	ReplyContent    string `json:"reply_content" rule:"required"`
	ReplyImages     string `json:"reply_images"`
}

// MerchantTradecomplainReplySubmit writes to the buyer (alipay.merchant.tradecomplain.reply.submit).
func (c *Client) MerchantTradecomplainReplySubmit(ctx context.Context,
	req MerchantTradecomplainReplySubmitRequest) (*EmptyResponse, error) {
	return call[EmptyResponse](ctx, c, mComplainReply, req, nil)
}

// MerchantTradecomplainSupplementSubmitRequest adds evidence (alipay.merchant.tradecomplain.supplement.submit).
type MerchantTradecomplainSupplementSubmitRequest struct {
	ComplainEventID   string `json:"complain_event_id" rule:"required"`
	SupplementContent string `json:"supplement_content" rule:"required,max=200"`
	SupplementImages  string `json:"supplement_images"`
}

// MerchantTradecomplainSupplementSubmit adds evidence (alipay.merchant.tradecomplain.supplement.submit).
func (c *Client) MerchantTradecomplainSupplementSubmit(ctx context.Context,
	req MerchantTradecomplainSupplementSubmitRequest) (*EmptyResponse, error) {
	return call[EmptyResponse](ctx, c, mComplainSupplement, req, nil)
}

// MerchantImageUploadRequest uploads an image for a complaint (alipay.merchant.image.upload): jpg, jpeg or png, at most
// 5 MB.
type MerchantImageUploadRequest struct {
	ImageType string `param:"image_type" rule:"required"`
	Image     File   `param:"image_content" rule:"required"`
}

// MerchantImageUploadResponse holds the image id.
type MerchantImageUploadResponse struct {
	ImageID string `json:"image_id"`
}

// MerchantImageUpload uploads an image for a complaint (alipay.merchant.image.upload).
func (c *Client) MerchantImageUpload(ctx context.Context,
	req MerchantImageUploadRequest) (*MerchantImageUploadResponse, error) {
	if e := checkImage(mMerchantImage, req.ImageType, &req.Image, []string{"jpg", "jpeg", "png"},
		maxComplaintImage); e != nil {
		c.record(ctx, mMerchantImage, e, 0)
		return nil, e
	}
	return call(ctx, c, mMerchantImage, req, func(r *MerchantImageUploadResponse) *Error {
		if r.ImageID == "" {
			return mismatch("image_id")
		}
		return nil
	})
}
