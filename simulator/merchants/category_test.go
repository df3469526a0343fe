package merchants

import "testing"

func TestCategories(t *testing.T) {
	t.Parallel()
	if n := len(categories()); n < 200 {
		t.Errorf("%d categories", n)
	}
}
