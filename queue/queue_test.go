package queue_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/db/dbtest"
	"zhitong/queue"
	"zhitong/tenants/webhooks"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// filled gives every identifier of a kind a value of its own that is the same in every run, and so the number of a
// shard.
func filled(t *testing.T, a queue.JobArgs) queue.JobArgs {
	t.Helper()
	v := reflect.New(reflect.TypeOf(a)).Elem()
	fill(t, a, v)
	return v.Interface().(queue.JobArgs)
}

func fill(t *testing.T, a queue.JobArgs, v reflect.Value) {
	t.Helper()
	for i := range v.NumField() {
		switch f := v.Type().Field(i); {
		case f.Type == reflect.TypeFor[queue.Sweep]():
			fill(t, a, v.Field(i))
			continue
		case f.Name == "What": // a word of a list, nothing that anybody typed
			v.Field(i).SetString("password")
			continue
		case f.Name == "Shard":
			v.Field(i).SetInt(queue.Shards - 1)
			continue
		}
		u := uuid.NewSHA1(uuid.Nil, []byte(v.Type().Field(i).Name))
		if ref := v.Field(i).FieldByName("ID"); ref.IsValid() && ref.CanConvert(reflect.TypeFor[[16]byte]()) {
			ref.Set(reflect.ValueOf(u).Convert(ref.Type()))
			continue
		}
		t.Fatalf("%s.%s is not an identifier: jobs carry identifiers only", a.Kind(), v.Type().Field(i).Name)
	}
}

func TestStoredFormat(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, a := range queue.All() {
		t.Run(a.Kind(), func(t *testing.T) {
			t.Parallel()
			o := a.InsertOpts()
			row, err := json.MarshalIndent(
				map[string]any{
					"kind":         a.Kind(),
					"args":         filled(t, a),
					"queue":        o.Queue,
					"max_attempts": o.MaxAttempts,
					"priority":     o.Priority,
				},
				"",
				"  ",
			)
			if err != nil {
				t.Fatal(err)
			}
			row = append(row, '\n')
			path := filepath.Join("testdata", a.Kind()+".json")
			if *update {
				if err := os.WriteFile(path, row, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; write it with: go test ./queue -update", err)
			}
			if !bytes.Equal(row, want) {
				t.Errorf(
					"the stored format changed; jobs of the running version could not be read\nhave %s\nwant %s",
					row,
					want,
				)
			}
			back := reflect.New(reflect.TypeOf(a))
			var stored struct{ Args json.RawMessage }
			if err := json.Unmarshal(want, &stored); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(stored.Args, back.Interface()); err != nil ||
				!reflect.DeepEqual(back.Elem().Interface(), filled(t, a)) {
				t.Errorf("read back %v, %v", back.Elem(), err)
			}
		})
		if kinds[a.Kind()] {
			t.Errorf("two kinds are called %s", a.Kind())
		}
		kinds[a.Kind()] = true
	}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !kinds[strings.TrimSuffix(filepath.Base(f), ".json")] {
			t.Errorf("%s: the kind is gone, but jobs of it may be in the queue", f)
		}
	}
}

func TestWebhookAttempts(t *testing.T) {
	t.Parallel()
	if have, want := (queue.WebhookDeliver{}).InsertOpts().MaxAttempts, webhooks.AttemptsMax(); have != want {
		t.Errorf("webhook_deliver has %d attempts and the schedule of package webhooks %d", have, want)
	}
}

// jobRows reads whole rows but for what must differ: the number, and the times, which are read as the hours that a job
// waits.
func jobRows(ctx context.Context, tx db.TenantTx, after int64) ([]map[string]any, error) {
	rows, err := tx.Query(
		ctx,
		`SELECT to_jsonb(j) - 'id' - 'created_at' - 'scheduled_at' || jsonb_build_object(
		'waits_hours', round(extract(epoch FROM j.scheduled_at - j.created_at) / 3600),
		'created_now', j.created_at BETWEEN now() - interval '1 hour' AND clock_timestamp() + interval '1 hour')
		FROM river.river_job j WHERE id > $1 ORDER BY id`,
		after,
	)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[map[string]any])
}

func lastJob(ctx context.Context, tx db.TenantTx) (n int64, err error) {
	err = tx.QueryRow(ctx, "SELECT coalesce(max(id), 0) FROM river.river_job").Scan(&n)
	return n, err
}

func TestInsertWritesWhatRiverWrites(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	ctx := t.Context()
	client, err := river.NewClient(riverpgxv5.New(d.Pool()), &river.Config{Schema: "river"})
	if err != nil {
		t.Fatal(err)
	}
	const wait = 1000 * time.Hour
	var jobs []queue.Job
	for _, a := range queue.All() {
		jobs = append(jobs, queue.Job{Args: filled(t, a)}, queue.Job{Args: filled(t, a), Wait: wait})
	}
	tx, err := d.Pool().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	for _, j := range jobs {
		o := &river.InsertOpts{}
		if j.Wait > 0 {
			o.ScheduledAt = time.Now().Add(j.Wait) //nolint:forbidigo // River's time, not the product's
		}
		if _, err := client.InsertTx(ctx, tx, j.Args, o); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}

	err = d.InTenant(ctx, dbtest.NewTenant(t, d), func(ctx context.Context, tx db.TenantTx) error {
		theirs, err := jobRows(ctx, tx, 0)
		if err != nil {
			return err
		}
		last, err := lastJob(ctx, tx)
		if err != nil {
			return err
		}
		if err := queue.Insert(ctx, tx.Later(), jobs...); err != nil {
			return err
		}
		ours, err := jobRows(ctx, tx, last)
		if err != nil {
			return err
		}
		compare(t, ours, theirs)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func compare(t *testing.T, ours, theirs []map[string]any) {
	t.Helper()
	if len(ours) != len(theirs) || len(ours) == 0 {
		t.Fatalf("%d rows, River makes %d", len(ours), len(theirs))
	}
	for i := range ours {
		for column := range theirs[i] {
			if !reflect.DeepEqual(ours[i][column], theirs[i][column]) {
				t.Errorf(
					"row %d, %v, column %s: %v, River writes %v",
					i,
					theirs[i]["kind"],
					column,
					ours[i][column],
					theirs[i][column],
				)
			}
		}
		if len(ours[i]) != len(theirs[i]) {
			t.Errorf("row %d has other columns", i)
		}
	}
}

func TestInsertWebhookDeliveriesWritesWhatInsertWrites(t *testing.T) {
	t.Parallel()
	tx := dbtest.TestTx(t)
	ctx := t.Context()
	all := dbtest.Endpoint(t, tx)
	one := dbtest.Endpoint(t, tx)
	event := dbtest.Event(t, tx, dbtestOrder(t, tx).ID)

	last, err := lastJob(ctx, tx)
	if err != nil {
		t.Fatal(err)
	}
	var jobs []queue.Job
	for _, e := range []dbsqlc.WebhookEndpoint{all, one} {
		jobs = append(jobs,
			queue.Job{Args: queue.WebhookDeliver{TenantID: queue.RefTo(tx.Tenant()), EventID: queue.RefTo(event.ID),
				EndpointID: queue.RefTo(e.ID)}})
	}
	if err := queue.Insert(ctx, tx, jobs...); err != nil {
		t.Fatal(err)
	}
	want, err := jobRows(ctx, tx, last)
	if err != nil {
		t.Fatal(err)
	}
	if last, err = lastJob(ctx, tx); err != nil {
		t.Fatal(err)
	}
	if err := queue.InsertWebhookDeliveries(ctx, tx.Later(), tx.Tenant(),
		[]queue.Delivery{{Event: event.ID, Endpoint: all.ID}, {Event: event.ID, Endpoint: one.ID}}); err != nil {
		t.Fatal(err)
	}
	have, err := jobRows(ctx, tx, last)
	if err != nil {
		t.Fatal(err)
	}
	byEndpoint := func(rows []map[string]any) []map[string]any {
		if len(rows) == 2 && fmt.Sprint(rows[0]["args"]) > fmt.Sprint(rows[1]["args"]) {
			rows[0], rows[1] = rows[1], rows[0]
		}
		return rows
	}
	compare(t, byEndpoint(have), byEndpoint(want))
}

func dbtestOrder(t *testing.T, tx db.TenantTx) dbsqlc.Order {
	t.Helper()
	m := dbtest.Merchant(t, tx)
	rule, _ := dbtest.SplitRule(t, tx)
	return dbtest.Order(t, tx, dbtest.Product(t, tx, m.ID, rule.ID))
}

// done is a worker that says what it was given.
type done[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	got chan<- T
}

func (w *done[T]) Work(_ context.Context, j *river.Job[T]) error {
	w.got <- j.Args
	return nil
}

// The application's role may do what a client needs, and a row of ours is a job that is worked.
func TestRiverWorksInsertedJobs(t *testing.T) {
	t.Parallel()
	d := dbtest.NewDB(t)
	got := make(chan queue.SplitExecute, 1)
	workers := river.NewWorkers()
	if err := river.AddWorkerSafely(workers, &done[queue.SplitExecute]{got: got}); err != nil {
		t.Fatal(err)
	}
	client, err := river.NewClient(
		riverpgxv5.New(d.Pool()),
		&river.Config{Schema: "river", Workers: workers, PollOnly: true, TestOnly: true,
			FetchPollInterval: 10 * time.Millisecond, FetchCooldown: 10 * time.Millisecond,
			Queues: map[string]river.QueueConfig{queue.QueueMoney: {MaxWorkers: 1}}},
	)
	if err != nil {
		t.Fatal(err)
	}
	completed, stop := client.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed)
	defer stop()
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := filled(t, queue.SplitExecute{}).(queue.SplitExecute)
	if err := d.InTenant(t.Context(), dbtest.NewTenant(t, d), func(ctx context.Context, tx db.TenantTx) error {
		return queue.Insert(ctx, tx.Later(), queue.Job{Args: want})
	}); err != nil {
		t.Fatal(err)
	}
	if have := <-got; have != want {
		t.Errorf("worked %v", have)
	}
	if e := <-completed; e.Kind != river.EventKindJobCompleted {
		t.Errorf("the job ended as %s", e.Kind)
	}
	if err := client.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}
