package tenantstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"
	"testing"
)

// Device makes passkeys and signs with them, as an authenticator and a browser do together. Its fields say how it
// misbehaves.
type Device struct {
	Origin     string // of the page; what the browser vouches for
	RP         string // whose keys it claims to use; empty: the origin's host
	Unverified bool   // it does not check who holds it
	Stuck      bool   // its counter does not grow: a copy
	Uncounted  bool   // it has no counter, as password managers that keep a key on several devices
	Challenge  string // instead of the one that was asked
	Handle     []byte // of the user, instead of the key's own

	Keys []*DeviceKey
}

// DeviceKey is a key that a device has made.
type DeviceKey struct {
	id, handle []byte
	private    *ecdsa.PrivateKey
	count      uint32
}

// The flags of an authenticator: somebody was there, was known, and that it tells of a new key.
const (
	flagPresent  = 0x01
	flagVerified = 0x04
	flagNew      = 0x40
)

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func (d *Device) rp(t testing.TB) []byte {
	t.Helper()
	host := d.RP
	if host == "" {
		u, err := url.Parse(d.Origin)
		if err != nil {
			t.Fatal(err)
		}
		host = u.Hostname()
	}
	sum := sha256.Sum256([]byte(host))
	return sum[:]
}

func (d *Device) clientData(t testing.TB, kind, challenge string) []byte {
	t.Helper()
	if d.Challenge != "" {
		challenge = d.Challenge
	}
	raw, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.Origin,
		"crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func (d *Device) authData(t testing.TB, k *DeviceKey, flags byte) []byte {
	t.Helper()
	if !d.Unverified {
		flags |= flagVerified
	}
	return binary.BigEndian.AppendUint32(append(d.rp(t), flags|flagPresent), k.count)
}

// Create makes a passkey, and answers as JSON.
func (d *Device) Create(t testing.TB, options []byte) string {
	t.Helper()
	var asked struct {
		Challenge string
		User      struct{ ID string }
	}
	if err := json.Unmarshal(options, &asked); err != nil {
		t.Fatal(err)
	}
	handle, err := base64.RawURLEncoding.DecodeString(asked.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k := &DeviceKey{id: make([]byte, 16), handle: handle, private: private}
	if !d.Uncounted {
		k.count++
	}
	_, _ = rand.Read(k.id)
	d.Keys = append(d.Keys, k)
	auth := append(d.authData(t, k, flagNew), make([]byte, 16)...) // of no known make
	auth = append(append(auth, 0, byte(len(k.id))), k.id...)
	auth = append(auth, k.cose(t)...)
	// {"fmt": "none", "attStmt": {}, "authData": …}
	object := append([]byte{0xa3, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n', 'e', 0x67, 'a', 't', 't', 'S', 't', 'm',
		't', 0xa0, 0x68, 'a', 'u', 't', 'h', 'D', 'a', 't', 'a', 0x58, byte(len(auth))}, auth...)
	return answer(t, k, map[string]any{"clientDataJSON": b64(d.clientData(t, "webauthn.create", asked.Challenge)),
		"attestationObject": b64(object), "transports": []string{"internal"}})
}

// cose is the public key as authenticators write it: {1: 2, 3: -7, -1: 1, -2: x, -3: y}.
func (k *DeviceKey) cose(t testing.TB) []byte {
	t.Helper()
	point, err := k.private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	out := append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	return append(append(out, 0x22, 0x58, 0x20), point[33:]...)
}

// Get signs with the newest passkey, and answers as JSON.
func (d *Device) Get(t testing.TB, options []byte) string {
	t.Helper()
	var asked struct{ Challenge string }
	if err := json.Unmarshal(options, &asked); err != nil || len(d.Keys) == 0 {
		t.Fatal(err, len(d.Keys))
	}
	k := d.Keys[len(d.Keys)-1]
	if !d.Stuck && !d.Uncounted {
		k.count++
	}
	auth, client := d.authData(t, k, 0), d.clientData(t, "webauthn.get", asked.Challenge)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(auth[:len(auth):len(auth)], hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, signed[:])
	if err != nil {
		t.Fatal(err)
	}
	handle := k.handle
	if d.Handle != nil {
		handle = d.Handle
	}
	return answer(t, k, map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(auth),
		"signature": b64(signature), "userHandle": b64(handle)})
}

func answer(t testing.TB, k *DeviceKey, response map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"id": b64(k.id), "rawId": b64(k.id), "type": "public-key",
		"response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
