package access_test

import (
	"context"
	"strings"
	"testing"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
	"zhitong/tenants/tenantstest"
)

// TestRecoverPersonCrash: wherever the program dies while somebody is recovered, they have lost all that they signed in
// with or nothing, and every platform reads of it when they have. Run again, it is done, and its link works.
func TestRecoverPersonCrash(t *testing.T) {
	t.Parallel()
	const email, old, fresh = "lifang@example.cn", "correct horse battery staple", "quite another horse battery"
	for name, c := range map[string]struct {
		at    string
		times int // it dies when it comes there the so many-th time
		taken bool
	}{
		"noted in the first platform": {"noted", 1, false}, "noted in both": {"noted", 2, false},
		"before the commit": {"reset", 1, false}, "after it": {"taken away", 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, v, clk := dbtest.NewDB(t), tenantstest.Vault(t), clock.System{}
			left := 0
			p := people.New(d, v, clk, people.Post{Step: func(step string) {
				if step == c.at {
					if left--; left == 0 {
						panic("killed")
					}
				}
			}})
			in, svc := sessions.New(d, clk), access.New(d, v, clk)
			who, of := personIn(t, d, p, email, old)
			_, token, err := in.Start(t.Context(), who, []string{"password"}, "", "")
			if err != nil {
				t.Fatal(err)
			}
			works := func(word string) bool {
				_, _, err := p.SignIn(t.Context(), people.Attempt{Email: email, Password: secret.New(word)})
				return err == nil
			}
			left = c.times
			func() {
				defer func() { _ = recover() }()
				_, _, err := svc.RecoverPerson(t.Context(), p, in, email, "by video")
				t.Errorf("it was not killed: %v", err)
			}()
			in.Forget()
			_, err = in.Person(t.Context(), token.Reveal())
			if works(old) == c.taken || (err == nil) == c.taken {
				t.Errorf("the password works: %v, the session: %v", works(old), err)
			}
			_, path, err := svc.RecoverPerson(t.Context(), p, in, email, "by video")
			if err != nil {
				t.Fatal(err)
			}
			for _, tenant := range of {
				if n := notes(t, d, tenant); n < 1 || n > 2 {
					t.Errorf("%d entries", n)
				}
			}
			_, word, _ := strings.Cut(path.Reveal(), "/sign-in/recover/")
			if err := p.Recover(t.Context(), word, secret.New(fresh), "", "", func(q id.Person) people.Also {
				return in.EndOthers(q, id.Session{})
			}); err != nil || works(old) || !works(fresh) {
				t.Errorf("by the link: %v", err)
			}
		})
	}
}

// personIn is somebody with a password who is a member of two platforms.
func personIn(t *testing.T, d *db.DB, p *people.Service, email, word string) (who id.Person, of []id.Tenant) {
	t.Helper()
	j, err := p.Prepare(t.Context(), email, secret.New(word), secret.String{}, "", vocabulary.Chinese, true)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		tenant := dbtest.NewTenant(t, d)
		of = append(of, tenant)
		if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
			if n == 0 {
				if err := p.Create(ctx, tx, j); err != nil {
					return err
				}
			}
			m := dbtest.Member(t, tx, func(m *dbsqlc.Member) { m.Role, m.PersonID = tenants.RoleOwner, j.ID })
			return people.Join(ctx, tx, j.ID, m.ID)
		}); err != nil {
			t.Fatal(err)
		}
	}
	return j.ID, of
}

func notes(t *testing.T, d *db.DB, tenant id.Tenant) (n int) {
	t.Helper()
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM audit_log WHERE action = 'recoverPerson'").Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
