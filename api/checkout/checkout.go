// Package checkout is the page of the buyer: one order, found by an address that cannot be guessed, from the QR code to
// the card keys. It is rendered here, works without script, and follows the order by server-sent events. It loads
// nothing from anywhere else and runs no text that a person typed.
package checkout

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/checkout/hub"
	"zhitong/api/pages"
	"zhitong/api/problem"
	"zhitong/api/sse"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/orders"
	web "zhitong/web/checkout"
)

// policy is the page's Content-Security-Policy: its own files and nothing else, nothing inline, no frame around it.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Orders finds the order of a checkout address; orders.Service is the one of production.
type Orders interface {
	// ByCheckoutToken reads the order, with its card keys when they are delivered and look may see them. It returns
	// order_not_found whatever is wrong with the token, and tenant_not_active.
	ByCheckoutToken(ctx context.Context, token string, look orders.Look) (orders.CheckoutView, error)
	// Standings reads how orders stand, but for those whose pages nobody may see.
	Standings(ctx context.Context, tenant id.Tenant, of []id.Order) (map[id.Order]orders.Standing, error)
	// AskCode has a code mailed that opens an ended page again. Besides, it returns orders.ErrCodeNotOffered and
	// orders.ErrCodeTooSoon.
	AskCode(ctx context.Context, token, lang string) error
	// OpenByCode opens an ended page again and returns its new address. Besides, it returns orders.ErrCodeWrong and
	// orders.ErrCodeVoid.
	OpenByCode(ctx context.Context, token, code, address string) (url string, err error)
	// BuyerBack lets Alipay be asked about a payment now, and no more often than is good for it.
	BuyerBack(ctx context.Context, tenant id.Tenant, payment id.Payment) error
}

// Config is what the page needs.
type Config struct {
	Orders Orders
	Logos  Logos
	// Simulator is the address of the Alipay simulator, whose cashier a desktop can open; empty: there is none.
	Simulator string
	Hub       *hub.Hub
	Clock     clock.Clock
	Problems  *problem.Writer
	// Secure is set when the pages are served by https only.
	Secure bool
	// Origin is what requests of one sender have in common.
	Origin func(r *http.Request) string
	// Missed counts a wrong address and tells whether its sender has tried too many.
	Missed func(w http.ResponseWriter, r *http.Request) bool
}

// Pages serves the checkout.
type Pages struct {
	orders              Orders
	logos               Logos
	simulator           string
	hub                 *hub.Hub
	clock               clock.Clock
	problems            *problem.Writer
	secure              bool
	origin              func(r *http.Request) string
	missed              func(w http.ResponseWriter, r *http.Request) bool
	template            *template.Template
	words               *words
	assets              pages.Assets
	icon, style, script string
}

// New reads the page's files.
func New(c Config) (*Pages, error) {
	p := &Pages{
		orders:    c.Orders,
		logos:     c.Logos,
		simulator: c.Simulator,
		hub:       c.Hub,
		clock:     c.Clock,
		problems:  c.Problems,
		secure:    c.Secure,
		origin:    c.Origin,
		missed:    c.Missed,
		words:     newWords(),
		assets:    pages.NewAssets("/checkout/assets/"),
	}
	c.Hub.Watch(p.standings)
	source, err := fs.ReadFile(web.Files(), "page.html")
	if err != nil {
		return nil, fmt.Errorf("read the checkout page: %w", err)
	}
	if p.template, err = parse(string(source)); err != nil {
		return nil, fmt.Errorf("read the checkout page: %w", err)
	}
	for file, to := range map[string]*string{"icon.svg": &p.icon, "page.css": &p.style, "page.js": &p.script} {
		body, err := fs.ReadFile(web.Files(), file)
		if err != nil {
			return nil, fmt.Errorf("read %s of the checkout page: %w", file, err)
		}
		*to = p.assets.Add(file, body)
	}
	return p, nil
}

// Mount registers the pages below /checkout.
func (p *Pages) Mount(r chi.Router) {
	r.Get("/checkout/assets/{name}", p.named("checkoutAsset", p.asset))
	r.Get(accentBelow+"{name}", p.named("checkoutAccent", p.accent))
	r.Get(logosBelow+"{tenant}/{name}", p.named("checkoutLogo", p.logo))
	r.Get("/checkout/{token}", p.named("checkoutPage", p.page))
	r.Post("/checkout/{token}", p.named("checkoutReveal", p.page))
	r.Post("/checkout/{token}/code", p.named("checkoutAskCode", p.askCode))
	r.Post("/checkout/{token}/open", p.named("checkoutOpenByCode", p.openByCode))
	r.Get("/checkout/{token}/", p.named("checkoutPage", p.page))
	r.Get("/checkout/{token}/status", p.named("checkoutStatus", p.status))
	r.Get("/checkout/{token}/events", p.named("checkoutEvents", p.events))
}

func (p *Pages) named(name string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call.From(r.Context()).Operation = name
		h(w, r)
	}
}

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	if !p.assets.Serve(w, r) {
		p.problems.Write(w, r, fault.New(problem.RouteNotFound, "There is no such file."))
	}
}

// find reads the order of the address.
func (p *Pages) find(r *http.Request, page bool) (orders.CheckoutView, error) {
	look := orders.Look{Page: page, Asked: r.Method == http.MethodPost, Address: call.From(r.Context()).Address}
	if c, err := r.Cookie(visitorCookie); err == nil {
		look.Visitor = c.Value
	}
	o, err := p.orders.ByCheckoutToken(r.Context(), chi.URLParam(r, "token"), look)
	if err == nil {
		call.From(r.Context()).Tenant = o.Tenant
	}
	return o, err
}

// pasted leads an address that was copied with what stood around it to the address itself: a slash, white space, a
// bracket or the end of a sentence. A token has letters, digits, - and _ only, so that nothing else is lost, and the
// browser goes nowhere but to this page.
func (p *Pages) pasted(w http.ResponseWriter, r *http.Request) bool {
	_, given, _ := strings.Cut(r.URL.Path, "/checkout/") // decoded, what the router gives need not be
	token := strings.TrimFunc(given, func(c rune) bool {
		return c != '-' && c != '_' && (c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c))
	})
	if token == given || token == "" {
		return false
	}
	to := url.URL{Path: "/checkout/" + token, RawQuery: r.URL.RawQuery}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusSeeOther)
	return true
}

// visitorCookie is what a browser is given that sees the page before the order is paid, or asks for the card keys: it
// sees them on the page without asking. Programs that look at a link someone else was sent have none.
const visitorCookie = "zt_visitor"

// greet gives the browser the cookie, for this page alone and until the browser ends.
func (p *Pages) greet(w http.ResponseWriter, r *http.Request, o orders.CheckoutView) {
	if o.Visitor == "" || (o.Status != orders.StatusAwaitingPayment && r.Method != http.MethodPost) {
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name:     visitorCookie,
		Value:    o.Visitor,
		Path:     "/checkout/" + chi.URLParam(r, "token"),
		HttpOnly: true,
		Secure:   p.secure,
		SameSite: http.SameSiteLaxMode, // it comes along when Alipay leads the buyer back
	})
}

// page shows the order. Card keys are shown to a browser that has the cookie, and to one that posts the form: who
// only follows a link, as previews of links do, sees that they are there.
func (p *Pages) page(w http.ResponseWriter, r *http.Request) {
	if p.pasted(w, r) {
		return
	}
	t := p.words.of(r)
	o, err := p.find(r, r.Method != http.MethodHead) // whoever only looks whether it is there sees no card keys
	if err == nil && o.Status == orders.StatusAwaitingPayment && r.URL.Query().Has("out_trade_no") {
		// Alipay sends the browser back with its parameters. They are not believed: Alipay is asked, and the page
		// follows. When that fails, the page is still good, and the watch asks in its own time.
		call.From(r.Context()).Err = p.orders.BuyerBack(r.Context(), o.Tenant, o.Payment.ID)
	}
	if err == nil {
		var v view
		if v, err = viewOf(o, t, p.clock.Now()); err == nil {
			v.Base = "/checkout/" + chi.URLParam(r, "token")
			v.setBrand(o)
			v.setCashier(o, p.simulator)
			v.Code = codeOf(o, t, r.URL.Query().Get("code"))
			p.greet(w, r, o)
			p.render(w, r, http.StatusOK, v)
			return
		}
	}
	p.sorry(w, r, t, err)
}

// sorry is the page without an order.
func (p *Pages) sorry(w http.ResponseWriter, r *http.Request, t *text, err error) {
	status, title, explain := p.problems.Of(err).Status, t.BusyTitle, t.BusyText
	it := call.From(r.Context())
	it.Err, it.Code = err, p.problems.Of(err).Code
	switch {
	case status == http.StatusNotFound && p.missed(w, r):
		status, title, explain = http.StatusTooManyRequests, t.TooManyTitle, t.TooManyText
	case status == http.StatusNotFound:
		title, explain = t.MissingTitle, t.MissingText
	case status == http.StatusConflict: // the platform is not active
		title, explain = t.ShutTitle, t.ShutText
	}
	said := *t
	said.MissingTitle, said.MissingText = title, explain
	p.render(w, r, status, view{T: &said, Lang: t.Lang, Title: title, State: "missing"})
}

func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, v view) {
	v.Icon, v.Style, v.Script = p.icon, p.style, p.script
	v.Theme = cmp.Or(v.Theme, theme)
	var b bytes.Buffer
	if err := p.template.Execute(&b, v); err != nil {
		p.problems.Write(w, r, fmt.Errorf("render the checkout page: %w", err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Lang)
	h.Set("Content-Security-Policy", policy)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language")
	h.Set("X-Robots-Tag", "noindex")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// status answers the page's script when it has to ask.
func (p *Pages) status(w http.ResponseWriter, r *http.Request) {
	o, err := p.find(r, false)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]string{"status": string(o.Status)})
}

func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if fault.CodeOf(err) == tenants.CodeOrderNotFound && p.missed(w, r) {
		err = fault.New(problem.RateLimited, "Too many attempts.")
	}
	p.problems.Write(w, r, err)
}

// standings is how the hub looks.
func (p *Pages) standings(
	ctx context.Context,
	tenant id.Tenant,
	of []id.Order,
) (map[id.Order]hub.Standing, error) {
	found, err := p.orders.Standings(ctx, tenant, of)
	if err != nil {
		return nil, err
	}
	out := make(map[id.Order]hub.Standing, len(found))
	for o, s := range found {
		out[o] = hub.Standing{Status: string(s.Status), Generation: s.Generation}
	}
	return out, nil
}

// streamRetry is after how many seconds a page that finds no place may ask for one again.
const streamRetry = "5"

// events tells the page each change of the order's status, for as long as the browser stays, up to sse.FollowMax, and
// the address is good.
func (p *Pages) events(w http.ResponseWriter, r *http.Request) {
	o, err := p.find(r, false)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if r.Method == http.MethodHead { // a stream has no end that its header could wait for
		newStream(w)
		return
	}
	news, leave, err := p.hub.Wait(o.Tenant, o.ID, p.origin(r))
	if err != nil { // the page's script asks instead
		w.Header().Set("Retry-After", streamRetry)
		p.problems.Write(w, r, fault.New(problem.RateLimited, "Too many pages follow orders from here.").Because(err))
		return
	}
	defer leave()
	stream := newStream(w)
	over := time.NewTimer(sse.FollowMax)
	defer over.Stop()
	alive := time.NewTicker(sse.AliveAgain)
	defer alive.Stop()
	for err == nil {
		select {
		case s := <-news:
			if s.Generation != o.Generation() {
				return
			}
			err = stream.status(s.Status)
		case <-alive.C:
			err = stream.Nothing()
		case <-over.C:
			return
		case <-p.hub.Done():
			return
		case <-r.Context().Done():
			return
		}
	}
}

// stream tells the status of an order.
type stream struct {
	*sse.Stream
	last string
}

func newStream(w http.ResponseWriter) *stream { return &stream{Stream: sse.New(w)} }

// status sends the status when it is new, and otherwise a comment that keeps the connection alive.
func (s *stream) status(status string) error {
	if status == s.last {
		return s.Nothing()
	}
	s.last = status
	return s.Send("event: status\ndata: " + status + "\n\n")
}
