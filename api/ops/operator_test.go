package ops_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"zhitong/api/ops"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/secret"
	"zhitong/tenants/people"
	"zhitong/tenants/tenantstest"
)

const token = "the-token-of-the-operator"

// desk is a page of the operator, with its log.
type desk struct {
	http.Handler
	clock *clock.Movable
	log   *locked
}

type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newDesk() *desk { return newDeskOf(nil) }

// newDeskOf is a desk whose guesses are counted by what shared makes of its clock, unless that is nil.
func newDeskOf(shared func(clock.Clock) ops.Guesses) *desk {
	d := &desk{clock: clock.FrozenAt(time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)), log: &locked{}}
	o := ops.NewOperator(secret.New(token), slog.New(slog.NewJSONHandler(d.log, nil)), d.clock, nil)
	if shared != nil {
		o.Shared(shared(d.clock))
	}
	d.Handler = o.Only("default-src 'none'; frame-ancestors 'none'",
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=3600")
			_, _ = io.Copy(w, r.Body)
		}))
	return d
}

func (d *desk) ask(from, method, body string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/ops/river/api/jobs/cancel", strings.NewReader(body))
	r.RemoteAddr = from + ":1234"
	change(r)
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func password(p string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth("wang", p) }
}

// TestOperatorOnly: the page opens to the operator's token and to nothing else, and says the same to everybody else.
func TestOperatorOnly(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"nothing": func(*http.Request) {}, "an empty password": password(""), "a wrong password": password(token + "x"),
		"the beginning":         password(token[:10]),
		"a wrong bearer":        func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") },
		"an empty bearer":       func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") },
		"the token as the user": func(r *http.Request) { r.SetBasicAuth(token, "") },
	} {
		if w := newDesk().ask("192.0.2.1", http.MethodGet, "", change); w.Code != http.StatusUnauthorized ||
			w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s is answered with %d", name, w.Code)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"the password": password(token),
		"the bearer":   func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) },
	} {
		w := newDesk().ask("192.0.2.1", http.MethodGet, "", change)
		if w.Code != http.StatusOK {
			t.Errorf("%s is answered with %d", name, w.Code)
		}
		for header, want := range map[string]string{"Cache-Control": "no-store", "X-Frame-Options": "DENY",
			"Content-Security-Policy": "frame-ancestors 'none'", "Request-Id": "req_",
			"X-Content-Type-Options": "nosniff"} {
			if have := w.Header().Get(header); !strings.Contains(have, want) {
				t.Errorf("%s: %s is %q", name, header, have)
			}
		}
	}
}

// TestOperatorIsNotGuessed: after some wrong tokens no token of the address is looked at, not even the right one, until
// their time is over; and after many of all addresses, none but of those that had signed in.
func TestOperatorIsNotGuessed(t *testing.T) {
	t.Parallel()
	t.Run("by one process", func(t *testing.T) {
		t.Parallel()
		notGuessed(t, newDesk())
	})
	t.Run("by the database", func(t *testing.T) {
		t.Parallel()
		notGuessed(t, newDeskOf(counted(t)))
	})
}

// counted makes counts in a database of its own.
func counted(t *testing.T) func(clock.Clock) ops.Guesses {
	t.Helper()
	d, v := dbtest.NewDB(t), tenantstest.Vault(t)
	return func(c clock.Clock) ops.Guesses { return people.New(d, v, c).Operators() }
}

func notGuessed(t *testing.T, d *desk) {
	t.Helper()
	try := func(from, p string) int { return d.ask(from, http.MethodGet, "", password(p)).Code }
	const mine, known = "192.0.2.1", "192.0.2.2"
	if code := try(known, token); code != http.StatusOK {
		t.Fatal(code)
	}
	for i := range ops.GuessesPerAddress {
		if code := try(mine, "guess-"+strconv.Itoa(i)); code != http.StatusUnauthorized {
			t.Fatalf("attempt %d: %d", i, code)
		}
	}
	for range 3 {
		if code := try(mine, token); code != http.StatusTooManyRequests {
			t.Errorf("the right token after too many wrong ones: %d", code)
		}
	}
	if code := try("192.0.2.3", token); code != http.StatusOK {
		t.Errorf("another address: %d", code)
	}
	for i := 0; i < ops.GuessesInAll; i++ {
		try("198.51.100."+strconv.Itoa(i), "guess")
	}
	if code := try("203.0.113.1", token); code != http.StatusTooManyRequests {
		t.Errorf("after too many of all: %d", code)
	}
	if code := try(known, token); code != http.StatusOK {
		t.Errorf("who had signed in is held up by others: %d", code)
	}
	for range ops.GuessesPerAddress { // an address that is known is bounded, too
		try(known, "guess")
	}
	if code := try(known, token); code != http.StatusTooManyRequests {
		t.Errorf("a known address guesses on: %d", code)
	}
	d.clock.Advance(10 * time.Minute)
	if code := try(mine, token); code != http.StatusOK {
		t.Errorf("after the time: %d", code)
	}
	log := d.log.String()
	for text, want := range map[string]int{`"operator signed in"`: 3,
		`"operator sign-in held up"`: 5 + ops.GuessesPerAddress,
		`"operator sign-in refused"`: ops.GuessesPerAddress*2 + ops.GuessesInAll - ops.GuessesPerAddress} {
		if n := strings.Count(log, text); n != want {
			t.Errorf("the log has %s %d times, want %d", text, n, want)
		}
	}
	if strings.Contains(log, token) || strings.Contains(log, "guess") || strings.Contains(log, `"client_address":""`) {
		t.Errorf("the log has what was tried, or no address: %.500s", log)
	}
}

// TestManyGuessesAtOnce: those that are sent at the same time are no more.
func TestManyGuessesAtOnce(t *testing.T) {
	t.Parallel()
	d := newDeskOf(counted(t))
	var wg sync.WaitGroup
	var mu sync.Mutex
	looked := 0
	for i := range 200 {
		wg.Go(func() {
			if d.ask("192.0.2.1", http.MethodGet, "", password(strconv.Itoa(i))).Code == http.StatusUnauthorized {
				mu.Lock()
				looked++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if looked != ops.GuessesPerAddress {
		t.Errorf("%d tokens were looked at, want %d", looked, ops.GuessesPerAddress)
	}
}

// TestActsAreTold: an act is in the log with who, what and from where; a look is a line like any request's.
func TestActsAreTold(t *testing.T) {
	t.Parallel()
	d := newDesk()
	w := d.ask("192.0.2.1", http.MethodPost, "{\n\"ids\": [\"12\", \"13\"]}", password(token))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"13"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, want := range []string{`"msg":"operator act"`, `"user":"wang"`, `"client_address":"192.0.2.1"`,
		`"path":"/ops/river/api/jobs/cancel"`, `"method":"POST"`, `\"ids\":[\"12\",\"13\"]`, `"request_id":"req_`} {
		if !strings.Contains(d.log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, d.log)
		}
	}
	before := strings.Count(d.log.String(), "operator act")
	d.ask("192.0.2.1", http.MethodGet, "", password(token))
	d.ask("192.0.2.1", http.MethodPost, `{"ids":[1]}`, password("wrong"))
	if n := strings.Count(d.log.String(), "operator act"); n != before {
		t.Errorf("a look, or what was refused, is told as an act")
	}
	if w := d.ask("192.0.2.1", http.MethodPost, strings.Repeat(" ", 70<<10), password(token)); w.Code != 413 {
		t.Errorf("a large act: %d", w.Code)
	}
}

// TestGuessesOfAllProcesses: what is guessed at one process counts at another, and at one that starts later. Two that
// count by themselves let twice as many through. One that has lost its database counts by itself.
func TestGuessesOfAllProcesses(t *testing.T) {
	t.Parallel()
	const mine = "192.0.2.1"
	looked := func(desks ...*desk) (n int) {
		for i := range 3 * ops.GuessesPerAddress {
			if desks[i%len(desks)].ask(mine, http.MethodGet, "", password("guess")).Code == http.StatusUnauthorized {
				n++
			}
		}
		return n
	}
	shared := counted(t)
	one, two := newDeskOf(shared), newDeskOf(shared)
	if n := looked(one, two); n != ops.GuessesPerAddress {
		t.Errorf("%d were looked at by two processes, want %d", n, ops.GuessesPerAddress)
	}
	for name, d := range map[string]*desk{"the first": one, "the second": two, "a new one": newDeskOf(shared)} {
		if w := d.ask(mine, http.MethodGet, "", password(token)); w.Code != http.StatusTooManyRequests {
			t.Errorf("%s process answers %d", name, w.Code)
		}
		if w := d.ask("192.0.2.2", http.MethodGet, "", password(token)); w.Code != http.StatusOK {
			t.Errorf("%s process answers another address with %d", name, w.Code)
		}
	}
	if n := looked(newDesk(), newDesk()); n != 2*ops.GuessesPerAddress {
		t.Errorf("%d were looked at by two that count by themselves: the test proves nothing", n)
	}
	lost := newDeskOf(func(clock.Clock) ops.Guesses { return away{} })
	if n := looked(lost); n != ops.GuessesPerAddress {
		t.Errorf("%d were looked at without a database", n)
	}
}

// away is a database that is not there.
type away struct{}

var errAway = errors.New("away")

func (away) Begin(context.Context, string) (time.Duration, bool, error) { return 0, false, errAway }
func (away) Wrong(context.Context, string) error                        { return errAway }
func (away) Right(context.Context, string) (bool, error)                { return false, errAway }

// TestActsAreRecordedBefore: an act on jobs is told with their numbers before it is done, and is not done when that
// fails. What is about no job is not held up.
func TestActsAreRecordedBefore(t *testing.T) {
	t.Parallel()
	var told []ops.Act
	var fails error
	o := ops.NewOperator(secret.New(token), slog.New(slog.DiscardHandler), clock.System{}, nil).
		Record(func(_ context.Context, a ops.Act) error {
			told = append(told, a)
			return fails
		})
	done := 0
	h := o.Only("", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { done++ }))
	ask := func(method, path, body string) int {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.SetBasicAuth("wang", token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	ask(http.MethodPost, "/ops/river/api/jobs/cancel", `{"ids":["12",13]}`)
	ask(http.MethodGet, "/ops/river/api/jobs", "")
	ask(http.MethodPut, "/ops/river/api/queues/default/pause", "")
	if len(told) != 1 || told[0].Verb != "cancel" || !slices.Equal(told[0].Jobs, []int64{12, 13}) || done != 3 {
		t.Errorf("told %+v, done %d", told, done)
	}
	fails = errAway
	if code := ask(http.MethodPost, "/ops/river/api/jobs/delete", `{"ids":["12"]}`); code != 503 || done != 3 {
		t.Errorf("an act that cannot be recorded: %d, done %d", code, done)
	}
}
