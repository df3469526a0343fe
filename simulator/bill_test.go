package simulator

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/internal/clock"
	"zhitong/internal/money"
	"zhitong/simulator/protocol"
)

const billQuery = "alipay.data.dataservice.bill.downloadurl.query"

// fetch downloads a link: status and body.
func (p *partner) fetch(link string) (int, []byte) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, link, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp.StatusCode, data
}

// unzip returns the entries of a bill: decoded name → decoded content. Names must be GBK without the UTF-8 flag.
func unzip(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		if f.Flags&0x800 != 0 {
			t.Errorf("entry %q says that its name is UTF-8", f.Name)
		}
		name, err := simplifiedchinese.GBK.NewDecoder().String(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := simplifiedchinese.GBK.NewDecoder().Bytes(raw)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	return out
}

// rows reads the table of an entry by its header; cells are trimmed.
func rows(t *testing.T, text string) []map[string]string {
	t.Helper()
	var head []string
	var out []map[string]string
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, ",")
		if head == nil {
			head = cells
			continue
		}
		if len(cells) != len(head) {
			t.Fatalf("%d cells for %d columns: %q", len(cells), len(head), line)
		}
		row := map[string]string{}
		for i, c := range cells {
			row[head[i]] = strings.TrimSpace(c)
		}
		out = append(out, row)
	}
	return out
}

func (p *partner) billOf(kind, date, smid string) map[string]string {
	p.t.Helper()
	q := map[string]any{"bill_type": kind, "bill_date": date}
	if smid != "" {
		q["smid"] = smid
	}
	status, data := p.fetch(p.ok(billQuery, q)["bill_download_url"].(string))
	if status != http.StatusOK {
		p.t.Fatalf("download: %d %s", status, data)
	}
	return unzip(p.t, data)
}

func yuan(t *testing.T, s string) money.Fen {
	t.Helper()
	text, minus := strings.CutPrefix(s, "-")
	v, err := money.ParseYuan(text)
	if err != nil {
		t.Fatal(err)
	}
	if minus {
		return -v
	}
	return v
}

func (p *partner) sold(out string, fen int, smid string) string {
	p.t.Helper()
	p.desk("POST", "/trades",
		map[string]any{"app_id": p.app, "out_trade_no": out, "total_fen": fen, "subject": "点卡,100元", "smid": smid,
			"settle_period_time": "1d"}, 201)
	return p.desk("POST", "/trades/"+out+"/pay?app_id="+p.app, nil, 200)["trade_no"].(string)
}

func TestBillsAgreeWithTheBook(t *testing.T) {
	t.Parallel()
	p := newPartnerBy(t, clock.FrozenAt(time.Date(2026, 11, 24, 12, 0, 0, 0, protocol.BeijingZone())),
		map[string]any{"certificate_mode": true})
	smid := p.desk("POST", "/merchants", map[string]any{"app_id": p.app, "name": "甲商户"}, 201)["smid"].(string)
	other := p.desk("POST", "/merchants", map[string]any{"app_id": p.app, "name": "乙商户"}, 201)["smid"].(string)
	stranger := p.sibling(nil)
	foreign := stranger.desk("POST", "/merchants", map[string]any{"app_id": stranger.app, "name": "丙商户"},
		201)["smid"].(string)
	p.desk("PATCH", "/accounts/"+p.pid, map[string]any{"top_up_fen": 500_00}, 200)
	first := p.sold("T1", 100_00, smid)
	p.sold("T2", 50_00, smid)
	p.sold("T3", 7_00, other)
	stranger.sold("S1", 9_00, foreign)
	p.ok("alipay.trade.refund",
		map[string]any{"out_trade_no": "T1", "refund_amount": "30.00", "out_request_no": "R1", "refund_reason": "退货"})
	p.ok(uniTransfer, transferOf("PO1", "20.00"))
	p.ok("alipay.trade.settle.confirm",
		map[string]any{"out_request_no": "C1", "trade_no": first,
			"settle_info": map[string]any{"settle_detail_infos": []any{
				map[string]any{"trans_in_type": "defaultSettle", "settle_entity_type": "SecondMerchant",
					"settle_entity_id": smid, "amount": "70.00"}}}})

	const day = "2026-11-24"
	p.refused(billQuery, map[string]any{"bill_type": "trade", "bill_date": day}, "INVAILID_ARGUMENTS")
	p.clk.Advance(20*time.Hour + 59*time.Minute) // 08:59 of the next day
	p.refused(billQuery, map[string]any{"bill_type": "trade", "bill_date": day}, "NO_BILL_DATA")
	p.sold("T4", 1_00, smid) // the next day's
	p.clk.Advance(time.Minute)

	all := p.billOf("trade", day, "")
	detail := all[p.pid+"0156_20261124_业务明细.csv"]
	list := rows(t, detail)
	if len(list) != 4 {
		t.Fatalf("trade bill has %d rows: %s", len(list), detail)
	}
	want := []map[string]string{
		{"支付宝交易号": first, "商户订单号": "T1", "业务类型": "交易", "订单金额（元）": "100.00", "商家实收（元）": "100.00", "商品名称": "点卡，100元",
			"完成时间": "2026-11-24 12:00:00", "退款批次号/请求号": ""},
		{"商户订单号": "T2", "订单金额（元）": "50.00"},
		{"商户订单号": "T3", "订单金额（元）": "7.00"},
		{"支付宝交易号": first, "商户订单号": "T1", "业务类型": "退款", "订单金额（元）": "-30.00", "退款批次号/请求号": "R1"},
	}
	for i, w := range want {
		for k, v := range w {
			if list[i][k] != v {
				t.Errorf("row %d: %s = %q, want %q", i, k, list[i][k], v)
			}
		}
	}
	for _, s := range []string{"#支付宝业务明细查询\r\n", "#账号：[" + p.pid + "0156]", "#交易合计：3笔，商家实收共157.00元",
		"#退款合计：1笔，商家实收退款共-30.00元"} {
		if !strings.Contains(detail, s) {
			t.Errorf("no %q in the bill", s)
		}
	}
	if sum := rows(t, all[p.pid+"0156_20261124_业务明细(汇总).csv"]); len(sum) != 1 || sum[0]["实收净额（元）"] != "127.00" {
		t.Errorf("summary: %v", sum)
	}

	mine := rows(t, p.billOf("trade_zft_merchant", day, smid)[p.pid+"0156_20261124_业务明细.csv"])
	if len(mine) != 3 || mine[0]["二级商户编号"] != smid {
		t.Errorf("bill of %s: %v", smid, mine)
	}
	if every := rows(t, p.billOf("trade_zft_merchant", day, "")[p.pid+"0156_20261124_业务明细.csv"]); len(every) != 4 {
		t.Errorf("bill of all merchants has %d rows", len(every))
	}

	// The account's bill: opening balance + every line = the balance after it; transfers and top-ups only, for trades
	// went to the merchants.
	account := rows(t, p.billOf("signcustomer", day, "")[p.pid+"0156_20261124_账务明细.csv"])
	if len(account) != 2 || account[0]["收入金额（+元）"] != "500.00" || account[0]["账户余额（元）"] != "500.00" ||
		account[1]["支出金额（-元）"] != "-20.00" || account[1]["账户余额（元）"] != "480.00" || account[1]["商户订单号"] != "PO1" {
		t.Errorf("account bill: %v", account)
	}
	// The merchants' bill: its sums are the day's changes of their purses.
	sums := map[string]money.Fen{}
	for _, r := range rows(t, p.billOf("zft_acc", day, "")[p.pid+"0156_20261124_账务明细.csv"]) {
		sums[r["二级商户编号"]] += yuan(t, r["收入金额（+元）"]) + yuan(t, r["支出金额（-元）"])
	}
	if have := p.purse("U:"+smid) + p.purse("B:"+smid) + p.purse("F:"+smid) +
		p.purse("C:"+smid) - 1_00; sums[smid] != have || have != 120_00 {
		t.Errorf("zft_acc says %v for %s, its purses hold %d", sums, smid, have)
	}
	if sums[other] != 7_00 || sums[foreign] != 0 {
		t.Errorf("zft_acc: %v", sums)
	}

	empty := stranger.ok(billQuery, map[string]any{"bill_type": "signcustomer", "bill_date": day})
	if empty["bill_file_code"] != "EMPTY_DATA_WITH_BILL_FILE" {
		t.Errorf("an empty bill: %v", empty)
	}
	if _, data := p.fetch(empty["bill_download_url"].(string)); len(unzip(t, data)) != 2 {
		t.Error("the empty bill has no files")
	}
}

func TestBillRefusalsAndLinks(t *testing.T) {
	t.Parallel()
	p := newPartnerBy(t, clock.FrozenAt(time.Date(2026, 11, 23, 10, 0, 0, 0, protocol.BeijingZone())), nil)
	p.clk.Advance(9 * 24 * time.Hour) // 2 December, 10:00
	registered := protocol.FromMillis(p.sim.st.Apps.Get(p.app).CreatedAt).In(protocol.BeijingZone())
	for _, c := range []struct {
		kind, date, smid, want string
	}{
		{"", "2026-12-01", "", "INVAILID_ARGUMENTS"},
		{"trade", "", "", "INVAILID_ARGUMENTS"},
		{"trade", "01.12.2026", "", "INVAILID_ARGUMENTS"},
		{"trade", "2026-12-02", "", "INVAILID_ARGUMENTS"},
		{"trade", "2026-12", "", "INVAILID_ARGUMENTS"},
		{"trade", "2026-12-01", "2088", "INVAILID_ARGUMENTS"},
		{"merchant_act", "2026-12-01", "", "TYPE_NOT_SUPPORTED"},
		{"trade", "2019-12-01", "", "BILL_NOT_EXIST"},
		{"trade", registered.AddDate(0, 0, -1).Format(time.DateOnly), "", "BILL_DATE_BEFORE_REGISTRATION"},
		{"trade_zft_merchant", "2026-12-01", "2088000000000001", "BILL_NOT_EXIST"},
		{"trade", "2026-11", "", "NO_BILL_DATA"}, // the 3rd has not come
	} {
		q := map[string]any{"bill_type": c.kind, "bill_date": c.date, "smid": c.smid}
		if got := p.call(billQuery, q); got["sub_code"] != c.want {
			t.Errorf("%v: %v, want %s", q, got, c.want)
		}
	}
	p.clk.Advance(23 * time.Hour) // the 3rd, 09:00
	p.ok(billQuery, map[string]any{"bill_type": "trade", "bill_date": "2026-11"})
	link := p.ok(billQuery,
		map[string]any{"bill_type": "trade", "bill_date": "2026-12-01"})["bill_download_url"].(string)
	if status, _ := p.fetch(strings.Replace(link, "bizType=trade", "bizType=signcustomer",
		1)); status != http.StatusForbidden {
		t.Errorf("a changed link: %d", status)
	}
	p.clk.Advance(30 * time.Second)
	if status, _ := p.fetch(link); status != http.StatusOK {
		t.Errorf("after 30 s: %d", status)
	}
	p.clk.Advance(time.Second)
	if status, _ := p.fetch(link); status != http.StatusForbidden {
		t.Errorf("after 31 s: %d", status)
	}
	want(t, p.ok("alipay.data.bill.balance.query", map[string]any{}), map[string]any{"available_amount": "0.00"})
	p.refused("alipay.data.bill.balance.query", map[string]any{"bill_user_id": "2088000000000001"},
		"INVAILID_ARGUMENTS")
}
