package protocol

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"
)

const (
	RSAKeyBits   = 2048
	certLifetime = 5 * 365 * 24 * time.Hour
	rootLifetime = 20 * 365 * 24 * time.Hour
)

// Authority is the stored root and Alipay's certificate under it.
type Authority struct {
	RootKey []byte `json:"root_key"` // PKCS#8
	Root    []byte `json:"root"`     // DER
	// Bundle is what people download as alipayRootCert.crt: the RSA root and, as in Alipay's, one root that is not RSA.
	Bundle string `json:"bundle"`
	Alipay []byte `json:"alipay"` // DER

	snOnce sync.Once
	sn     string
	root   string
}

// AlipaySN and BundleSN are the numbers of Alipay's certificate and of the root bundle, computed once.
func (a *Authority) AlipaySN() string {
	a.numbers()
	return a.sn
}

// BundleSN is the number of the root bundle.
func (a *Authority) BundleSN() string {
	a.numbers()
	return a.root
}

func (a *Authority) numbers() {
	a.snOnce.Do(func() {
		a.sn, _ = CertificateNumber(a.Alipay) // our own certificate always parses
		a.root = BundleNumber(a.Bundle)
	})
}

// NewAuthority makes a root and, under it, a certificate for Alipay's key.
func NewAuthority(alipay *rsa.PublicKey, now time.Time) (*Authority, error) {
	rootKey, err := rsa.GenerateKey(rand.Reader, RSAKeyBits)
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
	ca := &Authority{RootKey: keyDER, Root: rootDER, Bundle: PEMCertificate(ecDER) + PEMCertificate(rootDER)}
	subject := pkix.Name{Country: []string{"CN"}, Organization: []string{"Zhitong Simulator"},
		OrganizationalUnit: []string{"Alipay"}, CommonName: "支付宝(模拟)-ALIPAY"}
	ca.Alipay, err = ca.Issue(subject, alipay, now)
	return ca, err
}

func selfSigned(name string, key, pub any, now time.Time) ([]byte, error) {
	tpl, err := certTemplate(pkix.Name{Country: []string{"CN"}, Organization: []string{"Zhitong Simulator"},
		OrganizationalUnit: []string{"Certification Authority"}, CommonName: name}, now, rootLifetime)
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
		SerialNumber: serial, Subject: subject, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(life),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}, nil
}

// Issue makes a certificate for pub under the root.
func (a *Authority) Issue(subject pkix.Name, pub *rsa.PublicKey, now time.Time) ([]byte, error) {
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

// PEMCertificate is a DER certificate as a PEM block.
func PEMCertificate(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// CertificateNumber is a certificate's number in Alipay's protocol: lower-case hex MD5 of issuer and decimal serial
// number.
func CertificateNumber(der []byte) (string, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return "", fmt.Errorf("read a certificate: %w", err)
	}
	sum := md5.Sum([]byte(c.Issuer.String() + c.SerialNumber.String()))
	return hex.EncodeToString(sum[:]), nil
}

// BundleNumber is the number of a root bundle: the SNs of its RSA-signed certificates in file order, joined by "_".
func BundleNumber(bundle string) string {
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
		if sn, err := CertificateNumber(block.Bytes); err == nil {
			out = append(out, sn)
		}
	}
}
