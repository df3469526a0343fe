// Package transfers keeps money paid out: single transfers and batches, to accounts and to bank cards.
package transfers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhitong/internal/money"
	"zhitong/simulator/gateway"
	"zhitong/simulator/notify"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Products and statuses of transfers (alipay.fund.trans.uni.transfer).
const (
	transferToAccount = "TRANS_ACCOUNT_NO_PWD"
	transferToCard    = "TRANS_BANKCARD_NO_PWD"
	sceneDirect       = "DIRECT_TRANSFER"

	Succeeded = "SUCCESS"
	Failed    = "FAIL"
	Dealing   = "DEALING"
	Returned  = "REFUND" // returned by the bank
)

// Limits of a transfer: to an Alipay account 0.10 … 100,000,000 yuan; enterprise payers give a remark from 50,000 yuan
// on.
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
	Bucket          = "transfers"      // seq → Transfer
	bucketTransKeys = "transfers_keys" // "o|"pid|product|scene|out, "i|"order_id, "f|"pay_fund_order_id → seq
)

// fundProducts: one of them must be signed for each fund method.
func fundProducts() []string { return []string{state.ProductTransfer} }

func payeeFields() []protocol.Field {
	return []protocol.Field{
		{Name: "identity", Required: true, Max: 64},
		{Name: "identity_type", Required: true,
			Enum: []string{"ALIPAY_USER_ID", "ALIPAY_LOGON_ID", "ALIPAY_OPEN_ID", "BANKCARD_ACCOUNT",
				"EXPRESS_DC_STFA"}},
		{Name: "name", Max: 128}, {Name: "bankcard_ext_info", Kind: protocol.KindObject, Fields: []protocol.Field{
			{Name: "account_type", Max: 2, Enum: []string{"1", "2"}}, {Name: "inst_name", Max: 64},
			{Name: "inst_province", Max: 64}, {Name: "inst_city", Max: 64},
			{Name: "inst_branch_name", Max: 128}, {Name: "bank_code", Max: 64}}},
		{Name: "cert_type", Max: 64}, {Name: "cert_no", Max: 64}, {Name: "ext_info", Kind: protocol.KindAny},
		{Name: "merchant_user_info", Kind: protocol.KindAny},
	}
}

func reportFields() []protocol.Field {
	return []protocol.Field{{Name: "info_type", Required: true, Max: 64},
		{Name: "info_content", Required: true, Max: 512}}
}

// fundMethods move the platform's own money.
// Methods are the methods of transfers and batches.
func Methods() []gateway.Method {
	signed := fundProducts()
	return append([]gateway.Method{
		{Name: "alipay.fund.trans.uni.transfer", Products: signed, Handle: transfer, Fields: []protocol.Field{
			{Name: "out_biz_no", Required: true, Max: 64},
			{Name: "trans_amount", Required: true, Kind: protocol.KindAmount, Max: 20},
			{Name: "product_code", Required: true, Max: 64},
			{Name: "biz_scene", Required: true, Max: 64}, {Name: "order_title", Max: 128},
			{Name: "payee_info", Required: true, Kind: protocol.KindObject, Fields: payeeFields()},
			{Name: "payer_info", Kind: protocol.KindAny}, {Name: "remark", Max: 200},
			{Name: "business_params", Kind: protocol.KindAny}, {Name: "transfer_scene_name", Max: 64},
			{Name: "transfer_scene_report_infos", Kind: protocol.KindArray, Max: 20, Fields: reportFields()},
			{Name: "original_order_id", Max: 64},
			{Name: "passback_params", Max: 512}, {Name: "mutiple_currency_detail", Kind: protocol.KindAny},
			{Name: "sign_data", Kind: protocol.KindAny}}},
		{Name: "alipay.fund.trans.common.query", Products: signed, Handle: queryTransfer, Fields: []protocol.Field{
			{Name: "out_biz_no", Max: 64}, {Name: "product_code", Max: 64}, {Name: "biz_scene", Max: 64},
			{Name: "order_id", Max: 64}, {Name: "pay_fund_order_id", Max: 64}}},
		{Name: "alipay.fund.account.query", Products: signed, Handle: queryAccount, Fields: []protocol.Field{
			{Name: "account_type", Required: true, Enum: []string{"ACCTRANS_ACCOUNT"}},
			{Name: "alipay_user_id", Max: 32}, {Name: "alipay_open_id", Max: 128},
			{Name: "account_product_code", Max: 64}, {Name: "account_scene_code", Max: 64},
			{Name: "merchant_user_id", Max: 64}, {Name: "ext_info", Kind: protocol.KindAny}}},
		{Name: "alipay.fund.quota.query", Products: signed, Handle: queryQuota,
			Fields: []protocol.Field{{Name: "product_code", Required: true, Max: 64},
				{Name: "biz_scene", Required: true, Max: 64}}},
	}, batchMethods()...)
}

// certificateNeeded refuses fund-out methods of an application in public-key mode, unless its settings allow them.
func certificateNeeded(c *gateway.Call) error {
	if c.App.CertMode || c.App.Settings.KeyModeTransfers {
		return nil
	}
	// As the live gateway was seen to refuse it (yansongda/pay issue 325).
	return protocol.Invalid("isv.missing-app-cert-sn", "缺少应用公钥证书序列号：资金支出类接口须使用公钥证书方式加签")
}

type transferAnswer struct {
	Out     string `json:"out_biz_no"`
	OrderID string `json:"order_id"`
	FundNo  string `json:"pay_fund_order_id"`
	Status  string `json:"status"`
	Date    string `json:"trans_date"`
}

// transfer is alipay.fund.trans.uni.transfer. A refusal leaves no document, so the same out_biz_no may be sent again,
// corrected.
func transfer(c *gateway.Call) (any, error) {
	if err := certificateNeeded(c); err != nil {
		return nil, err
	}
	var t *Transfer
	err := c.Update(func(tx *state.Tx) error {
		want, err := newTransfer(c, c.Biz)
		if err != nil {
			return err
		}
		if t, err = ByKey(tx, want.key()); err != nil {
			return err
		}
		if t != nil {
			return sameTransfer(t, want)
		}
		t = want
		return pay(tx, t, c.Biz.Obj("payee_info"))
	})
	if err != nil {
		return nil, err
	}
	return transferAnswer{t.Out, t.OrderID, t.FundNo, t.Status, protocol.Beijing(protocol.FromMillis(t.At))}, nil
}

func (t *Transfer) key() string { return "o|" + t.PID + "|" + t.Product + "|" + t.Scene + "|" + t.Out }

// newTransfer checks what needs no storage. o is biz_content, or one element of a batch with the batch's own fields
// laid under it.
func newTransfer(c *gateway.Call, o protocol.Object) (*Transfer, error) {
	p := o.Obj("payee_info")
	t := &Transfer{Out: o.Str("out_biz_no"), AppID: c.App.AppID, PID: c.PID, Product: o.Str("product_code"),
		Scene: o.Str("biz_scene"), Method: c.Method.Name,
		Amount: o.Fen("trans_amount"), Title: o.Str("order_title"), Remark: o.Str("remark"),
		Passback: o.Str("passback_params"),
		PayeeTyp: p.Str("identity_type"), Payee: p.Str("identity"), Name: p.Str("name"), At: protocol.Millis(c.Now)}
	least := transferLeast
	if t.Product == transferToCard {
		least = 1
	}
	toCard := t.PayeeTyp == "BANKCARD_ACCOUNT"
	switch {
	case t.Product != transferToAccount && t.Product != transferToCard:
		return nil, protocol.Refuse("PRODUCT_NOT_SIGN", "产品未签约："+t.Product)
	case t.Scene != sceneDirect:
		return nil, c.Method.RefuseField(&protocol.FieldError{Path: "biz_scene", Why: "取值错误"})
	case toCard != (t.Product == transferToCard), t.PayeeTyp == "EXPRESS_DC_STFA":
		return nil,
			c.Method.RefuseField(&protocol.FieldError{Path: "payee_info.identity_type", Why: "与 product_code 不匹配"})
	case t.Amount < least:
		return nil, protocol.Refuse("EXCEED_LIMIT_SM_MIN_AMOUNT", "转账金额低于单笔最小金额")
	case t.Amount > money.Max || (c.App.Settings.TransferMax > 0 && t.Amount > c.App.Settings.TransferMax):
		return nil, protocol.Refuse("EXCEED_LIMIT_SM_AMOUNT", "单笔额度超限")
	case t.Amount >= remarkFrom && t.Remark == "":
		return nil, protocol.Refuse("MEMO_REQUIRED_IN_TRANSFER_ERROR", "金额达到5万元时备注必填")
	case slices.ContainsFunc(protocol.ForbiddenWords(), func(w string) bool {
		return strings.Contains(t.Remark+t.Title, w)
	}):
		return nil, protocol.Refuse("REMARK_HAS_SENSITIVE_WORD", "转账备注包含敏感词")
	}
	return t, checkScene(c, o)
}

// checkScene is the scene that new accounts must declare.
func checkScene(c *gateway.Call, o protocol.Object) error {
	name, infos := o.Str("transfer_scene_name"), o.List("transfer_scene_report_infos")
	if name == "" {
		if c.App.Settings.RequireTransferScene {
			return protocol.Refuse("TRANSFER_SCENE_NAME_BLANK", "转账场景不能为空")
		}
		return nil
	}
	if !slices.Contains(transferScenes(), name) {
		return protocol.Refuse("TRANSFER_SCENE_NAME_ILLEGAL", "转账场景不合法")
	}
	if len(infos) == 0 {
		return protocol.Refuse("TRANSFER_SCENE_REPORT_INFO_ILLEGAL", "转账场景报备信息不能为空")
	}
	for i, info := range infos {
		if slices.ContainsFunc(infos[:i], func(o protocol.Object) bool {
			return o.Str("info_type") == info.Str("info_type")
		}) {
			return protocol.Refuse("TRANSFER_SCENE_REPORT_INFO_ILLEGAL", "转账场景报备信息类型重复")
		}
	}
	return nil
}

func sameTransfer(old, t *Transfer) error {
	if old.Amount != t.Amount || old.Payee != t.Payee || old.PayeeTyp != t.PayeeTyp || old.Name != t.Name ||
		old.Batch != t.Batch {
		return protocol.Refuse("PAYMENT_INFO_INCONSISTENCY", "同一商户订单号的转账信息不一致")
	}
	return nil
}

// pay judges payer and payee, moves the money and files the transfer.
func pay(tx *state.Tx, t *Transfer, payee protocol.Object) error {
	payer, err := state.FindAccount(tx, t.PID)
	switch {
	case err != nil:
		return err
	case payer == nil:
		return protocol.Refuse("PAYER_NOT_EXIST", "付款方不存在")
	case payer.Blocked:
		return protocol.Refuse("PAYER_STATUS_ERROR", "付款方账户状态异常")
	}
	to := state.WorldPurse
	if t.Product == transferToCard {
		err = t.toCard(tx, payee)
	} else {
		to, err = t.toAccount(tx)
	}
	if err != nil {
		return err
	}
	err = state.Move(tx,
		state.Flow{Kind: "fund_transfer", From: "A:" + t.PID, To: to, Amount: t.Amount, PID: t.PID, Doc: t.Out,
			Memo: t.Title})
	if errors.Is(err, state.ErrPurseShort) {
		return protocol.Refuse("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足")
	}
	if err != nil {
		return err
	}
	if err := addTransfer(tx, t); err != nil {
		return err
	}
	if t.Status == Succeeded && setting(tx.State, t.AppID).MessageTransfers {
		return tellTransfer(tx, t)
	}
	return nil
}

// toAccount finds the receiver's account.
func (t *Transfer) toAccount(tx *state.Tx) (purse string, err error) {
	id := t.Payee
	if t.PayeeTyp == "ALIPAY_OPEN_ID" {
		id = state.UserOfOpenID(id)
	}
	a, err := state.FindAccount(tx, id)
	switch {
	case err != nil:
		return "", err
	case t.PayeeTyp == "ALIPAY_LOGON_ID" && t.Name == "":
		return "", protocol.Refuse("INVALID_PARAMETER", "参数无效：payee_info.name 不能为空")
	case a == nil, t.PayeeTyp == "ALIPAY_LOGON_ID" && a.LogonID != t.Payee, t.PayeeTyp == "ALIPAY_USER_ID" &&
		a.UserID != t.Payee:
		return "", protocol.Refuse("PAYEE_NOT_EXIST", "收款账号不存在")
	case a.UserID == t.PID:
		return "", protocol.Refuse("PAYER_PAYEE_CANNOT_SAME", "收付款方不能相同")
	case a.Blocked:
		return "", protocol.Refuse("PAYEE_ACCOUNT_STATUS_ERROR", "收款方账户状态异常")
	case !a.Certified:
		return "", protocol.Refuse("PAYEE_NOT_RELNAME_CERTIFY", "收款方未实名认证")
	case a.NoBalance:
		return "", protocol.Refuse("NO_ACCOUNT_RECEIVE_PERMISSION", "收款方没有收款权限")
	case t.Name != "" && t.Name != a.Name:
		return "", protocol.Refuse("PAYEE_USERINFO_ERROR", "收款方姓名与账号不匹配")
	}
	t.UserID, t.Status, t.Ended = a.UserID, Succeeded, t.At
	return "A:" + a.UserID, nil
}

// toCard checks a bank card; the bank answers later.
func (t *Transfer) toCard(tx *state.Tx, payee protocol.Object) error {
	ext := payee.Obj("bankcard_ext_info")
	switch {
	case t.Name == "":
		return protocol.Refuse("INVALID_PARAMETER", "参数无效：payee_info.name 不能为空")
	case !ext.Has("account_type"):
		return protocol.Refuse("INVALID_PARAMETER", "参数无效：payee_info.bankcard_ext_info.account_type 不能为空")
	case !protocol.IsDigits(t.Payee) || len(t.Payee) < 8 || len(t.Payee) > 25:
		return protocol.Refuse("CARD_BIN_ERROR", "收款卡号有误")
	case ext.Str("account_type") == "1" &&
		(!ext.Has("inst_name") || (!ext.Has("inst_branch_name") && !ext.Has("bank_code"))):
		return protocol.Refuse("BANKCODE_OR_BRANCHNAME_INFO_ERROR", "对公转账须传入银行与支行信息")
	}
	t.Status = Dealing
	if !strings.HasSuffix(t.Payee, cardForever) {
		t.Due = protocol.Millis(tx.Now.Add(bankTime))
	}
	return nil
}

// addTransfer numbers and stores a new transfer under its keys.
func addTransfer(tx *state.Tx, t *Transfer) error {
	var err error
	if t.Seq, err = tx.NextID(Bucket); err != nil {
		return err
	}
	day := tx.Now.In(protocol.BeijingZone()).Format("20060102")
	t.OrderID, t.FundNo = fmt.Sprintf("%s110070000006%012d", day, t.Seq), fmt.Sprintf("%s110070001506%012d", day, t.Seq)
	for _, k := range []string{t.key(), "i|" + t.OrderID, "f|" + t.FundNo} {
		if err := tx.Bucket(bucketTransKeys).Put([]byte(k), state.Key(t.Seq)); err != nil {
			return fmt.Errorf("index a transfer: %w", err)
		}
	}
	if t.Due > 0 {
		if err := state.AddTimer(tx, t.Due, TimerBank, state.Key(t.Seq)); err != nil {
			return err
		}
	}
	return putTransfer(tx, t)
}

func putTransfer(tx *state.Tx, t *Transfer) error {
	return state.PutRaw(tx, Bucket, state.Key(t.Seq), t)
}

// ByKey returns nil when there is none.
func ByKey(tx *state.Tx, key string) (*Transfer, error) {
	b := tx.Bucket(bucketTransKeys)
	if b == nil {
		return nil, nil
	}
	seq := b.Get([]byte(key))
	if seq == nil {
		return nil, nil
	}
	return state.GetRaw[Transfer](tx, Bucket, seq)
}

// bankAnswers ends a transfer to a bank card.
func bankAnswers(tx *state.Tx, seq uint64) error {
	t, err := state.GetRaw[Transfer](tx, Bucket, state.Key(seq))
	if err != nil || t == nil || t.Status != Dealing {
		return err
	}
	switch {
	case strings.HasSuffix(t.Payee, cardReturned):
		return End(tx, t, Returned, "INST_PAY_UNABLE", "收款银行退回")
	case strings.HasSuffix(t.Payee, cardRefused):
		return End(tx, t, Failed, "PAYEE_CARD_INFO_ERROR", "收款方银行卡信息有误")
	}
	return End(tx, t, Succeeded, "", "")
}

// End finishes a transfer under way; one that did not arrive goes back to the payer.
func End(tx *state.Tx, t *Transfer, status, code, reason string) error {
	t.Status, t.Code, t.Reason, t.Ended = status, code, reason, protocol.Millis(tx.Now)
	if status != Succeeded {
		if err := state.Move(tx,
			state.Flow{Kind: "fund_transfer_back", From: state.WorldPurse, To: "A:" + t.PID, Amount: t.Amount,
				PID: t.PID, Doc: t.Out, Memo: reason}); err != nil {
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
func tellTransfer(tx *state.Tx, t *Transfer) error {
	biz := map[string]string{"order_id": t.OrderID, "pay_fund_order_id": t.FundNo, "out_biz_no": t.Out,
		"product_code": t.Product, "biz_scene": t.Scene,
		"origin_interface": t.Method, "trans_amount": t.Amount.Yuan(), "status": t.Status, "action_type": "FINISH",
		"pay_date": protocol.Beijing(protocol.FromMillis(t.Ended))}
	for k, v := range map[string]string{"error_code": t.Code, "fail_reason": t.Reason, "passback_params": t.Passback} {
		if v != "" {
			biz[k] = v
		}
	}
	return notify.SendMessage(tx, t.AppID, "alipay.fund.trans.order.changed", biz)
}

// setting is the application's settings, zero for an unknown one.
func setting(s *state.State, appID string) state.Settings {
	if a := s.Apps.Get(appID); a != nil {
		return a.Settings
	}
	return state.Settings{}
}

// quotaDaily is what the quota query tells; the simulator limits only single transfers (Settings.TransferMax).
const quotaDaily = money.Fen(2_000_000_00)

// Kinds of timers.
const (
	TimerBank     = 'b' // the bank answers a transfer; what = Transfer.Seq
	timerBatchPay = 'p' // a batch transfer without password is carried out; what = batch_trans_id
)

// Timers say what happens to transfers by itself.
func Timers() state.Timers {
	return state.Timers{TimerBank: state.BySeq(bankAnswers), timerBatchPay: state.ByName(payBatch)}
}
