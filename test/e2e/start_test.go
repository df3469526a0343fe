package e2e_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"zhitong/cmd/zhitong/boot"
	"zhitong/db/migrations"
	"zhitong/internal/secret"
)

// gap is an address of the database that nobody listens on until it is closed.
type gap struct {
	t       *testing.T
	address string // of the gap
	target  string // of Postgres
	mu      sync.Mutex
	conns   []net.Conn
}

// openGap puts a gap between the program and its database.
func (w *world) openGap() *gap {
	w.t.Helper()
	u, err := url.Parse(w.config.DatabaseURL.Reveal())
	if err != nil {
		w.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	g := &gap{t: w.t, address: l.Addr().String(), target: u.Host}
	_ = l.Close()
	u.Host = g.address
	w.config.DatabaseURL = secret.New(u.String())
	return g
}

// close forwards connections from now on.
func (g *gap) close() {
	g.t.Helper()
	l, err := net.Listen("tcp", g.address)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() {
		_ = l.Close()
		g.mu.Lock()
		defer g.mu.Unlock()
		for _, c := range g.conns {
			_ = c.Close()
		}
	})
	go func() {
		for {
			here, err := l.Accept()
			if err != nil {
				return
			}
			there, err := net.Dial("tcp", g.target)
			if err != nil {
				_ = here.Close()
				continue
			}
			g.mu.Lock()
			g.conns = append(g.conns, here, there)
			g.mu.Unlock()
			go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
			go func() { _, _ = io.Copy(here, there); _ = here.Close() }()
		}
	}()
}

// launch runs a program that need not come up; ended hears how it ended.
func (w *world) launch() (address string, ended <-chan error) {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	program, err := boot.Build(w.ctx, w.config,
		boot.Options{API: true, Workers: true, Listener: l, Log: w.log.logger()})
	if err != nil {
		w.t.Fatalf("the program does not wait for its database: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	end, over := make(chan error, 1), make(chan struct{})
	go func() {
		end <- program.Run(ctx, nil)
		close(over)
	}()
	w.t.Cleanup(func() { cancel(); <-over })
	return l.Addr().String(), end
}

func (w *world) ask(address, path string) (status int, body string, header http.Header) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.ctx, http.MethodGet, "http://"+address+path, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, string(raw), res.Header
}

// TestStartBeforeTheDatabase: a program that is started before its database lives, is not ready, tells callers to come
// again, and works as soon as the database is there.
func TestStartBeforeTheDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.openGap()
	address, _ := w.launch()
	if status, _, _ := w.ask(address, "/livez"); status != http.StatusOK {
		t.Errorf("/livez: %d", status)
	}
	if status, body, _ := w.ask(address, "/readyz"); status != http.StatusServiceUnavailable ||
		!strings.Contains(body, "database") {
		t.Errorf("/readyz: %d %s", status, body)
	}
	if status, body, header := w.ask(address, "/v1/tenant"); status != http.StatusServiceUnavailable ||
		!strings.Contains(body, `"database_unavailable"`) || header.Get("Retry-After") == "" {
		t.Errorf("the API: %d %s", status, body)
	}
	if !strings.Contains(w.log.tail(), "waiting for it") {
		t.Errorf("the log does not say what it waits for: %s", w.log.tail())
	}
	g.close()
	w.front.to(address)
	client := w.client()
	if err := client.Until(w.ctx, "readiness", func(context.Context) (bool, error) {
		status, _, _ := w.ask(address, "/readyz")
		return status == http.StatusOK, nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := client.Until(w.ctx, "the API", func(context.Context) (bool, error) {
		status, _, _ := w.ask(address, "/v1/tenant")
		return status == http.StatusUnauthorized, nil
	}); err != nil {
		t.Fatal(err)
	}
	s := w.openShop(1)
	o := w.order(s)
	w.pay(s, o)
	w.waitOrder(s, o, "delivered")
	if _, err := s.WaitSplit(w.ctx, o.ID); err != nil { // its jobs are worked
		t.Fatal(err)
	}
	w.holds()
}

// TestStartBeforeAnOldDatabase: the database that comes has a schema that this binary cannot work with. It is told as
// at any other start.
func TestStartBeforeAnOldDatabase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	newest, err := migrations.Newest()
	if err != nil {
		t.Fatal(err)
	}
	w.admin("DELETE FROM goose_db_version WHERE version_id = $1", newest)
	g := w.openGap()
	_, ended := w.launch()
	g.close()
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "zhitong migrate up") {
			t.Errorf("it ended with %v", err)
		}
	case <-w.ctx.Done():
		t.Error("it does not end")
	}
}
