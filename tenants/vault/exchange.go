package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
)

// Errors of an exchange.
var (
	// ErrNoDataKey is the error of a tenant that has sealed nothing yet.
	ErrNoDataKey = errors.New("the tenant has no data key")
	// ErrOtherRun is the error of an exchange that another program carries on, or has just ended.
	ErrOtherRun = errors.New("another run exchanges this tenant's data key, or did so within the last minute")
)

const (
	// silence is how long a run may not be heard of before another one takes its walk over.
	silence = time.Minute
	// passesMax bounds how often the columns are walked: again only for rows that somebody had locked.
	passesMax = 100
	// passPause is the wait before the next pass.
	passPause = 100 * time.Millisecond
)

// An exchange of a tenant's data key goes: Begin, which gives it a new version that seals from then on; Reseal, which
// seals everything of before anew; Finish, which deletes the former version. Each can be broken off at any point, and
// all of it begun anew: Begin goes on with an exchange that is under way. Decision 0034 says why nothing is lost and no
// duplicate missed meanwhile.

// Begin makes a new version of the data key of tx's tenant, which seals from the commit on; the one before only opens.
// It waits for transactions that are sealing with that one, and the next ones run again. begun is false when an
// exchange is under way: it is to be gone on with.
func (v *Vault) Begin(ctx context.Context, tx db.TenantTx) (version int, begun bool, err error) {
	rows, err := q.TenantDataKeyList(ctx, tx)
	if err != nil {
		return 0, false, fmt.Errorf("read the tenant's data keys: %w", err)
	}
	switch {
	case len(rows) == 0:
		return 0, false, ErrNoDataKey
	case len(rows) > 1:
		return int(rows[0].Version), false, nil
	}
	before := rows[0]
	next := before.Version + 1
	wrapped, key, err := v.master.NewDataKey(tx.Tenant().UUID().String(), int(next))
	if err != nil {
		return 0, false, err
	}
	old, err := v.master.Unwrap(before.Wrapped, tx.Tenant().UUID().String(), int(before.Version))
	if err != nil {
		return 0, false, err
	}
	number, err := uuid.NewRandom()
	if err != nil {
		return 0, false, fmt.Errorf("draw the number of a data key: %w", err)
	}
	tx.AgainWhen(conditionCurrent, func() { v.forget(tx.Tenant()) })
	if err := q.TenantDataKeyEnd(ctx, tx.Later(), before.ID); err != nil {
		return 0, false, err
	}
	if err := q.TenantDataKeyNext(ctx, tx.Later(), next, number, wrapped); err != nil {
		return 0, false, err
	}
	keys := newDataKeys()
	keys.add(old, before.ID, false)
	keys.add(key, number, true)
	tx.Keep(madeHere{}, keys)
	return int(next), true, nil
}

// Reseal seals anew what a former version of the tenant's data key sealed, until nothing is left, a page in a
// transaction. It is one run of the exchange, named by run: it returns ErrOtherRun while another one is at work. told
// hears of each page that is done, by its column and how many values were sealed anew.
func (v *Vault) Reseal(
	ctx context.Context,
	d *db.DB,
	t id.Tenant,
	run uuid.UUID,
	told func(c Column, values int),
) error {
	for pass := range passesMax {
		if pass > 0 {
			select {
			case <-time.After(passPause):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		for _, c := range columns() {
			n := 0
			page := func(ctx context.Context, tx db.TenantTx, after string) (last string, err error) {
				if err := claim(ctx, tx, run); err != nil {
					return "", err
				}
				last, n, err = v.reseal(ctx, tx, c, after)
				return last, err
			}
			if err := Walk(ctx, d, t, page, func() { told(c.Column, n) }); err != nil {
				return err
			}
		}
		left := 0
		if err := d.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) (err error) {
			left, err = v.left(ctx, tx)
			return err
		}); err != nil || left == 0 {
			return err
		}
	}
	return errors.New("some rows were locked all the time; the exchange goes on when it is run again")
}

// left counts the values that another version has sealed than the one that seals.
func (v *Vault) left(ctx context.Context, tx db.TenantTx) (n int, err error) {
	keys, err := v.load(ctx, tx)
	if err != nil {
		return 0, err
	}
	rows, err := q.SealedVersionList(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("count the sealed values by version: %w", err)
	}
	for _, r := range rows {
		if int(r.Version) != keys.current.Version() {
			n += int(r.Values)
		}
	}
	return n, nil
}

// Orphan tells of values that name a version of the data key which is not there.
type Orphan struct {
	Column  Column
	Version int
	Values  int
}

// Orphans finds the values of tx's tenant that no data key opens, by the version that they name.
func Orphans(ctx context.Context, tx db.TenantTx) (all []Orphan, err error) {
	keys, err := q.TenantDataKeyList(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read the tenant's data keys: %w", err)
	}
	there := map[int32]bool{}
	for _, k := range keys {
		there[k.Version] = true
	}
	rows, err := q.SealedVersionList(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("count the sealed values by version: %w", err)
	}
	for _, r := range rows {
		if !there[r.Version] {
			all = append(all, Orphan{Column(r.Place), int(r.Version), int(r.Values)})
		}
	}
	return all, nil
}

// Finish deletes the former version of the data key of tx's tenant, which seals nothing since Begin, and opens nothing
// since Reseal. It is refused while a value of it is left.
func (v *Vault) Finish(ctx context.Context, tx db.TenantTx, run uuid.UUID) error {
	if err := claim(ctx, tx, run); err != nil {
		return err
	}
	left, err := v.left(ctx, tx)
	if err != nil {
		return err
	}
	if left > 0 {
		return fmt.Errorf("%d values are left that the former data key sealed", left)
	}
	n, err := q.TenantDataKeyDelete(ctx, tx, run)
	if err != nil {
		return fmt.Errorf("delete the former data key: %w", err)
	}
	if n != 1 {
		return fmt.Errorf("%d former data keys were deleted, not one", n)
	}
	v.forget(tx.Tenant())
	return nil
}

// Leave lets another run go on at once. A run that dies without it is waited for.
func (v *Vault) Leave(ctx context.Context, tx db.TenantTx, run uuid.UUID) error {
	return q.TenantDataKeyLeave(ctx, tx, run)
}

// claim takes the walk for a run, and holds it until the transaction ends.
func claim(ctx context.Context, tx db.TenantTx, run uuid.UUID) error {
	now, err := q.IdempotencyNow(ctx, tx) // the clock that dates walks
	if err != nil {
		return fmt.Errorf("ask Postgres for the time: %w", err)
	}
	n, err := q.TenantDataKeyClaim(ctx, tx, run, now.Add(-silence))
	if err != nil {
		return fmt.Errorf("take the exchange: %w", err)
	}
	if n == 0 {
		return ErrOtherRun
	}
	return nil
}

// Hold tells whether the data key of tx's tenant is being exchanged, and if so keeps values from being sealed anew
// until the transaction ends. Who takes rows and passes over those that somebody has locked holds first: a row that is
// just being sealed anew is nobody's.
func (v *Vault) Hold(ctx context.Context, tx db.TenantTx) (exchanging bool, err error) {
	former, err := q.TenantDataKeyHold(ctx, tx)
	if err != nil {
		return false, fmt.Errorf("hold the exchange of the data key: %w", err)
	}
	return len(former) > 0, nil
}
