package world

import (
	"context"
	"fmt"
	"net/http"

	"zhitong/test/bench/load"
	"zhitong/test/bench/seed"
)

// Read asks one of the hottest reads count times, one after the other, of orders numbered up to filled, and gives the
// median in microseconds.
func (w *World) Read(ctx context.Context, p *Process, h HottestRead, count, filled int64) (float64, error) {
	j := load.Job{Address: p.Address, Clients: 1, Status: http.StatusOK}
	known := int64(len(w.APIKeys))
	for i := range count {
		n := 1 + i*(filled/count)
		for seed.TenantOf(n, w.Tenants) > known { // of a tenant whose API key is known
			n++
		}
		if n > filled {
			n = 0
			for n < 1 || seed.TenantOf(n, w.Tenants) > known {
				n++
			}
		}
		t := seed.TenantOf(n, w.Tenants)
		path := h.Path(t, n)
		if h.OfCheckout { // its address stands in no table
			var o Created
			if err := w.Call(ctx, p, t, http.MethodGet, path, nil, &o); err != nil {
				return 0, fmt.Errorf("%s: %w", h.Name, err)
			}
			path = "/checkout/" + o.Token() + "/status"
		}
		j.Requests = append(j.Requests, load.Request(http.MethodGet, p.Address, path, w.header(t), nil))
	}
	r, err := w.Load(ctx, j)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", h.Name, err)
	}
	return float64(r.P50), nil
}
