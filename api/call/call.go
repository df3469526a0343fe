// Package call is what is known of one request while it is answered: its number, its operation, who asks, and how it
// ended. The chain puts one Call in the request's context; layers further in fill it, and the log line at the end reads
// it.
package call

import (
	"context"

	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
)

// Call is one request. It belongs to the goroutine that answers it.
type Call struct {
	ID        string          // Request-Id, made by us
	Address   string          // where the request came from; behind trusted proxies, whom they name
	Operation string          // operationId, or the name of a page; empty when no route matched
	List      [8]byte         // hash of which list is asked for: operation, tenant, path and filters
	Tenant    id.Tenant       // zero until the caller is known
	Caller    tenants.Caller  // nobody for pages and callbacks
	Key       idempotency.Key // zero without an Idempotency-Key
	Code      fault.Code      // of the problem it was answered with, or empty
	Err       error           // what went wrong, for the log
	Languages string          // Accept-Language
	Sent      []byte          // the JSON body as it was sent, unless it is large
	Head      bool            // only the head is wanted: what has no end must not begin
	// Again finds out anew who calls: what goes on for long ends when they may call no more. Set with Caller, but for
	// what is a person's own.
	Again func(ctx context.Context) (tenants.Actor, error)
}

type key struct{}

// With puts c into the context.
func With(ctx context.Context, c *Call) context.Context { return context.WithValue(ctx, key{}, c) }

// From is the call of the context. Outside the chain it is a new, empty one, so that nobody needs to ask.
func From(ctx context.Context) *Call {
	if c, ok := ctx.Value(key{}).(*Call); ok {
		return c
	}
	return &Call{}
}
