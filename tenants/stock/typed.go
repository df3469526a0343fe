package stock

import (
	"errors"
	"fmt"
	"strings"

	"zhitong/internal/fault"
	"zhitong/internal/text"
	"zhitong/tenants"
)

// KeyMax is how long a card key may be, in bytes.
const KeyMax = 4096

// Codes of card keys that cannot be imported, and of those that are left out.
const (
	keyBlank   = "blank"
	keyTooLong = "max_length"
	keyBroken  = "format"

	// SkippedRepeated is a key that stands earlier in the list.
	SkippedRepeated = "repeated_in_list"
	// SkippedInStock is a key that the product has already, sold ones included.
	SkippedInStock = "already_in_stock"
)

// faultsMax is how many faulty keys an import names.
const faultsMax = 50

// Typed are card keys as they are kept: without the white space and byte order marks at their edges, which come from
// files and spreadsheets and are no part of a key; two keys that differ by nothing else are one. What is inside stays
// as it is, line breaks and characters that cannot be seen among it, for only the issuer knows what is part of its key.
//
// It returns invalid_request with each key that is blank, longer than KeyMax, or has U+0000, which no page can show.
func Typed(keys []string) ([]string, error) {
	out := make([]string, len(keys))
	faults := fault.New(tenants.CodeInvalidRequest, "No card key was imported: errors names the lines that cannot be.")
	said := map[string]string{
		keyBlank:   "Must have a character that can be seen.",
		keyBroken:  "Must be UTF-8 without U+0000.",
		keyTooLong: fmt.Sprintf("May have at most %d bytes.", KeyMax),
	}
	for i, k := range keys {
		if len(faults.Fields) == faultsMax {
			return nil, faults
		}
		var why string
		if out[i], why = TypedLine(k); why != "" {
			faults = faults.At(fmt.Sprintf("/card_keys/%d", i), why, said[why])
		}
	}
	if len(faults.Fields) > 0 {
		return nil, faults
	}
	return out, nil
}

// TypedLine is one card key as it is kept, or why it cannot be imported: blank, format or max_length.
func TypedLine(k string) (cut, why string) {
	cut, err := text.Key.Clean(k)
	broken, isText := errors.AsType[*text.Error](err)
	switch {
	case isText && broken.Reason == text.Blank || k == "":
		return "", keyBlank
	case isText || strings.ContainsRune(cut, 0):
		return "", keyBroken
	case len(cut) > KeyMax:
		return "", keyTooLong
	}
	return cut, ""
}

// Skipped is a key that an import left out.
type Skipped struct {
	Index int32 // its place in the list, from 0
	Code  string
}
