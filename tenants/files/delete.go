package files

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// dueMax is how many files are forgotten at a time.
const dueMax = 100

// Delete deletes a file: from the moment that this commits it does not show, and its content is gone from Postgres.
// From the object store it is deleted after that, or by the next sweep when that fails.
//
// It returns file_not_found and file_of_another.
func (s *Service) Delete(ctx context.Context, a tenants.Actor, file id.File) error {
	var f File
	err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) (err error) {
		if f, err = s.read(ctx, tx, a, file); err != nil {
			return err
		}
		if !a.Runs(f.Maker) {
			return fault.New(CodeFileOthers, "Somebody else has made this file.")
		}
		if !f.inBucket {
			if err := remove(ctx, tx, file); err != nil {
				return err
			}
		} else if err := q.FileExpire(ctx, tx.Later(), s.clock.Now(), file); err != nil {
			return fmt.Errorf("end the file: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "deleteFile", "file", file, "")
	})
	if err != nil || !f.inBucket {
		return err
	}
	s.step("hidden")
	_ = s.forget(ctx, a.Tenant, file, true) // the sweep does what does not succeed now
	return nil
}

// Forget deletes files whose time is up, and what was begun long ago and never became whole: some of them, and says how
// many. It can be broken off and run again at any time.
func (s *Service) Forget(ctx context.Context, tenant id.Tenant) (n int, err error) {
	now := s.clock.Now()
	return s.forgetOf(ctx, tenant, now, now.Add(-unfinishedKept))
}

func (s *Service) forgetOf(ctx context.Context, tenant id.Tenant, ended, begun time.Time) (n int, err error) {
	type due struct {
		file     id.File
		inBucket bool
	}
	var all []due
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.FileDue(ctx, tx, ended, begun, dueMax)
		for _, r := range rows {
			all = append(all, due{r.ID, r.InBucket})
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("look for files whose time is up: %w", err)
	}
	for _, f := range all {
		if err := s.forget(ctx, tenant, f.file, f.inBucket); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Empty deletes all files of a tenant that ends, whatever they are, and what lies beside them in the object store. It
// can be broken off and run again at any time.
func (s *Service) Empty(ctx context.Context, tenant id.Tenant) error {
	ever := s.clock.Now().AddDate(1000, 0, 0)
	for {
		n, err := s.forgetOf(ctx, tenant, ever, ever)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	if s.bucket == nil {
		return nil
	}
	if err := s.bucket.DeleteAll(ctx, tenant.String()+"/"); err != nil {
		return fmt.Errorf("delete what %s has in the object store: %w", tenant, err)
	}
	return nil
}

// forget deletes a file: from the object store first, so that nothing is left there that no row tells of.
func (s *Service) forget(ctx context.Context, tenant id.Tenant, file id.File, inBucket bool) error {
	if inBucket {
		if s.bucket == nil {
			return fmt.Errorf("files: %s lies in an object store, and none is configured", file)
		}
		within, cancel := context.WithTimeout(ctx, stalled)
		defer cancel()
		if err := s.bucket.DeleteAll(within, folder(tenant, file)); err != nil {
			return fmt.Errorf("delete the parts of %s: %w", file, err)
		}
		s.step("emptied")
	}
	return s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		return remove(ctx, tx, file)
	})
}

func remove(ctx context.Context, tx db.TenantTx, file id.File) error {
	if err := q.FileChunksDelete(ctx, tx.Later(), file); err != nil {
		return fmt.Errorf("delete the parts of %s: %w", file, err)
	}
	if err := q.FileDelete(ctx, tx.Later(), file); err != nil {
		return fmt.Errorf("delete %s: %w", file, err)
	}
	return nil
}

// Discard ends a file that never showed and is not needed any more. Atomic.
func (s *Service) Discard(ctx context.Context, tx db.TenantTx, d Draft) error {
	if !d.InBucket {
		return remove(ctx, tx, d.ID)
	}
	if err := q.FileExpire(ctx, tx.Later(), s.clock.Now(), d.ID); err != nil {
		return fmt.Errorf("end the file: %w", err)
	}
	return nil
}
