package pages

import (
	"zhitong/simulator/complaints"
	"zhitong/simulator/merchants"
	"zhitong/simulator/notify"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// Label is a code in words; unknown codes stay as they are.
func (p *Page) Label(code string) string {
	if l, ok := labels()[code]; ok {
		return p.T(l[0], l[1])
	}
	return code
}

// Tone is the colour class of a code.
func (p *Page) Tone(code string) string {
	switch code {
	case trades.StatusSuccess, trades.StatusFinished, merchants.ApplyFinished, merchants.AuditPass,
		merchants.ConfirmFinish, notify.Delivered, merchants.Active, state.AppOnline, "SUCCESS", complaints.Finished,
		complaints.Decided:
		return "good"
	case merchants.ApplyFailed, merchants.AuditReject, merchants.ConfirmFail, notify.Failed, merchants.Punished,
		"REFUND", complaints.Late:
		return "bad"
	case trades.StatusWait, merchants.ApplyReview, merchants.AuditCreate, merchants.ConfirmWait, notify.Pending,
		"DEALING", "INIT", complaints.Open, complaints.WithPlatform, "PART_SUCCESS":
		return "busy"
	}
	return "calm"
}

// Problem is a refusal at the cashier in the page's language.
func (p *Page) Problem(text, code string) string {
	english := map[string]string{
		"ACQ.BUYER_BALANCE_NOT_ENOUGH":         "Not enough money",
		"ACQ.PAYMENT_FAIL":                     "Wrong password, or the payment was refused",
		"ACQ.TRADE_HAS_SUCCESS":                "Already paid",
		"ACQ.TRADE_HAS_CLOSE":                  "The trade is closed",
		"ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR": "The time to pay is over",
		"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE": "The merchant does not take this way to pay",
		"ACQ.BUYER_ENABLE_STATUS_FORBID":       "The buyer's account is not usable",
		"ACQ.BUYER_SELLER_EQUAL":               "Buyer and seller are the same",
		"ACQ.TRADE_BUYER_NOT_MATCH":            "The order is for another buyer",
	}
	if en, ok := english[code]; ok && p.English {
		return en
	}
	return text
}

func labels() map[string][2]string {
	return map[string][2]string{
		trades.StatusAsked: {"待扫码", "not opened"}, trades.StatusWait: {"等待付款", "waiting for payment"},
		trades.StatusSuccess: {"支付成功", "paid"}, trades.StatusFinished: {"交易完结", "finished"},
		trades.StatusClosed:   {"交易关闭", "closed"},
		trades.ChannelBalance: {"余额", "Balance"}, trades.ChannelFund: {"余额宝", "Yu'e Bao"},
		trades.ChannelHuabei: {"花呗", "Huabei credit"}, trades.ChannelCard: {"银行卡", "Bank card"},
		merchants.ApplyReview: {"审核中", "in review"}, merchants.ApplyFinished: {"已完成", "finished"},
		merchants.ApplyFailed: {"已拒绝", "rejected"},
		merchants.AuditCreate: {"待处理", "waiting"}, merchants.AuditSkip: {"无需", "not needed"},
		merchants.AuditPass: {"通过", "passed"}, merchants.AuditReject: {"驳回", "rejected"},
		merchants.ConfirmWait: {"待商户确认", "merchant must confirm"}, merchants.ConfirmFinish: {"已确认", "confirmed"},
		merchants.ConfirmFail: {"失败", "failed"},
		notify.Pending:        {"待发送", "pending"}, notify.Delivered: {"已送达", "delivered"},
		notify.Failed:    {"发送失败", "failed"},
		notify.Dropped:   {"已丢弃", "dropped"},
		merchants.Active: {"正常", "active"}, merchants.Closed: {"已关闭", "closed"},
		merchants.Punished: {"已处罚", "punished"}, state.AppOnline: {"已上线", "online"},
		state.AppOffline: {"未上线", "offline"},
		complaints.Open:  {"待商家处理", "waiting for the merchant"}, complaints.Answered: {"商家已反馈", "merchant answered"},
		complaints.Late:         {"商家反馈超时", "merchant too late"},
		complaints.WithPlatform: {"平台处理中", "platform at work"}, complaints.Decided: {"平台处理完成", "platform decided"},
		complaints.Finished: {"已完结", "finished"}, complaints.Dropped: {"已撤销", "withdrawn"},
		complaints.Closed: {"系统关闭", "closed"},
		"SUCCESS":         {"成功", "success"}, "DEALING": {"处理中", "under way"}, "REFUND": {"退票", "returned"},
		"INIT": {"待支付", "to be paid"}, "PART_SUCCESS": {"部分成功", "partly"}, "DISUSE": {"已作废", "void"},
		state.AccountBuyer: {"买家", "buyer"}, state.AccountPlatform: {"平台", "platform"},
		state.AccountPerson: {"收款人", "receiver"}, state.AccountMerchant: {"商户", "merchant"},
		merchants.ApplyConsult: {"预校验", "dry run"}, merchants.ApplyCreate: {"新进件", "new merchant"},
		merchants.ApplyModify: {"变更", "change"},
	}
}
