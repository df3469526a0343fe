package tenants

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/secret"
	"zhitong/tenants/acquiring"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/vault"
)

// Gateways a connection may name.
const (
	GatewayProduction    = "production"
	GatewayAlipaySandbox = "alipay_sandbox"
	GatewaySimulator     = "simulator"
)

// Addresses of Alipay's gateways (Alipay documentation, open platform v2).
const (
	productionURL    = "https://openapi.alipay.com/gateway.do"
	alipaySandboxURL = "https://openapi-sandbox.dl.alipaydev.com/gateway.do"
)

// OfAlipay tells whether a gateway is one of Alipay's own, and not the simulator.
func OfAlipay(gatewayURL string) bool {
	return gatewayURL == productionURL || gatewayURL == alipaySandboxURL
}

// NewConnection is a tenant's own Alipay app: either Alipay's public key, or the three certificates.
type NewConnection struct {
	Gateway           string
	AppID             string
	PID               string
	PrivateKey        secret.String
	AlipayPublicKey   string
	AppCertificate    string
	AlipayCertificate string
	RootCertificate   string
	AppAuthToken      secret.String // when acting for a merchant as ISV
}

// GetConnection reads the tenant's connection. It returns alipay_connection_missing.
func (s *Service) GetConnection(ctx context.Context, a Actor) (c Connection, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := readConnection(ctx, tx)
		c = connectionOf(r)
		return err
	})
	return c, err
}

// PutConnection replaces the tenant's credentials after proving that they fit together. Another app or account is
// refused once a payment was asked for with this one: its notifications, splits and refunds belong to it. It returns
// invalid_request, alipay_key_invalid, alipay_connection_in_use or precondition_failed.
func (s *Service) PutConnection(
	ctx context.Context,
	a Actor,
	match Match,
	in NewConnection,
) (c Connection, err error) {
	cred, err := s.credentials(a, in)
	if err != nil {
		return Connection{}, err
	}
	part, problem, err := s.gateways.c.Pool.Check(cred)
	if err != nil {
		return Connection{}, err
	}
	if part != "" {
		text := sentence(problem)
		return Connection{}, fault.New(CodeAlipayKeyInvalid, "%s", text).At("/"+part, "invalid", text)
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		used, err := q.AlipayConnectionUsedByOther(ctx, tx, cred.AppID, cred.PID)
		if err != nil {
			return fmt.Errorf("look for payments of the connection: %w", err)
		}
		if used {
			return fault.New(CodeAlipayConnectionInUse, "Payments were asked for with another app. Its keys and "+
				"certificates can be replaced, the app itself cannot.").
				At("/app_id", "in_use", "Keep the app id and PID.")
		}
		if err := checkConnection(ctx, tx, match); err != nil {
			return err
		}
		before, err := readConnection(ctx, tx)
		if err != nil && fault.CodeOf(err) != CodeAlipayConnectionMissing {
			return err
		}
		if err := s.putConnection(ctx, tx, cred); err != nil {
			return err
		}
		r, err := readConnection(ctx, tx)
		if err != nil {
			return err
		}
		c = connectionOf(r)
		if s.replaced != nil {
			if err := s.replaced(ctx, tx, a, c, s.clock.Now()); err != nil {
				return err
			}
		}
		return record(ctx, tx, a, "putAlipayConnection", a.Tenant, "app "+cred.AppID, Changes{}.
			Add("gateway_url", before.GatewayURL, r.GatewayURL).
			Add("app_id", before.AppID, r.AppID).
			Add("pid", before.PID, r.PID)...)
	})
	if err == nil {
		s.gateways.forget(a.Tenant)
	}
	return c, err
}

// checkConnection holds the connection that is there to match. There is none to match in a tenant without one.
func checkConnection(ctx context.Context, tx db.TenantTx, match Match) error {
	if !match.Given {
		return nil
	}
	if err := q.TenantLock(ctx, tx); err != nil { // two replacements at once wait for each other
		return fmt.Errorf("lock the tenant: %w", err)
	}
	r, err := readConnection(ctx, tx)
	if err != nil {
		return err
	}
	return match.Check(r.Version)
}

// credentials resolves the gateway's name. Test keys never reach real money, and live ones never the simulator.
func (s *Service) credentials(a Actor, in NewConnection) (zft.Credentials, error) {
	cred := zft.Credentials{
		AppID:           in.AppID,
		PID:             in.PID,
		PrivateKey:      in.PrivateKey,
		AlipayPublicKey: in.AlipayPublicKey,
		AppAuthToken:    in.AppAuthToken,
	}
	switch {
	case in.Gateway == GatewayProduction && a.Mode == ModeLive:
		cred.Gateway = productionURL
	case in.Gateway == GatewayAlipaySandbox && a.Mode == ModeSandbox:
		cred.Gateway = alipaySandboxURL
	case in.Gateway == GatewaySimulator && a.Mode == ModeSandbox && s.simulatorGateway != "":
		cred.Gateway = s.simulatorGateway
	default:
		return cred, fault.New(CodeInvalidRequest, "A %s platform cannot use this gateway.", a.Mode).
			At("/gateway", "enum", "Must be production for live platforms, alipay_sandbox or simulator for sandboxes.")
	}
	if err := s.gateways.reaches(cred.Gateway); err != nil {
		return cred, fault.New(CodeInvalidRequest, "This program cannot use this gateway.").At("/gateway", "enum",
			"Must be simulator: this sandbox's clock can be moved. Start it with --machine-clock for another gateway.")
	}
	given := 0
	for _, c := range []string{in.AppCertificate, in.AlipayCertificate, in.RootCertificate} {
		if c != "" {
			given++
		}
	}
	switch {
	case given == 0 && in.AlipayPublicKey == "":
		return cred, fault.New(CodeAlipayKeyInvalid, "Alipay's public key is missing.").
			At("/alipay_public_key", "required", "Give Alipay's public key, or the three certificates.")
	case given != 0 && given != 3:
		return cred, fault.New(CodeAlipayKeyInvalid, "Certificate mode needs all three certificates.").
			At("/app_certificate", "required", "Give app_certificate, alipay_certificate and root_certificate.")
	case given == 3:
		cred.AlipayPublicKey = ""
		cred.Certificates = &zft.Certificates{
			App:    in.AppCertificate,
			Alipay: in.AlipayCertificate,
			Root:   in.RootCertificate,
		}
	}
	return cred, nil
}

// putConnection seals and writes the credentials.
func (s *Service) putConnection(ctx context.Context, tx db.TenantTx, cred zft.Credentials) error {
	p := dbsqlc.AlipayConnectionPutParams{
		GatewayURL:      cred.Gateway,
		AppID:           cred.AppID,
		PID:             cred.PID,
		AlipayPublicKey: cred.AlipayPublicKey,
		UpdatedAt:       s.clock.Now(),
	}
	t := tx.Tenant()
	var err error
	if p.SealedPrivateKey, err = s.vault.Seal(ctx, tx, []byte(cred.PrivateKey.Reveal()),
		vault.ConnectionPrivateKey.At(t, t)); err != nil {
		return fmt.Errorf("seal the private key: %w", err)
	}
	if !cred.AppAuthToken.IsZero() {
		if p.SealedAppAuthToken, err = s.vault.Seal(ctx, tx, []byte(cred.AppAuthToken.Reveal()),
			vault.ConnectionToken.At(t, t)); err != nil {
			return fmt.Errorf("seal the authorisation token: %w", err)
		}
	}
	if c := cred.Certificates; c != nil {
		p.AppCertificate, p.AlipayCertificate, p.RootCertificate = c.App, c.Alipay, c.Root
	}
	if _, err := q.AlipayConnectionPut(ctx, tx, p); err != nil {
		return fmt.Errorf("write the Alipay connection: %w", err)
	}
	return nil
}

// CheckConnection examines the tenant's connection: what can be seen in the credentials alone, and, when they make a
// client at all, what Alipay answers to signed questions that change nothing. How many of the findings are errors is
// kept with the connection. It returns alipay_connection_missing.
func (s *Service) CheckConnection(ctx context.Context, a Actor) ([]acquiring.Finding, error) {
	var cred zft.Credentials
	var version int64
	err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := readConnection(ctx, tx)
		if err != nil {
			return err
		}
		version = r.Version
		cred, err = s.gateways.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	findings := s.gateways.c.Pool.Examine(ctx, cred)
	wrong := int32(0)
	for _, f := range findings {
		if f.Severity == acquiring.SeverityError {
			wrong++
		}
	}
	return findings, a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := q.AlipayConnectionChecked(ctx, tx, s.clock.Now(), wrong, version); err != nil {
			return fmt.Errorf("keep what the examination found: %w", err)
		}
		return nil
	})
}
