package tasks

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// Cancel ends a task before its work is done. What its worker is about to write is not written. Canceling a canceled
// task changes nothing.
//
// It returns task_not_found, task_of_another and task_ended.
func (s *Service) Cancel(ctx context.Context, a tenants.Actor, task id.Task) (t Task, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.TaskGetForUpdate(ctx, tx, task)
		if t, err = found(r, err); err != nil {
			return err
		}
		if !a.Runs(t.Asker) {
			return fault.New(CodeTaskOthers, "Somebody else asked for this task.")
		}
		if t.Status == vocabulary.TaskCanceled {
			return nil
		}
		if !may(t.Status, vocabulary.TaskCanceled) {
			return fault.New(CodeTaskEnded, "The task is %s.", t.Status)
		}
		now := s.clock.Now()
		if err := q.TaskCancel(ctx, tx.Later(), now, task); err != nil {
			return fmt.Errorf("cancel the task: %w", err)
		}
		t.Status, t.EndedAt, t.Version = vocabulary.TaskCanceled, &now, t.Version+1
		return audit.Record(ctx, tx, audit.Actor(a), "cancelTask", "task", task, string(t.Kind))
	})
	if err != nil {
		return Task{}, err
	}
	return t, nil
}
