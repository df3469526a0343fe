package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5/middleware"

	"zhitong/api/call"
	"zhitong/api/contract"
	"zhitong/api/problem"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/requests"
)

// chain is what happens around every request, whatever answers it: a number, the caller's address, headers that
// protect, a log line, and 500 instead of a broken connection when something panics.
type chain struct {
	logger   *slog.Logger
	clock    clock.Clock
	problems *problem.Writer
	metrics  *metrics
	requests *requests.Log
	contract map[string]*contract.Operation // by operationId
	version  string                         // of the API, the newest
	strict   bool                           // the address is https: tell browsers to stay there
}

// clientIP takes the address from X-Forwarded-For only when the connection comes from a trusted proxy; otherwise it is
// the connection's own.
func clientIP(trusted []string) func(http.Handler) http.Handler {
	if len(trusted) == 0 {
		return middleware.ClientIPFromRemoteAddr
	}
	return middleware.ClientIPFromXFF(trusted...)
}

// clientAddress is where a request came from, as [clientIP] tells it; when a trusted proxy names nobody, it is the
// proxy's own address.
func clientAddress(r *http.Request) string {
	if a := middleware.GetClientIP(r.Context()); a != "" {
		return a
	}
	if at, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		return at.Addr().Unmap().WithZone("").String()
	}
	return ""
}

func (c *chain) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elapsed := clock.Stopwatch()
		it := &call.Call{ID: id.New[id.Request]().String(), Address: clientAddress(r),
			Languages: r.Header.Get("Accept-Language"), Head: r.Method == http.MethodHead}
		r = r.WithContext(call.With(r.Context(), it))
		rec := &recorder{ResponseWriter: w}
		h := rec.Header()
		h.Set("Request-Id", it.ID)
		h.Set(versionHeader, c.version)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Content-Security-Policy",
			"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		if c.strict {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		defer func() {
			if v := recover(); v != nil {
				c.panicked(rec, r, v)
			}
			c.log(rec, r, it, elapsed())
		}()
		next.ServeHTTP(rec, r)
	})
}

// panicked answers 500 when that is still possible, and otherwise breaks the connection off, so that half an answer is
// not taken for a whole one.
func (c *chain) panicked(rec *recorder, r *http.Request, v any) {
	it := call.From(r.Context())
	if v == http.ErrAbortHandler { //nolint:errorlint // the value that net/http itself compares with
		panic(v)
	}
	err := fmt.Errorf("panic: %v", v)
	c.logger.ErrorContext(
		r.Context(),
		"panic",
		"request_id",
		it.ID,
		"operation",
		it.Operation,
		"panic",
		fmt.Sprint(v),
		"stack",
		string(debug.Stack()),
	)
	if rec.status != 0 {
		it.Err = err
		panic(http.ErrAbortHandler)
	}
	c.problems.Write(rec, r, err)
}

func (c *chain) log(rec *recorder, r *http.Request, it *call.Call, took time.Duration) {
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	operation := it.Operation
	if operation == "" {
		operation = "none"
	}
	c.metrics.observe(operation, status, took)
	c.note(rec, r, it, status, took)
	replayed := rec.Header().Get(replayedHeader) != ""
	if replayed {
		c.metrics.replays.WithLabelValues(operation).Inc()
	}
	level := slog.LevelInfo
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(
		attrs,
		slog.String("request_id", it.ID),
		slog.String("method", r.Method),
		slog.String("operation", operation),
		slog.Int("status", status),
		slog.String("client_address", it.Address),
	)
	if it.Code != "" {
		attrs = append(attrs, slog.String("code", string(it.Code)))
	}
	if !it.Tenant.IsZero() {
		attrs = append(attrs, slog.String("tenant", it.Tenant.String()))
	}
	switch it.Caller.Kind() {
	case vocabulary.CallerAPIKey:
		attrs = append(attrs, slog.String("api_key_id", it.Caller.String()))
	case vocabulary.CallerSession:
		attrs = append(attrs, slog.String("session_id", it.Caller.String()),
			slog.String("member_id", it.Caller.Member().String()))
	}
	if replayed {
		attrs = append(attrs, slog.Bool("replayed", true))
	}
	if status >= http.StatusInternalServerError && r.Context().Err() == nil {
		level = slog.LevelError
	}
	if it.Err != nil && (status >= http.StatusInternalServerError || fault.CodeOf(it.Err) == "") {
		attrs = append(attrs, slog.String("error", it.Err.Error()))
	}
	attrs = append(attrs, slog.Duration("duration", took), slog.Int64("bytes", rec.bytes))
	c.logger.LogAttrs(r.Context(), level, "request", attrs...)
}

// note leaves a request of a tenant to the request log. Who was told to wait has changed nothing, as has who reads.
func (c *chain) note(rec *recorder, r *http.Request, it *call.Call, status int, took time.Duration) {
	op := c.contract[it.Operation]
	if op == nil || it.Tenant.IsZero() || it.Caller.IsZero() || c.requests == nil {
		return
	}
	request, err := id.Parse[id.Request](it.ID)
	if err != nil {
		return
	}
	_, actor := it.Caller.AuditActor()
	n := requests.Note{Tenant: it.Tenant, Sent: len(it.Sent),
		Changes: op.Method != http.MethodGet && !op.Reads && status != http.StatusTooManyRequests,
		Entry: requests.Entry{ID: request, Operation: op.ID, Method: r.Method, Path: pathKept(op, r), Status: status,
			Code: string(it.Code), Took: took, Actor: actor, Address: it.Address,
			Replayed: rec.Header().Get(replayedHeader) != "", At: c.clock.Now()}}
	if sent := it.Sent; len(sent) > 0 {
		n.Mask = func() []byte { return op.Masked(sent) }
	}
	c.requests.Add(n)
}

// pathKept is the path with its identifiers; of any other text in it only the name of the parameter stays.
func pathKept(op *contract.Operation, r *http.Request) string {
	template, sent := strings.Split(op.Path, "/"), strings.Split(r.URL.Path, "/")
	if len(template) != len(sent) {
		return op.Path
	}
	for i, step := range sent {
		if contract.IsIdentifier(step) {
			template[i] = step
		}
	}
	return strings.Join(template, "/")
}

// recorder remembers how the request was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

func statusClass(status int) string { return strconv.Itoa(status/100) + "xx" }
