package access_test

import "testing"

// TestAttack names the attacks on who may do what.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A26", TestRevocationBitesElsewhere)
	t.Run("A44", TestKeyIsHashed)
}
