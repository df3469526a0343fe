// Package boot turns the environment into a configuration and a configuration into a running program. It is shared by
// the subcommands of zhitong and by the tests of the whole program, and it is the only package that reads the
// environment.
//
// It promises: every fault of a configuration is reported at once, before anything is opened; a master keyset that is
// missing or weak refuses to start; printing a configuration shows no secret.
package boot

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5/pgxpool"

	"zhitong/internal/bucket"
	"zhitong/internal/mail"
	"zhitong/internal/port"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
)

// Config is everything that can be set, by environment variables whose names begin with ZHITONG_. Each variable can
// instead be given as NAME_FILE, the path of a file with the value, as container platforms hand out secrets.
type Config struct {
	// DatabaseURL is the address of Postgres for the application's role, which owns nothing:
	// postgres://zhitong_app:…@host/zhitong. Required.
	DatabaseURL secret.String `env:"DATABASE_URL"`
	// DatabaseOwnerURL is the address for the role that owns the tables; only migrate uses it.
	DatabaseOwnerURL secret.String `env:"DATABASE_OWNER_URL"`
	// DatabaseAllowPlain lets the connection to Postgres on another machine be without TLS (sslmode disable, allow or
	// prefer, which is the default): whoever is between reads and changes everything.
	DatabaseAllowPlain bool `env:"DATABASE_ALLOW_PLAIN"`
	// DatabaseMaxConns bounds the connections of one process.
	DatabaseMaxConns int32 `env:"DATABASE_MAX_CONNS" envDefault:"32"`

	// MasterKeyset opens the tenants' data keys; `zhitong keyset` makes one. Required by serve and work.
	MasterKeyset secret.String `env:"MASTER_KEYSET"`

	// Listen is the address that the API listens on.
	Listen string `env:"LISTEN" envDefault:":8080"`
	// OpsListen is an address of its own for /livez, /readyz, /metrics and /ops/river, one that is not public. Empty:
	// they are served beside the API, and /metrics then asks for the operator token.
	OpsListen string `env:"OPS_LISTEN"`
	// OpenMetrics serves /metrics beside the API without the operator token.
	OpenMetrics bool `env:"OPEN_METRICS"`
	// PublicURL is how buyers and Alipay reach the API, without a slash at the end. Required.
	PublicURL string `env:"PUBLIC_URL"`
	// PublicURLAllowHTTP lets PublicURL be http although it is not this machine: buyers' addresses, which open card
	// keys, and API keys then travel readable.
	PublicURLAllowHTTP bool `env:"PUBLIC_URL_ALLOW_HTTP"`
	// TrustedProxies are the networks of the reverse proxies whose X-Forwarded-For is believed. Empty: nobody's.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`
	// OperatorToken opens /ops/river: the password of any user name, or a bearer token; at least
	// 16 characters that are not guessed easily. Empty: the page is not served.
	OperatorToken secret.String `env:"OPERATOR_TOKEN"`

	// SandboxURL is the address of the Alipay simulator, without a slash at the end. Empty: nobody can sign up for a
	// sandbox.
	SandboxURL string `env:"SANDBOX_URL"`
	// SignUpsPerHour is how many platforms may sign up within an hour, from all addresses together; 0: any number.
	SignUpsPerHour int `env:"SIGN_UPS_PER_HOUR" envDefault:"600"`
	// SandboxUnusedDays is after how many days without an order, a sign-in or a call of the API the end of a sandbox is
	// announced to its owners. It is closed 14 days later and deleted from the day after; a use in between stops that.
	// From 30 to 3650; 0: no sandbox ends. Platforms that move money never end by themselves.
	SandboxUnusedDays int `env:"SANDBOX_UNUSED_DAYS" envDefault:"180"`

	// SMTPURL is the server that takes mails, smtps://user:password@host:465 or smtp://user:password@host:587, which
	// must offer STARTTLS unless it is on this machine. Empty: no mails are sent, and what needs one is not offered.
	SMTPURL secret.String `env:"SMTP_URL"`
	// MailFrom is the sender of all mails: 直通 <noreply@pay.example.cn>. Required with SMTPURL.
	MailFrom string `env:"MAIL_FROM"`

	// BlobURL is the object store for files: s3://bucket?region=cn-hangzhou&endpoint=https://…, or file:///a/folder for
	// trying. Its keys are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Empty: files lie in Postgres. What
	// was written to an object store needs it for as long as it is kept.
	BlobURL string `env:"BLOB_URL"`

	// WebhookAllowHTTP lets webhook endpoints be http, for a sandbox on a laptop.
	WebhookAllowHTTP bool `env:"WEBHOOK_ALLOW_HTTP"`
	// WebhookAllowNetworks are networks that webhooks may reach although they are not public.
	WebhookAllowNetworks []netip.Prefix `env:"WEBHOOK_ALLOW_NETWORKS"`

	// NoticeHosts are further hosts of robots for notices, of private deployments: feishu=robots.example.cn:8443. The
	// official hosts of WeCom, DingTalk and Feishu need no line. WebhookAllowNetworks says which may be private.
	NoticeHosts []string `env:"NOTICE_HOSTS"`

	// GCPercent is Go's GOGC for serve and work: how much may be allocated, in percent of what lives, before garbage is
	// collected. What lives is some ten megabytes; at Go's 100 a busy program would collect ten times a second.
	GCPercent int `env:"GC_PERCENT" envDefault:"400"`

	// ShutdownTimeout bounds each step of a stop: draining requests, then jobs.
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"15s"`

	// LogLevel is debug, info, warn or error.
	LogLevel slog.Level `env:"LOG_LEVEL" envDefault:"info"`
	// LogFormat is json or text.
	LogFormat string `env:"LOG_FORMAT" envDefault:"json"`
}

const (
	envPrefix      = "ZHITONG_"
	fileSuffix     = "_FILE"
	secretFileMax  = 64 << 10 // bytes of a *_FILE
	tokenMin       = 16       // characters of an operator token
	connsMax       = 1000
	signUpsMax     = 100_000
	unusedDaysMin  = 30
	unusedDaysMax  = 3650
	gcPercentMin   = 10
	gcPercentMax   = 10_000
	shutdownMax    = 10 * time.Minute
	formatJSON     = "json"
	formatText     = "text"
	fileReadReason = "read the file named by %s: %w"
)

// Environment is the process's environment, the only place where it is read.
func Environment() map[string]string { return env.ToMap(os.Environ()) }

// Load reads the configuration from an environment (see [Environment]). It does not check it; see [Config.Validate].
func Load(environment map[string]string) (Config, error) {
	environment, err := readFiles(environment)
	if err != nil {
		return Config{}, err
	}
	c, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment, Prefix: envPrefix})
	if err != nil {
		return Config{}, fmt.Errorf("read the configuration: %w", redacted(err, environment))
	}
	c.PublicURL, c.SandboxURL = strings.TrimSuffix(c.PublicURL, "/"), strings.TrimSuffix(c.SandboxURL, "/")
	return c, nil
}

// Names lists the variables, without their _FILE forms.
func Names() []string {
	params, err := env.GetFieldParamsWithOptions(&Config{}, env.Options{Prefix: envPrefix})
	if err != nil {
		panic("boot: the tags of Config: " + err.Error())
	}
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Key
	}
	return names
}

// readFiles replaces NAME_FILE by NAME with the file's content, without the line break at its end.
func readFiles(environment map[string]string) (map[string]string, error) {
	out := maps.Clone(environment)
	var errs []error
	for _, name := range Names() {
		path, ok := environment[name+fileSuffix]
		if !ok || path == "" {
			continue
		}
		if environment[name] != "" {
			errs = append(errs, fmt.Errorf("both %s and %s are set: set one of them", name, name+fileSuffix))
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, fmt.Errorf(fileReadReason, name+fileSuffix, err))
			continue
		}
		if len(content) > secretFileMax {
			errs = append(errs, fmt.Errorf("the file named by %s is larger than %d bytes", name+fileSuffix,
				secretFileMax))
			continue
		}
		out[name] = strings.TrimRight(string(content), "\r\n")
	}
	return out, errors.Join(errs...)
}

// redacted keeps a parser from quoting a value in its message.
func redacted(err error, environment map[string]string) error {
	text := err.Error()
	for _, name := range Names() {
		if v := environment[name]; len(v) > 3 {
			text = strings.ReplaceAll(text, v, "…")
		}
	}
	return errors.New(text)
}

// Need says what a program needs of a configuration.
type Need int

// The needs: every program that serves or works needs all; migrate and verify only the database.
const (
	NeedDatabase Need = 1 << iota
	NeedOwner
	NeedKeyset
	NeedHTTP
)

// NeedAll is what serve and work need.
const NeedAll = NeedDatabase | NeedKeyset | NeedHTTP

// Validate reports every fault of the configuration at once.
func (c Config) Validate(need Need) error {
	var errs []error
	add := func(name, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s%s: %w", envPrefix, name, fmt.Errorf(format, args...)))
	}
	if need&NeedDatabase != 0 {
		c.checkDatabase(add, "DATABASE_URL", c.DatabaseURL)
	}
	if need&NeedOwner != 0 {
		c.checkDatabase(add, "DATABASE_OWNER_URL", c.DatabaseOwnerURL)
	}
	if c.DatabaseMaxConns < 2 || c.DatabaseMaxConns > connsMax {
		add("DATABASE_MAX_CONNS", "2 … %d", connsMax)
	}
	if need&NeedKeyset != 0 {
		if _, err := c.master(); err != nil {
			add("MASTER_KEYSET", "%w", err)
		}
	}
	if need&NeedHTTP != 0 {
		c.checkHTTP(add)
	}
	if _, err := c.mails(); err != nil {
		add("SMTP_URL or ZHITONG_MAIL_FROM", "%w", err)
	}
	if _, err := c.robots(); err != nil {
		add("NOTICE_HOSTS", "%w", err)
	}
	if c.BlobURL != "" {
		if err := bucket.Check(c.BlobURL); err != nil {
			add("BLOB_URL", "%w", err)
		}
	}
	if c.SignUpsPerHour < 0 || c.SignUpsPerHour > signUpsMax {
		add("SIGN_UPS_PER_HOUR", "0 … %d", signUpsMax)
	}
	if d := c.SandboxUnusedDays; d != 0 && (d < unusedDaysMin || d > unusedDaysMax) {
		add("SANDBOX_UNUSED_DAYS", "%d … %d, or 0 for none", unusedDaysMin, unusedDaysMax)
	}
	if c.GCPercent < gcPercentMin || c.GCPercent > gcPercentMax {
		add("GC_PERCENT", "%d … %d", gcPercentMin, gcPercentMax)
	}
	if c.ShutdownTimeout <= 0 || c.ShutdownTimeout > shutdownMax {
		add("SHUTDOWN_TIMEOUT", "more than nothing, at most %s", shutdownMax)
	}
	if c.LogFormat != formatJSON && c.LogFormat != formatText {
		add("LOG_FORMAT", "%s or %s", formatJSON, formatText)
	}
	return errors.Join(errs...)
}

const listenForm = "host:port or :port, the port being a number up to 65535"

func (c Config) checkHTTP(add func(string, string, ...any)) {
	if !port.ToListen(c.Listen) {
		add("LISTEN", listenForm)
	}
	if c.OpsListen != "" && !port.ToListen(c.OpsListen) {
		add("OPS_LISTEN", listenForm)
	}
	if c.PublicURL == "" {
		add("PUBLIC_URL", "is missing: how do buyers and Alipay reach this program? For example https://pay.example.cn")
	} else {
		checkURL(add, "PUBLIC_URL", c.PublicURL)
		if plainHTTP(c.PublicURL) && !c.PublicURLAllowHTTP {
			add("PUBLIC_URL", "is http: buyers' addresses and API keys would travel readable; use https, or set "+
				"ZHITONG_PUBLIC_URL_ALLOW_HTTP=true")
		}
	}
	if c.SandboxURL != "" {
		checkURL(add, "SANDBOX_URL", c.SandboxURL)
	}
	if t := c.OperatorToken.Reveal(); t != "" && len(t) < tokenMin {
		add("OPERATOR_TOKEN", "at least %d characters", tokenMin)
	} else if why := weak(t); t != "" && why != "" {
		add("OPERATOR_TOKEN", "%s; make one with `openssl rand -base64 24`", why)
	}
}

func (c Config) checkDatabase(add func(string, string, ...any), name string, u secret.String) {
	if u.IsZero() {
		add(name, "is missing: postgres://user:password@host/database")
		return
	}
	pc, err := pgxpool.ParseConfig(u.Reveal())
	if err != nil {
		add(name, "is not an address of Postgres") // its parser quotes what it was given
		return
	}
	if plainDatabase(&pc.ConnConfig.Config) && !c.DatabaseAllowPlain {
		add(name, "may connect to another machine without TLS: add sslmode=verify-full, or set "+
			"ZHITONG_DATABASE_ALLOW_PLAIN=true")
	}
}

func checkURL(add func(string, string, ...any), name, raw string) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https"}, u.Scheme) || u.RawQuery != "" ||
		u.Fragment != "" || u.User != nil || !port.InURL(u) {
		add(name, "is not an address like https://host")
	}
}

// mails is how mails are sent; nil: none are.
func (c Config) mails() (*mail.Sender, error) {
	switch {
	case c.SMTPURL.IsZero() && c.MailFrom == "":
		return nil, nil //nolint:nilnil // documented
	case c.SMTPURL.IsZero() || c.MailFrom == "":
		return nil, errors.New("mails need both: a server, smtps://user:password@host:465, and a sender")
	default:
		return mail.Parse(c.SMTPURL, c.MailFrom)
	}
}

// robots are the further hosts of robots, by channel.
func (c Config) robots() (map[vocabulary.NoticeChannel][]string, error) {
	out := map[vocabulary.NoticeChannel][]string{}
	for _, line := range c.NoticeHosts {
		name, host, ok := strings.Cut(line, "=")
		channel := vocabulary.NoticeChannel(name)
		known := slices.Contains(vocabulary.NoticeChannels(), channel) && channel != vocabulary.ChannelMail
		if u, err := url.Parse("https://" + host); !ok || !known || err != nil || u.Host != host || host == "" {
			return nil, errors.New("is not of the form feishu=robots.example.cn:8443; channels are wecom, " +
				"dingtalk and feishu")
		}
		out[channel] = append(out[channel], strings.ToLower(host))
	}
	return out, nil
}

// master opens the master keyset; an empty, short or foreign one is an error.
func (c Config) master() (*secret.Master, error) {
	if c.MasterKeyset.IsZero() {
		return nil, errors.New("is missing: make one with `zhitong keyset`, and keep it safe: without it nothing " +
			"that is sealed can be opened")
	}
	m, err := secret.ParseMaster(c.MasterKeyset)
	if err != nil {
		return nil, fmt.Errorf("is not a keyset; make one with `zhitong keyset`: %w", err)
	}
	return m, nil
}
