package transfers

import (
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

type transferQueryAnswer struct {
	OrderID  string `json:"order_id"`
	FundNo   string `json:"pay_fund_order_id"`
	Out      string `json:"out_biz_no"`
	Amount   string `json:"trans_amount,omitempty"`
	Status   string `json:"status"`
	PayDate  string `json:"pay_date,omitempty"`
	ArriveBy string `json:"arrival_time_end,omitempty"`
	Fee      string `json:"order_fee"`
	Code     string `json:"error_code,omitempty"`
	Reason   string `json:"fail_reason,omitempty"`
	UserID   string `json:"receiver_user_id,omitempty"`
	Passback string `json:"passback_params,omitempty"`
}

// queryTransfer is alipay.fund.trans.common.query: pay_fund_order_id before order_id before out_biz_no.
func queryTransfer(c *gateway.Call) (any, error) {
	if err := certificateNeeded(c); err != nil {
		return nil, err
	}
	key := "o|" + c.PID + "|" + c.Biz.Str("product_code") + "|" + c.Biz.Str("biz_scene") + "|" + c.Biz.Str("out_biz_no")
	switch {
	case c.Biz.Has("pay_fund_order_id"):
		key = "f|" + c.Biz.Str("pay_fund_order_id")
	case c.Biz.Has("order_id"):
		key = "i|" + c.Biz.Str("order_id")
	case !c.Biz.Has("out_biz_no"):
		return nil,
			c.Method.RefuseField(&protocol.FieldError{Path: "out_biz_no,order_id,pay_fund_order_id", Why: "不能同时为空"})
	case !c.Biz.Has("product_code") || !c.Biz.Has("biz_scene"):
		return nil,
			c.Method.RefuseField(&protocol.FieldError{Path: "product_code,biz_scene", Why: "按 out_biz_no 查询时必填"})
	}
	var t *Transfer
	if err := c.View(func(tx *state.Tx) (err error) { t, err = ByKey(tx, key); return err }); err != nil {
		return nil, err
	}
	switch {
	case t == nil:
		return nil, protocol.Refuse("ORDER_NOT_EXIST", "转账订单不存在")
	case t.PID != c.PID:
		return nil, protocol.Refuse("NO_ORDER_PERMISSION", "无权限操作此订单")
	}
	a := transferQueryAnswer{OrderID: t.OrderID, FundNo: t.FundNo, Out: t.Out, Status: t.Status, Fee: "0.00",
		Code: t.Code, Reason: t.Reason, UserID: t.UserID, Passback: t.Passback}
	if t.Status == Succeeded {
		a.Amount = t.Amount.Yuan()
	}
	if t.Ended > 0 {
		a.PayDate = protocol.Beijing(protocol.FromMillis(t.Ended))
	} else {
		a.ArriveBy = protocol.Beijing(protocol.FromMillis(t.At).Add(2 * time.Hour))
	}
	return a, nil
}

// queryAccount is alipay.fund.account.query of the caller's own account.
func queryAccount(c *gateway.Call) (any, error) {
	var have money.Fen
	err := c.View(func(tx *state.Tx) error {
		own, err := state.FindAccount(tx, c.PID)
		if err != nil {
			return err
		}
		if own == nil {
			return protocol.Refuse("ALIPAY_ACCOUNT_NOT_EXIST", "账户不存在")
		}
		if id := c.Biz.Str("alipay_user_id"); (id != "" && id != c.PID) ||
			(c.Biz.Has("alipay_open_id") && state.UserOfOpenID(c.Biz.Str("alipay_open_id")) != c.PID) {
			return protocol.Refuse("AUTH_USERID_IS_NOT_MATCH", "只能查询自己的账户")
		}
		have = state.Balance(tx, "A:"+c.PID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Available string `json:"available_amount"`
		Frozen    string `json:"freeze_amount"`
		Total     string `json:"total_amount"`
	}{have.Yuan(), money.Fen(0).Yuan(), have.Yuan()}, nil
}

// queryQuota is alipay.fund.quota.query in its newer form.
func queryQuota(c *gateway.Call) (any, error) {
	single := money.Max
	if c.App.Settings.TransferMax > 0 {
		single = c.App.Settings.TransferMax
	}
	return map[string]any{"active_quota_is_new": true, "new_quota_single_max": single.Yuan(),
		"new_quota_single_min": transferLeast.Yuan(),
		"new_quota_daily":      quotaDaily.Yuan(), "new_quota_daily_remain": quotaDaily.Yuan(),
		"new_quota_monthly":        (15 * quotaDaily).Yuan(),
		"new_quota_monthly_remain": (15 * quotaDaily).Yuan(), "active_new_quota_daily_remain_limited": false,
		"active_new_quota_monthly_remain_limited": false}, nil
}
