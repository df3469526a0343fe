package alipay

import (
	"context"
	"slices"
	"time"
)

// IndirectImageUploadRequest uploads a licence, ID or shop image (ant.merchant.expand.indirect.image.upload): bmp, jpg,
// jpeg, png or gif, at most 10 MB. The file's extension must agree with the type. It travels as multipart; the file is
// not signed.
type IndirectImageUploadRequest struct {
	ImageType string `param:"image_type" rule:"required"`
	Image     File   `param:"image_content" rule:"required"`
}

// maxIndirectImage is the largest image Alipay takes for onboarding.
const maxIndirectImage = 10 << 20

// IndirectImageUploadResponse holds the image id to use in applications.
type IndirectImageUploadResponse struct {
	ImageID string `json:"image_id"`
}

// IndirectImageUpload uploads an image (ant.merchant.expand.indirect.image.upload). It is not idempotent: a repeat
// gives another id, which is harmless.
func (c *Client) IndirectImageUpload(ctx context.Context,
	req IndirectImageUploadRequest) (*IndirectImageUploadResponse, error) {
	if e := checkImage(mIndirectImageUpload, req.ImageType, &req.Image, []string{"bmp", "jpg", "jpeg", "png", "gif"},
		maxIndirectImage); e != nil {
		c.record(ctx, mIndirectImageUpload, e, 0)
		return nil, e
	}
	return call(ctx, c, mIndirectImageUpload, req, func(r *IndirectImageUploadResponse) *Error {
		if r.ImageID == "" {
			return mismatch("image_id")
		}
		return nil
	})
}

// checkImage checks type and size before ten megabytes travel for nothing, and names the file so that its extension
// agrees.
func checkImage(method, kind string, f *File, kinds []string, limit int) *Error {
	switch {
	case !slices.Contains(kinds, kind):
		return localRefusal(method, "image_type", "is not a type Alipay takes")
	case len(f.Content) == 0:
		return localRefusal(method, "image_content", "is required")
	case len(f.Content) > limit:
		return localRefusal(method, "image_content", "is larger than Alipay takes")
	}
	f.Name = "image." + kind
	if f.ContentType == "" {
		f.ContentType = "image/" + kind
		if kind == "jpg" {
			f.ContentType = "image/jpeg"
		}
	}
	return nil
}

// IndirectZftorderQueryRequest asks for applications by order id, which wins, or by external id
// (ant.merchant.expand.indirect.zftorder.query).
type IndirectZftorderQueryRequest struct {
	OrderID    string `json:"order_id" rule:"one,max=64"`
	ExternalID string `json:"external_id" rule:"one,max=64"`
}

// ApplicationStatus is the state of an application; it is authoritative, the audits explain it.
type ApplicationStatus string

// The states.
const (
	ApplicationInReview ApplicationStatus = "031"
	ApplicationFinished ApplicationStatus = "99"
	ApplicationFailed   ApplicationStatus = "-1"
)

// AuditState is the state of the risk review (fk_audit) or the customer-data review (kz_audit).
type AuditState string

// The states of a review.
const (
	AuditWaiting AuditState = "CREATE"
	AuditSkipped AuditState = "SKIP"
	AuditPassed  AuditState = "PASS"
	AuditReject  AuditState = "REJECT"
)

// ConfirmState is the state of the merchant's own confirmation.
type ConfirmState string

// The states of the confirmation.
const (
	ConfirmStarted  ConfirmState = "CREATE"
	ConfirmSkipped  ConfirmState = "SKIP"
	ConfirmWaiting  ConfirmState = "NOT_CONFIRM" // the merchant has to confirm in Alipay
	ConfirmFinished ConfirmState = "FINISH"
	ConfirmFailed   ConfirmState = "FAIL"
)

// ZftOrder is one application as Alipay sees it.
type ZftOrder struct {
	OrderID              string            `json:"order_id"`
	ExternalID           string            `json:"external_id"`
	ApplyTime            time.Time         `json:"apply_time"`
	ApplyType            string            `json:"apply_type"` // ZHIFUTONG_CREATE, ZHIFUTONG_MODIFY, ZHIFUTONG_CONSULT …
	MerchantName         string            `json:"merchant_name"`
	Status               ApplicationStatus `json:"status"`
	FkAudit              AuditState        `json:"fk_audit"`
	FkAuditMemo          string            `json:"fk_audit_memo"`
	KzAudit              AuditState        `json:"kz_audit"`
	KzAuditMemo          string            `json:"kz_audit_memo"`
	SubConfirm           ConfirmState      `json:"sub_confirm"`
	CardAliasNo          string            `json:"card_alias_no"`
	RawSMID              string            `json:"smid"` // not valid before the application is finished: use SMID
	SafeBindingLogonID   string            `json:"safe_binding_logon_id"`
	AppPreAuth           bool              `json:"app_pre_auth"`
	FacePreAuth          bool              `json:"face_pre_auth"`
	IsFaceLimit          string            `json:"is_face_limit"`
	Reason               string            `json:"reason"`
	SubSignQRCodeURL     string            `json:"sub_sign_qr_code_url"`
	SubSignShortChainURL string            `json:"sub_sign_short_chain_url"`
}

// SMID is the secondary merchant's number, "" unless the application is finished: Alipay says it is valid only then.
func (o *ZftOrder) SMID() string {
	if o.Status != ApplicationFinished {
		return ""
	}
	return o.RawSMID
}

// IndirectZftorderQueryResponse lists applications, the newest first.
type IndirectZftorderQueryResponse struct {
	Orders []ZftOrder `json:"orders"`
}

// IndirectZftorderQuery asks for applications (ant.merchant.expand.indirect.zftorder.query). An external id may have
// several. An unknown one is refused.
func (c *Client) IndirectZftorderQuery(ctx context.Context,
	req IndirectZftorderQueryRequest) (*IndirectZftorderQueryResponse, error) {
	return call(ctx, c, mIndirectZftorderQuery, req, func(r *IndirectZftorderQueryResponse) *Error {
		for _, o := range r.Orders {
			if req.OrderID != "" {
				if e := same("order_id", req.OrderID, o.OrderID); e != nil {
					return e
				}
				continue
			}
			if e := same("external_id", req.ExternalID, o.ExternalID); e != nil {
				return e
			}
		}
		slices.SortStableFunc(r.Orders, func(a, b ZftOrder) int { return b.ApplyTime.Compare(a.ApplyTime) })
		return nil
	})
}

// IndirectZftsubsettleQueryRequest asks where a secondary merchant settles
// (ant.merchant.expand.indirect.zftsubsettle.query).
type IndirectZftsubsettleQueryRequest struct {
	SMID string `json:"smid" rule:"required"`
}

// IndirectZftsubsettleQueryResponse is the settlement account of a secondary merchant.
type IndirectZftsubsettleQueryResponse struct {
	AlipayLogonID     string             `json:"alipay_logon_id"`
	AlipayLogonUID    string             `json:"alipay_logon_uid"`
	AlipayLogonOpenID string             `json:"alipay_logon_open_id"`
	BizCards          []SettleCard       `json:"biz_cards"`
	DefaultSettleRule *DefaultSettleRule `json:"default_settle_rule"`
}

// IndirectZftsubsettleQuery asks where a secondary merchant settles (ant.merchant.expand.indirect.zftsubsettle.query).
func (c *Client) IndirectZftsubsettleQuery(ctx context.Context,
	req IndirectZftsubsettleQueryRequest) (*IndirectZftsubsettleQueryResponse, error) {
	return call[IndirectZftsubsettleQueryResponse](ctx, c, mIndirectZftsubsettle, req, nil)
}

// MccQueryRequest asks for category codes, joined by commas: "B0001,B0002" (ant.merchant.expand.mcc.query).
type MccQueryRequest struct {
	MccCodeList string `json:"mcc_code_list" rule:"required"`
}

// MccInfo is a category and what it needs.
type MccInfo struct {
	Level1                string `json:"mcc_level_1"`
	Level1Name            string `json:"mcc_level_1_name"`
	Level2                string `json:"mcc_level_2"`
	Level2Name            string `json:"mcc_level_2_name"`
	Special               bool   `json:"is_special"`
	QualificationRequired bool   `json:"special_qual_required"`
	Requirements          string `json:"mcc_requirements"`
}

// MccQueryResponse lists categories.
type MccQueryResponse struct {
	Infos []MccInfo `json:"mcc_info_list"`
}

// MccQuery asks for category codes and the papers they need (ant.merchant.expand.mcc.query).
func (c *Client) MccQuery(ctx context.Context, req MccQueryRequest) (*MccQueryResponse, error) {
	return call[MccQueryResponse](ctx, c, mMccQuery, req, nil)
}
