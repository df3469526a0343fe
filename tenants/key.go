package tenants

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
)

// keyAlphabet writes a key in lower-case letters and digits, so that a double click takes all of it.
const keyAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

const (
	keyTestPrefix = "zt_test_"
	keyLivePrefix = "zt_live_"
	keyTenantLen  = 26 // 16 bytes in base32
	keySecretLen  = 52 // 32 bytes in base32
	keyLast       = 4
)

// NewKey is an API key that was just made. Only its hash is kept.
type NewKey struct {
	Secret secret.String // zt_test_<tenant>_<secret>
	Hash   [sha256.Size]byte
	Last4  string
}

// MakeKey makes an API key of a tenant: it names the tenant, so that the key alone says where to look it up, and
// carries 256 random bits.
func MakeKey(mode vocabulary.TenantMode, t id.Tenant) NewKey {
	prefix := keyTestPrefix
	if mode == ModeLive {
		prefix = keyLivePrefix
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: the program is ended instead
	enc := base32.NewEncoding(keyAlphabet).WithPadding(base32.NoPadding)
	text := prefix + enc.EncodeToString(t[:]) + "_" + enc.EncodeToString(random)
	return NewKey{Secret: secret.New(text), Hash: sha256.Sum256([]byte(text)), Last4: text[len(text)-keyLast:]}
}

// KeyParts is what an API key says about itself, before anyone has looked it up.
type KeyParts struct {
	Mode   vocabulary.TenantMode
	Tenant id.Tenant
	Hash   [sha256.Size]byte
}

// ParseKey reads an API key; ok is false for any text that is not one.
func ParseKey(key string) (parts KeyParts, ok bool) {
	rest, test := strings.CutPrefix(key, keyTestPrefix)
	parts.Mode = ModeSandbox
	if !test {
		if rest, ok = strings.CutPrefix(key, keyLivePrefix); !ok {
			return KeyParts{}, false
		}
		parts.Mode = ModeLive
	}
	if len(rest) != keyTenantLen+1+keySecretLen || rest[keyTenantLen] != '_' {
		return KeyParts{}, false
	}
	enc := base32.NewEncoding(keyAlphabet).WithPadding(base32.NoPadding)
	raw, err := enc.DecodeString(rest[:keyTenantLen])
	if err != nil || len(raw) != len(parts.Tenant) {
		return KeyParts{}, false
	}
	copy(parts.Tenant[:], raw)
	parts.Hash = sha256.Sum256([]byte(key))
	return parts, true
}
