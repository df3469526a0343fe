package contract

import (
	"context"
	"net/http"
	"strings"
	"time"

	"zhitong/alipay"
)

// asTrade is what trade.query says of an order: "" when there is no trade.
func asTrade(ctx context.Context, c *alipay.Client, out string) (alipay.TradeStatus, error) {
	q, err := c.TradeQuery(ctx, alipay.TradeQueryRequest{OutTradeNo: out})
	if alipay.IsRefused(err, "TRADE_NOT_EXIST") {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return q.TradeStatus, nil
}

// tells makes an ask of trade.query: the status when it happened, and when it did not.
func tells(out string, happened, not alipay.TradeStatus) func(context.Context, *alipay.Client, bool) string {
	return func(ctx context.Context, c *alipay.Client, yes bool) string {
		got, err := asTrade(ctx, c, out)
		want := not
		if yes {
			want = happened
		}
		if err != nil || got != want {
			return string("says "+got+", want "+want) + problem(err)
		}
		return ""
	}
}

func problem(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

// inState counts 1 when the desk has the trade in that state.
func (w *world) inState(id string, states ...string) func() int {
	return func() int {
		t := w.trade(id)
		for _, s := range states {
			if t != nil && text(t, "trade_status") == s {
				return 1
			}
		}
		return 0
	}
}

func pre(change func(w *world, r *alipay.TradePrecreateRequest)) func(w *world) error {
	return func(w *world) error {
		r := w.precreate()
		if change != nil {
			change(w, &r)
		}
		return only(w.c.TradePrecreate(w.Context(), r))
	}
}

func long(n int) string { return strings.Repeat("1", n) }

// foreign is a secondary merchant of another platform.
func (w *world) foreign() string {
	w.Helper()
	return open(w.TB, nil).smid
}

func (w *world) merchantAs(status string) string {
	w.Helper()
	smid := w.merchant(nil)
	w.desk("PATCH", "/merchants/"+smid, obj{"status": status})
	return smid
}

func tradeTables() []table {
	type P = alipay.TradePrecreateRequest
	return []table{
		{method: "alipay.trade.precreate", ready: func(w *world) *act {
			r := w.precreate()
			return &act{
				call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
					return c.TradePrecreate(ctx, r)
				}),
				effects: w.inState(r.OutTradeNo, "ASKED"),
				ask:     tells(r.OutTradeNo, "", ""), // a code that nobody scanned makes no trade
			}
		}, refusals: []refusal{
			{"ACQ.INVALID_PARAMETER", pre(func(_ *world, r *P) { r.Subject = "a/b" })},
			{"ACQ.ACCESS_FORBIDDEN", pre(func(_ *world, r *P) { r.ProductCode = alipay.ProductWap })},
			{"ACQ.EXIST_FORBIDDEN_WORD", pre(func(_ *world, r *P) { r.Subject = "违禁词" })},
			{"ACQ.TOTAL_FEE_EXCEED", func(w *world) error {
				return only(w.raw("alipay.trade.precreate", w.rawOrder("100000000.01", nil)))
			}}, // the client does not send it
			{"ACQ.CONTEXT_INCONSISTENT", func(w *world) error {
				r := w.precreate()
				w.done(w.c.TradePrecreate(w.Context(), r))
				w.desk("POST", "/trades/"+r.OutTradeNo+"/scan", nil) // before it there is no trade
				r.Subject = "别的"
				return only(w.c.TradePrecreate(w.Context(), r))
			}},
			{"ACQ.TRADE_HAS_SUCCESS", func(w *world) error {
				r := w.precreate()
				w.done(w.c.TradePrecreate(w.Context(), r))
				w.desk("POST", "/trades/"+r.OutTradeNo+"/pay", obj{})
				return only(w.c.TradePrecreate(w.Context(), r))
			}},
			{"ACQ.TRADE_HAS_CLOSE", func(w *world) error {
				r := w.precreate()
				w.done(w.c.TradePrecreate(w.Context(), r))
				w.desk("POST", "/trades/"+r.OutTradeNo+"/scan", nil)
				w.done(w.c.TradeClose(w.Context(), alipay.TradeCloseRequest{OutTradeNo: r.OutTradeNo}))
				return only(w.c.TradePrecreate(w.Context(), r))
			}},
			{"ACQ.BUYER_NOT_EXIST", pre(func(_ *world, r *P) { r.BuyerLogonID = "nobody@example.cn" })},
			{"ACQ.BUYER_ENABLE_STATUS_FORBID", pre(func(w *world, r *P) {
				a := w.account(obj{"kind": "buyer", "logon_id": no("b") + "@example.cn"})
				w.desk("PATCH", "/accounts/"+a, obj{"blocked": true})
				r.BuyerLogonID = text(w.desk("GET", "/accounts/"+a, nil), "logon_id")
			})},
			{"ACQ.BUYER_SELLER_EQUAL", pre(func(w *world, r *P) {
				r.BuyerLogonID = text(w.desk("GET", "/accounts/"+w.pid, nil), "logon_id")
			})},
			{"ACQ.TRADE_BUYER_NOT_MATCH", func(w *world) error {
				r := w.precreate()
				r.BuyerLogonID = "buyer@simulator.example"
				w.done(w.c.TradePrecreate(w.Context(), r))
				w.desk("POST", "/trades/"+r.OutTradeNo+"/scan", nil)
				r.BuyerLogonID = "buyer2@simulator.example"
				return only(w.c.TradePrecreate(w.Context(), r))
			}},
			{"ACQ.APPLY_PC_MERCHANT_CODE_ERROR", func(w *world) error {
				w.settings(obj{"refuse_precreate_twice": true})
				r := w.precreate()
				w.done(w.c.TradePrecreate(w.Context(), r))
				return only(w.c.TradePrecreate(w.Context(), r))
			}},
			{"ACQ.SECONDARY_MERCHANT_STATUS_ERROR", pre(func(w *world, r *P) {
				r.SubMerchant.MerchantID = w.merchantAs("closed")
			})},
			{"ACQ.SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT", pre(func(w *world, r *P) {
				r.SubMerchant.MerchantID = w.merchantAs("punished")
			})},
			{"ACQ.SECONDARY_MERCHANT_ID_INVALID", pre(func(_ *world, r *P) {
				r.SubMerchant.MerchantID = "2088000000009999"
			})},
			{"ACQ.SECONDARY_MERCHANT_NOT_MATCH", pre(func(w *world, r *P) { r.SubMerchant.MerchantID = w.foreign() })},
			{"ACQ.SECONDARY_MERCHANT_ID_BLANK", pre(func(_ *world, r *P) { r.SubMerchant = nil })},
			{"ACQ.SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID", pre(func(_ *world, r *P) {
				r.SettleInfo.Details[0] = alipay.SettleDetail{TransInType: alipay.TransInUserID, TransIn: buyer,
					Amount: price}
			})},
			{"ACQ.DEFAULT_SETTLE_RULE_NOT_EXIST", pre(func(w *world, r *P) {
				r.SubMerchant.MerchantID = w.merchant(obj{"no_default_rule": true})
			})},
			{"ACQ.TRADE_SETTLE_ERROR", pre(func(_ *world, r *P) { r.SettleInfo = nil })},
			{"ACQ.INVALID_RECEIVE_ACCOUNT", pre(func(_ *world, r *P) { r.SellerID = "2088999999999999" })},
			{"ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", pre(func(_ *world, r *P) {
				r.TimeExpire = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
			})},
			{"ACQ.SUB_GOODS_SIZE_MAX_COUNT", func(w *world) error { // the client does not send 151
				return only(w.raw("alipay.trade.precreate",
					w.rawOrder("10.00", obj{"goods_detail": goodsOnTheWire(151)})))
			}},
			{"ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", func(w *world) error {
				w.settings(obj{"single_max_fen": price - 1})
				return pre(nil)(w)
			}},
			{"ACQ.RISK_MERCHANT_IP_NOT_EXIST", func(w *world) error {
				w.settings(obj{"require_ip": true})
				return pre(nil)(w)
			}},
			{"isv.insufficient-isv-permissions", func(w *world) error {
				w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"zft"}})
				return pre(nil)(w)
			}},
			{alipay.SubCodeInvalidRequest, pre(func(_ *world, r *P) { r.OutTradeNo = long(65) })},
		}},
		{method: "alipay.trade.query", ready: func(w *world) *act {
			out, _ := w.scanned()
			return &act{call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
				q, err := c.TradeQuery(ctx, alipay.TradeQueryRequest{OutTradeNo: out})
				if err == nil && (q.TradeStatus != alipay.TradeWaitBuyerPay || q.TotalAmount != price) {
					w.Errorf("trade: %+v", q)
				}
				return q, err
			})}
		}, refusals: []refusal{
			{"ACQ.TRADE_NOT_EXIST", func(w *world) error {
				return only(w.c.TradeQuery(w.Context(), alipay.TradeQueryRequest{OutTradeNo: no("T")}))
			}},
			{"ACQ.INVALID_PARAMETER", func(w *world) error { return only(w.raw("alipay.trade.query", obj{})) }},
		}},
		{method: "alipay.trade.close", again: "ACQ.TRADE_STATUS_ERROR", ready: func(w *world) *act {
			out, _ := w.scanned()
			return &act{
				call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
					return c.TradeClose(ctx, alipay.TradeCloseRequest{OutTradeNo: out})
				}),
				effects: w.inState(out, "TRADE_CLOSED"), ask: tells(out, alipay.TradeClosed, alipay.TradeWaitBuyerPay),
			}
		}, refusals: []refusal{
			{"ACQ.TRADE_NOT_EXIST", func(w *world) error {
				return only(w.c.TradeClose(w.Context(), alipay.TradeCloseRequest{OutTradeNo: w.ordered()}))
			}},
			{"ACQ.TRADE_STATUS_ERROR", func(w *world) error {
				out, _ := w.scanned()
				w.done(w.c.TradeClose(w.Context(), alipay.TradeCloseRequest{OutTradeNo: out}))
				return only(w.c.TradeClose(w.Context(), alipay.TradeCloseRequest{OutTradeNo: out}))
			}},
			{"ACQ.REASON_TRADE_STATUS_INVALID", func(w *world) error {
				return only(w.c.TradeClose(w.Context(), alipay.TradeCloseRequest{TradeNo: w.paid()}))
			}},
			{"ACQ.INVALID_PARAMETER", func(w *world) error { return only(w.raw("alipay.trade.close", obj{})) }},
		}},
		{method: "alipay.trade.cancel", ready: func(w *world) *act {
			trade := w.paid()
			out := text(w.trade(trade), "out_trade_no")
			return &act{
				call: call(func(ctx context.Context, c *alipay.Client) (any, error) {
					r, err := c.TradeCancel(ctx, alipay.TradeCancelRequest{OutTradeNo: out})
					if err == nil && r.Action != "refund" {
						w.Errorf("action: %+v", r)
					}
					return r, err
				}),
				effects: func() int { return int(fen(w.trade(trade), "refunded_fen") / int64(price)) },
				ask:     tells(out, alipay.TradeClosed, alipay.TradeSuccess),
			}
		}, refusals: []refusal{
			{"ACQ.TRADE_HAS_FINISHED", func(w *world) error { return w.later(366*24*time.Hour, cancelOld) }},
			{"ACQ.TRADE_CANCEL_TIME_OUT", func(w *world) error { return w.later(25*time.Hour, cancelOld) }},
			{"ACQ.CANCEL_NOT_ALLOWED", func(w *world) error {
				return only(w.c.TradeCancel(w.Context(), alipay.TradeCancelRequest{TradeNo: w.settled()}))
			}},
			{"ACQ.INVALID_PARAMETER", func(w *world) error { return only(w.raw("alipay.trade.cancel", obj{})) }},
			{"ACQ.SELLER_BALANCE_NOT_ENOUGH",
				func(w *world) error { // a platform that sells for itself and has spent the money
					w.desk("PATCH", "/apps/"+w.app, obj{"products": []string{"face_to_face"}})
					trade := w.plain()
					w.desk("PATCH", "/accounts/"+w.pid,
						obj{"top_up_fen": -fen(w.desk("GET", "/accounts/"+w.pid, nil), "balance_fen")})
					return cancelOld(w, trade)
				}},
		}},
		pageTable("alipay.trade.page.pay", func(w *world, out string) (string, error) {
			return w.c.TradePagePay(w.Context(),
				alipay.TradePagePayRequest{OutTradeNo: out, TotalAmount: price, Subject: "点卡",
					ProductCode: alipay.ProductPage, SubMerchant: w.sub(),
					SettleInfo: alipay.DefaultSettle(price, "")})
		}),
		pageTable("alipay.trade.wap.pay", func(w *world, out string) (string, error) {
			return w.c.TradeWapPay(w.Context(),
				alipay.TradeWapPayRequest{OutTradeNo: out, TotalAmount: price, Subject: "点卡",
					ProductCode: alipay.ProductWap, SubMerchant: w.sub(),
					SettleInfo: alipay.DefaultSettle(price, "")})
		}),
		pageTable("alipay.trade.app.pay", func(w *world, out string) (string, error) {
			return w.c.TradeAppPay(w.Context(),
				alipay.TradeAppPayRequest{OutTradeNo: out, TotalAmount: price, Subject: "点卡",
					ProductCode: alipay.ProductApp, SubMerchant: w.sub(),
					SettleInfo: alipay.DefaultSettle(price, "")})
		}),
	}
}

// pageTable is a method that makes an address or a text: whoever opens it at the gateway has a trade to pay, once.
func pageTable(method string, build func(w *world, out string) (string, error)) table {
	return table{method: method, ready: func(w *world) *act {
		out := no("T")
		return &act{
			call: func(context.Context, *alipay.Client) error {
				made, err := build(w, out)
				if err != nil {
					return err
				}
				w.browse(made)
				return nil
			},
			effects: w.inState(out, "WAIT_BUYER_PAY"), ask: tells(out, alipay.TradeWaitBuyerPay, ""),
		}
	}, refusals: []refusal{
		{alipay.SubCodeInvalidRequest, func(w *world) error { return only(build(w, "a b")) }},
	}}
}

// browse opens what a page or app method made, as a browser or the app does, and wants a page.
func (w *world) browse(made string) string {
	w.Helper()
	if !strings.HasPrefix(made, "http") {
		made = text(w.body, "gateway_url") + "?" + made
	}
	req, err := http.NewRequestWithContext(w.Context(), http.MethodGet, made, nil)
	if err != nil {
		w.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		w.Fatalf("%s: HTTP %d", made, resp.StatusCode)
	}
	return resp.Request.URL.Path
}

// plain is a paid trade of the platform itself, without a secondary merchant.
func (w *world) plain() string {
	w.Helper()
	r := alipay.TradePrecreateRequest{OutTradeNo: no("T"), TotalAmount: price, Subject: "点卡"}
	w.done(w.c.TradePrecreate(w.Context(), r))
	return text(w.desk("POST", "/trades/"+r.OutTradeNo+"/pay", obj{}), "trade_no")
}

// cancelOld cancels a trade that was paid before the clock moved.
func cancelOld(w *world, trade string) error {
	return only(w.c.TradeCancel(w.Context(), alipay.TradeCancelRequest{TradeNo: trade}))
}

// later is a world of its own: a trade is paid, time passes, then do runs.
func (w *world) later(d time.Duration, do func(w *world, trade string) error) error {
	w.Helper()
	own := openOwn(w.TB, nil)
	trade := own.paid()
	own.desk("POST", "/clock", obj{"advance_seconds": d.Seconds()})
	return do(own, trade)
}
