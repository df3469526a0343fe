package onboarding_test

import "testing"

// TestAttack names the attacks on applications.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A28", TestIsolation)
	t.Run("A44", TestSealedAtRest)
}
