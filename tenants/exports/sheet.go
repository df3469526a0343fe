package exports

import (
	"archive/zip"
	"bufio"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// sheetRows is how many rows a sheet of Excel has.
const sheetRows = 1 << 20

// The parts of a spreadsheet (ECMA-376) besides its sheets. The one style that a cell has keeps text text, whatever it
// begins with, also when somebody edits it.
const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	relSpace  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	pkgSpace  = "http://schemas.openxmlformats.org/package/2006/"

	relsPart = xmlHead + `<Relationships xmlns="` + pkgSpace + `relationships"><Relationship Id="rId1" Type="` +
		relSpace + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	stylesPart = xmlHead + `<styleSheet xmlns="` + mainSpace + `"><numFmts count="0"/>` +
		`<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill>` +
		`<fill><patternFill patternType="gray125"/></fill>` +
		`</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>` +
		`<xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`
)

// The styles of cells.
const (
	styleText  = 1
	styleMoney = 2
)

// sheets writes rows into a spreadsheet as they come, so that no more of it is in memory than a row. A sheet that is
// full is followed by a further one, which begins with the headings as well.
type sheets struct {
	zip      *zip.Writer
	most     int // rows of a sheet
	headings []cell
	sheet    *bufio.Writer
	count    int // of sheets
	row      int // of the sheet
}

func newSheets(w io.Writer, headings []cell, most int) *sheets {
	return &sheets{zip: zip.NewWriter(w), most: most, headings: headings}
}

// write adds a row.
func (s *sheets) write(row []cell) error {
	if s.sheet == nil || s.row == s.most {
		if err := s.next(); err != nil {
			return err
		}
	}
	return s.put(row)
}

// next ends a sheet, if there is one, and begins another.
func (s *sheets) next() error {
	if err := s.end(); err != nil {
		return err
	}
	s.count, s.row = s.count+1, 0
	part, err := s.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", s.count))
	if err != nil {
		return fmt.Errorf("begin a sheet: %w", err)
	}
	s.sheet = bufio.NewWriterSize(part, 64<<10)
	if _, err := s.sheet.WriteString(xmlHead + `<worksheet xmlns="` + mainSpace + `"><sheetViews><sheetView ` +
		`workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>` +
		`</sheetViews><sheetData>`); err != nil {
		return fmt.Errorf("begin a sheet: %w", err)
	}
	return s.put(s.headings)
}

func (s *sheets) put(row []cell) error {
	s.row++
	w := s.sheet
	fmt.Fprintf(w, `<row r="%d">`, s.row)
	for i, c := range row {
		at := name(i) + fmt.Sprint(s.row)
		switch {
		case c.Text == "":
		case c.Number && strings.Contains(c.Text, "."):
			fmt.Fprintf(w, `<c r="%s" s="%d"><v>%s</v></c>`, at, styleMoney, c.Text)
		case c.Number:
			fmt.Fprintf(w, `<c r="%s"><v>%s</v></c>`, at, c.Text)
		default:
			fmt.Fprintf(w, `<c r="%s" s="%d" t="inlineStr"><is><t xml:space="preserve">`, at, styleText)
			if err := xml.EscapeText(w, []byte(c.Text)); err != nil {
				return fmt.Errorf("write a cell: %w", err)
			}
			_, _ = w.WriteString(`</t></is></c>`)
		}
	}
	_, err := w.WriteString("</row>") // a bufio.Writer keeps its first error
	if err != nil {
		return fmt.Errorf("write a row: %w", err)
	}
	return nil
}

func (s *sheets) end() error {
	if s.sheet == nil {
		return nil
	}
	_, err := s.sheet.WriteString("</sheetData></worksheet>")
	if err = errors.Join(err, s.sheet.Flush()); err != nil {
		return fmt.Errorf("end a sheet: %w", err)
	}
	return nil
}

// close ends the spreadsheet, which has one sheet at least.
func (s *sheets) close() error {
	if s.sheet == nil {
		if err := s.next(); err != nil {
			return err
		}
	}
	if err := s.end(); err != nil {
		return err
	}
	types := xmlHead + `<Types xmlns="` + pkgSpace + `content-types"><Default Extension="rels" ContentType=` +
		`"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType=` +
		`"application/xml"/><Override PartName="/xl/workbook.xml" ContentType=` +
		`"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName=` +
		`"/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>`
	book := xmlHead + `<workbook xmlns="` + mainSpace + `" xmlns:r="` + relSpace + `"><sheets>`
	rels := xmlHead + `<Relationships xmlns="` + pkgSpace + `relationships">`
	for n := 1; n <= s.count; n++ {
		types += fmt.Sprintf(`<Override PartName="/xl/worksheets/sheet%d.xml" ContentType=`+
			`"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		book += fmt.Sprintf(`<sheet name="Sheet%d" sheetId="%d" r:id="rId%d"/>`, n, n, n)
		rels += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, n,
			relSpace, n)
	}
	rels += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s/styles" Target="styles.xml"/>`, s.count+1, relSpace)
	for _, part := range [][2]string{
		{"[Content_Types].xml", types + "</Types>"}, {"_rels/.rels", relsPart}, {"xl/styles.xml", stylesPart},
		{"xl/workbook.xml", book + "</sheets></workbook>"},
		{"xl/_rels/workbook.xml.rels", rels + "</Relationships>"},
	} {
		w, err := s.zip.Create(part[0])
		if err == nil {
			_, err = io.WriteString(w, part[1])
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", part[0], err)
		}
	}
	if err := s.zip.Close(); err != nil {
		return fmt.Errorf("end the spreadsheet: %w", err)
	}
	return nil
}

// name is how a column is called: A, B, …, Z, AA.
func name(column int) string {
	text := ""
	for column++; column > 0; column = (column - 1) / 26 {
		text = string(rune('A'+(column-1)%26)) + text
	}
	return text
}

// spread writes a spreadsheet of rows that were kept as lines of JSON.
func spread(w io.Writer, rows io.Reader, headings []cell, most int) error {
	s := newSheets(w, headings, most)
	for d := json.NewDecoder(rows); ; {
		var row []cell
		err := d.Decode(&row)
		if errors.Is(err, io.EOF) {
			return s.close()
		}
		if err != nil {
			return fmt.Errorf("read the rows again: %w", err)
		}
		if err := s.write(row); err != nil {
			return err
		}
	}
}
