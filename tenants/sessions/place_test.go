package sessions_test

import (
	"context"
	"crypto/sha256"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
)

// joins lists a person as a member of a tenant.
func (h *house) joins(t *testing.T, p id.Person, tenant id.Tenant) id.Member {
	t.Helper()
	m, sum := id.New[id.Member](), sha256.Sum256(p[:])
	if err := h.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO people (id, email_digest, sealed_email, language, created_at)
			VALUES ($1, $2, '', 'zh', now()) ON CONFLICT DO NOTHING`, p, sum[:]); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO memberships (person_id, member_of, member_id) VALUES ($1, $2, $3)", p,
			tenant, m)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return m
}

// told are how many jobs there are, by whom they tell; the person's own is of the zero tenant.
func (h *house) told(t *testing.T) map[id.Tenant]int {
	t.Helper()
	out := map[id.Tenant]int{}
	if err := h.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		rows, err := tx.Query(ctx, `SELECT coalesce(args ->> 'tenant_id', '00000000-0000-0000-0000-000000000000')::uuid
			FROM river.river_job WHERE kind = ANY($1)`, []string{queue.MemberTold{}.Kind(), queue.PlaceMail{}.Kind()})
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var tenant id.Tenant
			if err := rows.Scan(&tenant); err != nil {
				return err
			}
			out[tenant]++
		}
		return rows.Err()
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestNewPlace: a person who is a member of two platforms signs in from a place that is new, and both are told, once;
// nobody is told of anybody's first session, nor of a browser's update.
func TestNewPlace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := id.New[id.Person]()
	for _, m := range []struct {
		id.Person
		id.Tenant
	}{{h.person, h.owns}, {h.person, h.sells}, {other, h.owns}} {
		h.joins(t, m.Person, m.Tenant)
	}
	const chrome = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
	const updated = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.1 Safari/537.36"
	for _, c := range []struct {
		what           string
		who            id.Person
		address, agent string
		owns, sells    int // how many the platforms have been told by then
		mails          int
	}{
		{"the first", h.person, "203.0.113.9", chrome, 0, 0, 0},
		{"the same", h.person, "203.0.113.9", chrome, 0, 0, 0},
		{"an update", h.person, "203.0.113.77", updated, 0, 0, 0},
		{"another network", h.person, "198.51.100.1", chrome, 1, 1, 1},
		{"the same network", h.person, "198.51.100.2", updated, 1, 1, 1},
		{"another browser", h.person, "203.0.113.9", "curl/8", 2, 2, 2},
		{"the same browser elsewhere, known", h.person, "198.51.100.3", "curl/9", 2, 2, 2},
		{"another person's first", other, "192.0.2.1", "Firefox", 2, 2, 2},
		{"another person elsewhere", other, "2001:db8::1", "Firefox", 3, 2, 3},
	} {
		if _, _, err := h.Start(t.Context(), c.who, []string{"password"}, c.address, c.agent); err != nil {
			t.Fatal(err)
		}
		have := h.told(t)
		if have[h.owns] != c.owns || have[h.sells] != c.sells || have[id.Tenant{}] != c.mails {
			t.Errorf("%s: told %v", c.what, have)
		}
	}
}

// TestNewPlaceAtOnce: of sessions that begin at once at a new place one is new.
func TestNewPlaceAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.joins(t, h.person, h.owns)
	h.start(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, _, err := h.Start(t.Context(), h.person, []string{"password"}, "198.51.100.1", "Firefox"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if have := h.told(t); have[h.owns] != 1 || have[id.Tenant{}] != 1 {
		t.Errorf("told %v", have)
	}
}
