package chain

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
)

// Close closes the batches of a tenant that are due, and tells how many rows that were. It may be broken off and run
// again, and run twice at once. Whoever calls it for many tenants asks [Service.Quiet] first.
func (s *Service) Close(ctx context.Context, tenant id.Tenant) (rows int64, err error) {
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return 0, err
	}
	for _, of := range All() {
		for range roundsMax {
			n, err := s.closeNext(ctx, tenant, of)
			if err != nil {
				return rows, fmt.Errorf("close a batch of %s: %w", of, err)
			}
			if rows += n; n == 0 {
				break
			}
		}
	}
	return rows, nil
}

// made is when a row's identifier was made: an identifier begins with its time.
func made(r row) time.Time {
	var ms int64
	for _, b := range r.id[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms)
}

// cut makes a batch of rows: what was made within a day, so that all of it is deleted at about its time. until is the
// moment before which every row is in a link: when there may be more, that of the last row.
func cut(rows []row, batch int32, due time.Time) (few []row, until time.Time) {
	n := 0
	for n < len(rows) && made(rows[n]).Sub(made(rows[0])) < wide {
		n++
	}
	if n < len(rows) || n >= int(batch) {
		due = made(rows[n-1])
	}
	return rows[:n], due
}

// closeNext makes the next link, if there are rows for one.
func (s *Service) closeNext(ctx context.Context, tenant id.Tenant, of Records) (n int64, err error) {
	now := s.clock.Now()
	upto := id.First[uuid.UUID](now.Add(-Lag))
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		n = 0
		head, err := q.ChainHeadGet(ctx, tx, string(of))
		if err != nil && !db.IsNoRows(err) {
			return fmt.Errorf("read the head: %w", err)
		}
		if few, err := read(ctx, tx, of, head.LastID, upto, 1); err != nil || len(few) == 0 {
			return err
		}
		locked, err := q.ChainHeadLock(ctx, tx, string(of))
		if err != nil {
			return fmt.Errorf("lock the head: %w", err)
		}
		rows, err := read(ctx, tx, of, locked.LastID, upto, s.batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		rows, until := cut(rows, s.batch, now.Add(-Lag))
		s.step("read")
		l := dbsqlc.ChainLink{Records: string(of), Number: locked.Number + 1, FirstID: rows[0].id,
			LastID: rows[len(rows)-1].id, RowCount: int32(len(rows)), Previous: make([]byte, 32)} //nolint:gosec // few
		if locked.Number > 0 {
			before, err := q.ChainLinkGet(ctx, tx, string(of), locked.Number)
			if err != nil {
				return fmt.Errorf("read the link before: %w", err)
			}
			l.Previous = before.Digest
		}
		core, personal, err := s.digests(ctx, tenant, l, rows)
		if err != nil {
			return err
		}
		if err := q.ChainLinkInsert(ctx, tx, dbsqlc.ChainLinkInsertParams{
			Records:  l.Records,
			Number:   l.Number,
			FirstID:  l.FirstID,
			LastID:   l.LastID,
			RowCount: l.RowCount,
			Digest:   core[:],
			Personal: personal[:],
			Previous: l.Previous,
			ClosedAt: now,
		}); err != nil {
			return fmt.Errorf("write the link: %w", err)
		}
		s.step("linked")
		if err := q.ChainHeadSet(ctx, tx, dbsqlc.ChainHeadSetParams{
			Number: l.Number, LastID: l.LastID, ClosedUntil: until, Records: l.Records,
		}); err != nil {
			return fmt.Errorf("move the head: %w", err)
		}
		n = int64(len(rows))
		s.step("headed")
		return nil
	})
	if err == nil && n > 0 {
		s.step("closed")
	}
	return n, err
}
