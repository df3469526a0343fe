// Package notify is where Alipay calls back: trade notifications, and the messages of the app gateway. The address
// names the tenant; everything else is in the signed body, and what it means is decided by the domain. Here it is only
// received: bounded, whole, from the body and nothing else.
package notify

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// bodyMax bounds a notification; Alipay's have one to three kilobytes.
const bodyMax = 64 << 10

// What Alipay is told. Anything but these seven bytes makes it send again (4 m, 10 m, 10 m, 1 h, 2 h, 6 h, 15 h).
const (
	success = "success"
	fail    = "fail"
)

// Orders takes trade notifications; orders.Service is the one of production.
type Orders interface {
	// ApplyNotification verifies and applies a notification. ack says whether Alipay may forget it; err is for the log.
	ApplyNotification(ctx context.Context, tenant id.Tenant, raw []byte) (ack bool, err error)
}

// Onboarding takes the app gateway's messages; onboarding.Service is the one of production.
type Onboarding interface {
	// ReceiveMessage verifies and applies a message. ack says whether Alipay may forget it; err is for the log.
	ReceiveMessage(ctx context.Context, tenant id.Tenant, raw []byte) (ack bool, err error)
}

// Config is what the callbacks need.
type Config struct {
	Orders     Orders
	Onboarding Onboarding
	Problems   *problem.Writer
}

// Callbacks serves Alipay.
type Callbacks struct {
	orders     Orders
	onboarding Onboarding
	problems   *problem.Writer
}

// New makes the callbacks.
func New(c Config) *Callbacks {
	return &Callbacks{orders: c.Orders, onboarding: c.Onboarding, problems: c.Problems}
}

// Mount registers the addresses that tenants.Gateways gives to Alipay.
func (c *Callbacks) Mount(r chi.Router) {
	r.Post(
		"/notify/alipay/{tenant}",
		c.take("alipayNotification", func(ctx context.Context, t id.Tenant, raw []byte) (bool, error) {
			return c.orders.ApplyNotification(ctx, t, raw)
		}),
	)
	r.Post(
		"/notify/alipay/{tenant}/messages",
		c.take("alipayMessage", func(ctx context.Context, t id.Tenant, raw []byte) (bool, error) {
			return c.onboarding.ReceiveMessage(ctx, t, raw)
		}),
	)
}

func (c *Callbacks) take(name string, apply func(context.Context, id.Tenant, []byte) (bool, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		it := call.From(r.Context())
		it.Operation = name
		var tenant id.Tenant
		if tenant.UnmarshalText([]byte(chi.URLParam(r, "tenant"))) != nil || tenant.IsZero() {
			c.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such path."))
			return
		}
		it.Tenant = tenant
		raw, err := body(w, r)
		if err != nil {
			it.Err = err
			answer(w, fail)
			return
		}
		ack, err := apply(r.Context(), tenant, raw)
		it.Err = err
		switch {
		case fault.CodeOf(err) == tenants.CodeAlipayConnectionMissing: // no such tenant, or none that Alipay could know
			c.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such path.").Because(err))
		case ack:
			answer(w, success)
		default:
			answer(w, fail)
		}
	}
}

// body reads the form whatever the Content-Type says: Alipay is on record with one that is not well formed
// (application/x-www-form-urlencoded; text/html; charset=UTF-8), and the signature decides what is a notification.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		return nil, errors.New("a notification has no query string")
	}
	if r.ContentLength > bodyMax {
		return nil, errors.New("the notification is too large")
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
}

func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, text)
}
