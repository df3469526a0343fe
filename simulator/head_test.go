package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/go-chi/chi/v5"
)

// TestHead walks the router: whatever is there for GET is there for HEAD.
func TestHead(t *testing.T) {
	t.Parallel()
	routes, ok := start(t).sim.Handler().(chi.Router)
	if !ok {
		t.Fatal("the handler is no router")
	}
	parameter, n := regexp.MustCompile(`\{[^}]*\}|\*`), 0
	err := chi.Walk(routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if method != http.MethodGet {
			return nil
		}
		n++
		path := parameter.ReplaceAllString(route, "x")
		w := httptest.NewRecorder()
		routes.ServeHTTP(w, httptest.NewRequest(http.MethodHead, path, nil))
		if w.Code == http.StatusMethodNotAllowed {
			t.Errorf("HEAD %s: %d", path, w.Code)
		}
		return nil
	})
	if err != nil || n < 30 {
		t.Errorf("%d routes, %v", n, err)
	}
}
