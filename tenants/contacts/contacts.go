// Package contacts looks after the contacts of people in tables that others own: it seals what programs of before wrote
// as it was, and erases what tells who a person is from what has to stay.
package contacts

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/clock"
	"zhitong/internal/id"
	"zhitong/tenants/vault"
)

var q = dbsqlc.New()

const (
	// batch is how many rows one transaction changes: whoever wants one of them waits for that long.
	batch = 100
	// batchesMax bounds how many batches of one table a tenant gets in a row, so that a large tenant does not hold up
	// the others.
	batchesMax = 1000
)

// Config is what a Service needs.
type Config struct {
	DB    *db.DB
	Vault *vault.Vault
	Clock clock.Clock
	Step  func(name string) // nil in production; tests crash at a step
}

// Service carries the use cases of contacts.
type Service struct {
	db    *db.DB
	vault *vault.Vault
	clock clock.Clock
	step  func(name string)
}

// New makes a Service.
func New(c Config) *Service {
	if c.Step == nil {
		c.Step = func(string) {}
	}
	return &Service{db: c.DB, vault: c.Vault, clock: c.Clock, step: c.Step}
}

// Counts says of how many rows of a column something was, or is, as a program of before wrote it; by table and column.
type Counts map[string]int64

// The columns that programs of before wrote.
const (
	buyerContacts    = "orders.buyer_contact"
	merchantContacts = "merchants.contact"
	receivers        = "merchants.receiver_account"
	partReceivers    = "split_parts.receiver_account"
	buyerIDs         = "payments.buyer_id"
	raws             = "notifications.raw"
	memberEmails     = "members.email"
	invitationEmails = "invitations.email"
)

// countMax bounds how many rows of a table are counted.
const countMax = 1_000_000

// Plain counts the rows of a tenant that are still as a program of before wrote them. Atomic.
func Plain(ctx context.Context, tx db.TenantTx) (Counts, error) {
	r, err := q.PlainCounts(ctx, tx, countMax)
	if err != nil {
		return nil, fmt.Errorf("count what is not sealed: %w", err)
	}
	return Counts{buyerContacts: r.Orders, merchantContacts: r.Contacts, receivers: r.Receivers, partReceivers: r.Parts,
		buyerIDs: r.Payments, raws: r.Notifications, memberEmails: r.Members, invitationEmails: r.Invitations}, nil
}

// Tenant seals a tenant's contacts and accounts of before, empties the numbers of buyers, and masks what was received,
// and adds to done how much that was. A row is found by being as it was: so it can be broken off at any step and run
// again, by several at once, and finds less each time.
func (s *Service) Tenant(ctx context.Context, tenant id.Tenant, done Counts) error {
	if err := s.vault.Ready(ctx, s.db); err != nil {
		return err
	}
	for _, kind := range []struct {
		name  string
		batch func(ctx context.Context, tx db.TenantTx) (int64, error)
	}{{buyerContacts, s.orders}, {merchantContacts, s.merchants}, {partReceivers, s.parts}, {buyerIDs, buyers},
		{raws, notices}, {memberEmails, s.members}, {invitationEmails, s.invitations}} {
		for range batchesMax {
			var n int64
			err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) (err error) {
				n, err = kind.batch(ctx, tx)
				return err
			})
			if err != nil {
				return fmt.Errorf("seal what %s has of before: %w", kind.name, err)
			}
			if n == 0 {
				break
			}
			done[kind.name] += n
			s.step(kind.name)
		}
	}
	return nil
}
