package people_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/people"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

const (
	email    = "lifang@example.cn"
	password = "correct horse battery"
)

// someone is a person with a password and an authenticator app.
type someone struct {
	*people.Service
	db     *db.DB
	vault  *vault.Vault
	clock  *clock.Movable
	id     people.Person
	secret secret.String
}

func newPerson(t *testing.T) *someone {
	t.Helper()
	s := &someone{db: dbtest.NewDB(t), vault: tenantstest.Vault(t), clock: new(clock.Movable)}
	s.Service = people.New(s.db, s.vault, s.clock)
	s.secret = people.NewTOTPSecret()
	j, err := s.Prepare(t.Context(), email, secret.New(password), s.secret, s.code(t), vocabulary.Chinese, false, "甲")
	if err != nil {
		t.Fatal(err)
	}
	tenant := dbtest.NewTenant(t, s.db)
	if err := s.db.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		return s.Create(ctx, tx, j)
	}); err != nil {
		t.Fatal(err)
	}
	if s.id, err = s.Get(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	return s
}

// code is what the app shows.
func (s *someone) code(t *testing.T) string {
	t.Helper()
	c, err := people.CodeAt(s.secret.Reveal(), s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// next waits for the next code of the app.
func (s *someone) next(t *testing.T) string {
	t.Helper()
	s.clock.Advance(30 * time.Second)
	return s.code(t)
}

func (s *someone) try(t *testing.T, email, password, code string) error {
	t.Helper()
	_, _, err := s.SignIn(t.Context(), people.Attempt{Email: email, Password: secret.New(password), Code: code,
		Address: "203.0.113.9"})
	return err
}

// TestSignIn: address, password and code together, and nothing less.
func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newPerson(t)
	if s.id.Email != email || s.id.Language != vocabulary.Chinese {
		t.Fatalf("%+v", s.id)
	}
	for name, c := range map[string][3]string{
		"wrong password": {email, "another horse battery", s.next(t)},
		"wrong code":     {email, password, "000000"},
		"no code":        {email, password, ""},
		"nobody":         {"nobody@example.cn", password, s.code(t)},
		"no address":     {"x", password, s.code(t)},
	} {
		before := s.Hashed()
		if err := s.try(t, c[0], c[1], c[2]); fault.CodeOf(err) != people.CodeSignInFailed {
			t.Errorf("%s: %v", name, err)
		}
		if n := s.Hashed() - before; n != 1 {
			t.Errorf("%s: %d password hashes were computed", name, n)
		}
	}
	p, methods, err := s.SignIn(t.Context(), people.Attempt{Email: strings.ToUpper(email),
		Password: secret.New(password), Code: s.next(t)})
	if err != nil || p != s.id || !people.Second(methods) {
		t.Errorf("%+v %v %v", p, methods, err)
	}
}

// TestAttackCodesAreUsedOnce: neither a code of the app nor a recovery code works twice, nor an older code after a
// newer.
func TestAttackCodesAreUsedOnce(t *testing.T) {
	t.Parallel()
	s := newPerson(t)
	older := s.next(t)
	code := s.next(t)
	if err := s.try(t, email, password, code); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]string{"the same": code, "an older": older} {
		if err := s.try(t, email, password, c); fault.CodeOf(err) != people.CodeSignInFailed {
			t.Errorf("%s: %v", name, err)
		}
	}
	codes, err := s.NewRecoveryCodes(t.Context(), s.id.ID)
	if err != nil || len(codes) != 10 {
		t.Fatal(codes, err)
	}
	if err := s.try(t, email, password, strings.ToUpper(codes[0])); err != nil {
		t.Errorf("a recovery code: %v", err)
	}
	if err := s.try(t, email, password, codes[0]); fault.CodeOf(err) != people.CodeSignInFailed {
		t.Errorf("a recovery code again: %v", err)
	}
	f, err := s.ListFactors(t.Context(), s.id.ID)
	if err != nil || f.RecoveryCodes != 9 || !f.TOTP || !f.Password {
		t.Errorf("%+v %v", f, err)
	}
	if _, err := s.NewRecoveryCodes(t.Context(), s.id.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.try(t, email, password, codes[1]); fault.CodeOf(err) != people.CodeSignInFailed {
		t.Errorf("a recovery code of before: %v", err)
	}
}

// TestAttackBruteForce: after five wrong attempts further ones have to wait, whether or not there is such an account;
// many at once are no more than many in a row; the right one begins anew.
func TestAttackBruteForce(t *testing.T) {
	t.Parallel()
	s := newPerson(t)
	s.clock.Freeze(s.clock.Now())
	for _, address := range []string{email, "nobody@example.cn"} {
		var wg sync.WaitGroup
		var mu sync.Mutex
		answers := map[fault.Code]int{}
		for range 12 {
			wg.Go(func() {
				err := s.try(t, address, "another horse battery", "000000")
				mu.Lock()
				defer mu.Unlock()
				answers[fault.CodeOf(err)]++
			})
		}
		wg.Wait()
		if answers[people.CodeSignInFailed] != 6 || answers[people.CodeSignInLimited] != 6 {
			t.Errorf("%s: %v", address, answers)
		}
	}
	if err := s.try(t, email, password, s.code(t)); fault.CodeOf(err) != people.CodeSignInLimited {
		t.Errorf("the right one at once: %v", err)
	}
	if err := s.try(t, email, password, s.next(t)); err != nil {
		t.Errorf("the right one later: %v", err)
	}
	if err := s.try(t, email, "another horse battery", ""); fault.CodeOf(err) != people.CodeSignInFailed {
		t.Errorf("it did not begin anew: %v", err)
	}
}

// TestPasswords: long enough, not easily guessed, without what everybody knows. No composition is asked for.
func TestPasswords(t *testing.T) {
	t.Parallel()
	s := newPerson(t)
	for p, ok := range map[string]bool{
		"vqzkjwpxtn":        true,
		"vqzkjwpxt":         false, // nine
		"1234567890":        false,
		"password1234":      false,
		"lifang-vqzkjw":     false, // the address
		"my zhitong vqzkjw": false, // the product
		"直通车票九月初九山西":        false,
		"春眠不觉晓闻啼鸟夜来风雨声花落知多少":           true,
		strings.Repeat("vqzkj wx", 16): true,
		strings.Repeat("v", 129):       false,
	} {
		err := s.ChangePassword(t.Context(), s.id.ID, secret.New(p))
		if ok != (err == nil) || !ok && fault.CodeOf(err) != people.CodePasswordRefused {
			t.Errorf("%q: %v", p, err)
		}
	}
	if _, err := s.Prepare(t.Context(), "x@example.cn", secret.New("vqzkjwpxtn"), secret.String{}, "",
		vocabulary.Chinese, true); fault.CodeOf(err) != people.CodePasswordRefused {
		t.Errorf("alone: %v", err)
	}
}

// TestFactors: an app counts once a code of it was confirmed, and none takes the place of one that counts.
func TestFactors(t *testing.T) {
	t.Parallel()
	s := newPerson(t)
	if _, err := s.BeginTOTP(t.Context(), s.id.ID); fault.CodeOf(err) != people.CodeFactorExists {
		t.Errorf("a second app: %v", err)
	}
	if err := s.DeleteTOTP(t.Context(), s.id.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteTOTP(t.Context(), s.id.ID); fault.CodeOf(err) != people.CodeFactorNotFound {
		t.Errorf("again: %v", err)
	}
	if err := s.ConfirmTOTP(t.Context(), s.id.ID, "000000"); fault.CodeOf(err) != people.CodeFactorNotFound {
		t.Errorf("nothing to confirm: %v", err)
	}
	var err error
	if s.secret, err = s.BeginTOTP(t.Context(), s.id.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.try(t, email, password, ""); err != nil {
		t.Errorf("an app that is not confirmed counts: %v", err)
	}
	if err := s.ConfirmTOTP(t.Context(), s.id.ID, "x"); fault.CodeOf(err) != people.CodeCodeWrong {
		t.Errorf("a wrong code: %v", err)
	}
	if err := s.ConfirmTOTP(t.Context(), s.id.ID, s.code(t)); err != nil {
		t.Fatal(err)
	}
	if err := s.try(t, email, password, s.code(t)); fault.CodeOf(err) != people.CodeSignInFailed {
		t.Errorf("the code that confirmed it signs in: %v", err)
	}
	if _, err := s.Again(t.Context(), s.id.ID, people.Attempt{Password: secret.New(password),
		Code: s.next(t)}); err != nil {
		t.Errorf("again: %v", err)
	}
}

// TestSealedAtRest: neither an address nor a secret is in the tables as it is.
func TestSealedAtRest(t *testing.T) {
	t.Parallel()
	s := newPerson(t)
	if err := s.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		var all string
		if err := tx.QueryRow(ctx, `
			SELECT (SELECT string_agg(p::text || encode(sealed_email, 'escape'), ' ') FROM people p)
			|| (SELECT string_agg(x::text || encode(sealed_secret, 'escape'), ' ') FROM person_totps x)`).
			Scan(&all); err != nil {
			return err
		}
		for _, text := range []string{"lifang", s.secret.Reveal(), password} {
			if strings.Contains(all, text) {
				t.Errorf("%q stands in the tables", text)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestPlatformsAreTold: every change of what somebody signs in with is told to the platforms that they are a member of,
// by the transaction of the change: a change that is not committed tells nothing. Identifiers are all that a job has.
func TestPlatformsAreTold(t *testing.T) {
	t.Parallel()
	s := newPerson(t)
	one, two := dbtest.NewTenant(t, s.db), dbtest.NewTenant(t, s.db)
	for _, tenant := range []id.Tenant{one, two} {
		if err := s.db.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			return people.Join(ctx, tx, s.id.ID, id.New[id.Member]())
		}); err != nil {
			t.Fatal(err)
		}
	}
	broken := errors.New("broken off")
	fail := func(context.Context, db.SharedTx) error { return broken }
	if _, err := s.NewRecoveryCodes(t.Context(), s.id.ID, fail); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if err := s.ChangePassword(t.Context(), s.id.ID, secret.New("another horse battery")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.NewRecoveryCodes(t.Context(), s.id.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteTOTP(t.Context(), s.id.ID); err != nil {
		t.Fatal(err)
	}
	var have []string
	if err := s.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		rows, err := tx.Query(ctx, `SELECT args ->> 'tenant_id' || ' ' || (args ->> 'what') FROM river.river_job
			WHERE kind = 'member_told' ORDER BY id`)
		if err != nil {
			return err
		}
		have, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, what := range []string{"password", "factors", "factors"} {
		want = append(want, one.UUID().String()+" "+what, two.UUID().String()+" "+what)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("told %v, want %v", have, want)
	}
}
