package apitest_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"zhitong"
	"zhitong/api/apitest"
	"zhitong/tenants"
)

// TestListsAreAlike walks the contract: whatever answers an array of things takes limit and cursor, answers a page of
// one shape, reads on to its end, and refuses the cursor of another list, filter or path.
func TestListsAreAlike(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	doc, err := openapi3.NewLoader().LoadFromData([]byte(zhitong.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	var orders listed
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/orders?limit=1", nil, &orders)
	lists, continued := 0, 0
	for path, item := range doc.Paths.Map() {
		op := item.Get
		if op == nil || !strings.HasPrefix(op.OperationID, "list") || op.OperationID == "listRoles" ||
			op.OperationID == "listTop" || op.OperationID == "listTodos" ||
			op.OperationID == "listCaseAssignees" || // members, of whom there are few
			op.OperationID == "listNoticeTemplates" || // as many as there are types of events
			w.Contract.Operation(http.MethodGet, path).Personal {
			continue // roles are few, and so are kinds of work and what one person has; a ranking ends with its limit
		}
		lists++
		t.Run(op.OperationID, func(t *testing.T) {
			shapeOfPage(t, op)
			at := p.Fill(path)
			if op.OperationID != "listOrders" {
				refused(t, w, p, at+"?cursor="+orders.NextCursor)
			}
			var page listed
			w.Must(t, p.Key(owner), http.MethodGet, at+"?limit=1", nil, &page)
			if page.NextCursor == "" {
				return
			}
			continued++
			if all := walk(t, w, p.Key(owner), at+"?limit=1"); len(all.Data) < 2 {
				t.Errorf("a list with a next page has %d rows", len(all.Data))
			}
			for _, ref := range op.Parameters {
				if filter := filterOf(ref.Value); filter != "" {
					refused(t, w, p, at+"?"+filter+"&cursor="+page.NextCursor)
				}
			}
		})
	}
	if lists < 15 || continued < 5 {
		t.Errorf("%d lists were found, %d of them with more than one page", lists, continued)
	}
}

// shapeOfPage holds a list to the shape of every other.
func shapeOfPage(t *testing.T, op *openapi3.Operation) {
	t.Helper()
	for _, name := range []string{"limit", "cursor"} {
		if op.Parameters.GetByInAndName("query", name) == nil {
			t.Errorf("it takes no %s", name)
		}
	}
	s := op.Responses.Value("200").Value.Content.Get("application/json").Schema.Value
	if !slices.Equal(s.Required, []string{"data"}) || !s.Properties["data"].Value.Type.Is("array") {
		t.Errorf("it requires %v", s.Required)
	}
	want := []string{"data", "next_cursor"}
	if op.Parameters.GetByInAndName("query", "include") != nil {
		want = append(want, "total")
	}
	if len(s.Properties) != len(want) {
		t.Errorf("it has %d properties, want %v", len(s.Properties), want)
	}
	for _, name := range want {
		if s.Properties[name] == nil {
			t.Errorf("it has no %s", name)
		}
	}
}

// filterOf is a value for a parameter that narrows or orders a list; empty for one that does not.
func filterOf(p *openapi3.Parameter) string {
	if p.In != "query" || slices.Contains([]string{"limit", "cursor", "include"}, p.Name) {
		return ""
	}
	s := p.Schema.Value
	if s.Type.Is("array") {
		s = s.Items.Value
	}
	switch {
	case p.Name == "order":
		return "order=asc"
	case len(s.Enum) > 0:
		return p.Name + "=" + s.Enum[0].(string) //nolint:forcetypeassert // the contract has no other enumerations
	case s.Format == "date-time":
		return p.Name + "=2020-01-01T00:00:00Z"
	}
	return ""
}

func refused(t *testing.T, w *apitest.World, p *apitest.Tenant, path string) {
	t.Helper()
	if a := w.Do(t, p.Key(owner), http.MethodGet, path, nil); a.Status != 400 || a.Code() != "cursor_invalid" {
		t.Errorf("%s: %d %s", path, a.Status, a.Body)
	}
}

// TestListsOfTheTenant finds refunds, applications and splits over all orders and merchants, by status and time, and
// narrows them for a merchant's own key and for another tenant.
func TestListsOfTheTenant(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	w.Settle(t, p, p.IDs["order_id"])
	var own struct{ ID string }
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/merchants",
		map[string]any{"kind": "distributor", "name": "another"}, &own)
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/merchants/"+own.ID+"/applications", map[string]any{"name": "x"}, &own)
	past := w.Clock.Now().Add(-time.Hour).Format(time.RFC3339)
	refund, application := p.IDs["refund_id"], p.IDs["application_id"]
	for _, row := range []struct {
		key, path, want string
	}{
		{p.Key(finance), "/v1/refunds?include=count", refund},
		{p.Key(finance), "/v1/refunds?status=pending,refused", refund},
		{p.Key(finance), "/v1/refunds?status=refused", ""},
		{p.Key(finance), "/v1/refunds?created_until=" + past, ""},
		{p.Key(finance), "/v1/refunds?created_from=" + past + "&order=asc", refund},
		{other.Key(finance), "/v1/refunds?status=pending", other.IDs["refund_id"]},
		{p.Key(support), "/v1/applications", own.ID + " " + application},
		{p.Key(support), "/v1/applications?order=asc&status=draft,submitted", application + " " + own.ID},
		{p.Key(support), "/v1/applications?status=approved", ""},
		{p.Key(support), "/v1/applications?created_until=" + past, ""},
		{p.Key(tenants.RoleDistributor), "/v1/applications", ""},
		{other.Key(support), "/v1/applications", other.IDs["application_id"]},
	} {
		var found listed
		w.Must(t, row.key, http.MethodGet, row.path, nil, &found)
		if got := strings.Join(found.ids(), " "); got != row.want {
			t.Errorf("%s has %q, want %q", row.path, got, row.want)
		}
	}
	var read map[string]any
	w.Must(t, p.Key(finance), http.MethodGet, p.Fill("/v1/orders/{order_id}/split"), nil, &read)
	for query, want := range map[string]int{
		"":                                     1,
		"?status=completed":                    1,
		"?status=refused":                      0,
		"?settlement_status=done,refused":      1,
		"?settlement_status=pending":           0,
		"?created_from=" + past:                1,
		"?created_until=" + past:               0,
		"?order=asc&status=completed,canceled": 1,
	} {
		var found struct{ Data []map[string]any }
		w.Must(t, p.Key(finance), http.MethodGet, "/v1/splits"+query, nil, &found)
		if len(found.Data) != want || want == 1 && !reflect.DeepEqual(found.Data[0], read) {
			t.Errorf("splits%s: %v, want %d like %v", query, found.Data, want, read)
		}
	}
	var none listed
	w.Must(t, other.Key(finance), http.MethodGet, "/v1/splits", nil, &none)
	if len(none.Data) != 0 {
		t.Errorf("another tenant sees %d splits", len(none.Data))
	}
}

// TestAuditLogFilters finds entries by who did it, what, when and to what.
func TestAuditLogFilters(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	type entry struct {
		ActorID   string    `json:"actor_id"`
		ActorKind string    `json:"actor_kind"`
		Action    string    `json:"action"`
		SubjectID string    `json:"subject_id"`
		CreatedAt time.Time `json:"created_at"`
	}
	read := func(query string) (found []entry) {
		var page struct{ Data []entry }
		w.Must(t, p.Key(owner), http.MethodGet, "/v1/audit_log?limit=100"+query, nil, &page)
		return page.Data
	}
	w.Must(t, p.Key(owner), http.MethodGet, p.Fill("/v1/orders/{order_id}/card_keys"), nil, nil)
	all := read("")
	reveal := all[0]
	if reveal.Action != "getOrderCardKeys" || reveal.SubjectID != p.IDs["order_id"] {
		t.Fatalf("the newest entry is %+v", reveal)
	}
	middle := all[len(all)/2]
	for query, want := range map[string]func(entry) bool{
		"&actor_id=" + reveal.ActorID: func(e entry) bool { return e.ActorID == reveal.ActorID },
		"&actor_id=nobody":            func(entry) bool { return false },
		"&actor_kind=api_key":         func(e entry) bool { return e.ActorKind == "api_key" },
		"&actor_kind=buyer,system": func(e entry) bool {
			return e.ActorKind != "api_key" && e.ActorKind != "member"
		},
		"&action=getOrderCardKeys": func(e entry) bool { return e.Action == "getOrderCardKeys" },
		"&action=createProduct,createMerchant": func(e entry) bool {
			return e.Action == "createProduct" || e.Action == "createMerchant"
		},
		"&subject_id=" + p.IDs["order_id"]:   func(e entry) bool { return e.SubjectID == p.IDs["order_id"] },
		"&subject_id=" + p.IDs["product_id"]: func(e entry) bool { return e.SubjectID == p.IDs["product_id"] },
		"&created_from=" + stamp(middle.CreatedAt): func(e entry) bool {
			return !e.CreatedAt.Before(middle.CreatedAt)
		},
		"&created_until=" + stamp(middle.CreatedAt): func(e entry) bool { return e.CreatedAt.Before(middle.CreatedAt) },
	} {
		var expected []entry
		for _, e := range all {
			if want(e) {
				expected = append(expected, e)
			}
		}
		if got := read(query); !slices.Equal(got, expected) {
			t.Errorf("%s: %+v, want %+v", query, got, expected)
		}
		if got := read(query + "&order=asc"); len(got) > 0 && got[len(got)-1] != expected[0] {
			t.Errorf("%s, oldest first: %+v", query, got)
		}
	}
	for _, query := range []string{"?action=a b", "?actor_kind=robot", "?subject_id=0",
		"?subject_id=zzz_01jftt0q64fk29tara3ec1vqq1"} {
		if a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/audit_log"+strings.ReplaceAll(query, " ", "%20"),
			nil); a.Status != 400 {
			t.Errorf("%s: %d %s", query, a.Status, a.Body)
		}
	}
}

func stamp(at time.Time) string { return at.Format(time.RFC3339Nano) }
