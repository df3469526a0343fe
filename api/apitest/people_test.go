package apitest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/api/authz"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/people"
	"zhitong/tenants/sessions"
)

const (
	lifang   = "lifang@example.cn"
	password = "vqzkjwpxtn"
)

// signed is a person who is signed in, in a browser.
type signed struct {
	w       *apitest.World
	person  people.Person
	app     secret.String
	session sessions.Session
	token   string
	tenant  string
}

// join invites somebody to a platform, who accepts.
func join(t *testing.T, w *apitest.World, p *apitest.Tenant, role tenants.Role) *signed {
	t.Helper()
	return joinAs(t, w, p, role, lifang)
}

func joinAs(t *testing.T, w *apitest.World, p *apitest.Tenant, role tenants.Role, email string) *signed {
	t.Helper()
	var made struct{ URL string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/invitations", object{"email": email, "role": string(role)}, &made)
	s := &signed{w: w, app: people.NewTOTPSecret(), tenant: p.ID.String()}
	j, err := w.Deps.People.Prepare(t.Context(), email, secret.New(password), s.app, s.code(t), vocabulary.Chinese,
		false)
	if err != nil {
		t.Fatal(err)
	}
	_, word, _ := strings.Cut(made.URL, "/sign-in/invitation/")
	if _, err := w.Deps.Access.AcceptInvitation(t.Context(), w.Deps.People, word, access.Joiner{New: j}); err != nil {
		t.Fatal(err)
	}
	if s.person, err = w.Deps.People.Get(t.Context(), j.ID); err != nil {
		t.Fatal(err)
	}
	s.start(t, people.ByPassword, people.ByTOTP)
	return s
}

func (s *signed) start(t *testing.T, methods ...string) {
	t.Helper()
	session, token, err := s.w.Deps.Sessions.Start(t.Context(), s.person.ID, methods, "203.0.113.9", "Firefox")
	if err != nil {
		t.Fatal(err)
	}
	s.session, s.token = session, token.Reveal()
}

// code is the next one that the app shows.
func (s *signed) code(t *testing.T) string {
	t.Helper()
	s.w.Clock.Advance(30 * time.Second)
	c, err := people.CodeAt(s.app.Reveal(), s.w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// do asks as a page of the server does.
func (s *signed) do(t *testing.T, method, path string, body any, header ...string) apitest.Answer {
	t.Helper()
	all := []string{"Cookie", "zt_session=" + s.token, "Origin", s.w.URL, "Sec-Fetch-Site", "same-origin"}
	if s.tenant != "" {
		all = append(all, "Zhitong-Tenant", s.tenant)
	}
	return s.w.Do(t, "", method, path, body, append(all, header...)...)
}

// elevate shows again who it is, and keeps the new cookie.
func (s *signed) elevate(t *testing.T) {
	t.Helper()
	a := s.do(t, http.MethodPost, "/v1/session/elevation", object{"password": password, "code": s.code(t)})
	if a.Status != http.StatusOK {
		t.Fatalf("elevate: %d %s", a.Status, a.Body)
	}
	c, err := http.ParseSetCookie(a.Header.Get("Set-Cookie"))
	if err != nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Value == s.token {
		t.Fatalf("the cookie is %v, %v", c, err)
	}
	s.token = c.Value
}

func (s *signed) want(t *testing.T, what string, a apitest.Answer, status int, code string) {
	t.Helper()
	if a.Status != status || a.Code() != code {
		t.Errorf("%s: %d %s, want %d %s", what, a.Status, a.Body, status, code)
	}
}

// TestSession: a person does what their role may do, the audit log names them as the member, and they sign out.
func TestSession(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	s := join(t, w, p, tenants.RoleAdmin)
	policy, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	type session struct {
		Person      struct{ Email, Language string }
		Membership  *struct{ Role, Name string }
		Memberships []struct {
			TenantID string `json:"tenant_id"`
			MemberID string `json:"member_id"`
		}
		Operations []string
	}
	var with, without session
	s.do(t, http.MethodGet, "/v1/session", nil).Into(t, &with)
	if with.Person.Email != lifang || with.Membership == nil || with.Membership.Role != "admin" ||
		with.Membership.Name != "甲" || !slices.Equal(with.Operations, policy.Of(tenants.RoleAdmin)) {
		t.Errorf("%+v", with)
	}
	s.tenant = ""
	s.do(t, http.MethodGet, "/v1/session", nil).Into(t, &without)
	if without.Membership != nil || without.Operations != nil || len(without.Memberships) != 1 ||
		without.Memberships[0].TenantID != p.ID.String() {
		t.Errorf("%+v", without)
	}
	s.want(t, "no platform", s.do(t, http.MethodGet, "/v1/orders", nil), http.StatusNotFound, "tenant_not_found")
	s.tenant = p.ID.String()
	s.want(t, "orders", s.do(t, http.MethodGet, "/v1/orders", nil), http.StatusOK, "")
	made := s.do(t, http.MethodPost, "/v1/merchants", object{"kind": "supplier", "name": "x"})
	s.want(t, "a merchant", made, http.StatusCreated, "")
	var log struct {
		Data []struct {
			ActorKind string `json:"actor_kind"`
			ActorID   string `json:"actor_id"`
		}
	}
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/audit_log?action=createMerchant&limit=1", nil, &log)
	if len(log.Data) != 1 || log.Data[0].ActorKind != "member" ||
		log.Data[0].ActorID != without.Memberships[0].MemberID {
		t.Errorf("the audit log names %+v", log)
	}
	out := s.do(t, http.MethodDelete, "/v1/session", nil)
	s.want(t, "sign out", out, http.StatusNoContent, "")
	if c, err := http.ParseSetCookie(out.Header.Get("Set-Cookie")); err != nil || c.MaxAge >= 0 || c.Value != "" {
		t.Errorf("the cookie stays: %v %v", c, err)
	}
	s.want(t, "signed out", s.do(t, http.MethodGet, "/v1/session", nil), http.StatusUnauthorized, "session_ended")
}

// TestAttackCrossSite: with a session only pages of this server are answered, whatever another site makes a browser
// send.
func TestAttackCrossSite(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := join(t, w, w.NewTenant(t, "甲"), tenants.RoleAdmin)
	cookie := []string{"Cookie", "zt_session=" + s.token, "Zhitong-Tenant", s.tenant}
	const evil = "https://evil.example"
	for name, c := range map[string]struct {
		method string
		header []string
		ok     bool
	}{
		"another origin":           {"POST", []string{"Origin", evil}, false},
		"another site":             {"POST", []string{"Sec-Fetch-Site", "cross-site"}, false},
		"a neighbour":              {"POST", []string{"Sec-Fetch-Site", "same-site"}, false},
		"ours, from another site":  {"POST", []string{"Origin", w.URL, "Sec-Fetch-Site", "cross-site"}, false},
		"nothing told":             {"POST", nil, false},
		"a file":                   {"POST", []string{"Origin", "null"}, false},
		"a read from another site": {"GET", []string{"Sec-Fetch-Site", "cross-site"}, false},
		"our page":                 {"POST", []string{"Origin", w.URL, "Sec-Fetch-Site", "same-origin"}, true},
		"our page, an old browser": {"POST", []string{"Origin", w.URL}, true},
		"a read of our page":       {"GET", []string{"Sec-Fetch-Site", "same-origin"}, true},
		"a read, an old browser":   {"GET", nil, true},
	} {
		var body any
		if c.method == "POST" {
			body = object{"kind": "supplier", "name": name}
		}
		a := w.Do(t, "", c.method, "/v1/merchants", body, append(slices.Clone(cookie), c.header...)...)
		if c.ok != (a.Status < 300) || !c.ok && a.Code() != "cross_site_request" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	// a form of another site can send no JSON
	a := s.do(t, http.MethodPost, "/v1/merchants", `kind=supplier&name=x`, "Content-Type",
		"application/x-www-form-urlencoded")
	s.want(t, "a form", a, http.StatusUnsupportedMediaType, "unsupported_media_type")
	two := w.Do(t, "", http.MethodGet, "/v1/merchants", nil, "Cookie", "zt_session=x; zt_session="+s.token,
		"Zhitong-Tenant", s.tenant)
	s.want(t, "two cookies", two, http.StatusUnauthorized, "session_ended")
}

// TestAttackForgedTenant: a session opens the platforms of its person, and no other; and a key is not a person.
func TestAttackForgedTenant(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	a, b := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	s := join(t, w, a, tenants.RoleOwner)
	for name, tenant := range map[string]string{"another's": b.ID.String(), "nonsense": "x", "a key": "key_" +
		strings.TrimPrefix(a.ID.String(), "tnt_")} {
		s.tenant = tenant
		for _, path := range []string{"/v1/orders", "/v1/session"} {
			s.want(t, name, s.do(t, http.MethodGet, path, nil), http.StatusNotFound, "tenant_not_found")
		}
	}
	s.tenant = a.ID.String()
	s.want(t, "ours", s.do(t, http.MethodGet, "/v1/orders", nil), http.StatusOK, "")
	s.want(t, "with a key as well", s.do(t, http.MethodGet, "/v1/orders", nil, "Authorization",
		"Bearer "+a.Key(owner)), http.StatusBadRequest, "invalid_request")
	s.want(t, "a key as a person", w.Do(t, a.Key(owner), http.MethodGet, "/v1/session", nil), http.StatusForbidden,
		"forbidden")
	s.want(t, "nobody", w.Do(t, "", http.MethodGet, "/v1/session", nil), http.StatusUnauthorized, "session_ended")
}

// TestAttackElevation: every operation that needs a fresh proof is refused without one, an old token is worth nothing
// after it, and after ten minutes it counts no more.
func TestAttackElevation(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	s := join(t, w, p, tenants.RoleOwner)
	nobody := random(p)
	nobody.IDs["session_id"] = "ses_" + strings.TrimPrefix(p.ID.String(), "tnt_")
	walk := func(elevated bool) (walked int) {
		for _, op := range w.Contract.Operations() {
			if !op.Elevated {
				continue
			}
			walked++
			var body any
			if op.TakesBody() {
				body = `{"nonsense":1}` // nothing happens
			}
			if elevated && !op.TakesBody() && len(op.PathParameters) == 0 {
				continue // something would
			}
			a := s.do(t, op.Method, nobody.Fill(op.Path), body)
			if elevated != (a.Code() != "reauthentication_required") {
				t.Errorf("%s, elevated %v: %d %s", op.ID, elevated, a.Status, a.Body)
			}
		}
		return walked
	}
	if walk(false) < 15 {
		t.Error("few operations need a fresh proof")
	}
	s.want(t, "a wrong proof", s.do(t, http.MethodPost, "/v1/session/elevation", object{"password": password,
		"code": "000000"}), http.StatusUnprocessableEntity, "sign_in_failed")
	s.want(t, "no second factor", s.do(t, http.MethodPost, "/v1/session/elevation", object{"password": password}),
		http.StatusUnprocessableEntity, "sign_in_failed")
	old := *s
	s.elevate(t)
	walk(true)
	old.want(t, "the token before", old.do(t, http.MethodGet, "/v1/session", nil), http.StatusUnauthorized,
		"session_ended")
	w.Clock.Advance(sessions.Elevated)
	walk(false)
}

// TestAttackRoleChange: who holds the session of somebody whose role was taken away has nothing of it.
func TestAttackRoleChange(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	s := join(t, w, p, tenants.RoleAdmin)
	s.want(t, "an admin", s.do(t, http.MethodGet, "/v1/members", nil), http.StatusOK, "")
	var members struct{ Data []struct{ ID, Email string } }
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/members?limit=100", nil, &members)
	i := slices.IndexFunc(members.Data, func(m struct{ ID, Email string }) bool { return m.Email == lifang })
	path := "/v1/members/" + members.Data[i].ID
	w.Must(t, p.Key(owner), http.MethodPatch, path, object{"role": "support"}, nil)
	s.want(t, "support", s.do(t, http.MethodGet, "/v1/members", nil), http.StatusForbidden, "forbidden")
	w.Must(t, p.Key(owner), http.MethodDelete, path, nil, nil)
	s.want(t, "removed", s.do(t, http.MethodGet, "/v1/orders", nil), http.StatusNotFound, "tenant_not_found")
}

// TestSecondFactorIsRequired: roles of the platform are for who has signed in with a second factor.
func TestSecondFactorIsRequired(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := join(t, w, w.NewTenant(t, "甲"), tenants.RoleSupport)
	s.start(t, people.ByPassword)
	s.want(t, "a password alone", s.do(t, http.MethodGet, "/v1/orders", nil), http.StatusForbidden,
		"second_factor_required")
	s.start(t, people.ByPassword, people.ByTOTP)
	s.want(t, "with the app", s.do(t, http.MethodGet, "/v1/orders", nil), http.StatusOK, "")
}

// TestYou: a person changes what they sign in with, and every other session of theirs ends; nothing but what the
// contract names can be changed.
func TestYou(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	s := join(t, w, w.NewTenant(t, "甲"), tenants.RoleSupport)
	for _, attack := range []object{{"email": "thief@example.cn"}, {"language": "en", "id": "x"},
		{"language": "en", "role": "owner"}, {}} {
		s.want(t, "mass assignment", s.do(t, http.MethodPatch, "/v1/person", attack), http.StatusBadRequest,
			"invalid_request")
	}
	changed := s.do(t, http.MethodPatch, "/v1/person", object{"language": "en"})
	if !strings.Contains(string(changed.Body), `"language":"en"`) {
		t.Errorf("%s", changed.Body)
	}
	other := *s
	other.start(t, people.ByPassword, people.ByTOTP)
	s.elevate(t)
	var list struct {
		Data []struct {
			ID      string
			Current bool
		}
	}
	s.do(t, http.MethodGet, "/v1/sessions", nil).Into(t, &list)
	if len(list.Data) != 2 || list.Data[0].Current || !list.Data[1].Current {
		t.Errorf("%+v", list)
	}
	s.want(t, "a weak password", s.do(t, http.MethodPut, "/v1/person/password", object{"password": "password1234"}),
		http.StatusUnprocessableEntity, "password_refused")
	s.want(t, "alive", other.do(t, http.MethodGet, "/v1/sessions", nil), http.StatusOK, "") // the control
	s.want(t, "another password", s.do(t, http.MethodPut, "/v1/person/password",
		object{"password": "mwzrt-kqpvx-3"}), http.StatusNoContent, "")
	s.want(t, "the other one", other.do(t, http.MethodGet, "/v1/sessions", nil), http.StatusUnauthorized,
		"session_ended")
	other.start(t, people.ByPassword, people.ByTOTP)
	s.want(t, "end it", s.do(t, http.MethodDelete, "/v1/sessions/"+other.session.ID.String(), nil),
		http.StatusNoContent, "")
	s.want(t, "ended", other.do(t, http.MethodGet, "/v1/sessions", nil), http.StatusUnauthorized, "session_ended")
	s.want(t, "a second app", s.do(t, http.MethodPost, "/v1/person/totp", nil), http.StatusConflict, "factor_exists")
	s.want(t, "no app", s.do(t, http.MethodDelete, "/v1/person/totp", nil), http.StatusNoContent, "")
	var begun struct{ Secret, Address string }
	s.do(t, http.MethodPost, "/v1/person/totp", nil).Into(t, &begun)
	s.app = secret.New(begun.Secret)
	s.want(t, "a wrong code", s.do(t, http.MethodPut, "/v1/person/totp", object{"code": "000000"}),
		http.StatusUnprocessableEntity, "code_wrong")
	s.want(t, "the app", s.do(t, http.MethodPut, "/v1/person/totp", object{"code": s.code(t)}),
		http.StatusNoContent, "")
	var codes struct{ Codes []string }
	s.do(t, http.MethodPost, "/v1/person/recovery_codes", nil).Into(t, &codes)
	var factors struct {
		Password, TOTP bool
		Left           int `json:"recovery_codes_left"`
	}
	s.do(t, http.MethodGet, "/v1/person/factors", nil).Into(t, &factors)
	if len(codes.Codes) != 10 || !factors.Password || !factors.TOTP || factors.Left != 10 {
		t.Errorf("%v %+v", codes, factors)
	}
	if !strings.HasPrefix(begun.Address, "otpauth://totp/") {
		t.Errorf("%+v", begun)
	}
}
