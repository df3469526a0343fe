package onboarding_test

import "testing"

// TestAttack names the attacks on applications.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A28 another platform's application", TestIsolation)
	t.Run("A44 secrets in logs, rows and jobs", TestSealedAtRest)
}
