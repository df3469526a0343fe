package protocol

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SignText builds what is signed: every parameter with a value except those in skip, sorted by name, name=value joined
// by &, not URL-encoded (Alipay documentation, signing of requests and notifications).
func SignText(params map[string]string, skip ...string) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(params)) {
		if params[k] == "" || slices.Contains(skip, k) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(k)
		b.WriteByte('=')
		b.WriteString(params[k])
	}
	return b.String()
}

// SignRSA2 is base64 of RSASSA-PKCS1-v1_5 with SHA-256.
func SignRSA2(key *rsa.PrivateKey, content []byte) (string, error) {
	sum := sha256.Sum256(content)
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return base64.StdEncoding.EncodeToString(sig), nil
}

// verifyRSA2 reports whether sign is key's signature of content.
func verifyRSA2(key *rsa.PublicKey, content []byte, sign string) bool {
	sig, err := base64.StdEncoding.Strict().DecodeString(sign)
	if err != nil {
		return false
	}
	sum := sha256.Sum256(content)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) == nil
}

// verifyRSA1 reports whether sign is key's signature of content with SHA-1 (sign_type RSA). It is never accepted: it
// tells why a signature is wrong.
func verifyRSA1(key *rsa.PublicKey, content []byte, sign string) bool {
	sig, err := base64.StdEncoding.DecodeString(sign)
	sum := sha1.Sum(content)
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], sig) == nil
}

// minKeyBits: RSA2 demands 2048 bits or more.
const minKeyBits = 2048

// ParsePublicKey reads an RSA public key as people paste it: PEM or bare base64 of SPKI (or PKCS#1).
func ParsePublicKey(text string) (*rsa.PublicKey, error) {
	der, err := keyBytes(text)
	if err != nil {
		return nil, err
	}
	var key *rsa.PublicKey
	if k, err := x509.ParsePKIXPublicKey(der); err == nil {
		key, _ = k.(*rsa.PublicKey)
	} else if k, err := x509.ParsePKCS1PublicKey(der); err == nil {
		key = k
	}
	if key == nil {
		return nil, errors.New("not an RSA public key")
	}
	if key.N.BitLen() < minKeyBits {
		return nil, fmt.Errorf("the RSA key has %d bits, RSA2 needs %d", key.N.BitLen(), minKeyBits)
	}
	return key, nil
}

func keyBytes(text string) ([]byte, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Bytes, nil
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, errors.New("neither PEM nor base64")
	}
	return der, nil
}

// PublicKeyText is the key as Alipay's console shows it: base64 of SPKI without armour.
func PublicKeyText(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(fmt.Sprintf("an RSA key always encodes: %v", err))
	}
	return base64.StdEncoding.EncodeToString(der)
}

// NewAESKey is a content-encryption key as the console shows it.
func NewAESKey() string {
	key := make([]byte, aes.BlockSize)
	rand.Read(key)
	return base64.StdEncoding.EncodeToString(key)
}

// EncryptAES is AES-128-CBC with a zero IV and PKCS#7, base64 (Alipay documentation, content encryption).
func EncryptAES(keyText string, plain []byte) (string, error) {
	block, err := aesBlock(keyText)
	if err != nil {
		return "", err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	buf := append(slices.Clone(plain), slices.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(buf, buf)
	return base64.StdEncoding.EncodeToString(buf), nil
}

// DecryptAES undoes EncryptAES.
func DecryptAES(keyText, text string) ([]byte, error) {
	block, err := aesBlock(keyText)
	if err != nil {
		return nil, err
	}
	buf, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(buf) == 0 || len(buf)%aes.BlockSize != 0 {
		return nil, errors.New("not an AES-CBC ciphertext")
	}
	cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(buf, buf)
	pad := int(buf[len(buf)-1])
	if pad == 0 || pad > aes.BlockSize || !slices.Equal(buf[len(buf)-pad:], slices.Repeat([]byte{byte(pad)}, pad)) {
		return nil, errors.New("wrong padding")
	}
	return buf[:len(buf)-pad], nil
}

func aesBlock(keyText string) (cipher.Block, error) {
	key, err := base64.StdEncoding.DecodeString(keyText)
	if err != nil || len(key) != aes.BlockSize {
		return nil, errors.New("no AES key is configured")
	}
	return aes.NewCipher(key)
}
