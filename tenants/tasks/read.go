package tasks

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

// Get reads a task. It returns task_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, task id.Task) (t Task, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.TaskGet(ctx, tx, task)
		t, err = found(r, err)
		return err
	})
	return t, err
}

// Versions reads of which version tasks of a tenant are, for those who follow them; what is gone is left out.
func (s *Service) Versions(ctx context.Context, t id.Tenant, of []id.Task) (out map[id.Task]int64, err error) {
	ids := make([]uuid.UUID, len(of))
	for i, task := range of {
		ids[i] = task.UUID()
	}
	out = map[id.Task]int64{}
	err = s.db.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.TaskVersions(ctx, tx, ids)
		if err != nil {
			return fmt.Errorf("read the versions of tasks: %w", err)
		}
		for _, r := range rows {
			out[r.ID] = r.Version
		}
		return nil
	})
	return out, err
}

// Read reads a task in a transaction. It returns task_not_found. Atomic.
func (s *Service) Read(ctx context.Context, tx db.TenantTx, task id.Task) (Task, error) {
	r, err := q.TaskGet(ctx, tx, task)
	return found(r, err)
}

// Filter narrows a list of tasks; empty fields take all.
type Filter struct {
	Statuses []vocabulary.TaskStatus
	Kinds    []vocabulary.TaskKind
}

// List reads a page of tasks, newest first.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Task],
	f Filter,
) (out tenants.PageOf[Task], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.TaskList(ctx, tx, dbsqlc.TaskListParams{
			Before: page.Cursor(), Statuses: tenants.Texts(f.Statuses), Kinds: tenants.Texts(f.Kinds),
			PageSize: page.Fetch(),
		})
		if err != nil {
			return fmt.Errorf("list the tasks: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.Task) string { return r.ID.String() }, taskOf)
		return nil
	})
	return out, err
}

// Forget deletes tasks that ended before a time: at most a thousand, and says how many. Atomic.
func Forget(ctx context.Context, tx db.TenantTx, before time.Time) (int64, error) {
	n, err := q.TaskForget(ctx, tx, before)
	if err != nil {
		return 0, fmt.Errorf("forget tasks: %w", err)
	}
	return n, nil
}
