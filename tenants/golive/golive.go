// Package golive opens the live tenant beside a sandbox, and tells what a platform still needs before it earns.
//
// The two are tenants of their own: each has its connection, keys, members, merchants, goods, orders and events. They
// share the people who sign in, and know each other's identifier.
package golive

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/people"
)

var q = dbsqlc.New()

// peopleWanted is how many owners and admins must have signed in: what one person asks for another one approves.
const peopleWanted = 2

// Service carries the use cases.
type Service struct {
	db      *db.DB
	tenants *tenants.Service
}

// New makes a Service.
func New(d *db.DB, t *tenants.Service) *Service { return &Service{d, t} }

// Open is [tenants.Service.OpenLive]: the person who opens the live tenant is its owner.
func (s *Service) Open(ctx context.Context, a tenants.Actor, name string) (tenants.Tenant, error) {
	return s.tenants.OpenLive(ctx, a, tenants.NewLive{Name: name, Also: people.Join})
}

// Step is one line of the checklist.
type Step struct {
	Kind  vocabulary.GoLiveStep
	State vocabulary.GoLiveState
}

// Checklist are the steps of a platform, in the order in which they are done.
type Checklist struct {
	Mode  vocabulary.TenantMode
	Twin  id.Tenant
	Steps []Step
}

// Ready tells whether every step is done.
func (c Checklist) Ready() bool {
	for _, s := range c.Steps {
		if s.State != vocabulary.GoLiveDone {
			return false
		}
	}
	return true
}

// Checklist tells what the actor's platform has and what it still needs. It asks nobody but Postgres: the connection is
// as its last examination found it.
func (s *Service) Checklist(ctx context.Context, a tenants.Actor) (out Checklist, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.GoLiveFacts(ctx, tx)
		if err != nil {
			return fmt.Errorf("read what the platform has: %w", err)
		}
		out = Checklist{Mode: r.Mode, Twin: r.TwinID, Steps: steps(r)}
		return nil
	})
	return out, err
}

func steps(r dbsqlc.GoLiveFactsRow) []Step {
	connected, examined := done(r.Connected), done(r.CheckedAt != nil)
	if r.CheckErrors > 0 {
		examined = vocabulary.GoLiveFailed
	}
	all := []Step{
		{vocabulary.GoLiveConnection, connected},
		{vocabulary.GoLiveConnectionCheck, examined},
		{vocabulary.GoLiveMerchant, done(r.MerchantActive)},
		{vocabulary.GoLiveProduct, done(r.ProductOnSale)},
		{vocabulary.GoLiveEndpoint, done(r.EndpointEnabled)},
		{vocabulary.GoLiveOrder, done(r.OrderDelivered)},
		{vocabulary.GoLivePeople, done(r.People >= peopleWanted)},
	}
	if r.Mode == tenants.ModeSandbox {
		all = append(all, Step{vocabulary.GoLiveTenant, done(!r.TwinID.IsZero())})
	}
	return all
}

func done(yes bool) vocabulary.GoLiveState {
	if yes {
		return vocabulary.GoLiveDone
	}
	return vocabulary.GoLiveOpen
}
