// Package authn tells who calls: it reads the API key of a request and puts its owner, the Actor, into the request's
// context.
package authn

import (
	"context"
	"net/http"
	"strings"

	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/access"
)

// Authenticator knows API keys; access.Service is the one of production.
type Authenticator interface {
	// Authenticate tells whose key it is, or returns unauthenticated.
	Authenticate(ctx context.Context, key string) (tenants.Actor, error)
}

// keyMax bounds what is looked up; a real key has 87 characters.
const keyMax = 256

// Actor finds out who sent r. It returns unauthenticated without a usable Authorization header or for a key that is not
// valid.
func Actor(r *http.Request, a Authenticator) (tenants.Actor, error) {
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		return tenants.Actor{}, fault.New(
			access.CodeUnauthenticated,
			"Send your API key as `Authorization: Bearer zt_test_…`.",
		)
	}
	scheme, key, ok := strings.Cut(header[0], " ")
	if len(header) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || len(key) > keyMax {
		return tenants.Actor{}, fault.New(access.CodeUnauthenticated,
			"The Authorization header must be one Bearer key.")
	}
	return a.Authenticate(r.Context(), key)
}

type contextKey struct{}

// With puts the actor into the context.
func With(ctx context.Context, a tenants.Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, a)
}

// From is the actor of an operation that needs one. It panics where there is none: the chain lets no such request
// through.
func From(ctx context.Context) tenants.Actor { return ctx.Value(contextKey{}).(tenants.Actor) }
