package simulator

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"zhitong/internal/money"
)

// Kinds of accounts.
const (
	accountBuyer    = "buyer"
	accountPlatform = "platform"
	accountPerson   = "person" // a royalty or transfer receiver
	accountMerchant = "merchant"
)

// Account is one Alipay account: who may pay, receive royalties and transfers.
type Account struct {
	UserID  string `json:"user_id"` // 16 digits, 2088…
	LogonID string `json:"logon_id"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	// Certified: real name known. NoBalance: no balance account (ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE). Blocked: abnormal.
	Certified bool `json:"certified"`
	NoBalance bool `json:"no_balance,omitempty"`
	Blocked   bool `json:"blocked,omitempty"`
	// ReturnsRoyalty: 分账回退授权 was granted, so royalties can be taken back in a refund.
	ReturnsRoyalty bool `json:"returns_royalty"`
	// Huabei is the credit line left for 花呗, in fen; Password is what the cashier asks for.
	Huabei   money.Fen `json:"huabei_fen,omitempty"`
	Password string    `json:"password,omitempty"`
	CertNo   string    `json:"cert_no,omitempty"`
}

const (
	bucketAccounts = "accounts" // user id → Account
	bucketLogons   = "logons"   // logon id → user id
	bucketBalances = "balances" // purse → fen
	bucketFlows    = "flows"    // time‖number → Flow
)

// A purse is a place where money rests: "A:"+user id is an account's balance; a secondary merchant has "U:"+smid (unsettled), "F:"+smid (frozen
// for royalty), "B:"+smid (settled, available) and "C:"+smid (gone to its bank card); "K:"+user id is 花呗 debt; worldPurse is everything else.
const worldPurse = "W"

// Flow is one movement of money between two purses, for bills, books and account logs. All flows of one transaction share its time.
type Flow struct {
	At int64 `json:"t"` // ms
	// Kind is pay, refund, settle, freeze, unfreeze, transfer, transfer_refund, replenish, replenish_refund, fund_transfer, top_up …
	Kind   string    `json:"k"`
	From   string    `json:"f"`
	To     string    `json:"o"`
	Amount money.Fen `json:"a"`
	PID    string    `json:"p,omitempty"`
	Trade  uint64    `json:"s,omitempty"` // Trade.Seq
	Doc    string    `json:"d,omitempty"` // the caller's request number
	Memo   string    `json:"m,omitempty"`
}

// errPurseShort: the purse does not hold the amount.
var errPurseShort = errors.New("balance not enough")

// balance is what a purse holds.
func balance(t *tx, purse string) money.Fen {
	b := t.bucket(bucketBalances)
	if b == nil {
		return 0
	}
	v := b.Get([]byte(purse))
	if len(v) != 8 {
		return 0
	}
	return money.Fen(binary.BigEndian.Uint64(v))
}

// move moves money and records the flow; errPurseShort when the source would go below zero (the world and 花呗 may). Zero moves nothing.
func move(t *tx, f Flow) error {
	if f.Amount == 0 {
		return nil
	}
	if f.Amount < 0 || f.From == f.To {
		return fmt.Errorf("move %d fen from %s to %s: not a movement", f.Amount, f.From, f.To)
	}
	from, to := balance(t, f.From)-f.Amount, balance(t, f.To)+f.Amount
	if from < 0 && f.From != worldPurse && !strings.HasPrefix(f.From, "K:") {
		return errPurseShort
	}
	for purse, v := range map[string]money.Fen{f.From: from, f.To: to} {
		if err := t.bucket(bucketBalances).Put([]byte(purse), binary.BigEndian.AppendUint64(nil, uint64(v))); err != nil {
			return fmt.Errorf("store a balance: %w", err)
		}
	}
	f.At = ms(t.now)
	n, err := t.nextID(bucketFlows)
	if err != nil {
		return err
	}
	t.bucket(bucketFlows).FillPercent = 0.95 // keys only grow
	return putRaw(t, bucketFlows, append(num(uint64(f.At)), num(n)...), f)
}

// eachFlow calls fn for the flows of [from, to) in order of time.
func eachFlow(t *tx, fromMS, toMS int64, fn func(f *Flow) error) error {
	return eachDoc(t, bucketFlows, "", string(num(uint64(fromMS))), func(_ string, f *Flow) (bool, error) {
		if f.At >= toMS {
			return false, nil
		}
		return true, fn(f)
	})
}

// ensureAccount makes an account unless its user id exists.
func ensureAccount(t *tx, a *Account) error {
	old, err := getDoc[Account](t, bucketAccounts, a.UserID)
	if err != nil || old != nil {
		return err
	}
	return putAccount(t, a)
}

func putAccount(t *tx, a *Account) error {
	if err := t.bucket(bucketLogons).Put([]byte(a.LogonID), []byte(a.UserID)); err != nil {
		return fmt.Errorf("store a login: %w", err)
	}
	return putDoc(t, bucketAccounts, a.UserID, a)
}

// findAccount finds an account by user id, or by login name.
func findAccount(t *tx, idOrLogon string) (*Account, error) {
	if a, err := getDoc[Account](t, bucketAccounts, idOrLogon); a != nil || err != nil {
		return a, err
	}
	b := t.bucket(bucketLogons)
	if b == nil {
		return nil, nil
	}
	id := b.Get([]byte(idOrLogon))
	if id == nil {
		return nil, nil
	}
	return getDoc[Account](t, bucketAccounts, string(id))
}

// topUp gives an account money from outside.
func topUp(t *tx, userID string, amount money.Fen) error {
	return move(t, Flow{Kind: "top_up", From: worldPurse, To: "A:" + userID, Amount: amount})
}

// openID is the account's id inside one application, as newer applications get it.
func openID(a *Account, appID string) string {
	return "0" + appID[len(appID)-4:] + a.UserID[4:] + "openid"
}

// maskLogon hides most of a login name, as answers and notifications show it.
func maskLogon(s string) string {
	name, domain, mail := strings.Cut(s, "@")
	if mail {
		return name[:min(3, len(name))] + "***@" + domain
	}
	if len(s) > 7 {
		return s[:3] + "****" + s[len(s)-4:]
	}
	return s
}

// TestPassword is the payment password of every seeded buyer.
const TestPassword = "111111"

// seedAccounts makes the test accounts: a rich and a poor buyer, one whose account is abnormal, and receivers good and bad.
func seedAccounts(t *tx) error {
	if balance(t, worldPurse) != 0 {
		return nil
	}
	for _, a := range []struct {
		Account
		money money.Fen
	}{
		{Account{UserID: "2088000000000001", LogonID: "buyer@simulator.example", Name: "张三", Kind: accountBuyer, Certified: true, Huabei: 10_000_00, CertNo: "110101199001011237"}, 10_000_000_000_00},
		{Account{UserID: "2088000000000002", LogonID: "poor@simulator.example", Name: "李四", Kind: accountBuyer, Certified: true}, 1_00},
		{Account{UserID: "2088000000000003", LogonID: "blocked@simulator.example", Name: "王五", Kind: accountBuyer, Certified: true, Blocked: true}, 100_000_00},
		{Account{UserID: "2088000000000004", LogonID: "buyer2@simulator.example", Name: "赵六", Kind: accountBuyer, Certified: true, Huabei: 500_00}, 1_000_000_00},
		{Account{UserID: "2088000000000101", LogonID: "receiver@simulator.example", Name: "分账一号", Kind: accountPerson, Certified: true, ReturnsRoyalty: true}, 0},
		{Account{UserID: "2088000000000102", LogonID: "receiver2@simulator.example", Name: "分账二号", Kind: accountPerson, Certified: true}, 0},
		{Account{UserID: "2088000000000103", LogonID: "uncertified@simulator.example", Name: "未实名", Kind: accountPerson, ReturnsRoyalty: true}, 0},
		{Account{UserID: "2088000000000104", LogonID: "nobalance@simulator.example", Name: "无余额户", Kind: accountPerson, Certified: true, NoBalance: true}, 0},
		{Account{UserID: "2088000000000105", LogonID: "abnormal@simulator.example", Name: "异常户", Kind: accountPerson, Certified: true, Blocked: true}, 0},
	} {
		if a.Kind == accountBuyer {
			a.Password = TestPassword
		}
		if err := ensureAccount(t, &a.Account); err != nil {
			return err
		}
		if err := topUp(t, a.UserID, a.money); err != nil {
			return err
		}
	}
	return nil
}
