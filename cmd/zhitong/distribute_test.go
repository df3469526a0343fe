package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
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

// TestDistributeKnowsEveryTable: a table that has no tenant is named, or a later join with it would fail.
func TestDistributeKnowsEveryTable(t *testing.T) {
	t.Parallel()
	rows, err := dbtest.NewDB(t).Pool().Query(t.Context(), `SELECT relname FROM pg_class c
		WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname NOT LIKE 'goose%'
		  AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 8 {
		t.Fatalf("%v, %v", tables, err)
	}
	for _, table := range tables {
		if !strings.Contains(distributeSQL, "create_reference_table('"+table+"')") {
			t.Errorf("%s is not named", table)
		}
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
