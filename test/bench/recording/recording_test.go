package recording_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/test/bench/recording"
)

var update = flag.Bool("update", false, "write the pgbench scripts anew")

var theKeys = sync.OnceValues(recording.NewKeys)

func record(t *testing.T) (create, paid recording.Transaction) {
	t.Helper()
	k, err := theKeys()
	if err != nil {
		t.Fatal(err)
	}
	create, paid, err = recording.Both(t.Context(), dbtest.NewDBWith(t, db.Config{Tracer: recording.Tracer{}}), k)
	if err != nil {
		t.Fatal(err)
	}
	return create, paid
}

// TestScripts: what pgbench runs is what the product runs.
func TestScripts(t *testing.T) {
	t.Parallel()
	create, paid := record(t)
	for _, s := range recording.Scripts(create, paid) {
		path := filepath.Join("..", "pgbench", s.Name)
		if *update {
			if err := os.WriteFile(path, []byte(s.Text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(have) == s.Text {
			continue
		}
		h, w := strings.Split(string(have), "\n"), strings.Split(s.Text, "\n")
		for i := range min(len(h), len(w)) {
			if h[i] != w[i] {
				t.Errorf("test/bench/pgbench/%s, line %d, is not what the product sends; make generate writes it "+
					"anew, and budgets and figures may change\nhave %s\nwant %s",
					s.Name, i+1, h[i], w[i])
				break
			}
		}
		if len(h) != len(w) {
			t.Errorf("test/bench/pgbench/%s has %d lines, want %d", s.Name, len(h), len(w))
		}
	}
}
