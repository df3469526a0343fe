package api

import (
	"net/http"
	"strconv"
	"strings"

	"zhitong/api/problem"
	"zhitong/tenants"
)

// etag is the entity tag of a version of a thing, as it stands in ETag. It names the version and not the bytes, so that
// it is the same for every content coding.
func etag(version int64) *string {
	tag := problem.ETag(version)
	return &tag
}

// match reads If-Match, whose form the contract has been held to. A weak tag matches nothing (RFC 9110, 13.1.1), and so
// does a tag that is none of ours.
func match(header *string) tenants.Match {
	if header == nil {
		return tenants.Match{}
	}
	m := tenants.Match{Given: true}
	for tag := range tags(*header) {
		if tag == "*" {
			m.Any = true
		}
		if v, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64); err == nil && problem.ETag(v) == tag {
			m.Versions = append(m.Versions, v)
		}
	}
	return m
}

// tags are the entity tags of If-Match or If-None-Match. Ours have no commas; of another's, the pieces are no tags.
func tags(header string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for tag := range strings.SplitSeq(header, ",") {
			if !yield(strings.TrimSpace(tag)) {
				return
			}
		}
	}
}

// unchanged answers 304 instead of 200 when the caller has seen that version (If-None-Match).
type unchanged struct {
	http.ResponseWriter
	seen   string
	silent bool
}

// Unwrap lets http.ResponseController reach the connection.
func (u *unchanged) Unwrap() http.ResponseWriter { return u.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (u *unchanged) WriteHeader(status int) {
	if tag := u.Header().Get("ETag"); status == http.StatusOK && tag != "" && u.has(tag) {
		status, u.silent = http.StatusNotModified, true
		u.Header().Del("Content-Type")
	}
	u.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (u *unchanged) Write(b []byte) (int, error) {
	if u.silent {
		return len(b), nil
	}
	return u.ResponseWriter.Write(b)
}

func (u *unchanged) has(tag string) bool {
	for seen := range tags(u.seen) {
		if seen == "*" || strings.TrimPrefix(seen, "W/") == tag {
			return true
		}
	}
	return false
}
