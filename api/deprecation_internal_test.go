package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"zhitong/api/contract"
	"zhitong/api/problem"
	"zhitong/tenants/idempotency"
)

// TestDeprecatedOperation serves an operation that will go: each of its answers says since when and until when.
func TestDeprecatedOperation(t *testing.T) {
	t.Parallel()
	codes, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := problem.NewWriter(codes, "")
	if err != nil {
		t.Fatal(err)
	}
	compress, err := newCompression()
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{
		answers:  idempotency.NewAnswers(idempotency.AnswersConfig{}),
		limits:   newLimiters(Limits{}.orDefault()),
		versions: newVersions(nil),
		compress: compress,
		problems: problems,
	}
	op := &contract.Operation{
		ID:     "old",
		Method: http.MethodGet,
		Path:   "/v1/old",
		Public: true,
		Deprecation: &contract.Deprecation{
			Since:  time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
			Sunset: time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC),
		},
	}
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for _, version := range []string{firstVersion, "1999-01-01"} { // the second is refused
		r := httptest.NewRequest(http.MethodGet, "/v1/old", nil)
		r.Header.Set(versionHeader, version)
		w := httptest.NewRecorder()
		g.around(op, next).ServeHTTP(w, r)
		if w.Header().Get("Deprecation") != "@1796083200" || w.Header().Get("Sunset") != "Wed, 30 Jun 2027 00:00:00 "+
			"GMT" {
			t.Errorf("%s: %d %v", version, w.Code, w.Header())
		}
	}
}
