package alipay

import "time"

// beijing is the zone of every time on Alipay's wire. China has had no daylight saving since 1991, so a fixed zone is
// exact and needs no tzdata.
func beijing() *time.Location { return beijingZone }

// beijingZone is made once: every notification has several times.
var beijingZone = time.FixedZone("Asia/Shanghai", 8*60*60)

const (
	layoutTime  = "2006-01-02 15:04:05"
	layoutDate  = "2006-01-02"
	layoutMonth = "2006-01"
)

// wireTime writes an instant as Alipay reads it.
func wireTime(t time.Time) string { return t.In(beijing()).Format(layoutTime) }

// parseWireTime reads a time of an answer or a notification: to the second, or with milliseconds (gmt_refund), or only
// the day.
func parseWireTime(s string) (time.Time, bool) {
	if s == "" { // most messages leave most times out
		return time.Time{}, false
	}
	for _, layout := range []string{layoutTime, layoutTime + ".000", layoutDate, time.RFC3339, "20060102150405"} {
		if t, err := time.ParseInLocation(layout, s, beijing()); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
