package contract

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/alipay"
	"zhitong/internal/money"
)

// mailbox is a notify_url and an application gateway: it keeps the raw bodies and answers "success".
type mailbox struct {
	*httptest.Server
	mu     sync.Mutex
	bodies [][]byte
}

func newMailbox(t testing.TB) *mailbox {
	b := &mailbox{}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		b.mu.Lock()
		b.bodies = append(b.bodies, body)
		b.mu.Unlock()
		_, _ = io.WriteString(w, "success")
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *mailbox) got() [][]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.bodies)
}

// inbound is one kind of notification or message: what brings it about, and whether what was read is right.
type inbound struct {
	name    string
	arrives func(w *world)
	isTrade bool
	trade   func(n *alipay.TradeNotification) bool
	message func(m *alipay.Message) bool
}

func inboundKinds() []inbound {
	notify := func(w *world, change func(r *alipay.TradePrecreateRequest)) string {
		r := w.precreate()
		r.NotifyURL = w.mail.URL
		if change != nil {
			change(&r)
		}
		w.done(w.c.TradePrecreate(w.Context(), r))
		w.desk("POST", "/trades/"+r.OutTradeNo+"/scan", nil)
		return r.OutTradeNo
	}
	advance := func(w *world, d time.Duration) { w.desk("POST", "/clock", obj{"advance_seconds": d.Seconds()}) }
	apply := func(w *world) string {
		r, err := w.c.IndirectZftCreate(w.Context(), person())
		w.done(r, err)
		return r.OrderID
	}
	return []inbound{
		{name: "trade paid", isTrade: true, arrives: func(w *world) {
			out := notify(w, func(r *alipay.TradePrecreateRequest) { r.PassbackParams = url.QueryEscape("a=1&b=二") })
			w.desk("POST", "/trades/"+out+"/pay", obj{})
		}, trade: func(n *alipay.TradeNotification) bool {
			return n.TradeStatus == alipay.TradeSuccess && n.TotalAmount == price && n.ReceiptAmount == price &&
				n.BuyerID == buyer && n.PassbackParams == url.QueryEscape("a=1&b=二") &&
				len(n.FundBillList) == 1 && n.FundBillList[0].Amount == price && !n.GmtPayment.IsZero()
		}},
		{name: "trade closed", isTrade: true, arrives: func(w *world) {
			w.settings(obj{"notify_closed": true})
			w.done(w.c.TradeClose(w.Context(), alipay.TradeCloseRequest{OutTradeNo: notify(w, nil)}))
		}, trade: func(n *alipay.TradeNotification) bool {
			return n.TradeStatus == alipay.TradeClosed && !n.GmtClose.IsZero()
		}},
		{name: "trade refunded", isTrade: true, arrives: func(w *world) {
			out := notify(w, nil)
			trade := text(w.desk("POST", "/trades/"+out+"/pay", obj{}), "trade_no")
			until(w, "the first notification", func() bool { return len(w.mail.got()) == 1 })
			w.settings(obj{"notify_refund": true})
			w.done(w.c.TradeRefund(w.Context(), w.refund(trade, 300)))
		}, trade: func(n *alipay.TradeNotification) bool {
			return n.TradeStatus == alipay.TradeSuccess && n.RefundFee == 300 && n.SendBackFee == 300 &&
				strings.HasPrefix(n.OutBizNo, "RF") && !n.GmtRefund.IsZero()
		}},
		{name: "application passed", arrives: func(w *world) {
			w.desk("POST", "/applications/"+apply(w)+"/approve", nil)
		}, message: func(m *alipay.Message) bool {
			return m.Passed != nil && len(m.Passed.SMID) == 16 && m.Passed.ExternalID != ""
		}},
		{name: "application rejected", arrives: func(w *world) {
			w.desk("POST", "/applications/"+apply(w)+"/reject", obj{"stage": "fk", "memo": "不符合"})
		}, message: func(m *alipay.Message) bool {
			return m.Rejected != nil && strings.Contains(m.Rejected.Reason, "不符合")
		}},
		{name: "split finished", arrives: func(w *world) {
			r := w.split(w.settled(), w.pid, 100)
			r.RoyaltyMode = alipay.RoyaltyAsync
			w.done(w.c.TradeOrderSettle(w.Context(), r))
			advance(w, time.Minute)
		}, message: func(m *alipay.Message) bool {
			return m.Settle != nil && m.Settle.MsgType == "ASYNC_SETTLE_RESULT" && len(m.Settle.Details) == 1 &&
				m.Settle.Details[0].State == alipay.RoyaltySuccess && m.Settle.Details[0].Amount == 100
		}},
		{name: "frozen money freed", arrives: func(w *world) {
			w.settled()
			advance(w, 31*24*time.Hour)
		}, message: func(m *alipay.Message) bool {
			return m.Settle != nil && m.Settle.MsgType == "AUTO_SETTLE_FINISH" && m.Settle.RoyaltyFinishAmount == price
		}},
		{name: "complaint changed", arrives: func(w *world) { w.complaint() }, message: func(m *alipay.Message) bool {
			return m.Complain != nil && m.Complain.ComplainEventID != ""
		}},
		{name: "transfer changed", arrives: func(w *world) {
			w.rich()
			w.settings(obj{"key_mode_transfers": true})
			if err := only(w.c.FundTransUniTransfer(w.Context(), toCard("6225000000000002"))); !alipay.IsUnknown(err) {
				w.Fatal(err)
			}
			advance(w, 601*time.Second)
		}, message: func(m *alipay.Message) bool {
			return m.FundTrans != nil && m.FundTrans.Status == alipay.TransferRefund && m.FundTrans.TransAmount == 1000
		}},
		{name: "authorisation cancelled", arrives: func(w *world) {
			tenant := w.tenant()
			w.done(w.c.OpenAuthTokenApp(w.Context(), alipay.OpenAuthTokenAppRequest{Code: w.consent(tenant)}))
			w.desk("DELETE", "/authorizations?app_id="+w.app+"&auth_app_id="+tenant.app, nil)
		}, message: func(m *alipay.Message) bool {
			return m.Method == alipay.MessageAppAuthCancelled && len(m.Content) > 2
		}},
	}
}

// TestInbound: each kind the simulator can send is read by the client.
func TestInbound(t *testing.T) {
	t.Parallel()
	for _, k := range inboundKinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			w := openOwn(t, nil)
			w.mail = newMailbox(t)
			w.desk("PATCH", "/apps/"+w.app, obj{"app_gateway_url": w.mail.URL})
			k.arrives(w)
			until(t, k.name, func() bool {
				for _, body := range w.mail.got() {
					if k.isTrade {
						n, err := w.c.ParseTradeNotification(body)
						if err != nil {
							t.Fatal(err)
						}
						if n.AppID != w.app || n.NotifyID == "" || n.SellerID != w.pid {
							t.Fatalf("not of this order: %+v", n)
						}
						if k.trade(n) {
							return true
						}
					} else {
						m, err := w.c.ParseMessage(body)
						if err != nil {
							t.Fatal(err)
						}
						if m.AppID != w.app || m.NotifyID == "" || m.SentAt.IsZero() {
							t.Fatalf("not for this application: %+v", m)
						}
						if k.message(m) {
							return true
						}
					}
				}
				return false
			})
		})
	}
}

// TestOddWays: GBK answers, GBK notifications and a header that is not well formed are on record, and are read.
func TestOddWays(t *testing.T) {
	t.Parallel()
	w := openOwn(t, nil)
	for _, fault := range []string{"gbk_answer", "notification_gbk", "notification_content_type"} {
		w.desk("POST", "/faults", obj{"kind": fault})
	}
	w.mail = newMailbox(t)
	_, err := w.c.TradeQuery(t.Context(), alipay.TradeQueryRequest{OutTradeNo: "T0"})
	if e, ok := errors.AsType[*alipay.Error](err); !ok || e.SubCode != "ACQ.TRADE_NOT_EXIST" || e.Message != "交易不存在" {
		t.Errorf("an answer in GBK: %v", err)
	}
	r := w.precreate()
	r.NotifyURL, r.Subject = w.mail.URL, "游戏点卡 龘"
	w.done(w.c.TradePrecreate(t.Context(), r))
	w.desk("POST", "/trades/"+r.OutTradeNo+"/pay", obj{})
	until(t, "the notification", func() bool { return len(w.mail.got()) > 0 })
	if n, err := w.c.ParseTradeNotification(w.mail.got()[0]); err != nil || n.Subject != r.Subject {
		t.Errorf("a notification in GBK: %+v %v", n, err)
	}
}

// TestForgeries: each of the simulator's false notifications is refused with the right error; those that are truly
// signed and lie about the order are read, and show their lie to whoever compares them with the order.
func TestForgeries(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	w.mail = newMailbox(t)
	r := w.precreate()
	r.NotifyURL = w.mail.URL
	w.done(w.c.TradePrecreate(t.Context(), r))
	w.desk("POST", "/trades/"+r.OutTradeNo+"/scan", nil)
	lies := map[string]func(n *alipay.TradeNotification) bool{
		"signed_amount":       func(n *alipay.TradeNotification) bool { return n.TotalAmount != price },
		"signed_seller_id":    func(n *alipay.TradeNotification) bool { return n.SellerID != w.pid },
		"signed_out_trade_no": func(n *alipay.TradeNotification) bool { return n.OutTradeNo != r.OutTradeNo },
		"signed_closed":       func(n *alipay.TradeNotification) bool { return n.TradeStatus == alipay.TradeClosed },
	}
	refused := map[string]error{
		"unsigned": alipay.ErrSignature, "empty_sign": alipay.ErrSignature, "foreign_key": alipay.ErrSignature,
		"rsa_downgrade":  alipay.ErrSignature,
		"altered_amount": alipay.ErrSignature, "altered_status": alipay.ErrSignature,
		"altered_out_trade_no": alipay.ErrSignature, "altered_app_id": alipay.ErrSignature,
		"altered_subject": alipay.ErrSignature, "sign_over_sign_type": alipay.ErrSignature,
		"repeated_amount": alipay.ErrMalformed, "query_amount": alipay.ErrSignature,
		"truncated_sign": alipay.ErrSignature, "extra_field": alipay.ErrSignature, "no_sign_type": alipay.ErrSignature,
		"unknown_sign_type": alipay.ErrSignature,
		"signed_app_id":     alipay.ErrForeignApp, "signed_amount_form": alipay.ErrMalformed,
		"signed_recut": alipay.ErrMalformed,
	}
	_, e := w.ask("POST", "/notifications/forge", obj{"trade": r.OutTradeNo})
	list := text(e, "message")
	ways := strings.Fields(strings.Trim(list[strings.Index(list, "["):], "[]"))
	if len(ways) != 23 || len(lies)+len(refused) != 23 {
		t.Fatalf("%d ways, %d known", len(ways), len(lies)+len(refused))
	}
	for i, way := range ways {
		w.desk("POST", "/notifications/forge", obj{"trade": r.OutTradeNo, "way": way})
		until(t, way, func() bool { return len(w.mail.got()) > i })
		n, err := w.c.ParseTradeNotification(w.mail.got()[i])
		if shows, ok := lies[way]; ok {
			if err != nil || !shows(n) {
				t.Errorf("%s: %+v %v", way, n, err)
			}
			continue
		}
		if want := refused[way]; want == nil || !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", way, err, want)
		}
	}
	if got, err := asTrade(t.Context(), w.c, r.OutTradeNo); err != nil || got != alipay.TradeWaitBuyerPay {
		t.Errorf("a forgery changed the trade: %s %v", got, err)
	}
	if f := money.Fen(fen(w.trade(r.OutTradeNo), "total_fen")); f != price {
		t.Errorf("the trade's amount: %d", f)
	}
}
