package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/oapi-codegen/nullable"

	"zhitong/api/apigen"
	"zhitong/api/call"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/idempotency"
)

// page reads the parameters that every list has, newest first.
func page[I id.ID](ctx context.Context, limit *apigen.Limit, cursor *apigen.Cursor) (tenants.Page[I], error) {
	p := tenants.Page[I]{Limit: int(value(limit))}
	if cursor == nil {
		return p, nil
	}
	last, err := lastOf[I](ctx, *cursor)
	p.Last = last
	return p, err
}

// span is page for a list that can be read in both directions and has bounds in time.
func span[I id.ID](
	ctx context.Context,
	limit *apigen.Limit,
	cursor *apigen.Cursor,
	order *apigen.ListOrder,
	from, until *clock.Stamp,
) (tenants.Page[I], error) {
	p, err := page[I](ctx, limit, cursor)
	p.From, p.Until, p.OldestFirst = time.Time(value(from)), time.Time(value(until)), value(order) == apigen.Asc
	return p, err
}

// subject is the UUID of what a list is to be about; the zero one when that is left open.
func subject(text *string) (uuid.UUID, error) {
	if text == nil {
		return uuid.UUID{}, nil
	}
	_, u, err := id.Name(*text)
	if err != nil {
		return u, errInvalid(fault.Field{Pointer: "subject_id", Code: "format", Detail: "Must be the id of a subject."})
	}
	return u, nil
}

// counts tells whether a list is to be counted.
func counts(include *apigen.Include) bool { return slices.Contains(value(include), apigen.Count) }

func totalOf(t *tenants.Total) *apigen.ListTotal {
	if t == nil {
		return nil
	}
	return &apigen.ListTotal{Count: t.Count, Capped: t.Capped}
}

// A cursor is the hash of the list that it belongs to and the identifier of the last row that was seen. It is not
// signed: whoever makes one up only moves within what they may read.
func cursorOf(ctx context.Context, last string) string {
	list := call.From(ctx).List
	return base64.RawURLEncoding.EncodeToString(append(list[:], last...))
}

func lastOf[I id.ID](ctx context.Context, cursor string) (last I, err error) {
	list := call.From(ctx).List
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	rest, same := bytes.CutPrefix(raw, list[:])
	if err == nil && same {
		if last, err = id.Parse[I](string(rest)); err == nil && last != *new(I) {
			return last, nil
		}
	}
	return last, fault.New(tenants.CodeCursorInvalid, "The cursor is not the next_cursor of this list with these "+
		"filters.").
		At("cursor", "cursor_invalid", "Must be the next_cursor of the page before.")
}

// listHash tells lists apart: what is asked for, but not which page of it.
func listHash(operation string, tenant id.Tenant, r *http.Request) (out [8]byte) {
	filters := r.URL.Query()
	for _, name := range []string{"cursor", "limit", "include"} {
		filters.Del(name)
	}
	sum := sha256.Sum256([]byte(operation + "\x00" + tenant.String() + "\x00" + r.URL.Path + "\x00" + filters.Encode()))
	copy(out[:], sum[:])
	return out
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
func list[A, B any](ctx context.Context, p tenants.PageOf[A], convert func(A) B) ([]B, *string) {
	return each(p.Items, convert), next(ctx, p.Next)
}

// next is the cursor of the next page, when there is one.
func next(ctx context.Context, last string) *string {
	if last == "" {
		return nil
	}
	cursor := cursorOf(ctx, last)
	return &cursor
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

// keyIn is the Idempotency-Key of the request that is being answered.
func keyIn(ctx context.Context) idempotency.Key { return call.From(ctx).Key }

// replayed is the value of Idempotency-Replayed.
func replayed(r bool) *string {
	if !r {
		return nil
	}
	yes := "true"
	return &yes
}

// metadataChange is what a PATCH says of metadata: nothing, null, or keys to merge.
func metadataChange(in nullable.Nullable[apigen.MetadataUpdate]) tenants.MetadataChange {
	keys, _ := in.Get() // fails when nothing was said, or null: then there are no keys
	return tenants.MetadataChange{Clear: in.IsNull(), Keys: keys}
}
