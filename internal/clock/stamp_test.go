package clock_test

import (
	"encoding/json"
	"testing"
	"time"

	"zhitong/internal/clock"
)

// TestStamp: whatever its zone and however round, a time is written in one form, and read back as the same moment.
func TestStamp(t *testing.T) {
	t.Parallel()
	beijing := time.FixedZone("UTC+8", 8*60*60)
	for _, row := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC), `"2026-03-01T08:00:00.000000Z"`},
		{time.Date(2026, 3, 1, 8, 0, 0, 120_000_000, beijing), `"2026-03-01T00:00:00.120000Z"`},
		{time.Date(2026, 3, 1, 8, 0, 0, 123_456_789, time.UTC), `"2026-03-01T08:00:00.123456Z"`},
	} {
		text, err := json.Marshal(clock.Stamp(row.at))
		if err != nil || string(text) != row.want {
			t.Errorf("%v is written as %s, %v; want %s", row.at, text, err, row.want)
		}
		var back clock.Stamp
		if err := json.Unmarshal(text, &back); err != nil || !time.Time(back).Equal(row.at.Truncate(time.Microsecond)) {
			t.Errorf("%s is read as %v, %v", text, time.Time(back), err)
		}
	}
	var s clock.Stamp
	if err := s.UnmarshalText([]byte("monday")); err == nil {
		t.Error("monday was read as a time")
	}
	if clock.StampOf(nil) != nil {
		t.Error("no time has a stamp")
	}
}
