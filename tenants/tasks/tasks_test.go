package tasks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"zhitong/db"
	"zhitong/db/dbtest"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/tasks"
)

// counting is a kind of task that writes down the numbers up to what was asked for, one in a step.
type counting struct {
	before func(t tasks.Task) // called by each step before it does anything
	err    error              // of the third step
}

func (c counting) Name() vocabulary.TaskKind { return vocabulary.TaskExport }

func (c counting) Step(_ context.Context, t tasks.Task) (tasks.Outcome, error) {
	if c.before != nil {
		c.before(t)
	}
	var upTo int64
	if err := json.Unmarshal(t.Params, &upTo); err != nil {
		return tasks.Outcome{}, err
	}
	next := t.Done + 1
	if next == 3 && c.err != nil {
		return tasks.Outcome{}, c.err
	}
	return tasks.Outcome{
		State: []byte(strconv.FormatInt(next, 10)), Done: next, Total: &upTo,
		Counts: map[string]int64{"even": next / 2},
		Ended:  next == upTo,
		Write: func(ctx context.Context, tx db.TenantTx) error {
			return audit.Record(ctx, tx, audit.System("test"), "counted", "task", t.ID, strconv.FormatInt(next, 10))
		},
	}, nil
}

// world is a database with a tenant and a service of tasks.
type world struct {
	t     *testing.T
	db    *db.DB
	clock *clock.Movable
	actor tenants.Actor
	svc   *tasks.Service
}

func setup(t *testing.T, kind tasks.Kind) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.NewDB(t), clock: new(clock.Movable)}
	w.actor = tenants.Actor{Tenant: dbtest.NewTenant(t, w.db), Caller: tenants.ByKey(id.New[id.APIKey]()),
		Role: tenants.RoleFinance}
	w.svc = w.service(kind, nil)
	return w
}

func (w *world) service(kind tasks.Kind, step func(string)) *tasks.Service {
	return tasks.New(tasks.Config{DB: w.db, Clock: w.clock, Kinds: []tasks.Kind{kind}, Step: step})
}

func (w *world) ask(a tenants.Actor, upTo int) (task id.Task, err error) {
	task = id.New[id.Task]()
	err = a.In(w.t.Context(), w.db, func(ctx context.Context, tx db.TenantTx) error {
		_, err := w.svc.Create(ctx, tx, a, task, vocabulary.TaskExport, upTo)
		return err
	})
	return task, err
}

func (w *world) asked(upTo int) id.Task {
	w.t.Helper()
	task, err := w.ask(w.actor, upTo)
	if err != nil {
		w.t.Fatal(err)
	}
	return task
}

func (w *world) get(task id.Task) tasks.Task {
	w.t.Helper()
	t, err := w.svc.Get(w.t.Context(), w.actor, task)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// counted are the numbers that were written, in their order.
func (w *world) counted() (all []string) {
	w.t.Helper()
	return w.texts("SELECT detail FROM audit_log WHERE action = 'counted' ORDER BY detail::int")
}

func (w *world) texts(query string) (all []string) {
	w.t.Helper()
	err := w.db.InTenant(w.t.Context(), w.actor.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			all = append(all, s)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) is(task id.Task, status vocabulary.TaskStatus, done int64, counted ...string) {
	w.t.Helper()
	if have := w.get(task); have.Status != status || have.Done != done || !slices.Equal(w.counted(), counted) {
		w.t.Errorf("%s with %d done, written %v; want %s with %d, %v", have.Status, have.Done, w.counted(), status,
			done,
			counted)
	}
}

func TestTaskIsDone(t *testing.T) {
	t.Parallel()
	w := setup(t, counting{})
	task := w.asked(4)
	if have := w.get(task); have.Status != vocabulary.TaskQueued || have.StartedAt != nil || have.Ended() {
		t.Errorf("%+v", have)
	}
	if jobs := w.jobs(task); jobs != 1 {
		t.Errorf("%d jobs", jobs)
	}
	more, err := w.svc.Run(t.Context(), w.actor.Tenant, task, tasks.Steps(2))
	if err != nil || !more {
		t.Fatal(more, err)
	}
	w.is(task, vocabulary.TaskRunning, 2, "1", "2")
	if more, err = w.svc.Run(t.Context(), w.actor.Tenant, task, tasks.Steps(100)); err != nil || more {
		t.Fatal(more, err)
	}
	w.is(task, vocabulary.TaskSucceeded, 4, "1", "2", "3", "4")
	have := w.get(task)
	if have.Total == nil || *have.Total != 4 || have.Counts["even"] != 2 || have.StartedAt == nil ||
		have.EndedAt == nil || have.Version != 5 || have.Asker.Role != tenants.RoleFinance {
		t.Errorf("%+v", have)
	}
	if events := w.texts("SELECT type || ' ' || (data->>'status') FROM events"); !slices.Equal(events,
		[]string{"task.succeeded succeeded"}) {
		t.Errorf("events %v", events)
	}
	page, err := w.svc.List(t.Context(), w.actor, tenants.Page[id.Task]{},
		tasks.Filter{Statuses: []vocabulary.TaskStatus{vocabulary.TaskSucceeded},
			Kinds: []vocabulary.TaskKind{vocabulary.TaskExport}})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("listed %+v, %v", page, err)
	}
	if page, err = w.svc.List(t.Context(), w.actor, tenants.Page[id.Task]{},
		tasks.Filter{Statuses: []vocabulary.TaskStatus{vocabulary.TaskFailed}}); err != nil || len(page.Items) != 0 {
		t.Errorf("listed %+v, %v", page, err)
	}
}

func (w *world) jobs(task id.Task) (n int) {
	w.t.Helper()
	err := w.db.Pool().QueryRow(w.t.Context(), "SELECT count(*) FROM river.river_job WHERE kind = 'task_run' "+
		"AND args->>'task_id' = $1", task.UUID().String()).Scan(&n)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestCrashAtEachStep: whatever step a worker dies after, the next one goes on where it was, and nothing is written
// twice or left out.
func TestCrashAtEachStep(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"read", "made", "kept"} {
		for round := range 3 {
			t.Run(fmt.Sprintf("%s %d", at, round), func(t *testing.T) {
				t.Parallel()
				w := setup(t, counting{})
				task, left := w.asked(3), round
				died := func() (died bool) {
					defer func() { died = recover() != nil }()
					_, err := w.service(counting{}, func(name string) {
						if left--; name == at && left < 0 {
							panic("killed")
						} else if name != at {
							left++
						}
					}).Run(t.Context(), w.actor.Tenant, task, tasks.Steps(10))
					if err != nil {
						t.Error(err)
					}
					return false
				}()
				if !died {
					t.Fatal("it was not killed")
				}
				if _, err := w.svc.Run(t.Context(), w.actor.Tenant, task, tasks.Steps(10)); err != nil {
					t.Fatal(err)
				}
				w.is(task, vocabulary.TaskSucceeded, 3, "1", "2", "3")
			})
		}
	}
}

// TestManyWorkers: of workers that do one task at once, each step is kept of one.
func TestManyWorkers(t *testing.T) {
	t.Parallel()
	w := setup(t, counting{})
	task := w.asked(12)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := w.svc.Run(t.Context(), w.actor.Tenant, task, tasks.Steps(1000)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.is(task, vocabulary.TaskSucceeded, 12, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
	if n := len(w.texts("SELECT id::text FROM events")); n != 1 {
		t.Errorf("%d events", n)
	}
}

// TestCancel: what a worker is about to write of a canceled task is not written.
func TestCancel(t *testing.T) {
	t.Parallel()
	w := setup(t, counting{})
	task := w.asked(5)
	w.svc = w.service(counting{before: func(now tasks.Task) {
		if now.Done == 2 {
			if _, err := w.svc.Cancel(t.Context(), w.actor, task); err != nil {
				t.Error(err)
			}
		}
	}}, nil)
	if more, err := w.svc.Run(t.Context(), w.actor.Tenant, task, tasks.Steps(100)); err != nil || more {
		t.Fatal(more, err)
	}
	w.is(task, vocabulary.TaskCanceled, 2, "1", "2")
	if again, err := w.svc.Cancel(t.Context(), w.actor, task); err != nil || again.Version != w.get(task).Version {
		t.Errorf("canceled again: %+v, %v", again, err)
	}
	ended := w.asked(1)
	if _, err := w.svc.Run(t.Context(), w.actor.Tenant, ended, tasks.Steps(9)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.svc.Cancel(t.Context(), w.actor, ended); fault.CodeOf(err) != tasks.CodeTaskEnded {
		t.Errorf("a task that has succeeded: %v", err)
	}
}

func TestWhoseTask(t *testing.T) {
	t.Parallel()
	w := setup(t, counting{})
	task := w.asked(1)
	with := func(change func(*tenants.Actor)) tenants.Actor {
		a := w.actor
		change(&a)
		return a
	}
	colleague := with(func(a *tenants.Actor) { a.Caller = tenants.ByKey(id.New[id.APIKey]()) })
	narrowed := with(func(a *tenants.Actor) {
		a.Caller, a.Role, a.Permissions = tenants.ByKey(id.New[id.APIKey]()), tenants.RoleOwner, tenants.Permissions{}
	})
	merchant := with(func(a *tenants.Actor) { a.Merchant = id.New[id.Merchant]() })
	stranger := with(func(a *tenants.Actor) { a.Tenant = dbtest.NewTenant(t, w.db) })
	for name, c := range map[string]struct {
		actor       tenants.Actor
		get, cancel fault.Code
	}{
		"a colleague":           {colleague, "", tasks.CodeTaskOthers},
		"an owner's narrow key": {narrowed, "", tasks.CodeTaskOthers},
		"a merchant":            {merchant, tasks.CodeTaskNotFound, tasks.CodeTaskNotFound},
		"another platform":      {stranger, tasks.CodeTaskNotFound, tasks.CodeTaskNotFound},
	} {
		if _, err := w.svc.Get(t.Context(), c.actor, task); fault.CodeOf(err) != c.get {
			t.Errorf("%s reads it: %v", name, err)
		}
		if _, err := w.svc.Cancel(t.Context(), c.actor, task); fault.CodeOf(err) != c.cancel {
			t.Errorf("%s cancels it: %v", name, err)
		}
	}
	member := id.New[id.Member]()
	session := func() tenants.Actor {
		return with(func(a *tenants.Actor) { a.Caller = tenants.BySession(id.New[id.Session](), member) })
	}
	of, err := w.ask(session(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.svc.Cancel(t.Context(), session(), of); err != nil {
		t.Errorf("another session of the member: %v", err)
	}
	owner := with(func(a *tenants.Actor) { a.Caller, a.Role = tenants.ByKey(id.New[id.APIKey]()), tenants.RoleOwner })
	if _, err := w.svc.Cancel(t.Context(), owner, task); err != nil {
		t.Errorf("the owner: %v", err)
	}
}

// TestLimits: however many ask at once, no more tasks are under way or kept than may be.
func TestLimits(t *testing.T) {
	t.Parallel()
	w := setup(t, counting{})
	var wg sync.WaitGroup
	results := make(chan error, 3*tasks.OpenMax)
	for range cap(results) {
		wg.Go(func() {
			_, err := w.ask(w.actor, 1)
			results <- err
		})
	}
	wg.Wait()
	close(results)
	refused := 0
	for err := range results {
		switch fault.CodeOf(err) {
		case "":
			if err != nil {
				t.Error(err)
			}
		case tasks.CodeTasksOpen:
			refused++
		default:
			t.Error(err)
		}
	}
	if refused != 2*tasks.OpenMax {
		t.Errorf("%d were refused", refused)
	}
	w.exec("UPDATE tasks SET status = 'succeeded', ended_at = created_at")
	w.exec(fmt.Sprintf("INSERT INTO tasks (id, kind, status, caller_kind, caller_id, role, params, "+
		"created_at, ended_at) "+
		"SELECT gen_random_uuid(), 'export', 'failed', 'api_key', gen_random_uuid(), 'owner', '0', created_at, "+
		"created_at FROM generate_series(1, %d), (SELECT created_at FROM tasks LIMIT 1) x", tasks.KeptMax))
	if _, err := w.ask(w.actor, 1); fault.CodeOf(err) != tasks.CodeTasksKept {
		t.Errorf("one more than are kept: %v", err)
	}
	w.clock.Advance(tasks.Kept + time.Hour)
	for n := int64(1); n > 0; {
		err := w.db.InTenant(t.Context(), w.actor.Tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
			n, err = tasks.Forget(ctx, tx, w.clock.Now().Add(-tasks.Kept))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.ask(w.actor, 1); err != nil {
		t.Errorf("after they are forgotten: %v", err)
	}
}

func (w *world) exec(query string) {
	w.t.Helper()
	err := w.db.InTenant(w.t.Context(), w.actor.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		_, err := tx.Exec(ctx, query)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestFailures: a fault ends the task with its code, another error leaves it to the next try, and who has tried often
// enough gives it up.
func TestFailures(t *testing.T) {
	t.Parallel()
	w := setup(t, counting{err: fault.New("export_too_large", "Too large.")})
	task := w.asked(5)
	if more, err := w.svc.Run(t.Context(), w.actor.Tenant, task, tasks.Steps(100)); err != nil || more {
		t.Fatal(more, err)
	}
	w.is(task, vocabulary.TaskFailed, 2, "1", "2")
	if have := w.get(task); have.Error != "export_too_large" {
		t.Errorf("%+v", have)
	}
	second := w.asked(5)
	w.svc = w.service(counting{err: fmt.Errorf("the database is away")}, nil)
	if _, err := w.svc.Run(t.Context(), w.actor.Tenant, second, tasks.Steps(100)); err == nil {
		t.Fatal("no error")
	}
	if have := w.get(second); have.Status != vocabulary.TaskRunning || have.Done != 2 {
		t.Errorf("%+v", have)
	}
	for range 2 {
		if err := w.svc.GiveUp(t.Context(), w.actor.Tenant, second); err != nil {
			t.Error(err)
		}
	}
	if have := w.get(second); have.Status != vocabulary.TaskFailed || have.Error != tasks.CodeTaskGivenUp {
		t.Errorf("%+v", have)
	}
	if events := w.texts("SELECT type || ' ' || (data->>'error_code') FROM events ORDER BY 1"); !slices.Equal(events,
		[]string{"task.failed export_too_large", "task.failed task_given_up"}) {
		t.Errorf("events %v", events)
	}
}
