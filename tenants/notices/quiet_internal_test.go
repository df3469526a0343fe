package notices

import (
	"testing"
	"time"

	"zhitong/internal/fault"
)

// TestQuietEnd: over midnight, within a day, none; east and west of Greenwich, and by the half hour.
func TestQuietEnd(t *testing.T) {
	t.Parallel()
	night := Quiet{22 * 60, 8 * 60, Beijing}
	for _, c := range []struct {
		w       Quiet
		at, end string // empty: not in quiet hours
	}{
		{night, "2026-03-01T13:59:00Z", ""},
		{night, "2026-03-01T14:00:00Z", "2026-03-02T00:00:00Z"},
		{night, "2026-03-01T15:59:59Z", "2026-03-02T00:00:00Z"},
		{night, "2026-03-01T16:00:00Z", "2026-03-02T00:00:00Z"}, // midnight there
		{night, "2026-03-01T23:59:59Z", "2026-03-02T00:00:00Z"},
		{night, "2026-03-02T00:00:00Z", ""},
		{night, "2026-12-31T15:00:00Z", "2027-01-01T00:00:00Z"},
		{Quiet{12 * 60, 13 * 60, 0}, "2026-03-01T12:30:00Z", "2026-03-01T13:00:00Z"},
		{Quiet{12 * 60, 13 * 60, 0}, "2026-03-01T13:00:00Z", ""},
		{Quiet{12 * 60, 12 * 60, 0}, "2026-03-01T12:00:00Z", ""},
		{Quiet{22 * 60, 8 * 60, -5 * 60}, "2026-03-08T04:00:00Z", "2026-03-08T13:00:00Z"},
		{Quiet{22 * 60, 8 * 60, 330}, "2026-11-01T16:30:00Z", "2026-11-02T02:30:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		end, ok := c.w.end(at)
		if ok != (c.end != "") || ok && end.Format(time.RFC3339) != c.end {
			t.Errorf("%v at %s ends at %v, %v", c.w, c.at, end, ok)
		}
	}
}

func TestQuietCheck(t *testing.T) {
	t.Parallel()
	for _, bad := range []Quiet{{-1, 5, 0}, {0, 1440, 0}, {0, 0, 841}, {0, 0, -841}} {
		if err := bad.check(); fault.CodeOf(err) != CodeSettingInvalid {
			t.Errorf("%v is taken: %v", bad, err)
		}
	}
	if Minute("22:30") != 22*60+30 || Minute("24:00") != -1 || Minute("9:00") != -1 || Clock(485) != "08:05" ||
		OffsetOf("+08:00") != Beijing || OffsetOf("-03:30") != -210 || OffsetOf("08:00") <= offsetMax ||
		OffsetOf("+x") <= offsetMax || OffsetText(-210) != "-03:30" {
		t.Error("times of the day")
	}
}

// TestClip: no message is longer than the strictest robot takes, whatever its parts are.
func TestClip(t *testing.T) {
	t.Parallel()
	long := ""
	for len(long) < 5000 {
		long += "异"
	}
	m := Message{Title: long, Text: long}.from(long, true, "zh")
	if n := len(m.Title) + 1 + len(m.Text) + len("\n（此消息可能重复）"); n > 2048 {
		t.Errorf("%d bytes", n)
	}
}
