//go:build testclock

package clock

import (
	"os"
	"time"
)

// Start names the moment at which the clocks of this program start, for a build with the tag testclock:
// 2028-02-29T12:00:00+08:00. From there they tick on. Empty: the machine's time.
const Start = "ZHITONG_TEST_CLOCK_START"

// shiftVariable hands the shift down to the programs that this one starts, so that all of them tell the same time.
const shiftVariable = "ZHITONG_TEST_CLOCK_SHIFT"

var shift = readShift()

// Shift is how far the program's clock is ahead of the machine's.
func Shift() time.Duration { return shift }

func readShift() time.Duration {
	if inherited := os.Getenv(shiftVariable); inherited != "" {
		d, err := time.ParseDuration(inherited)
		if err != nil {
			panic("clock: " + shiftVariable + ": " + err.Error())
		}
		return d
	}
	text := os.Getenv(Start)
	if text == "" {
		return 0
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic("clock: " + Start + ": " + err.Error())
	}
	d := time.Until(at).Round(time.Millisecond)
	if err := os.Setenv(shiftVariable, d.String()); err != nil {
		panic("clock: " + err.Error())
	}
	return d
}
