package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"zhitong/queue"
	"zhitong/tenants/tasks"
)

const (
	// taskTimeout bounds a run of a task: its longest step writes a whole spreadsheet.
	taskTimeout = 5 * time.Minute
	// taskBudget is after how long a run begins no further step, so that other tasks have their turn.
	taskBudget = 10 * time.Second
)

// taskRun does the next steps of a task.
type taskRun struct {
	river.WorkerDefaults[queue.TaskRun]
	tasks *tasks.Service
	log   *slog.Logger
}

// Work implements river.Worker.
func (w *taskRun) Work(ctx context.Context, job *river.Job[queue.TaskRun]) error {
	tenant, task := job.Args.TenantID.ID, job.Args.TaskID.ID
	more, err := w.tasks.Run(ctx, tenant, task, tasks.For(taskBudget))
	if err != nil && ctx.Err() == nil && job.Attempt >= job.MaxAttempts {
		w.log.ErrorContext(ctx, "a task is given up", slog.String("tenant", tenant.String()),
			slog.String("task", task.String()), slog.Any("error", err))
		return errors.Join(err, w.tasks.GiveUp(ctx, tenant, task))
	}
	if more {
		return river.JobSnooze(0)
	}
	return gone(err, tasks.CodeTaskNotFound)
}

// Timeout implements river.Worker.
func (w *taskRun) Timeout(*river.Job[queue.TaskRun]) time.Duration { return taskTimeout }
