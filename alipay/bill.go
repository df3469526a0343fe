package alipay

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"zhitong/internal/clock"
	"zhitong/internal/money"
)

const (
	billMethod   = "bill.download" // the name of the download in logs and metrics; it is no method of the gateway
	billDeadline = 2 * time.Minute
	maxBill      = 256 << 20 // bytes of a bill, zipped
	maxBillFile  = 2 << 30   // bytes of one file of a bill, unzipped: it is streamed, the bound stops a zip bomb
	maxBillFiles = 64
)

// BillDownload writes a bill's zip to w and returns its size. The address comes from BillDownloadurlQuery and is valid
// 30 seconds. It must be on Alipay's hosts or on the gateway's own; redirects are not followed. An *Error with
// OutcomeUnknown means: ask for a new address.
func (c *Client) BillDownload(ctx context.Context, address string, w io.Writer) (int64, error) {
	elapsed := clock.Stopwatch()
	n, failure := c.billDownload(ctx, address, w)
	if failure != nil {
		failure.Resolve = mBillDownloadurl
	}
	c.record(ctx, billMethod, failure, elapsed())
	if failure != nil {
		return n, failure
	}
	return n, nil
}

func (c *Client) billDownload(ctx context.Context, address string, w io.Writer) (int64, *Error) {
	u, err := url.Parse(address)
	if err != nil || !c.isBillAddress(u) {
		return 0, localRefusal(billMethod, "bill_download_url", "is not an address of Alipay")
	}
	ctx, cancel := context.WithTimeout(ctx, billDeadline)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return 0, localRefusal(billMethod, "bill_download_url", "is not an address")
	}
	res, err := c.http.Do(r)
	if err != nil {
		return 0, unknown(billMethod, SubCodeTransport, "no answer", stripURL(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return 0, unknown(billMethod, SubCodeHTTPStatus, fmt.Sprintf("HTTP %d", res.StatusCode), nil)
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		return 0, unknown(billMethod, SubCodeBrokenAnswer, "an error page, the address may have expired", nil)
	}
	n, err := io.Copy(w, io.LimitReader(res.Body, maxBill+1))
	switch {
	case err != nil:
		return n, unknown(billMethod, SubCodeTransport, "the download broke off", stripURL(err))
	case n > maxBill:
		return n, unknown(billMethod, SubCodeBrokenAnswer, "the bill is too large", nil)
	case res.ContentLength >= 0 && n != res.ContentLength:
		return n, unknown(billMethod, SubCodeTransport, "the download broke off", nil)
	}
	return n, nil
}

// isBillAddress: the gateway's own host and scheme (the simulator serves its bills), or one of Alipay's. Alipay may
// print http; it is not used.
func (c *Client) isBillAddress(u *url.URL) bool {
	if u.User != nil {
		return false
	}
	if u.Host == c.gateway.Host && u.Scheme == c.gateway.Scheme {
		return true
	}
	host := u.Hostname()
	for _, domain := range []string{"alipay.com", "alipaydev.com", "alipayobjects.com"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			if u.Scheme == "http" && u.Port() == "" {
				u.Scheme = "https"
			}
			return u.Scheme == "https"
		}
	}
	return false
}

// BillRow is one line of one file of a bill. Columns are found by their header, never by position: Alipay appends
// columns.
type BillRow struct {
	File    string // name of the file inside the zip
	columns map[string]int
	cells   []string
}

// Cell is the trimmed text of a column, "" when the file has no such column.
func (r BillRow) Cell(column string) string {
	i, ok := r.columns[column]
	if !ok || i >= len(r.cells) {
		return ""
	}
	return r.cells[i]
}

// Has tells whether the file has a column.
func (r BillRow) Has(column string) bool {
	_, ok := r.columns[column]
	return ok
}

// Amount is a column's amount in fen; bills print refunds and fees with a sign. An empty cell is 0.
func (r BillRow) Amount(column string) (money.Fen, error) {
	s := r.Cell(column)
	digits, negative := strings.CutPrefix(s, "-")
	if s == "" {
		return 0, nil
	}
	f, err := answerFen(strings.TrimPrefix(digits, "+"))
	if err != nil {
		return 0, fmt.Errorf("bill column %s: %w", column, err)
	}
	if negative {
		f = -f
	}
	return f, nil
}

// Time is a column's time in Beijing's zone, zero when empty or unreadable.
func (r BillRow) Time(column string) time.Time {
	t, _ := parseWireTime(r.Cell(column))
	return t
}

// ErrBill is a bill that cannot be read.
var ErrBill = errors.New("alipay: bill")

// ReadBill reads a bill's zip and hands each line of each of its CSV files to row, streaming. Names and contents are
// GBK, lines beginning with # are notes, cells carry trailing tabs and blanks (Alipay documentation, bill download).
func ReadBill(r io.ReaderAt, size int64, row func(BillRow) error) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBill, err)
	}
	if len(z.File) > maxBillFiles {
		return fmt.Errorf("%w: too many files", ErrBill)
	}
	for _, f := range z.File {
		name, err := simplifiedchinese.GB18030.NewDecoder().String(f.Name)
		if err != nil || !f.NonUTF8 {
			name = f.Name
		}
		if !strings.HasSuffix(strings.ToLower(name), ".csv") {
			continue
		}
		if err := readBillFile(f, name, row); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrBill, name, err)
		}
	}
	return nil
}

func readBillFile(f *zip.File, name string, row func(BillRow) error) error {
	content, err := f.Open()
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer content.Close()
	limited := &io.LimitedReader{R: content, N: maxBillFile}
	lines := csv.NewReader(simplifiedchinese.GB18030.NewDecoder().Reader(limited))
	lines.Comment, lines.LazyQuotes, lines.FieldsPerRecord = '#', true, -1
	var columns map[string]int
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			if limited.N == 0 {
				return errors.New("too large")
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if columns == nil {
			columns = make(map[string]int, len(cells))
			for i, c := range cells {
				columns[c] = i
			}
			continue
		}
		if err := row(BillRow{name, columns, cells}); err != nil {
			return err
		}
	}
}
