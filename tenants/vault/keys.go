package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/internal/secret"
)

const (
	// cachedMax is how many tenants' data keys are kept in memory.
	cachedMax = 10_000
	// cachedFor is how long. What is sealed and opened does not depend on it: a key that was exchanged is found out at
	// once by both. It ends how long a program remembers a key that is gone.
	cachedFor = 10 * time.Minute
)

// conditionCurrent breaks a transaction off that sealed with a key which is not the one that seals any more.
const conditionCurrent = "data_key_current"

// dataKeys are the versions of a tenant's data key: the one that seals, and while it takes the place of another one,
// that one too.
type dataKeys struct {
	current *secret.DataKey
	id      uuid.UUID // of the current one
	all     map[int]*secret.DataKey
	ids     map[int]uuid.UUID
	age     func() time.Duration
}

// madeHere is what a transaction remembers that has made a data key itself, and may yet fail: only committed keys are
// kept, for what a lost key sealed is lost.
type madeHere struct{}

// Seal seals a value of tx's tenant for one place. The transaction commits only if the key is still the one that seals
// then; otherwise it runs again, with the new one. The tenant is given a key when it has none.
func (v *Vault) Seal(ctx context.Context, tx db.TenantTx, plain []byte, at secret.Place) ([]byte, error) {
	keys, err := v.sealing(ctx, tx)
	if err != nil {
		return nil, err
	}
	return keys.current.Seal(plain, at)
}

// Open opens a value of tx's tenant that was sealed for the same place, by whichever version of its data key. It fails
// for a changed value, and for one of a version that is not there any more.
func (v *Vault) Open(ctx context.Context, tx db.TenantTx, sealed []byte, at secret.Place) ([]byte, error) {
	keys, err := v.known(ctx, tx)
	if err != nil {
		return nil, err
	}
	plain, err := keys.open(sealed, at)
	if err == nil {
		return plain, nil
	}
	fresh, lerr := v.load(ctx, tx) // it may have been exchanged since
	if lerr != nil {
		return nil, lerr
	}
	if fresh.same(keys) {
		return nil, err
	}
	return fresh.open(sealed, at)
}

// Fingerprints are keyed digests that tell equal values from different ones without showing them. The first is the one
// to write beside the value, sealed in the same transaction. While the data key is being exchanged there is another
// one: what was written before and is not yet sealed anew has that, so whoever looks for a value looks for any of them.
func (v *Vault) Fingerprints(ctx context.Context, tx db.TenantTx, plain []byte) ([][16]byte, error) {
	keys, err := v.sealing(ctx, tx)
	if err != nil {
		return nil, err
	}
	all := [][16]byte{keys.current.Fingerprint(plain)}
	for _, k := range keys.all {
		if k != keys.current {
			all = append(all, k.Fingerprint(plain))
		}
	}
	return all, nil
}

// sealing is known for whoever writes what it gives.
func (v *Vault) sealing(ctx context.Context, tx db.TenantTx) (*dataKeys, error) {
	keys, err := v.known(ctx, tx)
	if err != nil {
		return nil, err
	}
	type required struct{ id uuid.UUID }
	if tx.Kept(required{keys.id}) != nil {
		return keys, nil
	}
	tx.Keep(required{keys.id}, true)
	tx.AgainWhen(conditionCurrent, func() { v.forget(tx.Tenant()) })
	if err := q.TenantDataKeyRequire(ctx, tx.Later(), keys.id); err != nil {
		return nil, fmt.Errorf("require the tenant's data key: %w", err)
	}
	return keys, nil
}

// known is what this process has read before, or what there is.
func (v *Vault) known(ctx context.Context, tx db.TenantTx) (*dataKeys, error) {
	if here, ok := tx.Kept(madeHere{}).(*dataKeys); ok {
		return here, nil
	}
	v.mu.RLock()
	keys := v.keys[tx.Tenant()]
	v.mu.RUnlock()
	if keys != nil && keys.age() < cachedFor {
		return keys, nil
	}
	return v.load(ctx, tx)
}

// load reads the tenant's data keys, making the first when there is none.
func (v *Vault) load(ctx context.Context, tx db.TenantTx) (*dataKeys, error) {
	keys := newDataKeys()
	rows, err := q.TenantDataKeyList(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("read the tenant's data keys: %w", err)
	}
	if len(rows) == 0 {
		return v.first(ctx, tx)
	}
	for _, r := range rows {
		k, err := v.master.Unwrap(r.Wrapped, tx.Tenant().UUID().String(), int(r.Version))
		if err != nil {
			return nil, err
		}
		keys.add(k, r.ID, r.FormerSince == nil)
	}
	if keys.current == nil {
		return nil, errors.New("the tenant has data keys, and none that seals")
	}
	if tx.Kept(madeHere{}) == nil {
		v.keep(tx.Tenant(), keys)
	} else {
		tx.Keep(madeHere{}, keys)
	}
	return keys, nil
}

// first makes the tenant's first data key, or reads the one that somebody else made first.
func (v *Vault) first(ctx context.Context, tx db.TenantTx) (*dataKeys, error) {
	wrapped, _, err := v.master.NewDataKey(tx.Tenant().UUID().String(), 1)
	if err != nil {
		return nil, err
	}
	row, err := q.TenantDataKeyInsert(ctx, tx, wrapped)
	if err != nil {
		return nil, fmt.Errorf("store the tenant's data key: %w", err)
	}
	k, err := v.master.Unwrap(row.Wrapped, tx.Tenant().UUID().String(), int(row.Version))
	if err != nil {
		return nil, err
	}
	keys := newDataKeys()
	keys.add(k, row.ID, true)
	tx.Keep(madeHere{}, keys)
	return keys, nil
}

// newDataKeys are none, read at this moment.
func newDataKeys() *dataKeys {
	return &dataKeys{all: map[int]*secret.DataKey{}, ids: map[int]uuid.UUID{}, age: clock.Stopwatch()}
}

func (k *dataKeys) add(key *secret.DataKey, id uuid.UUID, seals bool) {
	k.all[key.Version()], k.ids[key.Version()] = key, id
	if seals {
		k.current, k.id = key, id
	}
}

// same tells whether other has the same keys.
func (k *dataKeys) same(other *dataKeys) bool {
	for version, id := range k.ids {
		if other.ids[version] != id {
			return false
		}
	}
	return len(k.ids) == len(other.ids)
}

// open opens with the version that the value names. A value of the first version names none, and might look as if it
// did.
func (k *dataKeys) open(sealed []byte, at secret.Place) ([]byte, error) {
	version := secret.SealedVersion(sealed)
	if key := k.all[version]; key != nil {
		plain, err := key.Open(sealed, at)
		if err == nil || version == 1 {
			return plain, err
		}
	}
	if first := k.all[1]; first != nil {
		if plain, err := first.Open(sealed, at); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("secret: %s.%s cannot be opened here: it names version %d of the data key", at.Table,
		at.Column, version)
}

func (v *Vault) keep(t id.Tenant, k *dataKeys) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.keys) >= cachedMax {
		for old := range v.keys { // any: a key is cheap to unwrap again
			delete(v.keys, old)
			break
		}
	}
	v.keys[t] = k
}

// forget makes this process read a tenant's data keys anew.
func (v *Vault) forget(t id.Tenant) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.keys, t)
}

// CheckTenant tells whether the master keyset opens the data keys of tx's tenant, if it has any, as
// [secret.ErrOtherMaster] says.
func (v *Vault) CheckTenant(ctx context.Context, tx db.TenantTx) error {
	rows, err := q.TenantDataKeyList(ctx, tx)
	if err != nil {
		return fmt.Errorf("read the tenant's data keys: %w", err)
	}
	for _, r := range rows {
		if _, err := v.master.Unwrap(r.Wrapped, tx.Tenant().UUID().String(), int(r.Version)); err != nil {
			return err
		}
	}
	return nil
}

// Rewrap wraps the tenant's data keys with the primary key of the master keyset, after a rotation, and tells whether
// another key had wrapped one. Nothing that a data key sealed changes, and whoever uses it meanwhile notices nothing.
func (v *Vault) Rewrap(ctx context.Context, tx db.TenantTx) (changed bool, err error) {
	rows, err := q.TenantDataKeyList(ctx, tx)
	if err != nil {
		return false, fmt.Errorf("read the tenant's data keys: %w", err)
	}
	for _, r := range rows {
		if by, ok := secret.WrappedBy(r.Wrapped); ok && by == v.master.Primary() {
			continue
		}
		wrapped, err := v.master.Rewrap(r.Wrapped, tx.Tenant().UUID().String(), int(r.Version))
		if err != nil {
			return false, err
		}
		n, err := q.TenantDataKeySet(ctx, tx, wrapped, r.Version, r.Wrapped)
		if err != nil {
			return false, fmt.Errorf("store the tenant's data key: %w", err)
		}
		changed = changed || n == 1
	}
	return changed, nil
}
