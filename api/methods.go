package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"zhitong/api/call"
	"zhitong/api/problem"
	"zhitong/internal/fault"
)

// otherMethod answers what a path's routes do not take. OPTIONS is answered here for every path: with the methods there
// are, and without any Access-Control header, because a secret key does not belong in a browser.
func otherMethod(routes chi.Routes, problems *problem.Writer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		methods := methodsOf(routes, r)
		if len(methods) == 0 { // a method that HTTP does not know comes here without its path having been looked for
			problems.Write(w, r, errNoSuchPath())
			return
		}
		w.Header().Set("Allow", strings.Join(methods, ", "))
		if r.Method == http.MethodOptions {
			call.From(r.Context()).Operation = "options"
			w.WriteHeader(http.StatusNoContent)
			return
		}
		problems.Write(w, r, fault.New(problem.MethodNotAllowed, "This path has other methods; Allow lists them."))
	}
}

func errNoSuchPath() error { return fault.New(problem.RouteNotFound, "There is no such path.") }

// methodsOf are the methods that the path of r takes, in the order of the alphabet; none when there is no such path.
func methodsOf(routes chi.Routes, r *http.Request) []string {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	var out []string
	for _, method := range []string{
		http.MethodDelete,
		http.MethodGet,
		http.MethodPatch,
		http.MethodPost,
		http.MethodPut,
	} {
		if routes.Match(chi.NewRouteContext(), method, path) {
			out = append(out, method)
		}
	}
	if len(out) == 0 {
		return nil
	}
	if slices.Contains(out, http.MethodGet) {
		out = append(out, http.MethodHead)
	}
	out = append(out, http.MethodOptions)
	slices.Sort(out)
	return out
}
