package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/idempotency"
)

// Upload is what somebody uploads.
type Upload struct {
	Name        string
	ContentType string
	Content     io.Reader
}

// Create keeps what is uploaded, part by part as it arrives. Phased: a transaction that begins the file, one for each
// part, and one in which it is whole and shows. What was broken off never shows, and is deleted later. A repeat with
// the same key and the same content gives the file that is there.
//
// It returns file_too_large, file_empty, too_many_objects, invalid_request and idempotency_key_reused.
func (s *Service) Create(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	in Upload,
) (f File, replayed bool, err error) {
	const operation = "createFile"
	d, err := s.Draft(ctx, a)
	if err != nil {
		return File{}, false, err
	}
	most := int64(0)
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if err := tenants.Room(ctx, tx, tenants.Files); err != nil {
			return err
		}
		t, err := q.TenantGet(ctx, tx)
		if err != nil {
			return fmt.Errorf("read how large an upload may be: %w", err)
		}
		most = int64(t.UploadBytesMax)
		return s.Begin(ctx, tx, a, d, NewFile{Purpose: vocabulary.FileUpload, Name: in.Name,
			ContentType: in.ContentType, Expires: s.clock.Now().Add(UploadKept)})
	})
	if err != nil {
		return File{}, false, err
	}
	s.step("begun")
	var chunks []Chunk
	if d, chunks, err = s.receive(ctx, a, d, in.Content, most); err != nil {
		return File{}, false, err
	}
	h, err := d.sum()
	if err != nil {
		return File{}, false, err
	}
	key = key.And(append(h.Sum(nil), in.Name+"\x00"+in.ContentType...))
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		existing, again, err := key.Claim(ctx, tx, a, operation, d.ID)
		if err != nil {
			return err
		}
		if replayed = again; again { // what was uploaded now stays unfinished, and is deleted
			f, err = s.read(ctx, tx, a, id.File(existing))
			return err
		}
		if err := s.Keep(ctx, tx, chunks); err != nil {
			return err
		}
		if err := s.Finish(ctx, tx, d); err != nil {
			return err
		}
		if f, err = s.read(ctx, tx, a, d.ID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "file", d.ID, "")
	})
	s.step("whole")
	return f, replayed, err
}

// receive reads the content to its end. The last part is sealed as such, and is the caller's to keep.
func (s *Service) receive(
	ctx context.Context,
	a tenants.Actor,
	d Draft,
	content io.Reader,
	most int64,
) (_ Draft, chunks []Chunk, err error) {
	this, next := make([]byte, ChunkMax), make([]byte, ChunkMax)
	n, more, err := fill(content, this)
	for err == nil {
		if d.Size+int64(n) > most {
			return d, nil, fault.New(CodeFileTooLarge, "The file has more than %d bytes.", most)
		}
		var ahead int
		if more {
			if ahead, more, err = fill(content, next); err != nil {
				break
			}
		}
		if ahead == 0 {
			break
		}
		if d, chunks, err = s.Add(ctx, a.Tenant, d, this[:n], false); err != nil {
			return d, nil, err
		}
		if err := a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
			return s.Keep(ctx, tx, chunks)
		}); err != nil {
			return d, nil, err
		}
		s.step("part")
		this, next, n = next, this, ahead
	}
	if err != nil {
		return d, nil, err
	}
	if d.Size+int64(n) == 0 {
		return d, nil, fault.New(CodeFileEmpty, "The file has no content.")
	}
	return s.Add(ctx, a.Tenant, d, this[:n], true)
}

// fill reads until b is full or the content ends, which more tells.
func fill(r io.Reader, b []byte) (n int, more bool, err error) {
	n, err = io.ReadFull(r, b)
	switch {
	case err == nil:
		return n, true, nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return n, false, nil
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return n, false, tooLarge
	}
	return n, false, fault.New(tenants.CodeInvalidRequest, "The body could not be read to its end.").Because(err)
}
