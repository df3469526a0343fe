package ops

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
)

// actMax bounds what is read of an act's body for the log: the numbers of some thousand jobs.
const actMax = 64 << 10

// Operator opens pages to whoever knows the operator's token: as the password of any user name, for a browser, or as a
// bearer token, for a program. Attempts are bounded, and told in the log with the address they came from; so is every
// request, with its number, and every act with what it was done to.
type Operator struct {
	token   [sha256.Size]byte
	logger  *slog.Logger
	guesses *guesses
	client  func(http.Handler) http.Handler
}

// NewOperator makes one. trusted are the networks (CIDR) of proxies whose X-Forwarded-For is believed.
func NewOperator(token secret.String, logger *slog.Logger, c clock.Clock, trusted []string) *Operator {
	client := middleware.ClientIPFromRemoteAddr
	if len(trusted) > 0 {
		client = middleware.ClientIPFromXFF(trusted...)
	}
	return &Operator{sha256.Sum256([]byte(token.Reveal())), logger, newGuesses(c), client}
}

// Only serves next to the operator. policy is the Content-Security-Policy of the pages.
func (o *Operator) Only(policy string, next http.Handler) http.Handler {
	return o.client(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elapsed := clock.Stopwatch()
		a := &visit{id: id.New[id.Request]().String(), address: clientAddress(r)}
		rec := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		h := rec.Header()
		h.Set("Request-Id", a.id)
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", policy)
		defer func() { o.log(a, r, rec, elapsed()) }()
		if !o.admit(a, rec, r) {
			return
		}
		if err := a.read(r); err != nil {
			http.Error(rec, "the request is too large", http.StatusRequestEntityTooLarge)
			return
		}
		next.ServeHTTP(noCache{rec}, r)
		if rec.Status() == 0 { // it had nothing to say
			noCache{rec}.WriteHeader(http.StatusOK)
		}
	}))
}

// noCache keeps what it serves from allowing itself to be kept.
type noCache struct{ middleware.WrapResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w noCache) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.WrapResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w noCache) Write(b []byte) (int, error) {
	if w.Status() == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.WrapResponseWriter.Write(b)
}

// visit is one request.
type visit struct {
	id, address, user, what string
}

func clientAddress(r *http.Request) string {
	if a := middleware.GetClientIP(r.Context()); a != "" {
		return a
	}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return at.Addr().Unmap().WithZone("").String()
	}
	return ""
}

// admit looks at the token, and answers when it is not right.
func (o *Operator) admit(a *visit, w http.ResponseWriter, r *http.Request) bool {
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		a.user, given, ok = r.BasicAuth()
	}
	if !ok { // a browser asks without one first: that is no attempt
		o.ask(w)
		return false
	}
	if wait, may := o.guesses.begin(a.address); !may {
		o.logger.WarnContext(r.Context(), "operator sign-in held up", "request_id", a.id, "client_address", a.address)
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		http.Error(w, "too many wrong tokens; wait for Retry-After", http.StatusTooManyRequests)
		return false
	}
	have := sha256.Sum256([]byte(given)) // equal lengths: the comparison tells nothing about the token's
	if subtle.ConstantTimeCompare(have[:], o.token[:]) != 1 {
		o.guesses.wrong(a.address)
		o.logger.WarnContext(r.Context(), "operator sign-in refused", "request_id", a.id, "client_address", a.address)
		o.ask(w)
		return false
	}
	if o.guesses.right(a.address) {
		o.logger.InfoContext(r.Context(), "operator signed in", "request_id", a.id, "client_address", a.address)
	}
	return true
}

func (*Operator) ask(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Basic realm="operator", charset="UTF-8"`)
	http.Error(w, "the operator's token is needed", http.StatusUnauthorized)
}

// read keeps what an act is done to, for the log: the numbers of jobs. They stand in the body.
func (a *visit) read(r *http.Request) error {
	if !isAct(r) || r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, actMax+1))
	if err != nil {
		return err
	}
	if len(body) > actMax {
		return errors.New("the body of an act is too large")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var small bytes.Buffer
	if json.Compact(&small, body) == nil {
		a.what = small.String()
	}
	return nil
}

func isAct(r *http.Request) bool {
	return r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
}

// log tells every request, and an act as one.
func (o *Operator) log(a *visit, r *http.Request, w middleware.WrapResponseWriter, took time.Duration) {
	status := w.Status()
	if status == 0 {
		status = http.StatusOK
	}
	attrs := []slog.Attr{slog.String("request_id", a.id), slog.String("method", r.Method),
		slog.String("operation", "operator"), slog.String("path", r.URL.Path), slog.Int("status", status),
		slog.String("client_address", a.address), slog.Duration("duration", took)}
	if !isAct(r) || status == http.StatusUnauthorized || status == http.StatusTooManyRequests {
		o.logger.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...)
		return
	}
	o.logger.LogAttrs(r.Context(), slog.LevelWarn, "operator act",
		append(attrs, slog.String("user", a.user), slog.String("what", a.what))...)
}
