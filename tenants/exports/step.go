package exports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/vocabulary"
	"zhitong/tenants/files"
	"zhitong/tenants/tasks"
)

// state is where the next step of an export begins.
type state struct {
	// File is what is written into: the result, or of a spreadsheet the rows, from which it is made at the end.
	File   *files.Draft `json:"file,omitempty"`
	Cursor string       `json:"cursor,omitempty"`
	Rows   int64        `json:"rows,omitempty"`
	Total  *int64       `json:"total,omitempty"`
}

// Name implements tasks.Kind.
func (s *Service) Name() vocabulary.TaskKind { return vocabulary.TaskExport }

// Step implements tasks.Kind. Each step reads some pages of the list and writes them; the last one of a spreadsheet
// makes it of the rows.
func (s *Service) Step(ctx context.Context, t tasks.Task) (out tasks.Outcome, err error) {
	var in Request
	var st state
	if err := json.Unmarshal(t.Params, &in); err != nil {
		return out, fmt.Errorf("read what is to be exported: %w", err)
	}
	if err := json.Unmarshal(t.State, &st); err != nil {
		return out, fmt.Errorf("read where an export is: %w", err)
	}
	l, ok := listOf(in.List)
	if !ok {
		return out, fmt.Errorf("exports: there is no list %q", in.List)
	}
	t.Asker.Mode = in.Mode
	if st.File != nil && st.File.Last {
		return s.toSheet(ctx, t, in, l, st)
	}
	return s.read(ctx, t, in, l, st)
}

// read is a step that reads some pages and writes them.
func (s *Service) read(ctx context.Context, t tasks.Task, in Request, l list, st state) (tasks.Outcome, error) {
	var b bytes.Buffer
	begins := st.File == nil
	if begins {
		d, err := s.files.Draft(ctx, t.Asker)
		if err != nil {
			return tasks.Outcome{}, err
		}
		st.File = &d
		if err := begin(&b, in, l); err != nil {
			return tasks.Outcome{}, err
		}
	}
	over := false
	for n := 0; n < s.pages && !over; n++ {
		p, err := s.source.Page(ctx, t.Asker, Ask{Operation: l.operation, Query: in.Query, Cursor: st.Cursor,
			Limit: s.page, Count: begins && n == 0})
		if err != nil {
			return tasks.Outcome{}, err
		}
		if begins && n == 0 {
			st.Total = p.Total
		}
		if err := addRows(&b, in, l, p.Rows); err != nil {
			return tasks.Outcome{}, err
		}
		st.Rows += int64(len(p.Rows))
		st.Cursor, over = p.Next, p.Next == ""
	}
	if st.Rows > RowsMax {
		return tasks.Outcome{}, fault.New(CodeTooLarge, "There are more than %d rows.", RowsMax)
	}
	d, chunks, err := s.files.Add(ctx, t.Asker.Tenant, *st.File, b.Bytes(), over)
	if err != nil {
		return tasks.Outcome{}, err
	}
	s.step("added")
	st.File = &d
	whole := over && in.Format == CSV
	return s.outcome(st, whole, func(ctx context.Context, tx db.TenantTx) error {
		if begins {
			if err := s.files.Begin(ctx, tx, t.Asker, d, s.file(in)); err != nil {
				return err
			}
		}
		if err := s.files.Keep(ctx, tx, chunks); err != nil || !whole {
			return err
		}
		return s.files.Finish(ctx, tx, d)
	})
}

// begin writes what stands before the rows.
func begin(b *bytes.Buffer, in Request, l list) error {
	if in.Format != CSV {
		return nil
	}
	b.WriteString(bom)
	return writeCSV(b, [][]cell{l.headings(in.Language)})
}

func addRows(b *bytes.Buffer, in Request, l list, from []map[string]any) error {
	for _, r := range from {
		rows, err := l.rowsOf(r)
		if err != nil {
			return err
		}
		if in.Format == CSV {
			if err := writeCSV(b, rows); err != nil {
				return err
			}
			continue
		}
		for _, row := range rows {
			if err := json.NewEncoder(b).Encode(row); err != nil {
				return fmt.Errorf("keep a row: %w", err)
			}
		}
	}
	return nil
}

// outcome is what a step has reached.
func (s *Service) outcome(
	st state,
	whole bool,
	write func(ctx context.Context, tx db.TenantTx) error,
) (out tasks.Outcome, err error) {
	out = tasks.Outcome{Done: st.Rows, Total: st.Total, Counts: map[string]int64{"rows": st.Rows}, Ended: whole,
		Write: write}
	if whole {
		out.File, out.State = st.File.ID, []byte("{}")
		return out, nil
	}
	if out.State, err = json.Marshal(st); err != nil {
		return out, fmt.Errorf("keep where an export is: %w", err)
	}
	return out, nil
}

// file is what the result is called.
func (s *Service) file(in Request) files.NewFile {
	now := s.clock.Now()
	kind := "text/csv"
	if in.Format == XLSX {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return files.NewFile{
		Purpose: vocabulary.FileExport, ContentType: kind, Expires: now.Add(Kept),
		Name: fmt.Sprintf("%s-%s.%s", in.List, now.In(zone()).Format("20060102-150405"), in.Format),
	}
}

// toSheet is the step that makes a spreadsheet of the rows. It is done as a whole: a part of a spreadsheet is none.
// What a killed one has left is deleted later.
func (s *Service) toSheet(ctx context.Context, t tasks.Task, in Request, l list, st state) (tasks.Outcome, error) {
	rows := *st.File
	w := &sheetFile{ctx: ctx, s: s, task: t}
	var err error
	if w.draft, err = s.files.Draft(ctx, t.Asker); err != nil {
		return tasks.Outcome{}, err
	}
	if err := s.db.InTenant(ctx, t.Asker.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		return s.files.Begin(ctx, tx, t.Asker, w.draft, s.file(in))
	}); err != nil {
		return tasks.Outcome{}, err
	}
	if err := spread(w, s.files.Drafted(ctx, t.Asker, rows), l.headings(in.Language), s.rows); err != nil {
		return tasks.Outcome{}, err
	}
	d, chunks, err := s.files.Add(ctx, t.Asker.Tenant, w.draft, w.buffer.Bytes(), true)
	if err != nil {
		return tasks.Outcome{}, err
	}
	s.step("spread")
	st.File = &d
	return s.outcome(st, true, func(ctx context.Context, tx db.TenantTx) error {
		if err := s.files.Keep(ctx, tx, chunks); err != nil {
			return err
		}
		if err := s.files.Finish(ctx, tx, d); err != nil {
			return err
		}
		return s.files.Discard(ctx, tx, rows)
	})
}

// sheetFile writes a spreadsheet into a file that does not show, part by part.
type sheetFile struct {
	ctx    context.Context //nolint:containedctx // of the one step that writes
	s      *Service
	task   tasks.Task
	draft  files.Draft
	buffer bytes.Buffer
}

// Write implements io.Writer.
func (f *sheetFile) Write(b []byte) (int, error) {
	n, _ := f.buffer.Write(b)
	for f.buffer.Len() >= files.ChunkMax {
		d, chunks, err := f.s.files.Add(f.ctx, f.task.Asker.Tenant, f.draft, f.buffer.Next(files.ChunkMax), false)
		if err != nil {
			return 0, err
		}
		if err := f.s.db.InTenant(f.ctx, f.task.Asker.Tenant, func(ctx context.Context, tx db.TenantTx) error {
			return f.s.files.Keep(ctx, tx, chunks)
		}); err != nil {
			return 0, err
		}
		f.draft = d
	}
	return n, nil
}

var _ tasks.Kind = (*Service)(nil)
