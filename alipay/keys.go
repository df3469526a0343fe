package alipay

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	gopay "github.com/go-pay/gopay/alipay"

	"zhitong/internal/secret"
)

// minKeyBits is the smallest RSA key RSA2 accepts (Alipay documentation, sign_type RSA2).
const minKeyBits = 2048

// GenerateKey makes an RSA-2048 key pair for an application: the private key as PKCS#8 PEM, the public key as the PEM
// to register with Alipay.
func GenerateKey() (private secret.String, publicPEM string, err error) {
	key, err := rsa.GenerateKey(rand.Reader, minKeyBits)
	if err != nil {
		return secret.String{}, "", fmt.Errorf("generate application key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return secret.String{}, "", fmt.Errorf("encode private key: %w", err)
	}
	pub, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return secret.String{}, "", fmt.Errorf("encode public key: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return secret.New(string(text)), string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pub})), nil
}

// derOf reads PEM or bare Base64 (as Alipay's key tool and console give it).
func derOf(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	bare := strings.Join(strings.Fields(text), "")
	if bare == "" {
		return nil, errors.New("it is empty")
	}
	der, err := base64.StdEncoding.DecodeString(bare)
	if err != nil {
		return nil, errors.New("it is neither PEM nor Base64")
	}
	return der, nil
}

// parsePrivateKey reads the application's private key: PKCS#1 or PKCS#8. Its errors never quote the key.
func parsePrivateKey(s secret.String) (*rsa.PrivateKey, error) {
	der, err := derOf(s.Reveal())
	if err != nil {
		return nil, badPart(PartPrivateKey, "%w", err)
	}
	key, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(der)
		if err != nil {
			return nil, badPart(PartPrivateKey, "it is neither PKCS#1 nor PKCS#8")
		}
		rsaKey, ok := parsed.(*rsa.PrivateKey)
		if !ok {
			return nil, badPart(PartPrivateKey, "it is not an RSA key")
		}
		key = rsaKey
	}
	if key.N.BitLen() < minKeyBits {
		return nil, badPart(PartPrivateKey, "it has %d bits, RSA2 needs %d", key.N.BitLen(), minKeyBits)
	}
	if err := key.Validate(); err != nil {
		return nil, badPart(PartPrivateKey, "its numbers do not belong together")
	}
	key.Precompute()
	return key, nil
}

// parsePublicKey reads Alipay's public key: SPKI or PKCS#1, PEM or bare Base64.
func parsePublicKey(text string) (*rsa.PublicKey, error) {
	der, err := derOf(text)
	if err != nil {
		return nil, badPart(PartAlipayPublicKey, "%w", err)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		key, err := x509.ParsePKCS1PublicKey(der)
		if err != nil {
			return nil, badPart(PartAlipayPublicKey, "it is not a public key")
		}
		parsed = key
	}
	key, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return nil, badPart(PartAlipayPublicKey, "it is not an RSA key")
	}
	if key.N.BitLen() < minKeyBits {
		return nil, badPart(PartAlipayPublicKey, "it has %d bits, RSA2 needs %d", key.N.BitLen(), minKeyBits)
	}
	return key, nil
}

// signParams signs parameters by the v2 rule with RSA2; gopay builds the text (sorted, empty values dropped, sign_type
// included).
func signParams(params map[string]string, key *rsa.PrivateKey) (string, error) {
	bm := make(map[string]any, len(params))
	for k, v := range params {
		bm[k] = v
	}
	sign, err := gopay.GetRsaSign(bm, gopay.RSA2, key)
	if err != nil {
		return "", fmt.Errorf("sign request: %w", err)
	}
	return sign, nil
}

// verifyRSA2 checks a Base64 RSA2 signature. There is no parameter for the algorithm: nothing a message says can weaken
// it.
func verifyRSA2(key *rsa.PublicKey, text []byte, sign string) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(sign)
	if err != nil {
		return errors.New("the signature is not Base64")
	}
	sum := sha256.Sum256(text)
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw); err != nil {
		return errors.New("the signature does not match")
	}
	return nil
}

// verifyNode checks the signature over a node's bytes. JSON writers of the gateway differ in escaping slashes, so a
// failure is tried once more with "\/" read as "/" (Alipay's official SDKs do the same).
func verifyNode(key *rsa.PublicKey, node []byte, sign string) error {
	err := verifyRSA2(key, node, sign)
	if err != nil && bytes.Contains(node, []byte(`\/`)) {
		return verifyRSA2(key, bytes.ReplaceAll(node, []byte(`\/`), []byte(`/`)), sign)
	}
	return err
}
