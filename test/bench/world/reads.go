package world

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"

	"zhitong/test/bench/load"
	"zhitong/test/bench/seed"
)

// checkoutToken is the last part of the checkout address of a seeded order, whose secret is its own identifier.
func checkoutToken(t, n int64) string {
	tenant, order := seed.UID(seed.Tenant, t), seed.UID(seed.Order, n)
	b := append(append(append([]byte{}, tenant[:]...), order[:]...), order[:]...)
	return base64.RawURLEncoding.EncodeToString(b)
}

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
		j.Requests = append(j.Requests, load.Request(http.MethodGet, p.Address, h.Path(t, n), w.header(t), nil))
	}
	r, err := w.Load(ctx, j)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", h.Name, err)
	}
	return float64(r.P50), nil
}
