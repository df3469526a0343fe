package contacts_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants/contacts"
	"zhitong/tenants/tenantstest"
	"zhitong/tenants/vault"
)

const (
	buyer    = "13700001234"
	contact  = "赵六 13600005678"
	receiver = "zhaoliu@example.cn"
	address  = "lifang@example.cn"
	notice   = "notify_id=1&buyer_id=2088777766665555&buyer_logon_id=zha***%40example.cn&total_amount=1.00"
)

// before is what a program of before left in a tenant.
type before struct {
	tenant   id.Tenant
	merchant id.Merchant
	split    id.Split
	orders   []id.Order
	member   id.Member
	invited  id.Invitation
}

func writeBefore(t *testing.T, d *db.DB, n int) (b before) {
	t.Helper()
	b.tenant = dbtest.NewTenant(t, d)
	in(t, d, b.tenant, func(ctx context.Context, tx db.TenantTx) {
		m := dbtest.Merchant(t, tx, func(m *dbsqlc.Merchant) {
			m.Contact = contact
			*m.ReceiverType, *m.ReceiverAccount = "loginName", receiver
		})
		rule, _ := dbtest.SplitRule(t, tx)
		p := dbtest.Product(t, tx, m.ID, rule.ID)
		for i := range n {
			o := dbtest.Order(t, tx, p, func(o *dbsqlc.Order) { o.BuyerContact = buyer })
			pay := dbtest.Payment(t, tx, o, func(p *dbsqlc.Payment) { p.BuyerID = "2088777766665555" })
			if i == 0 {
				b.split = dbtest.Split(t, tx, pay, m, 1).ID
			}
			b.orders = append(b.orders, o.ID)
		}
		cut := "&subject=%E8%B5%B5%E5%85%AD" // the end of what was kept
		for _, raw := range []string{notice, notice + strings.Repeat("x", 8<<10-len(notice)-len(cut)) + cut} {
			if _, err := tx.Exec(ctx, `INSERT INTO notifications (tenant_id, id, kind, verdict, raw)
				VALUES (app.tenant_id(), $1, 'trade', 'refused', $2)`, uuid.New(), raw); err != nil {
				t.Fatal(err)
			}
		}
		b.merchant, b.member, b.invited = m.ID, id.New[id.Member](), id.New[id.Invitation]()
		if _, err := tx.Exec(ctx, "INSERT INTO members (id, email, role) VALUES ($1, $2, 'risk')", b.member,
			address); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO invitations (id, email, role, secret_hash, created_by, created_at,
			expires_at) VALUES ($1, $2, 'risk', sha256('x'), '', now(), now())`, b.invited, address); err != nil {
			t.Fatal(err)
		}
	})
	return b
}

func in(t *testing.T, d *db.DB, tenant id.Tenant, fn func(ctx context.Context, tx db.TenantTx)) {
	t.Helper()
	if err := d.InTenant(t.Context(), tenant, func(ctx context.Context, tx db.TenantTx) error {
		fn(ctx, tx)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func plain(t *testing.T, d *db.DB, tenant id.Tenant) (sum int64) {
	t.Helper()
	in(t, d, tenant, func(ctx context.Context, tx db.TenantTx) {
		counts, err := contacts.Plain(ctx, tx)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range counts {
			sum += n
		}
	})
	return sum
}

// opens tells that everything of before reads as it did, from where it lies sealed.
func (b before) opens(t *testing.T, d *db.DB, v *vault.Vault) {
	t.Helper()
	digest, err := v.Digest(t.Context(), d, b.tenant, vault.ByBuyerContact, buyer)
	if err != nil {
		t.Fatal(err)
	}
	in(t, d, b.tenant, func(ctx context.Context, tx db.TenantTx) {
		var sealed, account, part []byte
		if err := tx.QueryRow(ctx, `SELECT m.sealed_contact, m.sealed_receiver, p.sealed_receiver
			FROM merchants m JOIN split_parts p ON p.split_id = $2 WHERE m.id = $1`, b.merchant, b.split).
			Scan(&sealed, &account, &part); err != nil {
			t.Fatal(err)
		}
		row := b.merchant
		c, err := vault.MerchantContact.OpenText(ctx, tx, v, row, sealed, "")
		r, err2 := vault.MerchantReceiver.OpenText(ctx, tx, v, row, account, "")
		p, err3 := v.OpenPart(ctx, tx, b.split, 1, part, nil)
		if c != contact || r != receiver || p != receiver {
			t.Errorf("opened %q %q %q: %v %v %v", c, r, p, err, err2, err3)
		}
		for _, o := range b.orders {
			if err := tx.QueryRow(ctx, "SELECT sealed_buyer_contact FROM orders WHERE id = $1 AND buyer_digest = $2",
				o, digest).Scan(&sealed); err != nil {
				t.Fatal(err)
			}
			if text, err := vault.BuyerContact.OpenText(ctx, tx, v, o, sealed, ""); text != buyer {
				t.Errorf("opened %q, %v", text, err)
			}
		}
		found, err := v.Digest(ctx, d, b.tenant, vault.ByMemberEmail, address)
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRow(ctx, `SELECT m.sealed_email, i.sealed_email FROM members m, invitations i
			WHERE m.id = $1 AND m.email_digest = $2 AND i.id = $3`, b.member, found, b.invited).Scan(&sealed,
			&part); err != nil {
			t.Fatal(err)
		}
		c, err = vault.MemberEmail.OpenText(ctx, tx, v, b.member, sealed, "")
		r, err2 = vault.InvitationEmail.OpenText(ctx, tx, v, b.invited, part, "")
		if c != address || r != address {
			t.Errorf("opened %q %q: %v %v", c, r, err, err2)
		}
		var left int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM notifications
			WHERE convert_from(raw, 'UTF8') ~ '2088777766665555|zha|subject=' OR NOT masked`).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left != 0 {
			t.Errorf("%d notices name their buyer", left)
		}
	})
}

// TestSealsWhatWasBefore: everything that a program of before wrote is sealed, emptied or masked, reads as it did, and
// of nobody else. A second time there is nothing to do.
func TestSealsWhatWasBefore(t *testing.T) {
	t.Parallel()
	d, v := dbtest.NewDB(t), tenantstest.Vault(t)
	b, other := writeBefore(t, d, 150), writeBefore(t, d, 1)
	s := contacts.New(contacts.Config{DB: d, Vault: v})
	if n := plain(t, d, b.tenant); n != 150+1+1+1+150+2+2 {
		t.Fatalf("%d rows are plain: the test proves nothing", n)
	}
	for i, want := range []int64{150, 0} {
		done := contacts.Counts{}
		if err := s.Tenant(t.Context(), b.tenant, done); err != nil {
			t.Fatal(err)
		}
		if done["orders.buyer_contact"] != want || plain(t, d, b.tenant) != 0 {
			t.Errorf("after %d: %v, %d plain", i+1, done, plain(t, d, b.tenant))
		}
		b.opens(t, d, v)
	}
	if n := plain(t, d, other.tenant); n != 1+1+1+1+1+2+2 {
		t.Errorf("another tenant has %d plain rows", n)
	}
}

// TestSealCrash: the work ends at each step, and goes on.
func TestSealCrash(t *testing.T) {
	t.Parallel()
	d, v := dbtest.NewDB(t), tenantstest.Vault(t)
	b := writeBefore(t, d, 3)
	for steps := 0; ; steps++ {
		ctx, stop := context.WithCancel(t.Context())
		s := contacts.New(contacts.Config{DB: d, Vault: v, Step: func(string) { stop() }})
		err := s.Tenant(ctx, b.tenant, contacts.Counts{})
		stop()
		if err == nil {
			if steps < 4 {
				t.Errorf("only %d crashes", steps)
			}
			break
		}
		if steps > 20 {
			t.Fatal(err)
		}
	}
	if n := plain(t, d, b.tenant); n != 0 {
		t.Errorf("%d rows are plain", n)
	}
	b.opens(t, d, v)
}
