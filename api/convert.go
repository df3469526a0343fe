package api

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"zhitong/api/apigen"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
)

// page reads the parameters that every list has. The cursor is the identifier of the last row that was seen.
func page[I id.ID](limit *apigen.Limit, cursor *apigen.Cursor) (tenants.Page[I], error) {
	var p tenants.Page[I]
	p.Limit = int(value(limit))
	if cursor == nil {
		return p, nil
	}
	var err error
	if p.Before, err = id.Parse[I](*cursor); err != nil {
		return p, errInvalid(
			fault.Field{Pointer: "cursor", Code: "format", Detail: "Must be the next_cursor of the page before."},
		)
	}
	return p, nil
}

// each converts a slice; an empty one becomes [] in JSON, never null.
func each[A, B any](in []A, convert func(A) B) []B {
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = convert(v)
	}
	return out
}

// list is each and the cursor of the next page.
func list[A, B any](p tenants.PageOf[A], convert func(A) B) ([]B, *string) {
	return each(p.Items, convert), optional(p.Next)
}

// optional leaves the zero value out of an answer.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// value is what an optional field says, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// word turns an optional enum into a plain string, or "".
func word[T ~string](p *T) string { return string(value(p)) }

// keyOf is the request's idempotency key with the hash of what it asks for: the parts are the path's identifiers and
// the body.
func keyOf(header *apigen.IdempotencyKey, parts ...any) (idempotency.Key, error) {
	if header == nil {
		return idempotency.Key{}, nil
	}
	request, err := json.Marshal(parts)
	if err != nil {
		return idempotency.Key{}, fmt.Errorf("write the request for its idempotency key: %w", err)
	}
	return idempotency.Key{Value: *header, Request: sha256.Sum256(request)}, nil
}

// replayed is the value of Idempotency-Replayed.
func replayed(r bool) *string {
	if !r {
		return nil
	}
	yes := "true"
	return &yes
}
