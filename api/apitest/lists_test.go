package apitest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/internal/id"
	"zhitong/tenants/events"
)

type listed struct {
	Data []struct {
		ID        string
		Type      string
		Sequence  int
		SubjectID string    `json:"subject_id"`
		Status    any       // of a request it is a number
		CreatedAt time.Time `json:"created_at"`
	}
	NextCursor string `json:"next_cursor"`
	Total      *struct {
		Count  int
		Capped bool
	}
}

func (l listed) ids() (out []string) {
	for _, d := range l.Data {
		out = append(out, d.ID)
	}
	return out
}

// walk reads a list page by page to its end.
func walk(t *testing.T, w *apitest.World, key, path string) (all listed) {
	t.Helper()
	for next := path; ; {
		var page listed
		w.Must(t, key, http.MethodGet, next, nil, &page)
		all.Data = append(all.Data, page.Data...)
		if page.NextCursor == "" {
			return all
		}
		next = path + "&cursor=" + page.NextCursor
		if len(all.Data) > 1000 {
			t.Fatalf("%s does not end", path)
		}
	}
}

// TestCursors: a cursor continues its own list only. Any other list, filter, tenant, or a cursor that was made up is
// refused.
func TestCursors(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, q := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	var page listed
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/orders?limit=1&status=delivered", nil, &page)
	cursor := page.NextCursor
	var second listed
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/orders?status=delivered&limit=2&cursor="+cursor, nil, &second)
	if len(second.Data) != 1 || second.Data[0].ID == page.Data[0].ID {
		t.Fatalf("the second page has %v after %v", second.ids(), page.ids())
	}
	changed := "A" + cursor[1:]
	if changed == cursor {
		changed = "B" + cursor[1:]
	}
	for name, row := range map[string]struct{ key, path string }{
		"another list":    {p.Key(owner), "/v1/events?cursor=" + cursor},
		"another filter":  {p.Key(owner), "/v1/orders?status=paid&cursor=" + cursor},
		"no filter":       {p.Key(owner), "/v1/orders?cursor=" + cursor},
		"another order":   {p.Key(owner), "/v1/orders?status=delivered&order=asc&cursor=" + cursor},
		"another tenant":  {q.Key(owner), "/v1/orders?status=delivered&cursor=" + cursor},
		"changed":         {p.Key(owner), "/v1/orders?status=delivered&cursor=" + changed},
		"cut":             {p.Key(owner), "/v1/orders?status=delivered&cursor=" + cursor[:len(cursor)-4]},
		"zeros":           {p.Key(owner), "/v1/orders?cursor=00000000-0000-0000-0000-000000000000"},
		"an identifier":   {p.Key(owner), "/v1/orders?cursor=" + page.Data[0].ID},
		"another subject": {p.Key(owner), p.Fill("/v1/webhook_endpoints/{endpoint_id}/attempts?cursor=") + cursor},
	} {
		if a := w.Do(t, row.key, http.MethodGet, row.path, nil); a.Status != 400 || a.Code() != "cursor_invalid" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

// TestOrderFilters finds an order by each of its properties, and not by another value.
func TestOrderFilters(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var made struct {
		ID      string
		Payment struct {
			OutTradeNo string `json:"out_trade_no"`
		}
		Contact   string    `json:"buyer_contact"`
		Payee     string    `json:"merchant_of_record_name"`
		CreatedAt time.Time `json:"created_at"`
	}
	body := w.OrderBody(p, 1)
	body["buyer_contact"] = "138-0000 0001"
	line := map[string]any{"product_id": p.IDs["product_id"], "quantity": 1}
	body["items"] = []any{line, line} // it is found once all the same
	w.Must(t, p.Key(owner), http.MethodPost, "/v1/orders", body, &made, key()...)
	if made.Contact != "13800000001" {
		t.Errorf("the contact is kept as %q", made.Contact)
	}
	var payee struct{ Name string }
	w.Must(t, p.Key(owner), http.MethodGet, "/v1/merchants/"+p.Supplier, nil, &payee)
	if made.Payee == "" || made.Payee != payee.Name {
		t.Errorf("the payee is called %q, and is %q", made.Payee, payee.Name)
	}
	var paid struct {
		Payment struct {
			TradeNo string `json:"trade_no"`
		}
	}
	w.Must(t, p.Key(owner), http.MethodGet, p.Fill("/v1/orders/{order_id}"), nil, &paid)
	at := func(d time.Duration) string { return url.QueryEscape(made.CreatedAt.Add(d).Format(time.RFC3339Nano)) }
	for _, row := range []struct {
		query string
		want  string
	}{
		{"buyer_contact=138%200000-0001", made.ID},
		{"buyer_contact=13800000002", ""},
		{"out_trade_no=" + made.Payment.OutTradeNo, made.ID},
		{"out_trade_no=" + strings.Repeat("0", 31) + "1", ""},
		{"trade_no=" + paid.Payment.TradeNo, p.IDs["order_id"]},
		{"trade_no=2026", ""},
		{"merchant_of_record_id=" + p.Supplier + "&status=awaiting_payment", made.ID},
		{"merchant_of_record_id=" + p.Distributor, ""},
		{"product_id=" + p.IDs["product_id"] + "&status=awaiting_payment", made.ID},
		{"product_id=" + id.New[id.Product]().String(), ""},
		{"status=closed,awaiting_payment", made.ID},
		{"status=closed", ""},
		{"created_from=" + at(0), made.ID},
		{"created_from=" + at(time.Microsecond), ""},
		{"status=awaiting_payment&created_until=" + at(time.Microsecond), made.ID},
		{"status=awaiting_payment&created_until=" + at(0), ""},
	} {
		var found listed
		w.Must(t, p.Key(support), http.MethodGet, "/v1/orders?"+row.query, nil, &found)
		if got := strings.Join(found.ids(), " "); got != row.want {
			t.Errorf("%s finds %q, want %q", row.query, got, row.want)
		}
	}
	for query, field := range map[string]string{
		"status=paid,stolen":   "status/1 enum",
		"status=paid,paid":     "status/1 unique_items",
		"status=":              "status/0 enum",
		"created_from=monday":  "created_from format",
		"out_trade_no=x":       "out_trade_no pattern",
		"order=newest":         "order enum",
		"status=paid&status=a": "status duplicate",
	} {
		if a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/orders?"+query, nil); a.Status != 400 {
			t.Errorf("%s: %d %s", query, a.Status, a.Body)
		} else {
			hasFieldOf(t, a, field)
		}
	}
	down := walk(t, w, p.Key(owner), "/v1/orders?limit=1").ids()
	up := walk(t, w, p.Key(owner), "/v1/orders?limit=1&order=asc").ids()
	slices.Reverse(up)
	if len(down) != 3 || !slices.Equal(down, up) {
		t.Errorf("newest first %v, oldest first (turned round) %v", down, up)
	}
}

func hasFieldOf(t *testing.T, a apitest.Answer, want string) {
	t.Helper()
	var p struct {
		Errors []struct{ Pointer, Code string }
	}
	a.Into(t, &p)
	for _, f := range p.Errors {
		if f.Pointer+" "+f.Code == want {
			return
		}
	}
	t.Errorf("no field %q: %s", want, a.Body)
}

// TestEventsForwards reads everything that happened in the order in which it did, from where the reader stopped; what
// has just happened comes later, so that nothing comes in behind the reader.
func TestEventsForwards(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var now listed
	w.Must(t, p.Key(developer), http.MethodGet, "/v1/events?order=asc", nil, &now)
	if len(now.Data) != 0 {
		t.Errorf("events of this moment are given forwards: %v", now.ids())
	}
	w.Clock.Advance(events.Settled + time.Second)
	all := walk(t, w, p.Key(developer), "/v1/events?order=asc&limit=2")
	back := walk(t, w, p.Key(developer), "/v1/events?limit=2").ids()
	slices.Reverse(back)
	if len(all.Data) < 6 || !slices.Equal(all.ids(), back) {
		t.Errorf("forwards %v, backwards (turned round) %v", all.ids(), back)
	}
	seen := map[string]int{}
	for _, e := range all.Data {
		if seen[e.SubjectID]++; e.Sequence != seen[e.SubjectID] {
			t.Errorf("%s is number %d of %s, want %d", e.Type, e.Sequence, e.SubjectID, seen[e.SubjectID])
		}
	}
	var rest listed
	w.Must(t, p.Key(developer), http.MethodGet, "/v1/events?order=asc&limit=100&after="+all.Data[3].ID, nil, &rest)
	if !slices.Equal(rest.ids(), all.ids()[4:]) {
		t.Errorf("after the fourth: %v", rest.ids())
	}
	var of listed
	w.Must(t, p.Key(developer), http.MethodGet, p.Fill("/v1/events?order=asc&subject_id={order_id}"), nil, &of)
	var types []string
	for _, e := range of.Data {
		types = append(types, e.Type)
	}
	if !slices.Equal(types, []string{"order.created", "order.paid", "order.delivered"}) {
		t.Errorf("of one order: %v", types)
	}
	w.Must(t, p.Key(developer), http.MethodGet,
		p.Fill("/v1/events?type=order.paid,order.created&subject_type=order&subject_id={order_id}"), nil, &of)
	if len(of.Data) != 2 {
		t.Errorf("two types of one order: %v", of.ids())
	}
	var none listed
	w.Must(t, p.Key(developer), http.MethodGet, p.Fill("/v1/events?subject_type=split&subject_id={order_id}"),
		nil, &none)
	if len(none.Data) != 0 {
		t.Errorf("splits of the order's number: %v", none.ids())
	}
}

// TestDeliveredAsRead: what an endpoint is sent is the event as getEvent answers it.
func TestDeliveredAsRead(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var attempt struct {
		RequestBody string `json:"request_body"`
	}
	w.Must(t, p.Key(developer), http.MethodGet,
		p.Fill("/v1/webhook_endpoints/{endpoint_id}/attempts/{attempt_id}"), nil, &attempt)
	var read, sent map[string]any
	w.Must(t, p.Key(developer), http.MethodGet, p.Fill("/v1/events/{event_id}"), nil, &read)
	if err := json.Unmarshal([]byte(attempt.RequestBody), &sent); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(sent, read) || read["sequence"] == nil {
		t.Errorf("sent %v, read %v", sent, read)
	}
}

// TestListsCount: a list tells on request how many it has on all pages, with its filters, from any page; on the pages
// that follow it need not be asked again.
func TestListsCount(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	w.Clock.Advance(events.Settled + time.Second)
	for path, want := range map[string]int{
		"/v1/orders?limit=1":                                 2,
		"/v1/orders?limit=1&order=asc":                       2,
		"/v1/orders?limit=1&status=closed":                   0,
		"/v1/merchants?limit=1":                              3,
		"/v1/merchants?limit=1&kind=supplier":                2,
		"/v1/events?limit=1&type=order.created":              2,
		"/v1/events?limit=1&type=order.created&order=asc":    2,
		"/v1/events?limit=1&subject_id=" + p.IDs["order_id"]: 3,
	} {
		var first, second, plain listed
		w.Must(t, p.Key(owner), http.MethodGet, path+"&include=count", nil, &first)
		if first.Total == nil || first.Total.Count != want || first.Total.Capped {
			t.Errorf("%s: %+v, want %d", path, first.Total, want)
		}
		if want < 2 {
			continue
		}
		w.Must(t, p.Key(owner), http.MethodGet, path+"&include=count&cursor="+first.NextCursor, nil, &second)
		if second.Total == nil || second.Total.Count != want || second.Data[0].ID == first.Data[0].ID {
			t.Errorf("the second page of %s: %+v, want %d", path, second.Total, want)
		}
		w.Must(t, p.Key(owner), http.MethodGet, path+"&cursor="+first.NextCursor, nil, &plain)
		if plain.Total != nil || plain.Data[0].ID != second.Data[0].ID {
			t.Errorf("the second page of %s, without a count: %+v", path, plain)
		}
	}
	if a := w.Do(t, p.Key(owner), http.MethodGet, "/v1/orders?include=sum", nil); a.Status != 400 {
		t.Errorf("include=sum: %d %s", a.Status, a.Body)
	}
}
