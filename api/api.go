// Package api is the HTTP layer: each handler converts a request, calls one use case and converts the answer. What
// surrounds them — who calls, may it, is the request as openapi.yaml says, how errors are told — is here once, and
// holds for every operation of the contract.
//
// [New] refuses to make a server whose contract, policy, codes and handlers do not fit together.
package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"

	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/api/checkout"
	"zhitong/api/checkout/hub"
	"zhitong/api/console"
	"zhitong/api/contract"
	"zhitong/api/docs"
	"zhitong/api/notify"
	"zhitong/api/problem"
	"zhitong/api/signin"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/approvals"
	"zhitong/tenants/audit"
	"zhitong/tenants/cases"
	"zhitong/tenants/catalog"
	"zhitong/tenants/contacts"
	"zhitong/tenants/desk"
	"zhitong/tenants/events"
	"zhitong/tenants/exports"
	"zhitong/tenants/files"
	"zhitong/tenants/golive"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/imports"
	"zhitong/tenants/merchants"
	"zhitong/tenants/notices"
	"zhitong/tenants/onboarding"
	"zhitong/tenants/orders"
	"zhitong/tenants/overview"
	"zhitong/tenants/people"
	"zhitong/tenants/refunds"
	"zhitong/tenants/requests"
	"zhitong/tenants/search"
	"zhitong/tenants/sessions"
	"zhitong/tenants/shops"
	"zhitong/tenants/signup"
	"zhitong/tenants/splits"
	"zhitong/tenants/stock"
	"zhitong/tenants/tasks"
	"zhitong/tenants/timeline"
	"zhitong/tenants/webhooks"
	"zhitong/web"
)

// Deps are what the API is made of.
type Deps struct {
	Tenants    *tenants.Service
	Gateways   *tenants.Gateways
	Access     *access.Service
	Audit      *audit.Service
	Merchants  *merchants.Service
	Onboarding *onboarding.Service
	Catalog    *catalog.Service
	Stock      *stock.Service
	Splits     *splits.Service
	Orders     *orders.Service
	Refunds    *refunds.Service
	Events     *events.Service
	Webhooks   *webhooks.Service
	Notices    *notices.Service
	Contacts   *contacts.Service
	Cases      *cases.Service
	Shops      *shops.Service
	Timelines  *timeline.Service
	Search     *search.Service
	Requests   *requests.Log
	Overview   *overview.Service
	GoLive     *golive.Service
	Tasks      *tasks.Service
	Approvals  *approvals.Service
	Files      *files.Service
	Exports    *exports.Service
	Imports    *imports.Service
	SignUps    *signup.Service
	Answers    *idempotency.Answers
	People     *people.Service
	Sessions   *sessions.Service
	// Desk is the simulator's; nil: this installation has none.
	Desk *desk.Service

	// Hub wakes the checkout pages; its Ring is what Orders was given as OnChange.
	Hub *hub.Hub
	// Streams wakes those who follow the events of their platform, or a task.
	Streams   *hub.Streams
	Catalogue fault.Catalogue // of [Catalogue]
	Logger    *slog.Logger
	Clock     clock.Clock
	Wall      clock.Clock // the time of people and their browsers; nil: Clock
	Metrics   prometheus.Registerer
	// PublicURL is the address of this server, without a slash at the end.
	PublicURL string
	// Simulator is the address of the Alipay simulator, without a slash at the end; empty: there is none.
	Simulator string
	// TrustedProxies are the networks (CIDR) whose X-Forwarded-For is believed; without any, nobody's is.
	TrustedProxies []string
	// Limits that are zero have their defaults.
	Limits Limits
}

// wall is the time by which people are signed in.
func (d Deps) wall() clock.Clock {
	if d.Wall == nil {
		return d.Clock
	}
	return d.Wall
}

// Catalogue is every code the program answers with.
func Catalogue() (fault.Catalogue, error) {
	return fault.NewCatalogue(
		problem.Faults(),
		tenants.Faults(),
		authn.Faults(),
		access.Faults(),
		people.Faults(),
		sessions.Faults(),
		idempotency.Faults(),
		onboarding.Faults(),
		catalog.Faults(),
		stock.Faults(),
		splits.Faults(),
		orders.Faults(),
		contacts.Faults(),
		refunds.Faults(),
		events.Faults(),
		webhooks.Faults(),
		notices.Faults(),
		cases.Faults(),
		shops.Faults(),
		tasks.Faults(),
		approvals.Faults(),
		files.Faults(),
		exports.Faults(),
		desk.Faults(),
		requests.Faults(),
	)
}

// served is the contract in each language as integrators read it, made once in a program: all of it is part of the
// program.
var served = sync.OnceValues(func() (map[docs.Lang]docs.Contract, error) {
	c, err := contract.Load()
	if err != nil {
		return nil, err
	}
	catalogue, err := Catalogue()
	if err != nil {
		return nil, err
	}
	all := map[docs.Lang]docs.Contract{}
	for _, lang := range docs.Langs() {
		if all[lang], err = docs.Served(lang, c, catalogue); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// server implements the operations of openapi.yaml, one file per tag.
type server struct {
	Deps
	shown    *authz.Fields
	policy   *authz.Decisions
	contract *contract.Contract
	cookies  authn.Cookies
}

// New makes the handler of everything the public sees: the API, Alipay's callbacks, the checkout and the documentation.
func New(d Deps) (http.Handler, error) {
	c, err := contract.Load()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(known(c, d.Catalogue), claimed(c)); err != nil {
		return nil, err
	}
	policy, err := authz.Load()
	if err != nil {
		return nil, err
	}
	shown, err := authz.NewFields(policy)
	if err != nil {
		return nil, err
	}
	problems, err := problem.NewWriter(d.Catalogue, d.PublicURL+"/docs/errors")
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(d.Metrics)
	if err != nil {
		return nil, fmt.Errorf("register the metrics of the API: %w", err)
	}
	d.Streams.Events.Watch(newest(d.Events))
	d.Streams.Tasks.Watch(d.Tasks.Versions)
	limits := newLimiters(d.Limits.orDefault())
	r := chi.NewRouter()
	r.Use(middleware.GetHead)
	r.NotFound(func(w http.ResponseWriter, r *http.Request) { problems.Write(w, r, errNoSuchPath()) })
	r.MethodNotAllowed(otherMethod(r, problems))
	compress, err := newCompression()
	if err != nil {
		return nil, err
	}
	cookies := authn.Cookies{Secure: strings.HasPrefix(d.PublicURL, "https://")}
	g := &gate{
		contract: c,
		keys:     d.Access,
		sessions: d.Sessions,
		cookies:  cookies,
		clock:    d.wall(),
		policy:   policy,
		limits:   limits,
		versions: newVersions(changes()),
		compress: compress,
		answers:  d.Answers,
		problems: problems,
	}
	if err := g.mount(r, &server{d, shown, policy, c, cookies}); err != nil {
		return nil, fmt.Errorf("serve the contract: %w", err)
	}
	if err := mountPages(r, d, c, problems, limits, compress); err != nil {
		return nil, err
	}
	around := &chain{
		logger:   d.Logger,
		clock:    d.Clock,
		problems: problems,
		metrics:  m,
		requests: d.Requests,
		contract: map[string]*contract.Operation{},
		version:  g.versions.newest(),
		strict:   strings.HasPrefix(d.PublicURL, "https://"),
	}
	for _, op := range c.Operations() {
		around.contract[op.ID] = op
	}
	return clientIP(d.TrustedProxies)(around.handler(r)), nil
}

func mountPages(
	r chi.Router,
	d Deps,
	c *contract.Contract,
	problems *problem.Writer,
	limits *limiters,
	compress func(http.Handler) http.HandlerFunc,
) error {
	notify.New(notify.Config{Orders: d.Orders, Onboarding: d.Onboarding, Problems: problems}).Mount(r)
	pages, err := checkout.New(
		checkout.Config{Orders: d.Orders, Logos: d.Shops, Simulator: d.Simulator, Hub: d.Hub, Clock: d.Clock,
			Problems: problems, Missed: limits.missed,
			Origin: address, Secure: strings.HasPrefix(d.PublicURL, "https://")},
	)
	if err != nil {
		return err
	}
	pages.Mount(r)
	doors, err := signin.New(signin.Config{People: d.People, Sessions: d.Sessions, Access: d.Access,
		Approvals: d.Approvals, Clock: d.wall(),
		Problems: problems, Missed: limits.missed, SignUps: d.SignUps,
		SignUpLimited: func(w http.ResponseWriter, r *http.Request) bool {
			return limits.signUps.over(w, r, address(r))
		},
		Cookies: authn.Cookies{Secure: strings.HasPrefix(d.PublicURL, "https://")}})
	if err != nil {
		return err
	}
	doors.Mount(r)
	for _, app := range console.Apps() {
		built, err := console.New(app, web.Dist(), web.Stub(), problems)
		if err != nil {
			return err
		}
		built.Mount(r)
	}
	texts, err := served()
	if err != nil {
		return err
	}
	reference, err := docs.New(c, texts, d.Catalogue, problems)
	if err != nil {
		return err
	}
	reference.Mount(r.With(func(next http.Handler) http.Handler { return compress(next) }))
	return nil
}

// known tells whether the program declares every code that the contract promises.
func known(c *contract.Contract, catalogue fault.Catalogue) error {
	var errs []error
	for _, op := range c.Operations() {
		for _, code := range op.Codes {
			if _, ok := catalogue[code]; !ok {
				errs = append(errs, fmt.Errorf("%s: the code %q of openapi.yaml is declared nowhere", op.ID, code))
			}
		}
	}
	return errors.Join(errs...)
}
