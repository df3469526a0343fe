package contract

import (
	"errors"
	"fmt"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// The schemes of openapi.yaml, and the one role of a session.
const (
	schemeKey     = "bearer"
	schemeSession = "session"
	schemeTenant  = "tenantHeader"
	roleElevated  = "elevated"
)

// setSecurity reads which credential an operation takes. There are four kinds: none; a key, or a session and the
// platform that is meant; a session alone; a session, with a platform or without. Each with a session may ask for a
// fresh proof.
func (o *Operation) setSecurity(doc *openapi3.T, op *openapi3.Operation) error {
	security := op.Security
	if security == nil {
		security = &doc.Security
	}
	o.Public = len(*security) == 0
	keys, sessions, elevated, alone := 0, 0, 0, 0
	for _, r := range *security {
		for scheme, roles := range r {
			switch scheme {
			case schemeKey:
				keys++
			case schemeSession:
				sessions++
				if slices.Contains(roles, roleElevated) {
					elevated++
				}
			case schemeTenant:
				o.NamesTenant = true
			default:
				return fmt.Errorf("the security scheme %q is not understood", scheme)
			}
		}
		if _, ok := r[schemeSession]; ok && len(r) == 1 {
			alone++
		}
	}
	o.Elevated = elevated > 0
	o.Personal = sessions > 0 && keys == 0
	switch {
	case o.Public:
	case sessions == 0:
		return errors.New("a person may call every operation that is not public")
	case elevated != 0 && elevated != sessions:
		return errors.New("either every session needs a fresh proof, or none")
	case o.Personal != (alone > 0), !o.Personal && !o.NamesTenant:
		return errors.New("a session says which platform is meant, unless the operation is for people only")
	}
	return nil
}
