package state

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"zhitong/simulator/protocol"
)

// BucketMeta holds single records: keys, clock, counts.
const BucketMeta = "meta"

// Keyring is Alipay's side of the secrets: the RSA pair that signs, and the authority behind certificate mode (made
// when first needed).
type Keyring struct {
	Key        *rsa.PrivateKey
	PublicText string
	secret     []byte // 16 random bytes: cashier tokens

	mu sync.Mutex
	ca *protocol.Authority
}

type storedKeys struct {
	Key    []byte              `json:"key"`
	Secret []byte              `json:"secret"`
	CA     *protocol.Authority `json:"ca,omitempty"`
}

// loadKeyring reads the keys or makes them; given, when not nil, is the key pair to use from the first start on.
func loadKeyring(tx *Tx, given *rsa.PrivateKey) (*Keyring, error) {
	kept, err := Get[storedKeys](tx, BucketMeta, "keys")
	if err != nil {
		return nil, err
	}
	if kept == nil {
		key := given
		if key == nil {
			if key, err = rsa.GenerateKey(rand.Reader, protocol.RSAKeyBits); err != nil {
				return nil, fmt.Errorf("generate Alipay's key pair: %w", err)
			}
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, fmt.Errorf("encode Alipay's key: %w", err)
		}
		kept = &storedKeys{Key: der, Secret: make([]byte, 16)}
		rand.Read(kept.Secret)
		if err := Put(tx, BucketMeta, "keys", kept); err != nil {
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
	return &Keyring{Key: key, PublicText: protocol.PublicKeyText(&key.PublicKey), secret: kept.Secret, ca: kept.CA}, nil
}

// certificates returns the authority, making and storing it at the first use.
func (k *Keyring) certificates(tx *Tx) (*protocol.Authority, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ca != nil {
		return k.ca, nil
	}
	ca, err := protocol.NewAuthority(&k.Key.PublicKey, tx.State.Wall.Now())
	if err != nil {
		return nil, err
	}
	kept, err := Get[storedKeys](tx, BucketMeta, "keys")
	if err != nil {
		return nil, err
	}
	kept.CA = ca
	if err := Put(tx, BucketMeta, "keys", kept); err != nil {
		return nil, err
	}
	k.ca = ca
	return ca, nil
}

// Authority is the authority if there is one.
func (k *Keyring) Authority() *protocol.Authority {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ca
}

// MAC is a short keyed digest, so that cashier addresses cannot be guessed from trade numbers.
func (k *Keyring) MAC(text string) string {
	sum := sha256.Sum256(append([]byte(text+"|"), k.secret...))
	return hex.EncodeToString(sum[:6])
}
