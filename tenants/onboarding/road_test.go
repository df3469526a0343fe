package onboarding_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/vault"
)

const (
	passed   = "ant.merchant.expand.indirect.zft.passed"
	rejected = "ant.merchant.expand.indirect.zft.rejected"
)

func TestApproved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, order := b.sent()
	got := b.want(a, onboarding.StatusInReview)
	for _, img := range got.Images {
		if img.AlipayImageID == "" {
			t.Errorf("Alipay does not have %s", img.Purpose)
		}
	}
	var watching int
	b.scan(
		"SELECT count(*) FROM river.river_job WHERE kind = 'onboarding_watch' AND args->>'application_id' = $1",
		&watching,
		a.UUID().String(),
	)
	if watching != 1 {
		t.Errorf("%d jobs watch the application", watching)
	}
	if after, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil || after != 10*time.Second {
		t.Errorf("watching a young application: again after %s, %v", after, err)
	}
	b.decide(order, "audit", map[string]any{"stage": "fk", "result": "pass"})
	if _, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil {
		t.Fatal(err)
	}
	got = b.want(a, onboarding.StatusAwaitingSignature)
	want := []onboarding.Requirement{
		{Stage: onboarding.StageRiskReview, Status: onboarding.RequirementPassed},
		{Stage: onboarding.StageDataReview, Status: onboarding.RequirementNotNeeded},
		{Stage: onboarding.StageSigning, Status: onboarding.RequirementWaiting},
	}
	for i, r := range got.Requirements {
		if r.Stage != want[i].Stage || r.Status != want[i].Status || r.Detail == "" {
			t.Errorf("requirement %+v, want %+v", r, want[i])
		}
	}
	if !strings.Contains(got.Requirements[2].Detail, "fi***@example.cn") {
		t.Errorf("nobody is told who has to confirm: %s", got.Requirements[2].Detail)
	}
	b.decide(order, "confirm", nil)
	after, err := b.svc.Watch(t.Context(), b.Tenant, a)
	if err != nil || after != 0 {
		t.Errorf("a decided application is watched: %s, %v", after, err)
	}
	got = b.want(a, onboarding.StatusApproved)
	m := b.row()
	if got.Smid == "" || got.Smid != b.only(a).SMID || m.Smid == nil || *m.Smid != got.Smid || m.Status != "active" ||
		got.DecidedAt == nil {
		t.Errorf("approved %+v; the merchant is %+v", got, m)
	}
	b.In(func(ctx context.Context, tx db.TenantTx) {
		account, err := vault.MerchantReceiver.OpenText(ctx, tx, b.Vault, m.ID, m.SealedReceiver, "")
		if err != nil || account != "finance@example.cn" || m.ReceiverType == nil || *m.ReceiverType != "loginName" ||
			m.ReceiverBoundAt != nil || m.ReceiverAccount != nil {
			t.Errorf("the merchant's receiver is %q, %v: %+v", account, err, m)
		}
	})
	n := b.events(a)
	if len(n) != 3 || n[vocabulary.EventOnboardingSubmitted] != 1 ||
		n[vocabulary.EventOnboardingAwaitingSignature] != 1 ||
		n[vocabulary.EventOnboardingApproved] != 1 {
		t.Errorf("events %v", n)
	}
	if _, _, err := b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.merchant, form()); err == nil {
		t.Error("an approved merchant applies again")
	}
}

func (b *testBundle) row() (m dbsqlc.MerchantGetRow) {
	b.t.Helper()
	b.In(func(ctx context.Context, tx db.TenantTx) {
		var err error
		if m, err = dbsqlc.New().MerchantGet(ctx, tx, b.merchant); err != nil {
			b.t.Fatal(err)
		}
	})
	return m
}

func TestRejected(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, order := b.sent()
	b.decide(order, "reject", map[string]any{"stage": "fk", "memo": "经营内容存在风险"})
	if after, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil || after != 0 {
		t.Errorf("again after %s, %v", after, err)
	}
	got := b.want(a, onboarding.StatusRejected)
	if !strings.Contains(got.Reason, "经营内容存在风险") || got.Requirements[0].Status != onboarding.RequirementRejected ||
		!strings.Contains(got.Requirements[0].Detail, "经营内容存在风险") {
		t.Errorf("the reason is %q, the requirement %+v", got.Reason, got.Requirements[0])
	}
	if m := b.row(); m.Status != "pending" || m.Smid != nil {
		t.Errorf("the merchant is %+v", m)
	}
	if n := b.events(a); n[vocabulary.EventOnboardingRejected] != 1 {
		t.Errorf("events %v", n)
	}
	// a new attempt
	second := b.draft(b.merchant, form())
	if _, err := b.svc.Submit(t.Context(), b.Actor, second); err != nil {
		t.Fatal(err)
	}
	if err := b.svc.ExecuteSubmit(t.Context(), b.Tenant, second); err != nil {
		t.Fatal(err)
	}
	b.decide(b.only(second).OrderID, "approve", nil)
	if _, err := b.svc.Watch(t.Context(), b.Tenant, second); err != nil {
		t.Fatal(err)
	}
	b.want(second, onboarding.StatusApproved)

	// the late message about the first one changes nothing
	ack, err := b.svc.ReceiveMessage(t.Context(), b.Tenant,
		b.message(rejected, "n-late", map[string]string{"order_id": order, "external_id": a.Hex(), "reason": "迟到"}))
	if err != nil || !ack {
		t.Errorf("the late message: %v, %v", ack, err)
	}
	ack, err = b.svc.ReceiveMessage(
		t.Context(),
		b.Tenant,
		b.message(rejected, "n-late-2",
			map[string]string{"order_id": order, "external_id": second.Hex(), "reason": "迟到"}),
	)
	if err != nil || !ack {
		t.Errorf("the crossed message: %v, %v", ack, err)
	}
	b.want(second, onboarding.StatusApproved)
	if m := b.row(); m.Status != "active" {
		t.Errorf("the merchant is %s again", m.Status)
	}
}

// What Alipay refuses on the spot is a rejection with its words, and the merchant may try again.
func TestRefusedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	f := form()
	f.MCC = "B9999" // Alipay has no such category; our own check does not know all of them
	a := b.draft(b.merchant, f)
	if _, err := b.svc.Submit(t.Context(), b.Actor, a); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second run finds it decided
		if err := b.svc.ExecuteSubmit(t.Context(), b.Tenant, a); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.want(a, onboarding.StatusRejected); !strings.Contains(got.Reason, "类目") || got.DecidedAt == nil {
		t.Errorf("the reason is %q", got.Reason)
	}
	if n := b.events(a); n[vocabulary.EventOnboardingRejected] != 1 {
		t.Errorf("events %v", n)
	}
	if _, _, err := b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.merchant, form()); err != nil {
		t.Errorf("a new draft: %v", err)
	}
}

// A refusal that is about the platform, not about the application, does not end the application.
func TestPlatformRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.submitted()
	b.Fault("rate_limit", "ant.merchant.expand.indirect.zft.create", 1)
	if err := b.svc.ExecuteSubmit(t.Context(), b.Tenant, a); err == nil {
		t.Error("a rate limit is no error")
	}
	if got := b.want(a, onboarding.StatusSubmitted); got.Reason == "" {
		t.Error("nobody is told why it waits")
	}
	b.Clock.Advance(2 * time.Minute)
	if err := b.svc.ExecuteSubmit(t.Context(), b.Tenant, a); err != nil {
		t.Fatal(err)
	}
	if got := b.want(a, onboarding.StatusInReview); got.Reason != "" {
		t.Errorf("the reason stays: %q", got.Reason)
	}
}

// Each way to lose an answer, at uploading and at creating: run again until it ends, and Alipay has the application
// once.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"ant.merchant.expand.indirect.image.upload",
		"ant.merchant.expand.indirect.zft.create", "ant.merchant.expand.indirect.zftorder.query"} {
		for _, kind := range []string{"no_answer_before_effect", "no_answer_after_effect", "http_502", "half_json",
			"wrong_signature", "system_error_before", "system_error_after"} {
			t.Run(method[len("ant.merchant.expand.indirect."):]+"/"+kind, func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				a := b.submitted()
				b.Fault(kind, method, 1)
				if method == "ant.merchant.expand.indirect.zftorder.query" {
					// so that it is asked at all
					b.Fault("no_answer_before_effect", "ant.merchant.expand.indirect.zft.create", 1)
				}
				b.until(a)
				b.only(a)
				b.want(a, onboarding.StatusInReview)
			})
		}
	}
}

// until runs ExecuteSubmit as its job would: again after every failure.
func (b *testBundle) until(a id.Application) {
	b.t.Helper()
	for range 6 {
		if err := b.svc.ExecuteSubmit(b.t.Context(), b.Tenant, a); err == nil {
			return
		}
		b.Clock.Advance(2 * time.Minute)
	}
	b.t.Fatal("the application is never sent")
}

// After a crash at each step the next run ends as if there had been none.
func TestSubmitCrash(t *testing.T) {
	t.Parallel()
	var steps []string
	b := setup(t)
	if err := b.service(func(name string) {
		steps = append(steps, name)
	}).ExecuteSubmit(t.Context(), b.Tenant, b.submitted()); err != nil {
		t.Fatal(err)
	}
	if len(steps) < 10 {
		t.Fatalf("only the steps %v", steps)
	}
	for _, at := range steps {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			a := b.submitted()
			crashed := false
			func() {
				defer func() { crashed = recover() != nil }()
				_ = b.service(func(name string) {
					if name == at {
						panic("crash")
					}
				}).ExecuteSubmit(t.Context(), b.Tenant, a)
			}()
			if !crashed {
				t.Fatal("no crash")
			}
			b.until(a)
			b.only(a)
			got := b.want(a, onboarding.StatusInReview)
			var watching int
			b.scan("SELECT count(*) FROM river.river_job WHERE kind = 'onboarding_watch'", &watching)
			if n := b.events(a); watching != 1 || n[vocabulary.EventOnboardingSubmitted] != 1 || len(n) != 1 ||
				len(got.Images) != 3 {
				t.Errorf("%d jobs, events %v, %d images", watching, n, len(got.Images))
			}
		})
	}
}

// Eight workers with one job: Alipay gets one application.
func TestSubmitRace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.submitted()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := b.svc.ExecuteSubmit(t.Context(), b.Tenant, a); err != nil &&
				!errors.Is(err, onboarding.ErrUnderWay) {
				t.Errorf("a worker: %v", err)
			}
		})
	}
	wg.Wait()
	b.until(a)
	b.only(a)
	b.want(a, onboarding.StatusInReview)
}

// 64 identical messages at once, while the watch asks too: approved once.
func TestMessageRace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, order := b.sent()
	b.decide(order, "approve", nil)
	raw := b.message(passed, "n-1", map[string]string{
		"order_id":      order,
		"external_id":   a.Hex(),
		"smid":          b.only(a).SMID,
		"card_alias_no": "",
		"memo":          "",
	})
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			if i%16 == 0 {
				if _, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil {
					t.Errorf("watch: %v", err)
				}
			}
			if ack, err := b.svc.ReceiveMessage(t.Context(), b.Tenant, raw); err != nil || !ack {
				t.Errorf("message: %v, %v", ack, err)
			}
		})
	}
	wg.Wait()
	b.want(a, onboarding.StatusApproved)
	if n := b.events(a); n[vocabulary.EventOnboardingApproved] != 1 {
		t.Errorf("events %v", n)
	}
	var recorded int
	b.scan("SELECT count(*) FROM notifications WHERE notify_id = 'n-1'", &recorded)
	if recorded != 1 {
		t.Errorf("the message is recorded %d times", recorded)
	}
}

// A message can be faster than the answer to our own call.
func TestMessageOvertakes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.submitted()
	svc := b.service(func(name string) {
		if name != "created" {
			return
		}
		s := b.only(a)
		b.decide(s.OrderID, "approve", nil)
		if ack, err := b.svc.ReceiveMessage(t.Context(), b.Tenant,
			b.message(passed, "n-1",
				map[string]string{"order_id": s.OrderID, "external_id": a.Hex(),
					"smid": b.only(a).SMID})); err != nil ||
			!ack {
			t.Errorf("message: %v, %v", ack, err)
		}
	})
	if err := svc.ExecuteSubmit(t.Context(), b.Tenant, a); err != nil {
		t.Fatal(err)
	}
	b.want(a, onboarding.StatusApproved)
	if n := b.events(a); n[vocabulary.EventOnboardingApproved] != 1 {
		t.Errorf("events %v", n)
	}
}

// Messages that say what is not so, or speak of what is not ours.
func TestMessagesAreNotBelieved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, order := b.sent()
	other := id.New[id.Application]()
	for name, c := range map[string]struct {
		method  string
		content map[string]string
	}{
		"approved while in review": {passed,
			map[string]string{"order_id": order, "external_id": a.Hex(), "smid": "2088999999999999"}},
		"rejected while in review": {rejected,
			map[string]string{"order_id": order, "external_id": a.Hex(), "reason": "x"}},
		"another order": {passed,
			map[string]string{"order_id": "2026100100502000000009999999", "external_id": a.Hex(),
				"smid": "2088999999999999"}},
		"another application": {passed,
			map[string]string{"order_id": order, "external_id": other.Hex(), "smid": "2088999999999999"}},
		"a number of someone else": {passed,
			map[string]string{"order_id": order, "external_id": "t17-m000245", "smid": "2088999999999999"}},
		"about something else": {"alipay.merchant.tradecomplain.changed",
			map[string]string{"complain_event_id": "1"}},
	} {
		if ack, err := b.svc.ReceiveMessage(t.Context(), b.Tenant,
			b.message(c.method, "n-"+name, c.content)); err != nil ||
			!ack {
			t.Errorf("%s: %v, %v", name, ack, err)
		}
		if got := b.want(a, onboarding.StatusInReview); got.Smid != "" {
			t.Errorf("%s: the number is %s", name, got.Smid)
		}
	}
	forged := b.message(passed, "n-forged",
		map[string]string{"order_id": order, "external_id": a.Hex(), "smid": "2088999999999999"})
	forged = []byte(strings.Replace(string(forged), "2088999999999999", "2088999999999998", 1))
	if ack, err := b.svc.ReceiveMessage(t.Context(), b.Tenant, forged); err == nil || ack {
		t.Errorf("a forged message: %v, %v", ack, err)
	}
	var verdict string
	b.scan("SELECT verdict FROM notifications WHERE verdict = 'refused'", &verdict)
	if m := b.row(); m.Smid != nil {
		t.Errorf("the merchant has the number %s", *m.Smid)
	}
}

// When Alipay cannot be asked, a message is not acknowledged, and the watch goes on.
func TestAlipayAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, order := b.sent()
	b.decide(order, "approve", nil)
	b.Fault("http_502", "ant.merchant.expand.indirect.zftorder.query", 0)
	raw := b.message(passed, "n-1",
		map[string]string{"order_id": order, "external_id": a.Hex(), "smid": b.only(a).SMID})
	if ack, err := b.svc.ReceiveMessage(t.Context(), b.Tenant, raw); err == nil || ack {
		t.Errorf("acknowledged: %v, %v", ack, err)
	}
	if after, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil || after == 0 {
		t.Errorf("the watch ends: %s, %v", after, err)
	}
	b.want(a, onboarding.StatusInReview)
	b.Desk("DELETE", "/faults", nil, nil)
	if ack, err := b.svc.ReceiveMessage(t.Context(), b.Tenant, raw); err != nil || !ack {
		t.Errorf("the repeated message: %v, %v", ack, err)
	}
	b.want(a, onboarding.StatusApproved)
}

// The watch asks often at first, seldom later, and ends.
func TestWatchSchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, _ := b.sent()
	for _, c := range []struct{ step, want time.Duration }{
		{time.Minute, 10 * time.Second}, {5 * time.Minute, time.Minute}, {30 * time.Minute, 5 * time.Minute},
		{3 * time.Hour, 15 * time.Minute}, {48 * time.Hour, time.Hour},
		{10 * 24 * time.Hour, 24 * time.Hour}, {90 * 24 * time.Hour, 0},
	} {
		b.Clock.Advance(c.step)
		if after, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil || after != c.want {
			t.Errorf("%s later: again after %s, %v; want %s", c.step, after, err, c.want)
		}
	}
}

// A worker that waited for another's mark finds it to be a little later than its own time: it is a mark all the same.
func TestSubmitMarkedLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.submitted()
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE applications SET create_started_at = $1 WHERE id = $2",
			b.Clock.Now().Add(time.Second), a); err != nil {
			t.Fatal(err)
		}
	})
	if err := b.svc.ExecuteSubmit(t.Context(), b.Tenant, a); !errors.Is(err, onboarding.ErrUnderWay) {
		t.Errorf("a worker: %v", err)
	}
}

// While one worker may be sending, another one neither sends nor believes that it was not sent.
func TestSubmitLease(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.submitted()
	var second []string
	first := b.service(func(name string) {
		if name != "create" {
			return
		}
		err := b.service(func(name string) { second = append(second, name) }).ExecuteSubmit(t.Context(), b.Tenant, a)
		if !errors.Is(err, onboarding.ErrUnderWay) {
			t.Errorf("the second worker: %v", err)
		}
	})
	if err := first.ExecuteSubmit(t.Context(), b.Tenant, a); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(second, "create") || !slices.Contains(second, "asked") {
		t.Errorf("the second worker went through %v", second)
	}
	b.only(a)
	b.want(a, onboarding.StatusInReview)
}

// A message that names our application and another one's number at Alipay moves neither.
func TestCrossedMessage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, order := b.sent()
	b.decide(order, "approve", nil)
	other := b.draft(b.pending("other"), form())
	if _, err := b.svc.Submit(t.Context(), b.Actor, other); err != nil {
		t.Fatal(err)
	}
	ack, err := b.svc.ReceiveMessage(
		t.Context(),
		b.Tenant,
		b.message(passed, "n-1",
			map[string]string{"order_id": order, "external_id": other.Hex(), "smid": b.only(a).SMID}),
	)
	if err != nil || !ack {
		t.Errorf("%v, %v", ack, err)
	}
	if got := b.want(other, onboarding.StatusSubmitted); got.Smid != "" {
		t.Errorf("it got the number %s of another", got.Smid)
	}
}

// Another worker has learnt more by asking than the late answer to the first one's call says.
func TestLateAnswerTellsLess(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.submitted()
	first := b.service(func(name string) {
		if name != "created" {
			return
		}
		b.decide(b.only(a).OrderID, "audit", map[string]any{"stage": "fk", "result": "pass"})
		if err := b.svc.ExecuteSubmit(t.Context(), b.Tenant, a); err != nil {
			t.Errorf("the second worker: %v", err)
		}
		b.want(a, onboarding.StatusAwaitingSignature)
	})
	if err := first.ExecuteSubmit(t.Context(), b.Tenant, a); err != nil {
		t.Fatal(err)
	}
	got := b.want(a, onboarding.StatusAwaitingSignature)
	if got.Requirements[0].Status != onboarding.RequirementPassed {
		t.Errorf("what was learnt is forgotten: %+v", got.Requirements)
	}
}
