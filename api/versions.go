package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"zhitong/api/problem"
	"zhitong/internal/fault"
)

// versionHeader names the dated version of the API: what a request was written for, and what its answer is written in.
const versionHeader = "Zhitong-Version"

// firstVersion is the oldest version that is understood.
const firstVersion = "2026-11-26"

// change is one change of the API that callers of an older version must not notice. What adds a field, a code or an
// operation needs none.
type change struct {
	version    string   // the version that has the change, as a date
	what       string   // for the changelog of the API
	operations []string // whose answers it changes, by operationId
	// older gives an answer of today the form it had before. It may change the answer in place.
	older func(answer any) any
}

// changes is the table of all changes, oldest first.
func changes() []change { return nil }

// versions are what may be asked for.
type versions struct {
	known   []string // oldest first
	changes []change
}

func newVersions(all []change) *versions {
	v := &versions{known: []string{firstVersion}, changes: all}
	for _, c := range all {
		if c.version != v.newest() {
			v.known = append(v.known, c.version)
		}
	}
	return v
}

func (v *versions) newest() string { return v.known[len(v.known)-1] }

// of is the version of a request; without a header, the newest. It returns unknown_api_version.
func (v *versions) of(r *http.Request) (string, error) {
	values := r.Header.Values(versionHeader)
	if len(values) == 0 {
		return v.newest(), nil
	}
	if len(values) == 1 && slices.Contains(v.known, values[0]) {
		return values[0], nil
	}
	return "", fault.New(problem.UnknownAPIVersion, "The versions of the API are %s.", strings.Join(v.known, ", ")).
		At(versionHeader, "enum", "Must be one of: "+strings.Join(v.known, ", ")+".")
}

// answering gives answers of the operation the form of the version. Without a change between that version and today
// it is w itself.
func (v *versions) answering(w http.ResponseWriter, version, operation string) (http.ResponseWriter, func() error) {
	var newer []change
	for _, c := range slices.Backward(v.changes) {
		if c.version > version && slices.Contains(c.operations, operation) {
			newer = append(newer, c)
		}
	}
	if len(newer) == 0 {
		return w, func() error { return nil }
	}
	o := &olderAnswer{ResponseWriter: w, status: http.StatusOK, changes: newer}
	return o, o.send
}

// olderAnswer keeps an answer back until it has the form of an older version.
type olderAnswer struct {
	http.ResponseWriter
	status  int
	body    bytes.Buffer
	changes []change // newest first
}

// WriteHeader implements http.ResponseWriter.
func (o *olderAnswer) WriteHeader(status int) { o.status = status }

// Write implements http.ResponseWriter.
func (o *olderAnswer) Write(b []byte) (int, error) { return o.body.Write(b) }

// send sends the answer; errors and what is not JSON as they are.
func (o *olderAnswer) send() error {
	body := o.body.Bytes()
	if o.status < http.StatusMultipleChoices && o.Header().Get("Content-Type") == "application/json" {
		d := json.NewDecoder(&o.body)
		d.UseNumber()
		var answer any
		if err := d.Decode(&answer); err != nil {
			return err
		}
		for _, c := range o.changes {
			answer = c.older(answer)
		}
		var err error
		if body, err = json.Marshal(answer); err != nil {
			return err
		}
		body = append(body, '\n')
	}
	o.ResponseWriter.WriteHeader(o.status)
	_, err := o.ResponseWriter.Write(body)
	return err
}
