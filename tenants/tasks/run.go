package tasks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/audit"
	"zhitong/tenants/events"
)

// Kind is what a kind of task does.
type Kind interface {
	// Name is the kind.
	Name() vocabulary.TaskKind
	// Step does the next bounded part of a task: it reads, and makes what it makes outside of Postgres, and says what
	// is to be written. It may be run again from the same state, whose former outcome was not written. A [fault.Error]
	// ends the task with its code; any other error is tried again.
	Step(ctx context.Context, t Task) (Outcome, error)
}

// Outcome is what a step has reached.
type Outcome struct {
	State  []byte // where the next step begins
	Done   int64
	Total  *int64
	Counts map[string]int64
	File   id.File // the result, when it is there
	Ended  bool    // there is nothing more to do
	// Write writes what the step has made, in the transaction that keeps how far the task is; nil: nothing.
	Write func(ctx context.Context, tx db.TenantTx) error
}

// Event is the picture of a task in an event.
type Event struct {
	TaskID    id.Task               `json:"task_id"`
	Kind      vocabulary.TaskKind   `json:"kind"`
	Status    vocabulary.TaskStatus `json:"status"`
	FileID    *id.File              `json:"file_id,omitempty"`
	ErrorCode string                `json:"error_code,omitempty"`
}

// errOutrun is when another worker has got further with the task, or it was canceled.
var errOutrun = errors.New("tasks: another worker has got further, or the task has ended")

// Run does the next steps of a task, for about as long as within says, and tells whether there are more. It is phased
// and may be run again from any step; of two that run at once, each step is kept of one.
//
// It returns task_not_found.
func (s *Service) Run(ctx context.Context, tenant id.Tenant, task id.Task, within Budget) (more bool, err error) {
	for {
		t, err := s.load(ctx, tenant, task)
		if err != nil || t.Ended() {
			return false, err
		}
		if within.spent() {
			return true, nil
		}
		s.step("read")
		if err := s.once(ctx, t); errors.Is(err, errOutrun) {
			continue // the next look tells what became of it
		} else if err != nil {
			return false, err
		}
		s.step("kept")
	}
}

// Budget tells when no further step is begun.
type Budget struct{ spent func() bool }

// Steps is a budget of so many steps.
func Steps(n int) Budget {
	return Budget{func() bool { n--; return n < 0 }}
}

// For is a budget of time.
func For(most time.Duration) Budget {
	elapsed := clock.Stopwatch()
	return Budget{func() bool { return elapsed() >= most }}
}

func (s *Service) load(ctx context.Context, tenant id.Tenant, task id.Task) (t Task, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.TaskGet(ctx, tx, task)
		t, err = found(r, err)
		return err
	})
	return t, err
}

// once does one step and keeps it.
func (s *Service) once(ctx context.Context, t Task) error {
	kind, ok := s.kinds[t.Kind]
	if !ok {
		return fmt.Errorf("tasks: this program does not do %s", t.Kind)
	}
	out, err := kind.Step(ctx, t)
	if code := fault.CodeOf(err); code != "" {
		return s.fail(ctx, t, code)
	}
	if err != nil {
		return fmt.Errorf("do a step of %s: %w", t.ID, err)
	}
	s.step("made")
	t.State, t.Done, t.Total, t.Counts, t.File = out.State, out.Done, out.Total, out.Counts, out.File
	status := vocabulary.TaskRunning
	if out.Ended {
		status = vocabulary.TaskSucceeded
	}
	return s.db.InTenant(ctx, t.Asker.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		if err := s.keep(ctx, tx, t, status); err != nil {
			return err
		}
		if out.Write == nil {
			return nil
		}
		return out.Write(ctx, tx)
	})
}

// fail ends a task that cannot be done.
func (s *Service) fail(ctx context.Context, t Task, code fault.Code) error {
	t.Error = code
	return s.db.InTenant(ctx, t.Asker.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		return s.keep(ctx, tx, t, vocabulary.TaskFailed)
	})
}

// GiveUp ends a task that has failed too often for a reason of ours.
func (s *Service) GiveUp(ctx context.Context, tenant id.Tenant, task id.Task) error {
	t, err := s.load(ctx, tenant, task)
	if err != nil || t.Ended() {
		return err
	}
	if err := s.fail(ctx, t, CodeTaskGivenUp); err != nil && !errors.Is(err, errOutrun) {
		return err
	}
	return nil
}

// keep writes how far a task is, and what that means to others. It locks the task until the transaction ends.
func (s *Service) keep(ctx context.Context, tx db.TenantTx, t Task, to vocabulary.TaskStatus) error {
	if !may(t.Status, to) {
		return fmt.Errorf("tasks: %s does not follow %s", to, t.Status)
	}
	now := s.clock.Now()
	counts := maps.Clone(t.Counts)
	if counts == nil {
		counts = map[string]int64{}
	}
	n, err := q.TaskStep(ctx, tx, dbsqlc.TaskStepParams{
		Status: to, State: t.State, Done: t.Done, Total: t.Total, Counts: counts, FileID: t.File,
		ErrorCode: string(t.Error), At: now, ID: t.ID, Seen: t.Version,
	})
	if err != nil {
		return fmt.Errorf("keep a step of %s: %w", t.ID, err)
	}
	if n == 0 {
		return errOutrun
	}
	if to == vocabulary.TaskRunning {
		return nil
	}
	data, kind := Event{TaskID: t.ID, Kind: t.Kind, Status: to, ErrorCode: string(t.Error)}, vocabulary.EventTaskFailed
	if to == vocabulary.TaskSucceeded {
		kind = vocabulary.EventTaskSucceeded
	}
	if !t.File.IsZero() {
		data.FileID = &t.File
	}
	if err := events.Emit(ctx, tx, events.Event{Type: kind, SubjectType: vocabulary.SubjectTask, SubjectID: t.ID,
		Data: data, At: now}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.System("task_run"), "task_run", "task", t.ID,
		string(t.Kind)+" "+string(to))
}
