package secret

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrMaster is the error of a master key that is missing, too short or not a keyset: a program must refuse to start
// with it.
var ErrMaster = errors.New("secret: the master keyset is missing or unusable")

// masterKeyBytes is the length of every key of a master keyset: AES-256.
const masterKeyBytes = 32

// Master wraps the data keys of tenants. It is a Tink keyset of AES-256-GCM keys: the primary wraps, older ones still
// unwrap, which is how it is rotated.
type Master struct {
	aead tink.AEAD
	mac  []byte // of the oldest key: a rotation leaves it as it is until that key is dropped
}

// GenerateMaster makes a keyset with one key, in the text form that ParseMaster reads.
func GenerateMaster() (String, error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return String{}, fmt.Errorf("make a master keyset: %w", err)
	}
	return writeKeyset(h)
}

// RotateMaster adds a key to a keyset and makes it the one that wraps; what older keys wrapped is still read.
func RotateMaster(old String) (String, error) {
	h, err := readKeyset(old)
	if err != nil {
		return String{}, err
	}
	m := keyset.NewManagerFromHandle(h)
	kid, err := m.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return String{}, fmt.Errorf("add a master key: %w", err)
	}
	if err := m.SetPrimary(kid); err != nil {
		return String{}, fmt.Errorf("promote a master key: %w", err)
	}
	if h, err = m.Handle(); err != nil {
		return String{}, fmt.Errorf("read the rotated keyset: %w", err)
	}
	return writeKeyset(h)
}

func writeKeyset(h *keyset.Handle) (String, error) {
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(h, keyset.NewBinaryWriter(&b)); err != nil {
		return String{}, fmt.Errorf("write the keyset: %w", err)
	}
	return New(base64.StdEncoding.EncodeToString(b.Bytes())), nil
}

func readKeyset(text String) (*keyset.Handle, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text.Reveal()))
	if err != nil || len(raw) == 0 {
		return nil, ErrMaster // the cause may quote the key
	}
	h, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, ErrMaster
	}
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return nil, ErrMaster
		}
		if p, ok := e.Key().Parameters().(*aesgcm.Parameters); !ok || p.KeySizeInBytes() != masterKeyBytes {
			return nil, ErrMaster
		}
	}
	return h, nil
}

// ParseMaster reads a master keyset: base64 of a binary Tink keyset whose keys are all AES-256-GCM. It returns
// ErrMaster for anything else.
func ParseMaster(text String) (*Master, error) {
	h, err := readKeyset(text)
	if err != nil {
		return nil, err
	}
	a, err := aead.New(h)
	if err != nil {
		return nil, ErrMaster
	}
	mac, err := macKey(h)
	if err != nil {
		return nil, ErrMaster
	}
	return &Master{a, mac}, nil
}

// macKey derives the key of MAC from the keyset's oldest key, which seals something else and is not used itself.
func macKey(h *keyset.Handle) ([]byte, error) {
	e, err := h.Entry(0)
	if err != nil {
		return nil, err
	}
	k, ok := e.Key().(*aesgcm.Key)
	if !ok {
		return nil, ErrMaster
	}
	raw := k.KeyBytes()
	return hkdf.Key(sha256.New, raw.Data(insecuresecretdataaccess.Token{}), nil, "zhitong master mac", sha256.Size)
}

// MAC is a hash that nobody without the master keyset can compute or check: HMAC-SHA256 of data, another one for every
// purpose. It stays the same when the keyset is rotated, until the keyset's oldest key is dropped.
func (m *Master) MAC(purpose string, data []byte) [sha256.Size]byte {
	h := hmac.New(sha256.New, m.mac)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(data)
	return [sha256.Size]byte(h.Sum(nil))
}

// Place is where a sealed value belongs. A value opened at another place fails, so a row cannot be passed off as
// another.
type Place struct{ Tenant, Table, Row, Column string }

func (p Place) bytes() []byte {
	return []byte(p.Tenant + "|" + p.Table + "|" + p.Row + "|" + p.Column)
}

// dataKeyBytes is a sealing key and a fingerprint key of 32 bytes each.
const dataKeyBytes = 64

// DataKey seals the values of one tenant. It is safe for concurrent use.
type DataKey struct {
	aead        *subtle.AESGCM
	fingerprint []byte
}

// NewDataKey makes a tenant's data key and its wrapped form, which is what is stored.
func (m *Master) NewDataKey(tenant string) (wrapped []byte, k *DataKey, err error) {
	raw := make([]byte, dataKeyBytes)
	if _, err := rand.Read(raw); err != nil {
		return nil, nil, fmt.Errorf("draw a data key: %w", err)
	}
	if wrapped, err = m.wrap(raw, tenant); err != nil {
		return nil, nil, err
	}
	k, err = newDataKey(raw)
	return wrapped, k, err
}

func (m *Master) wrap(raw []byte, tenant string) ([]byte, error) {
	wrapped, err := m.aead.Encrypt(raw, wrapPlace(tenant))
	if err != nil {
		return nil, fmt.Errorf("wrap a data key: %w", err)
	}
	return wrapped, nil
}

func wrapPlace(tenant string) []byte {
	return Place{Tenant: tenant, Table: "tenant_data_keys", Row: tenant, Column: "wrapped"}.bytes()
}

func (m *Master) unwrap(wrapped []byte, tenant string) ([]byte, error) {
	raw, err := m.aead.Decrypt(wrapped, wrapPlace(tenant))
	if err != nil {
		return nil, errors.New("secret: the data key cannot be unwrapped with this master keyset")
	}
	return raw, nil
}

// Unwrap opens a tenant's data key. It fails with another master keyset, or for another tenant.
func (m *Master) Unwrap(wrapped []byte, tenant string) (*DataKey, error) {
	raw, err := m.unwrap(wrapped, tenant)
	if err != nil {
		return nil, err
	}
	return newDataKey(raw)
}

// Rewrap wraps a data key anew with the keyset's primary key, after a rotation. What the data key sealed stays as it
// is.
func (m *Master) Rewrap(wrapped []byte, tenant string) ([]byte, error) {
	raw, err := m.unwrap(wrapped, tenant)
	if err != nil {
		return nil, err
	}
	return m.wrap(raw, tenant)
}

func newDataKey(raw []byte) (*DataKey, error) {
	if len(raw) != dataKeyBytes {
		return nil, errors.New("secret: a data key has the wrong length")
	}
	a, err := subtle.NewAESGCM(raw[:32])
	if err != nil {
		return nil, fmt.Errorf("use a data key: %w", err)
	}
	return &DataKey{aead: a, fingerprint: raw[32:]}, nil
}

// Seal encrypts a value for one place.
func (k *DataKey) Seal(plain []byte, at Place) ([]byte, error) {
	sealed, err := k.aead.Encrypt(plain, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", at.Table, at.Column, err)
	}
	return sealed, nil
}

// Open decrypts a value that was sealed for the same place; a changed value or another place is an error.
func (k *DataKey) Open(sealed []byte, at Place) ([]byte, error) {
	plain, err := k.aead.Decrypt(sealed, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("secret: %s.%s cannot be opened here", at.Table, at.Column)
	}
	return plain, nil
}

// Fingerprint tells equal values from different ones without showing them: a keyed HMAC-SHA256, cut to 16 bytes.
func (k *DataKey) Fingerprint(plain []byte) [16]byte {
	h := hmac.New(sha256.New, k.fingerprint)
	h.Write(plain)
	return [16]byte(h.Sum(nil)[:16])
}
