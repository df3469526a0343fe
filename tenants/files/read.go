package files

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/tenants"
)

// Get reads what a file is. It returns file_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, file id.File) (f File, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		f, err = s.read(ctx, tx, a, file)
		return err
	})
	return f, err
}

func (s *Service) read(ctx context.Context, tx db.TenantTx, a tenants.Actor, file id.File) (File, error) {
	r, err := q.FileGet(ctx, tx, file, s.clock.Now())
	if db.IsNoRows(err) {
		return File{}, errNotFound()
	}
	if err != nil {
		return File{}, fmt.Errorf("read the file: %w", err)
	}
	f := fileOf(r)
	if !shows(a, f) {
		return File{}, errNotFound()
	}
	return f, nil
}

// shows tells whether the actor may read a file. What is in it is as its maker saw it: so it is for the maker, as long
// as the maker's role is the same, for owners and admins, who see everything, and, of a merchant's, for all members of
// that merchant with the role.
func shows(a tenants.Actor, f File) bool {
	if a.Role == f.Maker.Role && a.Permissions == nil && !a.Merchant.IsZero() && a.Merchant == f.Maker.Merchant {
		return true
	}
	return a.Runs(f.Maker) && (a.Role == f.Maker.Role || !a.Same(f.Maker))
}

// Open gives the content of a file from an offset to its end, part by part. Each part is opened and checked before
// any of it is given out; what is not as it was written is file_broken. Reading the whole content also checks its sum.
func (s *Service) Open(ctx context.Context, a tenants.Actor, f File, offset int64) io.Reader {
	r := &reader{ctx: ctx, s: s, actor: a, file: f, at: offset, next: -1}
	if offset == 0 {
		r.next, r.sum = 0, sha256.New()
	}
	return r
}

// reader reads a file. It holds one part at a time.
type reader struct {
	ctx   context.Context //nolint:containedctx // of the one request that reads
	s     *Service
	actor tenants.Actor
	file  File
	key   *secret.ContentKey
	at    int64
	next  int32 // the next chunk; -1: the one that has the byte at
	rest  []byte
	sum   interface {
		io.Writer
		Sum(b []byte) []byte
	}
	done bool
}

// Read implements io.Reader.
func (r *reader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.done || r.at >= r.file.Size && r.next < 0 {
			return 0, io.EOF
		}
		if err := r.load(); err != nil {
			return 0, err
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	r.at += int64(n)
	return n, nil
}

func (r *reader) load() error {
	if r.key == nil {
		key, err := r.s.key(r.ctx, r.actor.Tenant, r.file.ID, nil)
		if err != nil {
			return err
		}
		r.key = key
	}
	c, err := r.s.chunk(r.ctx, r.actor, r.file, r.key, r.next, r.at)
	if err != nil {
		return err
	}
	if c.starts > r.at || c.starts+int64(len(c.content)) < r.at || r.next >= 0 && c.starts != r.at {
		return errBroken(r.file, "a part stands elsewhere")
	}
	r.rest, r.next = c.content[r.at-c.starts:], c.number+1
	if r.sum != nil {
		_, _ = r.sum.Write(c.content)
	}
	if r.done = r.next == r.file.chunks; !r.done {
		return nil
	}
	if c.starts+int64(len(c.content)) != r.file.Size {
		return errBroken(r.file, "it has another size")
	}
	if r.sum != nil && !bytes.Equal(r.sum.Sum(nil), r.file.SHA256) {
		return errBroken(r.file, "it has another sum")
	}
	return nil
}

func errBroken(f File, why string) error {
	return fault.New(CodeFileBroken, "The file cannot be read.").Because(fmt.Errorf("%s: %s", f.ID, why))
}

// opened is a chunk that was opened.
type opened struct {
	number  int32
	starts  int64
	content []byte
}

// chunk reads and opens a chunk: the one with the number, or, when that is -1, the one that has the byte at an offset.
func (s *Service) chunk(
	ctx context.Context,
	a tenants.Actor,
	f File,
	key *secret.ContentKey,
	number int32,
	at int64,
) (c opened, err error) {
	var r dbsqlc.FileChunkGetRow
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if number >= 0 {
			r, err = q.FileChunkGet(ctx, tx, f.ID, number)
		} else {
			var found dbsqlc.FileChunkAtRow
			found, err = q.FileChunkAt(ctx, tx, f.ID, at)
			r = dbsqlc.FileChunkGetRow(found)
		}
		if db.IsNoRows(err) {
			return errBroken(f, "a part is missing")
		}
		if err != nil {
			return fmt.Errorf("read a part of %s: %w", f.ID, err)
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	if f.inBucket {
		if r.Wrapped, err = s.fetch(ctx, a.Tenant, f, r.Number); err != nil {
			return c, err
		}
	}
	content, err := key.Open(r.Wrapped, place(a.Tenant, f.ID, r.Number, r.Number == f.chunks-1))
	if err != nil {
		return c, errBroken(f, err.Error())
	}
	if len(content) != int(r.SizeBytes) {
		return c, errBroken(f, "a part has another size")
	}
	return opened{r.Number, r.StartsAt, content}, nil
}

// fetch reads a sealed chunk from the object store.
func (s *Service) fetch(ctx context.Context, t id.Tenant, f File, number int32) ([]byte, error) {
	if s.bucket == nil {
		return nil, fmt.Errorf("files: %s lies in an object store, and none is configured", f.ID)
	}
	within, cancel := context.WithTimeout(ctx, stalled)
	defer cancel()
	sealed, err := s.bucket.Get(within, fmt.Sprintf("%s%d", folder(t, f.ID), number), 2*ChunkMax)
	if err != nil {
		return nil, fmt.Errorf("fetch a part of %s: %w", f.ID, err)
	}
	return sealed, nil
}

// Drafted reads what a draft has so far, for the task that writes it.
func (s *Service) Drafted(ctx context.Context, maker tenants.Actor, d Draft) io.Reader {
	h, _ := d.sum()
	f := File{ID: d.ID, Size: d.Size, inBucket: d.InBucket, chunks: d.Chunks}
	if h != nil {
		f.SHA256 = h.Sum(nil)
	}
	return s.Open(ctx, maker, f, 0)
}
