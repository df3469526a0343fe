package alipay

import (
	"slices"
	"strings"
	"sync"
)

// Codes of the envelope (Alipay documentation, common return codes).
const (
	codeSuccess       = "10000"
	codeAwaitingBuyer = "10003"
	codeUnavailable   = "20000"
	codeBusiness      = "40004"
	codeCallLimited   = "40005"
)

// Class is what a code means for the caller.
type Class string

// The classes of the documentation's outcome table.
const (
	ClassDone    Class = "done"
	ClassFinal   Class = "final"   // F: not executed; repeating the same request is useless until something changes
	ClassLimited Class = "limited" // L: not executed; repeat later with the same number
	ClassUnknown Class = "unknown" // U: ask, then repeat with the same number
)

// Ruling is what one (method, sub code) means, and which query tells the truth when there is something to ask.
type Ruling struct {
	Class   Class
	Resolve string // Alipay method, "" when there is nothing to ask
	Note    string // what to do, when it is not obvious
}

// Rule judges an answer: the method's own rows first, then those that hold everywhere. Unlisted sub codes of 40004 are
// final, unlisted codes unknown.
func Rule(method, code, subCode string) Ruling {
	resolve := registry()[method].Resolve
	bare := bareSubCode(subCode)
	if r, ok := outcomeTable()[method][bare]; ok && strings.HasPrefix(code, "4") {
		return r
	}
	switch class := generalClass(code, bare); class {
	case ClassFinal, ClassLimited, ClassDone:
		return Ruling{Class: class}
	default:
		return Ruling{Class: ClassUnknown, Resolve: resolve}
	}
}

func generalClass(code, bare string) Class {
	switch code {
	case codeSuccess:
		return ClassDone
	case codeBusiness:
		switch {
		case isUnknownSubCode(bare):
			return ClassUnknown
		case isLimitedSubCode(bare):
			return ClassLimited
		}
		return ClassFinal
	case codeCallLimited:
		return ClassLimited
	}
	if turnsAway(code) {
		if strings.Contains(strings.ToLower(bare), "unknow-error") {
			return ClassUnknown
		}
		return ClassFinal
	}
	return ClassUnknown // 10003, 20000 and whatever comes that nobody has documented
}

// turnsAway lists the codes by which the gateway does not even look at what is asked.
func turnsAway(code string) bool {
	return slices.Contains([]string{"20001", "40001", "40002", "40003", "40006"}, code)
}

// isUnknownSubCode holds for every method: the list of class U, by suffix, because families print it with and without
// ACQ. (and as AQC.).
func isUnknownSubCode(bare string) bool {
	for _, s := range []string{"SYSTEM_ERROR", "SYSTEM_EXCEPTION", "SYSTEM_TIMEOUT_ERROR", "REQUEST_PROCESSING",
		"TRANS_ORDER_DEALING", "unknow-error", "UNKNOWN_ERROR"} {
		if strings.HasSuffix(bare, s) {
			return true
		}
	}
	return false
}

func isLimitedSubCode(bare string) bool {
	return bare == "FREQUENCY_LIMITED" || strings.HasSuffix(bare, "_RATE_LIMIT") ||
		strings.HasSuffix(bare, "call-limited")
}

// outcomeTable holds the rows that differ from the general rule or that name a query for a refusal: a refusal such as
// "already done" is worth a look before it is believed.
var outcomeTable = sync.OnceValue(func() map[string]map[string]Ruling {
	t := map[string]map[string]Ruling{}
	add := func(method string, class Class, resolve, note string, codes ...string) {
		if t[method] == nil {
			t[method] = map[string]Ruling{}
		}
		for _, c := range codes {
			t[method][c] = Ruling{class, resolve, note}
		}
	}
	const ask = "alipay.trade.query"
	for _, m := range []string{"alipay.trade.create", "alipay.trade.precreate", "alipay.trade.pay"} {
		add(m, ClassFinal, ask, "the number was paid before: query, a new purchase needs a new number",
			"TRADE_HAS_SUCCESS")
		add(m, ClassFinal, ask, "the number is closed or fully refunded: a new purchase needs a new number",
			"TRADE_HAS_CLOSE")
		add(m, ClassFinal, ask, "the number exists with other content", "CONTEXT_INCONSISTENT", "TRADE_BUYER_NOT_MATCH")
		add(m, ClassFinal, "", "send business_params.mc_create_trade_ip", "RISK_MERCHANT_IP_NOT_EXIST")
	}
	add("alipay.trade.precreate", ClassFinal, ask, "a code was asked for before: its answer was lost, close the "+
		"number and take a new one", "APPLY_PC_MERCHANT_CODE_ERROR")
	add("alipay.trade.pay", ClassUnknown, ask, "the payment may still come through: query, then cancel", "PAYMENT_FAIL",
		"PULL_MOBILE_CASHIER_FAIL")
	add("alipay.trade.close", ClassFinal, ask, "only an unpaid trade can be closed: it may be paid or closed already",
		"TRADE_STATUS_ERROR", "REASON_TRADE_STATUS_INVALID", "REASON_ILLEGAL_STATUS")
	add("alipay.trade.close", ClassFinal, "", "never created: a QR code that nobody scanned makes no trade",
		"TRADE_NOT_EXIST")
	add("alipay.trade.query", ClassFinal, "", "not created (yet)", "TRADE_NOT_EXIST")
	const refunds = "alipay.trade.fastpay.refund.query"
	add("alipay.trade.refund", ClassFinal, refunds, "same number, other amount", "DISCORDANT_REPEAT_REQUEST")
	add("alipay.trade.refund", ClassFinal, refunds, "the refunds would exceed what was paid",
		"REFUND_AMT_NOT_EQUAL_TOTAL", "REASON_TRADE_REFUND_FEE_ERR", "REFUND_FEE_ERROR")
	add("alipay.trade.refund", ClassFinal, ask, "the state does not allow it", "TRADE_STATUS_ERROR",
		"REASON_TRADE_STATUS_INVALID", "TRADE_HAS_CLOSE", "TRADE_HAS_FINISHED")
	add("alipay.trade.refund", ClassFinal, "", "the payer's balance is short: top up and repeat with the same number",
		"SELLER_BALANCE_NOT_ENOUGH")
	add("alipay.trade.refund", ClassFinal, "", "the receiver has not granted 分账回退授权", "REFUNDALLOC_UNAUTH_LIMIT")
	add("alipay.trade.settle.confirm", ClassFinal, ask, "settled before: compare the amounts, then treat as done",
		"ALREADY_CONFIRM_SETTLE")
	add("alipay.trade.settle.confirm", ClassFinal, ask, "the number was used before", "DUP_OUT_REQUEST_NO",
		"DISCORDANT_REPEAT_REQUEST")
	add("alipay.trade.settle.confirm", ClassFinal, ask, "held by risk control: do not repeat in a loop",
		"RISK_SETTLE_SUSPEND")
	add("alipay.trade.settle.confirm", ClassFinal, ask, "refunded fully, or a refund is running",
		"CONFIRM_REFUSE_AFTER_REFUND")
	const splits = "alipay.trade.order.settle.query"
	add("alipay.trade.order.settle", ClassFinal, splits, "the number was used before", "DUP_OUT_REQUEST_NO",
		"DISCORDANT_REPEAT_REQUEST")
	add("alipay.trade.order.settle", ClassFinal, ask, "royalty_finish was sent before", "ALREADY_FINISH_ALLOC")
	add("alipay.trade.order.settle", ClassFinal, ask, "settle.confirm comes first", "ALLOC_REFUSE_BEFORE_SETTLE")
	add("alipay.trade.order.settle", ClassFinal, "alipay.trade.royalty.rate.query", "above the cap, or above what is "+
		"left", "ALLOC_AMOUNT_VALIDATE_ERROR")
	add("alipay.trade.order.settle", ClassFinal, "alipay.trade.royalty.relation.batchquery", "bind the receiver first",
		"ROYALTY_RECEIVER_INVALID")
	const transfers = "alipay.fund.trans.common.query"
	add("alipay.fund.trans.uni.transfer", ClassUnknown, transfers, "the transfer may still come through",
		"BANK_RESPONSE_ERROR", "PROCESS_FAIL", "PAYMENT_FAIL", "INST_PAY_UNABLE")
	add("alipay.fund.trans.uni.transfer", ClassFinal, transfers, "the number exists with other content: investigate",
		"PAYMENT_INFO_INCONSISTENCY", "REP_INCONSISTENT", "BIZ_UNIQUE_EXCEPTION")
	add("alipay.fund.trans.uni.transfer", ClassFinal, "", "top up and repeat with the same number",
		"PAYER_BALANCE_NOT_ENOUGH", "BALANCE_IS_NOT_ENOUGH", "PAYMENT_MONEY_NOT_ENOUGH", "BALANCE_NOT_ENOUGH",
		"BALANCE_NOT_ENOUGH_FOR_CARD_FEE")
	add("alipay.fund.trans.common.query", ClassFinal, "", "never received: repeat the transfer with the same number "+
		"and content", "ORDER_NOT_EXIST")
	for m := range registry() {
		if strings.HasPrefix(m, "ant.merchant.expand.indirect.zft.") {
			add(m, ClassFinal, "ant.merchant.expand.indirect.zftorder.query", "another application of this merchant "+
				"is running", "MERCHANT_ORDER_EXECUTE_CONFLICT")
		}
	}
	add("alipay.merchant.tradecomplain.feedback.submit", ClassFinal, "alipay.merchant.tradecomplain.query",
		"read the complaint again",
		"STATUS_CHANGED", "WAITING_REFUND", "REFUND_ALREADY_SUCCEED")
	add("alipay.merchant.tradecomplain.reply.submit", ClassFinal, "alipay.merchant.tradecomplain.query",
		"read the complaint again", "STATUS_CHANGED", "WAITING_REFUND")
	add("alipay.merchant.tradecomplain.supplement.submit", ClassFinal, "alipay.merchant.tradecomplain.query",
		"read the complaint again", "STATUS_CHANGED", "WAITING_REFUND")
	const bill = "alipay.data.dataservice.bill.downloadurl.query"
	add(bill, ClassFinal, "", "nothing, or not made yet: ask again later the same day, then treat as empty",
		"NO_BILL_DATA", "BILL_NOT_EXIST")
	return t
})

// DocumentedSubCodes lists the sub codes Alipay documents for a method, in the documentation's order and spelling; nil
// when it publishes none.
func DocumentedSubCodes(method string) []string { return slices.Clone(documentedSubCodes()[method]) }
