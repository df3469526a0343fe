package trades

import (
	"strconv"
	"strings"

	"zhitong/simulator/gateway"
	"zhitong/simulator/merchants"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

func checkAmounts(_ *state.Tx, c *gateway.Call, o protocol.Object, t *Trade) error {
	if t.Total <= 0 || t.Total > MaxTotal {
		return protocol.ACQ("TOTAL_FEE_EXCEED", "订单总金额超过限额")
	}
	if limit := c.Owner().Settings.SingleMax; limit > 0 && t.Total > limit {
		return protocol.ACQ("BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", "订单金额超过单笔限额")
	}
	if o.Has("discountable_amount") && o.Has("undiscountable_amount") &&
		o.Fen("discountable_amount")+o.Fen("undiscountable_amount") != t.Total {
		return c.Method.RefuseField(&protocol.FieldError{Path: "discountable_amount", Why: "与不可打折金额之和不等于订单总金额"})
	}
	if len(o.List("goods_detail")) > maxGoods {
		return protocol.ACQ("SUB_GOODS_SIZE_MAX_COUNT", "子商品明细超长")
	}
	return nil
}

func checkTexts(_ *state.Tx, c *gateway.Call, o protocol.Object, t *Trade) error {
	if !c.Owner().Settings.AllowAnySubject && strings.ContainsAny(t.Subject, "/=&") {
		return c.Method.RefuseField(&protocol.FieldError{Path: "subject", Why: "不可使用特殊字符 / = &"})
	}
	for _, w := range protocol.ForbiddenWords() {
		if strings.Contains(t.Subject, w) || strings.Contains(t.Body, w) {
			return protocol.ACQ("EXIST_FORBIDDEN_WORD", "订单信息中包含违禁词")
		}
	}
	if t.Enable != "" && t.Disable != "" {
		return c.Method.RefuseField(&protocol.FieldError{Path: "enable_pay_channels,disable_pay_channels",
			Why: "不能同时使用"})
	}
	fq := o.Obj("extend_params")
	if fq.Has("hb_fq_num") != fq.Has("hb_fq_seller_percent") {
		return c.Method.RefuseField(&protocol.FieldError{Path: "extend_params.hb_fq_num,hb_fq_seller_percent",
			Why: "必须同时传入"})
	}
	return nil
}

// checkProduct compares product_code with the method and with what the application signed.
func checkProduct(_ *state.Tx, c *gateway.Call, _ protocol.Object, t *Trade) error {
	products := map[string]map[string]string{
		kindPrecreate: {"": state.ProductFaceToFace, productFace: state.ProductFaceToFace,
			productOrderCode: state.ProductOrderCode},
		kindCreate: {"": state.ProductFaceToFace, productFace: state.ProductFaceToFace,
			"JSAPI_PAY": state.ProductJSAPI},
		kindPay: {"": state.ProductFaceToFace, productFace: state.ProductFaceToFace,
			"OFFLINE_PAYMENT": state.ProductFaceToFace},
		kindPage: {"FAST_INSTANT_TRADE_PAY": state.ProductPage},
		kindWap:  {"QUICK_WAP_WAY": state.ProductWap},
		kindApp:  {"": state.ProductApp, "QUICK_MSECURITY_PAY": state.ProductApp},
		kindMerge: {"": state.ProductApp, "QUICK_MSECURITY_PAY": state.ProductApp,
			"QUICK_WAP_WAY": state.ProductWap, "FAST_INSTANT_TRADE_PAY": state.ProductPage,
			"JSAPI_PAY": state.ProductJSAPI},
	}
	need, known := products[t.Kind][t.Product]
	if !known || !c.Owner().Has(need) {
		return protocol.ACQ("ACCESS_FORBIDDEN", "无权限使用接口")
	}
	return nil
}

func checkTimes(_ *state.Tx, c *gateway.Call, o protocol.Object, t *Trade) error {
	if at := c.Here(o.At("time_expire")); !at.IsZero() {
		if !at.After(c.Now) {
			return protocol.ACQ("NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "当前时间已超过允许支付的时间")
		}
		t.EndAt = protocol.Millis(at)
	}
	if t.Kind != kindPrecreate {
		return nil
	}
	t.CodeEnd = protocol.Millis(c.Now.Add(qrLife))
	if at := parsePeriod(o.Str("qr_code_timeout_express"), c.Now); !at.IsZero() {
		t.CodeEnd = min(t.CodeEnd, protocol.Millis(at))
	}
	return nil
}

// checkSeller is the ZFT part: whose money this will be and where it settles.
func checkSeller(tx *state.Tx, c *gateway.Call, o protocol.Object, t *Trade) error {
	if seller := o.Str("seller_id"); seller != "" && seller != c.PID {
		return protocol.ACQ("INVALID_RECEIVE_ACCOUNT", "收款账户不支持")
	}
	sub := o.Obj("sub_merchant")
	t.SMID = sub.Str("merchant_id")
	if !c.Owner().Has(state.ProductZFT) {
		if t.SMID != "" {
			return protocol.ACQ("SECONDARY_MERCHANT_NOT_MATCH", "二级商户信息不匹配")
		}
		return nil
	}
	if t.SMID == "" {
		if !o.Has("sub_merchant") && t.Kind != kindPrecreate {
			return protocol.ACQ("PLATFORM_BUSINESS_ACQUIRE_MODE_MUST_MERCHANT_ID", "二级商户编码为空")
		}
		return protocol.ACQ("SECONDARY_MERCHANT_ID_BLANK", "二级商户编号错误")
	}
	if mt := sub.Str("merchant_type"); mt != "" && mt != "alipay" {
		if t.Kind == kindPrecreate { // not in precreate's error list
			return c.Method.RefuseField(&protocol.FieldError{Path: "sub_merchant.merchant_type", Why: "取值错误"})
		}
		return protocol.ACQ("SUB_MERCHANT_TYPE_INVALID", "二级商户类型非法")
	}
	m, err := usableMerchant(tx, c.PID, t.SMID)
	if err != nil {
		return err
	}
	if c.Owner().Settings.RequireIP && mcIP(o) == "" {
		return protocol.ACQ("RISK_MERCHANT_IP_NOT_EXIST", "当前交易未传入IP信息，创建单失败，请传入IP后再发起支付")
	}
	return readSettleInfo(c, o, m, t)
}

// usableMerchant returns the secondary merchant if it may receive now.
func usableMerchant(tx *state.Tx, pid, smid string) (*merchants.Merchant, error) {
	m, err := merchants.Get(tx, smid)
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return nil, protocol.ACQ("SECONDARY_MERCHANT_ID_INVALID", "二级商户不存在")
	case m.PID != pid:
		return nil, protocol.ACQ("SECONDARY_MERCHANT_NOT_MATCH", "二级商户信息不匹配")
	case m.Status == merchants.Punished:
		return nil, protocol.ACQ("SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT", "商户状态异常")
	case m.Status != merchants.Active:
		return nil, protocol.ACQ("SECONDARY_MERCHANT_STATUS_ERROR", "商户状态异常")
	}
	return m, nil
}

// mcIP is the buyer's address, whether business_params came as an object or as text.
func mcIP(o protocol.Object) string {
	if p, ok := o["business_params"].(protocol.Object); ok {
		return p.Str("mc_create_trade_ip")
	}
	p, err := protocol.ParseObject([]byte(o.Str("business_params")))
	if err != nil {
		return ""
	}
	return p.Str("mc_create_trade_ip")
}

// readSettleInfo takes settle_info of an order: exactly one target, the whole amount.
func readSettleInfo(c *gateway.Call, o protocol.Object, m *merchants.Merchant, t *Trade) error {
	bad := protocol.ACQ("TRADE_SETTLE_ERROR", "交易结算异常")
	info := o.Obj("settle_info")
	details := info.List("settle_detail_infos")
	if len(details) != 1 {
		return bad
	}
	d := details[0]
	if d.Fen("amount") != t.Total || d.Has("actual_amount") {
		return bad
	}
	if p := info.Str("settle_period_time"); p != "" {
		days, err := strconv.Atoi(strings.TrimSuffix(p, "d"))
		if err != nil || !strings.HasSuffix(p, "d") || days < 1 || days > 365 {
			return bad
		}
		if !c.Owner().Settings.NoPeriod {
			t.Period = days
		}
	}
	t.SettleType, t.SettleTo = d.Str("trans_in_type"), d.Str("trans_in")
	if _, _, _, err := settleTarget(m, d, t.Kind == kindCreate); err != nil {
		return err
	}
	return nil
}

// settleTarget resolves one settle_detail_infos element to the purse it leads to, with type and target after the
// default rule.
func settleTarget(m *merchants.Merchant, d protocol.Object, cardCode bool) (purse, kind, target string, err error) {
	kind, target = d.Str("trans_in_type"), d.Str("trans_in")
	bad := protocol.ACQ("TRADE_SETTLE_ERROR", "交易结算异常")
	if et := d.Str("settle_entity_type"); et != "" && (et != "SecondMerchant" || d.Str("settle_entity_id") != m.SMID) {
		return "", "", "", bad
	}
	switch {
	case kind == merchants.SettleDefault && target != "", kind != merchants.SettleDefault && target == "":
		return "", "", "", bad
	case kind == merchants.SettleDefault && m.DefaultType == "":
		return "", "", "", protocol.ACQ("DEFAULT_SETTLE_RULE_NOT_EXIST", "默认结算规则不存在")
	case kind == merchants.SettleDefault:
		kind, target = m.DefaultType, m.DefaultTarget
	}
	switch kind {
	case merchants.SettleUser, merchants.SettleLogon:
		if target != m.UserID && target != m.LogonID {
			return "", "", "", protocol.ACQ("SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID", "二级商户账户异常")
		}
		return "B:" + m.SMID, kind, target, nil
	case merchants.SettleCard:
		for _, card := range m.Cards {
			if card == target {
				return "C:" + m.SMID, kind, target, nil
			}
		}
		if cardCode {
			return "", "", "", protocol.ACQ("SECONDARY_MERCHANT_CARD_ALIAS_NO_INVALID", "二级商户银行卡编号无效")
		}
	}
	return "", "", "", bad
}

// checkBuyer takes the buyer that an order names: create must name one.
func checkBuyer(tx *state.Tx, c *gateway.Call, o protocol.Object, t *Trade) error {
	id := o.Str("buyer_id")
	if id == "" {
		id = state.UserOfOpenID(o.Str("buyer_open_id"), o.Str("op_buyer_open_id"))
	}
	if id == "" {
		id = o.Str("buyer_logon_id")
	}
	if id == "" {
		if t.Kind == kindCreate {
			return c.Method.RefuseField(&protocol.FieldError{Path: "buyer_id,buyer_open_id", Why: "不能同时为空"})
		}
		return nil
	}
	a, err := state.FindAccount(tx, id)
	switch {
	case err != nil:
		return err
	case a == nil:
		return protocol.ACQ("BUYER_NOT_EXIST", "买家不存在")
	case a.Blocked:
		return protocol.ACQ("BUYER_ENABLE_STATUS_FORBID", "买家状态非法")
	}
	if err := notSeller(tx, t, a); err != nil {
		return err
	}
	t.Wanted = a.UserID
	return nil
}

// notSeller refuses a buyer who is the receiver.
func notSeller(tx *state.Tx, t *Trade, a *state.Account) error {
	if a.UserID == t.PID {
		return protocol.ACQ("BUYER_SELLER_EQUAL", "买卖家不能相同")
	}
	if t.SMID == "" {
		return nil
	}
	m, err := merchants.Get(tx, t.SMID)
	if err != nil {
		return err
	}
	if m != nil && m.UserID == a.UserID {
		return protocol.ACQ("BUYER_SELLER_EQUAL", "买卖家不能相同")
	}
	return nil
}

// orderCheck is one group of checks of a new order.
type orderCheck func(*state.Tx, *gateway.Call, protocol.Object, *Trade) error
