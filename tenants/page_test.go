package tenants_test

import (
	"testing"

	"zhitong/tenants"
)

// TestTotalOf: what is beyond the last row that is counted is only said to be there.
func TestTotalOf(t *testing.T) {
	t.Parallel()
	for rows, want := range map[int64]tenants.Total{
		0:                  {},
		9_999:              {Count: 9_999},
		10_000:             {Count: 10_000},
		tenants.CountFetch: {Count: 10_000, Capped: true},
	} {
		if got := *tenants.TotalOf(rows); got != want {
			t.Errorf("%d rows: %+v, want %+v", rows, got, want)
		}
	}
}
