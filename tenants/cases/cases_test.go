package cases_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/cases"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

type bundle struct {
	t     *testing.T
	db    *db.DB
	actor tenants.Actor
	svc   *cases.Service
}

func setup(t *testing.T) *bundle {
	t.Helper()
	d := dbtest.NewDB(t)
	c := clock.FrozenAt(at)
	return &bundle{
		t:     t,
		db:    d,
		actor: tenants.Actor{Tenant: dbtest.NewTenant(t, d), Caller: tenants.ByKey(id.New[id.APIKey]())},
		svc:   cases.New(d, c),
	}
}

func (b *bundle) open(n cases.Opening) (opened bool) {
	b.t.Helper()
	err := b.db.InTenant(b.t.Context(), b.actor.Tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		opened, err = cases.Open(ctx, tx, n)
		return err
	})
	if err != nil {
		b.t.Error(err)
	}
	return opened
}

func (b *bundle) list(status string) []cases.Case {
	b.t.Helper()
	page, err := b.svc.List(b.t.Context(), b.actor, tenants.Page[id.Case]{}, cases.Filter{Status: status})
	if err != nil {
		b.t.Fatal(err)
	}
	return page.Items
}

func (b *bundle) events() (n int) {
	b.t.Helper()
	err := b.db.InTenant(b.t.Context(), b.actor.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM events WHERE type = 'case.opened'").Scan(&n)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

// TestOpenOnce: however often and by however many, one kind of matter of one payment is one open case and one event.
func TestOpenOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := cases.Opening{
		Kind:    vocabulary.CaseSplitRefused,
		Order:   id.New[id.Order](),
		Payment: id.New[id.Payment](),
		Detail:  "no",
		At:      at,
	}
	var opened atomic.Int32
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if b.open(n) {
				opened.Add(1)
			}
		})
	}
	wg.Wait()
	if opened.Load() != 1 || len(b.list("")) != 1 || b.events() != 1 {
		t.Errorf("opened %d, listed %d, events %d", opened.Load(), len(b.list("")), b.events())
	}
	got := b.list("open")[0]
	if got.Kind != n.Kind || got.Order != n.Order || got.Payment != n.Payment || got.Detail != "no" || !got.Open ||
		!got.Created.Equal(at) ||
		got.Closed != nil {
		t.Errorf("case %+v", got)
	}

	if got.Occurrences != 5 || got.LastSeen == nil || len(got.Latest) != 4 || got.Latest[0] != "no" {
		t.Errorf("it happened %d times, last at %v, of late %q", got.Occurrences, got.LastSeen, got.Latest)
	}

	other := n
	other.Kind = vocabulary.CaseRefundRefused
	if !b.open(other) {
		t.Error("another kind was not opened")
	}
	for range 2 { // without a payment there is nothing to tell them apart by
		if !b.open(cases.Opening{Kind: vocabulary.CaseWebhookDisabled, At: at}) {
			t.Error("a case without a payment was not opened")
		}
	}
	for i := range 5 { // what strangers send is one matter
		if b.open(cases.Opening{Kind: vocabulary.CaseForeignNotice, At: at}) != (i == 0) {
			t.Errorf("foreign notice %d: opened, or not", i)
		}
	}
	only, err := b.svc.List(t.Context(), b.actor, tenants.Page[id.Case]{}, cases.Filter{Status: "open",
		Kinds: []cases.Kind{vocabulary.CaseForeignNotice, vocabulary.CaseRefundRefused}})
	if err != nil || len(only.Items) != 2 {
		t.Errorf("of two kinds: %+v, %v", only.Items, err)
	}
	if len(b.list("open")) != 5 || b.events() != 5 {
		t.Errorf("listed %d, events %d", len(b.list("open")), b.events())
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := cases.Opening{Kind: vocabulary.CaseAmountMismatch, Payment: id.New[id.Payment](), At: at}
	b.open(n)
	c := b.list("open")[0]
	for range 2 { // twice: the first time stands
		got, err := b.svc.Close(t.Context(), b.actor, c.ID, "looked at it")
		if err != nil || got.Open || got.Closed == nil || !got.Closed.Equal(at) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if len(b.list("open")) != 0 || len(b.list("closed")) != 1 {
		t.Errorf("open %v, closed %v", b.list("open"), b.list("closed"))
	}
	if !b.open(n) {
		t.Error("after it was closed, the matter could not be opened again")
	}
	if _, err := b.svc.Close(t.Context(), b.actor, id.New[id.Case](), "x"); fault.CodeOf(
		err,
	) != cases.CodeCaseNotFound {
		t.Errorf("unknown case: %v", err)
	}
	stranger := tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]())}
	if _, err := b.svc.Close(t.Context(), stranger, c.ID, "x"); fault.CodeOf(err) != cases.CodeCaseNotFound {
		t.Errorf("another tenant's case: %v", err)
	}
}

func TestDetailIsClipped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.open(cases.Opening{Kind: vocabulary.CaseForeignNotice, Detail: strings.Repeat("异", 2000), At: at})
	if d := b.list("")[0].Detail; len(d) > 2000 || len(d) < 1990 || !utf8.ValidString(d) {
		t.Errorf("%d bytes, valid %v", len(d), utf8.ValidString(d))
	}
}
