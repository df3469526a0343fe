package people

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/text"
)

const (
	// PasskeysMax bounds how many passkeys a person has.
	PasskeysMax = 10
	// passkeyName is the longest name of a passkey, in characters.
	passkeyName = 80
	// transportsMax bounds what a device says of how it is reached.
	transportsMax = 8
)

// Passkey is a key pair of one of a person's devices.
type Passkey struct {
	ID         id.Passkey
	Name       string
	Synced     bool // a password manager keeps it on several devices
	CreatedAt  time.Time
	LastUsedAt *time.Time
}

// origin is what passkeys are made for. Browsers make none for the number of a machine; this machine's has a name.
func origin(public string) (at *url.URL, ok bool) {
	u, err := url.Parse(public)
	if err != nil || u.Hostname() == "" {
		return nil, false
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil {
		if !ip.IsLoopback() {
			return nil, false
		}
		u.Host = strings.TrimSuffix(net.JoinHostPort("localhost", u.Port()), ":")
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, true
}

// relyingParty is this server as devices know it; nil when its public address has no name.
func relyingParty(public string) *webauthn.WebAuthn {
	at, ok := origin(public)
	if !ok {
		return nil
	}
	resident := true
	w, err := webauthn.New(&webauthn.Config{
		RPID: at.Hostname(), RPDisplayName: "Zhitong", RPOrigins: []string{at.String()},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &resident, ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
		// What password managers say unasked is of no use here, and no reason to refuse anybody.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil
	}
	return w
}

// keyKinds are the signatures that are taken: what every device can make.
func keyKinds() []protocol.CredentialParameter {
	var out []protocol.CredentialParameter
	for _, alg := range []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgEdDSA,
		webauthncose.AlgRS256} {
		out = append(out, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: alg})
	}
	return out
}

// PasskeyOrigin is the one origin at whose pages passkeys work; empty: at none.
func (s *Service) PasskeyOrigin() string {
	if s.keys == nil {
		return ""
	}
	return s.keys.Config.RPOrigins[0]
}

// keyHolder is a person as the library of passkeys takes one.
type keyHolder struct {
	id    id.Person
	email string
	rows  []dbsqlc.Passkey
}

func (h keyHolder) WebAuthnID() []byte          { return h.id[:] }
func (h keyHolder) WebAuthnName() string        { return h.email }
func (h keyHolder) WebAuthnDisplayName() string { return h.email }

func (h keyHolder) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, len(h.rows))
	for i, r := range h.rows {
		out[i] = webauthn.Credential{ID: r.CredentialID, PublicKey: r.PublicKey,
			Flags:         webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(r.Flags)),
			Authenticator: webauthn.Authenticator{SignCount: uint32(r.SignCount)}}
		for _, t := range r.Transports {
			out[i].Transport = append(out[i].Transport, protocol.AuthenticatorTransport(t))
		}
	}
	return out
}

// descriptors name the passkeys to a browser.
func (h keyHolder) descriptors() (out []protocol.CredentialDescriptor) {
	for _, c := range h.WebAuthnCredentials() {
		out = append(out, c.Descriptor())
	}
	return out
}

// holder reads a person's passkeys.
func (s *Service) holder(ctx context.Context, p id.Person) (h keyHolder, err error) {
	h.id = p
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if h.rows, err = q.PasskeyList(ctx, tx, p, PasskeysMax); err != nil {
			return fmt.Errorf("read the passkeys: %w", err)
		}
		return nil
	})
	return h, err
}

func passkeyOf(r dbsqlc.Passkey) Passkey {
	return Passkey{r.ID, r.Name, protocol.AuthenticatorFlags(r.Flags).HasBackupEligible(), r.CreatedAt, r.LastUsedAt}
}

// nameOf is what a passkey is called: as somebody wrote it, without what cannot be seen, and never nothing. Nobody is
// kept from a passkey by its name.
func nameOf(typed string) string {
	name, err := text.Line.Clean(text.Shown(typed))
	if err != nil || name == "" {
		return "Passkey"
	}
	all := []rune(name)
	return text.Trim(string(all[:min(len(all), passkeyName)]))
}

// RenamePasskey gives a passkey another name. It returns factor_not_found.
func (s *Service) RenamePasskey(ctx context.Context, p id.Person, k id.Passkey, name string) (out Passkey, err error) {
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if _, err := q.PasskeyRename(ctx, tx, nameOf(name), p, k); err != nil {
			return fmt.Errorf("rename the passkey: %w", err)
		}
		rows, err := q.PasskeyList(ctx, tx, p, PasskeysMax)
		if err != nil {
			return fmt.Errorf("read the passkeys: %w", err)
		}
		for _, r := range rows {
			if r.ID == k {
				out = passkeyOf(r)
				return nil
			}
		}
		return errNoPasskey()
	})
	return out, err
}

func errNoPasskey() error { return fault.New(CodeFactorNotFound, "You have no such passkey.") }

// DeletePasskey takes a passkey away, and does also in the same transaction. The last way in stays. It returns
// factor_not_found and factor_needed.
func (s *Service) DeletePasskey(ctx context.Context, p id.Person, k id.Passkey, also ...Also) error {
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		r, err := q.PersonLock(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("lock the person: %w", err)
		}
		n, err := q.PasskeyDelete(ctx, tx, p, k)
		if err != nil {
			return fmt.Errorf("delete the passkey: %w", err)
		}
		if n == 0 {
			return errNoPasskey()
		}
		left, err := q.PasskeyCount(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("count the passkeys: %w", err)
		}
		if left == 0 && r.PasswordHash == nil {
			return fault.New(CodeFactorNeeded, "Without this passkey you could not sign in: set a password first.")
		}
		return s.changed(ctx, tx, p, mailFactors, also)
	})
}

// insert writes a passkey that was just made. Atomic; it returns factor_exists for one that is somebody's already.
func (n newKey) insert(ctx context.Context, tx dbsqlc.DBTX, p id.Person, now time.Time) error {
	err := q.PasskeyInsert(ctx, tx, dbsqlc.PasskeyInsertParams{ID: n.id, PersonID: p, CredentialID: n.made.ID,
		PublicKey: n.made.PublicKey, SignCount: int64(n.made.Authenticator.SignCount),
		Flags: int16(n.made.Flags.ProtocolValue()), Transports: n.transports(), Name: n.name, CreatedAt: now})
	if db.Violates(err, "passkeys_credential_id_key") {
		return fault.New(CodeFactorExists, "The passkey is set up already.")
	}
	if err != nil {
		return fmt.Errorf("insert the passkey: %w", err)
	}
	return nil
}

// newKey is a passkey that a device has just made.
type newKey struct {
	id   id.Passkey
	name string
	made *webauthn.Credential
}

// transports are those of the device that are known: what else it says is not kept.
func (n newKey) transports() []string {
	out := []string{}
	for _, t := range n.made.Transport {
		switch t {
		case protocol.USB, protocol.NFC, protocol.BLE, protocol.Hybrid, protocol.Internal, protocol.SmartCard:
			if len(out) < transportsMax {
				out = append(out, string(t))
			}
		}
	}
	return out
}
