package merchants

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"zhitong/simulator/gateway"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// onboardingMethods are the methods by which a platform's merchants become secondary merchants.
func onboardingMethods() []gateway.Method {
	const zft = "ant.merchant.expand.indirect.zft."
	signed := []string{state.ProductZFT}
	return []gateway.Method{
		{Name: "ant.merchant.expand.indirect.image.upload", Products: signed, Flat: true, Fields: ImageFields(),
			Handle: uploadImage},
		{Name: zft + "create", Products: signed, Fields: createFields(), Handle: apply},
		{Name: zft + "simplecreate", Products: signed, Handle: apply,
			Fields: append(append(simpleFields(singles), sceneFields()...),
				protocol.Field{Name: "need_send_todo_notify", Kind: protocol.KindBool},
				protocol.Field{Name: "sign_confirm_type", Max: 64})},
		{Name: zft + "quickcreate", Products: signed, Fields: simpleFields(lists), Handle: apply},
		{Name: zft + "consult", Products: signed, Fields: consultFields(), Handle: consult},
		{Name: zft + "modify", Products: signed, Fields: modifyFields(), Handle: modify},
		{Name: zft + "settlementmodify", Products: signed, Fields: settlementFields(), Handle: modify},
		{Name: zft + "upgrade", Products: signed, Fields: upgradeFields(), Handle: modify},
		{Name: zft + "delete", Products: signed, Fields: []protocol.Field{{Name: "smid", Required: true, Max: 99}},
			Handle: deleteMerchant},
		{Name: zft + "copy", Products: signed,
			Fields: []protocol.Field{{Name: "smid_old", Required: true, Max: 32},
				{Name: "pid_new", Required: true, Max: 16}}, Handle: copyMerchant},
		{Name: "ant.merchant.expand.indirect.zftorder.query", Products: signed,
			Fields: []protocol.Field{{Name: "order_id", Max: 64}, {Name: "external_id", Max: 64}},
			Handle: queryApplications},
		{Name: "ant.merchant.expand.order.query", Products: signed,
			Fields: []protocol.Field{{Name: "order_id", Max: 64}, {Name: "biz_source", Max: 32}}, Handle: queryOrder},
		{Name: "ant.merchant.expand.indirect.zftsubsettle.query", Products: signed,
			Fields: []protocol.Field{{Name: "smid", Required: true, Max: 32}}, Handle: querySettlement},
		{Name: "ant.merchant.expand.indirect.zftsettlecard.detect", Products: signed, Handle: detectCard,
			Fields: []protocol.Field{
				{Name: "smid", Required: true, Max: 32}, {Name: "card_alias_no", Required: true, Max: 64},
				{Name: "account_no", Required: true, Max: 64}, {Name: "account_holder_name", Required: true, Max: 64}}},
		{Name: "ant.merchant.expand.zft.settlement.unbind", Products: signed, Handle: unbindSettlement,
			Fields: []protocol.Field{
				{Name: "smid", Required: true, Max: 32}, {Name: "alipay_logon_id", Max: 64},
				{Name: "card_alias_no", Max: 64}}},
		{Name: "ant.merchant.expand.mcc.query", Fields: []protocol.Field{{Name: "mcc_code_list", Max: 1024}},
			Handle: queryMCC},
	}
}

type orderIDAnswer struct {
	OrderID  string `json:"order_id"`
	QR       string `json:"sign_qr_code_url,omitempty"`
	ShortURL string `json:"sign_short_chain_url,omitempty"`
}

// apply is zft.create, simplecreate and quickcreate: synchronous checks, then an application that waits for its audits.
func apply(c *gateway.Call) (any, error) {
	var a *Application
	ext := c.Biz.Str("external_id")
	if err := forcedRefusal(c, ext); err != nil {
		return nil, err
	}
	err := c.Update(func(t *state.Tx) error {
		f, err := newForm(t, c)
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		if err := running(t, c.PID, ext); err != nil {
			return err
		}
		if err := settled(t, c.PID, ext); err != nil && !c.App.Settings.ReuseExternalID {
			return err
		}
		if a, err = newApplication(t, c, ApplyCreate); err != nil {
			return err
		}
		if err := a.fill(f.Object, ext); err != nil {
			return err
		}
		if strings.HasSuffix(c.Method.Name, ".quickcreate") {
			a.SignToken = NewUUID()
			a.SignURL = c.State.BaseURL(c.HTTP) + "/onboarding/" + a.SignToken
			a.ShortURL = a.SignURL + "?from=link"
		}
		return addApplication(t, a)
	})
	if err != nil {
		return nil, err
	}
	return accepted(a, orderIDAnswer{a.OrderID, a.SignURL, a.ShortURL})
}

// fill copies what the application shows from its form. A special industry waits for the customer-data audit too.
func (a *Application) fill(data protocol.Object, ext string) error {
	a.ExternalID, a.Name, a.MCC, a.Logon = ext, data.Str("name"), data.Str("mcc"), data.Str("binding_alipay_logon_id")
	if a.Special = categories()[a.MCC].Special; a.Special {
		a.KZ = AuditCreate
	}
	var err error
	if a.Form, err = json.Marshal(data); err != nil {
		return fmt.Errorf("keep an application's form: %w", err)
	}
	return nil
}

// newForm is the request's data in the list shape. Without papers the binding account tells name and kind.
func newForm(t *state.Tx, c *gateway.Call) (*form, error) {
	f := &form{Object: listed(c.Biz), tx: t, pid: c.PID, papers: true}
	if !strings.HasSuffix(c.Method.Name, ".simplecreate") && !strings.HasSuffix(c.Method.Name, ".quickcreate") {
		return f, nil
	}
	f.papers = false
	logon := c.Biz.Str("binding_alipay_logon_id")
	acc, err := state.FindAccount(t, logon)
	if err != nil {
		return nil, err
	}
	f.Object["merchant_type"] = "01" // an e-mail login may be an enterprise's; a mobile number is a person's
	if protocol.IsDigits(logon) {
		f.Object["merchant_type"] = typePerson
	}
	switch {
	case acc != nil:
		f.Object["name"] = acc.Name
	case !c.Biz.Has("name") && len(f.List("contact_infos")) > 0:
		f.Object["name"] = f.List("contact_infos")[0].Str("name")
	}
	return f, nil
}

// forcedRefusal is what endings of the external_id make of the call before it is looked at.
func forcedRefusal(c *gateway.Call, ext string) error {
	switch {
	case strings.HasSuffix(ext, endRefused):
		return badForm("external_id", "（测试触发）")
	case strings.HasSuffix(ext, endConflict):
		return protocol.Refuse("MERCHANT_ORDER_EXECUTE_CONFLICT", "该商户有申请单正在处理中")
	case !strings.HasSuffix(ext, endLost):
		return nil
	}
	key, first := c.PID+"|"+ext, false
	err := c.Update(func(t *state.Tx) error {
		if first = t.Bucket(bucketOnce).Get([]byte(key)) == nil; !first {
			return nil
		}
		if err := t.Bucket(bucketOnce).Put([]byte(key), []byte{1}); err != nil {
			return fmt.Errorf("remember a lost call: %w", err)
		}
		return nil
	})
	if err == nil && first {
		return protocol.Unavailable()
	}
	return err
}

// accepted is the answer, or what the external_id's ending makes of it after the effect.
func accepted(a *Application, answer any) (any, error) {
	switch {
	case strings.HasSuffix(a.ExternalID, endTimeout):
		panic(http.ErrAbortHandler)
	case strings.HasSuffix(a.ExternalID, endUnknown):
		return nil, protocol.Unavailable()
	}
	return answer, nil
}

type consultAnswer struct {
	OrderID      string `json:"order_id"`
	RiskAudit    bool   `json:"risk_audit"`
	AccountAudit bool   `json:"account_audit"`
}

// consult is the dry run: the same checks as create; the order it makes reserves nothing.
func consult(c *gateway.Call) (any, error) {
	var a *Application
	ext := c.Biz.Str("external_id")
	if err := forcedRefusal(c, ext); err != nil {
		return nil, err
	}
	err := c.Update(func(t *state.Tx) error {
		f, err := newForm(t, c)
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		if a, err = newApplication(t, c, ApplyConsult); err != nil {
			return err
		}
		if err := a.fill(f.Object, ext); err != nil {
			return err
		}
		return addApplication(t, a)
	})
	if err != nil {
		return nil, err
	}
	return accepted(a, consultAnswer{a.OrderID, true, a.Special})
}

// modify is zft.modify, settlementmodify and upgrade: the stored form with the request's fields over it, checked as a
// whole and audited again. The merchant stays usable with its old data meanwhile.
func modify(c *gateway.Call) (any, error) {
	var a *Application
	err := c.Update(func(t *state.Tx) error {
		m, err := ownMerchant(t, c)
		if err != nil {
			return err
		}
		if strings.HasSuffix(m.ExternalID, endRefused) || strings.HasSuffix(c.Biz.Str("external_id"), endRefused) {
			return badForm("external_id", "（测试触发）")
		}
		f, err := changedForm(t, c, m)
		if err != nil {
			return err
		}
		if err := running(t, c.PID, m.ExternalID); err != nil {
			return err
		}
		if a, err = newApplication(t, c, ApplyModify); err != nil {
			return err
		}
		a.SMID = m.SMID
		if !strings.HasSuffix(c.Method.Name, ".settlementmodify") {
			a.Confirm = AuditSkip // only a new place for the money needs the merchant's word
		}
		if err := a.fill(f.Object, m.ExternalID); err != nil {
			return err
		}
		return addApplication(t, a)
	})
	if err != nil {
		return nil, err
	}
	return accepted(a, orderIDAnswer{OrderID: a.OrderID})
}

// ownMerchant finds the merchant a call names by smid or external_id; another PID's does not exist.
func ownMerchant(t *state.Tx, c *gateway.Call) (*Merchant, error) {
	unknown := protocol.Refuse("MERCHANT_NOT_EXIST", "商户不存在")
	smid := c.Biz.Str("smid")
	if smid == "" && c.Biz.Str("external_id") == "" {
		return nil, badForm("smid,external_id", "不能同时为空")
	}
	if smid == "" {
		err := eachApplication(t, c.PID, c.Biz.Str("external_id"), func(a *Application) error {
			if a.Status == ApplyFinished && a.SMID != "" {
				smid = a.SMID
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	m, err := Get(t, smid)
	if err != nil {
		return nil, err
	}
	if m == nil || m.PID != c.PID || m.Status == Closed {
		return nil, unknown
	}
	return m, nil
}

// changedForm lays the request over the merchant's stored form and checks what comes out.
func changedForm(t *state.Tx, c *gateway.Call, m *Merchant) (*form, error) {
	stored := protocol.Object{}
	if len(m.Profile) > 0 {
		var err error
		if stored, err = protocol.ParseObject(m.Profile); err != nil {
			return nil, fmt.Errorf("read the profile of merchant %s: %w", m.SMID, err)
		}
	}
	if stored.Has("cert_type") && c.Biz.Has("cert_type") && stored.Str("cert_type") != c.Biz.Str("cert_type") {
		return nil, badForm("cert_type", "不允许变更")
	}
	for k, v := range listed(c.Biz) {
		if k != "smid" && k != "cert_no" && k != "external_id" && v != nil && v != "" {
			stored[k] = v
		}
	}
	f := &form{Object: stored, tx: t, pid: c.PID, papers: stored.Has("cert_no")}
	switch {
	case strings.HasSuffix(c.Method.Name, ".upgrade"):
		if stored.Has("merchant_type") && !f.person() {
			return nil, protocol.Refuse("NOT_ALLOWED_SETTLE", "仅个人商户可升级")
		}
		if err := certNumber(c.Biz.Str("additional_cert_type"), c.Biz.Str("additional_cert_no")); err != nil {
			return nil, err
		}
		return f, f.checkImages()
	case strings.HasSuffix(c.Method.Name, ".settlementmodify") || len(m.Profile) == 0:
		for _, rule := range []func() error{f.checkAccounts, f.checkSettlement, f.checkImages} {
			if err := rule(); err != nil {
				return nil, err
			}
		}
		return f, nil
	}
	return f, f.check()
}

// deleteMerchant is zft.delete. Money that is not settled yet stays with the trades it belongs to.
func deleteMerchant(c *gateway.Call) (any, error) {
	return nil, c.Update(func(t *state.Tx) error {
		m, err := ownMerchant(t, c)
		if err != nil {
			return err
		}
		if state.Balance(t, "U:"+m.SMID) > 0 || state.Balance(t, "F:"+m.SMID) > 0 {
			return protocol.Refuse("NOT_ALLOWED_SETTLE", "商户存在未结算资金，不允许删除")
		}
		m.Status = Closed
		return Put(t, m)
	})
}

// copyMerchant is zft.copy: the same merchant for another platform, under a new smid. The old one stays.
func copyMerchant(c *gateway.Call) (any, error) {
	var m Merchant
	err := c.Update(func(t *state.Tx) error {
		old, err := Get(t, c.Biz.Str("smid_old"))
		switch {
		case err != nil:
			return err
		case old == nil || old.PID != c.PID || old.Status == Closed:
			return protocol.Refuse("MERCHANT_NOT_EXIST", "商户不存在")
		case t.State.Apps.ByPID(c.Biz.Str("pid_new")) == nil:
			return protocol.Refuse("ISV_NOT_EXIST", "平台商不存在")
		}
		m = *old
		m.PID = c.Biz.Str("pid_new")
		return Create(t, &m)
	})
	if err != nil {
		return nil, err
	}
	return struct {
		SMID string `json:"smid_new"`
	}{m.SMID}, nil
}

// Methods are the methods of secondary merchants.
func Methods() []gateway.Method { return append(onboardingMethods(), branchMethods()...) }
