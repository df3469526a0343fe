package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"zhitong/internal/money"
	"zhitong/simulator/protocol"
)

// Kinds of accounts.
const (
	AccountBuyer    = "buyer"
	AccountPlatform = "platform"
	AccountPerson   = "person" // a royalty or transfer receiver
	AccountMerchant = "merchant"
)

// Account is one Alipay account: who may pay, receive royalties and transfers.
type Account struct {
	UserID  string `json:"user_id"` // 16 digits, 2088…
	LogonID string `json:"logon_id"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	// Certified: real name known. NoBalance: no balance account (ROYALTY_RECEIVER_ACCOUNT_NO_BALANCE). Blocked:
	// abnormal.
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
	BucketAccounts = "accounts" // user id → Account
	BucketLogons   = "logons"   // logon id → user id
	BucketBalances = "balances" // purse → fen
	BucketFlows    = "flows"    // time‖number → Flow
)

// A purse is a place where money rests: "A:"+user id is an account's balance; a secondary merchant has "U:"+smid
// (unsettled), "F:"+smid (frozen for royalty), "B:"+smid (settled, available) and "C:"+smid (gone to its bank card);
// "K:"+user id is 花呗 debt; WorldPurse is everything else.
const WorldPurse = "W"

// Flow is one movement of money between two purses, for bills, books and account logs. All flows of one transaction
// share its time.
type Flow struct {
	At int64 `json:"t"` // ms
	// Kind is pay, refund, settle, freeze, unfreeze, transfer, transfer_refund, replenish, replenish_refund,
	// fund_transfer, top_up …
	Kind   string    `json:"k"`
	From   string    `json:"f"`
	To     string    `json:"o"`
	Amount money.Fen `json:"a"`
	PID    string    `json:"p,omitempty"`
	Trade  uint64    `json:"s,omitempty"` // Trade.Seq
	Doc    string    `json:"d,omitempty"` // the caller's request number
	Memo   string    `json:"m,omitempty"`
}

// ErrPurseShort: the purse does not hold the amount.
var ErrPurseShort = errors.New("balance not enough")

// Balance is what a purse holds.
func Balance(t *Tx, purse string) money.Fen {
	b := t.Bucket(BucketBalances)
	if b == nil {
		return 0
	}
	v := b.Get([]byte(purse))
	if len(v) != 8 {
		return 0
	}
	return money.Fen(binary.BigEndian.Uint64(v))
}

// Move moves money and records the flow; ErrPurseShort when the source would go below zero (the world and 花呗 may). Zero
// moves nothing.
func Move(t *Tx, f Flow) error {
	if f.Amount == 0 {
		return nil
	}
	if f.Amount < 0 || f.From == f.To {
		return fmt.Errorf("move %d fen from %s to %s: not a movement", f.Amount, f.From, f.To)
	}
	from, to := Balance(t, f.From)-f.Amount, Balance(t, f.To)+f.Amount
	if from < 0 && f.From != WorldPurse && !strings.HasPrefix(f.From, "K:") {
		return ErrPurseShort
	}
	for purse, v := range map[string]money.Fen{f.From: from, f.To: to} {
		if err := t.Bucket(BucketBalances).Put([]byte(purse),
			binary.BigEndian.AppendUint64(nil, uint64(v))); err != nil {
			return fmt.Errorf("store a balance: %w", err)
		}
	}
	f.At = protocol.Millis(t.Now)
	n, err := t.NextID(BucketFlows)
	if err != nil {
		return err
	}
	t.Bucket(BucketFlows).FillPercent = 0.95 // keys only grow
	return PutRaw(t, BucketFlows, append(Key(uint64(f.At)), Key(n)...), f)
}

// EachFlow calls fn for the flows of [from, to) in order of time.
func EachFlow(t *Tx, fromMS, toMS int64, fn func(f *Flow) error) error {
	return Each(t, BucketFlows, "", string(Key(uint64(fromMS))), func(_ string, f *Flow) (bool, error) {
		if f.At >= toMS {
			return false, nil
		}
		return true, fn(f)
	})
}

// EnsureAccount makes an account unless its user id exists.
func EnsureAccount(t *Tx, a *Account) error {
	old, err := Get[Account](t, BucketAccounts, a.UserID)
	if err != nil || old != nil {
		return err
	}
	return PutAccount(t, a)
}

// PutAccount stores an account, and makes its logon id lead to it.
func PutAccount(t *Tx, a *Account) error {
	if err := t.Bucket(BucketLogons).Put([]byte(a.LogonID), []byte(a.UserID)); err != nil {
		return fmt.Errorf("store a login: %w", err)
	}
	return Put(t, BucketAccounts, a.UserID, a)
}

// FindAccount finds an account by user id, or by login name.
func FindAccount(t *Tx, idOrLogon string) (*Account, error) {
	if a, err := Get[Account](t, BucketAccounts, idOrLogon); a != nil || err != nil {
		return a, err
	}
	b := t.Bucket(BucketLogons)
	if b == nil {
		return nil, nil
	}
	id := b.Get([]byte(idOrLogon))
	if id == nil {
		return nil, nil
	}
	return Get[Account](t, BucketAccounts, string(id))
}

// TopUp gives an account money from outside.
func TopUp(t *Tx, userID string, amount money.Fen) error {
	return Move(t, Flow{Kind: "top_up", From: WorldPurse, To: "A:" + userID, Amount: amount})
}

// OpenID is the account's id inside one application, as newer applications get it.
func OpenID(a *Account, appID string) string {
	return "0" + appID[len(appID)-4:] + a.UserID[4:] + "openid"
}

// MaskLogon hides most of a login name, as answers and notifications show it.
func MaskLogon(s string) string {
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

// seedAccounts makes the test accounts: a rich and a poor buyer, one whose account is abnormal, and receivers good and
// bad.
func seedAccounts(t *Tx) error {
	if Balance(t, WorldPurse) != 0 {
		return nil
	}
	for _, a := range []struct {
		Account
		money money.Fen
	}{
		{Account{UserID: "2088000000000001", LogonID: "buyer@simulator.example", Name: "张三", Kind: AccountBuyer,
			Certified: true, Huabei: 10_000_00, CertNo: "110101199001011237"}, 10_000_000_000_00},
		{Account{UserID: "2088000000000002", LogonID: "poor@simulator.example", Name: "李四", Kind: AccountBuyer,
			Certified: true}, 1_00},
		{Account{UserID: "2088000000000003", LogonID: "blocked@simulator.example", Name: "王五", Kind: AccountBuyer,
			Certified: true, Blocked: true}, 100_000_00},
		{Account{UserID: "2088000000000004", LogonID: "buyer2@simulator.example", Name: "赵六", Kind: AccountBuyer,
			Certified: true, Huabei: 500_00}, 1_000_000_00},
		{Account{UserID: "2088000000000101", LogonID: "receiver@simulator.example", Name: "分账一号", Kind: AccountPerson,
			Certified: true, ReturnsRoyalty: true}, 0},
		{Account{UserID: "2088000000000102", LogonID: "receiver2@simulator.example", Name: "分账二号", Kind: AccountPerson,
			Certified: true}, 0},
		{Account{UserID: "2088000000000103", LogonID: "uncertified@simulator.example", Name: "未实名", Kind: AccountPerson,
			ReturnsRoyalty: true}, 0},
		{Account{UserID: "2088000000000104", LogonID: "nobalance@simulator.example", Name: "无余额户", Kind: AccountPerson,
			Certified: true, NoBalance: true}, 0},
		{Account{UserID: "2088000000000105", LogonID: "abnormal@simulator.example", Name: "异常户", Kind: AccountPerson,
			Certified: true, Blocked: true}, 0},
	} {
		if a.Kind == AccountBuyer {
			a.Password = TestPassword
		}
		if err := EnsureAccount(t, &a.Account); err != nil {
			return err
		}
		if err := TopUp(t, a.UserID, a.money); err != nil {
			return err
		}
	}
	return nil
}

// UserOfOpenID undoes OpenID for the first text that is one.
func UserOfOpenID(texts ...string) string {
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
