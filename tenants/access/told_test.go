package access_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/internal/id"
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

// TestTellMember: what a member did with their account is told to each platform once, however often the job runs, in
// the audit log as well; without an address, a browser or a name, and nobody is told of who is no longer a member.
func TestTellMember(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m, gone := b.member(t, tenants.RoleSupplier, "lifang@example.cn"), b.member(t, tenants.RoleRisk, "b@example.cn")
	if err := b.svc.RemoveMember(t.Context(), b.owner, gone.ID, tenants.Match{}); err != nil {
		t.Fatal(err)
	}
	session, person := id.New[id.Session](), id.New[id.Person]()
	if err := b.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO people (id, email_digest, sealed_email, language, created_at)
			VALUES ($1, sha256('x'), '', 'zh', now())`, person); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO sessions (id, person_id, token_hash, methods, address, agent, created_at,
			last_seen_at) VALUES ($1, $2, sha256('y'), '{}', '203.0.113.77', 'Firefox', now(), now())`, session, person)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	acts := []access.Act{
		{ID: id.New[id.Act](), Member: m.ID, Session: session, What: tenants.ActPlace},
		{ID: id.New[id.Act](), Member: m.ID, What: tenants.ActPassword},
		{ID: id.New[id.Act](), Member: m.ID, What: tenants.ActFactors},
		{ID: id.New[id.Act](), Member: m.ID, Session: id.New[id.Session](), What: tenants.ActPlace}, // forgotten since
		{ID: id.New[id.Act](), Member: gone.ID, What: tenants.ActPassword},
	}
	for range 2 { // the program died between the commit and the job's end
		for _, a := range acts {
			if err := b.svc.TellMember(t.Context(), b.owner.Tenant, a); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{"member.signed_in_elsewhere", "member.password_changed", "member.factors_changed",
		"member.signed_in_elsewhere"}
	kinds, data := b.texts(t, `SELECT type, data::text FROM events WHERE data ? 'act_id' ORDER BY id`)
	if !slices.Equal(kinds, want) {
		t.Errorf("told %v, want %v", kinds, want)
	}
	if !strings.Contains(data[0], `"network": "203.0.113.0/24"`) ||
		strings.Contains(strings.Join(data[1:], ""), "network") {
		t.Errorf("%v", data)
	}
	for i, d := range data {
		if !strings.Contains(d, m.ID.String()) || !strings.Contains(d, b.supplier.String()) {
			t.Errorf("%s does not tell of whom: %s", kinds[i], d)
		}
	}
	actions, details := b.texts(t, `SELECT action, detail || client_address FROM audit_log WHERE action IN ('signIn',
		'changePassword', 'changeFactors') AND actor_kind = 'member' ORDER BY id`)
	if !slices.Equal(actions, []string{"signIn", "changePassword", "changeFactors", "signIn"}) {
		t.Errorf("audited %v", actions)
	}
	for _, secret := range []string{".77", "Firefox", "lifang", session.String(), session.UUID().String(),
		person.String(), person.UUID().String()} {
		if strings.Contains(strings.Join(append(data, details...), " "), secret) {
			t.Errorf("%q is told: %v %v", secret, data, details)
		}
	}
}

// texts reads two columns of the owner's tenant.
func (b *testBundle) texts(t *testing.T, sql string) (first, second []string) {
	t.Helper()
	if err := b.owner.In(t.Context(), b.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := tx.Query(ctx, sql)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var one, two string
			if err := rows.Scan(&one, &two); err != nil {
				return err
			}
			first, second = append(first, one), append(second, two)
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	return first, second
}
