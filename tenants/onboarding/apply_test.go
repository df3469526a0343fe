package onboarding_test

import (
	"context"
	"strings"
	"testing"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/onboarding"
)

const theOrder = "2026100100502000000005124744"

// reports are what Alipay can say, each at least once.
func reports() map[string]onboarding.Snapshot {
	in := func(fk, kz acquiring.ReviewState, confirm acquiring.SignatureState) onboarding.Snapshot {
		return onboarding.Snapshot{
			Reference: theOrder,
			State:     acquiring.ApplicationInReview,
			Risk:      fk,
			Papers:    kz,
			Signature: confirm,
		}
	}
	return map[string]onboarding.Snapshot{
		"reviewing":          in(acquiring.ReviewWaiting, acquiring.ReviewSkipped, acquiring.SignatureBegun),
		"signed, reviewing":  in(acquiring.ReviewPassed, acquiring.ReviewWaiting, acquiring.SignatureGiven),
		"signing":            in(acquiring.ReviewPassed, acquiring.ReviewSkipped, acquiring.SignatureAsked),
		"signing, reviewing": in(acquiring.ReviewWaiting, acquiring.ReviewWaiting, acquiring.SignatureAsked),
		"signing starts":     in(acquiring.ReviewPassed, acquiring.ReviewSkipped, acquiring.SignatureBegun),
		"finished": {
			Reference: theOrder,
			State:     acquiring.ApplicationFinished,
			Risk:      acquiring.ReviewPassed,
			Papers:    acquiring.ReviewPassed,
			Signature: acquiring.SignatureGiven,
			Merchant:  dbtest.Smid(),
		},
		"failed": {
			Reference:  theOrder,
			State:      acquiring.ApplicationFailed,
			Papers:     acquiring.ReviewRejected,
			PapersMemo: "照片模糊",
			Reason:     "客资审核不通过",
		},
		"finished without smid": {Reference: theOrder, State: acquiring.ApplicationFinished},
		"no known status":       {Reference: theOrder, State: "77", Merchant: dbtest.Smid()},
		"another order": {
			Reference: "2026100100502000000009999999",
			State:     acquiring.ApplicationFailed,
			Reason:    "late",
		},
		"no order": {State: acquiring.ApplicationFailed, Reason: "x"},
	}
}

// TestTransitions holds every pair of a status and a report. What is not named leaves the status as it is.
func TestTransitions(t *testing.T) {
	t.Parallel()
	open := map[string]onboarding.Status{
		"reviewing": onboarding.StatusInReview, "signed, reviewing": onboarding.StatusInReview,
		"signing":            onboarding.StatusAwaitingSignature,
		"signing, reviewing": onboarding.StatusAwaitingSignature, "signing starts": onboarding.StatusAwaitingSignature,
		"finished": onboarding.StatusApproved,
		"failed":   onboarding.StatusRejected,
	}
	table := map[onboarding.Status]map[string]onboarding.Status{
		onboarding.StatusDraft: {}, onboarding.StatusSubmitted: open, onboarding.StatusInReview: open,
		onboarding.StatusAwaitingSignature: open,
		onboarding.StatusApproved:          {}, onboarding.StatusRejected: {},
	}
	b := setup(t)
	for from, row := range table {
		for name, snap := range reports() {
			t.Run(string(from)+"/"+name, func(t *testing.T) {
				to, ok := row[name]
				if !ok {
					to = from
				}
				b := &testBundle{Sandbox: b.Sandbox, t: t, svc: b.svc}
				b.merchant = b.pending("m")
				a, _, err := b.svc.Create(t.Context(), b.Actor, idempotency.Key{}, b.merchant, form())
				if err != nil {
					t.Fatal(err)
				}
				order := theOrder
				b.In(func(ctx context.Context, tx db.TenantTx) {
					smid := any(nil)
					if from == onboarding.StatusApproved {
						smid = dbtest.Smid()
					}
					if _, err := tx.Exec(ctx, "UPDATE applications SET status = $1, alipay_order_id = $2, "+
						"submitted_at = now(), smid = $3 WHERE id = $4", string(from), order, smid, a.ID); err != nil {
						t.Fatal(err)
					}
				})
				for i := range 2 { // the second time changes nothing
					var changed bool
					b.In(func(ctx context.Context, tx db.TenantTx) {
						if changed, err = b.svc.Apply(ctx, tx, a.ID, snap); err != nil {
							t.Fatal(err)
						}
					})
					if changed && (i == 1 || !ok) {
						t.Errorf("run %d changed something", i+1)
					}
				}
				got := b.want(a.ID, to)
				if (got.Smid != "") != (to == onboarding.StatusApproved) ||
					(got.DecidedAt != nil) != (to.Decided() && !from.Decided()) {
					t.Errorf("number %q, decided at %v", got.Smid, got.DecidedAt)
				}
				if m := b.row(); (m.Status == "active") != (ok && to == onboarding.StatusApproved) {
					t.Errorf("the merchant is %s", m.Status)
				}
				n := 0
				for _, c := range b.events(a.ID) {
					n += c
				}
				wanted := 0
				if from != to && to != onboarding.StatusInReview {
					wanted = 1
				}
				if n != wanted {
					t.Errorf("%d events, want %d", n, wanted)
				}
			})
		}
	}
}

// A merchant that a person has suspended, and a receiver that was given, stay as they are.
func TestApproveKeepsDecisions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, order := b.sent()
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE merchants SET status = 'suspended', receiver_type = 'userId', "+
			"receiver_account = '2088000000000077' WHERE id = $1", b.merchant); err != nil {
			t.Fatal(err)
		}
	})
	b.decide(order, "approve", nil)
	if _, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil {
		t.Fatal(err)
	}
	b.want(a, onboarding.StatusApproved)
	if m := b.row(); m.Status != "suspended" || m.Smid == nil || *m.ReceiverAccount != "2088000000000077" ||
		*m.ReceiverType != "userId" {
		t.Errorf("the merchant is %+v", m)
	}
}

// TestNumberOfAnotherMerchant: Alipay approves under a number that another merchant of the platform has. Nothing asks
// for ever: the application ends, a person is called, once, and the merchant can apply again. Another tenant's merchant
// with the number is nobody's business.
func TestNumberOfAnotherMerchant(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stranger := dbtest.NewTenant(t, b.DB)
	give := func(tenant id.Tenant, smid string) (m id.Merchant) {
		err := b.DB.InTenant(t.Context(), tenant, func(_ context.Context, tx db.TenantTx) error {
			m = dbtest.Merchant(t, tx, func(m *dbsqlc.Merchant) { m.Smid = &smid }).ID
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a, order := b.sent()
	b.decide(order, "approve", nil)
	smid := b.only(a).SMID
	if smid == "" {
		t.Fatal("the simulator gave no number")
	}
	give(stranger, smid)
	other := give(b.Tenant, smid)
	for i := range 2 {
		if after, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil || after != 0 {
			t.Errorf("run %d: again after %s, %v", i+1, after, err)
		}
	}
	got := b.want(a, onboarding.StatusRejected)
	if !strings.Contains(got.Reason, smid) || !strings.Contains(got.Reason, other.String()) || got.Smid != "" {
		t.Errorf("reason %q, number %q", got.Reason, got.Smid)
	}
	if m := b.row(); m.Status != "pending" || m.Smid != nil {
		t.Errorf("the merchant is %+v", m)
	}
	var cases int
	b.scan(
		"SELECT count(*) FROM cases WHERE kind = 'smid_taken' AND status = 'open' AND detail LIKE '%' || $1 || '%'",
		&cases,
		smid,
	)
	if cases != 1 {
		t.Errorf("%d cases", cases)
	}
	if n := b.events(a); n[vocabulary.EventOnboardingRejected] != 1 || n[vocabulary.EventOnboardingApproved] != 0 {
		t.Errorf("events %v", n)
	}
	b.draft(b.merchant, form())

	// the number of a stranger's merchant alone is no obstacle
	b.merchant = b.pending("another")
	second, order := b.sent()
	b.decide(order, "approve", nil)
	give(stranger, b.only(second).SMID)
	if _, err := b.svc.Watch(t.Context(), b.Tenant, second); err != nil {
		t.Fatal(err)
	}
	b.want(second, onboarding.StatusApproved)
}
