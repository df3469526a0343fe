package trades

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

const (
	kindMerge     = "merge"
	maxMergeLines = 10
	mergeLife     = 2 * time.Hour
	mergeLifeAll  = 15 * time.Minute // all-or-nothing contract (out_merge_no given)
)

// mergeOrder is one combined payment: several trades, one cashier.
type mergeOrder struct {
	No    string   `json:"no"`
	Out   string   `json:"out,omitempty"`
	PID   string   `json:"pid"`
	Seqs  []uint64 `json:"seqs"`
	EndAt int64    `json:"end"`
}

func mergeMethods() []gateway.Method {
	line := orderFields(protocol.Field{Name: "app_id", Required: true, Max: 32},
		protocol.Field{Name: "seller_logon_id", Max: 100}, protocol.Field{Name: "show_url", Max: 400})
	fields := []protocol.Field{
		{Name: "out_merge_no", Max: 64, Form: protocol.IsToken},
		{Name: "order_details", Required: true, Kind: protocol.KindArray, Max: maxMergeLines, Fields: line},
		{Name: "timeout_express", Max: 6, Form: isPeriod}, {Name: "time_expire", Kind: protocol.KindTime},
		{Name: "ext_user_info", Kind: protocol.KindAny},
	}
	create := append([]protocol.Field{{Name: "buyer_id", Max: 28}, {Name: "buyer_open_id", Max: 128},
		{Name: "op_app_id", Max: 32}}, fields...)
	number := []protocol.Field{{Name: "pre_order_no", Required: true, Max: 64}}
	return []gateway.Method{
		{Name: "alipay.trade.merge.precreate", Products: []string{state.ProductApp, state.ProductWap}, Prefix: "ACQ.",
			Fields: fields, Handle: mergePrecreate},
		{Name: "alipay.trade.merge.create", Products: []string{state.ProductJSAPI}, Prefix: "ACQ.", Fields: create,
			Handle: mergeCreate},
		{Name: "alipay.trade.app.merge.pay", Products: []string{state.ProductApp}, Prefix: "ACQ.", Page: true,
			Fields: number, Handle: mergePage},
		{Name: "alipay.trade.wap.merge.pay", Products: []string{state.ProductWap}, Prefix: "ACQ.", Page: true,
			Fields: number, Handle: mergePage},
		{Name: "alipay.trade.page.merge.pay", Products: []string{state.ProductPage}, Prefix: "ACQ.", Page: true,
			Fields: fields, Handle: mergeInline},
	}
}

type mergeLine struct {
	AppID      string `json:"app_id"`
	PartnerID  string `json:"partner_id,omitempty"`
	OutTradeNo string `json:"out_trade_no"`
	TradeNo    string `json:"trade_no,omitempty"`
	Success    bool   `json:"success"`
	ResultCode string `json:"result_code"`
}

// newMerge places every line; one refused line refuses all.
func newMerge(c *gateway.Call) (*mergeOrder, []*Trade, error) {
	m := &mergeOrder{Out: c.Biz.Str("out_merge_no"), PID: c.PID, EndAt: protocol.Millis(c.Now.Add(mergeLife))}
	if m.Out != "" {
		m.EndAt = protocol.Millis(c.Now.Add(mergeLifeAll))
	}
	var trades []*Trade
	err := c.Update(func(tx *state.Tx) error {
		var total money.Fen
		n, err := tx.NextID(bucketMerges)
		if err != nil {
			return err
		}
		m.No = tx.Now.In(protocol.BeijingZone()).Format("20060102150405") + "MG" + strconv.FormatUint(n, 10)
		for _, o := range c.Biz.List("order_details") {
			t, err := mergedTrade(tx, c, o, m)
			if err != nil {
				return err
			}
			if total += t.Total; total > MaxTotal {
				return protocol.ACQ("TOTAL_FEE_EXCEED", "订单总金额超过限额")
			}
			trades, m.Seqs = append(trades, t), append(m.Seqs, t.Seq)
		}
		return state.Put(tx, bucketMerges, m.No, m)
	})
	return m, trades, err
}

func mergedTrade(tx *state.Tx, c *gateway.Call, o protocol.Object, m *mergeOrder) (*Trade, error) {
	if o.Str("app_id") != c.App.AppID && o.Str("app_id") != c.AuthApp {
		return nil, protocol.ACQ("PARTNER_ERROR", "应用APP_ID填写错误")
	}
	for _, name := range []string{"buyer_id", "buyer_open_id"} {
		if c.Biz.Has(name) {
			o[name] = c.Biz[name]
		}
	}
	want, err := newOrder(tx, c, o, kindMerge)
	if err != nil {
		return nil, err
	}
	want.EndAt, want.Merge = m.EndAt, m.No
	t, repeated, err := place(tx, want)
	if err != nil || !repeated {
		return t, err
	}
	if t.Status != StatusAsked { // an open trade belongs to the payment it was opened in
		return nil, protocol.ACQ("CONTEXT_INCONSISTENT", "订单信息不一致")
	}
	t.EndAt, t.Merge = m.EndAt, m.No
	return t, Put(tx, t)
}

// mergePrecreate is alipay.trade.merge.precreate.
func mergePrecreate(c *gateway.Call) (any, error) {
	m, trades, err := newMerge(c)
	if err != nil {
		return nil, err
	}
	a := struct {
		PreOrderNo string      `json:"pre_order_no"`
		OutMergeNo string      `json:"out_merge_no,omitempty"`
		Lines      []mergeLine `json:"order_detail_results"`
	}{PreOrderNo: m.No, OutMergeNo: m.Out}
	for _, t := range trades {
		a.Lines = append(a.Lines, mergeLine{AppID: t.AppID, OutTradeNo: t.Out, Success: true, ResultCode: "SUCCESS"})
	}
	return a, nil
}

// mergeCreate is alipay.trade.merge.create: the trades begin at once.
func mergeCreate(c *gateway.Call) (any, error) {
	if !c.Biz.Has("buyer_id") && !c.Biz.Has("buyer_open_id") {
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "buyer_id,buyer_open_id", Why: "不能同时为空"})
	}
	m, trades, err := newMerge(c)
	if err != nil {
		return nil, err
	}
	err = c.Update(func(tx *state.Tx) error {
		for _, t := range trades {
			if err := Begin(tx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	a := struct {
		MergeNo    string      `json:"merge_no"`
		OutMergeNo string      `json:"out_merge_no,omitempty"`
		Lines      []mergeLine `json:"order_detail_results"`
	}{MergeNo: m.No, OutMergeNo: m.Out}
	for _, t := range trades {
		a.Lines = append(a.Lines, mergeLine{t.AppID, t.PID, t.Out, t.TradeNo(), true, "SUCCESS"})
	}
	return a, nil
}

// mergePage is app.merge.pay and wap.merge.pay: the browser or app comes with pre_order_no.
func mergePage(c *gateway.Call) (any, error) {
	var token string
	err := c.View(func(tx *state.Tx) error {
		m, err := state.Get[mergeOrder](tx, bucketMerges, c.Biz.Str("pre_order_no"))
		if err != nil {
			return err
		}
		if m == nil || m.PID != c.PID {
			return protocol.ACQ("TRADE_NOT_EXIST", "合单不存在")
		}
		token = mergeToken(c.State, m.No)
		return nil
	})
	return token, err
}

// mergeInline is page.merge.pay: the lines come with the browser.
func mergeInline(c *gateway.Call) (any, error) {
	m, _, err := newMerge(c)
	if err != nil {
		return nil, err
	}
	return mergeToken(c.State, m.No), nil
}

func mergeToken(s *state.State, no string) string {
	return "mrg" + no + "x" + s.Keys.MAC("merge"+no)
}

// mergeOfToken undoes mergeToken; "" for a wrong one.
func mergeOfToken(s *state.State, tok string) string {
	no, mac, ok := strings.Cut(strings.TrimPrefix(tok, "mrg"), "x")
	if !ok || s.Keys.MAC("merge"+no) != mac {
		return ""
	}
	return no
}

func tradesOfMerge(tx *state.Tx, tok string) ([]*Trade, error) {
	m, err := state.Get[mergeOrder](tx, bucketMerges, mergeOfToken(tx.State, tok))
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, ErrNoToken
	}
	var out []*Trade
	for _, seq := range m.Seqs {
		t, err := Get(tx, seq)
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, errors.New("a merged order's trade is missing")
		}
		out = append(out, t)
	}
	return out, nil
}
