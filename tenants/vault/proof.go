package vault

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/internal/id"
)

// SandboxProof shows that the program has ended a sandbox: whoever has the database alone cannot make it.
func (v *Vault) SandboxProof(ctx context.Context, d *db.DB, tenant id.Tenant) ([]byte, error) {
	sum, err := v.MAC(ctx, d, "sandbox_ends.proof", tenant[:])
	return sum[:], err
}

// Ended tells whether the program has ended a sandbox: it left the directory, and with it every chain of its past.
func (v *Vault) Ended(ctx context.Context, d *db.DB, tenant id.Tenant) (bool, error) {
	want, err := v.SandboxProof(ctx, d, tenant)
	if err != nil {
		return false, err
	}
	ended := false
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		r, err := q.SandboxEndGet(ctx, tx, 0, uuid.UUID(tenant))
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read whether the sandbox has ended: %w", err)
		}
		ended = r.LeftAt != nil && bytes.Equal(r.Proof, want)
		return nil
	})
	return ended, err
}
