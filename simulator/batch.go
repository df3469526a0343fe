package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhitong/internal/money"
)

// Statuses of a batch (alipay.fund.batch.detail.query).
const (
	batchInit    = "INIT"
	batchDealing = "DEALING"
	batchPartial = "PART_SUCCESS"
	batchDisused = "DISUSE"
	batchInvalid = "INVALID"
)

// maxBatch is how many lines one batch may have.
const maxBatch = 1000

// Batch is one batch transfer. Lines without a transfer failed or have not been tried.
type Batch struct {
	ID     string      `json:"batch_trans_id"`
	Out    string      `json:"out_batch_no"`
	AppID  string      `json:"app_id"`
	PID    string      `json:"pid"`
	Method string      `json:"method"`
	Title  string      `json:"order_title,omitempty"`
	Total  money.Fen   `json:"total_fen"`
	Status string      `json:"status"`
	Code   string      `json:"error_code,omitempty"`
	Reason string      `json:"fail_reason,omitempty"`
	At     int64       `json:"created_at_ms"`
	Paid   int64       `json:"paid_at_ms,omitempty"`
	Ended  int64       `json:"ended_at_ms,omitempty"`
	Expire int64       `json:"expires_at_ms,omitempty"`
	Lines  []batchLine `json:"lines"`
}

type batchLine struct {
	Transfer Transfer `json:"transfer"`
	Payee    object   `json:"payee_info"`
	Status   string   `json:"status"` // INIT, DEALING, SUCCESS, FAIL, DISUSE
	Code     string   `json:"error_code,omitempty"`
	Text     string   `json:"error_msg,omitempty"`
}

const (
	bucketBatches   = "batches"      // batch_trans_id → Batch
	bucketBatchKeys = "batches_keys" // pid|out_batch_no → batch_trans_id
)

func batchMethods() []method {
	signed := fundProducts()
	list := []field{
		{Name: "out_batch_no", Required: true, Max: 64}, {Name: "total_count", Required: true, Kind: kInt}, {Name: "total_trans_amount", Required: true, Kind: kAmount, Max: 20},
		{Name: "product_code", Max: 64}, {Name: "biz_scene", Max: 64}, {Name: "order_title", Max: 128}, {Name: "time_expire", Max: 16}, {Name: "remark", Max: 200},
		{Name: "payer_info", Kind: kAny}, {Name: "business_params", Kind: kAny}, {Name: "transfer_scene_name", Max: 64},
		{Name: "transfer_scene_report_infos", Kind: kArray, Max: 20, Fields: reportFields()},
		{Name: "trans_order_list", Required: true, Kind: kArray, Max: maxBatch, Fields: []field{
			{Name: "out_biz_no", Required: true, Max: 64}, {Name: "trans_amount", Required: true, Kind: kAmount, Max: 20}, {Name: "order_title", Max: 128},
			{Name: "remark", Max: 200}, {Name: "payee_info", Required: true, Kind: kObject, Fields: payeeFields()}, {Name: "business_params", Kind: kAny}, {Name: "passback_params", Max: 512}}},
	}
	id := []field{{Name: "batch_trans_id", Required: true, Max: 64}}
	return []method{
		{Name: "alipay.fund.batch.create", Products: signed, Fields: list, Handle: createBatch},
		{Name: "alipay.fund.batch.uni.transfer", Products: signed, Fields: list, Handle: createBatch},
		{Name: "alipay.fund.batch.app.pay", Products: signed, Fields: id, Page: true, Handle: openBatch},
		{Name: "alipay.fund.batch.close", Products: signed, Fields: []field{{Name: "batch_trans_id", Max: 64}, {Name: "out_batch_no", Max: 64}}, Handle: closeBatch},
		{Name: "alipay.fund.batch.detail.query", Products: signed, Handle: queryBatch, Fields: []field{
			{Name: "out_batch_no", Max: 64}, {Name: "batch_trans_id", Max: 64}, {Name: "product_code", Max: 64}, {Name: "biz_scene", Max: 64}, {Name: "page_num", Kind: kInt},
			{Name: "page_size", Kind: kInt}, {Name: "detail_status", Max: 20}, {Name: "out_biz_no", Max: 64}, {Name: "order_id", Max: 64}}},
	}
}

// createBatch is alipay.fund.batch.create (paid at the cashier afterwards) and batch.uni.transfer (paid without a password at once).
func createBatch(c *call) (any, error) {
	if err := c.certificateNeeded(); err != nil {
		return nil, err
	}
	var b *Batch
	err := c.update(func(tx *tx) error {
		want, err := newBatch(c)
		if err != nil {
			return err
		}
		if b, err = batchOf(tx, c.pid, want.Out, ""); err != nil {
			return err
		}
		if b != nil {
			return sameBatch(b, want)
		}
		b = want
		n, err := tx.nextID(bucketBatches)
		if err != nil {
			return err
		}
		b.ID = tx.now.In(beijingZone()).Format("20060102") + fmt.Sprintf("01080%015d", n)
		if err := tx.bucket(bucketBatchKeys).Put([]byte(b.PID+"|"+b.Out), []byte(b.ID)); err != nil {
			return fmt.Errorf("index a batch: %w", err)
		}
		if strings.HasSuffix(b.Method, ".uni.transfer") {
			if err := addTimer(tx, ms(tx.now), timerBatchPay, []byte(b.ID)); err != nil {
				return err
			}
		}
		return putBatch(tx, b)
	})
	if err != nil {
		return nil, err
	}
	return struct {
		ID     string `json:"batch_trans_id"`
		Out    string `json:"out_batch_no"`
		Status string `json:"status"`
	}{b.ID, b.Out, batchInit}, nil
}

// newBatch checks totals and every line's form; whether payees exist turns out when the batch is carried out.
func newBatch(c *call) (*Batch, error) {
	b := &Batch{Out: c.biz.str("out_batch_no"), AppID: c.app.AppID, PID: c.pid, Method: c.method.Name, Title: c.biz.str("order_title"), Status: batchInit, At: ms(c.now)}
	if end := c.biz.str("time_expire"); end != "" {
		at, err := time.ParseInLocation("2006-01-02 15:04", end, beijingZone())
		if err != nil || !at.After(c.now) {
			return nil, c.method.refuseField(&fieldError{"time_expire", "格式错误或早于当前时间"})
		}
		b.Expire = ms(at)
	}
	seen := map[string]bool{}
	for i, o := range c.biz.list("trans_order_list") {
		line := object{"product_code": transferToAccount, "biz_scene": sceneDirect, "transfer_scene_name": c.biz["transfer_scene_name"], "transfer_scene_report_infos": c.biz["transfer_scene_report_infos"]}
		if o.obj("payee_info").str("identity_type") == "BANKCARD_ACCOUNT" {
			line["product_code"] = transferToCard
		}
		for k, v := range o {
			line[k] = v
		}
		t, err := newTransfer(c, line)
		if err != nil {
			return nil, err
		}
		if seen[t.Out] {
			return nil, c.method.refuseField(&fieldError{fmt.Sprintf("trans_order_list[%d].out_biz_no", i), "批次内重复"})
		}
		seen[t.Out] = true
		b.Total += t.Amount
		b.Lines = append(b.Lines, batchLine{Transfer: *t, Payee: o.obj("payee_info"), Status: batchInit})
	}
	switch {
	case len(b.Lines) != c.biz.num("total_count", -1):
		return nil, c.method.refuseField(&fieldError{"total_count", "与明细条数不一致"})
	case b.Total != c.biz.fen("total_trans_amount"):
		return nil, c.method.refuseField(&fieldError{"total_trans_amount", "与明细金额之和不一致"})
	case b.Total < 100:
		return nil, c.method.refuseField(&fieldError{"total_trans_amount", "不得低于1.00"})
	}
	return b, nil
}

func sameBatch(old, b *Batch) error {
	same := old.Total == b.Total && slices.EqualFunc(old.Lines, b.Lines, func(x, y batchLine) bool {
		return x.Transfer.Out == y.Transfer.Out && x.Transfer.Amount == y.Transfer.Amount && x.Transfer.Payee == y.Transfer.Payee
	})
	if !same {
		return refuse("PAYMENT_INFO_INCONSISTENCY", "同一批次号的批次信息不一致")
	}
	return nil
}

func putBatch(tx *tx, b *Batch) error { return putDoc(tx, bucketBatches, b.ID, b) }

// batchOf finds by either number within a PID, nil when there is none.
func batchOf(tx *tx, pid, out, id string) (*Batch, error) {
	if id == "" {
		keys := tx.bucket(bucketBatchKeys)
		if keys == nil {
			return nil, nil
		}
		id = string(keys.Get([]byte(pid + "|" + out)))
	}
	b, err := getDoc[Batch](tx, bucketBatches, id)
	if err != nil || b == nil || (pid != "" && b.PID != pid) {
		return nil, err
	}
	return b, nil
}

// payBatch carries a batch out line by line. The payer's balance must cover the whole; a line that is refused does not stop the others.
func payBatch(tx *tx, id string) error {
	b, err := batchOf(tx, "", "", id)
	if err != nil || b == nil || b.Status != batchInit {
		return err
	}
	b.Paid = ms(tx.now)
	if balance(tx, "A:"+b.PID) < b.Total {
		b.Status, b.Code, b.Reason, b.Ended = transferFail, "PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足", b.Paid
		for i := range b.Lines {
			b.Lines[i].Status, b.Lines[i].Code, b.Lines[i].Text = transferFail, b.Code, b.Reason
		}
		return putBatch(tx, b)
	}
	b.Status = batchDealing
	for i := range b.Lines {
		if err := payLine(tx, b, &b.Lines[i]); err != nil {
			return err
		}
	}
	if err := putBatch(tx, b); err != nil {
		return err
	}
	return settleBatch(tx, b.ID)
}

func payLine(tx *tx, b *Batch, l *batchLine) error {
	t := l.Transfer
	t.Batch, t.At = b.ID, ms(tx.now)
	old, err := transferByKey(tx, t.key())
	if err != nil {
		return err
	}
	if old != nil {
		l.Status, l.Code, l.Text = transferFail, "BIZ_UNIQUE_EXCEPTION", "商户订单号已存在"
		return nil
	}
	payee, err := parseObject(encodeJSON(l.Payee))
	if err != nil {
		return fmt.Errorf("read a batch line's payee: %w", err)
	}
	var biz *bizError
	if err := pay(tx, &t, payee); errors.As(err, &biz) {
		l.Status, l.Code, l.Text = transferFail, biz.SubCode, biz.SubMsg
		return nil
	} else if err != nil {
		return err
	}
	l.Transfer, l.Status = t, t.Status
	return nil
}

// settleBatch brings the lines' transfers into the batch and ends it when all are final.
func settleBatch(tx *tx, id string) error {
	b, err := batchOf(tx, "", "", id)
	if err != nil || b == nil {
		return err
	}
	good, open := 0, 0
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Status == transferDealing {
			t, err := getRaw[Transfer](tx, bucketTransfers, num(l.Transfer.Seq))
			if err != nil {
				return err
			}
			if t != nil && t.Status != transferDealing {
				l.Transfer, l.Status, l.Code, l.Text = *t, t.Status, t.Code, t.Reason
				if t.Status == transferRefund {
					l.Status = transferFail
				}
			}
		}
		switch l.Status {
		case transferSuccess:
			good++
		case transferDealing:
			open++
		}
	}
	if open == 0 {
		b.Ended = ms(tx.now)
		switch good {
		case len(b.Lines):
			b.Status = transferSuccess
		case 0:
			b.Status = transferFail
		default:
			b.Status = batchPartial
		}
	}
	return putBatch(tx, b)
}

// openBatch is alipay.fund.batch.app.pay: the payer's browser goes on to a page that pays the batch.
func openBatch(c *call) (any, error) {
	var b *Batch
	if err := c.view(func(tx *tx) (err error) {
		b, err = batchOf(tx, c.pid, "", c.biz.str("batch_trans_id"))
		return err
	}); err != nil {
		return nil, err
	}
	if b == nil {
		return nil, refuse("ORDER_NOT_EXIST", "批次不存在")
	}
	return "batch/" + c.sim.batchToken(b.ID), nil
}

// batchToken names a batch in a cashier address.
func (s *Simulator) batchToken(id string) string { return id + "x" + s.keys.cashierMAC("batch"+id) }

// batchOfToken undoes batchToken, "" for a wrong one.
func (s *Simulator) batchOfToken(token string) string {
	id, mac, _ := strings.Cut(token, "x")
	if mac == "" || mac != s.keys.cashierMAC("batch"+id) {
		return ""
	}
	return id
}

// closeBatch is alipay.fund.batch.close of an unpaid batch.
func closeBatch(c *call) (any, error) {
	var b *Batch
	err := c.update(func(tx *tx) (err error) {
		if b, err = batchOf(tx, c.pid, c.biz.str("out_batch_no"), c.biz.str("batch_trans_id")); err != nil {
			return err
		}
		switch {
		case b == nil:
			return refuse("ORDER_NOT_EXIST", "批次不存在")
		case b.Status != batchInit && b.Status != batchDisused:
			return refuse("ORDER_STATUS_INVALID", "批次状态不允许关闭")
		}
		b.Status = batchDisused
		for i := range b.Lines {
			b.Lines[i].Status = batchDisused
		}
		return putBatch(tx, b)
	})
	if err != nil {
		return nil, err
	}
	return struct {
		ID     string `json:"batch_trans_id"`
		Status string `json:"status"`
	}{b.ID, b.Status}, nil
}

type batchDetail struct {
	Out      string            `json:"out_biz_no"`
	Order    string            `json:"alipay_order_no,omitempty"`
	Status   string            `json:"status"`
	Code     string            `json:"error_code,omitempty"`
	Text     string            `json:"error_msg,omitempty"`
	Retry    string            `json:"need_retry"`
	Amount   string            `json:"trans_amount"`
	Created  string            `json:"gmt_create"`
	Finished string            `json:"gmt_finish,omitempty"`
	Remark   string            `json:"remark,omitempty"`
	Payee    map[string]string `json:"payee_info"`
}

type batchAnswer struct {
	ID         string        `json:"batch_trans_id"`
	Out        string        `json:"out_batch_no"`
	Status     string        `json:"batch_status"`
	Status2    string        `json:"status"`
	Count      int           `json:"total_item_count"`
	Amount     string        `json:"total_amount"`
	Good       int           `json:"success_count"`
	GoodAmount string        `json:"success_amount"`
	Bad        int           `json:"fail_count"`
	BadAmount  string        `json:"fail_amount"`
	PayerID    string        `json:"payer_id"`
	PaidAt     string        `json:"gmt_pay_finish,omitempty"`
	EndedAt    string        `json:"gmt_finish,omitempty"`
	Code       string        `json:"error_code,omitempty"`
	Reason     string        `json:"fail_reason,omitempty"`
	Page       int           `json:"page_num"`
	Size       int           `json:"page_size"`
	Pages      int           `json:"total_page_count"`
	Lines      []batchDetail `json:"acc_detail_list"`
}

// queryBatch is alipay.fund.batch.detail.query.
func queryBatch(c *call) (any, error) {
	page, size := c.biz.num("page_num", 1), c.biz.num("page_size", 500)
	switch {
	case !c.biz.has("out_batch_no") && !c.biz.has("batch_trans_id"):
		return nil, c.method.refuseField(&fieldError{"out_batch_no,batch_trans_id", "不能同时为空"})
	case page < 1 || size < 1 || size > 500:
		return nil, c.method.refuseField(&fieldError{"page_num,page_size", "超出范围"})
	}
	var b *Batch
	if err := c.view(func(tx *tx) (err error) {
		b, err = batchOf(tx, c.pid, c.biz.str("out_batch_no"), c.biz.str("batch_trans_id"))
		return err
	}); err != nil {
		return nil, err
	}
	if b == nil {
		return nil, refuse("ORDER_NOT_EXIST", "批次不存在")
	}
	return b.describe(page, size, c.biz.str("detail_status"), c.now), nil
}

func (b *Batch) describe(page, size int, status string, now time.Time) batchAnswer {
	a := batchAnswer{ID: b.ID, Out: b.Out, Status: b.Status, Amount: b.Total.Yuan(), PayerID: b.PID, Code: b.Code, Reason: b.Reason, Page: page, Size: size, Lines: []batchDetail{}}
	if b.Status == batchInit && b.Expire > 0 && ms(now) >= b.Expire {
		a.Status = batchInvalid
	}
	a.Status2 = a.Status
	for _, at := range []struct {
		to *string
		v  int64
	}{{&a.PaidAt, b.Paid}, {&a.EndedAt, b.Ended}} {
		if at.v > 0 {
			*at.to = beijing(fromMS(at.v))
		}
	}
	var good, bad money.Fen
	var rows []batchDetail
	for _, l := range b.Lines {
		switch l.Status {
		case transferSuccess:
			a.Good++
			good += l.Transfer.Amount
		case transferFail:
			a.Bad++
			bad += l.Transfer.Amount
		}
		if status == "" || status == l.Status {
			rows = append(rows, l.describe(b))
		}
	}
	a.Count, a.GoodAmount, a.BadAmount = len(b.Lines), good.Yuan(), bad.Yuan()
	a.Pages = (len(rows) + size - 1) / size
	from := min((page-1)*size, len(rows))
	a.Lines = append(a.Lines, rows[from:min(from+size, len(rows))]...)
	return a
}

func (l *batchLine) describe(b *Batch) batchDetail {
	t := l.Transfer
	d := batchDetail{Out: t.Out, Order: t.OrderID, Status: l.Status, Code: l.Code, Text: l.Text, Retry: "F", Amount: t.Amount.Yuan(), Created: beijing(fromMS(b.At)), Remark: t.Remark,
		Payee: map[string]string{"payee_account": t.Payee, "payee_name": t.Name, "payee_type": "USER_ID"}}
	if t.Product == transferToCard {
		d.Payee["payee_type"] = "BANK_CARD_NO"
	}
	if t.Ended > 0 {
		d.Finished = beijing(fromMS(t.Ended))
	}
	return d
}
