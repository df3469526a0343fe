package apitest_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"zhitong/api/apitest"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// platform is a tenant as the API shows it.
type platform struct {
	ID, Name, Mode string
	TwinID         string `json:"twin_id"`
	ApprovalHours  int    `json:"approval_hours"`
}

// checklist reads the steps of a platform by their states.
func checklist(t *testing.T, a apitest.Answer) (steps map[string]string, ready bool) {
	t.Helper()
	var c struct {
		Ready bool
		Steps []struct{ Kind, State string }
	}
	if a.Status != http.StatusOK {
		t.Fatalf("the checklist: %d %s", a.Status, a.Body)
	}
	a.Into(t, &c)
	steps = map[string]string{}
	for _, s := range c.Steps {
		steps[s.Kind] = s.State
	}
	return steps, c.Ready
}

// TestGoLive: an owner who shows again who they are opens the live tenant, once, and is its only member.
func TestGoLive(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "星河卡盟")
	w.Must(t, p.Key(owner), http.MethodPatch, "/v1/tenant", object{"approval_hours": 24}, nil)
	s := join(t, w, p, owner)

	s.want(t, "without a fresh proof", s.do(t, http.MethodPost, "/v1/live_tenant", object{}), 403,
		"reauthentication_required")
	s.elevate(t)
	a := s.do(t, http.MethodPost, "/v1/live_tenant", object{"name": "星河卡盟正式"}, "Idempotency-Key", "go-live-1")
	if a.Status != http.StatusCreated {
		t.Fatalf("open: %d %s", a.Status, a.Body)
	}
	var live, sandbox platform
	a.Into(t, &live)
	if live.Mode != "live" || live.TwinID != p.ID.String() || live.Name != "星河卡盟正式" || live.ApprovalHours != 24 {
		t.Errorf("the live tenant is %+v", live)
	}
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/tenant", nil, &sandbox)
	if sandbox.TwinID != live.ID || sandbox.Mode != "sandbox" {
		t.Errorf("the sandbox is %+v", sandbox)
	}
	var trail struct{ Data []struct{ Action string } }
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/audit_log?action=createLiveTenant", nil, &trail)
	if len(trail.Data) != 1 {
		t.Errorf("the sandbox's audit log has %v", trail.Data)
	}
	again := s.do(t, http.MethodPost, "/v1/live_tenant", object{"name": "星河卡盟正式"}, "Idempotency-Key", "go-live-1")
	if again.Header.Get("Idempotency-Replayed") != "true" || string(again.Body) != string(a.Body) {
		t.Errorf("the repeat: %d %s", again.Status, again.Body)
	}
	s.want(t, "a second one", s.do(t, http.MethodPost, "/v1/live_tenant", object{}), 409, "live_tenant_exists")

	s.tenant = live.ID
	s.want(t, "of the live one", s.do(t, http.MethodPost, "/v1/live_tenant", object{}), 409, "live_tenant_exists")
	s.want(t, "its connection", s.do(t, http.MethodGet, "/v1/alipay_connection", nil), 409,
		"alipay_connection_missing")
	for _, path := range []string{"/v1/api_keys", "/v1/merchants", "/v1/products", "/v1/orders",
		"/v1/webhook_endpoints"} {
		var list struct{ Data []any }
		if a := s.do(t, http.MethodGet, path, nil); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		} else if a.Into(t, &list); len(list.Data) != 0 {
			t.Errorf("%s has %d", path, len(list.Data))
		}
	}
	var session struct{ Membership struct{ Role, Mode string } }
	s.do(t, http.MethodGet, "/v1/session", nil).Into(t, &session)
	if session.Membership.Role != "owner" || session.Membership.Mode != "live" {
		t.Errorf("the person is %+v", session.Membership)
	}
	steps, ready := checklist(t, s.do(t, http.MethodGet, "/v1/go_live_checklist", nil))
	if _, ok := steps["live_tenant"]; ok || ready || steps["connection"] != "open" {
		t.Errorf("the checklist is %v, %v", steps, ready)
	}
	onlyItsOwn(t, w, live.ID)
}

// onlyItsOwn walks every table: a live tenant that was just opened has rows in these few, and nothing else of the
// sandbox came with it.
func onlyItsOwn(t *testing.T, w *apitest.World, text string) {
	t.Helper()
	tenant, err := id.Parse[id.Tenant](text)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), dbtest.AdminURL(t, w.DB))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	rows, err := conn.Query(t.Context(), `SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attname = 'tenant_id'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 30 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	var filled []string
	for _, table := range tables {
		var n int
		if err := conn.QueryRow(t.Context(),
			"SELECT count(*) FROM "+pgx.Identifier{table}.Sanitize()+" WHERE tenant_id = $1",
			tenant.UUID()).Scan(&n); err != nil {
			t.Fatal(table, err)
		}
		if n > 0 {
			filled = append(filled, table)
		}
	}
	slices.Sort(filled)
	want := []string{"audit_log", "members", "tenant_data_keys", "tenant_directory", "tenants"}
	if !slices.Equal(filled, want) {
		t.Errorf("it has rows in %v, want %v", filled, want)
	}
}

// TestGoLiveIsForOwnersInPerson: no key opens a live tenant, nor does anybody but an owner.
func TestGoLiveIsForOwnersInPerson(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	if a := w.Do(t, p.Key(owner), http.MethodPost, "/v1/live_tenant", object{}); a.Code() != "person_required" {
		t.Errorf("by a key: %d %s", a.Status, a.Body)
	}
	s := join(t, w, p, tenants.RoleAdmin)
	s.elevate(t)
	s.want(t, "an admin", s.do(t, http.MethodPost, "/v1/live_tenant", object{}), 403, "forbidden")
}

// aborted sends a request whose program ends before it answers.
func (s *signed) aborted(t *testing.T, method, path string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.w.URL+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Cookie": "zt_session=" + s.token, "Origin": s.w.URL,
		"Sec-Fetch-Site": "same-origin", "Zhitong-Tenant": s.tenant, "Content-Type": "application/json"} {
		r.Header.Set(name, value)
	}
	if got, err := http.DefaultClient.Do(r); err == nil {
		t.Fatalf("the request was answered: %d, %v", got.StatusCode, got.Body.Close())
	}
}

// TestGoLiveGoesOn: the program ends between the live tenant and the sandbox's word of it; a repeat goes on with the
// same tenant.
func TestGoLiveGoesOn(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	s := join(t, w, p, owner)
	s.elevate(t)
	crash := func(name string) {
		if name == "live tenant written" {
			panic(http.ErrAbortHandler)
		}
	}
	w.Step.Store(&crash)
	s.aborted(t, http.MethodPost, "/v1/live_tenant")
	w.Step.Store(nil)
	var before struct {
		Memberships []struct{ TenantID, Mode string }
	}
	s.do(t, http.MethodGet, "/v1/session", nil).Into(t, &before)
	a := s.do(t, http.MethodPost, "/v1/live_tenant", object{})
	var live platform
	a.Into(t, &live)
	if a.Status != http.StatusCreated || len(before.Memberships) != 2 {
		t.Errorf("the repeat: %d %s, after %+v", a.Status, a.Body, before)
	}
	var after struct {
		Memberships []struct{ TenantID, Mode string }
	}
	if s.do(t, http.MethodGet, "/v1/session", nil).Into(t, &after); len(after.Memberships) != 2 {
		t.Errorf("memberships are %+v", after)
	}
}

// TestGoLiveAtOnce: of several requests of one owner at once there comes one live tenant, whoever of them is told that
// it is opened and whoever that it is there.
func TestGoLiveAtOnce(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	s := join(t, w, p, owner)
	s.elevate(t)
	var wg sync.WaitGroup
	answers := make([]apitest.Answer, 3)
	for i := range answers {
		wg.Go(func() { answers[i] = s.do(t, http.MethodPost, "/v1/live_tenant", object{}) })
	}
	wg.Wait()
	opened := map[string]bool{}
	for _, a := range answers {
		if a.Status == http.StatusCreated {
			var live platform
			a.Into(t, &live)
			opened[live.ID] = true
			continue
		}
		s.want(t, "the others", a, 409, "live_tenant_exists")
	}
	if len(opened) != 1 {
		t.Errorf("%v were opened", opened)
	}
}

// TestGoLiveOfTwoOwners: while one owner's live tenant is written and the sandbox does not know of it yet, another one
// comes: they are told that it is there, and the sandbox knows; the first one is told that theirs is opened. A crash of
// the first one at that moment changes nothing for either.
func TestGoLiveOfTwoOwners(t *testing.T) {
	t.Parallel()
	for _, crashes := range []bool{false, true} {
		w := apitest.NewWorld(t)
		p := w.NewTenant(t, "甲")
		first, second := join(t, w, p, owner), joinAs(t, w, p, owner, "wangwu@example.cn")
		first.elevate(t)
		second.elevate(t)
		between := func(name string) {
			if name != "live tenant written" {
				return
			}
			w.Step.Store(nil)
			second.want(t, "the second owner", second.do(t, http.MethodPost, "/v1/live_tenant", object{}), 409,
				"live_tenant_exists")
			if crashes {
				panic(http.ErrAbortHandler)
			}
		}
		w.Step.Store(&between)
		var live, sandbox platform
		if crashes {
			first.aborted(t, http.MethodPost, "/v1/live_tenant")
		} else {
			a := first.do(t, http.MethodPost, "/v1/live_tenant", object{})
			if a.Into(t, &live); a.Status != http.StatusCreated || live.Mode != "live" {
				t.Errorf("the first owner: %d %s", a.Status, a.Body)
			}
		}
		w.Must(t, p.Key(owner), http.MethodGet, "/v1/tenant", nil, &sandbox)
		if sandbox.TwinID == "" || !crashes && sandbox.TwinID != live.ID {
			t.Errorf("the sandbox is told of %q, opened was %q", sandbox.TwinID, live.ID)
		}
		for who, s := range map[*signed]int{first: 2, second: 1} {
			var now struct{ Memberships []struct{ TenantID string } }
			if who.do(t, http.MethodGet, "/v1/session", nil).Into(t, &now); len(now.Memberships) != s {
				t.Errorf("%d memberships, want %d", len(now.Memberships), s)
			}
		}
	}
}

// TestGoLiveChecklist: a step is done when what it stands for is there, and open again when it is not.
func TestGoLiveChecklist(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	read := func() map[string]string {
		steps, _ := checklist(t, w.Do(t, p.Key(owner), http.MethodGet, "/v1/go_live_checklist", nil))
		return steps
	}
	steps := read()
	if len(steps) != len(vocabulary.GoLiveSteps()) {
		t.Errorf("the steps are %v", steps)
	}
	for step, want := range map[string]string{"connection": "done", "connection_check": "open",
		"merchant_active": "done", "product_on_sale": "done", "two_people": "open", "live_tenant": "open"} {
		if steps[step] != want {
			t.Errorf("%s is %s, want %s", step, steps[step], want)
		}
	}
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/alipay_connection/check", nil, nil)
	if got := read()["connection_check"]; got != "done" {
		t.Errorf("after an examination it is %s", got)
	}
}
