package simulator

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"zhitong/internal/money"
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

func mergeMethods() []method {
	line := orderFields(field{Name: "app_id", Required: true, Max: 32}, field{Name: "seller_logon_id", Max: 100}, field{Name: "show_url", Max: 400})
	fields := []field{
		{Name: "out_merge_no", Max: 64, Form: token}, {Name: "order_details", Required: true, Kind: kArray, Max: maxMergeLines, Fields: line},
		{Name: "timeout_express", Max: 6, Form: isPeriod}, {Name: "time_expire", Kind: kTime}, {Name: "ext_user_info", Kind: kAny},
	}
	create := append([]field{{Name: "buyer_id", Max: 28}, {Name: "buyer_open_id", Max: 128}, {Name: "op_app_id", Max: 32}}, fields...)
	number := []field{{Name: "pre_order_no", Required: true, Max: 64}}
	return []method{
		{Name: "alipay.trade.merge.precreate", Products: []string{ProductApp, ProductWap}, Prefix: "ACQ.", Fields: fields, Handle: mergePrecreate},
		{Name: "alipay.trade.merge.create", Products: []string{ProductJSAPI}, Prefix: "ACQ.", Fields: create, Handle: mergeCreate},
		{Name: "alipay.trade.app.merge.pay", Products: []string{ProductApp}, Prefix: "ACQ.", Page: true, Fields: number, Handle: mergePage},
		{Name: "alipay.trade.wap.merge.pay", Products: []string{ProductWap}, Prefix: "ACQ.", Page: true, Fields: number, Handle: mergePage},
		{Name: "alipay.trade.page.merge.pay", Products: []string{ProductPage}, Prefix: "ACQ.", Page: true, Fields: fields, Handle: mergeInline},
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
func newMerge(c *call) (*mergeOrder, []*Trade, error) {
	m := &mergeOrder{Out: c.biz.str("out_merge_no"), PID: c.pid, EndAt: ms(c.now.Add(mergeLife))}
	if m.Out != "" {
		m.EndAt = ms(c.now.Add(mergeLifeAll))
	}
	var trades []*Trade
	err := c.update(func(tx *tx) error {
		var total money.Fen
		n, err := tx.nextID(bucketMerges)
		if err != nil {
			return err
		}
		m.No = tx.now.In(beijingZone()).Format("20060102150405") + "MG" + strconv.FormatUint(n, 10)
		for _, o := range c.biz.list("order_details") {
			t, err := mergedTrade(tx, c, o, m)
			if err != nil {
				return err
			}
			if total += t.Total; total > maxTotal {
				return acq("TOTAL_FEE_EXCEED", "订单总金额超过限额")
			}
			trades, m.Seqs = append(trades, t), append(m.Seqs, t.Seq)
		}
		return putDoc(tx, bucketMerges, m.No, m)
	})
	return m, trades, err
}

func mergedTrade(tx *tx, c *call, o object, m *mergeOrder) (*Trade, error) {
	if o.str("app_id") != c.app.AppID && o.str("app_id") != c.authApp {
		return nil, acq("PARTNER_ERROR", "应用APP_ID填写错误")
	}
	for _, name := range []string{"buyer_id", "buyer_open_id"} {
		if c.biz.has(name) {
			o[name] = c.biz[name]
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
	if t.Status != statusAsked { // an open trade belongs to the payment it was opened in
		return nil, acq("CONTEXT_INCONSISTENT", "订单信息不一致")
	}
	t.EndAt, t.Merge = m.EndAt, m.No
	return t, putTrade(tx, t)
}

// mergePrecreate is alipay.trade.merge.precreate.
func mergePrecreate(c *call) (any, error) {
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
func mergeCreate(c *call) (any, error) {
	if !c.biz.has("buyer_id") && !c.biz.has("buyer_open_id") {
		return nil, c.method.refuseField(&fieldError{"buyer_id,buyer_open_id", "不能同时为空"})
	}
	m, trades, err := newMerge(c)
	if err != nil {
		return nil, err
	}
	err = c.update(func(tx *tx) error {
		for _, t := range trades {
			if err := beginTrade(tx, t); err != nil {
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
func mergePage(c *call) (any, error) {
	var token string
	err := c.view(func(tx *tx) error {
		m, err := getDoc[mergeOrder](tx, bucketMerges, c.biz.str("pre_order_no"))
		if err != nil {
			return err
		}
		if m == nil || m.PID != c.pid {
			return acq("TRADE_NOT_EXIST", "合单不存在")
		}
		token = c.sim.mergeToken(m.No)
		return nil
	})
	return token, err
}

// mergeInline is page.merge.pay: the lines come with the browser.
func mergeInline(c *call) (any, error) {
	m, _, err := newMerge(c)
	if err != nil {
		return nil, err
	}
	return c.sim.mergeToken(m.No), nil
}

func (s *Simulator) mergeToken(no string) string {
	return "mrg" + no + "x" + s.keys.cashierMAC("merge"+no)
}

// mergeOfToken undoes mergeToken; "" for a wrong one.
func (s *Simulator) mergeOfToken(tok string) string {
	no, mac, ok := strings.Cut(strings.TrimPrefix(tok, "mrg"), "x")
	if !ok || s.keys.cashierMAC("merge"+no) != mac {
		return ""
	}
	return no
}

func tradesOfMerge(tx *tx, tok string) ([]*Trade, error) {
	m, err := getDoc[mergeOrder](tx, bucketMerges, tx.sim.mergeOfToken(tok))
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, errNoToken
	}
	var out []*Trade
	for _, seq := range m.Seqs {
		t, err := getTrade(tx, seq)
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
