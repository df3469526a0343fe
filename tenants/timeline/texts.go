package timeline

import (
	"fmt"
	"strconv"
	"strings"

	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
)

// Lang is a language of the words.
type Lang int

// The languages.
const (
	Chinese Lang = iota
	English
)

// words are a text in each language.
type words [2]string

// kinds are the titles of entries whose status says nothing more.
func kinds() map[vocabulary.TimelineKind]words {
	return map[vocabulary.TimelineKind]words{
		vocabulary.TimelineOrderCreated:   {"下单", "Order created"},
		vocabulary.TimelineOrderDelivered: {"发货", "Order delivered"},
		vocabulary.TimelineOrderClosed:    {"订单关闭", "Order closed"},
		vocabulary.TimelinePaymentCreated: {"发起付款", "Payment started"},
		vocabulary.TimelinePaymentPaid:    {"付款成功", "Payment received"},
		vocabulary.TimelineNotification:   {"支付宝通知", "Notification from Alipay"},
		vocabulary.TimelineSettlement:     {"结算", "Settlement"},
		vocabulary.TimelineSplit:          {"分账", "Split"},
		vocabulary.TimelineSplitPart:      {"分账给一方", "Part of the split"},
		vocabulary.TimelineRefund:         {"退款", "Refund"},
		vocabulary.TimelineRefundPart:     {"退回分账", "Part given back"},
		vocabulary.TimelineWebhookAttempt: {"通知商户系统", "Webhook"},
		vocabulary.TimelineCaseOpened:     {"开工单", "Case opened"},
		vocabulary.TimelineCaseClosed:     {"工单关闭", "Case closed"},
		vocabulary.TimelineReviewAsked:    {"人工处理", "Decision made"},
		vocabulary.TimelineReviewEnded:    {"人工处理结束", "Decision ended"},
		vocabulary.TimelineCodeAsked:      {"买家申请验证码", "Buyer asked for a one-time code"},
		vocabulary.TimelineRevealed:       {"查看卡密", "Card keys shown"},
		vocabulary.TimelineAct:            {"操作", "Act"},
	}
}

// statuses are the titles of entries by kind and status.
func statuses() map[string]words {
	return map[string]words{
		"notification/applied":      {"支付宝通知，已处理", "Notification from Alipay, applied"},
		"notification/ignored":      {"支付宝通知，无需处理", "Notification from Alipay, nothing to do"},
		"notification/review":       {"支付宝通知与订单不符，待人工处理", "Notification from Alipay does not agree with the order"},
		"notification/refused":      {"支付宝通知被拒", "Notification refused"},
		"notification/failed":       {"支付宝通知处理失败，将重发", "Notification could not be applied; Alipay repeats it"},
		"settlement/pending":        {"正在结算给收款商户", "Being settled to the merchant"},
		"settlement/done":           {"已结算给收款商户", "Settled to the merchant"},
		"settlement/refused":        {"支付宝拒绝结算", "Alipay refused the settlement"},
		"split/pending":             {"正在分账", "Split under way"},
		"split/completed":           {"分账完成", "Split completed"},
		"split/refused":             {"支付宝拒绝分账", "Alipay refused the split"},
		"split/canceled":            {"分账取消", "Split canceled"},
		"split_part/pending":        {"将分给一方", "Part to be given"},
		"split_part/completed":      {"已分给一方", "Part given"},
		"split_part/refused":        {"未能分给一方", "Part not given"},
		"split_part/canceled":       {"不再分给一方", "Part not given"},
		"refund/pending":            {"申请退款", "Refund asked for"},
		"refund/succeeded":          {"退款成功，已退给买家", "Refunded to the buyer"},
		"refund/refused":            {"支付宝拒绝退款", "Alipay refused the refund"},
		"refund/outside":            {"在平台之外退款给买家", "Refunded to the buyer, not by this platform"},
		"refund_part/pending":       {"将退回分账", "Part to be given back"},
		"refund_part/succeeded":     {"已退回分账", "Part given back"},
		"refund_part/refused":       {"未退回分账", "Part not given back"},
		"webhook_attempt/succeeded": {"已通知商户系统", "Webhook delivered"},
		"webhook_attempt/failed":    {"通知商户系统失败", "Webhook not delivered"},
		"review_asked/refund":       {"决定退款", "Refund decided"},
		"review_asked/accept":       {"申请接受该付款", "Accepting the payment asked for"},
		"review_asked/release":      {"决定释放订单", "Release decided"},
		"review_ended/confirmed":    {"处理已确认", "Decision confirmed"},
		"review_ended/withdrawn":    {"处理已撤回", "Decision withdrawn"},
	}
}

// acts are the titles of operations and jobs; one that is not here is named as it is.
func acts() map[string]words {
	return map[string]words{
		"closeOrder":            {"关闭订单", "Order closed by hand"},
		"renewCheckoutURL":      {"更换买家链接", "Buyer’s address renewed"},
		"openCheckoutByCode":    {"买家用验证码打开页面", "Buyer opened the page by a one-time code"},
		"createRefund":          {"发起退款", "Refund made"},
		"retryOrderSplit":       {"重试分账", "Split tried again"},
		"decideOrderReview":     {"人工处理订单", "Decision about the order"},
		"confirmOrderReview":    {"确认处理", "Decision confirmed"},
		"withdrawOrderReview":   {"撤回处理", "Decision withdrawn"},
		"closeCase":             {"关闭工单", "Case closed by hand"},
		"assignCase":            {"指派工单", "Case assigned"},
		"addCaseNote":           {"添加工单备注", "Note added to the case"},
		"resendEvent":           {"重发通知", "Event sent again"},
		"resendEventToEndpoint": {"向一个地址重发通知", "Event sent again to one endpoint"},
	}
}

// The pieces of a detail, each with what it is made with.
func (l Lang) of(w words, args ...any) string { return fmt.Sprintf(w[l], args...) }

// Title is what happened, in a few words that can be read out.
func (e Entry) Title(l Lang) string {
	if e.Kind == vocabulary.TimelineAct {
		if w, ok := acts()[e.facts.action]; ok {
			return w[l]
		}
		return kinds()[e.Kind][l] + " " + e.facts.action
	}
	if w, ok := statuses()[string(e.Kind)+"/"+e.Status]; ok {
		return w[l]
	}
	return kinds()[e.Kind][l]
}

// Detail is the rest, as far as there is any: amounts, numbers, who, and the words of Alipay and of people as they are.
func (e Entry) Detail(l Lang) string {
	f := e.facts
	var parts []string
	add := func(there bool, w words, args ...any) {
		if there {
			parts = append(parts, l.of(w, args...))
		}
	}
	add(f.receiver == platform, words{"平台", "the platform"})
	add(f.receiver != "" && f.receiver != platform, words{"%s", "%s"}, f.receiver)
	if e.Amount != nil {
		add(true, words{"¥%s", "¥%s"}, e.Amount.Yuan())
	}
	add(f.returned > 0, words{"已退回 ¥%s", "¥%s given back"}, money.Fen(f.returned).Yuan())
	add(f.pieces > 0, words{"%d 件", "%d pieces"}, f.pieces)
	add(f.channel == vocabulary.ChannelQR, words{"扫码付款", "by QR code"})
	add(f.channel == vocabulary.ChannelPage, words{"网页付款", "by the cashier’s page"})
	add(f.number != "", words{"支付宝单号 %s", "Alipay’s number %s"}, f.number)
	add(f.event != "", words{"%s", "%s"}, f.event)
	add(f.times > 0 && e.Kind == vocabulary.TimelineWebhookAttempt, words{"第 %d 次", "attempt %d"}, f.times)
	add(f.times > 1 && e.Kind != vocabulary.TimelineWebhookAttempt, words{"共 %d 次", "%d times"}, f.times)
	add(f.answer > 0, words{"HTTP %s", "HTTP %s"}, strconv.Itoa(f.answer))
	add(f.took > 0, words{"%d 毫秒", "%d ms"}, f.took.Milliseconds())
	add(f.failure != "", words{"%s", "%s"}, f.failure)
	add(f.alipay != "", words{"支付宝：%s", "Alipay: %s"}, f.alipay)
	add(f.note != "", words{"说明：%s", "note: %s"}, f.note)
	return strings.Join(parts, " · ")
}
