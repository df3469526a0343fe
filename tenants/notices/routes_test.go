package notices_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/cases"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/notices"
)

// TestQuietHours: what is not urgent waits for their end and is one message then.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("feishu", "")
	now := b.clock.Now().In(time.FixedZone("", 8*60*60))
	minute := now.Hour()*60 + now.Minute()
	b.routeOf(notices.NewRoute{Channel: vocabulary.ChannelFeishu, Address: secret.New(r.URL),
		EventTypes: []string{"order.*", "case.*"},
		Quiet:      notices.Quiet{From: (minute + 1430) % 1440, Until: (minute + 60) % 1440, Offset: notices.Beijing}})
	b.emit(vocabulary.EventOrderPaid, 3, nil)
	b.emit(vocabulary.EventOrderDelivered, 2, nil)
	b.emit(vocabulary.EventCaseOpened, 1, map[string]any{"kind": "split_refused"})
	b.look(settled)
	if got := b.messages(r); len(got) != 1 || !strings.Contains(got[0].Text, "分账被拒绝") {
		t.Errorf("in quiet hours %+v", got)
	}
	b.emit(vocabulary.EventOrderPaid, 4, nil)
	b.look(30 * time.Minute)
	if n := len(b.messages(r)); n != 1 {
		t.Errorf("%d messages in quiet hours", n)
	}
	b.look(time.Hour)
	got := b.messages(r)
	if len(got) != 2 || !strings.Contains(got[0].Title, "9 件事") || !strings.Contains(got[0].Text, "订单已付款 × 7") ||
		!strings.Contains(got[0].Text, "订单已发货 × 2") {
		t.Errorf("after quiet hours %+v", got)
	}
}

// TestCrash: whatever step the program dies at, people are told; twice at most, and the second time says so.
func TestCrash(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"gathered", "dispatched", "begun", "sent", "recorded"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			r := b.robot("wecom", "")
			b.route(r, "order.paid")
			b.emit(vocabulary.EventOrderPaid, 1, nil)
			died := false
			b.step = func(name string) {
				if name == at && !died {
					died = true
					panic("crash at " + at)
				}
			}
			func() {
				defer func() { _ = recover() }()
				b.look(settled)
			}()
			if !died {
				t.Fatal("no such step")
			}
			b.look(3 * time.Minute) // the job is lost, and its time is over
			got := b.messages(r)
			want := 1
			if at == "sent" {
				want = 2
			}
			if len(got) != want || (at == "sent" || at == "begun") != strings.Contains(got[0].Text, "可能重复") {
				t.Errorf("%d messages: %+v", len(got), got)
			}
			if all := b.notices(); len(all) != 1 || all[0].Status != vocabulary.NoticeSent {
				t.Errorf("notices %+v", all)
			}
		})
	}
}

// TestFailingRoute: one try at a time, a report once, the owners told by mail, switched off after five days, and a
// fresh start once it is mended.
func TestFailingRoute(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("dingtalk", "generate")
	good := r.Secret
	r.Secret = "SECwrong"
	route := b.route(r, "order.*")
	b.in(func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "INSERT INTO members (id, email, name, role) "+
			"VALUES ($1, 'owner@example.cn', 'x', 'owner')",
			uuid.New())
		return err
	})
	b.emit(vocabulary.EventOrderPaid, 1, nil)
	b.emit(vocabulary.EventOrderCreated, 1, nil)
	b.look(settled)
	for range 5 {
		b.look(2 * time.Minute)
	}
	if n := b.count("SELECT count(*) FROM cases WHERE kind = 'notice_route_failing'"); n != 1 {
		t.Errorf("%d cases", n)
	}
	if err := b.svc.Alarm(t.Context(), b.actor.Tenant, route.ID); err != nil {
		t.Fatal(err)
	}
	if len(b.mails.taken) != 1 || b.mails.taken[0].To != "owner@example.cn" ||
		!strings.Contains(b.mails.taken[0].Text, "310000") || strings.Contains(b.mails.taken[0].Text, r.Token) {
		t.Errorf("mails %+v", b.mails.taken)
	}
	key := secret.New(good)
	if _, err := b.svc.UpdateRoute(t.Context(), b.actor, route.ID, notices.RouteChange{Secret: &key}); err != nil {
		t.Fatal(err)
	}
	b.look(3 * time.Minute)
	b.look(3 * time.Minute)
	if n := len(b.messages(r)); n != 2 {
		t.Errorf("%d messages after it was mended", n)
	}
	if got := b.reload(route); got.FailingSince != nil || got.LastError != "" {
		t.Errorf("route %+v", got)
	}
	bad := secret.New("SECwrong")
	if _, err := b.svc.UpdateRoute(t.Context(), b.actor, route.ID, notices.RouteChange{Secret: &bad}); err != nil {
		t.Fatal(err)
	}
	b.emit(vocabulary.EventOrderPaid, 1, nil)
	b.look(settled)
	for range 8 {
		b.look(24 * time.Hour)
	}
	if got := b.reload(route); got.Status != vocabulary.EndpointDisabled {
		t.Errorf("after a week %+v", got)
	}
	for _, n := range b.notices() {
		if n.Status == vocabulary.NoticeWaiting {
			t.Errorf("it still waits: %+v", n)
		}
	}
}

// TestOfAnother: a route is its tenant's alone.
func TestOfAnother(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("wecom", "")
	route := b.route(r, "order.paid")
	stranger := b.tenant()
	want := func(err error) {
		t.Helper()
		if fault.CodeOf(err) != notices.CodeRouteNotFound {
			t.Errorf("a stranger: %v", err)
		}
	}
	_, err := b.svc.GetRoute(t.Context(), stranger, route.ID)
	want(err)
	_, err = b.svc.UpdateRoute(t.Context(), stranger, route.ID, notices.RouteChange{})
	want(err)
	want(b.svc.DeleteRoute(t.Context(), stranger, route.ID, tenants.Match{}))
	_, err = b.svc.Test(t.Context(), stranger, route.ID)
	want(err)
	b.emit(vocabulary.EventOrderPaid, 1, nil)
	b.clock.Advance(settled)
	if err := b.svc.Take(t.Context(), stranger.Tenant); err != nil || len(b.due()) != 0 {
		t.Errorf("a stranger's look: %v", err)
	}
	if got := b.messages(r); len(got) != 0 {
		t.Errorf("messages %+v", got)
	}
}

// TestMerchant: a route for one merchant is told of that merchant alone.
func TestMerchant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("wecom", "")
	m := id.New[id.Merchant]()
	b.in(func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "INSERT INTO merchants (id, kind, name, status) "+
			"VALUES ($1, 'supplier', '甲', 'pending')", m)
		return err
	})
	b.routeOf(notices.NewRoute{Channel: vocabulary.ChannelWecom, Address: secret.New(r.URL), Merchant: m,
		EventTypes: []string{"onboarding.*", "order.*"}})
	b.emit(vocabulary.EventOnboardingApproved, 1, map[string]any{"merchant_id": m})
	b.emit(vocabulary.EventOrderPaid, 1, map[string]any{"merchant_of_record_id": id.New[id.Merchant]()})
	b.look(settled)
	if got := b.messages(r); len(got) != 1 || !strings.Contains(got[0].Text, "商户 甲") {
		t.Errorf("messages %+v", got)
	}
	_, _, err := b.svc.CreateRoute(t.Context(), b.actor, idempotency.Key{}, notices.NewRoute{Name: "x",
		Channel: vocabulary.ChannelWecom, Address: secret.New(r.URL), Merchant: id.New[id.Merchant](),
		EventTypes: []string{"order.*"}, Language: vocabulary.Chinese})
	if fault.CodeOf(err) != tenants.CodeMerchantNotFound {
		t.Errorf("a merchant of nobody: %v", err)
	}
}

// TestCaseOpens: the real road: a case that is opened is told.
func TestCaseOpens(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := b.robot("dingtalk", "")
	b.route(r, "case.opened")
	b.in(func(ctx context.Context, tx db.TenantTx) error {
		_, err := cases.Open(ctx, tx, cases.Opening{Kind: vocabulary.CaseUndeliverable, At: b.clock.Now()})
		return err
	})
	b.look(settled)
	if got := b.messages(r); len(got) != 1 || !strings.Contains(got[0].Text, "已付款但无货可发") {
		t.Errorf("messages %+v", got)
	}
}
