package imports

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/files"
	"zhitong/tenants/stock"
	"zhitong/tenants/tasks"
)

// state is where the next batch begins, and what became of the lines before it.
type state struct {
	Offset int64 `json:"offset"` // in the file
	Line   int64 `json:"line"`   // how many lines were read

	Accepted   int64 `json:"accepted"`
	Duplicates int64 `json:"duplicates"`
	Refused    int64 `json:"refused"`
	Blank      int64 `json:"blank"`
	// Next is the number of the next import; zero: none was read yet.
	Next id.CardKeyImport `json:"next"`
	// Report lists the lines that were left out; nil: none was yet.
	Report *files.Draft `json:"report,omitempty"`
}

// Name implements tasks.Kind.
func (s *Service) Name() vocabulary.TaskKind { return vocabulary.TaskCardKeyImport }

// Step implements tasks.Kind. Each step reads a batch of lines and takes it into stock.
func (s *Service) Step(ctx context.Context, t tasks.Task) (out tasks.Outcome, err error) {
	var in request
	var st state
	if err := json.Unmarshal(t.Params, &in); err != nil {
		return out, fmt.Errorf("read what is to be imported: %w", err)
	}
	if err := json.Unmarshal(t.State, &st); err != nil {
		return out, fmt.Errorf("read where an import is: %w", err)
	}
	if st.Next.IsZero() {
		st.Next = id.New[id.CardKeyImport]()
		out.State, err = json.Marshal(st)
		return out, err
	}
	f, err := s.c.Files.Get(ctx, t.Asker, in.File)
	if err != nil {
		return out, err
	}
	b, err := s.read(ctx, t, f, st)
	if err != nil {
		return out, err
	}
	s.c.Step("read")
	return s.take(ctx, t, in, f, st, b)
}

// batch is some lines of a file.
type batch struct {
	keys    []string
	lines   []int64 // of each key, from 1
	left    bytes.Buffer
	refused int64
	blank   int64
	offset  int64
	line    int64
	over    bool // the file ends here
}

// read reads the next lines. A line that cannot be a card key is refused by itself.
func (s *Service) read(ctx context.Context, t tasks.Task, f files.File, st state) (*batch, error) {
	b := &batch{offset: st.Offset, line: st.Line}
	r := bufio.NewReaderSize(s.c.Files.Open(ctx, t.Asker, f, st.Offset), lineMax)
	for len(b.keys) < s.c.Batch && b.offset-st.Offset < batchBytes && b.line-st.Line < int64(4*s.c.Batch) {
		line, long, err := readLine(r)
		if errors.Is(err, io.EOF) {
			b.over = true
			return b, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the file: %w", err)
		}
		b.offset, b.line = b.offset+line.size, b.line+1
		b.add(line.text, long)
	}
	b.over = b.offset >= f.Size
	return b, nil
}

// lineMax is how long a line may be, in bytes: a card key with what stands around it.
const lineMax = stock.KeyMax + 1024

type line struct {
	text string
	size int64 // with its line break
}

// readLine reads a line without its line break; of one that is too long only the size is told.
func readLine(r *bufio.Reader) (l line, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		l.size += int64(len(part))
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			long, l.text = true, ""
			continue
		case errors.Is(err, io.EOF) && l.size > 0:
		case err != nil:
			return line{}, false, err
		}
		if !long {
			l.text = string(bytes.TrimRight(part, "\r\n"))
		}
		return l, long, nil
	}
}

func (b *batch) add(text string, long bool) {
	if long {
		b.refuse(b.line, "max_length")
		return
	}
	switch typed, why := stock.TypedLine(text); why {
	case "":
		b.keys, b.lines = append(b.keys, typed), append(b.lines, b.line)
	case "blank":
		b.blank++
	default:
		b.refuse(b.line, why)
	}
}

func (b *batch) refuse(line int64, why string) {
	b.refused++
	fmt.Fprintf(&b.left, "%d,%s\r\n", line, why)
}

// take makes the outcome of a batch, which is written with how far the task is.
func (s *Service) take(ctx context.Context, t tasks.Task, in request, f files.File, st state, b *batch) (
	out tasks.Outcome, err error) {
	// The import has its number from the step before: whoever does this step again finds what was taken.
	var imp stock.Import
	if len(b.keys) > 0 {
		imp, err = s.c.Stock.ImportAs(ctx, t.Asker, in.Product, st.Next, b.keys)
		if err != nil {
			return out, err
		}
		st.Next = id.New[id.CardKeyImport]()
	}
	s.c.Step("taken")
	for _, skipped := range imp.Skipped {
		fmt.Fprintf(&b.left, "%d,%s\r\n", b.lines[skipped.Index], skipped.Code)
	}
	st.Offset, st.Line = b.offset, b.line
	st.Refused, st.Blank = st.Refused+b.refused, st.Blank+b.blank
	st.Duplicates, st.Accepted = st.Duplicates+int64(imp.Duplicates), st.Accepted+int64(imp.Accepted)
	begins, chunks := false, []files.Chunk(nil)
	if b.left.Len() > 0 || b.over && st.Report != nil {
		if begins = st.Report == nil; begins {
			d, err := s.c.Files.Draft(ctx, t.Asker)
			if err != nil {
				return out, err
			}
			st.Report = &d
			b.left = *bytes.NewBuffer(append([]byte("line,code\r\n"), b.left.Bytes()...))
		}
		d, more, err := s.c.Files.Add(ctx, t.Asker.Tenant, *st.Report, b.left.Bytes(), b.over)
		if err != nil {
			return out, err
		}
		st.Report, chunks = &d, more
	}
	s.c.Step("added")
	out = tasks.Outcome{Done: st.Offset, Total: &f.Size, Ended: b.over, Counts: map[string]int64{"lines": st.Line,
		"accepted": st.Accepted, "duplicates": st.Duplicates, "refused": st.Refused, "blank": st.Blank}}
	if b.over && st.Report != nil {
		out.File = st.Report.ID
	}
	if out.State, err = json.Marshal(st); err != nil {
		return out, fmt.Errorf("keep where an import is: %w", err)
	}
	out.Write = func(ctx context.Context, tx db.TenantTx) error {
		return s.report(ctx, tx, t, st, begins, b.over, chunks)
	}
	return out, nil
}

// report writes a part of the list of the lines that were left out.
func (s *Service) report(ctx context.Context, tx db.TenantTx, t tasks.Task, st state, begins, over bool,
	chunks []files.Chunk) error {
	if st.Report == nil {
		return nil
	}
	if begins {
		now := s.c.Clock.Now()
		if err := s.c.Files.Begin(ctx, tx, t.Asker, *st.Report, files.NewFile{Purpose: vocabulary.FileExport,
			ContentType: "text/csv", Expires: now.Add(reportKept),
			Name: "card_keys_left_out-" + now.UTC().Format("20060102-150405") + ".csv"}); err != nil {
			return err
		}
	}
	if err := s.c.Files.Keep(ctx, tx, chunks); err != nil || !over {
		return err
	}
	return s.c.Files.Finish(ctx, tx, *st.Report)
}

var _ tasks.Kind = (*Service)(nil)
