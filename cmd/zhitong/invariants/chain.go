package invariants

import (
	"context"
	"fmt"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants"
	"zhitong/tenants/chain"
	"zhitong/tenants/vault"
)

// Chain adds to a report what of the past was changed: rows of closed batches that do not fit their link, and links
// that do not fit one another. Of the newest links, which the report keeps, known are compared that were kept outside
// of the database.
//
// A sandbox that the program has ended is gone with its links.
func (r *Report) Chain(
	ctx context.Context,
	d *db.DB,
	v *vault.Vault,
	c *chain.Service,
	known []chain.Newest,
) error {
	r.Checks = append(r.Checks, "I10 chain")
	here := map[id.Tenant]bool{}
	_, err := tenants.Each(ctx, d, tenants.Shard{}, func(ctx context.Context, t id.Tenant) error {
		here[t] = true
		faults, newest, err := c.Check(ctx, t)
		if err != nil {
			return err
		}
		r.Heads = append(r.Heads, newest...)
		for i, f := range faults {
			if i == breachesMax {
				break
			}
			r.Breaches = append(r.Breaches, Breach{Invariant: "I10", Check: f.Name, Tenant: t,
				Subject: fmt.Sprintf("%s/%d", f.Records, f.Number), Detail: f.Detail})
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range known {
		holds := false
		if here[k.Tenant] {
			holds, err = c.Holds(ctx, k)
		} else {
			holds, err = v.Ended(ctx, d, k.Tenant)
		}
		if err != nil {
			return err
		}
		if !holds {
			r.Breaches = append(r.Breaches, Breach{Invariant: "I10", Check: "chain_cut", Tenant: k.Tenant,
				Subject: fmt.Sprintf("%s/%d", k.Records, k.Number),
				Detail:  "a link that was kept outside of the database is not there, or is another one"})
		}
	}
	return nil
}
