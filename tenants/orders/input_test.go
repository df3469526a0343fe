package orders_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/orders"
	"zhitong/tenants/payments"
	"zhitong/tenants/tenantstest"
)

// What an order can wait for, and where it can lead back to: everything else is refused before anything is done.
func TestCheckoutInput(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	live := r.Actor
	live.Mode = tenants.ModeLive
	for _, row := range []struct {
		name  string
		actor tenants.Actor
		in    func(*orders.CheckoutInput)
		want  string // pointer and code; empty: taken
	}{
		{"the shortest", r.Actor, func(in *orders.CheckoutInput) { in.Expires = time.Minute }, ""},
		{"too short", r.Actor, func(in *orders.CheckoutInput) {
			in.Expires = 59 * time.Second
		}, "/expires_in_seconds range"},
		{"as long as a code lives", r.Actor, func(in *orders.CheckoutInput) { in.Expires = 2 * time.Hour }, ""},
		{"longer than a code lives", r.Actor, func(in *orders.CheckoutInput) {
			in.Expires = 2*time.Hour + 1
		}, "/expires_in_seconds range"},
		{"the longest", r.Actor, func(in *orders.CheckoutInput) {
			in.Expires, in.Channel = 24*time.Hour, payments.ChannelPage
		}, ""},
		{"too long", r.Actor, func(in *orders.CheckoutInput) {
			in.Expires, in.Channel = 24*time.Hour+1, payments.ChannelPage
		},
			"/expires_in_seconds range"},
		{"https", r.Actor, func(in *orders.CheckoutInput) { in.ReturnURL = "https://shop.example.cn/done?x=1#a" }, ""},
		{"of 2,000 characters", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "https://a.cn/" + strings.Repeat("长", 1987)
		}, ""},
		{"of 2,001 characters", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "https://a.cn/" + strings.Repeat("长", 1988)
		},
			"/return_url max_length"},
		{"localhost in a sandbox", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "http://localhost:8080/done"
		}, ""},
		{"localhost of a live tenant", live, func(in *orders.CheckoutInput) {
			in.ReturnURL = "http://localhost:8080/done"
		}, "/return_url scheme"},
		{"http", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "http://localhost.example.cn/"
		}, "/return_url scheme"},
		{"script", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "javascript:alert(1)"
		}, "/return_url format"},
		{"script with a host", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "javascript://a.cn/%0aalert(1)"
		}, "/return_url scheme"},
		{"the last port", r.Actor, func(in *orders.CheckoutInput) { in.ReturnURL = "https://a.cn:65535/" }, ""},
		{"port 0", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "https://a.cn:0/"
		}, "/return_url format"},
		{"port 65536", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "https://a.cn:65536/"
		}, "/return_url format"},
		{"a path", r.Actor, func(in *orders.CheckoutInput) { in.ReturnURL = "/done" }, "/return_url format"},
		{"no scheme", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "//shop.example.cn/done"
		}, "/return_url scheme"},
		{"credentials", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "https://alipay.com@shop.example.cn/"
		}, "/return_url credentials"},
		{"a line break", r.Actor, func(in *orders.CheckoutInput) {
			in.ReturnURL = "https://a.cn/\nx"
		}, "/return_url format"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			in := r.Input(1)
			row.in(&in)
			o, _, err := r.Orders.Checkout(t.Context(), row.actor, in)
			if row.want == "" {
				if err != nil || o.ReturnURL != in.ReturnURL {
					t.Errorf("%q %v", o.ReturnURL, err)
				}
				return
			}
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != tenants.CodeInvalidRequest || len(f.Fields) != 1 ||
				f.Fields[0].Pointer+" "+f.Fields[0].Code != row.want {
				t.Errorf("%v %+v, want %s", err, f, row.want)
			}
		})
	}
}

// An order's own time is told to Alipay, watched and kept.
func TestExpiresIn(t *testing.T) {
	t.Parallel()
	r := tenantstest.NewRoad(t)
	in := r.Input(1)
	in.Expires = 90 * time.Minute
	o, _, err := r.Orders.Checkout(t.Context(), r.Actor, in)
	if err != nil || o.ExpiresAt.Sub(o.CreatedAt) != in.Expires {
		t.Fatalf("expires %s after %s: %v", o.ExpiresAt, o.CreatedAt, err)
	}
	r.Desk("POST", "/trades/"+payments.OutTradeNo(o.Payment.ID)+"/scan", map[string]any{}, nil)
	watch := func() time.Duration {
		again, err := r.Orders.Watch(t.Context(), r.Actor.Tenant, o.Payment.ID)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	if again := watch(); again != 40*time.Second {
		t.Errorf("at first again in %s", again)
	}
	r.Clock.Advance(16 * time.Minute)
	if again := watch(); again != 5*time.Minute || r.Get(o.ID).Status != orders.StatusAwaitingPayment {
		t.Errorf("after the usual time again in %s", again)
	}
	r.Clock.Advance(73*time.Minute + 50*time.Second) // ten seconds are left, and the grace
	if again := watch(); again <= 0 || again > time.Minute {
		t.Errorf("at the end again in %s", again)
	}
	r.Clock.Advance(41 * time.Second)
	if again := watch(); again != 0 || r.Get(o.ID).Status != orders.StatusClosed {
		t.Errorf("again in %s, the order is %s", again, r.Get(o.ID).Status)
	}
}

// The way back names the order, whatever the address has already.
func TestBackTo(t *testing.T) {
	t.Parallel()
	o := orders.Order{}
	for address, want := range map[string]string{
		"":                              "",
		"https://a.cn":                  "https://a.cn?order_id=" + o.ID.String(),
		"https://a.cn/x?y=%20z&order=1": "https://a.cn/x?y=%20z&order=1&order_id=" + o.ID.String(),
		"https://a.cn/x#part":           "https://a.cn/x?order_id=" + o.ID.String() + "#part",
	} {
		if o.ReturnURL = address; o.BackTo() != want {
			t.Errorf("%q leads back to %q, want %q", address, o.BackTo(), want)
		}
	}
}
