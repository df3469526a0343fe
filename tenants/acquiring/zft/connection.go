package zft

import (
	"context"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/alipay"
	"zhitong/internal/clock"
	"zhitong/tenants/acquiring"
)

// Credentials are those of a connection: Alipay's app, its keys or certificates.
type (
	Credentials  = alipay.Credentials
	Certificates = alipay.Certificates
)

// Desk gives a sandbox tenant its app, and does what buyers and Alipay's staff do. It belongs to the simulator and is
// no part of Alipay.
type (
	Desk            = alipay.Desk
	DeskRefusal     = alipay.DeskRefusal
	DeskTrade       = alipay.DeskTrade
	DeskApplication = alipay.DeskApplication
	DeskDecision    = alipay.DeskDecision
	DeskFault       = alipay.DeskFault
	DeskComplaint   = alipay.DeskComplaint
)

// ErrCredentials is the error of credentials that make no client.
var ErrCredentials = alipay.ErrCredentials

// Pool keeps the clients of connections.
type Pool struct {
	opts    alipay.Options
	clients *alipay.Pool
}

// NewPool makes a pool. What all clients share is made here unless it is given.
func NewPool(opts alipay.Options) *Pool {
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if opts.Transport == nil {
		opts.Transport = alipay.NewTransport()
	}
	if opts.Metrics == nil {
		opts.Metrics = prometheus.NewRegistry()
	}
	return &Pool{opts: opts, clients: alipay.NewPool(opts)}
}

// Get gives the acquirer of a connection. load runs when this version, or a newer one, was not asked for before.
func (p *Pool) Get(key string, version int64, load func() (Credentials, error)) (acquiring.Acquirer, error) {
	c, err := p.clients.Get(key, version, load)
	if err != nil {
		return acquiring.Acquirer{}, err
	}
	return New(c), nil
}

// Check tells whether the credentials make a client. part names the one that is at fault, and problem says why without
// quoting it; both are empty when they do.
func (p *Pool) Check(cred Credentials) (part, problem string, err error) {
	_, err = alipay.NewClient(cred, p.opts)
	if err == nil {
		return "", "", nil
	}
	if !errors.Is(err, alipay.ErrCredentials) {
		return "", "", fmt.Errorf("try the credentials: %w", err)
	}
	if e, ok := errors.AsType[*alipay.CredentialError](err); ok {
		return string(e.Part), e.Problem.Error(), nil
	}
	return string(alipay.PartPrivateKey), err.Error(), nil
}

// Examine looks at credentials: at what can be seen in them, and, when they make a client at all, at what Alipay
// answers to signed questions that change nothing.
func (p *Pool) Examine(ctx context.Context, cred Credentials) []acquiring.Finding {
	var found []alipay.Finding
	if c, err := alipay.NewClient(cred, p.opts); err == nil {
		// without these nothing can be sold
		found = c.Doctor(ctx, alipay.DoctorOptions{Products: []string{"zft", "royalty", "face_to_face"}})
	} else {
		found = alipay.CheckCredentials(cred, p.opts.Clock.Now())
	}
	out := make([]acquiring.Finding, len(found))
	for i, f := range found {
		out[i] = acquiring.Finding{
			Code:     f.Code,
			Severity: acquiring.Severity(f.Severity),
			Detail:   f.Detail,
			Action:   f.Action,
		}
	}
	return out
}

// Register makes a key pair and has the simulator issue an app for it, with every product.
func Register(ctx context.Context, d *Desk, name, messages string) (Credentials, error) {
	private, public, err := alipay.GenerateKey()
	if err != nil {
		return Credentials{}, fmt.Errorf("make the app's key: %w", err)
	}
	issued, err := d.RegisterApp(ctx, alipay.DeskApp{Name: name, PublicKey: public, AppGatewayURL: messages})
	if err != nil {
		return Credentials{}, fmt.Errorf("register the app: %w", err)
	}
	return Credentials{
		Gateway:         issued.GatewayURL,
		AppID:           issued.AppID,
		PID:             issued.PID,
		PrivateKey:      private,
		AlipayPublicKey: issued.AlipayPublicKey,
	}, nil
}
