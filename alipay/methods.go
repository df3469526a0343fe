package alipay

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"
)

// Grade is how well the facts of a method are known.
type Grade string

// The grades. Where a fact is not official, answers are read tolerantly.
const (
	GradeOfficial   Grade = "official"   // fields from Alipay's own SDKs or API description
	GradeSecondary  Grade = "secondary"  // official fields, rules partly from copies of the documentation or from working integrations
	GradeUnverified Grade = "unverified" // the fields exist, their behaviour was not found in any source
)

// Kind is how a method travels.
type Kind string

// The kinds of methods.
const (
	KindQuery  Kind = "query"  // asks; repeated once when the transport fails
	KindAction Kind = "action" // changes something; never repeated by itself
	KindUpload Kind = "upload" // multipart; never repeated by itself
	KindPage   Kind = "page"   // makes a URL for a browser, no call
	KindApp    Kind = "app"    // makes a text for the app's SDK, no call
)

// MethodInfo describes one Alipay method of the Client.
type MethodInfo struct {
	Method     string // Alipay's name
	GoName     string // the Client's method
	Title      string // Chinese name
	Kind       Kind
	Grade      Grade
	Resolve    string        // the query that tells an unknown outcome; "" for queries and for what cannot be asked
	Deadline   time.Duration // for the whole call with its retry; 0 when there is no call
	Retryable  bool          // repeated once by the client itself
	Idempotent string        // the field that makes a repeat by the caller safe, "" when there is none
}

// Methods lists every method of the Client by name.
func Methods() []MethodInfo {
	return slices.SortedFunc(maps.Values(registry()), func(a, b MethodInfo) int {
		return cmp.Compare(a.Method, b.Method)
	})
}

const (
	mTradePrecreate         = "alipay.trade.precreate"
	mTradeCreate            = "alipay.trade.create"
	mTradePay               = "alipay.trade.pay"
	mTradePagePay           = "alipay.trade.page.pay"
	mTradeWapPay            = "alipay.trade.wap.pay"
	mTradeAppPay            = "alipay.trade.app.pay"
	mTradeQuery             = "alipay.trade.query"
	mTradeClose             = "alipay.trade.close"
	mTradeCancel            = "alipay.trade.cancel"
	mTradeRefund            = "alipay.trade.refund"
	mTradeRefundQuery       = "alipay.trade.fastpay.refund.query"
	mTradeMergePrecreate    = "alipay.trade.merge.precreate"
	mTradeMergeCreate       = "alipay.trade.merge.create"
	mTradeAppMergePay       = "alipay.trade.app.merge.pay"
	mTradeWapMergePay       = "alipay.trade.wap.merge.pay"
	mTradePageMergePay      = "alipay.trade.page.merge.pay"
	mTradeOrderSettle       = "alipay.trade.order.settle"
	mTradeOrderSettleQuery  = "alipay.trade.order.settle.query"
	mTradeOrderOnsettle     = "alipay.trade.order.onsettle.query"
	mTradeSettleConfirm     = "alipay.trade.settle.confirm"
	mTradeSettleReceivables = "alipay.trade.settle.receivables.query"
	mRelationBind           = "alipay.trade.royalty.relation.bind"
	mRelationUnbind         = "alipay.trade.royalty.relation.unbind"
	mRelationBatchquery     = "alipay.trade.royalty.relation.batchquery"
	mRoyaltyRate            = "alipay.trade.royalty.rate.query"

	mIndirectImageUpload      = "ant.merchant.expand.indirect.image.upload"
	mIndirectZftConsult       = "ant.merchant.expand.indirect.zft.consult"
	mIndirectZftCreate        = "ant.merchant.expand.indirect.zft.create"
	mIndirectZftSimplecreate  = "ant.merchant.expand.indirect.zft.simplecreate"
	mIndirectZftQuickcreate   = "ant.merchant.expand.indirect.zft.quickcreate"
	mIndirectZftModify        = "ant.merchant.expand.indirect.zft.modify"
	mIndirectZftUpgrade       = "ant.merchant.expand.indirect.zft.upgrade"
	mIndirectZftSettlementmod = "ant.merchant.expand.indirect.zft.settlementmodify"
	mIndirectZftDelete        = "ant.merchant.expand.indirect.zft.delete"
	mIndirectZftorderQuery    = "ant.merchant.expand.indirect.zftorder.query"
	mIndirectZftsubsettle     = "ant.merchant.expand.indirect.zftsubsettle.query"
	mMccQuery                 = "ant.merchant.expand.mcc.query"

	mUniTransfer      = "alipay.fund.trans.uni.transfer"
	mTransCommonQuery = "alipay.fund.trans.common.query"
	mFundAccountQuery = "alipay.fund.account.query"
	mFundQuotaQuery   = "alipay.fund.quota.query"
	mBatchCreate      = "alipay.fund.batch.create"
	mBatchUniTransfer = "alipay.fund.batch.uni.transfer"
	mBatchAppPay      = "alipay.fund.batch.app.pay"
	mBatchClose       = "alipay.fund.batch.close"
	mBatchDetailQuery = "alipay.fund.batch.detail.query"
	mBillDownloadurl  = "alipay.data.dataservice.bill.downloadurl.query"

	mComplainBatchquery = "alipay.merchant.tradecomplain.batchquery"
	mComplainQuery      = "alipay.merchant.tradecomplain.query"
	mComplainFeedback   = "alipay.merchant.tradecomplain.feedback.submit"
	mComplainReply      = "alipay.merchant.tradecomplain.reply.submit"
	mComplainSupplement = "alipay.merchant.tradecomplain.supplement.submit"
	mMerchantImage      = "alipay.merchant.image.upload"

	mRiskComplaintBatch  = "alipay.security.risk.complaint.info.batchquery"
	mRiskComplaintQuery  = "alipay.security.risk.complaint.info.query"
	mRiskComplaintFinish = "alipay.security.risk.complaint.process.finish"
	mCustomerriskSend    = "alipay.security.risk.customerrisk.send"
	mCustomerriskQuery   = "alipay.security.risk.customerrisk.query"

	mCertifyInitialize = "alipay.user.certify.open.initialize"
	mCertifyCertify    = "alipay.user.certify.open.certify"
	mCertifyQuery      = "alipay.user.certify.open.query"

	mAuthTokenApp        = "alipay.open.auth.token.app"
	mAuthTokenAppQuery   = "alipay.open.auth.token.app.query"
	mAlipaycertDownload  = "alipay.open.app.alipaycert.download"
	secondsQuery         = 6
	secondsAction        = 10
	secondsActionOfBuyer = 15 // the buyer's bank takes part
	secondsUpload        = 15
)

// registry is the table behind Methods, by Alipay's name.
var registry = sync.OnceValue(func() map[string]MethodInfo {
	t := map[string]MethodInfo{}
	row := func(method, goName, title string, kind Kind, grade Grade, resolve, idempotent string, seconds int) {
		t[method] = MethodInfo{method, goName, title, kind, grade, resolve, time.Duration(seconds) * time.Second,
			kind == KindQuery, idempotent}
	}
	query := func(method, goName, title string, grade Grade) {
		row(method, goName, title, KindQuery, grade, "", "", secondsQuery)
	}
	action := func(method, goName, title string, grade Grade, resolve, idempotent string) {
		row(method, goName, title, KindAction, grade, resolve, idempotent, secondsAction)
	}
	tradeMethods(row, query, action)
	merchantMethods(row, query, action)
	otherMethods(row, query, action)
	return t
})

type (
	rowFunc    = func(method, goName, title string, kind Kind, grade Grade, resolve, idempotent string, seconds int)
	queryFunc  = func(method, goName, title string, grade Grade)
	actionFunc = func(method, goName, title string, grade Grade, resolve, idempotent string)
)

func tradeMethods(row rowFunc, query queryFunc, action actionFunc) {
	action(mTradePrecreate, "TradePrecreate", "统一收单线下交易预创建", GradeSecondary, mTradeQuery, "out_trade_no")
	action(mTradeCreate, "TradeCreate", "统一收单交易创建", GradeSecondary, mTradeQuery, "out_trade_no")
	row(mTradePay, "TradePay", "统一收单交易支付（条码）", KindAction, GradeSecondary, mTradeQuery, "out_trade_no",
		secondsActionOfBuyer)
	row(mTradePagePay, "TradePagePay", "电脑网站支付", KindPage, GradeSecondary, mTradeQuery, "out_trade_no", 0)
	row(mTradeWapPay, "TradeWapPay", "手机网站支付", KindPage, GradeSecondary, mTradeQuery, "out_trade_no", 0)
	row(mTradeAppPay, "TradeAppPay", "App 支付", KindApp, GradeSecondary, mTradeQuery, "out_trade_no", 0)
	query(mTradeQuery, "TradeQuery", "统一收单交易查询", GradeOfficial)
	action(mTradeClose, "TradeClose", "统一收单交易关闭", GradeOfficial, mTradeQuery, "out_trade_no")
	action(mTradeCancel, "TradeCancel", "统一收单交易撤销", GradeOfficial, mTradeQuery, "out_trade_no")
	action(mTradeRefund, "TradeRefund", "统一收单交易退款", GradeSecondary, mTradeRefundQuery, "out_request_no")
	query(mTradeRefundQuery, "TradeFastpayRefundQuery", "统一收单交易退款查询", GradeOfficial)
	action(mTradeMergePrecreate, "TradeMergePrecreate", "统一收单合并支付预创建", GradeUnverified, mTradeQuery, "out_merge_no")
	action(mTradeMergeCreate, "TradeMergeCreate", "统一收单合并支付创建", GradeUnverified, mTradeQuery, "out_merge_no")
	row(mTradeAppMergePay, "TradeAppMergePay", "App 合并支付", KindApp, GradeUnverified, mTradeQuery, "", 0)
	row(mTradeWapMergePay, "TradeWapMergePay", "手机网站合并支付", KindPage, GradeUnverified, mTradeQuery, "", 0)
	row(mTradePageMergePay, "TradePageMergePay", "电脑网站合并支付", KindPage, GradeUnverified, mTradeQuery, "", 0)
	action(mTradeOrderSettle, "TradeOrderSettle", "统一收单交易结算（分账）", GradeSecondary, mTradeOrderSettleQuery,
		"out_request_no")
	query(mTradeOrderSettleQuery, "TradeOrderSettleQuery", "交易分账查询", GradeOfficial)
	query(mTradeOrderOnsettle, "TradeOrderOnsettleQuery", "分账剩余金额查询", GradeOfficial)
	action(mTradeSettleConfirm, "TradeSettleConfirm", "统一收单确认结算", GradeSecondary, mTradeQuery, "out_request_no")
	query(mTradeSettleReceivables, "TradeSettleReceivablesQuery", "待结算金额查询", GradeOfficial)
	action(mRelationBind, "TradeRoyaltyRelationBind", "分账关系绑定", GradeOfficial, mRelationBatchquery, "out_request_no")
	action(mRelationUnbind, "TradeRoyaltyRelationUnbind", "分账关系解绑", GradeOfficial, mRelationBatchquery,
		"out_request_no")
	query(mRelationBatchquery, "TradeRoyaltyRelationBatchquery", "分账关系查询", GradeOfficial)
	query(mRoyaltyRate, "TradeRoyaltyRateQuery", "分账比例查询", GradeSecondary)
}

func merchantMethods(row rowFunc, query queryFunc, action actionFunc) {
	const ask = mIndirectZftorderQuery
	row(mIndirectImageUpload, "IndirectImageUpload", "二级商户图片上传", KindUpload, GradeOfficial, "", "", secondsUpload)
	action(mIndirectZftConsult, "IndirectZftConsult", "直付通二级商户预校验", GradeSecondary, "", "")
	action(mIndirectZftCreate, "IndirectZftCreate", "直付通二级商户创建", GradeSecondary, ask, "")
	action(mIndirectZftSimplecreate, "IndirectZftSimplecreate", "直付通二级商户标准进件", GradeSecondary, ask, "")
	action(mIndirectZftQuickcreate, "IndirectZftQuickcreate", "直付通二级商户快捷进件", GradeSecondary, ask, "")
	action(mIndirectZftModify, "IndirectZftModify", "直付通二级商户修改", GradeSecondary, ask, "")
	action(mIndirectZftUpgrade, "IndirectZftUpgrade", "直付通二级商户升级", GradeSecondary, ask, "")
	action(mIndirectZftSettlementmod, "IndirectZftSettlementmodify", "直付通二级商户结算信息修改", GradeSecondary, ask,
		"") // zftsubsettle.query tells the old account until the reviews end
	action(mIndirectZftDelete, "IndirectZftDelete", "直付通二级商户作废", GradeUnverified, mIndirectZftsubsettle, "smid")
	query(mIndirectZftorderQuery, "IndirectZftorderQuery", "直付通二级商户申请单查询", GradeOfficial)
	query(mIndirectZftsubsettle, "IndirectZftsubsettleQuery", "直付通二级商户结算信息查询", GradeOfficial)
	query(mMccQuery, "MccQuery", "商户 MCC 查询", GradeOfficial)
}

func otherMethods(row rowFunc, query queryFunc, action actionFunc) {
	action(mUniTransfer, "FundTransUniTransfer", "单笔转账", GradeSecondary, mTransCommonQuery, "out_biz_no")
	query(mTransCommonQuery, "FundTransCommonQuery", "转账业务单据查询", GradeOfficial)
	query(mFundAccountQuery, "FundAccountQuery", "支付宝资金账户资产查询", GradeOfficial)
	query(mFundQuotaQuery, "FundQuotaQuery", "转账额度查询", GradeOfficial)
	action(mBatchCreate, "FundBatchCreate", "批次下单", GradeOfficial, mBatchDetailQuery, "out_batch_no")
	action(mBatchUniTransfer, "FundBatchUniTransfer", "批量转账", GradeOfficial, mBatchDetailQuery, "out_batch_no")
	row(mBatchAppPay, "FundBatchAppPay", "批次付款", KindApp, GradeOfficial, mBatchDetailQuery, "", 0)
	action(mBatchClose, "FundBatchClose", "批次关闭", GradeOfficial, mBatchDetailQuery, "batch_trans_id")
	query(mBatchDetailQuery, "FundBatchDetailQuery", "批次明细查询", GradeOfficial)
	query(mBillDownloadurl, "BillDownloadurlQuery", "查询对账单下载地址", GradeOfficial)

	query(mComplainBatchquery, "MerchantTradecomplainBatchquery", "查询交易投诉列表", GradeOfficial)
	query(mComplainQuery, "MerchantTradecomplainQuery", "查询单条交易投诉详情", GradeOfficial)
	action(mComplainFeedback, "MerchantTradecomplainFeedbackSubmit", "商户处理交易投诉", GradeSecondary, mComplainQuery, "")
	action(mComplainReply, "MerchantTradecomplainReplySubmit", "商家留言回复", GradeOfficial, mComplainQuery, "")
	action(mComplainSupplement, "MerchantTradecomplainSupplementSubmit", "商家补充凭证", GradeOfficial, mComplainQuery, "")
	row(mMerchantImage, "MerchantImageUpload", "商户上传处理图片", KindUpload, GradeOfficial, "", "", secondsUpload)

	query(mRiskComplaintBatch, "SecurityRiskComplaintInfoBatchquery", "查询消费者投诉列表", GradeSecondary)
	query(mRiskComplaintQuery, "SecurityRiskComplaintInfoQuery", "查询消费者投诉详情", GradeSecondary)
	action(mRiskComplaintFinish, "SecurityRiskComplaintProcessFinish", "处理消费者投诉", GradeSecondary,
		mRiskComplaintQuery, "")
	query(mCustomerriskQuery, "SecurityRiskCustomerriskQuery", "商户风险服务输出", GradeUnverified)
	action(mCustomerriskSend, "SecurityRiskCustomerriskSend", "商户风险处理结果回传", GradeOfficial, "", "")

	action(mCertifyInitialize, "UserCertifyOpenInitialize", "身份认证初始化", GradeOfficial, "", "outer_order_no")
	row(mCertifyCertify, "UserCertifyOpenCertify", "身份认证开始认证", KindPage, GradeOfficial, mCertifyQuery, "certify_id", 0)
	query(mCertifyQuery, "UserCertifyOpenQuery", "身份认证记录查询", GradeOfficial)

	action(mAuthTokenApp, "OpenAuthTokenApp", "换取应用授权令牌", GradeOfficial, "", "")
	query(mAuthTokenAppQuery, "OpenAuthTokenAppQuery", "查询应用授权信息", GradeOfficial)
	query(mAlipaycertDownload, "AlipaycertDownload", "支付宝公钥证书下载", GradeOfficial)
}
