package state

import (
	"net/http"
)

// Refusal is a refusal of the desk.
type Refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error implements error.
func (e *Refusal) Error() string { return e.Code + ": " + e.Message }

// NotFound is a 404: what does not exist.
func NotFound(what string) error {
	return &Refusal{http.StatusNotFound, "not_found", what + " 不存在"}
}

// BadInput is a 400: what was sent cannot be read.
func BadInput(err error) error { return &Refusal{http.StatusBadRequest, "bad_input", err.Error()} }
