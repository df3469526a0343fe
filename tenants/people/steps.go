package people

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
)

// TicketFor is how long a code may follow the password.
const TicketFor = 5 * time.Minute

// ticket is what the browser keeps between password and code. It is sealed: whoever holds it cannot tell whether the
// password was right, nor whether there is such a person.
type ticket struct {
	Email  string    `json:"email"`
	Person id.Person `json:"person"` // zero: the password was wrong, or nobody has the address
	Of     []byte    `json:"of"`     // which password it was
	Until  time.Time `json:"until"`
}

func ticketPlace() secret.Place {
	return secret.Place{Table: "sign_in", Row: "ticket", Column: "sealed"}
}

// passwordMark tells one password from the next without telling anything of either.
func passwordMark(hash []byte) []byte {
	sum := sha256.Sum256(hash)
	return sum[:8]
}

// Begin takes address and password. Somebody without a second factor is known then, and the ticket is empty.
// Everybody else, whoever they are and whatever they typed, gets a ticket: the answer comes with the code. It returns
// sign_in_limited.
func (s *Service) Begin(ctx context.Context, a Attempt) (p Person, methods []Method, t secret.String, err error) {
	defer func() {
		if t.IsZero() { // else the code is to come
			s.counted(countSignIn, ByPassword, &methods, &err)
		}
	}()
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return p, nil, t, err
	}
	email, err := tenants.NormalEmail(a.Email)
	if err != nil {
		email = "" // nobody's: the answer is the same
	}
	if err := s.claimBoth(ctx, k, ofAccount, email, a.Address); err != nil {
		return p, nil, t, err
	}
	r, app, err := s.look(ctx, func(ctx context.Context, tx db.SharedTx) (dbsqlc.Person, error) {
		return q.PersonByEmail(ctx, tx, digest(k, email))
	})
	if err != nil {
		return p, nil, t, err
	}
	known, err := s.hasher.is(ctx, a.Password, r.PasswordHash)
	if err != nil {
		return p, nil, t, err
	}
	known = known && !r.ID.IsZero()
	if known && !app.second() {
		if err := s.right(ctx, k, email, a.Address); err != nil {
			return p, nil, t, err
		}
		p, err = s.person(k, r)
		return p, []Method{ByPassword}, t, err
	}
	made := ticket{Email: email, Of: passwordMark(r.PasswordHash), Until: s.clock.Now().Add(TicketFor)}
	if known {
		made.Person = r.ID
	}
	t, err = sealTicket(k, made)
	return p, nil, t, err
}

// secondOf is what somebody has beside the password.
type secondOf struct {
	dbsqlc.PersonTotp       // zero: no app
	passkeys          int64 // how many
}

func (s secondOf) second() bool { return s.ConfirmedAt != nil || s.passkeys > 0 }

// look reads a person with what they have beside the password; all is zero for somebody who is not there.
func (s *Service) look(
	ctx context.Context,
	find func(ctx context.Context, tx db.SharedTx) (dbsqlc.Person, error),
) (r dbsqlc.Person, app secondOf, err error) {
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) (err error) {
		if r, err = find(ctx, tx); err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the person: %w", err)
		}
		if app.PersonTotp, err = q.TOTPGet(ctx, tx, r.ID); err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the authenticator app: %w", err)
		}
		if app.passkeys, err = q.PasskeyCount(ctx, tx, r.ID); err != nil {
			return fmt.Errorf("count the passkeys: %w", err)
		}
		return nil
	})
	return r, app, err
}

func sealTicket(k *secret.InstallationKey, t ticket) (secret.String, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return secret.String{}, fmt.Errorf("write the ticket: %w", err)
	}
	sealed, err := k.Seal(plain, ticketPlace())
	if err != nil {
		return secret.String{}, err
	}
	return secret.New(base64.RawURLEncoding.EncodeToString(sealed)), nil
}

// openTicket is nothing for a ticket that is over or not ours.
func (s *Service) openTicket(k *secret.InstallationKey, text secret.String) (t ticket, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(text.Reveal())
	if err != nil {
		return t, false
	}
	plain, err := k.Open(sealed, ticketPlace())
	if err != nil || json.Unmarshal(plain, &t) != nil {
		return t, false
	}
	return t, s.clock.Now().Before(t.Until)
}

// TicketGood tells whether a code can still follow a ticket.
func (s *Service) TicketGood(ctx context.Context, text secret.String) (bool, error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return false, err
	}
	_, ok := s.openTicket(k, text)
	return ok, nil
}

// Finish takes the code that follows a ticket, of the app or a recovery code. It returns sign_in_failed whatever is
// wrong, sign_in_limited, and ErrTicketOver when the password has to be typed again.
func (s *Service) Finish(
	ctx context.Context,
	text secret.String,
	code, address string,
) (p Person, methods []Method, err error) {
	defer s.counted(countSignIn, ByTOTP, &methods, &err)
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return p, nil, err
	}
	t, ok := s.openTicket(k, text)
	if !ok {
		return p, nil, ErrTicketOver
	}
	if err := s.claimBoth(ctx, k, ofAccount, t.Email, address); err != nil {
		return p, nil, err
	}
	r, app, err := s.look(ctx, func(ctx context.Context, tx db.SharedTx) (dbsqlc.Person, error) {
		return q.PersonGet(ctx, tx, t.Person)
	})
	if err != nil {
		return p, nil, err
	}
	if string(passwordMark(r.PasswordHash)) != string(t.Of) || !app.second() {
		r.ID, app = id.Person{}, secondOf{} // nobody, who gets the same answer after the same work
	}
	second, err := s.second(ctx, k, r.ID, app, code)
	if err != nil {
		return p, nil, err
	}
	if err := s.right(ctx, k, t.Email, address); err != nil {
		return p, nil, err
	}
	p, err = s.person(k, r)
	return p, []Method{ByPassword, second}, err
}
