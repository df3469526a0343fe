package access_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
)

// member adds one with the role.
func (b *testBundle) member(t *testing.T, role tenants.Role, email string) access.Member {
	t.Helper()
	in := access.NewMember{Email: email, Name: "李芳", Role: role}
	if role.OfMerchant() {
		in.Merchant = b.supplier
	}
	m, _, err := b.svc.CreateMember(t.Context(), b.owner, idempotency.Key{}, in)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (b *testBundle) owners(t *testing.T) (n int) {
	t.Helper()
	err := b.owner.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM members WHERE role = 'owner'").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func role(r tenants.Role) access.MemberChange { return access.MemberChange{Role: &r} }

// A member's merchant follows its role, and nobody gives or takes more than their own.
func TestChangeMember(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss := b.member(t, tenants.RoleOwner, "boss@example.cn")
	m := b.member(t, tenants.RoleFinance, "m@example.cn")
	change := func(a tenants.Actor, member id.Member, c access.MemberChange) (access.Member, error) {
		return b.svc.UpdateMember(t.Context(), a, member, c)
	}
	for _, row := range []struct {
		name string
		as   tenants.Role
		of   id.Member
		c    access.MemberChange
		want fault.Code
	}{
		{"an admin makes an owner", tenants.RoleAdmin, m.ID, role(tenants.RoleOwner), access.CodeRoleExceedsOwn},
		{"an admin changes an owner", tenants.RoleAdmin, boss.ID, access.MemberChange{Name: new(string)},
			access.CodeRoleExceedsOwn},
		{"no such role", tenants.RoleOwner, m.ID, role("king"), tenants.CodeInvalidRequest},
		{"a supplier without a merchant", tenants.RoleOwner, m.ID, role(tenants.RoleSupplier),
			access.CodeRoleNeedsMerchant},
		{"a merchant without its role", tenants.RoleOwner, m.ID, access.MemberChange{Merchant: &b.supplier},
			access.CodeRoleNeedsMerchant},
		{"no such member", tenants.RoleOwner, id.New[id.Member](), role(tenants.RoleRisk), access.CodeMemberNotFound},
		{"another version", tenants.RoleOwner, m.ID,
			access.MemberChange{Match: tenants.Match{Given: true, Versions: []int64{7}}},
			tenants.CodePreconditionFailed},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := change(b.as(row.as), row.of, row.c)
			wantCode(t, err, row.want)
		})
	}
	other := b.member(t, tenants.RoleFinance, "other@example.cn")
	supplier := role(tenants.RoleSupplier)
	supplier.Merchant = &b.supplier
	if got, err := change(b.as(tenants.RoleAdmin), other.ID, supplier); err != nil || got.Merchant != b.supplier ||
		got.Version != 2 {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := change(b.owner, other.ID, role(tenants.RoleSupport)); err != nil || !got.Merchant.IsZero() {
		t.Errorf("a role of the platform keeps the merchant: %+v %v", got, err)
	}
	have, err := b.svc.GetMember(t.Context(), b.owner, other.ID)
	if err != nil || have.Role != tenants.RoleSupport || !have.Merchant.IsZero() || have.Name != "李芳" ||
		have.Version != 3 {
		t.Errorf("%+v %v", have, err)
	}
}

// Owners who demote or remove each other at once: one is left, and that is told.
func TestOwnersRemoveEachOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const owners = 6
	members := make([]id.Member, owners)
	for i := range members {
		members[i] = b.member(t, tenants.RoleOwner, string(rune('a'+i))+"@example.cn").ID
	}
	answers := make([]error, owners)
	var wg sync.WaitGroup
	for i, m := range members {
		wg.Go(func() {
			if i%2 == 0 {
				answers[i] = b.svc.RemoveMember(t.Context(), b.owner, m, tenants.Match{})
				return
			}
			_, answers[i] = b.svc.UpdateMember(t.Context(), b.owner, m, role(tenants.RoleAdmin))
		})
	}
	wg.Wait()
	refused := 0
	for i, err := range answers {
		switch {
		case fault.CodeOf(err) == access.CodeLastOwner:
			refused++
		case err != nil:
			t.Errorf("owner %d: %v", i, err)
		}
	}
	if n := b.owners(t); refused != 1 || n != 1 {
		t.Errorf("%d were refused and %d owners are left, want 1 and 1", refused, n)
	}
}

// Who was removed is gone, the address is free, and the keys of the platform go on.
func TestRemoveMember(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss := b.member(t, tenants.RoleOwner, "boss@example.cn")
	wantCode(t, b.svc.RemoveMember(t.Context(), b.as(tenants.RoleAdmin), boss.ID, tenants.Match{}),
		access.CodeRoleExceedsOwn)
	wantCode(t, b.svc.RemoveMember(t.Context(), b.owner, boss.ID, tenants.Match{}), access.CodeLastOwner)
	_, text := b.ownerKey(t)
	m := b.member(t, tenants.RoleSupplier, "m@example.cn")
	stale := tenants.Match{Given: true, Versions: []int64{2}}
	wantCode(t, b.svc.RemoveMember(t.Context(), b.owner, m.ID, stale), tenants.CodePreconditionFailed)
	if err := b.svc.RemoveMember(t.Context(), b.as(tenants.RoleAdmin), m.ID, tenants.Match{}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.svc.RemoveMember(t.Context(), b.owner, m.ID, tenants.Match{}), access.CodeMemberNotFound)
	if _, err := b.svc.Authenticate(t.Context(), text.Reveal()); err != nil {
		t.Errorf("a key of the platform: %v", err)
	}
	if again := b.member(t, tenants.RoleRisk, "m@example.cn"); again.ID == m.ID {
		t.Error("the removed member is back")
	}
}

// TestMemberEmailIsSealed: an address lies sealed, is read as it was, and is another member's to nobody, in whatever
// case it is typed, and whether this program wrote it or one of before.
func TestMemberEmailIsSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.member(t, tenants.RoleRisk, "LiFang@example.cn")
	var plain string
	var sealed []byte
	before := id.New[id.Member]()
	if err := b.owner.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := tx.Exec(ctx, "INSERT INTO members (id, email, role) VALUES ($1, 'before@example.cn', 'risk')",
			before); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT email, sealed_email FROM members WHERE id = $1", m.ID).Scan(&plain, &sealed)
	}); err != nil {
		t.Fatal(err)
	}
	if plain != "" || len(sealed) == 0 || bytes.Contains(sealed, []byte("lifang")) {
		t.Errorf("stored: %q, %x", plain, sealed)
	}
	for _, email := range []string{"lifang@example.cn", "before@example.cn", "BEFORE@example.cn"} {
		_, _, err := b.svc.CreateMember(t.Context(), b.owner, idempotency.Key{}, access.NewMember{Email: email,
			Role: tenants.RoleRisk})
		wantCode(t, err, access.CodeMemberEmailTaken)
	}
	list, err := b.svc.ListMembers(t.Context(), b.owner, tenants.Page[id.Member]{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, m := range list.Items {
		seen[m.Email] = true
	}
	if !seen["lifang@example.cn"] || !seen["before@example.cn"] {
		t.Errorf("listed: %v", seen)
	}
}
