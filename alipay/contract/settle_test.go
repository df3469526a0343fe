package contract

import (
	"context"
	"slices"
	"strings"
	"time"

	"zhitong/alipay"
	"zhitong/internal/money"
)

func longAgo() time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }

func (w *world) refund(trade string, amount money.Fen) alipay.TradeRefundRequest {
	return alipay.TradeRefundRequest{TradeNo: trade, RefundAmount: amount, OutRequestNo: no("RF")}
}

func refunding(prepare func(w *world) alipay.TradeRefundRequest) func(w *world) error {
	return func(w *world) error { return only(w.c.TradeRefund(w.Context(), prepare(w))) }
}

// shared is a settled trade of which to has received 1 yuan.
func (w *world) sharedWith(to string) string {
	w.Helper()
	w.bind(to)
	trade := w.settled()
	w.done(w.c.TradeOrderSettle(w.Context(), w.split(trade, to, 100)))
	return trade
}

func (w *world) back(trade, from string, amount money.Fen) alipay.TradeRefundRequest {
	r := w.refund(trade, 200)
	r.RefundRoyalties = []alipay.RefundRoyalty{{RoyaltyType: alipay.RoyaltyTransfer, TransOutType: alipay.TransInUserID,
		TransOut: from, Amount: amount}}
	return r
}

func refundTables() []table {
	type R = alipay.TradeRefundRequest
	return []table{
		// A repeat of a done refund is answered with fund_change N, which the client does not take for a refund: ask.
		{method: "alipay.trade.refund", again: "unknown " + alipay.SubCodeNotFinal, ready: func(w *world) *act {
			trade := w.paid()
			r := w.refund(trade, 300)
			return &act{
				call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
					return c.TradeRefund(ctx, r)
				}),
				effects: func() int { return int(fen(w.trade(trade), "refunded_fen") / 300) },
				ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
					q, err := c.TradeFastpayRefundQuery(ctx,
						alipay.TradeFastpayRefundQueryRequest{TradeNo: trade, OutRequestNo: r.OutRequestNo})
					if err != nil || q.Refunded() != happened || happened && q.RefundAmount != 300 {
						return "wrong" + problem(err)
					}
					return ""
				},
			}
		}, refusals: []refusal{
			{"ACQ.TRADE_NOT_EXIST", refunding(func(w *world) R {
				return R{OutTradeNo: no("T"), RefundAmount: 1, OutRequestNo: no("RF")}
			})},
			{"ACQ.TRADE_STATUS_ERROR", refunding(func(w *world) R {
				_, trade := w.scanned()
				return w.refund(trade, 1)
			})},
			{"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", refunding(func(w *world) R { return w.refund(w.paid(), price+1) })},
			{"ACQ.REFUND_FEE_ERROR", func(w *world) error {
				return only(w.raw("alipay.trade.refund",
					obj{"trade_no": w.paid(),
						"refund_amount": "1.00"})) // a part without a number, which the client demands
			}},
			{"ACQ.INVALID_PARAMETER", func(w *world) error {
				return only(w.raw("alipay.trade.refund", obj{"refund_amount": "1.00"}))
			}},
			{"ACQ.DISCORDANT_REPEAT_REQUEST", refunding(func(w *world) R {
				r := w.refund(w.paid(), 100)
				w.done(w.c.TradeRefund(w.Context(), r))
				r.RefundAmount = 200
				return r
			})},
			{"ACQ.TRADE_HAS_CLOSE", refunding(func(w *world) R {
				trade := w.paid()
				w.done(w.c.TradeRefund(w.Context(), w.refund(trade, price)))
				return w.refund(trade, 1)
			})},
			{"ACQ.SELLER_BALANCE_NOT_ENOUGH", refunding(func(w *world) R {
				return w.refund(w.sharedWith(receiver), price)
			})},
			{"ACQ.REFUNDALLOC_UNAUTH_LIMIT", refunding(func(w *world) R {
				return w.back(w.sharedWith(stingy), stingy, 100)
			})},
			{"ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", refunding(func(w *world) R {
				return w.back(w.sharedWith(receiver), receiver, 101)
			})},
			{"ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST", refunding(func(w *world) R {
				return w.back(w.settled(), nobody, 1)
			})},
			{"ACQ.REASON_TRADE_BEEN_FREEZEN", refunding(func(w *world) R {
				r := w.confirm(w.paid())
				r.ExtendParams = nil // nothing stays frozen for splits: the refund comes from the merchant's account
				w.done(w.c.TradeSettleConfirm(w.Context(), r))
				trade := r.TradeNo
				w.desk("PATCH", "/merchants/"+w.smid, obj{"account_frozen": true})
				return w.refund(trade, 100)
			})},
			{"ACQ.TRADE_SETTLE_ERROR", refunding(func(w *world) R {
				r := w.refund(w.settled(), 100)
				r.RelatedSettleConfirmNo = "SC0"
				return r
			})},
			{"ACQ.TRADE_HAS_FINISHED", func(w *world) error {
				return w.later(366*24*time.Hour, func(w *world, trade string) error {
					return only(w.c.TradeRefund(w.Context(), w.refund(trade, 100)))
				})
			}},
		}},
		{method: "alipay.trade.fastpay.refund.query", ready: func(w *world) *act {
			trade := w.paid()
			r := w.refund(trade, 300)
			w.done(w.c.TradeRefund(w.Context(), r))
			return &act{call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
				q, err := c.TradeFastpayRefundQuery(ctx,
					alipay.TradeFastpayRefundQueryRequest{TradeNo: trade, OutRequestNo: r.OutRequestNo})
				if err == nil && (!q.Refunded() || q.RefundAmount != 300) {
					w.Errorf("refund: %+v", q)
				}
				return q, err
			})}
		}, refusals: []refusal{
			{"ACQ.TRADE_NOT_EXIST", func(w *world) error {
				return only(w.c.TradeFastpayRefundQuery(w.Context(),
					alipay.TradeFastpayRefundQueryRequest{OutTradeNo: no("T"), OutRequestNo: "RF1"}))
			}},
			{"ACQ.INVALID_PARAMETER", func(w *world) error {
				return only(w.raw("alipay.trade.fastpay.refund.query", obj{}))
			}},
		}},
	}
}

func confirming(prepare func(w *world) alipay.TradeSettleConfirmRequest) func(w *world) error {
	return func(w *world) error { return only(w.c.TradeSettleConfirm(w.Context(), prepare(w))) }
}

func splitting(prepare func(w *world) alipay.TradeOrderSettleRequest) func(w *world) error {
	return func(w *world) error { return only(w.c.TradeOrderSettle(w.Context(), prepare(w))) }
}

func settleTables() []table {
	return []table{confirmTable(), splitTable(),
		{method: "alipay.trade.order.settle.query", ready: func(w *world) *act {
			trade := w.settled()
			r := w.split(trade, w.pid, 100)
			w.done(w.c.TradeOrderSettle(w.Context(), r))
			return &act{call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
				q, err := c.TradeOrderSettleQuery(ctx,
					alipay.TradeOrderSettleQueryRequest{OutRequestNo: r.OutRequestNo, TradeNo: trade})
				if err == nil && (len(q.Details) != 1 || q.Details[0].State != alipay.RoyaltySuccess ||
					q.Details[0].Amount != 100) {
					w.Errorf("split: %+v", q)
				}
				return q, err
			})}
		}, refusals: []refusal{
			{"MERCHANT_TRADE_NOT_MATCH", func(w *world) error {
				return only(w.c.TradeOrderSettleQuery(w.Context(), alipay.TradeOrderSettleQueryRequest{SettleNo: "1"}))
			}},
			{"INVALID_PARAMETER", func(w *world) error {
				return only(w.c.TradeOrderSettleQuery(w.Context(),
					alipay.TradeOrderSettleQueryRequest{OutRequestNo: "RY0", TradeNo: w.settled()}))
			}},
		}},
		{method: "alipay.trade.order.onsettle.query", ready: func(w *world) *act {
			trade := w.settled()
			return &act{call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
				q, err := c.TradeOrderOnsettleQuery(ctx, alipay.TradeOrderOnsettleQueryRequest{TradeNo: trade})
				if err == nil && q.UnsettledAmount != price*30/100 {
					w.Errorf("what can be split: %+v", q)
				}
				return q, err
			})}
		}, refusals: []refusal{{"ACQ.TRADE_NOT_EXIST", func(w *world) error {
			return only(w.c.TradeOrderOnsettleQuery(w.Context(), alipay.TradeOrderOnsettleQueryRequest{TradeNo: "1"}))
		}}}},
		{method: "alipay.trade.settle.receivables.query", ready: func(w *world) *act {
			trade := w.paid()
			return &act{call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
				q, err := c.TradeSettleReceivablesQuery(ctx, w.receivables(trade))
				if err == nil && (q.UnsettledAmount == nil || *q.UnsettledAmount != price) {
					w.Errorf("receivables: %+v", q)
				}
				return q, err
			})}
		}, refusals: []refusal{
			{"INVALID_PARAMETER", func(w *world) error {
				return only(w.c.TradeSettleReceivablesQuery(w.Context(),
					alipay.TradeSettleReceivablesQueryRequest{OutRequestNo: no("Q")}))
			}},
			{"SUB_MERCHANT_NOT_EXIST", func(w *world) error {
				r := w.receivables("")
				r.MerchantInfo.EntityID = "2088000000009999"
				return only(w.c.TradeSettleReceivablesQuery(w.Context(), r))
			}},
			{"SUB_MERCHANT_BELONG_ERROR", func(w *world) error {
				r := w.receivables("")
				r.MerchantInfo.EntityID = w.foreign()
				return only(w.c.TradeSettleReceivablesQuery(w.Context(), r))
			}},
			{"QUERY_NOT_SUPPORT", func(w *world) error {
				r := w.receivables("")
				r.HistoryDate = "20260101"
				return only(w.c.TradeSettleReceivablesQuery(w.Context(), r))
			}},
			{"ILLEGAL_SETTLE_STATUS", func(w *world) error {
				return only(w.c.TradeSettleReceivablesQuery(w.Context(), w.receivables("1")))
			}},
		}},
	}
}

func (w *world) receivables(trade string) alipay.TradeSettleReceivablesQueryRequest {
	return alipay.TradeSettleReceivablesQueryRequest{OutRequestNo: no("Q"), TradeNo: trade,
		MerchantInfo: &alipay.SettleMerchantInfo{EntityType: "SecondMerchant", EntityID: w.smid}}
}

func confirmTable() table {
	type S = alipay.TradeSettleConfirmRequest
	return table{method: "alipay.trade.settle.confirm", amount: true, ready: func(w *world) *act {
		trade := w.paid()
		r := w.confirm(trade)
		return &act{
			call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
				return c.TradeSettleConfirm(ctx, r)
			}),
			effects: func() int { return int(fen(w.trade(trade), "settle_fen") / int64(price)) },
			ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
				q, err := c.TradeQuery(ctx,
					alipay.TradeQueryRequest{TradeNo: trade, QueryOptions: []string{alipay.OptionTradeSettleInfo}})
				if err != nil || q.TradeSettleInfo == nil {
					return "no settle info" + problem(err)
				}
				found := slices.ContainsFunc(q.TradeSettleInfo.Details, func(d alipay.TradeSettleDetail) bool {
					return d.OperationType == alipay.OperationSettle && d.SerialNo == r.OutRequestNo &&
						d.Amount == price
				})
				if found != happened {
					return "wrong"
				}
				return ""
			},
		}
	}, refusals: []refusal{
		{"ACQ.TRADE_NOT_EXIST", confirming(func(w *world) S { return w.confirm("2026010222001400000000000999") })},
		{"ACQ.REASON_TRADE_STATUS_INVALID", confirming(func(w *world) S {
			_, trade := w.scanned()
			return w.confirm(trade)
		})},
		{"ACQ.TRADE_HAS_CLOSE", confirming(func(w *world) S {
			_, trade := w.scanned()
			w.done(w.c.TradeClose(w.Context(), alipay.TradeCloseRequest{TradeNo: trade}))
			return w.confirm(trade)
		})},
		{"ACQ.INVALID_SETTLE_AMOUNT_PARAMETER", confirming(func(w *world) S {
			r := w.confirm(w.paid())
			r.SettleInfo = alipay.DefaultSettle(price-1, "")
			return r
		})},
		{"ACQ.TRADE_SETTLE_ERROR", confirming(func(w *world) S {
			r := w.confirm(w.paid())
			r.SettleInfo.Details = append(r.SettleInfo.Details, r.SettleInfo.Details[0])
			return r
		})},
		{"ACQ.RISK_SETTLE_SUSPEND", confirming(func(w *world) S {
			w.desk("PATCH", "/merchants/"+w.smid, obj{"settle_hold": true})
			return w.confirm(w.paid())
		})},
		{"ACQ.SETTLE_ACCOUNT_HAS_BEEN_FROZEN", confirming(func(w *world) S {
			w.desk("PATCH", "/merchants/"+w.smid, obj{"account_frozen": true})
			return w.confirm(w.paid())
		})},
		{"ACQ.DISCORDANT_REPEAT_REQUEST", confirming(func(w *world) S {
			r := w.confirm(w.paid())
			w.done(w.c.TradeSettleConfirm(w.Context(), r))
			r.ExtendParams = nil
			return r
		})},
		{"ACQ.DUP_OUT_REQUEST_NO", confirming(func(w *world) S {
			r := w.confirm(w.paid())
			w.done(w.c.TradeSettleConfirm(w.Context(), r))
			r.TradeNo = w.paid()
			return r
		})},
		{"ACQ.ALREADY_CONFIRM_SETTLE", confirming(func(w *world) S { return w.confirm(w.settled()) })},
		{"ACQ.CONFIRM_REFUSE_AFTER_REFUND", confirming(func(w *world) S {
			trade := w.paid()
			w.done(w.c.TradeRefund(w.Context(), w.refund(trade, price)))
			return w.confirm(trade)
		})},
		{"ACQ.INVALID_PARAMETER", func(w *world) error { return only(w.raw("alipay.trade.settle.confirm", obj{})) }},
		{"ACQ.DEFAULT_SETTLE_RULE_NOT_EXIST", confirming(func(w *world) S {
			w.smid = w.merchant(obj{"no_default_rule": true})
			o := w.precreate()
			o.SettleInfo.Details[0].TransInType, o.SettleInfo.Details[0].TransIn = alipay.TransInUserID, text(w.desk("GET", "/merchants/"+w.smid, nil), "user_id")
			w.done(w.c.TradePrecreate(w.Context(), o))
			return w.confirm(text(w.desk("POST", "/trades/"+o.OutTradeNo+"/pay", obj{}), "trade_no"))
		})},
		{"ACQ.UN_SUPPORT_BIZ_TYPE", confirming(func(w *world) S {
			w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"face_to_face"}})
			trade := w.plain()
			w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"face_to_face", "zft"}})
			return w.confirm(trade)
		})},
		{"ACQ.SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID", confirming(func(w *world) S {
			r := w.confirm(w.paid())
			r.SettleInfo.Details[0].TransInType, r.SettleInfo.Details[0].TransIn = alipay.TransInUserID, buyer
			return r
		})},
	}}
}

func splitTable() table {
	type S = alipay.TradeOrderSettleRequest
	to := func(user string, amount money.Fen) func(w *world) S {
		return func(w *world) S { return w.split(w.settled(), user, amount) }
	}
	changed := func(state obj) func(w *world) S { // a receiver that was bound and then changed
		return func(w *world) S {
			who := w.account(nil)
			w.bind(who)
			w.desk("PATCH", "/accounts/"+who, state)
			return w.split(w.settled(), who, 100)
		}
	}
	return table{method: "alipay.trade.order.settle", ready: func(w *world) *act {
		trade := w.settled()
		r := w.split(trade, w.pid, 100)
		return &act{
			call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
				return c.TradeOrderSettle(ctx, r)
			}),
			effects: func() int { return int(fen(w.trade(trade), "transfer_fen") / 100) },
			ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
				q, err := c.TradeOrderSettleQuery(ctx,
					alipay.TradeOrderSettleQueryRequest{OutRequestNo: r.OutRequestNo, TradeNo: trade})
				if !happened {
					if !alipay.IsRefused(err, "INVALID_PARAMETER") { // an unknown number
						return "knows what did not happen" + problem(err)
					}
					return ""
				}
				if err != nil || len(q.Details) != 1 || q.Details[0].State != alipay.RoyaltySuccess {
					return "wrong" + problem(err)
				}
				return ""
			},
		}
	}, refusals: []refusal{
		{"ACQ.TRADE_NOT_EXIST", splitting(func(w *world) S {
			return w.split("2026010222001400000000000999", w.pid, 1)
		})},
		{"ACQ.ALLOC_REFUSE_BEFORE_SETTLE", splitting(func(w *world) S { return w.split(w.paid(), w.pid, 1) })},
		{"ACQ.ASYNC_ALLOC_NOT_SUPPORT_IN_PERIOD", splitting(func(w *world) S {
			r := w.split(w.paid(), w.pid, 1)
			r.RoyaltyMode = alipay.RoyaltyAsync
			return r
		})},
		{"ACQ.ROYALTY_RECEIVER_INVALID", splitting(to(buyer, 100))},
		{"ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_EXIST", splitting(to(nobody, 100))},
		{"ACQ.ROYALTY_ACCOUNTS_EQUAL", splitting(func(w *world) S {
			return w.split(w.settled(), text(w.desk("GET", "/merchants/"+w.smid, nil), "user_id"), 100)
		})},
		{"ACQ.ALLOC_AMOUNT_VALIDATE_ERROR", splitting(func(w *world) S {
			return w.split(w.settled(), w.pid, price*30/100+1)
		})},
		{"ACQ.INVALID_PARAMETER", func(w *world) error {
			return only(w.raw("alipay.trade.order.settle", obj{"out_request_no": no("RY"), "trade_no": w.settled()}))
		}},
		{"ACQ.ROYALTY_ACCOUNT_NAME_NOT_MATCH", splitting(func(w *world) S {
			w.bind(receiver)
			r := w.split(w.settled(), receiver, 100)
			r.Royalties[0].TransInName = "别人"
			return r
		})},
		{"ACQ.MUST_ALLOC_FROM_ROOT_ACCOUNT", splitting(func(w *world) S {
			w.bind(receiver)
			r := w.split(w.settled(), receiver, 100)
			r.Royalties[0].TransOut = stingy
			return r
		})},
		{"ACQ.ROYALTY_ACCOUNT_INVALID", splitting(changed(obj{"blocked": true}))},
		{"ACQ.ROYALTY_RECEIVER_ACCOUNT_NOT_CERTIFY", splitting(changed(obj{"certified": false}))},
		{"ACQ.ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE", splitting(changed(obj{"no_balance": true}))},
		{"ACQ.DISCORDANT_REPEAT_REQUEST", splitting(func(w *world) S {
			r := w.split(w.settled(), w.pid, 100)
			w.done(w.c.TradeOrderSettle(w.Context(), r))
			r.Royalties[0].Amount = 200
			return r
		})},
		{"ACQ.DUP_OUT_REQUEST_NO", splitting(func(w *world) S {
			r := w.split(w.settled(), w.pid, 100)
			w.done(w.c.TradeOrderSettle(w.Context(), r))
			r.TradeNo = w.settled()
			return r
		})},
		{"ACQ.ALREADY_FINISH_ALLOC", splitting(func(w *world) S {
			trade := w.settled()
			w.done(w.c.TradeOrderSettle(w.Context(),
				S{OutRequestNo: no("RY"), TradeNo: trade,
					ExtendParams: &alipay.SettleExtendParams{RoyaltyFinish: true}}))
			return w.split(trade, w.pid, 100)
		})},
		{"ACQ.ALLOC_REFUSE_AFTER_REFUND", splitting(func(w *world) S {
			trade := w.settled()
			w.done(w.c.TradeRefund(w.Context(), w.refund(trade, price)))
			return w.split(trade, w.pid, 100)
		})},
		{"ACQ.TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH", splitting(func(w *world) S {
			r := w.split(w.settled(), w.smid, 100)
			r.Royalties[0].RoyaltyType = alipay.RoyaltyReplenish
			return r
		})},
		{"ACQ.TRADE_STATUS_ERROR", splitting(func(w *world) S {
			_, trade := w.scanned()
			return w.split(trade, w.pid, 1)
		})},
		{"ACQ.REPLENISH_ACCOUNT_INVALID", splitting(func(w *world) S {
			r := w.split(w.settled(), w.smid, 100)
			r.Royalties[0].RoyaltyType, r.Royalties[0].TransOut = alipay.RoyaltyReplenish, stingy
			return r
		})},
		{"ACQ.SETTLE_TO_CARD_NOT_SUPPORT", splitting(func(w *world) S {
			m := w.desk("POST", "/merchants",
				obj{"app_id": w.app, "name": "对公卡", "external_id": no("m"), "cards": []string{"6222020200000000"}})
			w.smid = text(m, "smid")
			trade := w.paid()
			r := w.confirm(trade)
			r.ExtendParams = nil
			r.SettleInfo.Details[0].TransInType, r.SettleInfo.Details[0].TransIn = alipay.TransInCardAlias, m["card_aliases"].([]any)[0].(string)
			w.done(w.c.TradeSettleConfirm(w.Context(), r))
			return w.split(trade, w.pid, 100)
		})},
		{alipay.SubCodeInvalidRequest, splitting(func(w *world) S {
			r := w.split("1", w.pid, 1)
			r.Royalties = slices.Repeat(r.Royalties, 6)
			return r
		})},
	}}
}

func relationTables() []table {
	one := func(who string) []alipay.RoyaltyReceiver {
		return []alipay.RoyaltyReceiver{{Type: alipay.TransInUserID, Account: who}}
	}
	bound := func(ctx context.Context, c *alipay.Client, who string) (bool, error) {
		q, err := c.TradeRoyaltyRelationBatchquery(ctx,
			alipay.TradeRoyaltyRelationBatchqueryRequest{OutRequestNo: no("RQ"), PageNum: 1, PageSize: 100})
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(q.Receivers, func(r alipay.BoundReceiver) bool { return r.Account == who }), nil
	}
	// The desk has no list of relations: a split to the receiver tells the truth, which is refused with
	// ROYALTY_RECEIVER_INVALID when it is not bound.
	received := func(w *world, who string) bool {
		err := only(w.c.TradeOrderSettle(w.Context(), w.split(w.settled(), who, 1)))
		if err != nil && !alipay.IsRefused(err, "ROYALTY_RECEIVER_INVALID") {
			w.Fatal(err)
		}
		return err == nil
	}
	relation := func(method string, binds bool,
		do func(ctx context.Context, c *alipay.Client, list []alipay.RoyaltyReceiver) error) table {
		refused := func(r ...alipay.RoyaltyReceiver) func(w *world) error {
			return func(w *world) error { return do(w.Context(), w.c, r) }
		}
		t := table{method: method, ready: func(w *world) *act {
			who := w.account(nil)
			if !binds {
				w.bind(who)
			}
			return &act{
				call: func(ctx context.Context, c *alipay.Client) error { return do(ctx, c, one(who)) },
				effects: func() int {
					if received(w, who) == binds {
						return 1
					}
					return 0
				},
				ask: func(ctx context.Context, c *alipay.Client, happened bool) string {
					got, err := bound(ctx, c, who)
					if err != nil || got != (happened == binds) {
						return "wrong" + problem(err)
					}
					return ""
				},
			}
		}, refusals: []refusal{
			{"USER_NOT_EXIST", refused(one(nobody)...)},
			{"INVALID_RECEIVER_TYPE", refused(alipay.RoyaltyReceiver{Type: "card", Account: "1"})},
			{"RECEIVER_LIST_EMPTY", func(w *world) error {
				return only(w.raw(method, obj{"out_request_no": no("RB"), "receiver_list": []obj{}}))
			}},
			{"RECEIVER_LIST_OVERLOAD", func(w *world) error {
				return only(w.raw(method,
					obj{"out_request_no": no("RB"),
						"receiver_list": slices.Repeat([]obj{{"type": "userId", "account": receiver}}, 21)}))
			}},
			{"PRODUCT_UNSIGN", func(w *world) error {
				w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"face_to_face"}})
				return do(w.Context(), w.c, one(receiver))
			}},
		}}
		if !binds {
			t.refusals = append(t.refusals, refusal{"INVALID_PARAMETER", func(w *world) error {
				return only(w.raw(method, obj{"out_request_no": no("RB"), "receiver_list": []obj{{"type": "userId"}}}))
			}})
		} else {
			t.refusals = append(t.refusals,
				refusal{"USERNAME_NOT_MATCH",
					refused(alipay.RoyaltyReceiver{Type: alipay.TransInLoginName, Account: "receiver@simulator.example",
						Name: "别人"})},
				refusal{"INVALID_PARAMETER",
					refused(alipay.RoyaltyReceiver{Type: alipay.TransInLoginName,
						Account: "receiver@simulator.example"})},
				refusal{"RECEIVER_ACCOUNT_NOT_CERTIFY", refused(one(uncertified)...)},
				refusal{"RECEIVER_ACCOUNT_NO_BALANCE", refused(one(balanceless)...)},
				refusal{"RECEIVER_ACCOUNT_STATE_INVALID", refused(one(abnormal)...)})
		}
		return t
	}
	unsigned := func(ask func(w *world) error) refusal {
		return refusal{"PRODUCT_UNSIGN", func(w *world) error {
			w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"face_to_face"}})
			return ask(w)
		}}
	}
	list := func(w *world) error {
		return only(w.c.TradeRoyaltyRelationBatchquery(w.Context(),
			alipay.TradeRoyaltyRelationBatchqueryRequest{OutRequestNo: no("RQ"), PageNum: 1, PageSize: 20}))
	}
	rate := func(w *world) error {
		return only(w.c.TradeRoyaltyRateQuery(w.Context(), alipay.TradeRoyaltyRateQueryRequest{OutRequestNo: no("RQ")}))
	}
	return []table{
		relation("alipay.trade.royalty.relation.bind", true,
			func(ctx context.Context, c *alipay.Client, list []alipay.RoyaltyReceiver) error {
				return only(c.TradeRoyaltyRelationBind(ctx,
					alipay.TradeRoyaltyRelationBindRequest{OutRequestNo: no("RB"), Receivers: list}))
			}),
		relation("alipay.trade.royalty.relation.unbind", false,
			func(ctx context.Context, c *alipay.Client, list []alipay.RoyaltyReceiver) error {
				return only(c.TradeRoyaltyRelationUnbind(ctx,
					alipay.TradeRoyaltyRelationUnbindRequest{OutRequestNo: no("RB"), Receivers: list}))
			}),
		{method: "alipay.trade.royalty.relation.batchquery", ready: func(w *world) *act {
			w.bind(receiver)
			return &act{call: func(ctx context.Context, c *alipay.Client) error {
				found, err := bound(ctx, c, receiver)
				if err == nil && !found {
					w.Error("the receiver is not in the list")
				}
				return err
			}}
		}, refusals: []refusal{unsigned(list)}},
		{method: "alipay.trade.royalty.rate.query", ready: func(w *world) *act {
			return &act{call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
				q, err := c.TradeRoyaltyRateQuery(ctx, alipay.TradeRoyaltyRateQueryRequest{OutRequestNo: no("RQ")})
				if err == nil && (q.MaxRatio != 30 || !strings.HasPrefix(q.UserID, "2088")) {
					w.Errorf("rate: %+v", q)
				}
				return q, err
			})}
		}, refusals: []refusal{unsigned(rate)}},
	}
}
