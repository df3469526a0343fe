// Package id holds typed identifiers: UUIDs of version 7, which sort by the time they were made, so that indexes grow at one end.
//
// Each kind of row has its own Go type; passing a payment's id where an order's is meant does not compile.
package id

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// Of is an identifier of a row of kind K. The zero value is no row.
type Of[K any] [16]byte

type (
	tenantKind       struct{}
	memberKind       struct{}
	apiKeyKind       struct{}
	merchantKind     struct{}
	applicationKind  struct{}
	imageKind        struct{}
	productKind      struct{}
	splitRuleKind    struct{}
	ruleVersionKind  struct{}
	cardKeyKind      struct{}
	importKind       struct{}
	orderKind        struct{}
	orderItemKind    struct{}
	paymentKind      struct{}
	splitKind        struct{}
	splitPartKind    struct{}
	settlementKind   struct{}
	refundKind       struct{}
	eventKind        struct{}
	endpointKind     struct{}
	deliveryKind     struct{}
	caseKind         struct{}
	postingKind      struct{}
	auditKind        struct{}
	notificationKind struct{}
)

// The kinds of rows that have identifiers.
type (
	Tenant           = Of[tenantKind]
	Member           = Of[memberKind]
	APIKey           = Of[apiKeyKind]
	Merchant         = Of[merchantKind]
	Application      = Of[applicationKind]
	ApplicationImage = Of[imageKind]
	Product          = Of[productKind]
	SplitRule        = Of[splitRuleKind]
	SplitRuleVersion = Of[ruleVersionKind]
	CardKey          = Of[cardKeyKind]
	CardKeyImport    = Of[importKind]
	Order            = Of[orderKind]
	OrderItem        = Of[orderItemKind]
	Payment          = Of[paymentKind]
	Split            = Of[splitKind]
	SplitPart        = Of[splitPartKind]
	Settlement       = Of[settlementKind]
	Refund           = Of[refundKind]
	Event            = Of[eventKind]
	WebhookEndpoint  = Of[endpointKind]
	WebhookDelivery  = Of[deliveryKind]
	Case             = Of[caseKind]
	Posting          = Of[postingKind]
	AuditEntry       = Of[auditKind]
	Notification     = Of[notificationKind]
)

// New makes an identifier that sorts after every one made before it by this process: id.New[id.Order]().
func New[T ~[16]byte]() T { return T(uuid.Must(uuid.NewV7())) }

// Parse reads the canonical text form, 36 characters with hyphens, and nothing else.
func Parse[T ~[16]byte](s string) (T, error) {
	if len(s) != 36 {
		return T{}, fmt.Errorf("id: want 36 characters, have %d", len(s))
	}
	u, err := uuid.Parse(s)
	return T(u), err
}

// IsZero tells whether the identifier names no row.
func (i Of[K]) IsZero() bool { return i == Of[K]{} }

// String is the canonical text form.
func (i Of[K]) String() string { return uuid.UUID(i).String() }

// MarshalText implements encoding.TextMarshaler.
func (i Of[K]) MarshalText() ([]byte, error) { return uuid.UUID(i).MarshalText() }

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

// First sorts before every identifier made at t or later, and after those made a millisecond before: where a search by time begins.
func First[T ~[16]byte](t time.Time) (first T) {
	ms := uint64(t.UnixMilli())
	for i := range 6 {
		first[i] = byte(ms >> (8 * (5 - i)))
	}
	return first
}

// Hex is the identifier in 32 hexadecimal characters: the form that fits Alipay's out_trade_no, out_request_no and external_id.
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
