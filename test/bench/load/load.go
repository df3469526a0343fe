// Package load sends prepared HTTP requests over connections that stay open and says how fast they were answered. It
// runs in a process of its own, so that its work is not counted as the server's.
package load

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Job is what to send. It is written to a file for the process that sends it.
type Job struct {
	Address  string // host:port
	Requests [][]byte
	Clients  int
	Rate     float64 // requests per second; 0: as fast as they are answered
	Status   int     // what an answer must have
	Body     string  // what it must begin with
}

// Result is how it went. Latencies are in microseconds; at a rate they count from when a request was due.
type Result struct {
	Requests int     `json:"requests"`
	Seconds  float64 `json:"seconds"`
	PerSec   float64 `json:"per_second"`
	P50      int64   `json:"p50_us"`
	P99      int64   `json:"p99_us"`
	Max      int64   `json:"max_us"`
}

// Request writes a request as it goes over the wire.
func Request(method, host, path string, header http.Header, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", method, path, host, len(body))
	_ = header.Write(&b) // a buffer takes everything
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// Write stores a job.
func Write(path string, j Job) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the requests: %w", err)
	}
	w := bufio.NewWriter(f)
	return errors.Join(gob.NewEncoder(w).Encode(j), w.Flush(), f.Close())
}

// Read reads a stored job.
func Read(path string) (j Job, err error) {
	f, err := os.Open(path)
	if err != nil {
		return j, fmt.Errorf("read the requests: %w", err)
	}
	defer f.Close()
	return j, gob.NewDecoder(bufio.NewReader(f)).Decode(&j)
}

// Run sends the job's requests. The first answer that is not as it must be ends it.
func Run(ctx context.Context, j Job) (Result, error) {
	return RunWith(ctx, j, func(int, time.Time) {}, func(int, []byte) {})
}

// RunWith is Run that tells when each request is due and what was answered. Both are called by many goroutines.
func RunWith(ctx context.Context, j Job, due func(i int, at time.Time),
	answered func(i int, body []byte)) (Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	conns := make([]net.Conn, j.Clients)
	for i := range conns {
		c, err := net.Dial("tcp", j.Address)
		if err != nil {
			return Result{}, fmt.Errorf("connect: %w", err)
		}
		defer c.Close()
		conns[i] = c
	}
	took := make([]time.Duration, len(j.Requests))
	var next atomic.Int64
	var done sync.WaitGroup
	start := time.Now()
	for _, c := range conns {
		done.Go(func() {
			r := bufio.NewReader(c)
			for ctx.Err() == nil {
				i := int(next.Add(1) - 1)
				if i >= len(j.Requests) {
					return
				}
				from := time.Now()
				if j.Rate > 0 {
					from = start.Add(time.Duration(float64(i) / j.Rate * float64(time.Second)))
					if !wait(ctx, time.Until(from)) {
						return
					}
				}
				due(i, from)
				body, err := j.send(c, r, j.Requests[i])
				if err != nil {
					cancel(fmt.Errorf("request %d: %w", i, err))
					return
				}
				took[i] = time.Since(from)
				answered(i, body)
			}
		})
	}
	done.Wait()
	if err := context.Cause(ctx); err != nil {
		return Result{}, err
	}
	seconds := time.Since(start).Seconds()
	p50, p99, most := Quantiles(took)
	return Result{Requests: len(j.Requests), Seconds: seconds, PerSec: float64(len(j.Requests)) / seconds,
		P50: p50.Microseconds(), P99: p99.Microseconds(), Max: most.Microseconds()}, nil
}

func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (j Job) send(c net.Conn, r *bufio.Reader, request []byte) ([]byte, error) {
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	if res.StatusCode != j.Status || !strings.HasPrefix(string(body), j.Body) {
		return nil, fmt.Errorf("answered %d %.300s", res.StatusCode, body)
	}
	return body, nil
}

// Quantiles gives the median, the 99th percentile and the most.
func Quantiles(all []time.Duration) (p50, p99, most time.Duration) {
	if len(all) == 0 {
		return 0, 0, 0
	}
	s := slices.Sorted(slices.Values(all))
	at := func(q float64) time.Duration { return s[min(len(s)-1, int(q*float64(len(s))))] }
	return at(0.5), at(0.99), s[len(s)-1]
}
