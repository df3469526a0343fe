package simulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"
)

const (
	bucketMeta   = "meta"
	rsaKeyBits   = 2048
	certLifetime = 5 * 365 * 24 * time.Hour
	rootLifetime = 20 * 365 * 24 * time.Hour
)

// keyring is Alipay's side of the secrets: the RSA pair that signs, and the authority behind certificate mode (made when first needed).
type keyring struct {
	key        *rsa.PrivateKey
	publicText string
	secret     []byte // 16 random bytes: cashier tokens

	mu sync.Mutex
	ca *authority
}

// authority is the stored root and Alipay's certificate under it.
type authority struct {
	RootKey []byte `json:"root_key"` // PKCS#8
	Root    []byte `json:"root"`     // DER
	// Bundle is what people download as alipayRootCert.crt: the RSA root and, as in Alipay's, one root that is not RSA.
	Bundle string `json:"bundle"`
	Alipay []byte `json:"alipay"` // DER

	snOnce sync.Once
	sn     string
	root   string
}

// alipaySN and bundleSN are the numbers of Alipay's certificate and of the root bundle, computed once.
func (a *authority) alipaySN() string {
	a.numbers()
	return a.sn
}

func (a *authority) bundleSN() string {
	a.numbers()
	return a.root
}

func (a *authority) numbers() {
	a.snOnce.Do(func() {
		a.sn, _ = certSN(a.Alipay) // our own certificate always parses
		a.root = rootSN(a.Bundle)
	})
}

type storedKeys struct {
	Key    []byte     `json:"key"`
	Secret []byte     `json:"secret"`
	CA     *authority `json:"ca,omitempty"`
}

// loadKeyring reads the keys or makes them; given, when not nil, is the key pair to use from the first start on.
func loadKeyring(tx *tx, given *rsa.PrivateKey) (*keyring, error) {
	kept, err := getDoc[storedKeys](tx, bucketMeta, "keys")
	if err != nil {
		return nil, err
	}
	if kept == nil {
		key := given
		if key == nil {
			if key, err = rsa.GenerateKey(rand.Reader, rsaKeyBits); err != nil {
				return nil, fmt.Errorf("generate Alipay's key pair: %w", err)
			}
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, fmt.Errorf("encode Alipay's key: %w", err)
		}
		kept = &storedKeys{Key: der, Secret: make([]byte, 16)}
		rand.Read(kept.Secret)
		if err := putDoc(tx, bucketMeta, "keys", kept); err != nil {
			return nil, err
		}
	}
	k, err := x509.ParsePKCS8PrivateKey(kept.Key)
	if err != nil {
		return nil, fmt.Errorf("read Alipay's key: %w", err)
	}
	key, ok := k.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("the stored key of Alipay is not RSA")
	}
	return &keyring{key: key, publicText: publicKeyText(&key.PublicKey), secret: kept.Secret, ca: kept.CA}, nil
}

// certificates returns the authority, making and storing it at the first use.
func (k *keyring) certificates(tx *tx) (*authority, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ca != nil {
		return k.ca, nil
	}
	ca, err := newAuthority(&k.key.PublicKey, tx.sim.wall.Now())
	if err != nil {
		return nil, err
	}
	kept, err := getDoc[storedKeys](tx, bucketMeta, "keys")
	if err != nil {
		return nil, err
	}
	kept.CA = ca
	if err := putDoc(tx, bucketMeta, "keys", kept); err != nil {
		return nil, err
	}
	k.ca = ca
	return ca, nil
}

// current is the authority if there is one.
func (k *keyring) current() *authority {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ca
}

func newAuthority(alipay *rsa.PublicKey, now time.Time) (*authority, error) {
	rootKey, err := rsa.GenerateKey(rand.Reader, rsaKeyBits)
	if err != nil {
		return nil, fmt.Errorf("generate the root key: %w", err)
	}
	rootDER, err := selfSigned("Zhitong Simulator Root R1", rootKey, &rootKey.PublicKey, now)
	if err != nil {
		return nil, err
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate the second root key: %w", err)
	}
	ecDER, err := selfSigned("Zhitong Simulator Root E1", ecKey, &ecKey.PublicKey, now)
	if err != nil {
		return nil, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(rootKey)
	if err != nil {
		return nil, fmt.Errorf("encode the root key: %w", err)
	}
	ca := &authority{RootKey: keyDER, Root: rootDER, Bundle: pemCert(ecDER) + pemCert(rootDER)}
	subject := pkix.Name{Country: []string{"CN"}, Organization: []string{"Zhitong Simulator"}, OrganizationalUnit: []string{"Alipay"}, CommonName: "支付宝(模拟)-ALIPAY"}
	ca.Alipay, err = ca.issue(subject, alipay, now)
	return ca, err
}

func selfSigned(name string, key, pub any, now time.Time) ([]byte, error) {
	tpl, err := certTemplate(pkix.Name{Country: []string{"CN"}, Organization: []string{"Zhitong Simulator"}, OrganizationalUnit: []string{"Certification Authority"}, CommonName: name}, now, rootLifetime)
	if err != nil {
		return nil, err
	}
	tpl.IsCA, tpl.BasicConstraintsValid, tpl.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, tpl, tpl, pub, key)
	if err != nil {
		return nil, fmt.Errorf("make root certificate: %w", err)
	}
	return der, nil
}

func certTemplate(subject pkix.Name, now time.Time, life time.Duration) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("draw a serial number: %w", err)
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: subject, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(life), KeyUsage: x509.KeyUsageDigitalSignature,
	}, nil
}

// issue makes a certificate for pub under the root.
func (a *authority) issue(subject pkix.Name, pub *rsa.PublicKey, now time.Time) ([]byte, error) {
	root, err := x509.ParseCertificate(a.Root)
	if err != nil {
		return nil, fmt.Errorf("read the root certificate: %w", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(a.RootKey)
	if err != nil {
		return nil, fmt.Errorf("read the root key: %w", err)
	}
	tpl, err := certTemplate(subject, now, certLifetime)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, tpl, root, pub, key)
	if err != nil {
		return nil, fmt.Errorf("issue a certificate: %w", err)
	}
	return der, nil
}

func pemCert(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// certSN is a certificate's number in Alipay's protocol: lower-case hex MD5 of issuer and decimal serial number.
func certSN(der []byte) (string, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return "", fmt.Errorf("read a certificate: %w", err)
	}
	sum := md5.Sum([]byte(c.Issuer.String() + c.SerialNumber.String()))
	return hex.EncodeToString(sum[:]), nil
}

// rootSN is the number of a root bundle: the SNs of its RSA-signed certificates in file order, joined by "_".
func rootSN(bundle string) string {
	var out []string
	rest := []byte(bundle)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return strings.Join(out, "_")
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil || (c.SignatureAlgorithm != x509.SHA256WithRSA && c.SignatureAlgorithm != x509.SHA1WithRSA) {
			continue
		}
		if sn, err := certSN(block.Bytes); err == nil {
			out = append(out, sn)
		}
	}
}

// cashierMAC is a short keyed digest, so that cashier addresses cannot be guessed from trade numbers.
func (k *keyring) cashierMAC(text string) string {
	sum := sha256.Sum256(append([]byte(text+"|"), k.secret...))
	return hex.EncodeToString(sum[:6])
}
