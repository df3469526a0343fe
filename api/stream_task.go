package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/api/sse"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/tasks"
)

// followingTask is the answer to one that follows a task.
type followingTask struct {
	ctx   context.Context //nolint:containedctx // the generated interface gives the answer no other
	actor tenants.Actor
	s     *server
	task  id.Task
}

func (s *server) StreamTask(
	ctx context.Context,
	r apigen.StreamTaskRequestObject,
) (apigen.StreamTaskResponseObject, error) {
	a := authn.From(ctx)
	if _, err := s.Tasks.Get(ctx, a, r.TaskID); err != nil {
		return nil, err
	}
	return followingTask{ctx, a, s, r.TaskID}, nil
}

// VisitStreamTaskResponse implements apigen.StreamTaskResponseObject. It ends as that of events does, and after the
// task has.
func (f followingTask) VisitStreamTaskResponse(w http.ResponseWriter) error {
	told := int64(0)
	return follow(f.ctx, w, f.s.Streams.Tasks, f.actor, f.task, func(stream *sse.Stream, version int64) (bool, error) {
		if version == told {
			return true, nil
		}
		t, err := f.tell(stream)
		told = t.Version
		return !t.Ended(), err
	}, func() string { return ": still here\n\n" })
}

// tell sends how the task stands. It returns task_not_found when it is gone.
func (f followingTask) tell(stream *sse.Stream) (t tasks.Task, err error) {
	a, err := still(f.ctx, f.actor)
	if err != nil {
		return t, err
	}
	if t, err = f.s.Tasks.Get(f.ctx, a, f.task); err != nil {
		return t, err
	}
	data, err := json.Marshal(taskOf(t))
	if err != nil {
		return t, fmt.Errorf("write the task: %w", err)
	}
	return t, stream.Send(fmt.Sprintf("id: %d\nevent: task\ndata: %s\n\n", t.Version, data))
}
