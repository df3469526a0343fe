package approvals_test

import (
	"context"
	"slices"
	"testing"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/approvals"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/merchants"
	"zhitong/tenants/orders"
	"zhitong/tenants/tenantstest"
)

const (
	waiting   = vocabulary.ApprovalWaiting
	approved  = vocabulary.ApprovalApproved
	refused   = vocabulary.ApprovalRefused
	expired   = vocabulary.ApprovalExpired
	withdrawn = vocabulary.ApprovalWithdrawn
)

// world is a tenant whose refunds above 50 yuan need a second person, who is there.
type world struct {
	*tenantstest.Road
	t         *testing.T
	svc       *approvals.Service
	merchants *merchants.Service
	second    tenants.Actor
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{Road: tenantstest.NewRoad(t), t: t}
	w.merchants = merchants.New(w.DB, w.Vault)
	w.svc = w.service(nil)
	w.second = w.key(tenants.RoleAdmin)
	w.limit(5000)
	return w
}

func (w *world) service(step func(string)) *approvals.Service {
	return approvals.New(approvals.Config{DB: w.DB, Vault: w.Vault, Clock: w.Clock, Orders: w.Orders,
		Merchants: w.merchants, Step: step})
}

// key is a person with a key that goes back to nobody else.
func (w *world) key(role tenants.Role) tenants.Actor {
	w.t.Helper()
	a := w.Actor
	a.Role = role
	w.In(func(_ context.Context, tx db.TenantTx) {
		a.Caller = tenants.ByKey(dbtest.APIKey(w.t, tx, func(k *dbsqlc.APIKey) { k.Role = role }).ID)
	})
	return a
}

func (w *world) limit(fen money.Fen) {
	w.Change("UPDATE tenants SET refund_approval_above_fen = $1", fen)
}

// asks leaves the refund of an order to a second person.
func (w *world) asks(o orders.Order) approvals.Approval {
	w.t.Helper()
	return w.asked(w.Actor, vocabulary.ApprovalRefund, refundOf(o))
}

func refundOf(o orders.Order) approvals.Params {
	return approvals.Params{Refund: &approvals.Refund{Order: o.ID, Reason: "买家误购"}}
}

func (w *world) receiver(to string) approvals.Params {
	return approvals.Params{Receiver: &approvals.ReceiverChange{Merchant: w.Distributor.ID,
		To: &merchants.Receiver{Type: vocabulary.ReceiverUserID, Account: to}}}
}

func (w *world) asked(a tenants.Actor, k vocabulary.ApprovalKind, p approvals.Params) approvals.Approval {
	w.t.Helper()
	made, _, err := w.svc.Ask(w.t.Context(), a, idempotency.Key{}, k, p)
	if err != nil {
		w.t.Fatalf("ask: %v", err)
	}
	return made
}

func (w *world) delivered() orders.Order {
	w.t.Helper()
	return w.Paid(w.Order(1))
}

// is checks how an approval stands, what was told of it, and how many refunds there are.
func (w *world) is(a id.Approval, status vocabulary.ApprovalStatus, failure string, refunds int) approvals.Approval {
	w.t.Helper()
	got, err := w.svc.Get(w.t.Context(), w.Actor, a)
	if err != nil {
		w.t.Fatal(err)
	}
	if got.Status != status || string(got.Failure) != failure {
		w.t.Errorf("the approval is %s %q, want %s %q", got.Status, got.Failure, status, failure)
	}
	if n := w.Count("refunds", "true"); n != refunds {
		w.t.Errorf("%d refunds, want %d", n, refunds)
	}
	if n, want := w.Count("events", "subject_id = $1", a), 1+b2i(status != waiting); n != want {
		w.t.Errorf("%d events, want %d", n, want)
	}
	if n, want := w.Count("audit_log", "subject_id = $1", a), 1+b2i(status != waiting); n != want {
		w.t.Errorf("%d audit entries, want %d", n, want)
	}
	return got
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func wants(t *testing.T, what string, err error, codes ...string) {
	t.Helper()
	if !slices.Contains(codes, string(fault.CodeOf(err))) || err == nil {
		t.Errorf("%s: %v, want %v", what, err, codes)
	}
}
