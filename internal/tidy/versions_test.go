package tidy_test

import (
	"regexp"
	"testing"
)

// versioned are the tables whose rows have an ETag. split_rules is not among them: a rule's tag is that of its newest
// version, which is a row of its own.
var versioned = regexp.MustCompile(`(?s)\bUPDATE (tenants|members|merchants|applications|products|webhook_endpoints)\s`)

// counted is how a query counts a row's version up.
var counted = regexp.MustCompile(`\bversion = version \+ `)

// uncounted are the queries that change what no caller sees.
func uncounted() map[string]string {
	const anew = "what is sealed stays what it was"
	return map[string]string{
		"ApplicationStartCreate":         "when Alipay was first asked is not shown",
		"ApplicationTouch":               "when somebody worked on it last is not shown",
		"MerchantSeal":                   "nothing changes but how it lies in the database",
		"MemberSeal":                     "nothing changes but how it lies in the database",
		"SealedFormSet":                  anew,
		"SealedMemberEmailSet":           anew,
		"SealedMerchantContactSet":       anew,
		"SealedMerchantReceiverSet":      anew,
		"SealedWebhookPreviousSecretSet": anew,
		"SealedWebhookSecretSet":         anew,
		"SplitReceiverBound":             "when Alipay learnt of the receiver is not shown",
	}
}

// TestChangesCountTheVersion holds every UPDATE of a table with ETags to counting its version up: If-Match would let a
// lost update through otherwise.
func TestChangesCountTheVersion(t *testing.T) {
	t.Parallel()
	found := 0
	walk(t, ".sql", func(path string, b []byte) {
		for _, query := range regexp.MustCompile(`(?m)^-- name: `).Split(string(b), -1)[1:] {
			name := regexp.MustCompile(`^\w+`).FindString(query)
			if !versioned.MatchString(query) {
				continue
			}
			found++
			if _, unseen := uncounted()[name]; unseen == counted.MatchString(query) {
				t.Errorf("%s: %s must count the version up, or say in uncounted why not", path, name)
			}
		}
	})
	if found < 10 {
		t.Errorf("only %d queries change what has a version: is this test still looking in the right places?", found)
	}
}
