package splits

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"zhitong/db"
	"zhitong/db/dbsqlc"
	"zhitong/internal/fault"
	"zhitong/internal/id"
	"zhitong/internal/money"
	"zhitong/tenants"
)

// Version is one version of a split rule. It never changes.
type Version struct {
	ID        id.SplitRuleVersion
	Rule      id.SplitRule
	Number    int32             // counts from 1 in each rule
	MaxSplit  money.BasisPoints // Alipay's cap when it was published
	Parts     []PartRule
	CreatedAt time.Time
}

// GetVersion reads a version of any rule. It returns split_rule_version_not_found.
func (s *Service) GetVersion(
	ctx context.Context,
	a tenants.Actor,
	version id.SplitRuleVersion,
) (out Version, err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		r, err := q.SplitRuleVersionGet(ctx, tx, version)
		if db.IsNoRows(err) {
			return fault.New(CodeVersionNotFound, "There is no such version of a split rule.")
		}
		if err != nil {
			return fmt.Errorf("read the version of the split rule: %w", err)
		}
		found, err := versionsWithParts(ctx, tx, []Version{versionOf(r)})
		if err == nil {
			out = found[0]
		}
		return err
	})
	return out, err
}

// ListVersions reads a page of a rule's versions, newest first. It returns split_rule_not_found.
func (s *Service) ListVersions(
	ctx context.Context,
	a tenants.Actor,
	rule id.SplitRule,
	page tenants.Page[id.SplitRuleVersion],
) (out tenants.PageOf[Version], err error) {
	err = a.In(ctx, s.db, func(ctx context.Context, tx db.TenantTx) error {
		if _, err := q.SplitRuleGet(ctx, tx, rule); db.IsNoRows(err) {
			return tenants.SplitRuleNotFound()
		} else if err != nil {
			return fmt.Errorf("read the split rule: %w", err)
		}
		rows, err := q.SplitRuleVersionList(ctx, tx, rule, page.Cursor(), page.Fetch())
		if err != nil {
			return fmt.Errorf("list the versions of the split rule: %w", err)
		}
		out = tenants.Cut(page, rows, func(r dbsqlc.SplitRuleVersion) string { return r.ID.String() }, versionOf)
		out.Items, err = versionsWithParts(ctx, tx, out.Items)
		return err
	})
	return out, err
}

func versionOf(r dbsqlc.SplitRuleVersion) Version {
	return Version{
		ID:        r.ID,
		Rule:      r.SplitRuleID,
		Number:    r.Version,
		MaxSplit:  r.MaxSplitBps,
		Parts:     []PartRule{},
		CreatedAt: r.CreatedAt,
	}
}

// versionsWithParts reads the parts of all the versions at once.
func versionsWithParts(ctx context.Context, tx db.TenantTx, versions []Version) ([]Version, error) {
	if len(versions) == 0 {
		return versions, nil
	}
	ids := make([]uuid.UUID, len(versions))
	for i, v := range versions {
		ids[i] = uuid.UUID(v.ID)
	}
	parts, err := partsByVersion(ctx, tx, ids)
	for i := range versions {
		versions[i].Parts = append(versions[i].Parts, parts[versions[i].ID]...)
	}
	return versions, err
}

// partsByVersion reads the parts of several versions.
func partsByVersion(
	ctx context.Context,
	tx db.TenantTx,
	ids []uuid.UUID,
) (map[id.SplitRuleVersion][]PartRule, error) {
	rows, err := q.SplitRulePartList(ctx, tx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the parts of split rules: %w", err)
	}
	parts := map[id.SplitRuleVersion][]PartRule{}
	for _, p := range rows {
		parts[p.VersionID] = append(parts[p.VersionID], partFromRow(p))
	}
	return parts, nil
}
