package secret

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrMaster is the error of a master key that is missing, too short or not a keyset: a program must refuse to start
// with it.
var ErrMaster = errors.New("secret: the master keyset is missing or unusable")

// ErrOtherMaster is the error of a wrapped key that no key of the master keyset opens: the keyset is another
// installation's, or lacks a key that it had.
var ErrOtherMaster = errors.New("secret: the master keyset is not the one that wrapped this")

// masterKeyBytes is the length of every key of a master keyset: AES-256.
const masterKeyBytes = 32

// Master wraps the data keys of tenants. It is a Tink keyset of AES-256-GCM keys: the primary wraps, every key of it
// unwraps, which is how it is rotated: [AddMaster], [PromoteMaster], then everything is wrapped anew, [RetireMaster].
type Master struct {
	aead    tink.AEAD
	primary uint32
	ids     []uint32
}

// GenerateMaster makes a keyset with one key, in the text form that ParseMaster reads.
func GenerateMaster() (String, error) {
	h, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return String{}, fmt.Errorf("make a master keyset: %w", err)
	}
	return writeKeyset(h)
}

// AddMaster adds a key to a keyset, which unwraps and does not wrap yet: every process must know it before one wraps
// with it.
func AddMaster(text String) (String, error) {
	return change(text, func(_ *keyset.Handle, m *keyset.Manager) error {
		_, err := m.Add(aead.AES256GCMKeyTemplate())
		return err
	})
}

// PromoteMaster makes the newest key of a keyset the one that wraps. It fails when it is that already.
func PromoteMaster(text String) (String, error) {
	return change(text, func(h *keyset.Handle, m *keyset.Manager) error {
		newest, err := h.Entry(h.Len() - 1)
		if err != nil {
			return err
		}
		if newest.IsPrimary() {
			return errors.New("secret: the newest key of the keyset wraps already: add one first")
		}
		return m.SetPrimary(newest.KeyID())
	})
}

// RetireMaster leaves only the key that wraps. What the others wrapped can never be opened with the result. It fails
// when there is no other key.
func RetireMaster(text String) (String, error) {
	return change(text, func(h *keyset.Handle, m *keyset.Manager) error {
		if h.Len() == 1 {
			return errors.New("secret: the keyset has one key, there is nothing to retire")
		}
		for i := range h.Len() {
			e, err := h.Entry(i)
			if err != nil {
				return err
			}
			if e.IsPrimary() {
				continue
			}
			if err := m.Delete(e.KeyID()); err != nil {
				return err
			}
		}
		return nil
	})
}

func change(text String, fn func(h *keyset.Handle, m *keyset.Manager) error) (String, error) {
	h, err := readKeyset(text)
	if err != nil {
		return String{}, err
	}
	m := keyset.NewManagerFromHandle(h)
	if err := fn(h, m); err != nil {
		return String{}, fmt.Errorf("change the master keyset: %w", err)
	}
	if h, err = m.Handle(); err != nil {
		return String{}, fmt.Errorf("read the changed keyset: %w", err)
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
	m := &Master{aead: a}
	for i := range h.Len() {
		e, err := h.Entry(i)
		if err != nil {
			return nil, ErrMaster
		}
		m.ids = append(m.ids, e.KeyID())
		if e.IsPrimary() {
			m.primary = e.KeyID()
		}
	}
	return m, nil
}

// Primary is the id of the key that wraps, as the first bytes of what it wrapped tell it.
func (m *Master) Primary() uint32 { return m.primary }

// KeyIDs are the ids of all keys. An id says nothing about its key.
func (m *Master) KeyIDs() []uint32 { return slices.Clone(m.ids) }

// wrapPrefix is the length of what Tink writes before a ciphertext: a byte 1 and the id of the key.
const wrapPrefix = 5

// WrappedBy is the id of the master key that wrapped a value; false for what no keyset wrapped.
func WrappedBy(wrapped []byte) (uint32, bool) {
	if len(wrapped) < wrapPrefix || wrapped[0] != 1 {
		return 0, false
	}
	return binary.BigEndian.Uint32(wrapped[1:wrapPrefix]), true
}

// InstallationKey is the one secret that belongs to no tenant. It is wrapped by the master keyset as the tenants' data
// keys are, and so tells whether a keyset is the right one. It is safe for concurrent use.
type InstallationKey struct {
	mac   []byte
	seals *subtle.AESGCM
}

// sealPurpose is what the key that seals is derived for: no MAC is ever asked for with it.
const sealPurpose = "installation_key.seal"

// NewInstallationKey draws a key and gives its wrapped form, which is what is stored.
func (m *Master) NewInstallationKey() (wrapped []byte, err error) {
	raw := make([]byte, sha256.Size)
	if _, err := rand.Read(raw); err != nil {
		return nil, fmt.Errorf("draw the installation's key: %w", err)
	}
	return m.wrap(raw, installationPlace)
}

// UnwrapInstallation opens the installation's key. It fails with another master keyset.
func (m *Master) UnwrapInstallation(wrapped []byte) (*InstallationKey, error) {
	raw, err := m.unwrap(wrapped, installationPlace)
	if err != nil {
		return nil, err
	}
	k := &InstallationKey{mac: raw}
	derived := k.MAC(sealPurpose, nil)
	if k.seals, err = subtle.NewAESGCM(derived[:]); err != nil {
		return nil, fmt.Errorf("use the installation's key: %w", err)
	}
	return k, nil
}

// RewrapInstallation is [Master.Rewrap] for the installation's key.
func (m *Master) RewrapInstallation(wrapped []byte) ([]byte, error) {
	return m.rewrap(wrapped, installationPlace)
}

// MAC is a hash that nobody outside of this installation can compute or check: HMAC-SHA256 of data, another one for
// every purpose. No rotation of the master keyset changes it.
func (k *InstallationKey) MAC(purpose string, data []byte) [sha256.Size]byte {
	h := hmac.New(sha256.New, k.mac)
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(data)
	return [sha256.Size]byte(h.Sum(nil))
}

// Seal is [DataKey.Seal] for what belongs to no tenant.
func (k *InstallationKey) Seal(plain []byte, at Place) ([]byte, error) {
	sealed, err := k.seals.Encrypt(plain, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", at.Table, at.Column, err)
	}
	return sealed, nil
}

// Open is [DataKey.Open] for what belongs to no tenant.
func (k *InstallationKey) Open(sealed []byte, at Place) ([]byte, error) {
	plain, err := k.seals.Decrypt(sealed, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("secret: %s.%s cannot be opened here", at.Table, at.Column)
	}
	return plain, nil
}

// Place is where a sealed value belongs. A value opened at another place fails, so a row cannot be passed off as
// another.
type Place struct{ Tenant, Table, Row, Column string }

func (p Place) bytes() []byte {
	return []byte(p.Tenant + "|" + p.Table + "|" + p.Row + "|" + p.Column)
}

// dataKeyBytes is a sealing key and a fingerprint key of 32 bytes each.
const dataKeyBytes = 64

// VersionMax bounds the versions of a tenant's data key: a sealed value keeps two bytes for it.
const VersionMax = 1<<16 - 1

// versionMark begins what another version of a data key than the first sealed; the version's two bytes follow. A value
// of the first version has no such prefix: it begins with a random nonce, which is never taken for the mark in
// practice (1 in 2^48), and is opened nevertheless if it should be. app.sealed_version reads the same.
const versionMark = "\x9cZTkv\x01"

// sealedPrefix is the length of the mark with its version.
const sealedPrefix = len(versionMark) + 2

// SealedVersion is the version of the data key that sealed a value, as the value says.
func SealedVersion(sealed []byte) int {
	if len(sealed) < sealedPrefix || string(sealed[:len(versionMark)]) != versionMark {
		return 1
	}
	return int(binary.BigEndian.Uint16(sealed[len(versionMark):sealedPrefix]))
}

// DataKey is one version of the key that seals the values of one tenant. It is safe for concurrent use.
type DataKey struct {
	version     int
	aead        *subtle.AESGCM
	fingerprint []byte
}

// NewDataKey makes a version of a tenant's data key, and its wrapped form, which is what is stored.
func (m *Master) NewDataKey(tenant string, version int) (wrapped []byte, k *DataKey, err error) {
	raw := make([]byte, dataKeyBytes)
	if _, err := rand.Read(raw); err != nil {
		return nil, nil, fmt.Errorf("draw a data key: %w", err)
	}
	if wrapped, err = m.wrap(raw, dataKeyPlace(tenant, version)); err != nil {
		return nil, nil, err
	}
	k, err = newDataKey(raw, version)
	return wrapped, k, err
}

// dataKeyPlace is where a wrapped data key belongs: one of another version cannot be passed off as it.
func dataKeyPlace(tenant string, version int) Place {
	row := tenant
	if version != 1 {
		row += "/" + strconv.Itoa(version)
	}
	return Place{Tenant: tenant, Table: "tenant_data_keys", Row: row, Column: "wrapped"}
}

var installationPlace = Place{Table: "installation_key", Column: "wrapped"}

func (m *Master) wrap(raw []byte, at Place) ([]byte, error) {
	wrapped, err := m.aead.Encrypt(raw, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("wrap a key: %w", err)
	}
	return wrapped, nil
}

func (m *Master) unwrap(wrapped []byte, at Place) ([]byte, error) {
	raw, err := m.aead.Decrypt(wrapped, at.bytes())
	if err != nil {
		by, _ := WrappedBy(wrapped)
		return nil, fmt.Errorf("%w: %s was wrapped by the key %d, the keyset has %v", ErrOtherMaster, at.Table, by,
			m.ids)
	}
	return raw, nil
}

func (m *Master) rewrap(wrapped []byte, at Place) ([]byte, error) {
	raw, err := m.unwrap(wrapped, at)
	if err != nil {
		return nil, err
	}
	return m.wrap(raw, at)
}

// Unwrap opens a version of a tenant's data key. It fails with ErrOtherMaster with another master keyset, or for
// another tenant or version.
func (m *Master) Unwrap(wrapped []byte, tenant string, version int) (*DataKey, error) {
	raw, err := m.unwrap(wrapped, dataKeyPlace(tenant, version))
	if err != nil {
		return nil, err
	}
	return newDataKey(raw, version)
}

// Rewrap wraps a data key anew with the keyset's primary key, after a rotation. What the data key sealed stays as it
// is.
func (m *Master) Rewrap(wrapped []byte, tenant string, version int) ([]byte, error) {
	return m.rewrap(wrapped, dataKeyPlace(tenant, version))
}

func newDataKey(raw []byte, version int) (*DataKey, error) {
	if len(raw) != dataKeyBytes {
		return nil, errors.New("secret: a data key has the wrong length")
	}
	if version < 1 || version > VersionMax {
		return nil, fmt.Errorf("secret: a data key has the version %d", version)
	}
	a, err := subtle.NewAESGCM(raw[:32])
	if err != nil {
		return nil, fmt.Errorf("use a data key: %w", err)
	}
	return &DataKey{version: version, aead: a, fingerprint: raw[32:]}, nil
}

// Version is which of the tenant's data keys it is.
func (k *DataKey) Version() int { return k.version }

// Seal encrypts a value for one place. The value says which version sealed it.
func (k *DataKey) Seal(plain []byte, at Place) ([]byte, error) {
	sealed, err := k.aead.Encrypt(plain, at.bytes())
	if err != nil {
		return nil, fmt.Errorf("seal %s.%s: %w", at.Table, at.Column, err)
	}
	if k.version == 1 {
		return sealed, nil
	}
	prefix := binary.BigEndian.AppendUint16([]byte(versionMark), uint16(k.version))
	return append(prefix, sealed...), nil
}

// Open decrypts a value that was sealed for the same place; a changed value, another place or another version is an
// error.
func (k *DataKey) Open(sealed []byte, at Place) ([]byte, error) {
	if k.version != 1 {
		if SealedVersion(sealed) != k.version {
			return nil, fmt.Errorf("secret: %s.%s was not sealed by version %d", at.Table, at.Column, k.version)
		}
		sealed = sealed[sealedPrefix:]
	}
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
