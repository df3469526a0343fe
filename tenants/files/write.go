package files

import (
	"context"
	"crypto/sha256"
	"encoding"
	"fmt"
	"hash"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/secret"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/vault"
)

// NewFile is what a file is made from.
type NewFile struct {
	Purpose     vocabulary.FilePurpose
	Name        string
	ContentType string
	Expires     time.Time
}

// Draft is a file that is being written, and how far it is. It can be stored as JSON, so that what was begun is gone on
// with by another process. The zero Draft is none.
type Draft struct {
	ID       id.File     `json:"id"`
	Merchant id.Merchant `json:"merchant"`
	InBucket bool        `json:"in_bucket"`
	Chunks   int32       `json:"chunks"`
	Size     int64       `json:"size"`
	Hash     []byte      `json:"hash"` // the state of the sum of what was written
	Last     bool        `json:"last"` // nothing may be added

	sealedKey []byte // until the file is begun; then it is read there
}

// Chunk is a sealed part of a file, which its transaction is yet to write.
type Chunk struct {
	row dbsqlc.FileChunkInsertParams
}

// Draft makes up a file of the maker's; Begin writes it.
func (s *Service) Draft(ctx context.Context, maker tenants.Actor) (Draft, error) {
	d := Draft{ID: id.New[id.File](), Merchant: maker.Merchant, InBucket: s.bucket != nil}
	state, err := sha256.New().(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return Draft{}, fmt.Errorf("begin the sum of a file: %w", err)
	}
	d.Hash = state
	err = s.db.InTenant(ctx, maker.Tenant, func(ctx context.Context, tx db.TenantTx) error {
		d.sealedKey, err = s.vault.Seal(ctx, tx, secret.NewContentKey(), vault.FileKey.At(maker.Tenant, d.ID))
		return err
	})
	if err != nil {
		return Draft{}, fmt.Errorf("make the key of a file: %w", err)
	}
	return d, nil
}

// key opens the key of a file: as it stands in its row, or, as long as there is none, in the draft.
func (s *Service) key(ctx context.Context, tenant id.Tenant, file id.File, drafted []byte) (k *secret.ContentKey,
	err error) {
	err = s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		sealed, err := q.FileKeyGet(ctx, tx, file)
		if db.IsNoRows(err) && drafted != nil {
			sealed, err = drafted, nil
		}
		if err != nil {
			return err
		}
		raw, err := s.vault.Open(ctx, tx, sealed, vault.FileKey.At(tenant, file))
		if err != nil {
			return err
		}
		k, err = secret.ParseContentKey(raw)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open the key of %s: %w", file, err)
	}
	return k, nil
}

// Begin leaves a file that does not show yet. Atomic.
func (s *Service) Begin(ctx context.Context, tx db.TenantTx, maker tenants.Actor, d Draft, in NewFile) error {
	err := q.FileInsert(ctx, tx.Later(), dbsqlc.FileInsertParams{
		ID: d.ID, Purpose: in.Purpose, Name: in.Name, ContentType: in.ContentType, InBucket: d.InBucket,
		SealedKey:  d.sealedKey,
		CallerKind: string(maker.Caller.Kind()), CallerID: maker.Caller.ID(), MemberID: maker.Caller.Member(),
		Role: string(maker.Role), MerchantID: maker.Merchant, CreatedAt: s.clock.Now(), ExpiresAt: in.Expires,
	})
	if err != nil {
		return fmt.Errorf("begin a file: %w", err)
	}
	return nil
}

// sum is the sum of what a draft has.
func (d Draft) sum() (hash.Hash, error) {
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(d.Hash); err != nil {
		return nil, fmt.Errorf("read the sum of a file: %w", err)
	}
	return h, nil
}

// Add seals content as the next chunks of a file, puts them into the object store if there is one, and says how far the
// file is then. Nothing of it counts before Keep has written the chunks; until then it can be done again, from the same
// draft. last tells that the file ends here. It works outside of a transaction.
//
// It returns file_too_large.
func (s *Service) Add(ctx context.Context, tenant id.Tenant, d Draft, content []byte, last bool) (Draft, []Chunk,
	error) {
	if d.Last {
		return d, nil, fmt.Errorf("files: %s has ended already", d.ID)
	}
	if d.Size+int64(len(content)) > SizeMax {
		return d, nil, fault.New(CodeFileTooLarge, "The file would have more than %d bytes.", int64(SizeMax))
	}
	h, err := d.sum()
	if err != nil {
		return d, nil, err
	}
	key, err := s.key(ctx, tenant, d.ID, d.sealedKey)
	if err != nil {
		return d, nil, err
	}
	h.Write(content)
	var chunks []Chunk
	for len(content) > 0 || last && !d.Last {
		n := min(len(content), ChunkMax)
		d.Last = last && n == len(content)
		c, err := s.seal(ctx, tenant, d, key, content[:n])
		if err != nil {
			return d, nil, err
		}
		chunks = append(chunks, c)
		d.Chunks, d.Size, content = d.Chunks+1, d.Size+int64(n), content[n:]
	}
	d.Hash, err = h.(encoding.BinaryMarshaler).MarshalBinary()
	return d, chunks, err
}

// seal makes the next chunk of a draft.
func (s *Service) seal(
	ctx context.Context,
	tenant id.Tenant,
	d Draft,
	key *secret.ContentKey,
	content []byte,
) (c Chunk, err error) {
	sealed := key.Seal(content, place(tenant, d.ID, d.Chunks, d.Last))
	c.row = dbsqlc.FileChunkInsertParams{FileID: d.ID, Number: d.Chunks, StartsAt: d.Size,
		SizeBytes: int32(len(content)), MerchantID: d.Merchant}
	if !d.InBucket {
		c.row.Wrapped = sealed
		return c, nil
	}
	if s.bucket == nil {
		return c, fmt.Errorf("files: %s lies in an object store, and none is configured", d.ID)
	}
	within, cancel := context.WithTimeout(ctx, stalled)
	defer cancel()
	if err := s.bucket.Put(within, fmt.Sprintf("%s%d", folder(tenant, d.ID), d.Chunks), sealed); err != nil {
		return c, fmt.Errorf("store a part of %s: %w", d.ID, err)
	}
	s.step("stored")
	return c, nil
}

// Keep leaves chunks that Add has made for the transaction's commit. Atomic.
func (s *Service) Keep(ctx context.Context, tx db.TenantTx, chunks []Chunk) error {
	for _, c := range chunks {
		if err := q.FileChunkInsert(ctx, tx.Later(), c.row); err != nil {
			return fmt.Errorf("keep a part of %s: %w", c.row.FileID, err)
		}
	}
	return nil
}

// Finish makes a file show, whose last chunk has been kept. Atomic.
func (s *Service) Finish(ctx context.Context, tx db.TenantTx, d Draft) error {
	if !d.Last {
		return fmt.Errorf("files: %s has not ended yet", d.ID)
	}
	h, err := d.sum()
	if err != nil {
		return err
	}
	n, err := q.FileFinish(ctx, tx, dbsqlc.FileFinishParams{ID: d.ID, SizeBytes: d.Size, Chunks: d.Chunks,
		Sha256: h.Sum(nil)})
	if err != nil {
		return fmt.Errorf("finish %s: %w", d.ID, err)
	}
	if n == 0 {
		return fmt.Errorf("files: %s is not being written", d.ID)
	}
	return nil
}
