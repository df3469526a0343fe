package world

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"zhitong/internal/id"
	"zhitong/test/bench/load"
	"zhitong/test/bench/recording"
	"zhitong/test/bench/seed"
)

// Call asks the product's API as the t-th tenant's owner and reads the answer into out, if that is not nil.
func (w *World) Call(ctx context.Context, p *Process, t int64, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+p.Address+path, body)
	if err != nil {
		return err
	}
	req.Header = w.header(t)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s answered %d %.500s", method, path, res.StatusCode, raw)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

func (w *World) header(t int64) http.Header {
	return http.Header{"Authorization": {"Bearer " + w.APIKeys[t-1]}, "Content-Type": {"application/json"},
		"Idempotency-Key": {uuid.NewString()}}
}

// Import gives the t-th tenant's product n real card keys, through the API.
func (w *World) Import(ctx context.Context, p *Process, t, n int64) error {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = uuid.NewString()
	}
	product := id.Product(seed.UID(seed.Product, t)).String()
	return w.Call(ctx, p, t, http.MethodPost, "/v1/products/"+product+"/card_keys",
		map[string]any{"card_keys": keys}, nil)
}

// Orders prepares the requests that create n orders, dealt to the tenants in turn.
func (w *World) Orders(address string, n int, channel string) [][]byte {
	tenants := min(w.Tenants, int64(len(w.APIKeys)))
	out := make([][]byte, n)
	for i := range out {
		t := int64(i)%tenants + 1
		body := fmt.Sprintf(`{"items":[{"product_id":%q,"quantity":1}],"channel":%q,"reference":"bench"}`,
			id.Product(seed.UID(seed.Product, t)).String(), channel)
		out[i] = load.Request(http.MethodPost, address, "/v1/orders", w.header(t), []byte(body))
	}
	return out
}

// Created is an order as the API answered it.
type Created struct {
	ID          string `json:"id"`
	CheckoutURL string `json:"checkout_url"`
	Payment     struct {
		ID id.Payment `json:"id"`
	} `json:"payment"`
	Tenant int64 `json:"-"`
}

// Token is the last part of the checkout address.
func (c Created) Token() string { return c.CheckoutURL[strings.LastIndexByte(c.CheckoutURL, '/')+1:] }

// CreateOrders creates orders paid by page, through the API, and gives them.
func (w *World) CreateOrders(ctx context.Context, p *Process, n int) ([]Created, error) {
	out := make([]Created, n)
	errs := make([]error, n)
	j := load.Job{Address: p.Address, Clients: 8, Status: http.StatusCreated, Requests: w.Orders(p.Address, n, "page")}
	_, err := load.RunWith(ctx, j, func(int, time.Time) {}, func(i int, body []byte) {
		errs[i] = json.Unmarshal(body, &out[i])
		out[i].Tenant = int64(i)%min(w.Tenants, int64(len(w.APIKeys))) + 1
	})
	if err != nil {
		return nil, fmt.Errorf("create orders: %w", err)
	}
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("read an order: %w", err)
		}
	}
	return out, nil
}

// NotificationsOf prepares the requests that pay orders made by the API.
func (w *World) NotificationsOf(p *Process, all []Created) ([][]byte, error) {
	out := make([][]byte, len(all))
	for i, o := range all {
		body, err := seed.NoticeOf(w.Keys.Alipay, o.Payment.ID.UUID(), seed.TradeNo(int64(i)))
		if err != nil {
			return nil, err
		}
		out[i] = load.Request(http.MethodPost, p.Address, "/notify/alipay/"+recording.Actor(o.Tenant).Tenant.String(),
			http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}, body)
	}
	return out, nil
}
