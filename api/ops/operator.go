package ops

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
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
	guesses *guesses // of this process, for as long as the shared ones cannot be counted
	shared  Guesses
	record  func(ctx context.Context, a Act) error
	client  func(http.Handler) http.Handler
}

// Guesses counts wrong tokens over all processes.
type Guesses interface {
	// Begin tells whether a token from the address may be looked at, and counts it as wrong; else how long to wait.
	Begin(ctx context.Context, address string) (wait time.Duration, ok bool, err error)
	// Wrong tells that it was wrong, and Right that it was not; signedIn: the address is new.
	Wrong(ctx context.Context, address string) error
	Right(ctx context.Context, address string) (signedIn bool, err error)
}

// Act is what the operator is about to do to jobs.
type Act struct {
	Verb    string  // the last word of the path: cancel, retry, delete
	Jobs    []int64 // their numbers
	Address string  // of the network
}

// Shared makes guesses be counted by g, over all processes.
func (o *Operator) Shared(g Guesses) *Operator {
	o.shared = g
	return o
}

// Record makes every act on jobs be told to fn before it is done. What it cannot record is not done.
func (o *Operator) Record(fn func(ctx context.Context, a Act) error) *Operator {
	o.record = fn
	return o
}

// NewOperator makes one. trusted are the networks (CIDR) of proxies whose X-Forwarded-For is believed.
func NewOperator(token secret.String, logger *slog.Logger, c clock.Clock, trusted []string) *Operator {
	client := middleware.ClientIPFromRemoteAddr
	if len(trusted) > 0 {
		client = middleware.ClientIPFromXFF(trusted...)
	}
	return &Operator{sha256.Sum256([]byte(token.Reveal())), logger, newGuesses(c), nil, nil, client}
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
		if err := o.tell(r, a); err != nil {
			o.logger.ErrorContext(r.Context(), "an act of the operator cannot be recorded", "request_id", a.id,
				"error", err.Error())
			http.Error(rec, "the act cannot be recorded, and was not done", http.StatusServiceUnavailable)
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
	if wait, may := o.begin(r.Context(), a.address); !may {
		o.logger.WarnContext(r.Context(), "operator sign-in held up", "request_id", a.id, "client_address", a.address)
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		http.Error(w, "too many wrong tokens; wait for Retry-After", http.StatusTooManyRequests)
		return false
	}
	have := sha256.Sum256([]byte(given)) // equal lengths: the comparison tells nothing about the token's
	if subtle.ConstantTimeCompare(have[:], o.token[:]) != 1 {
		o.wrong(r.Context(), a.address)
		o.logger.WarnContext(r.Context(), "operator sign-in refused", "request_id", a.id, "client_address", a.address)
		o.ask(w)
		return false
	}
	if o.right(r.Context(), a.address) {
		o.logger.InfoContext(r.Context(), "operator signed in", "request_id", a.id, "client_address", a.address)
	}
	return true
}

func (o *Operator) begin(ctx context.Context, address string) (wait time.Duration, ok bool) {
	if o.shared != nil {
		wait, ok, err := o.shared.Begin(ctx, address)
		if err == nil {
			return wait, ok
		}
		o.uncounted(ctx, err)
	}
	return o.guesses.begin(address)
}

func (o *Operator) wrong(ctx context.Context, address string) {
	if o.shared != nil {
		err := o.shared.Wrong(ctx, address)
		if err == nil {
			return
		}
		o.uncounted(ctx, err)
	}
	o.guesses.wrong(address)
}

func (o *Operator) right(ctx context.Context, address string) (signedIn bool) {
	if o.shared != nil {
		signedIn, err := o.shared.Right(ctx, address)
		if err == nil {
			return signedIn
		}
		o.uncounted(ctx, err)
	}
	return o.guesses.right(address)
}

// uncounted tells that a guess is counted by this process alone: metrics are wanted most when the database is away.
func (o *Operator) uncounted(ctx context.Context, err error) {
	o.logger.WarnContext(ctx, "operator guesses are counted by this process alone", "error", err.Error())
}

// tell records an act on jobs.
func (o *Operator) tell(r *http.Request, a *visit) error {
	if !isAct(r) || o.record == nil {
		return nil
	}
	var asked struct{ IDs []json.Number }
	if err := json.Unmarshal([]byte(a.what), &asked); err != nil || len(asked.IDs) == 0 {
		return nil //nolint:nilerr // it is about no job, or is refused by the page
	}
	act := Act{Verb: path.Base(r.URL.Path), Address: a.address}
	for _, text := range asked.IDs {
		n, err := strconv.ParseInt(strings.Trim(text.String(), `"`), 10, 64)
		if err != nil {
			return nil //nolint:nilerr // no number of a job: the page refuses it
		}
		act.Jobs = append(act.Jobs, n)
	}
	return o.record(r.Context(), act)
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
