package alipay

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// Desk talks to the desk of the simulator: it gives a sandbox tenant its application, and does there what buyers and
// Alipay's staff do. It is no part of Alipay.
type Desk struct {
	base string
	http *http.Client
}

// DeskApp is an application to register: its own public key, the products it has signed and where its messages go.
type DeskApp struct {
	Name          string   `json:"name"`
	PublicKey     string   `json:"public_key"`
	Products      []string `json:"products,omitempty"`
	AppGatewayURL string   `json:"app_gateway_url,omitempty"`
}

// DeskCredentials are what the simulator issues.
type DeskCredentials struct {
	AppID           string `json:"app_id"`
	PID             string `json:"pid"`
	AlipayPublicKey string `json:"alipay_public_key"`
	GatewayURL      string `json:"gateway_url"`
}

// maxDeskAnswer bounds an answer of the desk.
const maxDeskAnswer = 1 << 20

// NewDesk makes a client of the desk at baseURL, for example http://127.0.0.1:8099. The HTTP client brings its own
// timeout.
func NewDesk(baseURL string, hc *http.Client) *Desk {
	return &Desk{base: strings.TrimRight(baseURL, "/"), http: hc}
}

// RegisterApp registers an application (POST /desk/api/apps).
func (d *Desk) RegisterApp(ctx context.Context, app DeskApp) (DeskCredentials, error) {
	var c DeskCredentials
	if err := d.call(ctx, http.MethodPost, "/apps", app, &c); err != nil {
		return DeskCredentials{}, fmt.Errorf("register sandbox application: %w", err)
	}
	if c.AppID == "" || c.PID == "" || c.AlipayPublicKey == "" || c.GatewayURL == "" {
		return DeskCredentials{}, fmt.Errorf("register sandbox application: the simulator's answer is incomplete")
	}
	return c, nil
}
