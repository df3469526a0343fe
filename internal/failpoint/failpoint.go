// Package failpoint kills the program at a named point, for tests of crashes. It does so only when built with the tag
// failpoint; without it [Points] is empty and Hit is inlined to nothing, so no shipped binary can be ended by its
// environment.
//
// The points are those that the phased use cases report before and after each commit and gateway call ("orders: after
// precreate"), and every commit of the database ("db: before commit").
package failpoint

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse reads a specification: names with the hit that kills, separated by commas, as "orders: created=3,db: after
// commit=200". A name without a number means its first hit.
func Parse(spec string) (map[string]int64, error) {
	out := map[string]int64{}
	for part := range strings.SplitSeq(spec, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name, count, counted := strings.Cut(part, "=")
		n := int64(1)
		if counted {
			var err error
			if n, err = strconv.ParseInt(strings.TrimSpace(count), 10, 64); err != nil || n < 1 {
				return nil, fmt.Errorf("failpoint %q: want name=hit with a hit of 1 or more", part)
			}
		}
		if name = strings.TrimSpace(name); name == "" {
			return nil, fmt.Errorf("failpoint %q has no name", part)
		}
		out[name] = n
	}
	return out, nil
}
