package cases_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/cases"
)

// member makes a member of the platform.
func (b *bundle) member(name string, role vocabulary.Role) id.Member {
	b.t.Helper()
	m := id.New[id.Member]()
	b.exec("INSERT INTO members (id, email, name, role) VALUES ($1, $2, $3, $4)", m, m.String()+"@example.cn", name,
		role)
	return m
}

func (b *bundle) exec(statement string, args ...any) {
	b.t.Helper()
	if err := b.db.InTenant(b.t.Context(), b.actor.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, statement, args...)
		return err
	}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) count(f cases.Filter) int {
	b.t.Helper()
	page, err := b.svc.List(b.t.Context(), b.actor, tenants.Page[id.Case]{}, f)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(page.Items)
}

func (b *bundle) one(n cases.Opening) id.Case {
	b.t.Helper()
	n.Payment = id.New[id.Payment]()
	b.open(n)
	for _, c := range b.list("open") {
		if c.Payment == n.Payment {
			return c.ID
		}
	}
	b.t.Fatal("the case is not there")
	return id.Case{}
}

// TestAssign: a case is one person's or nobody's, the audit log has who it was before, and who leaves leaves it behind.
func TestAssign(t *testing.T) {
	t.Parallel()
	b := setup(t)
	li, wu := b.member("李芳", tenants.RoleRisk), b.member("吴强", tenants.RoleSupport)
	first := b.one(cases.Opening{Kind: vocabulary.CaseSplitRefused, At: at.Add(-48 * time.Hour)})
	b.one(cases.Opening{Kind: vocabulary.CaseRefundRefused, At: at})
	for _, to := range []id.Member{li, li, wu} {
		c, err := b.svc.Assign(t.Context(), b.actor, first, to)
		if err != nil || c.Assignee == nil || c.Assignee.ID != to || c.Assignee.Name == "" || c.Assigned == nil {
			t.Fatalf("%+v, %v", c, err)
		}
	}
	for name, f := range map[string]struct {
		cases.Filter
		want int
	}{
		"all":                 {cases.Filter{Status: "open"}, 2},
		"of 吴强":               {cases.Filter{Assignee: wu}, 1},
		"of 李芳":               {cases.Filter{Assignee: li}, 0},
		"nobody's":            {cases.Filter{Nobodys: true}, 1},
		"of two days":         {cases.Filter{Waited: 48 * time.Hour}, 1},
		"of more than that":   {cases.Filter{Waited: 49 * time.Hour}, 0},
		"nobody's, of a kind": {cases.Filter{Nobodys: true, Kinds: []cases.Kind{vocabulary.CaseSplitRefused}}, 0},
	} {
		if n := b.count(f.Filter); n != f.want {
			t.Errorf("%s: %d cases, want %d", name, n, f.want)
		}
	}
	var entries int
	var change string
	if err := b.db.InTenant(t.Context(), b.actor.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*), "+
			"max(changes::text) FILTER (WHERE changes::text LIKE '%' || $1 || '%') FROM audit_log "+
			"WHERE action = 'assignCase'", wu.String()).Scan(&entries, &change)
	}); err != nil || entries != 2 || change == "" { // what changes nothing leaves none
		t.Errorf("%d entries, of 吴强 %s, %v", entries, change, err)
	}
	b.exec("DELETE FROM members WHERE id = $1", wu)
	if c, err := b.svc.Get(t.Context(), b.actor, first); err != nil || c.Assignee != nil || !c.Open {
		t.Errorf("after the member left: %+v, %v", c, err)
	}
}

// TestAssignRefused: to whom a case is not given, and when.
func TestAssignRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	li, cai := b.member("李芳", tenants.RoleRisk), b.member("蔡会计", tenants.RoleFinance)
	open := b.one(cases.Opening{Kind: vocabulary.CaseSplitRefused, At: at})
	closed := b.one(cases.Opening{Kind: vocabulary.CaseRefundRefused, At: at})
	if _, err := b.svc.Close(t.Context(), b.actor, closed, "x"); err != nil {
		t.Fatal(err)
	}
	other := setup(t)
	for name, f := range map[string]struct {
		as   *bundle
		c    id.Case
		to   id.Member
		want fault.Code
	}{
		"somebody who reads no cases":    {b, open, cai, cases.CodeAssigneeInvalid},
		"nobody known":                   {b, open, id.New[id.Member](), cases.CodeAssigneeInvalid},
		"a member of another platform":   {b, open, other.member("王", tenants.RoleOwner), cases.CodeAssigneeInvalid},
		"a closed case":                  {b, closed, li, cases.CodeCaseClosed},
		"a case that is not there":       {b, id.New[id.Case](), li, cases.CodeCaseNotFound},
		"a case of another platform":     {other, open, id.Member{}, cases.CodeCaseNotFound},
		"the control: a case of its own": {b, open, li, ""},
	} {
		if _, err := f.as.svc.Assign(t.Context(), f.as.actor, f.c, f.to); fault.CodeOf(err) != f.want {
			t.Errorf("%s: %v, want %s", name, err, f.want)
		}
	}
}

// TestCaseAssignees lists who can be given a case.
func TestCaseAssignees(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, r := range []vocabulary.Role{tenants.RoleOwner, tenants.RoleAdmin, tenants.RoleFinance, tenants.RoleRisk,
		tenants.RoleSupport, tenants.RoleDeveloper} {
		b.member(strconv.Itoa(i), r)
	}
	found, err := b.svc.Assignees(t.Context(), b.actor)
	names := ""
	for _, m := range found {
		names += m.Name
	}
	if err != nil || names != "0134" {
		t.Errorf("%s, %v", names, err)
	}
}

// TestNotes: notes stand in their order with the name of who wrote them, and of two that come together at the limit one
// is kept.
func TestNotes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	li := b.member("李芳", tenants.RoleRisk)
	c := b.one(cases.Opening{Kind: vocabulary.CaseSplitRefused, At: at})
	person := b.actor
	person.Caller = tenants.BySession(id.New[id.Session](), li)
	for i, a := range []tenants.Actor{person, b.actor} {
		if _, err := b.svc.AddNote(t.Context(), a, c, "note "+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.svc.Get(t.Context(), b.actor, c)
	if err != nil || len(got.Notes) != 2 || got.Notes[0].Name != "李芳" || got.Notes[0].Text != "note 0" ||
		got.Notes[1].Name != "" || got.Notes[1].By == "" {
		t.Fatalf("%+v, %v", got.Notes, err)
	}
	b.exec(`INSERT INTO case_notes (id, case_id, by, note, created_at)
		SELECT gen_random_uuid(), $1, 'key_x', 'x', now() FROM generate_series(1, 197)`, c)
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = b.svc.AddNote(t.Context(), person, c, "last") })
	}
	wg.Wait()
	kept := 0
	for _, err := range errs {
		if err == nil {
			kept++
		} else if fault.CodeOf(err) != cases.CodeTooManyNotes {
			t.Error(err)
		}
	}
	if kept != 1 {
		t.Errorf("%d notes were kept at the limit", kept)
	}
	stranger := setup(t)
	_, err = stranger.svc.AddNote(t.Context(), stranger.actor, c, "x")
	if fault.CodeOf(err) != cases.CodeCaseNotFound {
		t.Errorf("a case of another platform: %v", err)
	}
}

// TestFacts: what a case says is kept as facts, for each time that it happened.
func TestFacts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := cases.Opening{Kind: vocabulary.CaseAmountMismatch, Payment: id.New[id.Payment](), Detail: "text", At: at,
		AtRisk: cases.Fen(3990)}
	for _, found := range []money.Fen{1, 2, 3} {
		n.Facts = cases.Facts{Cause: vocabulary.CauseTradeDiffers, Expected: cases.Fen(3990), Found: cases.Fen(found)}
		b.open(n)
	}
	b.open(cases.Opening{Kind: vocabulary.CaseForeignNotice, Detail: "as programs of before write it", At: at})
	got := b.list("")
	old, c := got[0], got[1]
	if c.Facts == nil || c.Facts.Cause != vocabulary.CauseTradeDiffers || *c.Facts.Found != 1 || *c.AtRisk != 3990 ||
		len(c.LatestFacts) != 2 || *c.LatestFacts[0].Found != 3 || *c.LatestFacts[1].Found != 2 {
		t.Errorf("%+v of late %+v", c.Facts, c.LatestFacts)
	}
	if old.Facts != nil || old.AtRisk != nil || len(old.LatestFacts) != 0 {
		t.Errorf("without facts: %+v", old)
	}
}
