package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// contentKeySize is that of AES-256.
const contentKeySize = 32

// ContentKey seals the parts of one content. It is made for that content, and lies sealed by a [DataKey].
type ContentKey struct{ aead cipher.AEAD }

// NewContentKey makes up a key.
func NewContentKey() []byte {
	raw := make([]byte, contentKeySize)
	_, _ = rand.Read(raw) // it never fails
	return raw
}

// ParseContentKey reads what NewContentKey has made.
func ParseContentKey(raw []byte) (*ContentKey, error) {
	if len(raw) != contentKeySize {
		return nil, fmt.Errorf("secret: a key of %d bytes", len(raw))
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("secret: use the key of a content: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("secret: use the key of a content: %w", err)
	}
	return &ContentKey{aead}, nil
}

// Seal encrypts plain for its place.
func (k *ContentKey) Seal(plain []byte, at Place) []byte {
	return k.aead.Seal(nil, nil, plain, at.bytes())
}

// Open decrypts what Seal has made for the place.
func (k *ContentKey) Open(sealed []byte, at Place) ([]byte, error) {
	plain, err := k.aead.Open(nil, nil, sealed, at.bytes())
	if err != nil {
		return nil, errors.New("secret: a part of a content cannot be opened here")
	}
	return plain, nil
}
