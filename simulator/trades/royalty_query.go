package trades

import (
	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

type royaltyDetail struct {
	Type      string `json:"operation_type"`
	ExecuteAt string `json:"execute_dt,omitempty"`
	Out       string `json:"trans_out,omitempty"`
	OutType   string `json:"trans_out_type,omitempty"`
	In        string `json:"trans_in,omitempty"`
	InType    string `json:"trans_in_type,omitempty"`
	Amount    string `json:"amount"`
	State     string `json:"state"`
	ID        string `json:"detail_id"`
	Code      string `json:"error_code,omitempty"`
	Text      string `json:"error_desc,omitempty"`
}

// details lists the lines of a royalty: the receiver of a transfer, the payer of a replenishment.
func (r *Royalty) details() []royaltyDetail {
	out := []royaltyDetail{}
	for _, l := range r.Lines {
		d := royaltyDetail{Type: l.Type, Amount: l.Amount.Yuan(), State: l.State, ID: l.ID, Code: l.Code, Text: l.Text}
		if l.At > 0 {
			d.ExecuteAt = protocol.Beijing(protocol.FromMillis(l.At))
		}
		if l.Type == royaltyReplenish {
			d.Out, d.OutType = l.Out, "userId"
		} else {
			d.In, d.InType = l.In, "userId"
		}
		out = append(out, d)
	}
	return out
}

type settleQueryAnswer struct {
	OutRequestNo string          `json:"out_request_no"`
	At           string          `json:"operation_dt"`
	Lines        []royaltyDetail `json:"royalty_detail_list"`
}

// settleQuery is alipay.trade.order.settle.query: by settle_no, or by out_request_no with trade_no.
func settleQuery(c *gateway.Call) (any, error) {
	settleNo, requestNo := c.Biz.Str("settle_no"), c.Biz.Str("out_request_no")
	if settleNo == "" && (requestNo == "" || !c.Biz.Has("trade_no")) {
		return nil,
			c.Method.RefuseField(&protocol.FieldError{Path: "settle_no", Why: "或 out_request_no 与 trade_no 不能为空"})
	}
	var a settleQueryAnswer
	err := c.View(func(tx *state.Tx) error {
		seq := seqOfSettleNo(settleNo)
		if settleNo == "" {
			seq = SeqOfNo(c.Biz.Str("trade_no"))
		}
		t, err := Get(tx, seq)
		if err != nil {
			return err
		}
		if t == nil || t.PID != c.PID {
			return protocol.Refuse("MERCHANT_TRADE_NOT_MATCH", "商户与交易不匹配")
		}
		for _, r := range t.Royalties {
			if (settleNo != "" && r.SettleNo == settleNo) || (settleNo == "" && r.No == requestNo) {
				a = settleQueryAnswer{r.No, protocol.Beijing(protocol.FromMillis(r.At)), r.details()}
				return nil
			}
		}
		return c.Method.RefuseField(&protocol.FieldError{Path: "settle_no,out_request_no", Why: "分账请求不存在"})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// onsettleQuery is alipay.trade.order.onsettle.query: how much can still be shared.
func onsettleQuery(c *gateway.Call) (any, error) {
	var left money.Fen
	err := c.View(func(tx *state.Tx) error {
		t, err := findTrade(tx, c.PID, c.Biz)
		if err != nil {
			return err
		}
		left = t.sharable()
		if c.Biz.Str("royalty_source") == "unsettled" {
			left = t.Unsettled
		}
		left = max(0, min(left, t.capLeft(c.Owner().Settings.MaxRatio)))
		if t.Finished || !t.IsPaid() {
			left = 0
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Amount string `json:"unsettled_amount"`
	}{left.Yuan()}, nil
}
