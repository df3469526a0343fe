package db_test

import (
	"context"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
)

// wire stands between the program and Postgres: it counts how often the program speaks after Postgres spoke, and can
// lose an answer.
type wire struct {
	addr string

	mu    sync.Mutex
	trips int
	lose  bool
}

func (w *wire) roundTrips() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.trips
}

// loseNextAnswer lets the next thing the program says through and cuts the connection in the place of the answer.
func (w *wire) loseNextAnswer() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = true
}

// throughWire is a database of the test's own, reached by one connection through a wire.
func throughWire(t *testing.T) (*db.DB, *wire) {
	t.Helper()
	direct := dbtest.NewDB(t)
	u, err := url.Parse(dbtest.AppURL(t, direct))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{addr: u.Host}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.carry(c)
		}
	}()
	u.Host = l.Addr().String()
	d, err := db.Open(context.Background(), db.Config{URL: u.String(), MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d, w
}

func (w *wire) carry(client net.Conn) {
	server, err := net.Dial("tcp", w.addr)
	if err != nil {
		_ = client.Close()
		return
	}
	answered, cut := true, false // under mu
	pump := func(from, to net.Conn, seen func() (forward bool)) {
		defer client.Close()
		defer server.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := from.Read(buf)
			if n > 0 {
				if !seen() {
					return
				}
				if _, err := to.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
	go pump(client, server, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		if answered {
			w.trips++
			answered = false
		}
		cut, w.lose = cut || w.lose, false
		return true
	})
	pump(server, client, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		answered = true
		return !cut
	})
}

// TestTimesAreUTC: a time that is read is in UTC, as the API promises, whatever the zone of the machine is.
func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	var plain time.Time
	var null *time.Time
	if err := dbtest.TestTx(t).QueryRow(t.Context(), "SELECT now(), now()").Scan(&plain, &null); err != nil {
		t.Fatal(err)
	}
	if plain.Location() != time.UTC || null.Location() != time.UTC {
		t.Errorf("read in %s and %s", plain.Location(), null.Location())
	}
}
