package simulator

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"zhitong/internal/money"
)

// Limits of an order (alipay.trade.create and siblings).
const (
	maxTotal         = money.Max
	maxGoods         = 150
	maxMetadata      = 512
	qrLife           = 2 * time.Hour
	tradeLifeFace    = 3 * time.Hour // default of create, precreate, pay
	tradeLifeOnline  = 15 * 24 * time.Hour
	productFace      = "FACE_TO_FACE_PAYMENT"
	productOrderCode = "QR_CODE_OFFLINE"
)

// Kinds of orders: the method that made them.
const (
	kindPrecreate = "precreate"
	kindCreate    = "create"
	kindPay       = "pay"
	kindPage      = "page"
	kindWap       = "wap"
	kindApp       = "app"
)

// forbiddenWords is a token list behind ACQ.EXIST_FORBIDDEN_WORD; Alipay's own is not public.
func forbiddenWords() []string { return []string{"赌博", "毒品", "枪支", "违禁词"} }

func subMerchantFields() []field {
	return []field{{Name: "merchant_id", Max: 16}, {Name: "merchant_type", Max: 32}}
}

func settleInfoFields() []field {
	return []field{
		{Name: "settle_detail_infos", Kind: kArray, Max: 10, Fields: []field{
			{Name: "trans_in_type", Max: 64}, {Name: "trans_in", Max: 64}, {Name: "amount", Kind: kAmount, Max: 12}, {Name: "actual_amount", Kind: kAmount, Max: 12},
			{Name: "summary_dimension", Max: 64}, {Name: "settle_entity_type", Max: 32}, {Name: "settle_entity_id", Max: 64},
		}},
		{Name: "settle_period_time", Max: 10},
	}
}

func goodsFields() []field {
	return []field{
		{Name: "goods_id", Required: true, Max: 64}, {Name: "goods_name", Required: true, Max: 256}, {Name: "quantity", Required: true, Kind: kInt},
		{Name: "price", Required: true, Kind: kAmount}, {Name: "goods_category", Max: 24}, {Name: "categories_tree", Max: 128}, {Name: "body", Max: 1000},
		{Name: "show_url", Max: 400}, {Name: "alipay_goods_id", Max: 32}, {Name: "goods_ean_id"}, {Name: "out_item_id"}, {Name: "out_sku_id"},
	}
}

// orderFields are the fields that every ordering method shares.
func orderFields(more ...field) []field {
	return append([]field{
		{Name: "out_trade_no", Required: true, Max: 64, Form: token},
		{Name: "total_amount", Required: true, Kind: kAmount, Max: 12},
		{Name: "subject", Required: true, Max: 256},
		{Name: "product_code", Max: 64},
		{Name: "body", Max: 128},
		{Name: "seller_id", Max: 32},
		{Name: "operator_id", Max: 28},
		{Name: "store_id", Max: 32},
		{Name: "terminal_id", Max: 32},
		{Name: "merchant_order_no", Max: 32},
		{Name: "passback_params", Max: maxMetadata},
		{Name: "discountable_amount", Kind: kAmount},
		{Name: "undiscountable_amount", Kind: kAmount},
		{Name: "enable_pay_channels", Max: 128},
		{Name: "disable_pay_channels", Max: 128},
		{Name: "timeout_express", Max: 6, Form: isPeriod},
		{Name: "time_expire", Kind: kTime},
		{Name: "goods_detail", Kind: kArray, Fields: goodsFields()},
		{Name: "sub_merchant", Kind: kObject, Fields: subMerchantFields()},
		{Name: "settle_info", Kind: kObject, Fields: settleInfoFields()},
		{Name: "extend_params", Kind: kObject, Fields: []field{
			{Name: "royalty_freeze", Kind: kBool}, {Name: "hb_fq_num", Max: 5, Enum: []string{"3", "6", "12", "24"}},
			{Name: "hb_fq_seller_percent", Max: 3, Enum: []string{"0", "100"}}, {Name: "sys_service_provider_id", Max: 64},
			{Name: "industry_reflux_info", Max: 512}, {Name: "card_type", Max: 32}, {Name: "specified_seller_name", Max: 32},
		}},
		{Name: "business_params", Kind: kAny},
		{Name: "ext_user_info", Kind: kObject, Fields: []field{
			{Name: "name", Max: 16}, {Name: "mobile", Max: 20}, {Name: "cert_type", Max: 32}, {Name: "cert_no", Max: 64}, {Name: "min_age", Max: 3},
			{Name: "fix_buyer", Max: 8}, {Name: "need_check_info", Max: 1}, {Name: "identity_hash", Max: 128},
		}},
		{Name: "royalty_info", Kind: kAny}, {Name: "logistics_detail", Kind: kAny}, {Name: "receiver_address_info", Kind: kAny}, {Name: "invoice_info", Kind: kAny},
		{Name: "promo_params", Kind: kAny}, {Name: "query_options", Kind: kStrings}, {Name: "alipay_store_id", Max: 32}, {Name: "agreement_sign_params", Kind: kAny},
		{Name: "goods_type", Max: 2, Enum: []string{"0", "1"}},
	}, more...)
}

func isPeriod(s string) bool { return !parsePeriod(s, time.Unix(0, 0)).IsZero() }

// orderMethods are the methods that make orders.
func orderMethods() []method {
	return []method{
		{Name: "alipay.trade.precreate", Products: []string{ProductFaceToFace, ProductOrderCode}, Prefix: "ACQ.", Handle: precreate,
			Fields: orderFields(field{Name: "qr_code_timeout_express", Max: 6, Form: isPeriod}, field{Name: "code_type"}, field{Name: "payment_type"}, field{Name: "buyer_logon_id", Max: 100})},
		{Name: "alipay.trade.create", Products: []string{ProductFaceToFace, ProductJSAPI}, Prefix: "ACQ.", Handle: create,
			Fields: orderFields(field{Name: "buyer_id", Max: 28}, field{Name: "buyer_open_id", Max: 128}, field{Name: "buyer_logon_id", Max: 100},
				field{Name: "op_app_id", Max: 32}, field{Name: "op_buyer_open_id", Max: 128})},
		{Name: "alipay.trade.pay", Products: []string{ProductFaceToFace}, Prefix: "ACQ.", Handle: payBarcode,
			Fields: orderFields(field{Name: "auth_code", Max: 64}, field{Name: "scene", Max: 32, Enum: []string{"bar_code", "security_code"}},
				field{Name: "buyer_id", Max: 28}, field{Name: "terminal_params", Kind: kAny}, field{Name: "is_async_pay", Kind: kBool}, field{Name: "pay_params", Kind: kAny})},
		{Name: "alipay.trade.page.pay", Products: []string{ProductPage}, Prefix: "ACQ.", Page: true, Handle: openPage(kindPage), Fields: pageFields()},
		{Name: "alipay.trade.wap.pay", Products: []string{ProductWap}, Prefix: "ACQ.", Page: true, Handle: openPage(kindWap), Fields: pageFields()},
		{Name: "alipay.trade.app.pay", Products: []string{ProductApp}, Prefix: "ACQ.", Page: true, Handle: openPage(kindApp), Fields: pageFields()},
	}
}

func pageFields() []field {
	return orderFields(field{Name: "qr_pay_mode", Max: 2, Enum: []string{"0", "1", "2", "3", "4"}}, field{Name: "qrcode_width", Kind: kInt},
		field{Name: "integration_type", Max: 16}, field{Name: "request_from_url", Max: 256}, field{Name: "quit_url", Max: 400}, field{Name: "auth_token", Max: 40},
		field{Name: "specified_channel", Max: 128})
}

// newOrder checks what no field table says and builds the order; nothing is stored yet.
func newOrder(tx *tx, c *call, o object, kind string) (*Trade, error) {
	t := &Trade{
		AppID: c.authApp, PID: c.pid, Out: o.str("out_trade_no"), Kind: kind, Product: o.str("product_code"), Total: o.fen("total_amount"),
		Subject: o.str("subject"), Body: o.str("body"), Pass: o.str("passback_params"), Store: o.str("store_id"), Status: statusAsked, Asked: ms(c.now),
		NotifyURL: c.params["notify_url"], ReturnURL: c.params["return_url"], QuitURL: o.str("quit_url"), Timeout: o.str("timeout_express"),
		Enable: o.str("enable_pay_channels"), Disable: o.str("disable_pay_channels"), Freeze: o.obj("extend_params").is("royalty_freeze"),
	}
	if c.app.AppID != c.authApp {
		t.Via = c.app.AppID
	}
	if o.str("goods_type") == "0" {
		t.Goods = 1
	}
	for _, f := range []orderCheck{checkAmounts, checkTexts, checkProduct, checkTimes, checkSeller, checkBuyer} {
		if err := f(tx, c, o, t); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func checkAmounts(_ *tx, c *call, o object, t *Trade) error {
	if t.Total <= 0 || t.Total > maxTotal {
		return acq("TOTAL_FEE_EXCEED", "订单总金额超过限额")
	}
	if limit := c.owner().Settings.SingleMax; limit > 0 && t.Total > limit {
		return acq("BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", "订单金额超过单笔限额")
	}
	if o.has("discountable_amount") && o.has("undiscountable_amount") && o.fen("discountable_amount")+o.fen("undiscountable_amount") != t.Total {
		return c.method.refuseField(&fieldError{"discountable_amount", "与不可打折金额之和不等于订单总金额"})
	}
	if len(o.list("goods_detail")) > maxGoods {
		return acq("SUB_GOODS_SIZE_MAX_COUNT", "子商品明细超长")
	}
	return nil
}

func checkTexts(_ *tx, c *call, o object, t *Trade) error {
	if !c.owner().Settings.AllowAnySubject && strings.ContainsAny(t.Subject, "/=&") {
		return c.method.refuseField(&fieldError{"subject", "不可使用特殊字符 / = &"})
	}
	for _, w := range forbiddenWords() {
		if strings.Contains(t.Subject, w) || strings.Contains(t.Body, w) {
			return acq("EXIST_FORBIDDEN_WORD", "订单信息中包含违禁词")
		}
	}
	if t.Enable != "" && t.Disable != "" {
		return c.method.refuseField(&fieldError{"enable_pay_channels,disable_pay_channels", "不能同时使用"})
	}
	fq := o.obj("extend_params")
	if fq.has("hb_fq_num") != fq.has("hb_fq_seller_percent") {
		return c.method.refuseField(&fieldError{"extend_params.hb_fq_num,hb_fq_seller_percent", "必须同时传入"})
	}
	return nil
}

// checkProduct compares product_code with the method and with what the application signed.
func checkProduct(_ *tx, c *call, _ object, t *Trade) error {
	products := map[string]map[string]string{
		kindPrecreate: {"": ProductFaceToFace, productFace: ProductFaceToFace, productOrderCode: ProductOrderCode},
		kindCreate:    {"": ProductFaceToFace, productFace: ProductFaceToFace, "JSAPI_PAY": ProductJSAPI},
		kindPay:       {"": ProductFaceToFace, productFace: ProductFaceToFace, "OFFLINE_PAYMENT": ProductFaceToFace},
		kindPage:      {"FAST_INSTANT_TRADE_PAY": ProductPage},
		kindWap:       {"QUICK_WAP_WAY": ProductWap},
		kindApp:       {"": ProductApp, "QUICK_MSECURITY_PAY": ProductApp},
		kindMerge:     {"": ProductApp, "QUICK_MSECURITY_PAY": ProductApp, "QUICK_WAP_WAY": ProductWap, "FAST_INSTANT_TRADE_PAY": ProductPage, "JSAPI_PAY": ProductJSAPI},
	}
	need, known := products[t.Kind][t.Product]
	if !known || !c.owner().has(need) {
		return acq("ACCESS_FORBIDDEN", "无权限使用接口")
	}
	return nil
}

func checkTimes(_ *tx, c *call, o object, t *Trade) error {
	if at := o.at("time_expire"); !at.IsZero() {
		if !at.After(c.now) {
			return acq("NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "当前时间已超过允许支付的时间")
		}
		t.EndAt = ms(at)
	}
	if t.Kind != kindPrecreate {
		return nil
	}
	t.CodeEnd = ms(c.now.Add(qrLife))
	if at := parsePeriod(o.str("qr_code_timeout_express"), c.now); !at.IsZero() {
		t.CodeEnd = min(t.CodeEnd, ms(at))
	}
	return nil
}

// checkSeller is the ZFT part: whose money this will be and where it settles.
func checkSeller(tx *tx, c *call, o object, t *Trade) error {
	if seller := o.str("seller_id"); seller != "" && seller != c.pid {
		return acq("INVALID_RECEIVE_ACCOUNT", "收款账户不支持")
	}
	sub := o.obj("sub_merchant")
	t.SMID = sub.str("merchant_id")
	if !c.owner().has(ProductZFT) {
		if t.SMID != "" {
			return acq("SECONDARY_MERCHANT_NOT_MATCH", "二级商户信息不匹配")
		}
		return nil
	}
	if t.SMID == "" {
		if !o.has("sub_merchant") && t.Kind != kindPrecreate {
			return acq("PLATFORM_BUSINESS_ACQUIRE_MODE_MUST_MERCHANT_ID", "二级商户编码为空")
		}
		return acq("SECONDARY_MERCHANT_ID_BLANK", "二级商户编号错误")
	}
	if mt := sub.str("merchant_type"); mt != "" && mt != "alipay" {
		if t.Kind == kindPrecreate { // not in precreate's error list
			return c.method.refuseField(&fieldError{"sub_merchant.merchant_type", "取值错误"})
		}
		return acq("SUB_MERCHANT_TYPE_INVALID", "二级商户类型非法")
	}
	m, err := usableMerchant(tx, c.pid, t.SMID)
	if err != nil {
		return err
	}
	if c.owner().Settings.RequireIP && mcIP(o) == "" {
		return acq("RISK_MERCHANT_IP_NOT_EXIST", "当前交易未传入IP信息，创建单失败，请传入IP后再发起支付")
	}
	return readSettleInfo(c, o, m, t)
}

// usableMerchant returns the secondary merchant if it may receive now.
func usableMerchant(tx *tx, pid, smid string) (*Merchant, error) {
	m, err := getMerchant(tx, smid)
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return nil, acq("SECONDARY_MERCHANT_ID_INVALID", "二级商户不存在")
	case m.PID != pid:
		return nil, acq("SECONDARY_MERCHANT_NOT_MATCH", "二级商户信息不匹配")
	case m.Status == merchantPunished:
		return nil, acq("SECONDARY_MERCHANT_ISV_PUNISH_INDIRECT", "商户状态异常")
	case m.Status != merchantActive:
		return nil, acq("SECONDARY_MERCHANT_STATUS_ERROR", "商户状态异常")
	}
	return m, nil
}

// mcIP is the buyer's address, whether business_params came as an object or as text.
func mcIP(o object) string {
	if p, ok := o["business_params"].(object); ok {
		return p.str("mc_create_trade_ip")
	}
	p, err := parseObject([]byte(o.str("business_params")))
	if err != nil {
		return ""
	}
	return p.str("mc_create_trade_ip")
}

// readSettleInfo takes settle_info of an order: exactly one target, the whole amount.
func readSettleInfo(c *call, o object, m *Merchant, t *Trade) error {
	bad := acq("TRADE_SETTLE_ERROR", "交易结算异常")
	info := o.obj("settle_info")
	details := info.list("settle_detail_infos")
	if len(details) != 1 {
		return bad
	}
	d := details[0]
	if d.fen("amount") != t.Total || d.has("actual_amount") {
		return bad
	}
	if p := info.str("settle_period_time"); p != "" {
		days, err := strconv.Atoi(strings.TrimSuffix(p, "d"))
		if err != nil || !strings.HasSuffix(p, "d") || days < 1 || days > 365 {
			return bad
		}
		if !c.owner().Settings.NoPeriod {
			t.Period = days
		}
	}
	t.SettleType, t.SettleTo = d.str("trans_in_type"), d.str("trans_in")
	if _, _, _, err := settleTarget(m, d, t.Kind == kindCreate); err != nil {
		return err
	}
	return nil
}

// settleTarget resolves one settle_detail_infos element to the purse it leads to, with type and target after the default rule.
func settleTarget(m *Merchant, d object, cardCode bool) (purse, kind, target string, err error) {
	kind, target = d.str("trans_in_type"), d.str("trans_in")
	bad := acq("TRADE_SETTLE_ERROR", "交易结算异常")
	if et := d.str("settle_entity_type"); et != "" && (et != "SecondMerchant" || d.str("settle_entity_id") != m.SMID) {
		return "", "", "", bad
	}
	switch {
	case kind == settleDefault && target != "", kind != settleDefault && target == "":
		return "", "", "", bad
	case kind == settleDefault && m.DefaultType == "":
		return "", "", "", acq("DEFAULT_SETTLE_RULE_NOT_EXIST", "默认结算规则不存在")
	case kind == settleDefault:
		kind, target = m.DefaultType, m.DefaultTarget
	}
	switch kind {
	case settleUser, settleLogon:
		if target != m.UserID && target != m.LogonID {
			return "", "", "", acq("SECONDARY_MERCHANT_ALIPAY_ACCOUNT_INVALID", "二级商户账户异常")
		}
		return "B:" + m.SMID, kind, target, nil
	case settleCard:
		for _, card := range m.Cards {
			if card == target {
				return "C:" + m.SMID, kind, target, nil
			}
		}
		if cardCode {
			return "", "", "", acq("SECONDARY_MERCHANT_CARD_ALIAS_NO_INVALID", "二级商户银行卡编号无效")
		}
	}
	return "", "", "", bad
}

// checkBuyer takes the buyer that an order names: create must name one.
func checkBuyer(tx *tx, c *call, o object, t *Trade) error {
	id := o.str("buyer_id")
	if id == "" {
		id = userOfOpenID(o.str("buyer_open_id"), o.str("op_buyer_open_id"))
	}
	if id == "" {
		id = o.str("buyer_logon_id")
	}
	if id == "" {
		if t.Kind == kindCreate {
			return c.method.refuseField(&fieldError{"buyer_id,buyer_open_id", "不能同时为空"})
		}
		return nil
	}
	a, err := findAccount(tx, id)
	switch {
	case err != nil:
		return err
	case a == nil:
		return acq("BUYER_NOT_EXIST", "买家不存在")
	case a.Blocked:
		return acq("BUYER_ENABLE_STATUS_FORBID", "买家状态非法")
	}
	if err := notSeller(tx, t, a); err != nil {
		return err
	}
	t.Wanted = a.UserID
	return nil
}

// notSeller refuses a buyer who is the receiver.
func notSeller(tx *tx, t *Trade, a *Account) error {
	if a.UserID == t.PID {
		return acq("BUYER_SELLER_EQUAL", "买卖家不能相同")
	}
	if t.SMID == "" {
		return nil
	}
	m, err := getMerchant(tx, t.SMID)
	if err != nil {
		return err
	}
	if m != nil && m.UserID == a.UserID {
		return acq("BUYER_SELLER_EQUAL", "买卖家不能相同")
	}
	return nil
}

// userOfOpenID undoes openID for the first text that is one.
func userOfOpenID(texts ...string) string {
	for _, s := range texts {
		if id, ok := strings.CutSuffix(s, "openid"); ok && len(id) == 17 {
			return "2088" + id[5:]
		}
		if s != "" {
			return s // unknown: BUYER_NOT_EXIST
		}
	}
	return ""
}

// sameOrder compares a repeated order with the first; nil means it may be used again.
func sameOrder(old, t *Trade) error {
	switch {
	case old.Status == statusSuccess || old.Status == statusFinished:
		return acq("TRADE_HAS_SUCCESS", "交易已被支付")
	case old.Status == statusClosed:
		return acq("TRADE_HAS_CLOSE", "交易已经关闭")
	case old.SMID != t.SMID:
		return acq("SECONDARY_MERCHANT_NOT_MATCH", "二级商户信息不匹配")
	case old.Wanted != t.Wanted && old.Wanted != "" && t.Wanted != "":
		return acq("TRADE_BUYER_NOT_MATCH", "交易买家不匹配")
	case old.Total != t.Total || old.Subject != t.Subject || old.Kind != t.Kind || old.Product != t.Product || old.AppID != t.AppID ||
		old.SettleType != t.SettleType || old.SettleTo != t.SettleTo || old.Period != t.Period:
		return acq("CONTEXT_INCONSISTENT", "订单信息不一致")
	}
	return nil
}

// place stores a new order or finds the same one again.
func place(tx *tx, t *Trade) (kept *Trade, repeated bool, err error) {
	old, err := tradeByOut(tx, t.PID, t.Out)
	if err != nil {
		return nil, false, err
	}
	if old == nil {
		return t, false, addTrade(tx, t)
	}
	if err := sameOrder(old, t); err != nil {
		return nil, false, err
	}
	return old, true, nil
}

type precreateAnswer struct {
	OutTradeNo string `json:"out_trade_no"`
	QRCode     string `json:"qr_code"`
	ShareCode  string `json:"share_code,omitempty"`
}

// precreate is alipay.trade.precreate: a code to show; the trade begins when a buyer scans it.
func precreate(c *call) (any, error) {
	var t *Trade
	err := c.update(func(tx *tx) error {
		want, err := newOrder(tx, c, c.biz, kindPrecreate)
		if err != nil {
			return err
		}
		var repeated bool
		if t, repeated, err = place(tx, want); err != nil || !repeated {
			return err
		}
		if c.owner().Settings.RefusePrecreateTwice {
			return acq("APPLY_PC_MERCHANT_CODE_ERROR", "二维码已申请，请勿重复申请")
		}
		t.CodeEnd, t.NotifyURL = want.CodeEnd, want.NotifyURL
		if t.Status == statusAsked {
			t.Asked = want.Asked
		}
		return putTrade(tx, t)
	})
	if err != nil {
		return nil, err
	}
	a := precreateAnswer{OutTradeNo: t.Out, QRCode: c.sim.base(c.req) + "/cashier/" + c.sim.cashierToken(t)}
	if c.biz.str("code_type") == "share_code" {
		a.ShareCode = "￥" + base64.RawURLEncoding.EncodeToString([]byte(c.sim.cashierToken(t)))[:11] + "￥"
	}
	return a, nil
}

type tradeIDs struct {
	OutTradeNo string `json:"out_trade_no"`
	TradeNo    string `json:"trade_no"`
}

// create is alipay.trade.create: the trade begins at once, for a named buyer.
func create(c *call) (any, error) {
	var t *Trade
	err := c.update(func(tx *tx) error {
		want, err := newOrder(tx, c, c.biz, kindCreate)
		if err != nil {
			return err
		}
		var repeated bool
		if t, repeated, err = place(tx, want); err != nil || repeated {
			return err
		}
		return beginTrade(tx, t)
	})
	if err != nil {
		return nil, err
	}
	return tradeIDs{t.Out, t.TradeNo()}, nil
}

// beginTrade turns an order into a trade: a buyer opened it. An open trade stays as it is; codes and orders that ran out refuse.
func beginTrade(tx *tx, t *Trade) error {
	if t.Status != statusAsked {
		return nil
	}
	if (t.CodeEnd > 0 && ms(tx.now) >= t.CodeEnd) || (t.EndAt > 0 && ms(tx.now) >= t.EndAt) {
		return acq("NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "当前时间已超过允许支付的时间")
	}
	t.Status, t.Created = statusWait, ms(tx.now)
	from := tx.now
	life := tradeLifeOnline
	switch t.Kind {
	case kindPrecreate:
		from, life = fromMS(t.Asked), tradeLifeFace
	case kindCreate, kindPay:
		life = tradeLifeFace
	}
	t.Expires = ms(from.Add(life))
	if at := parsePeriod(t.Timeout, from); !at.IsZero() {
		t.Expires = ms(at)
	}
	if t.EndAt > 0 {
		t.Expires = t.EndAt
	}
	t.CodeEnd, t.Timeout, t.EndAt = 0, "", 0 // done their work
	if t.Expires <= t.Created {
		return acq("NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "当前时间已超过允许支付的时间")
	}
	if err := addTimer(tx, t.Expires, timerExpire, num(t.Seq)); err != nil {
		return err
	}
	return putTrade(tx, t)
}

// expireTrade closes a trade nobody paid in time.
func expireTrade(tx *tx, seq uint64) error {
	t, err := getTrade(tx, seq)
	if err != nil || t == nil || t.Status != statusWait {
		return err
	}
	return closeTrade(tx, t)
}

// orderCheck is one group of checks of a new order.
type orderCheck func(*tx, *call, object, *Trade) error
