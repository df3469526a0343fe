package splits_test

import (
	"context"
	"testing"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
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
