// Package id holds typed identifiers: UUIDs of version 7, which sort by the time they were made, so that indexes grow
// at one end.
//
// Each kind of row has its own Go type, and its own prefix in text: passing a payment's id where an order's is meant
// does not compile, and is refused when it arrives in a request. Postgres and the arguments of jobs have the bare UUID.
package id

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"zhitong/internal/clock"
)

// Of is an identifier of a row of kind K. The zero value is no row.
type Of[K kind] [16]byte

type kind interface{ kind() Kind }

// ID is any identifier type of this package.
type ID interface {
	~[16]byte
	Kind() Kind
}

// moved is how far the clock of a sandbox is ahead of the machine's, in milliseconds.
var moved atomic.Int64

// Move tells how far the program's clock is ahead of the machine's, when a sandbox's desk has moved it: the time in an
// identifier is the program's. Only what composes such a sandbox calls it.
func Move(ahead time.Duration) { moved.Store(ahead.Milliseconds()) }

// New makes an identifier that sorts after every one made before it by this process: id.New[id.Order]().
func New[T ~[16]byte]() T {
	u := uuid.Must(uuid.NewV7())
	// The time in it is the program's: a search by time compares the two.
	if ahead := clock.Shift().Milliseconds() + moved.Load(); ahead != 0 {
		var whole [8]byte
		copy(whole[2:], u[:6])
		binary.BigEndian.PutUint64(whole[:], binary.BigEndian.Uint64(whole[:])+uint64(ahead))
		copy(u[:6], whole[2:])
	}
	return T(u)
}

// Parse reads what String writes, and nothing else; the error is a sentence for whoever sent it.
func Parse[T ID](s string) (T, error) {
	u, err := T{}.Kind().Parse(s)
	return T(u), err
}

// Kind is the kind of what the identifier names.
func (i Of[K]) Kind() Kind {
	var k K
	return k.kind()
}

// UUID is the identifier without its kind, as Postgres has it.
func (i Of[K]) UUID() uuid.UUID { return uuid.UUID(i) }

// IsZero tells whether the identifier names no row.
func (i Of[K]) IsZero() bool { return i == Of[K]{} }

// String is the text form, with the prefix of the kind: ord_01jfts0d3yfk69tap1383q8ktz.
func (i Of[K]) String() string { return i.Kind().Text(uuid.UUID(i)) }

// MarshalText implements encoding.TextMarshaler.
func (i Of[K]) MarshalText() ([]byte, error) { return i.Kind().append(nil, uuid.UUID(i)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *Of[K]) UnmarshalText(b []byte) error {
	v, err := Parse[Of[K]](string(b))
	if err == nil {
		*i = v
	}
	return err
}

// UUIDValue implements pgtype.UUIDValuer; the zero identifier is NULL.
func (i Of[K]) UUIDValue() (pgtype.UUID, error) {
	return pgtype.UUID{Bytes: i, Valid: !i.IsZero()}, nil
}

// ScanUUID implements pgtype.UUIDScanner; NULL is the zero identifier.
func (i *Of[K]) ScanUUID(v pgtype.UUID) error {
	*i = Of[K](v.Bytes)
	return nil
}

// Max sorts after every identifier: the cursor of a list's first page, newest first.
func Max[T ~[16]byte]() (m T) {
	for i := range m {
		m[i] = 0xff
	}
	return m
}

// First sorts before every identifier made at t or later, and after those made a millisecond before: where a search by
// time begins.
func First[T ~[16]byte](t time.Time) (first T) {
	ms := uint64(t.UnixMilli())
	for i := range 6 {
		first[i] = byte(ms >> (8 * (5 - i)))
	}
	return first
}

// Hex is the identifier in 32 hexadecimal characters: the form that fits Alipay's out_trade_no, out_request_no and
// external_id.
func (i Of[K]) Hex() string { return hex.EncodeToString(i[:]) }

// FromHex reads the form of Hex: 32 lower-case hexadecimal characters and nothing else.
func FromHex[T ~[16]byte](s string) (T, error) {
	var b [16]byte
	if len(s) != 2*len(b) || strings.ToLower(s) != s {
		return T{}, fmt.Errorf("id: want 32 lower-case hexadecimal characters")
	}
	_, err := hex.Decode(b[:], []byte(s))
	return T(b), err
}
