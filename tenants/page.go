package tenants

import (
	"bytes"
	"context"
	"time"

	"zhitong/db"
	"zhitong/internal/id"
)

// LimitMax bounds a page; LimitDefault is its size when none is asked for.
const (
	LimitMax     = 100
	LimitDefault = 20
)

// Page asks for part of a list, newest first unless OldestFirst. I is the identifier of the rows, for example
// [id.Order]. The zero value is the first page.
type Page[I ~[16]byte] struct {
	Limit       int // at most LimitMax; 0 is LimitDefault
	Last        I   // the last row of the page before; zero: the first page
	Before      I   // only rows older than this one; zero: no bound
	After       I   // only rows newer than this one; zero: no bound
	OldestFirst bool
	From        time.Time // only rows made at this time or later; zero: no bound
	Until       time.Time // only rows made before this time; zero: no bound
	Count       bool      // tell how many rows there are on all pages
}

// skew is how far the time in an identifier may be from the time of its row: both are taken in the same process, one
// after the other.
const skew = time.Minute

// Whole is the list that p is a page of: with the same bounds, from its beginning.
func (p Page[I]) Whole() Page[I] {
	var none I
	p.Last = none
	return p
}

// Cursor is the identifier that all rows stand before: Before, or the largest one. When there is a bound in time it
// keeps the index from being read beyond it.
func (p Page[I]) Cursor() I {
	upper := id.Max[I]()
	if !p.Until.IsZero() {
		upper = id.First[I](p.Until.Add(skew))
	}
	bounds := []I{p.Before}
	if !p.OldestFirst {
		bounds = append(bounds, p.Last)
	}
	var none I
	for _, b := range bounds {
		if b != none && less(b, upper) {
			upper = b
		}
	}
	return upper
}

// Floor is the identifier that all rows stand after: After, or the smallest one.
func (p Page[I]) Floor() I {
	var lower I
	lower[len(lower)-1] = 1 // the zero identifier is NULL in SQL
	if !p.From.IsZero() {
		lower = id.First[I](p.From.Add(-skew))
	}
	if less(lower, p.After) {
		lower = p.After
	}
	if p.OldestFirst && less(lower, p.Last) {
		lower = p.Last
	}
	return lower
}

func less[I ~[16]byte](a, b I) bool {
	x, y := [16]byte(a), [16]byte(b)
	return bytes.Compare(x[:], y[:]) < 0
}

// MadeUntil is Until, or a time that no row reaches. From needs no such thing: its zero value is before every row.
func (p Page[I]) MadeUntil() time.Time {
	if p.Until.IsZero() {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return p.Until
}

// size is the limit within its bounds.
func (p Page[I]) size() int {
	if p.Limit <= 0 {
		return LimitDefault
	}
	return min(p.Limit, LimitMax)
}

// Fetch is how many rows to read: one more than asked for, which tells whether there is a next page.
func (p Page[I]) Fetch() int32 { return int32(p.size()) + 1 }

// PageOf is part of a list.
type PageOf[T any] struct {
	Items []T
	Next  string // the identifier of its last row, when there is a next page; otherwise empty
	Total *Total // how many rows the whole list has; nil unless asked for
}

// Total is how many rows a list has. More than countMax are not counted.
type Total struct {
	Count  int
	Capped bool // there are more than Count
}

// countMax bounds what is counted. CountFetch is how many rows are looked at: one more tells that there are more.
const (
	countMax   = 10_000
	CountFetch = countMax + 1
)

// TotalOf is the total of a list in which rows were found, of at most CountFetch that were looked at.
func TotalOf(rows int64) *Total { return &Total{int(min(rows, countMax)), rows > countMax} }

// Cut makes a page of what [Page.Fetch] rows gave: the surplus row becomes the sign of a next page. idOf is the text
// form of a row's identifier.
func Cut[I ~[16]byte, R, T any](p Page[I], rows []R, idOf func(R) string, convert func(R) T) PageOf[T] {
	n := min(len(rows), p.size())
	page := PageOf[T]{Items: make([]T, 0, n)}
	for _, r := range rows[:n] {
		page.Items = append(page.Items, convert(r))
	}
	if len(rows) > n {
		page.Next = idOf(rows[n-1])
	}
	return page
}

// Texts are the values of a filter as a statement takes them; none is empty, never NULL.
func Texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// PlanAnew makes Postgres plan the next statements of the transaction for their own arguments. A list has many filters
// of which few are given; a plan that must fit all of them fits none.
func PlanAnew(ctx context.Context, tx db.TenantTx) error { return q.ListPlanAnew(ctx, tx.Later()) }
