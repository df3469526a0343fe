package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Statuses of an application (zftorder.query).
const (
	applyReview   = "031"
	applyFinished = "99"
	applyFailed   = "-1"
)

// Values of fk_audit, kz_audit and sub_confirm.
const (
	auditCreate   = "CREATE"
	auditSkip     = "SKIP"
	auditPass     = "PASS"
	auditReject   = "REJECT"
	confirmWait   = "NOT_CONFIRM"
	confirmFinish = "FINISH"
	confirmFail   = "FAIL"
)

// Values of apply_type. Those of settlement change and upgrade are not documented; they change a merchant, so MODIFY.
const (
	applyConsult = "ZHIFUTONG_CONSULT"
	applyCreate  = "ZHIFUTONG_CREATE"
	applyModify  = "ZHIFUTONG_MODIFY"
)

// What the caller's external_id ends with decides what happens to the application, without anybody at the desk.
const (
	endInstant  = "-instant"
	endKZReject = "-kzrej"
	endFKReject = "-fkrej"
	endNoSign   = "-noconfirm" // audits pass, the merchant never confirms: failed after confirmTime
	endRefused  = "-40004"
	endConflict = "-conflict"
	endTimeout  = "-timeout"   // accepted, and the connection breaks before the answer
	endUnknown  = "-20000"     // accepted, and the answer is 20000
	endLost     = "-20000lost" // the first call is lost before any effect, the next one works
	endSilent   = "-nomsg"
	endTwice    = "-dupmsg"
	endLate     = "-latemsg"
)

// confirmTime is how long a merchant may take to confirm before the application fails; not documented.
const confirmTime = 30 * 24 * time.Hour

// messageCopies and lateMessage are what -dupmsg and -latemsg do.
const (
	messageCopies = 3
	lateMessage   = 25 * time.Hour
)

// Application is one application form: what was asked, how far its three audits are, and what came of it.
type Application struct {
	OrderID    string `json:"order_id"`
	AppID      string `json:"app_id"`
	AuthAppID  string `json:"auth_app_id,omitempty"` // the authoriser's application when a third party applied for it
	PID        string `json:"pid"`
	ExternalID string `json:"external_id"`
	Method     string `json:"method"`
	Type       string `json:"apply_type"`
	Name       string `json:"merchant_name,omitempty"`
	MCC        string `json:"mcc,omitempty"`
	Special    bool   `json:"is_special,omitempty"`
	At         int64  `json:"apply_time_ms"`
	Ended      int64  `json:"ended_at_ms,omitempty"`
	Status     string `json:"status"`
	FK         string `json:"fk_audit"`
	FKMemo     string `json:"fk_audit_memo,omitempty"`
	KZ         string `json:"kz_audit"`
	KZMemo     string `json:"kz_audit_memo,omitempty"`
	Confirm    string `json:"sub_confirm"`
	Reason     string `json:"reason,omitempty"`
	Memo       string `json:"memo,omitempty"`
	SMID       string `json:"smid,omitempty"` // of a new merchant when finished; of a change from the start
	CardAlias  string `json:"card_alias_no,omitempty"`
	Logon      string `json:"binding_logon_id,omitempty"`
	SignToken  string `json:"sign_token,omitempty"` // quickcreate: names the merchant's confirmation page
	SignURL    string `json:"sign_qr_code_url,omitempty"`
	ShortURL   string `json:"sign_short_chain_url,omitempty"`
	// Form is the whole data in the list shape; for a change, the merchant's data as it will be.
	Form json.RawMessage `json:"form"`
}

const (
	bucketApplications = "applications"      // order_id → Application
	bucketExternal     = "applications_ext"  // pid|external_id|order_id → nothing
	bucketSigning      = "applications_sign" // sign token → order_id
	bucketOnce         = "applications_once" // pid|external_id whose first call was lost
)

// newApplication numbers an application; addApplication stores it.
func newApplication(t *tx, c *call, kind string) (*Application, error) {
	n, err := t.nextID(bucketApplications)
	if err != nil {
		return nil, err
	}
	a := &Application{
		OrderID: t.now.In(beijingZone()).Format("20060102") + "00502000000" + fmt.Sprintf("%09d", 5_000_000+n),
		AppID:   c.app.AppID, PID: c.pid, Method: c.method.Name, Type: kind, At: ms(t.now), Status: applyReview, FK: auditCreate, KZ: auditSkip, Confirm: auditCreate,
	}
	if c.authApp != c.app.AppID {
		a.AuthAppID = c.authApp
	}
	return a, nil
}

func putApplication(t *tx, a *Application) error { return putDoc(t, bucketApplications, a.OrderID, a) }

func getApplication(t *tx, orderID string) (*Application, error) {
	return getDoc[Application](t, bucketApplications, orderID)
}

// addApplication stores a new application and lets its external_id's ending, the application's auto_approve, or the desk decide on it.
func addApplication(t *tx, a *Application) error {
	if err := t.bucket(bucketExternal).Put([]byte(a.PID+"|"+a.ExternalID+"|"+a.OrderID), []byte{}); err != nil {
		return fmt.Errorf("index an application: %w", err)
	}
	if a.SignToken != "" {
		if err := t.bucket(bucketSigning).Put([]byte(a.SignToken), []byte(a.OrderID)); err != nil {
			return fmt.Errorf("index a signing link: %w", err)
		}
	}
	ends := func(s string) bool { return strings.HasSuffix(a.ExternalID, s) }
	switch app := t.sim.apps.get(a.AppID); {
	case a.Type == applyConsult:
		a.FK, a.KZ, a.Confirm, a.Status, a.Ended = auditSkip, auditSkip, auditSkip, applyFinished, ms(t.now)
	case ends(endInstant):
		a.FK, a.KZ, a.Confirm = auditSkip, auditSkip, auditSkip
	case ends(endKZReject):
		a.FK, a.KZ, a.KZMemo = auditPass, auditReject, "营业执照照片模糊"
		a.fail(t, "客资审核不通过：营业执照照片模糊，请重新上传")
	case ends(endFKReject):
		a.FK, a.FKMemo = auditReject, "命中风控规则"
		a.fail(t, "风控审核不通过：经营内容存在风险")
	case ends(endNoSign):
		a.FK, a.KZ, a.Confirm = auditPass, auditSkip, confirmWait
		if err := addTimer(t, ms(t.now.Add(confirmTime)), timerApplication, []byte(a.OrderID)); err != nil {
			return err
		}
	case app != nil && app.Settings.AutoApprove:
		a.passAll()
	}
	return settleApplication(t, a)
}

// applicationTimer fails an application whose merchant has not confirmed in time.
func applicationTimer(t *tx, orderID string) error {
	a, err := getApplication(t, orderID)
	if err != nil || a == nil || a.Status != applyReview || a.Confirm != confirmWait {
		return err
	}
	a.Confirm = confirmFail
	a.fail(t, "商户未在规定时间内确认协议")
	return settleApplication(t, a)
}

func (a *Application) fail(t *tx, reason string) {
	a.Status, a.Reason, a.Ended = applyFailed, reason, ms(t.now)
}

// passAll passes every audit that is not decided and takes the merchant's confirmation as given.
func (a *Application) passAll() {
	for _, p := range []*string{&a.FK, &a.KZ} {
		if *p == auditCreate {
			*p = auditPass
		}
	}
	if a.Confirm != auditSkip {
		a.Confirm = confirmFinish
	}
}

// audited: neither audit is waiting.
func (a *Application) audited() bool { return a.FK != auditCreate && a.KZ != auditCreate }

// settleApplication stores the application after a decision: asks the merchant to confirm, finishes what is complete, and tells the platform.
func settleApplication(t *tx, a *Application) error {
	if a.Status == applyReview && a.audited() {
		switch a.Confirm {
		case auditCreate:
			a.Confirm = confirmWait
		case auditSkip, confirmFinish:
			if err := carryOut(t, a); err != nil {
				return err
			}
			a.Status, a.Ended = applyFinished, ms(t.now)
		}
	}
	if err := putApplication(t, a); err != nil {
		return err
	}
	if a.Status == applyReview || a.Type == applyConsult {
		return nil
	}
	return tellApplication(t, a)
}

// tellApplication sends …zft.passed or …zft.rejected, or what the external_id's ending makes of it.
func tellApplication(t *tx, a *Application) error {
	if strings.HasSuffix(a.ExternalID, endSilent) {
		return nil
	}
	method, biz := "ant.merchant.expand.indirect.zft.passed", map[string]string{"order_id": a.OrderID, "external_id": a.ExternalID}
	if a.Status == applyFinished {
		biz["smid"], biz["memo"] = a.SMID, a.Memo
		if a.CardAlias != "" {
			biz["card_alias_no"] = a.CardAlias
		}
	} else {
		method, biz["reason"] = "ant.merchant.expand.indirect.zft.rejected", a.Reason
	}
	note := newMessage(t, a.AppID, method, biz)
	if note == nil {
		return nil
	}
	if a.AuthAppID != "" {
		note.Params["msg_type"], note.Params["msg_app_id"], note.Params["msg_uid"] = "app", a.AuthAppID, a.PID
	}
	if strings.HasSuffix(a.ExternalID, endTwice) {
		note.Copies = messageCopies
	}
	if err := addNote(t, note); err != nil || !strings.HasSuffix(a.ExternalID, endLate) || note.Status != notifyPending {
		return err
	}
	if err := unqueue(t, note); err != nil {
		return err
	}
	return queueNote(t, note, t.now.Add(lateMessage))
}

// Decisions of the desk and of the merchant. Each refuses what has ended.

func decide(t *tx, orderID string, how func(a *Application) error) (*Application, error) {
	a, err := getApplication(t, orderID)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, notFound("application")
	}
	if a.Status != applyReview {
		return nil, &deskError{409, "already_decided", "申请单已结束：" + a.Status}
	}
	if err := how(a); err != nil {
		return nil, err
	}
	return a, settleApplication(t, a)
}

// audit decides one stage ("fk" or "kz"). A rejection ends the application; its memo is the reason.
func (a *Application) audit(t *tx, stage string, pass bool, memo string) error {
	result, note, name := &a.FK, &a.FKMemo, "风控"
	if stage == "kz" {
		result, note, name = &a.KZ, &a.KZMemo, "客资"
	}
	if *result != auditCreate && (pass || *result != auditSkip) {
		return &deskError{409, "already_decided", name + "审核已有结果：" + *result}
	}
	*note = memo
	if pass {
		*result = auditPass
		return nil
	}
	*result = auditReject
	reason := name + "审核不通过"
	if memo != "" {
		reason += "：" + memo
	}
	a.fail(t, reason)
	return nil
}

// confirmed is the merchant's answer to the agreement.
func (a *Application) confirmed(t *tx, yes bool, reason string) error {
	if a.Confirm != auditCreate && a.Confirm != confirmWait {
		return &deskError{409, "already_decided", "商户确认已有结果：" + a.Confirm}
	}
	if yes {
		a.Confirm = confirmFinish
		return nil
	}
	a.Confirm = confirmFail
	if reason == "" {
		reason = "商户拒绝签约"
	}
	a.fail(t, reason)
	return nil
}

// eachApplication calls fn for a PID's applications of one external_id, oldest first.
func eachApplication(t *tx, pid, externalID string, fn func(a *Application) error) error {
	prefix := pid + "|" + externalID + "|"
	b := t.bucket(bucketExternal)
	if b == nil {
		return nil
	}
	var ids []string
	c := b.Cursor()
	for k, _ := c.Seek([]byte(prefix)); k != nil && strings.HasPrefix(string(k), prefix); k, _ = c.Next() {
		ids = append(ids, strings.TrimPrefix(string(k), prefix))
	}
	for _, id := range ids {
		if strings.Contains(id, "|") {
			continue // another external_id that begins with this one and a bar
		}
		a, err := getApplication(t, id)
		if err != nil {
			return err
		}
		if a == nil {
			continue
		}
		if err := fn(a); err != nil {
			return err
		}
	}
	return nil
}

// carryOut does what a passed application asked for: a new secondary merchant, or a changed one.
func carryOut(t *tx, a *Application) error {
	data, err := parseObject(a.Form)
	if err != nil {
		return fmt.Errorf("read the form of application %s: %w", a.OrderID, err)
	}
	m := &Merchant{PID: a.PID, ExternalID: a.ExternalID}
	if a.SMID != "" {
		if m, err = getMerchant(t, a.SMID); err != nil {
			return err
		}
		if m == nil {
			return fmt.Errorf("application %s changes merchant %s, which does not exist", a.OrderID, a.SMID)
		}
	}
	if err := m.take(t, a, data); err != nil {
		return err
	}
	if m.SMID != "" {
		return putMerchant(t, m)
	}
	if err := createMerchant(t, m); err != nil {
		return err
	}
	a.SMID = m.SMID
	return nil
}

// take brings the form's data into the merchant: name, category, settlement targets, and the form itself as its profile.
func (m *Merchant) take(t *tx, a *Application, data object) error {
	m.Name, m.MCC, m.Profile = a.Name, a.MCC, a.Form
	if logon := data.str("alipay_logon_id"); logon != "" && logon != m.LogonID {
		acc, err := findAccount(t, logon)
		if err != nil {
			return err
		}
		if acc == nil {
			n, err := t.nextID(bucketLogons)
			if err != nil {
				return err
			}
			acc = &Account{UserID: fmt.Sprintf("2088%012d", 810_000_000_000+n), LogonID: logon, Name: m.Name, Kind: accountMerchant, Certified: true, ReturnsRoyalty: true}
			if err := putAccount(t, acc); err != nil {
				return err
			}
		}
		m.UserID, m.LogonID = acc.UserID, acc.LogonID
	}
	m.Cards = nil
	for _, card := range data.list("biz_cards") {
		m.Cards = append(m.Cards, cardAlias(m.PID+"|"+m.ExternalID, card.str("account_no")))
	}
	if len(m.Cards) > 0 {
		a.CardAlias = m.Cards[0]
	}
	m.DefaultType, m.DefaultTarget = settleUser, m.UserID
	if data.obj("default_settle_rule").str("default_settle_type") == ruleCard && len(m.Cards) > 0 {
		m.DefaultType, m.DefaultTarget = settleCard, m.Cards[0]
	}
	return nil
}

// running refuses a second application while one of the same merchant is in review.
func running(t *tx, pid, externalID string) error {
	return eachApplication(t, pid, externalID, func(a *Application) error {
		if a.Status == applyReview {
			return refuse("MERCHANT_ORDER_EXECUTE_CONFLICT", "该商户有申请单正在处理中："+a.OrderID)
		}
		return nil
	})
}

// settled refuses a new merchant under an external_id that has one. After a deletion or a failure it may be used again.
func settled(t *tx, pid, externalID string) error {
	return eachApplication(t, pid, externalID, func(a *Application) error {
		if a.Status != applyFinished || a.Type == applyConsult || a.SMID == "" {
			return nil
		}
		m, err := getMerchant(t, a.SMID)
		if err != nil || m == nil || m.Status == merchantClosed {
			return err
		}
		return refuse("NOT_ALLOWED_SETTLE", "商户已入驻，不允许重复入驻："+a.SMID)
	})
}

// stages are the names the desk knows.
func stages() []string { return []string{"fk", "kz"} }

func knownStage(s string) error {
	if !slices.Contains(stages(), s) {
		return badInput(fmt.Errorf("stage: one of %v", stages()))
	}
	return nil
}
