package authz

import (
	"slices"
	"strings"
	"testing"

	"zhitong/api/contract"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

func load(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestStorefront: what a shop's server may do is all that it may do.
func TestStorefront(t *testing.T) {
	t.Parallel()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var may []string
	for _, o := range load(t).Operations() {
		if d.May(tenants.RoleStorefront, o.ID) {
			may = append(may, o.ID)
		}
	}
	slices.Sort(may)
	if want := []string{"closeOrder", "createOrder", "getOrder", "listOrders"}; !slices.Equal(may, want) {
		t.Errorf("%v, want %v", may, want)
	}
}

// TestPolicy names the decisions that protect money, keys and people; the table itself is policy.csv.
func TestPolicy(t *testing.T) {
	t.Parallel()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	const o, a, f, r = tenants.RoleOwner, tenants.RoleAdmin, tenants.RoleFinance, tenants.RoleRisk
	const s, dev, di, su = tenants.RoleSupport, tenants.RoleDeveloper, tenants.RoleDistributor, tenants.RoleSupplier
	const shop = tenants.RoleStorefront
	for _, row := range []struct {
		operation string
		may       []tenants.Role
	}{
		{"getOrderCardKeys", []tenants.Role{o, a, s}},
		{"createRefund", []tenants.Role{o, a, f}},
		{"closeCase", []tenants.Role{o, a, r}},
		{"assignCase", []tenants.Role{o, a, r, s}},
		{"createMember", []tenants.Role{o, a}},
		{"createAPIKey", []tenants.Role{o, a}},
		{"putAlipayConnection", []tenants.Role{o, a}},
		{"createSplitRule", []tenants.Role{o, a}},
		{"createProduct", []tenants.Role{o, a}},
		{"updateProduct", []tenants.Role{o, a}}, // a price
		{"createOrder", []tenants.Role{o, a, dev, shop}},
		{"getOrder", []tenants.Role{o, a, f, r, s, dev, shop, di, su}},
		{"createTenant", nil},
		{"noSuchOperation", nil},
	} {
		t.Run(row.operation, func(t *testing.T) {
			t.Parallel()
			for _, role := range append(vocabulary.Roles(), "nobody", "") {
				want := false
				for _, m := range row.may {
					want = want || m == role
				}
				if d.May(role, row.operation) != want {
					t.Errorf("%s: want %v", role, want)
				}
			}
		})
	}
}

func TestPolicyMustCoverTheContract(t *testing.T) {
	t.Parallel()
	c := load(t)
	for name, row := range map[string]struct{ policy, want string }{
		"no rule":              {strings.ReplaceAll(policyText, "getStock", "getTenant"), "getStock has no rule"},
		"no operation":         {policyText + "p, owner, dropEverything\n", `"dropEverything"`},
		"no role":              {policyText + "p, root, getStock\n", `"root"`},
		"public for a role":    {policyText + "p, owner, createTenant\n", "contradicts"},
		"anyone for a private": {policyText + "p, anyone, getStock\n", "contradicts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := newDecisions(c, row.policy); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("have %v, want %q", err, row.want)
			}
		})
	}
}

func TestFieldsFitThePolicy(t *testing.T) {
	t.Parallel()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFields(d, fieldsText)
	if err != nil {
		t.Fatal(err)
	}
	if f.Of(tenants.RoleSupport).Of(CheckoutAddress) != Plain || f.Of(tenants.RoleRisk).Of(Contact) != Masked ||
		f.Of(tenants.RoleSupplier).Of(Metadata) != Absent || f.Of("nobody").Of(Contact) != Absent ||
		f.OfCreator(tenants.RoleDeveloper).Of(CheckoutAddress) != Plain ||
		f.Of(tenants.RoleDeveloper).Of(CheckoutAddress) != Absent {
		t.Errorf("read wrongly: %+v", f)
	}
	for name, row := range map[string]struct{ old, new, want string }{
		"against the policy": {"checkout_address, plain,  plain,  absent,", "checkout_address, plain,  plain,  plain,",
			"checkout_address for finance contradicts"},
		"no class":    {"metadata, ", "meta, ", `"meta" is unknown`},
		"twice":       {"id_number, ", "contact, ", `"contact" is unknown or there twice`},
		"no word":     {"metadata,         plain,", "metadata,         some,", `is "some"`},
		"dash":        {"metadata,         plain,", "metadata,         -,", `is "-"`},
		"other roles": {"owner,  admin,", "admin,  owner,", "the columns must be"},
		"one less":    {"secret,           ", "# secret, ", "9 of 10 classes"},
	} {
		if !strings.Contains(fieldsText, row.old) {
			t.Fatalf("%s: fields.csv lacks %q", name, row.old)
		}
		_, err := newFields(d, strings.Replace(fieldsText, row.old, row.new, 1))
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: have %v, want %q", name, err, row.want)
		}
	}
}

func BenchmarkMay(b *testing.B) {
	d, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_ = d.May(tenants.RoleDeveloper, "createOrder")
	}
}
