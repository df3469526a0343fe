package vault

import (
	"context"
	"encoding/binary"

	"zhitong/db"
	"zhitong/internal/id"
)

// Short texts about a person lie sealed, each for its row. A program of before wrote such a text into another column,
// as it was: a job seals those, and until then the text of before is the newer one.

// SealText seals a text for a row of tx's tenant; an empty text is nil.
func (c Column) SealText(ctx context.Context, tx db.TenantTx, v *Vault, row [16]byte, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return v.Seal(ctx, tx, []byte(text), c.At(tx.Tenant(), row))
}

// OpenText opens the text of a row of tx's tenant; nil is empty. plain is what the column of before has: where that is
// not empty, it is the text.
func (c Column) OpenText(
	ctx context.Context,
	tx db.TenantTx,
	v *Vault,
	row [16]byte,
	sealed []byte,
	plain string,
) (string, error) {
	if plain != "" || sealed == nil {
		return plain, nil
	}
	text, err := v.Open(ctx, tx, sealed, c.At(tx.Tenant(), row))
	return string(text), err
}

// OpenPart opens the account of a part of a split from its columns, of which plain is the one of before.
func (v *Vault) OpenPart(
	ctx context.Context,
	tx db.TenantTx,
	split id.Split,
	position int16,
	sealed []byte,
	plain *string,
) (string, error) {
	before := ""
	if plain != nil {
		before = *plain
	}
	return PartReceiver.OpenText(ctx, tx, v, PartRow(split, position), sealed, before)
}

// PartRow is the row of a part of a split that its account is sealed for: the split, but for its last two bytes the
// position in it.
func PartRow(split id.Split, position int16) [16]byte {
	binary.BigEndian.PutUint16(split[14:], uint16(position)) //nolint:gosec // 1 to 5
	return split
}

// digestBytes is the length of a digest.
const digestBytes = 16

// Digest tells equal texts of a tenant from different ones: a keyed hash, another one for every purpose and tenant; an
// empty text has none. No exchange of a key changes it. Inside of a transaction it needs Ready.
func (v *Vault) Digest(ctx context.Context, d *db.DB, t id.Tenant, purpose, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	mac, err := v.MAC(ctx, d, purpose, append(t[:], text...))
	return mac[:digestBytes], err
}

// ByBuyerContact is the purpose of digests that orders are found by.
const ByBuyerContact = "buyer contact"

// ByMemberEmail is the purpose of digests that members are found by.
const ByMemberEmail = "member email"

// ReadyFor reads the tenant's data keys, unless they are known, so that a transaction after it need not ask for them.
func (v *Vault) ReadyFor(ctx context.Context, d *db.DB, t id.Tenant) error {
	v.mu.RLock()
	keys := v.keys[t]
	v.mu.RUnlock()
	if keys != nil && keys.age() < cachedFor/2 {
		return nil
	}
	return d.InTenant(ctx, t, func(ctx context.Context, tx db.TenantTx) error {
		_, err := v.load(ctx, tx)
		return err
	})
}
