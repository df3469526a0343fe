package alipay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// An answer is {"<node>": value, "alipay_cert_sn": "…", "sign": "…"}, its members in any order. What is signed is the
// value's bytes exactly as they came, so they are cut out, verified and decoded as one span and never written again.
// Whoever finds the node by searching text can be shown one value and decode another; here the top level is walked, and
// a name that appears twice (the forged second node) is refused.

// envelope is an answer taken apart.
type envelope struct {
	node   []byte // the value of the method's node or of error_response, UTF-8
	signed []byte // the same as it came
	errors bool   // it was error_response
	sign   string // Base64, "" when absent
	certSN string
}

const errorNode = "error_response"

// nodeName is the name of a method's answer.
func nodeName(method string) string { return strings.ReplaceAll(method, ".", "_") + "_response" }

var errEnvelope = errors.New("not an answer of the gateway")

// openEnvelope takes an answer's body apart. One that is no UTF-8 is GBK: so the gateway was seen to answer whoever it
// did not understand.
func openEnvelope(method string, body []byte) (envelope, error) {
	gbk := !utf8.Valid(body)
	if gbk {
		var err error
		if body, err = simplifiedchinese.GB18030.NewDecoder().Bytes(body); err != nil {
			return envelope{}, fmt.Errorf("%w: neither UTF-8 nor GBK", errEnvelope)
		}
	}
	members, err := topLevel(body)
	if err != nil {
		return envelope{}, err
	}
	var e envelope
	node, hasNode := members[nodeName(method)]
	failure, hasFailure := members[errorNode]
	switch {
	case hasNode && hasFailure:
		return envelope{}, fmt.Errorf("%w: it has the method's node and %s", errEnvelope, errorNode)
	case hasNode:
		e.node = node
	case hasFailure:
		e.node, e.errors = failure, true
	default:
		return envelope{}, fmt.Errorf("%w: it has neither the method's node nor %s", errEnvelope, errorNode)
	}
	e.signed = e.node
	if gbk {
		if e.signed, err = simplifiedchinese.GB18030.NewEncoder().Bytes(e.node); err != nil {
			return envelope{}, fmt.Errorf("%w: neither UTF-8 nor GBK", errEnvelope)
		}
	}
	for name, to := range map[string]*string{"sign": &e.sign, "alipay_cert_sn": &e.certSN} {
		raw, ok := members[name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, to); err != nil {
			return envelope{}, fmt.Errorf("%w: %s is not a string", errEnvelope, name)
		}
	}
	return e, nil
}

// topLevel walks a JSON object and returns each member's raw value. A member that occurs twice is an error.
func topLevel(body []byte) (map[string][]byte, error) {
	if !json.Valid(body) {
		return nil, fmt.Errorf("%w: broken JSON", errEnvelope)
	}
	b := bytes.TrimSpace(body)
	if len(b) == 0 || b[0] != '{' {
		return nil, fmt.Errorf("%w: not an object", errEnvelope)
	}
	members := map[string][]byte{}
	i := skipSpace(b, 1)
	for b[i] != '}' { // the text is valid JSON, so the walk cannot leave it
		end := valueEnd(b, i)
		var name string
		if err := json.Unmarshal(b[i:end], &name); err != nil {
			return nil, fmt.Errorf("%w: member name", errEnvelope)
		}
		start := skipSpace(b, skipSpace(b, end)+1) // past the colon
		end = valueEnd(b, start)
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("%w: a member occurs twice", errEnvelope)
		}
		members[name] = b[start:end]
		if i = skipSpace(b, end); b[i] == ',' {
			i = skipSpace(b, i+1)
		}
	}
	return members, nil
}

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r' {
		i++
	}
	return i
}

// valueEnd is the index after the JSON value that begins at i. Braces inside strings do not count, an escaped quote
// does not end a string.
func valueEnd(b []byte, i int) int {
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '{', '[':
		for depth := 0; ; i++ {
			switch b[i] {
			case '"':
				i = stringEnd(b, i) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
	}
	for i < len(b) && !bytes.ContainsRune([]byte(",}] \t\r\n"), rune(b[i])) {
		i++
	}
	return i
}

func stringEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}
