package boot

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zhitong/internal/clock"
)

// TestOneLength: a request that tells its length twice is answered with 400 and ends its connection, wherever it stands
// on it; requests that tell it once are served, whatever their bodies look like.
func TestOneLength(t *testing.T) {
	t.Parallel()
	const (
		post  = "POST /x HTTP/1.1\r\nHost: a\r\n"
		te    = "Transfer-Encoding: chunked\r\n"
		chunk = "5;x=y\r\nhello\r\n0\r\nTrailer: 1\r\n\r\n"
		good  = post + "Content-Length: 5\r\n\r\nhello"
		trap  = "\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
	)
	trapped := fmt.Sprintf(post+"Content-Length: %d\r\n\r\n%s", len(trap), trap)
	trappedChunk := fmt.Sprintf(post+te+"\r\n%x\r\n%s\r\n0\r\n\r\n", len(trap), trap)
	const (
		both   = post + "Content-Length: 5\r\n" + te + "\r\n" + chunk
		turned = post + te + "Content-Length: 5\r\n\r\n" + chunk
		bare   = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
		equal  = post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"
		colons = post + "X: Content-Length: Transfer-Encoding: 1\r\nContent-Length: 5\r\n\r\nhello"
	)
	lines := strings.ReplaceAll(strings.TrimSuffix(both, chunk), "\r", "") + chunk
	other := strings.NewReplacer("Content-Length", "CONTENT-LENGTH", "Transfer-E", "transfer-e").Replace(both)
	for name, c := range map[string]struct {
		sent string
		want string // statuses, and what the handler read, in order
	}{
		"length, then encoding":       {both, "400"},
		"encoding, then length":       {turned, "400"},
		"other letters":               {other, "400"},
		"lines that end in \\n":       {lines, "400"},
		"nought and encoding":         {strings.Replace(both, "Length: 5", "Length: 0", 1), "400"},
		"the second of a connection":  {good + both, "200 5 400"},
		"after chunks":                {post + te + "\r\n" + chunk + turned, "200 5 400"},
		"after a request without one": {bare + turned, "200 0 400"},
		"a length alone":              {good + good, "200 5 200 5"},
		"an encoding alone":           {post + te + "\r\n" + chunk + good, "200 5 200 5"},
		"a body that looks like one":  {trapped + good, "200 51 200 5"},
		"a chunk that looks like one": {trappedChunk + good, "200 51 200 5"},
		"the same length twice":       {equal + good, "200 5 200 5"},
		"a value with colons":         {colons, "200 5"},
	} {
		for _, piece := range []int{1 << 20, 1} { // whole, and byte by byte
			t.Run(fmt.Sprint(name, piece), func(t *testing.T) {
				t.Parallel()
				if got := exchange(t, c.sent, piece); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		}
	}
}

// exchange sends bytes in pieces, and gives the statuses that come back with the bodies' lengths that the handler read.
func exchange(t *testing.T, sent string, piece int) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read a body: %v", err)
		}
		_, _ = fmt.Fprint(w, len(body))
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Listener = framedListener{s.Listener}
	s.Start()
	defer s.Close()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(clock.System{}.Now().Add(time.Minute))
	go func() {
		for rest := sent; rest != ""; {
			n := min(piece, len(rest))
			if _, err := io.WriteString(c, rest[:n]); err != nil {
				return // refused before its end
			}
			rest = rest[n:]
		}
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	var got []string
	for in := bufio.NewReader(c); ; {
		a, err := http.ReadResponse(in, nil)
		if err != nil {
			return strings.Join(got, " ")
		}
		body, _ := io.ReadAll(a.Body)
		_ = a.Body.Close()
		got = append(got, fmt.Sprint(a.StatusCode))
		if a.StatusCode == http.StatusOK {
			got = append(got, string(body))
		}
	}
}

// FuzzOneLength: following a stream in pieces is following it whole, and nothing of it is changed but a colon.
func FuzzOneLength(f *testing.F) {
	f.Add("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 3)
	f.Fuzz(func(t *testing.T, sent string, piece int) {
		whole, pieces := []byte(sent), []byte(sent)
		new(framing).follow(whole)
		var p framing
		for i, n := 0, max(1, piece); i < len(pieces); i += n {
			n = min(n, len(pieces)-i)
			p.follow(pieces[i : i+n])
		}
		if string(whole) != string(pieces) {
			t.Errorf("in pieces %q, whole %q", pieces, whole)
		}
		for i := range whole {
			if whole[i] != sent[i] && (sent[i] != ':' || whole[i] != ' ') {
				t.Errorf("changed at %d: %q", i, whole)
			}
		}
	})
}
