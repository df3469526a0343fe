// Package sse writes server-sent events.
package sse

import (
	"net/http"
	"time"
)

// Times of a stream.
const (
	AliveAgain = 15 * time.Second // how often a silent one says that it is there
	FollowMax  = 30 * time.Minute // then the browser connects again
)

// writeMax is how long a reader may take to accept an event.
const writeMax = 10 * time.Second

// Stream writes events to one reader.
type Stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController
}

// New begins a stream.
func New(w http.ResponseWriter) *Stream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	return &Stream{w: w, rc: http.NewResponseController(w)}
}

// Nothing is a comment that keeps the connection alive.
func (s *Stream) Nothing() error { return s.Send(": still here\n\n") }

// Send writes an event and hands it over.
func (s *Stream) Send(event string) error {
	if err := s.within(writeMax); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(event)); err != nil {
		return err
	}
	if err := s.rc.Flush(); err != nil {
		return err
	}
	// The end of the stream is written too, as late as the next event would be: past its deadline the reader would take
	// it for a connection that broke.
	return s.within(AliveAgain + 2*writeMax)
}

func (s *Stream) within(d time.Duration) error {
	now := time.Now() //nolint:forbidigo // a deadline of the connection is in the machine's time
	return s.rc.SetWriteDeadline(now.Add(d))
}
