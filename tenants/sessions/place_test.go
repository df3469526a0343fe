package sessions_test

import (
	"context"
	"crypto/sha256"
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
	const updated = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/131.0.0.1 Safari/537.36"
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

// TestNewPlaceAtOnce: who signs in at a new place while another session begins there waits for it, and is not told of.
func TestNewPlaceAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.joins(t, h.person, h.owns)
	h.start(t)
	done := make(chan error, 1)
	if err := h.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
		if _, err := tx.Exec(ctx, "SELECT FROM people WHERE id = $1 FOR NO KEY UPDATE", h.person); err != nil {
			return err
		}
		go func() {
			_, _, err := h.Start(t.Context(), h.person, []string{"password"}, "198.51.100.1", "Firefox")
			done <- err
		}()
		if err := h.waits(t, done); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO sessions (id, person_id, token_hash, methods, address, agent, created_at,
			last_seen_at)
			VALUES (gen_random_uuid(), $1, sha256('other'), '{}', '198.51.100.1', 'Firefox', now(), now())`, h.person)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if have := h.told(t); len(have) != 0 {
		t.Errorf("told %v", have)
	}
}

// waits returns when somebody waits for a lock, or what they do is done.
func (h *house) waits(t *testing.T, done chan error) error {
	t.Helper()
	for {
		waiting := 0
		if err := h.db.Shared(t.Context(), func(ctx context.Context, tx db.SharedTx) error {
			return tx.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "+
				"wait_event_type = 'Lock'").Scan(&waiting)
		}); err != nil || waiting > 0 {
			return err
		}
		select {
		case err := <-done:
			done <- err
			return nil
		default:
		}
	}
}
