package webhooks

import (
	"errors"

	"zhitong/internal/fault"
	"zhitong/internal/outside"
)

// Reach says which addresses a tenant may make the program call.
type Reach = outside.Reach

// checkURL refuses what can be seen to be wrong before anything is sent. The address itself is checked at each
// connection.
func checkURL(r Reach, raw string) error {
	err := r.CheckURL(raw)
	if why, ok := errors.AsType[outside.RefusedError](err); ok {
		return fault.New(CodeURLRefused, "The webhook address is refused: it %s.", string(why)).At("/url", "refused",
			"It "+string(why)+".")
	}
	return err
}
