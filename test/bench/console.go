package main

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"zhitong/internal/id"
	"zhitong/test/bench/result"
	"zhitong/test/bench/seed"
)

// listGoal is within how many milliseconds a list of the console is answered.
const listGoal = 100

// consoleReads: the lists and records of the console, of a platform with many orders, as its pages ask for them.
func consoleReads(ctx context.Context, b *bench, out *result.Part) error {
	w, err := b.filled(ctx)
	if err != nil {
		return err
	}
	p, err := w.Serve(ctx, false)
	if err != nil {
		return err
	}
	defer p.Stop()
	const day = 24 * time.Hour
	n := b.orders() / 2
	order := id.Order(seed.UID(seed.Order, n)).String()
	merchant := id.Merchant(seed.UID(seed.Merchant, 1)).String()
	product := id.Product(seed.UID(seed.Product, 1)).String()
	asks := []struct{ name, path string }{
		{"orders", "/v1/orders"},
		{"orders, counted", "/v1/orders?include=count"},
		{"orders of a day", "/v1/orders?" + between(10*day, 9*day)},
		{"orders, oldest first", "/v1/orders?order=asc"},
		{"orders of a usual status", "/v1/orders?status=delivered"},
		{"orders of a rare status", "/v1/orders?status=needs_review"},
		{"orders of a status that none has", "/v1/orders?status=refunded"},
		{"orders of a day and a rare status", "/v1/orders?status=needs_review&" + between(10*day, 9*day)},
		{"orders of a merchant", "/v1/orders?merchant_of_record_id=" + merchant},
		{"orders of a product, counted", "/v1/orders?include=count&product_id=" + product},
		{"orders of a product", "/v1/orders?product_id=" + product},
		{"orders of a reference", "/v1/orders?reference=" + "R-" + seed.UID(seed.Order, n).String()[24:]},
		{"orders of a trade number", "/v1/orders?trade_no=" + seed.TradeNo(n)},
		{"orders of a contact", "/v1/orders?buyer_contact=13812345678"},
		{"an order", "/v1/orders/" + order},
		{"the time line of an order", "/v1/orders/" + order + "/timeline"},
		{"the postings of an order", "/v1/orders/" + order + "/postings"},
		{"refunds", "/v1/refunds"},
		{"splits", "/v1/splits"},
		{"splits of a rare status", "/v1/splits?status=refused"},
		{"splits of a merchant", "/v1/merchants/" + merchant + "/splits"},
		{"merchants", "/v1/merchants"},
		{"merchants by a part of the name", "/v1/merchants?name=bench%204"},
		{"products", "/v1/products"},
		{"products by a part of the name", "/v1/products?name=bench%204"},
		{"stock", "/v1/stock"},
		{"card keys", "/v1/products/" + product + "/card_keys"},
		{"card keys of a rare status", "/v1/products/" + product + "/card_keys?status=void"},
		{"events", "/v1/events"},
		{"events, counted", "/v1/events?include=count"},
		{"events of a type", "/v1/events?type=order.paid"},
		{"events of an order", "/v1/events?subject_type=order&subject_id=" + order},
		{"cases", "/v1/cases?status=open"},
		{"approvals", "/v1/approvals?status=waiting"},
		{"tasks", "/v1/tasks"},
		{"requests that failed", "/v1/requests?outcome=failed"},
		{"audit log", "/v1/audit_log"},
	}
	all := make([]read, len(asks))
	for i, a := range asks {
		all[i] = read{name: a.name, method: http.MethodGet, path: a.path}
	}
	return measureReads(ctx, w, p, out, listGoal, all)
}

// between are the parameters of a time that began and ended so long ago.
func between(from, until time.Duration) string {
	now := time.Now().UTC()
	return url.Values{"created_from": {now.Add(-from).Format(time.RFC3339)},
		"created_until": {now.Add(-until).Format(time.RFC3339)}}.Encode()
}
