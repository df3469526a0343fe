package contract

import (
	"net/http"

	"zhitong/internal/fault"
)

// CheckBody reports the faulty fields of a JSON body.
func (o *Operation) CheckBody(body []byte) []fault.Field {
	_, faults := o.ReadBody(body)
	return faults
}

// CheckParameters reports the faulty parameters of a request.
func (o *Operation) CheckParameters(r *http.Request, pathValue func(name string) string) []fault.Field {
	_, faults := o.ReadParameters(r, pathValue)
	return faults
}
