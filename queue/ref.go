package queue

import (
	"fmt"

	"github.com/google/uuid"

	"zhitong/internal/id"
)

// Ref is an identifier in a job's arguments. There it is the bare UUID, without the prefix that the API shows: SQL
// writes arguments, too, and compares them with columns.
type Ref[T id.ID] struct{ ID T }

// RefTo makes a Ref.
func RefTo[T id.ID](i T) Ref[T] { return Ref[T]{i} }

// MarshalText implements encoding.TextMarshaler.
func (r Ref[T]) MarshalText() ([]byte, error) { return uuid.UUID(r.ID).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Ref[T]) UnmarshalText(text []byte) error {
	u, err := uuid.ParseBytes(text)
	if err != nil {
		return fmt.Errorf("read an identifier of a job: %w", err)
	}
	r.ID = T(u)
	return nil
}
