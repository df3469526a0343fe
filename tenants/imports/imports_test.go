package imports_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"zhitong/db/dbtest"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/files"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/imports"
	"zhitong/tenants/stock"
	"zhitong/tenants/tasks"
	"zhitong/tenants/tenantstest"
)

type bundle struct {
	*tenantstest.Road
	t     *testing.T
	files *files.Service
	tasks *tasks.Service
	svc   *imports.Service
	step  func(name string)
}

func setup(t *testing.T, batch int) *bundle {
	t.Helper()
	b := &bundle{Road: tenantstest.NewRoad(t), t: t, step: func(string) {}}
	hook := func(name string) { b.step(name) }
	b.files = files.New(files.Config{DB: b.DB, Vault: b.Vault, Clock: b.Clock})
	b.tasks = tasks.New(tasks.Config{DB: b.DB, Clock: b.Clock, Step: hook})
	b.svc = imports.New(imports.Config{DB: b.DB, Clock: b.Clock, Tasks: b.tasks, Files: b.files,
		Stock: stock.New(b.DB, b.Vault), Batch: batch, Step: hook})
	return b
}

func (b *bundle) upload(content string) id.File {
	b.t.Helper()
	f, _, err := b.files.Create(b.t.Context(), b.Actor, idempotency.Key{}, files.Upload{Name: "keys.txt",
		ContentType: "text/plain", Content: strings.NewReader(content)})
	if err != nil {
		b.t.Fatal(err)
	}
	return f.ID
}

func (b *bundle) create(content string) id.Task {
	b.t.Helper()
	task, _, err := b.svc.Create(b.t.Context(), b.Actor, idempotency.Key{}, b.Product.ID, b.upload(content))
	if err != nil {
		b.t.Fatal(err)
	}
	return task.ID
}

// run does the task to its end, as often as its program is killed.
func (b *bundle) run(task id.Task) tasks.Task {
	b.t.Helper()
	for {
		more, killed := b.runOnce(task)
		if !more && !killed {
			break
		}
	}
	t, err := b.tasks.Get(b.t.Context(), b.Actor, task)
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

type kill struct{}

func (b *bundle) runOnce(task id.Task) (more, killed bool) {
	b.t.Helper()
	defer func() {
		if v := recover(); v == (kill{}) {
			killed = true
		} else if v != nil {
			panic(v)
		}
	}()
	more, err := b.tasks.Run(b.t.Context(), b.Tenant, task, tasks.Steps(1000))
	if err != nil {
		b.t.Fatal(err)
	}
	return more, false
}

func (b *bundle) report(t tasks.Task) string {
	b.t.Helper()
	if t.File.IsZero() {
		return ""
	}
	f, err := b.files.Get(b.t.Context(), b.Actor, t.File)
	if err != nil {
		b.t.Fatal(err)
	}
	raw, err := io.ReadAll(b.files.Open(b.t.Context(), b.Actor, f, 0))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(raw)
}

func (b *bundle) available() int64 {
	b.t.Helper()
	st, err := b.Stock.Stock(b.t.Context(), b.Actor, b.Product.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return st.Available
}

// lines is a file with everything that a file may have; the road's product has KEY-0000 already.
const lines = "\ufeffA-1\r\nA-2\n\nA-1\nKEY-0000\nbroken\x00\n   \nA-3\n"

const leftOut = "line,code\r\n6,format\r\n4,repeated_in_list\r\n5,already_in_stock\r\n"

// TestImport: every line is taken, or told of with its number.
func TestImport(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	done := b.run(b.create(lines + strings.Repeat("x", stock.KeyMax+1) + "\n" + strings.Repeat("y", 9000) + "\nA-4"))
	want := map[string]int64{"lines": 11, "accepted": 4, "duplicates": 2, "refused": 3, "blank": 2}
	if done.Status != vocabulary.TaskSucceeded || fmt.Sprint(done.Counts) != fmt.Sprint(want) ||
		done.Total == nil || done.Done != *done.Total {
		t.Errorf("the task is %s: %v, %d of %v", done.Status, done.Counts, done.Done, done.Total)
	}
	if have := b.report(done); have != "line,code\r\n6,format\r\n9,max_length\r\n10,max_length\r\n"+
		"4,repeated_in_list\r\n5,already_in_stock\r\n" {
		t.Errorf("left out: %q", have)
	}
	if n := b.available(); n != tenantstest.Stock+4 {
		t.Errorf("%d keys are available", n)
	}
	if done := b.run(b.create("B-1\nB-2\n")); !done.File.IsZero() || done.Counts["accepted"] != 2 {
		t.Errorf("a file without faults: %+v", done)
	}
}

// TestImportKilled ends the program at every step of a task, each time once: in the end every key is there once, and
// the counts are right.
func TestImportKilled(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	for kills := 1; ; kills++ {
		before := b.available()
		task := b.create(strings.ReplaceAll(lines, "A-", fmt.Sprintf("A-%d-", kills)))
		seen, killed := 0, false
		b.step = func(string) {
			if seen++; seen == kills {
				killed = true
				panic(kill{})
			}
		}
		done := b.run(task)
		if done.Status != vocabulary.TaskSucceeded || done.Counts["accepted"] != 3 || done.Counts["duplicates"] != 2 ||
			done.Counts["refused"] != 1 || b.available() != before+3 {
			t.Fatalf("killed at step %d: %s %v, %d keys", kills, done.Status, done.Counts, b.available()-before)
		}
		if have := b.report(done); strings.Count(have, "\r\n") != strings.Count(leftOut, "\r\n") {
			t.Errorf("killed at step %d: left out %q", kills, have)
		}
		if !killed {
			return
		}
	}
}

// TestHundredThousand takes a hundred thousand keys.
func TestHundredThousand(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	var file bytes.Buffer
	for i := range 100_000 {
		fmt.Fprintf(&file, "CARD-%06d\n", i)
	}
	done := b.run(b.create(file.String()))
	if done.Counts["accepted"] != 100_000 || b.available() != tenantstest.Stock+100_000 {
		t.Errorf("%v, %d keys", done.Counts, b.available())
	}
}

// TestRefused: a file of somebody else, a product of another merchant or platform.
func TestRefused(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	file := b.upload("A\n")
	create := func(a tenants.Actor, product id.Product, file id.File) fault.Code {
		_, _, err := b.svc.Create(t.Context(), a, idempotency.Key{}, product, file)
		return fault.CodeOf(err)
	}
	stranger := tenants.Actor{Tenant: dbtest.NewTenant(t, b.DB), Role: tenants.RoleOwner,
		Caller: tenants.ByKey(id.New[id.APIKey]())}
	if code := create(stranger, b.Product.ID, file); code != files.CodeFileNotFound {
		t.Errorf("another platform's file: %q", code)
	}
	if code := create(b.Actor, id.New[id.Product](), file); code != tenants.CodeProductNotFound {
		t.Errorf("a product that is not there: %q", code)
	}
	if code := create(b.Actor, b.Product.ID, file); code != "" {
		t.Errorf("the control: %q", code)
	}
}
