package chain

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
)

// Span is what one link covers: the rows after one up to another.
type Span struct {
	After, Upto uuid.UUID
	link        dbsqlc.ChainLink
}

// Due is the oldest batch whose rows are still there, when all of them are older than the given identifier: rows leave
// by whole batches only.
func (s *Service) Due(
	ctx context.Context,
	tx db.TenantTx,
	of Records,
	before uuid.UUID,
) (span Span, ok bool, err error) {
	l, err := q.ChainLinkDue(ctx, tx, string(of), 0)
	if db.IsNoRows(err) {
		return span, false, nil
	}
	if err != nil {
		return span, false, fmt.Errorf("look for a batch that is due: %w", err)
	}
	if l.LastID.String() >= before.String() {
		return span, false, nil
	}
	after, err := covered(ctx, tx, l)
	return Span{After: after, Upto: l.LastID, link: l}, err == nil, err
}

// Expire says that the rows of a batch are deleted for their age. The link stays.
func (s *Service) Expire(ctx context.Context, tx db.TenantTx, span Span, now time.Time) error {
	mac, err := s.expiry(ctx, span.link.Digest, now)
	if err != nil {
		return err
	}
	if err := q.ChainLinkExpire(ctx, tx, dbsqlc.ChainLinkExpireParams{
		ExpiredAt: now, Expiry: mac[:], Records: span.link.Records, Number: span.link.Number,
	}); err != nil {
		return fmt.Errorf("keep that a batch is gone: %w", err)
	}
	return nil
}

// Reseal takes what an erasure has made of the given rows for what they were: the digest of the columns that name a
// person (an entry's detail, changes and address; an event's data) is made anew, and the link says when. What never
// changes must still be as it was. The erasure itself is an entry of the audit log, which says who and why. Whoever
// calls it has called [vault.Vault.Ready] before the transaction.
func (s *Service) Reseal(ctx context.Context, tx db.TenantTx, of Records, rows ...uuid.UUID) error {
	done := map[int32]bool{}
	for _, r := range rows {
		l, err := q.ChainLinkOf(ctx, tx, string(of), r)
		if db.IsNoRows(err) || err == nil && (done[l.Number] || l.ExpiredAt != nil) {
			continue // not closed yet, or gone
		}
		if err != nil {
			return fmt.Errorf("look for the batch of a row: %w", err)
		}
		done[l.Number] = true
		after, err := covered(ctx, tx, l)
		if err != nil {
			return err
		}
		all, err := read(ctx, tx, of, after, l.LastID, l.RowCount+1)
		if err != nil {
			return fmt.Errorf("read a batch: %w", err)
		}
		now := s.clock.Now()
		l.ErasedAt = &now
		core, personal, err := s.digests(ctx, tx.Tenant(), l, all)
		if err != nil {
			return err
		}
		if string(core[:]) != string(l.Digest) {
			return fmt.Errorf("batch %d of %s is not as it was closed", l.Number, of)
		}
		if err := q.ChainLinkReseal(ctx, tx, dbsqlc.ChainLinkResealParams{
			Personal: personal[:], ErasedAt: now, Records: l.Records, Number: l.Number,
		}); err != nil {
			return fmt.Errorf("seal a batch anew: %w", err)
		}
	}
	return nil
}

// covered is the row after which a link's rows begin: the last of the link before.
func covered(ctx context.Context, tx db.TenantTx, l dbsqlc.ChainLink) (uuid.UUID, error) {
	if l.Number == 1 {
		return uuid.Nil, nil
	}
	before, err := q.ChainLinkGet(ctx, tx, l.Records, l.Number-1)
	if err != nil {
		return uuid.Nil, fmt.Errorf("read the link before: %w", err)
	}
	return before.LastID, nil
}
