package splits

import (
	"context"
	"fmt"
	"strings"

	"zhitong/db"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
)

// usersNamed is how many products a refusal of Archive names.
const usersNamed = 5

// Archive ends the use of a rule: no product is given it, and no version of it is published. Orders keep the version
// they have. One that is archived already stays so. It returns split_rule_not_found or split_rule_in_use.
func (s *Service) Archive(ctx context.Context, a tenants.Actor, rule id.SplitRule) (Rule, error) {
	return s.setStatus(ctx, a, rule, vocabulary.SplitRuleArchived, "archiveSplitRule")
}

// Unarchive takes a rule into use again; one that is not archived stays as it is. It returns split_rule_not_found.
func (s *Service) Unarchive(ctx context.Context, a tenants.Actor, rule id.SplitRule) (Rule, error) {
	return s.setStatus(ctx, a, rule, vocabulary.SplitRuleActive, "unarchiveSplitRule")
}

func (s *Service) setStatus(
	ctx context.Context,
	a tenants.Actor,
	rule id.SplitRule,
	to vocabulary.SplitRuleStatus,
	operation string,
) (r Rule, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if r, err = lock(ctx, tx, rule); err != nil || r.Status == to {
			return err
		}
		if to == vocabulary.SplitRuleArchived {
			if err := unused(ctx, tx, rule); err != nil {
				return err
			}
		}
		before := r.Status
		r.Status = to
		r.Changes++
		if err := q.SplitRuleSetStatus(ctx, tx.Later(), to, rule); err != nil {
			return fmt.Errorf("set the status of the split rule: %w", err)
		}
		return audit.Record(ctx, tx, audit.Actor(a), operation, "split_rule", rule, "",
			tenants.Changes{}.Add("status", before, to)...)
	})
	if err != nil {
		return Rule{}, err
	}
	return r, nil
}

// lock reads a rule that nobody else changes, or gives to a product, until the transaction ends. It returns
// split_rule_not_found.
func lock(ctx context.Context, tx db.TenantTx, rule id.SplitRule) (Rule, error) {
	_, err := q.SplitRuleLock(ctx, tx, rule)
	if db.IsNoRows(err) {
		return Rule{}, tenants.SplitRuleNotFound()
	}
	if err != nil {
		return Rule{}, fmt.Errorf("lock the split rule: %w", err)
	}
	return get(ctx, tx, rule)
}

// unused returns split_rule_in_use, with the names of some products, when the rule is one of products for sale.
func unused(ctx context.Context, tx db.TenantTx, rule id.SplitRule) error {
	users, err := q.SplitRuleUsers(ctx, tx, rule, usersNamed+1)
	if err != nil {
		return fmt.Errorf("look for products of the split rule: %w", err)
	}
	if len(users) == 0 {
		return nil
	}
	var names []string
	for _, p := range users[:min(len(users), usersNamed)] {
		names = append(names, fmt.Sprintf("%s (%s)", p.ID, p.Name))
	}
	more := ""
	if len(users) > usersNamed {
		more = " and others"
	}
	return fault.New(CodeRuleInUse, "Products for sale use the rule: %s%s.", strings.Join(names, ", "), more)
}
