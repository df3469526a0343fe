package simulator

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Statuses of a secondary merchant.
const (
	merchantActive   = "active"
	merchantClosed   = "closed"
	merchantPunished = "punished"
)

// Settlement targets, spelled as settle_detail_infos.trans_in_type has them.
const (
	settleDefault = "defaultSettle"
	settleCard    = "cardAliasNo"
	settleUser    = "userId"
	settleLogon   = "loginName"
)

// Merchant is one secondary merchant as the trade methods need it. What else its application said is in the documents of onboarding.
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
	// DefaultType is settleUser or settleCard: where defaultSettle leads; empty: no rule (DEFAULT_SETTLE_RULE_NOT_EXIST).
	DefaultType   string `json:"default_settle_type"`
	DefaultTarget string `json:"default_settle_target,omitempty"`
	// SettleHold suspends settlement (RISK_SETTLE_SUSPEND); AccountFrozen freezes its account.
	SettleHold    bool            `json:"settle_hold,omitempty"`
	AccountFrozen bool            `json:"account_frozen,omitempty"`
	CreatedAt     int64           `json:"created_at_ms"`
	Profile       json.RawMessage `json:"profile,omitempty"` // whatever onboarding wants to keep with it
}

const bucketMerchants = "merchants"

// createMerchant gives m its smid (and an Alipay account and a default rule when it has none) and stores it. Onboarding calls it on approval.
func createMerchant(t *tx, m *Merchant) error {
	n, err := t.nextID(bucketMerchants)
	if err != nil {
		return err
	}
	m.SMID = fmt.Sprintf("2088%012d", 700_000_000+n)
	m.CreatedAt = ms(t.now)
	if m.Status == "" {
		m.Status = merchantActive
	}
	if m.UserID == "" {
		m.UserID = fmt.Sprintf("2088%012d", 800_000_000+n)
	}
	if m.LogonID == "" {
		m.LogonID = m.UserID + "@merchant.example"
	}
	if m.DefaultType == "" && len(m.Cards) > 0 {
		m.DefaultType, m.DefaultTarget = settleCard, m.Cards[0]
	}
	if m.DefaultType == "" {
		m.DefaultType, m.DefaultTarget = settleUser, m.UserID
	}
	if err := ensureAccount(t, &Account{UserID: m.UserID, LogonID: m.LogonID, Name: m.Name, Kind: accountMerchant, Certified: true, ReturnsRoyalty: true}); err != nil {
		return err
	}
	return putMerchant(t, m)
}

func putMerchant(t *tx, m *Merchant) error { return putDoc(t, bucketMerchants, m.SMID, m) }

// getMerchant returns nil for an unknown smid.
func getMerchant(t *tx, smid string) (*Merchant, error) {
	return getDoc[Merchant](t, bucketMerchants, smid)
}

// cardAlias is the alias under which a bank card is known after onboarding.
func cardAlias(smidOrID, cardNo string) string {
	sum := md5.Sum([]byte(smidOrID + "|" + cardNo))
	return hex.EncodeToString(sum[:])
}
