package access_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
)

// TestActsAreEvents: what is done with keys and members is told once each, by whom, without a secret, a name or an
// address. A repeat of a request and an act that changes nothing tell nothing.
func TestActsAreEvents(t *testing.T) {
	t.Parallel()
	b := setup(t)
	claim := idempotency.Key{Value: "k", Request: [32]byte{1}}
	secrets := []string{"the name of a key", "李芳", "lifang"}
	for range 2 {
		k, text, _, err := b.svc.CreateKey(t.Context(), b.owner, claim, access.NewAPIKey{Name: secrets[0],
			Role: tenants.RoleDeveloper})
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, text.Reveal())
		if _, text, _, err = b.svc.RollKey(t.Context(), b.owner, idempotency.Key{Value: "r", Request: [32]byte{2}},
			k.ID, time.Hour); err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, text.Reveal())
		if len(secrets) > 5 { // the second time round
			for range 2 {
				if err := b.svc.RevokeKey(t.Context(), b.owner, k.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	m := b.member(t, tenants.RoleRisk, "lifang@example.cn")
	for range 2 {
		if _, err := b.svc.UpdateMember(t.Context(), b.owner, m.ID, role(tenants.RoleSupport)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.svc.RemoveMember(t.Context(), b.owner, m.ID, tenants.Match{}); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	if err := b.owner.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := tx.Query(ctx, "SELECT type, data::text FROM events ORDER BY id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var kind, data string
			if err := rows.Scan(&kind, &data); err != nil {
				return err
			}
			kinds = append(kinds, kind)
			_, by := b.owner.Caller.AuditActor()
			if !strings.Contains(data, by) {
				t.Errorf("%s does not tell by whom: %s", kind, data)
			}
			for _, s := range secrets {
				if s != "" && strings.Contains(data, s) {
					t.Errorf("%s tells %q", kind, s)
				}
			}
			if kind == "member.updated" && !strings.Contains(data, `"previous_role": "risk"`) {
				t.Errorf("%s does not tell the role before: %s", kind, data)
			}
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"api_key.created", "api_key.rolled", "api_key.revoked", "member.created", "member.updated",
		"member.removed"}; !slices.Equal(kinds, want) {
		t.Errorf("told %v, want %v", kinds, want)
	}
}
