package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/authz"
	"zhitong/api/call"
	"zhitong/api/contract"
	"zhitong/api/problem"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/access"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/sessions"
)

// Limits of a body, in bytes.
const (
	bodyMax  = 1 << 20
	imageMax = 5_000_000
	sentMax  = 16 << 10 // of a body that the request log looks at
)

// uploads is the operation whose body is a file.
const uploads = "createFile"

// gate stands before every operation of the contract. In this order: who calls, not too often, may it, and is the
// request as the contract says. Nothing is read from the body of a caller who has no business here.
type gate struct {
	contract *contract.Contract
	keys     authn.Authenticator
	sessions *sessions.Service
	cookies  authn.Cookies
	clock    clock.Clock
	policy   *authz.Decisions
	limits   *limiters
	versions *versions
	compress func(http.Handler) http.HandlerFunc
	answers  *idempotency.Answers
	problems *problem.Writer
}

// around puts the gate before the handler of one operation.
func (g *gate) around(op *contract.Operation, next http.Handler) http.Handler {
	limit := int64(bodyMax)
	if op.TakesBody() && !op.HasJSONBody() {
		limit = imageMax
	}
	if op.ID == uploads {
		limit = uploadMax
	}
	if recordsAnswer(op) {
		next = g.once(op, next)
	}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		it := call.From(r.Context())
		it.Operation = op.ID
		w.Header().Set("Cache-Control", "no-store")
		if op.Deprecation != nil {
			op.Deprecation.Tell(w.Header())
		}
		r, err := g.admit(w, r, it, op)
		version := ""
		if err == nil {
			version, err = g.versions.of(r)
		}
		if err == nil {
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			if op.ID == uploads {
				r.Body = patientBody{r.Body, http.NewResponseController(w)}
			}
			if op.IsList() {
				it.List = listHash(op.ID, it.Tenant, r)
			}
			if it.Key, err = check(r, op, limit); err == nil {
				it.Key, err = g.answers.Keyed(r.Context(), it.Tenant, it.Key)
			}
		}
		if err != nil {
			g.problems.Write(w, r, err)
			return
		}
		g.answer(w, r, op, version, next)
	})
	if !op.Secret { // compressed, a secret could be guessed from the length of what stands beside it (BREACH)
		h = g.compress(h)
	}
	return h
}

// answer serves an admitted request in the version it asks for, and 304 when the caller has seen the answer.
func (g *gate) answer(
	w http.ResponseWriter,
	r *http.Request,
	op *contract.Operation,
	version string,
	next http.Handler,
) {
	w.Header().Set(versionHeader, version)
	if seen := r.Header.Get("If-None-Match"); seen != "" && op.Method == http.MethodGet {
		w = &unchanged{ResponseWriter: w, seen: seen}
	}
	answer, send := g.versions.answering(w, version, op.ID)
	next.ServeHTTP(answer, r)
	if err := send(); err != nil {
		panic(fmt.Errorf("write the answer of %s in version %s: %w", op.ID, version, err))
	}
}

func (g *gate) admit(
	w http.ResponseWriter,
	r *http.Request,
	it *call.Call,
	op *contract.Operation,
) (*http.Request, error) {
	if op.Public {
		if g.limits.signUps.over(w, r, address(r)) {
			return r, errRateLimited()
		}
		return r, nil
	}
	if token, ok := g.cookies.Token(r); ok {
		if len(r.Header.Values("Authorization")) > 0 {
			return r, fault.New(tenants.CodeInvalidRequest, "Send an API key or a session, not both.").
				At("Authorization", "two_credentials", "Comes with the cookie of a session.")
		}
		return g.admitPerson(w, r, it, op, token)
	}
	if op.Personal && len(r.Header.Values("Authorization")) == 0 {
		if g.limits.missed(w, r) {
			return r, errRateLimited()
		}
		return r, fault.New(sessions.CodeSessionEnded, "Sign in: this is for people only.")
	}
	actor, err := authn.Actor(r, g.keys)
	if err != nil {
		if fault.CodeOf(err) == access.CodeUnauthenticated && g.limits.missed(w, r) {
			return r, errRateLimited()
		}
		return r, err
	}
	it.Tenant, it.Caller = actor.Tenant, actor.Caller
	actor.Address = it.Address
	it.Again = func(ctx context.Context) (tenants.Actor, error) { return authn.Actor(r.WithContext(ctx), g.keys) }
	if g.limits.callers.over(w, r, actor.Caller.String()) {
		return r, errRateLimited()
	}
	if err := refusal(g.policy, actor, op); err != nil {
		return r, err
	}
	return r.WithContext(authn.With(r.Context(), actor)), nil
}

// refusal is why an actor may not call an operation: forbidden for the role, permission_missing for what narrows it. It
// is nil when they may.
func refusal(policy *authz.Decisions, a tenants.Actor, op *contract.Operation) error {
	if !policy.May(a.Role, op.ID) {
		return fault.New(problem.Forbidden, "The role %s may not call %s.", a.Role, op.ID)
	}
	if !a.Permissions.Allow(op.Resource, op.Level()) {
		return access.PermissionMissing(op.Resource, op.Level())
	}
	return nil
}

// check holds the request to the contract, and tells its Idempotency-Key. A JSON body is read whole and put back for
// the decoder.
func check(r *http.Request, op *contract.Operation, limit int64) (idempotency.Key, error) {
	if op.MissingHeader(r.Header) == idempotencyHeader {
		return idempotency.Key{}, fault.New(problem.KeyMissing,
			"Send an Idempotency-Key header: the same key makes a repeat safe.").
			At(idempotencyHeader, "required", "Is missing.")
	}
	if err := noBody(r, op); err != nil {
		return idempotency.Key{}, err
	}
	if op.TakesBody() && !op.Accepts(r.Header.Get("Content-Type")) && (op.BodyRequired() || r.ContentLength != 0) {
		return idempotency.Key{}, fault.New(problem.UnsupportedMedia, "This operation takes another Content-Type.").
			At("Content-Type", "media_type", "Is not what this operation takes.")
	}
	query, fields := op.ReadParameters(r, func(name string) string { return chi.URLParam(r, name) })
	r.URL.RawQuery = query
	var asked any
	if op.HasJSONBody() {
		body, err := readAll(r, limit)
		if err != nil {
			return idempotency.Key{}, err
		}
		if len(body) <= sentMax {
			call.From(r.Context()).Sent = body
		}
		read, faults := op.ReadBody(body)
		asked, fields = read.Asked, append(fields, faults...)
		r.Body = io.NopCloser(bytes.NewReader(read.Kept))
	}
	if len(fields) > 0 {
		return idempotency.Key{}, errInvalid(fields...)
	}
	return keyOf(r, op, asked)
}

// noBody refuses the body of a request whose operation takes none: what is not looked at would seem to have been heard.
func noBody(r *http.Request, op *contract.Operation) error {
	if !op.RefusesBody() {
		return nil
	}
	n := 0
	if r.ContentLength != 0 { // unknown, or told
		n, _ = io.ReadFull(r.Body, make([]byte, 1))
	}
	if n == 0 {
		return nil
	}
	return fault.New(problem.UnsupportedMedia, "This operation takes no body.").
		At("Content-Type", "media_type", "There is no body that this operation takes.")
}

func errInvalid(fields ...fault.Field) error {
	slices.SortStableFunc(fields,
		func(a, b fault.Field) int { return bytes.Compare([]byte(a.Pointer), []byte(b.Pointer)) })
	err := fault.New(tenants.CodeInvalidRequest, "The request is not as the contract says; errors names each fault.")
	err.Fields = fields
	return err
}

// readAll reads a body that was announced as too large not at all, and any other up to the limit.
func readAll(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, &http.MaxBytesError{Limit: limit}
	}
	b := bytes.NewBuffer(make([]byte, 0, max(r.ContentLength, 0)+bytes.MinRead))
	if _, err := b.ReadFrom(r.Body); err != nil {
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, tooLarge
		}
		return nil, fault.New(tenants.CodeInvalidRequest, "The body could not be read to its end.").Because(err)
	}
	return b.Bytes(), nil
}

// mount registers the operations of the generated server on r, each behind the gate.
func (g *gate) mount(r chi.Router, server apigen.StrictServerInterface) error {
	invalid := func(w http.ResponseWriter, r *http.Request, err error) {
		g.problems.Write(w, r,
			fault.New(tenants.CodeInvalidRequest, "The request is not as the contract says.").Because(err))
	}
	strict := apigen.NewStrictHandlerWithOptions(server, nil, apigen.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: invalid, ResponseErrorHandlerFunc: g.problems.Write,
	})
	or := operationRouter{Router: r, gate: g, errs: &[]error{}, seen: map[string]bool{}}
	apigen.HandlerWithOptions(strict, apigen.ChiServerOptions{BaseRouter: or, ErrorHandlerFunc: invalid})
	for _, op := range g.contract.Operations() {
		if !or.seen[op.ID] {
			*or.errs = append(*or.errs, fmt.Errorf("%s is not served", op.ID))
		}
	}
	return errors.Join(*or.errs...)
}

// operationRouter is the router that the generated code registers its routes on: it puts the gate of the operation
// before each, so that nothing has to be looked up by path again.
type operationRouter struct {
	chi.Router
	gate *gate
	errs *[]error
	seen map[string]bool
}

func (o operationRouter) add(method, path string, h http.HandlerFunc) {
	op := o.gate.contract.Operation(method, path)
	if op == nil {
		*o.errs = append(*o.errs,
			fmt.Errorf("%s %s is served but not in openapi.yaml: generate the server again", method, path))
		return
	}
	o.seen[op.ID] = true
	o.Router.Method(method, path, o.gate.around(op, h))
}

// Group implements chi.Router.
func (o operationRouter) Group(fn func(chi.Router)) chi.Router { fn(o); return o }

// Get implements chi.Router.
func (o operationRouter) Get(path string, h http.HandlerFunc) { o.add(http.MethodGet, path, h) }

// Post implements chi.Router.
func (o operationRouter) Post(path string, h http.HandlerFunc) { o.add(http.MethodPost, path, h) }

// Put implements chi.Router.
func (o operationRouter) Put(path string, h http.HandlerFunc) { o.add(http.MethodPut, path, h) }

// Patch implements chi.Router.
func (o operationRouter) Patch(path string, h http.HandlerFunc) { o.add(http.MethodPatch, path, h) }

// Delete implements chi.Router.
func (o operationRouter) Delete(path string, h http.HandlerFunc) { o.add(http.MethodDelete, path, h) }
