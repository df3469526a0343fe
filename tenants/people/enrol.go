package people

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// EnrolFor is how long somebody new may take between the password and the first code of their app.
const EnrolFor = 30 * time.Minute

// ErrEnrolOver is the error of a code that comes too late after the password.
var ErrEnrolOver = errors.New("begin again with the password")

// enrolment is what the browser keeps, sealed, while somebody new sets up their app.
type enrolment struct {
	For   string    `json:"for"` // what it is for; of no use to anything else
	Email string    `json:"email"`
	Hash  []byte    `json:"hash"`
	TOTP  string    `json:"totp"`
	Until time.Time `json:"until"`
}

func enrolPlace() secret.Place {
	return secret.Place{Table: "sign_in", Row: "enrolment", Column: "sealed"}
}

// Enrol takes the password of somebody new and draws the secret of their app. For says what they join by: the answer is
// good for nothing else. It returns invalid_request and password_refused.
func (s *Service) Enrol(
	ctx context.Context,
	what, email string,
	password secret.String,
	names ...string,
) (sealed secret.String, err error) {
	email, err = tenants.NormalEmail(email)
	if err != nil {
		return sealed, fault.New(tenants.CodeInvalidRequest, "The e-mail address is not one.")
	}
	if err := checkPassword(password, false, append(names, email)...); err != nil {
		return sealed, err
	}
	k, err := s.vault.Installation(ctx, s.db)
	if err != nil {
		return sealed, err
	}
	e := enrolment{For: what, Email: email, TOTP: NewTOTPSecret().Reveal(), Until: s.clock.Now().Add(EnrolFor)}
	if e.Hash, err = s.hasher.hash(ctx, password); err != nil {
		return sealed, err
	}
	plain, err := json.Marshal(e)
	if err != nil {
		return sealed, fmt.Errorf("write the enrolment: %w", err)
	}
	raw, err := k.Seal(plain, enrolPlace())
	return secret.New(base64.RawURLEncoding.EncodeToString(raw)), err
}

func (s *Service) enrolment(
	ctx context.Context,
	what string,
	sealed secret.String,
) (k *secret.InstallationKey, e enrolment, err error) {
	if k, err = s.vault.Installation(ctx, s.db); err != nil {
		return nil, e, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed.Reveal())
	if err != nil {
		return nil, e, ErrEnrolOver
	}
	plain, err := k.Open(raw, enrolPlace())
	if err != nil || json.Unmarshal(plain, &e) != nil || e.For != what || !s.clock.Now().Before(e.Until) {
		return nil, e, ErrEnrolOver
	}
	return k, e, nil
}

// EnrolSecret is the secret that an enrolment's app is set up with, and what the app reads from the picture. It returns
// ErrEnrolOver.
func (s *Service) EnrolSecret(
	ctx context.Context, what string, sealed secret.String,
) (app, at secret.String, err error) {
	_, e, err := s.enrolment(ctx, what, sealed)
	if err != nil {
		return app, at, err
	}
	return secret.New(e.TOTP), TOTPAddress(secret.New(e.TOTP), e.Email), nil
}

// Enrolled is what somebody joins with who has an enrolment and its app's current code. It returns ErrEnrolOver and
// code_wrong.
func (s *Service) Enrolled(
	ctx context.Context,
	what string,
	sealed secret.String,
	code string,
	language vocabulary.Language,
) (*Joining, error) {
	k, e, err := s.enrolment(ctx, what, sealed)
	if err != nil {
		return nil, err
	}
	step, ok := stepOf(e.TOTP, code, s.clock.Now())
	if !ok {
		return nil, errCodeWrong()
	}
	j := &Joining{ID: id.New[id.Person](), email: e.Email, hash: e.Hash, step: step, language: language, key: k}
	j.totp, err = k.Seal([]byte(e.TOTP), totpPlace(j.ID))
	return j, err
}
