// Package search finds a thing by whatever a person has of it: an identifier, a number at Alipay, a reference, a name,
// a contact. What a text can be is told by its shape; each kind of thing is asked for by one statement, and all of them
// travel together. A caller finds what it may read elsewhere: of everything else, and of what is another
// merchant's, the answer is the same as of what is not there.
package search

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/stock"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// HitsMax is how many things of one kind are found.
const HitsMax = 10

// nameLeast is how many characters of a name are looked for.
const nameLeast = 2

// Sight is what a caller may find.
type Sight struct {
	// May tells whether things of a kind can be read, by the name of the kind.
	May func(kind string) bool
	// Contacts: buyers' contacts are seen plain. Who sees them masked must not be able to try numbers.
	Contacts bool
	// CardKeys: card keys are seen plain.
	CardKeys bool
}

// Hit is a thing that was found.
type Hit struct {
	Kind      id.Kind
	ID        uuid.UUID
	Title     string
	Subtitle  string
	MatchedBy vocabulary.MatchedBy
	Order     id.Order // that it belongs to; zero: none, or it is one
}

// Service searches.
type Service struct {
	db    *db.DB
	vault *vault.Vault
}

// New makes a Service.
func New(d *db.DB, v *vault.Vault) *Service { return &Service{d, v} }

// shape is what a text can be.
type shape struct {
	text   string
	lower  string
	kind   string    // of an identifier; empty: it is none
	id     uuid.UUID // of the kind, or the number in hexadecimal digits
	number string    // can be a number at the acquirer
	smid   string
	name   string // enough of a name, in lower case
	last4  string
	email  string
	// emailDigest is what a member is found by; nil: the text is no address.
	emailDigest []byte
	host        string // a part of an address
}

func shapeOf(text string) shape {
	s := shape{text: text, lower: strings.ToLower(text)}
	if k, u, err := id.Name(text); err == nil {
		s.kind, s.id = k.Name, u
		return s
	}
	if p, err := id.FromHex[id.Payment](text); err == nil {
		s.id = uuid.UUID(p)
	}
	const numberMost, smidLength, last4Length = 64, 16, 4
	plain := strings.Trim(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
	if plain && len(text) <= numberMost {
		s.number = text
	}
	if len(text) == smidLength && strings.Trim(text, "0123456789") == "" {
		s.smid = text
	}
	if utf8.RuneCountInString(text) >= nameLeast {
		s.name = s.lower
	}
	if len(text) == last4Length {
		s.last4 = text
	}
	if strings.Contains(text, "@") {
		s.email = s.lower
	}
	if len(text) > last4Length && strings.ContainsAny(text, "./") {
		s.host = s.lower
	}
	return s
}

// of is the identifier when it can be one of a thing of the kind.
func (s shape) of(kind string) uuid.UUID {
	if s.kind == kind {
		return s.id
	}
	return uuid.UUID{}
}

// numbered is of, or the number in hexadecimal digits that the acquirer knows a thing of the kind by.
func (s shape) numbered(kind string) uuid.UUID {
	if s.kind == "" {
		return s.id
	}
	return s.of(kind)
}

// question asks for things of one kind.
type question struct {
	asked bool
	read  func(ctx context.Context, r db.Asked) ([]Hit, error)
}

// Find finds what a text names, the most likely first: orders, then what belongs to them, then the rest.
func (s *Service) Find(ctx context.Context, a tenants.Actor, text string, sight Sight) (hits []Hit, err error) {
	of := shapeOf(text)
	contact, err := s.contact(ctx, a.Tenant, of, sight)
	if err != nil {
		return nil, err
	}
	if of.emailDigest, err = s.vault.Digest(ctx, s.db, a.Tenant, vault.ByMemberEmail, of.email); err != nil {
		return nil, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		prints, err := s.fingerprints(ctx, tx, of, sight)
		if err != nil {
			return err
		}
		if err := tenants.PlanAnew(ctx, tx); err != nil {
			return err
		}
		questions := of.questions(sight, contact, prints)
		found := make([][]Hit, len(questions))
		var reads []func(ctx context.Context, r db.Asked) error
		for i, ask := range questions {
			if !ask.asked {
				continue
			}
			reads = append(reads, func(ctx context.Context, r db.Asked) (err error) {
				if found[i], err = ask.read(ctx, r); err != nil {
					return fmt.Errorf("search: %w", err)
				}
				return nil
			})
		}
		if err := tx.Ask(ctx, reads...); err != nil {
			return err
		}
		for _, f := range found {
			hits = append(hits, f...)
		}
		return nil
	})
	return hits, err
}

// fingerprints are those of a card key, when the text can be one and the caller may see it; otherwise there are none.
func (s *Service) fingerprints(ctx context.Context, tx db.TenantTx, of shape, sight Sight) ([][]byte, error) {
	if of.kind != "" || !sight.CardKeys || !sight.May("card_key") {
		return nil, nil
	}
	typed, err := stock.Typed([]string{of.text})
	if err != nil { // no card key reads so
		return nil, nil //nolint:nilerr // nothing is found
	}
	all, err := s.vault.Fingerprints(ctx, tx, []byte(typed[0]))
	if err != nil {
		return nil, err
	}
	prints := make([][]byte, len(all))
	for i := range all {
		prints[i] = all[i][:]
	}
	return prints, nil
}

// contact is the digest that an order's contact is looked for by; nil: not at all.
func (s *Service) contact(ctx context.Context, t id.Tenant, of shape, sight Sight) ([]byte, error) {
	if !sight.Contacts || of.kind != "" || !sight.May("order") {
		return nil, nil
	}
	return s.vault.Digest(ctx, s.db, t, vault.ByBuyerContact, tenants.NormalContact(of.text))
}
