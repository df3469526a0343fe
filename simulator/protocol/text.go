package protocol

import (
	"time"

	"zhitong/internal/money"
)

// SignedYuan is yuan with a minus where there is one.
func SignedYuan(f money.Fen) string {
	if f < 0 {
		return "-" + (-f).Yuan()
	}
	return f.Yuan()
}

// ForbiddenWords is a token list behind ACQ.EXIST_FORBIDDEN_WORD; Alipay's own is not public.
func ForbiddenWords() []string { return []string{"赌博", "毒品", "枪支", "违禁词"} }

// Beijing is the zone of every time Alipay writes.
func Beijing(t time.Time) string { return t.In(BeijingZone()).Format(time.DateTime) }

// BeijingZone is the zone of every time that Alipay writes.
func BeijingZone() *time.Location { return time.FixedZone("UTC+8", 8*3600) }

// Millis and FromMillis are times as stored: Unix milliseconds, 0 for none.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// FromMillis undoes Millis; the time is in UTC.
func FromMillis(v int64) time.Time { return time.UnixMilli(v).UTC() }
