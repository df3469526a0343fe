package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"zhitong/api/problem"
	"zhitong/internal/fault"
)

// madeUp is a table with two changes: the first renamed a field of getProduct, the second turned its price into an
// object.
func madeUp() []change {
	return []change{
		{
			version:    "2027-02-01",
			what:       "title of a product is called name",
			operations: []string{"getProduct"},
			older: func(answer any) any {
				p, _ := answer.(map[string]any)
				p["title"] = p["name"]
				delete(p, "name")
				return p
			},
		},
		{
			version:    "2027-05-01",
			what:       "the price of a product is an object",
			operations: []string{"getProduct"},
			older: func(answer any) any {
				p, _ := answer.(map[string]any)
				price, _ := p["price"].(map[string]any)
				p["price_fen"] = price["fen"]
				delete(p, "price")
				return p
			},
		},
	}
}

// TestOlderVersions asks for a product in each version of a made-up table: an older version gets the form it had.
func TestOlderVersions(t *testing.T) {
	t.Parallel()
	v := newVersions(madeUp())
	if want := []string{firstVersion, "2027-02-01", "2027-05-01"}; !slices.Equal(v.known, want) {
		t.Fatalf("known are %v, want %v", v.known, want)
	}
	for _, row := range []struct{ version, operation, want string }{
		{firstVersion, "getProduct", `{"price_fen":9007199254740993,"title":"x"}`},
		{"2027-02-01", "getProduct", `{"name":"x","price_fen":9007199254740993}`},
		{"2027-05-01", "getProduct", `{"name":"x","price":{"fen":9007199254740993}}`},
		{firstVersion, "getOrder", `{"name":"x","price":{"fen":9007199254740993}}`},
	} {
		rec := httptest.NewRecorder()
		w, send := v.answering(rec, row.version, row.operation)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		if _, err := w.Write([]byte(`{"name":"x","price":{"fen":9007199254740993}}`)); err != nil {
			t.Fatal(err)
		}
		if err := send(); err != nil {
			t.Fatal(err)
		}
		var compact json.RawMessage
		if err := json.Unmarshal(rec.Body.Bytes(), &compact); err != nil {
			t.Fatal(err)
		}
		if rec.Code != http.StatusCreated || string(compact) != row.want {
			t.Errorf("%s in %s: %d %s, want %s", row.operation, row.version, rec.Code, compact, row.want)
		}
	}
}

// An error has one form in every version.
func TestOlderVersionsLeaveErrorsAlone(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	w, send := newVersions(madeUp()).answering(rec, firstVersion, "getProduct")
	w.Header().Set("Content-Type", problem.ContentType)
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte(`{"name":"x"}`))
	if err := send(); err != nil || rec.Code != http.StatusNotFound || rec.Body.String() != `{"name":"x"}` {
		t.Errorf("%v %d %s", err, rec.Code, rec.Body)
	}
}

// TestVersionOfARequest takes what is known and refuses the rest, naming what there is.
func TestVersionOfARequest(t *testing.T) {
	t.Parallel()
	v := newVersions(madeUp())
	for _, row := range []struct {
		header []string
		want   string
		code   fault.Code
	}{
		{nil, "2027-05-01", ""},
		{[]string{firstVersion}, firstVersion, ""},
		{[]string{"2027-02-01"}, "2027-02-01", ""},
		{[]string{"2027-02-02"}, "", problem.UnknownAPIVersion},
		{[]string{""}, "", problem.UnknownAPIVersion},
		{[]string{firstVersion, firstVersion}, "", problem.UnknownAPIVersion},
	} {
		r := httptest.NewRequest(http.MethodGet, "/v1/tenant", nil)
		for _, h := range row.header {
			r.Header.Add(versionHeader, h)
		}
		got, err := v.of(r)
		if got != row.want || fault.CodeOf(err) != row.code {
			t.Errorf("%q: %q, %v", row.header, got, err)
		}
	}
}

// TestChangeTable holds the real table to its order, and to what each row must say.
func TestChangeTable(t *testing.T) {
	t.Parallel()
	before := firstVersion
	for _, c := range slices.Concat(changes(), madeUp()) {
		if _, err := time.Parse(time.DateOnly, c.version); err != nil || c.version < before ||
			c.version == firstVersion {
			t.Errorf("version %q after %q", c.version, before)
		}
		if c.what == "" || len(c.operations) == 0 || c.older == nil {
			t.Errorf("the change of %s is incomplete", c.version)
		}
		before = c.version
	}
}
