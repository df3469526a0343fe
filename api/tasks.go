package api

import (
	"context"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/tasks"
)

func (s *server) ListTasks(
	ctx context.Context,
	r apigen.ListTasksRequestObject,
) (apigen.ListTasksResponseObject, error) {
	p, err := page[id.Task](ctx, r.Params.Limit, r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Tasks.List(ctx, authn.From(ctx), p, tasks.Filter{
		Statuses: each(value(r.Params.Status),
			func(v apigen.TaskStatus) vocabulary.TaskStatus { return vocabulary.TaskStatus(v) }),
		Kinds: each(value(r.Params.Kind),
			func(v apigen.TaskKind) vocabulary.TaskKind { return vocabulary.TaskKind(v) }),
	})
	if err != nil {
		return nil, err
	}
	data, next := list(ctx, found, taskOf)
	return apigen.ListTasks200JSONResponse{Data: data, NextCursor: next}, nil
}

func (s *server) GetTask(ctx context.Context, r apigen.GetTaskRequestObject) (apigen.GetTaskResponseObject, error) {
	t, err := s.Tasks.Get(ctx, authn.From(ctx), r.TaskID)
	if err != nil {
		return nil, err
	}
	return apigen.GetTask200JSONResponse{
		Body:    taskOf(t),
		Headers: apigen.GetTask200ResponseHeaders{ETag: etag(t.Version)},
	}, nil
}

func (s *server) CancelTask(
	ctx context.Context,
	r apigen.CancelTaskRequestObject,
) (apigen.CancelTaskResponseObject, error) {
	t, err := s.Tasks.Cancel(ctx, authn.From(ctx), r.TaskID)
	if err != nil {
		return nil, err
	}
	return apigen.CancelTask200JSONResponse{
		Body:    taskOf(t),
		Headers: apigen.CancelTask200ResponseHeaders{ETag: etag(t.Version)},
	}, nil
}

func taskOf(t tasks.Task) apigen.Task {
	kind, who := t.Asker.Caller.AuditActor()
	counts := t.Counts
	if counts == nil {
		counts = map[string]int64{}
	}
	return apigen.Task{
		ID:          t.ID,
		Kind:        apigen.TaskKind(t.Kind),
		Status:      apigen.TaskStatus(t.Status),
		Progress:    apigen.TaskProgress{Done: t.Done, Total: t.Total, Counts: counts},
		FileID:      optional(t.File),
		ErrorCode:   optional(string(t.Error)),
		AskedByKind: apigen.ActorKind(kind),
		AskedBy:     who,
		CreatedAt:   clock.Stamp(t.CreatedAt),
		StartedAt:   clock.StampOf(t.StartedAt),
		EndedAt:     clock.StampOf(t.EndedAt),
	}
}
