package catalog_test

import (
	"context"
	"maps"
	"reflect"
	"testing"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/catalog"
	"zhitong/tenants/idempotency"
)

type testBundle struct {
	db                    *db.DB
	svc                   *catalog.Service
	actor                 tenants.Actor
	supplier, distributor id.Merchant
	rule                  id.SplitRule
}

func setup(t *testing.T) *testBundle {
	t.Helper()
	b := &testBundle{db: dbtest.NewDB(t)}
	b.svc = catalog.New(b.db)
	b.actor = tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleOwner}
	err := b.actor.In(t.Context(), b.db, func(_ context.Context, tx db.TenantTx) error {
		b.supplier = dbtest.Merchant(t, tx).ID
		b.distributor = dbtest.Merchant(t, tx, func(m *dbsqlc.Merchant) { m.Kind = "distributor" }).ID
		rule, _ := dbtest.SplitRule(t, tx)
		b.rule = rule.ID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *testBundle) product() catalog.NewProduct {
	return catalog.NewProduct{
		Name:             "星河点券 100 元",
		Price:            100_00,
		Supplier:         b.supplier,
		MerchantOfRecord: b.distributor,
		SplitRule:        b.rule,
		Metadata:         tenants.Metadata{"sku": "A-1"},
	}
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code || err == nil {
		t.Errorf("error %v, want code %q", err, code)
	}
}

func TestProductLife(t *testing.T) {
	t.Parallel()
	b := setup(t)
	key := idempotency.Key{Value: "k", Request: [32]byte{1}}
	p, replayed, err := b.svc.Create(t.Context(), b.actor, key, b.product())
	if err != nil || replayed || p.Status != catalog.StatusActive || p.CreatedAt.IsZero() {
		t.Fatalf("%+v, %v, %v", p, replayed, err)
	}
	again, replayed, err := b.svc.Create(t.Context(), b.actor, key, b.product())
	if err != nil || !replayed || again.ID != p.ID {
		t.Errorf("the same request again: %+v, %v, %v", again, replayed, err)
	}
	_, _, err = b.svc.Create(t.Context(), b.actor, idempotency.Key{Value: "k", Request: [32]byte{2}}, b.product())
	wantCode(t, err, idempotency.CodeKeyReused)

	price, off := money.Fen(99_00), catalog.StatusArchived
	changed, err := b.svc.Update(t.Context(), b.actor, p.ID, catalog.Change{
		Price: &price, Status: &off, Metadata: tenants.MetadataChange{Keys: map[string]*string{"shelf": &p.Name}},
	})
	if err != nil || changed.Price != price || changed.Status != off || changed.Name != p.Name ||
		changed.SplitRule != p.SplitRule ||
		!maps.Equal(changed.Metadata, tenants.Metadata{"sku": "A-1", "shelf": p.Name}) {
		t.Errorf("%+v, %v", changed, err)
	}
	got, err := b.svc.Get(t.Context(), b.actor, p.ID)
	if err != nil || !reflect.DeepEqual(got, changed) {
		t.Errorf("%+v, %v; want %+v", got, err, changed)
	}
	for status, want := range map[vocabulary.ProductStatus]int{"": 1, catalog.StatusArchived: 1,
		catalog.StatusActive: 0} {
		if page, err := b.svc.List(t.Context(), b.actor, tenants.Page[id.Product]{}, status, ""); err != nil ||
			len(page.Items) != want {
			t.Errorf("listed with status %q: %+v, %v", status, page, err)
		}
	}
}

func TestProductRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, c := range map[string]struct {
		change func(*catalog.NewProduct)
		code   fault.Code
	}{
		"no supplier": {func(p *catalog.NewProduct) {
			p.Supplier = id.New[id.Merchant]()
		}, tenants.CodeMerchantNotFound},
		"no merchant of record": {func(p *catalog.NewProduct) {
			p.MerchantOfRecord = id.New[id.Merchant]()
		}, tenants.CodeMerchantNotFound},
		"a distributor as supplier": {func(p *catalog.NewProduct) {
			p.Supplier = b.distributor
		}, catalog.CodeMerchantIsNotSupplier},
		"no split rule": {func(p *catalog.NewProduct) {
			p.SplitRule = id.New[id.SplitRule]()
		}, tenants.CodeSplitRuleNotFound},
		"for nothing": {func(p *catalog.NewProduct) { p.Price = 0 }, tenants.CodeInvalidRequest},
		"negative":    {func(p *catalog.NewProduct) { p.Price = -1 }, tenants.CodeInvalidRequest},
		"more than Alipay ever takes": {func(p *catalog.NewProduct) {
			p.Price = money.Max + 1
		}, tenants.CodeInvalidRequest},
	} {
		in := b.product()
		c.change(&in)
		key := idempotency.Key{Value: name}
		_, _, err := b.svc.Create(t.Context(), b.actor, key, in)
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := b.svc.Create(t.Context(), b.actor, key, b.product()); err != nil {
			t.Errorf("%s: the refused request keeps the key: %v", name, err)
		}
	}
	p, _, err := b.svc.Create(t.Context(), b.actor, idempotency.Key{}, b.product())
	if err != nil {
		t.Fatal(err)
	}
	rule, price := id.New[id.SplitRule](), money.Max+1
	_, err = b.svc.Update(t.Context(), b.actor, p.ID, catalog.Change{SplitRule: &rule})
	wantCode(t, err, tenants.CodeSplitRuleNotFound)
	_, err = b.svc.Update(t.Context(), b.actor, p.ID, catalog.Change{Price: &price})
	wantCode(t, err, tenants.CodeInvalidRequest)
	_, err = b.svc.Update(t.Context(), b.actor, id.New[id.Product](), catalog.Change{})
	wantCode(t, err, tenants.CodeProductNotFound)
}

func TestProductIsolation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, _, err := b.svc.Create(t.Context(), b.actor, idempotency.Key{}, b.product())
	if err != nil {
		t.Fatal(err)
	}
	stranger := tenants.Actor{Tenant: dbtest.NewTenant(t, b.db), Role: tenants.RoleOwner}
	neighbour := b.actor
	neighbour.Role = tenants.RoleSupplier
	if err := b.actor.In(t.Context(), b.db, func(_ context.Context, tx db.TenantTx) error {
		neighbour.Merchant = dbtest.Merchant(t, tx).ID
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for name, who := range map[string]tenants.Actor{"another tenant": stranger, "another merchant": neighbour} {
		if _, err := b.svc.Get(t.Context(), who, p.ID); fault.CodeOf(err) != tenants.CodeProductNotFound {
			t.Errorf("%s reads: %v", name, err)
		}
		if _, err := b.svc.Update(t.Context(), who, p.ID, catalog.Change{}); fault.CodeOf(
			err,
		) != tenants.CodeProductNotFound {
			t.Errorf("%s changes: %v", name, err)
		}
		if page, err := b.svc.List(t.Context(), who, tenants.Page[id.Product]{}, "", ""); err != nil ||
			len(page.Items) != 0 {
			t.Errorf("%s lists: %+v, %v", name, page, err)
		}
	}
	_, _, err = b.svc.Create(t.Context(), stranger, idempotency.Key{}, b.product())
	wantCode(t, err, tenants.CodeMerchantNotFound)
	for _, own := range []id.Merchant{b.supplier, b.distributor} {
		who := neighbour
		who.Merchant = own
		if _, err := b.svc.Get(t.Context(), who, p.ID); err != nil {
			t.Errorf("a party of the product: %v", err)
		}
	}
}
