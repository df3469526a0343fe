package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/overview"
	"zhitong/test/bench/load"
	"zhitong/test/bench/recording"
	"zhitong/test/bench/result"
	"zhitong/test/bench/seed"
	"zhitong/test/bench/world"
)

const (
	// readGoal is within how many milliseconds a page of the console is answered.
	readGoal = 50
	// readCount is how often a read is asked.
	readCount = 200
	// tailOrders are paid after the figures were summed: what is added when they are read.
	tailOrders = 500
	mib        = 1 << 20
)

// read is a request that is asked again and again.
type read struct {
	name, method, path string
	body               any
}

// orders is how many there are: 10⁴, or with -size large 10⁶.
func (b *bench) orders() int64 {
	if b.large {
		return 1_000_000
	}
	return 10_000
}

// filled is one tenant with many orders over the last thirty days, and figures of merchants and products.
func (b *bench) filled(ctx context.Context) (*world.World, error) {
	if b.full != nil {
		return b.full, nil
	}
	w, err := b.newWorld(ctx, 1)
	if err != nil {
		return nil, err
	}
	b.full = w
	const step = 100_000
	for from := int64(1); from <= b.orders(); from += step {
		if err := w.Fill(ctx, from, min(b.orders(), from+step-1)); err != nil {
			return nil, err
		}
	}
	const moment = "now() - make_interval(secs => abs(hashtext(%s::text)) %% 2592000)"
	at, of := fmt.Sprintf(moment, "id"), fmt.Sprintf(moment, "order_id")
	for _, sql := range []string{
		"UPDATE orders SET created_at = " + at + ", paid_at = " + at + ", delivered_at = " + at +
			", reference = 'R-' || right(id::text, 12)",
		"UPDATE ledger_postings SET created_at = " + of,
	} {
		if err := w.Exec(ctx, sql); err != nil {
			return nil, err
		}
	}
	days, hours, merchants, products := 30, 48, 5, 50
	if b.large {
		days, hours, merchants, products = overview.Days, overview.Hours, 50, 500
	}
	if err := many(ctx, w, days, hours, merchants, products); err != nil {
		return nil, err
	}
	return w, w.Settle(ctx)
}

// empty ends what filled made.
func (b *bench) empty(ctx context.Context) error {
	if b.full == nil {
		return nil
	}
	w := b.full
	b.full = nil
	return w.Close(context.WithoutCancel(ctx))
}

// measureReads asks each read and says how long it took. The goal is in milliseconds.
func measureReads(
	ctx context.Context,
	w *world.World,
	p *world.Process,
	out *result.Part,
	goal float64,
	all []read,
) error {
	for _, r := range all {
		body, err := json.Marshal(r.body)
		if err != nil {
			return err
		}
		if r.body == nil {
			body = nil
		}
		h := http.Header{"Authorization": {"Bearer " + w.APIKeys[0]}, "Content-Type": {"application/json"}}
		if r.body == nil {
			h.Del("Content-Type")
		}
		j := load.Job{Address: p.Address, Clients: 1, Status: http.StatusOK}
		for range readCount {
			j.Requests = append(j.Requests, load.Request(r.method, p.Address, r.path, h, body))
		}
		got, err := w.Load(ctx, j)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		out.Add(result.Of(r.name+", p50", "ms", float64(got.P50)/1000).Below(goal),
			result.Of(r.name+", p99", "ms", float64(got.P99)/1000).Below(goal))
	}
	return nil
}

// overviewReads: the home page of a platform with many orders, and what was sold since they were summed.
func overviewReads(ctx context.Context, b *bench, out *result.Part) error {
	w, err := b.filled(ctx)
	if err != nil {
		return err
	}
	took, err := sum(ctx, w)
	if err != nil {
		return err
	}
	out.Add(result.Of(fmt.Sprintf("%d orders are summed first", b.orders()), "s", took.Seconds()))
	p, err := w.Serve(ctx, false)
	if err != nil {
		return err
	}
	defer p.Stop()
	if err := errors.Join(w.Stock(ctx, 2*tailOrders), w.Settle(ctx)); err != nil {
		return err
	}
	sold, err := w.CreateOrders(ctx, p, tailOrders)
	if err != nil {
		return err
	}
	paid, err := w.NotificationsOf(p, sold)
	if err != nil {
		return err
	}
	if _, err := load.Run(ctx, load.Job{Address: p.Address, Clients: 4, Requests: paid, Status: http.StatusOK,
		Body: "success"}); err != nil {
		return err
	}
	now := time.Now().UTC()
	times := func(back time.Duration) string {
		return "from=" + url.QueryEscape(now.Add(-back).Format(time.RFC3339)) + "&until=" +
			url.QueryEscape(now.Add(time.Hour).Format(time.RFC3339))
	}
	const day = 24 * time.Hour
	m := id.Merchant(seed.UID(seed.Merchant, 1)).String()
	return measureReads(ctx, w, p, out, readGoal, []read{
		{"getOverview", http.MethodGet, "/v1/overview", nil},
		{"getMerchantOverview", http.MethodGet, "/v1/merchants/" + m + "/overview", nil},
		{"getTimeSeries, 365 days, compared", http.MethodGet,
			"/v1/overview/series?compare=previous_period&" + times(364*day), nil},
		{"getTimeSeries, 740 hours", http.MethodGet, "/v1/overview/series?interval=hour&" + times(740*time.Hour), nil},
		{"listTop, products of 30 days", http.MethodGet, "/v1/overview/top?limit=50&" + times(29*day), nil},
		{"listTop, merchants of a year", http.MethodGet,
			"/v1/overview/top?of=merchants&limit=50&" + times(364*day), nil},
		{"listTodos", http.MethodGet, "/v1/overview/todos", nil},
	})
}

// sum makes the first figures.
func sum(ctx context.Context, w *world.World) (time.Duration, error) {
	d, err := db.Open(ctx, db.Config{URL: w.AppURL(), MaxConns: 4})
	if err != nil {
		return 0, err
	}
	defer d.Close()
	s := overview.New(overview.Config{DB: d, Clock: clock.System{}})
	horizon, err := s.Horizon(ctx)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = s.Roll(ctx, recording.Actor(1).Tenant, horizon)
	return time.Since(began), err
}

// many gives the platform more merchants and products, with figures in every hour and day: rows to be passed over.
func many(ctx context.Context, w *world.World, days, hours, merchants, products int) error {
	tenant := "'" + seed.UID(seed.Tenant, 1).String() + "'::uuid"
	const zero = "'00000000-0000-0000-0000-000000000000'::uuid"
	figures := "INSERT INTO overview_figures (tenant_id, span, began_at, merchant_id, product_id, created, paid, " +
		"won_paid, turnover_fen) SELECT " + tenant + ", s, t, %s, %s, 9, 8, 8, 80000 FROM %s x, LATERAL (" +
		fmt.Sprintf("SELECT 'day' AS s, date_trunc('day', now(), 'Asia/Shanghai') - make_interval(days => n) AS t "+
			"FROM generate_series(0, %d) n UNION ALL SELECT 'hour', date_trunc('hour', now()) - "+
			"make_interval(hours => n) FROM generate_series(0, %d) n) y", days, hours) +
		" WHERE x.tenant_id = " + tenant + " AND x.name LIKE 'bench %%' ON CONFLICT DO NOTHING"
	for _, sql := range []string{
		fmt.Sprintf("INSERT INTO merchants (tenant_id, id, kind, name, status, smid) SELECT %s, "+
			"gen_random_uuid(), 'supplier', 'bench ' || n, 'active', '2099' || lpad(n::text, 12, '0') "+
			"FROM generate_series(1, %d) n", tenant, merchants),
		fmt.Sprintf("INSERT INTO products (tenant_id, id, name, price_fen, supplier_id, merchant_of_record_id, "+
			"split_rule_id) SELECT p.tenant_id, gen_random_uuid(), 'bench ' || n, 10000, m.id, m.id, p.split_rule_id "+
			"FROM products p, (SELECT id, row_number() OVER (ORDER BY id) AS r FROM merchants WHERE tenant_id = %s "+
			"AND name LIKE 'bench %%') m, generate_series(1, %d) n WHERE p.tenant_id = %s AND p.name = '月卡' AND "+
			"m.r = n %% %d + 1", tenant, products, tenant, merchants),
		fmt.Sprintf(figures, "x.id", zero, "merchants"),
		fmt.Sprintf(figures, zero, "x.id", "products"),
		fmt.Sprintf(figures, "x.merchant_of_record_id", "x.id", "products"),
	} {
		if err := w.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// searchReads: what is typed into the search box of a platform with many orders, by its kind.
func searchReads(ctx context.Context, b *bench, out *result.Part) error {
	w, err := b.filled(ctx)
	if err != nil {
		return err
	}
	p, err := w.Serve(ctx, false)
	if err != nil {
		return err
	}
	defer p.Stop()
	n := b.orders() / 2
	payment := id.Payment(seed.UID(seed.Payment, n))
	asks := []struct{ kind, text string }{
		{"an order's id", id.Order(seed.UID(seed.Order, n)).String()},
		{"a payment's id", payment.String()},
		{"out_trade_no", payment.Hex()},
		{"Alipay's number", seed.TradeNo(n)},
		{"a reference", "R-" + seed.UID(seed.Order, n).String()[24:]},
		{"a mobile number", "13812345678"},
		{"a mail address", "someone@example.com"},
		{"a card key of 36 characters", uuid.NewString()},
		{"an smid", seed.SMID(1)},
		{"a part of a name", "bench 4"},
		{"a name in Chinese", "供货"},
		{"a merchant's id", id.Merchant(seed.UID(seed.Merchant, 1)).String()},
		{"four characters", "0000"},
		{"an event's id", id.Event(seed.UID(seed.Event, n)).String()},
		{"what is not there", "no such thing at all"},
	}
	var all []read
	for _, a := range asks {
		all = append(all, read{a.kind, http.MethodPost, "/v1/search", map[string]any{"q": a.text}})
	}
	return measureReads(ctx, w, p, out, readGoal, all)
}

// fileTransfers: a large file goes up and comes down, and the program's memory stays as it is.
func fileTransfers(ctx context.Context, b *bench, out *result.Part) (err error) {
	w, err := b.newWorld(ctx, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	size := int64(20_000_000)
	if b.large {
		size = 1_000_000_000
	}
	if err := w.Exec(ctx, "UPDATE tenants SET upload_bytes_max = 1000000000"); err != nil {
		return err
	}
	p, err := w.Serve(ctx, false)
	if err != nil {
		return err
	}
	defer p.Stop()
	if err := w.Call(ctx, p, 1, http.MethodGet, "/v1/orders", nil, nil); err != nil {
		return err
	}
	out.Add(result.Of("memory before (RSS)", "MiB", float64(p.RSS())/mib))
	var file struct{ ID string }
	took, peak, err := transfer(ctx, w, p, http.MethodPost, "/v1/files?name=large.bin", size, func(r io.Reader) error {
		return json.NewDecoder(r).Decode(&file)
	})
	if err != nil {
		return err
	}
	mb := float64(size) / 1e6
	out.Add(result.Of(fmt.Sprintf("upload of %.0f MB", mb), "MB/s", mb/took.Seconds()),
		result.Of("memory at most meanwhile (RSS)", "MiB", peak))
	var n int64
	took, peak, err = transfer(ctx, w, p, http.MethodGet, "/v1/files/"+file.ID+"/download", 0, func(r io.Reader) error {
		var err error
		n, err = io.Copy(io.Discard, r)
		return err
	})
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes came back of %d", n, size)
	}
	if err != nil {
		return err
	}
	out.Add(result.Of(fmt.Sprintf("download of %.0f MB", mb), "MB/s", mb/took.Seconds()),
		result.Of("memory at most meanwhile (RSS) ", "MiB", peak))
	return nil
}

// transfer makes a request with a body of so many bytes, and gives how long it took and how much memory the program had
// at most, in MiB.
func transfer(
	ctx context.Context,
	w *world.World,
	p *world.Process,
	method, path string,
	size int64,
	read func(io.Reader) error,
) (took time.Duration, peak float64, err error) {
	var body io.Reader
	if size > 0 {
		body = io.LimitReader(rand.NewChaCha8([32]byte{1}), size)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://"+p.Address+path, body)
	if err != nil {
		return 0, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+w.APIKeys[0])
	if size > 0 {
		req.ContentLength = size
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	const every = 20 * time.Millisecond
	over, most := make(chan struct{}), make(chan float64)
	go func() {
		var m float64
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			m = max(m, float64(p.RSS())/mib)
			select {
			case <-tick.C:
			case <-over:
				most <- m
				return
			}
		}
	}()
	began := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err == nil {
		if res.StatusCode/100 != 2 {
			text, _ := io.ReadAll(io.LimitReader(res.Body, 500))
			err = fmt.Errorf("%s %s answered %d %s", method, path, res.StatusCode, text)
		} else {
			err = read(res.Body)
		}
		err = errors.Join(err, res.Body.Close())
	}
	took = time.Since(began)
	close(over)
	return took, <-most, err
}
