package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Coded is an answer with a code of its own (10003).
type Coded struct {
	Code, Msg string
	Node      any
}

// Content encodes the node: code and msg first, then the fields of node.
func Content(node any, err error) []byte {
	head := struct {
		Code    string `json:"code"`
		Msg     string `json:"msg"`
		SubCode string `json:"sub_code,omitempty"`
		SubMsg  string `json:"sub_msg,omitempty"`
	}{Code: "10000", Msg: "Success"}
	if err != nil {
		var biz *BizError
		if !errors.As(err, &biz) {
			biz = Unavailable()
		}
		head.Code, head.Msg, head.SubCode, head.SubMsg = biz.Code, biz.Msg, biz.SubCode, biz.SubMsg
	}
	if p, ok := node.(Coded); ok {
		head.Code, head.Msg, node = p.Code, p.Msg, p.Node
	}
	out := EncodeJSON(head)
	if node == nil {
		return out
	}
	rest := EncodeJSON(node)
	if len(rest) <= 2 {
		return out
	}
	return append(append(out[:len(out)-1], ','), rest[1:]...)
}

// EncodeJSON is compact JSON without HTML escapes. A value that cannot be encoded is a programmer's error.
func EncodeJSON(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("encode an answer: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// CharsetName is the charset of an answer's Content-Type.
func CharsetName(gbk bool) string {
	if gbk {
		return "gbk"
	}
	return "utf-8"
}

// ToGBK encodes an answer for a caller that asked for GBK.
func ToGBK(data []byte) []byte {
	out, err := simplifiedchinese.GBK.NewEncoder().Bytes(data)
	if err != nil {
		return data // a character that GBK lacks: the caller sees UTF-8 rather than nothing
	}
	return out
}
