package simulator

import (
	"fmt"
	"slices"
)

// zftOrder is one element of zftorder.query's orders.
type zftOrder struct {
	OrderID    string `json:"order_id"`
	ExternalID string `json:"external_id"`
	Name       string `json:"merchant_name,omitempty"`
	At         string `json:"apply_time"`
	Type       string `json:"apply_type"`
	Status     string `json:"status"`
	FK         string `json:"fk_audit,omitempty"`
	FKMemo     string `json:"fk_audit_memo,omitempty"`
	KZ         string `json:"kz_audit,omitempty"`
	KZMemo     string `json:"kz_audit_memo,omitempty"`
	Confirm    string `json:"sub_confirm,omitempty"`
	CardAlias  string `json:"card_alias_no,omitempty"`
	SMID       string `json:"smid,omitempty"`
	Logon      string `json:"safe_binding_logon_id,omitempty"`
	AppPreAuth string `json:"app_pre_auth,omitempty"`
	FacePreA   string `json:"face_pre_auth,omitempty"`
	FaceLimit  string `json:"is_face_limit,omitempty"`
	Reason     string `json:"reason,omitempty"`
	SignURL    string `json:"sub_sign_qr_code_url,omitempty"`
	ShortURL   string `json:"sub_sign_short_chain_url,omitempty"`
}

// describe is the application as the platform may see it: smid and card alias only when finished.
func (a *Application) describe() zftOrder {
	o := zftOrder{
		OrderID: a.OrderID, ExternalID: a.ExternalID, Name: a.Name, At: beijing(fromMS(a.At)), Type: a.Type, Status: a.Status, FK: a.FK, FKMemo: a.FKMemo,
		KZ: a.KZ, KZMemo: a.KZMemo, Confirm: a.Confirm, Logon: maskLogon(a.Logon), Reason: a.Reason, SignURL: a.SignURL, ShortURL: a.ShortURL,
	}
	if a.Status == applyFinished && a.Type != applyConsult {
		o.SMID, o.CardAlias, o.AppPreAuth, o.FacePreA, o.FaceLimit = a.SMID, a.CardAlias, "FALSE", "FALSE", "FALSE"
	}
	return o
}

// queryApplications is zftorder.query: by order_id, which wins, or every application of an external_id, newest first.
func queryApplications(c *call) (any, error) {
	id, ext := c.biz.str("order_id"), c.biz.str("external_id")
	if id == "" && ext == "" {
		return nil, badForm("order_id,external_id", "不能同时为空")
	}
	orders := []zftOrder{}
	err := c.view(func(t *tx) error {
		if id == "" {
			return eachApplication(t, c.pid, ext, func(a *Application) error {
				orders = append(orders, a.describe())
				return nil
			})
		}
		a, err := getApplication(t, id)
		if err == nil && a != nil && a.PID == c.pid {
			orders = append(orders, a.describe())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(orders) == 0 {
		return nil, refuse("ORDER_NOT_EXIST", "申请单不存在")
	}
	slices.Reverse(orders)
	return struct {
		Orders []zftOrder `json:"orders"`
	}{orders}, nil
}

// queryOrder is ant.merchant.expand.order.query.
func queryOrder(c *call) (any, error) {
	id := c.biz.str("order_id")
	if id == "" {
		return nil, refuse("ORDER_ID_EMPTY", "申请单号不能为空")
	}
	var a *Application
	if err := c.view(func(t *tx) (err error) { a, err = getApplication(t, id); return err }); err != nil {
		return nil, err
	}
	if a == nil {
		return nil, refuse("ORDER_NOT_EXIST", "申请单不存在")
	}
	if a.PID != c.pid {
		return nil, refuse("NOT_ALLOW_QUERY", "不允许查询")
	}
	out := struct {
		Status string   `json:"status"`
		Name   string   `json:"merchant_name,omitempty"`
		At     string   `json:"apply_time"`
		RoleID []string `json:"ip_role_id,omitempty"`
		Ext    string   `json:"ext_info,omitempty"`
	}{Status: a.Status, Name: a.Name, At: beijing(fromMS(a.At))}
	if a.Status == applyFinished && a.SMID != "" {
		out.RoleID = []string{a.SMID}
		ext := map[string]string{"smid": a.SMID}
		if a.CardAlias != "" {
			ext["cardAliasNo"] = a.CardAlias
		}
		out.Ext = string(encodeJSON(ext))
	}
	return out, nil
}

// querySettlement is zftsubsettle.query.
func querySettlement(c *call) (any, error) {
	var out struct {
		Logon  string `json:"alipay_logon_id,omitempty"`
		UID    string `json:"alipay_logon_uid,omitempty"`
		OpenID string `json:"alipay_logon_open_id,omitempty"`
		Cards  []any  `json:"biz_cards,omitempty"`
		Rule   object `json:"default_settle_rule,omitempty"`
	}
	err := c.view(func(t *tx) error {
		m, data, err := merchantForm(t, c)
		if err != nil {
			return err
		}
		if m.DefaultType == settleUser || data.has("alipay_logon_id") {
			out.Logon, out.UID = maskLogon(m.LogonID), m.UserID
			if acc, err := findAccount(t, m.UserID); err == nil && acc != nil {
				out.OpenID = openID(acc, c.authApp)
			}
		}
		if len(m.Cards) > 0 {
			out.Cards, _ = data["biz_cards"].([]any)
		}
		out.Rule = data.obj("default_settle_rule")
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// merchantForm is the merchant a call names, with its stored form.
func merchantForm(t *tx, c *call) (*Merchant, object, error) {
	m, err := ownMerchant(t, c)
	if err != nil {
		return nil, nil, err
	}
	if len(m.Profile) == 0 {
		return m, object{}, nil
	}
	data, err := parseObject(m.Profile)
	if err != nil {
		return nil, nil, fmt.Errorf("read the profile of merchant %s: %w", m.SMID, err)
	}
	return m, data, nil
}

// detectCard is zftsettlecard.detect: does this card stand behind the alias?
func detectCard(c *call) (any, error) {
	out := struct {
		Consistent string `json:"consistent"`
		Reason     string `json:"inconsistency_reason,omitempty"`
	}{Consistent: "true"}
	err := c.view(func(t *tx) error {
		m, data, err := merchantForm(t, c)
		if err != nil {
			return err
		}
		if !slices.Contains(m.Cards, c.biz.str("card_alias_no")) {
			return badForm("card_alias_no", "卡编号不存在")
		}
		for _, card := range data.list("biz_cards") {
			switch {
			case card.str("account_no") != c.biz.str("account_no"):
				out.Consistent, out.Reason = "false", "卡号不一致"
			case card.str("account_holder_name") != c.biz.str("account_holder_name"):
				out.Consistent, out.Reason = "false", "户名不一致"
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// unbindSettlement is zft.settlement.unbind: exactly one of account and card.
func unbindSettlement(c *call) (any, error) {
	logon, alias := c.biz.str("alipay_logon_id"), c.biz.str("card_alias_no")
	if (logon == "") == (alias == "") {
		return nil, badForm("alipay_logon_id,card_alias_no", "必须且只能传一个")
	}
	return nil, c.update(func(t *tx) error {
		m, data, err := merchantForm(t, c)
		if err != nil {
			return err
		}
		switch {
		case alias != "" && !slices.Contains(m.Cards, alias), logon != "" && logon != m.LogonID:
			return badForm("alipay_logon_id,card_alias_no", "未绑定")
		case alias != "" && m.DefaultType == settleCard && m.DefaultTarget == alias, logon != "" && m.DefaultType == settleUser:
			return refuse("NOT_ALLOWED_SETTLE", "默认结算账户不允许解绑")
		}
		if alias != "" {
			m.Cards = slices.DeleteFunc(m.Cards, func(s string) bool { return s == alias })
			delete(data, "biz_cards")
		} else {
			m.UserID, m.LogonID = "", ""
			delete(data, "alipay_logon_id")
		}
		m.Profile = encodeJSON(data)
		return putMerchant(t, m)
	})
}
