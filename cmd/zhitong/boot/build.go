package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"zhitong/alipay"
	"zhitong/api"
	"zhitong/api/checkout/hub"
	"zhitong/db"
	"zhitong/db/migrations"
	"zhitong/internal/bucket"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/jobs"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/acquiring/zft"
	"zhitong/tenants/approvals"
	"zhitong/tenants/audit"
	"zhitong/tenants/books"
	"zhitong/tenants/cases"
	"zhitong/tenants/catalog"
	"zhitong/tenants/chain"
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
	"zhitong/tenants/recovery"
	"zhitong/tenants/refunds"
	"zhitong/tenants/requests"
	"zhitong/tenants/retention"
	"zhitong/tenants/sandboxes"
	"zhitong/tenants/search"
	"zhitong/tenants/sessions"
	"zhitong/tenants/shops"
	"zhitong/tenants/signup"
	"zhitong/tenants/splits"
	"zhitong/tenants/stock"
	"zhitong/tenants/tasks"
	"zhitong/tenants/timeline"
	"zhitong/tenants/vault"
	"zhitong/tenants/webhooks"
)

const (
	// schemaTimeout bounds the look at the database that a start takes.
	schemaTimeout = 10 * time.Second
	// deskTimeout bounds one call of the simulator's desk.
	deskTimeout = 10 * time.Second
	riverSchema = "river"
)

// services are the use cases of the program.
type services struct {
	vault      *vault.Vault
	gateways   *tenants.Gateways
	tenants    *tenants.Service
	access     *access.Service
	audit      *audit.Service
	merchants  *merchants.Service
	contacts   *contacts.Service
	onboarding *onboarding.Service
	catalog    *catalog.Service
	stock      *stock.Service
	events     *events.Service
	splits     *splits.Service
	orders     *orders.Service
	refunds    *refunds.Service
	webhooks   *webhooks.Service
	notices    *notices.Service
	cases      *cases.Service
	shops      *shops.Service
	tasks      *tasks.Service
	sandboxes  *sandboxes.Service
	overview   *overview.Service
	files      *files.Service
	exports    *exports.Service
	imports    *imports.Service
	approvals  *approvals.Service
	signUps    *signup.Service
	answers    *idempotency.Answers
	people     *people.Service
	sessions   *sessions.Service
	desk       *desk.Service // nil without a simulator
	post       people.Post
}

// Build makes a program of a configuration. It fails when the configuration is not usable, or the database's schema is
// older than this binary, or was sealed with another keyset. For a database that is away Run waits.
func Build(ctx context.Context, c Config, opts Options) (_ *App, err error) {
	if err := c.Validate(NeedAll); err != nil {
		return nil, fmt.Errorf("the configuration is not usable:\n%w", err)
	}
	if !opts.API && !opts.Workers {
		return nil, errors.New("boot: neither the API nor the workers are wanted")
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if opts.Wall != nil && c.SandboxURL == "" {
		return nil, errors.New("boot: a clock that is moved needs a simulator")
	}
	a := &App{Config: c, Log: opts.Log, opts: opts, hub: hub.New(), streams: hub.NewStreams(), workers: opts.Workers,
		Registry: prometheus.NewRegistry()}
	a.Registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	steps, err := stepper(opts)
	if err != nil {
		return nil, err
	}
	a.steps = steps
	if a.DB, err = db.Open(ctx,
		db.Config{URL: c.DatabaseURL.Reveal(), MaxConns: c.DatabaseMaxConns, Step: steps("db")}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	s, err := a.services()
	if err != nil {
		return nil, err
	}
	a.vault = s.vault
	if err := a.checkDatabase(ctx); away(err) {
		a.gate = &gate{reason: err} // Run waits for it
	} else if err != nil {
		return nil, err
	}
	a.requests = requests.New(requests.Config{DB: a.DB, Clock: opts.Clock, Log: a.Log, Metrics: a.Registry})
	a.Tenants, a.Orders, a.People, a.access = s.tenants, s.orders, s.people, s.access
	if err := a.addExports(s); err != nil {
		return nil, err
	}
	if err := a.addJobs(s); err != nil {
		return nil, err
	}
	if opts.API {
		if a.Handler, err = a.api(s); err != nil {
			return nil, err
		}
	}
	if a.gate != nil && opts.API {
		if a.Handler, err = a.gate.before(a.Handler, c.PublicURL); err != nil {
			return nil, err
		}
	}
	return a, a.addOps(s)
}

// checkDatabase looks whether this program can work with the database: it is there, has the schema, and was sealed with
// this keyset.
func (a *App) checkDatabase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, schemaTimeout)
	defer cancel()
	if err := a.DB.Ping(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	if err := migrations.CheckNewest(ctx, a.DB.Pool()); err != nil {
		return err
	}
	return a.checkKeyset(ctx)
}

// checkKeyset refuses a good keyset that is not this database's: what it sealed, the right one could not open.
func (a *App) checkKeyset(ctx context.Context) error {
	err := a.vault.Check(ctx, a.DB)
	if errors.Is(err, secret.ErrOtherMaster) {
		return fmt.Errorf("ZHITONG_MASTER_KEYSET is not the keyset that this database was sealed with: %w", err)
	}
	return err
}

func (a *App) services() (*services, error) {
	c, d, clk, wall, log := a.Config, a.DB, a.opts.Clock, a.wall(), a.Log
	master, err := c.master()
	if err != nil {
		return nil, err
	}
	s := &services{vault: vault.New(master)}
	pool := zft.NewPool(alipay.Options{Clock: clk, Logger: log, Metrics: a.Registry})
	s.gateways = tenants.NewGateways(tenants.GatewaysConfig{Pool: pool, Vault: s.vault, Clock: clk,
		PublicURL: c.PublicURL, Only: a.only(), Metrics: a.Registry})
	tc := tenants.Config{DB: d, Vault: s.vault, Gateways: s.gateways, Clock: clk, SignUpsHour: c.SignUpsPerHour,
		Replaced: events.ConnectionUpdated, Step: a.steps("tenants")}
	if c.SandboxURL != "" {
		tc.Desk = alipay.NewDesk(c.SandboxURL, &http.Client{Timeout: deskTimeout})
		tc.SimulatorGatewayURL = c.SandboxURL + "/gateway.do"
		s.desk = desk.New(desk.Config{DB: d, Desk: tc.Desk, GatewayURL: tc.SimulatorGatewayURL, Clock: clk,
			MovesClock: a.opts.Wall != nil})
	}
	s.tenants = tenants.New(tc)
	s.access, s.audit, s.merchants, s.catalog = access.New(d, s.vault,
		clk), audit.New(d), merchants.New(d, s.vault), catalog.New(d)
	s.sessions = sessions.New(d, wall)
	s.contacts = contacts.New(contacts.Config{DB: d, Vault: s.vault, Clock: clk, Step: a.steps("contacts")})
	s.signUps = signup.New(d, s.vault, s.tenants)
	s.answers = idempotency.NewAnswers(idempotency.AnswersConfig{
		DB: d, Vault: s.vault, Clock: clk, Step: a.steps("idempotency"),
	})
	s.events = events.New(d, clk)
	s.stock = stock.New(d, s.vault)
	s.cases = cases.New(d, clk)
	s.shops = shops.New(d, clk)
	s.onboarding = onboarding.New(onboarding.Config{DB: d, Vault: s.vault, Gateways: s.gateways, Clock: clk, Log: log,
		Step: a.steps("onboarding")})
	s.splits = splits.New(splits.Config{DB: d, Vault: s.vault, Gateways: s.gateways, Clock: clk, Log: log,
		Step: a.steps("splits")})
	s.refunds = refunds.New(refunds.Config{
		DB:       d,
		Vault:    s.vault,
		Gateways: s.gateways,
		Clock:    clk,
		Log:      log,
		Step:     a.steps("refunds"),
	})
	var mailer orders.Mailer // stays nil without a mail server
	s.post = people.Post{PublicURL: c.PublicURL, Step: a.steps("people"), Metrics: a.Registry}
	if sender, err := c.mails(); err != nil {
		return nil, err
	} else if sender != nil {
		mailer, s.post.Mails = sender, sender
	}
	s.people = people.New(d, s.vault, wall, s.post)
	s.orders = orders.New(orders.Config{
		DB:        d,
		Vault:     s.vault,
		Gateways:  s.gateways,
		Stock:     s.stock,
		Refunds:   s.refunds,
		Clock:     clk,
		Log:       log,
		Mails:     mailer,
		PublicURL: c.PublicURL,
		OnChange:  a.changed,
		Step:      a.steps("orders"),
	})
	s.webhooks = webhooks.New(webhooks.Config{DB: d, Vault: s.vault, Clock: wall, Step: a.steps("webhooks"),
		Reach: webhooks.Reach{AllowHTTP: c.WebhookAllowHTTP, Allowed: c.WebhookAllowNetworks}})
	hosts, err := c.robots()
	if err != nil {
		return nil, err
	}
	s.notices = notices.New(notices.Config{DB: d, Vault: s.vault, Clock: clk, Mails: mailer, Hosts: hosts,
		Step:  a.steps("notices"),
		Reach: webhooks.Reach{AllowHTTP: c.WebhookAllowHTTP, Allowed: c.WebhookAllowNetworks}})
	stored, err := a.bucket()
	if err != nil {
		return nil, err
	}
	s.files = files.New(files.Config{DB: d, Vault: s.vault, Clock: clk, Bucket: stored, Step: a.steps("files")})
	s.overview = overview.New(overview.Config{DB: d, Clock: clk, Step: a.steps("overview")})
	s.approvals = approvals.New(approvals.Config{DB: d, Vault: s.vault, Clock: clk, Wall: wall, Log: log,
		Orders: s.orders, Merchants: s.merchants, People: s.people, Sessions: s.sessions,
		Metrics: a.Registry, Step: a.steps("approvals")})
	s.sandboxes = sandboxes.New(sandboxes.Config{DB: d, Vault: s.vault, Clock: clk, Files: s.files, Mails: mailer,
		Unused: time.Duration(c.SandboxUnusedDays) * 24 * time.Hour, Step: a.steps("sandboxes")})
	s.tasks = tasks.New(tasks.Config{DB: d, Clock: clk, Step: a.steps("tasks")})
	s.imports = imports.New(imports.Config{DB: d, Clock: clk, Tasks: s.tasks, Files: s.files, Stock: s.stock,
		Step: a.steps("imports")})
	return s, nil
}

// wall is the time of people's devices and others' servers.
func (a *App) wall() clock.Clock {
	if a.opts.Wall != nil {
		return a.opts.Wall
	}
	return a.opts.Clock
}

// only is the one gateway that a program whose clock is moved talks to; empty: any.
func (a *App) only() string {
	if a.opts.Wall == nil {
		return ""
	}
	return a.Config.SandboxURL + "/gateway.do"
}

// bucket is the object store for files; nil when there is none.
func (a *App) bucket() (files.Bucket, error) {
	if a.Config.BlobURL == "" {
		return nil, nil //nolint:nilnil // without one files lie in Postgres
	}
	return bucket.Open(context.Background(), a.Config.BlobURL) // for as long as the program runs
}

// changed tells the pages that wait for an order, and whoever else in this process wants to know.
func (a *App) changed(t id.Tenant, o id.Order) {
	a.hub.Ring(t, o)
	a.streams.Events.Ring(t, t)
	if a.opts.OnChange != nil {
		a.opts.OnChange(t, o)
	}
}

// addJobs makes the client of River: one that works, or one for River UI only.
func (a *App) addJobs(s *services) (err error) {
	if a.workers {
		a.Jobs, err = jobs.NewClient(a.DB.Pool(),
			jobs.Deps{Orders: s.orders, Splits: s.splits, Onboarding: s.onboarding, Webhooks: s.webhooks,
				Notices:  s.notices,
				Contacts: s.contacts,
				DB:       a.DB,
				Retention: retention.New(retention.Config{DB: a.DB, Clock: a.opts.Clock, Vault: s.vault,
					Files: s.files}),
				Chain: chain.New(chain.Config{DB: a.DB, Vault: s.vault, Clock: a.opts.Clock,
					Step: a.steps("chain")}),
				Overview: s.overview,
				Recovery: recovery.New(a.DB, a.opts.Clock),
				Books: books.New(books.Config{DB: a.DB, Gateways: s.gateways, Clock: a.opts.Clock, Log: a.Log,
					Step: a.steps("books")}),
				People: s.people, Access: s.access, Post: s.post,
				Sandboxes: s.sandboxes,
				Tasks:     s.tasks, Approvals: s.approvals, Clock: a.opts.Clock, Log: a.Log, Registry: a.Registry})
		return err
	}
	if a.Jobs, err = river.NewClient(riverpgxv5.New(a.DB.Pool()),
		&river.Config{Schema: riverSchema, Logger: a.Log}); err != nil {
		return fmt.Errorf("make the job client: %w", err)
	}
	return nil
}

// addExports lets the tasks export the lists of the API.
func (a *App) addExports(s *services) error {
	lists, err := api.NewLists(a.deps(s))
	if err != nil {
		return fmt.Errorf("make the lists for exports: %w", err)
	}
	s.exports = exports.New(exports.Config{DB: a.DB, Clock: a.opts.Clock, Tasks: s.tasks, Files: s.files, Source: lists,
		Step: a.steps("exports")})
	return nil
}

func (a *App) api(s *services) (http.Handler, error) {
	codes, err := api.Catalogue()
	if err != nil {
		return nil, fmt.Errorf("collect the error codes: %w", err)
	}
	d := a.deps(s)
	d.Catalogue, d.Exports = codes, s.exports
	return api.New(d)
}

// deps are what the API is made of.
func (a *App) deps(s *services) api.Deps {
	return api.Deps{
		Tenants: s.tenants, Gateways: s.gateways, Access: s.access, Audit: s.audit, Merchants: s.merchants,
		Onboarding: s.onboarding, Catalog: s.catalog,
		Stock: s.stock, Splits: s.splits, Orders: s.orders, Refunds: s.refunds, Events: s.events, Webhooks: s.webhooks,
		Notices: s.notices,
		Cases:   s.cases, Shops: s.shops, Timelines: timeline.New(a.DB), Search: search.New(a.DB, s.vault),
		Requests: a.requests,
		Overview: s.overview, GoLive: golive.New(a.DB, s.tenants), Contacts: s.contacts,
		People: s.people, Sessions: s.sessions, Desk: s.desk,
		Tasks: s.tasks, Files: s.files, Approvals: s.approvals, Imports: s.imports,
		SignUps: s.signUps, Answers: s.answers,
		Hub: a.hub, Streams: a.streams, Logger: a.Log, Clock: a.opts.Clock, Wall: a.wall(), Metrics: a.Registry,
		PublicURL: a.Config.PublicURL, Simulator: a.Config.SandboxURL, TrustedProxies: a.trusted(),
	}
}
