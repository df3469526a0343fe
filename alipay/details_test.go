package alipay_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"zhitong/alipay"
	"zhitong/internal/money"
)

func TestTradeQueryReadsEverything(t *testing.T) {
	t.Parallel()
	g := newGateway(t, answering(`{"code":"10000","msg":"Success","trade_no":"2026010222001400000000000001","out_trade_no":"T20260102_0001",`+
		`"buyer_logon_id":"abc***@example.com","trade_status":"TRADE_REBORN","total_amount":88.80,"receipt_amount":"88.8","send_pay_date":"2026-01-02 03:04:06",`+
		`"fund_bill_list":[{"fund_channel":"NEW_CHANNEL","amount":"80"}],"receipt_currency_type":"DC","hb_fq_pay_info":{"user_install_num":3,"fq_amount":"88.80"},`+
		`"trade_settle_info":{"trade_unsettled_amount":"0.00","trade_settle_detail_list":[`+
		`{"operation_type":"transfer","operation_serial_no":"RY1","operation_dt":"2026-01-09 10:01:00","trans_out":"2088000000000999","trans_in":"2088000000000099","amount":"8.88"},`+
		`{"operation_type":"brand_new","amount":"1.00"}]},"surprise":{"deep":[1,2]}}`))
	r, err := g.client(t).TradeQuery(t.Context(),
		alipay.TradeQueryRequest{OutTradeNo: outNo, QueryOptions: []string{alipay.OptionTradeSettleInfo}})
	if err != nil {
		t.Fatal(err)
	}
	if r.TotalAmount != 8880 || r.ReceiptAmount != 8880 || r.TradeStatus != "TRADE_REBORN" || r.TradeStatus.Paid() ||
		r.ReceiptCurrencyType != "DC" {
		t.Errorf("%+v", r)
	}
	if !r.SendPayDate.Equal(time.Date(2026, 1, 1, 19, 4, 6, 0, time.UTC)) {
		t.Errorf("send_pay_date = %s", r.SendPayDate)
	}
	if s := r.TradeSettleInfo; s.UnsettledAmount == nil || *s.UnsettledAmount != 0 || len(s.Details) != 2 ||
		s.Details[0].Amount != 888 || s.Details[1].OperationType != "brand_new" {
		t.Errorf("%+v", s)
	}
	if r.HbFqPayInfo.UserInstallNum != "3" || r.FundBillList[0].Channel != "NEW_CHANNEL" {
		t.Errorf("%+v %+v", r.HbFqPayInfo, r.FundBillList)
	}
	g.set(answering(`{"code":"10000","trade_status":"TRADE_SUCCESS","total_amount":"1e2"}`))
	if _, err := g.client(t).TradeQuery(t.Context(),
		alipay.TradeQueryRequest{OutTradeNo: outNo}); !alipay.IsUnknown(err) {
		t.Errorf("an amount of 1e2: %v", err)
	}
}

func TestRefundRules(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	c := g.client(t)
	for node, want := range map[string]string{
		`{"code":"10000","fund_change":"Y","refund_fee":"20.00"}`: "",
		`{"code":"10000","fund_change":"Y","refund_fee":"45.00"}`: "",
		// cumulative
		`{"code":"10000","fund_change":"N","refund_fee":"20.00"}`:                                      alipay.SubCodeNotFinal,
		`{"code":"10000","refund_fee":"20.00"}`:                                                        alipay.SubCodeNotFinal,
		`{"code":"10000","fund_change":"Y","refund_fee":"19.99"}`:                                      alipay.SubCodeMismatch,
		`{"code":"10000","fund_change":"Y","refund_fee":"20.00","trade_no":"2026010222001400000000X"}`: alipay.SubCodeMismatch,
	} {
		g.set(answering(node))
		_, err := c.TradeRefund(t.Context(), refundRequest())
		e, _ := errors.AsType[*alipay.Error](err)
		if want == "" && err != nil ||
			want != "" && (e == nil || e.SubCode != want || !alipay.IsUnknown(err) ||
				e.Resolve != "alipay.trade.fastpay.refund.query") {
			t.Errorf("%s: %v", node, err)
		}
	}
	want := `{"trade_no":"` + tradeNo +
		`","refund_amount":"20.00","out_request_no":"RF20260103_01","refund_royalty_parameters":[{"royalty_type":"transfer","trans_out_type":"userId","trans_out":"2088000000000099","amount":"2.00"}]}`
	if g.last().BizRaw != want {
		t.Errorf("biz_content %s", g.last().BizRaw)
	}
	before := g.count.Load()
	only := refundRequest()
	only.RefundAmount = 0
	g.set(answering(`{"code":"10000","fund_change":"Y","refund_fee":"0.00"}`))
	if _, err := c.TradeRefund(t.Context(), only); err != nil ||
		!strings.Contains(g.last().BizRaw, `"refund_amount":"0.00"`) {
		t.Errorf("royalty only: %v, %s", err, g.last().BizRaw)
	}
	only.RefundRoyalties = nil
	if _, err := c.TradeRefund(t.Context(), only); !alipay.IsRefused(err, alipay.SubCodeInvalidRequest) ||
		g.count.Load() != before+1 {
		t.Errorf("nothing to refund: %v", err)
	}
	g.set(answering(`{"code":"10000","msg":"Success"}`))
	q, err := c.TradeFastpayRefundQuery(t.Context(),
		alipay.TradeFastpayRefundQueryRequest{TradeNo: tradeNo, OutRequestNo: "RF1"})
	if err != nil || q.Refunded() {
		t.Errorf("an unknown refund number: %+v, %v", q, err)
	}
}

func TestTransferStates(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	c := g.client(t)
	req := alipay.FundTransUniTransferRequest{OutBizNo: "PO1", TransAmount: 12000,
		ProductCode: alipay.TransferToAccount, BizScene: alipay.SceneDirect,
		PayeeInfo: &alipay.Participant{Identity: "2088000000000555", IdentityType: alipay.IdentityUserID}}
	for status, want := range map[string]alipay.Outcome{"SUCCESS": alipay.OutcomeDone, "FAIL": alipay.OutcomeRefused,
		"DEALING": alipay.OutcomeUnknown, "REFUND": alipay.OutcomeUnknown, "": alipay.OutcomeUnknown,
		"NEW": alipay.OutcomeUnknown} {
		g.set(answering(`{"code":"10000","out_biz_no":"PO1","status":"` + status + `"}`))
		_, err := c.FundTransUniTransfer(t.Context(), req)
		if (err == nil) != (want == alipay.OutcomeDone) || alipay.IsRefused(err) != (want == alipay.OutcomeRefused) ||
			alipay.IsUnknown(err) != (want == alipay.OutcomeUnknown) {
			t.Errorf("%q: %v", status, err)
		}
	}
	g.set(answering(`{"code":"10000","out_biz_no":"PO1","status":"SUCCESS","amount":"119.00"}`))
	if _, err := c.FundTransUniTransfer(t.Context(), req); !alipay.IsUnknown(err) {
		t.Errorf("another amount: %v", err)
	}
	g.set(answering(`{"code":"10000","out_batch_no":"B1","batch_trans_id":"1"}`))
	if _, err := c.FundBatchUniTransfer(t.Context(),
		alipay.FundBatchCreateRequest{OutBatchNo: "B1", ProductCode: "P", BizScene: "S",
			TransOrderList: []alipay.BatchOrder{{OutBizNo: "1", TransAmount: 150, PayeeInfo: req.PayeeInfo},
				{OutBizNo: "2", TransAmount: 250, PayeeInfo: req.PayeeInfo}}}); err != nil {
		t.Error(err)
	}
	if b := g.last().Biz; b["total_trans_amount"] != "4.00" || b["total_count"] != "2" {
		t.Errorf("totals: %v %v", b["total_trans_amount"], b["total_count"])
	}
}

func TestResultCodes(t *testing.T) {
	t.Parallel()
	g := newGateway(t, answering(`{"code":"10000","result_code":"FAIL"}`))
	_, err := g.client(t).TradeRoyaltyRelationBind(t.Context(),
		alipay.TradeRoyaltyRelationBindRequest{OutRequestNo: "B1", Receivers: receivers()})
	if !alipay.IsRefused(err, alipay.SubCodeResultFail) {
		t.Errorf("bind: %v", err)
	}
	g.set(answering(`{"code":"10000","out_merge_no":"M1","pre_order_no":"P1","order_detail_results":[{"out_trade_no":"A1","success":true},{"out_trade_no":"A2","success":false,"result_code":"SELLER_NOT_EXIST"}]}`))
	_, err = g.client(t).TradeMergePrecreate(t.Context(),
		alipay.TradeMergePrecreateRequest{OutMergeNo: "M1", OrderDetails: mergeOrders()})
	if e, ok := errors.AsType[*alipay.Error](err); !ok || !alipay.IsRefused(err) || e.Field != "A2" {
		t.Errorf("merge: %v", err)
	}
	g.set(answering(`{"code":"10003","msg":"order success pay inprocess","out_trade_no":"T20260102_0001"}`))
	_, err = g.client(t).TradePay(t.Context(),
		alipay.TradePayRequest{OutTradeNo: outNo, TotalAmount: 8880, Subject: "茶", AuthCode: "28", Scene: "bar_code"})
	if !alipay.IsAwaitingBuyer(err) || !alipay.IsUnknown(err) {
		t.Errorf("pay: %v", err)
	}
	g.set(answering(`{"code":"10000","user_id":"2088","royalty_rate":"25"}`))
	if r, err := g.client(t).TradeRoyaltyRateQuery(t.Context(),
		alipay.TradeRoyaltyRateQueryRequest{OutRequestNo: "R1"}); err != nil || r.MaxRatio != 25 {
		t.Errorf("the rate's other name: %v, %v", r, err)
	}
}

func TestOrdersAreSortedAndSMIDWaits(t *testing.T) {
	t.Parallel()
	g := newGateway(t, answering(`{"code":"10000","orders":[{"order_id":"1","external_id":"m1","status":"-1","apply_time":"2026-01-01 10:00:00","smid":"2088000000000111"},`+
		`{"order_id":"2","external_id":"m1","status":"99","apply_time":"2026-01-03 10:00:00","smid":"2088000000000222","app_pre_auth":"TRUE"},`+
		`{"order_id":"3","external_id":"m1","status":"031","apply_time":"2026-01-02 10:00:00","smid":"2088000000000333"}]}`))
	r, err := g.client(t).IndirectZftorderQuery(t.Context(), alipay.IndirectZftorderQueryRequest{ExternalID: "m1"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range r.Orders {
		ids = append(ids, r.Orders[i].OrderID+r.Orders[i].SMID())
	}
	if !slices.Equal(ids, []string{"22088000000000222", "3", "1"}) || !r.Orders[0].AppPreAuth {
		t.Errorf("%v", ids)
	}
}

// Requests that break a rule of the field tables are refused here, with the field, and nothing travels.
func TestLocalRefusals(t *testing.T) {
	t.Parallel()
	g := newGateway(t, nil)
	c := g.client(t)
	precreate := func(f func(*alipay.TradePrecreateRequest)) error {
		r := precreateRequest()
		f(&r)
		_, err := c.TradePrecreate(t.Context(), r)
		return err
	}
	upload := func(kind string, size int) error {
		_, err := c.IndirectImageUpload(t.Context(),
			alipay.IndirectImageUploadRequest{ImageType: kind, Image: alipay.File{Content: make([]byte, size)}})
		return err
	}
	settle := func(n int, mode alipay.RoyaltyMode) error {
		r := orderSettleRequest()
		r.Royalties, r.RoyaltyMode = slices.Repeat(r.Royalties, n), mode
		if n == 0 {
			r.ExtendParams = nil
		}
		_, err := c.TradeOrderSettle(t.Context(), r)
		return err
	}
	_, noTrade := c.TradeQuery(t.Context(), alipay.TradeQueryRequest{})
	for field, err := range map[string]error{
		"out_trade_no": precreate(func(r *alipay.TradePrecreateRequest) { r.OutTradeNo = strings.Repeat("x", 33) }),
		"total_amount": precreate(func(r *alipay.TradePrecreateRequest) { r.TotalAmount = -1 }),
		"subject":      precreate(func(r *alipay.TradePrecreateRequest) { r.Subject = strings.Repeat("长", 257) }),
		"body":         precreate(func(r *alipay.TradePrecreateRequest) { r.Body = "\xff" }),
		"sub_merchant.merchant_id": precreate(func(r *alipay.TradePrecreateRequest) {
			r.SubMerchant = &alipay.SubMerchant{}
		}),
		"settle_info.settle_detail_infos[0].trans_in_type": precreate(func(r *alipay.TradePrecreateRequest) {
			r.SettleInfo = &alipay.SettleInfo{Details: []alipay.SettleDetail{{Amount: 1}}}
		}),
		"goods_detail": precreate(func(r *alipay.TradePrecreateRequest) {
			r.GoodsDetail = make([]alipay.GoodsDetail, 151)
		}),
		"goods_detail[0].price": precreate(func(r *alipay.TradePrecreateRequest) {
			r.GoodsDetail = []alipay.GoodsDetail{{GoodsID: "1", GoodsName: "1", Quantity: 1, Price: money.Max + 1}}
		}),
		"image_type":         upload("svg", 10),
		"image_content":      upload("jpg", 10<<20+1),
		"royalty_parameters": settle(6, alipay.RoyaltySync),
	} {
		if e, ok := errors.AsType[*alipay.Error](err); !ok || e.Outcome != alipay.OutcomeRefused ||
			e.SubCode != alipay.SubCodeInvalidRequest || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for name, err := range map[string]error{"a trade without a number": noTrade, "a split of nothing": settle(0, ""),
		"51 lines": settle(51, alipay.RoyaltyAsync), "an empty image": upload("png", 0)} {
		if !alipay.IsRefused(err, alipay.SubCodeInvalidRequest) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if g.count.Load() != 0 {
		t.Errorf("%d requests travelled", g.count.Load())
	}
}

func TestNamedFields(t *testing.T) {
	t.Parallel()
	for node, want := range map[string]string{
		`{"code":"40002","sub_code":"isv.invalid-app-id","sub_msg":"无效的AppID参数"}`:                "app_id",
		`{"code":"40001","sub_code":"isv.missing-timestamp"}`:                                    "timestamp",
		`{"code":"40004","sub_code":"ACQ.INVALID_PARAMETER","sub_msg":"参数无效：total_amount 格式错误"}`: "total_amount",
		`{"code":"40004","sub_code":"ACQ.INVALID_PARAMETER","sub_msg":"merchant_id 不能为空"}`:       "merchant_id",
		`{"code":"40004","sub_code":"ACQ.ACCESS_FORBIDDEN","sub_msg":"无权限使用接口"}`:                 "",
	} {
		g := newGateway(t, answering(node))
		_, err := g.client(t).TradePrecreate(t.Context(), precreateRequest())
		if e, ok := errors.AsType[*alipay.Error](err); !ok || e.Field != want {
			t.Errorf("%s: field %q", node, e.Field)
		}
	}
}

// Only queries are repeated, once, and the second answer counts.
func TestOneRetryOfQueries(t *testing.T) {
	t.Parallel()
	n := 0
	g := newGateway(t, func(w http.ResponseWriter, r received) {
		if n++; n%2 == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		reply(w, r, `{"code":"10000","trade_status":"TRADE_SUCCESS","out_trade_no":"T20260102_0001","qr_code":"q"}`)
	})
	c := g.client(t)
	if _, err := c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: outNo}); err != nil || n != 2 {
		t.Errorf("%v after %d requests", err, n)
	}
	if _, err := c.TradePrecreate(t.Context(), precreateRequest()); !alipay.IsUnknown(err) || n != 3 {
		t.Errorf("%v after %d requests", err, n)
	}
}

func TestAnswerWithoutEnd(t *testing.T) {
	t.Parallel()
	g := newGateway(t, func(w http.ResponseWriter, _ received) {
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range 64 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := g.client(t).TradePrecreate(t.Context(), precreateRequest())
	if e, ok := errors.AsType[*alipay.Error](err); !ok || e.SubCode != alipay.SubCodeBrokenAnswer ||
		!alipay.IsUnknown(err) {
		t.Error(err)
	}
	deep := fmt.Sprintf(`{"code":"10000","x":%s%s}`, strings.Repeat("[", 20000), strings.Repeat("]", 20000))
	g.set(answering(deep))
	if _, err := g.client(t).TradePrecreate(t.Context(), precreateRequest()); !alipay.IsUnknown(err) {
		t.Errorf("deep JSON: %v", err)
	}
}
