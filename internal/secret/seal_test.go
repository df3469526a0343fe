package secret_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/mac"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"

	"zhitong/internal/secret"
)

const tenant = "01890a5d-ac96-774b-bcce-b302099a8057"

var here = secret.Place{Tenant: tenant, Table: "card_keys", Row: "01890a5d-ac96-774b-bcce-b302099a8058",
	Column: "sealed_key"}

func newMaster(t testing.TB) (secret.String, *secret.Master) {
	t.Helper()
	text, err := secret.GenerateMaster()
	if err != nil {
		t.Fatal(err)
	}
	m, err := secret.ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	return text, m
}

func newKey(t testing.TB) *secret.DataKey {
	t.Helper()
	_, m := newMaster(t)
	_, k, err := m.NewDataKey(tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	for _, plain := range []string{"", "A", "CARD-0001-密码", strings.Repeat("x", 1<<20)} {
		sealed, err := k.Seal([]byte(plain), here)
		if err != nil {
			t.Fatal(err)
		}
		if len(plain) > 3 && bytes.Contains(sealed, []byte(plain[:4])) {
			t.Error("the plaintext shows")
		}
		if again, err := k.Seal([]byte(plain), here); err != nil || bytes.Equal(again, sealed) {
			t.Errorf("sealed twice the same, %v", err)
		}
		if back, err := k.Open(sealed, here); err != nil || string(back) != plain {
			t.Errorf("opened %q, %v", back, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	k, other := newKey(t), newKey(t)
	sealed, err := k.Seal([]byte("secret"), here)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("another place", func(t *testing.T) {
		t.Parallel()
		for _, change := range []func(*secret.Place){
			func(p *secret.Place) { p.Tenant = "01890a5d-ac96-774b-bcce-b302099a8059" },
			func(p *secret.Place) { p.Table = "webhook_endpoints" },
			func(p *secret.Place) { p.Row = "01890a5d-ac96-774b-bcce-b302099a8059" },
			func(p *secret.Place) { p.Column = "sealed_secret" },
			func(p *secret.Place) { *p = secret.Place{} },
		} {
			p := here
			change(&p)
			if back, err := k.Open(sealed, p); err == nil {
				t.Errorf("opened at %v: %q", p, back)
			}
		}
	})
	t.Run("another key", func(t *testing.T) {
		t.Parallel()
		if back, err := other.Open(sealed, here); err == nil {
			t.Errorf("opened %q", back)
		}
	})
	t.Run("every changed bit", func(t *testing.T) {
		t.Parallel()
		for i := range len(sealed) * 8 {
			bad := bytes.Clone(sealed)
			bad[i/8] ^= 1 << (i % 8)
			if back, err := k.Open(bad, here); err == nil {
				t.Fatalf("bit %d changed: opened %q", i, back)
			}
		}
	})
	t.Run("every cut", func(t *testing.T) {
		t.Parallel()
		for n := range len(sealed) {
			if back, err := k.Open(sealed[:n], here); err == nil {
				t.Fatalf("%d bytes: opened %q", n, back)
			}
		}
	})
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	text, m := newMaster(t)
	wrapped, k, err := m.NewDataKey(tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	if k.Fingerprint([]byte("a")) != k.Fingerprint([]byte("a")) {
		t.Error("one value has two fingerprints")
	}
	if k.Fingerprint([]byte("a")) == k.Fingerprint([]byte("b")) {
		t.Error("two values have one fingerprint")
	}
	if k.Fingerprint([]byte("a")) == newKey(t).Fingerprint([]byte("a")) {
		t.Error("two tenants share a fingerprint: rows could be linked")
	}
	later, err := secret.ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	if k2, err := later.Unwrap(wrapped, tenant, 1); err != nil ||
		k2.Fingerprint([]byte("a")) != k.Fingerprint([]byte("a")) {
		t.Errorf("after a restart the fingerprint is another, %v", err)
	}
}

func TestUnwrapRefuses(t *testing.T) {
	t.Parallel()
	_, m := newMaster(t)
	_, other := newMaster(t)
	wrapped, _, err := m.NewDataKey(tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Unwrap(wrapped, "01890a5d-ac96-774b-bcce-b302099a8059", 1); err == nil {
		t.Error("another tenant's key was unwrapped")
	}
	if _, err := other.Unwrap(wrapped, tenant, 1); err == nil {
		t.Error("another master unwrapped it")
	}
	wrapped[len(wrapped)-1] ^= 1
	if _, err := m.Unwrap(wrapped, tenant, 1); err == nil {
		t.Error("a changed key was unwrapped")
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	text, m := newMaster(t)
	wrapped, k, err := m.NewDataKey(tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.Seal([]byte("secret"), here)
	if err != nil {
		t.Fatal(err)
	}
	added := changed(t, text, secret.AddMaster)
	if parse(t, added).Primary() != m.Primary() {
		t.Error("an added key wraps before every process knows it")
	}
	rotatedText := changed(t, added, secret.PromoteMaster)
	rotated := parse(t, rotatedText)
	if rotated.Primary() == m.Primary() {
		t.Error("the promoted key does not wrap")
	}
	if _, err := rotated.Unwrap(wrapped, tenant, 1); err != nil {
		t.Fatalf("the rotated keyset does not read what the old one wrapped: %v", err)
	}
	rewrapped, err := rotated.Rewrap(wrapped, tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Unwrap(rewrapped, tenant, 1); err == nil {
		t.Error("the old keyset still unwraps after the rotation: it was not the new key that wrapped")
	}
	if by, ok := secret.WrappedBy(rewrapped); !ok || by != rotated.Primary() {
		t.Errorf("wrapped by %d, not by the primary %d", by, rotated.Primary())
	}
	k2, err := rotated.Unwrap(rewrapped, tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := k2.Open(sealed, here); err != nil || string(back) != "secret" {
		t.Errorf("what was sealed before the rotation opens as %q, %v", back, err)
	}
	if k2.Fingerprint([]byte("a")) != k.Fingerprint([]byte("a")) {
		t.Error("the rotation changed fingerprints")
	}
	if _, err := rotated.Rewrap(wrapped, "01890a5d-ac96-774b-bcce-b302099a8059", 1); err == nil {
		t.Error("rewrapped for another tenant")
	}
}

// TestAttack holds the attacks of the promise list that concern keys.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A01 empty or short signing key", func(t *testing.T) {
		t.Parallel()
		good, _ := newMaster(t)
		raw, err := base64.StdEncoding.DecodeString(good.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"empty":              "",
			"blank":              " \n",
			"not base64":         "correct horse battery staple",
			"a password":         base64.StdEncoding.EncodeToString([]byte("correct horse battery staple 123")),
			"32 bytes of noise":  base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)),
			"32 zero bytes":      base64.StdEncoding.EncodeToString(make([]byte, 32)),
			"a cut keyset":       base64.StdEncoding.EncodeToString(raw[:len(raw)-5]),
			"an empty keyset":    encode(t, &tinkpb.Keyset{}),
			"an AES-128 keyset":  encodeTemplate(t, aead.AES128GCMKeyTemplate()),
			"a MAC keyset":       encodeTemplate(t, mac.HMACSHA256Tag256KeyTemplate()),
			"a short second key": encode(t, withShortKey(t)),
		} {
			if _, err := secret.ParseMaster(secret.New(text)); !errors.Is(err, secret.ErrMaster) {
				t.Errorf("%s: %v", name, err)
			} else if text != "" && strings.Contains(err.Error(), text) {
				t.Errorf("%s: the error shows the key", name)
			}
			if _, err := secret.AddMaster(secret.New(text)); err == nil {
				t.Errorf("%s was rotated", name)
			}
		}
		if _, err := secret.ParseMaster(secret.New(good.Reveal() + "\n")); err != nil {
			t.Errorf("the control, a good keyset from a file with a newline: %v", err)
		}
	})
}

func encode(t *testing.T, ks *tinkpb.Keyset) string {
	t.Helper()
	var b bytes.Buffer
	if err := keyset.NewBinaryWriter(&b).Write(ks); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

func material(t *testing.T, template *tinkpb.KeyTemplate) *tinkpb.Keyset {
	t.Helper()
	h, err := keyset.NewHandle(template)
	if err != nil {
		t.Fatal(err)
	}
	return insecurecleartextkeyset.KeysetMaterial(h)
}

func encodeTemplate(t *testing.T, template *tinkpb.KeyTemplate) string {
	t.Helper()
	return encode(t, material(t, template))
}

// withShortKey is a good primary key beside a short one.
func withShortKey(t *testing.T) *tinkpb.Keyset {
	t.Helper()
	ks := material(t, aead.AES256GCMKeyTemplate())
	ks.Key = append(ks.Key, material(t, aead.AES128GCMKeyTemplate()).Key...)
	return ks
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 100 {
				plain := fmt.Sprint(i, j)
				sealed, err := k.Seal([]byte(plain), here)
				if err != nil {
					t.Error(err)
					return
				}
				if back, err := k.Open(sealed, here); err != nil || string(back) != plain {
					t.Errorf("%q, %v", back, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestStringDoesNotPrint(t *testing.T) {
	t.Parallel()
	const value = "sk_live_canary"
	s := secret.New(value)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "p", &s, "in", struct{ S secret.String }{s})
	j, err := json.Marshal(map[string]any{"s": s, "p": &s})
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %q %x", s, s, s, s, s),
		fmt.Sprintf("%+v %#v", struct{ S secret.String }{s}, &struct{ S secret.String }{s}),
		log.String(), string(j), fmt.Errorf("with %v", s).Error()} {
		if strings.Contains(out, value) || strings.Contains(out, fmt.Sprintf("%x", value)) {
			t.Errorf("shown: %s", out)
		}
	}
	if s.Reveal() != value || s.IsZero() || !secret.New("").IsZero() {
		t.Error("the value is lost")
	}
}

func BenchmarkSeal(b *testing.B) {
	k := newKey(b)
	plain := []byte("ABCDE-FGHIJ-KLMNO-PQRST")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Seal(plain, here); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	k := newKey(b)
	sealed, err := k.Seal([]byte("ABCDE-FGHIJ-KLMNO-PQRST"), here)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Open(sealed, here); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFingerprint(b *testing.B) {
	k := newKey(b)
	b.ReportAllocs()
	for b.Loop() {
		k.Fingerprint([]byte("ABCDE-FGHIJ-KLMNO-PQRST"))
	}
}

// TestRetire: the key that wrapped before is gone, the one that wraps stays.
func TestRetire(t *testing.T) {
	t.Parallel()
	text, m := newMaster(t)
	wrapped, _, err := m.NewDataKey(tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	rotated := changed(t, changed(t, text, secret.AddMaster), secret.PromoteMaster)
	rewrapped, err := parse(t, rotated).Rewrap(wrapped, tenant, 1)
	if err != nil {
		t.Fatal(err)
	}
	retired := parse(t, changed(t, rotated, secret.RetireMaster))
	if n := len(retired.KeyIDs()); n != 1 || retired.Primary() != parse(t, rotated).Primary() {
		t.Errorf("%d keys are left, %d wraps", n, retired.Primary())
	}
	if _, err := retired.Unwrap(rewrapped, tenant, 1); err != nil {
		t.Error(err)
	}
	if _, err := retired.Unwrap(wrapped, tenant, 1); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("the retired key still opens: %v", err)
	}
	for name, fn := range map[string]func(secret.String) (secret.String, error){
		"retire the only key": secret.RetireMaster, "promote the key that wraps": secret.PromoteMaster,
	} {
		if _, err := fn(text); err == nil {
			t.Error(name)
		}
	}
}

// TestInstallationKey: another purpose, value or key gives another hash; a rotation of the master keyset gives the
// same; another keyset does not open it, nor is it a tenant's data key.
func TestInstallationKey(t *testing.T) {
	t.Parallel()
	text, m := newMaster(t)
	wrapped, err := m.NewInstallationKey()
	if err != nil {
		t.Fatal(err)
	}
	open := func(m *secret.Master, wrapped []byte) *secret.InstallationKey {
		t.Helper()
		k, err := m.UnwrapInstallation(wrapped)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k := open(m, wrapped)
	want := k.MAC("sign-up", []byte("key"))
	rotated := parse(t, changed(t, changed(t, text, secret.AddMaster), secret.PromoteMaster))
	rewrapped, err := rotated.RewrapInstallation(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if open(rotated, rewrapped).MAC("sign-up", []byte("key")) != want {
		t.Error("the rotation changed the hash")
	}
	second, err := m.NewInstallationKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, have := range map[string][32]byte{
		"purpose": k.MAC("sign-in", []byte("key")), "value": k.MAC("sign-up", []byte("kex")),
		"boundary": k.MAC("sign", []byte("-up\x00key")), "key": open(m, second).MAC("sign-up", []byte("key")),
	} {
		if have == want {
			t.Errorf("another %s gives the same hash", name)
		}
	}
	_, other := newMaster(t)
	if _, err := other.UnwrapInstallation(wrapped); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("another keyset: %v", err)
	}
	if _, err := m.Unwrap(wrapped, tenant, 1); !errors.Is(err, secret.ErrOtherMaster) {
		t.Errorf("as a tenant's data key: %v", err)
	}
}

func changed(t *testing.T, text secret.String, fn func(secret.String) (secret.String, error)) secret.String {
	t.Helper()
	out, err := fn(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func parse(t *testing.T, text secret.String) *secret.Master {
	t.Helper()
	m, err := secret.ParseMaster(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
