package tasks

import (
	"context"
	"encoding/json"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/queue"
	"zhitong/tenants"
)

// Create leaves a task and its job in the transaction of who asks, and gives it the identifier. params are written as
// JSON: identifiers and filters, no secrets. Those who ask at once wait for each other.
//
// It returns too_many_tasks_running and too_many_tasks_kept. Atomic.
func (s *Service) Create(
	ctx context.Context,
	tx db.TenantTx,
	a tenants.Actor,
	task id.Task,
	kind vocabulary.TaskKind,
	params any,
) (Task, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return Task{}, fmt.Errorf("write what a task was asked for: %w", err)
	}
	if err := room(ctx, tx); err != nil {
		return Task{}, err
	}
	t := Task{ID: task, Kind: kind, Status: vocabulary.TaskQueued, Asker: a, Params: raw, State: []byte("{}"),
		Counts: map[string]int64{}, Version: 1, CreatedAt: s.clock.Now()}
	err = q.TaskInsert(ctx, tx.Later(), dbsqlc.TaskInsertParams{
		ID: task, Kind: kind, CallerKind: string(a.Caller.Kind()), CallerID: a.Caller.ID(),
		MemberID: a.Caller.Member(), Role: string(a.Role), Permissions: a.Permissions.Texts(), MerchantID: a.Merchant,
		Params: raw, CreatedAt: t.CreatedAt,
	})
	if err != nil {
		return Task{}, fmt.Errorf("insert a task: %w", err)
	}
	job := queue.TaskRun{TenantID: queue.RefTo(tx.Tenant()), TaskID: queue.RefTo(task)}
	if err := queue.Insert(ctx, tx.Later(), queue.Job{Args: job}); err != nil {
		return Task{}, err
	}
	return t, nil
}

// room makes sure that the tenant may have one more task.
func room(ctx context.Context, tx db.TenantTx) error {
	if err := q.TenantLock(ctx, tx); err != nil {
		return fmt.Errorf("lock the tenant: %w", err)
	}
	n, err := q.TaskCounts(ctx, tx, KeptMax)
	switch {
	case err != nil:
		return fmt.Errorf("count the tasks: %w", err)
	case n.Open >= OpenMax:
		return fault.New(CodeTasksOpen, "There are %d tasks under way already.", n.Open)
	case n.Kept >= KeptMax:
		return fault.New(CodeTasksKept, "There are %d tasks already.", n.Kept)
	}
	return nil
}
