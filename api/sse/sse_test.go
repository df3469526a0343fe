package sse_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"zhitong/api/sse"
)

// connection notes its deadline.
type connection struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (c *connection) SetWriteDeadline(t time.Time) error { c.deadline = t; return nil }

// TestEndIsInTime: a stream may end at any time until its next event, and what ends it is still written then.
func TestEndIsInTime(t *testing.T) {
	t.Parallel()
	c := &connection{ResponseRecorder: httptest.NewRecorder()}
	before := time.Now() //nolint:forbidigo // as the stream does
	if err := sse.New(c).Nothing(); err != nil {
		t.Fatal(err)
	}
	if left := c.deadline.Sub(before); left <= sse.AliveAgain {
		t.Errorf("the connection takes the stream for %s more, and its next event may come after %s", left,
			sse.AliveAgain)
	}
	if got := c.Body.String(); got != ": still here\n\n" || !c.Flushed {
		t.Errorf("sent %q, flushed %v", got, c.Flushed)
	}
}
