package alipay

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/internal/clock"
	"zhitong/internal/port"
	"zhitong/internal/secret"
)

// Credentials are one tenant connection: an application, its key and Alipay's. Gateway is the whole address of
// gateway.do: production, Alipay's sandbox or the simulator.
type Credentials struct {
	Gateway         string
	AppID           string
	PID             string // the platform's account, 2088…
	PrivateKey      secret.String
	AlipayPublicKey string        // public-key mode
	Certificates    *Certificates // nil: public-key mode
	AppAuthToken    secret.String // ISV mode: calls are made on behalf of the merchant that granted it
	NotifyURL       string        // default address of trade notifications
	ContentKey      secret.String // AES content encryption; empty: none
}

// Options are what all clients of a process share.
type Options struct {
	Clock     clock.Clock
	Logger    *slog.Logger
	Transport http.RoundTripper // nil: a pooled transport of this package
	Metrics   prometheus.Registerer
}

// Client talks to Alipay for one connection. It is immutable and safe for concurrent use.
type Client struct {
	credentials Credentials
	gateway     *url.URL
	private     *rsa.PrivateKey
	public      *rsa.PublicKey // Alipay's, pinned
	certs       *certMode      // nil in public-key mode
	content     *contentCipher // nil without content encryption
	downloaded  sync.Map       // certificate SN → *rsa.PublicKey, chained to the pinned root
	http        *http.Client
	clock       clock.Clock
	logger      *slog.Logger
	metrics     *metrics
}

// Errors of construction.
var (
	ErrCredentials = errors.New("alipay: credentials")
	ErrSelfTest    = errors.New("alipay: self-test: a forged answer was accepted")
)

// Part names one of the credentials.
type Part string

// The parts.
const (
	PartAppID             Part = "app_id"
	PartGateway           Part = "gateway"
	PartPrivateKey        Part = "private_key"
	PartAlipayPublicKey   Part = "alipay_public_key"
	PartAppCertificate    Part = "app_certificate"
	PartAlipayCertificate Part = "alipay_certificate"
	PartRootCertificate   Part = "root_certificate"
	PartContentKey        Part = "content_key"
)

// CredentialError says which of the credentials cannot be used and why, never quoting it. It comes wrapped with
// ErrCredentials.
type CredentialError struct {
	Part    Part
	Problem error
}

// Error implements error.
func (e *CredentialError) Error() string { return string(e.Part) + ": " + e.Problem.Error() }

// Unwrap gives the problem.
func (e *CredentialError) Unwrap() error { return e.Problem }

func badPart(part Part, format string, args ...any) error {
	return &CredentialError{part, fmt.Errorf(format, args...)}
}

// NewClient checks the credentials and makes a client. It proves before it returns that a forged answer, an unsigned
// success and an answer signed with the application's own key are refused; otherwise it returns ErrSelfTest and no
// client.
func NewClient(cred Credentials, opts Options) (*Client, error) {
	c := &Client{credentials: cred, clock: opts.Clock, logger: opts.Logger}
	if c.clock == nil {
		c.clock = clock.System{}
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	if err := c.loadKeys(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCredentials, err)
	}
	transport := opts.Transport
	if transport == nil {
		transport = NewTransport()
	}
	if t, ok := transport.(*http.Transport); ok && t.TLSClientConfig != nil && t.TLSClientConfig.InsecureSkipVerify {
		return nil, fmt.Errorf("%w: the transport does not verify TLS certificates", ErrCredentials)
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	var err error
	if c.metrics, err = newMetrics(opts.Metrics); err != nil {
		return nil, err
	}
	if err := c.selfTest(); err != nil {
		return nil, err
	}
	return c, nil
}

// AppID is the application this client speaks for.
func (c *Client) AppID() string { return c.credentials.AppID }

// PID is the platform's account number, 2088….
func (c *Client) PID() string { return c.credentials.PID }

// NewTransport makes the transport that clients share: TLS 1.2 or newer with verification, connections kept alive, no
// proxy from the environment.
func NewTransport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		// Given here, not left to the first call: NewClient looks at it while other clients use the transport.
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   128,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		ResponseHeaderTimeout: 15 * time.Second,
	}
}

func (c *Client) loadKeys() error {
	cred := &c.credentials
	if cred.AppID == "" || len(cred.AppID) > 32 {
		return badPart(PartAppID, "it must have 1 to 32 characters")
	}
	u, err := url.Parse(cred.Gateway)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" ||
		u.Fragment != "" || u.User != nil || !port.InURL(u) {
		return badPart(PartGateway, "it is not the http(s) address of gateway.do")
	}
	c.gateway = u
	if c.private, err = parsePrivateKey(cred.PrivateKey); err != nil {
		return err
	}
	if cred.Certificates != nil {
		if c.certs, c.public, err = loadCertificates(*cred.Certificates, c.private); err != nil {
			return err
		}
	} else if c.public, err = parsePublicKey(cred.AlipayPublicKey); err != nil {
		return err
	}
	if c.public.Equal(&c.private.PublicKey) {
		part := PartAlipayPublicKey
		if c.certs != nil {
			part = PartAlipayCertificate
		}
		return badPart(part, "it is the application's own public key; copy Alipay's from the console")
	}
	if !cred.ContentKey.IsZero() {
		if c.content, err = newContentCipher(cred.ContentKey.Reveal()); err != nil {
			return err
		}
	}
	return nil
}

// selfTest feeds the check of answers with three forgeries. A client that accepts one must not exist.
func (c *Client) selfTest() error {
	const node = `{"code":"10000","msg":"Success","trade_status":"TRADE_SUCCESS"}`
	noise := make([]byte, c.public.Size())
	if _, err := rand.Read(noise); err != nil {
		return fmt.Errorf("self-test: %w", err)
	}
	own, err := signRaw([]byte(node), c.private)
	if err != nil {
		return fmt.Errorf("self-test: %w", err)
	}
	for _, sign := range []string{"", base64.StdEncoding.EncodeToString(noise), own} {
		e := envelope{node: []byte(node), signed: []byte(node), sign: sign}
		if c.verifyEnvelope(e, c.public, codeSuccess) == nil {
			return ErrSelfTest
		}
	}
	return nil
}
