package tenants

// LimitMax bounds a page; LimitDefault is its size when none is asked for.
const (
	LimitMax     = 100
	LimitDefault = 20
)

// Page asks for part of a list, newest first. I is the identifier of the rows, for example [id.Order]. The zero value
// is the first page.
type Page[I ~[16]byte] struct {
	Limit  int // at most LimitMax; 0 is LimitDefault
	Before I   // the rows older than this one; zero for the newest
}

// Cursor is the identifier to compare with: Before, or the largest one on the first page.
func (p Page[I]) Cursor() I {
	var zero I
	if p.Before != zero {
		return p.Before
	}
	for i := range zero {
		zero[i] = 0xff
	}
	return zero
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
	Next  string // the cursor of the next page, the id of this one's last row; empty on the last one
}

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
