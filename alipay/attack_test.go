package alipay_test

import "testing"

// TestAttack names the attacks on the way to Alipay.
func TestAttack(t *testing.T) {
	t.Parallel()
	t.Run("A15 downgraded signature and repeated keys", func(t *testing.T) {
		t.Parallel()
		t.Run("sign type", TestFenceSignTypeIsPinned)
		t.Run("query and repeated keys", TestFenceOnlyTheBodyAndNoRepeatedKeys)
		t.Run("empty parameters", TestFenceEmptyParameters)
	})
	t.Run("A16 self-signed certificate", TestFenceTLSIsVerified)
	t.Run("A44 secrets in logs, rows and jobs", func(t *testing.T) {
		t.Parallel()
		t.Run("logs", TestFenceLogsHoldNoSecrets)
		t.Run("errors", TestFenceKeyErrorsDoNotQuoteTheKey)
	})
}
