package tidy_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// beyond are the packages that may go beyond a merchant's wall, and why; each once.
func beyond() map[string]string {
	return map[string]string{
		"tenants/access":     "events about keys and members are the platform's",
		"tenants/onboarding": "an application is submitted: the connection and the event are the platform's",
		"tenants/stock":      "a merchant of record may know how much there is to sell",
	}
}

// TestWhoGoesBeyondTheMerchant: the wall between merchants is left in the places of the list, once in each.
func TestWhoGoesBeyondTheMerchant(t *testing.T) {
	t.Parallel()
	times := map[string]int{}
	walk(t, ".go", func(path string, b []byte) {
		dir := filepath.ToSlash(filepath.Dir(path))
		if !strings.HasSuffix(path, "_test.go") && dir != "db" {
			times[dir] += bytes.Count(b, []byte(".BeyondMerchant()"))
		}
	})
	for dir, n := range times {
		if _, may := beyond()[dir]; n > 0 && (!may || n > 1) {
			t.Errorf("%s goes beyond the merchant's wall %d times", dir, n)
		}
	}
	for dir := range beyond() {
		if times[dir] != 1 {
			t.Errorf("%s is on the list and goes beyond the wall %d times", dir, times[dir])
		}
	}
}
