package splits_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/simulator/faults"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/splits"
)

const rateMethod = "alipay.trade.royalty.rate.query"

func platform(rate money.BasisPoints) splits.PartRule {
	return splits.PartRule{Receiver: splits.ReceiverPlatform, Rate: rate}
}

func TestRules(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := t.Context()
	parts := []splits.PartRule{
		platform(500),
		{Receiver: splits.ReceiverMerchant, Merchant: b.distributor.ID, Rate: 200, Floor: 1, Cap: 900},
	}
	r, replayed, err := b.svc.Create(ctx, b.Actor,
		splits.RuleInput{Name: "standard", Parts: parts, Key: idempotency.Key{Value: "k1"}})
	if err != nil || replayed {
		t.Fatalf("%+v, %v, %v", r, replayed, err)
	}
	if r.Version != 1 || r.MaxSplit != 3000 || len(r.Parts) != 2 || r.Parts[1] != parts[1] {
		t.Errorf("created %+v", r)
	}
	again, replayed, err := b.svc.Create(ctx, b.Actor,
		splits.RuleInput{Name: "standard", Parts: parts, Key: idempotency.Key{Value: "k1"}})
	if err != nil || !replayed || again.ID != r.ID {
		t.Errorf("replay: %+v, %v, %v", again, replayed, err)
	}
	_, _, err = b.svc.Create(ctx, b.Actor,
		splits.RuleInput{Name: "other", Parts: parts, Key: idempotency.Key{Value: "k1", Request: [32]byte{1}}})
	wantCode(t, err, idempotency.CodeKeyReused)
	_, _, err = b.svc.Create(ctx, b.Actor, splits.RuleInput{Name: "standard", Parts: nil})
	wantCode(t, err, splits.CodeNameTaken)

	v2, _, err := b.svc.Publish(ctx, b.Actor, idempotency.Key{}, r.ID, tenants.Match{},
		[]splits.PartRule{platform(3000)})
	if err != nil || v2.Version != 2 || v2.VersionID == r.VersionID || len(v2.Parts) != 1 {
		t.Errorf("version 2: %+v, %v", v2, err)
	}
	got, err := b.svc.Get(ctx, b.Actor, r.ID)
	if err != nil || got.Version != 2 || got.VersionID != v2.VersionID {
		t.Errorf("get: %+v, %v", got, err)
	}
	_, _, err = b.svc.Publish(ctx, b.Actor, idempotency.Key{}, id.New[id.SplitRule](), tenants.Match{}, nil)
	wantCode(t, err, tenants.CodeSplitRuleNotFound)
	_, err = b.svc.Get(ctx, b.Actor, id.New[id.SplitRule]())
	wantCode(t, err, tenants.CodeSplitRuleNotFound)

	stranger := b.Actor
	stranger.Tenant = dbtest.NewTenant(t, b.DB)
	_, err = b.svc.Get(ctx, stranger, r.ID)
	wantCode(t, err, tenants.CodeSplitRuleNotFound)
	_, _, err = b.svc.Create(ctx, stranger, splits.RuleInput{Name: "standard"})
	wantCode(t, err, tenants.CodeAlipayConnectionMissing)
}

func wantCode(t *testing.T, err error, want fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestRuleList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 3 {
		if _, _, err := b.svc.Create(t.Context(), b.Actor,
			splits.RuleInput{Name: fmt.Sprint("rule ", i), Parts: []splits.PartRule{platform(100)}}); err != nil {
			t.Fatal(err)
		}
	}
	first, err := b.svc.List(t.Context(), b.Actor, tenants.Page[id.SplitRule]{Limit: 2}, "")
	if err != nil || len(first.Items) != 2 || first.Next == "" || first.Items[0].Name != "rule 2" ||
		len(first.Items[1].Parts) != 1 {
		t.Fatalf("%+v, %v", first, err)
	}
	before, err := id.Parse[id.SplitRule](first.Next)
	if err != nil {
		t.Fatal(err)
	}
	rest, err := b.svc.List(t.Context(), b.Actor, tenants.Page[id.SplitRule]{Limit: 2, Before: before}, "")
	if err != nil || len(rest.Items) != 2 || rest.Next != "" || rest.Items[0].Name != "rule 0" {
		// and the one of the bundle
		t.Errorf("%+v, %v", rest, err)
	}
}

func TestRulesRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	poor := b.Merchant("No receiver")
	b.In(func(ctx context.Context, tx db.TenantTx) {
		if _, err := tx.Exec(ctx, "UPDATE merchants SET receiver_type = NULL, receiver_account = NULL WHERE id = $1",
			poor.ID); err != nil {
			t.Fatal(err)
		}
	})
	merchant := func(m id.Merchant) splits.PartRule {
		return splits.PartRule{Receiver: splits.ReceiverMerchant, Merchant: m, Rate: 100}
	}
	for _, c := range []struct {
		name    string
		parts   []splits.PartRule
		code    fault.Code
		pointer string
	}{
		{"above the cap", []splits.PartRule{platform(2000), func() splits.PartRule {
			p := merchant(b.distributor.ID)
			p.Rate = 1001
			return p
		}()}, splits.CodeAboveCap, "/parts"},
		{"above the whole", []splits.PartRule{platform(9000), func() splits.PartRule {
			p := merchant(b.distributor.ID)
			p.Rate = 2000
			return p
		}()}, splits.CodeAboveCap, ""},
		{"unknown merchant", []splits.PartRule{merchant(id.New[id.Merchant]())}, tenants.CodeMerchantNotFound,
			"/parts/0/merchant_id"},
		{"no receiver account", []splits.PartRule{platform(1), merchant(poor.ID)}, splits.CodeReceiverMissing,
			"/parts/1/merchant_id"},
		{"twice the same merchant", []splits.PartRule{merchant(poor.ID), merchant(poor.ID)}, tenants.CodeInvalidRequest,
			"/parts/1/receiver"},
		{"twice the platform", []splits.PartRule{platform(1), platform(1)}, tenants.CodeInvalidRequest,
			"/parts/1/receiver"},
		{"no merchant", []splits.PartRule{merchant(id.Merchant{})}, tenants.CodeInvalidRequest, "/parts/0/merchant_id"},
		{"a merchant that is the platform",
			[]splits.PartRule{{Receiver: splits.ReceiverPlatform, Merchant: poor.ID, Rate: 1}},
			tenants.CodeInvalidRequest,
			"/parts/0/merchant_id"},
		{"unknown receiver", []splits.PartRule{{Receiver: "buyer", Rate: 1}}, tenants.CodeInvalidRequest,
			"/parts/0/receiver"},
		{"a part of nothing", []splits.PartRule{{Receiver: splits.ReceiverPlatform}}, tenants.CodeInvalidRequest,
			"/parts/0/rate_bps"},
		{"negative", []splits.PartRule{{Receiver: splits.ReceiverPlatform, Rate: -1}}, tenants.CodeInvalidRequest,
			"/parts/0/rate_bps"},
		{"too large", []splits.PartRule{{Receiver: splits.ReceiverPlatform, Fixed: money.Max + 1}},
			tenants.CodeInvalidRequest, "/parts/0/fixed_fen"},
		{"cap below floor", []splits.PartRule{{Receiver: splits.ReceiverPlatform, Rate: 1, Floor: 5, Cap: 4}},
			tenants.CodeInvalidRequest, "/parts/0/cap_fen"},
		{"six parts", []splits.PartRule{platform(1), merchant(id.New[id.Merchant]()), merchant(id.New[id.Merchant]()),
			merchant(id.New[id.Merchant]()),
			merchant(id.New[id.Merchant]()), merchant(id.New[id.Merchant]())}, tenants.CodeInvalidRequest, "/parts"},
	} {
		_, _, err := b.svc.Create(t.Context(), b.Actor, splits.RuleInput{Name: c.name, Parts: c.parts})
		f, _ := errors.AsType[*fault.Error](err)
		if f == nil || f.Code != c.code ||
			(c.pointer != "" && (len(f.Fields) == 0 || f.Fields[0].Pointer != c.pointer)) {
			t.Errorf("%s: %v, want %s at %s", c.name, err, c.code, c.pointer)
		}
		if c.name == "above the cap" && (f == nil || !strings.Contains(f.Detail, "30 %")) {
			t.Errorf("%s: the cap is not named: %v", c.name, err)
		}
	}
	list, err := b.svc.List(t.Context(), b.Actor, tenants.Page[id.SplitRule]{}, "")
	if err != nil || len(list.Items) != 1 {
		t.Errorf("refused rules were written: %+v, %v", list.Items, err)
	}
}

// TestCapIsReadOncePerHour: the cap is asked for again when it is older, and a rule is not published on a cap that
// Alipay does not tell.
func TestCapIsReadOncePerHour(t *testing.T) {
	t.Parallel()
	b := setup(t)
	create := func(name string) error {
		_, _, err := b.svc.Create(t.Context(), b.Actor,
			splits.RuleInput{Name: name, Parts: []splits.PartRule{platform(2000)}})
		return err
	}
	b.Fault(faults.NoAnswerBefore, rateMethod, 0)
	wantCode(t, create("1"), tenants.CodeAlipayUnavailable)
	b.Desk(http.MethodDelete, "/faults", nil, nil)
	if err := create("2"); err != nil {
		t.Fatal(err)
	}
	b.Desk(http.MethodPatch, "/apps/"+b.AppID, map[string]any{"max_ratio": 10}, nil)
	if err := create("3"); err != nil {
		t.Errorf("within the hour: %v", err)
	}
	b.Clock.Advance(time.Hour + time.Second)
	wantCode(t, create("4"), splits.CodeAboveCap)
}

// TestPublishTogether: versions of one rule are numbered one after the other, whoever publishes.
func TestPublishTogether(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r, _, err := b.svc.Create(t.Context(), b.Actor,
		splits.RuleInput{Name: "rule", Parts: []splits.PartRule{platform(100)}})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, _, err := b.svc.Publish(t.Context(), b.Actor, idempotency.Key{}, r.ID, tenants.Match{},
				[]splits.PartRule{platform(200)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := b.svc.Get(t.Context(), b.Actor, r.ID); err != nil || got.Version != 6 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestOrderKeepsItsVersion: an order is split by the version that it was made with.
func TestOrderKeepsItsVersion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p := b.paid(100_00)
	if _, _, err := b.svc.Publish(t.Context(), b.Actor, idempotency.Key{}, b.product.SplitRuleID, tenants.Match{},
		[]splits.PartRule{platform(3000)}); err != nil {
		t.Fatal(err)
	}
	if out := b.work(b.svc, p); out.State != splits.Finished {
		t.Fatalf("outcome %+v", out)
	}
	b.completed(p)
	_, err := b.svc.OfOrder(t.Context(), b.Actor, id.New[id.Order]())
	wantCode(t, err, "order_not_found")
	unpaid := b.paid(1)
	_, err = b.svc.OfOrder(t.Context(), b.Actor, unpaid.OrderID)
	wantCode(t, err, splits.CodeSplitNotFound)
	other := b.Actor // another merchant of the tenant does not see the order
	other.Merchant = b.distributor.ID
	_, err = b.svc.OfOrder(t.Context(), other, p.OrderID)
	wantCode(t, err, "order_not_found")
}
