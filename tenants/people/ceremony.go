package people

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
)

// CeremonyFor is how long a device may take to answer.
const CeremonyFor = 5 * time.Minute

// Ceremony is what a device is asked, and the ticket that its answer comes back with. The challenge lies in the ticket,
// sealed, and nowhere else: whoever asks for one leaves nothing here.
type Ceremony struct {
	Options json.RawMessage // as navigator.credentials takes them, in JSON
	Ticket  secret.String
}

// What a ceremony is for; an invitation or sign-up is named by its word.
const (
	forSignIn = "sign in"
	forProof  = "fresh proof"
	forOwn    = "one's own"
)

// keyTicket is the sealed half of a ceremony.
type keyTicket struct {
	For    string               `json:"for"` // of no use to anything else
	Person id.Person            `json:"person"`
	Email  string               `json:"email,omitempty"` // of who enrols
	Data   webauthn.SessionData `json:"data"`
	Until  time.Time            `json:"until"`
}

func keyTicketPlace() secret.Place {
	return secret.Place{Table: "passkeys", Row: "ticket", Column: "sealed"}
}

func errPasskey() error {
	return fault.New(CodePasskeyRefused, "The passkey is not accepted; begin again.")
}

func (s *Service) ready() error {
	if s.keys == nil {
		return fault.New(CodePasskeysOff, "This server's public address has no name, so no passkey can be made for it.")
	}
	return nil
}

func (s *Service) ceremony(ctx context.Context, t keyTicket, options any) (c Ceremony, err error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return c, err
	}
	t.Until = s.clock.Now().Add(CeremonyFor)
	plain, err := json.Marshal(t)
	if err == nil {
		c.Options, err = json.Marshal(options)
	}
	if err != nil {
		return c, fmt.Errorf("write what a device is asked: %w", err)
	}
	sealed, err := k.Seal(plain, keyTicketPlace())
	c.Ticket = secret.New(base64.RawURLEncoding.EncodeToString(sealed))
	return c, err
}

// openKeyTicket returns passkey_refused for a ticket that is over, not ours, or for something else.
func (s *Service) openKeyTicket(ctx context.Context, what string, text secret.String) (t keyTicket, err error) {
	if err := s.ready(); err != nil {
		return t, err
	}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return t, err
	}
	sealed, err := base64.RawURLEncoding.DecodeString(text.Reveal())
	if err != nil {
		return t, errPasskey()
	}
	plain, err := k.Open(sealed, keyTicketPlace())
	if err != nil || json.Unmarshal(plain, &t) != nil || t.For != what || !s.clock.Now().Before(t.Until) {
		return t, errPasskey()
	}
	return t, nil
}

// spend uses a challenge up: the same answer does nothing a second time.
func (s *Service) spend(ctx context.Context, tx dbsqlc.DBTX, t keyTicket) error {
	digest := sha256.Sum256([]byte(t.Data.Challenge))
	n, err := q.ChallengeSpend(ctx, tx, digest[:], t.Until)
	if err != nil {
		return fmt.Errorf("use the challenge up: %w", err)
	}
	if n == 0 {
		return errPasskey()
	}
	return nil
}

// BeginPasskeySignIn asks for a passkey of anybody.
func (s *Service) BeginPasskeySignIn(ctx context.Context) (c Ceremony, err error) {
	if err := s.ready(); err != nil {
		return c, err
	}
	asked, data, err := s.keys.BeginDiscoverableLogin()
	if err != nil {
		return c, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.ceremony(ctx, keyTicket{For: forSignIn, Data: *data}, asked.Response)
}

// PasskeySignIn tells who a device's answer is of. No limit of wrong passwords holds it up: a signature is not guessed.
// It returns passkey_refused whatever is wrong.
func (s *Service) PasskeySignIn(
	ctx context.Context,
	ticket secret.String,
	answer string,
) (p Person, m []Method, err error) {
	defer s.counted(countSignIn, ByPasskey, &m, &err)
	t, err := s.openKeyTicket(ctx, forSignIn, ticket)
	if err != nil {
		return p, nil, err
	}
	who, err := s.answered(ctx, t, answer)
	if err != nil {
		return p, nil, err
	}
	p, err = s.Get(ctx, who)
	return p, []Method{ByPasskey}, err
}

// BeginPasskeyProof asks somebody who is signed in for one of their passkeys. It returns factor_not_found.
func (s *Service) BeginPasskeyProof(ctx context.Context, p id.Person) (c Ceremony, err error) {
	if err := s.ready(); err != nil {
		return c, err
	}
	return s.askForOne(ctx, p, forProof)
}

// askForOne asks for one of a person's passkeys. It returns factor_not_found.
func (s *Service) askForOne(ctx context.Context, p id.Person, what string) (c Ceremony, err error) {
	h, err := s.holder(ctx, p)
	if err != nil {
		return c, err
	}
	if len(h.rows) == 0 {
		return c, errNoPasskey()
	}
	asked, data, err := s.keys.BeginLogin(h)
	if err != nil {
		return c, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.ceremony(ctx, keyTicket{For: what, Person: p, Data: *data}, asked.Response)
}

// AgainByPasskey is a fresh proof by one of the person's own passkeys. It returns passkey_refused.
func (s *Service) AgainByPasskey(
	ctx context.Context,
	p id.Person,
	ticket secret.String,
	answer string,
) (m []Method, err error) {
	defer s.counted(countProof, ByPasskey, &m, &err)
	t, err := s.openKeyTicket(ctx, forProof, ticket)
	if err != nil {
		return nil, err
	}
	if t.Person != p {
		return nil, errPasskey()
	}
	if _, err := s.answered(ctx, t, answer); err != nil {
		return nil, err
	}
	return []Method{ByPasskey}, nil
}

// answered holds a device's answer to what it was asked, and uses the challenge up.
func (s *Service) answered(ctx context.Context, t keyTicket, answer string) (p id.Person, err error) {
	said, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return p, errPasskey()
	}
	p = t.Person
	if p.IsZero() { // of anybody: the device says of whom
		if len(said.Response.UserHandle) != len(p) {
			return p, errPasskey()
		}
		copy(p[:], said.Response.UserHandle)
	}
	h, err := s.holder(ctx, p)
	if err != nil {
		return p, err
	}
	var signed *webauthn.Credential
	if t.Person.IsZero() {
		_, signed, err = s.keys.ValidatePasskeyLogin(
			func(_, _ []byte) (webauthn.User, error) { return h, nil }, t.Data, said)
	} else {
		signed, err = s.keys.ValidateLogin(h, t.Data, said)
	}
	if err != nil {
		return p, errPasskey()
	}
	for _, r := range h.rows {
		if string(r.CredentialID) == string(signed.ID) {
			return p, s.signed(ctx, t, r, signed)
		}
	}
	return p, errPasskey()
}

// signed writes that a passkey was used. A count that does not grow is what a copied key shows: nobody is let in by it,
// and the person is told.
func (s *Service) signed(ctx context.Context, t keyTicket, r dbsqlc.Passkey, signed *webauthn.Credential) error {
	now, copied := s.clock.Now(), signed.Authenticator.CloneWarning
	err := s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := s.spend(ctx, tx, t); err != nil {
			return err
		}
		if !copied {
			n, err := q.PasskeyUse(ctx, tx, dbsqlc.PasskeyUseParams{ID: r.ID, At: &now,
				SignCount: int64(signed.Authenticator.SignCount), Flags: int16(signed.Flags.ProtocolValue())})
			if err != nil {
				return fmt.Errorf("write that the passkey was used: %w", err)
			}
			copied = n == 0
		}
		if copied {
			return queue.Insert(ctx, tx.Later(),
				queue.Job{Args: queue.PersonMail{PersonID: queue.RefTo(r.PersonID), What: mailCopied}})
		}
		return q.ChallengeForget(ctx, tx.Later(), now)
	})
	if err == nil && copied {
		return errPasskey()
	}
	return err
}

// BeginPasskey asks a device of somebody who is signed in to make a passkey. It returns passkey_limit.
func (s *Service) BeginPasskey(ctx context.Context, p id.Person) (c Ceremony, err error) {
	if err := s.ready(); err != nil {
		return c, err
	}
	h, err := s.holder(ctx, p)
	if err != nil {
		return c, err
	}
	if len(h.rows) >= PasskeysMax {
		return c, errPasskeys()
	}
	who, err := s.Get(ctx, p)
	if err != nil {
		return c, err
	}
	h.email = who.Email
	return s.askForNew(ctx, keyTicket{For: forOwn, Person: p}, h)
}

func errPasskeys() error {
	return fault.New(CodePasskeyLimit, "You have %d passkeys; remove one first.", PasskeysMax)
}

func (s *Service) askForNew(ctx context.Context, t keyTicket, h keyHolder) (c Ceremony, err error) {
	asked, data, err := s.keys.BeginRegistration(h, webauthn.WithCredentialParameters(keyKinds()),
		webauthn.WithExclusions(h.descriptors()))
	if err != nil {
		return c, fmt.Errorf("ask for a new passkey: %w", err)
	}
	t.Data = *data
	return s.ceremony(ctx, t, asked.Response)
}

// made holds the passkey that a device has made to what it was asked.
func (s *Service) made(t keyTicket, answer, name string) (n newKey, err error) {
	said, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return n, errPasskey()
	}
	c, err := s.keys.CreateCredential(keyHolder{id: t.Person}, t.Data, said)
	if err != nil {
		return n, errPasskey()
	}
	return newKey{id.New[id.Passkey](), nameOf(name), c}, nil
}

// AddPasskey makes a passkey count, and does also in the same transaction. Somebody whose first second factor it is
// gets recovery codes with it. It returns passkey_refused, passkey_limit and factor_exists.
func (s *Service) AddPasskey(
	ctx context.Context,
	p id.Person,
	ticket secret.String,
	answer, name string,
	also ...Also,
) (out Passkey, codes []string, err error) {
	t, err := s.openKeyTicket(ctx, forOwn, ticket)
	if err != nil {
		return out, nil, err
	}
	if t.Person != p {
		return out, nil, errPasskey()
	}
	n, err := s.made(t, answer, name)
	if err != nil {
		return out, nil, err
	}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return out, nil, err
	}
	now := s.clock.Now()
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if _, err := q.PersonLock(ctx, tx, p); err != nil {
			return fmt.Errorf("lock the person: %w", err)
		}
		if err := s.spend(ctx, tx, t); err != nil {
			return err
		}
		have, err := q.PasskeyCount(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("count the passkeys: %w", err)
		}
		if have >= PasskeysMax {
			return errPasskeys()
		}
		left, err := q.RecoveryCodesLeft(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("count the recovery codes: %w", err)
		}
		if err := n.insert(ctx, tx, p, now); err != nil {
			return err
		}
		if codes = nil; left == 0 {
			if codes, err = s.writeCodes(ctx, tx, k, p); err != nil {
				return err
			}
		}
		return s.changed(ctx, tx, p, mailFactors, also)
	})
	return Passkey{ID: n.id, Name: n.name, Synced: n.made.Flags.BackupEligible, CreatedAt: now}, codes, err
}

// EnrolPasskey asks a device of somebody new to make a passkey. What says what they join by: the answer is good for
// nothing else. It returns invalid_request.
func (s *Service) EnrolPasskey(ctx context.Context, what, email string) (c Ceremony, err error) {
	if err := s.ready(); err != nil {
		return c, err
	}
	email, err = tenants.NormalEmail(email)
	if err != nil {
		return c, fault.New(tenants.CodeInvalidRequest, "The e-mail address is not one.")
	}
	h := keyHolder{id: id.New[id.Person](), email: email}
	return s.askForNew(ctx, keyTicket{For: what, Person: h.id, Email: email}, h)
}

// EnrolledByPasskey is what somebody joins with whose device has made a passkey. They have no password. It returns
// passkey_refused.
func (s *Service) EnrolledByPasskey(
	ctx context.Context,
	what string,
	ticket secret.String,
	answer, name string,
	language vocabulary.Language,
) (*Joining, error) {
	t, err := s.openKeyTicket(ctx, what, ticket)
	if err != nil {
		return nil, err
	}
	n, err := s.made(t, answer, name)
	if err != nil {
		return nil, err
	}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return nil, err
	}
	return &Joining{ID: t.Person, email: t.Email, language: language, key: k, passkey: &n, ticket: t}, nil
}
