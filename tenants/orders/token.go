package orders

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
)

// A checkout token is what the buyer holds: it names the tenant and the order, and its last 16 bytes cannot be guessed.
// They are computed from the installation's key, and stored nowhere: who reads the database cannot make a token.
const (
	secretBytes = 16
	tokenBytes  = 16 + 16 + secretBytes
)

// macPurpose is what the installation's key is used for here.
const macPurpose = "checkout address"

// secretOf is the part of the order's token that cannot be guessed. It is another one in each generation, so that an
// address can be ended.
func (s *Service) secretOf(ctx context.Context, o Order) ([]byte, error) {
	b := make([]byte, 0, tokenBytes)
	b = append(b, o.Tenant[:]...)
	b = append(b, o.ID[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(o.generation)) //nolint:gosec // at least 1, as the table says
	mac, err := s.vault.MAC(ctx, s.db, macPurpose, b)
	return mac[:secretBytes], err
}

// visitorPurpose is what the installation's key is used for in what a browser is given that has seen an order's page.
const visitorPurpose = "checkout visitor"

// visitorOf is what a browser brings along that has seen the order's page at its present address.
func (s *Service) visitorOf(ctx context.Context, o Order) (string, error) {
	b := make([]byte, 0, tokenBytes)
	b = append(b, o.Tenant[:]...)
	b = append(b, o.ID[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(o.generation)) //nolint:gosec // at least 1, as the table says
	mac, err := s.vault.MAC(ctx, s.db, visitorPurpose, b)
	return base64.RawURLEncoding.EncodeToString(mac[:secretBytes]), err
}

// checkoutURL is the address of the buyer's page. Inside of a transaction it needs [Service.in].
func (s *Service) checkoutURL(ctx context.Context, o Order) (string, error) {
	secret, err := s.secretOf(ctx, o)
	return s.publicURL + "/checkout/" + token(o.Tenant, o.ID, secret), err
}

// in is [tenants.Actor.In] for what makes checkout addresses: their key is there before the transaction begins.
func (s *Service) in(
	ctx context.Context,
	a tenants.Actor,
	fn func(ctx context.Context, tx db.TenantTx) error,
) error {
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return err
	}
	return a.In(ctx, s.db, fn)
}

func token(t id.Tenant, o id.Order, secret []byte) string {
	b := make([]byte, 0, tokenBytes)
	b = append(b, t[:]...)
	b = append(b, o[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, secret...))
}

func parseToken(s string) (t id.Tenant, o id.Order, secret []byte, ok bool) {
	if len(s) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return t, o, nil, false
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return t, o, nil, false
	}
	copy(t[:], b)
	copy(o[:], b[16:])
	return t, o, b[32:], !t.IsZero()
}

func sameSecret(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }
