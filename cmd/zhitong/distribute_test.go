package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	pgquery "github.com/wasilibs/go-pgquery/parser"

	"zhitong/db/dbtest"
)

// TestDistributePrintsWhatTheDocsShow: the dry run is the SQL of docs/scaling.md, and Postgres can read it.
func TestDistributePrintsWhatTheDocsShow(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if code := run(t.Context(), []string{"distribute"}, program{&out, io.Discard, nil}); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	page, err := os.ReadFile("../../docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "```sql\n"+out.String()+"```\n") {
		t.Error("docs/scaling.md does not show what zhitong distribute prints")
	}
	if _, err := pgquery.ParseToJSON(out.String()); err != nil {
		t.Errorf("the SQL does not parse: %v", err)
	}
}

// TestDistributeNeedsCitus: on one Postgres nothing is changed.
func TestDistributeNeedsCitus(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	env := map[string]string{"ZHITONG_DATABASE_OWNER_URL": dbtest.OwnerURL(t, dbtest.NewDB(t))}
	if code := run(t.Context(), []string{"distribute", "--yes"}, program{io.Discard, &errs, env}); code != 1 ||
		!strings.Contains(errs.String(), "no extension citus") {
		t.Errorf("exit code %d, %s", code, errs.String())
	}
}
