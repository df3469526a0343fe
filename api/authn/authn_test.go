package authn_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"zhitong/api/authn"
	"zhitong/internal/fault"
	"zhitong/tenants"
	"zhitong/tenants/access"
)

type one string

func (o one) Authenticate(_ context.Context, key string) (tenants.Actor, error) {
	if key != string(o) {
		return tenants.Actor{}, fault.New(access.CodeUnauthenticated, "no")
	}
	return tenants.Actor{Role: tenants.RoleOwner}, nil
}

func TestActor(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		header []string
		ok     bool
	}{
		{"right", []string{"Bearer k"}, true},
		{"another case", []string{"bearer k"}, true},
		{"none", nil, false},
		{"empty", []string{""}, false},
		{"no scheme", []string{"k"}, false},
		{"Basic", []string{"Basic k"}, false},
		{"wrong", []string{"Bearer x"}, false},
		{"two headers", []string{"Bearer k", "Bearer k"}, false},
		{"two keys", []string{"Bearer k k"}, false},
		{"endless", []string{"Bearer " + strings.Repeat("k", 100_000)}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header["Authorization"] = row.header
			a, err := authn.Actor(r, one("k"))
			if row.ok != (err == nil) || row.ok != (a.Role == tenants.RoleOwner) ||
				!row.ok && fault.CodeOf(err) != access.CodeUnauthenticated {
				t.Errorf("%v %v", a, err)
			}
			if row.ok && !reflect.DeepEqual(authn.From(authn.With(t.Context(), a)), a) {
				t.Error("the actor is not in the context")
			}
		})
	}
}
