package world

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"zhitong/alipay"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/test/bench/seed"
)

const deskTimeout = 10 * time.Second

// Register registers the tenants' app at a simulator, with a secondary merchant.
func (w *World) Register(ctx context.Context, sim *Process) (alipay.Credentials, string, error) {
	app, err := alipay.NewDesk("http://"+sim.Address, &http.Client{Timeout: deskTimeout}).RegisterApp(ctx,
		alipay.DeskApp{Name: "bench", PublicKey: w.Keys.AppPublicKey})
	if err != nil {
		return alipay.Credentials{}, "", err
	}
	cred := alipay.Credentials{Gateway: app.GatewayURL, AppID: app.AppID, PID: app.PID,
		PrivateKey: secret.New(w.Keys.Connection.PrivateKey.Reveal()), AlipayPublicKey: app.AlipayPublicKey}
	raw, err := json.Marshal(map[string]any{"app_id": app.AppID, "name": "bench"})
	if err != nil {
		return cred, "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+sim.Address+"/desk/api/merchants",
		bytes.NewReader(raw))
	if err != nil {
		return cred, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return cred, "", fmt.Errorf("make a merchant at the simulator: %w", err)
	}
	defer res.Body.Close()
	var m struct {
		SMID string `json:"smid"`
	}
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil || m.SMID == "" {
		return cred, "", fmt.Errorf("make a merchant at the simulator: answered %d, %w", res.StatusCode, err)
	}
	return cred, m.SMID, nil
}

// UseSimulator connects every tenant to the simulator. From then on nothing but the simulator can sign notifications
// for them.
func (w *World) UseSimulator(ctx context.Context, sim *Process) error {
	cred, smid, err := w.Register(ctx, sim)
	if err != nil {
		return err
	}
	_, err = w.super.Exec(ctx, "UPDATE alipay_connections SET version = version + 1, gateway_url = $1, app_id = $2, "+
		"pid = $3, alipay_public_key = $4", cred.Gateway, cred.AppID, cred.PID, cred.AlipayPublicKey)
	if err == nil {
		_, err = w.super.Exec(ctx, "UPDATE merchants SET smid = $1", smid)
	}
	if err != nil {
		return fmt.Errorf("connect the tenants to the simulator: %w", err)
	}
	return nil
}

// HottestRead is a read of the product's API or pages.
type HottestRead struct {
	Name string
	Path func(t, n int64) string // of a tenant and an order of its
	// OfCheckout reads the status on the buyer's page of the order at Path.
	OfCheckout bool
}

// HottestReads are what is read most: by buyers, by integrators, by the console.
func HottestReads() []HottestRead {
	order := func(n int64) string { return id.Order(seed.UID(seed.Order, n)).String() }
	fixed := func(p string) func(int64, int64) string { return func(int64, int64) string { return p } }
	return []HottestRead{
		{"checkout status", func(_, n int64) string { return "/v1/orders/" + order(n) }, true},
		{"getOrder", func(_, n int64) string { return "/v1/orders/" + order(n) }, false},
		{"listOrders", fixed("/v1/orders?limit=20"), false},
		{"listOrders by status", fixed("/v1/orders?limit=20&status=delivered"), false},
		{"listOrderPostings", func(_, n int64) string { return "/v1/orders/" + order(n) + "/postings" }, false},
		{"listEvents", fixed("/v1/events?limit=20"), false},
		{"listProducts", fixed("/v1/products?limit=20"), false},
		{"getStock", func(t, _ int64) string {
			return "/v1/products/" + id.Product(seed.UID(seed.Product, t)).String() + "/stock"
		}, false},
		{"listMerchants", fixed("/v1/merchants?limit=20"), false},
		{"listOrderRefunds", func(_, n int64) string { return "/v1/orders/" + order(n) + "/refunds" }, false},
	}
}
