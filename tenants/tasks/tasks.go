// Package tasks is long work that somebody asked for. A task is done in steps. Each step is one transaction that writes
// what was made together with how far the task is, unless another worker has got further: so a task goes on where it
// was when its worker is killed, and nothing is done twice.
//
// What a kind of task does is a [Kind]; the packages of the matters make them.
package tasks

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
)

var q = dbsqlc.New()

// Bounds of a tenant's tasks.
const (
	OpenMax = 5     // under way at a time
	KeptMax = 1_000 // under way, and ended less than Kept ago
	Kept    = 30 * 24 * time.Hour
)

// Codes of this package.
const (
	CodeTaskNotFound fault.Code = "task_not_found"
	CodeTaskEnded    fault.Code = "task_ended"
	CodeTaskOthers   fault.Code = "task_of_another"
	CodeTasksOpen    fault.Code = "too_many_tasks_running"
	CodeTasksKept    fault.Code = "too_many_tasks_kept"
	CodeTaskGivenUp  fault.Code = "task_given_up"
)

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{
		{
			Code:      CodeTaskNotFound,
			Status:    http.StatusNotFound,
			Title:     "No such task",
			TitleZh:   "任务不存在",
			Meaning:   "There is no task with this id, or its time is up.",
			MeaningZh: "没有此标识的任务，或任务已过保留期。",
		},
		{
			Code:      CodeTaskEnded,
			Status:    http.StatusConflict,
			Title:     "The task has ended",
			TitleZh:   "任务已结束",
			Meaning:   "A task that has succeeded or failed cannot be canceled.",
			MeaningZh: "已成功或已失败的任务无法取消。",
		},
		{
			Code:      CodeTaskOthers,
			Status:    http.StatusForbidden,
			Title:     "The task is somebody else's",
			TitleZh:   "任务属于他人",
			Meaning:   "A task is canceled by who asked for it, or by an owner or admin.",
			MeaningZh: "任务只能由发起人、所有者或管理员取消。",
		},
		{
			Code:    CodeTasksOpen,
			Status:  http.StatusConflict,
			Title:   "Too many tasks are under way",
			TitleZh: "进行中的任务过多",
			Meaning: fmt.Sprintf("A platform has at most %d tasks under way. Wait for one to end, or cancel one.",
				OpenMax),
			MeaningZh: fmt.Sprintf("每个平台最多同时进行 %d 个任务。请等待其中一个结束，或取消一个。", OpenMax),
		},
		{
			Code:    CodeTasksKept,
			Status:  http.StatusConflict,
			Title:   "Too many tasks are kept",
			TitleZh: "保留的任务过多",
			Meaning: fmt.Sprintf("A platform may ask for %d tasks in %d days; after that they are forgotten.",
				KeptMax, int(Kept.Hours())/24),
			MeaningZh: fmt.Sprintf("每个平台 %d 天内最多 %d 个任务，到期后自动删除。", int(Kept.Hours())/24, KeptMax),
		},
		{
			Code:      CodeTaskGivenUp,
			Status:    http.StatusInternalServerError,
			Title:     "The task was given up",
			TitleZh:   "任务已放弃",
			Meaning:   "It failed too often for a reason of ours. Ask again; if that fails, too, tell us its id.",
			MeaningZh: "因我方原因多次失败。请重新发起；若仍失败，请提供任务标识。",
		},
	}
}

// Task is long work that somebody asked for.
type Task struct {
	ID     id.Task
	Kind   vocabulary.TaskKind
	Status vocabulary.TaskStatus
	Asker  tenants.Actor // who asked, with the rights of then
	Params []byte        // what was asked for, as the kind writes it
	State  []byte        // where the next step begins, as the kind writes it
	Done   int64
	Total  *int64 // nil: not known
	Counts map[string]int64
	File   id.File // the result; zero: none
	// Error is why it failed; empty: it did not.
	Error   fault.Code
	Version int64 // counts the steps and changes, from 1

	CreatedAt          time.Time
	StartedAt, EndedAt *time.Time
}

// Ended tells whether nothing more will happen.
func (t Task) Ended() bool { return len(transitions()[t.Status]) == 0 }

// transitions are the statuses that may follow each status.
func transitions() map[vocabulary.TaskStatus][]vocabulary.TaskStatus {
	return map[vocabulary.TaskStatus][]vocabulary.TaskStatus{
		vocabulary.TaskQueued: {vocabulary.TaskRunning, vocabulary.TaskSucceeded, vocabulary.TaskFailed,
			vocabulary.TaskCanceled},
		vocabulary.TaskRunning: {vocabulary.TaskRunning, vocabulary.TaskSucceeded, vocabulary.TaskFailed,
			vocabulary.TaskCanceled},
		vocabulary.TaskSucceeded: nil,
		vocabulary.TaskFailed:    nil,
		vocabulary.TaskCanceled:  nil,
	}
}

// may tells whether a status may follow another.
func may(from, to vocabulary.TaskStatus) bool { return slices.Contains(transitions()[from], to) }

// Config is what a Service needs.
type Config struct {
	DB    *db.DB
	Clock clock.Clock
	Kinds []Kind            // that this program can do
	Step  func(name string) // nil in production; tests crash at a step
}

// Service carries the use cases of tasks.
type Service struct {
	db    *db.DB
	clock clock.Clock
	kinds map[vocabulary.TaskKind]Kind
	step  func(name string)
}

// New makes a Service.
func New(c Config) *Service {
	if c.Step == nil {
		c.Step = func(string) {}
	}
	s := &Service{db: c.DB, clock: c.Clock, kinds: map[vocabulary.TaskKind]Kind{}, step: c.Step}
	s.Add(c.Kinds...)
	return s
}

// Add lets the service do more kinds. It is called while the program is put together.
func (s *Service) Add(kinds ...Kind) {
	for _, k := range kinds {
		s.kinds[k.Name()] = k
	}
}

func taskOf(r dbsqlc.Task) Task {
	caller := tenants.ByKey(id.APIKey(r.CallerID))
	if vocabulary.CallerKind(r.CallerKind) == vocabulary.CallerSession {
		caller = tenants.BySession(id.Session(r.CallerID), r.MemberID)
	}
	return Task{
		ID:     r.ID,
		Kind:   r.Kind,
		Status: r.Status,
		Asker: tenants.Actor{Tenant: r.TenantID, Caller: caller, Role: tenants.Role(r.Role), Merchant: r.MerchantID,
			Permissions: tenants.ReadPermissions(r.Permissions)},
		Params:    r.Params,
		State:     r.State,
		Done:      r.Done,
		Total:     r.Total,
		Counts:    r.Counts,
		File:      r.FileID,
		Error:     fault.Code(r.ErrorCode),
		Version:   r.Version,
		CreatedAt: r.CreatedAt,
		StartedAt: r.StartedAt,
		EndedAt:   r.EndedAt,
	}
}

// found is the task, or task_not_found.
func found(r dbsqlc.Task, err error) (Task, error) {
	if db.IsNoRows(err) {
		return Task{}, fault.New(CodeTaskNotFound, "There is no such task.")
	}
	if err != nil {
		return Task{}, fmt.Errorf("read the task: %w", err)
	}
	return taskOf(r), nil
}
