package problem_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"zhitong/api/call"
	"zhitong/api/problem"
	"zhitong/internal/fault"
)

func writer(t *testing.T) *problem.Writer {
	t.Helper()
	c, err := fault.NewCatalogue(problem.Faults(), []fault.Definition{
		{
			Code:    "sold_out",
			Status:  409,
			Title:   "Sold out",
			Meaning: "x",
		}, {Code: "unauthenticated", Status: 401, Title: "No key", Meaning: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := problem.NewWriter(c, "https://example.cn/docs/errors")
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWrite(t *testing.T) {
	t.Parallel()
	const canary = "canary-4410"
	for _, row := range []struct {
		name   string
		err    error
		status int
		code   fault.Code
		detail string
	}{
		{"fault", fault.New("sold_out", "Not enough.").Because(errors.New(canary)), 409, "sold_out", "Not enough."},
		{"wrapped", fmt.Errorf("reserve %s: %w", canary, fault.New("sold_out", "Not enough.")), 409, "sold_out",
			"Not enough."},
		{"undeclared", fault.New("made_up", canary), 500, "internal", ""},
		{"anything else", errors.New(canary), 500, "internal", ""},
		{"too large", fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 1024}), 413, "body_too_large",
			"The body may have at most 1024 bytes."},
		{"deadline", fmt.Errorf("%s: %w", canary, context.DeadlineExceeded), 503, "database_unavailable", ""},
		{"database shut down", &pgconn.PgError{Code: "57P01", Message: canary}, 503, "database_unavailable", ""},
		{"disk full", &pgconn.PgError{Code: "53100", Message: canary}, 503, "database_unavailable", ""},
		{"a bug in SQL", &pgconn.PgError{Code: "42601", Message: canary}, 500, "internal", ""},
		{"a fault because of the database",
			fault.New("sold_out", "Not enough.").Because(&pgconn.PgError{Code: "57P01"}), 409, "sold_out",
			"Not enough."},
		{"no key", fault.New("unauthenticated", "Send one."), 401, "unauthenticated", "Send one."},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := &call.Call{ID: "req-1"}
			r := httptest.NewRequestWithContext(call.With(t.Context(), c), http.MethodGet, "/", nil)
			rec := httptest.NewRecorder()
			writer(t).Write(rec, r, row.err)
			var p problem.Problem
			if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			if rec.Code != row.status || p.Status != row.status || p.Code != row.code || p.Detail != row.detail ||
				p.Instance != "urn:zhitong:request:req-1" ||
				p.Type != "https://example.cn/docs/errors#"+string(row.code) ||
				p.Title == "" {
				t.Errorf("%d %+v", rec.Code, p)
			}
			if strings.Contains(rec.Body.String(), canary) {
				t.Error("the cause is told")
			}
			if c.Code != row.code || !errors.Is(c.Err, row.err) {
				t.Errorf("the log would say %s %v", c.Code, c.Err)
			}
			if got := rec.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("type %s", got)
			}
			if (rec.Header().Get("Retry-After") != "") != (row.status == 503) ||
				(rec.Header().Get("WWW-Authenticate") != "") != (row.status == 401) {
				t.Errorf("headers %v", rec.Header())
			}
		})
	}
}

func TestCatalogueMustBeWhole(t *testing.T) {
	t.Parallel()
	if _, err := problem.NewWriter(fault.Catalogue{}, ""); err == nil {
		t.Error("accepted")
	}
}

// TestTitleInTheCallersLanguage shows that the title follows Accept-Language, and that the code does not.
func TestTitleInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"":                        "Not allowed",
		"en":                      "Not allowed",
		"fr":                      "Not allowed",
		"zh-CN,zh;q=0.9,en;q=0.8": "没有权限",
		"zh-Hant":                 "没有权限",
		"en-GB,zh;q=0.5":          "Not allowed",
		"\x00;;q=":                "Not allowed",
	} {
		r := httptest.NewRequestWithContext(call.With(t.Context(), &call.Call{ID: "req-1"}), http.MethodGet, "/", nil)
		if accept != "" {
			r.Header.Set("Accept-Language", accept)
		}
		rec := httptest.NewRecorder()
		writer(t).Write(rec, r, fault.New(problem.Forbidden, "No."))
		var p problem.Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.Title != want || p.Code != problem.Forbidden || rec.Header().Get("Vary") != "Accept-Language" {
			t.Errorf("%q: %q, want %q (%s)", accept, p.Title, want, rec.Header())
		}
	}
}
