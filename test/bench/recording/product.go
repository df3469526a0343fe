package recording

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"log/slog"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/refunds"
	"zhitong/tenants/stock"
	"zhitong/tenants/vault"
	"zhitong/test/bench/seed"
)

// Product is the part of the product that is recorded, without HTTP around it.
type Product struct {
	DB      *db.DB
	Orders  *orders.Service
	Refunds *refunds.Service
	Stock   *stock.Service
	Alipay  *rsa.PrivateKey // signs notifications
	Master  *secret.Master
}

// Keys are the keys of a world. They are made once: making them is slow.
type Keys struct {
	Alipay       *rsa.PrivateKey
	MasterKeyset secret.String
	Connection   seed.Connection
	AppPublicKey string // PEM, of Connection.PrivateKey
}

// NewKeys makes keys.
func NewKeys() (k Keys, err error) {
	if k.Alipay, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return k, fmt.Errorf("make Alipay's key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.Alipay.PublicKey)
	if err != nil {
		return k, fmt.Errorf("write Alipay's public key: %w", err)
	}
	if k.MasterKeyset, err = secret.GenerateMaster(); err != nil {
		return k, err
	}
	k.Connection = seed.Connection{Gateway: "http://127.0.0.1:1/gateway.do",
		AlipayPublicKey: base64.StdEncoding.EncodeToString(der)}
	if k.Connection.Master, err = secret.ParseMaster(k.MasterKeyset); err != nil {
		return k, err
	}
	k.Connection.PrivateKey, k.AppPublicKey, err = alipay.GenerateKey()
	return k, err
}

// NewProduct puts the product together over a database.
func NewProduct(d *db.DB, k Keys, c clock.Clock) *Product {
	v := vault.New(k.Connection.Master)
	gateways := tenants.NewGateways(tenants.GatewaysConfig{Pool: zft.NewPool(alipay.Options{Clock: c}), Vault: v,
		Clock: c, PublicURL: "https://zhitong.example"})
	keys := stock.New(d, v)
	back := refunds.New(refunds.Config{DB: d, Vault: v, Gateways: gateways, Clock: c})
	return &Product{
		DB:      d,
		Stock:   keys,
		Alipay:  k.Alipay,
		Master:  k.Connection.Master,
		Refunds: back,
		Orders: orders.New(orders.Config{
			DB:        d,
			Vault:     v,
			Gateways:  gateways,
			Stock:     keys,
			Refunds:   back,
			Clock:     c,
			Log:       slog.New(slog.DiscardHandler),
			PublicURL: "https://zhitong.example",
		}),
	}
}

// Actor is the t-th tenant's owner.
func Actor(t int64) tenants.Actor {
	return tenants.Actor{Tenant: id.Tenant(seed.UID(seed.Tenant, t)),
		Caller: tenants.ByKey(id.APIKey(seed.UID(seed.APIKey, t))), Role: tenants.RoleOwner, Mode: tenants.ModeSandbox}
}

// Create checks out one piece of the t-th tenant's product, paid by page: no call to Alipay.
func (p *Product) Create(ctx context.Context, t int64) (orders.Order, error) {
	o, _, err := p.Orders.Checkout(ctx, Actor(t), orders.CheckoutInput{
		Lines:   []orders.Line{{Product: id.Product(seed.UID(seed.Product, t)), Quantity: 1}},
		Channel: payments.ChannelPage, Reference: "bench",
		Key: idempotency.Key{Value: id.New[id.Order]().UUID().String(), Request: [32]byte{31: 1}},
	})
	return o, err
}

// Pay applies the notification that the n-th order was paid.
func (p *Product) Pay(ctx context.Context, n, tenants int64) error {
	body, err := seed.Notice(p.Alipay, n)
	if err != nil {
		return err
	}
	ack, err := p.Orders.ApplyNotification(ctx, id.Tenant(seed.UID(seed.Tenant, seed.TenantOf(n, tenants))), body)
	if err != nil {
		return err
	}
	if !ack {
		return fmt.Errorf("the notification of order %d was not acknowledged", n)
	}
	return nil
}

// Both records one order created and one paid, by the first tenant of a database with a Tracer that has only it, with
// no orders. A first of each is not recorded: it fills caches.
func Both(ctx context.Context, d *db.DB, k Keys) (create, paid Transaction, err error) {
	c := clock.FrozenAt(seed.At())
	p := NewProduct(d, k, c)
	err = d.InTenant(ctx, id.Tenant(seed.UID(seed.Tenant, 1)), func(ctx context.Context, tx db.TenantTx) error {
		if err := seed.Tenants(ctx, tx, 1, 1, k.Connection, ""); err != nil {
			return err
		}
		if err := seed.Keys(ctx, tx, 1, 2, 1); err != nil {
			return err
		}
		return seed.Orders(ctx, tx, 1, 2, 1, false)
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err = p.Create(ctx, 1); err != nil {
		return nil, nil, fmt.Errorf("create an order: %w", err)
	}
	if err = p.Pay(ctx, 1, 1); err != nil {
		return nil, nil, fmt.Errorf("pay an order: %w", err)
	}
	raw, err := Tracer{}.Record(ctx, func(ctx context.Context) error { _, err := p.Create(ctx, 1); return err })
	if err != nil {
		return nil, nil, err
	}
	create = raw.Template(Of{Order: 0, Tenant: 1, At: seed.At()})
	if raw, err = (Tracer{}).Record(ctx, func(ctx context.Context) error { return p.Pay(ctx, 2, 1) }); err != nil {
		return nil, nil, err
	}
	return create, raw.Template(Of{Order: 2, Tenant: 1, At: seed.At()}), nil
}
