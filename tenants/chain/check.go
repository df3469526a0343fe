package chain

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
)

// linkPage is how many links are read at a time.
const linkPage = 200

// Fault is something that does not fit.
type Fault struct {
	Name    string // chain_broken, …
	Records Records
	Number  int32 // of the link
	Detail  string
}

// Names of faults.
const (
	NameBroken    = "chain_broken"    // a link is missing, changed, or does not follow the one before
	NameRows      = "chain_rows"      // rows of a closed batch were deleted, or some came in later
	NameChanged   = "chain_changed"   // a row of a closed batch was changed
	NamePersonal  = "chain_personal"  // a row's personal columns were changed, and no erasure says so
	NameUncovered = "chain_uncovered" // the newest links are missing, or rows came in behind them
)

// Newest is the newest link of a chain, to be kept outside of the database.
type Newest struct {
	Tenant  id.Tenant `json:"tenant_id"`
	Records Records   `json:"records"`
	Number  int32     `json:"number"`
	Digest  []byte    `json:"digest"`
}

// Check compares the chains of a tenant with their rows. It reads only, and may run while rows are written, closed and
// deleted for their age.
func (s *Service) Check(ctx context.Context, tenant id.Tenant) (faults []Fault, newest []Newest, err error) {
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return nil, nil, err
	}
	for _, of := range All() {
		found, last, err := s.check(ctx, tenant, of)
		if err != nil {
			return nil, nil, fmt.Errorf("check the chain of %s: %w", of, err)
		}
		faults = append(faults, found...)
		if last.Number > 0 {
			newest = append(newest, Newest{tenant, of, last.Number, last.Digest})
		}
	}
	return faults, newest, nil
}

func (s *Service) check(
	ctx context.Context,
	tenant id.Tenant,
	of Records,
) (faults []Fault, last dbsqlc.ChainLink, err error) {
	head, err := s.head(ctx, tenant, of)
	if err != nil {
		return nil, last, err
	}
	last.Digest = make([]byte, 32)
	for {
		var page []dbsqlc.ChainLink
		err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
			page, err = q.ChainLinkList(ctx, tx, string(of), last.Number, linkPage)
			return err
		})
		if err != nil {
			return nil, last, err
		}
		for _, l := range page {
			found, err := s.checkLink(ctx, tenant, of, last, l)
			if err != nil {
				return nil, last, err
			}
			faults = append(faults, found...)
			last = l
		}
		if len(page) < linkPage {
			break
		}
	}
	if head.Number > last.Number {
		faults = append(faults, Fault{NameBroken, of, head.Number, fmt.Sprintf("the newest link is %d, and %d was made",
			last.Number, head.Number)})
	}
	if head.ClosedUntil == nil && last.Number > 0 { // the first link may have been made meanwhile
		if head, err = s.head(ctx, tenant, of); err != nil {
			return nil, last, err
		}
		if head.ClosedUntil == nil {
			faults = append(faults, Fault{NameBroken, of, last.Number, "the chain has lost its head"})
		}
		return faults, last, nil
	}
	if head.ClosedUntil == nil {
		return faults, last, nil
	}
	var over []row
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		over, err = read(ctx, tx, of, last.LastID, id.First[uuid.UUID](*head.ClosedUntil), batchSize)
		return err
	})
	if err == nil && len(over) > 0 {
		faults = append(faults, Fault{NameUncovered, of, last.Number,
			fmt.Sprintf("%d rows from %s on should be in a link", len(over), over[0].id)})
	}
	return faults, last, err
}

// head is the head of a chain; without a moment when there is none.
func (s *Service) head(ctx context.Context, tenant id.Tenant, of Records) (head dbsqlc.ChainHeadGetRow, err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		head, err = q.ChainHeadGet(ctx, tx, string(of))
		if db.IsNoRows(err) {
			head, err = dbsqlc.ChainHeadGetRow{}, nil
		}
		return err
	})
	return head, err
}

// checkLink compares one link with the one before and with its rows. What does not fit is looked at again: the rows may
// have been deleted for their age, or erased, in between.
func (s *Service) checkLink(
	ctx context.Context,
	tenant id.Tenant,
	of Records,
	before, l dbsqlc.ChainLink,
) (faults []Fault, err error) {
	fault := func(name, format string, args ...any) {
		faults = append(faults, Fault{name, of, l.Number, fmt.Sprintf(format, args...)})
	}
	after := before.LastID
	switch {
	case l.Number != before.Number+1:
		fault(NameBroken, "links %d to %d are missing", before.Number+1, l.Number-1)
		after = prior(l.FirstID)
	case !bytes.Equal(l.Previous, before.Digest):
		fault(NameBroken, "it does not follow link %d as that is now", before.Number)
	}
	for range 2 {
		name, detail, err := s.compare(ctx, tenant, of, after, l)
		if err != nil || name == "" {
			return faults, err
		}
		var now dbsqlc.ChainLink
		err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
			now, err = q.ChainLinkGet(ctx, tx, string(of), l.Number)
			return err
		})
		if err != nil {
			return faults, err
		}
		if bytes.Equal(now.Personal, l.Personal) && (now.ExpiredAt == nil) == (l.ExpiredAt == nil) {
			fault(name, "%s", detail)
			return faults, nil
		}
		l = now
	}
	return faults, nil
}

// compare tells what does not fit between a link and its rows; an empty name: everything fits.
func (s *Service) compare(
	ctx context.Context,
	tenant id.Tenant,
	of Records,
	after uuid.UUID,
	l dbsqlc.ChainLink,
) (name, detail string, err error) {
	if l.ExpiredAt != nil {
		mac, err := s.expiry(ctx, l.Digest, *l.ExpiredAt)
		if err == nil && !bytes.Equal(mac[:], l.Expiry) {
			return NameBroken, "its rows are said to be deleted for their age, and were not by the program", nil
		}
		return "", "", err
	}
	var rows []row
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
		rows, err = read(ctx, tx, of, after, l.LastID, l.RowCount+1)
		return err
	})
	if err != nil {
		return "", "", err
	}
	if len(rows) != int(l.RowCount) {
		more := ""
		if len(rows) > int(l.RowCount) {
			more = "at least "
		}
		return NameRows, fmt.Sprintf("rows %s to %s: closed with %d, now %s%d", l.FirstID, l.LastID, l.RowCount, more,
			len(rows)), nil
	}
	core, personal, err := s.digests(ctx, tenant, l, rows)
	switch {
	case err != nil:
		return "", "", err
	case !bytes.Equal(core[:], l.Digest):
		return NameChanged, fmt.Sprintf("a row from %s to %s, or the link, was changed", l.FirstID, l.LastID), nil
	case !bytes.Equal(personal[:], l.Personal):
		return NamePersonal, fmt.Sprintf("the text of a row from %s to %s was changed", l.FirstID, l.LastID), nil
	}
	return "", "", nil
}

// Holds tells whether the chain has a link as it was kept outside of the database.
func (s *Service) Holds(ctx context.Context, n Newest) (holds bool, err error) {
	err = s.db.InTenant(ctx, n.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		l, err := q.ChainLinkGet(ctx, tx, string(n.Records), n.Number)
		if db.IsNoRows(err) {
			return nil
		}
		holds = err == nil && bytes.Equal(l.Digest, n.Digest)
		return err
	})
	return holds, err
}

// prior is the identifier right before another.
func prior(u uuid.UUID) uuid.UUID {
	for i := len(u) - 1; i >= 0; i-- {
		u[i]--
		if u[i] != 0xff {
			break
		}
	}
	return u
}
