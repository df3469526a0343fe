package notices

import "zhitong/internal/vocabulary"

// words are the default text of a type of event: what it is called, and what is said of one.
type words struct{ label, text string }

// urgent are the types that pass quiet hours.
func urgent(t vocabulary.EventType) bool {
	switch t {
	case vocabulary.EventSplitRefused, vocabulary.EventRefundRefused, vocabulary.EventCaseOpened,
		vocabulary.EventNoticeRouteFailing:
		return true
	default:
		return false
	}
}

// defaults are the texts of the types that people care about; every other type has its own name.
func defaults(l vocabulary.Language) map[vocabulary.EventType]words {
	if l == vocabulary.English {
		return english()
	}
	return chinese()
}

func wordsOf(t vocabulary.EventType, l vocabulary.Language) words {
	if w, ok := defaults(l)[t]; ok {
		return w
	}
	if l == vocabulary.English {
		return words{"Event " + string(t), "{{id}}\n{{time}}"}
	}
	return words{"事件 " + string(t), "{{id}}\n{{time}}"}
}

// plain is all that is told of an act whose event names nobody.
const plain = "{{id}}\n{{time}}"

func chinese() map[vocabulary.EventType]words {
	const order = "订单 {{order_id}}（{{reference}}），金额 {{amount}} 元\n{{time}}"
	const application = "商户 {{merchant}}，申请 {{application_id}}\n{{time}}"
	return map[vocabulary.EventType]words{
		vocabulary.EventOrderCreated:     {"新订单", order},
		vocabulary.EventOrderPaid:        {"订单已付款", order},
		vocabulary.EventOrderDelivered:   {"订单已发货", order},
		vocabulary.EventOrderClosed:      {"订单已关闭", order},
		vocabulary.EventOrderNeedsReview: {"订单待人工处理", order + "\n请在控制台查看并作出决定。"},
		vocabulary.EventOrderRefunded:    {"订单已退款", order + "\n已退 {{refunded}} 元"},
		vocabulary.EventSplitCompleted:   {"分账完成", "订单 {{order_id}}\n{{time}}"},
		vocabulary.EventSplitRefused: {"分账被拒绝", "订单 {{order_id}}\n原因：{{reason}}\n{{time}}\n" +
			"资金冻结有期限，请尽快消除原因后重试。"},
		vocabulary.EventRefundSucceeded: {"退款成功", "订单 {{order_id}}，退款 {{amount}} 元\n{{time}}"},
		vocabulary.EventRefundRefused:   {"退款被拒绝", "订单 {{order_id}}，退款 {{amount}} 元\n原因：{{reason}}\n{{time}}"},
		vocabulary.EventOnboardingSubmitted: {"进件申请已提交",
			application},
		vocabulary.EventOnboardingAwaitingSignature: {"进件申请待签约", application + "\n请通知商户登录支付宝完成签约。"},
		vocabulary.EventOnboardingApproved:          {"进件申请已通过", application},
		vocabulary.EventOnboardingRejected:          {"进件申请被驳回", application + "\n原因：{{reason}}"},
		vocabulary.EventOnboardingExpired:           {"进件申请草稿已到期删除", application},
		vocabulary.EventCaseOpened:                  {"新工单", "{{kind}}\n工单 {{case_id}}\n订单 {{order_id}}\n{{time}}"},
		vocabulary.EventTaskSucceeded:               {"任务完成", "任务 {{task_id}}（{{kind}}）\n{{time}}"},
		vocabulary.EventTaskFailed:                  {"任务失败", "任务 {{task_id}}（{{kind}}）\n原因：{{reason}}\n{{time}}"},
		vocabulary.EventAPIKeyCreated:               {"安全：接口密钥已创建", plain},
		vocabulary.EventAPIKeyRolled:                {"安全：接口密钥已更换", plain},
		vocabulary.EventAPIKeyRevoked:               {"安全：接口密钥已吊销", plain},
		vocabulary.EventMemberCreated:               {"安全：成员已添加", plain},
		vocabulary.EventMemberJoined:                {"安全：成员已加入", plain},
		vocabulary.EventMemberUpdated:               {"安全：成员已修改", plain},
		vocabulary.EventMemberRemoved:               {"安全：成员已移除", plain},
		vocabulary.EventMemberSignedInElsewhere:     {"安全：成员在新的地点登录", plain},
		vocabulary.EventMemberPasswordChanged:       {"安全：成员已更改密码", plain},
		vocabulary.EventMemberFactorsChanged:        {"安全：成员已更改验证方式", plain},
		vocabulary.EventInvitationCreated:           {"安全：已邀请成员", plain},
		vocabulary.EventInvitationAccepted:          {"安全：邀请已被接受", plain},
		vocabulary.EventInvitationRevoked:           {"安全：邀请已撤销", plain},
		vocabulary.EventAlipayConnectionUpdated:     {"安全：支付宝连接已修改", plain},
		vocabulary.EventWebhookSecretRotated:        {"安全：回调密钥已更换", plain},
		vocabulary.EventDataKeyExchanged:            {"安全：数据密钥已更换", plain},
		vocabulary.EventTenantEndAnnounced:          {"沙箱平台长期未用，将关闭并删除", plain},
		vocabulary.EventTenantEndWithdrawn:          {"沙箱平台不再删除", plain},
		vocabulary.EventTenantClosed:                {"沙箱平台已关闭", plain},
		vocabulary.EventApprovalAsked:               {"审批：有待处理的审批", plain},
		vocabulary.EventApprovalScheduled:           {"审批：已批准，等待执行", plain},
		vocabulary.EventApprovalApproved:            {"审批：已批准并执行", plain},
		vocabulary.EventApprovalRefused:             {"审批：已拒绝", plain},
		vocabulary.EventApprovalExpired:             {"审批：超时未处理", plain},
		vocabulary.EventApprovalWithdrawn:           {"审批：已撤回", plain},
		vocabulary.EventNoticeRouteFailing:          {"通知渠道异常", "渠道：{{route}}\n原因：{{reason}}\n{{time}}"},
	}
}

func english() map[vocabulary.EventType]words {
	const order = "Order {{order_id}} ({{reference}}), CNY {{amount}}\n{{time}}"
	const application = "Merchant {{merchant}}, application {{application_id}}\n{{time}}"
	return map[vocabulary.EventType]words{
		vocabulary.EventOrderCreated:     {"New order", order},
		vocabulary.EventOrderPaid:        {"Order paid", order},
		vocabulary.EventOrderDelivered:   {"Order delivered", order},
		vocabulary.EventOrderClosed:      {"Order closed", order},
		vocabulary.EventOrderNeedsReview: {"Order needs review", order + "\nPlease look at it and decide."},
		vocabulary.EventOrderRefunded:    {"Order refunded", order + "\nCNY {{refunded}} is back with the buyer."},
		vocabulary.EventSplitCompleted:   {"Split completed", "Order {{order_id}}\n{{time}}"},
		vocabulary.EventSplitRefused: {"Split refused", "Order {{order_id}}\nReason: {{reason}}\n{{time}}\n" +
			"The money is frozen for a limited time: remove the cause, then try again."},
		vocabulary.EventRefundSucceeded: {"Refund done", "Order {{order_id}}, refund of CNY {{amount}}\n{{time}}"},
		vocabulary.EventRefundRefused: {"Refund refused",
			"Order {{order_id}}, refund of CNY {{amount}}\nReason: {{reason}}\n{{time}}"},
		vocabulary.EventOnboardingSubmitted: {"Application submitted", application},
		vocabulary.EventOnboardingAwaitingSignature: {"Application to be signed",
			application + "\nAsk the merchant to sign at Alipay."},
		vocabulary.EventOnboardingApproved: {"Application approved", application},
		vocabulary.EventOnboardingRejected: {"Application rejected", application + "\nReason: {{reason}}"},
		vocabulary.EventOnboardingExpired:  {"Draft of an application ended", application},
		vocabulary.EventCaseOpened:         {"New case", "{{kind}}\nCase {{case_id}}\nOrder {{order_id}}\n{{time}}"},
		vocabulary.EventTaskSucceeded:      {"Task done", "Task {{task_id}} ({{kind}})\n{{time}}"},
		vocabulary.EventTaskFailed: {"Task failed",
			"Task {{task_id}} ({{kind}})\nReason: {{reason}}\n{{time}}"},
		vocabulary.EventAPIKeyCreated:           {"Security: API key made", plain},
		vocabulary.EventAPIKeyRolled:            {"Security: API key rolled", plain},
		vocabulary.EventAPIKeyRevoked:           {"Security: API key revoked", plain},
		vocabulary.EventMemberCreated:           {"Security: member added", plain},
		vocabulary.EventMemberJoined:            {"Security: member joined", plain},
		vocabulary.EventMemberUpdated:           {"Security: member changed", plain},
		vocabulary.EventMemberRemoved:           {"Security: member removed", plain},
		vocabulary.EventMemberSignedInElsewhere: {"Security: member signed in from a new place", plain},
		vocabulary.EventMemberPasswordChanged:   {"Security: member changed their password", plain},
		vocabulary.EventMemberFactorsChanged:    {"Security: member changed how they sign in", plain},
		vocabulary.EventInvitationCreated:       {"Security: somebody invited", plain},
		vocabulary.EventInvitationAccepted:      {"Security: invitation accepted", plain},
		vocabulary.EventInvitationRevoked:       {"Security: invitation revoked", plain},
		vocabulary.EventAlipayConnectionUpdated: {"Security: Alipay connection changed", plain},
		vocabulary.EventWebhookSecretRotated:    {"Security: webhook secret changed", plain},
		vocabulary.EventDataKeyExchanged:        {"Security: data key exchanged", plain},
		vocabulary.EventTenantEndAnnounced:      {"The sandbox is not used, and will be deleted", plain},
		vocabulary.EventTenantEndWithdrawn:      {"The sandbox stays", plain},
		vocabulary.EventTenantClosed:            {"The sandbox is closed", plain},
		vocabulary.EventApprovalAsked:           {"Approval: waits for a second person", plain},
		vocabulary.EventApprovalScheduled:       {"Approval: approved, to be done later", plain},
		vocabulary.EventApprovalApproved:        {"Approval: approved and done", plain},
		vocabulary.EventApprovalRefused:         {"Approval: refused", plain},
		vocabulary.EventApprovalExpired:         {"Approval: expired", plain},
		vocabulary.EventApprovalWithdrawn:       {"Approval: withdrawn", plain},
		vocabulary.EventNoticeRouteFailing:      {"Notices fail", "Route: {{route}}\nReason: {{reason}}\n{{time}}"},
	}
}

// caseWords say in Chinese why a case was opened; in English the kind itself does.
func caseWords() map[string]string {
	return map[string]string{
		string(vocabulary.CaseAmountMismatch):     "支付宝报告的金额不符",
		string(vocabulary.CaseSellerMismatch):     "支付宝报告的应用或商户不符",
		string(vocabulary.CaseForeignNotice):      "收到不属于本平台的通知",
		string(vocabulary.CasePaidAfterClose):     "订单关闭后收到付款",
		string(vocabulary.CaseUndeliverable):      "已付款但无货可发",
		string(vocabulary.CaseSplitRefused):       "分账被拒绝",
		string(vocabulary.CaseSettleSuspended):    "结算被支付宝风控暂停",
		string(vocabulary.CaseRefundRefused):      "退款被拒绝",
		string(vocabulary.CaseRefundIncomplete):   "退款完成但分账未全部退回",
		string(vocabulary.CaseUnknownTooLong):     "调用结果长时间未知",
		string(vocabulary.CaseSmidTaken):          "进件通过的商户号已被占用",
		string(vocabulary.CaseWebhookDisabled):    "回调地址已停用",
		string(vocabulary.CaseNoticeFailing):      "通知渠道异常",
		string(vocabulary.CaseOutsideRefund):      "支付宝侧发生了平台外退款",
		string(vocabulary.CaseRefundMismatch):     "对账：退款不符",
		string(vocabulary.CaseSettlementMismatch): "对账：结算不符",
		string(vocabulary.CaseSplitMismatch):      "对账：分账不符",
		string(vocabulary.CaseCloseMismatch):      "对账：支付状态不符",
	}
}
