// Package imports takes card keys from a file into stock, as a task: line by line, in batches, each of which is one
// import as [stock] makes it. What a batch has taken, how far the file was read and which lines were left out is
// written in one transaction, so a task whose worker was killed goes on behind the last line that it took.
package imports

import (
	"context"
	"fmt"
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
	"zhitong/tenants/stock"
	"zhitong/tenants/tasks"
)

const (
	// FileMax bounds a file with card keys, in bytes.
	FileMax = 64 << 20
	// batchBytes bounds a batch, beside the number of keys that an import takes.
	batchBytes = 1 << 20
	// reportKept is how long the list of the lines that were left out stays.
	reportKept = 7 * 24 * time.Hour
)

// Config is what a Service needs.
type Config struct {
	DB    *db.DB
	Clock clock.Clock
	Tasks *tasks.Service
	Files *files.Service
	Stock *stock.Service
	Batch int               // keys a step; 0: as many as an import takes
	Step  func(name string) // nil in production; tests crash at a step
}

// Service carries imports from files. It is the kind of task that does them.
type Service struct{ c Config }

// New makes a Service, and lets the tasks do imports.
func New(c Config) *Service {
	if c.Batch == 0 {
		c.Batch = stock.ImportMax
	}
	if c.Step == nil {
		c.Step = func(string) {}
	}
	s := &Service{c}
	c.Tasks.Add(s)
	return s
}

// request is what somebody wants imported.
type request struct {
	Product id.Product `json:"product_id"`
	File    id.File    `json:"file_id"`
}

// Create asks for an import of the card keys in a file, one a line. A repeat with the same key gives the task that is
// there.
//
// It returns product_not_found, not_the_supplier, file_not_found, file_too_large, too_many_tasks_running,
// too_many_tasks_kept and idempotency_key_reused.
func (s *Service) Create(ctx context.Context, a tenants.Actor, key idempotency.Key, product id.Product,
	file id.File) (t tasks.Task, replayed bool, err error) {
	const operation = "createCardKeyImport"
	f, err := s.c.Files.Get(ctx, a, file)
	if err != nil {
		return t, false, err
	}
	if f.Size > FileMax {
		return t, false, fault.New(files.CodeFileTooLarge, "A file with card keys has at most %d bytes.", FileMax)
	}
	err = a.In(ctx, s.c.DB, func(ctx context.Context, tx db.TenantTx) error {
		if err := s.c.Stock.MaySupply(ctx, tx, a, product); err != nil {
			return err
		}
		task := id.New[id.Task]()
		existing, again, err := key.Claim(ctx, tx, a, operation, task)
		if err != nil {
			return err
		}
		if replayed = again; again {
			t, err = s.c.Tasks.Read(ctx, tx, id.Task(existing))
			return err
		}
		if t, err = s.c.Tasks.Create(ctx, tx, a, task, vocabulary.TaskCardKeyImport,
			request{product, file}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "task", task,
			fmt.Sprintf("product %s, file %s", product, file))
	})
	return t, replayed, err
}
