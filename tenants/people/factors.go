package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
)

// An authenticator app shows six digits of HMAC-SHA1, a new code every thirty seconds: what every app understands.
const (
	totpStep   = 30 * time.Second
	totpDigits = otp.DigitsSix
	totpSkew   = 1 // steps before and after are taken as well
	totpSecret = 20
)

func totpPlace(p id.Person) secret.Place {
	return secret.Place{Table: "person_totps", Row: p.UUID().String(), Column: "sealed_secret"}
}

func errCodeWrong() error { return fault.New(CodeCodeWrong, "The code is wrong, or was used before.") }

// NewTOTPSecret draws the secret of an authenticator app, in base32.
func NewTOTPSecret() secret.String {
	raw := make([]byte, totpSecret)
	_, _ = rand.Read(raw) // never fails: the program is ended instead
	return secret.New(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}

// TOTPAddress is what an authenticator app reads from the picture.
func TOTPAddress(s secret.String, email string) secret.String {
	q := url.Values{"secret": {s.Reveal()}, "issuer": {"Zhitong"}}
	return secret.New("otpauth://totp/" + url.PathEscape("Zhitong:"+email) + "?" + q.Encode())
}

// stepOf finds the step whose code was given, near to now.
func stepOf(totp, code string, now time.Time) (step int64, ok bool) {
	at := now.Unix() / int64(totpStep/time.Second)
	for _, d := range []int64{0, -totpSkew, totpSkew} {
		want, err := CodeAt(totp, time.Unix((at+d)*int64(totpStep/time.Second), 0))
		if err != nil {
			return 0, false
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = at+d, true // all are compared, whichever it is
		}
	}
	return step, ok
}

// CodeAt is what an authenticator app with the secret shows at a time.
func CodeAt(totp string, at time.Time) (string, error) {
	return hotp.GenerateCodeCustom(totp, uint64(at.Unix()/int64(totpStep/time.Second)),
		hotp.ValidateOpts{Digits: totpDigits, Algorithm: otp.AlgorithmSHA1})
}

// BeginTOTP draws a secret for an authenticator app, which counts once ConfirmTOTP has seen a code of it. It returns
// factor_exists.
func (s *Service) BeginTOTP(ctx context.Context, p id.Person) (secret.String, error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return secret.String{}, err
	}
	made := NewTOTPSecret()
	sealed, err := k.Seal([]byte(made.Reveal()), totpPlace(p))
	if err != nil {
		return secret.String{}, err
	}
	return made, s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		n, err := q.TOTPPut(ctx, tx, p, sealed, s.clock.Now())
		if err == nil && n == 0 {
			return fault.New(CodeFactorExists, "An authenticator app is set up already.")
		}
		return err
	})
}

// ConfirmTOTP makes an authenticator app count, and does also in the same transaction. It returns factor_not_found,
// factor_exists or code_wrong.
func (s *Service) ConfirmTOTP(ctx context.Context, p id.Person, code string, also ...Also) error {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return err
	}
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		r, err := q.TOTPGet(ctx, tx, p)
		if db.IsNoRows(err) {
			return fault.New(CodeFactorNotFound, "Begin to set up the authenticator app first.")
		}
		if err != nil {
			return fmt.Errorf("read the authenticator app: %w", err)
		}
		if r.ConfirmedAt != nil {
			return fault.New(CodeFactorExists, "An authenticator app is set up already.")
		}
		plain, err := k.Open(r.SealedSecret, totpPlace(p))
		if err != nil {
			return err
		}
		now := s.clock.Now()
		step, ok := stepOf(string(plain), code, now)
		if !ok {
			return errCodeWrong()
		}
		n, err := q.TOTPUse(ctx, tx, step, &now, p)
		if err == nil && n == 0 {
			return errCodeWrong()
		}
		if err != nil {
			return fmt.Errorf("confirm the authenticator app: %w", err)
		}
		return s.changed(ctx, tx, p, mailFactors, also)
	})
}

// DeleteTOTP takes the authenticator app away, confirmed or not, and does also in the same transaction. It returns
// factor_not_found.
func (s *Service) DeleteTOTP(ctx context.Context, p id.Person, also ...Also) error {
	return s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		n, err := q.TOTPDelete(ctx, tx, p)
		if err == nil && n == 0 {
			return fault.New(CodeFactorNotFound, "There is no authenticator app.")
		}
		if err != nil {
			return fmt.Errorf("delete the authenticator app: %w", err)
		}
		return s.changed(ctx, tx, p, mailFactors, also)
	})
}

// Recovery codes stand for the second factor when it is lost. Each works once, and all are made anew together.
const (
	recoveryCodes = 10
	recoveryBytes = 10 // 80 random bits: 16 characters
)

var recoveryAlphabet = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// NewRecoveryCodes makes ten codes, and does also in the same transaction; those of before work no more.
func (s *Service) NewRecoveryCodes(ctx context.Context, p id.Person, also ...Also) (codes []string, err error) {
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return nil, err
	}
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		if _, err := q.PersonLock(ctx, tx, p); err != nil {
			return fmt.Errorf("lock the person: %w", err)
		}
		if codes, err = s.writeCodes(ctx, tx, k, p); err != nil {
			return err
		}
		return s.changed(ctx, tx, p, mailFactors, also)
	})
	return codes, err
}

// writeCodes draws ten codes in the place of those of before. The person is locked.
func (s *Service) writeCodes(
	ctx context.Context,
	tx db.SharedTx,
	k *secret.InstallationKey,
	p id.Person,
) (codes []string, err error) {
	if err := q.RecoveryCodesDelete(ctx, tx.Later(), p); err != nil {
		return nil, err
	}
	for range recoveryCodes {
		raw := make([]byte, recoveryBytes)
		_, _ = rand.Read(raw) // never fails: the program is ended instead
		t := recoveryAlphabet.EncodeToString(raw)
		c := t[:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:]
		if err := q.RecoveryCodeInsert(ctx, tx.Later(), p, recoveryDigest(k, p, c), s.clock.Now()); err != nil {
			return nil, err
		}
		codes = append(codes, c)
	}
	return codes, nil
}

func recoveryDigest(k *secret.InstallationKey, p id.Person, code string) []byte {
	plain := strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code))
	sum := k.MAC("recovery_codes.digest", append(p[:], plain...))
	return sum[:]
}

// Factors are what a person can show who they are with.
type Factors struct {
	Password      bool
	TOTP          bool
	TOTPSince     time.Time
	RecoveryCodes int // that are left
	Passkeys      []Passkey
}

// Second tells whether there is more than a password: an app, or a passkey.
func (f Factors) Second() bool { return f.TOTP || len(f.Passkeys) > 0 }

// ListFactors tells a person's factors.
func (s *Service) ListFactors(ctx context.Context, p id.Person) (f Factors, err error) {
	err = s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		r, err := q.PersonGet(ctx, tx, p)
		if err != nil {
			return fmt.Errorf("read the person: %w", err)
		}
		f.Password = r.PasswordHash != nil
		t, err := q.TOTPGet(ctx, tx, p)
		if err == nil && t.ConfirmedAt != nil {
			f.TOTP, f.TOTPSince = true, *t.ConfirmedAt
		}
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the authenticator app: %w", err)
		}
		n, err := q.RecoveryCodesLeft(ctx, tx, p)
		f.RecoveryCodes = int(n)
		if err != nil {
			return fmt.Errorf("count the recovery codes: %w", err)
		}
		keys, err := q.PasskeyList(ctx, tx, p, PasskeysMax)
		for _, k := range keys {
			f.Passkeys = append(f.Passkeys, passkeyOf(k))
		}
		return err
	})
	return f, err
}
