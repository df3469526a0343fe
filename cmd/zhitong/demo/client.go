// Package demo does what a platform does over HTTP, as an integrator would: sign-up, merchants and their onboarding,
// a split rule, a product with card keys, an order, a buyer who pays. `zhitong dev` seeds its demo tenant with it, and
// the tests of the whole program, the benchmarks and the chaos runs drive it.
//
// It knows the public API and the simulator's desk by their addresses only.
package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// answerMax bounds what is read of an answer, in bytes.
const answerMax = 8 << 20

// Client calls one API, and the desk of the simulator behind it.
type Client struct {
	API  string // address without a slash at the end
	Desk string // address of the simulator, likewise
	Key  string // API key; empty before the sign-up
	HTTP *http.Client
	// Poll is how long to wait between two looks at something that is under way; 0: 100 ms.
	Poll time.Duration
}

// Problem is an answer of the API that says no.
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Code    string `json:"code"`
		Detail  string `json:"detail"`
	} `json:"errors"`
	Instance string `json:"instance"`
}

// Error implements error.
func (p *Problem) Error() string {
	text := fmt.Sprintf("%d %s: %s %s", p.Status, p.Code, p.Title, p.Detail)
	for _, e := range p.Errors {
		text += fmt.Sprintf("; %s %s: %s", e.Pointer, e.Code, e.Detail)
	}
	return text
}

// CodeOf is the code of a Problem in err's chain, or "".
func CodeOf(err error) string {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.Code
	}
	return ""
}

// Request is one call. Body is sent as JSON unless Raw is set.
type Request struct {
	Method, Path   string
	Body           any
	Raw            []byte
	ContentType    string
	IdempotencyKey string
}

// Do sends a request to the API and reads its JSON into out, which may be nil. An answer of 400 and above is a
// *Problem. replayed says that an Idempotency-Key had been used before.
func (c *Client) Do(ctx context.Context, r Request, out any) (replayed bool, err error) {
	req, err := newRequest(ctx, c.API, r)
	if err != nil {
		return false, err
	}
	if c.Key != "" {
		req.Header.Set("Authorization", "Bearer "+c.Key)
	}
	header, err := c.send(req, out)
	if err != nil {
		return false, fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	return header.Get("Idempotency-Replayed") == "true", nil
}

// AtDesk sends a request to the simulator's desk.
func (c *Client) AtDesk(ctx context.Context, method, path string, body, out any) error {
	req, err := newRequest(ctx, c.Desk+"/desk/api", Request{Method: method, Path: path, Body: body})
	if err != nil {
		return err
	}
	if _, err := c.send(req, out); err != nil {
		return fmt.Errorf("desk: %s %s: %w", method, path, err)
	}
	return nil
}

func newRequest(ctx context.Context, base string, r Request) (*http.Request, error) {
	body, contentType := r.Raw, r.ContentType
	if r.Body != nil {
		var err error
		if body, err = json.Marshal(r.Body); err != nil {
			return nil, fmt.Errorf("write the body: %w", err)
		}
		contentType = "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, base+r.Path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	if len(body) == 0 {
		req.Body = http.NoBody
		req.ContentLength = 0
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if r.IdempotencyKey != "" {
		req.Header.Set("Idempotency-Key", r.IdempotencyKey)
	}
	return req, nil
}

func (c *Client) send(req *http.Request, out any) (http.Header, error) {
	hc := c.HTTP
	if hc == nil {
		hc = http.DefaultClient
	}
	res, err := hc.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, answerMax))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		p := &Problem{}
		if json.Unmarshal(body, p) != nil || p.Code == "" {
			p.Detail = string(body)
		}
		p.Status = res.StatusCode
		return nil, p
	}
	if out != nil && len(body) > 0 {
		if err := json.Unmarshal(body, out); err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
	}
	return res.Header, nil
}

// Get reads path into out.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	_, err := c.Do(ctx, Request{Method: http.MethodGet, Path: path}, out)
	return err
}

// Post sends body to path and reads the answer into out.
func (c *Client) Post(ctx context.Context, path string, body, out any) error {
	_, err := c.Do(ctx, Request{Method: http.MethodPost, Path: path, Body: body}, out)
	return err
}

// Until calls done every Poll until it says true, fails, or ctx ends; what names the wait.
func (c *Client) Until(ctx context.Context, what string, done func(ctx context.Context) (bool, error)) error {
	poll := c.Poll
	if poll == 0 {
		poll = 100 * time.Millisecond
	}
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for {
		ok, err := done(ctx)
		if err != nil {
			return fmt.Errorf("wait for %s: %w", what, err)
		}
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

func escape(s string) string { return url.PathEscape(s) }
