package webhooks

import "testing"

// TestAttack names the attacks on what calls addresses that tenants give.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A16 self-signed certificate", TestClientVerifiesTLS)
	t.Run("A29 server-side request forgery", func(t *testing.T) {
		t.Parallel()
		if n := len(targets()); n < 40 {
			t.Errorf("only %d targets", n)
		}
		t.Run("addresses", TestCheckURL)
		t.Run("rebinding", TestGuardRefusesAddresses)
		t.Run("connections", TestClientConnectsNowhereInside)
	})
}
