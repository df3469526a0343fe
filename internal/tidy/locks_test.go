package tidy_test

import (
	"regexp"
	"testing"
)

// referenced are the tables that a checkout's rows refer to by foreign keys. FOR UPDATE on one of their rows would stop
// every checkout that refers to it; FOR NO KEY UPDATE does not.
var referenced = regexp.MustCompile(
	`(?s)\bFROM (tenants|merchants|products|split_rules|split_rule_versions|applications|webhook_endpoints)\b` +
		`.*\bFOR UPDATE\b`)

// TestLocksLetForeignKeysPass: a row that others refer to is locked by FOR NO KEY UPDATE.
func TestLocksLetForeignKeysPass(t *testing.T) {
	t.Parallel()
	if !referenced.MatchString("SELECT id FROM products\nWHERE id = @id FOR UPDATE;") ||
		referenced.MatchString("SELECT id FROM products WHERE id = @id FOR NO KEY UPDATE;") {
		t.Error("the pattern does not find what it is for")
	}
	walk(t, ".sql", func(path string, b []byte) {
		for _, query := range regexp.MustCompile(`(?m)^-- name: `).Split(string(b), -1)[1:] {
			if referenced.MatchString(query) {
				t.Errorf("%s: %s locks FOR UPDATE: it would stop checkouts", path,
					regexp.MustCompile(`^\w+`).FindString(query))
			}
		}
	})
}
