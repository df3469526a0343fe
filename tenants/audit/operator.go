package audit

import (
	"context"
	"fmt"
	"strings"

	"zhitong/db"
	"zhitong/internal/id"
	"zhitong/queue"
)

// operator names the operator of the installation in a tenant's audit log. All operators share one token.
const operator = "operator of the installation"

// told bounds how many jobs an entry names.
const told = 20

// OperatorActs are what the operator does to jobs at the operator's page, by the last word of its path.
func OperatorActs() map[string]string {
	return map[string]string{
		"cancel": "operatorCancelJobs",
		"delete": "operatorDeleteJobs",
		"retry":  "operatorRetryJobs",
	}
}

// Operator leaves an entry in the audit log of each tenant of which the operator of the installation is about to
// cancel, delete or retry jobs. Phased: it ends with the first tenant whose entry cannot be written.
func (s *Service) Operator(ctx context.Context, verb string, jobs []int64, address string) error {
	action, ok := OperatorActs()[verb]
	if !ok {
		return nil
	}
	var of map[id.Tenant][]queue.Named
	err := s.db.Shared(ctx, func(ctx context.Context, tx db.SharedTx) (err error) {
		of, err = queue.ByTenant(ctx, tx, jobs)
		return err
	})
	if err != nil {
		return err
	}
	by := System(operator)
	by.Address = address
	for tenant, jobs := range of {
		err := s.db.InTenant(ctx, tenant, func(ctx context.Context, tx db.TenantTx) error {
			return Record(ctx, tx, by, action, "tenant", tenant, listed(jobs))
		})
		if err != nil {
			return fmt.Errorf("tell %s of an act of the operator: %w", tenant, err)
		}
	}
	return nil
}

func listed(jobs []queue.Named) string {
	var b strings.Builder
	for i, j := range jobs {
		if i == told {
			fmt.Fprintf(&b, " and %d more", len(jobs)-told)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %d", j.Kind, j.Number)
	}
	return b.String()
}
