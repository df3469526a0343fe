package notices

import (
	"fmt"
	"strings"
	"time"

	"zhitong/internal/fault"
)

const (
	dayMinutes = 24 * 60
	offsetMax  = 14 * 60
	// Beijing is the offset of most platforms, in minutes. It has no summer time.
	Beijing = 8 * 60
)

// Quiet are the hours in which only what is urgent is told. From and Until are minutes of the day, equal: none; Offset
// is how many minutes the day is ahead of UTC.
type Quiet struct{ From, Until, Offset int }

// Clock is a minute of the day as 15:04.
func Clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// Minute reads 15:04; what is none is -1.
func Minute(text string) int {
	t, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return -1
	}
	return t.Hour()*60 + t.Minute()
}

// OffsetOf reads +08:00; what is none is beyond every offset.
func OffsetOf(text string) int {
	digits, west := strings.CutPrefix(text, "-")
	m := Minute(strings.TrimPrefix(digits, "+"))
	switch {
	case m < 0 || digits == text && !strings.HasPrefix(text, "+"):
		return dayMinutes
	case west:
		return -m
	default:
		return m
	}
}

// OffsetText is an offset as +08:00.
func OffsetText(minutes int) string {
	if minutes < 0 {
		return "-" + Clock(-minutes)
	}
	return "+" + Clock(minutes)
}

func (w Quiet) check() error {
	for at, m := range map[string]int{"/quiet_hours/from": w.From, "/quiet_hours/until": w.Until} {
		if m < 0 || m >= dayMinutes {
			return fault.New(CodeSettingInvalid, "The quiet hours are refused.").
				At(at, "format", "Must be a time, 22:00.")
		}
	}
	if w.Offset < -offsetMax || w.Offset > offsetMax {
		return fault.New(CodeSettingInvalid, "There is no such offset.").
			At("/quiet_hours/utc_offset", "maximum", "Must be an offset from UTC, +08:00, of 14 hours at most.")
	}
	return nil
}

// end is when the quiet hours that a moment lies in end; ok is false when it lies in none.
func (w Quiet) end(at time.Time) (end time.Time, ok bool) {
	if w.From == w.Until {
		return time.Time{}, false
	}
	local := at.In(time.FixedZone("", w.Offset*60))
	now := local.Hour()*60 + local.Minute()
	in, days := now >= w.From && now < w.Until, 0
	if w.From > w.Until { // over midnight
		in = now >= w.From || now < w.Until
		if now >= w.From {
			days = 1
		}
	}
	if !in {
		return time.Time{}, false
	}
	end = time.Date(local.Year(), local.Month(), local.Day()+days, w.Until/60, w.Until%60, 0, 0, local.Location())
	return end.UTC(), true
}
