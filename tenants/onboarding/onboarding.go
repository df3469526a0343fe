// Package onboarding makes a merchant a secondary merchant of Alipay 直付通: an application is drafted, checked as a
// whole, sent with its images, and followed until Alipay has decided.
//
// What Alipay says arrives twice, by message and by asking; both feed one transition table, [Service.Apply]. Sending is
// phased: each uploaded image and the application's number are saved as they come, so that a crash anywhere is carried
// on from there, and nothing is ever sent twice unasked.
package onboarding

import (
	"log/slog"
	"net/http"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Status of an application.
type Status = vocabulary.ApplicationStatus

// The life of an application. Approved and rejected end it; who was rejected drafts a new one.
const (
	StatusDraft             = vocabulary.ApplicationDraft
	StatusSubmitted         = vocabulary.ApplicationSubmitted         // checked; on its way to Alipay
	StatusInReview          = vocabulary.ApplicationInReview          // Alipay has it
	StatusAwaitingSignature = vocabulary.ApplicationAwaitingSignature // the merchant has to confirm in Alipay
	StatusApproved          = vocabulary.ApplicationApproved
	StatusRejected          = vocabulary.ApplicationRejected
)

// Codes of this package.
const (
	CodeApplicationNotFound    fault.Code = "application_not_found"
	CodeApplicationNotEditable fault.Code = "application_not_editable"
	CodeApplicationOpen        fault.Code = "application_open"
	CodeApplicationIncomplete  fault.Code = "application_incomplete"
	CodeMerchantAlreadyActive  fault.Code = "merchant_already_active"
	CodeImageInvalid           fault.Code = "image_invalid"
	CodeImageNotFound          fault.Code = "application_image_not_found"
	CodeImageUploadsBusy       fault.Code = "image_uploads_busy"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:      CodeImageNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such image",
			TitleZh:   "图片不存在",
			Meaning:   "The application has no image for this purpose, or it was deleted 30 days after the decision.",
			MeaningZh: "该进件没有此用途的图片，或图片已在审核结束 30 天后删除。",
		},
		{
			Code:      CodeApplicationNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such application",
			TitleZh:   "进件申请不存在",
			Meaning:   "The tenant has no application with this id.",
			MeaningZh: "租户内没有此标识的进件申请。",
		},
		{Code: CodeApplicationNotEditable, Status: http.StatusConflict, Title: "The application has been sent",
			TitleZh:   "申请已提交",
			Meaning:   "Only a draft can be changed or submitted. After a rejection, draft a new application.",
			MeaningZh: "只有草稿可以修改或提交。被拒后请重新起草申请。"},
		{Code: CodeApplicationOpen, Status: http.StatusConflict, Title: "The merchant has an open application",
			TitleZh:   "商户有未决的申请",
			Meaning:   "A merchant has at most one application that is not decided yet. Go on with that one.",
			MeaningZh: "每个商户同时只能有一个未决的申请，请继续处理该申请。"},
		{
			Code:    CodeApplicationIncomplete,
			Status:  http.StatusUnprocessableEntity,
			Title:   "The application is not complete",
			TitleZh: "申请资料不完整",
			Meaning: "`errors` names every field and image that is missing or wrong, with what is wanted. Images " +
				"are under /images.",
			MeaningZh: "`errors` 逐一列出缺失或有误的字段和图片及其要求。图片位于 /images 之下。",
		},
		{Code: CodeMerchantAlreadyActive, Status: http.StatusConflict, Title: "The merchant is approved already",
			TitleZh:   "商户已通过",
			Meaning:   "The merchant has its number at Alipay; there is nothing to apply for.",
			MeaningZh: "商户已有支付宝商户号，无需再申请。"},
		{Code: CodeImageInvalid, Status: http.StatusUnprocessableEntity, Title: "The image cannot be used",
			TitleZh: "图片不可用",
			Meaning: "Send a JPEG or PNG of at most 5 MB and 12 megapixels, with 8 bits a colour; above 6 megapixels " +
				"not progressive.",
			MeaningZh: "请发送不超过 5 MB、1200 万像素、每通道 8 位的 JPEG 或 PNG；超过 600 万像素时不能是渐进式图片。"},
		{Code: CodeImageUploadsBusy, Status: http.StatusTooManyRequests, Title: "Too many images at a time",
			TitleZh: "同时上传的图片过多",
			Meaning: "The tenant has sixteen images under way, or all tenants together have as many as are taken. " +
				"Wait for their answers, or for Retry-After.",
			MeaningZh: "租户已有十六张图片正在上传，或全部租户的上传已满。请等待应答，或等待 Retry-After。"},
	}
}

// Config is what a Service needs.
type Config struct {
	DB       *db.DB
	Vault    *vault.Vault
	Gateways *tenants.Gateways
	Clock    clock.Clock
	Log      *slog.Logger
	Step     func(name string) // nil in production; tests crash at a step
}

// Service carries the use cases of onboarding.
type Service struct {
	db       *db.DB
	vault    *vault.Vault
	gateways *tenants.Gateways
	clock    clock.Clock
	log      *slog.Logger
	step     func(name string)
	decoding *decoding
}

// New makes a Service.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{
		db:       c.DB,
		vault:    c.Vault,
		gateways: c.Gateways,
		clock:    c.Clock,
		log:      c.Log,
		step:     c.Step,
		decoding: newDecoding(),
	}
}

// now is the current time in the precision that Postgres keeps.
// Application is a request to Alipay to make a merchant a secondary merchant.
type Application struct {
	ID           id.Application
	Merchant     id.Merchant
	MerchantName string // as it is now
	Status       Status
	Form         Form // identity and account numbers are masked
	Images       []Image
	Requirements []Requirement // empty while it is a draft
	Reason       string        // why Alipay said no, in Alipay's words
	SignURL      string
	Smid         string // only when approved
	CreatedAt    time.Time
	SubmittedAt  *time.Time
	DecidedAt    *time.Time
	Version      int64 // counts its changes but for images, from 1
}

// Image is a picture of the application, without its content.
type Image struct {
	ID            id.ApplicationImage
	Purpose       string
	ContentType   string
	SHA256        [32]byte
	AlipayImageID string // empty until Alipay has it
}

// event is the picture of an application in events.
type event struct {
	ApplicationID id.Application `json:"application_id"`
	MerchantID    id.Merchant    `json:"merchant_id"`
	Status        Status         `json:"status"`
	Smid          string         `json:"smid,omitempty"`
	Reason        string         `json:"reason,omitempty"`
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// optional is nil for the empty text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
