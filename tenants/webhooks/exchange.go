package webhooks

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"zhitong/internal/outside"
)

const (
	// bodyKept is how many bytes of an answer's body are kept with an attempt.
	bodyKept = 4 << 10
	// headerKept is how many bytes of one header of an answer are kept.
	headerKept = 256
)

// exchange is what was sent in one attempt and what came back, as far as it is kept.
type exchange struct {
	requestHeaders  map[string]string
	responseHeaders map[string]string
	responseBody    string
}

// headersKept are the headers of an answer that tell a person something. Cookies are not among them.
func headersKept() []string {
	return []string{"Content-Type", "Date", "Location", "Retry-After", "Server", "Via", "X-Request-Id"}
}

// sent keeps the headers of a request. There is nothing secret in them: a signature is no key.
func (x *exchange) sent(h http.Header) {
	x.requestHeaders = map[string]string{}
	for name := range h {
		x.requestHeaders[strings.ToLower(name)] = h.Get(name)
	}
}

// received keeps what matters of an answer, and drains the rest so that the connection can be used again.
func (x *exchange) received(r *http.Response) {
	x.responseHeaders = map[string]string{}
	for _, name := range headersKept() {
		if v := r.Header.Get(name); v != "" {
			x.responseHeaders[strings.ToLower(name)] = text([]byte(v), headerKept)
		}
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, bodyKept)) // what came before a failure is kept
	if isText(r.Header.Get("Content-Type")) {
		x.responseBody = text(body, bodyKept)
	}
	_, _ = io.CopyN(io.Discard, r.Body, outside.AnswerMax-bodyKept)
}

// isText tells whether a body is for people to read. A body without a type usually is.
func isText(contentType string) bool {
	if contentType == "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") ||
		strings.HasSuffix(kind, "xml") || kind == "application/x-www-form-urlencoded")
}

// text is at most most bytes of valid UTF-8 that Postgres takes.
func text(b []byte, most int) string {
	s := strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "\uFFFD")
	for len(s) > most { // the replacements are longer than what they replace
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// columns are the headers as they are stored.
func (x *exchange) columns() (request, response []byte) {
	request, _ = json.Marshal(orEmpty(x.requestHeaders)) // a map of texts can always be written
	response, _ = json.Marshal(orEmpty(x.responseHeaders))
	return request, response
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
