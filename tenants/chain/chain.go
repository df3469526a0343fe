// Package chain makes a change of the past seen. What must stay as it was written (audit entries, postings, events) is
// closed batch by batch once it is older than any transaction may be; each batch has a keyed digest of its rows and of
// the batch before. Who has the database and not the master keyset can change rows and links, but not so that they fit.
//
// Nothing of it happens where rows are written: a job closes, and [Service.Check] compares.
package chain

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Records is a table whose rows are chained.
type Records string

// The chained tables.
const (
	AuditLog Records = "audit_log"
	Postings Records = "ledger_postings"
	Events   Records = "events"
)

// All are the chained tables.
func All() []Records { return []Records{AuditLog, Postings, Events} }

const (
	// Lag is how old a row is before it is closed. A row's identifier is made before it is written, and the row is seen
	// when its transaction commits: nothing may come in behind the last row of a closed batch.
	Lag = time.Hour
	// openMax is how long a transaction may have been open while batches are closed. With one that is older, none is.
	openMax = Lag / 2
	// batchSize is how many rows a link covers at most.
	batchSize = 1000
	// wide is how far apart in time the rows of a link are at most.
	wide = 24 * time.Hour
	// roundsMax bounds the links that are made for one table of a tenant in one go.
	roundsMax = 200
)

// ErrHeldUp says that nothing is closed because a transaction has been open for too long.
var ErrHeldUp = errors.New("a transaction has been open for longer than half an hour: no batch is closed")

// Config is what a Service needs.
type Config struct {
	DB    *db.DB
	Vault *vault.Vault
	Clock clock.Clock
	Batch int               // rows a link; 0: the usual number
	Step  func(name string) // nil in production; tests crash at a step
	// OpenMax is how long a transaction may have been open while batches are closed; 0: half of the lag.
	OpenMax time.Duration
}

// Service closes and checks.
type Service struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
	batch int32
	step  func(string)
	open  time.Duration
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{db: c.DB, vault: c.Vault, clock: c.Clock, batch: batchSize, open: openMax,
		step: func(string) {}}
	if c.OpenMax > 0 {
		s.open = c.OpenMax
	}
	if c.Batch > 0 {
		s.batch = int32(c.Batch) //nolint:gosec // a test's
	}
	if c.Step != nil {
		s.step = c.Step
	}
	return s
}

// row is a row as the chain takes it.
type row struct {
	id             uuid.UUID
	core, personal string
}

// read gives the rows after one up to another, oldest first.
func read(ctx context.Context, tx db.TenantTx, of Records, after, upto uuid.UUID, most int32) (rows []row, err error) {
	switch of {
	case AuditLog:
		all, err := q.ChainAuditRows(ctx, tx, after, upto, most)
		for _, r := range all {
			rows = append(rows, row{r.ID, r.Core, r.Personal})
		}
		return rows, err
	case Postings:
		all, err := q.ChainPostingRows(ctx, tx, after, upto, most)
		for _, r := range all {
			rows = append(rows, row{r.ID, r.Core, r.Personal})
		}
		return rows, err
	case Events:
		all, err := q.ChainEventRows(ctx, tx, after, upto, most)
		for _, r := range all {
			rows = append(rows, row{r.ID, r.Core, r.Personal})
		}
		return rows, err
	}
	return nil, fmt.Errorf("%s is not chained", of)
}

// digests are those of a link: of what never changes, and of what an erasure may empty.
func (s *Service) digests(
	ctx context.Context,
	tenant id.Tenant,
	l dbsqlc.ChainLink,
	rows []row,
) (core, personal [32]byte, err error) {
	cores, personals := sha256.New(), sha256.New()
	for _, r := range rows {
		cores.Write(r.id[:])
		cores.Write(sized(r.core))
		personals.Write(r.id[:])
		personals.Write(sized(r.personal))
	}
	t := tenant.UUID()
	text := slices.Concat(t[:], sized(l.Records), number(int64(l.Number)), l.FirstID[:], l.LastID[:],
		number(int64(l.RowCount)), l.Previous, cores.Sum(nil))
	if core, err = s.vault.MAC(ctx, s.db, "chain", text); err != nil {
		return core, personal, err
	}
	text = slices.Concat(core[:], moment(l.ErasedAt), personals.Sum(nil))
	personal, err = s.vault.MAC(ctx, s.db, "chain personal", text)
	return core, personal, err
}

// expiry says that the rows of a link were deleted at a moment.
func (s *Service) expiry(ctx context.Context, digest []byte, at time.Time) ([32]byte, error) {
	return s.vault.MAC(ctx, s.db, "chain expiry", slices.Concat(digest, moment(&at)))
}

// sized is a text behind its length, so that no two lists of texts read the same.
func sized(s string) []byte { return append(number(int64(len(s))), s...) }

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) } //nolint:gosec // bits

func moment(t *time.Time) []byte {
	if t == nil {
		return number(0)
	}
	return number(t.UnixMicro())
}
