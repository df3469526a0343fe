package authz

import (
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

// TestPolicy names the decisions that protect money, keys and people; the table itself is policy.csv.
func TestPolicy(t *testing.T) {
	t.Parallel()
	d, err := New(load(t))
	if err != nil {
		t.Fatal(err)
	}
	const o, a, f, r = tenants.RoleOwner, tenants.RoleAdmin, tenants.RoleFinance, tenants.RoleRisk
	const s, dev, di, su = tenants.RoleSupport, tenants.RoleDeveloper, tenants.RoleDistributor, tenants.RoleSupplier
	for _, row := range []struct {
		operation string
		may       []tenants.Role
	}{
		{"getOrderCardKeys", []tenants.Role{o, a, s}},
		{"createRefund", []tenants.Role{o, a, f}},
		{"closeCase", []tenants.Role{o, a, r}},
		{"createMember", []tenants.Role{o, a}},
		{"createAPIKey", []tenants.Role{o, a}},
		{"putAlipayConnection", []tenants.Role{o, a}},
		{"createSplitRule", []tenants.Role{o, a}},
		{"createOrder", []tenants.Role{o, a, dev}},
		{"getOrder", []tenants.Role{o, a, f, r, s, dev, di, su}},
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

func BenchmarkMay(b *testing.B) {
	c, err := contract.Load()
	if err != nil {
		b.Fatal(err)
	}
	d, err := New(c)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_ = d.May(tenants.RoleDeveloper, "createOrder")
	}
}
