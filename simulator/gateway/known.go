package gateway

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// knownNames are methods that Alipay's gateway has, one a line, whether they are played here or not: those that the
// public client libraries of this trade name.
//
//go:embed known.txt
var knownNames string

var known = sync.OnceValue(func() []string { return slices.Sorted(strings.FieldsSeq(knownNames)) })

// Known tells whether Alipay has a method of that name, as far as is known here.
func Known(method string) bool {
	_, found := slices.BinarySearch(known(), method)
	return found
}
