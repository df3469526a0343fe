// Package vault finds the data key of a tenant, with which everything secret of that tenant is sealed at rest, and
// holds the master keyset against the database that it is used with.
package vault

import (
	"context"
	"fmt"
	"sync"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/secret"
)

var q = dbsqlc.New()

// sampleSize is how many tenants' data keys the first start of a program with an installation's key looks at.
const sampleSize = 5

// Vault keeps the tenants' data keys in memory for a while, once unwrapped. It is safe for concurrent use.
type Vault struct {
	master       *secret.Master
	mu           sync.RWMutex
	keys         map[id.Tenant]*dataKeys
	installation *secret.InstallationKey // nil until it was read
}

// New makes a Vault.
func New(m *secret.Master) *Vault {
	return &Vault{master: m, keys: map[id.Tenant]*dataKeys{}}
}

// MAC is [secret.InstallationKey.MAC]: a hash that outside of this installation nobody can compute, for what is looked
// up before its tenant is known. Only the first use in this process reads the database.
func (v *Vault) MAC(ctx context.Context, d *db.DB, purpose string, data []byte) ([32]byte, error) {
	k, err := v.once(ctx, d)
	if err != nil {
		return [32]byte{}, err
	}
	return k.MAC(purpose, data), nil
}

// Ready reads what MAC needs, unless it was read before. Whoever calls MAC inside of a transaction calls Ready before
// it: a transaction that waits for another connection may wait for one that waits for it.
func (v *Vault) Ready(ctx context.Context, d *db.DB) error {
	_, err := v.once(ctx, d)
	return err
}

// Installation is the installation's key: what seals and looks up what belongs to no tenant. Who uses it inside of a
// transaction asks for it before, as for [Vault.Ready].
func (v *Vault) Installation(ctx context.Context, d *db.DB) (*secret.InstallationKey, error) {
	return v.once(ctx, d)
}

// once is the installation's key; only the first use in this process reads the database.
func (v *Vault) once(ctx context.Context, d *db.DB) (*secret.InstallationKey, error) {
	v.mu.RLock()
	k := v.installation
	v.mu.RUnlock()
	if k != nil {
		return k, nil
	}
	return v.open(ctx, d)
}

// Check tells whether the master keyset is the one of this installation: it opens the installation's key, making one
// at the very first start. It returns [secret.ErrOtherMaster] when it is not; nothing may be sealed then, for the right
// keyset could not open it.
func (v *Vault) Check(ctx context.Context, d *db.DB) error {
	_, err := v.open(ctx, d)
	return err
}

func (v *Vault) open(ctx context.Context, d *db.DB) (k *secret.InstallationKey, err error) {
	first := false
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		wrapped, err := q.InstallationKeyGet(ctx, tx)
		if first = db.IsNoRows(err); first {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the installation's key: %w", err)
		}
		k, err = v.master.UnwrapInstallation(wrapped)
		return err
	})
	if err == nil && first {
		k, err = v.create(ctx, d)
	}
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.installation = k
	return k, nil
}

// create makes the installation's key, or reads the one that somebody else made first. A database of before, which has
// data keys already, is not given one by a keyset that does not open them.
func (v *Vault) create(ctx context.Context, d *db.DB) (k *secret.InstallationKey, err error) {
	if err := v.sample(ctx, d); err != nil {
		return nil, err
	}
	wrapped, err := v.master.NewInstallationKey()
	if err != nil {
		return nil, err
	}
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) (err error) {
		if wrapped, err = q.InstallationKeyInsert(ctx, tx, wrapped); err != nil {
			return fmt.Errorf("store the installation's key: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return v.master.UnwrapInstallation(wrapped)
}

// sample opens the data keys of a few tenants, if there are any.
func (v *Vault) sample(ctx context.Context, d *db.DB) error {
	var some []id.Tenant
	err := d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) (err error) {
		some, err = q.TenantDirectoryList(ctx, tx, dbsqlc.TenantDirectoryListParams{Shards: 1, PageSize: sampleSize})
		return err
	})
	if err != nil {
		return fmt.Errorf("list some tenants: %w", err)
	}
	for _, t := range some {
		if err := d.InTenant(ctx, t, v.CheckTenant); err != nil {
			return err
		}
	}
	return nil
}

// RewrapInstallation is [Vault.Rewrap] for the installation's key.
func (v *Vault) RewrapInstallation(ctx context.Context, d *db.DB) (changed bool, err error) {
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		old, err := q.InstallationKeyGet(ctx, tx)
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the installation's key: %w", err)
		}
		if by, ok := secret.WrappedBy(old); ok && by == v.master.Primary() {
			return nil
		}
		wrapped, err := v.master.RewrapInstallation(old)
		if err != nil {
			return err
		}
		n, err := q.InstallationKeySet(ctx, tx, wrapped, old)
		if err != nil {
			return fmt.Errorf("store the installation's key: %w", err)
		}
		changed = n == 1
		return nil
	})
	return changed, err
}
