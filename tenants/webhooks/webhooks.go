// Package webhooks delivers events to a tenant's own programs. A job posts each event to each endpoint that takes its
// type, signed by Standard Webhooks, until the endpoint takes it or the schedule ends.
//
// A healthy endpoint gets each event at least once and in no promised order; the event's sequence is the order.
package webhooks

import (
	"fmt"
	"net/http"

	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
)

var q = dbsqlc.New()

// Codes of this package.
const (
	CodeEndpointNotFound fault.Code = "webhook_endpoint_not_found"
	CodeAttemptNotFound  fault.Code = "webhook_attempt_not_found"
	CodeEndpointLimit    fault.Code = "webhook_endpoint_limit"
	CodeEndpointDisabled fault.Code = "webhook_endpoint_disabled"
	CodeURLRefused       fault.Code = "webhook_url_refused"
	CodeTestOfAnother    fault.Code = "webhook_test_of_another"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:      CodeEndpointNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such webhook endpoint",
			TitleZh:   "回调地址不存在",
			Meaning:   "The tenant has no webhook endpoint with this id.",
			MeaningZh: "租户内没有此标识的回调地址。",
		},
		{
			Code:      CodeAttemptNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such delivery attempt",
			TitleZh:   "投递尝试不存在",
			Meaning:   "The endpoint has no delivery attempt with this id.",
			MeaningZh: "该回调地址没有此标识的投递尝试。",
		},
		{Code: CodeEndpointLimit, Status: http.StatusConflict, Title: "Too many webhook endpoints",
			TitleZh: "回调地址过多",
			Meaning: fmt.Sprintf("A tenant has at most %d webhook endpoints. Change or delete one that exists.",
				EndpointsMax),
			MeaningZh: fmt.Sprintf("每个租户最多 %d 个回调地址。", EndpointsMax)},
		{Code: CodeEndpointDisabled, Status: http.StatusConflict, Title: "The webhook endpoint is disabled",
			TitleZh:   "回调地址已停用",
			Meaning:   "Nothing is delivered to a disabled endpoint. Enable it, then send again.",
			MeaningZh: "停用的地址不接收投递。请启用后重新发送。"},
		{
			Code:    CodeTestOfAnother,
			Status:  http.StatusUnprocessableEntity,
			Title:   "The test event is another endpoint's",
			TitleZh: "测试事件属于另一个回调地址",
			Meaning: "A `webhook.test` event is sent to the endpoint that was tested and to no other. " +
				"Use `testWebhookEndpoint` for the other one.",
			MeaningZh: "`webhook.test` 事件只发送给被测试的地址。请对其他地址使用 `testWebhookEndpoint`。",
		},
		{Code: CodeURLRefused, Status: http.StatusUnprocessableEntity, Title: "The webhook address is refused",
			TitleZh:   "回调地址被拒绝",
			Meaning:   "The address must be https, carry no user name, and lead to a public host.",
			MeaningZh: "地址须为 https、不带用户名，并指向公网主机。"},
	}
}

// EndpointsMax is how many endpoints a tenant may have.
const EndpointsMax = 16
