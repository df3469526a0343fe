package trades

import (
	"encoding/base64"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Limits of an order (alipay.trade.create and siblings).
const (
	MaxTotal         = money.Max
	maxGoods         = 150
	maxMetadata      = 512
	qrLife           = 2 * time.Hour
	tradeLifeFace    = 3 * time.Hour // default of create, precreate, pay
	tradeLifeOnline  = 15 * 24 * time.Hour
	productFace      = "FACE_TO_FACE_PAYMENT"
	productOrderCode = "QR_CODE_OFFLINE"
)

// Kinds of orders: the method that made them.
const (
	kindPrecreate = "precreate"
	kindCreate    = "create"
	kindPay       = "pay"
	kindPage      = "page"
	kindWap       = "wap"
	kindApp       = "app"
)

// orderMethods are the methods that make orders.
func orderMethods() []gateway.Method {
	return []gateway.Method{
		{Name: "alipay.trade.precreate", Products: []string{state.ProductFaceToFace, state.ProductOrderCode},
			Prefix: "ACQ.", Handle: Precreate,
			Fields: orderFields(protocol.Field{Name: "qr_code_timeout_express", Max: 6, Form: isPeriod},
				protocol.Field{Name: "code_type"}, protocol.Field{Name: "payment_type"},
				protocol.Field{Name: "buyer_logon_id", Max: 100})},
		{Name: "alipay.trade.create", Products: []string{state.ProductFaceToFace, state.ProductJSAPI}, Prefix: "ACQ.",
			Handle: create,
			Fields: orderFields(protocol.Field{Name: "buyer_id", Max: 28},
				protocol.Field{Name: "buyer_open_id", Max: 128}, protocol.Field{Name: "buyer_logon_id", Max: 100},
				protocol.Field{Name: "op_app_id", Max: 32}, protocol.Field{Name: "op_buyer_open_id", Max: 128})},
		{Name: "alipay.trade.pay", Products: []string{state.ProductFaceToFace}, Prefix: "ACQ.", Handle: payBarcode,
			Fields: orderFields(protocol.Field{Name: "auth_code", Max: 64},
				protocol.Field{Name: "scene", Max: 32, Enum: []string{"bar_code", "security_code"}},
				protocol.Field{Name: "buyer_id", Max: 28},
				protocol.Field{Name: "terminal_params", Kind: protocol.KindAny},
				protocol.Field{Name: "is_async_pay", Kind: protocol.KindBool},
				protocol.Field{Name: "pay_params", Kind: protocol.KindAny})},
		{Name: "alipay.trade.page.pay", Products: []string{state.ProductPage}, Prefix: "ACQ.", Page: true,
			Handle: openPage(kindPage), Fields: pageFields()},
		{Name: "alipay.trade.wap.pay", Products: []string{state.ProductWap}, Prefix: "ACQ.", Page: true,
			Handle: openPage(kindWap), Fields: pageFields()},
		{Name: "alipay.trade.app.pay", Products: []string{state.ProductApp}, Prefix: "ACQ.", Page: true,
			Handle: openPage(kindApp), Fields: pageFields()},
	}
}

// newOrder checks what no field table says and builds the order; nothing is stored yet.
func newOrder(tx *state.Tx, c *gateway.Call, o protocol.Object, kind string) (*Trade, error) {
	t := &Trade{
		AppID: c.AuthApp, PID: c.PID, Out: o.Str("out_trade_no"), Kind: kind, Product: o.Str("product_code"),
		Total:   o.Fen("total_amount"),
		Subject: o.Str("subject"), Body: o.Str("body"), Pass: o.Str("passback_params"), Store: o.Str("store_id"),
		Status: StatusAsked, Asked: protocol.Millis(c.Now),
		NotifyURL: c.Params["notify_url"], ReturnURL: c.Params["return_url"], QuitURL: o.Str("quit_url"),
		Timeout: o.Str("timeout_express"),
		Enable:  o.Str("enable_pay_channels"), Disable: o.Str("disable_pay_channels"),
		Freeze: o.Obj("extend_params").Is("royalty_freeze"),
	}
	if c.App.AppID != c.AuthApp {
		t.Via = c.App.AppID
	}
	if o.Str("goods_type") == "0" {
		t.Goods = 1
	}
	for _, f := range []orderCheck{checkAmounts, checkTexts, checkProduct, checkTimes, checkSeller, checkBuyer} {
		if err := f(tx, c, o, t); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// sameOrder compares a repeated order with the first; nil means it may be used again.
func sameOrder(old, t *Trade) error {
	switch {
	case old.Status == StatusSuccess || old.Status == StatusFinished:
		return protocol.ACQ("TRADE_HAS_SUCCESS", "交易已被支付")
	case old.Status == StatusClosed:
		return protocol.ACQ("TRADE_HAS_CLOSE", "交易已经关闭")
	case old.SMID != t.SMID:
		return protocol.ACQ("SECONDARY_MERCHANT_NOT_MATCH", "二级商户信息不匹配")
	case old.Wanted != t.Wanted && old.Wanted != "" && t.Wanted != "":
		return protocol.ACQ("TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
	case old.Total != t.Total || old.Subject != t.Subject || old.Kind != t.Kind || old.Product != t.Product ||
		old.AppID != t.AppID ||
		old.SettleType != t.SettleType || old.SettleTo != t.SettleTo || old.Period != t.Period:
		return protocol.ACQ("CONTEXT_INCONSISTENT", "订单信息不一致")
	}
	return nil
}

// place stores a new order or finds the same one again.
func place(tx *state.Tx, t *Trade) (kept *Trade, repeated bool, err error) {
	old, err := ByOut(tx, t.PID, t.Out)
	if err != nil {
		return nil, false, err
	}
	if old == nil {
		return t, false, addTrade(tx, t)
	}
	err = sameOrder(old, t)
	if err != nil && old.Status == StatusAsked {
		// Nobody has opened it, so there is no trade at Alipay yet, and its number may be used for something else
		// (developer.aliyun.com/article/707511).
		t.Seq = old.Seq
		return t, false, Put(tx, t)
	}
	if err != nil {
		return nil, false, err
	}
	return old, true, nil
}

type precreateAnswer struct {
	OutTradeNo string `json:"out_trade_no"`
	QRCode     string `json:"qr_code"`
	ShareCode  string `json:"share_code,omitempty"`
}

// Precreate is alipay.trade.precreate: a code to show; the trade begins when a buyer scans it.
func Precreate(c *gateway.Call) (any, error) {
	var t *Trade
	err := c.Update(func(tx *state.Tx) error {
		want, err := newOrder(tx, c, c.Biz, kindPrecreate)
		if err != nil {
			return err
		}
		var repeated bool
		if t, repeated, err = place(tx, want); err != nil || !repeated {
			return err
		}
		if c.Owner().Settings.RefusePrecreateTwice {
			return protocol.ACQ("APPLY_PC_MERCHANT_CODE_ERROR", "二维码已申请，请勿重复申请")
		}
		t.CodeEnd, t.NotifyURL = want.CodeEnd, want.NotifyURL
		if t.Status == StatusAsked {
			t.Asked = want.Asked
		}
		return Put(tx, t)
	})
	if err != nil {
		return nil, err
	}
	a := precreateAnswer{OutTradeNo: t.Out, QRCode: c.State.BaseURL(c.HTTP) + "/cashier/" + CashierToken(c.State, t)}
	if c.Biz.Str("code_type") == "share_code" {
		a.ShareCode = "￥" + base64.RawURLEncoding.EncodeToString([]byte(CashierToken(c.State, t)))[:11] + "￥"
	}
	return a, nil
}

type tradeIDs struct {
	OutTradeNo string `json:"out_trade_no"`
	TradeNo    string `json:"trade_no"`
}

// create is alipay.trade.create: the trade begins at once, for a named buyer.
func create(c *gateway.Call) (any, error) {
	var t *Trade
	err := c.Update(func(tx *state.Tx) error {
		want, err := newOrder(tx, c, c.Biz, kindCreate)
		if err != nil {
			return err
		}
		var repeated bool
		if t, repeated, err = place(tx, want); err != nil || repeated {
			return err
		}
		return Begin(tx, t)
	})
	if err != nil {
		return nil, err
	}
	return tradeIDs{t.Out, t.TradeNo()}, nil
}

// Begin turns an order into a trade: a buyer opened it. An open trade stays as it is; codes and orders that ran out
// refuse.
func Begin(tx *state.Tx, t *Trade) error {
	if t.Status != StatusAsked {
		return nil
	}
	if (t.CodeEnd > 0 && protocol.Millis(tx.Now) >= t.CodeEnd) || (t.EndAt > 0 && protocol.Millis(tx.Now) >= t.EndAt) {
		return protocol.ACQ("NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "当前时间已超过允许支付的时间")
	}
	t.Status, t.Created = StatusWait, protocol.Millis(tx.Now)
	from := tx.Now
	life := tradeLifeOnline
	switch t.Kind {
	case kindPrecreate:
		from, life = protocol.FromMillis(t.Asked), tradeLifeFace
	case kindCreate, kindPay:
		life = tradeLifeFace
	}
	t.Expires = protocol.Millis(from.Add(life))
	if at := parsePeriod(t.Timeout, from); !at.IsZero() {
		t.Expires = protocol.Millis(at)
	}
	if t.EndAt > 0 {
		t.Expires = t.EndAt
	}
	t.CodeEnd, t.Timeout, t.EndAt = 0, "", 0 // done their work
	if t.Expires <= t.Created {
		return protocol.ACQ("NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "当前时间已超过允许支付的时间")
	}
	if err := state.AddTimer(tx, t.Expires, timerExpire, state.Key(t.Seq)); err != nil {
		return err
	}
	return Put(tx, t)
}

// expireTrade closes a trade nobody paid in time.
func expireTrade(tx *state.Tx, seq uint64) error {
	t, err := Get(tx, seq)
	if err != nil || t == nil || t.Status != StatusWait {
		return err
	}
	return Close(tx, t)
}
