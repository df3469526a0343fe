package api

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"zhitong/api/apigen"
	"zhitong/api/authn"
	"zhitong/internal/clock"
	"zhitong/internal/fault"
	"zhitong/tenants/files"
)

const (
	// uploadMax bounds the body of an upload, whatever the platform takes.
	uploadMax = 1_000_000_000
	// stalledMax is how long a transfer of a file may stand still.
	stalledMax = 30 * time.Second
	// octets is how every file is given out: nobody's browser runs what somebody has uploaded.
	octets = "application/octet-stream"
	// sealedOff is the policy of what is given out, should a browser show it all the same.
	sealedOff = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

func (s *server) CreateFile(
	ctx context.Context,
	r apigen.CreateFileRequestObject,
) (apigen.CreateFileResponseObject, error) {
	if strings.ContainsAny(r.Params.Name, `/\`) || strings.Trim(r.Params.Name, ". ") == "" {
		return nil, errInvalid(fault.Field{Pointer: "name", Code: "format", Detail: "Must be a name without a path."})
	}
	in := files.Upload{Name: r.Params.Name, ContentType: value(r.Params.ContentType), Content: r.Body}
	if in.ContentType == "" {
		in.ContentType = octets
	}
	f, again, err := s.Files.Create(ctx, authn.From(ctx), keyIn(ctx), in)
	if err != nil {
		return nil, err
	}
	return apigen.CreateFile201JSONResponse{
		Body:    fileOf(f),
		Headers: apigen.CreateFile201ResponseHeaders{IdempotencyReplayed: replayed(again)},
	}, nil
}

func (s *server) GetFile(ctx context.Context, r apigen.GetFileRequestObject) (apigen.GetFileResponseObject, error) {
	f, err := s.Files.Get(ctx, authn.From(ctx), r.FileID)
	if err != nil {
		return nil, err
	}
	return apigen.GetFile200JSONResponse(fileOf(f)), nil
}

func (s *server) DeleteFile(
	ctx context.Context,
	r apigen.DeleteFileRequestObject,
) (apigen.DeleteFileResponseObject, error) {
	if err := s.Files.Delete(ctx, authn.From(ctx), r.FileID); err != nil {
		return nil, err
	}
	return apigen.DeleteFile204Response{}, nil
}

func (s *server) DownloadFile(
	ctx context.Context,
	r apigen.DownloadFileRequestObject,
) (apigen.DownloadFileResponseObject, error) {
	a := authn.From(ctx)
	f, err := s.Files.Get(ctx, a, r.FileID)
	if err != nil {
		return nil, err
	}
	d := download{file: f, from: 0, size: f.Size}
	if from, size, ok := rangeOf(value(r.Params.Range), f.Size); ok {
		if size == 0 {
			return nil, fault.New(files.CodeFileRange, "The file has %d bytes.", f.Size)
		}
		d.from, d.size, d.part = from, size, true
	}
	d.content = s.Files.Open(ctx, a, f, d.from) // whole: to its end, where the sum is checked
	if d.part {
		d.content = io.LimitReader(d.content, d.size)
	}
	d.first = make([]byte, min(d.size, files.ChunkMax))
	if _, err := io.ReadFull(d.content, d.first); err != nil { // while there can still be a proper answer
		return nil, err
	}
	return d, nil
}

// rangeOf reads one range of bytes of something that has so many. ok is false when there is none that is understood,
// which HTTP says to ignore; a size of 0 is a range outside.
func rangeOf(header string, size int64) (from, length int64, ok bool) {
	text, is := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(text, "-")
	if !is || !dash || strings.ContainsAny(text, ", ") {
		return 0, 0, false
	}
	if first == "" { // the last so many
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < 0 {
			return 0, 0, false
		}
		n = min(n, size)
		return size - n, n, true
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, 0, false
	}
	to := size - 1
	if last != "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < from {
			return 0, 0, false
		}
		to = min(n, size-1)
	}
	return from, max(0, to-from+1), true
}

// download is the content of a file, or a part of it, as an answer.
type download struct {
	file       files.File
	from, size int64
	part       bool
	first      []byte // what was read already
	content    io.Reader
}

// VisitDownloadFileResponse implements apigen.DownloadFileResponseObject. When the content cannot be read to its end
// the connection is broken off, so that nobody takes half a file for a whole one.
func (d download) VisitDownloadFileResponse(w http.ResponseWriter) error {
	h := w.Header()
	h.Set("Content-Type", octets)
	h.Set("Content-Length", strconv.FormatInt(d.size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.file.Name}))
	h.Set("Content-Security-Policy", sealedOff)
	h.Set("Accept-Ranges", "bytes")
	status := http.StatusOK
	if d.part {
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", d.from, d.from+d.size-1, d.file.Size))
		status = http.StatusPartialContent
	}
	w.WriteHeader(status)
	out := patientWriter{w, http.NewResponseController(w)}
	if _, err := out.Write(d.first); err != nil {
		panic(http.ErrAbortHandler)
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{out}, d.content, make([]byte, 64<<10)); err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// patientWriter gives each write its own time: a file may take longer than any other answer.
type patientWriter struct {
	w  io.Writer
	rc *http.ResponseController
}

func (p patientWriter) Write(b []byte) (int, error) {
	//nolint:forbidigo // a deadline of a connection is the machine's time
	_ = p.rc.SetWriteDeadline(time.Now().Add(stalledMax))
	return p.w.Write(b)
}

// patientBody gives each read its own time: a file may take longer than any other request.
type patientBody struct {
	io.ReadCloser
	rc *http.ResponseController
}

func (p patientBody) Read(b []byte) (int, error) {
	until := time.Now().Add(stalledMax) //nolint:forbidigo // a deadline of a connection is the machine's time
	_ = p.rc.SetReadDeadline(until)
	_ = p.rc.SetWriteDeadline(until.Add(stalledMax)) // the answer comes after the last read
	return p.ReadCloser.Read(b)
}

func fileOf(f files.File) apigen.File {
	return apigen.File{
		ID:          f.ID,
		Purpose:     apigen.FilePurpose(f.Purpose),
		Name:        f.Name,
		ContentType: f.ContentType,
		SizeBytes:   f.Size,
		Sha256:      hex.EncodeToString(f.SHA256),
		CreatedAt:   clock.Stamp(f.CreatedAt),
		ExpiresAt:   clock.Stamp(f.ExpiresAt),
	}
}
