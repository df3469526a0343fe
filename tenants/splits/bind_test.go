package splits_test

import (
	"context"
	"net/http"
	"testing"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/simulator/faults"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/splits"
	"zhitong/tenants/tenantstest"
)

// TestReceiverIsBoundFirst: a rule whose receiver Alipay does not know cannot be published, new or as a version; one
// that it knows is bound by publishing.
func TestReceiverIsBoundFirst(t *testing.T) {
	t.Parallel()
	s := tenantstest.New(t)
	svc := splits.New(splits.Config{DB: s.DB, Vault: s.Vault, Gateways: s.Gateways, Clock: s.Clock})
	m := s.Merchant("分销商")
	parts := []splits.PartRule{{Receiver: splits.ReceiverMerchant, Merchant: m.ID, Rate: 100}}
	receiver := func(account string) {
		t.Helper()
		s.In(func(ctx context.Context, tx db.TenantTx) {
			if _, err := tx.Exec(ctx, "UPDATE merchants SET receiver_type = 'userId', receiver_account = $1, "+
				"receiver_bound_at = NULL WHERE id = $2", account, m.ID); err != nil {
				t.Fatal(err)
			}
		})
	}
	bound := func() (yes bool) {
		t.Helper()
		s.In(func(ctx context.Context, tx db.TenantTx) {
			if err := tx.QueryRow(ctx, "SELECT receiver_bound_at IS NOT NULL FROM merchants WHERE id = $1", m.ID).
				Scan(&yes); err != nil {
				t.Fatal(err)
			}
		})
		return yes
	}
	create := func() (splits.Rule, error) {
		r, _, err := svc.Create(t.Context(), s.Actor, splits.RuleInput{Name: id.New[id.SplitRule]().String(),
			Parts: parts})
		return r, err
	}
	known := *m.ReceiverAccount
	receiver("2088999999999999")
	if _, err := create(); fault.CodeOf(err) != splits.CodeReceiverRefused || bound() {
		t.Errorf("a receiver that is nobody: %v, bound %v", err, bound())
	}
	receiver(known)
	s.Fault("system_error_before", "alipay.trade.royalty.relation.bind", 10)
	if _, err := create(); fault.CodeOf(err) != tenants.CodeAlipayUnavailable || bound() {
		t.Errorf("with the gateway away: %v", err)
	}
	s.Desk("DELETE", "/faults", nil, nil)
	rule, err := create()
	if err != nil || !bound() {
		t.Fatalf("a receiver that is known: %v, bound %v", err, bound())
	}
	receiver("2088999999999999")
	_, _, err = svc.Publish(t.Context(), s.Actor, idempotency.Key{}, rule.ID, tenants.Match{}, parts)
	if fault.CodeOf(err) != splits.CodeReceiverRefused {
		t.Errorf("a new version with a receiver that is nobody: %v", err)
	}
	if got, err := svc.Get(t.Context(), s.Actor, rule.ID); err != nil || got.Status != vocabulary.SplitRuleActive ||
		got.Version != 1 {
		t.Errorf("the rule is %+v, %v", got, err)
	}
}

// TestBindingIsAskedFor: whether a binding whose answer was lost, or says nothing, was made is asked for. The control
// is one that was not made: its rule cannot be published, and its split waits.
func TestBindingIsAskedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const ask = "alipay.trade.royalty.relation.batchquery"
	parts := []splits.PartRule{{Receiver: splits.ReceiverMerchant, Merchant: b.distributor.ID, Rate: 100}}
	create := func() error {
		_, _, err := b.svc.Create(t.Context(), b.Actor,
			splits.RuleInput{Name: id.New[id.SplitRule]().String(), Parts: parts})
		return err
	}
	bound := func() (yes bool) {
		t.Helper()
		b.In(func(ctx context.Context, tx db.TenantTx) {
			if err := tx.QueryRow(ctx, "SELECT receiver_bound_at IS NOT NULL FROM merchants WHERE id = $1",
				b.distributor.ID).Scan(&yes); err != nil {
				t.Fatal(err)
			}
		})
		return yes
	}
	broken := func(kind string, with ...string) {
		t.Helper()
		b.Desk(http.MethodDelete, "/faults", nil, nil)
		b.unbind()
		b.Fault(kind, bindMethod, 0)
		for _, method := range with {
			b.Fault(faults.NoAnswerBefore, method, 0)
		}
	}
	for _, kind := range []string{faults.NoAnswerBefore, faults.SystemErrorBefore} {
		broken(kind)
		if err := create(); fault.CodeOf(err) != tenants.CodeAlipayUnavailable || bound() {
			t.Errorf("the control, %s: %v, bound %t", kind, err, bound())
		}
		out, err := b.svc.Execute(t.Context(), b.Tenant, b.paid(100_00).ID)
		if err != nil || out.State != splits.Waiting || bound() {
			t.Errorf("the control, %s, when it is split: %+v, %v, bound %t", kind, out, err, bound())
		}
	}
	for _, kind := range []string{faults.NoAnswerAfter, faults.SystemErrorAfter, faults.HTTP502, faults.HalfJSON,
		faults.WrongSignature} {
		broken(kind)
		if err := create(); err != nil || !bound() {
			t.Errorf("%s: %v, bound %t", kind, err, bound())
		}
		broken(kind)
		p := b.paid(100_00)
		if out, err := b.svc.Execute(t.Context(), b.Tenant, p.ID); err != nil || out.State != splits.Finished ||
			!bound() {
			t.Errorf("%s, when it is split: %+v, %v, bound %t", kind, out, err, bound())
		}
	}
	broken(faults.NoAnswerAfter, ask)
	if err := create(); fault.CodeOf(err) != tenants.CodeAlipayUnavailable || bound() {
		t.Errorf("nobody to ask: %v, bound %t", err, bound())
	}
}
