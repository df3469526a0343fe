package onboarding

import "testing"

// TestAttackImages names the attacks by what is uploaded.
func TestAttackImages(t *testing.T) {
	t.Parallel()
	t.Run("A32", func(t *testing.T) {
		t.Parallel()
		t.Run("refused", TestReencodeRefuses)
		t.Run("bounded", TestReencodeIsBounded)
		t.Run("trailers", TestReencodeDropsTrailers)
	})
}
