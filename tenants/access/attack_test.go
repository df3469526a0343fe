package access_test

import "testing"

// TestAttack names the attacks on who may do what.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A26 revoked key on another instance", TestRevocationBitesElsewhere)
	t.Run("A44 secrets in logs, rows and jobs", TestKeyIsHashed)
}
