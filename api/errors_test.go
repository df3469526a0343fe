package api_test

import (
	"flag"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"zhitong/api"
	"zhitong/api/contract"
	"zhitong/api/problem"
	"zhitong/internal/fault"
	"zhitong/tenants/exports"
	"zhitong/tenants/tasks"
)

var update = flag.Bool("update", false, "write docs/errors.md and docs/errors.zh.md again")

func catalogue(t *testing.T) fault.Catalogue {
	t.Helper()
	c, err := api.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestErrorCodesPage holds docs/errors.md and docs/errors.zh.md to the code; `make generate` writes them.
func TestErrorCodesPage(t *testing.T) {
	t.Parallel()
	for path, chinese := range map[string]bool{"../docs/errors.md": false, "../docs/errors.zh.md": true} {
		want := problem.Markdown(catalogue(t), chinese)
		if *update {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil || string(have) != string(want) {
			t.Errorf("%s is out of date: make generate (%v)", path, err)
		}
	}
}

// TestCodesAreBilingual demands a Chinese title and meaning of every code.
func TestCodesAreBilingual(t *testing.T) {
	t.Parallel()
	for _, d := range catalogue(t).Sorted() {
		if d.TitleZh == "" || d.MeaningZh == "" {
			t.Errorf("%s has no TitleZh or no MeaningZh", d.Code)
		}
	}
}

// TestCodesAndContract holds the two lists of codes together: what the contract promises is declared, and what is
// declared is promised somewhere.
func TestCodesAndContract(t *testing.T) {
	t.Parallel()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	codes, promised := catalogue(t), map[fault.Code]bool{}
	for _, op := range c.Operations() {
		for _, code := range op.Codes {
			promised[code] = true
			if _, ok := codes[code]; !ok {
				t.Errorf("%s promises %s, which nobody declares", op.ID, code)
			}
		}
	}
	for code := range codes {
		outside := []fault.Code{problem.RouteNotFound, problem.MethodNotAllowed,
			exports.CodeTooLarge, tasks.CodeTaskGivenUp} // these two are of a task, in its error_code
		if !promised[code] && !slices.Contains(outside, code) { // of no operation, or of the buyer's page
			t.Errorf("%s is declared and promised by no operation", code)
		}
	}
}

// TestStatuses holds every code to the rule by which it has its status; docs/errors.md tells the same rule.
func TestStatuses(t *testing.T) {
	t.Parallel()
	only := map[int][]fault.Code{
		http.StatusBadRequest: {
			"invalid_request", "idempotency_key_missing", "unknown_api_version",
			"cursor_invalid", // a cursor that we did not make for this list is no cursor
		},
		http.StatusUnauthorized: {"unauthenticated", "session_ended"},
		http.StatusForbidden: {"forbidden", "filter_not_allowed", "role_exceeds_own", "not_the_supplier",
			"permission_missing", "cross_site_request", "reauthentication_required", "second_factor_required",
			"task_of_another", "file_of_another", "approval_not_yours", "person_required"},
		http.StatusGone:                         {"events_gone"}, // it was there
		http.StatusMethodNotAllowed:             {"method_not_allowed"},
		http.StatusPreconditionFailed:           {"precondition_failed"},
		http.StatusRequestEntityTooLarge:        {"body_too_large", "file_too_large"},
		http.StatusRequestedRangeNotSatisfiable: {"range_not_satisfiable"},
		http.StatusUnsupportedMediaType:         {"unsupported_media_type"},
		http.StatusTooManyRequests: {"rate_limited", "image_uploads_busy", "sign_in_limited",
			"too_many_sign_ups"},
		http.StatusInternalServerError: {"internal",
			"file_broken",    // what is kept is not what was written
			"task_given_up"}, // of a task, which is read with 200
		http.StatusBadGateway: {"alipay_refused"},
	}
	for code, d := range catalogue(t) {
		name := string(code)
		switch {
		case strings.HasSuffix(name, "_not_found"):
			if d.Status != http.StatusNotFound {
				t.Errorf("%s has status %d: what is not there is 404", code, d.Status)
			}
		case strings.HasSuffix(name, "_unavailable"):
			if d.Status != http.StatusServiceUnavailable {
				t.Errorf("%s has status %d: what is away for a moment is 503", code, d.Status)
			}
		case d.Status == http.StatusConflict, d.Status == http.StatusUnprocessableEntity:
		case !slices.Contains(only[d.Status], code):
			t.Errorf("%s has status %d: a well-formed request is refused with 409 for the state of things, "+
				"or 422 for what it asks for; %d is for %v only", code, d.Status, d.Status, only[d.Status])
		}
	}
}
