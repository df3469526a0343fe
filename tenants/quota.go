package tenants

import (
	"context"
	"fmt"
	"strings"

	"zhitong/db"
	"zhitong/internal/fault"
)

// Thing is what a tenant may have only so many of.
type Thing string

// The things.
const (
	Members           Thing = "members"
	APIKeys           Thing = "api_keys"
	Merchants         Thing = "merchants"
	Applications      Thing = "applications"
	Products          Thing = "products"
	SplitRules        Thing = "split_rules"
	SplitRuleVersions Thing = "split_rule_versions"
	Files             Thing = "files"
)

// quota is how many of a thing a tenant may have: far more than any platform needs, and few enough that no list, and no
// table, grows without end.
type quota struct {
	thing  Thing
	most   int32
	en, zh string // of what the code means
}

func quotas() []quota {
	return []quota{
		{Members, 500, "members", "个成员"},
		{APIKeys, 200, "API keys that are not revoked", "个未吊销的接口密钥"},
		{Merchants, 5_000, "merchants", "个商户"},
		{Applications, 20_000, "applications", "份进件申请"},
		{Products, 20_000, "products", "个商品"},
		{SplitRules, 2_000, "split rules", "条分账规则"},
		{SplitRuleVersions, 20_000, "versions of split rules", "个分账规则版本"},
		{Files, 10_000, "files", "个文件"},
	}
}

// Most is how many of a thing a tenant may have.
func Most(t Thing) int32 {
	for _, k := range quotas() {
		if k.thing == t {
			return k.most
		}
	}
	panic("nobody says how many " + string(t) + " a tenant may have")
}

// Room refuses one more of a thing when the tenant has as many as it may. Those who ask at once wait for each other
// until the end of their transactions. It returns too_many_objects.
func Room(ctx context.Context, tx db.TenantTx, t Thing) error {
	if err := q.TenantLock(ctx, tx); err != nil {
		return fmt.Errorf("lock the tenant: %w", err)
	}
	most := Most(t)
	n, err := q.QuotaCount(ctx, tx, string(t), most)
	if err != nil {
		return fmt.Errorf("count the %s: %w", t, err)
	}
	if n >= int64(most) {
		return fault.New(CodeTooManyObjects, "The platform has %d %s already, which is as many as it may.", n, t)
	}
	return nil
}

// quotaTexts tell all quotas, in English and in Chinese.
func quotaTexts() (en, zh string) {
	var e, z []string
	for _, k := range quotas() {
		e, z = append(e, fmt.Sprintf("%d %s", k.most, k.en)), append(z, fmt.Sprintf("%d %s", k.most, k.zh))
	}
	return strings.Join(e, ", "), strings.Join(z, "、")
}
