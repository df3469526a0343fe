package dbtest

import (
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
)

// insertTenant makes the rows of the transaction's own tenant: a live sandbox.
func insertTenant(ctx context.Context, tx db.TenantTx) error {
	q := dbsqlc.New()
	if err := q.TenantDirectoryInsert(ctx, tx.Later()); err != nil {
		return err
	}
	if err := q.TenantInsert(ctx, tx, "Test", "sandbox", now()); err != nil {
		return fmt.Errorf("make a tenant: %w", err)
	}
	return nil
}

// insert writes a row as it is. A model's fields are the table's columns in order; the first is the tenant, which is
// the transaction's.
func insert[R any](t testing.TB, tx db.TenantTx, table string, row R, with []func(*R)) R {
	t.Helper()
	reflect.ValueOf(&row).Elem().FieldByName("TenantID").Set(reflect.ValueOf(tx.Tenant()))
	for _, change := range with {
		change(&row)
	}
	v := reflect.ValueOf(row)
	var args []any
	marks := make([]string, v.NumField())
	for i := range marks {
		if v.Type().Field(i).Name == "RareStatus" { // made by the database
			marks[i] = "DEFAULT"
			continue
		}
		args = append(args, v.Field(i).Interface())
		marks[i] = fmt.Sprintf("$%d", len(args))
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")",
		args...); err != nil {
		t.Fatalf("insert into %s: %v", table, err)
	}
	return row
}

// now is when the rows were made.
func now() time.Time { return clock.System{}.Now() }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// Smid makes a well-formed Alipay merchant number that no other row has.
func Smid() string {
	b := []byte("2088")
	for _, r := range random(12) {
		b = append(b, '0'+r%10)
	}
	return string(b)
}

// Merchant is an active supplier with a smid and a bound receiver.
func Merchant(t testing.TB, tx db.TenantTx, with ...func(*dbsqlc.Merchant)) dbsqlc.Merchant {
	t.Helper()
	smid, at := Smid(), now()
	return insert(
		t,
		tx,
		"merchants",
		dbsqlc.Merchant{ID: id.New[id.Merchant](), Kind: "supplier", Name: "Supplier", Status: "active", Smid: &smid,
			ReceiverType: new(vocabulary.ReceiverUserID), ReceiverAccount: new(Smid()), ReceiverBoundAt: &at,
			CreatedAt: at, Metadata: map[string]string{}},
		with,
	)
}

// Application is a draft of the merchant's.
func Application(
	t testing.TB,
	tx db.TenantTx,
	merchant id.Merchant,
	with ...func(*dbsqlc.Application),
) dbsqlc.Application {
	t.Helper()
	return insert(
		t,
		tx,
		"applications",
		dbsqlc.Application{ID: id.New[id.Application](), MerchantID: merchant, Status: "draft", SealedForm: []byte{0},
			CreatedAt: now(), TouchedAt: now()},
		with,
	)
}

// SplitRule is a rule with one version that allows 30 % of splits and has the given parts; no parts: 5 % for the
// platform.
func SplitRule(
	t testing.TB,
	tx db.TenantTx,
	parts ...dbsqlc.SplitRulePart,
) (dbsqlc.SplitRule, dbsqlc.SplitRuleVersion) {
	t.Helper()
	rule := insert(
		t,
		tx,
		"split_rules",
		dbsqlc.SplitRule{ID: id.New[id.SplitRule](), Name: "rule " + uuid.NewString(), Status: "active",
			CreatedAt: now()},
		nil,
	)
	version := insert(
		t,
		tx,
		"split_rule_versions",
		dbsqlc.SplitRuleVersion{ID: id.New[id.SplitRuleVersion](), SplitRuleID: rule.ID, Version: 1,
			MaxSplitBps: 3000, CreatedAt: now()},
		nil,
	)
	if len(parts) == 0 {
		parts = []dbsqlc.SplitRulePart{{Receiver: "platform", RateBps: 500}}
	}
	for i, p := range parts {
		p.VersionID, p.Position = version.ID, int16(i+1)
		insert(t, tx, "split_rule_parts", p, nil)
	}
	return rule, version
}

// Product costs 100.00 yuan. Its supplier is also the merchant of record.
func Product(
	t testing.TB,
	tx db.TenantTx,
	supplier id.Merchant,
	rule id.SplitRule,
	with ...func(*dbsqlc.Product),
) dbsqlc.Product {
	t.Helper()
	return insert(
		t,
		tx,
		"products",
		dbsqlc.Product{
			ID:                 id.New[id.Product](),
			Name:               "Product",
			Status:             "active",
			PriceFen:           100_00,
			SupplierID:         supplier,
			MerchantOfRecordID: supplier,
			SplitRuleID:        rule,
			FulfilmentKind:     vocabulary.FulfilCardKey,
			CreatedAt:          now(),
			Metadata:           map[string]string{},
		},
		with,
	)
}

// CardKeys is n available keys of one import. What is sealed in them is noise unless the caller sets SealedKey and
// Fingerprint.
func CardKeys(t testing.TB, tx db.TenantTx, product id.Product, n int, with ...func(*dbsqlc.CardKey)) []dbsqlc.CardKey {
	t.Helper()
	var supplier id.Merchant
	if err := tx.QueryRow(t.Context(), "SELECT supplier_id FROM products WHERE id = $1", product).
		Scan(&supplier); err != nil {
		t.Fatalf("find the supplier: %v", err)
	}
	imp := insert(
		t,
		tx,
		"card_key_imports",
		dbsqlc.CardKeyImport{ID: id.New[id.CardKeyImport](), ProductID: product, SupplierID: supplier,
			Accepted: int32(n), CreatedAt: now()},
		nil,
	)
	keys := make([]dbsqlc.CardKey, n)
	for i := range keys {
		keys[i] = insert(
			t,
			tx,
			"card_keys",
			dbsqlc.CardKey{ID: id.New[id.CardKey](), ProductID: product, ImportID: imp.ID, Status: "available",
				SupplierID: supplier, Fingerprint: random(16), SealedKey: random(48)},
			with,
		)
	}
	return keys
}

// Order awaits the payment of one piece of the product and has the newest version of its rule. Change Status together
// with its times.
func Order(t testing.TB, tx db.TenantTx, p dbsqlc.Product, with ...func(*dbsqlc.Order)) dbsqlc.Order {
	t.Helper()
	var version id.SplitRuleVersion
	if err := tx.QueryRow(t.Context(), "SELECT id FROM split_rule_versions WHERE split_rule_id = $1 "+
		"ORDER BY version DESC LIMIT 1", p.SplitRuleID).
		Scan(&version); err != nil {
		t.Fatalf("find the version of the product's split rule: %v", err)
	}
	at := now()
	o := insert(
		t,
		tx,
		"orders",
		dbsqlc.Order{
			ID:                 id.New[id.Order](),
			Status:             "awaiting_payment",
			TotalFen:           p.PriceFen,
			MerchantOfRecordID: p.MerchantOfRecordID,
			SplitRuleVersionID: version,
			CheckoutGeneration: 1,
			ExpiresAt:          at.Add(15 * time.Minute),
			CreatedAt:          at,
			Metadata:           map[string]string{},
		},
		with,
	)
	insert(
		t,
		tx,
		"order_items",
		dbsqlc.OrderItem{
			OrderID:            o.ID,
			MerchantOfRecordID: o.MerchantOfRecordID,
			Position:           1,
			ProductID:          p.ID,
			ProductName:        p.Name,
			Quantity:           1,
			UnitPriceFen:       o.TotalFen,
			AmountFen:          o.TotalFen,
			FulfilmentKind:     p.FulfilmentKind,
			Delivery:           vocabulary.DeliveryReserved,
		},
		nil,
	)
	return o
}

// Reserve gives the order n of the product's available keys.
func Reserve(t testing.TB, tx db.TenantTx, o id.Order, p id.Product, n int) {
	t.Helper()
	tag, err := tx.Exec(t.Context(), `UPDATE card_keys SET status = 'reserved', order_id = $1 WHERE id IN
		(SELECT id FROM card_keys WHERE product_id = $2 AND status = 'available' ORDER BY id LIMIT $3)`, o, p, n)
	if err != nil || tag.RowsAffected() != int64(n) {
		t.Fatalf("reserve %d keys: %d, %v", n, tag.RowsAffected(), err)
	}
}

// Payment is a pending QR payment of the whole order.
func Payment(t testing.TB, tx db.TenantTx, o dbsqlc.Order, with ...func(*dbsqlc.Payment)) dbsqlc.Payment {
	t.Helper()
	var smid string
	if err := tx.QueryRow(t.Context(), "SELECT coalesce(smid, '') FROM merchants WHERE id = $1",
		o.MerchantOfRecordID).Scan(&smid); err != nil {
		t.Fatalf("find the merchant of record: %v", err)
	}
	return insert(
		t,
		tx,
		"payments",
		dbsqlc.Payment{ID: id.New[id.Payment](), OrderID: o.ID, MerchantOfRecordID: o.MerchantOfRecordID,
			Channel: "qr", Status: "pending", AmountFen: o.TotalFen,
			AppID: "2021000000000001", PID: "2088000000000001", Smid: smid, PayURL: "https://qr.example.com/pay",
			CreatedAt: now()},
		with,
	)
}

// Paid makes a payment one that Alipay says was paid; for the factory Payment.
func Paid(p *dbsqlc.Payment) {
	at := now()
	p.Status, p.PaidAt, p.TradeNo = "paid", &at, new("2026"+Smid())
}

// Split is the pending split of a payment, its one part going to the merchant.
func Split(
	t testing.TB,
	tx db.TenantTx,
	p dbsqlc.Payment,
	to dbsqlc.Merchant,
	amount money.Fen,
	with ...func(*dbsqlc.Split),
) dbsqlc.Split {
	t.Helper()
	s := insert(
		t,
		tx,
		"splits",
		dbsqlc.Split{ID: id.New[id.Split](), PaymentID: p.ID, OrderID: p.OrderID, Status: "pending", CreatedAt: now(),
			MerchantOfRecordID: p.MerchantOfRecordID, ReceiverIds: []uuid.UUID{uuid.UUID(to.ID)}},
		with,
	)
	insert(
		t,
		tx,
		"split_parts",
		dbsqlc.SplitPart{
			SplitID:            s.ID,
			Position:           1,
			Receiver:           "merchant",
			MerchantID:         to.ID,
			MerchantOfRecordID: p.MerchantOfRecordID,
			ReceiverType:       *to.ReceiverType,
			ReceiverAccount:    to.ReceiverAccount,
			AmountFen:          amount,
		},
		nil,
	)
	return s
}

// Refund is a pending refund of the whole payment.
func Refund(t testing.TB, tx db.TenantTx, p dbsqlc.Payment, with ...func(*dbsqlc.Refund)) dbsqlc.Refund {
	t.Helper()
	return insert(
		t,
		tx,
		"refunds",
		dbsqlc.Refund{
			ID:                 id.New[id.Refund](),
			OrderID:            p.OrderID,
			PaymentID:          p.ID,
			MerchantOfRecordID: p.MerchantOfRecordID,
			AmountFen:          p.AmountFen,
			Status:             "pending",
			Origin:             "platform",
			CreatedAt:          now(),
		},
		with,
	)
}

// Endpoint is an enabled webhook endpoint that takes every event. Its secret is noise unless the caller sets
// SealedSecret.
func Endpoint(t testing.TB, tx db.TenantTx, with ...func(*dbsqlc.WebhookEndpoint)) dbsqlc.WebhookEndpoint {
	t.Helper()
	return insert(
		t,
		tx,
		"webhook_endpoints",
		dbsqlc.WebhookEndpoint{
			ID:           id.New[id.WebhookEndpoint](),
			URL:          "https://hooks.example.com/zhitong",
			EventTypes:   []string{},
			Status:       "enabled",
			SealedSecret: random(48),
			CreatedAt:    now(),
		},
		with,
	)
}

// Event says that the order was paid.
func Event(t testing.TB, tx db.TenantTx, order id.Order, with ...func(*dbsqlc.Event)) dbsqlc.Event {
	t.Helper()
	return insert(
		t,
		tx,
		"events",
		dbsqlc.Event{ID: id.New[id.Event](), Type: "order.paid", SubjectType: "order", SubjectID: uuid.UUID(order),
			Data: []byte(`{}`), CreatedAt: now()},
		with,
	)
}

// APIKey is a key of the role admin. Its hash is noise unless the caller sets SecretHash.
func APIKey(t testing.TB, tx db.TenantTx, with ...func(*dbsqlc.APIKey)) dbsqlc.APIKey {
	t.Helper()
	return insert(
		t,
		tx,
		"api_keys",
		dbsqlc.APIKey{
			ID:         id.New[id.APIKey](),
			Name:       "Key",
			Role:       "admin",
			SecretHash: random(32),
			Last4:      "0000",
			CreatedAt:  now(),
			RolledBy:   []string{},
		},
		with,
	)
}

// Member is the owner of the tenant.
func Member(t testing.TB, tx db.TenantTx, with ...func(*dbsqlc.Member)) dbsqlc.Member {
	t.Helper()
	return insert(
		t,
		tx,
		"members",
		dbsqlc.Member{
			ID:        id.New[id.Member](),
			Email:     uuid.NewString() + "@example.com",
			Role:      "owner",
			CreatedAt: now(),
		},
		with,
	)
}
