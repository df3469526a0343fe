package apitest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"zhitong/api/apitest"
	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/tasks"
)

// heard is one message of a stream.
type heard struct {
	position, event string
	data            struct {
		ID          string `json:"id"`
		Type        string `json:"type"`
		SubjectType string `json:"subject_type"`
		SubjectID   string `json:"subject_id"`
		Status      string `json:"status"` // of a task
	}
}

// listen opens a stream and gives its messages until it ends; then the channel is closed.
func listen(t *testing.T, w *apitest.World, key, after string) (<-chan heard, context.CancelFunc) {
	t.Helper()
	return listenAs(t, w, http.Header{"Authorization": {"Bearer " + key}}, after)
}

// listenAs is listen for whoever the header names.
func listenAs(t *testing.T, w *apitest.World, who http.Header, after string) (<-chan heard, context.CancelFunc) {
	t.Helper()
	return listenTo(t, w, "/v1/stream", who, after)
}

// listenTo is listenAs at another stream.
func listenTo(
	t *testing.T, w *apitest.World, path string, who http.Header, after string,
) (<-chan heard, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = who
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	out := make(chan heard, 100)
	go func() {
		defer close(out)
		defer res.Body.Close()
		var h heard
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			line := lines.Text()
			switch name, rest, _ := strings.Cut(line, ": "); {
			case line == "" && h.event != "":
				out <- h
				h = heard{}
			case name == "id":
				h.position = rest
			case name == "event":
				h.event = rest
			case name == "data":
				if err := json.Unmarshal([]byte(rest), &h.data); err != nil {
					t.Errorf("%s: %v", rest, err)
				}
			}
		}
	}()
	return out, cancel
}

// next is the next message; a stream that ends or stays silent fails.
func next(t *testing.T, from <-chan heard) heard {
	t.Helper()
	select {
	case h, ok := <-from:
		if !ok {
			t.Fatal("the stream ended")
		}
		return h
	case <-time.After(time.Minute): // only what never comes fails
		t.Fatal("nothing is told")
	}
	return heard{}
}

// happen writes an event of an order, made at a time, and gives its id.
func happen(t *testing.T, w *apitest.World, p *apitest.Tenant, at time.Time) string {
	t.Helper()
	e := id.First[id.Event](at)
	e[15] = 1
	w.In(t, p, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, `INSERT INTO events (id, type, subject_type, subject_id, data, created_at)
			VALUES ($1, 'order.paid', 'order', gen_random_uuid(), '{}', $2)`, e, at)
		return err
	})
	return e.String()
}

// TestStream: what happens through one instance is told by another at once. After a cut a reader goes on from its
// position: it misses nothing, not even what comes in behind what it has heard.
func TestStream(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	w, second := apitest.NewWorldOn(t, d), apitest.NewWorldOn(t, d)
	p := w.NewTenant(t, "甲")
	other := w.NewTenant(t, "乙")
	told, cut := listen(t, second, p.Key(owner), "")
	foreign, _ := listen(t, second, other.Key(owner), "")
	order, _ := w.Order(t, p)
	h := next(t, told)
	if h.event != "order.created" || h.data.Type != h.event || h.data.SubjectType != "order" ||
		h.data.SubjectID != order || h.data.ID == "" {
		t.Fatalf("told %+v", h)
	}
	now := w.Clock.Now() // hours apart, so that nothing settles while the test goes on
	newer := happen(t, w, p, now.Add(3*time.Hour))
	if h = next(t, told); h.data.ID != newer {
		t.Fatalf("told %+v, want %s", h, newer)
	}
	cut()
	position := h.position
	late := happen(t, w, p, now.Add(time.Hour)) // its transaction took longer
	after := happen(t, w, p, now.Add(4*time.Hour))
	told, _ = listen(t, w, p.Key(owner), position)
	seen := map[string]int{}
	for seen[after] == 0 {
		seen[next(t, told).data.ID]++
	}
	if seen[late] != 1 || seen[newer] > 1 {
		t.Errorf("after the cut: late %d, newer %d times", seen[late], seen[newer])
	}
	// once all that is settled, the position is behind it, and nothing is told again
	w.Clock.Advance(5 * time.Hour)
	last := happen(t, w, p, w.Clock.Now())
	h = next(t, told)
	if h.data.ID != last || h.position != after {
		t.Errorf("told %+v, want %s at %s", h, last, after)
	}
	select {
	case h := <-foreign:
		t.Errorf("another platform is told %+v", h)
	default:
	}
}

// TestStreamEnds: the stream of a key that is revoked ends; a role that lists no events has none; the ninth of a caller
// is refused, and one that leaves makes room.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	var made struct{ ID, Secret string }
	w.Must(t, p.Key(owner), "POST", "/v1/api_keys", object{"name": "x", "role": "developer"}, &made)
	told, _ := listen(t, w, made.Secret, "")
	for _, role := range []tenants.Role{support, finance, riskRole, supplier, tenants.RoleStorefront} {
		if a := w.Do(t, p.Key(role), "GET", "/v1/stream", nil); a.Status != http.StatusForbidden {
			t.Errorf("%s: %d", role, a.Status)
		}
	}
	for range 7 {
		listen(t, w, made.Secret, "")
	}
	if a := w.Do(t, made.Secret, "GET", "/v1/stream", nil); a.Code() != "rate_limited" {
		t.Errorf("the ninth stream: %d %s", a.Status, a.Body)
	}
	w.Must(t, p.Key(owner), "DELETE", "/v1/api_keys/"+made.ID, nil, nil)
	deadline := time.After(time.Minute)
	for ended := false; !ended; {
		w.Order(t, p)
		select {
		case _, open := <-told:
			ended = !open
		case <-deadline:
			t.Fatal("the stream of a revoked key goes on")
		}
	}
}

// TestStreamOfAPerson: who is signed in follows the events of their platform, until they are no member any more.
func TestStreamOfAPerson(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p := w.NewTenant(t, "甲")
	w.Order(t, p)
	// From a known event: joining moves the clock, which identifiers do not follow.
	var events struct{ Data []struct{ ID string } }
	w.Must(t, p.Key(owner), "GET", "/v1/events?limit=1", nil, &events)
	s := join(t, w, p, developer)
	told, _ := listenAs(t, w, http.Header{"Cookie": {"zt_session=" + s.token}, "Sec-Fetch-Site": {"same-origin"},
		"Zhitong-Tenant": {s.tenant}}, events.Data[0].ID)
	w.Order(t, p)
	h := next(t, told)
	for ; h.event != "order.created"; h = next(t, told) { // before it: that somebody was invited, and joined
		if !strings.HasPrefix(h.event, "invitation.") && !strings.HasPrefix(h.event, "member.") {
			t.Fatalf("told %+v", h)
		}
	}
	var members struct{ Data []struct{ ID, Email string } }
	w.Must(t, p.Key(owner), "GET", "/v1/members", nil, &members)
	for _, m := range members.Data {
		if m.Email == lifang {
			w.Must(t, p.Key(owner), "DELETE", "/v1/members/"+m.ID, nil, nil)
		}
	}
	deadline := time.After(time.Minute)
	for ended := false; !ended; {
		w.Order(t, p)
		select {
		case _, open := <-told:
			ended = !open
		case <-deadline:
			t.Fatal("the stream of a removed member goes on")
		}
	}
}

// TestStreamOfATask: whoever may read a task is told how it stands, then how it gets on, until it has ended.
func TestStreamOfATask(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	p, other := w.NewTenant(t, "甲"), w.NewTenant(t, "乙")
	var made struct{ ID string }
	w.Must(t, p.Key(owner), "POST", "/v1/exports", object{"list": "orders", "format": "csv"}, &made, key()...)
	path := "/v1/tasks/" + made.ID + "/stream"
	if a := w.Do(t, other.Key(owner), "GET", path, nil); a.Code() != "task_not_found" {
		t.Errorf("another platform: %d %s", a.Status, a.Body)
	}
	if a := w.Do(t, p.Key(tenants.RoleStorefront), "GET", path, nil); a.Status != http.StatusForbidden {
		t.Errorf("a shop: %d %s", a.Status, a.Body)
	}
	told, _ := listenTo(t, w, path, http.Header{"Authorization": {"Bearer " + p.Key(owner)}}, "")
	if h := next(t, told); h.event != "task" || h.data.ID != made.ID || h.data.Status != "queued" {
		t.Fatalf("told %+v", h)
	}
	task, err := id.Parse[id.Task](made.ID)
	if err != nil {
		t.Fatal(err)
	}
	for more := true; more; {
		if more, err = w.Deps.Tasks.Run(t.Context(), p.ID, task, tasks.Steps(1)); err != nil {
			t.Fatal(err)
		}
	}
	last := next(t, told)
	for last.data.Status == "running" {
		last = next(t, told)
	}
	if last.data.Status != "succeeded" {
		t.Errorf("told %+v", last)
	}
	if h, open := <-told; open {
		t.Errorf("after the end it tells %+v", h)
	}
	again, _ := listenTo(t, w, path, http.Header{"Authorization": {"Bearer " + p.Key(owner)}}, "")
	if h := next(t, again); h.data.Status != "succeeded" || h.position != last.position {
		t.Errorf("told again %+v, want %+v", h, last)
	}
}
