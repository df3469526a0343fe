package main

import (
	"bytes"
	"testing"

	"zhitong/cmd/zhitong/invariants"
	"zhitong/tenants/contacts"
)

// TestVerifyTellsWhatIsPlain: rows of before are told by their column, and are no breach.
func TestVerifyTellsWhatIsPlain(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	report := invariants.Report{Tenants: 1, Plain: contacts.Counts{"orders.buyer_contact": 3}}
	if err := new(verifyCmd).write(program{stdout: &out}, report); err != nil {
		t.Fatal(err)
	}
	const want = "orders.buyer_contact: 3 rows are as a program of before wrote them; the job seal_sweep seals them\n" +
		"0 checks on 1 tenants: no breach\n"
	if out.String() != want {
		t.Errorf("said %q", out.String())
	}
}
