package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// onboardingMethods are the methods by which a platform's merchants become secondary merchants.
func onboardingMethods() []method {
	const zft = "ant.merchant.expand.indirect.zft."
	signed := []string{ProductZFT}
	return []method{
		{Name: "ant.merchant.expand.indirect.image.upload", Products: signed, Flat: true, Fields: imageFields(), Handle: uploadImage},
		{Name: zft + "create", Products: signed, Fields: createFields(), Handle: apply},
		{Name: zft + "simplecreate", Products: signed, Handle: apply, Fields: append(append(simpleFields(singles), sceneFields()...),
			field{Name: "need_send_todo_notify", Kind: kBool}, field{Name: "sign_confirm_type", Max: 64})},
		{Name: zft + "quickcreate", Products: signed, Fields: simpleFields(lists), Handle: apply},
		{Name: zft + "consult", Products: signed, Fields: consultFields(), Handle: consult},
		{Name: zft + "modify", Products: signed, Fields: modifyFields(), Handle: modify},
		{Name: zft + "settlementmodify", Products: signed, Fields: settlementFields(), Handle: modify},
		{Name: zft + "upgrade", Products: signed, Fields: upgradeFields(), Handle: modify},
		{Name: zft + "delete", Products: signed, Fields: []field{{Name: "smid", Required: true, Max: 99}}, Handle: deleteMerchant},
		{Name: zft + "copy", Products: signed, Fields: []field{{Name: "smid_old", Required: true, Max: 32}, {Name: "pid_new", Required: true, Max: 16}}, Handle: copyMerchant},
		{Name: "ant.merchant.expand.indirect.zftorder.query", Products: signed, Fields: []field{{Name: "order_id", Max: 64}, {Name: "external_id", Max: 64}}, Handle: queryApplications},
		{Name: "ant.merchant.expand.order.query", Products: signed, Fields: []field{{Name: "order_id", Max: 64}, {Name: "biz_source", Max: 32}}, Handle: queryOrder},
		{Name: "ant.merchant.expand.indirect.zftsubsettle.query", Products: signed, Fields: []field{{Name: "smid", Required: true, Max: 32}}, Handle: querySettlement},
		{Name: "ant.merchant.expand.indirect.zftsettlecard.detect", Products: signed, Handle: detectCard, Fields: []field{
			{Name: "smid", Required: true, Max: 32}, {Name: "card_alias_no", Required: true, Max: 64}, {Name: "account_no", Required: true, Max: 64}, {Name: "account_holder_name", Required: true, Max: 64}}},
		{Name: "ant.merchant.expand.zft.settlement.unbind", Products: signed, Handle: unbindSettlement, Fields: []field{
			{Name: "smid", Required: true, Max: 32}, {Name: "alipay_logon_id", Max: 64}, {Name: "card_alias_no", Max: 64}}},
		{Name: "ant.merchant.expand.mcc.query", Fields: []field{{Name: "mcc_code_list", Max: 1024}}, Handle: queryMCC},
	}
}

type orderIDAnswer struct {
	OrderID  string `json:"order_id"`
	QR       string `json:"sign_qr_code_url,omitempty"`
	ShortURL string `json:"sign_short_chain_url,omitempty"`
}

// apply is zft.create, simplecreate and quickcreate: synchronous checks, then an application that waits for its audits.
func apply(c *call) (any, error) {
	var a *Application
	ext := c.biz.str("external_id")
	if err := forcedRefusal(c, ext); err != nil {
		return nil, err
	}
	err := c.update(func(t *tx) error {
		f, err := newForm(t, c)
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		if err := running(t, c.pid, ext); err != nil {
			return err
		}
		if err := settled(t, c.pid, ext); err != nil && !c.app.Settings.ReuseExternalID {
			return err
		}
		if a, err = newApplication(t, c, applyCreate); err != nil {
			return err
		}
		if err := a.fill(f.object, ext); err != nil {
			return err
		}
		if strings.HasSuffix(c.method.Name, ".quickcreate") {
			a.SignToken = newUUID()
			a.SignURL = c.sim.base(c.req) + "/onboarding/" + a.SignToken
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
func (a *Application) fill(data object, ext string) error {
	a.ExternalID, a.Name, a.MCC, a.Logon = ext, data.str("name"), data.str("mcc"), data.str("binding_alipay_logon_id")
	if a.Special = categories()[a.MCC].Special; a.Special {
		a.KZ = auditCreate
	}
	var err error
	if a.Form, err = json.Marshal(data); err != nil {
		return fmt.Errorf("keep an application's form: %w", err)
	}
	return nil
}

// newForm is the request's data in the list shape. Without papers the binding account tells name and kind.
func newForm(t *tx, c *call) (*form, error) {
	f := &form{object: listed(c.biz), tx: t, pid: c.pid, papers: true}
	if !strings.HasSuffix(c.method.Name, ".simplecreate") && !strings.HasSuffix(c.method.Name, ".quickcreate") {
		return f, nil
	}
	f.papers = false
	logon := c.biz.str("binding_alipay_logon_id")
	acc, err := findAccount(t, logon)
	if err != nil {
		return nil, err
	}
	f.object["merchant_type"] = "01" // an e-mail login may be an enterprise's; a mobile number is a person's
	if digits(logon) {
		f.object["merchant_type"] = typePerson
	}
	switch {
	case acc != nil:
		f.object["name"] = acc.Name
	case !c.biz.has("name") && len(f.list("contact_infos")) > 0:
		f.object["name"] = f.list("contact_infos")[0].str("name")
	}
	return f, nil
}

// forcedRefusal is what endings of the external_id make of the call before it is looked at.
func forcedRefusal(c *call, ext string) error {
	switch {
	case strings.HasSuffix(ext, endRefused):
		return badForm("external_id", "（测试触发）")
	case strings.HasSuffix(ext, endConflict):
		return refuse("MERCHANT_ORDER_EXECUTE_CONFLICT", "该商户有申请单正在处理中")
	case !strings.HasSuffix(ext, endLost):
		return nil
	}
	key, first := c.pid+"|"+ext, false
	err := c.update(func(t *tx) error {
		if first = t.bucket(bucketOnce).Get([]byte(key)) == nil; !first {
			return nil
		}
		if err := t.bucket(bucketOnce).Put([]byte(key), []byte{1}); err != nil {
			return fmt.Errorf("remember a lost call: %w", err)
		}
		return nil
	})
	if err == nil && first {
		return unavailable()
	}
	return err
}

// accepted is the answer, or what the external_id's ending makes of it after the effect.
func accepted(a *Application, answer any) (any, error) {
	switch {
	case strings.HasSuffix(a.ExternalID, endTimeout):
		panic(http.ErrAbortHandler)
	case strings.HasSuffix(a.ExternalID, endUnknown):
		return nil, unavailable()
	}
	return answer, nil
}

type consultAnswer struct {
	OrderID      string `json:"order_id"`
	RiskAudit    bool   `json:"risk_audit"`
	AccountAudit bool   `json:"account_audit"`
}

// consult is the dry run: the same checks as create; the order it makes reserves nothing.
func consult(c *call) (any, error) {
	var a *Application
	ext := c.biz.str("external_id")
	if err := forcedRefusal(c, ext); err != nil {
		return nil, err
	}
	err := c.update(func(t *tx) error {
		f, err := newForm(t, c)
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		if a, err = newApplication(t, c, applyConsult); err != nil {
			return err
		}
		if err := a.fill(f.object, ext); err != nil {
			return err
		}
		return addApplication(t, a)
	})
	if err != nil {
		return nil, err
	}
	return accepted(a, consultAnswer{a.OrderID, true, a.Special})
}

// modify is zft.modify, settlementmodify and upgrade: the stored form with the request's fields over it, checked as a whole and audited again.
// The merchant stays usable with its old data meanwhile.
func modify(c *call) (any, error) {
	var a *Application
	err := c.update(func(t *tx) error {
		m, err := ownMerchant(t, c)
		if err != nil {
			return err
		}
		if strings.HasSuffix(m.ExternalID, endRefused) || strings.HasSuffix(c.biz.str("external_id"), endRefused) {
			return badForm("external_id", "（测试触发）")
		}
		f, err := changedForm(t, c, m)
		if err != nil {
			return err
		}
		if err := running(t, c.pid, m.ExternalID); err != nil {
			return err
		}
		if a, err = newApplication(t, c, applyModify); err != nil {
			return err
		}
		a.SMID = m.SMID
		if !strings.HasSuffix(c.method.Name, ".settlementmodify") {
			a.Confirm = auditSkip // only a new place for the money needs the merchant's word
		}
		if err := a.fill(f.object, m.ExternalID); err != nil {
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
func ownMerchant(t *tx, c *call) (*Merchant, error) {
	unknown := refuse("MERCHANT_NOT_EXIST", "商户不存在")
	smid := c.biz.str("smid")
	if smid == "" && c.biz.str("external_id") == "" {
		return nil, badForm("smid,external_id", "不能同时为空")
	}
	if smid == "" {
		err := eachApplication(t, c.pid, c.biz.str("external_id"), func(a *Application) error {
			if a.Status == applyFinished && a.SMID != "" {
				smid = a.SMID
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	m, err := getMerchant(t, smid)
	if err != nil {
		return nil, err
	}
	if m == nil || m.PID != c.pid || m.Status == merchantClosed {
		return nil, unknown
	}
	return m, nil
}

// changedForm lays the request over the merchant's stored form and checks what comes out.
func changedForm(t *tx, c *call, m *Merchant) (*form, error) {
	stored := object{}
	if len(m.Profile) > 0 {
		var err error
		if stored, err = parseObject(m.Profile); err != nil {
			return nil, fmt.Errorf("read the profile of merchant %s: %w", m.SMID, err)
		}
	}
	if stored.has("cert_type") && c.biz.has("cert_type") && stored.str("cert_type") != c.biz.str("cert_type") {
		return nil, badForm("cert_type", "不允许变更")
	}
	for k, v := range listed(c.biz) {
		if k != "smid" && k != "cert_no" && k != "external_id" && v != nil && v != "" {
			stored[k] = v
		}
	}
	f := &form{object: stored, tx: t, pid: c.pid, papers: stored.has("cert_no")}
	switch {
	case strings.HasSuffix(c.method.Name, ".upgrade"):
		if stored.has("merchant_type") && !f.person() {
			return nil, refuse("NOT_ALLOWED_SETTLE", "仅个人商户可升级")
		}
		if err := certNumber(c.biz.str("additional_cert_type"), c.biz.str("additional_cert_no")); err != nil {
			return nil, err
		}
		return f, f.checkImages()
	case strings.HasSuffix(c.method.Name, ".settlementmodify") || len(m.Profile) == 0:
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
func deleteMerchant(c *call) (any, error) {
	return nil, c.update(func(t *tx) error {
		m, err := ownMerchant(t, c)
		if err != nil {
			return err
		}
		if balance(t, "U:"+m.SMID) > 0 || balance(t, "F:"+m.SMID) > 0 {
			return refuse("NOT_ALLOWED_SETTLE", "商户存在未结算资金，不允许删除")
		}
		m.Status = merchantClosed
		return putMerchant(t, m)
	})
}

// copyMerchant is zft.copy: the same merchant for another platform, under a new smid. The old one stays.
func copyMerchant(c *call) (any, error) {
	var m Merchant
	err := c.update(func(t *tx) error {
		old, err := getMerchant(t, c.biz.str("smid_old"))
		switch {
		case err != nil:
			return err
		case old == nil || old.PID != c.pid || old.Status == merchantClosed:
			return refuse("MERCHANT_NOT_EXIST", "商户不存在")
		case t.sim.apps.byPID(c.biz.str("pid_new")) == nil:
			return refuse("ISV_NOT_EXIST", "平台商不存在")
		}
		m = *old
		m.PID = c.biz.str("pid_new")
		return createMerchant(t, &m)
	})
	if err != nil {
		return nil, err
	}
	return struct {
		SMID string `json:"smid_new"`
	}{m.SMID}, nil
}
