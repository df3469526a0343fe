// Package bills writes the bills of a day or a month from the flows of money, and serves them by links that end.
package bills

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"zhitong/simulator/gateway"
	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
	"zhitong/simulator/trades"
)

// Kinds of bills (bill_type).
const (
	billTrade     = "trade"              // acquiring: payments and refunds
	billAccount   = "signcustomer"       // the platform's balance account
	billMerchants = "trade_zft_merchant" // payments and refunds of secondary merchants
	billZFT       = "zft_acc"            // money movements of all secondary merchants
)

// Facts of bills: a link lives 30 s, a day's bill is there at 09:00 of the next day, a month's on the 3rd; six years
// back at most.
const (
	billLinkLife = 30 * time.Second
	billHour     = 9 * time.Hour
	billMonthDay = 3
	billYears    = 6
)

// Methods are those that answer with a bill or a balance of a day.
func Methods() []gateway.Method {
	return []gateway.Method{
		{Name: "alipay.data.dataservice.bill.downloadurl.query", Products: []string{state.ProductBill},
			Handle: billLink, Fields: []protocol.Field{
				{Name: "bill_type", Max: 32}, {Name: "bill_date", Max: 10}, {Name: "smid", Max: 32}}},
		{Name: "alipay.data.bill.balance.query", Products: []string{state.ProductBill}, Handle: billBalance,
			Fields: []protocol.Field{{Name: "bill_user_id", Max: 32}}},
	}
}

// bill names one file: whose, which kind, which days.
type bill struct {
	pid, kind, smid, date string
	from, to              time.Time
}

// parseBill reads date (a day or a month) and kind; its refusals are the documented ones, with their spelling.
func parseBill(pid, kind, date, smid string) (bill, error) {
	b := bill{pid: pid, kind: kind, smid: smid, date: date}
	bad := protocol.Refuse("INVAILID_ARGUMENTS", "入参不合法")
	if kind == "" || date == "" || (smid != "" && kind != billMerchants) {
		return b, bad
	}
	if !slices.Contains([]string{billTrade, billAccount, billMerchants, billZFT}, kind) {
		return b, protocol.Refuse("TYPE_NOT_SUPPORTED", "账单类型不支持")
	}
	var err error
	if b.from, err = time.ParseInLocation(time.DateOnly, date, protocol.BeijingZone()); err == nil {
		b.to = b.from.AddDate(0, 0, 1)
		return b, nil
	}
	if b.from, err = time.ParseInLocation("2006-01", date, protocol.BeijingZone()); err == nil {
		b.to = b.from.AddDate(0, 1, 0)
		return b, nil
	}
	return b, bad
}

func (b bill) month() bool { return len(b.date) == len("2006-01") }

// ready is when the file is made.
func (b bill) ready() time.Time {
	if b.month() {
		return b.to.AddDate(0, 0, billMonthDay-1).Add(billHour)
	}
	return b.to.Add(billHour)
}

// fileName is the file's name without extension: the account is the PID followed by 0156.
func (b bill) fileName() string {
	return b.pid + "0156_" + strings.ReplaceAll(b.date, "-", "")
}

// billLink is alipay.data.dataservice.bill.downloadurl.query.
func billLink(c *gateway.Call) (any, error) {
	b, err := parseBill(c.PID, c.Biz.Str("bill_type"), c.Biz.Str("bill_date"), c.Biz.Str("smid"))
	if err != nil {
		return nil, err
	}
	local := c.Now.In(protocol.BeijingZone())
	first := protocol.FromMillis(c.App.CreatedAt).In(protocol.BeijingZone())
	switch {
	case b.to.After(local):
		return nil, protocol.Refuse("INVAILID_ARGUMENTS", "账单日期不能是当天或当月")
	case b.from.Before(local.AddDate(-billYears, 0, 0)):
		return nil, protocol.Refuse("BILL_NOT_EXIST", "账单不存在")
	case !b.to.After(time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, protocol.BeijingZone())):
		return nil, protocol.Refuse("BILL_DATE_BEFORE_REGISTRATION", "账单日期早于注册时间")
	case local.Before(b.ready()):
		return nil, protocol.Refuse("NO_BILL_DATA", "账单尚未生成")
	}
	empty := false
	err = c.View(func(tx *state.Tx) error {
		if b.smid != "" {
			m, err := merchants.Get(tx, b.smid)
			if err != nil {
				return err
			}
			if m == nil || m.PID != b.pid {
				return protocol.Refuse("BILL_NOT_EXIST", "二级商户账单不存在")
			}
		}
		has, err := b.any(tx)
		empty = !has
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string]string{"bill_download_url": c.State.BaseURL(c.HTTP) + "/downloadBillFile.resource?" +
		linkQuery(c.State, b, protocol.Millis(c.Now)).Encode()}
	if empty {
		out["bill_file_code"] = "EMPTY_DATA_WITH_BILL_FILE"
	}
	return out, nil
}

// linkQuery is the link's query: what the file is, and a digest that only this simulator can make.
func linkQuery(s *state.State, b bill, at int64) url.Values {
	q := url.Values{"bizType": {b.kind}, "userId": {b.pid + "0156"}, "fileType": {"csv.zip"}, "bizDates": {b.date},
		"downloadFileName": {b.fileName() + ".csv.zip"},
		"timestamp":        {strconv.FormatInt(at, 10)}}
	if b.smid != "" {
		q.Set("smid", b.smid)
	}
	q.Set("token", s.Keys.MAC("bill|"+b.pid+"|"+b.kind+"|"+b.smid+"|"+b.date+"|"+q.Get("timestamp")))
	return q
}

// Routes are the addresses of files.
func Routes(r chi.Router, s *state.State) {
	r.Get("/downloadBillFile.resource", func(w http.ResponseWriter, r *http.Request) { downloadBill(s, w, r) })
}

// downloadBill serves the file of a link while it lives.
func downloadBill(s *state.State, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	b, err := parseBill(strings.TrimSuffix(q.Get("userId"), "0156"), q.Get("bizType"), q.Get("bizDates"), q.Get("smid"))
	at, timeErr := strconv.ParseInt(q.Get("timestamp"), 10, 64)
	if err != nil || timeErr != nil || linkQuery(s, b, at).Get("token") != q.Get("token") {
		http.Error(w, "下载链接不合法", http.StatusForbidden)
		return
	}
	if age := s.Now().Sub(protocol.FromMillis(at)); age < 0 || age > billLinkLife {
		http.Error(w, "下载链接已过期", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", b.fileName()+".csv.zip"))
	if err := writeBill(s, w, b); err != nil {
		s.Log.Error("write a bill", "kind", b.kind, "date", b.date, "error", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
}

// any reports whether the bill would have a line.
func (b bill) any(tx *state.Tx) (bool, error) {
	found := false
	err := state.Each(tx, state.BucketFlows, "", string(state.Key(uint64(protocol.Millis(b.from)))),
		func(_ string, f *state.Flow) (bool, error) {
			if f.At >= protocol.Millis(b.to) {
				return false, nil
			}
			if b.wants(f) {
				if b.smid == "" {
					found = true
					return false, nil
				}
				t, err := trades.Get(tx, f.Trade)
				if err != nil {
					return false, err
				}
				found = t != nil && t.SMID == b.smid
			}
			return !found, nil
		})
	return found, err
}

// wants reports whether a movement belongs to the bill, as far as the movement alone tells.
func (b bill) wants(f *state.Flow) bool {
	own := "A:" + b.pid
	switch b.kind {
	case billAccount:
		return f.From == own || f.To == own
	case billZFT:
		return f.PID == b.pid && (merchantPurse(f.From) != "" || merchantPurse(f.To) != "")
	case billMerchants:
		return f.PID == b.pid && (f.Kind == "pay" || f.Kind == "refund") &&
			(merchantPurse(f.From) != "" || merchantPurse(f.To) != "" || b.refundByPlatform(f))
	}
	return f.PID == b.pid && (f.Kind == "pay" || f.Kind == "refund")
}

// refundByPlatform: the refund of a secondary merchant's trade that the platform's account advanced.
func (b bill) refundByPlatform(f *state.Flow) bool {
	return f.Kind == "refund" && f.From == "A:"+b.pid && f.Trade != 0
}

// merchantPurse is the smid whose purse this is, "" when it is not a secondary merchant's.
func merchantPurse(purse string) string {
	if len(purse) > 2 && purse[1] == ':' && strings.ContainsRune("UFBC", rune(purse[0])) {
		return purse[2:]
	}
	return ""
}

// billBalance is alipay.data.bill.balance.query of the own account.
func billBalance(c *gateway.Call) (any, error) {
	if id := c.Biz.Str("bill_user_id"); id != "" && id != c.PID {
		return nil, protocol.Refuse("INVAILID_ARGUMENTS", "只能查询自己的账户")
	}
	out := map[string]string{}
	err := c.View(func(tx *state.Tx) error {
		v := state.Balance(tx, "A:"+c.PID).Yuan()
		out["total_amount"], out["available_amount"], out["freeze_amount"], out["settle_amount"] = v, v, "0.00", "0.00"
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
