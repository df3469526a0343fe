package contract

import (
	"context"
	"fmt"

	"zhitong/alipay"
)

func (w *world) pay(code string) alipay.TradePayRequest {
	return alipay.TradePayRequest{OutTradeNo: no("T"), TotalAmount: price, Subject: "点卡", AuthCode: code,
		Scene: "bar_code", SubMerchant: w.sub(), SettleInfo: alipay.DefaultSettle(price, "")}
}

func paying(code string, change func(w *world, r *alipay.TradePayRequest)) func(w *world) error {
	return func(w *world) error {
		r := w.pay(code)
		if change != nil {
			change(w, &r)
		}
		return only(w.c.TradePay(w.Context(), r))
	}
}

func creating(change func(w *world, r *alipay.TradeCreateRequest)) func(w *world) error {
	return func(w *world) error {
		r := w.create()
		change(w, &r)
		return only(w.c.TradeCreate(w.Context(), r))
	}
}

// createdThen creates a trade, lets do at it, and creates again with what change makes of the request.
func createdThen(do func(w *world, out string),
	change func(w *world, r *alipay.TradeCreateRequest)) func(w *world) error {
	return func(w *world) error {
		r := w.create()
		w.done(w.c.TradeCreate(w.Context(), r))
		if do != nil {
			do(w, r.OutTradeNo)
		}
		if change != nil {
			change(w, &r)
		}
		return only(w.c.TradeCreate(w.Context(), r))
	}
}

// rawOrdering is an order that the typed client does not send.
func rawOrdering(method string, more obj) func(w *world) error {
	return func(w *world) error { return only(w.raw(method, w.rawOrder("10.00", more))) }
}

const goodCode = "2812345678901234"

func payTables() []table {
	type C = alipay.TradeCreateRequest
	type P = alipay.TradePayRequest
	payDesk := func(w *world, out string) { w.desk("POST", "/trades/"+out+"/pay", obj{}) }
	closeIt := func(w *world, out string) {
		w.done(w.c.TradeClose(w.Context(), alipay.TradeCloseRequest{OutTradeNo: out}))
	}
	return []table{
		{method: "alipay.trade.create", ready: func(w *world) *act {
			r := w.create()
			return &act{
				call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
					return c.TradeCreate(ctx, r)
				}),
				effects: w.inState(r.OutTradeNo, "WAIT_BUYER_PAY"),
				ask:     tells(r.OutTradeNo, alipay.TradeWaitBuyerPay, ""),
			}
		}, refusals: []refusal{
			{"ACQ.INVALID_PARAMETER", creating(func(_ *world, r *C) { r.Subject = "a=b" })},
			{"ACQ.ACCESS_FORBIDDEN", creating(func(_ *world, r *C) { r.ProductCode = alipay.ProductWap })},
			{"ACQ.EXIST_FORBIDDEN_WORD", creating(func(_ *world, r *C) { r.Subject = "违禁词" })},
			{"ACQ.TOTAL_FEE_EXCEED", func(w *world) error {
				return only(w.raw("alipay.trade.create", w.rawOrder("100000000.01", obj{"buyer_id": buyer})))
			}}, // the client does not send it
			{"ACQ.CONTEXT_INCONSISTENT", createdThen(nil, func(_ *world, r *C) { r.Subject = "别的" })},
			{"ACQ.TRADE_HAS_SUCCESS", createdThen(payDesk, nil)},
			{"ACQ.TRADE_HAS_CLOSE", createdThen(closeIt, nil)},
			{"ACQ.TRADE_BUYER_NOT_MATCH", createdThen(nil, func(_ *world, r *C) { r.BuyerID = otherBuyer })},
			{"ACQ.BUYER_SELLER_EQUAL", creating(func(w *world, r *C) { r.BuyerID = w.pid })},
			{"ACQ.BUYER_NOT_EXIST", creating(func(_ *world, r *C) { r.BuyerID = nobody })},
			{"ACQ.BUYER_ENABLE_STATUS_FORBID", creating(func(_ *world, r *C) { r.BuyerID = blocked })},
			{"ACQ.SUB_MERCHANT_TYPE_INVALID", creating(func(_ *world, r *C) { r.SubMerchant.MerchantType = "bank" })},
			{"ACQ.PLATFORM_BUSINESS_ACQUIRE_MODE_MUST_MERCHANT_ID", creating(func(_ *world, r *C) {
				r.SubMerchant = nil
			})},
			{"ACQ.SECONDARY_MERCHANT_STATUS_ERROR", creating(func(w *world, r *C) {
				r.SubMerchant.MerchantID = w.merchantAs("closed")
			})},
			{"ACQ.SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT", creating(func(w *world, r *C) {
				r.SubMerchant.MerchantID = w.merchantAs("punished")
			})},
			{"ACQ.SECONDARY_MERCHANT_ID_INVALID", creating(func(_ *world, r *C) {
				r.SubMerchant.MerchantID = "2088000000009999"
			})},
			{"ACQ.SECONDARY_MERCHANT_NOT_MATCH", creating(func(w *world, r *C) {
				r.SubMerchant.MerchantID = w.foreign()
			})},
			{"ACQ.SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID", creating(func(_ *world, r *C) {
				r.SettleInfo.Details[0] = alipay.SettleDetail{TransInType: alipay.TransInUserID, TransIn: buyer,
					Amount: price}
			})},
			{"ACQ.SECONDARY_MERCHANT_CARD_ALIAS_NO_INVALID", creating(func(_ *world, r *C) {
				r.SettleInfo.Details[0] = alipay.SettleDetail{TransInType: alipay.TransInCardAlias, TransIn: "abc",
					Amount: price}
			})},
			{"ACQ.DEFAULT_SETTLE_RULE_NOT_EXIST", creating(func(w *world, r *C) {
				r.SubMerchant.MerchantID = w.merchant(obj{"no_default_rule": true})
			})},
			{"ACQ.TRADE_SETTLE_ERROR", creating(func(_ *world, r *C) {
				r.SettleInfo = alipay.DefaultSettle(price-1, "")
			})},
			{"ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", func(w *world) error {
				w.settings(obj{"single_max_fen": price - 1})
				return only(w.c.TradeCreate(w.Context(), w.create()))
			}},
			{"ACQ.RISK_MERCHANT_IP_NOT_EXIST", func(w *world) error {
				w.settings(obj{"require_ip": true})
				return only(w.c.TradeCreate(w.Context(), w.create()))
			}},
			{"ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", creating(func(_ *world, r *C) { r.TimeExpire = longAgo() })},
			{"ACQ.SECONDARY_MERCHANT_ID_BLANK",
				rawOrdering("alipay.trade.create", obj{"buyer_id": buyer, "sub_merchant": obj{}})},
			{"ACQ.INVALID_RECEIVE_ACCOUNT",
				rawOrdering("alipay.trade.create", obj{"buyer_id": buyer, "seller_id": nobody})},
			{"ACQ.SUB_GOODS_SIZE_MAX_COUNT",
				rawOrdering("alipay.trade.create", obj{"buyer_id": buyer, "goods_detail": goodsOnTheWire(151)})},
		}},
		{method: "alipay.trade.pay", again: "ACQ.TRADE_HAS_SUCCESS", amount: true, ready: func(w *world) *act {
			r := w.pay(goodCode)
			return &act{
				call:    call(func(ctx context.Context, c *alipay.Client) (any, error) { return c.TradePay(ctx, r) }),
				effects: w.inState(r.OutTradeNo, "TRADE_SUCCESS"), ask: tells(r.OutTradeNo, alipay.TradeSuccess, ""),
			}
		}, refusals: []refusal{
			{"ACQ.INVALID_PARAMETER", paying(goodCode, func(_ *world, r *P) { r.Subject = "a&b" })},
			{"ACQ.ACCESS_FORBIDDEN", paying(goodCode, func(_ *world, r *P) { r.ProductCode = alipay.ProductWap })},
			{"ACQ.EXIST_FORBIDDEN_WORD", paying(goodCode, func(_ *world, r *P) { r.Subject = "违禁词" })},
			{"ACQ.TOTAL_FEE_EXCEED", func(w *world) error {
				return only(w.raw("alipay.trade.pay",
					w.rawOrder("100000000.01", obj{"auth_code": goodCode, "scene": "bar_code"})))
			}}, // the client does not send it
			{"ACQ.PAYMENT_AUTH_CODE_INVALID", paying("2811111111110009", nil)},
			{"ACQ.BUYER_BALANCE_NOT_ENOUGH", paying("2811111111110005", nil)},
			{"ACQ.PAYMENT_REQUEST_HAS_RISK", paying("2811111111110008", nil)},
			{"unknown isp.unknow-error", paying("2811111111110006", nil)},
			{"unknown ", paying("2811111111110003", nil)}, // 10003: the buyer enters a password
			{"ACQ.TRADE_HAS_SUCCESS", func(w *world) error {
				r := w.pay(goodCode)
				w.done(w.c.TradePay(w.Context(), r))
				return only(w.c.TradePay(w.Context(), r))
			}},
			{"ACQ.TRADE_HAS_CLOSE", func(w *world) error {
				r := w.pay(goodCode)
				w.done(w.c.TradePay(w.Context(), r))
				w.done(w.c.TradeCancel(w.Context(), alipay.TradeCancelRequest{OutTradeNo: r.OutTradeNo}))
				return only(w.c.TradePay(w.Context(), r))
			}},
			{"ACQ.CONTEXT_INCONSISTENT", func(w *world) error {
				r := w.pay("2811111111110005") // refused for want of money, the trade stays open
				if err := only(w.c.TradePay(w.Context(), r)); !alipay.IsRefused(err, "BUYER_BALANCE_NOT_ENOUGH") {
					return fmt.Errorf("the first payment: %w", err)
				}
				r.Subject = "别的"
				return only(w.c.TradePay(w.Context(), r))
			}},
			{"ACQ.SECONDARY_MERCHANT_STATUS_ERROR", paying(goodCode, func(w *world, r *P) {
				r.SubMerchant.MerchantID = w.merchantAs("closed")
			})},
			{"ACQ.SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT", paying(goodCode, func(w *world, r *P) {
				r.SubMerchant.MerchantID = w.merchantAs("punished")
			})},
			{"ACQ.SECONDARY_MERCHANT_ID_INVALID", paying(goodCode, func(_ *world, r *P) {
				r.SubMerchant.MerchantID = "2088000000009999"
			})},
			{"ACQ.SECONDARY_MERCHANT_NOT_MATCH", paying(goodCode, func(w *world, r *P) {
				r.SubMerchant.MerchantID = w.foreign()
			})},
			{"ACQ.PLATFORM_BUSINESS_ACQUIRE_MODE_MUST_MERCHANT_ID", paying(goodCode, func(_ *world, r *P) {
				r.SubMerchant = nil
			})},
			{"ACQ.TRADE_SETTLE_ERROR", paying(goodCode, func(_ *world, r *P) { r.SettleInfo = nil })},
			{"ACQ.SUB_MERCHANT_TYPE_INVALID", paying(goodCode, func(_ *world, r *P) {
				r.SubMerchant.MerchantType = "bank"
			})},
			{"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", paying(goodCode, func(_ *world, r *P) {
				r.DisablePayChannels = "balance"
			})},
			{"ACQ.SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID", paying(goodCode, func(_ *world, r *P) {
				r.SettleInfo.Details[0] = alipay.SettleDetail{TransInType: alipay.TransInUserID, TransIn: buyer,
					Amount: price}
			})},
			{"ACQ.SECONDARY_MERCHANT_ID_BLANK",
				rawOrdering("alipay.trade.pay",
					obj{"auth_code": goodCode, "scene": "bar_code", "sub_merchant": obj{}})},
			{"ACQ.INVALID_RECEIVE_ACCOUNT",
				rawOrdering("alipay.trade.pay", obj{"auth_code": goodCode, "scene": "bar_code", "seller_id": nobody})},
			{"ACQ.SUB_GOODS_SIZE_MAX_COUNT",
				rawOrdering("alipay.trade.pay",
					obj{"auth_code": goodCode, "scene": "bar_code", "goods_detail": goodsOnTheWire(151)})},
			{"ACQ.AUTH_TOKEN_IS_NOT_EXIST", rawOrdering("alipay.trade.pay", obj{"scene": "bar_code"})},
			{"ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", paying(goodCode, func(_ *world, r *P) {
				r.TimeExpire = longAgo()
			})},
			{"ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", func(w *world) error {
				w.settings(obj{"single_max_fen": price - 1})
				return paying(goodCode, nil)(w)
			}},
			{"ACQ.RISK_MERCHANT_IP_NOT_EXIST", func(w *world) error {
				w.settings(obj{"require_ip": true})
				return paying(goodCode, nil)(w)
			}},
		}},
	}
}

func mergeTables() []table {
	orders := func(w *world) []alipay.MergeOrder {
		var out []alipay.MergeOrder
		for range 2 {
			out = append(out, alipay.MergeOrder{AppID: w.app, OutTradeNo: no("T"), TotalAmount: price, Subject: "点卡",
				SubMerchant: w.sub(), SettleInfo: alipay.DefaultSettle(price, "")})
		}
		return out
	}
	precreate := func(w *world) string {
		r, err := w.c.TradeMergePrecreate(w.Context(),
			alipay.TradeMergePrecreateRequest{OutMergeNo: no("M"), OrderDetails: orders(w)})
		w.done(r, err)
		return r.PreOrderNo
	}
	page := func(method string, build func(w *world) (string, error)) table {
		return table{method: method, keyless: true, ready: func(w *world) *act {
			return &act{call: func(context.Context, *alipay.Client) error {
				made, err := build(w)
				if err == nil {
					w.browse(made)
				}
				return err
			}}
		}}
	}
	return []table{
		{method: "alipay.trade.merge.precreate", ready: func(w *world) *act {
			r := alipay.TradeMergePrecreateRequest{OutMergeNo: no("M"), OrderDetails: orders(w)}
			out := r.OrderDetails[1].OutTradeNo
			return &act{
				call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
					return c.TradeMergePrecreate(ctx, r)
				}),
				effects: w.inState(out, "ASKED"), ask: tells(out, "", ""),
			}
		}, refusals: []refusal{
			{"ACQ.PARTNER_ERROR", func(w *world) error {
				r := alipay.TradeMergePrecreateRequest{OutMergeNo: no("M"), OrderDetails: orders(w)}
				r.OrderDetails[1].AppID = "9021000000000000"
				return only(w.c.TradeMergePrecreate(w.Context(), r))
			}},
			{"ACQ.SECONDARY_MERCHANT_ID_INVALID", func(w *world) error {
				r := alipay.TradeMergePrecreateRequest{OutMergeNo: no("M"), OrderDetails: orders(w)}
				r.OrderDetails[1].SubMerchant = &alipay.SubMerchant{MerchantID: "2088000000009999"}
				return only(w.c.TradeMergePrecreate(w.Context(), r))
			}},
		}},
		// What a repeat does is not documented; the simulator opens an open trade in no second payment.
		{method: "alipay.trade.merge.create", again: "ACQ.CONTEXT_INCONSISTENT", ready: func(w *world) *act {
			r := alipay.TradeMergeCreateRequest{OutMergeNo: no("M"), BuyerID: buyer, OrderDetails: orders(w)}
			out := r.OrderDetails[1].OutTradeNo
			return &act{
				call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
					return c.TradeMergeCreate(ctx, r)
				}),
				effects: w.inState(out, "WAIT_BUYER_PAY"), ask: tells(out, alipay.TradeWaitBuyerPay, ""),
			}
		}, refusals: []refusal{
			{"ACQ.BUYER_NOT_EXIST", func(w *world) error {
				return only(w.c.TradeMergeCreate(w.Context(),
					alipay.TradeMergeCreateRequest{OutMergeNo: no("M"), BuyerID: nobody, OrderDetails: orders(w)}))
			}},
		}},
		page("alipay.trade.app.merge.pay", func(w *world) (string, error) {
			return w.c.TradeAppMergePay(w.Context(), alipay.TradeMergePayRequest{PreOrderNo: precreate(w)})
		}),
		page("alipay.trade.wap.merge.pay", func(w *world) (string, error) {
			return w.c.TradeWapMergePay(w.Context(), alipay.TradeMergePayRequest{PreOrderNo: precreate(w)})
		}),
		page("alipay.trade.page.merge.pay", func(w *world) (string, error) {
			return w.c.TradePageMergePay(w.Context(),
				alipay.TradePageMergePayRequest{OutMergeNo: no("M"), OrderDetails: orders(w)})
		}),
	}
}
