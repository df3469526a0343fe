package bills

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/internal/money"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// billPage is how many movements one read transaction covers, so that a slow download holds no old pages.
const billPage = 1000

// Column headers. trade and signcustomer are as in public files; the ZFT bills' layout is not documented: theirs is the
// trade's with 二级商户编号 in front, and for zft_acc the account's with the same column.
const (
	tradeColumns = "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户," +
		"订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）," +
		"退款批次号/请求号,服务费（元）,分润（元）,备注"
	totalColumns = "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
	flowColumns  = "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注"
	smidColumn   = "二级商户编号,"
)

// billWriter writes one entry: GBK, CRLF, text cells followed by a TAB.
type billWriter struct {
	w   *bufio.Writer
	err error
}

func (w *billWriter) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format+"\r\n", args...)
	}
}

// text is a text cell; what would break the line is replaced.
func text(s string) string {
	return strings.NewReplacer(",", "，", "\r", " ", "\n", " ", "\t", " ").Replace(s) + "\t"
}

// writeBill writes the ZIP: a detail file and a summary. Entry names are GBK too, as in Alipay's files.
func writeBill(s *state.State, out io.Writer, b bill) error {
	z := zip.NewWriter(out)
	detail, summary := "业务明细", "业务明细(汇总)"
	if b.kind == billAccount || b.kind == billZFT {
		detail, summary = "账务明细", "账务明细(汇总)"
	}
	sum := &billSum{kinds: map[string]*kindSum{}}
	if err := entry(z, b, detail, func(w *billWriter) error {
		if b.kind == billAccount || b.kind == billZFT {
			return accountDetail(s, w, b, sum)
		}
		return tradeDetail(s, w, b, sum)
	}); err != nil {
		return err
	}
	if err := entry(z, b, summary, func(w *billWriter) error { sum.write(w, b); return nil }); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("finish the bill: %w", err)
	}
	return nil
}

func entry(z *zip.Writer, b bill, name string, fill func(w *billWriter) error) error {
	gbk := encoding.ReplaceUnsupported(simplifiedchinese.GBK.NewEncoder())
	encoded, err := gbk.String(b.fileName() + "_" + name + ".csv")
	if err != nil {
		return fmt.Errorf("name a bill's entry: %w", err)
	}
	f, err := z.CreateHeader(&zip.FileHeader{Name: encoded, NonUTF8: true, Method: zip.Deflate})
	if err != nil {
		return fmt.Errorf("start a bill's entry: %w", err)
	}
	enc := gbk.Writer(f)
	w := &billWriter{w: bufio.NewWriter(enc)}
	if err := fill(w); err != nil {
		return err
	}
	if w.err == nil {
		w.err = w.w.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("write a bill's entry: %w", w.err)
	}
	return nil
}

func (w *billWriter) head(title string, b bill) {
	w.line("#支付宝%s查询", title)
	w.line("#账号：[%s0156]", b.pid)
	w.line("#起始日期：[%s]   终止日期：[%s]", chinese(b.from), chinese(b.to))
}

func chinese(t time.Time) string {
	return t.In(protocol.BeijingZone()).Format("2006年01月02日 15:04:05")
}

// billSum is what the footers and the summary say.
type billSum struct {
	pays, refunds     int
	paid, refunded    money.Fen // refunded is positive
	ins, outs         int
	inAmount, outFlow money.Fen
	kinds             map[string]*kindSum
	order             []string
}

type kindSum struct {
	count   int
	in, out money.Fen
}

// tradeRow is one payment or refund; the movements of one refund are gathered into one row.
type tradeRow struct {
	trade  *trades.Trade
	refund string
	amount money.Fen
	at     int64
	buyer  string
}

// eachTradeRow calls fn for the bill's payments and refunds in order of time.
func eachTradeRow(s *state.State, b bill, fn func(r tradeRow)) error {
	var open *tradeRow // a refund whose movements may go on
	flush := func() {
		if open != nil {
			fn(*open)
			open = nil
		}
	}
	err := eachBillFlow(s, b, func(tx *state.Tx, f *state.Flow) error {
		if open != nil && f.Kind == "refund" && f.Trade == open.trade.Seq && f.Doc == open.refund && f.At == open.at {
			open.amount += f.Amount
			return nil
		}
		flush()
		t, err := trades.Get(tx, f.Trade)
		if err != nil {
			return err
		}
		if t == nil || (b.smid != "" && t.SMID != b.smid) || (b.kind == billMerchants && t.SMID == "") {
			return nil
		}
		r := tradeRow{trade: t, amount: f.Amount, at: f.At}
		if a, err := state.FindAccount(tx, t.Buyer); err != nil {
			return err
		} else if a != nil {
			r.buyer = state.MaskLogon(a.LogonID)
		}
		if f.Kind == "pay" {
			fn(r)
			return nil
		}
		r.refund = f.Doc
		open = &r
		return nil
	})
	flush()
	return err
}

// eachBillFlow calls fn for the movements the bill wants, in pages.
func eachBillFlow(s *state.State, b bill, fn func(tx *state.Tx, f *state.Flow) error) error {
	from := string(state.Key(uint64(protocol.Millis(b.from))))
	for from != "" {
		n, next := 0, ""
		err := s.View(s.Now(), func(tx *state.Tx) error {
			return state.Each(tx, state.BucketFlows, "", from, func(k string, f *state.Flow) (bool, error) {
				if f.At >= protocol.Millis(b.to) {
					return false, nil
				}
				if n++; n > billPage {
					next = k
					return false, nil
				}
				if !b.wants(f) {
					return true, nil
				}
				return true, fn(tx, f)
			})
		})
		if err != nil {
			return err
		}
		from = next
	}
	return nil
}

func tradeDetail(s *state.State, w *billWriter, b bill, sum *billSum) error {
	w.head("业务明细", b)
	w.line("#-----------------------------------------业务明细列表----------------------------------------")
	lead := ""
	if b.kind == billMerchants {
		lead = smidColumn
	}
	w.line("%s%s", lead, tradeColumns)
	err := eachTradeRow(s, b, func(r tradeRow) {
		t, kind, amount := r.trade, "交易    ", r.amount
		if r.refund != "" {
			kind, amount = "退款    ", -r.amount
			sum.refunds++
			sum.refunded += r.amount
		} else {
			sum.pays++
			sum.paid += r.amount
		}
		first := ""
		if b.kind == billMerchants {
			first = text(t.SMID) + ","
		}
		w.line("%s%s,%s,%s,%s,%s,%s,%s,,,,%s,%s,%s,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,%s,0.00,0.00,", first,
			text(t.TradeNo()), text(t.Out), kind, text(t.Subject),
			protocol.Beijing(protocol.FromMillis(t.Created)), protocol.Beijing(protocol.FromMillis(r.at)),
			text(t.Store), text(r.buyer), protocol.SignedYuan(amount), protocol.SignedYuan(amount), text(r.refund))
	})
	if err != nil {
		return err
	}
	w.line("#-----------------------------------------业务明细列表结束------------------------------------")
	w.line("#交易合计：%d笔，商家实收共%s元，商家优惠共0.00元", sum.pays, sum.paid.Yuan())
	w.line("#退款合计：%d笔，商家实收退款共%s元，商家优惠退款共0.00元", sum.refunds, protocol.SignedYuan(-sum.refunded))
	w.line("#导出时间：[%s]", chinese(b.ready()))
	return nil
}

// flowNames are the Chinese names of movements in account bills.
func flowName(kind string) string {
	names := map[string]string{"pay": "在线支付", "refund": "交易退款", "settle": "结算", "settle_auto": "结算", "freeze": "分账冻结",
		"unfreeze": "分账解冻", "transfer": "交易分账",
		"transfer_refund": "退分账", "replenish": "补差", "replenish_refund": "退补差", "fund_transfer": "转账",
		"fund_transfer_back": "转账退回", "top_up": "充值", "withdraw": "提现"}
	if n, ok := names[kind]; ok {
		return n
	}
	return kind
}

// flowLine is one side of a movement: what a purse gained or lost.
type flowLine struct {
	flow   *state.Flow
	no     string
	trade  *trades.Trade
	amount money.Fen // negative: out
	smid   string
	after  money.Fen // the account's balance after it; only for the platform's account
	other  string
}

func accountDetail(s *state.State, w *billWriter, b bill, sum *billSum) error {
	w.head("账务明细", b)
	w.line("#-----------------------------------------账务明细列表----------------------------------------")
	lead := ""
	if b.kind == billZFT {
		lead = smidColumn
	}
	w.line("%s%s", lead, flowColumns)
	after, err := openingBalance(s, b)
	if err != nil {
		return err
	}
	own, n := "A:"+b.pid, 0
	err = eachBillFlow(s, b, func(tx *state.Tx, f *state.Flow) error {
		var t *trades.Trade
		if f.Trade != 0 {
			if t, err = trades.Get(tx, f.Trade); err != nil {
				return err
			}
		}
		n++
		no := fmt.Sprintf("%s%013d", protocol.FromMillis(f.At).In(protocol.BeijingZone()).Format("20060102150405"), n)
		if b.kind == billAccount {
			l := flowLine{flow: f, no: no, trade: t, amount: f.Amount, other: f.From}
			if f.From == own {
				l.amount, l.other = -f.Amount, f.To
			}
			after += l.amount
			l.after = after
			w.flow(l, b, sum)
			return nil
		}
		if smid := merchantPurse(f.From); smid != "" {
			w.flow(flowLine{flow: f, no: no + "1", trade: t, amount: -f.Amount, smid: smid, other: f.To}, b, sum)
		}
		if smid := merchantPurse(f.To); smid != "" {
			w.flow(flowLine{flow: f, no: no + "2", trade: t, amount: f.Amount, smid: smid, other: f.From}, b, sum)
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.line("#-----------------------------------------账务明细列表结束------------------------------------")
	w.line("#支出合计：%d笔，共%s元", sum.outs, protocol.SignedYuan(-sum.outFlow))
	w.line("#收入合计：%d笔，共%s元", sum.ins, sum.inAmount.Yuan())
	w.line("#导出时间：[%s]", chinese(b.ready()))
	return nil
}

// openingBalance is what the platform's account held when the bill's time began: today's balance without everything
// since.
func openingBalance(s *state.State, b bill) (money.Fen, error) {
	own := "A:" + b.pid
	var have money.Fen
	err := s.View(s.Now(), func(tx *state.Tx) error {
		have = state.Balance(tx, own)
		return state.EachFlow(tx, protocol.Millis(b.from), protocol.Millis(s.Now())+1, func(f *state.Flow) error {
			switch own {
			case f.From:
				have += f.Amount
			case f.To:
				have -= f.Amount
			}
			return nil
		})
	})
	return have, err
}

func (w *billWriter) flow(l flowLine, b bill, sum *billSum) {
	in, out := l.amount, money.Fen(0)
	if l.amount < 0 {
		in, out = 0, -l.amount
		sum.outs++
		sum.outFlow += out
	} else {
		sum.ins++
		sum.inAmount += in
	}
	name := flowName(l.flow.Kind)
	k := sum.kinds[name]
	if k == nil {
		k = &kindSum{}
		sum.kinds[name] = k
		sum.order = append(sum.order, name)
	}
	k.count++
	k.in += in
	k.out += out
	lead, after := "", l.after.Yuan()
	if b.kind == billZFT {
		lead, after = text(l.smid)+",", "0.00"
	}
	tradeNo, outNo, subject := "", l.flow.Doc, l.flow.Memo
	if l.trade != nil {
		tradeNo, outNo, subject = l.trade.TradeNo(), l.trade.Out, l.trade.Subject
	}
	w.line("%s%s,%s,%s,%s,%s,%s,%s,%s,%s,支付宝\t,%s,%s", lead, text(l.no), text(tradeNo), text(outNo), text(subject),
		protocol.Beijing(protocol.FromMillis(l.flow.At)), text(otherSide(l.other)),
		in.Yuan(), protocol.SignedYuan(-out), after, text(name), text(l.flow.Doc))
}

// otherSide names a purse as a bill does: the account's or merchant's number; money from or to outside has none.
func otherSide(purse string) string {
	if _, id, ok := strings.Cut(purse, ":"); ok {
		return id
	}
	return ""
}

func (s *billSum) write(w *billWriter, b bill) {
	if b.kind == billTrade || b.kind == billMerchants {
		w.head("业务汇总", b)
		w.line("#-----------------------------------------业务汇总列表----------------------------------------")
		w.line(totalColumns)
		net := s.paid - s.refunded
		w.line("合计\t,\t,%d,%d,%s,%s,0.00,0.00,0.00,0.00,0.00,%s", s.pays, s.refunds, protocol.SignedYuan(net),
			protocol.SignedYuan(net), protocol.SignedYuan(net))
		w.line("#-----------------------------------------业务汇总列表结束------------------------------------")
		w.line("#导出时间：[%s]", chinese(b.ready()))
		return
	}
	w.head("账务汇总", b)
	w.line("类型,收入笔数/支出笔数,收入金额（+元）,支出金额（-元）,总金额（元）")
	for _, name := range s.order {
		k := s.kinds[name]
		w.line("%s,%d,%s,%s,%s", text(name), k.count, k.in.Yuan(), protocol.SignedYuan(-k.out),
			protocol.SignedYuan(k.in-k.out))
	}
	w.line("#导出时间：[%s]", chinese(b.ready()))
}
