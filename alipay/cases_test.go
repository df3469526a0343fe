package alipay_test

import (
	"context"
	"time"

	"zhitong/alipay"
	"zhitong/internal/secret"
)

// methodCase is one method with a smallest valid request, the node of its success, and a node that Alipay signed but
// that is about something else or lacks what the call is for ("" when the method has nothing to compare).
type methodCase struct {
	method string
	call   func(ctx context.Context, c *alipay.Client) (any, error)
	ok     string
	wrong  string
}

func result[R any](r *R, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

const (
	outNo   = "T20260102_0001"
	tradeNo = "2026010222001400000000000001"
	smid    = "2088000000000999"
)

func image() alipay.File { return alipay.File{Content: []byte("\x89PNG")} }

func tradeCases() []methodCase {
	return []methodCase{
		{"alipay.trade.precreate", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradePrecreate(ctx, precreateRequest()))
		}, `{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","qr_code":"https://qr.alipay.com/bax1"}`,
			`{"code":"10000","msg":"Success","out_trade_no":"T2","qr_code":"https://qr.alipay.com/bax1"}`},
		{"alipay.trade.create", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeCreate(ctx,
				alipay.TradeCreateRequest{OutTradeNo: outNo, TotalAmount: 8880, Subject: "茶",
					BuyerID: "2088000000000001"}))
		}, `{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","trade_no":"2026010222001400000000000001"}`,
			`{"code":"10000","msg":"Success"}`},
		{"alipay.trade.pay", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradePay(ctx,
				alipay.TradePayRequest{OutTradeNo: outNo, TotalAmount: 8880, Subject: "茶",
					AuthCode: "280000000000000001", Scene: "bar_code"}))
		}, `{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","trade_no":"2026010222001400000000000001","total_amount":"88.80"}`,
			`{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","total_amount":"0.01"}`},
		{"alipay.trade.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeQuery(ctx, alipay.TradeQueryRequest{OutTradeNo: outNo}))
		}, `{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","trade_status":"TRADE_SUCCESS","total_amount":"88.80"}`,
			`{"code":"10000","msg":"Success","out_trade_no":"T20260102_0002","trade_status":"TRADE_SUCCESS","total_amount":"88.80"}`},
		{"alipay.trade.close", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeClose(ctx, alipay.TradeCloseRequest{OutTradeNo: outNo}))
		}, `{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001"}`,
			`{"code":"10000","msg":"Success","out_trade_no":"T2"}`},
		{"alipay.trade.cancel", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeCancel(ctx, alipay.TradeCancelRequest{OutTradeNo: outNo}))
		}, `{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","retry_flag":"N","action":"close"}`,
			`{"code":"10000","msg":"Success","out_trade_no":"T20260102_0001","retry_flag":"Y"}`},
		{"alipay.trade.refund", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeRefund(ctx, refundRequest()))
		}, `{"code":"10000","msg":"Success","trade_no":"2026010222001400000000000001","fund_change":"Y","refund_fee":"20.00"}`,
			`{"code":"10000","msg":"Success","trade_no":"2026010222001400000000000001","fund_change":"N","refund_fee":"20.00"}`},
		{"alipay.trade.fastpay.refund.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeFastpayRefundQuery(ctx,
				alipay.TradeFastpayRefundQueryRequest{TradeNo: tradeNo, OutRequestNo: "RF1"}))
		}, `{"code":"10000","msg":"Success","trade_no":"2026010222001400000000000001","out_request_no":"RF1","refund_status":"REFUND_SUCCESS","refund_amount":"20.00"}`,
			`{"code":"10000","msg":"Success","trade_no":"2026010222001400000000000001","out_request_no":"RF2","refund_status":"REFUND_SUCCESS"}`},
		{"alipay.trade.merge.precreate", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeMergePrecreate(ctx,
				alipay.TradeMergePrecreateRequest{OutMergeNo: "M1", OrderDetails: mergeOrders()}))
		}, `{"code":"10000","msg":"Success","out_merge_no":"M1","pre_order_no":"P1","order_detail_results":[{"out_trade_no":"A1","success":true},{"out_trade_no":"A2","success":"true"}]}`,
			`{"code":"10000","msg":"Success","out_merge_no":"M1","pre_order_no":"P1","order_detail_results":[{"out_trade_no":"B9","success":true}]}`},
		{"alipay.trade.merge.create", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeMergeCreate(ctx,
				alipay.TradeMergeCreateRequest{OutMergeNo: "M1", BuyerOpenID: "0open", OrderDetails: mergeOrders()}))
		}, `{"code":"10000","msg":"Success","out_merge_no":"M1","merge_no":"MN1","order_detail_results":[{"out_trade_no":"A1","success":true,"trade_no":"1"}]}`,
			`{"code":"10000","msg":"Success","out_merge_no":"M2","merge_no":"MN1"}`},
	}
}

func refundRequest() alipay.TradeRefundRequest {
	return alipay.TradeRefundRequest{TradeNo: tradeNo, RefundAmount: 2000, OutRequestNo: "RF20260103_01",
		RefundRoyalties: []alipay.RefundRoyalty{{RoyaltyType: alipay.RoyaltyTransfer,
			TransOutType: alipay.TransInUserID, TransOut: "2088000000000099", Amount: 200}}}
}

func mergeOrders() []alipay.MergeOrder {
	return []alipay.MergeOrder{{AppID: appID, OutTradeNo: "A1", TotalAmount: 100, Subject: "甲"},
		{AppID: appID, OutTradeNo: "A2", TotalAmount: 200, Subject: "乙"}}
}

func settleCases() []methodCase {
	return []methodCase{
		{"alipay.trade.settle.confirm", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeSettleConfirm(ctx,
				alipay.TradeSettleConfirmRequest{OutRequestNo: "SC1", TradeNo: tradeNo,
					SettleInfo:   alipay.DefaultSettle(8880, ""),
					ExtendParams: &alipay.ExtendParams{RoyaltyFreeze: true}}))
		}, `{"code":"10000","msg":"Success","trade_no":"2026010222001400000000000001","out_request_no":"SC1","settle_amount":"88.80"}`,
			`{"code":"10000","msg":"Success","trade_no":"2026010222001400000000000001","out_request_no":"SC1","settle_amount":"80.00"}`},
		{"alipay.trade.order.settle", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeOrderSettle(ctx, orderSettleRequest()))
		}, `{"code":"10000","msg":"Success","trade_no":"2026010222001400000000000001","settle_no":"2026010900"}`,
			`{"code":"10000","msg":"Success","trade_no":"1"}`},
		{"alipay.trade.order.settle.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeOrderSettleQuery(ctx,
				alipay.TradeOrderSettleQueryRequest{OutRequestNo: "RY1", TradeNo: tradeNo}))
		}, `{"code":"10000","msg":"Success","out_request_no":"RY1","royalty_detail_list":[{"operation_type":"transfer","amount":8.88,"state":"NEWSTATE"}]}`,
			`{"code":"10000","msg":"Success","out_request_no":"RY2"}`},
		{"alipay.trade.order.onsettle.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeOrderOnsettleQuery(ctx, alipay.TradeOrderOnsettleQueryRequest{TradeNo: tradeNo}))
		}, `{"code":"10000","msg":"Success","unsettled_amount":"26.64"}`, ""},
		{"alipay.trade.settle.receivables.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeSettleReceivablesQuery(ctx,
				alipay.TradeSettleReceivablesQueryRequest{OutRequestNo: "Q1", TradeNo: tradeNo}))
		}, `{"code":"10000","msg":"Success","unsettled_amount":"0.00"}`, ""},
		{"alipay.trade.royalty.relation.bind", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeRoyaltyRelationBind(ctx,
				alipay.TradeRoyaltyRelationBindRequest{OutRequestNo: "B1", Receivers: receivers()}))
		}, `{"code":"10000","msg":"Success","result_code":"SUCCESS"}`, `{"code":"10000","msg":"Success"}`},
		{"alipay.trade.royalty.relation.unbind", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeRoyaltyRelationUnbind(ctx,
				alipay.TradeRoyaltyRelationUnbindRequest{OutRequestNo: "B2", Receivers: receivers()}))
		}, `{"code":"10000","msg":"Success","result_code":"SUCCESS"}`, `{"code":"10000","msg":"Success"}`},
		{"alipay.trade.royalty.relation.batchquery", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeRoyaltyRelationBatchquery(ctx,
				alipay.TradeRoyaltyRelationBatchqueryRequest{OutRequestNo: "B3", PageNum: 1, PageSize: 20}))
		}, `{"code":"10000","msg":"Success","result_code":"SUCCESS","receiver_list":[{"type":"userId","account":"2088000000000555"}],"total_record_num":"1"}`,
			`{"code":"10000","msg":"Success","result_code":"?"}`},
		{"alipay.trade.royalty.rate.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.TradeRoyaltyRateQuery(ctx, alipay.TradeRoyaltyRateQueryRequest{OutRequestNo: "R1"}))
		}, `{"code":"10000","msg":"Success","user_id":"2088000000000099","max_ratio":30}`,
			`{"code":"10000","msg":"Success","max_ratio":130}`},
	}
}

func receivers() []alipay.RoyaltyReceiver {
	return []alipay.RoyaltyReceiver{{Type: alipay.TransInUserID, Account: "2088000000000555", Name: "张三"}}
}

func orderSettleRequest() alipay.TradeOrderSettleRequest {
	return alipay.TradeOrderSettleRequest{OutRequestNo: "RY20260109_0001", TradeNo: tradeNo,
		Royalties: []alipay.RoyaltyParameter{{RoyaltyType: alipay.RoyaltyTransfer, TransInType: alipay.TransInUserID,
			TransIn: "2088000000000099", Amount: 888,
			Desc: "平台服务费", RoyaltyScene: "平台服务费"}},
		ExtendParams: &alipay.SettleExtendParams{RoyaltyFinish: true}}
}

func merchantCases() []methodCase {
	order, empty := `{"code":"10000","msg":"Success","order_id":"2026100100502000000005124744"}`, `{"code":"10000","msg":"Success"}`
	contact := alipay.ContactInfo{Name: "王小明", Mobile: "13800000000"}
	rule := &alipay.DefaultSettleRule{Type: alipay.SettleToAlipayAccount, Target: "13800000000"}
	return []methodCase{
		{"ant.merchant.expand.indirect.image.upload", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectImageUpload(ctx,
				alipay.IndirectImageUploadRequest{ImageType: "jpg", Image: image()}))
		}, `{"code":"10000","msg":"Success","image_id":"3f0c.jpg"}`, empty},
		{"ant.merchant.expand.indirect.zft.consult", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftConsult(ctx,
				alipay.IndirectZftConsultRequest{ExternalID: "m1", Name: "王小明", AliasName: "小铺",
					MerchantType: alipay.MerchantIndividual,
					MCC:          "B0125", CertType: "100", CertNo: "330106199001011234",
					ContactInfos: []alipay.ContactInfo{contact}, Service: []alipay.ServiceName{alipay.ServiceWap},
					BindingAlipayLogonID: "13800000000", DefaultSettleRule: rule}))
		}, `{"code":"10000","msg":"Success","order_id":"1","risk_audit":"false","account_audit":true}`, ""},
		{"ant.merchant.expand.indirect.zft.create", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftCreate(ctx,
				alipay.IndirectZftCreateRequest{ExternalID: "m1", Name: "王小明", AliasName: "小铺",
					MerchantType: alipay.MerchantIndividual,
					MCC:          "B0125", CertType: "100", CertNo: "330106199001011234",
					ContactInfos: []alipay.ContactInfo{contact}, Service: []alipay.ServiceName{alipay.ServiceWap},
					BindingAlipayLogonID: "13800000000", DefaultSettleRule: rule}))
		}, order, empty},
		{"ant.merchant.expand.indirect.zft.modify", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftModify(ctx,
				alipay.IndirectZftModifyRequest{SMID: smid, Name: "王小明", AliasName: "小铺",
					MerchantType: alipay.MerchantIndividual,
					MCC:          "B0125", ContactInfos: []alipay.ContactInfo{contact},
					Service: []alipay.ServiceName{alipay.ServiceWap}, BindingAlipayLogonID: "13800000000",
					DefaultSettleRule: rule}))
		}, order, empty},
		{"ant.merchant.expand.indirect.zft.simplecreate", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftSimplecreate(ctx,
				alipay.IndirectZftSimplecreateRequest{ExternalID: "m1", AliasName: "小铺", MCC: "B0125",
					ContactInfos: &contact,
					Service:      []alipay.ServiceName{alipay.ServiceWap}, BindingAlipayLogonID: "13800000000",
					DefaultSettleRule: rule, OutDoorImages: "a.jpg"}))
		}, order, empty},
		{"ant.merchant.expand.indirect.zft.quickcreate", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftQuickcreate(ctx,
				alipay.IndirectZftQuickcreateRequest{ExternalID: "m1", AliasName: "小铺", MCC: "B0125",
					ContactInfos: []alipay.ContactInfo{contact}, Service: []alipay.ServiceName{alipay.ServiceWap},
					BindingAlipayLogonID: "13800000000", DefaultSettleRule: rule}))
		}, `{"code":"10000","msg":"Success","order_id":"1","sign_qr_code_url":"https://qr.alipay.com/x","sign_short_chain_url":"https://ur.alipay.com/x"}`, empty},
		{"ant.merchant.expand.indirect.zft.upgrade", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftUpgrade(ctx,
				alipay.IndirectZftUpgradeRequest{SMID: smid, AdditionalCertType: "201",
					AdditionalCertNo: "92330100MA00000000", AdditionalCertImage: "i.jpg"}))
		}, order, empty},
		{"ant.merchant.expand.indirect.zft.settlementmodify", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftSettlementmodify(ctx,
				alipay.IndirectZftSettlementmodifyRequest{SMID: smid, AlipayLogonID: "13800000000",
					DefaultSettleRule: rule}))
		}, order, empty},
		{"ant.merchant.expand.indirect.zft.delete", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftDelete(ctx, alipay.IndirectZftDeleteRequest{SMID: smid}))
		}, empty, ""},
		{"ant.merchant.expand.indirect.zftorder.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftorderQuery(ctx, alipay.IndirectZftorderQueryRequest{ExternalID: "m1"}))
		}, `{"code":"10000","msg":"Success","orders":[{"order_id":"1","external_id":"m1","status":"031"}]}`,
			`{"code":"10000","msg":"Success","orders":[{"order_id":"1","external_id":"m2","status":"99"}]}`},
		{"ant.merchant.expand.indirect.zftsubsettle.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.IndirectZftsubsettleQuery(ctx, alipay.IndirectZftsubsettleQueryRequest{SMID: smid}))
		}, `{"code":"10000","msg":"Success","default_settle_rule":{"default_settle_type":"bankCard","default_settle_target":"5719"}}`, ""},
		{"ant.merchant.expand.mcc.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.MccQuery(ctx, alipay.MccQueryRequest{MccCodeList: "B0205"}))
		}, `{"code":"10000","msg":"Success","mcc_info_list":[{"mcc_level_2":"B0205","is_special":true}]}`, ""},
	}
}

func fundCases() []methodCase {
	payee := &alipay.Participant{Identity: "2088000000000555", IdentityType: alipay.IdentityUserID, Name: "张三"}
	batch := alipay.FundBatchCreateRequest{OutBatchNo: "BT1", ProductCode: "BATCH_API_TO_ACC",
		BizScene: "MESSAGE_BATCH_PAY",
		TransOrderList: []alipay.BatchOrder{{OutBizNo: "L1", TransAmount: 100, PayeeInfo: payee},
			{OutBizNo: "L2", TransAmount: 250, PayeeInfo: payee}}}
	batchOK := `{"code":"10000","msg":"Success","out_batch_no":"BT1","batch_trans_id":"20260110","status":"INIT"}`
	return []methodCase{
		{"alipay.fund.trans.uni.transfer", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.FundTransUniTransfer(ctx,
				alipay.FundTransUniTransferRequest{OutBizNo: "PO1", TransAmount: 12000,
					ProductCode: alipay.TransferToAccount,
					BizScene:    alipay.SceneDirect, OrderTitle: "1月服务费", PayeeInfo: payee}))
		}, `{"code":"10000","msg":"Success","out_biz_no":"PO1","order_id":"1","status":"SUCCESS","trans_date":"2026-01-10 10:00:00"}`,
			`{"code":"10000","msg":"Success","out_biz_no":"PO1","order_id":"1","status":"DEALING"}`},
		{"alipay.fund.trans.common.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.FundTransCommonQuery(ctx,
				alipay.FundTransCommonQueryRequest{OutBizNo: "PO1", ProductCode: alipay.TransferToAccount,
					BizScene: alipay.SceneDirect}))
		}, `{"code":"10000","msg":"Success","out_biz_no":"PO1","status":"SUCCESS","trans_amount":"120.00"}`,
			`{"code":"10000","msg":"Success","out_biz_no":"PO2","status":"SUCCESS"}`},
		{"alipay.fund.account.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.FundAccountQuery(ctx,
				alipay.FundAccountQueryRequest{AlipayUserID: "2088000000000099", AccountType: "ACCTRANS_ACCOUNT"}))
		}, `{"code":"10000","msg":"Success","available_amount":"12345678901.23","freeze_amount":"0.00"}`, ""},
		{"alipay.fund.quota.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.FundQuotaQuery(ctx,
				alipay.FundQuotaQueryRequest{ProductCode: alipay.TransferToAccount, BizScene: alipay.SceneDirect}))
		}, `{"code":"10000","msg":"Success","active_quota_is_new":true,"new_quota_single_max":"50000.00"}`, ""},
		{"alipay.fund.batch.create", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.FundBatchCreate(ctx, batch))
		}, batchOK, `{"code":"10000","msg":"Success"}`},
		{"alipay.fund.batch.uni.transfer", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.FundBatchUniTransfer(ctx, batch))
		}, batchOK, `{"code":"10000","msg":"Success"}`},
		{"alipay.fund.batch.close", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.FundBatchClose(ctx, alipay.FundBatchCloseRequest{BatchTransID: "20260110"}))
		}, `{"code":"10000","msg":"Success","batch_trans_id":"20260110","status":"DISUSE"}`,
			`{"code":"10000","msg":"Success","batch_trans_id":"2"}`},
		{"alipay.fund.batch.detail.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.FundBatchDetailQuery(ctx,
				alipay.FundBatchDetailQueryRequest{OutBatchNo: "BT1", PageNum: 1, PageSize: 500}))
		}, `{"code":"10000","msg":"Success","out_batch_no":"BT1","batch_status":"PART_SUCCESS","success_count":1,"acc_detail_list":[{"out_biz_no":"L1","status":"SUCCESS","need_retry":"F"}]}`,
			`{"code":"10000","msg":"Success","out_batch_no":"BT2"}`},
		{"alipay.data.dataservice.bill.downloadurl.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.BillDownloadurlQuery(ctx,
				alipay.BillDownloadurlQueryRequest{BillType: alipay.BillTrade, BillDate: "2026-01-01"}))
		}, `{"code":"10000","msg":"Success","bill_download_url":"https://dwbillcenter.alipay.com/x"}`,
			`{"code":"10000","msg":"Success"}`},
	}
}

func otherCases() []methodCase {
	empty := `{"code":"10000","msg":"Success"}`
	return []methodCase{
		{"alipay.merchant.tradecomplain.batchquery", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.MerchantTradecomplainBatchquery(ctx,
				alipay.MerchantTradecomplainBatchqueryRequest{BeginTime: testTime, EndTime: testTime.Add(time.Hour),
					PageNum: 1, PageSize: 20}))
		}, `{"code":"10000","msg":"Success","trade_complain_infos":[{"complain_event_id":"1","status":"SOMETHING_NEW"}],"total_num":1}`, ""},
		{"alipay.merchant.tradecomplain.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.MerchantTradecomplainQuery(ctx,
				alipay.MerchantTradecomplainQueryRequest{ComplainEventID: "1"}))
		}, `{"code":"10000","msg":"Success","complain_event_id":"1","status":"MERCHANT_PROCESSING"}`,
			`{"code":"10000","msg":"Success","complain_event_id":"2"}`},
		{"alipay.merchant.tradecomplain.feedback.submit", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.MerchantTradecomplainFeedbackSubmit(ctx,
				alipay.MerchantTradecomplainFeedbackSubmitRequest{ComplainEventID: "1",
					FeedbackCode: alipay.FeedbackRefunded, FeedbackContent: "已退款"}))
		}, empty, ""},
		{"alipay.merchant.tradecomplain.reply.submit", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.MerchantTradecomplainReplySubmit(ctx,
				alipay.MerchantTradecomplainReplySubmitRequest{ComplainEventID: "1", ReplyContent: "您好"}))
		}, empty, ""},
		{"alipay.merchant.tradecomplain.supplement.submit", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.MerchantTradecomplainSupplementSubmit(ctx,
				alipay.MerchantTradecomplainSupplementSubmitRequest{ComplainEventID: "1", SupplementContent: "凭证"}))
		}, empty, ""},
		{"alipay.merchant.image.upload", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.MerchantImageUpload(ctx,
				alipay.MerchantImageUploadRequest{ImageType: "png", Image: image()}))
		}, `{"code":"10000","msg":"Success","image_id":"x"}`, empty},
		{"alipay.security.risk.complaint.info.batchquery", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.SecurityRiskComplaintInfoBatchquery(ctx,
				alipay.SecurityRiskComplaintInfoBatchqueryRequest{CurrentPageNum: 1, PageSize: 10}))
		}, `{"code":"10000","msg":"Success","complaint_list":[{"id":12345678901234567,"status":"WAIT_PROCESS"}],"total_size":1}`, ""},
		{"alipay.security.risk.complaint.info.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.SecurityRiskComplaintInfoQuery(ctx,
				alipay.SecurityRiskComplaintInfoQueryRequest{ComplainID: "1"}))
		}, `{"code":"10000","msg":"Success","id":1}`, ""},
		{"alipay.security.risk.complaint.process.finish", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.SecurityRiskComplaintProcessFinish(ctx,
				alipay.SecurityRiskComplaintProcessFinishRequest{IDList: []int64{1}, ProcessCode: "REFUND"}))
		}, `{"code":"10000","msg":"Success","complaint_process_success":true}`, ""},
		{"alipay.security.risk.customerrisk.send", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.SecurityRiskCustomerriskSend(ctx,
				alipay.SecurityRiskCustomerriskSendRequest{TradeNo: tradeNo, ProcessCode: "01", SMID: smid}))
		}, empty, ""},
		{"alipay.security.risk.customerrisk.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.SecurityRiskCustomerriskQuery(ctx,
				alipay.SecurityRiskCustomerriskQueryRequest{RiskType: "riskinfo_cert_no",
					CertNo: "330106199001011234"}))
		}, `{"code":"10000","msg":"Success","risk_result":"no_risk"}`, empty},
		{"alipay.user.certify.open.initialize", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.UserCertifyOpenInitialize(ctx,
				alipay.UserCertifyOpenInitializeRequest{OuterOrderNo: "C1", BizCode: "FACE",
					IdentityParam: &alipay.IdentityParam{IdentityType: "CERT_INFO", CertType: "IDENTITY_CARD",
						CertName: "王小明", CertNo: "330106199001011234"},
					MerchantConfig: &alipay.CertifyConfig{ReturnURL: "https://example.cn/back"}}))
		}, `{"code":"10000","msg":"Success","certify_id":"c1"}`, empty},
		{"alipay.user.certify.open.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.UserCertifyOpenQuery(ctx, alipay.UserCertifyOpenQueryRequest{CertifyID: "c1"}))
		}, `{"code":"10000","msg":"Success","passed":"T"}`, ""},
		{"alipay.open.auth.token.app", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.OpenAuthTokenApp(ctx,
				alipay.OpenAuthTokenAppRequest{Code: "1cc19911172e4f8aaa509c8fb5d12F56"}))
		}, `{"code":"10000","msg":"Success","app_auth_token":"t1","app_refresh_token":"r1","auth_app_id":"2021000000000777","expires_in":"31536000","re_expires_in":"32140800","user_id":"2088000000000777"}`, empty},
		{"alipay.open.auth.token.app.query", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.OpenAuthTokenAppQuery(ctx,
				alipay.OpenAuthTokenAppQueryRequest{AppAuthToken: secret.New("t1")}))
		}, `{"code":"10000","msg":"Success","status":"valid","auth_methods":["alipay.trade.query"]}`, ""},
		{"alipay.open.app.alipaycert.download", func(ctx context.Context, c *alipay.Client) (any, error) {
			return result(c.AlipaycertDownload(ctx,
				alipay.AlipaycertDownloadRequest{AlipayCertSN: "866efef280dec9137a87d047ac446315"}))
		}, `{"code":"10000","msg":"Success","alipay_cert_content":"LS0tLS0="}`,
			`{"code":"10000","msg":"Success","alipay_cert_content":"!"}`},
	}
}

func allCases() []methodCase {
	var all []methodCase
	for _, part := range [][]methodCase{tradeCases(), settleCases(), merchantCases(), fundCases(), otherCases()} {
		all = append(all, part...)
	}
	return all
}
