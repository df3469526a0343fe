package alipay

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	gopay "github.com/go-pay/gopay/alipay"
)

// Certificates are the three files of certificate mode, as PEM text. Fund-out products (transfers) require this mode.
type Certificates struct {
	App    string // appCertPublicKey_<appid>.crt
	Alipay string // alipayCertPublicKey_RSA2.crt
	Root   string // alipayRootCert.crt, the whole bundle
}

// certMode is certificate mode made ready.
type certMode struct {
	appSN, rootSN, alipaySN string
	appCert, alipayCert     *x509.Certificate
	roots, intermediates    *x509.CertPool
}

func loadCertificates(c Certificates, private *rsa.PrivateKey) (*certMode, *rsa.PublicKey, error) {
	m := &certMode{roots: x509.NewCertPool(), intermediates: x509.NewCertPool()}
	var err error
	if m.appCert, m.appSN, err = firstCertificate(c.App); err != nil {
		return nil, nil, badPart(PartAppCertificate, "%w", err)
	}
	if pub, ok := m.appCert.PublicKey.(*rsa.PublicKey); !ok || !pub.Equal(&private.PublicKey) {
		return nil, nil, badPart(PartAppCertificate, "it does not belong to the private key")
	}
	if m.alipayCert, m.alipaySN, err = firstCertificate(c.Alipay); err != nil {
		return nil, nil, badPart(PartAlipayCertificate, "%w", err)
	}
	if m.rootSN, err = gopay.GetRootCertSN([]byte(c.Root)); err != nil {
		return nil, nil, badPart(PartRootCertificate, "%w", err)
	}
	for _, cert := range parsePEM(c.Root) {
		if cert.CheckSignatureFrom(cert) == nil || cert.Subject.String() == cert.Issuer.String() {
			m.roots.AddCert(cert)
		} else {
			m.intermediates.AddCert(cert)
		}
	}
	for _, cert := range parsePEM(c.Alipay)[1:] {
		m.intermediates.AddCert(cert)
	}
	pub, ok := m.alipayCert.PublicKey.(*rsa.PublicKey)
	if !ok || pub.N.BitLen() < minKeyBits {
		return nil, nil, badPart(PartAlipayCertificate, "it has no RSA key of 2048 bits or more")
	}
	return m, pub, nil
}

// trust checks that a downloaded certificate chains to the pinned root at the given time, and returns its key and
// number.
func (m *certMode) trust(text string, at time.Time) (*rsa.PublicKey, string, error) {
	cert, sn, err := firstCertificate(text)
	if err != nil {
		return nil, "", err
	}
	if err := m.chain(cert, parsePEM(text)[1:], at); err != nil {
		return nil, "", err
	}
	pub, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || pub.N.BitLen() < minKeyBits {
		return nil, "", errors.New("it has no RSA key of 2048 bits or more")
	}
	return pub, sn, nil
}

func (m *certMode) chain(cert *x509.Certificate, more []*x509.Certificate, at time.Time) error {
	pool := m.intermediates.Clone()
	for _, c := range more {
		pool.AddCert(c)
	}
	_, err := cert.Verify(x509.VerifyOptions{Roots: m.roots, Intermediates: pool, CurrentTime: at,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return fmt.Errorf("it does not chain to the root: %w", err)
	}
	return nil
}

// firstCertificate reads a file's leaf and its serial number as Alipay counts it: the MD5 of issuer and decimal serial.
func firstCertificate(text string) (*x509.Certificate, string, error) {
	certs := parsePEM(text)
	if len(certs) == 0 {
		return nil, "", errors.New("no readable PEM certificate")
	}
	leaf := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certs[0].Raw})
	sn, err := gopay.GetCertSN(leaf)
	if err != nil {
		return nil, "", fmt.Errorf("serial number: %w", err)
	}
	return certs[0], sn, nil
}

// parsePEM reads what it can: the public root bundle holds an SM2 certificate that crypto/x509 does not know, which is
// skipped.
func parsePEM(text string) (certs []*x509.Certificate) {
	rest := []byte(text)
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return certs
		}
		if cert, err := x509.ParseCertificate(block.Bytes); err == nil {
			certs = append(certs, cert)
		}
	}
}
