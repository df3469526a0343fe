// Package merchants is the tenant's distributors and suppliers: who they are, and where their parts of a split go. A
// merchant can receive payments once Alipay has approved its application; package onboarding sees to that.
package merchants

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/idempotency"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

// Kinds of merchants.
const (
	KindDistributor = vocabulary.MerchantDistributor
	KindSupplier    = vocabulary.MerchantSupplier
)

// Statuses of a merchant.
const (
	StatusPending   = vocabulary.MerchantPending
	StatusActive    = vocabulary.MerchantActive // Alipay has approved it and it can receive payments
	StatusSuspended = vocabulary.MerchantSuspended
)

// Receiver is the Alipay account that a merchant's parts of splits go to.
type Receiver struct {
	Type    vocabulary.ReceiverType
	Account string
}

// Merchant is a distributor or supplier.
type Merchant struct {
	ID              id.Merchant
	Kind            vocabulary.MerchantKind
	Name            string
	Contact         string
	Status          vocabulary.MerchantStatus
	Smid            string // empty until Alipay has approved it
	Receiver        *Receiver
	ReceiverBoundAt *time.Time // nil until Alipay knows the receiver
	Metadata        tenants.Metadata
	CreatedAt       time.Time
	Version         int64 // counts its changes, from 1
}

// NewMerchant is what a merchant is made from.
type NewMerchant struct {
	Kind     vocabulary.MerchantKind
	Name     string
	Contact  string
	Receiver *Receiver
	Metadata tenants.Metadata
}

// Service carries the use cases of merchants.
type Service struct {
	db    *db.DB
	vault *vault.Vault
}

// New makes a Service.
func New(d *db.DB, v *vault.Vault) *Service { return &Service{d, v} }

// Create admits a merchant; replayed says that an earlier request with the same key had. It returns invalid_request or
// idempotency_key_reused.
func (s *Service) Create(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	in NewMerchant,
) (m Merchant, replayed bool, err error) {
	metadata, err := tenants.NewMetadata(in.Metadata)
	if err != nil {
		return Merchant{}, false, err
	}
	if err := in.Receiver.check(); err != nil {
		return Merchant{}, false, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		made := id.New[id.Merchant]()
		existing, replay, err := key.Claim(ctx, tx, a, "createMerchant", made)
		if err != nil {
			return err
		}
		if replayed = replay; replay {
			m, err = s.get(ctx, tx, id.Merchant(existing))
			return err
		}
		m = Merchant{
			ID:       made,
			Kind:     in.Kind,
			Name:     in.Name,
			Contact:  in.Contact,
			Status:   StatusPending,
			Receiver: in.Receiver,
			Metadata: metadata,
			Version:  1,
		}
		if err := tenants.Room(ctx, tx, tenants.Merchants); err != nil {
			return err
		}
		sealed, err := s.seal(ctx, tx, m)
		if err != nil {
			return err
		}
		m.CreatedAt, err = q.MerchantInsert(ctx, tx, dbsqlc.MerchantInsertParams{
			ID:             m.ID,
			Kind:           m.Kind,
			Name:           m.Name,
			SealedContact:  sealed.contact,
			ReceiverType:   sealed.kind,
			SealedReceiver: sealed.account,
			Metadata:       m.Metadata,
		})
		if err != nil {
			return fmt.Errorf("insert the merchant: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), "createMerchant", "merchant", m.ID, string(m.Kind),
			changes(Merchant{}, m)...)
	})
	return m, replayed, err
}

// accountForms are what an account of each type looks like. Whether it exists is found when it is bound.
var accountForms = map[vocabulary.ReceiverType]*regexp.Regexp{
	vocabulary.ReceiverUserID:    regexp.MustCompile(`^2088[0-9]{12}$`),
	vocabulary.ReceiverLoginName: regexp.MustCompile(`^(\+?[0-9-]{6,20}|[^@\s]+@[^@\s]+\.[^@\s]+)$`),
}

// check returns invalid_request for an account that does not have the form of its type.
func (r *Receiver) check() error {
	if r == nil || accountForms[r.Type] == nil || accountForms[r.Type].MatchString(r.Account) {
		return nil
	}
	return fault.New(tenants.CodeInvalidRequest, "The receiver's account does not have the form of its type.").
		At("/receiver/account", "pattern", "A userId has 16 digits and begins with 2088; a loginName is a mobile "+
			"number or an e-mail address.")
}

// Get reads a merchant. It returns merchant_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, merchant id.Merchant) (m Merchant, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		m, err = s.get(ctx, tx, merchant)
		return err
	})
	return m, err
}

func (s *Service) get(ctx context.Context, tx db.TenantTx, merchant id.Merchant) (Merchant, error) {
	r, err := q.MerchantGet(ctx, tx, merchant)
	return s.found(ctx, tx, dbsqlc.MerchantListRow(r), err)
}

// found is the merchant, or merchant_not_found.
func (s *Service) found(ctx context.Context, tx db.TenantTx, r dbsqlc.MerchantListRow, err error) (Merchant, error) {
	if db.IsNoRows(err) {
		return Merchant{}, tenants.MerchantNotFound()
	}
	if err != nil {
		return Merchant{}, fmt.Errorf("read the merchant: %w", err)
	}
	return s.merchantOf(ctx, tx, r)
}

func (s *Service) merchantOf(ctx context.Context, tx db.TenantTx, r dbsqlc.MerchantListRow) (m Merchant, err error) {
	m = Merchant{
		ID:              r.ID,
		Kind:            r.Kind,
		Name:            r.Name,
		Status:          r.Status,
		ReceiverBoundAt: r.ReceiverBoundAt,
		Metadata:        r.Metadata,
		CreatedAt:       r.CreatedAt,
		Version:         r.Version,
	}
	if r.Smid != nil {
		m.Smid = *r.Smid
	}
	return m, s.open(ctx, tx, r, &m)
}

// Filter narrows a list; empty fields take all.
type Filter struct {
	Kind   vocabulary.MerchantKind   // empty: any
	Status vocabulary.MerchantStatus // empty: any
	Name   string                    // a part of it, in upper or lower case; empty: any
}

// List reads a page of merchants, newest first.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.Merchant],
	f Filter,
) (out tenants.PageOf[Merchant], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.MerchantList(ctx, tx, dbsqlc.MerchantListParams{
			Before:   page.Cursor(),
			Kind:     optional(f.Kind),
			Status:   optional(f.Status),
			Name:     f.Name,
			PageSize: page.Fetch(),
		})
		if err != nil {
			return fmt.Errorf("list the merchants: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.MerchantListRow) string { return r.ID.String() },
			func(r dbsqlc.MerchantListRow) Merchant {
				m, merr := s.merchantOf(ctx, tx, r)
				err = errors.Join(err, merr)
				return m
			})
		if err != nil {
			return fmt.Errorf("list the merchants: %w", err)
		}
		if !page.Count {
			return nil
		}
		n, err := q.MerchantCount(ctx, tx, dbsqlc.MerchantCountParams{Kind: optional(f.Kind),
			Status: optional(f.Status), Name: f.Name, AtMost: tenants.CountFetch})
		if err != nil {
			return fmt.Errorf("count the merchants: %w", err)
		}
		out.Total = tenants.TotalOf(n)
		return nil
	})
	return out, err
}

func optional[T ~string](v T) *string {
	if v == "" {
		return nil
	}
	s := string(v)
	return &s
}

// Change is what to change of a merchant; nil leaves as it is.
type Change struct {
	Name     *string
	Contact  *string
	Receiver *Receiver
	// NoReceiver takes the receiver away: the merchant can have no part of a split until it has one again.
	NoReceiver bool
	Match      tenants.Match
	Metadata   tenants.MetadataChange
}

// Update changes a merchant; it can take the receiver away. It returns merchant_not_found, precondition_failed,
// invalid_request, and approval_required for another receiver, which ChangeReceiver gives.
func (s *Service) Update(
	ctx context.Context,
	a tenants.Actor,
	merchant id.Merchant,
	c Change,
) (m Merchant, err error) {
	if err := c.Receiver.check(); err != nil {
		return Merchant{}, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.MerchantGetForUpdate(ctx, tx, merchant)
		if m, err = s.found(ctx, tx, dbsqlc.MerchantListRow(r), err); err != nil {
			return err
		}
		if err := c.Match.Check(m.Version); err != nil {
			return err
		}
		before := m
		m.Version++
		if c.Name != nil {
			m.Name = *c.Name
		}
		if c.Contact != nil {
			m.Contact = *c.Contact
		}
		detail := ""
		if c.Receiver != nil && !sameReceiver(m.Receiver, c.Receiver) {
			return tenants.ApprovalRequired("Where a merchant's money goes is changed with a second person.")
		}
		if c.NoReceiver && m.Receiver != nil {
			m.Receiver, m.ReceiverBoundAt = nil, nil
			detail = "no receiver"
		}
		if m.Metadata, err = m.Metadata.Merge(c.Metadata); err != nil {
			return err
		}
		if err := s.write(ctx, tx, m); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Actor(a), "updateMerchant", "merchant", m.ID, detail,
			changes(before, m)...)
	})
	if err != nil {
		return Merchant{}, err
	}
	return m, nil
}

// changes are what the audit log keeps of a change. Contact and receiver are a person's, or may be.
func changes(before, after Merchant) (c tenants.Changes) {
	return c.Add("kind", before.Kind, after.Kind).
		Add("name", before.Name, after.Name).
		Add("status", before.Status, after.Status).
		Add("contact", tenants.Masked(before.Contact), tenants.Masked(after.Contact)).
		Add("receiver", before.Receiver.masked(), after.Receiver.masked()).
		AddMetadata(before.Metadata, after.Metadata)
}

func (r *Receiver) masked() string {
	if r == nil {
		return ""
	}
	return string(r.Type) + " " + tenants.Masked(r.Account)
}
