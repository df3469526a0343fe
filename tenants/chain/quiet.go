package chain

import (
	"context"
	"fmt"
	"time"

	"zhitong/db"
)

// Quiet returns [ErrHeldUp] when a transaction of the programs has been open for so long that rows may come in behind
// what would be closed.
func (s *Service) Quiet(ctx context.Context) error {
	open, err := OldestOpen(ctx, s.db)
	if err != nil {
		return err
	}
	if open > s.open {
		return ErrHeldUp
	}
	return nil
}

// OldestOpen is for how long the oldest transaction of the programs has been open; 0: there is none.
func OldestOpen(ctx context.Context, d *db.DB) (time.Duration, error) {
	var ms int64
	err := d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		return tx.QueryRow(ctx, oldest).Scan(&ms)
	})
	if err != nil {
		return 0, fmt.Errorf("look for old transactions: %w", err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// oldest is for how many milliseconds the oldest other transaction of the programs has been open.
const oldest = `
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)) * 1000, 0)::bigint
FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()`
