package protocol_test

import (
	"testing"
	"time"

	"zhitong/simulator/protocol"
)

func TestBeijing(t *testing.T) {
	t.Parallel()
	if got := protocol.Beijing(time.Unix(0, 0)); got != "1970-01-01 08:00:00" {
		t.Errorf("the epoch is %s in Beijing", got)
	}
}
