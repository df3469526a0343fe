//go:build failpoint

package boot

import (
	"fmt"
	"os"

	"zhitong/internal/failpoint"
)

// stepper gives every package a hook that kills the program at the points that ZHITONG_FAILPOINTS names, as "orders:
// created=3,db: after commit=200".
func stepper(o Options) (func(pkg string) func(name string), error) {
	points, err := failpoint.New(os.Getenv(envPrefix + "FAILPOINTS"))
	if err != nil {
		return nil, fmt.Errorf("read %sFAILPOINTS: %w", envPrefix, err)
	}
	return func(pkg string) func(string) {
		return func(name string) {
			points.Hit(pkg + ": " + name)
			if o.Step != nil && pkg != "db" {
				o.Step(name)
			}
		}
	}, nil
}
