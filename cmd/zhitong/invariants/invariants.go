// Package invariants checks what must always be true of the data (promise I1 … I9), as SQL on a live database: for
// `zhitong verify`, and as the judge of tests that kill, cut and repeat.
//
// It reads only, tenant by tenant, as the application's role behind row-level security; a finding is a row that must
// not exist. A fault that heals by itself (a paid order waiting for its delivery) counts once it is older than [Grace].
package invariants

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/tenants/chain"
	"zhitong/tenants/contacts"
	"zhitong/tenants/ledger"
	"zhitong/tenants/vault"
)

// Grace is how long the program may take to put something right by itself.
const Grace = 60 * time.Second

// breachesMax bounds the rows that one check reports per tenant.
const breachesMax = 100

// Breach is one row that must not exist.
type Breach struct {
	Invariant string    `json:"invariant"` // I1 …
	Check     string    `json:"check"`
	Tenant    id.Tenant `json:"tenant_id"` // zero for what belongs to no tenant
	Subject   string    `json:"subject"`   // the id of the row
	Detail    string    `json:"detail"`
}

// Report is what Verify found.
type Report struct {
	Tenants  int      `json:"tenants"`
	Checks   []string `json:"checks"`
	Breaches []Breach `json:"breaches"`
	// Plain are the columns of which programs of before left rows as they were, and how many: no breach while the job
	// seal_sweep works.
	Plain contacts.Counts `json:"plain,omitempty"`
	// Heads are the newest links of the chains.
	Heads []chain.Newest `json:"heads,omitempty"`
	// Notes are no breaches: what the role may do beyond its need, and the statement that takes it away.
	Notes []string `json:"notes"`
}

// check is one query that returns (subject text, detail text) per breach, at most $1 rows. $2, where a statement has
// it, is the instant before which what heals by itself should have.
type check struct {
	invariant string
	name      string
	sql       string
}

// args are the arguments of the check.
func (c check) args(now time.Time) []any {
	if strings.Contains(c.sql, "$2") {
		return []any{breachesMax, now.Add(-Grace)}
	}
	return []any{breachesMax}
}

// Verify runs every check for every tenant in the directory, as of now.
func Verify(ctx context.Context, d *db.DB, now time.Time) (Report, error) {
	tenants, err := directory(ctx, d)
	if err != nil {
		return Report{}, err
	}
	r := Report{Tenants: len(tenants), Checks: Names(), Breaches: []Breach{}}
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		for _, c := range sharedChecks() {
			found, err := run(ctx, tx, c, now)
			if err != nil {
				return err
			}
			r.Breaches = append(r.Breaches, found...)
		}
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	if r.Notes, err = Notes(ctx, d); err != nil {
		return Report{}, err
	}
	seen, err := strangerSees(ctx, d)
	if err != nil {
		return Report{}, err
	}
	r.Breaches = append(r.Breaches, seen...)
	for _, t := range tenants {
		if err := r.plain(ctx, d, t); err != nil {
			return Report{}, fmt.Errorf("verify tenant %s: %w", t, err)
		}
		found, err := VerifyTenant(ctx, d, t, now)
		if err != nil {
			return Report{}, fmt.Errorf("verify tenant %s: %w", t, err)
		}
		r.Breaches = append(r.Breaches, found...)
	}
	return r, nil
}

// plain adds what is still as a program of before wrote it.
func (r *Report) plain(ctx context.Context, d *db.DB, tenant id.Tenant) error {
	return d.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		found, err := contacts.Plain(ctx, tx)
		for column, n := range found {
			if n == 0 {
				continue
			}
			if r.Plain == nil {
				r.Plain = contacts.Counts{}
			}
			r.Plain[column] += n
		}
		return err
	})
}

// VerifyTenant runs the checks that concern one tenant.
func VerifyTenant(ctx context.Context, d *db.DB, tenant id.Tenant, now time.Time) (breaches []Breach, err error) {
	err = d.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
		breaches, err = ownBook(ctx, tx)
		if err != nil {
			return err
		}
		orphans, err := vault.Orphans(ctx, tx)
		if err != nil {
			return err
		}
		for _, o := range orphans {
			breaches = append(breaches, Breach{Invariant: "I10", Check: "sealed_version", Subject: string(o.Column),
				Detail: fmt.Sprintf("%d values name version %d of the data key, which is not there", o.Values,
					o.Version)})
		}
		for _, c := range tenantChecks() {
			found, err := run(ctx, tx, c, now)
			if err != nil {
				return err
			}
			breaches = append(breaches, found...)
		}
		for i := range breaches {
			breaches[i].Tenant = tenant
		}
		return nil
	})
	return breaches, err
}

// Names lists the checks, as "I3 paid_undelivered".
func Names() []string {
	names := []string{"I1 book", "I5 stranger", "I10 sealed_version"}
	for _, c := range append(tenantChecks(), sharedChecks()...) {
		names = append(names, c.invariant+" "+c.name)
	}
	return names
}

// ownBook is I1: no order's entries are unbalanced, no account is overdrawn, and the whole tenant sums to zero.
func ownBook(ctx context.Context, tx db.TenantTx) ([]Breach, error) {
	found, err := ledger.Check(ctx, tx)
	if err != nil {
		return nil, err
	}
	var out []Breach
	for _, b := range found {
		out = append(out, Breach{Invariant: "I1", Check: "book", Subject: b.Order.String(),
			Detail: fmt.Sprintf("%s: %s has %d fen", b.Rule, b.Account.Name, b.Balance)})
	}
	balances, err := ledger.TenantBalances(ctx, tx)
	if err != nil {
		return nil, err
	}
	sum, err := balances.Sum()
	if err != nil {
		return nil, err
	}
	if sum != 0 {
		out = append(out, Breach{Invariant: "I1", Check: "book", Detail: fmt.Sprintf("the tenant's balances sum to "+
			"%d fen", sum)})
	}
	return out, nil
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func run(ctx context.Context, tx querier, c check, now time.Time) ([]Breach, error) {
	rows, err := tx.Query(ctx, c.sql, c.args(now)...)
	if err != nil {
		return nil, fmt.Errorf("check %s %s: %w", c.invariant, c.name, err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Breach, error) {
		b := Breach{Invariant: c.invariant, Check: c.name}
		return b, row.Scan(&b.Subject, &b.Detail)
	})
	if err != nil {
		return nil, fmt.Errorf("check %s %s: %w", c.invariant, c.name, err)
	}
	return out, nil
}

func directory(ctx context.Context, d *db.DB) (tenants []id.Tenant, err error) {
	err = d.Shared(ctx, func(ctx context.Context, tx db.SharedTx) error {
		rows, err := tx.Query(ctx, "SELECT tenant_id FROM tenant_directory ORDER BY created_at, tenant_id")
		if err != nil {
			return err
		}
		tenants, err = pgx.CollectRows(rows, pgx.RowTo[id.Tenant])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the tenants: %w", err)
	}
	return tenants, nil
}
