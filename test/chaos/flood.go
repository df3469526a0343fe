package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"zhitong/cmd/zhitong/demo"
	"zhitong/internal/id"
)

// The flood: one platform sends what takes memory and places, all at once, to one process, while another one works. The
// process must stay within its memory, and every order of the other must be made, paid and delivered.
const (
	floodBudget = 512 << 20 // what the process may take, in bytes
	floodLimit  = "400MiB"  // what its heap is told to stay below
	// floodKept is how many notices that are none of the platform's a process keeps at most: 100 an hour, and a flood
	// may see the hour end.
	floodKept = 200
	// floodPatience is how long an answer of the flood may take: it is last in every queue.
	floodPatience = 2 * time.Minute
)

// amount is how much is sent.
type amount struct{ images, streams, unpaid, notices, bodies, slow, orders int }

// floodAmount is as much as shows what one process carries, or, for the short form, as much as passes every bound.
func floodAmount(short bool) amount {
	if short {
		return amount{images: 8, streams: 120, unpaid: 40, notices: 600, bodies: 64, slow: 60, orders: 5}
	}
	return amount{images: 48, streams: 600, unpaid: 200, notices: 2000, bodies: 400, slow: 300, orders: 20}
}

// tally counts answers by what they were.
type tally struct {
	mu   sync.Mutex
	seen map[string]int
}

func (t *tally) add(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen[what]++
}

func (t *tally) String() string { return fmt.Sprint(t.seen) }

// runFlood floods the first platform's API, and works as the second.
func (w *world) runFlood(ctx context.Context, l *load) error {
	if len(l.platforms) < 2 {
		return fmt.Errorf("two platforms are needed, there are %d", len(l.platforms))
	}
	flooding, working, n := l.platforms[0], l.platforms[1], floodAmount(w.options.Short)
	direct := strings.TrimSuffix(w.serves[0].url, "/readyz")
	if _, err := flooding.client.Do(ctx, demo.Request{Method: http.MethodPatch, Path: "/v1/tenant",
		Body: map[string]any{"unpaid_orders_per_api_key": n.unpaid}}, nil); err != nil {
		return fmt.Errorf("bound the unpaid orders: %w", err)
	}
	flood, stop := context.WithCancel(ctx)
	defer stop()
	patient := *flooding
	patient.client = w.client()
	patient.client.Key, patient.client.HTTP.Timeout = flooding.client.Key, floodPatience
	f := &floods{api: direct, p: &patient, seen: map[string]*tally{}, amount: n}
	if err := f.prepare(ctx); err != nil {
		return err
	}
	if err := f.listen(ctx, w, l); err != nil {
		return err
	}
	var all sync.WaitGroup
	for name, do := range map[string]func(context.Context, *tally){"images": f.images, "streams": f.streams,
		"unpaid orders": f.unpaid, "forged notices": f.notices, "signed notices": f.foreign,
		"big bodies": f.bodies, "slow readers": f.slow} {
		t := &tally{seen: map[string]int{}}
		f.seen[name] = t
		all.Go(func() { do(flood, t) })
	}
	served := 0
	for range n.orders {
		o, _, err := working.client.CreateOrder(ctx, working.plain.ID, 1, id.New[id.Order]().Hex())
		if err == nil {
			err = working.client.Pay(ctx, o)
		}
		if err == nil {
			_, err = working.client.WaitOrder(ctx, o.ID, "delivered")
		}
		if err != nil {
			l.broken("an order of the working platform: %v", err)
			continue
		}
		served++
	}
	f.finite.Wait()
	stop()
	all.Wait()
	peak, err := peakOf(w.serves[0].pid())
	if err != nil {
		return err
	}
	for name, t := range f.seen {
		fmt.Printf("%-16s %s\n", name, t)
	}
	fmt.Printf("served %d of %d orders beside it; the process took %d MB at most, %d are its budget; started %d "+
		"times\n",
		served, n.orders, peak>>20, floodBudget>>20, w.serves[0].count())
	bound := f.seen["unpaid orders"].seen
	switch {
	case served != n.orders:
		return fmt.Errorf("%w: %v", errBreach, l.wrong)
	case peak > floodBudget, w.serves[0].count() != 1:
		return fmt.Errorf("%w: the process outgrew its memory, or ended", errBreach)
	case bound["made"] != n.unpaid-1 || // one is followed
		bound["too_many_unpaid_orders"] == 0:
		return fmt.Errorf("%w: unpaid orders are not bounded: %v", errBreach, bound)
	case f.seen["streams"].seen["200"] == 0 || f.seen["streams"].seen["429"] == 0:
		return fmt.Errorf("%w: streams are not bounded: %v", errBreach, f.seen["streams"])
	case f.seen["images"].seen["made"] == 0:
		return fmt.Errorf("%w: no image got through, so this shows nothing: %v", errBreach, f.seen["images"])
	}
	return f.judgeNotices(ctx, w)
}

// peakOf is the most memory that a process has had resident, in bytes.
func peakOf(pid int) (int64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of the process: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New("the kernel does not tell the memory of the process")
}

// floods are what is sent.
type floods struct {
	api         string
	p           *platform
	seen        map[string]*tally
	finite      sync.WaitGroup // floods that end by themselves
	picture     []byte
	application string
	checkout    string // path of an order's page
	amount      amount
	signed      []string // notices that Alipay signed and that are none of the platform's
}

// prepare makes what the floods need: a draft, the largest picture that is taken, and an order to follow.
func (f *floods) prepare(ctx context.Context) error {
	m, err := f.p.client.CreateMerchant(ctx, "supplier", "洪水", nil)
	if err != nil {
		return fmt.Errorf("make a merchant: %w", err)
	}
	var a demo.Application
	if err := f.p.client.Post(ctx, "/v1/merchants/"+m.ID+"/applications", map[string]any{}, &a); err != nil {
		return fmt.Errorf("draft an application: %w", err)
	}
	f.application = a.ID
	o, _, err := f.p.client.CreateOrder(ctx, f.p.split.ID, 1, id.New[id.Order]().Hex())
	if err != nil {
		return fmt.Errorf("make the order that is followed: %w", err)
	}
	at, err := url.Parse(o.CheckoutURL)
	if err != nil {
		return fmt.Errorf("read the address of its page: %w", err)
	}
	f.checkout = at.Path
	img := image.NewNRGBA(image.Rect(0, 0, 4000, 3000)) // as many pixels as are taken
	for x := range 4000 {
		img.Set(x, x%3000, color.NRGBA{uint8(x), uint8(x >> 4), 7, 200}) //nolint:gosec // any colour
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return fmt.Errorf("write the picture: %w", err)
	}
	f.picture = b.Bytes()
	f.finite.Add(5)
	return nil
}

// many does something so many times, so many at once.
func many(ctx context.Context, times, atOnce int, do func(i int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		all.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range times {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	all.Wait()
}

// told counts an answer by its code.
func told(t *tally, err error) {
	switch {
	case err == nil:
		t.add("made")
	case demo.CodeOf(err) != "":
		t.add(demo.CodeOf(err))
	default:
		t.add("broken off")
	}
}

func (f *floods) images(ctx context.Context, t *tally) {
	defer f.finite.Done()
	many(ctx, f.amount.images, 24, func(int) {
		_, err := f.p.client.Do(ctx, demo.Request{Method: http.MethodPut, Raw: f.picture, ContentType: "image/png",
			Path: "/v1/applications/" + f.application + "/images/cert_image"}, nil)
		told(t, err)
	})
}

func (f *floods) unpaid(ctx context.Context, t *tally) {
	defer f.finite.Done()
	many(ctx, 2*f.amount.unpaid, 32, func(int) {
		_, _, err := f.p.client.CreateOrder(ctx, f.p.plain.ID, 1, id.New[id.Order]().Hex())
		told(t, err)
	})
}

func (f *floods) notices(ctx context.Context, t *tally) {
	defer f.finite.Done()
	form := url.Values{"notify_id": {strings.Repeat("n", 128)}, "trade_status": {"TRADE_SUCCESS"},
		"app_id": {f.p.appID}, "sign_type": {"RSA2"}, "sign": {strings.Repeat("A", 344)}, "charset": {"utf-8"},
		"body": {strings.Repeat("x", 60_000)}}.Encode()
	many(ctx, f.amount.notices, 32, func(int) { f.post(ctx, t, "/notify/alipay/"+f.p.tenant.ID, form) })
}

func (f *floods) bodies(ctx context.Context, t *tally) {
	defer f.finite.Done()
	body := `{"name":"` + strings.Repeat(`\u4e00`, 170_000) + `","more":` + strings.Repeat("[", 30) +
		strings.Repeat("]", 30) + `}`
	many(ctx, f.amount.bodies, 64, func(int) { f.post(ctx, t, "/v1/products", body) })
}

func (f *floods) post(ctx context.Context, t *tally, path, body string) {
	kind := "application/json"
	if strings.HasPrefix(path, "/notify/") {
		kind = "application/x-www-form-urlencoded"
	}
	f.send(ctx, t, http.MethodPost, path, kind, strings.NewReader(body))
}

// send counts the status of an answer, and reads it to its end.
func (f *floods) send(ctx context.Context, t *tally, method, path, kind string, body io.Reader) {
	r, err := http.NewRequestWithContext(ctx, method, f.api+path, body)
	if err != nil {
		t.add("not a request")
		return
	}
	r.Header.Set("Authorization", "Bearer "+f.p.client.Key)
	r.Header.Set("Content-Type", kind)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.add("broken off")
		return
	}
	defer res.Body.Close()
	t.add(strconv.Itoa(res.StatusCode))
	_, _ = io.Copy(io.Discard, res.Body) // a stream ends with the flood
}

// streams follow one order by as many connections as they get, until the flood ends.
func (f *floods) streams(ctx context.Context, t *tally) {
	var all sync.WaitGroup
	for range f.amount.streams {
		all.Go(func() { f.send(ctx, t, http.MethodGet, f.checkout+"/events", "", nil) })
	}
	all.Wait()
}

// slow asks for the longest answers and does not read them, until the flood ends.
func (f *floods) slow(ctx context.Context, t *tally) {
	host := strings.TrimPrefix(f.api, "http://")
	var open []net.Conn
	for range f.amount.slow {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", host)
		if err != nil {
			t.add("no connection")
			continue
		}
		open = append(open, c)
		for range 8 {
			_, _ = fmt.Fprintf(c, "GET /openapi.json HTTP/1.1\r\nHost: %s\r\n\r\n", host) // it may be over already
		}
		t.add("open")
	}
	<-ctx.Done()
	for _, c := range open {
		_ = c.Close()
	}
}
