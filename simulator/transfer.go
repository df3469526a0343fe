package simulator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhitong/internal/money"
)

// Products and statuses of transfers (alipay.fund.trans.uni.transfer).
const (
	transferToAccount = "TRANS_ACCOUNT_NO_PWD"
	transferToCard    = "TRANS_BANKCARD_NO_PWD"
	sceneDirect       = "DIRECT_TRANSFER"

	transferSuccess = "SUCCESS"
	transferFail    = "FAIL"
	transferDealing = "DEALING"
	transferRefund  = "REFUND" // returned by the bank
)

// Limits of a transfer: to an Alipay account 0.10 … 100,000,000 yuan; enterprise payers give a remark from 50,000 yuan on.
const (
	transferLeast = money.Fen(10)
	remarkFrom    = money.Fen(50_000_00)
)

// bankTime is how long a bank takes in the simulator's time; the last four digits of the card decide how it ends.
const (
	bankTime     = 10 * time.Minute
	cardReturned = "0002" // DEALING, then REFUND
	cardRefused  = "0003" // DEALING, then FAIL
	cardForever  = "0004" // DEALING until the desk settles it
)

func transferScenes() []string {
	return []string{"现金营销", "企业退款", "佣金报酬", "业务结算", "二手回收", "公益补助", "行政补贴和退款", "保险理赔"}
}

// Transfer is one payment of a platform's own money to an account or a bank card.
type Transfer struct {
	Seq      uint64    `json:"seq"`
	OrderID  string    `json:"order_id"`
	FundNo   string    `json:"pay_fund_order_id"`
	Out      string    `json:"out_biz_no"`
	AppID    string    `json:"app_id"`
	PID      string    `json:"pid"`
	Product  string    `json:"product_code"`
	Scene    string    `json:"biz_scene"`
	Method   string    `json:"origin_interface"`
	Batch    string    `json:"batch_trans_id,omitempty"`
	Amount   money.Fen `json:"trans_amount_fen"`
	Title    string    `json:"order_title,omitempty"`
	Remark   string    `json:"remark,omitempty"`
	Passback string    `json:"passback_params,omitempty"`
	PayeeTyp string    `json:"payee_type"`
	Payee    string    `json:"payee"`
	Name     string    `json:"payee_name,omitempty"`
	UserID   string    `json:"receiver_user_id,omitempty"`
	Status   string    `json:"status"`
	Code     string    `json:"error_code,omitempty"`
	Reason   string    `json:"fail_reason,omitempty"`
	At       int64     `json:"trans_date_ms"`
	Due      int64     `json:"bank_due_ms,omitempty"`
	Ended    int64     `json:"pay_date_ms,omitempty"`
}

const (
	bucketTransfers = "transfers"      // seq → Transfer
	bucketTransKeys = "transfers_keys" // "o|"pid|product|scene|out, "i|"order_id, "f|"pay_fund_order_id → seq
)

// fundProducts: one of them must be signed for each fund method.
func fundProducts() []string { return []string{ProductTransfer} }

func payeeFields() []field {
	return []field{
		{Name: "identity", Required: true, Max: 64},
		{Name: "identity_type", Required: true, Enum: []string{"ALIPAY_USER_ID", "ALIPAY_LOGON_ID", "ALIPAY_OPEN_ID", "BANKCARD_ACCOUNT", "EXPRESS_DC_STFA"}},
		{Name: "name", Max: 128}, {Name: "bankcard_ext_info", Kind: kObject, Fields: []field{
			{Name: "account_type", Max: 2, Enum: []string{"1", "2"}}, {Name: "inst_name", Max: 64}, {Name: "inst_province", Max: 64}, {Name: "inst_city", Max: 64},
			{Name: "inst_branch_name", Max: 128}, {Name: "bank_code", Max: 64}}},
		{Name: "cert_type", Max: 64}, {Name: "cert_no", Max: 64}, {Name: "ext_info", Kind: kAny}, {Name: "merchant_user_info", Kind: kAny},
	}
}

func reportFields() []field {
	return []field{{Name: "info_type", Required: true, Max: 64}, {Name: "info_content", Required: true, Max: 512}}
}

// fundMethods move the platform's own money.
func fundMethods() []method {
	signed := fundProducts()
	return append([]method{
		{Name: "alipay.fund.trans.uni.transfer", Products: signed, Handle: transfer, Fields: []field{
			{Name: "out_biz_no", Required: true, Max: 64}, {Name: "trans_amount", Required: true, Kind: kAmount, Max: 20}, {Name: "product_code", Required: true, Max: 64},
			{Name: "biz_scene", Required: true, Max: 64}, {Name: "order_title", Max: 128}, {Name: "payee_info", Required: true, Kind: kObject, Fields: payeeFields()},
			{Name: "payer_info", Kind: kAny}, {Name: "remark", Max: 200}, {Name: "business_params", Kind: kAny}, {Name: "transfer_scene_name", Max: 64},
			{Name: "transfer_scene_report_infos", Kind: kArray, Max: 20, Fields: reportFields()}, {Name: "original_order_id", Max: 64},
			{Name: "passback_params", Max: 512}, {Name: "mutiple_currency_detail", Kind: kAny}, {Name: "sign_data", Kind: kAny}}},
		{Name: "alipay.fund.trans.common.query", Products: signed, Handle: queryTransfer, Fields: []field{
			{Name: "out_biz_no", Max: 64}, {Name: "product_code", Max: 64}, {Name: "biz_scene", Max: 64}, {Name: "order_id", Max: 64}, {Name: "pay_fund_order_id", Max: 64}}},
		{Name: "alipay.fund.account.query", Products: signed, Handle: queryAccount, Fields: []field{
			{Name: "account_type", Required: true, Enum: []string{"ACCTRANS_ACCOUNT"}}, {Name: "alipay_user_id", Max: 32}, {Name: "alipay_open_id", Max: 128},
			{Name: "account_product_code", Max: 64}, {Name: "account_scene_code", Max: 64}, {Name: "merchant_user_id", Max: 64}, {Name: "ext_info", Kind: kAny}}},
		{Name: "alipay.fund.quota.query", Products: signed, Handle: queryQuota, Fields: []field{{Name: "product_code", Required: true, Max: 64}, {Name: "biz_scene", Required: true, Max: 64}}},
	}, batchMethods()...)
}

// certificateNeeded refuses fund-out methods of an application in public-key mode, unless its settings allow them.
func (c *call) certificateNeeded() error {
	if c.app.CertMode || c.app.Settings.KeyModeTransfers {
		return nil
	}
	return noPermission("isv.insufficient-isv-permissions", "资金支出类接口须使用公钥证书方式加签，当前应用为公钥方式")
}

type transferAnswer struct {
	Out     string `json:"out_biz_no"`
	OrderID string `json:"order_id"`
	FundNo  string `json:"pay_fund_order_id"`
	Status  string `json:"status"`
	Date    string `json:"trans_date"`
}

// transfer is alipay.fund.trans.uni.transfer. A refusal leaves no document, so the same out_biz_no may be sent again, corrected.
func transfer(c *call) (any, error) {
	if err := c.certificateNeeded(); err != nil {
		return nil, err
	}
	var t *Transfer
	err := c.update(func(tx *tx) error {
		want, err := newTransfer(c, c.biz)
		if err != nil {
			return err
		}
		if t, err = transferByKey(tx, want.key()); err != nil {
			return err
		}
		if t != nil {
			return sameTransfer(t, want)
		}
		t = want
		return pay(tx, t, c.biz.obj("payee_info"))
	})
	if err != nil {
		return nil, err
	}
	return transferAnswer{t.Out, t.OrderID, t.FundNo, t.Status, beijing(fromMS(t.At))}, nil
}

func (t *Transfer) key() string { return "o|" + t.PID + "|" + t.Product + "|" + t.Scene + "|" + t.Out }

// newTransfer checks what needs no storage. o is biz_content, or one element of a batch with the batch's own fields laid under it.
func newTransfer(c *call, o object) (*Transfer, error) {
	p := o.obj("payee_info")
	t := &Transfer{Out: o.str("out_biz_no"), AppID: c.app.AppID, PID: c.pid, Product: o.str("product_code"), Scene: o.str("biz_scene"), Method: c.method.Name,
		Amount: o.fen("trans_amount"), Title: o.str("order_title"), Remark: o.str("remark"), Passback: o.str("passback_params"),
		PayeeTyp: p.str("identity_type"), Payee: p.str("identity"), Name: p.str("name"), At: ms(c.now)}
	least := transferLeast
	if t.Product == transferToCard {
		least = 1
	}
	toCard := t.PayeeTyp == "BANKCARD_ACCOUNT"
	switch {
	case t.Product != transferToAccount && t.Product != transferToCard:
		return nil, refuse("PRODUCT_NOT_SIGN", "产品未签约："+t.Product)
	case t.Scene != sceneDirect:
		return nil, c.method.refuseField(&fieldError{"biz_scene", "取值错误"})
	case toCard != (t.Product == transferToCard), t.PayeeTyp == "EXPRESS_DC_STFA":
		return nil, c.method.refuseField(&fieldError{"payee_info.identity_type", "与 product_code 不匹配"})
	case t.Amount < least:
		return nil, refuse("EXCEED_LIMIT_SM_MIN_AMOUNT", "转账金额低于单笔最小金额")
	case t.Amount > money.Max || (c.app.Settings.TransferMax > 0 && t.Amount > c.app.Settings.TransferMax):
		return nil, refuse("EXCEED_LIMIT_SM_AMOUNT", "单笔额度超限")
	case t.Amount >= remarkFrom && t.Remark == "":
		return nil, refuse("MEMO_REQUIRED_IN_TRANSFER_ERROR", "金额达到5万元时备注必填")
	case slices.ContainsFunc(forbiddenWords(), func(w string) bool { return strings.Contains(t.Remark+t.Title, w) }):
		return nil, refuse("REMARK_HAS_SENSITIVE_WORD", "转账备注包含敏感词")
	}
	return t, checkScene(c, o)
}

// checkScene is the scene that new accounts must declare.
func checkScene(c *call, o object) error {
	name, infos := o.str("transfer_scene_name"), o.list("transfer_scene_report_infos")
	if name == "" {
		if c.app.Settings.RequireTransferScene {
			return refuse("TRANSFER_SCENE_NAME_BLANK", "转账场景不能为空")
		}
		return nil
	}
	if !slices.Contains(transferScenes(), name) {
		return refuse("TRANSFER_SCENE_NAME_ILLEGAL", "转账场景不合法")
	}
	if len(infos) == 0 {
		return refuse("TRANSFER_SCENE_REPORT_INFO_ILLEGAL", "转账场景报备信息不能为空")
	}
	for i, info := range infos {
		if slices.ContainsFunc(infos[:i], func(o object) bool { return o.str("info_type") == info.str("info_type") }) {
			return refuse("TRANSFER_SCENE_REPORT_INFO_ILLEGAL", "转账场景报备信息类型重复")
		}
	}
	return nil
}

func sameTransfer(old, t *Transfer) error {
	if old.Amount != t.Amount || old.Payee != t.Payee || old.PayeeTyp != t.PayeeTyp || old.Name != t.Name || old.Batch != t.Batch {
		return refuse("PAYMENT_INFO_INCONSISTENCY", "同一商户订单号的转账信息不一致")
	}
	return nil
}

// pay judges payer and payee, moves the money and files the transfer.
func pay(tx *tx, t *Transfer, payee object) error {
	payer, err := findAccount(tx, t.PID)
	switch {
	case err != nil:
		return err
	case payer == nil:
		return refuse("PAYER_NOT_EXIST", "付款方不存在")
	case payer.Blocked:
		return refuse("PAYER_STATUS_ERROR", "付款方账户状态异常")
	}
	to := worldPurse
	if t.Product == transferToCard {
		err = t.toCard(tx, payee)
	} else {
		to, err = t.toAccount(tx)
	}
	if err != nil {
		return err
	}
	err = move(tx, Flow{Kind: "fund_transfer", From: "A:" + t.PID, To: to, Amount: t.Amount, PID: t.PID, Doc: t.Out, Memo: t.Title})
	if errors.Is(err, errPurseShort) {
		return refuse("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足")
	}
	if err != nil {
		return err
	}
	if err := addTransfer(tx, t); err != nil {
		return err
	}
	if t.Status == transferSuccess && tx.sim.setting(t.AppID).MessageTransfers {
		return tellTransfer(tx, t)
	}
	return nil
}

// toAccount finds the receiver's account.
func (t *Transfer) toAccount(tx *tx) (purse string, err error) {
	id := t.Payee
	if t.PayeeTyp == "ALIPAY_OPEN_ID" {
		id = userOfOpenID(id)
	}
	a, err := findAccount(tx, id)
	switch {
	case err != nil:
		return "", err
	case t.PayeeTyp == "ALIPAY_LOGON_ID" && t.Name == "":
		return "", refuse("INVALID_PARAMETER", "参数无效：payee_info.name 不能为空")
	case a == nil, t.PayeeTyp == "ALIPAY_LOGON_ID" && a.LogonID != t.Payee, t.PayeeTyp == "ALIPAY_USER_ID" && a.UserID != t.Payee:
		return "", refuse("PAYEE_NOT_EXIST", "收款账号不存在")
	case a.UserID == t.PID:
		return "", refuse("PAYER_PAYEE_CANNOT_SAME", "收付款方不能相同")
	case a.Blocked:
		return "", refuse("PAYEE_ACCOUNT_STATUS_ERROR", "收款方账户状态异常")
	case !a.Certified:
		return "", refuse("PAYEE_NOT_RELNAME_CERTIFY", "收款方未实名认证")
	case a.NoBalance:
		return "", refuse("NO_ACCOUNT_RECEIVE_PERMISSION", "收款方没有收款权限")
	case t.Name != "" && t.Name != a.Name:
		return "", refuse("PAYEE_USERINFO_ERROR", "收款方姓名与账号不匹配")
	}
	t.UserID, t.Status, t.Ended = a.UserID, transferSuccess, t.At
	return "A:" + a.UserID, nil
}

// toCard checks a bank card; the bank answers later.
func (t *Transfer) toCard(tx *tx, payee object) error {
	ext := payee.obj("bankcard_ext_info")
	switch {
	case t.Name == "":
		return refuse("INVALID_PARAMETER", "参数无效：payee_info.name 不能为空")
	case !ext.has("account_type"):
		return refuse("INVALID_PARAMETER", "参数无效：payee_info.bankcard_ext_info.account_type 不能为空")
	case !digits(t.Payee) || len(t.Payee) < 8 || len(t.Payee) > 25:
		return refuse("CARD_BIN_ERROR", "收款卡号有误")
	case ext.str("account_type") == "1" && (!ext.has("inst_name") || (!ext.has("inst_branch_name") && !ext.has("bank_code"))):
		return refuse("BANKCODE_OR_BRANCHNAME_INFO_ERROR", "对公转账须传入银行与支行信息")
	}
	t.Status = transferDealing
	if !strings.HasSuffix(t.Payee, cardForever) {
		t.Due = ms(tx.now.Add(bankTime))
	}
	return nil
}

// addTransfer numbers and stores a new transfer under its keys.
func addTransfer(tx *tx, t *Transfer) error {
	var err error
	if t.Seq, err = tx.nextID(bucketTransfers); err != nil {
		return err
	}
	day := tx.now.In(beijingZone()).Format("20060102")
	t.OrderID, t.FundNo = fmt.Sprintf("%s110070000006%012d", day, t.Seq), fmt.Sprintf("%s110070001506%012d", day, t.Seq)
	for _, k := range []string{t.key(), "i|" + t.OrderID, "f|" + t.FundNo} {
		if err := tx.bucket(bucketTransKeys).Put([]byte(k), num(t.Seq)); err != nil {
			return fmt.Errorf("index a transfer: %w", err)
		}
	}
	if t.Due > 0 {
		if err := addTimer(tx, t.Due, timerTransfer, num(t.Seq)); err != nil {
			return err
		}
	}
	return putTransfer(tx, t)
}

func putTransfer(tx *tx, t *Transfer) error { return putRaw(tx, bucketTransfers, num(t.Seq), t) }

// transferByKey returns nil when there is none.
func transferByKey(tx *tx, key string) (*Transfer, error) {
	b := tx.bucket(bucketTransKeys)
	if b == nil {
		return nil, nil
	}
	seq := b.Get([]byte(key))
	if seq == nil {
		return nil, nil
	}
	return getRaw[Transfer](tx, bucketTransfers, seq)
}

// bankAnswers ends a transfer to a bank card.
func bankAnswers(tx *tx, seq uint64) error {
	t, err := getRaw[Transfer](tx, bucketTransfers, num(seq))
	if err != nil || t == nil || t.Status != transferDealing {
		return err
	}
	switch {
	case strings.HasSuffix(t.Payee, cardReturned):
		return endTransfer(tx, t, transferRefund, "INST_PAY_UNABLE", "收款银行退回")
	case strings.HasSuffix(t.Payee, cardRefused):
		return endTransfer(tx, t, transferFail, "PAYEE_CARD_INFO_ERROR", "收款方银行卡信息有误")
	}
	return endTransfer(tx, t, transferSuccess, "", "")
}

// endTransfer finishes a transfer under way; one that did not arrive goes back to the payer.
func endTransfer(tx *tx, t *Transfer, status, code, reason string) error {
	t.Status, t.Code, t.Reason, t.Ended = status, code, reason, ms(tx.now)
	if status != transferSuccess {
		if err := move(tx, Flow{Kind: "fund_transfer_back", From: worldPurse, To: "A:" + t.PID, Amount: t.Amount, PID: t.PID, Doc: t.Out, Memo: reason}); err != nil {
			return err
		}
	}
	if err := putTransfer(tx, t); err != nil {
		return err
	}
	if t.Batch != "" {
		if err := settleBatch(tx, t.Batch); err != nil {
			return err
		}
	}
	return tellTransfer(tx, t)
}

// tellTransfer is the message alipay.fund.trans.order.changed.
func tellTransfer(tx *tx, t *Transfer) error {
	biz := map[string]string{"order_id": t.OrderID, "pay_fund_order_id": t.FundNo, "out_biz_no": t.Out, "product_code": t.Product, "biz_scene": t.Scene,
		"origin_interface": t.Method, "trans_amount": t.Amount.Yuan(), "status": t.Status, "action_type": "FINISH", "pay_date": beijing(fromMS(t.Ended))}
	for k, v := range map[string]string{"error_code": t.Code, "fail_reason": t.Reason, "passback_params": t.Passback} {
		if v != "" {
			biz[k] = v
		}
	}
	return sendMessage(tx, t.AppID, "alipay.fund.trans.order.changed", biz)
}

// setting is the application's settings, zero for an unknown one.
func (s *Simulator) setting(appID string) Settings {
	if a := s.apps.get(appID); a != nil {
		return a.Settings
	}
	return Settings{}
}

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
func queryTransfer(c *call) (any, error) {
	if err := c.certificateNeeded(); err != nil {
		return nil, err
	}
	key := "o|" + c.pid + "|" + c.biz.str("product_code") + "|" + c.biz.str("biz_scene") + "|" + c.biz.str("out_biz_no")
	switch {
	case c.biz.has("pay_fund_order_id"):
		key = "f|" + c.biz.str("pay_fund_order_id")
	case c.biz.has("order_id"):
		key = "i|" + c.biz.str("order_id")
	case !c.biz.has("out_biz_no"):
		return nil, c.method.refuseField(&fieldError{"out_biz_no,order_id,pay_fund_order_id", "不能同时为空"})
	case !c.biz.has("product_code") || !c.biz.has("biz_scene"):
		return nil, c.method.refuseField(&fieldError{"product_code,biz_scene", "按 out_biz_no 查询时必填"})
	}
	var t *Transfer
	if err := c.view(func(tx *tx) (err error) { t, err = transferByKey(tx, key); return err }); err != nil {
		return nil, err
	}
	switch {
	case t == nil:
		return nil, refuse("ORDER_NOT_EXIST", "转账订单不存在")
	case t.PID != c.pid:
		return nil, refuse("NO_ORDER_PERMISSION", "无权限操作此订单")
	}
	a := transferQueryAnswer{OrderID: t.OrderID, FundNo: t.FundNo, Out: t.Out, Status: t.Status, Fee: "0.00", Code: t.Code, Reason: t.Reason, UserID: t.UserID, Passback: t.Passback}
	if t.Status == transferSuccess {
		a.Amount = t.Amount.Yuan()
	}
	if t.Ended > 0 {
		a.PayDate = beijing(fromMS(t.Ended))
	} else {
		a.ArriveBy = beijing(fromMS(t.At).Add(2 * time.Hour))
	}
	return a, nil
}

// queryAccount is alipay.fund.account.query of the caller's own account.
func queryAccount(c *call) (any, error) {
	var have money.Fen
	err := c.view(func(tx *tx) error {
		own, err := findAccount(tx, c.pid)
		if err != nil {
			return err
		}
		if own == nil {
			return refuse("ALIPAY_ACCOUNT_NOT_EXIST", "账户不存在")
		}
		if id := c.biz.str("alipay_user_id"); (id != "" && id != c.pid) || (c.biz.has("alipay_open_id") && userOfOpenID(c.biz.str("alipay_open_id")) != c.pid) {
			return refuse("AUTH_USERID_IS_NOT_MATCH", "只能查询自己的账户")
		}
		have = balance(tx, "A:"+c.pid)
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

// quotaDaily is what the quota query tells; the simulator limits only single transfers (Settings.TransferMax).
const quotaDaily = money.Fen(2_000_000_00)

// queryQuota is alipay.fund.quota.query in its newer form.
func queryQuota(c *call) (any, error) {
	single := money.Max
	if c.app.Settings.TransferMax > 0 {
		single = c.app.Settings.TransferMax
	}
	return map[string]any{"active_quota_is_new": true, "new_quota_single_max": single.Yuan(), "new_quota_single_min": transferLeast.Yuan(),
		"new_quota_daily": quotaDaily.Yuan(), "new_quota_daily_remain": quotaDaily.Yuan(), "new_quota_monthly": (15 * quotaDaily).Yuan(),
		"new_quota_monthly_remain": (15 * quotaDaily).Yuan(), "active_new_quota_daily_remain_limited": false, "active_new_quota_monthly_remain_limited": false}, nil
}
