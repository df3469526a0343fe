package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/api/call"
	"zhitong/api/contract"
	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/exports"
)

// Lists gives the program itself the lists of the API as one of its callers sees them: through the same policy, the
// same check of the filters and the same handlers, so that nothing is shown to anybody by another way than the API's.
type Lists struct {
	contract *contract.Contract
	policy   *authz.Decisions
	router   chi.Router
}

// NewLists makes the lists of the same use cases as the API.
func NewLists(d Deps) (*Lists, error) {
	c, err := contract.Load()
	if err != nil {
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
	l := &Lists{contract: c, policy: policy, router: chi.NewRouter()}
	failed := func(_ http.ResponseWriter, r *http.Request, err error) { call.From(r.Context()).Err = err }
	strict := apigen.NewStrictHandlerWithOptions(&server{Deps: d, shown: shown, policy: policy, contract: c}, nil,
		apigen.StrictHTTPServerOptions{
			RequestErrorHandlerFunc: failed, ResponseErrorHandlerFunc: failed,
		})
	apigen.HandlerWithOptions(strict, apigen.ChiServerOptions{BaseRouter: l.router, ErrorHandlerFunc: failed})
	return l, nil
}

// Page reads a page of a list, as the actor sees it. query has its filters as the operation takes them.
//
// It returns forbidden, permission_missing, invalid_request and what the operation returns.
func (l *Lists) Page(ctx context.Context, a tenants.Actor, ask exports.Ask) (p exports.Page, err error) {
	op := l.contract.ByID(ask.Operation)
	if op == nil || !op.IsList() || len(op.PathParameters) > 0 {
		return p, fmt.Errorf("api: %s is no list that can be read from inside", ask.Operation)
	}
	if err := refusal(l.policy, a, op); err != nil {
		return p, err
	}
	query, err := filters(ask.Query)
	if err != nil {
		return p, err
	}
	query.Set("limit", strconv.Itoa(ask.Limit))
	if ask.Cursor != "" {
		query.Set("cursor", ask.Cursor)
	}
	if ask.Count && op.TakesQuery("include") {
		query.Set("include", "count")
	}
	it := &call.Call{Operation: op.ID, Tenant: a.Tenant, Caller: a.Caller, Address: a.Address}
	ctx = authn.With(call.With(ctx, it), a)
	ctx = context.WithValue(ctx, chi.RouteCtxKey, (*chi.Context)(nil)) // it may be within another request
	r, err := http.NewRequestWithContext(ctx, op.Method, op.Path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return p, fmt.Errorf("ask for a list: %w", err)
	}
	it.List = listHash(op.ID, a.Tenant, r)
	kept, fields := op.ReadParameters(r, func(string) string { return "" })
	if len(fields) > 0 {
		return p, errInvalid(fields...)
	}
	r.URL.RawQuery = kept
	w := &kept200{header: http.Header{}}
	l.router.ServeHTTP(w, r)
	return w.page(it.Err)
}

// filters reads a query string that may not say which page is asked for.
func filters(text string) (url.Values, error) {
	query, err := url.ParseQuery(text)
	if err != nil {
		return nil, errInvalid(fault.Field{Code: "invalid_query", Detail: "The query string is malformed."})
	}
	for _, name := range []string{"cursor", "include", "limit"} {
		if query.Has(name) {
			return nil, errInvalid(fault.Field{Pointer: name, Code: "unknown_parameter",
				Detail: "Is not a filter: all pages are read."})
		}
	}
	return query, nil
}

// kept200 keeps an answer.
type kept200 struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (k *kept200) Header() http.Header { return k.header }

// WriteHeader implements http.ResponseWriter.
func (k *kept200) WriteHeader(status int) { k.status = status }

// Write implements http.ResponseWriter.
func (k *kept200) Write(b []byte) (int, error) { return k.body.Write(b) }

func (k *kept200) page(failed error) (p exports.Page, err error) {
	if failed != nil {
		return p, failed
	}
	if k.status != http.StatusOK && k.status != 0 {
		return p, errors.New("api: a list was not answered with 200")
	}
	var out struct {
		Data       []map[string]any `json:"data"`
		NextCursor string           `json:"next_cursor"`
		Total      *struct {
			Count  int64 `json:"count"`
			Capped bool  `json:"capped"`
		} `json:"total"`
	}
	d := json.NewDecoder(&k.body)
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		return p, fmt.Errorf("read a page of a list: %w", err)
	}
	p.Rows, p.Next = out.Data, out.NextCursor
	if out.Total != nil && !out.Total.Capped {
		p.Total = &out.Total.Count
	}
	return p, nil
}

var _ exports.Source = (*Lists)(nil)
