package merchants

import (
	"fmt"
	"slices"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
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
		OrderID: a.OrderID, ExternalID: a.ExternalID, Name: a.Name, At: protocol.Beijing(protocol.FromMillis(a.At)),
		Type: a.Type, Status: a.Status, FK: a.FK, FKMemo: a.FKMemo,
		KZ: a.KZ, KZMemo: a.KZMemo, Confirm: a.Confirm, Logon: state.MaskLogon(a.Logon), Reason: a.Reason,
		SignURL: a.SignURL, ShortURL: a.ShortURL,
	}
	if a.Status == ApplyFinished && a.Type != ApplyConsult {
		o.SMID, o.CardAlias, o.AppPreAuth, o.FacePreA, o.FaceLimit = a.SMID, a.CardAlias, "FALSE", "FALSE", "FALSE"
	}
	return o
}

// queryApplications is zftorder.query: by order_id, which wins, or every application of an external_id, newest first.
func queryApplications(c *gateway.Call) (any, error) {
	id, ext := c.Biz.Str("order_id"), c.Biz.Str("external_id")
	if id == "" && ext == "" {
		return nil, badForm("order_id,external_id", "不能同时为空")
	}
	orders := []zftOrder{}
	err := c.View(func(t *state.Tx) error {
		if id == "" {
			return eachApplication(t, c.PID, ext, func(a *Application) error {
				orders = append(orders, a.describe())
				return nil
			})
		}
		a, err := GetApplication(t, id)
		if err == nil && a != nil && a.PID == c.PID {
			orders = append(orders, a.describe())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(orders) == 0 {
		return nil, protocol.Refuse("ORDER_NOT_EXIST", "申请单不存在")
	}
	slices.Reverse(orders)
	return struct {
		Orders []zftOrder `json:"orders"`
	}{orders}, nil
}

// queryOrder is ant.merchant.expand.order.query.
func queryOrder(c *gateway.Call) (any, error) {
	id := c.Biz.Str("order_id")
	if id == "" {
		return nil, protocol.Refuse("ORDER_ID_EMPTY", "申请单号不能为空")
	}
	var a *Application
	if err := c.View(func(t *state.Tx) (err error) { a, err = GetApplication(t, id); return err }); err != nil {
		return nil, err
	}
	if a == nil {
		return nil, protocol.Refuse("ORDER_NOT_EXIST", "申请单不存在")
	}
	if a.PID != c.PID {
		return nil, protocol.Refuse("NOT_ALLOW_QUERY", "不允许查询")
	}
	out := struct {
		Status string   `json:"status"`
		Name   string   `json:"merchant_name,omitempty"`
		At     string   `json:"apply_time"`
		RoleID []string `json:"ip_role_id,omitempty"`
		Ext    string   `json:"ext_info,omitempty"`
	}{Status: a.Status, Name: a.Name, At: protocol.Beijing(protocol.FromMillis(a.At))}
	if a.Status == ApplyFinished && a.SMID != "" {
		out.RoleID = []string{a.SMID}
		ext := map[string]string{"smid": a.SMID}
		if a.CardAlias != "" {
			ext["cardAliasNo"] = a.CardAlias
		}
		out.Ext = string(protocol.EncodeJSON(ext))
	}
	return out, nil
}

// querySettlement is zftsubsettle.query.
func querySettlement(c *gateway.Call) (any, error) {
	var out struct {
		Logon  string          `json:"alipay_logon_id,omitempty"`
		UID    string          `json:"alipay_logon_uid,omitempty"`
		OpenID string          `json:"alipay_logon_open_id,omitempty"`
		Cards  []any           `json:"biz_cards,omitempty"`
		Rule   protocol.Object `json:"default_settle_rule,omitempty"`
	}
	err := c.View(func(t *state.Tx) error {
		m, data, err := merchantForm(t, c)
		if err != nil {
			return err
		}
		if m.DefaultType == SettleUser || data.Has("alipay_logon_id") {
			out.Logon, out.UID = state.MaskLogon(m.LogonID), m.UserID
			if acc, err := state.FindAccount(t, m.UserID); err == nil && acc != nil {
				out.OpenID = state.OpenID(acc, c.AuthApp)
			}
		}
		if len(m.Cards) > 0 {
			out.Cards, _ = data["biz_cards"].([]any)
		}
		out.Rule = data.Obj("default_settle_rule")
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// merchantForm is the merchant a call names, with its stored form.
func merchantForm(t *state.Tx, c *gateway.Call) (*Merchant, protocol.Object, error) {
	m, err := ownMerchant(t, c)
	if err != nil {
		return nil, nil, err
	}
	if len(m.Profile) == 0 {
		return m, protocol.Object{}, nil
	}
	data, err := protocol.ParseObject(m.Profile)
	if err != nil {
		return nil, nil, fmt.Errorf("read the profile of merchant %s: %w", m.SMID, err)
	}
	return m, data, nil
}

// detectCard is zftsettlecard.detect: does this card stand behind the alias?
func detectCard(c *gateway.Call) (any, error) {
	out := struct {
		Consistent string `json:"consistent"`
		Reason     string `json:"inconsistency_reason,omitempty"`
	}{Consistent: "true"}
	err := c.View(func(t *state.Tx) error {
		m, data, err := merchantForm(t, c)
		if err != nil {
			return err
		}
		if !slices.Contains(m.Cards, c.Biz.Str("card_alias_no")) {
			return badForm("card_alias_no", "卡编号不存在")
		}
		for _, card := range data.List("biz_cards") {
			switch {
			case card.Str("account_no") != c.Biz.Str("account_no"):
				out.Consistent, out.Reason = "false", "卡号不一致"
			case card.Str("account_holder_name") != c.Biz.Str("account_holder_name"):
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
func unbindSettlement(c *gateway.Call) (any, error) {
	logon, alias := c.Biz.Str("alipay_logon_id"), c.Biz.Str("card_alias_no")
	if (logon == "") == (alias == "") {
		return nil, badForm("alipay_logon_id,card_alias_no", "必须且只能传一个")
	}
	return nil, c.Update(func(t *state.Tx) error {
		m, data, err := merchantForm(t, c)
		if err != nil {
			return err
		}
		switch {
		case alias != "" && !slices.Contains(m.Cards, alias), logon != "" && logon != m.LogonID:
			return badForm("alipay_logon_id,card_alias_no", "未绑定")
		case alias != "" && m.DefaultType == SettleCard && m.DefaultTarget == alias, logon != "" &&
			m.DefaultType == SettleUser:
			return protocol.Refuse("NOT_ALLOWED_SETTLE", "默认结算账户不允许解绑")
		}
		if alias != "" {
			m.Cards = slices.DeleteFunc(m.Cards, func(s string) bool { return s == alias })
			delete(data, "biz_cards")
		} else {
			m.UserID, m.LogonID = "", ""
			delete(data, "alipay_logon_id")
		}
		m.Profile = protocol.EncodeJSON(data)
		return Put(t, m)
	})
}
