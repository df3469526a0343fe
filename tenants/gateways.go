package tenants

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/alipay"
	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/secret"
	"zhitong/tenants/vault"
)

const (
	// cachedFor is how long Cached answers without asking the database: new credentials are used for incoming messages
	// after that.
	cachedFor = 2 * time.Second
	// cachedMax bounds what is remembered, about six kilobytes for each tenant; when it is full it starts anew.
	cachedMax = 16_384
)

// GatewaysConfig is what Gateways needs.
type GatewaysConfig struct {
	Pool      *alipay.Pool
	Vault     *vault.Vault
	Clock     clock.Clock
	PublicURL string // where Alipay reaches this program, without a slash at the end
	// Metrics, when set, gets the count of refused callbacks.
	Metrics prometheus.Registerer
}

// Gateways finds the client of a tenant's connection to Alipay. There is one per program.
type Gateways struct {
	c GatewaysConfig

	count *prometheus.CounterVec

	mu      sync.Mutex
	recent  map[id.Tenant]recentClient
	known   map[id.Tenant]knownClient
	refused refusals
}

type recentClient struct {
	client *alipay.Client
	at     time.Time
}

// knownClient is the client of one version of a connection, and that connection.
type knownClient struct {
	client     *alipay.Client
	connection Connection
	at         time.Time // when the database was asked
}

// NewGateways makes a Gateways.
func NewGateways(c GatewaysConfig) *Gateways {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	count := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhitong_callbacks_refused_total",
		Help: "Callbacks that were not Alipay's word to the tenant, by whether they were kept in the database."}, []string{"kept"})
	if c.Metrics != nil {
		c.Metrics.MustRegister(count)
	}
	return &Gateways{c: c, count: count, recent: map[id.Tenant]recentClient{}, known: map[id.Tenant]knownClient{}}
}

// NotifyURL is where Alipay reports the tenant's payments; it is sent with every payment.
func (g *Gateways) NotifyURL(t id.Tenant) string {
	return g.c.PublicURL + "/notify/alipay/" + t.String()
}

// AppGatewayURL is where Alipay sends the other messages to the tenant's app, the results of onboarding among them.
func (g *Gateways) AppGatewayURL(t id.Tenant) string { return g.NotifyURL(t) + "/messages" }

// Connection is a tenant's Alipay app without its secrets.
type Connection struct {
	Version      int64 // grows with every change of credentials
	GatewayURL   string
	AppID        string
	PID          string             // the platform's own Alipay account
	Certificates bool               // certificate mode; otherwise public-key mode
	MaxSplit     *money.BasisPoints // Alipay's cap on splits as last read; nil: not read yet
	UpdatedAt    time.Time
}

func connectionOf(r dbsqlc.AlipayConnectionGetRow) Connection {
	return Connection{
		Version:      r.Version,
		GatewayURL:   r.GatewayURL,
		AppID:        r.AppID,
		PID:          r.PID,
		Certificates: r.AppCertificate != "",
		MaxSplit:     r.MaxSplitBps,
		UpdatedAt:    r.UpdatedAt,
	}
}

func readConnection(ctx context.Context, tx db.TenantTx) (dbsqlc.AlipayConnectionGetRow, error) {
	r, err := q.AlipayConnectionGet(ctx, tx)
	if db.IsNoRows(err) {
		return r, fault.New(CodeAlipayConnectionMissing, "This platform has no connection to Alipay.")
	}
	if err != nil {
		return r, fmt.Errorf("read the Alipay connection: %w", err)
	}
	return r, nil
}

// Client gives the client of the transaction's tenant and what is known of its connection: one read; the credentials
// are opened once per version. It returns alipay_connection_missing. Use the client after the transaction, never in it.
func (g *Gateways) Client(ctx context.Context, tx db.TenantTx) (*alipay.Client, Connection, error) {
	r, err := readConnection(ctx, tx)
	if err != nil {
		return nil, Connection{}, err
	}
	t := tx.Tenant()
	client, err := g.c.Pool.Get(t.String(), r.Version, func() (alipay.Credentials, error) { return g.open(ctx, tx, r) })
	if err != nil {
		return nil, Connection{}, fmt.Errorf("make the Alipay client: %w", err)
	}
	return client, connectionOf(r), nil
}

// ClientOf is Client for who has read the connection's version with something else: nothing is read when that version
// was used before. A version that is not the newest any more gives the newest. The connection's MaxSplit may be older.
// It returns alipay_connection_missing.
func (g *Gateways) ClientOf(ctx context.Context, tx db.TenantTx, version int64) (*alipay.Client, Connection, error) {
	t := tx.Tenant()
	g.mu.Lock()
	k, ok := g.known[t]
	g.mu.Unlock()
	if ok && k.connection.Version == version {
		return k.client, k.connection, nil
	}
	client, c, err := g.Client(ctx, tx)
	if err != nil {
		return nil, Connection{}, err
	}
	g.remember(t, knownClient{client, c, g.c.Clock.Now()})
	return client, c, nil
}

func (g *Gateways) remember(t id.Tenant, k knownClient) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.known) >= cachedMax {
		clear(g.known)
	}
	g.known[t] = k
}

// Known is a client that was right when the database was asked. A transaction that relies on it holds it to be the
// newest; see StillNewest.
type Known struct {
	*alipay.Client
	Version int64
	At      time.Time
}

// Known gives the client that this process used last for a tenant, however old, so that nothing is read; a tenant it
// has not met, or one whose client was read at or before notAfter, is read. It returns alipay_connection_missing.
func (g *Gateways) Known(ctx context.Context, d *db.DB, t id.Tenant, notAfter time.Time) (Known, error) {
	g.mu.Lock()
	k, ok := g.known[t]
	g.mu.Unlock()
	if ok && k.at.After(notAfter) {
		return Known{k.client, k.connection.Version, k.at}, nil
	}
	k.at = g.c.Clock.Now()
	err := d.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
		k.client, k.connection, err = g.Client(ctx, tx)
		return err
	})
	if err != nil {
		return Known{}, err
	}
	g.remember(t, k)
	return Known{k.client, k.connection.Version, k.at}, nil
}

// ConstraintNewest is violated when a transaction relied on credentials that are not the newest any more.
const ConstraintNewest = "alipay_connection_version"

// StillNewest makes the transaction fail by violating ConstraintNewest unless the client is of the newest credentials.
// It travels with the next query.
func StillNewest(ctx context.Context, tx db.TenantTx, k Known) error {
	return q.AlipayConnectionRequire(ctx, tx.Later(), k.Version)
}

// Cached gives the tenant's client without a transaction when it was asked for a moment ago, for messages that come in.
// It returns alipay_connection_missing.
func (g *Gateways) Cached(ctx context.Context, d *db.DB, t id.Tenant) (*alipay.Client, error) {
	now := g.c.Clock.Now()
	g.mu.Lock()
	r, ok := g.recent[t]
	g.mu.Unlock()
	if age := now.Sub(r.at); ok && age >= 0 && age < cachedFor {
		return r.client, nil
	}
	var client *alipay.Client
	err := d.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
		client, _, err = g.Client(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.recent) >= cachedMax {
		clear(g.recent)
	}
	g.recent[t] = recentClient{client, now}
	return client, nil
}

// forget makes this process use new credentials at once.
func (g *Gateways) forget(t id.Tenant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.recent, t)
	delete(g.known, t)
}

// place is where a sealed column of the connection belongs; opened anywhere else it fails.
func place(t id.Tenant, column string) secret.Place {
	return secret.Place{Tenant: t.UUID().String(), Table: "alipay_connections", Row: t.UUID().String(), Column: column}
}

const (
	columnPrivateKey   = "sealed_private_key"
	columnAppAuthToken = "sealed_app_auth_token"
)

// open turns the row into credentials.
func (g *Gateways) open(
	ctx context.Context,
	tx db.TenantTx,
	r dbsqlc.AlipayConnectionGetRow,
) (alipay.Credentials, error) {
	t := tx.Tenant()
	key, err := g.c.Vault.DataKey(ctx, tx)
	if err != nil {
		return alipay.Credentials{}, err
	}
	private, err := key.Open(r.SealedPrivateKey, place(t, columnPrivateKey))
	if err != nil {
		return alipay.Credentials{}, fmt.Errorf("open the private key: %w", err)
	}
	cred := alipay.Credentials{
		Gateway:         r.GatewayURL,
		AppID:           r.AppID,
		PID:             r.PID,
		PrivateKey:      secret.New(string(private)),
		AlipayPublicKey: r.AlipayPublicKey,
		NotifyURL:       g.NotifyURL(t),
	}
	if r.AppCertificate != "" {
		cred.Certificates = &alipay.Certificates{
			App:    r.AppCertificate,
			Alipay: r.AlipayCertificate,
			Root:   r.RootCertificate,
		}
	}
	if len(r.SealedAppAuthToken) > 0 {
		token, err := key.Open(r.SealedAppAuthToken, place(t, columnAppAuthToken))
		if err != nil {
			return alipay.Credentials{}, fmt.Errorf("open the authorisation token: %w", err)
		}
		cred.AppAuthToken = secret.New(string(token))
	}
	return cred, nil
}

// GatewayFault turns a call that is not done into what a caller is told: alipay_refused with Alipay's words, or
// alipay_unavailable when the outcome is not known. Any other error comes back as it is.
func GatewayFault(err error) error {
	if alipay.IsUnknown(err) {
		return fault.New(CodeAlipayUnavailable, "Alipay did not answer clearly. Repeat the same request in a moment.").
			Because(err)
	}
	if alipay.IsRefused(err) {
		return fault.New(CodeAlipayRefused, "%s", GatewayWords(err)).Because(err)
	}
	return err
}
