package clock

import (
	"fmt"
	"time"
)

// stampLayout has as many digits as Postgres keeps, also when the last are zeros: as texts, times have one length and
// sort as they follow each other.
const stampLayout = "2006-01-02T15:04:05.000000Z"

// Stamp is a time as it is written wherever others read it: in answers of the API, in events and in webhooks. The text
// is RFC 3339 in UTC with six digits of the second's fraction.
type Stamp time.Time

// StampOf is the stamp of a time that may not be there.
func StampOf(t *time.Time) *Stamp { return (*Stamp)(t) }

// MarshalText implements encoding.TextMarshaler.
func (s Stamp) MarshalText() ([]byte, error) {
	return time.Time(s).UTC().AppendFormat(nil, stampLayout), nil
}

// UnmarshalText implements encoding.TextUnmarshaler: any RFC 3339 time will do.
func (s *Stamp) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("read a time: %w", err)
	}
	*s = Stamp(t)
	return nil
}
