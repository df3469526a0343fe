// Package merchants keeps secondary merchants (SMID): their applications, the review of them, and what they are paid
// to.
package merchants

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"zhitong/simulator/protocol"
	"zhitong/simulator/state"
)

// Statuses of a secondary merchant.
const (
	Active   = "active"
	Closed   = "closed"
	Punished = "punished"
)

// Settlement targets, spelled as settle_detail_infos.trans_in_type has them.
const (
	SettleDefault = "defaultSettle"
	SettleCard    = "cardAliasNo"
	SettleUser    = "userId"
	SettleLogon   = "loginName"
)

// Merchant is one secondary merchant as the trade methods need it. What else its application said is in the documents
// of onboarding.
type Merchant struct {
	SMID       string `json:"smid"`
	PID        string `json:"pid"` // the platform that onboarded it
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
	Status     string `json:"status"`
	MCC        string `json:"mcc,omitempty"`
	// UserID and LogonID are its own Alipay account, where balance settlements go; Cards its bank card aliases.
	UserID  string   `json:"user_id,omitempty"`
	LogonID string   `json:"logon_id,omitempty"`
	Cards   []string `json:"card_aliases,omitempty"`
	// DefaultType is SettleUser or SettleCard: where defaultSettle leads; empty: no rule
	// (DEFAULT_SETTLE_RULE_NOT_EXIST).
	DefaultType   string `json:"default_settle_type"`
	DefaultTarget string `json:"default_settle_target,omitempty"`
	// SettleHold suspends settlement (RISK_SETTLE_SUSPEND); AccountFrozen freezes its account.
	SettleHold    bool            `json:"settle_hold,omitempty"`
	AccountFrozen bool            `json:"account_frozen,omitempty"`
	CreatedAt     int64           `json:"created_at_ms"`
	Profile       json.RawMessage `json:"profile,omitempty"` // whatever onboarding wants to keep with it
}

// Bucket: SMID → Merchant.
const Bucket = "merchants"

// Create gives m its smid (and an Alipay account and a default rule when it has none) and stores it. Onboarding calls
// it on approval.
func Create(t *state.Tx, m *Merchant) error {
	n, err := t.NextID(Bucket)
	if err != nil {
		return err
	}
	m.SMID = fmt.Sprintf("2088%012d", 700_000_000+n)
	m.CreatedAt = protocol.Millis(t.Now)
	if m.Status == "" {
		m.Status = Active
	}
	if m.UserID == "" {
		m.UserID = fmt.Sprintf("2088%012d", 800_000_000+n)
	}
	if m.LogonID == "" {
		m.LogonID = m.UserID + "@merchant.example"
	}
	if m.DefaultType == "" && len(m.Cards) > 0 {
		m.DefaultType, m.DefaultTarget = SettleCard, m.Cards[0]
	}
	if m.DefaultType == "" {
		m.DefaultType, m.DefaultTarget = SettleUser, m.UserID
	}
	if err := state.EnsureAccount(t,
		&state.Account{UserID: m.UserID, LogonID: m.LogonID, Name: m.Name, Kind: state.AccountMerchant, Certified: true,
			ReturnsRoyalty: true}); err != nil {
		return err
	}
	return Put(t, m)
}

// Put stores a merchant under its SMID.
func Put(t *state.Tx, m *Merchant) error { return state.Put(t, Bucket, m.SMID, m) }

// Get returns nil for an unknown smid.
func Get(t *state.Tx, smid string) (*Merchant, error) {
	return state.Get[Merchant](t, Bucket, smid)
}

// CardAlias is the alias under which a bank card is known after onboarding.
func CardAlias(smidOrID, cardNo string) string {
	sum := md5.Sum([]byte(smidOrID + "|" + cardNo))
	return hex.EncodeToString(sum[:])
}
