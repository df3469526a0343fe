package exports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zhitong/internal/money"
)

// zone is the platforms' zone. It has no summer time.
func zone() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

// localForm is a time as spreadsheets read it.
const localForm = "2006-01-02 15:04:05"

// cellMax is how many characters Excel takes in a cell; what is longer is cut.
const cellMax = 32_767

// cell is one cell of a file.
type cell struct {
	Text   string `json:"t,omitempty"`
	Number bool   `json:"n,omitempty"` // the text is a number
}

// headings are the first row.
func (l list) headings(language string) (row []cell) {
	for _, c := range l.columns {
		name := c.en
		if language == "zh" {
			name = c.zh
		}
		switch {
		case c.form == asFen && language == "zh":
			row = append(row, cell{Text: name + "（元）"}, cell{Text: name + "（分）"})
		case c.form == asFen:
			row = append(row, cell{Text: name + ", yuan"}, cell{Text: name + ", fen"})
		case c.form == asTime && language == "zh":
			row = append(row, cell{Text: name + "（北京时间）"}, cell{Text: name + "（ISO 8601）"})
		case c.form == asTime:
			row = append(row, cell{Text: name + ", Asia/Shanghai"}, cell{Text: name + ", ISO 8601"})
		default:
			row = append(row, cell{Text: name})
		}
	}
	return row
}

// rowsOf are the rows that one row of the list makes.
func (l list) rowsOf(r map[string]any) (rows [][]cell, err error) {
	parts := []any{nil}
	if l.each != "" {
		if several, ok := r[l.each].([]any); ok && len(several) > 0 {
			parts = several
		}
	}
	for _, part := range parts {
		var row []cell
		for _, c := range l.columns {
			v := any(r)
			path := c.path
			if rest, of := strings.CutPrefix(path, l.each+"."); l.each != "" && of {
				v, path = part, rest
			}
			cells, err := c.cells(find(v, path))
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", c.path, l.name, err)
			}
			row = append(row, cells...)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// find is the property at a path, or nil.
func find(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// cells are those of a column, for one value.
func (c column) cells(v any) ([]cell, error) {
	if v == nil {
		return make([]cell, c.width()), nil
	}
	switch c.form {
	case asNumber:
		return []cell{{Text: fmt.Sprint(v), Number: true}}, nil
	case asFen:
		n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("an amount: %w", err)
		}
		return []cell{{Text: money.Fen(n).Yuan(), Number: true}, {Text: strconv.FormatInt(n, 10), Number: true}}, nil
	case asTime:
		at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(v))
		if err != nil {
			return nil, fmt.Errorf("a time: %w", err)
		}
		return []cell{{Text: at.In(zone()).Format(localForm)}, {Text: fmt.Sprint(v)}}, nil
	case asList:
		text, err := listed(v)
		return []cell{{Text: cut(text)}}, err
	case asText:
	}
	return []cell{{Text: cut(fmt.Sprint(v))}}, nil
}

func (c column) width() int {
	if c.form == asFen || c.form == asTime {
		return 2
	}
	return 1
}

// listed is several things in one cell: the products of an order as people say them, anything else as JSON.
func listed(v any) (string, error) {
	if several, ok := v.([]any); ok && len(several) > 0 {
		var texts []string
		for _, one := range several {
			name, _ := find(one, "product_name").(string)
			if name == "" {
				texts = nil
				break
			}
			texts = append(texts, fmt.Sprintf("%s ×%v", name, find(one, "quantity")))
		}
		if texts != nil {
			return strings.Join(texts, "; "), nil
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", fmt.Errorf("write a cell: %w", err)
	}
	text := strings.TrimSpace(b.String())
	if text == "{}" || text == "[]" {
		return "", nil
	}
	return text, nil
}

// cut shortens a text to what a cell takes.
func cut(text string) string {
	if utf8.RuneCountInString(text) <= cellMax {
		return text
	}
	return string([]rune(text)[:cellMax-1]) + "…"
}

// harmless is a text that no spreadsheet takes for a formula: what begins like one has an apostrophe before it (OWASP,
// CSV Injection).
func harmless(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && slices.Contains([]rune("=+-@\t\r\n＝＋－＠"), first) {
		return "'" + text
	}
	return text
}

// bom tells Excel that a file is UTF-8.
const bom = "\uFEFF"

// writeCSV writes rows as lines of CSV.
func writeCSV(b *bytes.Buffer, rows [][]cell) error {
	w := csv.NewWriter(b)
	w.UseCRLF = true
	for _, row := range rows {
		record := make([]string, len(row))
		for i, c := range row {
			if record[i] = c.Text; !c.Number {
				record[i] = harmless(c.Text)
			}
		}
		if err := w.Write(record); err != nil {
			return fmt.Errorf("write a line: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}
