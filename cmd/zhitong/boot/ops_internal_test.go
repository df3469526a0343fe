package boot

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"zhitong/internal/secret"
)

// TestOperatorOnly: the page of the jobs opens to the operator's token and to nothing else, and says the same to
// everybody else.
func TestOperatorOnly(t *testing.T) {
	t.Parallel()
	const token = "the-token-of-the-operator"
	h := operatorOnly(secret.New(token), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
	}))
	ask := func(change func(*http.Request)) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ops/river/", http.NoBody)
		change(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	for name, change := range map[string]func(*http.Request){
		"nothing": func(*http.Request) {}, "an empty password": func(r *http.Request) {
			r.SetBasicAuth("operator", "")
		},
		"a wrong password": func(r *http.Request) {
			r.SetBasicAuth("operator", token+"x")
		}, "the beginning": func(r *http.Request) { r.SetBasicAuth("operator", token[:10]) },
		"a wrong bearer": func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer x")
		}, "an empty bearer": func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"the token as the user": func(r *http.Request) { r.SetBasicAuth(token, "") },
	} {
		if code := ask(change); code != http.StatusUnauthorized {
			t.Errorf("%s is answered with %d", name, code)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"the password": func(r *http.Request) {
			r.SetBasicAuth("anybody", token)
		}, "the bearer": func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) },
	} {
		if code := ask(change); code != http.StatusOK {
			t.Errorf("%s is answered with %d", name, code)
		}
	}
}
