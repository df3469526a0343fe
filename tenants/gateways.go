package tenants

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/secret"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/vault"
)

// knownMax bounds what is remembered, about six kilobytes for each tenant; the least recently used goes first.
const knownMax = 16_384

// GatewaysConfig is what Gateways needs.
type GatewaysConfig struct {
	Pool      *zft.Pool
	Vault     *vault.Vault
	Clock     clock.Clock
	PublicURL string // where Alipay reaches this program, without a slash at the end
	Only      string // the one gateway that connections are made to; empty: any
	// Metrics, when set, gets the count of refused callbacks.
	Metrics prometheus.Registerer
}

// Gateways finds the acquirer of a tenant's connection. There is one per program.
type Gateways struct {
	c GatewaysConfig

	count *prometheus.CounterVec
	known *lru.Cache[id.Tenant, known]

	mu      sync.Mutex
	refused refusals
}

// known is the acquirer of one version of a connection, and that connection.
type known struct {
	acquirer   acquiring.Acquirer
	connection Connection
	at         time.Time // when the database was asked
}

// NewGateways makes a Gateways.
func NewGateways(c GatewaysConfig) *Gateways {
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	count := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "zhitong_callbacks_refused_total",
		Help: "Callbacks that were not Alipay's word to the tenant, by whether they were kept in the database."},
		[]string{"kept"})
	if c.Metrics != nil {
		c.Metrics.MustRegister(count)
	}
	remembered, err := lru.New[id.Tenant, known](knownMax)
	if err != nil {
		panic(err) // only for a size below one
	}
	return &Gateways{c: c, count: count, known: remembered}
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

// Acquirer gives the acquirer of the transaction's tenant and what is known of its connection: one read; the
// credentials are opened once per version. It returns alipay_connection_missing. Call the acquirer after the
// transaction, never in it.
func (g *Gateways) Acquirer(ctx context.Context, tx db.TenantTx) (acquiring.Acquirer, Connection, error) {
	r, err := readConnection(ctx, tx)
	if err != nil {
		return acquiring.Acquirer{}, Connection{}, err
	}
	t := tx.Tenant()
	acq, err := g.c.Pool.Get(t.String(), r.Version, func() (zft.Credentials, error) { return g.open(ctx, tx, r) })
	if err != nil {
		return acquiring.Acquirer{}, Connection{}, fmt.Errorf("make the Alipay client: %w", err)
	}
	return acq, connectionOf(r), nil
}

// AcquirerOf is Acquirer for who has read the connection's version with something else: nothing is read when that
// version was used before. A version that is not the newest any more gives the newest. The connection's MaxSplit may be
// older. It returns alipay_connection_missing.
func (g *Gateways) AcquirerOf(
	ctx context.Context,
	tx db.TenantTx,
	version int64,
) (acquiring.Acquirer, Connection, error) {
	t := tx.Tenant()
	if k, ok := g.known.Get(t); ok && k.connection.Version == version {
		return k.acquirer, k.connection, nil
	}
	acq, c, err := g.Acquirer(ctx, tx)
	if err != nil {
		return acquiring.Acquirer{}, Connection{}, err
	}
	g.known.Add(t, known{acq, c, g.c.Clock.Now()})
	return acq, c, nil
}

// Known is an acquirer that was right when the database was asked. A transaction that relies on it holds it to be the
// newest; see StillNewest.
type Known struct {
	acquiring.Acquirer
	Version int64
	At      time.Time
}

// Known gives the acquirer that this process used last for a tenant, so that nothing is read; a tenant it has not met,
// or one whose connection was read at or before notAfter, is read. It returns alipay_connection_missing.
func (g *Gateways) Known(ctx context.Context, d *db.DB, t id.Tenant, notAfter time.Time) (Known, error) {
	now := g.c.Clock.Now()
	if k, ok := g.known.Get(t); ok && k.at.After(notAfter) &&
		!k.at.After(now) { // a clock that was put back ages nothing
		return Known{k.acquirer, k.connection.Version, k.at}, nil
	}
	k := known{at: now}
	err := d.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
		k.acquirer, k.connection, err = g.Acquirer(ctx, tx)
		return err
	})
	if err != nil {
		return Known{}, err
	}
	g.known.Add(t, k)
	return Known{k.acquirer, k.connection.Version, k.at}, nil
}

// messagesTrust is how long an acquirer that was read verifies messages without being asked for again: changed
// credentials hold for them after that.
const messagesTrust = 2 * time.Second

// Recent gives the tenant's acquirer without a transaction when it was read a moment ago, for messages that come in. It
// returns alipay_connection_missing.
func (g *Gateways) Recent(ctx context.Context, d *db.DB, t id.Tenant) (Known, error) {
	return g.Known(ctx, d, t, g.c.Clock.Now().Add(-messagesTrust))
}

// ConstraintNewest is violated when a transaction relied on credentials that are not the newest any more.
const ConstraintNewest = "alipay_connection_version"

// StillNewest makes the transaction fail by violating ConstraintNewest unless the acquirer is of the newest
// credentials. It travels with the next query.
func StillNewest(ctx context.Context, tx db.TenantTx, k Known) error {
	return q.AlipayConnectionRequire(ctx, tx.Later(), k.Version)
}

// forget makes this process use new credentials at once.
func (g *Gateways) forget(t id.Tenant) { g.known.Remove(t) }

// reaches returns alipay_connection_missing for a gateway that this program does not talk to.
func (g *Gateways) reaches(gateway string) error {
	if g.c.Only == "" || gateway == g.c.Only {
		return nil
	}
	return fault.New(CodeAlipayConnectionMissing, "This program talks to the gateway %s only: its clock can be moved. "+
		"Start it with a clock of its own for another one.", g.c.Only)
}

// open turns the row into credentials.
func (g *Gateways) open(
	ctx context.Context,
	tx db.TenantTx,
	r dbsqlc.AlipayConnectionGetRow,
) (zft.Credentials, error) {
	t := tx.Tenant()
	if err := g.reaches(r.GatewayURL); err != nil {
		return zft.Credentials{}, err
	}
	private, err := g.c.Vault.Open(ctx, tx, r.SealedPrivateKey, vault.ConnectionPrivateKey.At(t, t))
	if err != nil {
		return zft.Credentials{}, fmt.Errorf("open the private key: %w", err)
	}
	cred := zft.Credentials{
		Gateway:         r.GatewayURL,
		AppID:           r.AppID,
		PID:             r.PID,
		PrivateKey:      secret.New(string(private)),
		AlipayPublicKey: r.AlipayPublicKey,
		NotifyURL:       g.NotifyURL(t),
	}
	if r.AppCertificate != "" {
		cred.Certificates = &zft.Certificates{
			App:    r.AppCertificate,
			Alipay: r.AlipayCertificate,
			Root:   r.RootCertificate,
		}
	}
	if len(r.SealedAppAuthToken) > 0 {
		token, err := g.c.Vault.Open(ctx, tx, r.SealedAppAuthToken, vault.ConnectionToken.At(t, t))
		if err != nil {
			return zft.Credentials{}, fmt.Errorf("open the authorisation token: %w", err)
		}
		cred.AppAuthToken = secret.New(string(token))
	}
	return cred, nil
}

// GatewayFault turns a call that is not done into what a caller is told: alipay_refused with Alipay's words, or
// alipay_unavailable when the outcome is not known. Any other error comes back as it is.
func GatewayFault(err error) error {
	if _, ok := errors.AsType[*acquiring.Error](err); !ok {
		return err
	}
	switch acquiring.OutcomeOf(err) {
	case acquiring.OutcomeRefused:
		return fault.New(CodeAlipayRefused, "%s", acquiring.Words(err)).Because(err)
	case acquiring.OutcomeUnknown, acquiring.OutcomeLimited:
		return fault.New(CodeAlipayUnavailable, "Alipay did not answer clearly. Repeat the same request in a moment.").
			Because(err)
	case acquiring.OutcomeDone:
	}
	return err
}
