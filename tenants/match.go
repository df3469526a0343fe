package tenants

import (
	"fmt"
	"slices"

	"zhitong/internal/fault"
)

// Match is what a caller believes to be changing: the versions of a thing that it has seen (If-Match in HTTP). The zero
// value believes nothing and matches whatever is there.
type Match struct {
	Given    bool
	Any      bool    // any version, as long as the thing is there
	Versions []int64 // each version is one state of the thing, counted from 1
}

// Check tells whether a thing of this version may be changed. Call it behind the lock of its row. It returns
// precondition_failed, because of a [Stale].
func (m Match) Check(version int64) error {
	if !m.Given || m.Any || slices.Contains(m.Versions, version) {
		return nil
	}
	return fault.New(CodePreconditionFailed, "It has been changed since you read it. Read it again, then repeat.").
		Because(Stale{version})
}

// Stale is why a precondition failed: the version that is there now.
type Stale struct{ Version int64 }

// Error implements error.
func (s Stale) Error() string { return fmt.Sprintf("version %d is there now", s.Version) }
