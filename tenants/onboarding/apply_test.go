package onboarding_test

import (
	"context"
	"testing"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/tenants/onboarding"
)

const theOrder = "2026100100502000000005124744"

// reports are what Alipay can say, each at least once.
func reports() map[string]onboarding.Snapshot {
	in := func(fk, kz alipay.AuditState, confirm alipay.ConfirmState) onboarding.Snapshot {
		return onboarding.Snapshot{OrderID: theOrder, Status: alipay.ApplicationInReview, FkAudit: fk, KzAudit: kz, SubConfirm: confirm}
	}
	return map[string]onboarding.Snapshot{
		"reviewing":             in(alipay.AuditWaiting, alipay.AuditSkipped, alipay.ConfirmStarted),
		"signed, reviewing":     in(alipay.AuditPassed, alipay.AuditWaiting, alipay.ConfirmFinished),
		"signing":               in(alipay.AuditPassed, alipay.AuditSkipped, alipay.ConfirmWaiting),
		"signing, reviewing":    in(alipay.AuditWaiting, alipay.AuditWaiting, alipay.ConfirmWaiting),
		"signing starts":        in(alipay.AuditPassed, alipay.AuditSkipped, alipay.ConfirmStarted),
		"finished":              {OrderID: theOrder, Status: alipay.ApplicationFinished, FkAudit: alipay.AuditPassed, KzAudit: alipay.AuditPassed, SubConfirm: alipay.ConfirmFinished, Smid: dbtest.Smid()},
		"failed":                {OrderID: theOrder, Status: alipay.ApplicationFailed, KzAudit: alipay.AuditReject, KzMemo: "照片模糊", Reason: "客资审核不通过"},
		"finished without smid": {OrderID: theOrder, Status: alipay.ApplicationFinished},
		"no known status":       {OrderID: theOrder, Status: "77", Smid: dbtest.Smid()},
		"another order":         {OrderID: "2026100100502000000009999999", Status: alipay.ApplicationFailed, Reason: "late"},
		"no order":              {Status: alipay.ApplicationFailed, Reason: "x"},
	}
}

// TestTransitions holds every pair of a status and a report. What is not named leaves the status as it is.
func TestTransitions(t *testing.T) {
	t.Parallel()
	open := map[string]onboarding.Status{
		"reviewing": onboarding.StatusInReview, "signed, reviewing": onboarding.StatusInReview, "signing": onboarding.StatusAwaitingSignature,
		"signing, reviewing": onboarding.StatusAwaitingSignature, "signing starts": onboarding.StatusAwaitingSignature, "finished": onboarding.StatusApproved,
		"failed": onboarding.StatusRejected,
	}
	table := map[onboarding.Status]map[string]onboarding.Status{
		onboarding.StatusDraft: {}, onboarding.StatusSubmitted: open, onboarding.StatusInReview: open, onboarding.StatusAwaitingSignature: open,
		onboarding.StatusApproved: {}, onboarding.StatusRejected: {},
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
				a, err := b.svc.Create(t.Context(), b.Actor, b.merchant, form())
				if err != nil {
					t.Fatal(err)
				}
				order := theOrder
				b.In(func(ctx context.Context, tx db.TenantTx) {
					smid := any(nil)
					if from == onboarding.StatusApproved {
						smid = dbtest.Smid()
					}
					if _, err := tx.Exec(ctx, "UPDATE applications SET status = $1, alipay_order_id = $2, submitted_at = now(), smid = $3 WHERE id = $4", string(from), order, smid, a.ID); err != nil {
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
				if (got.Smid != "") != (to == onboarding.StatusApproved) || (got.DecidedAt != nil) != (to.Decided() && !from.Decided()) {
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
		if _, err := tx.Exec(ctx, "UPDATE merchants SET status = 'suspended', receiver_type = 'userId', receiver_account = '2088000000000077' WHERE id = $1", b.merchant); err != nil {
			t.Fatal(err)
		}
	})
	b.decide(order, "approve", nil)
	if _, err := b.svc.Watch(t.Context(), b.Tenant, a); err != nil {
		t.Fatal(err)
	}
	b.want(a, onboarding.StatusApproved)
	if m := b.row(); m.Status != "suspended" || m.Smid == nil || *m.ReceiverAccount != "2088000000000077" || *m.ReceiverType != "userId" {
		t.Errorf("the merchant is %+v", m)
	}
}
