package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/cmd/zhitong/boot"
	"zhitong/cmd/zhitong/demo"
	"zhitong/db"
	"zhitong/internal/id"
)

const (
	demoPlatform = "星河卡盟"
	demoOwner    = "owner@example.cn"
	demoProduct  = "星河点券 100 元"
	demoPrice    = 100_00
	demoKeys     = 200
	demoLeft     = time.Minute // an order with less time than this is replaced
	devFile      = "dev.json"
)

// devInfo is .zhitong/dev.json: what scripts need to know of a running dev.
type devInfo struct {
	APIURL           string         `json:"api_url"`
	ReferenceURL     string         `json:"reference_url"`
	CheckoutURL      string         `json:"checkout_url"`
	SignInURL        string         `json:"sign_in_url"` // signs in as the demo's owner, once
	OwnerEmail       string         `json:"owner_email"`
	OwnerPassword    string         `json:"owner_password"`
	SimulatorURL     string         `json:"simulator_url"`
	SimulatorDeskURL string         `json:"simulator_desk_url"`
	OpsURL           string         `json:"ops_url"`
	MetricsURL       string         `json:"metrics_url"`
	APIKey           string         `json:"api_key"`
	OperatorToken    string         `json:"operator_token"`
	TenantID         string         `json:"tenant_id"`
	ProductID        string         `json:"product_id"`
	OrderID          string         `json:"order_id"`
	StateDir         string         `json:"state_dir"`
	LogFile          string         `json:"log_file"`
	PIDs             map[string]int `json:"pids"`
}

// demo seeds on the first start, makes a new order when the old one can no longer be paid, says that everything is
// ready, and keeps an order open until ctx ends.
func (d *dev) demo(ctx context.Context, up <-chan struct{}) error {
	if err := os.Remove(filepath.Join(d.state.dir, devFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the old %s: %w", devFile, err)
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-up:
	}
	seeding, cancel := context.WithTimeout(ctx, devSeedTimeout)
	defer cancel()
	c := d.client()
	order, err := d.ensureOrder(seeding, c)
	if err != nil {
		return err
	}
	if d.signInURL, err = d.owner(seeding, c); err != nil {
		return err
	}
	if err := d.announce(order); err != nil {
		return err
	}
	tick := time.NewTicker(devLookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		next, err := d.ensureOrder(ctx, c)
		if err != nil {
			if ctx.Err() == nil {
				d.log.Warn("the demo has no open order", "error", err)
			}
			continue
		}
		if next.ID != order.ID {
			order = next
			d.say("a new demo order: %s", order.CheckoutURL)
			if err := d.writeInfo(order); err != nil {
				return err
			}
		}
	}
}

func (d *dev) client() *demo.Client {
	c := &demo.Client{API: d.apiURL, Desk: d.simURL, Poll: 50 * time.Millisecond}
	if d.state.Demo != nil {
		c.Key = d.state.Demo.APIKey
	}
	return c
}

// ensureOrder gives the demo's open order, making one, or the whole demo, if there is none. A database or simulator
// that was emptied since has no use for the old demo.
func (d *dev) ensureOrder(ctx context.Context, c *demo.Client) (demo.Order, error) {
	if d.state.Demo != nil {
		o, err := d.openOrder(ctx, c)
		if err == nil || !forgotten(err) {
			return o, err
		}
		d.log.Warn("the demo tenant is gone: making a new one", "error", err)
	}
	d.say("seeding the demo tenant %s", demoPlatform)
	seed, err := d.seed(ctx, c)
	if err != nil {
		return demo.Order{}, err
	}
	d.state.Demo = seed
	if err := d.state.save(); err != nil {
		return demo.Order{}, err
	}
	return d.openOrder(ctx, c)
}

func forgotten(err error) bool {
	switch demo.CodeOf(err) {
	case "unauthenticated", "alipay_refused", "product_not_found", "alipay_connection_missing":
		return true
	}
	return false
}

func (d *dev) openOrder(ctx context.Context, c *demo.Client) (demo.Order, error) {
	if d.state.Demo.OrderID != "" {
		o, err := c.GetOrder(ctx, d.state.Demo.OrderID)
		if err == nil && o.Status == "awaiting_payment" && o.ExpiresAt.Sub(d.now()) > demoLeft &&
			d.here(o) {
			return o, nil
		}
		if err != nil && demo.CodeOf(err) != "order_not_found" {
			return o, err
		}
	}
	o, _, err := c.CreateOrder(ctx, d.state.Demo.ProductID, 1, "demo-"+id.New[id.Order]().String())
	if demo.CodeOf(err) == "card_keys_sold_out" {
		if _, err := c.ImportCardKeys(ctx, d.state.Demo.ProductID, demoCardKeys()); err != nil {
			return o, err
		}
		o, _, err = c.CreateOrder(ctx, d.state.Demo.ProductID, 1, "demo-"+id.New[id.Order]().String())
	}
	if err != nil {
		return o, err
	}
	d.state.Demo.OrderID = o.ID
	return o, d.state.save()
}

// here tells whether the order's code leads to the simulator of this start.
func (d *dev) here(o demo.Order) bool {
	pay, err := url.Parse(o.Payment.PayURL)
	sim, serr := url.Parse(d.simURL)
	return err == nil && serr == nil && pay.Host == sim.Host
}

// seed takes an order through its lifecycle by the public API: a platform, a supplier and a distributor approved at the
// desk, a rule of 5 % for the platform and 2 % for the distributor, a product with card keys.
func (d *dev) seed(ctx context.Context, c *demo.Client) (*demoSeed, error) {
	c.Key = ""
	tenant, err := c.SignUp(ctx, demoPlatform, demoOwner)
	if err != nil {
		return nil, err
	}
	supplier, err := c.Onboard(ctx, "supplier", demo.Enterprise("杭州星河数字科技有限公司"), nil)
	if err != nil {
		return nil, err
	}
	distributor, err := c.Onboard(ctx, "distributor", demo.Enterprise("杭州银河分销有限公司"),
		&demo.Receiver{Type: "userId", Account: demo.ReceiverAccount})
	if err != nil {
		return nil, err
	}
	rule, err := c.CreateSplitRule(ctx, "平台 5% 分销 2%", demo.Part{Receiver: "platform", RateBps: 500},
		demo.Part{Receiver: "merchant", MerchantID: distributor.ID, RateBps: 200})
	if err != nil {
		return nil, err
	}
	product, err := c.CreateProduct(ctx, demoProduct, demoPrice, supplier.ID, rule.ID)
	if err != nil {
		return nil, err
	}
	if _, err := c.ImportCardKeys(ctx, product.ID, demoCardKeys()); err != nil {
		return nil, err
	}
	return &demoSeed{TenantID: tenant.ID, APIKey: tenant.APIKey, ProductID: product.ID}, nil
}

func demoCardKeys() []string {
	keys := make([]string, demoKeys)
	for i := range keys {
		keys[i] = "XH100-" + id.New[id.CardKey]().Hex()
	}
	return keys
}

func (d *dev) info(o demo.Order) devInfo {
	log := filepath.Join(d.state.dir, "zhitong.log")
	i := devInfo{
		APIURL: d.apiURL, ReferenceURL: d.apiURL + "/docs/", CheckoutURL: o.CheckoutURL, SimulatorURL: d.simURL,
		SignInURL: d.signInURL, OwnerEmail: demoOwner, OwnerPassword: d.state.Demo.OwnerPassword,
		SimulatorDeskURL: d.simURL + "/desk",
		OpsURL:           d.apiURL + "/ops/river/", MetricsURL: d.apiURL + "/metrics", APIKey: d.state.Demo.APIKey,
		OperatorToken: d.state.Operator,
		TenantID:      d.state.Demo.TenantID, ProductID: d.state.Demo.ProductID, OrderID: o.ID, StateDir: d.state.dir,
		LogFile: log,
		PIDs:    map[string]int{"zhitong": os.Getpid()},
	}
	if d.postgres != nil {
		i.PIDs["postgres"] = d.postgres.PID()
	}
	return i
}

func (d *dev) writeInfo(o demo.Order) error {
	return writeWhole(filepath.Join(d.state.dir, devFile), d.info(o))
}

// announce writes dev.json and then the line that begins with ready.
func (d *dev) announce(o demo.Order) error {
	i := d.info(o)
	if err := d.writeInfo(o); err != nil {
		return err
	}
	d.say(`ready            %s
  sign in (once)   %s   later %s, password %s
  API reference    %s
  checkout (demo)  %s
  simulator desk   %s
  jobs (River UI)  %s   user operator, password %s
  metrics          %s
  sandbox API key  %s
  log              %s
  the same as JSON %s

try:
  curl -s -H 'Authorization: Bearer %s' %s/v1/products`,
		i.APIURL, i.SignInURL, i.OwnerEmail, i.OwnerPassword, i.ReferenceURL, i.CheckoutURL, i.SimulatorDeskURL,
		i.OpsURL, i.OperatorToken, i.MetricsURL, i.APIKey, i.LogFile,
		filepath.Join(d.state.dir, devFile), i.APIKey, i.APIURL)
	return nil
}

// moved tells the tenants and the simulator when either has another address than at the last start: connections name
// the simulator's, apps at the simulator name the API's.
func (d *dev) moved(ctx context.Context, app *boot.App) error {
	oldSim, oldAPI := d.state.SimulatorURL, d.state.APIURL
	d.state.SimulatorURL, d.state.APIURL = d.simURL, d.apiURL
	if oldSim == "" || (oldSim == d.simURL && oldAPI == d.apiURL) {
		return nil
	}
	tenants, err := directory(ctx, app.DB)
	if err != nil {
		return err
	}
	desk := &demo.Client{Desk: d.simURL}
	for _, t := range tenants {
		var appID string
		err := app.DB.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
			err := tx.QueryRow(ctx, `UPDATE alipay_connections SET gateway_url = $1, version = version + 1
				WHERE tenant_id = app.tenant_id() AND gateway_url IN ($1, $2) RETURNING app_id`,
				d.simURL+"/gateway.do", oldSim+"/gateway.do").Scan(&appID)
			if db.IsNoRows(err) {
				return nil // another gateway
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("move the connection of tenant %s: %w", t, err)
		}
		if appID == "" {
			continue
		}
		err = desk.AtDesk(ctx, http.MethodPatch, "/apps/"+appID,
			map[string]any{"app_gateway_url": d.apiURL + "/notify/alipay/" + t.String() + "/messages"}, nil)
		if err != nil {
			d.log.Warn("the simulator does not know an app", "app_id", appID, "error", err)
		}
	}
	return nil
}

func directory(ctx context.Context, d *db.DB) (tenants []id.Tenant, err error) {
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		rows, err := tx.Query(ctx, "SELECT tenant_id FROM tenant_directory")
		if err != nil {
			return err
		}
		tenants, err = pgx.CollectRows(rows, pgx.RowTo[id.Tenant])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the tenants: %w", err)
	}
	return tenants, nil
}
