package exports

import (
	"bytes"
	"strings"
	"testing"
)

// TestHarmless: what begins like a formula is text; numbers are numbers.
func TestHarmless(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "a": "a", "a=1": "a=1", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(1)": "'@SUM(1)",
		"\t=1": "'\t=1",
		"\r=1": "'\r=1", "＝1": "'＝1", "'=1": "'=1",
	} {
		if have := harmless(text); have != want {
			t.Errorf("%q becomes %q", text, have)
		}
	}
	var b bytes.Buffer
	err := writeCSV(&b, [][]cell{{{Text: "-12.00", Number: true}, {Text: "-12.00"}, {Text: "=1,2\"\n3"}}})
	if want := "-12.00,'-12.00,\"'=1,2\"\"\r\n3\"\r\n"; err != nil || b.String() != want {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	l := list{name: "x", each: "parts", columns: []column{{"n", asFen, "甲", "A"}, {"at", asTime, "乙", "B"},
		{"parts.name", asText, "丙", "C"}, {"parts.none.deeper", asText, "丁", "D"}, {"items", asList, "戊", "E"}}}
	rows, err := l.rowsOf(map[string]any{"n": "-123456", "at": "2026-03-01T17:00:00.123456Z", "items": []any{
		map[string]any{"product_name": "卡", "quantity": 2}}, "parts": []any{map[string]any{"name": "one"},
		map[string]any{"name": "two"}}})
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	want := "-1234.56|-123456|2026-03-02 01:00:00|2026-03-01T17:00:00.123456Z|two||卡 ×2"
	var have []string
	for _, c := range rows[1] {
		have = append(have, c.Text)
	}
	if strings.Join(have, "|") != want {
		t.Errorf("%q", strings.Join(have, "|"))
	}
	if h := l.headings("zh"); len(h) != len(rows[0]) || h[0].Text != "甲（元）" || h[3].Text != "乙（ISO 8601）" {
		t.Errorf("%v", h)
	}
	if rows, err = l.rowsOf(map[string]any{}); err != nil || len(rows) != 1 || len(rows[0]) != len(want7()) {
		t.Errorf("nothing: %v, %v", rows, err)
	}
	if _, err := l.rowsOf(map[string]any{"n": "x"}); err == nil {
		t.Error("an amount that is none was taken")
	}
	if text := cut(strings.Repeat("字", cellMax+5)); len([]rune(text)) != cellMax {
		t.Errorf("%d characters", len([]rune(text)))
	}
	for n, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if have := name(n); have != want {
			t.Errorf("column %d is %s", n, have)
		}
	}
}

func want7() []int { return make([]int, 7) }
