// Package exports writes the lists of the API into files, as tasks. A list is read page by page as who asked sees it,
// by the list operation itself: an export shows nobody what the API would not. Files are CSV or spreadsheets; what
// begins like a formula is text in both.
package exports

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/files"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/tasks"
)

const (
	// pageRows is how many rows are read at a time; stepPages how many pages one step writes.
	pageRows  = tenants.LimitMax
	stepPages = 20
	// RowsMax bounds an export.
	RowsMax = 2_000_000
	// Kept is how long an export stays.
	Kept = 7 * 24 * time.Hour
)

// CodeTooLarge is the code of an export that would have too many rows.
const CodeTooLarge fault.Code = "export_too_large"

// Faults lists the codes of this package.
func Faults() []fault.Definition {
	return []fault.Definition{{
		Code:      CodeTooLarge,
		Status:    http.StatusUnprocessableEntity,
		Title:     "The export is too large",
		TitleZh:   "导出内容过多",
		Meaning:   fmt.Sprintf("An export has at most %d rows. Narrow it by its filters.", RowsMax),
		MeaningZh: fmt.Sprintf("一次导出最多 %d 行。请用筛选条件缩小范围。", RowsMax),
	}}
}

// Ask is which page of which list is wanted.
type Ask struct {
	Operation string // of the list
	Query     string // its filters, as the operation takes them
	Cursor    string // of the page; empty: the first
	Limit     int
	Count     bool // tell how many rows there are, where the list can
}

// Page is part of a list: its rows as the API answers them.
type Page struct {
	Rows  []map[string]any
	Next  string // the cursor of the next page; empty: there is none
	Total *int64 // nil: not known
}

// Source reads lists as an actor sees them.
type Source interface {
	Page(ctx context.Context, a tenants.Actor, ask Ask) (Page, error)
}

// Config is what a Service needs.
type Config struct {
	DB     *db.DB
	Clock  clock.Clock
	Tasks  *tasks.Service
	Files  *files.Service
	Source Source
	// SheetRows bounds a sheet of a spreadsheet, PageRows a page and StepPages the pages of a step; 0 is the usual
	// number.
	SheetRows, PageRows, StepPages int

	Step func(name string) // nil in production; tests crash at a step
}

// Service carries the use cases of exports. It is the kind of task that does them.
type Service struct {
	db     *db.DB
	clock  clock.Clock
	tasks  *tasks.Service
	files  *files.Service
	source Source
	rows   int
	page   int
	pages  int
	step   func(name string)
}

// New makes a Service, and lets the tasks do exports.
func New(c Config) *Service {
	if c.SheetRows == 0 {
		c.SheetRows = sheetRows
	}
	if c.PageRows == 0 {
		c.PageRows = pageRows
	}
	if c.StepPages == 0 {
		c.StepPages = stepPages
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	s := &Service{db: c.DB, clock: c.Clock, tasks: c.Tasks, files: c.Files, source: c.Source, rows: c.SheetRows,
		page: c.PageRows, pages: c.StepPages, step: c.Step}
	c.Tasks.Add(s)
	return s
}

// Format is what kind of file is made.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Request is what somebody wants exported.
type Request struct {
	List     string `json:"list"`  // a name of Lists
	Query    string `json:"query"` // filters, as the list operation takes them
	Format   Format `json:"format"`
	Language string `json:"language"` // of the headings: zh or en
	// Mode is the tenant's, which some lists tell.
	Mode vocabulary.TenantMode `json:"mode"`
}

// Create asks for an export. The list is asked for once with the filters: so whoever may not read it, or asks for what
// is none, is told so at once. A repeat with the same key gives the task that is there.
//
// It returns what the list operation returns, too_many_tasks_running, too_many_tasks_kept and idempotency_key_reused.
func (s *Service) Create(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	in Request,
) (t tasks.Task, replayed bool, err error) {
	const operation = "createExport"
	l, ok := listOf(in.List)
	if !ok {
		return t, false, fault.New(tenants.CodeInvalidRequest, "There is no such list.").
			At("/list", "enum", "Must be a list that can be exported.")
	}
	if _, err := s.source.Page(ctx, a, Ask{Operation: l.operation, Query: in.Query, Limit: 1}); err != nil {
		return t, false, inQuery(err)
	}
	in.Mode = a.Mode
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		task := id.New[id.Task]()
		existing, again, err := key.Claim(ctx, tx, a, operation, task)
		if err != nil {
			return err
		}
		if replayed = again; again {
			t, err = s.tasks.Read(ctx, tx, id.Task(existing))
			return err
		}
		if t, err = s.tasks.Create(ctx, tx, a, task, vocabulary.TaskExport, in); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "task", task, in.List+" "+string(in.Format))
	})
	return t, replayed, err
}

// inQuery says of the faults of a list's parameters where they stand in the request for an export.
func inQuery(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	moved := *f
	moved.Fields = slices.Clone(f.Fields)
	for i, field := range moved.Fields {
		moved.Fields[i].Pointer = "/query"
		if field.Pointer != "" {
			moved.Fields[i].Detail = "In " + field.Pointer + ": " + field.Detail
		}
	}
	return &moved
}
