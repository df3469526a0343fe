package api

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"log/slog"

	"zhitong/api/apigen"
	"zhitong/api/authz"
	"zhitong/api/contract"
	"zhitong/api/problem"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// instant answers createOrder without doing anything; what is left is what the HTTP layer costs.
type instant struct {
	apigen.StrictServerInterface
}

func (instant) CreateOrder(
	context.Context,
	apigen.CreateOrderRequestObject,
) (apigen.CreateOrderResponseObject, error) {
	return apigen.CreateOrder201JSONResponse{Body: apigen.Order{Items: []apigen.OrderItem{}}}, nil
}

type anyKey struct{}

func (anyKey) Authenticate(context.Context, string) (tenants.Actor, error) {
	return tenants.Actor{Tenant: id.Tenant{1}, Caller: tenants.ByKey(id.APIKey{1}), Role: tenants.RoleDeveloper}, nil
}

// BenchmarkCreateOrder is the way of a request through the whole chain to a use case that does nothing, and back.
func BenchmarkCreateOrder(b *testing.B) {
	c, err := contract.Load()
	if err != nil {
		b.Fatal(err)
	}
	codes, err := Catalogue()
	if err != nil {
		b.Fatal(err)
	}
	problems, err := problem.NewWriter(codes, "")
	if err != nil {
		b.Fatal(err)
	}
	policy, err := authz.Load()
	if err != nil {
		b.Fatal(err)
	}
	m, err := newMetrics(prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	r := chi.NewRouter()
	compress, err := newCompression()
	if err != nil {
		b.Fatal(err)
	}
	g := &gate{
		versions: newVersions(changes()),
		compress: compress,
		contract: c,
		keys:     anyKey{},
		policy:   policy,
		limits:   newLimiters(Limits{PerKeySecond: 1 << 30, SignUpsMinute: 1, MissesMinute: 1}),
		problems: problems,
	}
	if err := g.mount(r, instant{}); err != nil {
		b.Fatal(err)
	}
	around := &chain{
		logger:   slog.New(slog.NewJSONHandler(io.Discard, nil)),
		problems: problems,
		metrics:  m,
	}
	h := around.handler(clientIP(nil)(r))
	const body = `{"items":[{"product_id":"prd_01jftt0q4tfk29tara3d4ydvn1","quantity":2}],` +
		`"reference":"x","buyer_contact":"13800000000"}`
	b.ReportAllocs()
	for b.Loop() {
		req := httptest.NewRequest(http.MethodPost, "/v1/orders", strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer zt_test_x")
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		if w.Code != http.StatusCreated {
			b.Fatal(w.Code, w.Body)
		}
	}
}
