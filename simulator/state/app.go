package state

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"zhitong/internal/money"
	"zhitong/simulator/protocol"
)

// Products an application can have signed. An application registered without a list has all of them.
const (
	ProductFaceToFace = "face_to_face" // 当面付: pay, precreate, create
	ProductOrderCode  = "order_code"   // 订单码支付
	ProductJSAPI      = "jsapi"
	ProductWap        = "wap"
	ProductPage       = "page"
	ProductApp        = "app"
	ProductZFT        = "zft" // 直付通: secondary merchants, settlement, royalty
	ProductRoyalty    = "royalty"
	ProductTransfer   = "transfer"
	ProductBill       = "bill"
	ProductComplaint  = "complaint"
	ProductRisk       = "risk"
	ProductCertify    = "certify"
	ProductISV        = "isv"
)

// AllProducts lists what an application can sign.
func AllProducts() []string {
	return []string{ProductFaceToFace, ProductOrderCode, ProductJSAPI, ProductWap, ProductPage, ProductApp, ProductZFT,
		ProductRoyalty, ProductTransfer,
		ProductBill, ProductComplaint, ProductRisk, ProductCertify, ProductISV}
}

// App statuses.
const (
	AppOnline  = "online"
	AppOffline = "offline"
)

// Settings are the points of an application that the documentation leaves open or that a contract decides.
type Settings struct {
	// MaxRatio is the cap of all royalties of one trade, in percent of its total. Default 30.
	MaxRatio int `json:"max_ratio"`
	// SingleMax refuses larger trades with ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION; 0: only Alipay's own limit.
	SingleMax money.Fen `json:"single_max_fen"`
	// NotifyClosed and NotifyRefund send trade notifications for closed and refunded trades too. Default: payment
	// success only.
	NotifyClosed bool `json:"notify_closed"`
	NotifyRefund bool `json:"notify_refund"`
	// ImmediateRepeats are the three immediate repeats that face-to-face pages document before the schedule.
	ImmediateRepeats int `json:"immediate_repeats"`
	// RefusePrecreateTwice answers a repeated precreate with ACQ.APPLY_PC_MERCHANT_CODE_ERROR instead of the same code.
	RefusePrecreateTwice bool `json:"refuse_precreate_twice"`
	// AllowAnySubject takes the characters "/=&" in subjects, which the field table forbids.
	AllowAnySubject bool `json:"allow_any_subject"`
	// ObjectsAsText takes a text that holds JSON where the field table wants an object or a list.
	ObjectsAsText bool `json:"objects_as_text"`
	// SellerSMID sends the secondary merchant's number as seller_id of a ZFT trade instead of the platform's PID.
	SellerSMID bool `json:"seller_smid"`
	// OpenIDs: the application knows its buyers by open ids, as newer ones do, and not by user ids (2088…).
	OpenIDs bool `json:"open_ids"`
	// RequireIP refuses ZFT trades without business_params.mc_create_trade_ip (ACQ.RISK_MERCHANT_IP_NOT_EXIST).
	RequireIP bool `json:"require_ip"`
	// NoPeriod: no account-period contract, so settle_period_time has no effect and settle.confirm takes no
	// actual_amount.
	NoPeriod bool `json:"no_period"`
	// SelfInvokeForbidden makes it a third-party application that must bring an app_auth_token.
	SelfInvokeForbidden bool `json:"self_invoke_forbidden"`
	// KeyModeTransfers lets an application in public-key mode call fund-out methods, which Alipay reserves for
	// certificate mode.
	KeyModeTransfers bool `json:"key_mode_transfers"`
	// TransferMax refuses larger transfers with EXCEED_LIMIT_SM_AMOUNT; 0: only Alipay's own limit.
	TransferMax money.Fen `json:"transfer_max_fen"`
	// TimestampWindow is how many minutes a request's timestamp may be off, either way; 0: as the simulator was
	// started.
	TimestampWindow int `json:"timestamp_window_minutes"`
	// RequireTransferScene refuses transfers without transfer_scene_name, as Alipay does for new accounts.
	RequireTransferScene bool `json:"require_transfer_scene"`
	// MessageTransfers sends alipay.fund.trans.order.changed for transfers that the answer already calls final, too;
	// not documented.
	MessageTransfers bool `json:"message_transfers"`
	// AutoApprove passes every audit and the confirmation of an onboarding application at once, without the desk.
	AutoApprove bool `json:"auto_approve"`
	// ReuseExternalID lets a merchant that is already onboarded apply again under its external_id; the documentation
	// does not say.
	ReuseExternalID bool `json:"reuse_external_id"`
}

// App is one application registered at the simulator.
type App struct {
	AppID     string `json:"app_id"`
	PID       string `json:"pid"`
	Name      string `json:"name"`
	Status    string `json:"status"`
	PublicKey string `json:"public_key"` // base64 SPKI
	// CertMode: requests name certificates, answers too.
	CertMode   bool     `json:"certificate_mode"`
	CertSN     string   `json:"app_cert_sn,omitempty"`
	Cert       string   `json:"app_certificate,omitempty"` // PEM
	AESKey     string   `json:"aes_key"`
	GatewayURL string   `json:"app_gateway_url"`
	Products   []string `json:"products"`
	Settings   Settings `json:"settings"`
	CreatedAt  int64    `json:"created_at_ms"`

	key *rsa.PublicKey
}

// BucketApps: app_id → App.
const BucketApps = "apps"

// Has reports whether the application signed one of the products; none asked means yes.
func (a *App) Has(products ...string) bool {
	return len(products) == 0 || slices.ContainsFunc(products, func(p string) bool {
		return slices.Contains(a.Products, p)
	})
}

// VerifyingKey is the application's registered key.
func (a *App) VerifyingKey() *rsa.PublicKey { return a.key }

// AppCache holds every application in memory; it changes only at the desk.
type AppCache struct {
	mu   sync.RWMutex
	byID map[string]*App
}

func (c *AppCache) load(tx *Tx) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byID = map[string]*App{}
	return Each(tx, BucketApps, "", "", func(id string, a *App) (bool, error) {
		var err error
		if a.key, err = protocol.ParsePublicKey(a.PublicKey); err != nil {
			return false, fmt.Errorf("key of application %s: %w", id, err)
		}
		c.byID[id] = a
		return true, nil
	})
}

// Get returns the application or nil. It must not be changed.
func (c *AppCache) Get(id string) *App {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byID[id]
}

// Set puts an application that was stored in the place of the one before.
func (c *AppCache) Set(a *App) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byID[a.AppID] = a
}

// All returns the applications, oldest first. They must not be changed.
func (c *AppCache) All() []*App {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.SortedFunc(maps.Values(c.byID), func(a, b *App) int { return int(a.CreatedAt - b.CreatedAt) })
}

// ByPID returns the first application of a PID, nil when there is none.
func (c *AppCache) ByPID(pid string) *App {
	for _, a := range c.All() {
		if a.PID == pid {
			return a
		}
	}
	return nil
}

// NewApp fills identifiers, key and certificate, and stores the application with its PID's account.
func (s *State) NewApp(a *App, csr string) error {
	return s.Update(s.Now(), func(tx *Tx) error {
		n, err := tx.NextID(BucketApps)
		if err != nil {
			return err
		}
		a.AppID = fmt.Sprintf("9021%012d", 100_000_000+n)
		if a.PID == "" {
			a.PID = fmt.Sprintf("2088%012d", 600_000_000+n)
		}
		a.Status, a.CreatedAt, a.AESKey = AppOnline, protocol.Millis(tx.Now)+int64(n), protocol.NewAESKey()
		if len(a.Products) == 0 {
			a.Products = AllProducts()
		}
		if a.Settings.MaxRatio == 0 {
			a.Settings.MaxRatio = 30
		}
		if err := a.SetKey(tx, csr); err != nil {
			return err
		}
		if err := EnsureAccount(tx,
			&Account{UserID: a.PID, LogonID: a.AppID + "@platform.example", Name: a.Name, Kind: AccountPlatform,
				Certified: true, ReturnsRoyalty: true}); err != nil {
			return err
		}
		if err := Put(tx, BucketApps, a.AppID, a); err != nil {
			return err
		}
		s.Apps.Set(a)
		return nil
	})
}

// SetKey parses the registered key (or the certificate request's) and issues the certificate in certificate mode.
func (a *App) SetKey(tx *Tx, csr string) error {
	var err error
	if csr != "" {
		block, _ := pem.Decode([]byte(csr))
		if block == nil {
			return errors.New("csr: not PEM")
		}
		req, err := x509.ParseCertificateRequest(block.Bytes)
		if err != nil {
			return fmt.Errorf("csr: %w", err)
		}
		if err := req.CheckSignature(); err != nil {
			return fmt.Errorf("csr: %w", err)
		}
		pub, ok := req.PublicKey.(*rsa.PublicKey)
		if !ok {
			return errors.New("csr: not an RSA key")
		}
		a.PublicKey, a.CertMode = protocol.PublicKeyText(pub), true
	}
	if a.key, err = protocol.ParsePublicKey(a.PublicKey); err != nil {
		return fmt.Errorf("public_key: %w", err)
	}
	a.PublicKey = protocol.PublicKeyText(a.key)
	if !a.CertMode {
		return nil
	}
	ca, err := tx.State.Keys.certificates(tx)
	if err != nil {
		return err
	}
	subject := pkix.Name{Country: []string{"CN"}, Organization: []string{a.Name},
		OrganizationalUnit: []string{"Alipay"}, CommonName: a.PID + "-" + a.AppID}
	der, err := ca.Issue(subject, a.key, tx.State.Wall.Now())
	if err != nil {
		return err
	}
	a.Cert = protocol.PEMCertificate(der)
	a.CertSN, err = protocol.CertificateNumber(der)
	return err
}
