package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// disk is a file system of its own for the tables, in memory, whose size is changed while Postgres works on it: made as
// small as what is on it, every extension of a table fails with "no space left on device" (SQLSTATE 53100). The log and
// the catalog of Postgres are elsewhere: a full disk there stops the server, and that fault is crashDatabase.
type disk struct{ dir string }

const (
	maintenance   = "postgres" // the database that every cluster has
	tablespace    = "chaos_tables"
	diskRoomy     = "size=16g" // a limit, not memory taken
	diskPageBytes = 4096
)

// mountDisk moves the database to a file system of its own. It needs root; a machine that does not let us has no such
// fault.
func (w *world) mountDisk(ctx context.Context) error {
	d := &disk{filepath.Join(w.dir, "tables")}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return fmt.Errorf("make the tables' directory: %w", err)
	}
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, diskRoomy); err != nil {
		w.say("no disk will run full: %v", err)
		return nil
	}
	w.disk = d
	info, err := os.Stat(fmt.Sprintf("/proc/%d", w.database.PID()))
	if err != nil {
		return fmt.Errorf("look at Postgres: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("look at Postgres: no owner")
	}
	if err := errors.Join(os.Chown(d.dir, int(owner.Uid), int(owner.Gid)), os.Chmod(d.dir, 0o700)); err != nil {
		return fmt.Errorf("give the tables' directory to Postgres: %w", err)
	}
	return w.superuser(ctx, fmt.Sprintf("CREATE TABLESPACE %s LOCATION '%s'", tablespace, d.dir),
		fmt.Sprintf("ALTER DATABASE %s SET TABLESPACE %s", database, tablespace))
}

// superuser runs statements on a connection of their own, to a database that is not the product's.
func (w *world) superuser(ctx context.Context, statements ...string) error {
	conn, err := pgx.Connect(ctx, w.database.SuperuserDSN(maintenance))
	if err != nil {
		return fmt.Errorf("connect as superuser: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// unmount takes the file system away, after Postgres has ended.
func (d *disk) unmount() error {
	if d == nil {
		return nil
	}
	if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount the tables' disk: %w", err)
	}
	return nil
}

// fill takes the room away for a while.
func (d *disk) fill(ctx context.Context, away time.Duration) error {
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.dir, &s); err != nil {
		return fmt.Errorf("look at the disk: %w", err)
	}
	used := int64(s.Blocks-s.Bfree) * int64(s.Bsize)
	// It may have grown meanwhile; a size below what is used is refused.
	var err error
	for room := int64(diskPageBytes); room <= 64<<20; room *= 4 {
		if err = d.resize(fmt.Sprintf("size=%d", used+room)); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	pause(ctx, away)
	return d.resize(diskRoomy)
}

func (d *disk) resize(size string) error {
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", syscall.MS_REMOUNT, size); err != nil {
		return fmt.Errorf("change the disk to %s: %w", size, err)
	}
	return nil
}
