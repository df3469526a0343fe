// Package bucket is an object store: S3 and what speaks its protocol, or a folder. It is the only user of gocloud.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:///var/lib/zhitong
	_ "gocloud.dev/blob/s3blob"   // s3://bucket?region=…&endpoint=…
	"gocloud.dev/gcerrors"
)

// Bucket is an open object store. It is safe for concurrent use.
type Bucket struct{ b *blob.Bucket }

// Schemes are those that an address may have.
func Schemes() []string { return []string{"s3", "file"} }

// Check tells whether an address can be one of an object store. Keys do not belong into it: they are read from the
// environment as the SDK of S3 does (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), or from the machine's role.
func Check(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("is not an address")
	}
	if !slices.Contains(Schemes(), u.Scheme) {
		return fmt.Errorf("must begin with one of %v", Schemes())
	}
	if u.User != nil {
		return errors.New("must not carry a user name or a password")
	}
	return nil
}

// Open opens the object store at an address. It does not connect.
func Open(ctx context.Context, address string) (*Bucket, error) {
	if err := Check(address); err != nil {
		return nil, err
	}
	b, err := blob.OpenBucket(ctx, withoutSums(address))
	if err != nil {
		return nil, fmt.Errorf("open the object store: %w", err)
	}
	return &Bucket{b}, nil
}

// withoutSums has S3 add no checksums of its own unless an address asks for them: not every store knows them, and what
// is stored here is sealed.
func withoutSums(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" {
		return address
	}
	q := u.Query()
	for _, name := range []string{"request_checksum_calculation", "response_checksum_validation"} {
		if !q.Has(name) {
			q.Set(name, "when_required")
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Close gives up what the store holds open.
func (b *Bucket) Close() error { return b.b.Close() }

// Put writes an object, whole or not at all.
func (b *Bucket) Put(ctx context.Context, key string, content []byte) error {
	o := &blob.WriterOptions{ContentType: "application/octet-stream", DisableContentTypeDetection: true}
	if err := b.b.WriteAll(ctx, key, content, o); err != nil {
		return fmt.Errorf("write an object: %w", err)
	}
	return nil
}

// Get reads an object of at most so many bytes.
func (b *Bucket) Get(ctx context.Context, key string, most int64) (content []byte, err error) {
	r, err := b.b.NewReader(ctx, key, nil)
	if err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if r.Size() > most {
		return nil, fmt.Errorf("read an object: it has %d bytes, more than %d", r.Size(), most)
	}
	content, err = io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	if int64(len(content)) != r.Size() {
		return nil, fmt.Errorf("read an object: %d of %d bytes came", len(content), r.Size())
	}
	return content, nil
}

// DeleteAll deletes what begins with prefix; that nothing does is no error.
func (b *Bucket) DeleteAll(ctx context.Context, prefix string) error {
	if prefix == "" {
		return errors.New("delete objects: no prefix")
	}
	for list := b.b.List(&blob.ListOptions{Prefix: prefix}); ; {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list objects: %w", err)
		}
		if err := b.b.Delete(ctx, o.Key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return fmt.Errorf("delete an object: %w", err)
		}
	}
}
