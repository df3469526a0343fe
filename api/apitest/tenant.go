package apitest

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/cases"
	"zhitong/tenants/splits"
)

// Tenant is one platform with a key per role and one of everything that has an identifier.
type Tenant struct {
	ID   id.Tenant
	Keys map[tenants.Role]string
	// IDs has, by the name of the path's parameter, a thing of this tenant.
	IDs map[string]string
	// Supplier has an smid and a receiver, as has Distributor.
	Supplier, Distributor string
	AppID                 string
}

// Key is the key of a role.
func (p *Tenant) Key(role tenants.Role) string { return p.Keys[role] }

// NewTenant signs up a platform and gives it one of everything.
func (w *World) NewTenant(t testing.TB, name string) *Tenant {
	t.Helper()
	p := &Tenant{Keys: map[tenants.Role]string{}, IDs: map[string]string{}}
	var made struct {
		Tenant struct{ ID id.Tenant }
		APIKey struct{ Secret string } `json:"api_key"`
	}
	w.Must(
		t,
		"",
		http.MethodPost,
		"/v1/tenants",
		map[string]any{"name": name, "owner_email": "owner@example.cn"},
		&made,
		"Idempotency-Key", Secret(),
	)
	p.ID, p.Keys[tenants.RoleOwner] = made.Tenant.ID, made.APIKey.Secret
	var connection struct {
		AppID string `json:"app_id"`
	}
	w.Must(t, p.Key(tenants.RoleOwner), http.MethodGet, "/v1/alipay_connection", nil, &connection)
	p.AppID = connection.AppID
	p.Supplier, p.Distributor = w.merchant(t, p, "supplier"), w.merchant(t, p, "distributor")
	for _, role := range vocabulary.Roles()[1:] {
		body := map[string]any{"name": string(role), "role": string(role)}
		if role.OfMerchant() {
			body["merchant_id"] = map[tenants.Role]string{tenants.RoleSupplier: p.Supplier,
				tenants.RoleDistributor: p.Distributor}[role]
		}
		var key struct{ Secret string }
		w.Must(t, p.Key(tenants.RoleOwner), http.MethodPost, "/v1/api_keys", body, &key)
		p.Keys[role] = key.Secret
	}
	w.furnish(t, p)
	return p
}

// merchant makes a merchant through the API and lets the simulator and the database agree that Alipay has approved it.
func (w *World) merchant(t testing.TB, p *Tenant, kind string) string {
	t.Helper()
	var sm struct{ SMID string }
	w.Desk(t, http.MethodPost, "/merchants", map[string]any{"app_id": p.AppID, "name": kind}, &sm)
	var account struct {
		UserID string `json:"user_id"`
	}
	w.Desk(
		t,
		http.MethodPost,
		"/accounts",
		map[string]any{"name": kind, "kind": "person", "certified": true, "returns_royalty": true},
		&account,
	)
	var m struct{ ID id.Merchant }
	w.Must(
		t,
		p.Key(tenants.RoleOwner),
		http.MethodPost,
		"/v1/merchants",
		map[string]any{
			"kind":     kind,
			"name":     kind,
			"receiver": map[string]any{"type": "userId", "account": account.UserID},
		},
		&m,
	)
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, "UPDATE merchants SET status = 'active', smid = $1 WHERE id = $2", sm.SMID, m.ID)
		return err
	})
	return m.ID.String()
}

// In runs fn in a transaction of the tenant, for what the API has no operation for.
func (w *World) In(t testing.TB, p *Tenant, fn func(ctx context.Context, tx db.TenantTx) error) {
	t.Helper()
	if err := w.DB.InTenant(t.Context(), p.ID, fn); err != nil {
		t.Fatal(err)
	}
}

// furnish gives the tenant one of everything whose identifier stands in a path.
func (w *World) furnish(t testing.TB, p *Tenant) {
	t.Helper()
	owner := p.Key(tenants.RoleOwner)
	create := func(path string, body any, header ...string) string {
		var made struct{ ID string }
		w.Must(t, owner, http.MethodPost, path, body, &made, header...)
		return made.ID
	}
	p.IDs["merchant_id"] = p.Supplier
	p.IDs["split_rule_id"] = create("/v1/split_rules",
		map[string]any{"name": "5 %", "parts": []any{map[string]any{"receiver": "platform", "rate_bps": 500}}})
	p.IDs["product_id"] = create("/v1/products", w.ProductBody(p, "星河点券 100 元"))
	p.IDs["card_key_import_id"] = create("/v1/products/"+p.IDs["product_id"]+"/card_keys",
		map[string]any{"card_keys": Keys(p.IDs["product_id"], 90)})
	var keys struct{ Data []struct{ ID string } }
	w.Must(t, owner, http.MethodGet, "/v1/products/"+p.IDs["product_id"]+"/card_keys", nil, &keys)
	p.IDs["card_key_id"] = keys.Data[0].ID
	p.IDs["order_id"] = w.Delivered(t, p)
	var order struct {
		Payment struct{ ID string }
		Version string `json:"split_rule_version_id"`
	}
	w.Must(t, owner, http.MethodGet, "/v1/orders/"+p.IDs["order_id"], nil, &order)
	p.IDs["payment_id"], p.IDs["split_rule_version_id"] = order.Payment.ID, order.Version
	var members struct{ Data []struct{ ID string } }
	w.Must(t, owner, http.MethodGet, "/v1/members", nil, &members)
	p.IDs["member_id"] = members.Data[0].ID
	p.IDs["refund_id"] = create("/v1/orders/"+w.Delivered(t, p)+"/refunds", map[string]any{"reason": "test"},
		"Idempotency-Key", Unique())
	p.IDs["api_key_id"] = create("/v1/api_keys", map[string]any{"name": "spare", "role": "support"})
	p.IDs["endpoint_id"] = create("/v1/webhook_endpoints", map[string]any{"url": "https://hooks.example.com/zhitong"})
	p.IDs["notice_route_id"] = w.NoticeRoute(t, p)
	seen := w.Do(t, owner, http.MethodGet, "/v1/tenant", nil)
	w.Deps.Requests.Write(t.Context())
	p.IDs["request_id"] = seen.Header.Get("Request-Id")
	p.IDs["event_type"], p.IDs["language"] = "case.opened", "zh"
	pending := create("/v1/merchants", map[string]any{"kind": "supplier", "name": "pending"})
	p.IDs["application_id"] = create("/v1/merchants/"+pending+"/applications", map[string]any{"name": "杭州示例网络科技有限公司"})
	var events struct{ Data []struct{ ID string } }
	w.Must(t, owner, http.MethodGet, "/v1/events?limit=1", nil, &events)
	p.IDs["event_id"] = events.Data[0].ID
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error { // as a delivery that found nobody leaves it
		attempt := id.New[id.WebhookDelivery]()
		p.IDs["attempt_id"] = attempt.String()
		_, err := tx.Exec(ctx, `INSERT INTO webhook_attempts (id, endpoint_id, event_id, attempt, error, duration_ms,
			url)
			VALUES ($1, $2, $3, 1, 'the host name was not found', 1, 'https://hooks.example.com/zhitong')`,
			attempt, row(t, p.IDs["endpoint_id"]), row(t, p.IDs["event_id"]))
		return err
	})
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := cases.Open(ctx, tx,
			cases.Opening{Kind: vocabulary.CaseForeignNotice, Detail: "test", At: w.Clock.Now()})
		return err
	})
	var cases struct{ Data []struct{ ID string } }
	w.Must(t, owner, http.MethodGet, "/v1/cases?limit=1", nil, &cases)
	p.IDs["case_id"] = cases.Data[0].ID
	p.IDs["invitation_id"] = create("/v1/invitations", map[string]any{"email": "invited@example.cn",
		"role": "support"})
	p.IDs["purpose"] = "cert_image"
	p.IDs["file_id"] = create("/v1/files?name=x", "x", "Content-Type", "application/octet-stream")
	p.IDs["erasure_id"] = create("/v1/erasures", map[string]any{"buyer_contact": "13700009999"})
	p.IDs["approval_id"] = create("/v1/approvals", map[string]any{"kind": "receiver_change",
		"receiver_change": map[string]any{"merchant_id": p.Distributor,
			"receiver": map[string]any{"type": "userId", "account": "2088000000000777"}}})
	task := id.New[id.Task]()
	p.IDs["task_id"] = task.String()
	a, err := w.Deps.Access.Authenticate(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error { // nothing works on it
		_, err := w.Deps.Tasks.Create(ctx, tx, a, task, vocabulary.TaskExport, "x")
		return err
	})
}

// NoticeRoute makes a route to a robot of the simulator.
func (w *World) NoticeRoute(t testing.TB, p *Tenant) string {
	t.Helper()
	var robot struct{ URL string }
	w.Desk(t, http.MethodPost, "/robots", map[string]any{"kind": "wecom"}, &robot)
	var made struct{ ID string }
	w.Must(t, p.Key(tenants.RoleOwner), http.MethodPost, "/v1/notice_routes", map[string]any{"name": "group",
		"channel": "wecom", "address": robot.URL, "event_types": []string{"case.*"}}, &made)
	return made.ID
}

// ProductBody is a product of the tenant's supplier.
func (w *World) ProductBody(p *Tenant, name string) map[string]any {
	return map[string]any{
		"name":                  name,
		"price_fen":             10000,
		"supplier_id":           p.Supplier,
		"merchant_of_record_id": p.Supplier,
		"split_rule_id":         p.IDs["split_rule_id"],
	}
}

// OrderBody asks for n of the tenant's product.
func (w *World) OrderBody(p *Tenant, n int) map[string]any {
	return map[string]any{"items": []any{map[string]any{"product_id": p.IDs["product_id"], "quantity": n}}}
}

// Keys are n card keys that no other prefix has.
func Keys(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%04d", prefix, i)
	}
	return out
}

// Order makes an order that waits for its payment, and tells its id and its payment's number.
func (w *World) Order(t testing.TB, p *Tenant) (order, outTradeNo string) {
	t.Helper()
	var o struct {
		ID      string
		Payment struct {
			OutTradeNo string `json:"out_trade_no"`
		}
	}
	w.Must(
		t,
		p.Key(tenants.RoleOwner),
		http.MethodPost,
		"/v1/orders",
		w.OrderBody(p, 1),
		&o,
		"Idempotency-Key",
		Unique(),
	)
	return o.ID, o.Payment.OutTradeNo
}

// Delivered makes an order, pays it at the simulator and waits until the notification has delivered it.
func (w *World) Delivered(t testing.TB, p *Tenant) string {
	t.Helper()
	order, no := w.Order(t, p)
	w.Desk(t, http.MethodPost, "/trades/"+no+"/pay", map[string]any{}, nil)
	w.Await(t, p, order, "delivered")
	return order
}

// Await waits until an order has the status: the notification of a payment arrives by itself.
func (w *World) Await(t testing.TB, p *Tenant, order, status string) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), answerMax)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var o struct{ Status string }
		w.Must(t, p.Key(tenants.RoleOwner), http.MethodGet, "/v1/orders/"+order, nil, &o)
		if o.Status == status {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.Done():
			t.Fatalf("order %s stays %s, want %s", order, o.Status, status)
		}
	}
}

// Secret is a text that nobody can guess, as a sign-up demands for its Idempotency-Key.
func Secret() string { return rand.Text() + rand.Text() }

// Unique is a text that nobody else has.
func Unique() string { return id.New[id.Order]().String() }

// row is the UUID of an identifier that the API wrote, as Postgres has it.
func row(t testing.TB, text string) uuid.UUID {
	t.Helper()
	_, u, err := id.Name(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// With is the tenant with some identifiers replaced.
func (p *Tenant) With(ids map[string]string) *Tenant {
	c := *p
	c.IDs = maps.Clone(p.IDs)
	maps.Copy(c.IDs, ids)
	return &c
}

// Settle does what the split job of a delivered order does.
func (w *World) Settle(t testing.TB, p *Tenant, order string) {
	t.Helper()
	var o struct{ Payment struct{ ID id.Payment } }
	w.Must(t, p.Key(tenants.RoleOwner), http.MethodGet, "/v1/orders/"+order, nil, &o)
	outcome, err := w.Deps.Splits.Execute(t.Context(), p.ID, o.Payment.ID)
	if err != nil || outcome.State != splits.Finished {
		t.Fatalf("settle order %s: %v %v", order, outcome, err)
	}
}
