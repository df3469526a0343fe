// Package problem answers errors: it is the only writer of application/problem+json (RFC 9457).
//
// A [fault.Error] becomes its status, code and sentence; a database that is away becomes 503; everything else is 500
// internal, whose text goes to the log and never to the caller. Rejected values are never repeated.
package problem

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"zhitong/api/call"
	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/tenants"
)

// Codes that the HTTP layer itself answers with.
const (
	Internal            fault.Code = "internal"
	DatabaseUnavailable fault.Code = "database_unavailable"
	RouteNotFound       fault.Code = "route_not_found"
	MethodNotAllowed    fault.Code = "method_not_allowed"
	BodyTooLarge        fault.Code = "body_too_large"
	KeyMissing          fault.Code = "idempotency_key_missing"
	RateLimited         fault.Code = "rate_limited"
	Forbidden           fault.Code = "forbidden"
	UnsupportedMedia    fault.Code = "unsupported_media_type"
	UnknownAPIVersion   fault.Code = "unknown_api_version"
)

// ContentType is the media type of a problem.
const ContentType = "application/problem+json"

// Faults are the codes of the HTTP layer.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:    Internal,
			Status:  500,
			Title:   "Internal error",
			Meaning: "A fault of ours. It has been logged under the Request-Id; repeating the request with the same Idempotency-Key is safe.",
		},
		{
			Code:    DatabaseUnavailable,
			Status:  503,
			Title:   "Database unavailable",
			Meaning: "The database is away for a moment or did not answer in time. Repeat the same request after Retry-After.",
		},
		{
			Code:    RouteNotFound,
			Status:  404,
			Title:   "No such path",
			Meaning: "The path is not part of the API. See /openapi.yaml.",
		},
		{
			Code:    MethodNotAllowed,
			Status:  405,
			Title:   "Method not allowed",
			Meaning: "The path exists, but not with this method. The Allow header lists those that do.",
		},
		{
			Code:    BodyTooLarge,
			Status:  413,
			Title:   "Body too large",
			Meaning: "The body exceeds the limit: 1 MiB, or 5 MB for an image. Send less, for example card keys in several imports.",
		},
		{
			Code:    KeyMissing,
			Status:  400,
			Title:   "Idempotency-Key missing",
			Meaning: "This operation moves money or stock and needs an Idempotency-Key header, so that a repeat is safe.",
		},
		{
			Code:    RateLimited,
			Status:  429,
			Title:   "Too many requests",
			Meaning: "The limit of this API key or address is used up for the moment. Wait for Retry-After.",
		},
		{
			Code:    Forbidden,
			Status:  403,
			Title:   "Not allowed",
			Meaning: "The role of the API key does not include this operation.",
		},
		{
			Code:    UnsupportedMedia,
			Status:  415,
			Title:   "Unsupported media type",
			Meaning: "The operation takes another Content-Type: `application/json`, or `image/…` for an image.",
		},
		{
			Code:    UnknownAPIVersion,
			Status:  400,
			Title:   "Unknown version of the API",
			Meaning: "There is no version with the date that `Zhitong-Version` names; `detail` lists those there are.",
		},
	}
}

// Problem is the body, in the words of RFC 9457.
type Problem struct {
	Type     string        `json:"type"`
	Title    string        `json:"title"`
	Status   int           `json:"status"`
	Code     fault.Code    `json:"code"`
	Detail   string        `json:"detail,omitempty"`
	Instance string        `json:"instance"`
	Errors   []fault.Field `json:"errors,omitempty"`
}

// Writer writes problems. It is immutable.
type Writer struct {
	catalogue fault.Catalogue
	docs      string
}

// NewWriter makes a writer whose types link to docs, the address of the page made by [Markdown]'s sibling in the API
// reference. The catalogue must know the codes of this package.
func NewWriter(catalogue fault.Catalogue, docs string) (*Writer, error) {
	for _, d := range Faults() {
		if _, ok := catalogue[d.Code]; !ok {
			return nil, fmt.Errorf("problem: the catalogue lacks %q", d.Code)
		}
	}
	return &Writer{catalogue: catalogue, docs: docs}, nil
}

// retryAfterSeconds is told to callers of what is away for a moment.
const retryAfterSeconds = "1"

// Write answers with the problem that err is, and notes it in the request's Call.
func (pw *Writer) Write(w http.ResponseWriter, r *http.Request, err error) {
	c := call.From(r.Context())
	p := pw.Of(err)
	p.Instance = Instance(c.ID)
	c.Code, c.Err = p.Code, err
	body, jerr := json.Marshal(p)
	if jerr != nil { // strings and integers only: cannot happen
		body = []byte(`{"type":"about:blank","title":"Internal error","status":500,"code":"internal","instance":""}`)
	}
	h := w.Header()
	h.Set("Content-Type", ContentType)
	h.Set("Cache-Control", "no-store")
	if p.Status == http.StatusServiceUnavailable && h.Get("Retry-After") == "" {
		h.Set("Retry-After", retryAfterSeconds)
	}
	if stale, ok := errors.AsType[tenants.Stale](err); ok {
		h.Set("ETag", ETag(stale.Version))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="zhitong"`)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n'))
}

// Instance is the URI of one answer, made from its Request-Id.
func Instance(requestID string) string { return "urn:zhitong:request:" + requestID }

// ETag is the entity tag of a version of a thing (RFC 9110, 8.8.3).
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Of is the problem that err is, without an instance.
func (pw *Writer) Of(err error) Problem {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		if d, ok := pw.catalogue[f.Code]; ok {
			return Problem{
				Type:   pw.docs + "#" + string(d.Code),
				Title:  d.Title,
				Status: d.Status,
				Code:   d.Code,
				Detail: f.Detail,
				Errors: f.Fields,
			}
		}
		return pw.of(Internal) // a code nobody declared is a bug of ours
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		p := pw.of(BodyTooLarge)
		p.Detail = fmt.Sprintf("The body may have at most %d bytes.", tooLarge.Limit)
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || db.IsUnavailable(err) {
		return pw.of(DatabaseUnavailable)
	}
	return pw.of(Internal)
}

func (pw *Writer) of(code fault.Code) Problem {
	d := pw.catalogue[code]
	return Problem{Type: pw.docs + "#" + string(code), Title: d.Title, Status: d.Status, Code: code}
}
