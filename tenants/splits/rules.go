package splits

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/internal/vocabulary"
	"zhitong/tenants"
	"zhitong/tenants/audit"
	"zhitong/tenants/idempotency"
)

// constraintName is violated when a tenant's second rule takes the name of the first.
const constraintName = "split_rules_tenant_id_name_key"

// Rule is a split rule in its newest version.
type Rule struct {
	ID        id.SplitRule
	Name      string
	Status    vocabulary.SplitRuleStatus
	Version   int32
	VersionID id.SplitRuleVersion
	MaxSplit  money.BasisPoints // Alipay's cap when the version was published
	Parts     []PartRule
	CreatedAt time.Time
	Changes   int64 // counts its versions and changes of status, from 1
}

// RuleInput is a rule to publish.
type RuleInput struct {
	Name  string
	Parts []PartRule
	Key   idempotency.Key
}

// Create publishes a rule as its version 1. Phased: Alipay's cap is read when the last reading is older than an hour.
//
// It returns invalid_request, split_rule_above_cap, split_rule_name_taken, merchant_not_found, receiver_missing,
// alipay_unavailable, alipay_connection_missing and idempotency_key_reused.
func (s *Service) Create(ctx context.Context, a tenants.Actor, in RuleInput) (out Rule, replayed bool, err error) {
	if err := checkParts(in.Parts); err != nil {
		return Rule{}, false, err
	}
	if out, replayed, err = s.replay(ctx, a, in.Key, "createSplitRule"); replayed || err != nil {
		return out, replayed, err
	}
	limit, err := s.limit(ctx, a.Tenant)
	if err != nil {
		return Rule{}, false, err
	}
	if err := s.bindReceivers(ctx, a.Tenant, in.Parts); err != nil {
		return Rule{}, false, err
	}
	rule := id.New[id.SplitRule]()
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		existing, seen, err := in.Key.Claim(ctx, tx, a, "createSplitRule", rule)
		if err != nil {
			return err
		}
		if replayed = seen; seen {
			out, err = get(ctx, tx, id.SplitRule(existing))
			return err
		}
		if err := tenants.Room(ctx, tx, tenants.SplitRules); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := q.SplitRuleInsert(ctx, tx.Later(), rule, in.Name, now); err != nil {
			return fmt.Errorf("write the split rule: %w", err)
		}
		if err := s.publish(ctx, tx, rule, in.Parts, limit, now); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), "createSplitRule", "split_rule", rule, in.Name,
			tenants.Changes{}.Add("name", "", in.Name).Add("parts", "", written(in.Parts))...); err != nil {
			return err
		}
		out, err = get(ctx, tx, rule)
		return err
	})
	if db.Violates(err, constraintName) {
		err = fault.New(CodeNameTaken, "Another split rule has this name.").Because(err)
	}
	return out, replayed, err
}

// replay finds what an earlier request with the key made, so that a repetition is answered even while Alipay is away.
func (s *Service) replay(
	ctx context.Context,
	a tenants.Actor,
	k idempotency.Key,
	operation string,
) (out Rule, found bool, err error) {
	if k.Value == "" {
		return Rule{}, false, nil
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		existing, err := k.Find(ctx, tx, a, operation)
		if db.IsNoRows(err) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		out, err = get(ctx, tx, id.SplitRule(existing))
		return err
	})
	return out, found, err
}

// Publish makes the next version of a rule; orders from now on are split by it, earlier ones by the version they were
// made with. Phased as Create; a repeat with the same key shows the rule in its newest version.
//
// It returns invalid_request, split_rule_not_found, precondition_failed, split_rule_archived, split_rule_above_cap,
// merchant_not_found, receiver_missing, alipay_unavailable, alipay_connection_missing and idempotency_key_reused.
func (s *Service) Publish(
	ctx context.Context,
	a tenants.Actor,
	key idempotency.Key,
	rule id.SplitRule,
	match tenants.Match,
	parts []PartRule,
) (out Rule, replayed bool, err error) {
	const operation = "publishSplitRuleVersion"
	if err := checkParts(parts); err != nil {
		return Rule{}, false, err
	}
	if out, replayed, err = s.replay(ctx, a, key, operation); replayed || err != nil {
		return out, replayed, err
	}
	limit, err := s.limit(ctx, a.Tenant)
	if err != nil {
		return Rule{}, false, err
	}
	if err := s.bindReceivers(ctx, a.Tenant, parts); err != nil {
		return Rule{}, false, err
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, replayed, err = key.Claim(ctx, tx, a, operation, rule); err != nil {
			return err
		}
		if replayed {
			out, err = get(ctx, tx, rule)
			return err
		}
		newest, err := lock(ctx, tx, rule)
		if err != nil {
			return err
		}
		if err := match.Check(newest.Changes); err != nil {
			return err
		}
		if newest.Status == vocabulary.SplitRuleArchived {
			return tenants.SplitRuleArchived()
		}
		if err := tenants.Room(ctx, tx, tenants.SplitRuleVersions); err != nil {
			return err
		}
		if err := s.publish(ctx, tx, rule, parts, limit, s.clock.Now()); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Actor(a), operation, "split_rule", rule, "",
			tenants.Changes{}.Add("parts", written(newest.Parts), written(parts))...); err != nil {
			return err
		}
		out, err = get(ctx, tx, rule)
		return err
	})
	return out, replayed, err
}

// publish writes a version of a rule that exists and that nobody else is publishing. Atomic.
func (s *Service) publish(
	ctx context.Context,
	tx db.TenantTx,
	rule id.SplitRule,
	parts []PartRule,
	limit money.BasisPoints,
	now time.Time,
) error {
	var sum money.BasisPoints
	for _, p := range parts {
		sum += p.Rate
	}
	if sum > limit {
		return aboveCap(limit).At("/parts", "above_cap", fmt.Sprintf("The rates add up to %s %%.", percent(sum)))
	}
	if err := s.checkReceivers(ctx, tx, parts); err != nil {
		return err
	}
	next, err := q.SplitRuleVersionNext(ctx, tx, rule)
	if err != nil {
		return fmt.Errorf("number the version of the split rule: %w", err)
	}
	v, err := q.SplitRuleVersionInsert(ctx, tx, dbsqlc.SplitRuleVersionInsertParams{
		ID: id.New[id.SplitRuleVersion](), SplitRuleID: rule, Version: next, MaxSplitBps: limit, CreatedAt: now,
	})
	if err != nil {
		return fmt.Errorf("write the version of the split rule: %w", err)
	}
	for i, p := range parts {
		err := q.SplitRulePartInsert(ctx, tx.Later(), dbsqlc.SplitRulePartInsertParams{
			VersionID: v.ID, Position: int16(i + 1), Receiver: p.Receiver, MerchantID: p.Merchant,
			RateBps: p.Rate, FixedFen: p.Fixed, FloorFen: p.Floor, CapFen: p.Cap,
		})
		if err != nil {
			return fmt.Errorf("write part %d of the split rule: %w", i+1, err)
		}
	}
	return nil
}

// checkReceivers asks for each merchant's receiver account. It returns merchant_not_found or receiver_missing.
func (s *Service) checkReceivers(ctx context.Context, tx db.TenantTx, parts []PartRule) error {
	known, err := s.receivers(ctx, tx, parts)
	if err != nil {
		return err
	}
	for i, p := range parts {
		if p.Receiver != ReceiverMerchant {
			continue
		}
		at := fmt.Sprintf("/parts/%d/merchant_id", i)
		m, ok := known[p.Merchant]
		if !ok {
			return fault.New(tenants.CodeMerchantNotFound, "A part names a merchant that is not there.").
				At(at, "not_found", "There is no such merchant.")
		}
		if m.account == "" {
			return fault.New(CodeReceiverMissing, "A part names a merchant without a receiver account.").
				At(at, "receiver_missing", "Set the merchant's receiver first.")
		}
	}
	return nil
}

// Get reads a rule in its newest version. It returns split_rule_not_found.
func (s *Service) Get(ctx context.Context, a tenants.Actor, rule id.SplitRule) (out Rule, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		out, err = get(ctx, tx, rule)
		return err
	})
	return out, err
}

func get(ctx context.Context, tx db.TenantTx, rule id.SplitRule) (Rule, error) {
	row, err := q.SplitRuleGet(ctx, tx, rule)
	if db.IsNoRows(err) {
		return Rule{}, tenants.SplitRuleNotFound()
	}
	if err != nil {
		return Rule{}, fmt.Errorf("read the split rule: %w", err)
	}
	rules, err := withParts(ctx, tx, []Rule{ruleFromRow(row.SplitRule, row.SplitRuleVersion)})
	if err != nil {
		return Rule{}, err
	}
	return rules[0], nil
}

// List reads a page of rules, newest first, each in its newest version; an empty status takes all.
func (s *Service) List(
	ctx context.Context,
	a tenants.Actor,
	page tenants.Page[id.SplitRule],
	status vocabulary.SplitRuleStatus,
) (out tenants.PageOf[Rule], err error) {
	var filter *string
	if status != "" {
		filter = (*string)(&status)
	}
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		rows, err := q.SplitRuleList(ctx, tx, page.Cursor(), filter, page.Fetch())
		if err != nil {
			return fmt.Errorf("list split rules: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.SplitRuleListRow) string { return r.SplitRule.ID.String() },
			func(r dbsqlc.SplitRuleListRow) Rule { return ruleFromRow(r.SplitRule, r.SplitRuleVersion) })
		out.Items, err = withParts(ctx, tx, out.Items)
		return err
	})
	return out, err
}

// withParts reads the parts of all the rules at once.
func withParts(ctx context.Context, tx db.TenantTx, rules []Rule) ([]Rule, error) {
	if len(rules) == 0 {
		return rules, nil
	}
	ids := make([]uuid.UUID, len(rules))
	for i, r := range rules {
		ids[i] = uuid.UUID(r.VersionID)
	}
	parts, err := partsByVersion(ctx, tx, ids)
	for i := range rules {
		rules[i].Parts = append(rules[i].Parts, parts[rules[i].VersionID]...)
	}
	return rules, err
}

func ruleFromRow(r dbsqlc.SplitRule, v dbsqlc.SplitRuleVersion) Rule {
	return Rule{
		ID:        r.ID,
		Name:      r.Name,
		Status:    r.Status,
		Version:   v.Version,
		VersionID: v.ID,
		MaxSplit:  v.MaxSplitBps,
		CreatedAt: r.CreatedAt,
		Parts:     []PartRule{},
		Changes:   int64(v.Version) + int64(r.StatusChanges),
	}
}

// written are the parts in the words of the API, for the audit log.
func written(parts []PartRule) string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = string(p.Receiver)
		if !p.Merchant.IsZero() {
			all[i] = p.Merchant.String()
		}
		for _, n := range []struct {
			name  string
			value int64
		}{
			{"rate_bps", int64(p.Rate)},
			{"fixed_fen", int64(p.Fixed)},
			{"floor_fen", int64(p.Floor)},
			{"cap_fen", int64(p.Cap)},
		} {
			if n.value != 0 {
				all[i] += fmt.Sprintf(" %s=%d", n.name, n.value)
			}
		}
	}
	return strings.Join(all, "; ")
}
