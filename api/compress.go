package api

import (
	"fmt"
	"net/http"

	"github.com/klauspost/compress/gzhttp"
)

// compressMin is how long an answer must be to be compressed, in bytes: a shorter one travels in one packet either way.
const compressMin = 1400

// newCompression makes what compresses answers with zstd or gzip, as the caller takes it, and says so in Vary.
//
// It stands before operations and the documentation. Never before the checkout: its page shows card keys to a browser,
// where a stranger's script can provoke requests and see their length; and its stream of events must not be held back.
// An API's caller is a program with a secret key, whose requests no stranger provokes; answers that carry a secret are
// left alone all the same.
func newCompression() (func(http.Handler) http.HandlerFunc, error) {
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(compressMin),
		gzhttp.ContentTypes([]string{
			"application/json",
			"application/problem+json",
			"application/yaml",
			"text/html",
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("set up compression: %w", err)
	}
	return wrap, nil
}
