package people_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/people"
	"zhitong/tenants/tenantstest"
)

const public = "https://pay.example.cn"

// holder is somebody with a password, an app and a passkey.
type holder struct {
	*someone
	device *tenantstest.Device
}

func newHolder(t *testing.T) *holder {
	t.Helper()
	h := &holder{newPerson(t), &tenantstest.Device{Origin: public}}
	h.Service = people.New(h.db, h.vault, h.clock, people.Post{PublicURL: public})
	h.add(t)
	return h
}

func (h *holder) add(t *testing.T) (people.Passkey, []string) {
	t.Helper()
	c, err := h.BeginPasskey(t.Context(), h.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	k, codes, err := h.AddPasskey(t.Context(), h.id.ID, c.Ticket, h.device.Create(t, c.Options), "phone")
	if err != nil {
		t.Fatal(err)
	}
	return k, codes
}

// signIn signs in with the device as it is now.
func (h *holder) signIn(t *testing.T) error {
	t.Helper()
	c, err := h.BeginPasskeySignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p, methods, err := h.PasskeySignIn(t.Context(), c.Ticket, h.device.Get(t, c.Options))
	if err == nil && (p.ID != h.id.ID || !people.Second(methods)) {
		t.Errorf("%+v %v", p, methods)
	}
	return err
}

func wantCode(t *testing.T, what string, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code || code == "" && err != nil {
		t.Errorf("%s: %v, want %q", what, err, code)
	}
}

// TestPasskeySignsIn: a device alone lets in, as both factors; a name can be changed; what is removed lets nobody in.
func TestPasskeySignsIn(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	wantCode(t, "sign in", h.signIn(t), "")
	f, err := h.ListFactors(t.Context(), h.id.ID)
	if err != nil || len(f.Passkeys) != 1 || f.Passkeys[0].LastUsedAt == nil || f.Passkeys[0].Name != "phone" {
		t.Fatalf("%+v %v", f, err)
	}
	k := f.Passkeys[0].ID
	for typed, want := range map[string]string{" my\x00 key ": "my key", "my\u202e key\u200b": "my key",
		"": "Passkey", "\u3000\u200b": "Passkey", "a\nb": "Passkey", "e\u0301": "\u00e9",
		strings.Repeat("\u0958", 80): strings.Repeat("\u0915\u093c", 40)} { // NFC makes two characters of it
		renamed, err := h.RenamePasskey(t.Context(), h.id.ID, k, typed)
		if err != nil || renamed.Name != want {
			t.Errorf("%q: %+v %v", typed, renamed, err)
		}
	}
	wantCode(t, "delete", h.DeletePasskey(t.Context(), h.id.ID, k), "")
	wantCode(t, "delete again", h.DeletePasskey(t.Context(), h.id.ID, k), people.CodeFactorNotFound)
	wantCode(t, "sign in with what is gone", h.signIn(t), people.CodePasskeyRefused)
}

// TestAttackPasskeys: what a device says is held to the address, the challenge, who holds it, and its counter.
func TestAttackPasskeys(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(d *tenantstest.Device){
		"control": func(*tenantstest.Device) {},
		"another origin": func(d *tenantstest.Device) {
			d.Origin, d.RP = "https://pay.example.cn.evil.cn", "pay.example.cn"
		},
		"plain http":           func(d *tenantstest.Device) { d.Origin = "http://pay.example.cn" },
		"another relying host": func(d *tenantstest.Device) { d.RP = "example.cn" },
		"nobody checked":       func(d *tenantstest.Device) { d.Unverified = true },
		"another challenge":    func(d *tenantstest.Device) { d.Challenge = strings.Repeat("A", 43) },
		"a copied key":         func(d *tenantstest.Device) { d.Stuck = true },
		"somebody else's name": func(d *tenantstest.Device) { d.Handle = make([]byte, 16) },
		"no name":              func(d *tenantstest.Device) { d.Handle = []byte{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHolder(t)
			wantCode(t, "control", h.signIn(t), "")
			spoil(h.device)
			want := people.CodePasskeyRefused
			if name == "control" {
				want = ""
			}
			wantCode(t, "sign in", h.signIn(t), want)
			if name == "another origin" || name == "another relying host" || name == "nobody checked" ||
				name == "another challenge" {
				c, err := h.BeginPasskey(t.Context(), h.id.ID)
				if err != nil {
					t.Fatal(err)
				}
				_, _, err = h.AddPasskey(t.Context(), h.id.ID, c.Ticket, h.device.Create(t, c.Options), "")
				wantCode(t, "make", err, people.CodePasskeyRefused)
			}
		})
	}
}

// TestAttackPasskeyReplay: an answer counts once, in time, and for what it was asked for; also that of a device without
// a counter, whose second answer would look as its first.
func TestAttackPasskeyReplay(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	h.device.Uncounted = true
	h.add(t)
	c, err := h.BeginPasskeySignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	said := h.device.Get(t, c.Options)
	var wait sync.WaitGroup
	in := make(chan error, 8)
	for range cap(in) {
		wait.Go(func() {
			_, _, err := h.PasskeySignIn(t.Context(), c.Ticket, said)
			in <- err
		})
	}
	wait.Wait()
	close(in)
	once := 0
	for err := range in {
		if err == nil {
			once++
		} else {
			wantCode(t, "again", err, people.CodePasskeyRefused)
		}
	}
	if once != 1 {
		t.Errorf("%d were let in", once)
	}
	_, err = h.AgainByPasskey(t.Context(), h.id.ID, c.Ticket, said)
	wantCode(t, "for something else", err, people.CodePasskeyRefused)
	late, err := h.BeginPasskeySignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(people.CeremonyFor)
	_, _, err = h.PasskeySignIn(t.Context(), late.Ticket, h.device.Get(t, late.Options))
	wantCode(t, "late", err, people.CodePasskeyRefused)
	_, _, err = h.PasskeySignIn(t.Context(), secret.New("AAAA"), said)
	wantCode(t, "no ticket of ours", err, people.CodePasskeyRefused)
	wantCode(t, "control", h.signIn(t), "")
}

// TestAttackPasskeyOfAnother: a person's passkey is no proof of another person, nor becomes theirs.
func TestAttackPasskeyOfAnother(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	j, err := h.Prepare(t.Context(), "mallory@example.cn", secret.New(password+password), secret.String{}, "",
		vocabulary.Chinese, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.db.InTenant(t.Context(), dbtest.NewTenant(t, h.db), func(ctx context.Context, tx db.TenantTx) error {
		return h.Create(ctx, tx, j)
	}); err != nil {
		t.Fatal(err)
	}
	other := &holder{&someone{Service: h.Service, db: h.db, clock: h.clock, id: people.Person{ID: j.ID}},
		&tenantstest.Device{Origin: public}}
	other.add(t)
	c, err := h.BeginPasskeyProof(t.Context(), h.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.AgainByPasskey(t.Context(), h.id.ID, c.Ticket, other.device.Get(t, c.Options))
	wantCode(t, "their passkey for mine", err, people.CodePasskeyRefused)
	_, err = h.AgainByPasskey(t.Context(), j.ID, c.Ticket, h.device.Get(t, c.Options))
	wantCode(t, "my ticket for theirs", err, people.CodePasskeyRefused)
	own, err := h.BeginPasskey(t.Context(), h.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.AddPasskey(t.Context(), j.ID, own.Ticket, h.device.Create(t, own.Options), "")
	wantCode(t, "a key made for me, added to them", err, people.CodePasskeyRefused)
	f, err := h.ListFactors(t.Context(), h.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "delete mine", h.DeletePasskey(t.Context(), j.ID, f.Passkeys[0].ID), people.CodeFactorNotFound)
	_, err = h.RenamePasskey(t.Context(), j.ID, f.Passkeys[0].ID, "x")
	wantCode(t, "rename mine", err, people.CodeFactorNotFound)
	h.device = &tenantstest.Device{Origin: public}
	h.add(t)
	c, err = h.BeginPasskeyProof(t.Context(), h.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.AgainByPasskey(t.Context(), h.id.ID, c.Ticket, h.device.Get(t, c.Options))
	wantCode(t, "control", err, "")
}

// TestPasskeysAreBounded: ten of a person, also when many are made at once.
func TestPasskeysAreBounded(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	begun := make([]people.Ceremony, people.PasskeysMax+2)
	for i := range begun {
		var err error
		if begun[i], err = h.BeginPasskey(t.Context(), h.id.ID); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	made := make(chan error, len(begun))
	for _, c := range begun {
		said := h.device.Create(t, c.Options)
		wait.Go(func() {
			_, _, err := h.AddPasskey(t.Context(), h.id.ID, c.Ticket, said, "")
			made <- err
		})
	}
	wait.Wait()
	close(made)
	refused := 0
	for err := range made {
		if err != nil {
			wantCode(t, "one too many", err, people.CodePasskeyLimit)
			refused++
		}
	}
	if refused != len(begun)-(people.PasskeysMax-1) {
		t.Errorf("%d were refused", refused)
	}
	_, err := h.BeginPasskey(t.Context(), h.id.ID)
	wantCode(t, "begin", err, people.CodePasskeyLimit)
}

// TestPasskeyIsASecondFactor: whoever has a passkey and no app is not known by the password alone; a recovery code
// stands for the passkey, and came with it.
func TestPasskeyIsASecondFactor(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	if err := h.DeleteTOTP(t.Context(), h.id.ID); err != nil {
		t.Fatal(err)
	}
	f, err := h.ListFactors(t.Context(), h.id.ID)
	if err != nil || f.RecoveryCodes != 10 {
		t.Fatalf("%+v %v", f, err)
	}
	if _, codes := h.add(t); codes != nil {
		t.Error("the second passkey replaced the codes")
	}
	codes, err := h.NewRecoveryCodes(t.Context(), h.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, "the password alone", h.try(t, email, password, ""), people.CodeSignInFailed)
	_, err = h.Again(t.Context(), h.id.ID, people.Attempt{Password: secret.New(password), Address: "203.0.113.9"})
	wantCode(t, "a fresh proof by the password alone", err, people.CodeSignInFailed)
	_, _, ticket, err := h.Begin(t.Context(), people.Attempt{Email: email, Password: secret.New(password),
		Address: "203.0.113.9"})
	if err != nil || ticket.IsZero() {
		t.Fatalf("%v", err)
	}
	_, methods, err := h.Finish(t.Context(), ticket, codes[0], "203.0.113.9")
	if err != nil || !people.Second(methods) {
		t.Errorf("with a recovery code: %v %v", methods, err)
	}
	wantCode(t, "control", h.try(t, email, password, codes[1]), "")
}

// TestEnrolByPasskey: somebody new joins with a passkey and without a password, and the last way in stays.
func TestEnrolByPasskey(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	device := &tenantstest.Device{Origin: public}
	c, err := h.EnrolPasskey(t.Context(), "word", "wangwu@example.cn")
	if err != nil {
		t.Fatal(err)
	}
	said := device.Create(t, c.Options)
	_, err = h.EnrolledByPasskey(t.Context(), "another word", c.Ticket, said, "", vocabulary.English)
	wantCode(t, "for another invitation", err, people.CodePasskeyRefused)
	j, err := h.EnrolledByPasskey(t.Context(), "word", c.Ticket, said, "", vocabulary.English)
	if err != nil {
		t.Fatal(err)
	}
	join := func() error {
		return h.db.InTenant(t.Context(), dbtest.NewTenant(t, h.db), func(ctx context.Context, tx db.TenantTx) error {
			return h.Create(ctx, tx, j)
		})
	}
	wantCode(t, "join", join(), "")
	h.device, h.id.ID = device, j.ID
	wantCode(t, "sign in", h.signIn(t), "")
	f, err := h.ListFactors(t.Context(), j.ID)
	if err != nil || f.Password || len(f.Passkeys) != 1 {
		t.Fatalf("%+v %v", f, err)
	}
	wantCode(t, "no password", h.try(t, "wangwu@example.cn", "", ""), people.CodeSignInFailed)
	wantCode(t, "the last way in", h.DeletePasskey(t.Context(), j.ID, f.Passkeys[0].ID), people.CodeFactorNeeded)
	wantCode(t, "a password", h.ChangePassword(t.Context(), j.ID, secret.New(password)), "")
	wantCode(t, "control", h.DeletePasskey(t.Context(), j.ID, f.Passkeys[0].ID), "")
}

// TestNoPasskeysForANumber: browsers make none for an address that is a number; this machine has a name.
func TestNoPasskeysForANumber(t *testing.T) {
	t.Parallel()
	s := newPerson(t)
	for url, want := range map[string]string{
		"https://203.0.113.9":        "",
		"http://127.0.0.1:8080":      "http://localhost:8080",
		"https://pay.example.cn":     "https://pay.example.cn",
		"https://pay.example.cn:444": "https://pay.example.cn:444",
		"":                           "",
	} {
		p := people.New(s.db, s.vault, s.clock, people.Post{PublicURL: url})
		if got := p.PasskeyOrigin(); got != want {
			t.Errorf("%q: %q", url, got)
		}
		if want == "" {
			_, err := p.BeginPasskeySignIn(t.Context())
			wantCode(t, url, err, people.CodePasskeysOff)
		}
	}
}

// TestTicketTellsNothing: what a browser keeps of a ceremony is sealed.
func TestTicketTellsNothing(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	c, err := h.BeginPasskey(t.Context(), h.id.ID)
	if err != nil {
		t.Fatal(err)
	}
	var asked struct{ Challenge string }
	if err := json.Unmarshal(c.Options, &asked); err != nil || len(asked.Challenge) < 43 {
		t.Fatalf("%s %v", c.Options, err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Ticket.Reveal())
	if err != nil || strings.Contains(string(raw), asked.Challenge) || strings.Contains(string(raw), "challenge") {
		t.Errorf("%s %v", raw, err)
	}
}

// TestHundredInARow: a hundred wrong passwords are the last, however slowly they come; a passkey lets in still, and a
// new password by somebody who is in begins anew.
func TestHundredInARow(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	blocked := 0
	for i := range 110 {
		if i == 1 {
			h.clock.Advance(time.Hour)
		} else {
			h.clock.Advance(30 * time.Hour) // longer than any wait, and than an attempt is remembered otherwise
		}
		err := h.try(t, email, "another horse battery", "000000")
		want := people.CodeSignInFailed
		if i >= people.InARow {
			want, blocked = people.CodePasswordBlocked, blocked+1
		}
		wantCode(t, "wrong", err, want)
	}
	if blocked != 10 {
		t.Errorf("%d were blocked", blocked)
	}
	wantCode(t, "the right one", h.try(t, email, password, h.next(t)), people.CodePasswordBlocked)
	wantCode(t, "a passkey", h.signIn(t), "")
	wantCode(t, "still", h.try(t, email, password, h.next(t)), people.CodePasswordBlocked)
	h.clock.Advance(30 * 24 * time.Hour)
	wantCode(t, "a month later", h.try(t, email, password, h.next(t)), people.CodePasswordBlocked)
	const other = "quite another horse battery"
	wantCode(t, "a new password", h.ChangePassword(t.Context(), h.id.ID, secret.New(other)), "")
	wantCode(t, "control", h.try(t, email, other, h.next(t)), "")
}

// TestSignInsAreCounted: by method and outcome, and by no name.
func TestSignInsAreCounted(t *testing.T) {
	t.Parallel()
	h := newHolder(t)
	r := prometheus.NewRegistry()
	h.Service = people.New(h.db, h.vault, h.clock, people.Post{PublicURL: public, Metrics: r})
	wantCode(t, "passkey", h.signIn(t), "")
	h.device.Unverified = true
	wantCode(t, "refused", h.signIn(t), people.CodePasskeyRefused)
	_, err := h.Again(t.Context(), h.id.ID, people.Attempt{Password: secret.New(password), Code: h.next(t)})
	wantCode(t, "proof", err, "")
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		if m.GetCounter().GetValue() > 0 {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			have[strings.Join(labels, " ")] = m.GetCounter().GetValue()
		}
	}
	if len(have) != 3 || have["sign_in passkey in"] != 1 || have["sign_in passkey refused"] != 1 ||
		have["proof totp in"] != 1 {
		t.Errorf("%v", have)
	}
}
