package transfers

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Statuses of a batch (alipay.fund.batch.detail.query).
const (
	BatchInit    = "INIT"
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
	Transfer Transfer        `json:"transfer"`
	Payee    protocol.Object `json:"payee_info"`
	Status   string          `json:"status"` // INIT, DEALING, SUCCESS, FAIL, DISUSE
	Code     string          `json:"error_code,omitempty"`
	Text     string          `json:"error_msg,omitempty"`
}

const (
	BucketBatches   = "batches"      // batch_trans_id → Batch
	bucketBatchKeys = "batches_keys" // pid|out_batch_no → batch_trans_id
)

func batchMethods() []gateway.Method {
	signed := fundProducts()
	list := []protocol.Field{
		{Name: "out_batch_no", Required: true, Max: 64}, {Name: "total_count", Required: true, Kind: protocol.KindInt},
		{Name: "total_trans_amount", Required: true, Kind: protocol.KindAmount, Max: 20},
		{Name: "product_code", Max: 64}, {Name: "biz_scene", Max: 64}, {Name: "order_title", Max: 128},
		{Name: "time_expire", Max: 16}, {Name: "remark", Max: 200},
		{Name: "payer_info", Kind: protocol.KindAny}, {Name: "business_params", Kind: protocol.KindAny},
		{Name: "transfer_scene_name", Max: 64},
		{Name: "transfer_scene_report_infos", Kind: protocol.KindArray, Max: 20, Fields: reportFields()},
		{Name: "trans_order_list", Required: true, Kind: protocol.KindArray, Max: maxBatch, Fields: []protocol.Field{
			{Name: "out_biz_no", Required: true, Max: 64},
			{Name: "trans_amount", Required: true, Kind: protocol.KindAmount, Max: 20}, {Name: "order_title", Max: 128},
			{Name: "remark", Max: 200},
			{Name: "payee_info", Required: true, Kind: protocol.KindObject, Fields: payeeFields()},
			{Name: "business_params", Kind: protocol.KindAny}, {Name: "passback_params", Max: 512}}},
	}
	id := []protocol.Field{{Name: "batch_trans_id", Required: true, Max: 64}}
	return []gateway.Method{
		{Name: "alipay.fund.batch.create", Products: signed, Fields: list, Handle: createBatch},
		{Name: "alipay.fund.batch.uni.transfer", Products: signed, Fields: list, Handle: createBatch},
		{Name: "alipay.fund.batch.app.pay", Products: signed, Fields: id, Page: true, Handle: openBatch},
		{Name: "alipay.fund.batch.close", Products: signed,
			Fields: []protocol.Field{{Name: "batch_trans_id", Max: 64}, {Name: "out_batch_no", Max: 64}},
			Handle: closeBatch},
		{Name: "alipay.fund.batch.detail.query", Products: signed, Handle: queryBatch, Fields: []protocol.Field{
			{Name: "out_batch_no", Max: 64}, {Name: "batch_trans_id", Max: 64}, {Name: "product_code", Max: 64},
			{Name: "biz_scene", Max: 64}, {Name: "page_num", Kind: protocol.KindInt},
			{Name: "page_size", Kind: protocol.KindInt}, {Name: "detail_status", Max: 20},
			{Name: "out_biz_no", Max: 64}, {Name: "order_id", Max: 64}}},
	}
}

// createBatch is alipay.fund.batch.create (paid at the cashier afterwards) and batch.uni.transfer (paid without a
// password at once).
func createBatch(c *gateway.Call) (any, error) {
	if err := certificateNeeded(c); err != nil {
		return nil, err
	}
	var b *Batch
	err := c.Update(func(tx *state.Tx) error {
		want, err := newBatch(c)
		if err != nil {
			return err
		}
		if b, err = BatchOf(tx, c.PID, want.Out, ""); err != nil {
			return err
		}
		if b != nil {
			return sameBatch(b, want)
		}
		b = want
		n, err := tx.NextID(BucketBatches)
		if err != nil {
			return err
		}
		b.ID = tx.Now.In(protocol.BeijingZone()).Format("20060102") + fmt.Sprintf("01080%015d", n)
		if err := tx.Bucket(bucketBatchKeys).Put([]byte(b.PID+"|"+b.Out), []byte(b.ID)); err != nil {
			return fmt.Errorf("index a batch: %w", err)
		}
		if strings.HasSuffix(b.Method, ".uni.transfer") {
			if err := state.AddTimer(tx, protocol.Millis(tx.Now), timerBatchPay, []byte(b.ID)); err != nil {
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
	}{b.ID, b.Out, BatchInit}, nil
}

// newBatch checks totals and every line's form; whether payees exist turns out when the batch is carried out.
func newBatch(c *gateway.Call) (*Batch, error) {
	b := &Batch{Out: c.Biz.Str("out_batch_no"), AppID: c.App.AppID, PID: c.PID, Method: c.Method.Name,
		Title: c.Biz.Str("order_title"), Status: BatchInit, At: protocol.Millis(c.Now)}
	if end := c.Biz.Str("time_expire"); end != "" {
		at, err := time.ParseInLocation("2006-01-02 15:04", end, protocol.BeijingZone())
		if at = c.Here(at); err != nil || !at.After(c.Now) {
			return nil, c.Method.RefuseField(&protocol.FieldError{Path: "time_expire", Why: "格式错误或早于当前时间"})
		}
		b.Expire = protocol.Millis(at)
	}
	seen := map[string]bool{}
	for i, o := range c.Biz.List("trans_order_list") {
		line := protocol.Object{"product_code": transferToAccount, "biz_scene": sceneDirect,
			"transfer_scene_name":         c.Biz["transfer_scene_name"],
			"transfer_scene_report_infos": c.Biz["transfer_scene_report_infos"]}
		if o.Obj("payee_info").Str("identity_type") == "BANKCARD_ACCOUNT" {
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
			return nil,
				c.Method.RefuseField(&protocol.FieldError{Path: fmt.Sprintf("trans_order_list[%d].out_biz_no", i),
					Why: "批次内重复"})
		}
		seen[t.Out] = true
		b.Total += t.Amount
		b.Lines = append(b.Lines, batchLine{Transfer: *t, Payee: o.Obj("payee_info"), Status: BatchInit})
	}
	switch {
	case len(b.Lines) != c.Biz.Num("total_count", -1):
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "total_count", Why: "与明细条数不一致"})
	case b.Total != c.Biz.Fen("total_trans_amount"):
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "total_trans_amount", Why: "与明细金额之和不一致"})
	case b.Total < 100:
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "total_trans_amount", Why: "不得低于1.00"})
	}
	return b, nil
}

func sameBatch(old, b *Batch) error {
	same := old.Total == b.Total && slices.EqualFunc(old.Lines, b.Lines, func(x, y batchLine) bool {
		return x.Transfer.Out == y.Transfer.Out && x.Transfer.Amount == y.Transfer.Amount &&
			x.Transfer.Payee == y.Transfer.Payee
	})
	if !same {
		return protocol.Refuse("PAYMENT_INFO_INCONSISTENCY", "同一批次号的批次信息不一致")
	}
	return nil
}

func putBatch(tx *state.Tx, b *Batch) error { return state.Put(tx, BucketBatches, b.ID, b) }

// BatchOf finds by either number within a PID, nil when there is none.
func BatchOf(tx *state.Tx, pid, out, id string) (*Batch, error) {
	if id == "" {
		keys := tx.Bucket(bucketBatchKeys)
		if keys == nil {
			return nil, nil
		}
		id = string(keys.Get([]byte(pid + "|" + out)))
	}
	b, err := state.Get[Batch](tx, BucketBatches, id)
	if err != nil || b == nil || (pid != "" && b.PID != pid) {
		return nil, err
	}
	return b, nil
}

// payBatch carries a batch out line by line. The payer's balance must cover the whole; a line that is refused does not
// stop the others.
func payBatch(tx *state.Tx, id string) error {
	b, err := BatchOf(tx, "", "", id)
	if err != nil || b == nil || b.Status != BatchInit {
		return err
	}
	b.Paid = protocol.Millis(tx.Now)
	if state.Balance(tx, "A:"+b.PID) < b.Total {
		b.Status, b.Code, b.Reason, b.Ended = Failed, "PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足", b.Paid
		for i := range b.Lines {
			b.Lines[i].Status, b.Lines[i].Code, b.Lines[i].Text = Failed, b.Code, b.Reason
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

func payLine(tx *state.Tx, b *Batch, l *batchLine) error {
	t := l.Transfer
	t.Batch, t.At = b.ID, protocol.Millis(tx.Now)
	old, err := ByKey(tx, t.key())
	if err != nil {
		return err
	}
	if old != nil {
		l.Status, l.Code, l.Text = Failed, "BIZ_UNIQUE_EXCEPTION", "商户订单号已存在"
		return nil
	}
	payee, err := protocol.ParseObject(protocol.EncodeJSON(l.Payee))
	if err != nil {
		return fmt.Errorf("read a batch line's payee: %w", err)
	}
	var biz *protocol.BizError
	if err := pay(tx, &t, payee); errors.As(err, &biz) {
		l.Status, l.Code, l.Text = Failed, biz.SubCode, biz.SubMsg
		return nil
	} else if err != nil {
		return err
	}
	l.Transfer, l.Status = t, t.Status
	return nil
}

// settleBatch brings the lines' transfers into the batch and ends it when all are final.
func settleBatch(tx *state.Tx, id string) error {
	b, err := BatchOf(tx, "", "", id)
	if err != nil || b == nil {
		return err
	}
	good, open := 0, 0
	for i := range b.Lines {
		l := &b.Lines[i]
		if l.Status == Dealing {
			t, err := state.GetRaw[Transfer](tx, Bucket, state.Key(l.Transfer.Seq))
			if err != nil {
				return err
			}
			if t != nil && t.Status != Dealing {
				l.Transfer, l.Status, l.Code, l.Text = *t, t.Status, t.Code, t.Reason
				if t.Status == Returned {
					l.Status = Failed
				}
			}
		}
		switch l.Status {
		case Succeeded:
			good++
		case Dealing:
			open++
		}
	}
	if open == 0 {
		b.Ended = protocol.Millis(tx.Now)
		switch good {
		case len(b.Lines):
			b.Status = Succeeded
		case 0:
			b.Status = Failed
		default:
			b.Status = batchPartial
		}
	}
	return putBatch(tx, b)
}

// openBatch is alipay.fund.batch.app.pay: the payer's browser goes on to a page that pays the batch.
func openBatch(c *gateway.Call) (any, error) {
	var b *Batch
	if err := c.View(func(tx *state.Tx) (err error) {
		b, err = BatchOf(tx, c.PID, "", c.Biz.Str("batch_trans_id"))
		return err
	}); err != nil {
		return nil, err
	}
	if b == nil {
		return nil, protocol.Refuse("ORDER_NOT_EXIST", "批次不存在")
	}
	return "batch/" + batchToken(c.State, b.ID), nil
}

// batchToken names a batch in a cashier address.
func batchToken(s *state.State, id string) string { return id + "x" + s.Keys.MAC("batch"+id) }

// BatchOfToken undoes batchToken, "" for a wrong one.
func BatchOfToken(s *state.State, token string) string {
	id, mac, _ := strings.Cut(token, "x")
	if mac == "" || mac != s.Keys.MAC("batch"+id) {
		return ""
	}
	return id
}

// closeBatch is alipay.fund.batch.close of an unpaid batch.
func closeBatch(c *gateway.Call) (any, error) {
	var b *Batch
	err := c.Update(func(tx *state.Tx) (err error) {
		if b, err = BatchOf(tx, c.PID, c.Biz.Str("out_batch_no"), c.Biz.Str("batch_trans_id")); err != nil {
			return err
		}
		switch {
		case b == nil:
			return protocol.Refuse("ORDER_NOT_EXIST", "批次不存在")
		case b.Status != BatchInit && b.Status != batchDisused:
			return protocol.Refuse("ORDER_STATUS_INVALID", "批次状态不允许关闭")
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
func queryBatch(c *gateway.Call) (any, error) {
	page, size := c.Biz.Num("page_num", 1), c.Biz.Num("page_size", 500)
	switch {
	case !c.Biz.Has("out_batch_no") && !c.Biz.Has("batch_trans_id"):
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "out_batch_no,batch_trans_id", Why: "不能同时为空"})
	case page < 1 || size < 1 || size > 500:
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "page_num,page_size", Why: "超出范围"})
	}
	var b *Batch
	if err := c.View(func(tx *state.Tx) (err error) {
		b, err = BatchOf(tx, c.PID, c.Biz.Str("out_batch_no"), c.Biz.Str("batch_trans_id"))
		return err
	}); err != nil {
		return nil, err
	}
	if b == nil {
		return nil, protocol.Refuse("ORDER_NOT_EXIST", "批次不存在")
	}
	return b.describe(page, size, c.Biz.Str("detail_status"), c.Now), nil
}

func (b *Batch) describe(page, size int, status string, now time.Time) batchAnswer {
	a := batchAnswer{ID: b.ID, Out: b.Out, Status: b.Status, Amount: b.Total.Yuan(), PayerID: b.PID, Code: b.Code,
		Reason: b.Reason, Page: page, Size: size, Lines: []batchDetail{}}
	if b.Status == BatchInit && b.Expire > 0 && protocol.Millis(now) >= b.Expire {
		a.Status = batchInvalid
	}
	a.Status2 = a.Status
	for _, at := range []struct {
		to *string
		v  int64
	}{{&a.PaidAt, b.Paid}, {&a.EndedAt, b.Ended}} {
		if at.v > 0 {
			*at.to = protocol.Beijing(protocol.FromMillis(at.v))
		}
	}
	var good, bad money.Fen
	var rows []batchDetail
	for _, l := range b.Lines {
		switch l.Status {
		case Succeeded:
			a.Good++
			good += l.Transfer.Amount
		case Failed:
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
	d := batchDetail{Out: t.Out, Order: t.OrderID, Status: l.Status, Code: l.Code, Text: l.Text, Retry: "F",
		Amount: t.Amount.Yuan(), Created: protocol.Beijing(protocol.FromMillis(b.At)), Remark: t.Remark,
		Payee: map[string]string{"payee_account": t.Payee, "payee_name": t.Name, "payee_type": "USER_ID"}}
	if t.Product == transferToCard {
		d.Payee["payee_type"] = "BANK_CARD_NO"
	}
	if t.Ended > 0 {
		d.Finished = protocol.Beijing(protocol.FromMillis(t.Ended))
	}
	return d
}

// PayBatchNow pays a batch that waits for its payer; a refusal of the desk when it cannot be paid (any more).
func PayBatchNow(s *state.State, id string) (*Batch, error) {
	var b *Batch
	err := s.Update(s.Now(), func(tx *state.Tx) (err error) {
		if b, err = BatchOf(tx, "", "", id); err != nil {
			return err
		}
		switch {
		case b == nil:
			return state.NotFound("batch")
		case b.Status != BatchInit || (b.Expire > 0 && protocol.Millis(tx.Now) >= b.Expire):
			return &state.Refusal{Status: http.StatusConflict, Code: "already_decided", Message: "批次不可支付：" + b.Status}
		}
		if err := payBatch(tx, id); err != nil {
			return err
		}
		b, err = BatchOf(tx, "", "", id)
		return err
	})
	return b, err
}
