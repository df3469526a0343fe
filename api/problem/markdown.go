package problem

import (
	"bytes"
	"fmt"
	"net/http"

	"zhitong/internal/fault"
)

// Markdown is docs/errors.md and docs/errors.zh.md: every code with its status, title and meaning, in alphabetical
// order.
func Markdown(catalogue fault.Catalogue, chinese bool) []byte {
	var b bytes.Buffer
	head, stop := "# Error codes\n\n"+
		"<!-- Generated from the code by `make generate`. Do not edit. -->\n\n"+
		"Every error of the API is `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) "+
		"with one "+
		"of these codes. Codes are stable: act on `code`, show `detail`,\n"+
		"quote `instance` (it ends with the `Request-Id`) when you ask for help. `errors` lists each faulty field "+
		"with a JSON pointer "+
		"and a code of its own.\n\n"+
		statuses(false)+
		"| Code | Status | What happened, and what to do |\n|---|---|---|\n", "."
	fields := "\n## Codes of fields\n\nIn `errors[]` of `invalid_request` and its relatives:\n\n| Code | The value " +
		"|\n|---|---|\n"
	if chinese {
		head, stop = "# 错误码\n\n"+
			"<!-- Generated from the code by `make generate`. Do not edit. -->\n\n"+
			"接口的每个错误都是 `application/problem+json`（[RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)），"+
			"带有下列错误码之一。错误码稳定不变：程序按 `code` 处理，给人看 `detail`，\n"+
			"求助时提供 `instance`（以 `Request-Id` 结尾）。`errors` 逐一列出有误的字段，各有 JSON 指针和自己的错误码。\n\n"+
			statuses(true)+
			"| 错误码 | 状态 | 发生了什么，怎么办 |\n|---|---|---|\n", "。"
		fields = "\n## 字段错误码\n\n见于 `invalid_request` 等错误的 `errors[]`：\n\n| 错误码 | 该值 |\n|---|---|\n"
	}
	b.WriteString(head)
	for _, d := range catalogue.Sorted() {
		fmt.Fprintf(
			&b,
			"| <a id=%q></a>`%s` | %d %s | **%s%s** %s |\n",
			string(d.Code),
			d.Code,
			d.Status,
			http.StatusText(d.Status),
			d.TitleIn(chinese),
			stop,
			d.MeaningIn(chinese),
		)
	}
	b.WriteString(fields)
	for _, f := range FieldCodes(chinese) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Code, f.Text)
	}
	return b.Bytes()
}

// statuses is the rule by which a code has its status; a test holds the catalogue to it.
func statuses(chinese bool) string {
	if chinese {
		return "| 状态 | 何时 |\n|---|---|\n" +
			"| 400 | 请求格式有误：不符合接口定义，与已存数据无关 |\n" +
			"| 401, 403 | 不知道是谁在调用，或没有权限 |\n" +
			"| 404 | 路径或字段所指的对象不存在 |\n" +
			"| 405, 413, 415 | 需要其他方法、更小的请求体或其他 Content-Type |\n" +
			"| 409 | 与当前状态不符；同一请求稍后可能成功 |\n" +
			"| 412 | `If-Match` 指的不是当前版本 |\n" +
			"| 422 | 请求格式正确，但所求无法办到 |\n" +
			"| 429 | 请求过多；请等待 `Retry-After` |\n" +
			"| 500 | 我方故障 |\n" +
			"| 502 | 支付宝拒绝 |\n" +
			"| 503 | 某项服务暂不可用；请等待 `Retry-After` 后重发同一请求 |\n\n"
	}
	return "| Status | When |\n|---|---|\n" +
		"| 400 | the request is malformed: not as the contract says, whatever is stored |\n" +
		"| 401, 403 | who calls is not known, or may not |\n" +
		"| 404 | what the path or a field names is not there |\n" +
		"| 405, 413, 415 | another method, a smaller body or another Content-Type is needed |\n" +
		"| 409 | it does not go with the state of things; the same request may succeed later |\n" +
		"| 412 | `If-Match` names another version than the one that is there |\n" +
		"| 422 | the request is well-formed, and what it asks for is not possible |\n" +
		"| 429 | too many requests; wait for `Retry-After` |\n" +
		"| 500 | a fault of ours |\n" +
		"| 502 | Alipay refused |\n" +
		"| 503 | something is away for a moment; wait for `Retry-After`, then send the same request |\n\n"
}

// FieldCode is the code of a faulty field, in words.
type FieldCode struct{ Code, Text string }

// FieldCodes are the codes of package contract, in Chinese or English.
func FieldCodes(chinese bool) (out []FieldCode) {
	for _, c := range fieldCodes() {
		text := c[1]
		if chinese {
			text = c[2]
		}
		out = append(out, FieldCode{c[0], text})
	}
	return out
}

func fieldCodes() [][3]string {
	return [][3]string{
		{"invalid_json", "the body is not one JSON value in UTF-8", "请求体不是一个 UTF-8 编码的 JSON 值"},
		{"media_type", "the Content-Type is not the one the operation takes", "Content-Type 不是该操作接受的类型"},
		{"required", "is missing", "缺失"},
		{"unknown_field", "is not part of the contract", "不属于接口定义"},
		{"unknown_parameter", "is not a parameter of the operation", "不是该操作的参数"},
		{"duplicate", "appears more than once", "出现多次"},
		{"type", "has another type than the contract says", "类型与接口定义不符"},
		{"minimum", "is too small", "过小"},
		{"maximum", "is too large, or does not fit the number's format", "过大，或超出该数字格式的范围"},
		{"min_length", "is too short", "过短"},
		{"max_length", "is too long", "过长"},
		{"pattern", "does not match the pattern", "不符合规定的格式（pattern）"},
		{"format", "is not of the format the contract names (email, uri, date, date-time), or " +
			"is no id of the kind that belongs here",
			"不是接口定义规定的格式（email、uri、date、date-time），或不是此处所需类型的标识"},
		{"enum", "is not one of the allowed words", "不是允许的取值"},
		{"min_items", "has too few items", "项数过少"},
		{"max_items", "has too many items; without a pointer: the body has too many values", "项数过多；没有指针时表示请求体的值过多"},
		{"unique_items", "has an item twice", "有重复的项"},
		{"min_properties", "has too few fields", "字段过少"},
		{"invisible_character",
			"has a character that cannot be seen: a control, direction or zero-width character, or a " +
				"line break in a text of one line", "含有不可见字符：控制字符、方向控制符、零宽字符，或单行文本中的换行"},
		{"blank", "has no character that can be seen", "没有任何可见字符"},
		{"lone_surrogate", "has half of a character, an escape from \\ud800 to \\udfff that is not one of a pair",
			"含有半个字符：\\ud800 至 \\udfff 的转义未成对出现"},
		{"nul_character", "contains U+0000", "含有 U+0000"},
		{"invalid_query", "the query string is malformed", "查询字符串格式错误"},
		{"invalid", "breaks another rule of its schema", "违反其他规则"},
	}
}
