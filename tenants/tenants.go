// Package tenants is the card platform itself: who is calling on its behalf, its connection to Alipay, and how a new
// one signs up. The packages below it hold what a tenant has.
//
// Nothing here reads across tenants: an [Actor] carries the tenant that every transaction is opened for.
package tenants

import (
	"net/http"
	"time"

	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
)

var q = dbsqlc.New()

// Modes of a tenant.
const (
	ModeSandbox = vocabulary.ModeSandbox // its gateway is the simulator
	ModeLive    = vocabulary.ModeLive
)

// Statuses of a tenant.
const (
	StatusActive    = vocabulary.TenantActive
	StatusSuspended = vocabulary.TenantSuspended
	StatusClosed    = vocabulary.TenantClosed
)

// Tenant is one card platform.
type Tenant struct {
	ID        id.Tenant
	Name      string
	Mode      vocabulary.TenantMode
	Status    vocabulary.TenantStatus
	CreatedAt time.Time
	Version   int64 // counts its changes, from 1
	// Twin is the live tenant of a sandbox, or the sandbox of a live tenant; zero: there is none.
	Twin id.Tenant
	// CardKeysShownDays is for how many days after delivery the buyer's page shows card keys.
	CardKeysShownDays int32
	// UploadBytesMax is how large a file may be that is uploaded.
	UploadBytesMax int32
	// RefundLimit is the amount above which a refund needs a second person; nil: none does.
	RefundLimit *money.Fen
	// ApprovalHours is for how long an approval waits.
	ApprovalHours int32
	Bounds        Bounds
	Kept          Kept
}

// Codes of faults that more than one package below tenants returns, and of the connection to Alipay.
const (
	CodeInvalidRequest          fault.Code = "invalid_request"
	CodeCursorInvalid           fault.Code = "cursor_invalid"
	CodeMerchantNotFound        fault.Code = "merchant_not_found"
	CodeProductNotFound         fault.Code = "product_not_found"
	CodeSplitRuleNotFound       fault.Code = "split_rule_not_found"
	CodeSplitRuleArchived       fault.Code = "split_rule_archived"
	CodeOrderNotFound           fault.Code = "order_not_found"
	CodeAlipayConnectionMissing fault.Code = "alipay_connection_missing"
	CodeTooManyObjects          fault.Code = "too_many_objects"
	CodeAlipayConnectionInUse   fault.Code = "alipay_connection_in_use"
	CodeAlipayKeyInvalid        fault.Code = "alipay_key_invalid"
	CodeAlipayRefused           fault.Code = "alipay_refused"
	CodeAlipayUnavailable       fault.Code = "alipay_unavailable"
	CodeSandboxUnavailable      fault.Code = "sandbox_unavailable"
	CodePreconditionFailed      fault.Code = "precondition_failed"
	CodeNotActive               fault.Code = "tenant_not_active"
	CodeTooManySignUps          fault.Code = "too_many_sign_ups"
	CodeApprovalRequired        fault.Code = "approval_required"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	mostEn, mostZh := quotaTexts()
	return append(liveFaults(), []fault.Definition{
		{Code: CodeTooManyObjects, Status: http.StatusConflict, Title: "The platform has as many as it may",
			TitleZh:   "数量已达上限",
			Meaning:   "A platform may have " + mostEn + ".",
			MeaningZh: "每个平台最多 " + mostZh + "。"},
		{Code: CodeInvalidRequest, Status: http.StatusBadRequest, Title: "The request is not as the contract says",
			TitleZh: "请求不符合接口定义",
			Meaning: "A field or parameter is missing, unknown, of the wrong type or out of range; `errors` names " +
				"each.",
			MeaningZh: "字段或参数缺失、未知、类型错误或超出范围；`errors` 逐一列出。"},
		{Code: CodeCursorInvalid, Status: http.StatusBadRequest, Title: "The cursor belongs to another list",
			TitleZh: "游标不属于此列表",
			Meaning: "A cursor is the `next_cursor` of the page before. It continues that list only, with the same " +
				"filters.",
			MeaningZh: "游标是上一页的 `next_cursor`，只能在筛选条件不变时继续同一列表。"},
		{Code: CodeMerchantNotFound, Status: http.StatusNotFound, Title: "No such merchant",
			TitleZh:   "商户不存在",
			Meaning:   "The tenant has no merchant with this id.",
			MeaningZh: "租户内没有此标识的商户。"},
		{Code: CodeProductNotFound, Status: http.StatusNotFound, Title: "No such product",
			TitleZh:   "商品不存在",
			Meaning:   "The tenant has no product with this id.",
			MeaningZh: "租户内没有此标识的商品。"},
		{Code: CodeSplitRuleNotFound, Status: http.StatusNotFound, Title: "No such split rule",
			TitleZh:   "分账规则不存在",
			Meaning:   "The tenant has no split rule with this id.",
			MeaningZh: "租户内没有此标识的分账规则。"},
		{Code: CodeSplitRuleArchived, Status: http.StatusConflict, Title: "The split rule is archived",
			TitleZh: "分账规则已归档",
			Meaning: "An archived split rule is not given to products, a product that has it is not put on sale, and " +
				"no version " +
				"of it is published. Use it again by `unarchiveSplitRule`, or take another rule.",
			MeaningZh: "已归档的分账规则不能用于商品，使用它的商品不能上架，也不能发布新版本。请用 `unarchiveSplitRule` 恢复，或改用其他规则。"},
		{Code: CodeOrderNotFound, Status: http.StatusNotFound, Title: "No such order",
			TitleZh:   "订单不存在",
			Meaning:   "The tenant has no order with this id.",
			MeaningZh: "租户内没有此标识的订单。"},
		{Code: CodeAlipayConnectionMissing, Status: http.StatusConflict, Title: "No connection to Alipay",
			TitleZh:   "尚未连接支付宝",
			Meaning:   "The tenant has no Alipay app yet. Connect one with putAlipayConnection.",
			MeaningZh: "租户尚无支付宝应用，请用 putAlipayConnection 连接。"},
		{Code: CodeAlipayConnectionInUse, Status: http.StatusConflict, Title: "The Alipay app is in use",
			TitleZh: "支付宝应用使用中",
			Meaning: "Payments were asked for with this app: their notifications, splits and refunds belong to it. " +
				"Replace its keys or certificates, not the app.",
			MeaningZh: "已用该应用发起过支付，其通知、分账和退款都属于它。请更换密钥或证书，而不是更换应用。"},
		{
			Code:    CodeAlipayKeyInvalid,
			Status:  http.StatusUnprocessableEntity,
			Title:   "The Alipay credentials cannot be used",
			TitleZh: "支付宝凭证不可用",
			Meaning: "A key or certificate does not parse, is too short, or does not belong with the others; " +
				"`errors` names it.",
			MeaningZh: "密钥或证书无法解析、长度不足或与其他凭证不匹配；`errors` 指出是哪一项。",
		},
		{Code: CodeAlipayRefused, Status: http.StatusBadGateway, Title: "Alipay refused",
			TitleZh: "支付宝拒绝",
			Meaning: "Alipay answered that it did not do what was asked; `detail` has its words. Repeating the " +
				"same request will not help until the cause is gone.",
			MeaningZh: "支付宝明确答复未执行，原文见 `detail`。原因消除之前，重复请求没有用。"},
		{Code: CodeAlipayUnavailable, Status: http.StatusServiceUnavailable, Title: "Alipay did not answer clearly",
			TitleZh:   "支付宝未明确应答",
			Meaning:   "The outcome is unknown for a moment. Repeat the same request with the same Idempotency-Key.",
			MeaningZh: "结果暂时未知。请用同一 Idempotency-Key 重复同一请求。"},
		{
			Code:      CodeNotActive,
			Status:    http.StatusConflict,
			Title:     "Platform not active",
			TitleZh:   "平台未在营业",
			Meaning:   "The platform is suspended or closed: its checkout pages do not open.",
			MeaningZh: "平台已被暂停或关闭，其收银台页面不再打开。",
		},
		{Code: CodeApprovalRequired, Status: http.StatusConflict, Title: "A second person must approve",
			TitleZh: "需要另一人审批",
			Meaning: "Nothing was done. Ask for it with createApproval; it is done when another person calls " +
				"approveApproval. This holds for a refund above `refund_approval_above_fen` of the platform, for a " +
				"merchant's new receiver, and for raising that limit or taking it away.",
			MeaningZh: "未执行。请用 createApproval 提交审批，另一人调用 approveApproval 后即执行。" +
				"适用于超过平台 `refund_approval_above_fen` 的退款、商户分账账号的变更，以及提高或取消该限额。"},
		{Code: CodePreconditionFailed, Status: http.StatusPreconditionFailed, Title: "It has been changed since",
			TitleZh: "已被修改",
			Meaning: "`If-Match` names another version than the one that is there, whose tag is in `ETag`. " +
				"Read it again, then repeat the change.",
			MeaningZh: "`If-Match` 指的是另一个版本，当前版本的标签在 `ETag` 中。请重新读取后再修改。"},
		{Code: CodeTooManySignUps, Status: http.StatusTooManyRequests, Title: "Too many platforms sign up",
			TitleZh: "注册的平台过多",
			Meaning: "More platforms have signed up within an hour, from wherever, than this installation takes. " +
				"Repeat the request in an hour, with the same Idempotency-Key.",
			MeaningZh: "一小时内注册的平台总数已达本系统上限（不分来源）。请一小时后用同一 Idempotency-Key 重复请求。"},
		{Code: CodeSandboxUnavailable, Status: http.StatusServiceUnavailable, Title: "The sandbox gateway is away",
			TitleZh:   "沙箱网关暂不可用",
			Meaning:   "The simulator that stands in for Alipay did not answer. Repeat the request in a moment.",
			MeaningZh: "代替支付宝的模拟器没有应答，请稍后重复请求。"},
	}...)
}

// What is told of things that several packages look for.

// MerchantNotFound is merchant_not_found.
func MerchantNotFound() *fault.Error {
	return fault.New(CodeMerchantNotFound, "There is no such merchant.")
}

// ProductNotFound is product_not_found.
func ProductNotFound() *fault.Error {
	return fault.New(CodeProductNotFound, "There is no such product.")
}

// SplitRuleNotFound is split_rule_not_found.
func SplitRuleNotFound() *fault.Error {
	return fault.New(CodeSplitRuleNotFound, "There is no such split rule.")
}

// SplitRuleArchived is split_rule_archived.
func SplitRuleArchived() *fault.Error {
	return fault.New(CodeSplitRuleArchived, "The split rule is archived.")
}

// ApprovalRequired is approval_required; why says of what.
func ApprovalRequired(why string, args ...any) *fault.Error {
	return fault.New(CodeApprovalRequired, why+" Ask for it with createApproval; another person approves it.", args...)
}

// OrderNotFound is order_not_found.
func OrderNotFound() *fault.Error { return fault.New(CodeOrderNotFound, "There is no such order.") }

// Bounds are how many unpaid orders a platform takes from one origin, and how many card keys of one product they may
// hold; 0: any number.
type Bounds struct {
	PerAPIKey      int32
	PerContact     int32
	PerBuyerIP     int32
	HeldPerProduct int32
}

// Kept is for how many days records of a tenant stay; package retention has the bounds.
type Kept struct{ Events, WebhookAttempts, AuditLog, Drafts int32 }

// UsuallyKept is that of a new platform, as the table says.
func UsuallyKept() Kept { return Kept{Events: 90, WebhookAttempts: 30, AuditLog: 730, Drafts: 90} }

// usualBounds are those of a new platform, as the table says.
func usualBounds() Bounds {
	return Bounds{PerAPIKey: 1000, PerContact: 20, PerBuyerIP: 50, HeldPerProduct: 5000}
}
