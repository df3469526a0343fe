package people

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
)

// Method is by what somebody has shown who they are.
type Method = string

// The methods.
const (
	ByPassword     Method = "password"
	ByTOTP         Method = "totp"
	ByRecoveryCode Method = "recovery_code"
	ByPasskey      Method = "passkey" // a device and who holds it: both factors
	ByLink         Method = "link"    // printed by the operator of the installation
)

// Second tells whether the methods are more than a password.
func Second(methods []Method) bool {
	for _, m := range methods {
		if m != ByPassword {
			return true
		}
	}
	return false
}

// Attempt is what somebody signs in with. Code is what their authenticator app shows, or a recovery code: whoever has a
// second factor, an app or a passkey, is not known by the password alone.
type Attempt struct {
	Email    string
	Password secret.String
	Code     string
	Address  string // of the network
}

// SignIn tells who somebody is. Whatever is wrong, and whether or not there is such a person, the answer is
// sign_in_failed and a password hash was computed; sign_in_limited comes after too many of them.
func (s *Service) SignIn(ctx context.Context, a Attempt) (p Person, methods []Method, err error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return Person{}, nil, err
	}
	email, err := tenants.NormalEmail(a.Email)
	if err != nil {
		email = "" // nobody's: the answer is the same
	}
	if err := s.claimBoth(ctx, k, ofAccount, email, a.Address); err != nil {
		return Person{}, nil, err
	}
	r, methods, err := s.recognise(ctx, k, a, func(ctx context.Context, tx db.SharedTx) (dbsqlc.Person, error) {
		return q.PersonByEmail(ctx, tx, digest(k, email))
	})
	if err != nil {
		return Person{}, nil, err
	}
	if err := s.right(ctx, k, email, a.Address); err != nil {
		return Person{}, nil, err
	}
	p, err = s.person(k, r)
	return p, methods, err
}

// Again is SignIn of somebody who is signed in, for what needs a fresh proof: the password and, where an app is set up,
// its code or a recovery code.
func (s *Service) Again(ctx context.Context, p id.Person, a Attempt) (methods []Method, err error) {
	defer s.counted(countProof, ByPassword, &methods, &err)
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return nil, err
	}
	if err := s.claimBoth(ctx, k, ofAccount, p.String(), a.Address); err != nil {
		return nil, err
	}
	_, methods, err = s.recognise(ctx, k, a, func(ctx context.Context, tx db.SharedTx) (dbsqlc.Person, error) {
		return q.PersonGet(ctx, tx, p)
	})
	if err == nil {
		err = s.right(ctx, k, p.String(), a.Address)
	}
	return methods, err
}

func errFailed() error {
	return fault.New(CodeSignInFailed, "Address, password and code do not go together.")
}

// recognise finds a person and holds the attempt to what they have set up. The statements and the hash are the same for
// somebody who is not there.
func (s *Service) recognise(
	ctx context.Context,
	k *secret.InstallationKey,
	a Attempt,
	find func(ctx context.Context, tx db.SharedTx) (dbsqlc.Person, error),
) (r dbsqlc.Person, methods []Method, err error) {
	r, app, err := s.look(ctx, find)
	if err != nil {
		return r, nil, err
	}
	known, err := s.hasher.is(ctx, a.Password, r.PasswordHash)
	if err != nil {
		return r, nil, err
	}
	if !known || r.ID.IsZero() {
		return r, nil, errFailed()
	}
	if !app.second() {
		return r, []Method{ByPassword}, nil
	}
	second, err := s.second(ctx, k, r.ID, app, a.Code)
	if err != nil {
		return r, nil, err
	}
	return r, []Method{ByPassword, second}, nil
}

// second uses a code up: of the app, or a recovery code. It returns sign_in_failed for one that is wrong or was used.
func (s *Service) second(
	ctx context.Context,
	k *secret.InstallationKey,
	p id.Person,
	app secondOf,
	code string,
) (m Method, err error) {
	now := s.clock.Now()
	var step int64
	var ok bool
	if app.ConfirmedAt != nil { // else it is nobody
		plain, err := k.Open(app.SealedSecret, totpPlace(p))
		if err != nil {
			return "", err
		}
		step, ok = stepOf(string(plain), code, now)
	}
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) (err error) {
		var used int64
		if m = ByTOTP; ok {
			used, err = q.TOTPUse(ctx, tx, step, &now, p)
		} else {
			m = ByRecoveryCode
			used, err = q.RecoveryCodeUse(ctx, tx, &now, p, recoveryDigest(k, p, code))
		}
		if err != nil {
			return fmt.Errorf("use the code: %w", err)
		}
		if used == 0 {
			return errFailed()
		}
		return nil
	})
	return m, err
}

// ChangePassword gives a person another password, and does also in the same transaction. It returns password_refused.
func (s *Service) ChangePassword(ctx context.Context, p id.Person, password secret.String, also ...Also) error {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return err
	}
	person, err := s.Get(ctx, p)
	if err != nil {
		return err
	}
	f, err := s.ListFactors(ctx, p)
	if err != nil {
		return err
	}
	if err := checkPassword(password, !f.Second(), person.Email); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if err := q.PersonSetPassword(ctx, tx, hash, p); err != nil {
			return fmt.Errorf("set the password: %w", err)
		}
		if err := s.anew(ctx, tx, k, person); err != nil {
			return err
		}
		s.post.step("password set")
		return s.changed(ctx, tx, p, mailPassword, also)
	})
}
