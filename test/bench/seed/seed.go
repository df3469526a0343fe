// Package seed fills a database for measurements: tenants that sell, orders that wait for their notification, orders
// that are long done. Everything has an identifier that follows from its number, so that a script, a signed
// notification and a row agree without asking each other.
package seed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/internal/secret"
)

// Kinds of identifiers.
const (
	Tenant   = 0x00
	Merchant = 0x01
	Rule     = 0x02
	Version  = 0x03
	Product  = 0x04
	Import   = 0x05
	APIKey   = 0x06
	Order    = 0x07
	Payment  = 0x08
	Reserved = 0x09 // the card key that an order has
	Stock    = 0x0a // a card key that is free
	Endpoint = 0x0b
	Posting  = 0x0c
	Event    = 0x0d
	Received = 0x0e
	Fresh    = 0x10 // what a transaction makes: sixteen for each order, in the order of their making
)

// FreshPerOrder is how many identifiers of kind Fresh an order has.
const FreshPerOrder = 16

// UID is the n-th identifier of a kind. Within a kind it grows with n, as identifiers that begin with the time do.
func UID(kind int, n int64) uuid.UUID {
	u := uuid.UUID{0x01, 0x9a, 0, 0, 0, byte(kind), 0x70, 0, 0x80, 0}
	for i := 15; i > 9; i-- {
		u[i], n = byte(n), n>>8
	}
	return u
}

func prefix(kind int) string { return fmt.Sprintf("019a0000-00%02x-7000-8000-", kind) }

// UIDSQL is UID as an expression of SQL; n is one too.
func UIDSQL(kind int, n string) string {
	return fmt.Sprintf("('%s' || lpad(to_hex((%s)::bigint), 12, '0'))::uuid", prefix(kind), n)
}

// Facts of every order.
const (
	PriceFen = 100_00
	PID      = "2088000000000001"
	AppID    = "2021000000000001"
)

// SMID is the secondary merchant of the t-th tenant.
func SMID(t int64) string { return fmt.Sprintf("2088%012d", t) }

// TradeNo is Alipay's number of the n-th order's trade; 28 digits, as Alipay's have.
func TradeNo(n int64) string { return fmt.Sprintf("2026%024d", n) }

// TradeNoSQL is TradeNo as an expression of SQL.
func TradeNoSQL(n string) string { return fmt.Sprintf("('2026' || lpad((%s)::text, 24, '0'))", n) }

// Conn executes SQL: a connection, a pool or a tenant's transaction.
type Conn interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Connection is the Alipay app that all tenants share.
type Connection struct {
	Master          *secret.Master
	Gateway         string
	PrivateKey      secret.String
	AlipayPublicKey string
}

// Tenants makes the tenants numbered from … to: a merchant, a split rule of two parts, a product, an API key whose hash
// is noise, an endpoint for webhooks if its address is given. As the application's role it makes only the tenant of the
// transaction.
func Tenants(ctx context.Context, c Conn, from, to int64, conn Connection, endpoint string) error {
	var wrapped, sealed [][]byte
	var ids []uuid.UUID
	var numbers []int64
	for t := from; t <= to; t++ {
		tenant := UID(Tenant, t).String()
		w, key, err := conn.Master.NewDataKey(tenant, 1)
		if err != nil {
			return fmt.Errorf("make a data key: %w", err)
		}
		s, err := key.Seal([]byte(conn.PrivateKey.Reveal()),
			secret.Place{Tenant: tenant, Table: "alipay_connections", Row: tenant, Column: "sealed_private_key"})
		if err != nil {
			return fmt.Errorf("seal the private key: %w", err)
		}
		wrapped, sealed, ids, numbers = append(wrapped, w), append(sealed, s), append(ids,
			UID(Tenant, t)), append(numbers, t)
	}
	steps := []struct {
		sql  string
		args []any
	}{
		{`INSERT INTO tenants (tenant_id, name, mode, unpaid_orders_per_api_key, held_card_keys_per_product)
			SELECT x, 'Platform', 'sandbox', 0, 0 FROM unnest($1::uuid[]) x`,
			[]any{ids}},
		{`INSERT INTO tenant_directory (tenant_id) SELECT x FROM unnest($1::uuid[]) x`, []any{ids}},
		{`INSERT INTO tenant_data_keys (tenant_id, wrapped) SELECT * FROM unnest($1::uuid[], $2::bytea[])`,
			[]any{ids, wrapped}},
		{`INSERT INTO alipay_connections (tenant_id, gateway_url, app_id, pid, sealed_private_key, alipay_public_key,
			max_split_bps, max_split_read_at)
		  SELECT x, $3, $4, $5, s, $6, 3000, now() FROM unnest($1::uuid[], $2::bytea[]) AS u(x, s)`,
			[]any{ids, sealed, conn.Gateway, AppID, PID, conn.AlipayPublicKey}},
		{`INSERT INTO merchants (tenant_id, id, kind, name, status, smid, receiver_type, receiver_account,
			receiver_bound_at)
		  SELECT ` + tenantOf("n") + `, ` + UIDSQL(Merchant, "n") + `, 'supplier', '供货商', 'active',
		    '2088' || lpad(n::text, 12, '0'), 'userId', '2088' || lpad(n::text, 12, '0'), now()
		    FROM unnest($1::bigint[]) n`, []any{numbers}},
		{`INSERT INTO split_rules (tenant_id, id, name) SELECT ` + tenantOf("n") + `, ` + UIDSQL(Rule, "n") + `, 'Rule'
			FROM unnest($1::bigint[]) n`, []any{numbers}},
		{`INSERT INTO split_rule_versions (tenant_id, id, split_rule_id, version, max_split_bps)
		  SELECT ` + tenantOf("n") + `, ` + UIDSQL(Version, "n") + `, ` + UIDSQL(Rule, "n") + `, 1, 3000
		    FROM unnest($1::bigint[]) n`, []any{numbers}},
		{`INSERT INTO split_rule_parts (tenant_id, version_id, position, receiver, rate_bps)
		  SELECT ` + tenantOf("n") + `, ` + UIDSQL(Version, "n") + `, p, 'platform', 100 * p
		    FROM unnest($1::bigint[]) n, generate_series(1, 2) p`, []any{numbers}},
		{`INSERT INTO products (tenant_id, id, name, price_fen, supplier_id, merchant_of_record_id, split_rule_id)
		  SELECT ` + tenantOf("n") + `, ` + UIDSQL(Product, "n") + `, '月卡', $2, ` + UIDSQL(Merchant, "n") + `,
		    ` + UIDSQL(Merchant, "n") + `, ` + UIDSQL(Rule, "n") + `
		    FROM unnest($1::bigint[]) n`, []any{numbers, int64(PriceFen)}},
		{`INSERT INTO card_key_imports (tenant_id, id, product_id, supplier_id, accepted, duplicates)
		  SELECT ` + tenantOf("n") + `, ` + UIDSQL(Import, "n") + `, ` + UIDSQL(Product, "n") + `,
		    ` + UIDSQL(Merchant, "n") + `, 0, 0
		    FROM unnest($1::bigint[]) n`, []any{numbers}},
		{`INSERT INTO api_keys (tenant_id, id, name, role, secret_hash, last4)
		  SELECT ` + tenantOf("n") + `, ` + UIDSQL(APIKey, "n") + `, 'Key', 'owner',
		    sha256(` + UIDSQL(APIKey, "n") + `::text::bytea), '0000' FROM unnest($1::bigint[]) n`, []any{numbers}},
	}
	for _, s := range steps {
		if _, err := c.Exec(ctx, s.sql, s.args...); err != nil {
			return fmt.Errorf("make tenants: %w in %s", err, firstWords(s.sql))
		}
	}
	if endpoint == "" {
		return nil
	}
	_, err := c.Exec(ctx, `INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret)
		SELECT `+tenantOf("n")+`, `+UIDSQL(Endpoint, "n")+`, $2, '\x00' FROM unnest($1::bigint[]) n`,
		numbers, endpoint)
	return err
}

func tenantOf(n string) string { return UIDSQL(Tenant, n) }

func firstWords(sql string) string { return strings.Join(strings.Fields(sql)[:3], " ") }

// TenantOf is the number of the n-th order's tenant among the first tenants.
func TenantOf(n, tenants int64) int64 { return n%tenants + 1 }

// Orders makes the orders numbered from … to, dealt to the first tenants in turn. One that is not done waits for its
// payment with a card key reserved; one that is done has been paid and delivered, with what that leaves behind.
func Orders(ctx context.Context, c Conn, from, to, tenants int64, done bool) error {
	const n, t = "n", "t"
	status, payment, key := "awaiting_payment", "pending", "reserved"
	if done {
		status, payment, key = "delivered", "paid", "delivered"
	}
	at := func() string {
		if done {
			return "now()"
		}
		return "NULL"
	}
	all := fmt.Sprintf(" FROM (SELECT n, n %% %d + 1 AS t FROM generate_series(%d::bigint, %d::bigint) n) x",
		tenants, from, to)
	steps := []string{
		`INSERT INTO orders (tenant_id, id, status, total_fen, merchant_of_record_id, split_rule_version_id, reference,
			expires_at, paid_at, delivered_at)
		 SELECT ` + UIDSQL(Tenant, t) + `, ` + UIDSQL(Order, n) + `, '` + status + `', ` + fmt.Sprint(PriceFen) +
			`, ` + UIDSQL(Merchant, t) + `, ` + UIDSQL(Version, t) + `, 'bench',
		   now() + interval '15 minutes', ` + at() + `, ` + at() + all,
		`INSERT INTO order_items (tenant_id, order_id, position, product_id, product_name, quantity, unit_price_fen,
			amount_fen, delivery, merchant_of_record_id)
		 SELECT ` + UIDSQL(Tenant, t) + `, ` + UIDSQL(Order, n) + `, 1, ` + UIDSQL(Product, t) +
			fmt.Sprintf(`, '月卡', 1, %d, %d, '%s', `, PriceFen, PriceFen, key) + UIDSQL(Merchant, t) + all,
		`INSERT INTO payments (tenant_id, id, order_id, channel, status, amount_fen, app_id, pid, smid, pay_url,
			trade_no, paid_at, merchant_of_record_id)
		 SELECT ` + UIDSQL(Tenant, t) + `, ` + UIDSQL(Payment, n) + `, ` + UIDSQL(Order, n) + `, 'qr', '` +
			payment + `', ` + fmt.Sprint(PriceFen) + `, '` + AppID + `', '` +
			PID + `', '2088' || lpad(t::text, 12, '0'),
		   'https://qr.alipay.com/bax00000000000000000', ` + nullUnless(done, TradeNoSQL(n)) + `, ` + at() + `, ` +
			UIDSQL(Merchant, t) + all,
		`INSERT INTO card_keys (tenant_id, id, product_id, import_id, status, fingerprint, sealed_key, order_id,
			delivered_at, supplier_id)
		 SELECT ` + UIDSQL(Tenant, t) + `, ` + UIDSQL(Reserved, n) + `, ` + UIDSQL(Product, t) + `, ` +
			UIDSQL(Import, t) + `, '` + key + `', uuid_send(` + UIDSQL(Reserved, n) + `), ` +
			noise(UIDSQL(Reserved, n)) + `,
		   ` + UIDSQL(Order, n) + `, ` + at() + `, ` + UIDSQL(Merchant, t) + all,
	}
	if done {
		steps = append(steps,
			`INSERT INTO ledger_postings (tenant_id, id, kind, order_id, source_id, from_account, to_account,
				to_merchant_id, amount_fen)
			 SELECT `+UIDSQL(Tenant, t)+`, `+UIDSQL(Posting, n)+`, 'payment', `+UIDSQL(Order, n)+`, `+
				UIDSQL(Payment, n)+`, 'buyer', 'unsettled', `+UIDSQL(Merchant, t)+`, `+fmt.Sprint(PriceFen)+all,
			`INSERT INTO events (tenant_id, id, type, subject_type, subject_id, data)
			 SELECT `+UIDSQL(Tenant, t)+`, `+UIDSQL(Event, "n * 2 + k")+
				`, CASE k WHEN 0 THEN 'order.paid' ELSE 'order.delivered' END, 'order', `+UIDSQL(Order, n)+`,
			   jsonb_build_object('order_id', `+UIDSQL(Order, n)+
				`, 'status', 'delivered', 'total_fen', 10000, 'refunded_fen', 0, 'reference', 'bench')`+
				all+`, generate_series(0, 1) k`,
			`INSERT INTO notifications (tenant_id, id, notify_id, kind, subject, state, verdict)
			 SELECT `+UIDSQL(Tenant, t)+`, `+UIDSQL(Received, n)+`, 'n' || n, 'trade', replace(`+UIDSQL(Payment, n)+
				`::text, '-', ''), 'TRADE_SUCCESS', 'applied'`+all)
	}
	for _, sql := range steps {
		if _, err := c.Exec(ctx, sql); err != nil {
			return fmt.Errorf("make orders: %w in %s", err, firstWords(sql))
		}
	}
	return nil
}

// Keys makes free card keys numbered from … to, dealt to the first tenants in turn.
func Keys(ctx context.Context, c Conn, from, to, tenants int64) error {
	_, err := c.Exec(ctx, `INSERT INTO card_keys (tenant_id, id, product_id, import_id, supplier_id, fingerprint,
			sealed_key)
		SELECT `+UIDSQL(Tenant, "t")+`, `+UIDSQL(Stock, "n")+`, `+UIDSQL(Product, "t")+`, `+UIDSQL(Import, "t")+
		`, `+UIDSQL(Merchant, "t")+`, uuid_send(`+UIDSQL(Stock, "n")+`), `+noise(UIDSQL(Stock, "n"))+
		fmt.Sprintf(" FROM (SELECT n, n %% %d + 1 AS t FROM generate_series(%d::bigint, %d::bigint) n) x",
			tenants, from, to))
	if err != nil {
		return fmt.Errorf("make card keys: %w", err)
	}
	return nil
}

func nullUnless(ok bool, expression string) string {
	if ok {
		return expression
	}
	return "NULL"
}

// noise has the length of a sealed card key.
func noise(uid string) string {
	return "uuid_send(" + uid + ") || uuid_send(" + uid + ") || uuid_send(" + uid + ")"
}

// At is the instant that recordings are made at.
func At() time.Time { return time.Date(2026, 10, 1, 2, 0, 0, 0, time.UTC) }
