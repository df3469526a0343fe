// Package vault finds the data key of a tenant, with which everything secret of that tenant is sealed at rest.
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

// cachedMax is how many tenants' data keys are kept in memory.
const cachedMax = 10_000

// Vault keeps the tenants' data keys in memory, once unwrapped. It is safe for concurrent use.
type Vault struct {
	master *secret.Master
	mu     sync.RWMutex
	keys   map[id.Tenant]*secret.DataKey
}

// madeHere is what a transaction remembers that has made the tenant's data key itself, and may yet fail.
type madeHere struct{}

// New makes a Vault.
func New(m *secret.Master) *Vault {
	return &Vault{master: m, keys: map[id.Tenant]*secret.DataKey{}}
}

// DataKey gives the data key of tx's tenant, making one when there is none. Only the first use in this process reads
// the database.
func (v *Vault) DataKey(ctx context.Context, tx db.TenantTx) (*secret.DataKey, error) {
	t := tx.Tenant()
	v.mu.RLock()
	k := v.keys[t]
	v.mu.RUnlock()
	if k != nil {
		return k, nil
	}
	wrapped, err := q.TenantDataKeyGet(ctx, tx)
	if db.IsNoRows(err) {
		return v.Create(ctx, tx)
	}
	if err != nil {
		return nil, fmt.Errorf("read the tenant's data key: %w", err)
	}
	if k, err = v.master.Unwrap(wrapped, t.UUID().String()); err != nil {
		return nil, err
	}
	if tx.Kept(madeHere{}) == nil { // only a committed key is kept: what a lost key seals is lost
		v.keep(t, k)
	}
	return k, nil
}

// Create makes the tenant's data key, or reads the one that somebody else made first.
func (v *Vault) Create(ctx context.Context, tx db.TenantTx) (*secret.DataKey, error) {
	wrapped, _, err := v.master.NewDataKey(tx.Tenant().UUID().String())
	if err != nil {
		return nil, err
	}
	if wrapped, err = q.TenantDataKeyInsert(ctx, tx, wrapped); err != nil {
		return nil, fmt.Errorf("store the tenant's data key: %w", err)
	}
	tx.Keep(madeHere{}, true)
	return v.master.Unwrap(wrapped, tx.Tenant().UUID().String())
}

// MAC is [secret.Master.MAC]: a hash that outside of this program nobody can compute, for what is looked up before its
// tenant is known.
func (v *Vault) MAC(purpose string, data []byte) [32]byte { return v.master.MAC(purpose, data) }

func (v *Vault) keep(t id.Tenant, k *secret.DataKey) {
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

// Rewrap wraps the tenant's data key anew after the master keyset was rotated. Nothing that it sealed changes.
func (v *Vault) Rewrap(ctx context.Context, tx db.TenantTx) error {
	old, err := q.TenantDataKeyGet(ctx, tx)
	if db.IsNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the tenant's data key: %w", err)
	}
	wrapped, err := v.master.Rewrap(old, tx.Tenant().UUID().String())
	if err != nil {
		return err
	}
	if _, err := q.TenantDataKeySet(ctx, tx, wrapped, old); err != nil {
		return fmt.Errorf("store the tenant's data key: %w", err)
	}
	return nil
}
