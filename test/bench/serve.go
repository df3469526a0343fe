package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"zhitong/alipay"
	"zhitong/api"
	"zhitong/api/checkout/hub"
	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/catalog"
	"zhitong/tenants/contacts"
	"zhitong/tenants/events"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/merchants"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/orders"
	"zhitong/tenants/refunds"
	"zhitong/tenants/shops"
	"zhitong/tenants/signup"
	"zhitong/tenants/splits"
	"zhitong/tenants/stock"
	"zhitong/tenants/vault"
	"zhitong/tenants/webhooks"
	"zhitong/test/bench/world"
)

// blockRate is in nanoseconds: one sample for so much waiting.
const blockRate = 100_000

// childServe is the product's HTTP side with /debug/pprof beside it, for the profile: the same parts as `zhitong serve
// --no-workers` puts together.
func childServe(ctx context.Context, configPath string) error {
	raw, err := os.ReadFile(configPath)
	if err != nil {
		return err
	}
	var c world.ServeConfig
	if err := json.Unmarshal(raw, &c); err != nil {
		return err
	}
	runtime.SetBlockProfileRate(blockRate)
	h, err := product(ctx, c)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.Handle("GET /debug/pprof/allocs", pprof.Handler("allocs"))
	mux.Handle("GET /debug/pprof/block", pprof.Handler("block"))
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.Handle("/", h)
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = s.Close() })
	defer stop()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func product(ctx context.Context, c world.ServeConfig) (http.Handler, error) {
	master, err := secret.ParseMaster(secret.New(c.MasterKeyset))
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, db.Config{URL: c.DatabaseURL, MaxConns: c.MaxConns})
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil)) // written, then thrown away
	registry := prometheus.NewRegistry()
	clk := clock.System{}
	v := vault.New(master)
	public := "http://" + c.Listen
	gateways := tenants.NewGateways(tenants.GatewaysConfig{Pool: zft.NewPool(alipay.Options{Clock: clk, Logger: log,
		Metrics: registry}), Vault: v, Clock: clk, PublicURL: public})
	keys, h := stock.New(d, v), hub.New()
	codes, err := api.Catalogue()
	if err != nil {
		return nil, err
	}
	platforms := tenants.New(tenants.Config{DB: d, Vault: v, Gateways: gateways, Clock: clk})
	back := refunds.New(refunds.Config{DB: d, Vault: v, Gateways: gateways, Clock: clk, Log: log})
	return api.New(api.Deps{
		SignUps: signup.New(d, v, platforms),
		Answers: idempotency.NewAnswers(idempotency.AnswersConfig{DB: d, Vault: v, Clock: clk}),
		Tenants: platforms, Gateways: gateways, Access: access.New(d, v, clk), Audit: audit.New(d),
		Merchants:  merchants.New(d, v),
		Onboarding: onboarding.New(onboarding.Config{DB: d, Vault: v, Gateways: gateways, Clock: clk, Log: log}),
		Catalog:    catalog.New(d), Stock: keys,
		Splits:  splits.New(splits.Config{DB: d, Vault: v, Gateways: gateways, Clock: clk, Log: log}),
		Refunds: back, Contacts: contacts.New(contacts.Config{DB: d, Vault: v, Clock: clk}),
		Orders: orders.New(orders.Config{
			DB:        d,
			Vault:     v,
			Gateways:  gateways,
			Stock:     keys,
			Refunds:   back,
			Clock:     clk,
			Log:       log,
			PublicURL: public,
			OnChange:  h.Ring,
		}),
		Events: events.New(d, clk), Webhooks: webhooks.New(webhooks.Config{DB: d, Vault: v, Clock: clk}),
		Cases: cases.New(d, clk), Shops: shops.New(d, clk),
		Hub: h, Streams: hub.NewStreams(),
		Catalogue: codes, Logger: log, Clock: clk, Metrics: registry, PublicURL: public,
	})
}
