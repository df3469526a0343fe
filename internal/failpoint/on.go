//go:build failpoint

package failpoint

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
)

// Enabled tells whether this build can be killed at points.
const Enabled = true

// Points are the points that kill, with the hits that are left.
type Points struct{ left map[string]*atomic.Int64 }

// New makes Points of a specification; see [Parse].
func New(spec string) (*Points, error) {
	parsed, err := Parse(spec)
	if err != nil {
		return nil, err
	}
	p := &Points{left: map[string]*atomic.Int64{}}
	for name, n := range parsed {
		p.left[name] = &atomic.Int64{}
		p.left[name].Store(n)
	}
	return p, nil
}

// Hit counts, and kills the process by SIGKILL at the hit asked for: nothing is flushed, closed or answered.
func (p *Points) Hit(name string) {
	if p == nil {
		return
	}
	if left := p.left[name]; left == nil || left.Add(-1) != 0 {
		return
	}
	fmt.Fprintf(os.Stderr, "failpoint: %s\n", name)
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}
