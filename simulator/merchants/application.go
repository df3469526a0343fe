package merchants

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"zhitong/simulator/gateway"
	"zhitong/simulator/notify"
	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Statuses of an application (zftorder.query).
const (
	ApplyReview   = "031"
	ApplyFinished = "99"
	ApplyFailed   = "-1"
)

// Values of fk_audit, kz_audit and sub_confirm.
const (
	AuditCreate   = "CREATE"
	AuditSkip     = "SKIP"
	AuditPass     = "PASS"
	AuditReject   = "REJECT"
	ConfirmWait   = "NOT_CONFIRM"
	ConfirmFinish = "FINISH"
	ConfirmFail   = "FAIL"
)

// Values of apply_type. Those of settlement change and upgrade are not documented; they change a merchant, so MODIFY.
const (
	ApplyConsult = "ZHIFUTONG_CONSULT"
	ApplyCreate  = "ZHIFUTONG_CREATE"
	ApplyModify  = "ZHIFUTONG_MODIFY"
)

// What the caller's external_id ends with decides what happens to the application, without anybody at the desk.
const (
	endInstant  = "-instant"
	endKZReject = "-kzrej"
	endFKReject = "-fkrej"
	endNoSign   = "-noconfirm" // audits pass at once; the merchant has to confirm
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
	BucketApplications = "applications"      // order_id → Application
	bucketExternal     = "applications_ext"  // pid|external_id|order_id → nothing
	BucketSigning      = "applications_sign" // sign token → order_id
	bucketOnce         = "applications_once" // pid|external_id whose first call was lost
)

// newApplication numbers an application; addApplication stores it.
func newApplication(t *state.Tx, c *gateway.Call, kind string) (*Application, error) {
	n, err := t.NextID(BucketApplications)
	if err != nil {
		return nil, err
	}
	a := &Application{
		OrderID: t.Now.In(protocol.BeijingZone()).Format("20060102") + "00502000000" + fmt.Sprintf("%09d", 5_000_000+n),
		AppID:   c.App.AppID, PID: c.PID, Method: c.Method.Name, Type: kind, At: protocol.Millis(t.Now),
		Status: ApplyReview, FK: AuditCreate, KZ: AuditSkip, Confirm: AuditCreate,
	}
	if c.AuthApp != c.App.AppID {
		a.AuthAppID = c.AuthApp
	}
	return a, nil
}

func putApplication(t *state.Tx, a *Application) error {
	return state.Put(t, BucketApplications, a.OrderID, a)
}

// GetApplication reads an application, nil when there is none.
func GetApplication(t *state.Tx, orderID string) (*Application, error) {
	return state.Get[Application](t, BucketApplications, orderID)
}

// addApplication stores a new application and lets its external_id's ending, the application's auto_approve, or the
// desk decide on it.
func addApplication(t *state.Tx, a *Application) error {
	if err := t.Bucket(bucketExternal).Put([]byte(a.PID+"|"+a.ExternalID+"|"+a.OrderID), []byte{}); err != nil {
		return fmt.Errorf("index an application: %w", err)
	}
	if a.SignToken != "" {
		if err := t.Bucket(BucketSigning).Put([]byte(a.SignToken), []byte(a.OrderID)); err != nil {
			return fmt.Errorf("index a signing link: %w", err)
		}
	}
	ends := func(s string) bool { return strings.HasSuffix(a.ExternalID, s) }
	switch app := t.State.Apps.Get(a.AppID); {
	case a.Type == ApplyConsult:
		a.FK, a.KZ, a.Confirm, a.Status, a.Ended = AuditSkip, AuditSkip, AuditSkip, ApplyFinished,
			protocol.Millis(t.Now)
	case ends(endInstant):
		a.FK, a.KZ, a.Confirm = AuditSkip, AuditSkip, AuditSkip
	case ends(endKZReject):
		a.FK, a.KZ, a.KZMemo = AuditPass, AuditReject, "营业执照照片模糊"
		a.fail(t, "客资审核不通过：营业执照照片模糊，请重新上传")
	case ends(endFKReject):
		a.FK, a.FKMemo = AuditReject, "命中风控规则"
		a.fail(t, "风控审核不通过：经营内容存在风险")
	case ends(endNoSign):
		a.FK, a.KZ, a.Confirm = AuditPass, AuditSkip, AuditCreate
	case app != nil && app.Settings.AutoApprove:
		a.PassAll()
	}
	return settleApplication(t, a)
}

// applicationTimer fails an application whose merchant has not confirmed in time.
func applicationTimer(t *state.Tx, orderID string) error {
	a, err := GetApplication(t, orderID)
	if err != nil || a == nil || a.Status != ApplyReview || a.Confirm != ConfirmWait {
		return err
	}
	a.Confirm = ConfirmFail
	a.fail(t, "商户未在规定时间内确认协议")
	return settleApplication(t, a)
}

func (a *Application) fail(t *state.Tx, reason string) {
	a.Status, a.Reason, a.Ended = ApplyFailed, reason, protocol.Millis(t.Now)
}

// PassAll passes every audit that is not decided and takes the merchant's confirmation as given.
func (a *Application) PassAll() {
	for _, p := range []*string{&a.FK, &a.KZ} {
		if *p == AuditCreate {
			*p = AuditPass
		}
	}
	if a.Confirm != AuditSkip {
		a.Confirm = ConfirmFinish
	}
}

// audited: neither audit is waiting.
func (a *Application) audited() bool { return a.FK != AuditCreate && a.KZ != AuditCreate }

// settleApplication stores the application after a decision: asks the merchant to confirm, finishes what is complete,
// and tells the platform.
func settleApplication(t *state.Tx, a *Application) error {
	if a.Status == ApplyReview && a.audited() {
		switch a.Confirm {
		case AuditCreate:
			a.Confirm = ConfirmWait
			if err := state.AddTimer(t, protocol.Millis(t.Now.Add(confirmTime)), timerApplication,
				[]byte(a.OrderID)); err != nil {
				return err
			}
		case AuditSkip, ConfirmFinish:
			if err := carryOut(t, a); err != nil {
				return err
			}
			a.Status, a.Ended = ApplyFinished, protocol.Millis(t.Now)
		}
	}
	if err := putApplication(t, a); err != nil {
		return err
	}
	if a.Status == ApplyReview || a.Type == ApplyConsult {
		return nil
	}
	return tellApplication(t, a)
}

// tellApplication sends …zft.passed or …zft.rejected, or what the external_id's ending makes of it.
func tellApplication(t *state.Tx, a *Application) error {
	if strings.HasSuffix(a.ExternalID, endSilent) {
		return nil
	}
	method, biz := "ant.merchant.expand.indirect.zft.passed", map[string]string{"order_id": a.OrderID,
		"external_id": a.ExternalID}
	if a.Status == ApplyFinished {
		biz["smid"], biz["memo"] = a.SMID, a.Memo
		if a.CardAlias != "" {
			biz["card_alias_no"] = a.CardAlias
		}
	} else {
		method, biz["reason"] = "ant.merchant.expand.indirect.zft.rejected", a.Reason
	}
	note := notify.NewMessage(t, a.AppID, method, biz)
	if note == nil {
		return nil
	}
	if a.AuthAppID != "" {
		note.Params["msg_type"], note.Params["msg_app_id"], note.Params["msg_uid"] = "app", a.AuthAppID, a.PID
	}
	if strings.HasSuffix(a.ExternalID, endTwice) {
		note.Copies = messageCopies
	}
	if err := notify.Add(t, note); err != nil || !strings.HasSuffix(a.ExternalID, endLate) ||
		note.Status != notify.Pending {
		return err
	}
	if err := notify.Unqueue(t, note); err != nil {
		return err
	}
	return notify.Queue(t, note, t.Now.Add(lateMessage))
}

// Decisions of the desk and of the merchant. Each refuses what has ended.

// Decide lets how change an application that is in review, and carries out what follows. A *state.Refusal says that
// there is none, or that it has ended.
func Decide(t *state.Tx, orderID string, how func(a *Application) error) (*Application, error) {
	a, err := GetApplication(t, orderID)
	if err != nil {
		return nil, err
	}
	if a == nil {
		return nil, state.NotFound("application")
	}
	if a.Status != ApplyReview {
		return nil, &state.Refusal{Status: 409, Code: "already_decided", Message: "申请单已结束：" + a.Status}
	}
	if err := how(a); err != nil {
		return nil, err
	}
	return a, settleApplication(t, a)
}

// Audit decides one stage ("fk" or "kz"). A rejection ends the application; its memo is the reason.
func (a *Application) Audit(t *state.Tx, stage string, pass bool, memo string) error {
	result, note, name := &a.FK, &a.FKMemo, "风控"
	if stage == "kz" {
		result, note, name = &a.KZ, &a.KZMemo, "客资"
	}
	if *result != AuditCreate && (pass || *result != AuditSkip) {
		return &state.Refusal{Status: 409, Code: "already_decided", Message: name + "审核已有结果：" + *result}
	}
	*note = memo
	if pass {
		*result = AuditPass
		return nil
	}
	*result = AuditReject
	reason := name + "审核不通过"
	if memo != "" {
		reason += "：" + memo
	}
	a.fail(t, reason)
	return nil
}

// Confirmed is the merchant's answer to the agreement.
func (a *Application) Confirmed(t *state.Tx, yes bool, reason string) error {
	if a.Confirm != AuditCreate && a.Confirm != ConfirmWait {
		return &state.Refusal{Status: 409, Code: "already_decided", Message: "商户确认已有结果：" + a.Confirm}
	}
	if yes {
		a.Confirm = ConfirmFinish
		return nil
	}
	a.Confirm = ConfirmFail
	if reason == "" {
		reason = "商户拒绝签约"
	}
	a.fail(t, reason)
	return nil
}

// eachApplication calls fn for a PID's applications of one external_id, oldest first.
func eachApplication(t *state.Tx, pid, externalID string, fn func(a *Application) error) error {
	prefix := pid + "|" + externalID + "|"
	b := t.Bucket(bucketExternal)
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
		a, err := GetApplication(t, id)
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
func carryOut(t *state.Tx, a *Application) error {
	data, err := protocol.ParseObject(a.Form)
	if err != nil {
		return fmt.Errorf("read the form of application %s: %w", a.OrderID, err)
	}
	m := &Merchant{PID: a.PID, ExternalID: a.ExternalID}
	if a.SMID != "" {
		if m, err = Get(t, a.SMID); err != nil {
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
		return Put(t, m)
	}
	if err := Create(t, m); err != nil {
		return err
	}
	a.SMID = m.SMID
	return nil
}

// take brings the form's data into the merchant: name, category, settlement targets, and the form itself as its
// profile.
func (m *Merchant) take(t *state.Tx, a *Application, data protocol.Object) error {
	m.Name, m.MCC, m.Profile = a.Name, a.MCC, a.Form
	if logon := data.Str("alipay_logon_id"); logon != "" && logon != m.LogonID {
		acc, err := state.FindAccount(t, logon)
		if err != nil {
			return err
		}
		if acc == nil {
			n, err := t.NextID(state.BucketLogons)
			if err != nil {
				return err
			}
			acc = &state.Account{UserID: fmt.Sprintf("2088%012d", 810_000_000_000+n), LogonID: logon, Name: m.Name,
				Kind: state.AccountMerchant, Certified: true, ReturnsRoyalty: true}
			if err := state.PutAccount(t, acc); err != nil {
				return err
			}
		}
		m.UserID, m.LogonID = acc.UserID, acc.LogonID
	}
	m.Cards = nil
	for _, card := range data.List("biz_cards") {
		m.Cards = append(m.Cards, CardAlias(m.PID+"|"+m.ExternalID, card.Str("account_no")))
	}
	if len(m.Cards) > 0 {
		a.CardAlias = m.Cards[0]
	}
	m.DefaultType, m.DefaultTarget = SettleUser, m.UserID
	if data.Obj("default_settle_rule").Str("default_settle_type") == ruleCard && len(m.Cards) > 0 {
		m.DefaultType, m.DefaultTarget = SettleCard, m.Cards[0]
	}
	return nil
}

// running refuses a second application while one of the same merchant is in review.
func running(t *state.Tx, pid, externalID string) error {
	return eachApplication(t, pid, externalID, func(a *Application) error {
		if a.Status == ApplyReview {
			return protocol.Refuse("MERCHANT_ORDER_EXECUTE_CONFLICT", "该商户有申请单正在处理中："+a.OrderID)
		}
		return nil
	})
}

// settled refuses a new merchant under an external_id that has one. After a deletion or a failure it may be used again.
func settled(t *state.Tx, pid, externalID string) error {
	return eachApplication(t, pid, externalID, func(a *Application) error {
		if a.Status != ApplyFinished || a.Type == ApplyConsult || a.SMID == "" {
			return nil
		}
		m, err := Get(t, a.SMID)
		if err != nil || m == nil || m.Status == Closed {
			return err
		}
		return protocol.Refuse("NOT_ALLOWED_SETTLE", "商户已入驻，不允许重复入驻："+a.SMID)
	})
}

// stages are the names the desk knows.
func stages() []string { return []string{"fk", "kz"} }

// KnownStage refuses what is no stage of the review (*state.Refusal).
func KnownStage(s string) error {
	if !slices.Contains(stages(), s) {
		return state.BadInput(fmt.Errorf("stage: one of %v", stages()))
	}
	return nil
}

// timerApplication is the timer of a merchant's time to confirm its application; what = order_id.
const timerApplication = 'a'

// Timers say what happens to applications by itself.
func Timers() state.Timers {
	return state.Timers{timerApplication: state.ByName(applicationTimer)}
}
